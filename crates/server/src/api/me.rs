//! What people do about their own sign-in.

pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod programs;
pub(crate) mod proof;
pub(crate) mod sessions;
pub(crate) mod totp;
