//! What people do about their own sign-in.

pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod totp;
