//! Where the street ends and the door begins.

/// What makes a number of Chinese digits the number of a door: 三号, 二楼.
const UNITS: &str = "号幢栋室层楼单弄组队社";
/// Digits in front of these are part of a name: 104国道, 7号路, 11街.
const NAMES: [&str; 15] = [
    "国道",
    "省道",
    "县道",
    "乡道",
    "号路",
    "号街",
    "号公路",
    "号大街",
    "号线",
    "路",
    "街",
    "大街",
    "大道",
    "村",
    "米",
];

/// Cuts what stands behind the divisions into street and door, which begins with the first number of a building. Joined
/// again they are the text.
pub(super) fn cut(text: &str) -> (&str, &str) {
    text.split_at_checked(door(text)).unwrap_or((text, ""))
}

fn door(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(is_digit)).map(|offset| at + offset) {
        let rest = text.get(found..).unwrap_or_default();
        let end = found + rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        let after = text.get(end..).unwrap_or_default();
        let arabic = rest.starts_with(|c: char| c.is_ascii_digit());
        let unit = after.starts_with(|c| UNITS.contains(c));
        if (arabic || unit) && !NAMES.iter().any(|name| after.starts_with(name)) {
            return before(text, found);
        }
        at = end;
    }
    text.len()
}

/// A number takes along what belongs to it: letters (A1座, No.5), 第 or 甲, and a bracket around it.
fn before(text: &str, number: usize) -> usize {
    let street = text.get(..number).unwrap_or(text);
    let bare =
        street.trim_end_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '-' | '#' | ' '));
    // A dash behind the name of the road is no part of the number.
    let dashes = street.len() - street.get(bare.len()..).unwrap_or_default().trim_start_matches('-').len();
    let bare = street.get(..dashes).filter(|bare| bare.ends_with('-')).unwrap_or(bare);
    let bare = bare.strip_suffix(['第', '甲', '乙', '丙', '丁', '附']).unwrap_or(bare);
    match (bare.rfind('（'), bare.rfind('）')) {
        (Some(open), close) if close.is_none_or(|close| close < open) => open,
        _ => bare.len(),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_door_begins_with_the_number_of_a_building() {
        for (street, door) in [
            ("新建北路", "358号1幢904室"),
            ("文三路", "三号"),
            ("示例大厦", "二十楼B座"),
            ("东湾镇三合村", ""),
            ("耿官屯104国道东侧", ""),
            ("经济开发区7号路", "15号"),
            ("第5大街", "2号"),
            ("八一路", "7号"),
            ("三一村", "5组12号"),
            ("百胜街", "140号34-1幢二楼B202室"),
            ("科技园", "A1座302"),
            ("示例路", "（原52号）3室"),
            ("示例路（东段）", "52号"),
            ("十里堡", "No.5"),
            ("中关村南大街", "甲18号院3层"),
            ("", "1号"),
            ("", ""),
        ] {
            assert_eq!(cut(&format!("{street}{door}")), (street, door));
        }
    }

    proptest! {
        #[test]
        fn street_and_door_are_the_text(text in "[一三九十路街号（）A-C0-9 国道第村]{0,20}|\\PC{0,20}") {
            let (street, door) = cut(&text);
            prop_assert_eq!(street.to_owned() + door, text);
        }
    }
}
