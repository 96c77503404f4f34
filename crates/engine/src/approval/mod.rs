//! What waits for approval: commands that met a flow are parked, decided on by people, and carried out in the name of
//! whoever asked, by the same code that carries them out at once where no flow is met.
//!
//! | step | where |
//! |---|---|
//! | a command comes to its gate: on, or parked | `gate` |
//! | what is parked, how it is sealed and kept | `parked` |
//! | people agree, refuse, hand over, add, comment, recall | `decide` |
//! | the command is run up to its gate, or through it | `carry` |
//! | who sees what of it | `show` |
//! | time passes | `wake` |
//!
//! Who may decide, when something ends and what it is bound to says `dossier_approvals`, which is pure.

mod carry;
mod decide;
mod gate;
mod parked;
mod show;
mod wake;
mod work;

pub use decide::{Deciding, Verdict};
pub use gate::{Carried, Waiting};
pub use show::{FlowShown, MoveShown, RequestBox, RequestPage, RequestShown, SaidShown};

pub(crate) use gate::{
    Asking, Gate, bound_row, drop_requests_by, drop_requests_for, drop_requests_of, waiting_of,
};
pub(crate) use parked::Approved;
pub(crate) use work::Work;
