//! The parity suite on this backend, and what only a file on a disk has.

mod crash;
mod damage;
mod files;
mod fresh;
mod full;

use std::path::Path;

use super::{Options, SqliteStore};
use crate::Store;
use crate::parity::Open;

/// A store that does not set aside 64 MiB for each test.
fn options(folder: &Path) -> Options {
    let mut options = Options::new(folder);
    options.access.reserve_bytes = 0;
    options
}

pub(super) fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&options(folder)).unwrap()
}

fn with_sqlite(check: fn(Open<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    check(&|| -> Box<dyn Store> { Box::new(open(folder.path())) });
}

crate::parity_tests!(with_sqlite);
