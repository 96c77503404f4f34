//! Files with changes, for longer than `damaged` does: read or refused, never a panic, never without an end.

use dossier_fuzz::fuzz;

use super::read;
use super::zipped::{package, workbook};

const TEXT: &str =
    "名称,电话,地址\r\n\"示例,科技\",13800000000,\"多\n行\"\r\n示例二,,\r\n=1+1;x\t\"\"\"\"\r\n";

#[test]
fn texts() {
    let utf16: Vec<u8> =
        std::iter::once(0xFEFF).chain(TEXT.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let seeds = [TEXT.as_bytes().to_vec(), encoding_rs::GB18030.encode(TEXT).0.into_owned(), utf16];
    fuzz(&seeds, &["\"", "\r", "\n", ",", ";", "\t", "\u{feff}", "sep=;\n", "\0"], |bytes| {
        let _ = read(bytes);
    });
}

#[test]
fn workbooks() {
    let sheet = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>b&amp;c</t></is></c></row>\
                 <row r=\"2\"><c r=\"A2\" s=\"1\"><v>39994</v></c><c r=\"B2\"><f>A2</f><v>1.5E3</v></c></row>";
    let strings = "<si><t>a</t></si>";
    fuzz(&[package(&workbook(sheet, strings))], &["PK\u{1}\u{2}", "PK\u{3}\u{4}"], |bytes| {
        let _ = read(bytes);
    });
    // The changes are under the packing, so that every check of a package passes.
    let words = [
        "<row>",
        "</c>",
        "<c r=\"XFD1048576\">",
        "<v>",
        "&#x1F600;",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE x>",
        "t=\"s\"",
        "99999999999",
    ];
    fuzz(&[sheet], &words, |bytes| {
        let _ = read(package(&workbook(&String::from_utf8_lossy(bytes), strings)));
    });
    fuzz(&[strings], &words, |bytes| {
        let _ = read(package(&workbook(sheet, &String::from_utf8_lossy(bytes))));
    });
}
