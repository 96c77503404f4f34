//! Bytes of any encoding as UTF-8 with `\n` at the end of lines, a limited amount at a time.

use super::Bytes;
use dossier_model::fault::Fault;
use encoding_rs::{DecoderResult, Encoding};
use std::io::{self, Read};

const BLOCK: usize = 1 << 16;
/// What stands at the end of every text: a record of its own, unless a quote is open. No text holds it otherwise.
pub(super) const END: &str = "\0";

/// A reader over a text.
pub(super) struct Decoded {
    bytes: Box<dyn Bytes>,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    /// What of `output` has been given out.
    given: usize,
    after_cr: bool,
    lines: u64,
    budget: u64,
    pub ended: bool,
    /// Why reading failed.
    pub fault: Option<Fault>,
}

impl Decoded {
    pub(super) fn new(bytes: Box<dyn Bytes>, encoding: &'static Encoding) -> Decoded {
        Decoded {
            bytes,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; BLOCK],
            output: Vec::new(),
            given: 0,
            after_cr: false,
            lines: 0,
            budget: 0,
            ended: false,
            fault: None,
        }
    }

    /// How many bytes may be read from now on.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.budget = bytes;
    }

    fn fill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.given = 0;
        while self.output.is_empty() && !self.ended {
            let count = self.bytes.read(&mut self.input)?;
            self.ended = count == 0;
            let input = self.input.get(..count).unwrap_or_default();
            let room =
                self.decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(count * 4 + 16);
            self.output.resize(room, 0);
            let (result, _, written) =
                self.decoder.decode_to_utf8_without_replacement(input, &mut self.output, self.ended);
            self.output.truncate(written);
            self.plain_line_ends();
            let row = self.lines + 1;
            self.lines += memchr::memchr_iter(b'\n', &self.output).count() as u64;
            if let DecoderResult::Malformed(..) = result {
                return Err(
                    self.stop(Fault::new("import_encoding").with("row", (self.lines + 1).to_string()))
                );
            }
            if let Some(at) = memchr::memchr(0, &self.output) {
                let before = self.output.get(..at).unwrap_or_default();
                let row = row + memchr::memchr_iter(b'\n', before).count() as u64;
                return Err(self.stop(Fault::new("import_nul").with("row", row.to_string())));
            }
            if self.ended {
                self.output.extend_from_slice(b"\n");
                self.output.extend_from_slice(END.as_bytes());
                self.output.extend_from_slice(b"\n");
            }
        }
        Ok(())
    }

    /// `\r\n` and `\r` become `\n`, so that lines are counted the same whoever wrote them.
    fn plain_line_ends(&mut self) {
        let mut rest = self.output.as_slice();
        if rest.is_empty() || (!self.after_cr && memchr::memchr(b'\r', rest).is_none()) {
            return;
        }
        let mut plain = Vec::with_capacity(rest.len());
        let mut after_cr = self.after_cr;
        loop {
            if after_cr && !rest.is_empty() {
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
                after_cr = false;
            }
            let Some((line, behind)) = memchr::memchr(b'\r', rest).and_then(|at| rest.split_at_checked(at))
            else {
                plain.extend_from_slice(rest);
                break;
            };
            plain.extend_from_slice(line);
            plain.push(b'\n');
            rest = behind.get(1..).unwrap_or_default();
            after_cr = true;
        }
        self.after_cr = after_cr;
        self.output = plain;
    }

    fn stop(&mut self, fault: Fault) -> io::Error {
        self.fault = Some(fault);
        io::Error::from(io::ErrorKind::InvalidData)
    }
}

impl Read for Decoded {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.output.len() {
            self.fill()?;
        }
        let mut rest = self.output.get(self.given..).unwrap_or_default();
        let count = rest.read(to)?;
        self.given += count;
        let Some(left) = self.budget.checked_sub(count as u64) else {
            return Err(self.stop(Fault::new("import_row_too_long")));
        };
        self.budget = left;
        Ok(count)
    }
}
