use super::super::Target;
use super::{CODE, accepted, kind, problems, row, suggested, today, value};
use dossier_model::fault::{Fault, Lang};

const COLUMNS: [&str; 3] = ["企业名称", "统一社会信用代码", "电话"];
const NAME: &str = "示例科技（杭州）有限公司";

#[test]
fn dates_of_every_spelling_are_one_day_and_others_are_remarks() {
    for cell in [
        "2009-06-30",
        "2009/6/30",
        "2009.06.30",
        "2009年6月30日",
        "20090630",
        "39994",
        "2009-06-30 00:00:00.0",
        " ２００９－０６－３０ ",
    ] {
        assert_eq!(value("注册日期", "founded", cell), "2009-06-30", "{cell}");
    }
    for cell in ["30/06/2009", "2009-02-30", "2009-06", "2009-06-30 16:00:00", "99999", "2999-01-01"] {
        assert_eq!(value("注册日期", "founded", cell), "", "{cell}");
        assert_eq!(value("注册日期", "remarks", cell), format!("注册日期（原文）：{cell}"));
    }
}

#[test]
fn capitals_have_their_unit_and_currency_and_bare_numbers_only_that_of_their_column() {
    for (cell, amount) in [
        ("12()", "120000.00 CNY"),
        ("50(万)", "500000.00 CNY"),
        ("1,000(万元人民币)", "10000000.00 CNY"),
        ("100万美元", "1000000.00 USD"),
        ("100万港币", "1000000.00 HKD"),
        ("5000万日元", "50000000 JPY"),
        ("3000元", "3000.00 CNY"),
        (" ５００ 万元 ", "5000000.00 CNY"),
    ] {
        assert_eq!(value("注册资金", "registered_capital", cell), amount, "{cell}");
    }
    for cell in ["500", "0", "谭勇", "五百万", "2,0000000(万元人民币)", "-5万元"] {
        assert_eq!(value("注册资金", "remarks", cell), format!("注册资金（原文）：{cell}"), "{cell}");
    }
    for (column, cell, amount) in [
        ("注册资金（万元）", "500", "5000000.00 CNY"),
        ("注册资金（万元）", "1,000.5", "10005000.00 CNY"),
        ("注册资金（万元）", "100万美元", "1000000.00 USD"),
        ("注册资金（元）", "500", "500.00 CNY"),
    ] {
        assert_eq!(value(column, "registered_capital", cell), amount, "{column} {cell}");
    }
}

#[test]
fn cells_that_say_that_there_is_nothing_are_nothing() {
    for cell in
        ["", " ", "\u{3000}", "N/A", "-", "--", "/", "无", "暂无", "NULL", "None", "\\N", "#N/A", "未公示"]
    {
        for (column, field) in
            [("注册资金", "registered_capital"), ("注册日期", "founded"), ("电话", "phone")]
        {
            assert_eq!(value(column, field, cell), "", "{column} {cell}");
            assert_eq!(value(column, "remarks", cell), "", "{column} {cell}");
        }
    }
}

#[test]
fn types_and_places_are_kept_as_they_are_or_in_their_short_form() {
    let kind = "有限责任公司(自然人投资或控股)";
    assert_eq!(value("企业类型", "enterprise_type", kind), kind);
    assert_eq!(value("所在省份", "province", "内蒙古自治区"), "内蒙古");
    assert_eq!(value("行业", "industry", "软件"), "02");
    assert_eq!(value("行业", "remarks", "炼金"), "行业（原文）：炼金");
}

#[test]
fn names_lose_what_cannot_be_seen_and_nothing_else() {
    let name = |cell| accepted(&COLUMNS[..2], &[cell, CODE]).unwrap()["name"].clone();
    for cell in [
        "示例科技(杭州)有限公司",
        " 示例科技（杭州）有限公司\u{3000}",
        "示例科技\u{200b}（杭州）有限公司\u{feff}",
        "示例科技（杭州）\n有限公司",
        "示例科技（杭州）有限公司\r\n",
        "\t示例科技（杭州）有限公司",
    ] {
        assert_eq!(name(cell), NAME, "{cell:?}");
    }
    assert_eq!(name("Example\nTrading Ltd."), "Example Trading Ltd.");
    // What turns characters round, and bells, somebody has to look at.
    for cell in ["示例\u{202e}科技", "示例\u{7}科技"] {
        assert_eq!(problems(&COLUMNS[..2], &[cell, CODE]), [(1, "text_control")], "{cell:?}");
    }
}

#[test]
fn codes_are_brought_to_their_form_and_never_guessed() {
    let code = |cell| accepted(&COLUMNS[..2], &[NAME, cell]).unwrap()["document_number"].clone();
    for cell in [
        "91350100m000100y43",
        " 9135 0100 M000 100Y 43",
        "'91350100M000100Y43",
        "=\"91350100M000100Y43\"",
        "\t91350100M000100Y43",
        "\u{202d}91350100M000100Y43\u{202c}",
    ] {
        assert_eq!(code(cell), CODE, "{cell:?}");
    }
    assert_eq!(code("320503000056727"), "320503000056727");
    assert_eq!(
        accepted(&COLUMNS[..2], &[NAME, "320503000056727"]).unwrap()["document_type"],
        "registration_number"
    );
    for (cell, key) in [
        ("91350100M000100Y44", "credit_code_check"),
        ("9135O100M000100Y43", "credit_code_character"),
        ("9I350100M000100Y43", "credit_code_character"),
        ("320503000056728", "registration_number_check"),
        ("9.135E+17", "import_digits_lost"),
        ("9.13501E+17", "import_digits_lost"),
        ("=cmd|' /C calc'!A0", "document_number_shape"),
    ] {
        assert_eq!(problems(&COLUMNS[..2], &[NAME, cell]), [(2, key)], "{cell}");
    }
}

#[test]
fn phones_copied_from_elsewhere_are_read() {
    for cell in ["\u{202d}138 0000 0000\u{202c}", "'13800000000", "=\"13800000000\"", "13800000000\n"] {
        assert_eq!(value("电话", "phone", cell), "+8613800000000", "{cell:?}");
    }
    assert_eq!(problems(&COLUMNS, &[NAME, CODE, "1.38E+10"]), [(3, "import_digits_lost")]);
}

#[test]
fn lines_stay_in_free_text() {
    assert_eq!(value("经营范围", "business_scope", "一\r\n二\u{200b}\u{7}三\n"), "一\n二 三");
    assert_eq!(
        value("注册地址", "registered_address", "浙江省杭州市\n示例路1号"),
        "浙江省|杭州市||示例路|1号"
    );
}

#[test]
fn rows_that_are_no_customer_say_so() {
    for (cells, key) in [
        (&COLUMNS[..], "import_row_is_header"),
        (&["合计", "", "20000"], "import_row_is_total"),
        (&["", "总计：", "5"], "import_row_is_total"),
        (&["合计 20 户", "", ""], "import_row_is_total"),
        (&["Total", "", "5"], "import_row_is_total"),
        (&[NAME, CODE], "import_row_length"),
        (&[NAME, CODE, "", "more"], "import_row_length"),
    ] {
        assert_eq!(problems(&COLUMNS, cells), [(0, key)], "{cells:?}");
    }
    assert!(accepted(&COLUMNS, &[NAME, CODE, "", " ", ""]).is_ok());
    assert!(accepted(&COLUMNS, &["总计软件有限公司", CODE, ""]).is_ok());
}

#[test]
fn every_problem_of_a_row_is_told_with_its_place_and_its_mend() {
    let mapping = suggested(&COLUMNS, &[]);
    let found = mapping.accept(kind(), &row(217, &["", "91350100M000100Y44", "12"]), today()).err().unwrap();
    let places: Vec<_> = found
        .iter()
        .map(|p| (p.row, p.column, p.header.as_deref(), p.field.as_deref(), p.fault.key))
        .collect();
    assert_eq!(places, [(217, Some(3), Some("电话"), Some("phone"), "phone_length")]);
    let mended = mapping.accept(kind(), &row(217, &["", "91350100M000100Y44", ""]), today()).err().unwrap();
    let fields: Vec<_> = mended.iter().map(|p| (p.column, p.field.as_deref())).collect();
    assert_eq!(fields, [(Some(1), Some("name")), (Some(2), Some("document_number"))]);
    let text = mended[1].text(Lang::Zh);
    assert!(text.starts_with("第 217 行“统一社会信用代码”（第 2 列）：证件号码：第 18 位校验不符"), "{text}");
    assert!(
        mended[1].text(Lang::En).starts_with("row 217, `统一社会信用代码` (column 2): document number: ")
    );
}

#[test]
fn a_fault_of_the_cell_itself_counts_where_the_column_goes_somewhere() {
    let mapping = suggested(&["企业名称", "统一社会信用代码", "序号"], &[]);
    let mut one = row(2, &[NAME, CODE, ""]);
    one.faults = vec![(2, Fault::new("import_cell_error"))];
    assert!(mapping.accept(kind(), &one, today()).is_ok());
    one.faults = vec![(1, Fault::new("import_digits_lost"))];
    let found = mapping.accept(kind(), &one, today()).err().unwrap();
    assert_eq!((found[0].column, found[0].fault.key), (Some(2), "import_digits_lost"));
}

#[test]
fn a_preview_shows_before_and_after() {
    let mapping = suggested(&["企业名称", "统一社会信用代码", "注册日期", "序号"], &[]);
    let rows = [
        row(2, &["示例(杭州)公司", CODE, "2009/6/30", "1"]),
        row(3, &[NAME, CODE, "昨天", "2"]),
        row(4, &["", CODE, "", "3"]),
    ];
    let shown = mapping.preview(kind(), &rows, today());
    let values = |at: usize| -> Vec<_> {
        shown[at].cells.iter().map(|cell| cell.value.as_deref().unwrap_or("")).collect()
    };
    assert_eq!(values(0), ["示例（杭州）公司", CODE, "2009-06-30", ""]);
    assert_eq!(shown[0].cells[2].raw, "2009/6/30");
    assert_eq!(shown[1].cells.iter().map(|cell| cell.aside).collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!((shown[2].row, shown[2].problems.len(), shown[2].problems[0].fault.key), (4, 1, "required"));
    assert_eq!(mapping.columns[3].target, Target::Ignored);
}

#[test]
fn a_name_tells_the_subject_where_the_file_says_nothing_of_it() {
    let subject = |header: &[&str], cells: &[&str]| {
        let row = super::row(2, cells);
        let shown = suggested(header, &[]).preview(kind(), &[row], today()).remove(0);
        let keys = shown.problems.iter().map(|problem| problem.fault.key).collect::<Vec<_>>();
        let proposals =
            shown.problems.iter().filter_map(|problem| problem.proposal.clone()).collect::<Vec<_>>();
        (shown.subject_by_name.map(|subject| subject.to_string()), keys, proposals)
    };
    let told = |letter: &str| (Some(letter.to_owned()), vec![], vec![]);
    assert_eq!(subject(&["企业名称", "电话"], &[NAME, "15400000001"]), told("A"));
    assert_eq!(subject(&["企业名称"], &["示例市教育局"]), told("C"));
    // Two to four characters are no person by themselves, and what can be either is left to a person.
    for name in ["欧阳示例", "示例研究院"] {
        assert_eq!(subject(&["企业名称"], &[name]), (None, vec!["required"], vec![]), "{name}");
    }
    // What the file says goes first: a number that tells it, and a column, even where its cell is empty.
    let institution = "12990000MB00000176";
    assert_eq!(subject(&COLUMNS[..2], &[NAME, institution]), (None, vec![], vec![]));
    assert_eq!(accepted(&COLUMNS[..2], &[NAME, institution]).unwrap()["subject"], "C");
    let blank = subject(&["企业名称", "客户类型"], &[NAME, ""]);
    assert_eq!(blank, (None, vec!["required"], vec!["A".to_owned()]));
    assert_eq!(subject(&["企业名称", "客户类型"], &[NAME, "个人"]), (None, vec![], vec![]));
}

#[test]
fn without_a_yes_a_name_only_proposes() {
    let mut mapping = suggested(&["企业名称"], &[]);
    mapping.subject_by_name = false;
    let problems = mapping.accept(kind(), &row(2, &[NAME]), today()).err().unwrap();
    assert_eq!((problems[0].fault.key, problems[0].proposal.as_deref()), ("required", Some("A")));
    let mut said = row(2, &[NAME]);
    said.said.insert("subject".to_owned(), "个人".to_owned());
    let done = mapping.accept(kind(), &said, today()).unwrap();
    assert_eq!(done.fields.values().map(|value| value.to_text()).collect::<Vec<_>>(), [NAME, "B"]);
    said.said.insert("subject".to_owned(), "谁".to_owned());
    let problems = mapping.accept(kind(), &said, today()).err().unwrap();
    assert_eq!((problems[0].fault.key, problems[0].column), ("choice_unknown", None));
}
