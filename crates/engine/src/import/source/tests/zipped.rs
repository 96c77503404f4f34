//! Packages byte by byte, so that every field of one can be wrong.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write as _;

/// A part of a package and what its headers say of it.
#[derive(Clone)]
pub(super) struct Entry {
    pub name: String,
    pub packed: Vec<u8>,
    pub size: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
}

impl Entry {
    pub(super) fn new(name: &str, content: impl AsRef<[u8]>) -> Entry {
        let content = content.as_ref();
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(content).unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let packed = deflate.finish().unwrap();
        Entry { name: name.into(), packed, size: content.len() as u32, crc: crc.sum(), method: 8, flags: 0 }
    }

    fn head(&self, signature: u32, made_by: Option<u16>) -> Vec<u8> {
        let mut head = signature.to_le_bytes().to_vec();
        for short in made_by.into_iter().chain([20, self.flags, self.method, 0, 0x21]) {
            head.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.packed.len() as u32, self.size] {
            head.extend(long.to_le_bytes());
        }
        head.extend((self.name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        head
    }
}

/// The bytes of a package.
pub(super) fn package(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = out.len() as u32;
        out.extend(entry.head(0x0403_4b50, None));
        out.extend(entry.name.as_bytes());
        out.extend(&entry.packed);
        directory.extend(entry.head(0x0201_4b50, Some(20)));
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    for _ in 0..2 {
        out.extend((entries.len() as u16).to_le_bytes());
    }
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The parts of a workbook with this sheet and these shared texts.
pub(super) fn workbook(sheet: &str, strings: &str) -> Vec<Entry> {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{RELATION}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>"
    );
    vec![
        Entry::new("[Content_Types].xml", "<Types/>"),
        Entry::new(
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        Entry::new("xl/_rels/workbook.xml.rels", relations),
        Entry::new("xl/sharedStrings.xml", format!("<sst>{strings}</sst>")),
        Entry::new(
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ]
}
