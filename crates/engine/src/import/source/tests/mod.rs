//! Files of every kind, good and bad, as bytes in memory.

mod books;
mod damaged;
mod fuzzed;
mod hostile;
mod memory;
mod odd;
mod texts;
mod zipped;

use super::{Row, Scanned, Source};
use dossier_model::fault::{Fault, Lang};
use std::io::Cursor;
use std::sync::Arc;

/// A file of these bytes.
pub(crate) fn source(bytes: impl Into<Arc<[u8]>>) -> Source {
    let bytes: Arc<[u8]> = bytes.into();
    Source::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes)))))
}

fn read_source(source: &Source) -> Result<(Scanned, Vec<Row>), Fault> {
    let scanned = source.scan()?;
    let rows = source.rows(&scanned)?.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(rows.len() as u64, scanned.rows, "both passes find the same rows");
    Ok((scanned, rows))
}

pub(crate) fn read(bytes: impl Into<Arc<[u8]>>) -> Result<(Scanned, Vec<Row>), Fault> {
    read_source(&source(bytes))
}

/// Rows as their number and cells.
fn plain(rows: &[Row]) -> Vec<(u64, Vec<&str>)> {
    rows.iter().map(|row| (row.number, row.cells.iter().collect())).collect()
}

/// The key of the refusal, and its row. Its texts have no place left open.
fn refused(bytes: impl Into<Arc<[u8]>>) -> (&'static str, String) {
    let fault = read(bytes).err().expect("the file is refused");
    for lang in [Lang::Zh, Lang::En] {
        assert!(!fault.text(lang).contains('{'), "{}", fault.text(lang));
    }
    let row = fault.params.iter().find(|(name, _)| *name == "row").map(|(_, row)| row.clone());
    (fault.key, row.unwrap_or_default())
}
