use super::super::Format;
use super::zipped::{package, workbook};
use super::{plain, read, read_source, refused, source};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};

const HEADER: [&str; 3] = ["名称", "电话", "注册日期"];

/// A workbook whose one sheet has the header and what the function writes below it.
fn book(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, HEADER).unwrap();
    fill(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn values_are_read_as_the_spreadsheet_shows_them() {
    let bytes = book(|sheet| {
        let day = Style::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        sheet.write(1, 0, "示例科技（杭州）有限公司").unwrap();
        sheet.write(1, 1, 13_800_000_000_f64).unwrap();
        sheet.write_with_format(1, 2, ExcelDateTime::from_ymd(2009, 6, 30).unwrap(), &day).unwrap();
        sheet.write(4, 0, " 前后空格 ").unwrap();
        sheet.write(4, 1, true).unwrap();
        sheet.write(4, 2, 1234.5).unwrap();
    });
    let (scanned, rows) = read(bytes).unwrap();
    assert_eq!(scanned.format, Format::Workbook { sheet: "Sheet1".into() });
    assert_eq!((scanned.header.as_slice(), scanned.rows), (&HEADER.map(str::to_owned)[..], 2));
    let expected = [
        (2, vec!["示例科技（杭州）有限公司", "13800000000", "2009-06-30"]),
        (5, vec![" 前后空格 ", "TRUE", "1234.5"]),
    ];
    assert_eq!(plain(&rows), expected);
}

#[test]
fn a_number_that_lost_its_digits_a_formula_without_a_value_and_an_error_are_problems() {
    let bytes = book(|sheet| {
        sheet.write(1, 0, 91_350_100_000_100_043_f64).unwrap();
        sheet.write(2, 0, "with a value").unwrap();
        sheet.write_formula(2, 1, Formula::new("=1+1").set_result("2")).unwrap();
    });
    let (_, rows) = read(bytes).unwrap();
    assert_eq!((rows[0].faults[0].0, rows[0].faults[0].1.key), (0, "import_digits_lost"));
    assert_eq!(rows[1].cells.get(1), Some("2"));
    assert!(rows[1].faults.is_empty());

    let sheet = "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>b</t></is></c><c><v>3</v></c></row>\
                 <row><c><f>A1+1</f></c><c t=\"e\"><v>#N/A</v></c><c t=\"s\"><v>99</v></c></row>";
    let (_, rows) = read(package(&workbook(sheet, ""))).unwrap();
    let keys: Vec<_> = rows[0].faults.iter().map(|(at, fault)| (*at, fault.key)).collect();
    assert_eq!(keys, [(0, "import_formula_empty"), (1, "import_cell_error"), (2, "import_cell_unreadable")]);
}

#[test]
fn hidden_rows_count_hidden_sheets_do_not_and_merged_cells_have_one_value() {
    let mut file = Workbook::new();
    let hidden = file.add_worksheet();
    hidden.set_name("keys").unwrap().set_hidden(true);
    hidden.write_row(0, 0, ["name"]).unwrap();
    hidden.write_row(1, 0, ["hidden"]).unwrap();
    file.add_worksheet().set_name("empty").unwrap();
    let shown = file.add_worksheet();
    shown.set_name("客户").unwrap().set_active(true);
    shown.write_row(0, 0, ["name", "phone"]).unwrap();
    shown.write_row(1, 0, ["a", "1"]).unwrap();
    shown.set_row_hidden(1).unwrap();
    shown.merge_range(2, 0, 3, 0, "b", &Style::new()).unwrap();
    shown.write(3, 1, "2").unwrap();
    let bytes = file.save_to_buffer().unwrap();

    let (scanned, rows) = read(bytes.clone()).unwrap();
    assert_eq!(scanned.format, Format::Workbook { sheet: "客户".into() });
    assert_eq!(plain(&rows), [(2, vec!["a", "1"]), (3, vec!["b", ""]), (4, vec!["", "2"])]);
    let named = |name: &str| read_source(&source(bytes.clone()).sheet(Some(name.into())));
    assert_eq!(plain(&named("keys").unwrap().1), [(2, vec!["hidden"])]);
    assert_eq!(named("other").err().unwrap().key, "import_sheet_missing");
}

#[test]
fn rich_texts_lose_their_looks_and_reading_aids() {
    let strings = "<si><r><t>示例</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> &amp;&#20844;司</t></r>\
                   <rPh sb=\"0\" eb=\"1\"><t>aid</t></rPh></si><si><t>a_x000D_b_x005F_x</t></si><si/>";
    let sheet = "<row><c t=\"s\"><v>0</v></c></row><row><c t=\"s\"><v>1</v></c></row><row><c t=\"s\"><v>2</v></c></row>";
    let (scanned, rows) = read(package(&workbook(sheet, strings))).unwrap();
    assert_eq!(scanned.header, ["示例 &公司"]);
    assert_eq!(plain(&rows), [(2, vec!["a\rb_x"])]);
}

#[test]
fn cells_stand_where_their_reference_says() {
    let sheet = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"D1\"><v>4</v></c></row>\
                 <row r=\"7\"><c r=\"B7\"><v>2</v></c></row>";
    let (scanned, rows) = read(package(&workbook(sheet, ""))).unwrap();
    assert_eq!(scanned.header, ["1", "", "", "4"]);
    assert_eq!(plain(&rows), [(7, vec!["", "2", "", ""])]);
    let unsaid = "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c/><c><v>2</v></c></row>";
    assert_eq!(plain(&read(package(&workbook(unsaid, ""))).unwrap().1), [(2, vec!["", "2", ""])]);
    for wrong in [
        "<row r=\"2\"/><row r=\"1\"/>",
        "<row r=\"x\"/>",
        "<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"A1\"><v>1</c></row>",
        "<row r=\"1\"><c r=\"A1\">",
    ] {
        assert_eq!(refused(package(&workbook(wrong, ""))).0, "import_workbook_broken", "{wrong}");
    }
}

#[test]
fn a_sheet_without_rows_is_empty() {
    assert_eq!(refused(book(|_| {})).0, "import_empty");
    assert_eq!(refused(package(&workbook("", ""))).0, "import_empty");
}

#[test]
fn a_workbook_of_the_generator_says_the_same_as_its_csv() {
    use dossier_model::Day;
    use dossier_model::generate::{CUSTOMER_COLUMNS, Generator, csv_line};
    let made = Generator::new(7, Day::parse("2026-11-22").unwrap());
    let mut text = String::new();
    csv_line(&CUSTOMER_COLUMNS, &mut text);
    let mut file = Workbook::new();
    let sheet = file.add_worksheet();
    sheet.write_row(0, 0, CUSTOMER_COLUMNS).unwrap();
    for i in 0..300 {
        let cells = made.customer_cells(u64::from(i));
        csv_line(&cells, &mut text);
        sheet.write_row(i + 1, 0, cells).unwrap();
    }
    let (of_text, of_book) =
        (read(text.into_bytes()).unwrap(), read(file.save_to_buffer().unwrap()).unwrap());
    assert_eq!(of_text.0.header, of_book.0.header);
    assert_eq!(plain(&of_text.1), plain(&of_book.1));
}
