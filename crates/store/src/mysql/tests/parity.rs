//! The parity suite on this backend.

use super::database;
use crate::Store;
use crate::mysql::MysqlStore;
use crate::parity::Open;

fn with_mysql(check: fn(Open<'_>)) {
    let Some(database) = database() else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = database.options(folder.path());
    check(&|| -> Box<dyn Store> { Box::new(MysqlStore::open(&options).unwrap()) });
}

crate::parity_tests!(with_mysql);
