//! Fresh tokens: how random keys come into large tables without rewriting a page for each.
//!
//! A token is random, so in a large table each new one meets a page of its own, and a commit writes whole pages: at a
//! million records that cost more than everything else together (`docs/decisions/0006`). So new tokens go into a small *run*,
//! a few pages that one batch rewrites; when a run is full, the next one begins. Once there are many runs, or nothing
//! else is to do, the writer moves them into the large tables slice by slice in the order of the key, so that the tokens
//! that share a page meet it together. Each slice is one transaction that inserts and deletes: no token is ever in
//! neither place, and readers look in both.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::known::Known;
use crate::error::StoreError;

/// Entries of a run: about fifty pages.
const RUN_ENTRIES: u64 = 12_288;
/// So many runs, and they are moved even though there is other work.
const RUNS_BEFORE_MOVE: usize = 48;
/// A set with so many unique tokens, or so many full runs, and the tokens that are there are read in.
const MANY_UNIQUES: usize = 64;
const MANY_RUNS: usize = 8;
/// A set that takes away so many tokens is one of many: each is looked for in every run, so the runs are moved first.
const MANY_DELETES: usize = 64;
/// About so many entries move in one transaction, some 10 ms: fewer would meet the same pages more often.
const SLICE_ENTRIES: u64 = 10_000;
/// So many while others wait for answers.
const SHORT_SLICE: u64 = 4_000;

/// The two large tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Uniq,
    Token,
}

/// What the writer knows about the runs. It says where to write, when to move, and where there is no need to look; none
/// of it is needed to read.
pub(super) struct Fresh {
    /// Where new tokens go.
    run: i64,
    /// Whether `fresh_run` has that run, as of the transaction that is open.
    noted: bool,
    entries: u64,
    /// How many entries may be moved between batches: twice what batches brought, so that moves keep up with an import
    /// and small sets hardly ever wait for one.
    credit: u64,
    /// Runs before that one.
    full: Vec<i64>,
    /// About how many entries the runs hold for each table.
    counts: BTreeMap<Table, u64>,
    /// Whether full runs are to be moved although they are few.
    hurry: bool,
    /// All unique tokens, once that is worth it.
    pub(super) known: Arc<Known>,
    moving: Option<Move>,
}

/// A move of some runs into the large tables, one after the other.
struct Move {
    runs: Vec<i64>,
    parts: Vec<Part>,
}

/// A table whose entries are moved in slices of the order of the key: tokens are spread evenly.
struct Part {
    table: Table,
    /// About how many there are.
    count: u64,
    /// Where the next slice begins.
    next: u64,
}

/// Where [`Fresh`] was when a savepoint or a batch began.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    run: i64,
    noted: bool,
}

impl Fresh {
    /// Looks at what is there.
    pub(super) fn load(conn: &Connection) -> Result<Self, StoreError> {
        let full = conn
            .prepare("SELECT run FROM fresh_run ORDER BY run")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut fresh = Self {
            run: full.last().map_or(1, |last| last + 1),
            noted: false,
            entries: 0,
            credit: 0,
            full,
            counts: BTreeMap::new(),
            hurry: false,
            known: Known::new(conn)?,
            moving: None,
        };
        for table in [Table::Uniq, Table::Token] {
            let sql = format!("SELECT count(*) FROM {}_fresh", table.name());
            let count: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
            fresh.counts.insert(table, u64::try_from(count).unwrap_or(0));
        }
        Ok(fresh)
    }

    /// The run for the tokens of the next set.
    pub(super) fn open_run(&mut self, conn: &Connection) -> Result<i64, StoreError> {
        if self.entries >= RUN_ENTRIES {
            self.begin_run();
        }
        if !self.noted {
            conn.prepare_cached("INSERT INTO fresh_run (run) VALUES (?1) ON CONFLICT DO NOTHING")?
                .execute([self.run])?;
            self.noted = true;
        }
        Ok(self.run)
    }

    fn begin_run(&mut self) {
        if self.noted {
            self.full.push(self.run);
        }
        self.run += 1;
        self.noted = false;
        self.entries = 0;
    }

    /// Remembers where it is, for [`Self::back_to`].
    pub(super) fn mark(&self) -> Mark {
        Mark { run: self.run, noted: self.noted }
    }

    /// What was written since the mark was taken back. Counts and what is known of tokens may stay too high.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.noted = mark.noted && self.run == mark.run;
    }

    /// Says that so many entries went into the open run.
    pub(super) fn count(&mut self, table: Table, entries: usize) {
        *self.counts.entry(table).or_default() += entries as u64;
        self.entries += entries as u64;
        self.credit = (self.credit + 2 * entries as u64).min(4 * SLICE_ENTRIES);
    }

    /// Gets ready for so many unique tokens: for many, or when many runs would have to be searched, those that are there
    /// are read in.
    pub(super) fn expect_uniques(&self, count: usize) {
        if count >= MANY_UNIQUES || self.full.len() >= MANY_RUNS {
            self.known.read_in();
        }
    }

    /// Gets ready for so many tokens to be taken away.
    pub(super) fn expect_deletes(&mut self, count: usize) {
        if count >= MANY_DELETES && (self.moving.is_some() || !self.full.is_empty()) {
            self.hurry = true;
            self.credit = self.credit.max(SLICE_ENTRIES);
        }
    }

    /// Whether a slice should move now; `idle` when there is nothing else to do.
    pub(super) fn wants_move(&self, idle: bool) -> bool {
        if idle {
            return self.moving.is_some() || self.noted || !self.full.is_empty();
        }
        let due = self.moving.is_some() || self.full.len() >= RUNS_BEFORE_MOVE || self.hurry;
        due && self.credit >= SLICE_ENTRIES
    }

    /// Moves one slice in a transaction of its own, a short one while others wait.
    pub(super) fn move_slice(&mut self, conn: &mut Connection, shared: bool) -> Result<(), StoreError> {
        let mut moving = self.moving.take().unwrap_or_else(|| self.plan());
        let entries = if shared { SHORT_SLICE } else { SLICE_ENTRIES };
        self.credit = self.credit.saturating_sub(entries);
        match moving.step(conn, entries) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.moving = Some(moving);
                Ok(())
            }
            Err(error) => {
                // Nothing was moved. A slice that is moved twice finds nothing the second time.
                self.moving = Some(moving);
                Err(error)
            }
        }
    }

    /// A move of all runs that are there; new tokens go into a later one.
    fn plan(&mut self) -> Move {
        self.hurry = false;
        self.begin_run();
        let parts = std::mem::take(&mut self.counts).into_iter();
        let parts = parts.map(|(table, count)| Part { table, count: count.max(1), next: 0 }).collect();
        Move { runs: std::mem::take(&mut self.full), parts }
    }
}

impl Move {
    /// One slice, or the end of the move: then true.
    fn step(&mut self, conn: &mut Connection, entries: u64) -> Result<bool, StoreError> {
        let step = conn.transaction()?;
        let end = self.parts.last().map(|part| part.end_of(entries));
        let done = match (self.parts.last(), end) {
            (Some(part), Some(end)) => {
                part.move_slice(&step, &self.runs, end)?;
                false
            }
            _ => {
                for run in &self.runs {
                    step.prepare_cached("DELETE FROM fresh_run WHERE run = ?1")?.execute([run])?;
                }
                true
            }
        };
        step.commit()?;
        match end.map(|end| end.checked_add(1)) {
            Some(Some(next)) => self.parts.last_mut().into_iter().for_each(|part| part.next = next),
            Some(None) => drop(self.parts.pop()),
            None => {}
        }
        Ok(done)
    }
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Uniq => "uniq",
            Table::Token => "token",
        }
    }

    fn columns(self) -> &'static str {
        match self {
            Table::Uniq => "tenant, field, kv, token, slot, rid",
            Table::Token => "tenant, field, kv, token, rid",
        }
    }

    /// The lowest or highest token of those that begin with `half`, in the order of the column.
    fn bound(self, half: u64, rest: u8) -> Value {
        match self {
            Table::Uniq => {
                let mut bytes = half.to_be_bytes().to_vec();
                bytes.resize(16, rest);
                Value::Blob(bytes)
            }
            Table::Token => Value::Integer((half ^ (1 << 63)).cast_signed()),
        }
    }
}

impl Part {
    /// The last key of a slice of about so many entries.
    fn end_of(&self, entries: u64) -> u64 {
        self.next.saturating_add((u64::MAX / self.count).saturating_mul(entries))
    }

    fn move_slice(&self, conn: &Connection, runs: &[i64], end: u64) -> Result<(), StoreError> {
        let (name, columns) = (self.table.name(), self.table.columns());
        let range = "WHERE run = ?1 AND token >= ?2 AND token <= ?3";
        let mut insert = conn.prepare_cached(&format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM {name}_fresh {range} ON CONFLICT DO NOTHING"
        ))?;
        let mut delete = conn.prepare_cached(&format!("DELETE FROM {name}_fresh {range}"))?;
        let (from, to) = (self.table.bound(self.next, 0), self.table.bound(end, 0xFF));
        for run in runs {
            insert.execute(params![run, from, to])?;
            delete.execute(params![run, from, to])?;
        }
        Ok(())
    }
}
