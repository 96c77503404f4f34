//! The file of rejected rows: each as it was, with the reasons, ready to be mended and fed again.

use super::job::Job;
use super::{Import, Problem, Row};
use dossier_model::fault::{Fault, Lang};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

/// The columns that are added.
const ROW: &str = "行号 row";
const REASON_ZH: &str = "原因";
const REASON_EN: &str = "reason";
/// A mark, so that spreadsheet programs read it as UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// An open file of rejected rows.
pub(crate) struct Rejected {
    path: PathBuf,
    file: File,
    header: Vec<String>,
    pub bytes: u64,
}

impl Rejected {
    /// Opens the file beside the imported one, or where it can be written; cut to where the job is.
    ///
    /// # Errors
    /// `import_rejected_file` when it can be written nowhere.
    pub(crate) fn open(ask: &Import, header: &[String], job: &Job) -> Result<Rejected, Fault> {
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
        for path in places {
            let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
            if let Ok(file) = opened {
                let mut rejected = Rejected { path, file, header: header.to_vec(), bytes: 0 };
                rejected.cut(job.body.rejected_bytes)?;
                return Ok(rejected);
            }
        }
        Err(Fault::new("import_rejected_file"))
    }

    /// Takes back what was written after this length: its rows were not taken in, and come again.
    pub(crate) fn cut(&mut self, bytes: u64) -> Result<(), Fault> {
        use std::io::Seek as _;
        let cut = self.file.set_len(bytes).and_then(|()| self.file.seek(io::SeekFrom::Start(bytes)));
        cut.map_err(|error| failed(&error))?;
        self.bytes = bytes;
        Ok(())
    }

    /// Appends rows with their reasons, and makes them durable.
    pub(crate) fn write(&mut self, rows: &[(&Row, Vec<Problem>)]) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut text = csv::Writer::from_writer(Vec::new());
        let lines = || -> csv::Result<Vec<u8>> {
            if self.bytes == 0 {
                let added = [ROW, REASON_ZH, REASON_EN];
                text.write_record(self.header.iter().map(String::as_str).chain(added))?;
            }
            for (row, problems) in rows {
                let reasons =
                    |lang| problems.iter().map(|problem| problem.fault.text(lang)).collect::<Vec<_>>();
                let (zh, en) = (reasons(Lang::Zh).join("；"), reasons(Lang::En).join("; "));
                // A row of another width gets the header's, so that the reasons stand in their columns.
                let mut cells: Vec<String> = row.cells.iter().map(str::to_owned).collect();
                if cells.len() < self.header.len() {
                    cells.resize(self.header.len(), String::new());
                }
                cells.extend([row.number.to_string(), zh, en]);
                text.write_record(&cells)?;
            }
            text.into_inner().map_err(|error| io::Error::other(error.to_string()).into())
        };
        let mut lines = lines_of(lines)?;
        if self.bytes == 0 {
            lines.splice(0..0, MARK.iter().copied());
        }
        self.file.write_all(&lines).and_then(|()| self.file.sync_data()).map_err(|error| failed(&error))?;
        self.bytes += lines.len() as u64;
        Ok(())
    }

    /// Ends the file; without rows there is none.
    pub(crate) fn close(self, rows: u64) -> Result<Option<PathBuf>, Fault> {
        if rows > 0 {
            return Ok(Some(self.path));
        }
        fs::remove_file(&self.path).map_err(|error| failed(&error))?;
        Ok(None)
    }
}

fn lines_of(make: impl FnOnce() -> csv::Result<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    make().map_err(|error| Fault::new("file_failed").with("reason", error.to_string()))
}

fn failed(error: &io::Error) -> Fault {
    Fault::new("file_failed").with("reason", error.kind().to_string())
}
