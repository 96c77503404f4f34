//! Fresh tokens: how random keys come into large tables without rewriting a page for each.
//!
//! A token is random, so in a large table each new one meets a page of its own, and a commit writes whole pages: at a
//! million records that cost more than everything else together (docs/decisions). So new tokens go into a small *run*,
//! a few pages that one batch rewrites; when a run is full, the next one begins. Once there are many runs, or nothing
//! else is to do, the writer moves them into the large tables slice by slice in the order of the key, so that the tokens
//! that share a page meet it together. Each slice is one transaction that inserts and deletes: at every moment a token is
//! in exactly one place, and readers look in both.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::mechanics::UniqueRow;

/// Entries of a run: about fifty pages.
const RUN_ENTRIES: usize = 12_288;
/// So many runs, and they are moved even though there is other work.
const RUNS_BEFORE_MOVE: usize = 48;
/// About so many entries move in one transaction, some 10 ms.
const SLICE_ENTRIES: i64 = 10_000;

/// What the writer knows about the runs. Nothing of it must be right for the data to be: it says where to write, when to
/// move, and where there is no need to look.
pub(super) struct Fresh {
    /// Where new tokens go.
    run: i64,
    /// Whether `fresh_run` knows that run, as of the transaction that is open.
    noted: bool,
    entries: usize,
    /// Runs before that one.
    full: Vec<i64>,
    /// Unique tokens that may be in runs. One that is not here is in none.
    hints: HashSet<(u32, u64)>,
    moving: Option<Move>,
}

/// A move of some runs into the large tables, group by group.
struct Move {
    runs: Vec<i64>,
    groups: Vec<Group>,
}

/// Entries of one kind of token, which are moved in slices of equal width: tokens are spread evenly.
struct Group {
    table: &'static str,
    tenant: u32,
    field: u32,
    kv: u16,
    slices: u64,
    next: u64,
}

impl Fresh {
    /// Looks at what is there.
    pub(super) fn load(conn: &Connection) -> Result<Self, StoreError> {
        let full = conn
            .prepare("SELECT run FROM fresh_run ORDER BY run")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        let run = full.last().map_or(1, |last| last + 1);
        let mut fresh = Self { run, noted: false, entries: 0, full, hints: HashSet::new(), moving: None };
        fresh.load_hints(conn)?;
        Ok(fresh)
    }

    fn load_hints(&mut self, conn: &Connection) -> Result<(), StoreError> {
        self.hints.clear();
        let mut query = conn.prepare_cached("SELECT field, token FROM uniq_fresh")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            self.hints.insert(hint(row.get(0)?, &row.get(1)?));
        }
        Ok(())
    }

    /// The run for `count` new entries.
    pub(super) fn run_for(&mut self, conn: &Connection, count: usize) -> Result<i64, StoreError> {
        if self.entries >= RUN_ENTRIES {
            self.next_run();
        }
        if !self.noted {
            conn.prepare_cached("INSERT INTO fresh_run (run) VALUES (?1) ON CONFLICT DO NOTHING")?
                .execute([self.run])?;
            self.noted = true;
        }
        self.entries += count;
        Ok(self.run)
    }

    fn next_run(&mut self) {
        if self.noted {
            self.full.push(self.run);
        }
        self.run += 1;
        self.noted = false;
        self.entries = 0;
    }

    /// What was written since some savepoint was taken back; a later run is always a safe place to go on.
    pub(super) fn taken_back(&mut self) {
        self.next_run();
    }

    /// Says that a unique token is in a run now.
    pub(super) fn note_unique(&mut self, row: &UniqueRow) {
        self.hints.insert(hint(row.field, &row.token));
    }

    /// Whether a unique token may be in a run.
    pub(super) fn may_hold(&self, row: &UniqueRow) -> bool {
        self.hints.contains(&hint(row.field, &row.token))
    }

    /// Whether a slice should move now; `idle` when there is nothing else to do.
    pub(super) fn wants_move(&self, idle: bool) -> bool {
        self.moving.is_some() || self.full.len() >= RUNS_BEFORE_MOVE || (idle && (self.noted || !self.full.is_empty()))
    }

    /// Moves one slice in a transaction of its own.
    pub(super) fn move_slice(&mut self, conn: &mut Connection) -> Result<(), StoreError> {
        let mut moving = match self.moving.take() {
            Some(moving) => moving,
            None => self.plan(conn)?,
        };
        let step = conn.transaction()?;
        while let Some(group) = moving.groups.last_mut()
            && group.next >= group.slices
        {
            moving.groups.pop();
        }
        let done = match moving.groups.last_mut() {
            Some(group) => {
                group.move_slice(&step, &moving.runs)?;
                false
            }
            None => {
                for run in &moving.runs {
                    step.prepare_cached("DELETE FROM fresh_run WHERE run = ?1")?.execute([run])?;
                }
                true
            }
        };
        step.commit()?;
        if done { self.load_hints(conn)? } else { self.moving = Some(moving) }
        Ok(())
    }

    /// A move of all runs that are there; new tokens go into a later one.
    fn plan(&mut self, conn: &Connection) -> Result<Move, StoreError> {
        self.next_run();
        let runs = std::mem::take(&mut self.full);
        let mut groups = Vec::new();
        for table in ["uniq", "token"] {
            let sql = format!(
                "SELECT tenant, field, kv, count(*) FROM {table}_fresh WHERE run BETWEEN ?1 AND ?2 GROUP BY tenant, field, kv"
            );
            let mut query = conn.prepare_cached(&sql)?;
            let (first, last) = (runs.first().copied(), runs.last().copied());
            let found = query.query_map(params![first, last], |row| {
                let count: i64 = row.get(3)?;
                let slices = u64::try_from(count / SLICE_ENTRIES + 1).unwrap_or(1);
                Ok(Group { table, tenant: row.get(0)?, field: row.get(1)?, kv: row.get(2)?, slices, next: 0 })
            })?;
            for group in found {
                groups.push(group?);
            }
        }
        Ok(Move { runs, groups })
    }
}

impl Group {
    fn move_slice(&mut self, conn: &Connection, runs: &[i64]) -> Result<(), StoreError> {
        let table = self.table;
        let columns = if table == "uniq" { "tenant, field, kv, token, slot, rid" } else { "tenant, field, kv, token, rid" };
        let range = "WHERE run = ?1 AND tenant = ?2 AND field = ?3 AND kv = ?4 AND token >= ?5 AND token <= ?6";
        let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) SELECT {columns} FROM {table}_fresh {range}");
        let delete = format!("DELETE FROM {table}_fresh {range}");
        let (from, to) = self.bounds();
        for run in runs {
            let one = params![run, self.tenant, self.field, self.kv, from, to];
            conn.prepare_cached(&insert)?.execute(one)?;
            conn.prepare_cached(&delete)?.execute(one)?;
        }
        self.next += 1;
        Ok(())
    }

    /// First and last token of the next slice, in the order of the column: bytes for unique ones, else signed integers.
    fn bounds(&self) -> (rusqlite::types::Value, rusqlite::types::Value) {
        use rusqlite::types::Value;
        let width = u64::MAX / self.slices;
        let from = width * self.next;
        let last = self.next + 1 == self.slices;
        let to = if last { u64::MAX } else { from + width - 1 };
        if self.table == "uniq" {
            let bytes = |half: u64, rest: u8| {
                let mut bytes = half.to_be_bytes().to_vec();
                bytes.resize(16, rest);
                Value::Blob(bytes)
            };
            return (bytes(from, 0), bytes(to, 0xFF));
        }
        let signed = |half: u64| Value::Integer((half ^ (1 << 63)).cast_signed());
        (signed(from), signed(to))
    }
}

fn hint(field: u32, token: &[u8; 16]) -> (u32, u64) {
    let [a, b, c, d, e, f, g, h, ..] = *token;
    (field, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}
