use super::super::{By, Edit, Mapping, Target};
use super::{kind, row, suggested, targets, today};
use crate::import::source::Row;
use dossier_access::{Holder, Moment, Role, RoleId, Roles, View};
use dossier_model::generate::Generator;
use dossier_model::time::Day;
use std::collections::BTreeMap;

fn view(role: Role) -> View {
    let at = Moment { day: Day(20_787), weekday: 0, minute: 600 };
    let roles = Roles::compile([], &[kind()]).unwrap();
    roles.view(&Holder { roles: &[RoleId::Fixed(role)], team: 1, below: &[], number: 1, at }, kind())
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn field(name: &str) -> Target {
    Target::Field(name.to_owned())
}

#[test]
fn names_are_known_in_both_languages_whatever_stands_around_them() {
    for (name, expected) in [
        ("企业名称", "name"),
        ("*企业名称", "name"),
        ("企业名称（必填）", "name"),
        ("企 业 名 称：", "name"),
        ("Company Name", "name"),
        ("COMPANY-NAME*", "name"),
        ("名称/Name", "name"),
        ("客户全称[企业名称]", "name"),
        ("统一社会信用代码", "document_number"),
        ("统一社会信用代码(18位)", "document_number"),
        ("Ｅ-ｍａｉｌ", "email"),
        ("注册资金（万元）", "registered_capital"),
        ("法人代表", "representative"),
        ("所在省份", "province"),
        ("合作阶段", "stage"),
        ("敏感等级", "level"),
        ("序号", "ignored"),
        ("", "ignored"),
    ] {
        assert_eq!(targets(&suggested(&[name], &[])), [expected], "{name}");
    }
}

#[test]
fn the_unit_of_a_column_of_amounts_is_read_from_its_name() {
    for (name, unit) in [
        ("注册资金（万元）", Some("万元")),
        ("注册资本(单位：万美元)", Some("万美元")),
        ("注册资本[元]", Some("元")),
        ("注册资本（必填）", None),
        ("注册资本", None),
        ("成立日期（万元）", None),
    ] {
        assert_eq!(suggested(&[name], &[]).columns[0].unit.as_deref(), unit, "{name}");
    }
}

#[test]
fn columns_whose_names_say_nothing_are_told_by_their_content() {
    let made = Generator::new(11, today());
    let firms = (0..200).map(|i| made.customer(i)).filter(|customer| customer["客户类型"] == "A");
    let cells = |name: &'static str| move |customer: &BTreeMap<String, String>| customer[name].clone();
    let columns = ["企业名称", "统一社会信用代码", "联系电话", "电子邮箱"].map(cells);
    let sample: Vec<Row> = firms
        .map(|firm| Row { cells: columns.iter().map(|cell| cell(&firm)).collect(), ..Row::default() })
        .collect();
    let mapping = Mapping::suggest(kind(), &header(&["列1", "", "c", "F4"]), &sample);
    assert_eq!(targets(&mapping), ["name", "document_number", "phone", "email"]);
    assert!(mapping.columns.iter().all(|column| column.by == By::Content && column.confidence >= 80));
}

#[test]
fn what_could_be_two_things_is_left_to_a_person() {
    // Two dates, two amounts, and two columns of phones.
    let cells = ["2009-06-30", "50万元", "13800000000", "13900000000", "浙江省"];
    let mapping = suggested(&["a", "b", "c", "d", "e"], &[&cells, &cells, &cells]);
    assert_eq!(targets(&mapping), ["ignored", "ignored", "ignored", "ignored", "province"]);
    let others: Vec<usize> = mapping.columns.iter().map(|column| column.others.len()).collect();
    assert_eq!(others, [2, 2, 1, 1, 0]);
    // One of the two is known by its name: the other one is what is left.
    let mapping = suggested(&["成立日期", "b"], &[&cells[..2], &cells[..2], &cells[..2]]);
    assert_eq!(targets(&mapping), ["founded", "ignored"]);
    // Too few, and too mixed.
    assert_eq!(targets(&suggested(&["x"], &[&["13800000000"], &["13800000000"]])), ["ignored"]);
    let mixed: [&[&str]; 4] = [&["13800000000"], &["13800000000"], &["张三"], &["张三"]];
    assert_eq!(targets(&suggested(&["x"], &mixed)), ["ignored"]);
}

#[test]
fn a_person_has_the_last_word() {
    let mapping = suggested(&["企业名称", "x", "y"], &[]);
    let edits = [
        Edit { column: 2, target: field("registered_capital"), unit: Some("万美元".into()) },
        Edit { column: 3, target: Target::Stage, unit: None },
    ];
    let edited = mapping.with(&edits).unwrap();
    assert_eq!(targets(&edited), ["name", "registered_capital", "stage"]);
    assert_eq!(edited.columns[1].by, By::Hand);
    let done = edited.accept(kind(), &row(2, &["示例", "5", "1"]), today());
    assert_eq!(done.err().unwrap()[0].fault.key, "required");

    let fault = |edit| mapping.with(&[edit]).err().unwrap().key;
    assert_eq!(fault(Edit { column: 4, target: Target::Ignored, unit: None }), "import_columns_changed");
    assert_eq!(fault(Edit { column: 0, target: Target::Ignored, unit: None }), "import_columns_changed");
    assert_eq!(fault(Edit { column: 1, target: field("name"), unit: Some("斤".into()) }), "import_unit");
}

#[test]
fn a_mapping_that_cannot_be_used_says_why() {
    let check = |names: &[&str], edit: Option<Edit>| {
        let mapping = suggested(names, &[]).with(edit.as_slice()).unwrap();
        mapping.check(kind(), &header(names), &view(Role::Cdo)).err().map(|fault| fault.key)
    };
    let to = |target| Some(Edit { column: 2, target, unit: None });
    assert_eq!(check(&["名称", "x"], None), None);
    assert_eq!(check(&["x", "电话"], None), Some("import_no_name"));
    assert_eq!(check(&["名称", "企业名称"], None), Some("import_column_twice"));
    assert_eq!(check(&["名称", "x"], to(field("name"))), Some("import_column_twice"));
    assert_eq!(check(&["名称", "x"], to(field("no_such_field"))), Some("import_field_unknown"));
    let other = suggested(&["名称"], &[]).check(kind(), &header(&["名称", "x"]), &view(Role::Cdo));
    assert_eq!(other.err().unwrap().key, "import_columns_changed");
}

#[test]
fn a_field_that_the_view_may_not_write_does_not_exist() {
    let names = ["名称", "银行卡号"];
    let mapping = suggested(&names, &[]);
    let mut refused = 0;
    for role in Role::ALL {
        let view = view(role);
        let may = |name: &str| view.anywhere().may_write(kind().by_name(name).unwrap());
        let fault = mapping.check(kind(), &header(&names), &view).err();
        assert_eq!(fault.is_none(), may("name") && may("bank_card"), "{role:?}");
        refused += usize::from(fault.is_some_and(|fault| fault.key == "import_field_unknown"));
    }
    assert!(refused > 0, "some role may not write these");
}

#[test]
fn a_mapping_is_kept_as_data_and_fits_files_with_their_columns_in_another_order() {
    let mapping = suggested(&["企业名称", "注册资金（万元）", "合作阶段", "序号"], &[]);
    let text = serde_json::to_string(&mapping).unwrap();
    assert!(
        text.contains(r#"{"header":"企业名称","target":{"field":"name"},"by":"header","confidence":100}"#),
        "{text}"
    );
    assert!(text.contains(r#""target":"stage""#) && text.contains(r#""unit":"万元""#), "{text}");
    assert_eq!(serde_json::from_str::<Mapping>(&text).unwrap(), mapping);
    let other = mapping.onto(&header(&["合作阶段", "新的", "企业名称"]));
    assert_eq!(targets(&other), ["stage", "ignored", "name"]);
    assert_eq!(other.ignored(), ["新的"]);
}
