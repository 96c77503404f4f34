//! A blocking connection to the database, and what its errors mean.
//!
//! The trait of this crate blocks, the driver does not: each connection has a small runtime of its own, so that a round
//! trip stays on the thread that asks. That may be a thread of another runtime, as long as it has more than one.

use std::fmt;
use std::time::Duration;

use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlDatabaseError, MySqlRow};
use sqlx::{Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::runtime::{Builder, Runtime};

use super::options::Target;
use crate::error::StoreError;

/// Longer than any statement of ours takes; who hangs for longer is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SqlError {
    /// The connection is gone. Whether the statement was carried out is not known.
    Lost(String),
    /// The database chose this transaction as the victim of a deadlock, or it waited too long for a lock. It is rolled
    /// back as a whole by whoever gets this, and may be done again.
    Again(&'static str),
    /// A unique key is taken, or the name of a column or index. The statement changed nothing, the transaction goes on.
    Duplicate,
    /// A column or key that should be dropped is not there. The statement changed nothing.
    Absent,
    /// The database has no room.
    Full,
    /// There is no database of that name.
    NoDatabase,
    /// A stored value is not what its column should hold.
    Corrupt(String),
    /// Anything else.
    Failed(String),
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SqlError::Lost(why) => write!(f, "the connection to the database is lost: {why}"),
            SqlError::Again(why) => write!(f, "the database asks to try again: {why}"),
            SqlError::Duplicate => f.write_str("a unique key is taken"),
            SqlError::Absent => f.write_str("there is no column or key of that name to drop"),
            SqlError::Full => f.write_str("the database has no room"),
            SqlError::NoDatabase => f.write_str("there is no database of that name"),
            SqlError::Corrupt(what) | SqlError::Failed(what) => f.write_str(what),
        }
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Lost(why) => StoreError::Unreachable(why),
            SqlError::Again(_) => StoreError::Busy,
            SqlError::Full => StoreError::DiskFull,
            SqlError::Corrupt(what) => StoreError::Corrupt(what),
            SqlError::Failed(what) => StoreError::Failed(what),
            SqlError::Duplicate | SqlError::Absent | SqlError::NoDatabase => {
                StoreError::Failed(error.to_string())
            }
        }
    }
}

/// Numbers of the errors of MySQL, MariaDB and TiDB that mean something to us.
fn of_number(number: u16, message: &str) -> SqlError {
    match number {
        1213 | 1020 | 9007 => SqlError::Again("deadlock"),
        1205 => SqlError::Again("a lock was held for too long"),
        1060..=1062 => SqlError::Duplicate,
        1091 => SqlError::Absent,
        1049 => SqlError::NoDatabase,
        1114 | 1021 | 3 | 28 => SqlError::Full,
        // Killed, shutting down, gone, read-only while a primary moves, a Galera node that is not ready.
        1053 | 1077 | 1079 | 1317 | 1927 | 2006 | 2013 | 1290 | 1792 | 1836 | 1047 => {
            SqlError::Lost(format!("error {number}"))
        }
        // Messages of other errors may repeat values of a statement: only the ones of the schema are told.
        1044..=1048 | 1050 | 1051 | 1054 | 1064 | 1142 | 1146 | 1153 | 1227 | 1231 => {
            SqlError::Failed(format!("database error {number}: {message}"))
        }
        _ => SqlError::Failed(format!("database error {number}")),
    }
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<MySqlDatabaseError>() {
                Some(error) => of_number(error.number(), error.message()),
                None => SqlError::Failed("an error of another database".into()),
            },
            sqlx::Error::Io(error) => SqlError::Lost(error.kind().to_string()),
            sqlx::Error::Tls(error) => SqlError::Lost(format!("TLS: {error}")),
            sqlx::Error::Protocol(_) => SqlError::Lost("an answer that is none".into()),
            sqlx::Error::ColumnDecode { index, .. } => {
                SqlError::Corrupt(format!("column {index} of a row cannot be read"))
            }
            sqlx::Error::Configuration(error) => SqlError::Failed(error.to_string()),
            _ => SqlError::Failed("the driver refused a statement".into()),
        }
    }
}

/// A value that is bound to a statement.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    /// NULL.
    Null,
    /// Any whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'v [u8]),
    /// Text.
    Text(&'v str),
}

impl Value<'_> {
    /// About how many bytes it takes on the wire.
    pub(super) fn size(&self) -> usize {
        match self {
            Value::Null => 1,
            Value::Int(_) => 8,
            Value::Bytes(bytes) => bytes.len() + 4,
            Value::Text(text) => text.len() + 4,
        }
    }
}

macro_rules! from_int {
    ($($ty:ty),*) => { $(impl From<$ty> for Value<'_> {
        fn from(number: $ty) -> Self { Value::Int(i64::from(number)) }
    })* };
}
from_int!(i64, i32, u32, u16, u8);

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v, const N: usize> From<&'v [u8; N]> for Value<'v> {
    fn from(bytes: &'v [u8; N]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v> From<&'v Vec<u8>> for Value<'v> {
    fn from(bytes: &'v Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text)
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Value::Text(text)
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Values in the order of the question marks of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::mysql::conn::Value::from($value)),*] };
}
pub(super) use values;

fn arguments(values: &[Value<'_>]) -> Result<MySqlArguments, SqlError> {
    let mut arguments = MySqlArguments::default();
    for value in values {
        let added = match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Int(number) => arguments.add(*number),
            Value::Bytes(bytes) => arguments.add(*bytes),
            Value::Text(text) => arguments.add(*text),
        };
        added.map_err(|_| SqlError::Failed("a value that cannot be bound".into()))?;
    }
    Ok(arguments)
}

/// One connection. After an error that is [`SqlError::Lost`] it is of no use any more.
pub(super) struct Conn {
    // The runtime is dropped after what runs on it.
    inner: MySqlConnection,
    runtime: Own,
    number: i64,
}

/// The runtime of one connection. It can be used and dropped wherever a thread may block, and on the threads of a larger
/// runtime too, which are told.
struct Own(Option<Runtime>);

impl Own {
    fn new() -> Result<Self, SqlError> {
        let built = Builder::new_current_thread().enable_io().enable_time().build();
        built.map(|runtime| Self(Some(runtime))).map_err(|error| SqlError::Failed(error.to_string()))
    }

    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
        patience: Duration,
    ) -> Result<T, SqlError> {
        let Some(runtime) = &self.0 else { return Err(SqlError::Lost("it was closed".into())) };
        tokio::task::block_in_place(|| {
            runtime.block_on(async {
                match tokio::time::timeout(patience, work).await {
                    Ok(done) => Ok(done?),
                    Err(_) => Err(SqlError::Lost("no answer".into())),
                }
            })
        })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Conn {
    /// Connects and sets up the session: strict, UTC, READ COMMITTED.
    pub(super) fn open(target: &Target) -> Result<Self, SqlError> {
        let runtime = Own::new()?;
        let options = target.options.clone().disable_statement_logging();
        let inner = runtime.wait(options.connect(), PATIENCE)?;
        let mut conn = Self { inner, runtime, number: 0 };
        conn.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")?;
        conn.run(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
        )?;
        conn.run("SET SESSION autocommit = 1, innodb_lock_wait_timeout = 10")?;
        Ok(conn)
    }

    /// A statement without values, such as `BEGIN`.
    pub(super) fn run(&mut self, sql: &'static str) -> Result<(), SqlError> {
        self.runtime.wait(self.inner.execute(sqlx::raw_sql(sql)), PATIENCE).map(drop)
    }

    /// A statement that cannot be prepared, and what it answers, as text. It may take as long as `patience`.
    pub(super) fn text(&mut self, sql: String, patience: Duration) -> Result<Vec<Vec<String>>, SqlError> {
        let rows = self.runtime.wait(self.inner.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))), patience)?;
        rows.iter().map(|row| (0..row.len()).map(|at| Cells(row).text(at)).collect()).collect()
    }

    /// The database's number for this connection.
    pub(super) fn number(&mut self) -> Result<i64, SqlError> {
        let number = self.one("SELECT CAST(CONNECTION_ID() AS SIGNED)", &[], |cells| cells.int(0))?;
        self.number = number.ok_or_else(|| SqlError::Failed("a connection without a number".into()))?;
        Ok(self.number)
    }

    /// The same, when it was asked for before; 0 otherwise.
    pub(super) fn known_number(&self) -> i64 {
        self.number
    }

    /// Ends another connection of ours by its number. It may be gone by now.
    pub(super) fn end(&mut self, number: i64) {
        let _ = self.text(format!("KILL CONNECTION {number}"), PATIENCE);
    }

    /// A statement that changes something: how many rows it met (changed or found as they should be). Its text must not
    /// hold a value: it is prepared once and kept.
    pub(super) fn execute(&mut self, sql: impl Into<String>, values: &[Value<'_>]) -> Result<u64, SqlError> {
        let query = sqlx::query_with(AssertSqlSafe(sql.into()), arguments(values)?);
        self.runtime.wait(self.inner.execute(query), PATIENCE).map(|done| done.rows_affected())
    }

    /// All rows that a question gives.
    pub(super) fn rows<T>(
        &mut self,
        sql: impl Into<String>,
        values: &[Value<'_>],
        decode: impl FnMut(&Cells<'_>) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        let query = sqlx::query_with(AssertSqlSafe(sql.into()), arguments(values)?);
        let rows = self.runtime.wait(self.inner.fetch_all(query), PATIENCE)?;
        let mut decode = decode;
        rows.iter().map(|row| decode(&Cells(row))).collect()
    }

    /// The first row that a question gives.
    pub(super) fn one<T>(
        &mut self,
        sql: impl Into<String>,
        values: &[Value<'_>],
        decode: impl FnOnce(&Cells<'_>) -> Result<T, SqlError>,
    ) -> Result<Option<T>, SqlError> {
        let query = sqlx::query_with(AssertSqlSafe(sql.into()), arguments(values)?);
        let row = self.runtime.wait(self.inner.fetch_optional(query), PATIENCE)?;
        row.map(|row| decode(&Cells(&row))).transpose()
    }

    /// Says goodbye, so that the database need not find out by itself.
    pub(super) fn close(self) {
        let Self { inner, runtime, .. } = self;
        let _ = runtime.wait(inner.close(), Duration::from_secs(1));
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conn")
    }
}

/// The cells of one row, by their place.
pub(super) struct Cells<'r>(&'r MySqlRow);

impl Cells<'_> {
    /// A whole number.
    pub(super) fn int(&self, at: usize) -> Result<i64, SqlError> {
        Ok(self.0.try_get(at)?)
    }

    /// A whole number of a narrower type.
    pub(super) fn narrow<T: TryFrom<i64>>(&self, at: usize) -> Result<T, SqlError> {
        T::try_from(self.int(at)?)
            .map_err(|_| SqlError::Corrupt(format!("column {at} of a row is out of range")))
    }

    /// Bytes.
    pub(super) fn bytes(&self, at: usize) -> Result<Vec<u8>, SqlError> {
        Ok(self.0.try_get(at)?)
    }

    /// Bytes of a fixed length.
    pub(super) fn fixed<const N: usize>(&self, at: usize) -> Result<[u8; N], SqlError> {
        let bytes: &[u8] = self.0.try_get(at)?;
        bytes.try_into().map_err(|_| SqlError::Corrupt(format!("column {at} of a row has another length")))
    }

    /// Text; its column holds bytes.
    pub(super) fn text(&self, at: usize) -> Result<String, SqlError> {
        String::from_utf8(self.bytes(at)?)
            .map_err(|_| SqlError::Corrupt(format!("column {at} of a row is no text")))
    }

    /// Whether it is NULL.
    pub(super) fn is_null(&self, at: usize) -> Result<bool, SqlError> {
        use sqlx::ValueRef as _;
        Ok(self.0.try_get_raw(at)?.is_null())
    }
}
