//! The only crate that speaks SQL, and the only one that writes the logs' files.
//!
//! It takes and gives ciphertext: what it stores was sealed above it, and it knows no key. The whole interface is
//! narrow, as etcd's is: a [`WriteSet`] that happens as a whole or not at all, and questions to a snapshot ([`Read`]).
//! Two backends are here, SQLite ([`sqlite::SqliteStore`]) and MySQL ([`mysql::MysqlStore`]); the parity suite tells what
//! both must do.

pub mod access_log;
mod cbor;
mod error;
mod health;
mod lock;
mod log;
mod mechanics;
pub mod merkle;
pub mod migrate;
pub mod mysql;
#[cfg(any(test, feature = "parity"))]
pub mod parity;
mod query;
mod queue;
mod row;
pub mod sqlite;
mod store;
mod ticket;
mod write_set;

pub use error::{CommitError, Conflict, StoreError};
pub use lock::FolderLock;
pub use log::{AccessEntry, AccessTicket, ChangeTiles, CommitTicket, LogHead};
pub use mechanics::{
    Checkpoint, IdempotencyRow, JobPart, JobRow, LeaseRow, LoginRow, SessionRow, TokenRow, UniqueRow,
    WrappedKey, bucket_of,
};
pub use mysql::{MysqlOptions, MysqlStore};
pub use query::{RowBy, RowQuery};
pub use row::{Row, STATE_ERASED, STATE_FROZEN, STATE_LIVE, SystemRow};
pub use sqlite::{Options, SqliteStore};
pub use store::{AccessRead, Read, State, Store};
pub use write_set::{Committed, MAX_LEAF_BYTES, Op, WriteSet};
