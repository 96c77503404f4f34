//! The reading side of an import: a file of any accepted form as a header and rows.
//!
//! [`Source::scan`] reads the whole of it before anything is taken in, so that a broken file changes nothing; what it
//! found opens the rows again, as often as needed. Nothing of a file is held but the row at hand and, for a workbook,
//! its table of texts, and nothing is ever written or carried out.

mod cell;
mod decode;
mod delimited;
mod encoding;
mod package;
mod part;
mod strings;
mod styles;
#[cfg(test)]
mod tests;
mod workbook;
mod xml;

use delimited::Delimited;
use dossier_model::fault::Fault;
use encoding_rs::Encoding;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use workbook::Sheet;

/// Most columns of a file.
const MOST_COLUMNS: usize = 256;
/// Longest cell that is kept, in bytes; what is longer makes its row a problem.
pub(crate) const LONGEST_CELL: usize = 32 * 1024;
/// Longest row in bytes: a quote that is never closed would make one row of the rest of the file.
const LONGEST_ROW: u64 = 512 * 1024;
/// Longest header in bytes; longer than a row, so that too many columns can be told as such.
const LONGEST_HEADER: u64 = 4 << 20;
/// Longest file when nobody says otherwise.
const LONGEST_FILE: u64 = 1 << 30;

/// The day of a spreadsheet's number, in its common system of dates.
pub(crate) use cell::day as serial_day;

/// Bytes of a file.
pub trait Bytes: Read + Seek + Send {}
impl<T: Read + Seek + Send> Bytes for T {}

type Opener = dyn Fn() -> Result<Box<dyn Bytes>, Fault> + Send + Sync;

/// A file to read, wherever it lies.
#[derive(Clone)]
pub struct Source {
    opener: Arc<Opener>,
    /// Most bytes.
    limit: u64,
    /// The worksheet; the first visible one with content when not named.
    sheet: Option<String>,
    /// What it is called.
    name: Option<String>,
}

/// What a first reading found.
#[derive(Clone)]
pub struct Scanned {
    /// The form of the file.
    pub format: Format,
    /// Column names, ends trimmed; those at the end without a name are left off.
    pub header: Vec<String>,
    /// The row in which they stand.
    pub header_row: u64,
    /// How many rows follow; those without any content are none.
    pub rows: u64,
    /// Cells of the widest row.
    pub widest: usize,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
}

/// The form of a file, told by its content, with which its name has to agree.
#[derive(Clone, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Text {
        /// How characters are written.
        encoding: &'static Encoding,
        /// What stands between cells.
        delimiter: u8,
    },
    /// An XLSX workbook.
    Workbook {
        /// The worksheet that is read.
        sheet: String,
    },
}

impl std::fmt::Debug for Format {
    /// Without the worksheet's name: it may be a customer's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Format::Text { encoding, delimiter } => write!(f, "Text({}, {delimiter})", encoding.name()),
            Format::Workbook { .. } => f.write_str("Workbook(..)"),
        }
    }
}

/// A row as it stands in the file.
#[derive(Clone, Default)]
pub struct Row {
    /// Its first line in a text, its row in a worksheet; from 1.
    pub number: u64,
    /// Its cells; in a worksheet as many as the header has at least.
    pub cells: csv::StringRecord,
    /// What is wrong with a cell as such, by the cell's position from 0.
    pub faults: Vec<(usize, Fault)>,
    /// What a person has said of it beyond its cells: values by the names of fields that no column has.
    pub said: BTreeMap<String, String>,
}

impl Source {
    /// A file by its path.
    #[must_use]
    pub fn file(path: &Path) -> Source {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = path.to_owned();
        let source = Source::new(move || {
            let file = File::open(&path).map_err(|error| failed(&error))?;
            if !file.metadata().is_ok_and(|meta| meta.is_file()) {
                return Err(Fault::new("file_not_found"));
            }
            Ok(Box::new(file))
        });
        source.named(&name)
    }

    /// A file that is opened by a function: each pass over it, and each part of a workbook, opens it anew.
    #[must_use]
    pub fn new(opener: impl Fn() -> Result<Box<dyn Bytes>, Fault> + Send + Sync + 'static) -> Source {
        Source { opener: Arc::new(opener), limit: LONGEST_FILE, sheet: None, name: None }
    }

    /// With another limit on the file's length.
    #[must_use]
    pub fn at_most(self, bytes: u64) -> Source {
        Source { limit: bytes, ..self }
    }

    /// With a worksheet by its name.
    #[must_use]
    pub fn sheet(self, name: Option<String>) -> Source {
        Source { sheet: name, ..self }
    }

    /// With a name, whose ending says what the file is.
    #[must_use]
    pub fn named(self, name: &str) -> Source {
        Source { name: Some(name.to_owned()), ..self }
    }

    /// Reads the file from end to end.
    ///
    /// # Errors
    /// `file_not_found`, `file_failed`, and those `import_*` that say why the file as a whole cannot be taken in.
    pub fn scan(&self) -> Result<Scanned, Fault> {
        let mut bytes = self.open()?;
        let length = bytes.seek(SeekFrom::End(0)).map_err(|error| failed(&error))?;
        if length > self.limit {
            return Err(Fault::new("import_too_large").with("limit", (self.limit >> 20).to_string()));
        }
        bytes.rewind().map_err(|error| failed(&error))?;
        let (digest, format, mut rows) = match encoding::first_look(&mut *bytes)? {
            encoding::Look::Package => {
                let digest = encoding::digest(bytes)?;
                let (sheet, rows) = workbook::choose(self)?;
                (digest, Format::Workbook { sheet }, Rows::workbook(rows))
            }
            encoding::Look::Text => {
                let (digest, encoding) = encoding::fingerprint(&mut *bytes)?;
                let delimiter = delimited::delimiter(self.open()?, encoding)?;
                let rows = Rows::text(self.open()?, encoding, delimiter);
                (digest, Format::Text { encoding, delimiter }, rows)
            }
        };
        self.agrees_with(&format)?;
        let Some(first) = rows.header()? else { return Err(Fault::new("import_empty")) };
        let mut scanned =
            Scanned { format, header: names(&first), header_row: first.number, rows: 0, widest: 0, digest };
        if scanned.header.len() > MOST_COLUMNS {
            return Err(too_many_columns());
        }
        for row in rows {
            scanned.widest = scanned.widest.max(row?.cells.len());
            scanned.rows += 1;
        }
        if scanned.rows == 0 { Err(Fault::new("import_empty")) } else { Ok(scanned) }
    }

    /// The rows behind the header of a file that was scanned.
    ///
    /// # Errors
    /// As [`Source::scan`]; `import_changed` when the file is another one now, as far as that can be told.
    pub fn rows(&self, scanned: &Scanned) -> Result<Rows, Fault> {
        let mut rows = match &scanned.format {
            Format::Text { encoding, delimiter } => Rows::text(self.open()?, encoding, *delimiter),
            Format::Workbook { sheet } => Rows::workbook(workbook::open(self, sheet)?),
        };
        match rows.header()? {
            Some(first) if names(&first) == scanned.header => Ok(rows),
            _ => Err(Fault::new("import_changed")),
        }
    }

    /// Whether the name's ending is one of what the file holds. Without an ending it says to be a text.
    fn agrees_with(&self, format: &Format) -> Result<(), Fault> {
        let Some(name) = &self.name else { return Ok(()) };
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending.trim_end()).to_ascii_lowercase();
        let (right, agrees) = match format {
            Format::Workbook { .. } => (".xlsx", ending == "xlsx"),
            Format::Text { .. } => (".csv", ["", "csv", "tsv", "txt"].contains(&ending.as_str())),
        };
        if agrees { Ok(()) } else { Err(Fault::new("import_misnamed").with("ending", right)) }
    }

    fn open(&self) -> Result<Box<dyn Bytes>, Fault> {
        (self.opener)()
    }
}

/// The rows of a file, one after the other. After an error there is nothing more.
pub struct Rows(Form);

enum Form {
    Text(Box<Delimited>),
    Workbook(Box<Sheet>),
}

impl Rows {
    fn text(bytes: Box<dyn Bytes>, encoding: &'static Encoding, delimiter: u8) -> Rows {
        Rows(Form::Text(Box::new(Delimited::open(bytes, encoding, delimiter))))
    }

    fn workbook(sheet: Sheet) -> Rows {
        Rows(Form::Workbook(Box::new(sheet)))
    }

    fn header(&mut self) -> Result<Option<Row>, Fault> {
        match &mut self.0 {
            Form::Text(rows) => rows.next_row(LONGEST_HEADER, usize::MAX),
            Form::Workbook(rows) => rows.header(),
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Text(rows) => rows.next_row(LONGEST_ROW, MOST_COLUMNS),
            Form::Workbook(rows) => rows.next_row(MOST_COLUMNS),
        }
        .transpose()
    }
}

impl Row {
    /// A row of these cells; what is too long is cut and said. None without any content.
    fn of(number: u64, cells: csv::StringRecord, most: usize) -> Result<Option<Row>, Fault> {
        let filled = cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        match filled.last() {
            None => return Ok(None),
            Some((last, _)) if last >= most => return Err(too_many_columns()),
            Some(_) => {}
        }
        let mut row = Row { number, cells, ..Row::default() };
        if row.cells.as_slice().len() > LONGEST_CELL
            && let Some(short) = row.shortened()
        {
            row.cells = short;
        }
        Ok(Some(row))
    }

    fn shortened(&mut self) -> Option<csv::StringRecord> {
        let mut short = csv::StringRecord::with_capacity(self.cells.as_slice().len(), self.cells.len());
        for (at, cell) in self.cells.iter().enumerate() {
            let mut end = LONGEST_CELL.min(cell.len());
            while !cell.is_char_boundary(end) {
                end -= 1;
            }
            if end < cell.len() {
                let fault = Fault::new("import_cell_too_long").with("limit", LONGEST_CELL.to_string());
                self.faults.push((at, fault));
            }
            short.push_field(cell.get(..end).unwrap_or_default());
        }
        (!self.faults.is_empty()).then_some(short)
    }
}

fn names(row: &Row) -> Vec<String> {
    let mut names: Vec<String> =
        row.cells.iter().map(|name| name.trim_matches('\u{feff}').trim().to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

fn too_many_columns() -> Fault {
    Fault::new("import_too_many_columns").with("limit", MOST_COLUMNS.to_string())
}

/// What a system call's failure comes to.
fn failed(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::new("file_not_found"),
        kind => Fault::new("file_failed").with("reason", kind.to_string()),
    }
}
