//! Files that are something else than their name says.

use super::super::Source;
use super::{refused, source};

#[test]
fn other_kinds_of_files_are_refused_with_what_to_do() {
    let old = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 4096]].concat();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let locked = [&old[..], &[1; 130_000], &name, &[0; 100]].concat();
    for (bytes, key) in [
        (old, "import_old_workbook"),
        (locked, "import_locked"),
        (b"%PDF-1.7\n".to_vec(), "import_format"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "import_format"),
        (b"\x1f\x8b\x08\x00".to_vec(), "import_format"),
        ("\u{feff}  <HTML><table><tr><td>名称</td></tr></table></HTML>".into(), "import_format"),
        (b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), "import_format"),
        (b"PK\x03\x04 and no more".to_vec(), "import_workbook_broken"),
    ] {
        assert_eq!(refused(bytes).0, key);
    }
}

#[test]
fn the_ending_of_a_name_has_to_be_that_of_the_content() {
    let text = "name,subject\n示例有限公司,A\n".as_bytes().to_vec();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["name", "subject"]).unwrap();
    sheet.write_row(1, 0, ["示例有限公司", "A"]).unwrap();
    let book = book.save_to_buffer().unwrap();
    let said = |bytes: &[u8], name: &str| {
        source(bytes).named(name).scan().err().map(|fault| {
            assert_eq!(fault.key, "import_misnamed", "{name}");
            fault.params.iter().find(|(name, _)| *name == "ending").unwrap().1.clone()
        })
    };
    for name in ["客户.csv", "客户.CSV", "a.xlsx.txt", "a.tsv ", "客户", "import"] {
        assert_eq!(said(&text, name), None, "{name}");
        assert_eq!(said(&book, name).as_deref(), Some(".xlsx"), "{name}");
    }
    for name in ["客户.xlsx", "a.csv.XLSX"] {
        assert_eq!(said(&book, name), None, "{name}");
        assert_eq!(said(&text, name).as_deref(), Some(".csv"), "{name}");
    }
    for name in ["a.xls", "a.xlsm", "a.html", "a.csv.exe", "a.csv/x.pdf"] {
        assert_eq!(said(&book, name).as_deref(), Some(".xlsx"), "{name}");
        assert_eq!(said(&text, name).as_deref(), Some(".csv"), "{name}");
    }
}

#[test]
fn what_is_no_file_is_not_found() {
    for path in ["/nowhere/at/all.csv", "/"] {
        let fault = Source::file(std::path::Path::new(path)).scan().err().unwrap();
        assert_eq!(fault.key, "file_not_found", "{path}");
    }
}
