//! Addresses are made up, or those of public institutions.

use proptest::prelude::*;

use super::*;

fn split(text: &str) -> String {
    hinted("", "", text)
}

fn hinted(province: &str, city: &str, text: &str) -> String {
    Address::split(&tidy(text), Hint { province, city }).to_string()
}

#[test]
fn five_parts_come_out_of_one_text() {
    for (text, parts) in [
        ("浙江省杭州市西湖区示例路1号", "浙江省|杭州市|西湖区|示例路|1号"),
        ("山西省太原市杏花岭区示例北路358号1幢904室", "山西省|太原市|杏花岭区|示例北路|358号1幢904室"),
        ("浙江省义乌市示例镇", "浙江省|金华市|义乌市|示例镇|"),
        ("浙江省", "浙江省||||"),
        ("北京市东城区东长安街14号", "北京市|北京市|东城区|东长安街|14号"),
        ("上海市黄浦区人民大道200号", "上海市|上海市|黄浦区|人民大道|200号"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn a_space_between_street_and_door_goes() {
    assert_eq!(hinted("浙江", "杭州", "一0 0"), "浙江省|杭州市||一0|0");
}

#[test]
fn names_come_with_and_without_suffix() {
    for (text, parts) in [
        ("甘肃白银靖远县东湾镇三合村", "甘肃省|白银市|靖远县|东湾镇三合村|"),
        ("甘肃省白银靖远县东湾镇", "甘肃省|白银市|靖远县|东湾镇|"),
        ("石家庄长安区示例路1号", "河北省|石家庄市|长安区|示例路|1号"),
        ("唐山路北区示例道1号", "河北省|唐山市|路北区|示例道|1号"),
        ("江苏昆山示例镇1号", "江苏省|苏州市|昆山市|示例镇|1号"),
        ("云南昆明示例花园1号", "云南省|昆明市||示例花园|1号"),
        ("四川省内江市中区示例路1号", "四川省|内江市|市中区|示例路|1号"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn autonomous_regions_prefectures_and_counties_have_short_forms() {
    for (text, parts) in [
        ("广西南宁市青秀区示例路1号", "广西壮族自治区|南宁市|青秀区|示例路|1号"),
        ("内蒙古自治区包头市昆区示例道1号", "内蒙古自治区|包头市|昆都仑区|示例道|1号"),
        ("新疆巴州库尔勒市示例路1号", "新疆维吾尔自治区|巴音郭楞蒙古自治州|库尔勒市|示例路|1号"),
        ("湖北省恩施州利川市示例路1号", "湖北省|恩施土家族苗族自治州|利川市|示例路|1号"),
        ("湖北省恩施土家族苗族自治州恩施市", "湖北省|恩施土家族苗族自治州|恩施市||"),
        ("宜昌市长阳县示例镇", "湖北省|宜昌市|长阳土家族自治县|示例镇|"),
        ("青海海南州共和县", "青海省|海南藏族自治州|共和县||"),
        ("甘肃省临夏市示例路1号", "甘肃省|临夏回族自治州|临夏市|示例路|1号"),
        ("郑州市管城区示例街1号", "河南省|郑州市|管城回族区|示例街|1号"),
        ("内蒙古锡林郭勒盟锡林浩特市", "内蒙古自治区|锡林郭勒盟|锡林浩特市||"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn a_municipality_is_its_own_city_and_some_counties_have_none() {
    for (text, parts) in [
        ("北京市海淀区示例路1号", "北京市|北京市|海淀区|示例路|1号"),
        ("北京市北京市海淀区示例路1号", "北京市|北京市|海淀区|示例路|1号"),
        ("重庆万州区示例路1号", "重庆市|重庆市|万州区|示例路|1号"),
        ("重庆市石柱县示例乡", "重庆市|重庆市|石柱土家族自治县|示例乡|"),
        ("河南省济源市示例路1号", "河南省||济源市|示例路|1号"),
        ("仙桃市示例大道1号", "湖北省||仙桃市|示例大道|1号"),
        ("新疆石河子市示例路1号", "新疆维吾尔自治区||石河子市|示例路|1号"),
        ("广东省东莞市示例镇1号", "广东省|东莞市||示例镇|1号"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn hong_kong_macau_and_taiwan_are_provinces_without_cities() {
    assert_eq!(split("香港特别行政区湾仔区示例道1号"), "香港特别行政区||湾仔区|示例道|1号");
    assert_eq!(hinted("香港", "", "香港中西区示例道1号"), "香港特别行政区||中西区|示例道|1号");
    assert_eq!(split("澳门特别行政区示例街1号"), "澳门特别行政区|||示例街|1号");
    assert_eq!(split("台湾省台北市示例路1号"), "台湾省|||台北市示例路|1号");
}

#[test]
fn a_missing_province_follows_from_a_name_that_only_one_place_has() {
    assert_eq!(split("太原市示例街1号"), "山西省|太原市||示例街|1号");
    assert_eq!(split("靖远县东湾镇三合村"), "甘肃省|白银市|靖远县|东湾镇三合村|");
    for text in ["鼓楼区示例路1号", "朝阳区示例路1号", "城区示例路1号", "市区示例路1号"]
    {
        assert_eq!(split(text), format!("||||{text}"));
    }
    assert_eq!(hinted("福建", "福州", "鼓楼区示例路1号"), "福建省|福州市|鼓楼区|示例路|1号");
    assert_eq!(hinted("江苏省", "", "鼓楼区示例路1号"), "江苏省|||鼓楼区示例路|1号");
}

#[test]
fn a_hint_fills_what_the_text_does_not_say_and_gives_way_to_it() {
    for (province, city, text, parts) in [
        ("甘肃", "白银", "示例路1号", "甘肃省|白银市||示例路|1号"),
        ("天津", "宝坻", "天津市示例路1号", "天津市|天津市|宝坻区|示例路|1号"),
        ("上海", "浦东", "上海浦东三林路1号", "上海市|上海市|浦东新区|三林路|1号"),
        ("湖北", "仙桃", "示例路1号", "湖北省||仙桃市|示例路|1号"),
        ("海南", "省直辖县", "示例镇1号", "海南省|||示例镇|1号"),
        ("", "白银", "示例路1号", "甘肃省|白银市||示例路|1号"),
        ("新疆", "伊犁哈萨克", "霍城县示例镇", "新疆维吾尔自治区|伊犁哈萨克自治州|霍城县|示例镇|"),
        ("上海", "徐汇", "江苏省苏州市昆山市示例路1号", "江苏省|苏州市|昆山市|示例路|1号"),
        ("上海", "徐汇", "昆山市示例路1号", "江苏省|苏州市|昆山市|示例路|1号"),
        ("山西", "运城", "城西区示例村", "山西省|运城市||城西区示例村|"),
        ("青海", "海南", "共和县示例镇", "青海省|海南藏族自治州|共和县|示例镇|"),
        ("Bavaria", "Munich", "1 Main Street", "||||1 Main Street"),
    ] {
        assert_eq!(hinted(province, city, text), parts);
    }
}

#[test]
fn a_road_named_after_a_place_is_no_place() {
    assert_eq!(hinted("甘肃", "兰州", "北京路1号"), "甘肃省|兰州市||北京路|1号");
    assert_eq!(hinted("上海", "黄浦", "南京东路1号"), "上海市|上海市|黄浦区|南京东路|1号");
    assert_eq!(hinted("河北", "秦皇岛", "河北大街1号"), "河北省|秦皇岛市||河北大街|1号");
    assert_eq!(split("南京东路1号"), "||||南京东路1号");
    assert_eq!(split("上海市上海市场路1号"), "上海市|上海市||上海市场路|1号");
}

#[test]
fn a_repeated_beginning_is_kept_once() {
    assert_eq!(split("太原市太原市杏花岭区示例路1号"), "山西省|太原市|杏花岭区|示例路|1号");
    assert_eq!(split("甘肃省白银市甘肃省白银市靖远县示例镇"), "甘肃省|白银市|靖远县|示例镇|");
    assert_eq!(split("浙江省浙江省杭州市"), "浙江省|杭州市|||");
}

#[test]
fn a_division_that_is_no_more_is_kept_as_it_was_written() {
    for (text, parts) in [
        ("北京市崇文区示例路1号", "北京市|北京市|崇文区|示例路|1号"),
        ("江西省上饶市上饶县示例镇", "江西省|上饶市|上饶县|示例镇|"),
        ("杭州市下城区示例路1号", "浙江省|杭州市|下城区|示例路|1号"),
        ("湖北省襄樊市襄阳区示例路1号", "湖北省|襄樊市|襄阳区|示例路|1号"),
        ("山东省莱芜市莱城区示例镇", "山东省|莱芜市|莱城区|示例镇|"),
        ("安徽省巢湖市居巢区示例路1号", "安徽省|巢湖市|居巢区|示例路|1号"),
        ("安徽省巢湖市示例路1号", "安徽省|合肥市|巢湖市|示例路|1号"),
        ("湖南省长沙市望城县示例镇", "湖南省|长沙市|望城县|示例镇|"),
        ("双城市示例乡", "黑龙江省|哈尔滨市|双城市|示例乡|"),
        // Moved to another city since.
        ("安徽省安庆市枞阳县示例镇", "安徽省|安庆市|枞阳县|示例镇|"),
        ("山西省忻州市原平县示例镇", "山西省|忻州市|原平县|示例镇|"),
        ("内蒙古包头市新城区示例路1号", "内蒙古自治区|包头市||新城区示例路|1号"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn a_development_zone_is_a_street_unless_it_is_in_the_table() {
    for (text, parts) in [
        ("陕西省西安市高新区示例路1号", "陕西省|西安市||高新区示例路|1号"),
        ("辽宁省大连经济技术开发区示例里15号楼", "辽宁省|大连市||经济技术开发区示例里|15号楼"),
        ("湖南省洞口经济开发区", "湖南省|邵阳市|洞口县|经济开发区|"),
        ("湖南省长沙高新开发区示例路1号", "湖南省|长沙市||高新开发区示例路|1号"),
        ("天津市滨海新区示例路1号", "天津市|天津市|滨海新区|示例路|1号"),
        ("江西省南昌市南昌经济技术开发区", "江西省|南昌市||南昌经济技术开发区|"),
    ] {
        assert_eq!(split(text), parts);
    }
}

#[test]
fn width_spaces_and_brackets_do_not_matter() {
    assert_eq!(split(" 浙江省 杭州市　西湖区示例路１号(B座) "), "浙江省|杭州市|西湖区|示例路|1号（B座）");
}

#[test]
fn five_parts_are_checked_and_kept() {
    let kept = |text: &str| mark(text).map_err(|fault| (fault.key, fault.params));
    for (text, parts) in [
        ("浙江省|杭州市|西湖区|示例路|1号", "浙江省|杭州市|西湖区|示例路|1号"),
        (" 浙江 ｜ 杭州｜西湖区|示例路| １号 ", "浙江省|杭州市|西湖区|示例路|1号"),
        ("北京|北京|海淀区||", "北京市|北京市|海淀区||"),
        ("浙江省|杭州市|示例新区|示例路|1号", "浙江省|杭州市|示例新区|示例路|1号"),
        ("||||示例路1号", "||||示例路1号"),
        ("示例路1号", "||||示例路1号"),
    ] {
        assert_eq!(kept(text).as_deref(), Ok(parts), "{text}");
    }
    let parts = |bars: &str| Err(("address_parts", vec![("bars", bars.to_owned())]));
    assert_eq!(kept("浙江省|杭州市"), parts("1"));
    assert_eq!(kept("浙江省|杭州市|西湖区|示例路|1号|"), parts("5"));
    for text in ["示例|杭州市|西湖区|示例路|1号", "|杭州市|||", "||||", "|||示例路|1号", "杭州|杭州市|||"]
    {
        assert_eq!(kept(text), Err(("address_province", vec![])), "{text}");
    }
}

#[test]
fn what_is_not_split_says_so_and_is_split_once_its_place_is_known() {
    assert!(!Address::parse("||||示例路1号").unwrap().is_split());
    let hint = Hint { province: "浙江", city: "杭州" };
    assert_eq!(split_kept("||||示例路1号", hint).as_deref(), Some("浙江省|杭州市||示例路|1号"));
    assert_eq!(split_kept("浙江省||||示例路1号", hint), None);
    assert_eq!(split_kept("||||示例路1号", Hint::default()), None);
}

#[test]
fn short_forms_are_what_other_columns_hold() {
    let short = |text| {
        let address = Address::parse(text).unwrap();
        (address.short_province().to_owned(), address.short_city().to_owned())
    };
    let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
    assert_eq!(short("内蒙古自治区|包头市|||"), pair("内蒙古", "包头"));
    assert_eq!(short("北京市|北京市|海淀区||"), pair("北京", "北京"));
    assert_eq!(short("湖北省||仙桃市||"), pair("湖北", "仙桃"));
    assert_eq!(short("海南省||||1号"), pair("海南", ""));
    assert_eq!(short("||||1号"), pair("", ""));
    assert_eq!(short_province("Bavaria"), "Bavaria");
}

#[test]
fn nothing_of_an_address_is_in_its_debug_form() {
    assert_eq!(format!("{:?}", Address::parse("||||示例路1号").unwrap()), "Address { is_split: false, .. }");
}

fn place() -> impl Strategy<Value = String> {
    const HEADS: [&str; 16] = [
        "",
        "浙江省",
        "浙江",
        "杭州市",
        "杭州",
        "西湖区",
        "北京市",
        "海淀区",
        "海淀",
        "恩施州",
        "恩施",
        "市中区",
        "巢湖市",
        "济源市",
        "新疆",
        "巴州",
    ];
    let heads = prop::collection::vec(prop::sample::select(HEADS.to_vec()), 0..4);
    (heads, "[一三路街号村市县区0-9A-Z（） ]{0,12}|\\PC{0,12}")
        .prop_map(|(heads, tail)| heads.concat() + &tail)
}

proptest! {
    #[test]
    fn no_text_is_lost(text in place(), province in "浙江|甘肃|北京|", city in "杭州|白银|海淀|") {
        let text = tidy(&text.replace('|', ""));
        let address = Address::split(&text, Hint { province: &province, city: &city });
        // A space between the two is the one thing that goes (`三0 0`).
        let [together, apart] = ["", " "].map(|space| address.street.to_owned() + space + address.door);
        let rest = if text.ends_with(&together) { &together } else { &apart };
        let head = text.strip_suffix(rest).expect("street and door are the end of the text");
        // What was taken off the front are names that stand in the parts now.
        let names = address.province.to_owned() + address.city + address.district;
        prop_assert!(head.chars().all(|c| names.contains(c)), "{head} is not in {names}");
        prop_assert!(address.is_split() || *rest == text);
    }

    #[test]
    fn what_was_split_can_come_in_again(text in place()) {
        let kept = mark(&text.replace(['|', '｜'], ""));
        if let Ok(kept) = kept && kept != "||||" {
            let split = split_kept(&kept, Hint { province: "浙江", city: "杭州" }).unwrap_or(kept);
            prop_assert_eq!(mark(&split).unwrap(), split);
        }
    }

    #[test]
    fn any_bars_are_taken_or_refused(text in "[|｜一省市 ]{0,12}") {
        if let Ok(kept) = mark(&text) {
            prop_assert_eq!(mark(&kept).ok(), (kept != "||||").then_some(kept));
        }
    }
}
