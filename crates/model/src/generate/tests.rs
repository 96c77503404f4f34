use std::collections::HashSet;

use super::*;
use crate::check;

fn generator() -> Generator {
    Generator::new(1, Day::parse("2026-06-01").unwrap())
}

fn cell<'a>(row: &'a BTreeMap<String, String>, column: &str) -> &'a str {
    row.get(column).unwrap_or_else(|| panic!("{column}"))
}

#[test]
fn rows_are_the_same_everywhere_and_for_ever() {
    // Benchmarks and canaries rely on these very rows: a change of them is a change of every figure.
    let mut csv = String::new();
    for i in [0, 1, 9_999_999] {
        csv_line(&generator().customer_cells(i), &mut csv);
    }
    csv_line(&generator().contact_cells(0), &mut csv);
    insta::assert_snapshot!(csv.replace("\r\n", "\n"), @r#"
    无锡市宇盛广告传媒有限公司,91994943902159854A,1997-06-04,有限责任公司,孔玉,100(万元),设计、制作、代理、发布国内广告；文化艺术交流活动策划,江苏,无锡,江苏省无锡市江阴市翠湖大道804号,+86 15490215985,kong90215985@example.com,A,统一社会信用代码,3,L2,,500万元,9999000000902159858,普通客户,转介绍,中型,租赁和商务服务业,2023-08-29,,
    合肥通新医药有限公司,91998039968278063H,2004-05-02,有限责任公司,何天军,"1,000(万元人民币)",医疗器械、保健用品的销售；医药信息咨询（不含诊疗）,安徽,合肥,安徽省合肥市蜀山区解放北路87号8幢2261室,15496827806,he96827806@example.cn,A,统一社会信用代码,4,L2,安徽省合肥市蜀山区迎宾北路79号,5000万元,9999000000968278063,重点客户,转介绍,中型,批发和零售业,2024-06-16,,
    姚立德,992466197610203112,,,,,,浙江,金华,浙江省金华市金东区兴业路469号,15424664311,yao24664311@example.cn,B,居民身份证,0,L2,浙江省金华市义乌市长江东路20号,100万元,,普通客户,展会,,,2021-07-17,,
    91994943902159854A,曾远,财务总监,影响者,+8615459569840,zeng59569840@example.cn,,,邮件
    "#);
}

#[test]
fn seeds_and_rows_differ() {
    let other = Generator::new(2, Day::parse("2026-06-01").unwrap());
    assert_ne!(generator().customer(0), other.customer(0));
    assert_ne!(generator().customer(0), generator().customer(1));
}

#[test]
fn every_number_passes_its_check_and_belongs_to_nobody() {
    let today = Day::parse("2026-06-01").unwrap();
    for i in 0..5_000 {
        let row = generator().customer(i);
        let document = cell(&row, "统一社会信用代码");
        let checked = match cell(&row, "客户类型") {
            "B" => check::identity_number(document),
            _ => check::credit_code(document),
        };
        let expected_division = if cell(&row, "客户类型") == "B" { 0..2 } else { 2..4 };
        assert_eq!(checked.unwrap().get(expected_division), Some("99"));
        assert!(check::phone(cell(&row, "联系电话")).unwrap().starts_with("+86154"));
        assert!(check::email(cell(&row, "电子邮箱")).unwrap().contains("@example.c"));
        let card = cell(&row, "银行卡号");
        assert!(card.is_empty() || check::bank_card(card).unwrap().starts_with("9999"), "row {i}");
        let founded = cell(&row, "注册日期");
        assert!(founded.is_empty() || check::date(founded).unwrap() < today, "row {i}");
    }
}

#[test]
fn every_row_is_accepted_by_its_kind() {
    use crate::kind::{Kind, Kinds};
    let today = Day::parse("2026-06-01").unwrap();
    // Stage and level belong to the dossier and 所属客户 is an edge: they are no fields.
    let accept = |kind: &Kind, row: BTreeMap<String, String>, not_fields: &[&str], i: u64| {
        let mut input = BTreeMap::new();
        for (column, text) in row {
            match kind.by_alias(&column) {
                Some(field) => input.insert(field.name.clone(), serde_json::Value::String(text)),
                None => {
                    assert!(not_fields.contains(&column.as_str()), "{column} is no field");
                    None
                }
            };
        }
        let changes = kind.accept(&input, today).unwrap_or_else(|problems| panic!("row {i}: {problems:?}"));
        let mut fields = crate::value::Fields::new();
        crate::value::apply(&mut fields, changes);
        kind.derive(&mut fields);
        let problems = kind.check_record(&fields, crate::level::Stage::Signed);
        assert!(problems.is_empty(), "row {i}: {problems:?}");
    };
    for i in 0..3_000 {
        accept(Kinds::customer(), generator().customer(i), &["合作阶段", "敏感等级"], i);
        accept(Kinds::contact(), generator().contact(i), &["所属客户"], i);
    }
}

#[test]
fn documents_phones_and_mailboxes_come_once_up_to_the_last_row() {
    let mut seen = HashSet::new();
    let rows = (0..20_000).chain(9_980_000..10_000_000).chain(UNIQUE_ROWS - 10_000..UNIQUE_ROWS);
    for i in rows {
        let (customer, contact) = (generator().customer(i), generator().contact(i));
        assert!(seen.insert(cell(&customer, "统一社会信用代码").to_owned()), "document of row {i}");
        for phone in [cell(&customer, "联系电话"), cell(&contact, "手机")] {
            assert!(seen.insert(check::phone(phone).unwrap()), "phone of row {i}");
        }
        for email in [cell(&customer, "电子邮箱"), cell(&contact, "电子邮箱")] {
            assert!(seen.insert(email.to_owned()), "mailbox of row {i}");
        }
        assert_eq!(cell(&customer, "统一社会信用代码"), cell(&contact, "所属客户"));
    }
}

#[test]
fn the_mix_is_mostly_firms_with_a_fifth_of_persons() {
    let count =
        |subject| (0..10_000).filter(|&i| cell(&generator().customer(i), "客户类型") == subject).count();
    assert!((7_300..7_700).contains(&count("A")));
    assert!((1_850..2_150).contains(&count("B")));
    assert!((400..600).contains(&count("C")));
}

#[test]
fn csv_cells_are_quoted_where_they_must_be() {
    let mut out = String::new();
    csv_line(&["a", "1,000(万元)", "say \"x\"", ""], &mut out);
    assert_eq!(out, "a,\"1,000(万元)\",\"say \"\"x\"\"\",\r\n");
}

#[test]
fn every_address_is_split_to_its_district() {
    use crate::address::{Address, Hint};
    for i in 0..3_000 {
        let row = generator().customer(i);
        for column in ["注册地址", "收货地址"] {
            let address = Address::split(cell(&row, column), Hint::default());
            let filled = [address.province, address.city, address.district, address.street, address.door];
            assert!(cell(&row, column).is_empty() || filled.iter().all(|part| !part.is_empty()), "row {i}");
        }
    }
}
