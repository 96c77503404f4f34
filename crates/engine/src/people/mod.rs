//! People: how they sign in and what they do about it themselves.
//!
//! A password's hash and the secret of codes by time stand in the sealed record of the person, so that an older one that
//! is put back closes the tenant like any change of the policy from outside. A sign-in is a row of its own with a MAC
//! (`session`); what changes with every sign-in stands in a sealed mark (`marks`), which is no part of the policy.

mod attempts;
mod ceremony;
mod codes;
mod gate;
mod links;
mod marks;
mod own;
mod passkeys;
mod password;
mod proof;
mod session;
mod sign_in;
mod sign_in_passkey;
mod views;

pub use ceremony::{Challenge, is_passkey_origin};
pub use codes::NewTotp;
pub use links::{Link, LinkShown, SetUp};
pub use own::SessionShown;
pub use passkeys::{NewPasskey, PasskeyShown};
pub use password::Passwords;
pub use proof::OwnProof;
pub use session::{Guard, LastSignIn, Me, Session, SignedIn};
pub use sign_in::SignIn;
pub use sign_in_passkey::SignInByPasskey;
pub use views::{NewView, SavedView};

pub(crate) use gate::Gate;
pub(crate) use links::{FIRST, Purpose};
pub(crate) use marks::{Marked, last_sign_ins};
pub(crate) use own::name_of;
pub(crate) use session::{Must, Sitting};

use dossier_access::Role;
use unicode_normalization::UnicodeNormalization;

/// A name as it is compared: however a keyboard put its characters together.
pub(crate) fn name_typed(text: &str) -> String {
    text.trim().nfc().collect()
}

/// How people sign in; `config.default.toml` says what each of them is for.
#[derive(Clone, Debug)]
pub struct SignInSettings {
    /// Seconds without a request after which a session ends.
    pub idle_seconds: u32,
    /// Seconds after which a session ends however much it is used.
    pub session_seconds: u32,
    /// Sign-ins that fail, for one name in a quarter of an hour.
    pub attempts_per_name: u32,
    /// The same for one address.
    pub attempts_per_address: u32,
    /// Sessions that one person may have; the oldest ends when another one begins.
    pub sessions_per_person: u32,
    /// Which rules passwords follow.
    pub passwords: Passwords,
    /// Memory that one password costs, in KiB.
    pub password_memory_kib: u32,
    /// Where people open the page, as `https://dossier.example.com`: passkeys are bound to it. None: there are no passkeys.
    pub origin: Option<String>,
    /// Roles that need no second factor, for whoever has no other role.
    pub second_factor_exempt: Vec<Role>,
    /// Whether everything in here is made up: its people, `demo.…`, need no second factor, and the page says so.
    pub demo: bool,
}

impl Default for SignInSettings {
    fn default() -> SignInSettings {
        SignInSettings {
            idle_seconds: 900,
            session_seconds: 8 * 3600,
            attempts_per_name: 10,
            attempts_per_address: 60,
            sessions_per_person: 10,
            passwords: Passwords::Asvs,
            password_memory_kib: 19 * 1024,
            origin: None,
            second_factor_exempt: Vec::new(),
            demo: false,
        }
    }
}
