//! Made-up customers.

use super::random::{Random, permute};
use super::words::{
    BRAND, CAPITAL_FORMS, FARMING, FORMS, INSTITUTIONS, NEEDS, PLACES, Place, SHOPS, STREET_ENDS, STREETS,
    TRADES,
};
use super::{numbers, person};
use crate::time::Day;

/// The columns of a customer: the ten of the public register, then our own.
///
/// 统一社会信用代码 holds the document number whatever its type is (证件类型 says which). Persons have empty cells where
/// only firms have a value.
pub const CUSTOMER_COLUMNS: [&str; 26] = [
    "企业名称",
    "统一社会信用代码",
    "注册日期",
    "企业类型",
    "法人代表",
    "注册资金",
    "经营范围",
    "所在省份",
    "地区",
    "注册地址",
    "联系电话",
    "电子邮箱",
    "客户类型",
    "证件类型",
    "合作阶段",
    "敏感等级",
    "收货地址",
    "授信额度",
    "银行卡号",
    "客户等级",
    "来源渠道",
    "规模",
    "行业",
    "首次接触日期",
    "采购需求",
    "备注",
];

/// One customer, by column.
#[derive(Default)]
struct Row {
    name: String,
    document: String,
    founded: String,
    form: &'static str,
    representative: String,
    capital: String,
    scope: &'static str,
    subject: &'static str,
    document_type: &'static str,
    industry: &'static str,
    size: &'static str,
    mailbox: &'static str,
}

const SIZES: &[(u32, &str)] = &[(45, "微型"), (35, "小型"), (15, "中型"), (5, "大型")];
const CUSTOMER_LEVELS: &[(u32, &str)] = &[(5, "战略客户"), (20, "重点客户"), (75, "普通客户")];
const SOURCES: &[(u32, &str)] =
    &[(20, "官网"), (20, "展会"), (20, "转介绍"), (15, "电话营销"), (15, "渠道伙伴"), (10, "其他")];
const STAGES: &[(u32, &str)] = &[(25, "0"), (25, "1"), (15, "2"), (10, "3"), (20, "4"), (5, "5")];
const LEVELS: &[(u32, &str)] = &[(10, "L1"), (55, "L2"), (30, "L3"), (5, "L4")];

/// What is fixed first: who the customer is. The rest of the row goes on with the same random numbers.
fn head(seed: u64, today: Day, i: u64) -> (Random, Place, u64, Row) {
    let mut random = Random::new(seed, 1, i);
    // Even numbers are customers, odd ones contacts, so that no phone is given out twice.
    let unique = permute(seed, i.wrapping_mul(2));
    let place = random.pick(PLACES);
    let row = match random.below(100) {
        0..75 => enterprise(&mut random, today, &place, unique),
        75..95 => individual(&mut random, today, unique),
        _ => institution(&mut random, today, &place, unique),
    };
    (random, place, unique, row)
}

/// The document number of customer `i`.
pub(super) fn document(seed: u64, today: Day, i: u64) -> String {
    head(seed, today, i).3.document
}

/// The cells of customer `i`, in the order of [`CUSTOMER_COLUMNS`].
pub(super) fn cells(seed: u64, today: Day, i: u64) -> Vec<String> {
    let (mut random, place, unique, row) = head(seed, today, i);
    let random = &mut random;
    let registered = address(random, &place);
    let delivery = if random.percent(60) { address(random, &place) } else { String::new() };
    let credit = if random.percent(60) { credit_limit(random) } else { String::new() };
    let card = if random.percent(40) { numbers::bank_card(unique) } else { String::new() };
    let first_contact = day_before(random, today, 1, 5 * 365).to_string();
    let needs = if random.percent(30) { random.pick(NEEDS) } else { "" };
    let text = str::to_owned;
    vec![
        row.name,
        row.document,
        row.founded,
        text(row.form),
        row.representative,
        row.capital,
        text(row.scope),
        text(place.0),
        text(place.2),
        registered,
        numbers::phone(random, unique),
        numbers::email(row.mailbox, unique, random.percent(50)),
        text(row.subject),
        text(row.document_type),
        text(random.weighted(STAGES)),
        text(random.weighted(LEVELS)),
        delivery,
        credit,
        card,
        text(random.weighted(CUSTOMER_LEVELS)),
        text(random.weighted(SOURCES)),
        text(row.size),
        text(row.industry),
        first_contact,
        text(needs),
        String::new(),
    ]
}

fn enterprise(random: &mut Random, today: Day, place: &Place, unique: u64) -> Row {
    let (name, document, form, trade) = match random.below(100) {
        0..10 => {
            let trade = random.pick(TRADES);
            let name =
                [city_area(random, place), brand(random).as_str(), trade.word, random.pick(SHOPS)].concat();
            (name, numbers::credit_code(random, "92", unique), "个体工商户", trade)
        }
        10..16 => {
            let trade = random.pick(FARMING);
            let name = [city_area(random, place), brand(random).as_str(), trade.word, "专业合作社"].concat();
            (name, numbers::credit_code(random, "93", unique), "农民专业合作社", trade)
        }
        _ => {
            let trade = random.pick(TRADES);
            let (ending, form) = random.weighted(FORMS);
            let own = brand(random);
            // Registries write the place in front or in brackets of either width.
            let name = match random.below(10) {
                0 => [&own, trade.word, "(", place.2, ")", ending].concat(),
                1 => [&own, trade.word, "（", place.2, "）", ending].concat(),
                2..6 => [place.2, "市", &own, trade.word, ending].concat(),
                _ => [place.2, &own, trade.word, ending].concat(),
            };
            (name, numbers::credit_code(random, "91", unique), form, trade)
        }
    };
    let (representative, mailbox) = person::name(random);
    Row {
        name,
        document,
        founded: day_before(random, today, 90, 35 * 365).to_string(),
        form,
        representative,
        capital: capital(random),
        scope: trade.scope,
        subject: "A",
        document_type: "统一社会信用代码",
        industry: trade.industry,
        size: random.weighted(SIZES),
        mailbox,
    }
}

fn institution(random: &mut Random, today: Day, place: &Place, unique: u64) -> Row {
    let (prefix, ending, form, industry) = random.pick(INSTITUTIONS);
    let (representative, mailbox) = person::name(random);
    let area = city_area(random, place);
    Row {
        name: [place.2, "市", area, &brand(random), ending].concat(),
        document: numbers::credit_code(random, prefix, unique),
        founded: day_before(random, today, 3 * 365, 60 * 365).to_string(),
        form,
        representative,
        subject: "C",
        document_type: "统一社会信用代码",
        industry,
        size: random.weighted(SIZES),
        mailbox,
        ..Row::default()
    }
}

fn individual(random: &mut Random, today: Day, unique: u64) -> Row {
    let document = numbers::identity(random, today, unique);
    let (name, mailbox) = person::name_of(random, numbers::is_man(unique));
    Row { name, document, subject: "B", document_type: "居民身份证", mailbox, ..Row::default() }
}

fn brand(random: &mut Random) -> String {
    let mut own = String::with_capacity(9);
    for _ in 0..if random.percent(70) { 2 } else { 3 } {
        own.push_str(random.pick(BRAND));
    }
    own
}

/// The district's name, as small firms carry it: `余杭区`.
fn city_area(random: &mut Random, place: &Place) -> &'static str {
    random.pick(place.3)
}

/// An address as registries print it.
fn address(random: &mut Random, place: &Place) -> String {
    let (province, city, district) = (place.1, place.2, random.pick(place.3));
    let mut text = String::with_capacity(96);
    text.push_str(province);
    // 北京市海淀区: the four municipalities name their city once.
    if !province.starts_with(city) {
        text.push_str(city);
        text.push('市');
    }
    for part in [district, random.pick(STREETS), random.pick(STREET_ENDS)] {
        text.push_str(part);
    }
    numbers::push(&mut text, u64::from(1 + random.below(998)), 1);
    text.push('号');
    if random.percent(50) {
        numbers::push(&mut text, u64::from(1 + random.below(20)), 1);
        text.push('幢');
        numbers::push(&mut text, u64::from(101 + random.below(2_800)), 1);
        text.push('室');
    }
    text
}

fn day_before(random: &mut Random, today: Day, least: i32, most: i32) -> Day {
    let span = u32::try_from(most - least).unwrap_or(1);
    today.plus(-least - i32::try_from(random.below(span)).unwrap_or(0))
}

/// An amount of 万元 that firms like to register.
fn round_amount(random: &mut Random) -> u64 {
    random.weighted(&[
        (8, 3),
        (14, 10),
        (14, 50),
        (20, 100),
        (8, 200),
        (10, 500),
        (12, 1_000),
        (5, 2_000),
        (5, 5_000),
        (2, 10_000),
        (2, 30_000),
    ])
}

fn capital(random: &mut Random) -> String {
    let (unit, factor) = match random.below(100) {
        0..2 => ("(万美元)", 1),
        2 => ("(万香港元)", 1),
        3 => ("()", 1),
        _ => random.weighted(CAPITAL_FORMS),
    };
    let mut text = grouped(round_amount(random) * u64::from(factor));
    if factor == 1 && random.percent(8) {
        text.push('.');
        numbers::push(&mut text, u64::from(random.below(10_000)), 4);
    }
    text.push_str(unit);
    text
}

fn credit_limit(random: &mut Random) -> String {
    let mut text = String::with_capacity(16);
    numbers::push(&mut text, round_amount(random), 1);
    text.push_str("万元");
    text
}

/// `1,000`, as the registry prints numbers.
fn grouped(number: u64) -> String {
    let mut digits = String::with_capacity(12);
    numbers::push(&mut digits, number, 1);
    let mut text = String::with_capacity(16);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
