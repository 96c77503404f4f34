//! Making the index from all records; it goes on where it was interrupted.

use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_search::{Index, Progress};

use super::failed;

/// Rows that are read at a time, so that no snapshot stays open for long.
const ROWS: usize = 500;
/// Rows between two commits.
const COMMIT: usize = 50_000;

impl Engine {
    /// Puts the next records in. What changes meanwhile is after the cursor, and comes again from the change log.
    pub(super) fn scan_step(&self, index: &Index, progress: Progress, after: i64) -> Result<(), Fault> {
        // Numbers begin with 1.
        let mut after = (after > 0).then_some(Rid(after));
        let mut seen = 0;
        while seen < COMMIT {
            let read = self.store.read()?;
            let rows = read.scan_rows(TENANT, after, ROWS)?;
            self.index_rows(index, &*read, &rows)?;
            let Some(last) = rows.last() else {
                let overlap = read.state(TENANT)?.change_size;
                drop(read);
                return index.commit(progress.whole(overlap)).map_err(|error| failed(&error));
            };
            after = Some(last.rid);
            seen += rows.len();
        }
        index.commit(progress.scanned(after.map_or(0, |rid| rid.0))).map_err(|error| failed(&error))
    }
}
