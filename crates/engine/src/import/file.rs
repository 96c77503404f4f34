//! A CSV file as a whole: read once before anything is taken in, so that a broken one changes nothing.

use dossier_model::fault::Fault;
use encoding_rs::{CoderResult, Encoding, GB18030, UTF_8};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Longest cell in bytes: a quote that is never closed would make one cell of the rest of the file.
const LONGEST_CELL: usize = 32 * 1024;
/// Most columns.
const MOST_COLUMNS: usize = 256;

/// What a first reading found.
pub(crate) struct Scanned {
    pub path: PathBuf,
    pub encoding: &'static Encoding,
    pub header: Vec<String>,
    pub rows: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
}

/// Reads the file from end to end.
///
/// # Errors
/// `file_not_found`, `import_encoding`, `import_empty`, `import_row_too_long`, `import_too_many_columns`, `import_nul`.
pub(crate) fn scan(path: &Path) -> Result<Scanned, Fault> {
    let (digest, encoding) = fingerprint(path)?;
    let mut reader = open(path, encoding)?;
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| unreadable(&error))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    if header.iter().all(String::is_empty) {
        return Err(Fault::new("import_empty"));
    }
    if header.len() > MOST_COLUMNS {
        return Err(Fault::new("import_too_many_columns").with("limit", MOST_COLUMNS.to_string()));
    }
    let mut rows = 0;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(&error))? {
        rows += 1;
        let row = || (rows + 1_u64).to_string();
        if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
            return Err(Fault::new("import_row_too_long")
                .with("row", row())
                .with("limit", LONGEST_CELL.to_string()));
        }
        if record.len() > MOST_COLUMNS {
            return Err(Fault::new("import_too_many_columns").with("limit", MOST_COLUMNS.to_string()));
        }
    }
    if rows == 0 {
        return Err(Fault::new("import_empty"));
    }
    Ok(Scanned { path: path.to_owned(), encoding, header, rows, digest })
}

/// A reader over the rows, decoded.
pub(crate) fn open(path: &Path, encoding: &'static Encoding) -> Result<csv::Reader<Decoded>, Fault> {
    let file = File::open(path).map_err(|error| not_opened(&error))?;
    Ok(csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(Decoded::new(BufReader::with_capacity(1 << 16, file), encoding)))
}

/// The file's digest, and the encoding in which all of it can be read.
fn fingerprint(path: &Path) -> Result<([u8; 32], &'static Encoding), Fault> {
    let mut file = File::open(path).map_err(|error| not_opened(&error))?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(Fault::new("file_not_found"));
    }
    let mut digest = Sha256::new();
    let mut tries: Vec<Valid> = [UTF_8, GB18030].into_iter().map(Valid::new).collect();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(|error| not_opened(&error))?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.contains(&0) {
            return Err(Fault::new("import_nul"));
        }
        digest.update(bytes);
        tries.retain_mut(|valid| valid.takes(bytes, count == 0));
        if count == 0 {
            break;
        }
    }
    let encoding = tries.first().map(|valid| valid.encoding).ok_or_else(|| Fault::new("import_encoding"))?;
    Ok((digest.finalize().into(), encoding))
}

/// Whether all bytes so far can be read in one encoding.
struct Valid {
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
}

impl Valid {
    fn new(encoding: &'static Encoding) -> Valid {
        Valid { encoding, decoder: encoding.new_decoder_with_bom_removal() }
    }

    fn takes(&mut self, mut bytes: &[u8], last: bool) -> bool {
        let mut out = String::with_capacity(4096);
        loop {
            out.clear();
            let (result, read, replaced) = self.decoder.decode_to_string(bytes, &mut out, last);
            if replaced {
                return false;
            }
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                return true;
            }
        }
    }
}

fn not_opened(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::new("file_not_found"),
        kind => Fault::new("file_failed").with("reason", kind.to_string()),
    }
}

fn unreadable(error: &csv::Error) -> Fault {
    let row = error.position().map_or(0, csv::Position::line);
    Fault::new("import_file_unreadable").with("row", row.to_string())
}

/// Bytes in any encoding as UTF-8.
pub(crate) struct Decoded {
    file: BufReader<File>,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    /// What of `output` has been given out.
    given: usize,
    ended: bool,
}

impl Decoded {
    fn new(file: BufReader<File>, encoding: &'static Encoding) -> Decoded {
        Decoded {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; 1 << 14],
            output: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.given = 0;
        while self.output.is_empty() && !self.ended {
            let count = self.file.read(&mut self.input)?;
            self.ended = count == 0;
            let bytes = self.input.get(..count).unwrap_or_default();
            let room = self.decoder.max_utf8_buffer_length(count).unwrap_or(count * 4 + 16);
            let mut text = String::with_capacity(room);
            // The buffer has room for all of it, so one call takes everything.
            let _ = self.decoder.decode_to_string(bytes, &mut text, self.ended);
            self.output = text.into_bytes();
        }
        Ok(())
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
        Ok(count)
    }
}
