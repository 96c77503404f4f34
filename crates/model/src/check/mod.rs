//! Checks and normalisers of single values (A15, A16).
//!
//! Each takes what a person or a registry wrote and gives the one form that is kept, or a [`crate::Fault`] without a
//! field: the caller knows which field it was. What passes once, passes again unchanged. Faults never hold the value,
//! at most a position or a length.

mod bank;
mod capital;
mod credit_code;
mod currency;
mod date;
mod email;
mod identity;
mod iso7064;
mod phone;
mod registration;
mod tax;
mod text;

pub use bank::{bank_account, bank_card};
pub use capital::capital;
pub use credit_code::credit_code;
pub use date::date;
pub use email::{email, is_free_mailbox};
pub use identity::identity_number;
pub use phone::phone;
pub use registration::{organisation_code, registration_number};
pub use tax::tax_number;
pub use text::{is_absent, is_hidden, may_hide, normalise_name, normalise_text};

pub(crate) use credit_code::check_character;
pub(crate) use iso7064::{luhn, mod_11_2, mod_1271_36};
pub(crate) use registration::organisation_check;
pub(crate) use text::{compact_groups, half_width};
