#![allow(dead_code, reason = "shapes are checked here, never read")]

use dossier_engine::model::Fault;
use dossier_engine::model::kind::{FieldType, Kinds};
use serde_json::{Map, Value as Json, json};

use super::{Form, Shaped, fields};

static CODE: Form = Form::new("^[A-Z]{3}$", "ABC");

shaped! {
    /// For the tests,
    /// in two lines.
    Body Thing, least 1, example r#"{ "code": "ABC" }"# {
        /// A code.
        may code: Option<String> = Form(&CODE);
        may told: Option<String> = Told(&CODE, "purpose_required");
        may text: Option<String> = Text { least: 2, most: 4 };
        may choice: Option<String> = OneOf(&["a", "b"]);
        may whole: Option<i64> = Whole { least: -1, most: 9 };
        may flag: Option<bool> = Flag;
        may day: Option<String> = Day;
        may list: Option<Vec<String>> = List { of: &Type::OneOf(&["a", "b"]), most: 2 };
        may fields: Option<Map<String, Json>> = Fields(Kinds::customer);
        may named as "X-Named": Option<String> = FieldOf(Kinds::contact);
    }
}

shaped! {
    /// With something that has to be there.
    Header Strict {
        must one as "X-One": String = Form(&CODE);
        may two as "X-Two": Option<String> = Form(&CODE);
    }
}

fn check<T: Shaped>(value: Json) -> Result<(), Fault> {
    let Json::Object(mut object) = value else { panic!("an object is needed") };
    T::SHAPE.check(&mut object)
}

fn refusal(value: Json) -> (&'static str, Option<String>) {
    let fault = check::<Thing>(value).expect_err("should be refused");
    (fault.key, fault.field)
}

#[test]
fn what_is_declared_is_taken() {
    for value in [
        json!({ "code": "ABC" }),
        json!({ "told": "ABC" }),
        json!({ "text": "汉字" }),
        json!({ "text": "四个汉字" }),
        json!({ "choice": "b" }),
        json!({ "whole": -1 }),
        json!({ "whole": 9.0 }),
        json!({ "flag": false }),
        json!({ "day": "2024-02-29" }),
        json!({ "list": ["a", "b"] }),
        json!({ "fields": {} }),
        json!({ "fields": { "name": "示例", "remarks": null, "industry": "01" } }),
        json!({ "X-Named": "mobile" }),
    ] {
        assert_eq!(check::<Thing>(value.clone()), Ok(()), "{value}");
    }
}

#[test]
fn anything_else_is_refused_by_name_and_rule() {
    for (value, key, field) in [
        (json!({ "code": "abc" }), "value_form", "code"),
        (json!({ "code": "ABCD" }), "value_form", "code"),
        (json!({ "code": 1 }), "value_not_text", "code"),
        (json!({ "code": null }), "value_not_text", "code"),
        (json!({ "told": [] }), "value_not_text", "told"),
        (json!({ "told": "abc" }), "value_form", "told"),
        (json!({ "told": " \t" }), "purpose_required", "told"),
        (json!({ "text": "x" }), "value_length", "text"),
        (json!({ "text": "五个汉字了" }), "value_length", "text"),
        (json!({ "choice": "c" }), "value_option", "choice"),
        (json!({ "whole": 10 }), "value_range", "whole"),
        (json!({ "whole": 1.5 }), "value_not_whole", "whole"),
        (json!({ "whole": "1" }), "value_not_whole", "whole"),
        (json!({ "whole": 1e300 }), "value_not_whole", "whole"),
        (json!({ "flag": "true" }), "value_not_flag", "flag"),
        (json!({ "day": "2023-02-29" }), "value_date", "day"),
        (json!({ "list": "a" }), "value_not_list", "list"),
        (json!({ "list": [] }), "value_count", "list"),
        (json!({ "list": ["a", "a", "a"] }), "value_count", "list"),
        (json!({ "list": ["c"] }), "value_option", "list"),
        (json!({ "fields": [] }), "value_not_object", "fields"),
        (json!({ "X-Named": "phone" }), "value_option", "X-Named"),
    ] {
        assert_eq!(refusal(value.clone()), (key, Some(field.to_owned())), "{value}");
    }
    assert_eq!(refusal(json!({ "code": "ABC", "other": 1 })).0, "body_unknown_member");
    assert_eq!(refusal(json!({})).0, "nothing_changed");
    assert_eq!(check::<Strict>(json!({})).unwrap_err().key, "value_missing");
}

#[test]
fn all_faults_are_told_at_once() {
    let fault =
        check::<Thing>(json!({ "code": 1, "whole": 99, "fields": { "name": " ", "industry": "99" } }));
    let fault = fault.unwrap_err();
    let told: Vec<_> =
        fault.problems.iter().map(|p| (p.key, p.field.as_deref().unwrap_or_default())).collect();
    let expected = [
        ("value_not_text", "code"),
        ("value_range", "whole"),
        ("value_option", "industry"),
        ("text_empty", "name"),
    ];
    assert_eq!((fault.key, told.as_slice()), ("request_invalid", expected.as_slice()));
}

#[test]
fn one_field_may_be_wrong_in_many_ways() {
    let long = "长".repeat(4_001);
    for (field, value, key) in [
        ("remarks", json!(long), "value_length"),
        ("remarks", json!(" \u{3000}"), "text_empty"),
        ("industry", json!("互联网科技"), "value_option"),
        ("phone", json!("1".repeat(60)), "value_length"),
    ] {
        let fault = check::<Thing>(json!({ "fields": { field: value } })).unwrap_err();
        assert_eq!((fault.key, fault.field.as_deref()), (key, Some(field)));
    }
    let kind = Kinds::contact();
    let choices = |value: Json| fields::check(kind, json!({ "preferences": value }).as_object().unwrap());
    assert_eq!(choices(json!(["phone", "email"])), Ok(()));
    assert_eq!(choices(json!("phone")).unwrap_err().key, "value_not_list");
    assert_eq!(choices(json!(["电话"])).unwrap_err().key, "value_option");
}

#[test]
fn the_documentation_says_what_is_checked() {
    let schema = serde_json::to_value(Thing::SHAPE.schema()).unwrap();
    let of = |name: &str| schema["properties"][name].clone();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["minProperties"], json!(1));
    assert_eq!(schema["examples"], json!([{ "code": "ABC" }]));
    assert_eq!(schema["description"], json!("For the tests,\nin two lines."));
    assert_eq!(of("code")["pattern"], json!("^[A-Z]{3}$"));
    assert_eq!(of("code")["description"], json!("A code."));
    assert_eq!((of("text")["minLength"].clone(), of("text")["maxLength"].clone()), (json!(2), json!(4)));
    assert_eq!(of("choice")["enum"], json!(["a", "b"]));
    assert_eq!((of("whole")["minimum"].clone(), of("whole")["maximum"].clone()), (json!(-1), json!(9)));
    assert_eq!(of("flag")["type"], json!("boolean"));
    assert_eq!(of("day")["format"], json!("date"));
    assert_eq!((of("list")["minItems"].clone(), of("list")["maxItems"].clone()), (json!(1), json!(2)));
    assert_eq!(of("fields")["additionalProperties"], json!(false));
}

#[test]
fn headers_and_queries_are_documented_as_parameters() {
    let parameters = serde_json::to_value(Strict::SHAPE.parameters()).unwrap();
    let said = |at: usize, what: &str| parameters[at][what].clone();
    assert_eq!(
        (said(0, "name"), said(0, "in"), said(0, "required")),
        (json!("X-One"), json!("header"), json!(true))
    );
    assert_eq!((said(1, "name"), said(1, "required")), (json!("X-Two"), json!(false)));
}

#[test]
fn every_field_that_takes_values_is_documented_for_both_ways() {
    for kind in Kinds::builtin().iter() {
        for schema in [fields::input(kind), fields::output(kind)] {
            let schema = serde_json::to_value(schema).unwrap();
            let documented: Vec<_> =
                schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            let mut declared = fields::names(kind);
            declared.sort_unstable();
            let mut sorted = documented.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, declared);
        }
        assert!(!fields::names(kind).contains(&"relatives"), "what is switched off is not documented");
    }
}

#[test]
fn every_declared_example_is_taken() {
    for kind in Kinds::builtin().iter() {
        for field in kind.fields.iter().filter(|field| field.enabled) {
            let example = match field.ty {
                FieldType::Choices => field.example.split('|').collect(),
                _ => Json::from(field.example.as_str()),
            };
            let given = json!({ field.name.as_str(): example });
            assert_eq!(fields::check(kind, given.as_object().unwrap()), Ok(()), "{given}");
        }
    }
}
