//! Bundles and tiles of one log in the database: reading them, and checking what was read.

use std::cell::RefCell;

use dossier_model::id::Tenant;

use crate::access_log::checkpoint::size_of;
use crate::access_log::format::Bundle;
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::mechanics::Checkpoint;
use crate::merkle::{EMPTY_ROOT, Hash, Head, TILE_BYTES};
use crate::mysql::conn::{Conn, SqlError, values};
use crate::mysql::pool::Pool;

/// Rows whose places are looked up at once.
const PLACES: i64 = 512;
/// Entries that are read at once, unless one bundle has more. Most have some hundred bytes.
const ENTRIES_AT_ONCE: u64 = 512;

/// Who may be asked by question and answer; a question may be asked twice.
pub(super) trait Ask {
    fn ask<T>(&self, question: impl FnMut(&mut Conn) -> Result<T, SqlError>) -> Result<T, StoreError>;
}

impl Ask for Pool {
    /// Connections that lay idle may have been cut meanwhile, so that a new one gets a second try.
    fn ask<T>(&self, mut question: impl FnMut(&mut Conn) -> Result<T, SqlError>) -> Result<T, StoreError> {
        let mut fresh = false;
        loop {
            let mut conn = self.take(fresh)?;
            match question(&mut conn) {
                Err(SqlError::Lost(why)) => {
                    self.forget();
                    if fresh {
                        return Err(StoreError::Unreachable(why));
                    }
                    fresh = true;
                }
                answer => {
                    self.give(conn);
                    return Ok(answer?);
                }
            }
        }
    }
}

/// A connection of one's own.
pub(super) struct Own<'c>(pub(super) RefCell<&'c mut Conn>);

impl Ask for Own<'_> {
    fn ask<T>(&self, mut question: impl FnMut(&mut Conn) -> Result<T, SqlError>) -> Result<T, StoreError> {
        Ok(question(&mut self.0.borrow_mut())?)
    }
}

/// A position or a size as a column holds it.
pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A bundle as it lies in its row.
pub(super) struct Stored {
    pub(super) position: u64,
    pub(super) entries: u64,
    pub(super) root: Hash,
    pub(super) bytes: Vec<u8>,
}

/// One log, and who is asked for it.
pub(super) struct Log<'a, A> {
    pub(super) asked: &'a A,
    pub(super) tenant: Tenant,
    pub(super) node: u32,
}

impl<A> Clone for Log<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Log<'_, A> {}

impl<A: Ask> Log<'_, A> {
    /// An error that names its place.
    pub(super) fn damage(&self, entry: u64, what: &str) -> StoreError {
        StoreError::Corrupt(format!("access log of node {}, entry {entry}: {what}", self.node))
    }

    /// Size and root as stored with the newest bundle. With `lock`, a transaction that is adding one is waited for.
    pub(super) fn head(&self, lock: bool) -> Result<Head, StoreError> {
        let lock = if lock { " FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT position, entries, root FROM access_bundle WHERE tenant = ? AND node = ? \
             ORDER BY position DESC LIMIT 1{lock}"
        );
        let found = self.asked.ask(|conn| {
            conn.one(sql.as_str(), values![self.tenant.0, self.node], |cells| {
                let (position, entries) = (cells.narrow::<u64>(0)?, cells.narrow::<u64>(1)?);
                Ok(Head { size: position.saturating_add(entries), root: cells.fixed(2)? })
            })
        })?;
        Ok(found.unwrap_or(Head { size: 0, root: EMPTY_ROOT }))
    }

    /// Where the bundle begins that should hold an entry.
    fn covering(&self, entry: u64) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM access_bundle WHERE tenant = ? AND node = ? AND position <= ? \
                   ORDER BY position DESC LIMIT 1";
        let found = self.asked.ask(|conn| {
            conn.one(sql, values![self.tenant.0, self.node, whole(entry)], |cells| cells.narrow(0))
        })?;
        found.ok_or_else(|| self.damage(entry, "it is missing"))
    }

    /// Bundles from a position on, of which the first may begin later: as many as hold `wanted` entries, but not more
    /// than should be in memory at a time. They are not checked.
    pub(super) fn page(&self, from: u64, wanted: u64) -> Result<Vec<Stored>, StoreError> {
        let sql = "SELECT position, entries FROM access_bundle WHERE tenant = ? AND node = ? AND position >= ? \
                   ORDER BY position LIMIT ?";
        let places: Vec<(u64, u64)> = self.asked.ask(|conn| {
            conn.rows(sql, values![self.tenant.0, self.node, whole(from), PLACES], |cells| {
                Ok((cells.narrow(0)?, cells.narrow(1)?))
            })
        })?;
        let most = wanted.min(ENTRIES_AT_ONCE);
        let mut entries = 0u64;
        let mut last = None;
        for (position, count) in places {
            if last.is_some() && entries >= most
                || entries > 0 && entries.saturating_add(count) > ENTRIES_AT_ONCE
            {
                break;
            }
            entries = entries.saturating_add(count);
            last = Some(position);
        }
        let Some(last) = last else { return Ok(Vec::new()) };
        let sql = "SELECT position, entries, root, bytes FROM access_bundle \
                   WHERE tenant = ? AND node = ? AND position >= ? AND position <= ? ORDER BY position";
        self.asked.ask(|conn| {
            conn.rows(sql, values![self.tenant.0, self.node, whole(from), whole(last)], |cells| {
                let (position, entries) = (cells.narrow(0)?, cells.narrow(1)?);
                Ok(Stored { position, entries, root: cells.fixed(2)?, bytes: cells.bytes(3)? })
            })
        })
    }

    /// The bytes of the bundle at a position, once no transaction is adding one there.
    pub(super) fn at(&self, position: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM access_bundle WHERE tenant = ? AND node = ? AND position = ? FOR UPDATE";
        self.asked.ask(|conn| {
            conn.one(sql, values![self.tenant.0, self.node, whole(position)], |cells| cells.bytes(0))
        })
    }

    /// Takes a bundle apart that should begin at `next`.
    pub(super) fn parse<'s>(&self, stored: &'s Stored, next: u64) -> Result<Bundle<'s>, StoreError> {
        if stored.position != next {
            return Err(self.damage(next, "it is missing"));
        }
        let bundle = Bundle::parse(&stored.bytes).map_err(|reason| self.damage(next, reason))?;
        let header = bundle.header;
        let placed = header.tenant == self.tenant && header.first == next;
        if !placed || u64::from(header.count) != stored.entries || header.bytes != stored.bytes.len() {
            return Err(self.damage(next, "its bundle is another than its row says"));
        }
        Ok(bundle)
    }

    /// Calls `each` with the leaves and sides of the entries `from..to`, which are all there or something is damaged.
    pub(super) fn walk(
        &self,
        from: u64,
        to: u64,
        mut each: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), StoreError> {
        if from >= to {
            return Ok(());
        }
        let mut next = self.covering(from)?;
        while next < to {
            let page = self.page(next, to - next)?;
            if page.is_empty() {
                return Err(self.damage(next, "it is missing"));
            }
            for stored in &page {
                let bundle = self.parse(stored, next)?;
                for (index, (leaf, side)) in (next..to).zip(bundle.entries()) {
                    if index >= from {
                        each(leaf, side);
                    }
                }
                next = bundle.header.next();
            }
        }
        Ok(())
    }

    /// The entries `from..to`.
    pub(super) fn entries(&self, from: u64, to: u64) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        let mut found = Vec::new();
        self.walk(from, to, |leaf, side| {
            let index = from + found.len() as u64;
            found.push((index, AccessEntry { leaf: leaf.to_vec(), side: side.to_vec() }));
        })?;
        Ok(found)
    }

    /// Full tiles of a level, ascending, which are all there or something is damaged.
    pub(super) fn tiles(&self, level: u8, from: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT position, hashes FROM access_tile \
                   WHERE tenant = ? AND node = ? AND level = ? AND position >= ? AND position < ? ORDER BY position";
        let to = from.saturating_add(count);
        let found: Vec<(u64, Vec<u8>)> = self.asked.ask(|conn| {
            conn.rows(sql, values![self.tenant.0, self.node, level, whole(from), whole(to)], |cells| {
                Ok((cells.narrow(0)?, cells.bytes(1)?))
            })
        })?;
        let whole_one = |due: u64, (at, bytes): &(u64, Vec<u8>)| *at == due && bytes.len() == TILE_BYTES;
        if found.len() as u64 != count || !(from..to).zip(&found).all(|(due, tile)| whole_one(due, tile)) {
            let text =
                format!("access log of node {}: a tile of level {level} is missing or short", self.node);
            return Err(StoreError::Corrupt(text));
        }
        Ok(found.into_iter().map(|(_, bytes)| bytes).collect())
    }

    /// How many leaves the full tiles of the lowest level reach over.
    pub(super) fn tiled(&self) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM access_tile WHERE tenant = ? AND node = ? AND level = 0 \
                   ORDER BY position DESC LIMIT 1";
        let newest: Option<u64> = self
            .asked
            .ask(|conn| conn.one(sql, values![self.tenant.0, self.node], |cells| cells.narrow(0)))?;
        Ok(newest.map_or(0, |index| (index + 1).saturating_mul(256)))
    }

    /// The newest signed checkpoint.
    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let sql = "SELECT size, checkpoint FROM access_checkpoint WHERE tenant = ? AND node = ?";
        let found: Option<(u64, String)> = self.asked.ask(|conn| {
            conn.one(sql, values![self.tenant.0, self.node], |cells| Ok((cells.narrow(0)?, cells.text(1)?)))
        })?;
        match found {
            Some((size, text)) if size_of(&text) != Some(size) => {
                Err(StoreError::Corrupt(format!("access log of node {}: its checkpoint is none", self.node)))
            }
            found => Ok(found.map(|(size, text)| Checkpoint { size, text })),
        }
    }

    /// Refuses a log that has fewer entries than once were in it. What is compared grows in this order: tiles and
    /// checkpoint are read first.
    pub(super) fn whole_head(&self, lock: bool) -> Result<Head, StoreError> {
        let tiled = self.tiled()?;
        let signed = self.checkpoint()?.map_or(0, |checkpoint| checkpoint.size);
        let head = self.head(lock)?;
        if head.size < tiled.max(signed) {
            let why =
                if head.size < tiled { "its tiles reach further" } else { "its checkpoint covers more" };
            return Err(self.damage(head.size, &format!("the log ends here, but {why}")));
        }
        Ok(head)
    }
}

/// Tenants that have a log of any node, ascending: a step into the index for each.
pub(super) fn tenants(asked: &impl Ask) -> Result<Vec<Tenant>, StoreError> {
    let sql = "SELECT tenant FROM access_bundle WHERE tenant > ? ORDER BY tenant LIMIT 1";
    let (mut found, mut last) = (Vec::new(), -1i64);
    while let Some(next) = asked.ask(|conn| conn.one(sql, values![last], |cells| cells.narrow::<u32>(0)))? {
        found.push(Tenant(next));
        last = i64::from(next);
    }
    Ok(found)
}
