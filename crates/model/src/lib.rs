//! Kinds, fields, values, normalisers, checks, masks and codes: pure functions, no input or output.
//!
//! Every other crate builds on this one, and it builds on none of them. What a customer or a contact is, stands in
//! `kinds/*.toml`; what can go wrong, and how it is told, stands in `errors.toml`.

pub mod address;
pub mod check;
pub mod code;
pub mod fault;
pub mod generate;
pub mod id;
pub mod kind;
pub mod level;
pub mod mask;
pub mod money;
pub mod organisation;
pub mod scope;
pub mod text;
pub mod time;
pub mod value;

pub use fault::{Fault, Lang, Problem};
pub use id::{Rid, TeamNo, Tenant, Uid};
pub use kind::{Field, Kind, KindId, Kinds};
pub use level::{Class, Level, Stage, Subject};
pub use mask::Mask;
pub use time::{Clock, Day, Entropy, Micros};
pub use value::{Changes, FieldType, Fields, Money, Value};
