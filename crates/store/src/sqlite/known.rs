//! Which unique tokens are certainly free: an import of many records would otherwise look for each of its tokens in the
//! large table and in every run.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rusqlite::Connection;

use super::connect;
use super::filter::Filter;
use crate::error::StoreError;

/// Room of the filter beyond four tokens for each record that is there: 16 MB, of which only what is used is touched.
const ROOM: u64 = 1 << 23;
/// So many tokens are read between two looks at whether to stop.
const STRIDE: u32 = 4096;

/// A filter over all unique tokens. Those that this process writes are put before they are committed, from the first one
/// on; those that were there before are read in beside the work, once that is worth it. Until then it says nothing.
pub(super) struct Known {
    path: PathBuf,
    filter: Filter,
    whole: AtomicBool,
    stop: AtomicBool,
    reading: Mutex<Option<JoinHandle<()>>>,
}

impl Known {
    /// Before anything is written through `conn`.
    pub(super) fn new(conn: &Connection) -> Result<Arc<Self>, StoreError> {
        // Counting the tokens would read them all; about so many records have been numbered.
        let records: i64 =
            conn.query_row("SELECT coalesce(sum(next), 0) FROM sequence WHERE name = 'rid'", [], |row| {
                row.get(0)
            })?;
        let path = conn.path().map(PathBuf::from).unwrap_or_default();
        Ok(Arc::new(Self {
            path,
            filter: Filter::with_room(ROOM + 4 * u64::try_from(records).unwrap_or(0)),
            whole: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            reading: Mutex::new(None),
        }))
    }

    /// Says that a token is about to be written.
    pub(super) fn put(&self, field: u32, token: &[u8; 16]) {
        self.filter.put(field, token);
    }

    /// Whether a token that is committed by now may be anywhere.
    pub(super) fn may_have(&self, field: u32, token: &[u8; 16]) -> bool {
        !self.whole.load(Ordering::Acquire) || self.filter.may_have(field, token)
    }

    /// Begins to read in what was there before, unless that has begun. Whatever this process wrote before the reader's
    /// snapshot is in it, and whatever it writes is put.
    pub(super) fn read_in(self: &Arc<Self>) {
        let mut reading = self.reading.lock();
        if reading.is_some() {
            return;
        }
        let known = Arc::clone(self);
        let thread =
            std::thread::Builder::new().name("store-tokens".into()).spawn(move || match known.read() {
                Ok(whole) => known.whole.store(whole, Ordering::Release),
                Err(error) => tracing::warn!(%error, "unique tokens are looked for one by one"),
            });
        match thread {
            Ok(thread) => *reading = Some(thread),
            Err(error) => tracing::warn!(%error, "unique tokens are looked for one by one"),
        }
    }

    /// False when it was told to stop.
    fn read(&self) -> Result<bool, StoreError> {
        let conn = connect::reader(&self.path)?;
        let mut query =
            conn.prepare("SELECT field, token FROM uniq UNION ALL SELECT field, token FROM uniq_fresh")?;
        let mut rows = query.query([])?;
        let mut count = 0_u32;
        while let Some(row) = rows.next()? {
            self.filter.put(row.get(0)?, &row.get(1)?);
            count = count.wrapping_add(1);
            if count.is_multiple_of(STRIDE) && self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Ends the reading, if it is under way.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.reading.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the reader of unique tokens ended in a panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::fixture::*;
    use crate::sqlite::tests::open;
    use crate::{Op, Store};
    use dossier_model::id::Rid;

    #[test]
    fn what_was_there_before_is_read_in_and_what_comes_meanwhile_is_put() {
        let folder = tempfile::tempdir().unwrap();
        let unique = |number: i64| Op::PutUnique {
            field: 2,
            version: 1,
            token: (u128::from(number.unsigned_abs())
                .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_0C3D_55F1_A35B))
            .to_be_bytes(),
            slot: 0,
            rid: Rid(number),
        };
        let store = open(folder.path());
        commit(&store, set().op(unique(1)));
        drop(store);
        let store = open(folder.path());
        // The large set begins the reading.
        let mut many = set();
        many.ops.extend((100..400).map(unique));
        commit(&store, many);
        for number in 2..50 {
            commit(&store, set().op(unique(number)));
        }
        while !store.known.whole.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        let read = store.read().unwrap();
        for number in (1..50).chain(100..400) {
            let Op::PutUnique { field, version, token, .. } = unique(number) else { unreachable!() };
            assert_eq!(read.by_unique(TENANT, field, version, &token).unwrap(), Some(Rid(number)));
        }
        let Op::PutUnique { token, .. } = unique(50) else { unreachable!() };
        assert_eq!(read.by_unique(TENANT, 2, 1, &token).unwrap(), None);
        assert!(!store.known.may_have(2, &token), "looked for in vain");
    }
}
