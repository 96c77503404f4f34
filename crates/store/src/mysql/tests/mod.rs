//! Tests against a database server: `DOSSIER_TEST_MYSQL` is its address without a database (`scripts/mariadb.sh`).

mod costs;
mod damage;
pub(in crate::mysql) mod fixture;
mod lists;
mod log;
mod mechanics;
mod migrate;
mod parity;
mod rows;
mod schema;
mod snapshots;
mod together;
mod tokens;

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use super::conn::Conn;
use super::options::{MysqlOptions, Target};

/// A database of one test; dropped with it.
pub(in crate::mysql) struct TestDatabase {
    server: String,
    name: String,
}

/// An empty database, unless no server is named.
pub(in crate::mysql) fn database() -> Option<TestDatabase> {
    let Ok(server) = std::env::var("DOSSIER_TEST_MYSQL") else {
        println!("not run: DOSSIER_TEST_MYSQL names no server (make unit starts one)");
        return None;
    };
    let server = server.trim_end_matches('/').to_owned();
    let name = format!("dossier_{:016x}", RandomState::new().hash_one(std::process::id()));
    on_server(&server, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
    Some(TestDatabase { server, name })
}

impl TestDatabase {
    /// Its address.
    pub(in crate::mysql) fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// How a store in it is opened.
    pub(in crate::mysql) fn options(&self, folder: &Path) -> MysqlOptions {
        MysqlOptions::new(self.url(), folder)
    }

    pub(in crate::mysql) fn target(&self) -> Target {
        Target::of(&self.options(Path::new("unused"))).unwrap()
    }

    /// A connection to it.
    pub(in crate::mysql) fn conn(&self) -> Conn {
        Conn::open(&self.target()).unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        on_server(&self.server, &format!("DROP DATABASE {}", self.name));
    }
}

/// Does something for which no database of a test is there.
fn on_server(server: &str, sql: &str) {
    let target = Target::of(&MysqlOptions::new(format!("{server}/information_schema"), "unused")).unwrap();
    let mut conn = Conn::open(&target).unwrap();
    conn.execute(sql, &[]).unwrap();
    conn.close();
}
