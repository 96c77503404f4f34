//! What somebody answered for who left or moved: a list for whoever takes over, and the taking over.
//!
//! | step | where |
//! |---|---|
//! | a hand-over is written in the transaction that somebody leaves in | `job` |
//! | the heir takes it over, which may wait for approval | `take` |
//! | each dossier gets its new owner, as a version of its own | `work` |
//! | who sees which | `show` |
//!
//! A hand-over is a job: it is there until it is done, whoever leaves meanwhile and wherever the server is stopped.

mod job;
mod show;
mod take;
mod work;

pub use show::HandOver;

pub(crate) use job::{Parted, back, begin};
pub(crate) use take::take_over;
