//! What waits for approval, for whose, and what comes of it: one engine for everything, without any input or output.
//!
//! A [`Flow`] is a record: when it applies, who has to agree, how long that may take. [`Flows::met`] says which of them a
//! command meets. A [`Request`] is what is parked then; [`Request::apply`] is the one function by which it changes. The
//! moment, the draws of spot checks and the organisation are handed in, so that every decision is made by who there is
//! then, and can be made again.

mod able;
mod apply;
mod binding;
mod check;
mod choice;
mod command;
mod condition;
mod defaults;
mod facts;
mod flow;
mod lane;
mod notice;
mod organisation;
mod request;
mod step;
#[cfg(test)]
mod tests;
mod time;

pub use apply::Event;
pub use binding::{Binding, Bound, Hash, Moved, Scope};
pub use check::check;
pub use choice::{Flows, Met};
pub use command::Command;
pub use condition::{Condition, MOST_LONG, Type, VARIABLES};
pub use defaults::{Keepers, defaults};
pub use facts::{Facts, Turn};
pub use flow::{Apart, Flow, FlowId, Move, Trigger};
pub use lane::{Agreement, Extra, Lane, Now};
pub use notice::{Notice, Outcome};
pub use organisation::{Absence, Asker, Organisation, Person, Team};
pub use request::{Asking, Gone, Remark, Request, Said, State, Term, What};
pub use step::{Quorum, Step, Where, Who};
