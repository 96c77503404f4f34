//! Columns for people.

/// Head and rows in columns, two spaces apart.
pub fn draw<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut all = vec![head.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>()];
    all.extend(rows);
    let mut widths = vec![0; N];
    for row in &all {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    let lines = all.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, widest)| {
            let gap = " ".repeat(widest.saturating_sub(width(cell)) + 2);
            format!("{cell}{gap}")
        });
        cells.collect::<String>().trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Columns that a text takes on a terminal: Chinese characters and full-width forms take two (UAX #11).
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_both_scripts() {
        let rows = [["tea_1", "华东", "x"], ["tea_22", "北方大区", "y"]];
        let text = draw(["ID", "团队", "N"], rows.map(|row| row.map(str::to_owned).to_vec()));
        insta::assert_snapshot!(text, @r"
        ID      团队      N
        tea_1   华东      x
        tea_22  北方大区  y
        ");
    }
}
