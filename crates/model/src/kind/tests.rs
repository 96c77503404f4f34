use super::*;
use crate::level::{Class, Level, Stage};
use crate::mask::{Keyless, Mask};
use crate::value::{Fields, Value};

#[test]
fn the_built_in_kinds_load_with_their_fixed_numbers() {
    let numbers = |kind: &Kind| kind.fields.iter().map(|field| field.number).collect::<Vec<_>>();
    assert_eq!(numbers(Kinds::customer()), (1..=27).collect::<Vec<_>>());
    assert_eq!(numbers(Kinds::contact()), (1..=11).collect::<Vec<_>>());
    assert_eq!((Kinds::customer().prefix.as_str(), Kinds::contact().prefix.as_str()), ("dos", "con"));
    assert_eq!(Kinds::builtin().by_name("contact").map(|kind| kind.id), Some(KindId::CONTACT));
    assert!(Kinds::builtin().get(KindId(3)).is_none());
}

/// Numbers, names, types, levels, classes and masks are on disk and in other people's programs.
#[test]
fn what_a_field_is_does_not_change_unnoticed() {
    let lines = Kinds::builtin().iter().flat_map(|kind| {
        kind.fields.iter().map(move |f| {
            let index = f.index;
            let flags = [
                (index.unique, 'u'),
                (index.find, 'f'),
                (index.last4, '4'),
                (index.text, 't'),
                (index.facet, 'c'),
            ];
            let index: String = flags.iter().filter(|(on, _)| *on).map(|(_, c)| *c).collect();
            let (relaxed, off) =
                (if f.relaxed.is_empty() { "" } else { " relaxed" }, if f.enabled { "" } else { " off" });
            let line = format!(
                "{} {} {} {} {} {} {:?} {:?}{relaxed}{off} {index}",
                kind.name, f.number, f.name, f.ty, f.level, f.class, f.mask, f.group
            );
            line.trim_end().to_owned()
        })
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    customer 1 name text L2 3 Name General relaxed t
    customer 2 subject choice L1 3 None General
    customer 3 document_type choice L1 3 None Identity
    customer 4 document_number text L3 1 Ends Identity relaxed u
    customer 5 tax_number text L3 1 Ends Identity relaxed u
    customer 6 registered_address text L3 3 Address Identity relaxed
    customer 7 office_address text L2 3 None General
    customer 8 representative text L3 3 Name Identity
    customer 9 registered_capital money L1 3 None Identity
    customer 10 founded date L1 3 None Identity
    customer 11 industry choice L1 3 None General c
    customer 12 size choice L2 3 None General
    customer 13 source_channel choice L2 3 None General
    customer 14 first_contact date L2 3 None General
    customer 15 enterprise_type text L1 3 None Identity
    customer 16 business_scope text L1 3 None Identity
    customer 17 province text L1 3 None General c
    customer 18 city text L1 3 None General
    customer 19 phone text L3 3 Ends Contact f4
    customer 20 email text L3 3 Email Contact f
    customer 21 delivery_address text L3 3 Address Contact
    customer 22 credit_limit money L3 2 Band Finance
    customer 23 bank_card text L4 1 Ends Finance
    customer 24 bank_account text L4 1 Ends Finance
    customer 25 customer_level choice L2 3 None General
    customer 26 purchasing_needs text L2 3 None General
    customer 27 remarks text L2 3 None General
    contact 1 name text L3 3 Name Person t
    contact 2 title text L2 3 None Person
    contact 3 decision_role choice L2 3 None Person
    contact 4 mobile text L3 3 Ends Contact f4
    contact 5 email text L3 3 Email Contact f
    contact 6 wechat text L3 3 Ends Contact
    contact 7 birthday date L3 2 Full Person
    contact 8 preferences choices L2 3 None Contact
    contact 9 hobbies text L3 2 Full Person off
    contact 10 taboos text L3 2 Full Person off
    contact 11 relatives text L3 1 Full Person off
    ");
}

/// What was sealed under a revision of the masks is shown as it is: whatever shows something else needs a new one.
#[test]
fn what_default_masks_show_does_not_change_without_a_new_revision() {
    let today = crate::time::Day(20_000);
    let mut lines = Vec::new();
    for kind in Kinds::builtin().iter() {
        lines.push(format!("{} {}", kind.name, kind.mask_revision));
        for field in kind.fields.iter().filter(|field| field.mask != Mask::None) {
            let value = kind.accept_text(field, &field.example, None, today).unwrap().unwrap();
            lines.push(format!("  {} {}", field.name, field.mask.apply(&value, &Keyless)));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    customer 2
      name 示***********
      document_number 919***********015Q
      tax_number 919***********015Q
      registered_address 浙江省|杭州市|***|***|**
      representative 韩**
      phone 154****0001
      email o***@example.com
      delivery_address 浙江省|杭州市|***|***|**
      credit_limit 50万–100万
      bank_card 999*********0014
      bank_account 990***********0001
    contact 2
      name 韩**
      mobile 154****0002
      email h***@example.com
      wechat exa*********0001
      birthday ****
      hobbies ****
      taboos ****
      relatives ****
    ");
}

#[test]
fn columns_of_the_public_register_are_known() {
    let name = |header| Kinds::customer().by_alias(header).map(|field| field.name.as_str());
    for (header, field) in [
        ("\u{feff}企业名称", "name"),
        ("统一社会信用代码", "document_number"),
        ("注册日期", "founded"),
        ("企业类型", "enterprise_type"),
        ("法人代表", "representative"),
        ("注册资金", "registered_capital"),
        ("经营范围", "business_scope"),
        ("所在省份", "province"),
        ("地区", "city"),
        ("注册地址", "registered_address"),
        ("E-Mail", "email"),
        (" Document Number ", "document_number"),
        ("document_number", "document_number"),
    ] {
        assert_eq!(name(header), Some(field), "{header}");
    }
    assert_eq!(name("不导入"), None);
}

fn placed(name: &str, record: &[(u16, Value)]) -> (Level, Class, Mask) {
    let kind = Kinds::customer();
    let record: Fields = record.iter().cloned().collect();
    let place = kind.by_name(name).unwrap().placement(&record, kind);
    (place.level, place.class, place.mask.clone())
}

#[test]
fn numbers_of_firms_are_public_and_those_of_persons_are_not() {
    let subject = |code: &str| (2, Value::Choice(code.into()));
    let document = |code: &str| (3, Value::Choice(code.into()));
    let public = (Level::L1, Class::C3, Mask::None);
    let sealed = (Level::L3, Class::C1, Mask::Ends);
    assert_eq!(placed("document_number", &[document("credit_code")]), public);
    assert_eq!(placed("document_number", &[document("registration_number")]), public);
    assert_eq!(placed("document_number", &[document("identity_number")]), sealed);
    assert_eq!(placed("document_number", &[]), sealed);
    assert_eq!(placed("tax_number", &[subject("C")]), public);
    assert_eq!(placed("tax_number", &[subject("B")]), sealed);
    assert_eq!(placed("name", &[subject("A")]), public);
    assert_eq!(placed("name", &[]), (Level::L2, Class::C3, Mask::Name));
    assert_eq!(placed("registered_address", &[subject("B")]), (Level::L3, Class::C3, Mask::Address));
}

#[test]
fn an_identity_number_is_never_public() {
    let person = "11010519491231002X";
    let sealed = (Level::L3, Class::C1, Mask::Ends);
    for number in [person.to_owned(), format!("{person}01")] {
        let record = [(2, Value::Choice("A".into())), (5, Value::Text(number))];
        assert_eq!(placed("tax_number", &record), sealed);
    }
    let record = [(2, Value::Choice("A".into())), (5, Value::Text("91350100M000100Y43".into()))];
    assert_eq!(placed("tax_number", &record).0, Level::L1);
}

#[test]
fn the_description_is_plain_json() {
    let json = serde_json::to_value(Kinds::builtin()).unwrap();
    let phone = &json[0]["fields"][18];
    assert_eq!(phone["name"], "phone");
    assert_eq!(phone["type"], "text");
    assert_eq!(phone["check"], "phone");
    assert_eq!(phone["level"], "L3");
    assert_eq!(phone["class"], 3);
    assert_eq!(phone["mask"], "ends");
    assert_eq!(phone["label"]["zh"], "电话");
    assert_eq!(phone["index"]["last4"], true);
    assert_eq!(json[0]["fields"][2]["required_from"], Stage::Signed.as_str());
    assert!(json[0].get("names").is_none());
}

#[test]
fn blank_cells_are_known() {
    assert!(["", " ", "N/A", "-", "无"].into_iter().all(is_blank));
    assert!(!is_blank("0"));
}
