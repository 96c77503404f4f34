//! One face for both logs.

use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_store::merkle::{Hash, TileSource, leaf_hash};
use dossier_store::{AccessRead, LogHead, Read, StoreError};

/// Which log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Log {
    Change,
    Access,
}

impl Log {
    pub(crate) const BOTH: [Log; 2] = [Log::Change, Log::Access];

    /// Reads a log's name.
    pub(crate) fn parse(text: &str) -> Result<Log, Fault> {
        match text {
            "change" => Ok(Log::Change),
            "access" => Ok(Log::Access),
            _ => Err(crate::invalid("log")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Log::Change => "change",
            Log::Access => "access",
        }
    }

    /// The end of the origin line.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Log::Change => "change",
            Log::Access => "access/1",
        }
    }

    /// An entry's id as people write it.
    pub(crate) fn entry_id(self, index: u64) -> String {
        match self {
            Log::Change => format!("c-{index}"),
            Log::Access => format!("a-1-{index}"),
        }
    }

    /// Reads an entry's id.
    pub(crate) fn parse_entry(text: &str) -> Result<(Log, u64), Fault> {
        let (log, number) = match (text.strip_prefix("c-"), text.strip_prefix("a-1-")) {
            (Some(number), _) => (Log::Change, number),
            (_, Some(number)) => (Log::Access, number),
            _ => return Err(Fault::new("not_found")),
        };
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        plain
            .then(|| number.parse().ok())
            .flatten()
            .map(|index| (log, index))
            .ok_or_else(|| Fault::new("not_found"))
    }
}

/// An entry as it is stored: index, leaf, sealed text beside it.
pub(crate) type Stored = (u64, Vec<u8>, Vec<u8>);

/// A log, open for reading at one moment.
pub(crate) enum Source<'a> {
    Change(Box<dyn Read + 'a>),
    Access(Box<dyn AccessRead + 'a>),
}

impl Engine {
    pub(crate) fn source(&self, log: Log) -> Result<Source<'_>, Fault> {
        Ok(match log {
            Log::Change => Source::Change(self.store.read()?),
            Log::Access => Source::Access(self.store.access_log(TENANT, self.store.node())?),
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
            Source::Change(read) => read
                .change_entries(TENANT, from, limit)?
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
