//! Files that are something else than their name says.

use super::super::Source;
use super::refused;

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
fn what_is_no_file_is_not_found() {
    for path in ["/nowhere/at/all.csv", "/"] {
        let fault = Source::file(std::path::Path::new(path)).scan().err().unwrap();
        assert_eq!(fault.key, "file_not_found", "{path}");
    }
}
