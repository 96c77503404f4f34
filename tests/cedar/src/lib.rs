//! What the access crate decides, decided again by Cedar: its tests alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub use dossier_access::*;

#[cfg(test)]
mod cedar;
#[cfg(test)]
#[path = "../../../crates/access/src/tests"]
mod tests {
    pub mod random;

    use dossier_access::Moment;
    use dossier_model::kind::{Kind, Kinds};
    use dossier_model::time::Day;

    /// A Monday, at ten.
    const AT: Moment = Moment { day: Day(20_787), weekday: 0, minute: 600 };

    fn kinds() -> [&'static Kind; 2] {
        [Kinds::customer(), Kinds::contact()]
    }
}
