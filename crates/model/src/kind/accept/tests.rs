use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fault::Lang;
use crate::kind::Kinds;
use crate::level::Stage;
use crate::value::apply;

const TODAY: Day = Day(20_000);

fn given(input: Json) -> BTreeMap<String, Json> {
    input.as_object().unwrap().clone().into_iter().collect()
}

fn accepted(kind: &Kind, input: Json) -> Changes {
    kind.accept(&given(input), TODAY).unwrap()
}

fn text(kind: &Kind, name: &str, input: Json) -> String {
    let number = kind.by_name(name).unwrap().number;
    accepted(kind, input).remove(&number).unwrap().unwrap().to_text()
}

fn refused(kind: &Kind, input: Json) -> Vec<(String, &'static str)> {
    let problems = kind.accept(&given(input), TODAY).unwrap_err();
    problems.into_iter().map(|problem| (problem.field.unwrap(), problem.key)).collect()
}

fn key(kind: &Kind, name: &str, value: Json) -> &'static str {
    let (field, key) = refused(kind, json!({ name: value })).remove(0);
    assert_eq!(field, name);
    key
}

#[test]
fn every_value_is_brought_to_its_normal_form() {
    let kind = Kinds::customer();
    for (name, value, kept) in [
        ("name", json!(" 示例科技(杭州)有限公司 "), "示例科技（杭州）有限公司"),
        ("phone", json!("154 0000 0001"), "+8615400000001"),
        ("email", json!("Office@Example.COM"), "office@example.com"),
        ("subject", json!("个人"), "B"),
        ("industry", json!("制造业"), "05"),
        ("province", json!("浙江省"), "浙江"),
        ("founded", json!("2009/6/30"), "2009-06-30"),
        ("registered_capital", json!("1,000(万元人民币)"), "10000000.00 CNY"),
        ("credit_limit", json!({"amount": "1000.5", "currency": "CNY"}), "1000.50 CNY"),
        ("registered_address", json!("浙江省 杭州市西湖区文三路１号"), "||||浙江省杭州市西湖区文三路1号"),
        ("delivery_address", json!("浙江|杭州|西湖区|文三路|1号"), "浙江省|杭州市|西湖区|文三路|1号"),
        ("tax_number", json!("9135 0100 m000 100y 43"), "91350100M000100Y43"),
        ("remarks", json!("first\r\nsecond"), "first\nsecond"),
    ] {
        assert_eq!(text(kind, name, json!({ name: value })), kept, "{name}");
    }
    let preferences = |value: Json| text(Kinds::contact(), "preferences", json!({ "preferences": value }));
    assert_eq!(preferences(json!("微信、电话")), "phone|wechat");
    assert_eq!(preferences(json!(["visit", "phone", "visit"])), "phone|visit");
}

#[test]
fn null_and_empty_texts_clear_a_field() {
    let changes = accepted(Kinds::contact(), json!({"title": null, "name": " ", "preferences": []}));
    assert_eq!(changes, Changes::from([(1, None), (2, None), (8, None)]));
}

#[test]
fn a_document_number_is_checked_by_the_type_that_comes_with_it() {
    let kind = Kinds::customer();
    let document = |document_type: &str, number: &str| {
        let input = json!({"document_type": document_type, "document_number": number});
        kind.accept(&given(input), TODAY).map_err(|problems| problems[0].key)
    };
    assert!(document("credit_code", "9135 0100 m000 100y 43").is_ok());
    assert_eq!(document("统一社会信用代码", "91350100M000100Y44"), Err("credit_code_check"));
    assert_eq!(document("passport", "91"), Err("passport_shape"));
    // Without a type its form is all that can be told; the record knows more.
    assert!(kind.accept(&given(json!({"document_number": "91350100M000100Y44"})), TODAY).is_ok());
}

#[test]
fn all_problems_are_told_at_once() {
    let input = json!({
        "phone": "12", "email": "x", "subject": "D", "founded": "3000-01-01", "registered_capital": 5,
        "colour": "red", "13800000000": "x", "name": ["a"],
    });
    let mut found = refused(Kinds::customer(), input);
    found.sort();
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["?", "colour", "email", "founded", "name", "phone", "registered_capital", "subject"]);
    let expected = [
        "unknown_field",
        "unknown_field",
        "email_shape",
        "date_calendar",
        "wrong_type",
        "phone_length",
        "wrong_type",
        "choice_unknown",
    ];
    assert_eq!(found.iter().map(|(_, key)| *key).collect::<Vec<_>>(), expected);
}

#[test]
fn a_field_that_is_off_takes_nothing() {
    assert_eq!(key(Kinds::contact(), "hobbies", json!("羽毛球")), "field_disabled");
    assert_eq!(key(Kinds::contact(), "relatives", json!(null)), "field_disabled");
}

#[test]
fn an_address_with_bars_has_five_parts_and_a_province() {
    let kind = Kinds::customer();
    assert_eq!(key(kind, "office_address", json!("浙江省|杭州市")), "address_parts");
    let problem = &kind.accept(&given(json!({"office_address": "杭州市||||1号"})), TODAY).unwrap_err()[0];
    assert_eq!(problem.key, "address_province");
    assert_eq!(
        problem.text(Lang::En),
        "office address: the first part of the address is no province of China; mend it, or write it without bars"
    );
}

#[test]
fn a_masked_value_that_comes_back_is_refused() {
    let kind = Kinds::customer();
    for (name, shown) in [
        ("phone", json!("138****0000")),
        ("email", json!("a***@example.com")),
        ("name", json!("韩**")),
        ("document_number", json!("310***********1234")),
        ("registered_address", json!("浙江省|杭州市|西湖区|***|*")),
        ("credit_limit", json!("10万–100万")),
        ("credit_limit", json!({"amount": "****", "currency": "CNY"})),
        ("remarks", json!("****")),
    ] {
        assert_eq!(key(kind, name, shown), "masked_value", "{name}");
    }
    assert_eq!(key(Kinds::contact(), "birthday", json!("****")), "masked_value");
}

#[test]
fn limits_of_length_date_and_amount_hold() {
    let kind = Kinds::customer();
    assert_eq!(key(kind, "enterprise_type", json!("字".repeat(101))), "too_long");
    assert!(kind.accept(&given(json!({"enterprise_type": "字".repeat(100)})), TODAY).is_ok());
    // The bars do not count: what was as long as can be goes in again.
    assert!(kind.accept(&given(json!({"delivery_address": "路".repeat(300)})), TODAY).is_ok());
    assert!(
        kind.accept(&given(json!({"delivery_address": format!("||||{}", "路".repeat(300))})), TODAY).is_ok()
    );
    assert_eq!(key(kind, "delivery_address", json!("路".repeat(301))), "too_long");
    assert_eq!(key(kind, "founded", json!(TODAY.plus(1).to_string())), "date_future");
    assert!(kind.accept(&given(json!({"founded": TODAY.to_string()})), TODAY).is_ok());
    assert_eq!(key(kind, "founded", json!("1799-12-31")), "date_too_old");
    assert_eq!(key(kind, "credit_limit", json!({"amount": "-1", "currency": "CNY"})), "money_negative");
    assert_eq!(key(kind, "credit_limit", json!({"amount": "1", "currency": "RMB"})), "money_currency");
    assert_eq!(key(kind, "credit_limit", json!({"amount": "1", "currency": "CNY", "x": "1"})), "wrong_type");
    assert_eq!(key(kind, "enterprise_type", json!("a\nb")), "text_control");
    assert_eq!(key(kind, "remarks", json!("a\u{7}b")), "text_control");
}

#[test]
fn a_problem_names_the_field_as_people_call_it() {
    let problem = Kinds::customer().accept(&given(json!({"subject": "D"})), TODAY).unwrap_err().remove(0);
    assert_eq!(
        problem.text(Lang::Zh),
        "客户主体：不在可选范围内，请选用：`A` 企业、`B` 个人、`C` 政府、事业单位或非营利组织"
    );
    let en = "subject: is not among the options; use one of `A` enterprise, `B` individual, \
              `C` government, institution or non-profit";
    assert_eq!(problem.text(Lang::En), en);
}

#[test]
fn problems_never_repeat_what_was_given() {
    let secret = "98765";
    for kind in Kinds::builtin().iter() {
        for field in kind.fields.iter().filter(|field| field.enabled) {
            let Err(problems) = kind.accept(&given(json!({ &field.name: format!("x{secret}@y") })), TODAY)
            else {
                continue;
            };
            for problem in problems {
                for lang in [Lang::Zh, Lang::En] {
                    assert!(!problem.text(lang).contains(secret), "{}", field.name);
                }
            }
        }
    }
}

#[test]
fn every_example_is_accepted_and_all_together_make_a_record() {
    for kind in Kinds::builtin().iter() {
        let enabled = || kind.fields.iter().filter(|field| field.enabled);
        let input: BTreeMap<String, Json> =
            enabled().map(|field| (field.name.clone(), field.example.as_str().into())).collect();
        let changes = kind.accept(&input, Day::parse("2026-11-22").unwrap()).unwrap();
        assert_eq!(changes.len(), enabled().count());
        let mut record = crate::value::Fields::new();
        apply(&mut record, changes);
        let before = record.clone();
        kind.derive(&mut record);
        assert_eq!(record, before);
        assert_eq!(kind.check_record(&record, Stage::AfterSales), []);
    }
}

#[test]
fn made_up_rows_are_accepted_and_made_whole() {
    let generator = crate::generate::Generator::new(7, Day(20_000));
    let of_dossier = ["合作阶段", "敏感等级", "所属客户"];
    for i in 0..2_000 {
        for (kind, row) in
            [(Kinds::customer(), generator.customer(i)), (Kinds::contact(), generator.contact(i))]
        {
            let named = row.into_iter().filter(|(column, _)| !of_dossier.contains(&column.as_str()));
            let input: BTreeMap<String, Json> = named
                .map(|(column, cell)| (kind.by_alias(&column).expect(&column).name.clone(), cell.into()))
                .collect();
            let changes =
                kind.accept(&input, TODAY).unwrap_or_else(|problems| panic!("row {i}: {problems:?}"));
            let mut record = crate::value::Fields::new();
            apply(&mut record, changes);
            kind.derive(&mut record);
            let problems = kind.check_record(&record, Stage::Signed);
            assert!(problems.is_empty(), "row {i}: {problems:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_accepted_or_refused_and_what_is_accepted_stays(at in 0usize..38, text in "\\PC{0,30}|[0-9A-Z-]{9,20}") {
        let all: Vec<_> = Kinds::builtin().iter().flat_map(|kind| kind.fields.iter().map(move |f| (kind, f))).collect();
        let (kind, field) = all[at];
        let first = kind.accept(&given(json!({ &field.name: text })), TODAY);
        if let Ok(mut changes) = first
            && let Some(Some(value)) = changes.remove(&field.number)
        {
            // What is kept can come in again: an exported row, a form that was not touched.
            let again = kind.accept(&given(json!({ &field.name: value.to_json() })), TODAY).unwrap();
            prop_assert_eq!(again.get(&field.number), Some(&Some(value)));
        }
    }
}
