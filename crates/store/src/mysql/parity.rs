//! The parity suite on this backend.

use std::path::Path;

use super::conn::Conn;
use super::options::Target;
use super::{MysqlOptions, MysqlStore};
use crate::Store;
use crate::parity::Open;

fn open(url: &str, folder: &Path) -> MysqlStore {
    MysqlStore::open(&MysqlOptions::new(url, folder)).unwrap()
}

fn with_mysql(check: fn(Open<'_>)) {
    let Ok(base) = std::env::var("DOSSIER_TEST_MYSQL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = format!("parity_{}", folder.path().file_name().unwrap().to_str().unwrap().replace('.', ""));
    let mut admin =
        Conn::open(&Target::of(&MysqlOptions::new(format!("{base}/mysql"), "")).unwrap()).unwrap();
    admin.execute(format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4"), &[]).unwrap();
    check(&|| -> Box<dyn Store> { Box::new(open(&format!("{base}/{name}"), folder.path())) });
    admin.execute(format!("DROP DATABASE `{name}`"), &[]).unwrap();
}

crate::parity_tests!(with_mysql);
