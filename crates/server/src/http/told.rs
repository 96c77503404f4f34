//! What is refused before anybody is known, told in the program's log: why, from where, and how many more there were that
//! were not told. Each reason is told once a second at most, so that whoever sends many fills no disk. Nothing that was
//! sent is told.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

const PAUSE: Duration = Duration::from_secs(1);

/// When each reason was told last, and how many were not told since.
#[derive(Default)]
pub(crate) struct Told(Mutex<BTreeMap<&'static str, (Instant, u64)>>);

impl Told {
    /// Tells of a refusal, or counts it for the next time.
    pub(crate) fn tell(&self, why: &'static str, from: &str) {
        if let Some(untold) = self.untold(why, Instant::now()) {
            tracing::warn!(why, from, untold, "refused");
        }
    }

    fn untold(&self, why: &'static str, now: Instant) -> Option<u64> {
        let mut told = self.0.lock();
        match told.get_mut(why) {
            Some((at, untold)) if now.duration_since(*at) < PAUSE => {
                *untold += 1;
                None
            }
            _ => Some(told.insert(why, (now, 0)).map_or(0, |(_, untold)| untold)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_once_a_second_and_what_was_not_told_is_counted() {
        let (told, now) = (Told::default(), Instant::now());
        assert_eq!(told.untold("rate_limited", now), Some(0));
        assert_eq!(told.untold("rate_limited", now), None);
        assert_eq!(told.untold("tls", now), Some(0));
        assert_eq!(told.untold("rate_limited", now + PAUSE / 2), None);
        assert_eq!(told.untold("rate_limited", now + PAUSE), Some(2));
        assert_eq!(told.untold("rate_limited", now + PAUSE), None);
    }
}
