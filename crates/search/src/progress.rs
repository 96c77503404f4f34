//! How far an index has come; it stands in the index's own commit, so that both move together.

use serde::{Deserialize, Serialize};

/// A change of terms or files is a new number: an index of another one is made again.
const FORMAT: u32 = 1;

/// Where in the change log an index stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    format: u32,
    /// The log that it follows: the installation's name.
    pub of: String,
    /// Entries of the change log that are in it.
    pub cursor: u64,
    /// Hash of the last of them, in hexadecimal digits: in another log another entry stands there.
    pub last: String,
    /// While it is made from all records: the number of the last record that is in it.
    pub scanning: Option<i64>,
    /// Records that were new in entries below this may have been in it before.
    pub overlap: u64,
}

impl Progress {
    /// An index of which nothing is there yet, of a log that has `size` entries, the last with this hash.
    #[must_use]
    pub fn start(of: &str, size: u64, last: String) -> Progress {
        let of = of.to_owned();
        Progress { format: FORMAT, of, cursor: size, last, scanning: Some(0), overlap: size }
    }

    /// Records up to this one are in it.
    #[must_use]
    pub fn scanned(self, rid: i64) -> Progress {
        Progress { scanning: Some(rid), ..self }
    }

    /// All records are in it, and some of them may be of entries below `overlap`.
    #[must_use]
    pub fn whole(self, overlap: u64) -> Progress {
        Progress { scanning: None, overlap, ..self }
    }

    /// Whether it was made by this version from this log.
    #[must_use]
    pub fn is_of(&self, name: &str) -> bool {
        self.format == FORMAT && self.of == name
    }
}
