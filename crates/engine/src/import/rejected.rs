//! The file of rejected rows: each as it was, with the reasons, ready to be mended and fed again.

use super::Import;
use super::job::Job;
use super::mapping::{Mapping, Target};
use super::part::{Class, Waiting};
use super::source::{Row, Rows};
use crate::Engine;
use dossier_model::fault::Fault;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The columns that are added.
const ADDED: [&str; 3] = ["行号 row", "原因", "reason"];
/// A mark, so that spreadsheet programs read it as UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// A header that is longer than this is none of ours.
const LONGEST_HEADER: u64 = 1 << 20;
/// Names that are tried for a part.
const MOST_PARTS: u32 = 100;
/// Rows that are read at a time.
const PAGE: usize = 500;

/// Where rejected rows go. They are written beside that place and put there when they are whole.
pub(crate) struct Rejected {
    path: PathBuf,
    imported: PathBuf,
    /// Held open, so that it is known from the beginning that it can be written; gone when nothing came of it.
    part: Part,
}

/// A file of ours that nobody else reads, removed unless it was put in its place.
struct Part(PathBuf, File);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Rejected {
    /// Makes sure of a place beside the imported one, or where it can be written.
    ///
    /// # Errors
    /// `import_rejected_file` when it can be written nowhere, or something else than rejected rows is there.
    pub(crate) fn open(ask: &Import) -> Result<Rejected, Fault> {
        let beside = || {
            let mut name = ask.file.clone().into_os_string();
            name.push(".rejected.csv");
            PathBuf::from(name)
        };
        let mut places = vec![ask.rejected.clone().unwrap_or_else(beside)];
        if ask.rejected.is_none()
            && let (Some(folder), Some(name)) = (&ask.fallback, beside().file_name())
        {
            places.push(folder.join(name));
        }
        let usable = |path: &PathBuf| is_ours_to_write(path, &ask.file).unwrap_or(false);
        let opened = places.into_iter().filter(usable).find_map(|path| {
            let part = part(&path).ok()?;
            Some(Rejected { path, imported: ask.file.clone(), part })
        });
        opened.ok_or_else(|| Fault::new("import_rejected_file"))
    }

    /// Writes the rows that wait to be mended; without any there is no file, nor an older one. The import is done by now,
    /// and the rows are with it: a file that cannot be written is none.
    pub(crate) fn write(self, engine: &Engine, job: &Job) -> Option<PathBuf> {
        self.written(engine, job).unwrap_or_else(|fault| {
            tracing::error!(code = fault.code(), %fault, "the file of rejected rows is not written");
            None
        })
    }

    fn written(self, engine: &Engine, job: &Job) -> Result<Option<PathBuf>, Fault> {
        // Whatever was put there meanwhile stays.
        let ours = is_ours_to_write(&self.path, &self.imported).unwrap_or(false);
        if job.body.rejected == 0 {
            if !ours {
                return Ok(None);
            }
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&error)),
                _ => Ok(None),
            };
        }
        let mut out = BufWriter::new(&self.part.1);
        write_rows(engine, job, &mut out)?;
        out.flush().and_then(|()| self.part.1.sync_data()).map_err(|error| failed(&error))?;
        drop(out);
        if !ours {
            return self.put_beside().map(Some).map_err(|error| failed(&error));
        }
        fs::rename(&self.part.0, &self.path).map_err(|error| failed(&error))?;
        Ok(Some(self.path))
    }

    /// Puts the rows under the first name there that nothing has.
    fn put_beside(&self) -> io::Result<PathBuf> {
        for number in 2..=MOST_PARTS {
            let path = self.path.with_extension(format!("{number}.csv"));
            match fs::hard_link(&self.part.0, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                put => return put.map(|()| path),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Whether nothing is there, or rejected rows of an earlier import: never another file, the imported one, or a link.
fn is_ours_to_write(path: &Path, imported: &Path) -> io::Result<bool> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        there => there?,
    };
    if !there.is_file() || fs::canonicalize(path)? == fs::canonicalize(imported)? {
        return Ok(false);
    }
    let mut head = Vec::new();
    File::open(path)?.take(LONGEST_HEADER).read_to_end(&mut head)?;
    let Some(text) = head.strip_prefix(MARK) else { return Ok(false) };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let header = reader.records().next().and_then(Result::ok).unwrap_or_default();
    let last = header.iter().skip(header.len().saturating_sub(ADDED.len()));
    Ok(last.eq(ADDED))
}

/// A file beside a place, under a name that nothing has: whatever is there stays, and a link is not followed.
fn part(path: &Path) -> io::Result<Part> {
    for number in 0..MOST_PARTS {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}-{number}.part", std::process::id()));
        let path = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => return Ok(Part(path, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes all rows of an import that wait to be mended as CSV.
pub(crate) fn write_rows(engine: &Engine, job: &Job, out: &mut dyn Write) -> Result<(), Fault> {
    out.write_all(MARK).map_err(|error| failed(&error))?;
    let mut text = csv::Writer::from_writer(out);
    let header = job.body.header.iter().map(String::as_str).chain(ADDED);
    text.write_record(header.map(harmless)).map_err(|error| unwritten(&error))?;
    let mut after = None;
    loop {
        let read = engine.store.read()?;
        let rows: Vec<(i64, Waiting)> = engine.parts(&*read, job.id, Class::Problem, after, PAGE)?;
        drop(read);
        let Some((last, _)) = rows.last() else { break };
        after = Some(*last);
        for (number, row) in &rows {
            let reasons = |of: fn(&super::RowProblem) -> &str, between: &str| {
                row.problems.iter().map(of).collect::<Vec<_>>().join(between)
            };
            let mut cells: Vec<String> = row.cells.iter().map(|cell| harmless(cell)).collect();
            // A row of another width gets the header's, so that the reasons stand in their columns.
            cells.resize(cells.len().max(job.body.header.len()), String::new());
            cells.extend([number.to_string(), reasons(|p| &p.zh, "；"), reasons(|p| &p.en, "; ")]);
            text.write_record(&cells).map_err(|error| unwritten(&error))?;
        }
    }
    text.flush().map_err(|error| failed(&error))
}

/// The columns of a file that came out of [`write_rows`] are those that it had before; the added ones go nowhere.
pub(crate) fn leave_out_added(mapping: &mut Mapping) {
    if !mapping.columns.iter().rev().map(|column| column.header.as_str()).take(3).eq(ADDED.into_iter().rev())
    {
        return;
    }
    for column in mapping.columns.iter_mut().rev().take(ADDED.len()) {
        column.target = Target::Ignored;
    }
}

/// Rows of a file; of one that came out of [`write_rows`], with its cells as they were before.
pub(crate) fn fed_again(header: &[String], rows: Rows) -> impl Iterator<Item = Result<Row, Fault>> + use<> {
    let again = header.ends_with(&ADDED.map(str::to_owned));
    rows.map(move |row| match row {
        Ok(row) if again => Ok(Row { cells: row.cells.iter().map(as_it_was).collect(), ..row }),
        row => row,
    })
}

/// A cell that no spreadsheet program takes for a formula: with an apostrophe in front where it looks like one.
fn harmless(cell: &str) -> String {
    if looks_like_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was before [`harmless`].
fn as_it_was(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| looks_like_formula(rest)).unwrap_or(cell)
}

/// Whether a cell begins, behind any apostrophes, like a formula.
fn looks_like_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.trim_start_matches('\'').starts_with(signs)
}

fn unwritten(error: &csv::Error) -> Fault {
    Fault::new("file_failed").with("reason", error.to_string())
}

fn failed(error: &io::Error) -> Fault {
    Fault::new("file_failed").with("reason", error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_harmless_and_comes_back_as_it_was() {
        for cell in ["=1+1", "+86 21", "-1", "@x", "\t=1", "\n=1", "＝1", "'=1", "''+1"] {
            let written = harmless(cell);
            assert!(written.starts_with('\''), "{cell}");
            assert_eq!(as_it_was(&written), cell);
        }
        for cell in ["", "示例", "'", "'示例", "1-1", "''"] {
            assert_eq!((harmless(cell).as_str(), as_it_was(cell)), (cell, cell));
        }
    }
}
