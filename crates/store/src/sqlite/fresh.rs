//! Fresh tokens: how random keys come into large tables without rewriting a page for each.
//!
//! A token is random, so in a large table each new one meets a page of its own, and a commit writes whole pages: at a
//! million records that cost more than everything else together (docs/decisions). So new tokens go into a small *run*,
//! a few pages that one batch rewrites; when a run is full, the next one begins. Once there are many runs, or nothing
//! else is to do, the writer moves them into the large tables slice by slice in the order of the key, so that the tokens
//! that share a page meet it together. Each slice is one transaction that inserts and deletes: at every moment a token is
//! in exactly one place, and readers look in both.

use std::collections::{BTreeMap, HashSet};

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::error::StoreError;

/// Entries of a run: about fifty pages.
const RUN_ENTRIES: u64 = 12_288;
/// So many runs, and they are moved even though there is other work.
const RUNS_BEFORE_MOVE: usize = 48;
/// About so many entries move in one transaction, some 10 ms.
const SLICE_ENTRIES: u64 = 10_000;

/// The two large tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Uniq,
    Token,
}

/// Tokens that are neighbours in the order of the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) table: Table,
    pub(super) tenant: u32,
    pub(super) field: u32,
    pub(super) kv: u16,
}

/// What the writer knows about the runs. It says where to write, when to move, and where there is no need to look; none
/// of it is needed to read.
#[derive(Default)]
pub(super) struct Fresh {
    /// Where new tokens go.
    run: i64,
    /// Whether `fresh_run` has that run, as of the transaction that is open.
    noted: bool,
    entries: u64,
    /// Runs before that one.
    full: Vec<i64>,
    /// About how many entries of each group the runs hold.
    counts: BTreeMap<GroupKey, u64>,
    /// Unique tokens that may be in the runs. One that is in no such set is in no run.
    hints: HashSet<(u32, u64)>,
    moving: Option<Move>,
}

/// A move of some runs into the large tables, group by group.
struct Move {
    runs: Vec<i64>,
    groups: Vec<Group>,
    hints: HashSet<(u32, u64)>,
}

/// A group that is moved in slices of equal width: tokens are spread evenly.
struct Group {
    key: GroupKey,
    slices: u64,
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
        let mut fresh = Self { run: full.last().map_or(1, |last| last + 1), full, ..Self::default() };
        for table in [Table::Uniq, Table::Token] {
            let sql = format!("SELECT tenant, field, kv, count(*) FROM {}_fresh GROUP BY 1, 2, 3", table.name());
            let mut query = conn.prepare(&sql)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let key = GroupKey { table, tenant: row.get(0)?, field: row.get(1)?, kv: row.get(2)? };
                fresh.counts.insert(key, u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0));
            }
        }
        let mut query = conn.prepare("SELECT field, token FROM uniq_fresh")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            fresh.hints.insert(hint(row.get(0)?, &row.get(1)?));
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

    /// What was written since the mark was taken back. Counts and hints may stay too high.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.noted = mark.noted && self.run == mark.run;
    }

    /// Says that an entry went into the open run.
    pub(super) fn count(&mut self, key: GroupKey) {
        *self.counts.entry(key).or_default() += 1;
        self.entries += 1;
    }

    /// Says that a unique token went into the open run.
    pub(super) fn hint(&mut self, field: u32, token: &[u8; 16]) {
        self.hints.insert(hint(field, token));
    }

    /// Whether a unique token may be in a run.
    pub(super) fn may_hold(&self, field: u32, token: &[u8; 16]) -> bool {
        let hint = hint(field, token);
        self.hints.contains(&hint) || self.moving.as_ref().is_some_and(|moving| moving.hints.contains(&hint))
    }

    /// Whether a slice should move now; `idle` when there is nothing else to do.
    pub(super) fn wants_move(&self, idle: bool) -> bool {
        let any = self.noted || !self.full.is_empty();
        self.moving.is_some() || self.full.len() >= RUNS_BEFORE_MOVE || (idle && any)
    }

    /// Moves one slice in a transaction of its own.
    pub(super) fn move_slice(&mut self, conn: &mut Connection) -> Result<(), StoreError> {
        let mut moving = self.moving.take().unwrap_or_else(|| self.plan());
        match moving.step(conn) {
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
        self.begin_run();
        let groups = std::mem::take(&mut self.counts).into_iter();
        let groups = groups.map(|(key, count)| Group { key, slices: count / SLICE_ENTRIES + 1, next: 0 }).collect();
        Move { runs: std::mem::take(&mut self.full), groups, hints: std::mem::take(&mut self.hints) }
    }
}

impl Move {
    /// One slice, or the end of the move: then true.
    fn step(&mut self, conn: &mut Connection) -> Result<bool, StoreError> {
        self.groups.pop_if(|group| group.next >= group.slices);
        let step = conn.transaction()?;
        let done = match self.groups.last() {
            Some(group) => {
                group.move_slice(&step, &self.runs)?;
                false
            }
            None => {
                for run in &self.runs {
                    step.prepare_cached("DELETE FROM fresh_run WHERE run = ?1")?.execute([run])?;
                }
                true
            }
        };
        step.commit()?;
        if let Some(group) = self.groups.last_mut() {
            group.next += 1;
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

impl Group {
    fn move_slice(&self, conn: &Connection, runs: &[i64]) -> Result<(), StoreError> {
        let GroupKey { table, tenant, field, kv } = self.key;
        let (name, columns) = (table.name(), table.columns());
        let range = "WHERE run = ?1 AND tenant = ?2 AND field = ?3 AND kv = ?4 AND token >= ?5 AND token <= ?6";
        let mut insert = conn.prepare_cached(&format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM {name}_fresh {range} ON CONFLICT DO NOTHING"
        ))?;
        let mut delete = conn.prepare_cached(&format!("DELETE FROM {name}_fresh {range}"))?;
        let width = u64::MAX / self.slices;
        let from = width * self.next;
        let to = if self.next + 1 == self.slices { u64::MAX } else { from + width - 1 };
        let (from, to) = (table.bound(from, 0), table.bound(to, 0xFF));
        for run in runs {
            if insert.execute(params![run, tenant, field, kv, from, to])? > 0 {
                delete.execute(params![run, tenant, field, kv, from, to])?;
            }
        }
        Ok(())
    }
}

fn hint(field: u32, token: &[u8; 16]) -> (u32, u64) {
    let [a, b, c, d, e, f, g, h, ..] = *token;
    (field, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}
