//! Inserting many rows with few statement texts.

use crate::mysql::conn::{Conn, SqlError, Value};

/// Most rows of one statement.
const MOST: usize = 256;
/// About as many bytes as one statement may carry, well below the smallest packet that a start accepts.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Inserts rows of `width` values each, as many at a time as a power of two allows, so that few texts are prepared.
/// `head` is everything up to `VALUES`.
pub(in crate::mysql) fn insert_many(
    conn: &mut Conn,
    head: &str,
    width: usize,
    values: &[Value<'_>],
) -> Result<(), SqlError> {
    let mut rest = values;
    while !rest.is_empty() {
        let most = fitting(rest, width);
        let count = 1 << most.ilog2();
        let (now, later) = rest.split_at((count * width).min(rest.len()));
        let marks = format!("({})", vec!["?"; width].join(", "));
        conn.execute(format!("{head} VALUES {}", vec![marks; count].join(", ")), now)?;
        rest = later;
    }
    Ok(())
}

/// How many rows fit into the next statement; one at least.
fn fitting(values: &[Value<'_>], width: usize) -> usize {
    let mut bytes = 0;
    let rows = values.chunks(width).take(MOST).take_while(|row| {
        bytes += row.iter().map(Value::size).sum::<usize>();
        bytes <= MOST_BYTES
    });
    rows.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_takes_what_fits_and_one_row_at_least() {
        let small = vec![Value::Int(1); 2 * 700];
        assert_eq!(fitting(&small, 2), MOST);
        let large = vec![0; 3 * 1024 * 1024];
        assert_eq!(fitting(&[Value::Bytes(&large), Value::Bytes(&large)], 1), 1);
        let huge = vec![0; 2 * MOST_BYTES];
        assert_eq!(fitting(&[Value::Bytes(&huge)], 1), 1);
    }
}
