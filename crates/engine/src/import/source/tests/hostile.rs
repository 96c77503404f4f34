//! Packages that were made to do harm, or were harmed.

use super::zipped::{Entry, package, workbook};
use super::{read, refused};

const SHEET: &str = "<row><c><v>1</v></c></row><row><c><v>2</v></c></row>";

fn good() -> Vec<Entry> {
    workbook(SHEET, "")
}

fn with(name: &str, change: impl Fn(&mut Entry)) -> Vec<u8> {
    let mut entries = good();
    entries.iter_mut().filter(|entry| entry.name.ends_with(name)).for_each(change);
    package(&entries)
}

fn and(name: &str) -> Vec<u8> {
    package(&[good(), vec![Entry::new(name, "x")]].concat())
}

#[test]
fn the_workbook_that_the_others_are_made_from_is_good() {
    assert_eq!(read(package(&good())).unwrap().1.len(), 1);
}

#[test]
fn packages_that_are_no_plain_workbook_are_refused() {
    for (bytes, key) in [
        (and("xl/vbaProject.bin"), "import_macro"),
        (and("xl/macrosheets/sheet1.xml"), "import_macro"),
        (and("../../etc/passwd"), "import_workbook_broken"),
        (and("/etc/passwd"), "import_workbook_broken"),
        (and("..\\windows\\x"), "import_workbook_broken"),
        (and("c:x"), "import_workbook_broken"),
        (and("xl/workbook.xml"), "import_workbook_broken"),
        (with("sheet1.xml", |entry| entry.flags = 1), "import_locked"),
        (package(&[Entry::new("content.xml", "x")]), "import_format"),
        (package(&[Entry::new("xl/workbook.bin", "x")]), "import_format"),
        (package(&[]), "import_format"),
        (with("sheet1.xml", |entry| entry.method = 12), "import_workbook_broken"),
        (with("sheet1.xml", |entry| entry.crc ^= 1), "import_workbook_broken"),
        (with("sheet1.xml", |entry| entry.size += 1), "import_workbook_broken"),
        (with("sheet1.xml", |entry| entry.size -= 1), "import_bomb"),
        (with("sheet1.xml", |entry| entry.packed.truncate(9)), "import_workbook_broken"),
    ] {
        assert_eq!(refused(bytes).0, key);
    }
}

#[test]
fn a_package_that_was_cut_off_anywhere_is_refused() {
    let whole = package(&good());
    for end in 4..whole.len() {
        assert!(read(whole[..end].to_vec()).is_err(), "{end} of {}", whole.len());
    }
}

#[test]
fn a_directory_of_too_many_parts_is_not_even_read() {
    let mut parts = good();
    parts.extend((0..2_000).map(|n| Entry::new(&format!("p{n}"), "")));
    assert_eq!(refused(package(&parts)).0, "import_bomb");
    // Claims are as good as parts, and so is a second directory behind the first.
    let mut claims = package(&good());
    let at = claims.len() - 12;
    claims[at..at + 2].copy_from_slice(&u16::MAX.to_le_bytes());
    assert_eq!(refused(claims).0, "import_bomb");
    assert_eq!(refused([package(&good()), b"more".to_vec()].concat()).0, "import_workbook_broken");
    assert_eq!(refused([b"PK before".to_vec(), package(&good())].concat()).0, "import_workbook_broken");
}

#[test]
fn parts_that_grow_without_end_are_refused() {
    let zeros = vec![b' '; 64 << 20];
    for name in ["sharedStrings.xml", "sheet1.xml", "workbook.xml"] {
        let grown = |entry: &mut Entry| *entry = Entry::new(&entry.name, &zeros);
        assert_eq!(refused(with(name, grown)).0, "import_bomb", "{name}");
        // And when the directory lies about it.
        let lied = |entry: &mut Entry| *entry = Entry { size: 1_000, ..Entry::new(&entry.name, &zeros) };
        assert_eq!(refused(with(name, lied)).0, "import_bomb", "{name}");
    }
}

#[test]
fn xml_that_grows_in_memory_is_refused() {
    let deep = format!("<row><c><v>{}", "<a>".repeat(100));
    let noise: String =
        (0..200_000_u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let text = format!("<row><c t=\"inlineStr\"><is><t>{noise}</t></is></c></row>");
    let runs: String = (0..40_000).map(|n| format!("<r><t>{n:010}</t></r>")).collect();
    let runs = format!("<row><c t=\"inlineStr\"><is>{runs}</is></c></row>");
    let attribute = format!("<row x=\"{noise}\"/>");
    let comment = format!("<!-- {noise} -->");
    for sheet in [deep, text, runs, attribute, comment] {
        assert_eq!(refused(package(&workbook(&sheet, ""))).0, "import_bomb");
    }
    let wide: String = (0..400)
        .map(|n| format!("<c t=\"str\"><v>{n:05}{}</v></c>", noise.get(n * 9..n * 9 + 1_500).unwrap()))
        .collect();
    assert_eq!(refused(package(&workbook(&format!("<row>{wide}</row>"), ""))).0, "import_row_too_long");
    let columns = format!("{SHEET}<row>{}</row>", "<c><v>1</v></c>".repeat(300));
    assert_eq!(refused(package(&workbook(&columns, ""))).0, "import_too_many_columns");
}

#[test]
fn entities_of_its_own_are_never_resolved() {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><worksheet><sheetData>\
                  <row><c t=\"str\"><v>&b;</v></c></row></sheetData></worksheet>";
    let outside = "<!DOCTYPE s [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><sst><si><t>&x;</t></si></sst>";
    let plain = "<worksheet><sheetData><row><c t=\"str\"><v>&x;</v></c></row></sheetData></worksheet>";
    for (name, content) in [("sheet1.xml", laughs), ("sharedStrings.xml", outside), ("sheet1.xml", plain)] {
        let bytes = with(name, |entry| *entry = Entry::new(&entry.name, content));
        assert_eq!(refused(bytes).0, "import_entities", "{content}");
    }
}
