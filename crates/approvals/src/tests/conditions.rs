use super::*;
use crate::condition::Condition;
use dossier_model::{Level, Stage};

fn is_met(source: &str) -> bool {
    let facts = Facts {
        fields: [4, 5].into(),
        stage: Some(Turn { from: Stage::Lead, to: Stage::Signed }),
        level: Some(Turn { from: Level::L2, to: Level::L3 }),
        team: Some(Turn { from: 1, to: 3 }),
        highest: Level::L3,
        count: 1001,
        band: 2,
        ..facts()
    };
    Condition::parse(source).unwrap().is_met(&facts, &Asker::Person(ASKER), &organisation())
}

#[test]
fn every_variable_says_what_the_command_is_about() {
    for source in [
        "command == 'change' && kind == 'customer'",
        "'tax_number' in fields && !('name' in fields) && size(fields) == 2",
        "stage_from == 'lead' && stage_to in ['signed', 'delivery']",
        "level_from < level_to && level_to >= 'L3' && highest == 'L3'",
        "team_from == 'tea_1' && team_to == 'tea_3' && asker_team == 'tea_1'",
        "count > 1000 && count <= 1001 && band in [1, 2] && band != 3",
        "'CDE' in asker_roles && asker_roles == ['CDE']",
        "!program ? kind.startsWith('cust') && kind.endsWith('mer') && kind.contains('tom') : false",
        "kind.size() == 8 || true",
    ] {
        assert!(is_met(source), "{source}");
        assert!(!is_met(&format!("!({source})")), "{source}");
    }
}

#[test]
fn what_a_command_is_not_about_is_empty() {
    let condition =
        "kind == '' && stage_to == '' && level_from == '' && team_to == '' && asker_team == '' && program";
    let facts = Facts::of(Command::KeyChange, None);
    let asker = Asker::Program { id: PROGRAM, responsible: id(99) };
    assert!(Condition::parse(condition).unwrap().is_met(&facts, &asker, &organisation()));
}

#[test]
fn each_mistake_is_named() {
    let deep = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    let chain = format!("{}true", "true == ".repeat(30));
    let long = format!("true || {}", "true || ".repeat(70));
    for (source, key) in [
        ("", "condition_syntax"),
        ("count >", "condition_syntax"),
        ("count > 1 &&& true", "condition_syntax"),
        ("'a", "condition_syntax"),
        ("99999999999999999999 > 1", "condition_syntax"),
        (deep.as_str(), "condition_syntax"),
        (chain.as_str(), "condition_too_deep"),
        (long.as_str(), "condition_too_long"),
        ("mobile == '1'", "condition_name"),
        (".kind == 'x'", "condition_name"),
        ("count", "condition_not_boolean"),
        ("'true'", "condition_not_boolean"),
        ("fields", "condition_not_boolean"),
        ("count == '1'", "condition_types"),
        ("count in fields", "condition_types"),
        ("kind && true", "condition_types"),
        ("true < false", "condition_types"),
        ("kind in []", "condition_types"),
        ("kind in ['a', 1]", "condition_types"),
        ("kind in [['a']]", "condition_types"),
        ("true ? 1 : 'a'", "condition_types"),
        ("contains(kind, 'a')", "condition_types"),
        ("fields.contains('a')", "condition_types"),
        ("size(1) == 1", "condition_types"),
        ("count + 1 > 2", "condition_unsupported"),
        ("-count < 0", "condition_unsupported"),
        ("count > 1.5", "condition_unsupported"),
        ("count > 1u", "condition_unsupported"),
        ("kind == null", "condition_unsupported"),
        ("fields[0] == 'a'", "condition_unsupported"),
        ("kind.name == 'a'", "condition_unsupported"),
        ("has(kind.name)", "condition_unsupported"),
        ("{'a': true}['a']", "condition_unsupported"),
        ("Kind{name: 'a'} == kind", "condition_unsupported"),
        ("fields.exists(field, field == 'name')", "condition_unsupported"),
        ("dyn(true)", "condition_unsupported"),
        ("kind.matches('a+')", "condition_unsupported"),
    ] {
        let fault = Condition::parse(source).unwrap_err();
        assert_eq!(fault.key, key, "{source}");
        assert_ne!(fault.code(), Fault::new("internal").code(), "{key}");
    }
}

#[test]
fn negative_numbers_are_numbers() {
    assert!(is_met("count > -1"));
}

#[test]
fn fuzz_whatever_is_accepted_comes_to_an_answer() {
    let words: Vec<&str> = VARIABLES
        .iter()
        .map(|(name, _)| *name)
        .chain(["&&", "||", "!", "(", ")", "'", "in", "[", "]", "?", ":", "=="])
        .collect();
    let seeds = [
        "command == 'change' && ('mobile' in fields || count > 1000)",
        "!('CDO' in asker_roles) ? level_to >= 'L3' : kind.startsWith('c')",
        "size(fields) >= 2 && stage_to in ['signed', 'delivery'] // why",
        r#"kind == "a\u4e2d\x41\n" || kind == r'a\' || kind == '''a'''"#,
    ];
    dossier_fuzz::fuzz(&seeds, &words, |bytes| {
        let Ok(source) = std::str::from_utf8(bytes) else { return };
        if let Ok(condition) = Condition::parse(source) {
            let answer = condition.evaluate(&facts(), &Asker::Person(ASKER), &organisation());
            assert!(answer.is_some(), "{source}");
        }
    });
}
