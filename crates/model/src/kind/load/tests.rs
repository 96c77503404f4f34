use super::*;

const GOOD: &str = r#"
id = 9
name = "thing"
prefix = "thi"
label = { zh = "物", en = "thing" }

[[field]]
number = 1
name = "sort"
label = { zh = "种类", en = "sort" }
type = "choice"
level = "L1"
class = 3
mask = "none"
group = "general"
example = "x"
options = [{ code = "x", zh = "甲", en = "first" }, { code = "y", zh = "乙", en = "second" }]

[[field]]
number = 2
name = "secret"
label = { zh = "密", en = "secret" }
type = "text"
check = "phone"
level = "L3"
class = 1
mask = "ends"
group = "contact"
index = ["unique", "find"]
unique_with = "sort"
example = "+8615400000001"
relaxed = [{ when = { sort = ["x"] }, level = "L1", class = 3, mask = "none" }]
"#;

fn rule(from: &str, to: &str) -> Rule {
    assert!(GOOD.contains(from), "{from}");
    Kinds::parse(&[&GOOD.replacen(from, to, 1)]).map(|_| ()).expect_err(to).rule
}

#[test]
fn a_good_declaration_loads() {
    let kinds = Kinds::parse(&[GOOD]).unwrap();
    let kind = kinds.get(KindId(9)).unwrap();
    assert_eq!(kind.field(2).unwrap().name, "secret");
    assert_eq!(kind.by_name("sort").unwrap().number, 1);
    assert_eq!(kind.by_alias(" 密 ").unwrap().number, 2);
    assert!(kind.field(3).is_none() && kind.by_alias("").is_none());
}

#[test]
fn the_error_names_kind_and_field() {
    let error = Kinds::parse(&[&GOOD.replace("\"second\"", "\"\"")]).unwrap_err();
    let text = "kind `thing`: field `sort`: option `y` has to be letters, digits and `_`, with both labels";
    assert_eq!(error.to_string(), text);
}

#[test]
fn what_cannot_be_read_says_where() {
    for (from, to) in [
        ("mask = \"ends\"", "mask = \"blur\""),
        ("level = \"L3\"", "level = \"L5\""),
        ("class = 1", "class = 4"),
        ("number = 2", "number = 2\ncolour = 1"),
        ("name = \"secret\"", ""),
    ] {
        assert!(matches!(rule(from, to), Rule::Form(text) if text.contains("line")), "{to}");
    }
}

#[test]
fn numbers_and_names_are_used_once() {
    assert_eq!(rule("number = 2", "number = 1"), Rule::NumberTwice(1));
    assert_eq!(rule("number = 2", "number = 0"), Rule::Number(0, 16_383));
    assert_eq!(rule("number = 2", "number = 16384"), Rule::Number(16_384, 16_383));
    assert_eq!(rule("\"secret\"\n", "\"sort\"\n"), Rule::NameTwice);
    assert_eq!(rule("\"secret\"\n", "\"Secret\"\n"), Rule::Name);
    assert!(matches!(rule("zh = \"密\"", "zh = \"种类\""), Rule::HeaderTwice(_, _)));
    let twice = Kinds::parse(&[GOOD, GOOD]).unwrap_err();
    assert_eq!(twice.rule, Rule::NumberTwice(9));
    let other = GOOD.replacen("id = 9", "id = 8", 1);
    assert_eq!(Kinds::parse(&[GOOD, &other]).unwrap_err().rule, Rule::NameTwice);
    let other = other.replacen("\"thing\"", "\"thing2\"", 1);
    assert_eq!(Kinds::parse(&[GOOD, &other]).unwrap_err().rule, Rule::Prefix);
}

#[test]
fn both_labels_are_needed() {
    assert_eq!(rule("{ zh = \"密\", en = \"secret\" }", "{ zh = \"\", en = \"secret\" }"), Rule::Label("zh"));
    assert_eq!(rule("{ zh = \"密\", en = \"secret\" }", "{ zh = \"密\", en = \" \" }"), Rule::Label("en"));
    assert_eq!(rule("label = { zh = \"密\", en = \"secret\" }", ""), Rule::Label("zh"));
}

#[test]
fn masks_suit_type_and_level() {
    assert_eq!(rule("mask = \"ends\"", "mask = \"none\""), Rule::Unmasked(Level::L3));
    assert_eq!(rule("mask = \"ends\"", "mask = \"band\""), Rule::MaskType("band", FieldType::Text));
    assert_eq!(rule("mask = \"none\"", "mask = \"name\""), Rule::MaskType("name", FieldType::Choice));
}

#[test]
fn a_mask_can_say_what_it_needs_besides() {
    for (to, word) in [
        ("mask = { keep = { first = 1, last = 2, under = 6 } }", "keep"),
        ("mask = { regex = { pattern = '\\d{4}$', replace = \"****\" } }", "regex"),
        ("mask = \"hash\"", "hash"),
        ("mask = \"token\"", "token"),
    ] {
        let kinds = Kinds::parse(&[&GOOD.replacen("mask = \"ends\"", to, 1)]).unwrap();
        assert_eq!(kinds.get(KindId(9)).unwrap().field(2).unwrap().mask.word(), word);
    }
    for (to, said) in [
        (
            "mask = { keep = { first = 4, last = 4 } }",
            "`under` has to be more than `first` and `last` together",
        ),
        ("mask = { keep = { start = 4 } }", "unknown field `start`"),
        ("mask = { regex = { pattern = '(', replace = \"**\" } }", "unclosed group"),
        ("mask = { regex = { pattern = 'x', replace = \"y\" } }", "`replace` needs two stars in a row"),
        ("mask = { regex = { pattern = 'x' } }", "missing field `replace`"),
    ] {
        let Rule::Form(text) = rule("mask = \"ends\"", to) else { panic!("{to}") };
        assert!(text.contains("line 27") && text.contains(said), "{text}");
    }
    let keep = "mask = { keep = { first = 1 } }";
    assert_eq!(rule("mask = \"none\"", keep), Rule::MaskType("keep", FieldType::Choice));
}

#[test]
fn masks_have_a_revision() {
    let at = |line: &str| Kinds::parse(&[&GOOD.replacen("prefix = \"thi\"", line, 1)]);
    assert_eq!(at("prefix = \"thi\"").unwrap().get(KindId(9)).unwrap().mask_revision, 1);
    assert_eq!(at("prefix = \"thi\"\nmask_revision = 3").unwrap().get(KindId(9)).unwrap().mask_revision, 3);
    assert_eq!(at("prefix = \"thi\"\nmask_revision = 0").unwrap_err().rule, Rule::MaskRevision);
}

#[test]
fn an_index_leaks_no_more_than_it_may() {
    assert_eq!(rule("[\"unique\", \"find\"]", "[\"unique\", \"facet\"]"), Rule::FacetLevel);
    let few = "class = 3\nindex = [\"unique\"]";
    assert_eq!(rule("class = 3", few), Rule::IndexType("unique"));
    assert_eq!(rule("check = \"phone\"", ""), Rule::UniqueCheck);
    assert_eq!(rule("[\"unique\", \"find\"]", "[\"find\"]"), Rule::UniqueWith);
    assert_eq!(rule("unique_with = \"sort\"", "unique_with = \"secret\""), Rule::UniqueWith);
    assert_eq!(
        rule("check = \"phone\"\nlevel", "check = \"past_date\"\nlevel"),
        Rule::CheckType("past_date".into(), FieldType::Text)
    );
}

#[test]
fn a_document_number_needs_its_type() {
    let source = GOOD
        .replace("check = \"phone\"", "check = \"document_number\"")
        .replace("unique_with = \"sort\"", "");
    assert_eq!(Kinds::parse(&[&source]).unwrap_err().rule, Rule::DocumentType);
}

#[test]
fn options_belong_to_choices_and_mean_one_thing() {
    assert_eq!(rule("zh = \"乙\"", "zh = \"甲\""), Rule::OptionTwice("甲".into()));
    assert_eq!(rule("code = \"y\"", "code = \"y z\""), Rule::Option("y z".into()));
    let none = GOOD.lines().filter(|line| !line.starts_with("options")).collect::<Vec<_>>().join("\n");
    assert_eq!(Kinds::parse(&[&none]).unwrap_err().rule, Rule::Options);
}

#[test]
fn lengths_and_requirements_make_sense() {
    assert_eq!(rule("class = 1", "class = 1\nmax_len = 0"), Rule::MaxLen(20_000));
    assert_eq!(rule("class = 3", "class = 3\nmax_len = 5"), Rule::MaxLen(20_000));
    assert_eq!(rule("class = 1", "class = 1\nenabled = false\nrequired_from = \"lead\""), Rule::RequiredOff);
}

#[test]
fn a_relaxed_case_relaxes_and_names_what_exists() {
    assert_eq!(rule("level = \"L1\", class = 3", "level = \"L3\", class = 3"), Rule::Relaxed);
    assert_eq!(rule("when = { sort = [\"x\"] }", "when = {}"), Rule::Relaxed);
    assert_eq!(
        rule("when = { sort = [\"x\"] }", "when = { sort = [\"z\"] }"),
        Rule::RelaxedWhen("sort".into())
    );
    assert_eq!(
        rule("when = { sort = [\"x\"] }", "when = { kind = [\"x\"] }"),
        Rule::RelaxedWhen("kind".into())
    );
    assert_eq!(rule("when = { sort = [\"x\"] }", "when = { sort = [] }"), Rule::RelaxedWhen("sort".into()));
}
