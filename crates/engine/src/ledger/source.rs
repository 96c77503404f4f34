//! One face for both logs.

use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_store::merkle::{Hash, TileSource, leaf_hash};
use dossier_store::{AccessRead, LogHead, Read, StoreError};

/// Which log: the change log, or the access log of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Log {
    Change,
    Access(u32),
}

const CHANGE: &str = "change";
/// The access log of the node that answers, and what the names of all access logs begin with.
const ACCESS: &str = "access";

impl Log {
    /// Its name, which is also the end of the origin line of its checkpoints.
    pub(crate) fn path(self) -> String {
        match self {
            Log::Change => CHANGE.to_owned(),
            Log::Access(node) => format!("{ACCESS}/{node}"),
        }
    }

    /// An entry's id as people write it.
    pub(crate) fn entry_id(self, index: u64) -> String {
        match self {
            Log::Change => format!("c-{index}"),
            Log::Access(node) => format!("a-{node}-{index}"),
        }
    }

    /// The log that a name stands for, whether or not there is such a node.
    fn of_path(text: &str) -> Option<Log> {
        match text.split_once('/') {
            None => (text == CHANGE).then_some(Log::Change),
            Some((ACCESS, node)) => Some(Log::Access(node_number(node)?)),
            Some(_) => None,
        }
    }

    /// The log and index of an entry's id, whether or not there is such an entry.
    fn of_entry(text: &str) -> Option<(Log, u64)> {
        if let Some(index) = text.strip_prefix("c-") {
            return Some((Log::Change, whole(index)?));
        }
        let (node, index) = text.strip_prefix("a-")?.split_once('-')?;
        Some((Log::Access(node_number(node)?), whole(index)?))
    }
}

/// A node's number in its one spelling.
fn node_number(text: &str) -> Option<u32> {
    if text.starts_with('0') { None } else { u32::try_from(whole(text)?).ok() }
}

fn whole(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// An entry as it is stored: index, leaf, sealed text beside it.
pub(crate) type Stored = (u64, Vec<u8>, Vec<u8>);

/// A log, open for reading at one moment.
pub(crate) enum Source<'a> {
    Change(Box<dyn Read + 'a>),
    Access(Box<dyn AccessRead + 'a>),
}

impl Engine {
    /// The access log that this process writes.
    pub(crate) fn own_log(&self) -> Log {
        Log::Access(self.store.node())
    }

    /// The access logs of all nodes, ascending.
    pub(crate) fn access_logs(&self) -> Result<Vec<Log>, Fault> {
        Ok(self.store.nodes(TENANT)?.into_iter().map(Log::Access).collect())
    }

    /// The log that a caller names: `change`, `access` (of the node that answers) or `access/N`.
    ///
    /// # Errors
    /// `query_invalid` when there is none of that name.
    pub(crate) fn log_named(&self, text: &str) -> Result<Log, Fault> {
        if text == ACCESS {
            return Ok(self.own_log());
        }
        let log = Log::of_path(text).ok_or_else(|| crate::invalid("log"))?;
        if self.has_log(log)? { Ok(log) } else { Err(crate::invalid("log")) }
    }

    /// The log and index of an entry that a caller names: `c-N`, `a-NODE-N`.
    ///
    /// # Errors
    /// `not_found` when it has no such form, or there is no such node.
    pub(crate) fn entry_named(&self, text: &str) -> Result<(Log, u64), Fault> {
        let missing = || Fault::new("not_found");
        let (log, index) = Log::of_entry(text).ok_or_else(missing)?;
        if self.has_log(log)? { Ok((log, index)) } else { Err(missing()) }
    }

    /// The log whose checkpoints have this origin.
    pub(crate) fn log_of_origin(&self, origin: &str) -> Option<Log> {
        Log::of_path(origin.strip_prefix(&self.key_name())?.strip_prefix('/')?)
    }

    fn has_log(&self, log: Log) -> Result<bool, Fault> {
        match log {
            Log::Change => Ok(true),
            Log::Access(node) => Ok(self.store.nodes(TENANT)?.contains(&node)),
        }
    }

    /// Opens a log for reading.
    pub(crate) fn source(&self, log: Log) -> Result<Source<'_>, Fault> {
        Ok(match log {
            Log::Change => Source::Change(self.store.read()?),
            Log::Access(node) => Source::Access(self.store.access_log(TENANT, node)?),
        })
    }
}

impl Source<'_> {
    pub(crate) fn head(&self) -> Result<LogHead, StoreError> {
        match self {
            Source::Change(read) => read.change_head(TENANT),
            Source::Access(log) => log.head(),
        }
    }

    /// Entries from an index on: index, leaf, sealed text beside it.
    pub(crate) fn entries(&self, from: u64, limit: usize) -> Result<Vec<Stored>, StoreError> {
        Ok(match self {
            Source::Change(read) => changes(&**read, from, limit)?
                .into_iter()
                .map(|(index, leaf)| (index, leaf, Vec::new()))
                .collect(),
            Source::Access(log) => log
                .entries(from, limit)?
                .into_iter()
                .map(|(index, entry)| (index, entry.leaf, entry.side))
                .collect(),
        })
    }
}

/// Leaves of the change log from an index on. What lies behind its head was never added to it, whatever the table holds.
pub(crate) fn changes(read: &dyn Read, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let size = read.change_head(TENANT)?.size;
    let mut found = read.change_entries(TENANT, from, limit)?;
    found.retain(|(index, _)| *index < size);
    Ok(found)
}

impl TileSource for Source<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Source::Change(read) => read.tile(TENANT, level, index),
            Source::Access(log) => log.tile(level, index),
        }
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        Ok(self.entries(from, count)?.iter().map(|(_, leaf, _)| leaf_hash(leaf)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_and_its_entries_are_named_in_one_way_each() {
        for log in [Log::Change, Log::Access(1), Log::Access(4_000_000_000)] {
            assert_eq!(Log::of_path(&log.path()), Some(log));
            assert_eq!(Log::of_entry(&log.entry_id(7)), Some((log, 7)));
        }
        for wrong in
            ["access", "access/", "access/0", "access/01", "access/+1", "access/5000000000", "change/1", ""]
        {
            assert_eq!(Log::of_path(wrong), None, "{wrong}");
        }
        for wrong in ["a-1", "a--1", "a-0-1", "a-01-1", "a-1-", "a-1--1", "c-", "c--1", "x-1", ""] {
            assert_eq!(Log::of_entry(wrong), None, "{wrong}");
        }
    }
}
