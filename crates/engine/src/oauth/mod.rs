//! OAuth 2 for programs that act for people (RFC 6749, RFC 7636, RFC 9700): a person lets a program act for them, and the
//! program gets tokens. What may be done with one is what the person may and the program's roles allow, decided anew at
//! each request (`context.rs`).
//!
//! | step | where |
//! |---|---|
//! | where a program wants people sent back to, and which flows it uses | `redirect` |
//! | the row of a grant: a code, then tokens of which each renewal ends the ones before | `grant` |
//! | a program asks, the person answers | `authorize` |
//! | a code or a refresh token for new tokens | `token` |
//! | programs give tokens back and ask about them | `back` |
//! | people see which programs act for them, and withdraw that | `own` |
//!
//! A grant lies among the sign-ins of its person, so that whatever ends those ends it too, in the same transaction.

mod authorize;
mod back;
mod grant;
mod own;
mod redirect;
mod token;

pub use authorize::{Authorize, Checked, ProgramAsked};
pub use back::Introspected;
pub use own::ProgramHeld;
pub use token::{Redeem, Tokens};

pub use redirect::Registration;

pub(crate) use grant::Grant;

use dossier_access::Action;

/// By what a program says who it is.
pub struct ClientProof {
    /// TypeID `cli_…`.
    pub id: String,
    /// The secret; a program without one proves nothing.
    pub secret: Option<String>,
}

/// What a program can do for a person at all. What else it may by its own roles it does under its own name.
const FOR_PEOPLE: [Action; 10] = [
    Action::Read,
    Action::Create,
    Action::Change,
    Action::Delete,
    Action::Reveal,
    Action::Detokenise,
    Action::Copy,
    Action::Find,
    Action::History,
    Action::ReadLedger,
];
