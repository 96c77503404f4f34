//! Finding records by a part of their names, over an index that is sealed on disk.
//!
//! The index proposes; it never decides. It holds terms made of names (`terms`), and for each record its number, its
//! team and how long the name is: no name, and nothing to show. Whoever searches opens each proposed record, looks
//! whether the name really fits, and whether the asker may see it.
//!
//! ```text
//! Index ─ tantivy ─ Sealed (a Directory) ─ files of blocks, each sealed under a key of its own (`dossier_crypto`)
//! ```
//!
//! Everything in here is derived from records. What does not open is thrown away and made again.

mod cache;
mod directory;
mod error;
mod file;
mod index;
mod kept;
mod progress;
mod search;
mod terms;
mod view;
mod writing;

#[cfg(test)]
mod tests;

pub use error::SearchError;
pub use index::Index;
pub use progress::Progress;
pub use search::{Candidate, Scope, Verdict};
pub use terms::{Class, Entry};
