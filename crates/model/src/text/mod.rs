//! How names are compared with what people type when they look for one: folded, shortened, spelt in pinyin.
//!
//! Nothing in here knows an index. [`Name`] is what a stored name may be found by, [`Query`] is what was typed, and
//! [`Query::classify`] says whether and how the two meet: an index may propose whatever it likes, this decides.

mod classify;
mod fold;
mod pinyin;
mod short;
mod words;

pub use classify::{Match, Query};
pub use fold::fold;
pub use pinyin::{Reading, Syllables, readings, segmentations};
pub use short::Name;
