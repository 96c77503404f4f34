//! Questions to one snapshot.

pub(super) mod key;
mod list;
pub(super) mod log;
pub(super) mod mechanics;
pub(super) mod row;
pub(super) mod system;
pub(super) mod token;

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::time::Micros;
use rusqlite::Connection;

use super::known::Known;
use super::pool::Pool;
use crate::error::StoreError;
use crate::health::Health;
use crate::log::LogHead;
use crate::mechanics::{
    IdempotencyRow, JobPart, JobRow, LeaseRow, LoginRow, SessionRow, TokenRow, UniqueRow, WrappedKey,
};
use crate::query::{RowBy, RowQuery};
use crate::row::{Row, SystemRow};
use crate::store::{Read, State};

/// A reader with an open transaction; it goes back to the pool when dropped.
pub(super) struct SqliteRead<'s> {
    // Taken out only by `drop`.
    conn: Option<Connection>,
    pool: &'s Pool,
    known: &'s Known,
    health: &'s Health,
}

impl<'s> SqliteRead<'s> {
    pub(super) fn begin(pool: &'s Pool, known: &'s Known, health: &'s Health) -> Result<Self, StoreError> {
        health.check()?;
        let conn = pool.take()?;
        let read = Self { conn: Some(conn), pool, known, health };
        read.ask(|conn| {
            conn.prepare_cached("BEGIN")?.execute([])?;
            // SQLite fixes the snapshot at the first read, not at BEGIN.
            conn.prepare_cached("SELECT tenant FROM head LIMIT 1")?.exists([])?;
            Ok(())
        })?;
        Ok(read)
    }

    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let conn = self.conn.as_ref().ok_or(StoreError::Invalid("a snapshot that was given back"))?;
        self.health.judge(question(conn))
    }
}

impl Drop for SqliteRead<'_> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let ended = conn.prepare_cached("COMMIT").and_then(|mut end| end.execute([]));
        // A connection in an unknown state is closed, not used again.
        if ended.is_ok() { self.pool.give(conn) } else { self.pool.forget() }
    }
}

impl Read for SqliteRead<'_> {
    fn state(&self, tenant: Tenant) -> Result<State, StoreError> {
        self.ask(|conn| log::state(conn, tenant))
    }

    fn row(&self, tenant: Tenant, by: &RowBy) -> Result<Option<Row>, StoreError> {
        self.ask(|conn| row::one(conn, tenant, by))
    }

    fn rows_with_keys(
        &self,
        tenant: Tenant,
        query: &RowQuery,
    ) -> Result<Vec<(Row, Option<WrappedKey>)>, StoreError> {
        self.ask(|conn| list::rows_with_keys(conn, tenant, query))
    }

    fn count(&self, tenant: Tenant, query: &RowQuery) -> Result<u64, StoreError> {
        self.ask(|conn| list::count(conn, tenant, query))
    }

    fn version(&self, tenant: Tenant, rid: Rid, version: u32) -> Result<Option<Row>, StoreError> {
        self.ask(|conn| row::version(conn, tenant, rid, version))
    }

    fn versions(
        &self,
        tenant: Tenant,
        rid: Rid,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.ask(|conn| row::versions(conn, tenant, rid, before, limit))
    }

    fn key(&self, tenant: Tenant, domain: Rid, version: u16) -> Result<Option<WrappedKey>, StoreError> {
        self.ask(|conn| key::one(conn, tenant, domain, version))
    }

    fn newest_key(&self, tenant: Tenant, domain: Rid) -> Result<Option<WrappedKey>, StoreError> {
        self.ask(|conn| key::newest(conn, tenant, domain))
    }

    fn keys_in_bucket(
        &self,
        tenant: Tenant,
        bucket: u16,
        after: Option<(Rid, u16)>,
        limit: usize,
    ) -> Result<Vec<WrappedKey>, StoreError> {
        self.ask(|conn| key::in_bucket(conn, tenant, bucket, after, limit))
    }

    fn bucket_generation(&self, tenant: Tenant, bucket: u16) -> Result<u32, StoreError> {
        self.ask(|conn| key::bucket_generation(conn, tenant, bucket))
    }

    fn by_token(
        &self,
        tenant: Tenant,
        field: u32,
        version: u16,
        token: i64,
        limit: usize,
    ) -> Result<Vec<Rid>, StoreError> {
        self.ask(|conn| token::find(conn, tenant, field, version, token, limit))
    }

    fn holders(&self, tenant: Tenant, keys: &[UniqueRow]) -> Result<Vec<UniqueRow>, StoreError> {
        self.ask(|conn| token::holders(conn, self.known, tenant, keys))
    }

    fn scan_rows(&self, tenant: Tenant, after: Option<Rid>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.ask(|conn| row::scan(conn, tenant, after, limit))
    }

    fn scan_versions(
        &self,
        tenant: Tenant,
        after: Option<(Rid, u32)>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.ask(|conn| row::scan_versions(conn, tenant, after, limit))
    }

    fn scan_tokens(
        &self,
        tenant: Tenant,
        after: Option<&TokenRow>,
        limit: usize,
    ) -> Result<Vec<TokenRow>, StoreError> {
        self.ask(|conn| token::scan(conn, tenant, after, limit))
    }

    fn scan_uniques(
        &self,
        tenant: Tenant,
        after: Option<&UniqueRow>,
        limit: usize,
    ) -> Result<Vec<UniqueRow>, StoreError> {
        self.ask(|conn| token::scan_uniques(conn, tenant, after, limit))
    }

    fn scan_keys(
        &self,
        tenant: Tenant,
        after: Option<(Rid, u16)>,
        limit: usize,
    ) -> Result<Vec<WrappedKey>, StoreError> {
        self.ask(|conn| key::scan(conn, tenant, after, limit))
    }

    fn has_token(&self, tenant: Tenant, token: &TokenRow) -> Result<bool, StoreError> {
        self.ask(|conn| token::is_there(conn, tenant, token))
    }

    fn damage(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|conn| {
            let mut check = conn.prepare("PRAGMA integrity_check(100)")?;
            let found = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(found.into_iter().filter(|line| line != "ok").collect())
        })
    }

    fn token_version_is_empty(&self, tenant: Tenant, version: u16) -> Result<bool, StoreError> {
        self.ask(|conn| token::version_is_empty(conn, tenant, version))
    }

    fn system(&self, tenant: Tenant, kind: &str) -> Result<Vec<SystemRow>, StoreError> {
        self.ask(|conn| system::all(conn, tenant, kind))
    }

    fn system_row(&self, tenant: Tenant, kind: &str, id: Uid) -> Result<Option<SystemRow>, StoreError> {
        self.ask(|conn| system::one(conn, tenant, kind, id))
    }

    fn system_versions(&self, tenant: Tenant, kind: &str, id: Uid) -> Result<Vec<SystemRow>, StoreError> {
        self.ask(|conn| system::versions(conn, tenant, kind, id))
    }

    fn change_head(&self, tenant: Tenant) -> Result<LogHead, StoreError> {
        self.ask(|conn| log::head(conn, tenant))
    }

    fn change_entries(
        &self,
        tenant: Tenant,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.ask(|conn| log::entries(conn, tenant, from, limit))
    }

    fn tile(&self, tenant: Tenant, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(|conn| log::tile(conn, tenant, level, index))
    }

    fn session(&self, tenant: Tenant, hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        self.ask(|conn| mechanics::session(conn, tenant, hash))
    }

    fn login(&self, tenant: Tenant, hash: &[u8; 32]) -> Result<Option<LoginRow>, StoreError> {
        self.ask(|conn| mechanics::login(conn, tenant, hash))
    }

    fn logins_of(&self, tenant: Tenant, subject: Uid, limit: usize) -> Result<Vec<LoginRow>, StoreError> {
        self.ask(|conn| mechanics::logins_of(conn, tenant, subject, limit))
    }

    fn idempotency(
        &self,
        tenant: Tenant,
        subject: Uid,
        key: &[u8; 32],
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.ask(|conn| mechanics::idempotency(conn, tenant, subject, key))
    }

    fn quota(
        &self,
        tenant: Tenant,
        subject: Uid,
        name: &str,
        window_start: Micros,
    ) -> Result<u32, StoreError> {
        self.ask(|conn| mechanics::quota(conn, tenant, subject, name, window_start))
    }

    fn cursor(&self, tenant: Tenant, name: &str) -> Result<u64, StoreError> {
        self.ask(|conn| mechanics::cursor(conn, tenant, name))
    }

    fn lease(&self, tenant: Tenant, name: &str) -> Result<Option<LeaseRow>, StoreError> {
        self.ask(|conn| mechanics::lease(conn, tenant, name))
    }

    fn job(&self, tenant: Tenant, id: Uid) -> Result<Option<JobRow>, StoreError> {
        self.ask(|conn| mechanics::job(conn, tenant, id))
    }

    fn jobs(&self, tenant: Tenant, state: u8, due: Micros, limit: usize) -> Result<Vec<JobRow>, StoreError> {
        self.ask(|conn| mechanics::jobs(conn, tenant, state, due, limit))
    }

    fn jobs_of(
        &self,
        tenant: Tenant,
        kind: &str,
        before: Option<Uid>,
        limit: usize,
    ) -> Result<Vec<JobRow>, StoreError> {
        self.ask(|conn| mechanics::jobs_of(conn, tenant, kind, before, limit))
    }

    fn parts(
        &self,
        tenant: Tenant,
        job: Uid,
        class: u8,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<JobPart>, StoreError> {
        self.ask(|conn| mechanics::parts(conn, tenant, job, class, after, limit))
    }
}
