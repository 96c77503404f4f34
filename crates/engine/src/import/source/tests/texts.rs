use super::super::Format;
use super::{plain, read, read_source, refused, source};
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

const TEXT: &str = "名称,电话\n示例科技（杭州）有限公司,13800000000\n示例贸易有限公司,\n";

fn wide(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

#[test]
fn every_encoding_gives_the_same_rows() {
    for (bytes, expected) in [
        (TEXT.as_bytes().to_vec(), UTF_8),
        (format!("\u{feff}{TEXT}").into_bytes(), UTF_8),
        (GB18030.encode(TEXT).0.into_owned(), GB18030),
        (wide(TEXT, u16::to_le_bytes), UTF_16LE),
        (wide(TEXT, u16::to_be_bytes), UTF_16BE),
    ] {
        let (scanned, rows) = read(bytes).unwrap();
        assert_eq!(scanned.format, Format::Text { encoding: expected, delimiter: b',' });
        assert_eq!(scanned.header, ["名称", "电话"]);
        let expected =
            [(2, vec!["示例科技（杭州）有限公司", "13800000000"]), (3, vec!["示例贸易有限公司", ""])];
        assert_eq!(plain(&rows), expected);
    }
}

#[test]
fn separators_are_told_by_the_header() {
    for (text, delimiter) in
        [("a,b\n1,2\n", b','), ("a;b\n1,5;2\n", b';'), ("a\tb\n1,5\t2\n", b'\t'), ("a\n1\n", b',')]
    {
        let (scanned, rows) = read(text.as_bytes()).unwrap();
        assert!(
            matches!(scanned.format, Format::Text { delimiter: found, .. } if found == delimiter),
            "{text}"
        );
        assert_eq!(rows[0].cells.len(), scanned.header.len(), "{text}");
    }
    let (scanned, _) = read("\"a,b;c;d\",e\n1,2\n".as_bytes()).unwrap();
    assert_eq!(scanned.header, ["a,b;c;d", "e"]);
}

#[test]
fn rows_have_the_number_of_their_first_line_whatever_ends_a_line() {
    let text = "\na,b\n\n1,\"x\ny\nz\"\n\n,\n2,q\n \n\n3,r";
    for end in ["\n", "\r\n", "\r"] {
        let (scanned, rows) = read(text.replace('\n', end).into_bytes()).unwrap();
        assert_eq!((scanned.header_row, scanned.rows, scanned.widest), (2, 3, 2));
        let expected = [(4, vec!["1", "x\ny\nz"]), (9, vec!["2", "q"]), (12, vec!["3", "r"])];
        assert_eq!(plain(&rows), expected, "{end:?}");
    }
}

#[test]
fn a_line_end_that_is_cut_by_a_block_is_one() {
    for padding in 65_520..65_540 {
        let text = format!("a,b\r\n1,\"{}\r\n\"\r\n2,3\r\n", "x".repeat(20_000)).repeat(3)
            + &format!("{},4\r\n5,6\r\n", "y".repeat(padding - 60_069));
        let rows = read(text.into_bytes()).unwrap().1;
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4, 5, 6, 8, 9, 10, 12, 13, 14]);
    }
}

#[test]
fn a_quote_that_never_closes_is_told_with_its_row() {
    assert_eq!(refused("a,b\n1,2\n3,\"4\n5,6\n".as_bytes()), ("import_quote_open", "3".into()));
    assert_eq!(refused("a,b\n1,2\n3,\"4".as_bytes()), ("import_quote_open", "3".into()));
    assert_eq!(refused("a,\"b\n1,2\n".as_bytes()), ("import_quote_open", "1".into()));
    let long = format!("a,b\n1,2\n3,\"{}", "x,y\n".repeat(1 << 20));
    assert_eq!(refused(long.into_bytes()), ("import_row_too_long", "3".into()));
    // A quote in the middle of a cell is a character like any other.
    assert_eq!(read("a,b\n5\" pipe,\"q\"\"r\"\n".as_bytes()).unwrap().1[0].cells.get(1), Some("q\"r"));
}

#[test]
fn a_cell_of_megabytes_is_refused_and_one_too_long_is_a_problem_of_its_row() {
    let huge = format!("a,b\n1,{}\n", "x".repeat(32 << 20));
    assert_eq!(refused(huge.into_bytes()), ("import_row_too_long", "2".into()));
    let (_, rows) = read(format!("a,b\n1,{}\n2,y\n", "长".repeat(20_000)).into_bytes()).unwrap();
    assert_eq!((rows[0].faults[0].0, rows[0].faults[0].1.key), (1, "import_cell_too_long"));
    assert_eq!(rows[0].cells.get(1).unwrap().len(), 32_766);
    assert!(rows[1].faults.is_empty());
}

#[test]
fn nul_bytes_are_told_with_their_row() {
    assert_eq!(refused(b"a,b\n1,2\n3,\0\n".to_vec()), ("import_nul", "3".into()));
    assert_eq!(refused(wide("a,b\n1,\0\n", u16::to_le_bytes)), ("import_nul", "2".into()));
    // UTF-16 without a mark is full of them.
    let unmarked: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(unmarked).0, "import_nul");
}

#[test]
fn two_encodings_in_one_file_are_told_where_they_meet() {
    let more = "名称很长的示例公司,13800000000\n".repeat(3_000);
    let (gb, utf8) = (GB18030.encode(&more).0.into_owned(), more.clone().into_bytes());
    let header = b"name,phone\n".to_vec();
    let (first, then) = ("import_encoding_mixed", "3002".to_owned());
    assert_eq!(refused([&header[..], &utf8, &gb].concat()), (first, then.clone()));
    assert_eq!(refused([&header[..], &gb, &utf8].concat()), (first, then));
    // A mark says UTF-8, whatever follows.
    let marked = [&b"\xef\xbb\xbfname,phone\n"[..], &gb].concat();
    assert_eq!(refused(marked), (first, "2".into()));
}

#[test]
fn bytes_without_a_meaning_are_told_with_their_row() {
    assert_eq!(refused(b"a,b\n1,2\n3,\xff\xff\n".to_vec()), ("import_encoding", "3".into()));
    // Cut off in the middle of a character.
    assert_eq!(refused(b"a,b\n1,2\n3,\xb9".to_vec()), ("import_encoding", "3".into()));
    let mut cut = wide("a,b\n1,2\n3,4", u16::to_le_bytes);
    cut.pop();
    assert_eq!(refused(cut), ("import_encoding", "3".into()));
}

#[test]
fn the_mark_of_a_file_that_was_pasted_in_is_no_part_of_a_value() {
    let (_, rows) = read("\u{feff}a,b\n1,2\n\u{feff}3,4\n".as_bytes()).unwrap();
    assert_eq!(plain(&rows), [(2, vec!["1", "2"]), (3, vec!["3", "4"])]);
}

#[test]
fn files_without_rows_are_refused() {
    for text in ["", "\n\n", "\u{feff}", "a,b", "a,b\n", "a,b\n,\n \n", ",\n,\n"] {
        assert_eq!(refused(text.as_bytes()).0, "import_empty", "{text:?}");
    }
}

#[test]
fn columns_have_a_limit_and_those_without_anything_do_not_count() {
    let columns: Vec<String> = (0..100_000).map(|n| format!("column{n}")).collect();
    assert_eq!(refused(format!("{}\n1\n", columns.join(",")).into_bytes()).0, "import_too_many_columns");
    assert_eq!(refused(format!("a,b\n{}1\n", ",".repeat(300)).into_bytes()).0, "import_too_many_columns");
    let (scanned, rows) = read(format!("a,b{0}\n1,2{0}\n", ",".repeat(300)).into_bytes()).unwrap();
    assert_eq!((scanned.header.len(), rows.len()), (2, 1));
}

#[test]
fn a_limit_on_the_length_of_the_file_holds() {
    let at_most = |bytes| read_source(&source(vec![b'a'; 3 << 20]).at_most(bytes)).err().unwrap();
    assert_eq!(at_most(2 << 20).key, "import_too_large");
    assert_eq!(at_most(2 << 20).params, [("limit", "2".to_owned())]);
    assert_ne!(at_most(4 << 20).key, "import_too_large");
}

#[test]
fn what_looks_like_a_formula_is_text() {
    let (_, rows) = read("a,b\n=cmd|' /C calc'!A0,@SUM(1)\n".as_bytes()).unwrap();
    assert_eq!(plain(&rows), [(2, vec!["=cmd|' /C calc'!A0", "@SUM(1)"])]);
}

#[test]
fn a_file_that_became_another_one_is_noticed() {
    let scanned = source("a,b\n1,2\n".as_bytes()).scan().unwrap();
    let fault = source("a,c\n1,2\n".as_bytes()).rows(&scanned).err().unwrap();
    assert_eq!(fault.key, "import_changed");
}
