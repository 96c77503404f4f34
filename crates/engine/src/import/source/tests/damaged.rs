//! Good files with some bytes changed: read or refused, never a panic, never without an end.

use super::zipped::{Entry, package, workbook};
use super::{read, source};
use proptest::prelude::*;

const TEXT: &str = "名称,电话,地址\r\n\"示例,科技\",13800000000,\"多\n行\"\r\n示例二,,\r\n";
const SHEET: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>b&amp;c</t></is></c></row>\
                     <row r=\"2\"><c r=\"A2\" s=\"1\"><v>39994</v></c><c r=\"B2\"><f>A2</f><v>1.5E3</v></c></row>";

/// Where to change a byte, and to what.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
}

fn damaged(mut bytes: Vec<u8>, damage: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (at, byte) in damage {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read(bytes);
    }

    #[test]
    fn any_text_is_read_whole_or_refused(cells in prop::collection::vec(prop::collection::vec("\\PC{0,8}", 2..4), 1..6)) {
        let mut file = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        file.write_record(["a", "b"]).unwrap();
        for row in &cells {
            file.write_record(row).unwrap();
        }
        let filled = cells.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).count();
        match read(file.into_inner().unwrap()) {
            Ok((_, rows)) => prop_assert_eq!(rows.len(), filled),
            Err(fault) => prop_assert_eq!((fault.key, filled), ("import_empty", 0)),
        }
    }

    #[test]
    fn a_damaged_text_is_read_or_refused(damage in damage(), gb: bool) {
        let bytes = if gb { encoding_rs::GB18030.encode(TEXT).0.into_owned() } else { TEXT.into() };
        let _ = read(damaged(bytes, &damage));
    }

    #[test]
    fn a_damaged_package_is_read_or_refused(damage in damage()) {
        let _ = read(damaged(package(&workbook(SHEET, "<si><t>a</t></si>")), &damage));
    }

    /// The damage is under the packing, so that every check of a package passes.
    #[test]
    fn damaged_xml_is_read_or_refused(damage in damage(), part in 1_usize..5) {
        let strings = "<si><r><t>a</t></r><rPh><t>x</t></rPh></si>";
        let sheet = format!("<worksheet><sheetData>{SHEET}</sheetData></worksheet>");
        let mut parts = workbook(SHEET, strings);
        let relations = "<Relationships><Relationship Id=\"rId1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                         <Relationship Id=\"rId3\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>";
        let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\"/></numFmts>\
                      <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>";
        parts.push(Entry::new("xl/styles.xml", styles));
        let content = match part {
            1 => "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"S\" r:id=\"rId1\"/></sheets></workbook>",
            2 => relations,
            3 => strings,
            _ => &sheet,
        };
        parts[2] = Entry::new("xl/_rels/workbook.xml.rels", relations);
        parts[part] = Entry::new(&parts[part].name.clone(), damaged(content.as_bytes().to_vec(), &damage));
        let _ = read(package(&parts));
    }
}

#[test]
fn a_source_is_sent_to_another_thread() {
    let source = source(TEXT.as_bytes());
    let scanned = std::thread::spawn(move || source.scan().map(|scanned| scanned.rows)).join().unwrap();
    assert_eq!(scanned.unwrap(), 2);
}
