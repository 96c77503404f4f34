//! How many passwords are looked at in one moment: each costs memory and a processor for some time.

use dossier_model::fault::Fault;
use parking_lot::{Condvar, Mutex};

/// Passwords at work at the same time.
const AT_WORK: usize = 2;
/// Passwords that may wait for that; one more is told to come again.
const WAITING: usize = 32;

#[derive(Default)]
struct Crowd {
    at_work: usize,
    waiting: usize,
}

/// Lets few through at a time.
#[derive(Default)]
pub(crate) struct Gate {
    crowd: Mutex<Crowd>,
    free: Condvar,
}

impl Gate {
    /// Does the work when it is its turn.
    ///
    /// # Errors
    /// `overloaded` when too many wait already.
    pub(crate) fn pass<T>(&self, work: impl FnOnce() -> T) -> Result<T, Fault> {
        let mut crowd = self.crowd.lock();
        if crowd.waiting >= WAITING {
            return Err(Fault::new("overloaded"));
        }
        crowd.waiting += 1;
        while crowd.at_work >= AT_WORK {
            self.free.wait(&mut crowd);
        }
        crowd.waiting -= 1;
        crowd.at_work += 1;
        drop(crowd);
        let _place = Place(self);
        Ok(work())
    }
}

/// Given back however the work ends.
struct Place<'g>(&'g Gate);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.crowd.lock().at_work -= 1;
        self.0.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn few_are_at_work_and_who_comes_to_a_full_queue_is_sent_away() {
        let gate = Gate::default();
        let (now, most, done, sent_away) =
            (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..60 {
                scope.spawn(|| {
                    let passed = gate.pass(|| {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(20));
                        now.fetch_sub(1, Ordering::SeqCst);
                    });
                    let count = if passed.is_ok() { &done } else { &sent_away };
                    count.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), AT_WORK);
        assert_eq!(done.load(Ordering::SeqCst) + sent_away.load(Ordering::SeqCst), 60);
        assert!(done.load(Ordering::SeqCst) >= WAITING);
    }

    #[test]
    fn a_place_is_given_back_by_work_that_panics() {
        let gate = Gate::default();
        for _ in 0..AT_WORK + 1 {
            let panicked =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| gate.pass(|| panic!("x"))));
            assert!(panicked.is_err());
        }
        assert!(gate.pass(|| ()).is_ok());
    }
}
