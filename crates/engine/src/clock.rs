//! The machine's clock, which people and protocols move, as one that never goes back.
//!
//! Forward it follows the machine: what has an end ends. When the machine's clock is put back, or stands, it goes on at the
//! pace of the monotonic clock until the machine's has caught up. After a start it goes on from the newest entry of the
//! ledger, where one server alone writes it and unless that lies so far ahead that the machine's clock must have been wrong
//! then: what was issued in that future is not taken (see [`issued_by`]), and the entries' order is that of their numbers as
//! ever.

use dossier_model::time::{Clock, Micros};
use parking_lot::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Later than everything: what was begun is due whatever clock it was begun by.
pub(crate) const ANY_TIME: Micros = Micros(i64::MAX);

/// So far behind the ledger a clock may start: a day and what daylight time adds.
const BEHIND: i64 = 26 * 3600 * Micros::SECOND;

/// Whether something that was issued at that time can be in force now: nothing comes from the future.
pub(crate) fn issued_by(issued: Micros, now: Micros) -> bool {
    issued <= now.plus(Micros::SKEW)
}

/// The machine's wall clock and a monotonic one, read together: microseconds since 1970, and since some moment.
type Machine = Box<dyn Fn() -> (Micros, i64) + Send + Sync>;

/// See the module.
pub(crate) struct SteadyClock {
    machine: Machine,
    /// What was told last, and the monotonic clock then.
    told: Mutex<(Micros, i64)>,
}

impl SteadyClock {
    /// On the machine's clocks.
    #[allow(clippy::disallowed_methods, reason = "the one place where the machine's time comes in")]
    pub(crate) fn of_machine() -> SteadyClock {
        let begun = Instant::now();
        SteadyClock::new(Box::new(move || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let whole = |micros| i64::try_from(micros).unwrap_or(i64::MAX);
            (Micros(whole(since.as_micros())), whole(begun.elapsed().as_micros()))
        }))
    }

    fn new(machine: Machine) -> SteadyClock {
        let told = Mutex::new(machine());
        SteadyClock { machine, told }
    }

    /// Goes on from the time of the newest entry, where the machine's clock is behind it by no more than a day.
    pub(crate) fn not_before(&self, newest: Micros) {
        let now = self.now();
        if newest <= now {
            return;
        }
        let behind_seconds = (newest.0 - now.0) / Micros::SECOND;
        if newest.0 - now.0 > BEHIND {
            tracing::error!(
                behind_seconds,
                "the machine's clock is far behind the ledger: what was issued ahead of it does not hold"
            );
            return;
        }
        tracing::warn!(behind_seconds, "the machine's clock is behind the ledger: time goes on from there");
        let mut told = self.told.lock();
        told.0 = told.0.max(newest);
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Micros {
        let mut told = self.told.lock();
        let (wall, ticks) = (self.machine)();
        let steady = told.0.0.saturating_add(ticks - told.1);
        *told = (wall.max(Micros(steady)), ticks);
        told.0
    }

    fn wall(&self) -> Micros {
        (self.machine)().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    const HOUR: i64 = 3600 * Micros::SECOND;
    const BEGIN: i64 = 1_790_000_000_000_000;

    /// A machine whose two clocks are moved by hand.
    fn machine() -> (SteadyClock, Arc<[AtomicI64; 2]>) {
        let clocks = Arc::new([AtomicI64::new(BEGIN), AtomicI64::new(0)]);
        let read = Arc::clone(&clocks);
        let clock = SteadyClock::new(Box::new(move || {
            (Micros(read[0].load(Ordering::Relaxed)), read[1].load(Ordering::Relaxed))
        }));
        (clock, clocks)
    }

    proptest! {
        /// However the machine's clock is moved: never back, never slower than what has really passed, and where the
        /// machine's clock is the later one, that one.
        #[test]
        fn time_never_goes_back(steps in prop::collection::vec((-48 * HOUR..48 * HOUR, 0..HOUR), 1..40)) {
            let (clock, clocks) = machine();
            let mut before = clock.now();
            for (jump, passed) in steps {
                clocks[0].fetch_add(jump + passed, Ordering::Relaxed);
                clocks[1].fetch_add(passed, Ordering::Relaxed);
                let now = clock.now();
                prop_assert!(now.0 >= before.0 + passed);
                prop_assert_eq!(clock.wall().0, clocks[0].load(Ordering::Relaxed));
                prop_assert!(now.0 >= clocks[0].load(Ordering::Relaxed));
                prop_assert!(now.0 == before.0 + passed || now.0 == clocks[0].load(Ordering::Relaxed));
                before = now;
            }
        }
    }

    #[test]
    fn a_start_goes_on_from_the_newest_entry_unless_that_is_from_another_time() {
        for (ahead, expected) in [(-HOUR, 0), (0, 0), (HOUR, HOUR), (26 * HOUR, 26 * HOUR), (27 * HOUR, 0)] {
            let (clock, clocks) = machine();
            clock.not_before(Micros(BEGIN + ahead));
            assert_eq!(clock.now(), Micros(BEGIN + expected), "{ahead}");
            clocks[1].fetch_add(7, Ordering::Relaxed);
            assert_eq!(clock.now(), Micros(BEGIN + expected + 7), "{ahead}");
        }
    }

    #[test]
    fn what_was_issued_in_the_future_does_not_hold() {
        let now = Micros(BEGIN);
        assert!(issued_by(Micros(BEGIN - HOUR), now) && issued_by(now.plus(Micros::SKEW), now));
        assert!(!issued_by(now.plus(Micros::SKEW + 1), now));
    }
}
