//! What holds for every request, whatever it is about.

pub(crate) mod accept;
pub(crate) mod answer;
pub(crate) mod cookie;
pub(crate) mod forwarded;
pub(crate) mod layers;
pub(crate) mod limit;
pub(crate) mod problem;
pub(crate) mod told;
mod unread;
