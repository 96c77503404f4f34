//! OAuth 2: programs get tokens, for themselves or for people who let them, give them back and ask about them.

pub(crate) mod authorize;
pub(crate) mod back;
mod form;
pub(crate) mod metadata;
pub(crate) mod token;
