//! What a file is by its bytes: a package, or a text in one of the encodings that Chinese systems write.

use super::{Bytes, LONGEST_HEADER, failed};
use dossier_model::fault::Fault;
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest as _, Sha256};
use std::io::Read;

/// As many characters beyond ASCII on one line are UTF-8 by no accident.
const NO_ACCIDENT: usize = 6;
const BLOCK: usize = 1 << 16;

/// The two families of accepted files.
pub(super) enum Look {
    Package,
    Text,
}

/// Tells a package from a text by the first bytes, and says what to do with anything else. Rewinds.
pub(super) fn first_look(bytes: &mut dyn Bytes) -> Result<Look, Fault> {
    let mut start = Vec::new();
    bytes.take(1024).read_to_end(&mut start).map_err(|error| failed(&error))?;
    let other = if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        Some(old_or_locked(bytes)?)
    } else {
        refused(&start)
    };
    bytes.rewind().map_err(|error| failed(&error))?;
    match other {
        Some(key) => Err(Fault::new(key)),
        None if start.starts_with(b"PK") => Ok(Look::Package),
        None => Ok(Look::Text),
    }
}

/// Containers, pictures and pages that are neither.
fn refused(start: &[u8]) -> Option<&'static str> {
    const OTHER: [&[u8]; 8] = [
        b"%PDF",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"\x1f\x8b",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"\x28\xb5\x2f\xfd",
    ];
    if OTHER.iter().any(|magic| start.starts_with(magic)) {
        return Some("import_format");
    }
    // Many systems export a web page or an XML table under the name `.xls`.
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let tag: Vec<u8> = text.iter().take(9).map(u8::to_ascii_lowercase).collect();
    let page =
        [&b"<html"[..], b"<!doctype", b"<table", b"<?xml", b"<workbook", b"<head", b"<meta", b"<style"];
    page.iter().any(|name| tag.starts_with(name)).then_some("import_format")
}

/// An old workbook and one with a password begin alike; only the latter has streams of these names, in UTF-16.
fn old_or_locked(bytes: &mut dyn Bytes) -> Result<&'static str, Fault> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut carry = Vec::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = bytes.read(&mut block).map_err(|error| failed(&error))?;
        if count == 0 {
            return Ok("import_old_workbook");
        }
        carry.extend_from_slice(block.get(..count).unwrap_or_default());
        if carry.windows(name.len()).any(|window| window == name) {
            return Ok("import_locked");
        }
        carry.drain(..carry.len().saturating_sub(name.len()));
    }
}

/// The digest alone.
pub(super) fn digest(mut bytes: Box<dyn Bytes>) -> Result<[u8; 32], Fault> {
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = bytes.read(&mut block).map_err(|error| failed(&error))?;
        if count == 0 {
            return Ok(digest.finalize().into());
        }
        digest.update(block.get(..count).unwrap_or_default());
    }
}

/// The digest of a text, and the one encoding in which all of its lines are written. Whether every byte of GB18030
/// and UTF-16 has a meaning is found by whoever decodes them.
pub(super) fn fingerprint(bytes: &mut dyn Bytes) -> Result<([u8; 32], &'static Encoding), Fault> {
    let mut digest = Sha256::new();
    let mut lines = Lines::default();
    let mut marked = None;
    // A whole number of lines, and the beginning of the next one.
    let mut held = Vec::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = bytes.read(&mut block).map_err(|error| failed(&error))?;
        let read = block.get(..count).unwrap_or_default();
        digest.update(read);
        held.extend_from_slice(read);
        if marked.is_none() && (held.len() >= 4 || count == 0) {
            marked = Some(Encoding::for_bom(&held).map(|(encoding, _)| encoding));
        }
        if marked.flatten().is_none_or(|encoding| encoding == UTF_8) {
            let whole = if count == 0 { held.len() } else { last_line_end(&held) };
            lines.look(held.get(..whole).unwrap_or_default())?;
            held.drain(..whole);
            if held.len() as u64 > LONGEST_HEADER {
                return Err(lines.too_long());
            }
        } else {
            held.clear();
        }
        if count == 0 {
            break;
        }
    }
    let encoding = match marked.flatten() {
        Some(wide) if wide == UTF_16LE || wide == UTF_16BE => wide,
        mark => lines.encoding(mark.is_some())?,
    };
    Ok((digest.finalize().into(), encoding))
}

fn last_line_end(text: &[u8]) -> usize {
    text.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1)
}

/// What the lines of a text are written in. GB18030 has a meaning for most of what is UTF-8, so that a file that was
/// pasted together from both would go through as the former, half of it garbled: each line is looked at for itself.
#[derive(Default)]
struct Lines {
    read: u64,
    /// The first line that is UTF-8 by no accident.
    utf8: Option<u64>,
    /// The first line that is no UTF-8.
    other: Option<u64>,
}

impl Lines {
    fn look(&mut self, text: &[u8]) -> Result<(), Fault> {
        if let Some(at) = memchr::memchr(0, text) {
            let row = self.read + 1 + ends(text.get(..at).unwrap_or_default());
            return Err(Fault::new("import_nul").with("row", row.to_string()));
        }
        match std::str::from_utf8(text) {
            Ok(_) if self.utf8.is_some() || text.is_ascii() => self.read += ends(text),
            _ => text.split_inclusive(|byte| *byte == b'\n').for_each(|line| self.line(line)),
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) {
        let number = self.read + 1;
        match std::str::from_utf8(line) {
            Ok(text) if self.utf8.is_none() => {
                let wide = text.chars().filter(|c| !c.is_ascii() && *c != '\u{feff}').take(NO_ACCIDENT);
                self.utf8 = (wide.count() == NO_ACCIDENT).then_some(number);
            }
            Ok(_) => {}
            Err(_) => self.other = self.other.or(Some(number)),
        }
        self.read += ends(line);
    }

    fn encoding(&self, marked: bool) -> Result<&'static Encoding, Fault> {
        match (self.utf8, self.other) {
            (_, None) => Ok(UTF_8),
            (Some(one), Some(other)) => {
                Err(Fault::new("import_encoding_mixed").with("row", one.max(other).to_string()))
            }
            (None, Some(other)) if marked => {
                Err(Fault::new("import_encoding_mixed").with("row", other.to_string()))
            }
            (None, Some(_)) => Ok(GB18030),
        }
    }

    fn too_long(&self) -> Fault {
        Fault::new("import_row_too_long").with("row", (self.read + 1).to_string())
    }
}

fn ends(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
