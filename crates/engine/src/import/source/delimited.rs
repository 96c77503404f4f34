//! Rows of a text with separators: RFC 4180, and what programs make of it.

use super::decode::{Decoded, END};
use super::{Bytes, LONGEST_HEADER, Row, failed};
use dossier_model::fault::Fault;
use encoding_rs::Encoding;
use std::io::Read as _;

const BUFFER: usize = 1 << 14;
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];
/// The mark of a text that was pasted into another one.
const MARK: char = '\u{feff}';

/// What stands between the cells: the separator that is met most in the first line, outside of quotes.
pub(super) fn delimiter(bytes: Box<dyn Bytes>, encoding: &'static Encoding) -> Result<u8, Fault> {
    let mut text = Decoded::new(bytes, encoding);
    text.allow(LONGEST_HEADER);
    let mut start = vec![0; BUFFER];
    let mut counts = [0_usize; DELIMITERS.len()];
    let (mut quoted, mut content) = (false, false);
    loop {
        let read = text.read(&mut start);
        let count = read.map_err(|error| text.fault.take().unwrap_or_else(|| failed(&error)))?;
        for byte in start.get(..count).unwrap_or_default() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if content && !quoted => return Ok(most(counts)),
                _ if quoted => {}
                byte => {
                    content |= !byte.is_ascii_whitespace();
                    if let Some(at) = DELIMITERS.iter().position(|known| known == byte)
                        && let Some(count) = counts.get_mut(at)
                    {
                        *count += 1;
                    }
                }
            }
        }
        if count == 0 {
            return Ok(most(counts));
        }
    }
}

fn most(counts: [usize; DELIMITERS.len()]) -> u8 {
    // The first of those that are met equally often.
    let best = DELIMITERS.iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

/// The rows of a text.
pub struct Delimited {
    reader: csv::Reader<Decoded>,
    ended: bool,
}

impl Delimited {
    pub(super) fn open(bytes: Box<dyn Bytes>, encoding: &'static Encoding, delimiter: u8) -> Delimited {
        let reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(Decoded::new(bytes, encoding));
        Delimited { reader, ended: false }
    }

    pub(super) fn next_row(&mut self, longest: u64, most: usize) -> Result<Option<Row>, Fault> {
        while !self.ended {
            let start = self.reader.position().line();
            self.reader.get_mut().allow(longest);
            let mut record = csv::StringRecord::new();
            let read = self.reader.read_record(&mut record);
            let more = read.map_err(|error| self.fault(&error, start))?;
            let inside = memchr::memchr_iter(b'\n', record.as_slice().as_bytes()).count() as u64;
            let number = self.reader.position().line().saturating_sub(1 + inside);
            self.ended = !more || (record.len() == 1 && record.get(0) == Some(END));
            if self.ended {
                break;
            }
            if self.reader.get_ref().ended && record.as_slice().contains(END) {
                self.ended = true;
                // The last line end is inside of the record too.
                return Err(Fault::new("import_quote_open").with("row", (number + 1).to_string()));
            }
            if record.get(0).is_some_and(|cell| cell.starts_with(MARK)) {
                record = record.iter().map(|cell| cell.trim_start_matches(MARK)).collect();
            }
            if let Some(row) = Row::of(number, record, most).inspect_err(|_| self.ended = true)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn fault(&mut self, error: &csv::Error, line: u64) -> Fault {
        self.ended = true;
        match self.reader.get_mut().fault.take() {
            Some(fault) if fault.key == "import_row_too_long" => fault.with("row", line.to_string()),
            Some(fault) => fault,
            None => match error.kind() {
                csv::ErrorKind::Io(error) => failed(error),
                _ => Fault::new("import_file_unreadable"),
            },
        }
    }
}
