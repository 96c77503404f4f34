//! Masks that know what they hide: names, mails, addresses, amounts.

use super::{NOTHING, STAR, stars};
use crate::address::{Address, is_division};
use crate::value::Money;

/// Family names of two characters that are in use.
const DOUBLE: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "尉迟", "公羊", "赫连",
    "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文",
    "司徒", "鲜于", "司空", "闾丘", "亓官", "司寇", "巫马", "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正",
    "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐", "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生",
    "梁丘", "左丘", "西门", "第五", "太史", "端木", "达奚", "褚师", "即墨", "公户",
    // In traditional characters where these differ.
    "歐陽", "司馬", "諸葛", "東方", "獨孤", "南宮", "聞人", "尉遲", "赫連", "濮陽", "公孫", "仲孫", "鍾離",
    "長孫", "鮮于", "軒轅", "東郭", "西門",
];

/// Amounts in major units below which each band lies.
const BANDS: &[(i64, &str)] = &[
    (10_000, "1万以下"),
    (50_000, "1万–5万"),
    (100_000, "5万–10万"),
    (500_000, "10万–50万"),
    (1_000_000, "50万–100万"),
    (5_000_000, "100万–500万"),
    (10_000_000, "500万–1000万"),
    (50_000_000, "1000万–5000万"),
    (100_000_000, "5000万–1亿"),
    (500_000_000, "1亿–5亿"),
    (1_000_000_000, "5亿–10亿"),
    (i64::MAX, "10亿以上"),
];

/// How many characters of a name are its family name: two where they are one that is in use and a given name follows.
pub(super) fn family_name(text: &str) -> usize {
    let double = DOUBLE.iter().any(|double| text.strip_prefix(double).is_some_and(|rest| !rest.is_empty()));
    if double { 2 } else { 1 }
}

/// The family name, the rest as stars; a single character is hidden.
pub(super) fn name(text: &str) -> String {
    let length = text.chars().count();
    let kept = if length > 1 { family_name(text) } else { 0 };
    text.chars().take(kept).chain(stars(length - kept)).collect()
}

/// Shows no part but what the division table has: a name or a road could stand in the place of a city.
pub(super) fn address(text: &str) -> String {
    let Ok(address) = Address::parse(text) else { return stars(text.chars().count()).collect() };
    let hidden = |part: &str| stars(part.chars().count()).collect::<String>();
    let known = |part: &str| if is_division(part) { part.to_owned() } else { hidden(part) };
    let [province, city] = [address.province, address.city].map(known);
    let [district, street, door] = [address.district, address.street, address.door].map(hidden);
    [province, city, district, street, door].join("|")
}

/// One star count for all, so that the length of the local part is not told.
pub(super) fn email(text: &str) -> String {
    let Some((local, domain)) = text.rsplit_once('@') else { return NOTHING.to_owned() };
    // A local part of one character would be shown whole.
    let first = local.chars().next().filter(|_| local.chars().nth(1).is_some());
    first.into_iter().chain("***@".chars()).chain(domain.chars()).collect()
}

pub(super) fn band(money: &Money) -> String {
    let major = money.major();
    let text = BANDS.iter().find(|(below, _)| major < *below).map_or(NOTHING, |(_, text)| text);
    if money.currency == "CNY" { text.to_owned() } else { format!("{text} {}", money.currency) }
}

/// Whether a text that is given as an amount is a band.
pub(super) fn could_be_band(text: &str) -> bool {
    text.contains([STAR, '＊', '–', '至']) || BANDS.iter().any(|(_, band)| text == *band)
}
