//! The tables of either store, read and edited by plain SQL, as somebody beside the program would.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// A row, each value as SQL writes it: `NULL`, `7`, `'text'`, `X'00FF'`.
pub type Literals = Vec<String>;

pub enum Db {
    File(PathBuf),
    Server { name: String, runtime: Runtime, conn: RefCell<MySqlConnection> },
}

impl Db {
    /// The database of that address, or without one the file in the data folder.
    pub fn of(address: Option<&str>, data: &Path) -> Db {
        let Some(address) = address else { return Db::File(data.join("store.db")) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let conn = RefCell::new(runtime.block_on(MySqlConnection::connect(address)).unwrap());
        Db::Server { name: address.rsplit('/').next().unwrap().to_owned(), runtime, conn }
    }

    /// Keeps all tables as they are now, for statements to name as `{old}` or `{new}`.
    pub fn keep(&self, copy: &str) {
        if let Db::File(path) = self {
            self.settle();
            std::fs::copy(path, kept(path, copy)).unwrap();
            return;
        }
        let copied = |table: &String| {
            let to = format!("{{{copy}}}.`{table}`");
            format!("CREATE TABLE {to} LIKE `{table}`; INSERT INTO {to} SELECT * FROM `{table}`;")
        };
        let tables: String = self.tables().iter().map(copied).collect();
        self.run(&format!("CREATE DATABASE {{{copy}}}; {tables}")).unwrap();
    }

    /// Puts all tables back as they were kept.
    pub fn put_back(&self, copy: &str) {
        if let Db::File(path) = self {
            for name in ["store.db-wal", "store.db-shm"] {
                let _ = std::fs::remove_file(path.with_file_name(name));
            }
            std::fs::copy(kept(path, copy), path).unwrap();
            return;
        }
        let back = |table: &String| {
            format!("DELETE FROM `{table}`; INSERT INTO `{table}` SELECT * FROM {{{copy}}}.`{table}`;")
        };
        let tables: String = self.tables().iter().map(back).collect();
        self.run(&format!("BEGIN; {tables} COMMIT")).unwrap();
    }

    /// What was written is in the file itself.
    pub fn settle(&self) {
        if let Db::File(path) = self {
            Connection::open(path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }
    }

    pub fn tables(&self) -> Vec<String> {
        let sql = match self {
            Db::File(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
            Db::Server { .. } => {
                "SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE()"
            }
        };
        let mut names: Vec<String> = self.ask(sql).into_iter().flatten().collect();
        names.sort();
        names
    }

    /// The columns of a table, and for each the expression that writes its value as SQL does.
    fn written(&self, table: &str) -> Vec<(String, String)> {
        let sql = match self {
            Db::File(_) => format!("SELECT name, '' FROM pragma_table_info('{table}')"),
            Db::Server { .. } => format!(
                "SELECT CAST(column_name AS CHAR), CAST(data_type AS CHAR) FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let written = |column: &str, kind: &str| match (self, kind) {
            (Db::File(_), _) => format!("quote(`{column}`)"),
            (_, "bigint") => format!("IFNULL(CAST(`{column}` AS CHAR), 'NULL')"),
            _ => format!("IFNULL(CONCAT('X''', HEX(`{column}`), ''''), 'NULL')"),
        };
        self.ask(&sql).into_iter().map(|row| (row[0].clone(), written(&row[0], &row[1]))).collect()
    }

    pub fn columns(&self, table: &str) -> Vec<String> {
        self.written(table).into_iter().map(|(column, _)| column).collect()
    }

    pub fn rows(&self, table: &str) -> Vec<Literals> {
        let written: Vec<String> = self.written(table).into_iter().map(|(_, written)| written).collect();
        self.ask(&format!("SELECT {} FROM `{table}`", written.join(", ")))
    }

    /// One column of a table in the order of another one.
    pub fn column(&self, table: &str, column: &str, order: &str) -> Vec<String> {
        let (_, written) = self.written(table).into_iter().find(|(name, _)| name == column).unwrap();
        self.ask(&format!("SELECT {written} FROM `{table}` ORDER BY `{order}`"))
            .into_iter()
            .flatten()
            .collect()
    }

    /// The numbers that a question is answered with.
    pub fn numbers(&self, sql: &str) -> Vec<i64> {
        let answer = self.ask(&format!("SELECT CAST(n AS CHAR) FROM ({sql}) AS answer"));
        answer.into_iter().flatten().map(|number| number.parse().unwrap()).collect()
    }

    /// What finds this very row.
    pub fn clause(&self, columns: &[String], row: &Literals) -> String {
        let same = if matches!(self, Db::File(_)) { "IS" } else { "<=>" };
        let parts: Vec<String> =
            columns.iter().zip(row).map(|(column, value)| format!("`{column}` {same} {value}")).collect();
        parts.join(" AND ")
    }

    /// Carries statements out; how many rows the last one changed, or why not.
    pub fn run(&self, sql: &str) -> Result<u64, String> {
        let sql = self.named(sql);
        match self {
            Db::File(path) => {
                let db = attached(path);
                let done = db.execute_batch(&sql).map(|()| db.changes()).map_err(|error| error.to_string());
                drop(db);
                self.settle();
                done
            }
            Db::Server { runtime, conn, .. } => {
                let mut conn = conn.borrow_mut();
                let done = runtime.block_on(conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))));
                done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
            }
        }
    }

    fn ask(&self, sql: &str) -> Vec<Literals> {
        let sql = self.named(sql);
        match self {
            Db::File(path) => {
                let db = attached(path);
                let mut statement = db.prepare(&sql).unwrap();
                let width = statement.column_count();
                let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect();
                statement.query_map([], row).unwrap().map(Result::unwrap).collect()
            }
            Db::Server { runtime, conn, .. } => {
                let mut conn = conn.borrow_mut();
                let rows = runtime.block_on(conn.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql)))).unwrap();
                let texts =
                    |row: &sqlx::mysql::MySqlRow| (0..row.len()).map(|at| row.get_unchecked(at)).collect();
                rows.iter().map(texts).collect()
            }
        }
    }

    fn named(&self, sql: &str) -> String {
        let name = |copy: &str| match self {
            Db::File(_) => copy.to_owned(),
            Db::Server { name, .. } => format!("{name}_{copy}"),
        };
        sql.replace("{old}", &name("old")).replace("{new}", &name("new"))
    }

    /// Whether the file has the rows that were kept, in the tables themselves and not in their indexes.
    pub fn same_rows(&self, except: &[&str]) -> bool {
        let Db::File(path) = self else { return false };
        let rows = all_rows(path, except);
        rows.is_some() && rows == all_rows(&kept(path, "new"), except)
    }
}

fn all_rows(path: &Path, except: &[&str]) -> Option<Vec<String>> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut tables = db.prepare(sql).ok()?;
    let tables: Result<Vec<String>, _> = tables.query_map([], |row| row.get(0)).ok()?.collect();
    let mut out = Vec::new();
    for table in tables.ok()?.iter().filter(|table| !except.contains(&table.as_str())) {
        let mut statement = db.prepare(&format!("SELECT * FROM `{table}` NOT INDEXED")).ok()?;
        let width = statement.column_count();
        let mut rows = statement.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            let cells: Option<Vec<Value>> = (0..width).map(|at| row.get(at).ok()).collect();
            out.push(format!("{table}: {:?}", cells?));
        }
    }
    Some(out)
}

/// The file, with what was kept of it.
fn attached(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    for copy in ["old", "new"].into_iter().filter(|copy| kept(path, copy).exists()) {
        db.execute(&format!("ATTACH ?1 AS {copy}"), [kept(path, copy).to_str()]).unwrap();
    }
    db
}

/// Where a copy of the file is: beside the data folder.
fn kept(path: &Path, copy: &str) -> PathBuf {
    path.parent().unwrap().with_file_name(format!("{copy}.db"))
}

/// Another value of the same sort.
pub fn other(value: &str) -> String {
    if value == "NULL" {
        return "1".into();
    }
    if let Some(hex) = value.strip_prefix("X'") {
        let mut hex: Vec<u8> = hex.trim_end_matches('\'').into();
        let middle = hex.len() / 2;
        match hex.get_mut(middle) {
            Some(digit) => *digit = if *digit == b'7' { b'6' } else { b'7' },
            None => hex.extend(*b"00"),
        }
        return format!("X'{}'", String::from_utf8(hex).unwrap());
    }
    match (value.parse::<i64>(), value.strip_suffix('\'')) {
        (Ok(number), _) => (number ^ 1).to_string(),
        (_, Some(text)) => format!("{}x'", text.replace(|c: char| c.is_ascii_digit(), "7")),
        _ => unreachable!("{value} is no literal"),
    }
}

/// The bytes of a literal, and the digits of bytes.
pub fn bytes_of(literal: &str) -> Vec<u8> {
    let hex = literal.trim_start_matches("X'").trim_end_matches('\'');
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
