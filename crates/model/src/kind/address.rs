//! Addresses in five parts (requirement A15): `province|city|district|street|door`.

use super::province::PROVINCES;
use crate::check;
use crate::fault::Fault;

const BAR: char = '|';
const PARTS: usize = 5;

/// Prefectures that end in no common word.
const LEAGUES: &[&str] = &["锡林郭勒盟", "兴安盟", "阿拉善盟"];
/// How far the end of a part is looked for; the longest names of each rank fit.
const LONGEST_CITY: usize = 14;
const LONGEST_DISTRICT: usize = 14;
const LONGEST_STREET: usize = 14;

/// The kept form of an address: five parts with bars, or the text itself when no part can be told.
pub(super) fn normalise(text: &str) -> Result<String, Fault> {
    let text = check::normalise_text(text)?.replace('｜', "|");
    if let Some(at) = text.chars().position(|c| matches!(c, '\n' | '\t')) {
        return Err(Fault::new("text_control").with("position", (at + 1).to_string()));
    }
    if text.contains(BAR) {
        let parts: Vec<&str> = text.split(BAR).map(str::trim).collect();
        let filled = parts.iter().any(|part| !part.is_empty());
        return if parts.len() == PARTS && filled {
            Ok(parts.join("|"))
        } else {
            Err(Fault::new("address_parts"))
        };
    }
    let parts = split_address(&text);
    let told = parts.iter().take(PARTS - 1).any(|part| !part.is_empty());
    Ok(if told { parts.join("|") } else { text })
}

/// Cuts an address of China into province, city, district, street and door. What cannot be told is empty and stands
/// in a later part; nothing is added, dropped or corrected, so the parts joined are the text.
#[must_use]
pub fn split_address(text: &str) -> [&str; PARTS] {
    let (province, rest) = cut(text, province_length(text));
    let (city, rest) = cut(rest, city_length(rest));
    let (district, rest) = cut(rest, district_length(rest));
    let (street, door) = cut(rest, street_length(rest));
    [province, city, district, street, door]
}

fn cut(text: &str, chars: usize) -> (&str, &str) {
    let bytes = text.chars().take(chars).map(char::len_utf8).sum();
    text.split_at_checked(bytes).unwrap_or(("", text))
}

fn province_length(text: &str) -> usize {
    let known = PROVINCES.iter().find(|(short, _)| text.starts_with(short));
    let Some((short, full)) = known else { return 0 };
    if text.starts_with(full) {
        return full.chars().count();
    }
    let length = short.chars().count();
    let rest: Vec<char> = text.chars().skip(length).take(LONGEST_CITY).collect();
    // `吉林市` is a city, `海南藏族自治州` a prefecture of another province, `北京路` a street.
    let other_name = rest.first().is_none_or(|c| "市省县区镇乡村路街大道藏".contains(*c));
    let place_follows = rest.iter().any(|c| "市州盟区县旗".contains(*c));
    if other_name || !place_follows { 0 } else { length }
}

/// A character at which a lower rank has ended, unless it is the first of a name (`镇江`) or belongs to one that goes
/// on (`新乡市`, `景德镇市`).
fn ends_lower(chars: &[char], at: usize, lower: &str, ending: &str) -> bool {
    let is = |index: usize, set: &str| chars.get(index).is_some_and(|c| set.contains(*c));
    at > 0 && is(at, lower) && !is(at + 1, ending)
}

fn city_length(text: &str) -> usize {
    if let Some(league) = LEAGUES.iter().find(|league| text.starts_with(**league)) {
        return league.chars().count();
    }
    let chars: Vec<char> = text.chars().take(LONGEST_CITY).collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let after = chars.get(at + 1).copied();
        match c {
            '市' if at >= 2 && !matches!(after, Some('场' | '政')) => return at + 1,
            '州' if before == Some('治') => return at + 1,
            '区' if before == Some('地') && at >= 3 => return at + 1,
            _ if ends_lower(&chars, at, "区县旗镇乡路街号村", "市")
                && !(*c == '区' && before == Some('地')) =>
            {
                return 0;
            }
            _ => {}
        }
    }
    0
}

fn district_length(text: &str) -> usize {
    let chars: Vec<char> = text.chars().take(LONGEST_DISTRICT).collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let after = chars.get(at + 1).copied();
        let yard = matches!(before, Some('小' | '社' | '厂' | '库' | '校' | '院' | '景' | '园'));
        match c {
            '区' if at >= 1 && !yard => return at + 1,
            // `红旗区`: the name goes on.
            '县' | '旗' if at >= 1 && !matches!(after, Some('区' | '县' | '市')) => return at + 1,
            '市' if at >= 2 && !matches!(after, Some('场' | '政')) => return at + 1,
            _ if ends_lower(&chars, at, "镇乡路街道号村巷弄园", "区县市旗") => return 0,
            _ => {}
        }
    }
    0
}

fn street_length(text: &str) -> usize {
    let chars: Vec<char> = text.chars().take(LONGEST_STREET).collect();
    for (at, c) in chars.iter().enumerate() {
        if at == 0 {
            continue;
        }
        let rest: String = chars.iter().skip(at).collect();
        let ending =
            ["街道办事处", "街道办", "街道", "大道", "苏木"].into_iter().find(|end| rest.starts_with(end));
        match (ending, c) {
            (Some(ending), _) => return at + ending.chars().count(),
            // `新乡路`, `中华路街道`: the name goes on.
            (None, '镇' | '乡' | '路' | '街')
                if chars.get(at + 1).is_some_and(|c| "路街巷镇".contains(*c)) => {}
            (None, '镇' | '乡' | '路' | '街' | '巷') => return at + 1,
            (None, '号' | '村' | '栋' | '幢' | '楼') => return 0,
            (None, digit) if digit.is_ascii_digit() => return 0,
            _ => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_all_ranks_are_cut() {
        for (text, parts) in [
            ("浙江省杭州市西湖区文三路1号", "浙江省|杭州市|西湖区|文三路|1号"),
            ("浙江杭州市西湖区文三路1号", "浙江|杭州市|西湖区|文三路|1号"),
            ("上海市浦东新区世纪大道1号", "上海市||浦东新区|世纪大道|1号"),
            ("靖远县东湾镇三合村", "||靖远县|东湾镇|三合村"),
            ("吉林市船营区北京路2号", "|吉林市|船营区|北京路|2号"),
            ("江苏省苏州市昆山市玉山镇1号", "江苏省|苏州市|昆山市|玉山镇|1号"),
            ("新乡市红旗区新乡路1号", "|新乡市|红旗区|新乡路|1号"),
            ("内蒙古自治区锡林郭勒盟正蓝旗上都镇1号", "内蒙古自治区|锡林郭勒盟|正蓝旗|上都镇|1号"),
            ("青海省海南藏族自治州共和县城关镇", "青海省|海南藏族自治州|共和县|城关镇|"),
            ("黑龙江省大兴安岭地区呼玛县呼玛镇", "黑龙江省|大兴安岭地区|呼玛县|呼玛镇|"),
            ("江西省景德镇市珠山区中华路街道办事处1号", "江西省|景德镇市|珠山区|中华路街道办事处|1号"),
            ("宁波市镇海区招宝山街道1号", "|宁波市|镇海区|招宝山街道|1号"),
            ("北京路12号", "|||北京路|12号"),
        ] {
            assert_eq!(normalise(text).unwrap(), parts);
        }
    }

    #[test]
    fn an_address_without_parts_stays_as_it_is() {
        for text in ["1 Example Street, Springfield", "三合村", "某处"] {
            assert_eq!(normalise(text).unwrap(), text);
        }
    }

    #[test]
    fn given_parts_are_kept_and_have_to_be_five() {
        assert_eq!(normalise("浙江省 | 杭州市｜西湖区||1号").unwrap(), "浙江省|杭州市|西湖区||1号");
        assert_eq!(normalise("浙江省|杭州市").unwrap_err().key, "address_parts");
        assert_eq!(normalise("||||").unwrap_err().key, "address_parts");
        assert_eq!(normalise("a\nb").unwrap_err().key, "text_control");
    }

    proptest! {
        #[test]
        fn cutting_loses_and_adds_nothing(text in "[省市区县旗镇乡路街道村号盟州治地北京浙江杭0-9a ]{0,40}") {
            prop_assert_eq!(split_address(&text).concat(), text);
        }

        #[test]
        fn a_normalised_address_stays(text in "[^\\p{C}|｜]{1,40}") {
            if let Ok(once) = normalise(&text) && !once.is_empty() {
                prop_assert_eq!(normalise(&once).unwrap(), once);
            }
        }
    }
}
