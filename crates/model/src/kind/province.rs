//! The provinces of China (GB/T 2260-2007, first two digits), short and full.

/// Short form, full form; both are met at the start of addresses.
pub(super) const PROVINCES: &[(&str, &str)] = &[
    ("北京", "北京市"),
    ("天津", "天津市"),
    ("河北", "河北省"),
    ("山西", "山西省"),
    ("内蒙古", "内蒙古自治区"),
    ("辽宁", "辽宁省"),
    ("吉林", "吉林省"),
    ("黑龙江", "黑龙江省"),
    ("上海", "上海市"),
    ("江苏", "江苏省"),
    ("浙江", "浙江省"),
    ("安徽", "安徽省"),
    ("福建", "福建省"),
    ("江西", "江西省"),
    ("山东", "山东省"),
    ("河南", "河南省"),
    ("湖北", "湖北省"),
    ("湖南", "湖南省"),
    ("广东", "广东省"),
    ("广西", "广西壮族自治区"),
    ("海南", "海南省"),
    ("重庆", "重庆市"),
    ("四川", "四川省"),
    ("贵州", "贵州省"),
    ("云南", "云南省"),
    ("西藏", "西藏自治区"),
    ("陕西", "陕西省"),
    ("甘肃", "甘肃省"),
    ("青海", "青海省"),
    ("宁夏", "宁夏回族自治区"),
    ("新疆", "新疆维吾尔自治区"),
    ("台湾", "台湾省"),
    ("香港", "香港特别行政区"),
    ("澳门", "澳门特别行政区"),
];

/// The short form of a province; any other text as it is (a customer can sit abroad).
pub(super) fn short(text: &str) -> &str {
    PROVINCES.iter().find(|(_, full)| *full == text).map_or(text, |(short, _)| short)
}

/// Whether a text is the name of a province, short or full.
#[must_use]
pub fn is_province(text: &str) -> bool {
    PROVINCES.iter().any(|(short, full)| *short == text || *full == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_become_short_and_others_stay() {
        assert_eq!(short("内蒙古自治区"), "内蒙古");
        assert_eq!(short("浙江"), "浙江");
        assert_eq!(short("Bavaria"), "Bavaria");
        assert_eq!(PROVINCES.len(), 34);
    }
}
