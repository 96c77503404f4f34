//! What waits for a writer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// What the writer finds when it asks.
pub(crate) enum Next<W> {
    Work(W),
    /// Nothing came in the time given.
    Idle,
    /// Nothing is left, and nothing will come.
    Closed,
}

struct Inner<W> {
    works: VecDeque<W>,
    /// What lets others go first.
    bulk: VecDeque<W>,
    /// How much went before it since it waits.
    passed: u32,
    closed: bool,
}

/// How much may go before work in bulk that waits: it is never kept out for good.
const MOST_PASSED: u32 = 16;

/// For how long after a set it is likely that more come.
const MOMENT: Duration = Duration::from_millis(50);

impl<W> Inner<W> {
    fn first(&mut self) -> Option<W> {
        if self.bulk.is_empty() || (self.passed < MOST_PASSED && !self.works.is_empty()) {
            self.passed += 1;
            return self.works.pop_front();
        }
        self.passed = 0;
        self.bulk.pop_front()
    }
}

/// A queue of things for one writer to do, each with whoever waits for it.
pub(crate) struct Queue<W> {
    inner: Mutex<Inner<W>>,
    came: Condvar,
    /// When something came last for which somebody waits.
    asked: Mutex<Option<Instant>>,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        let inner = Inner { works: VecDeque::new(), bulk: VecDeque::new(), passed: 0, closed: false };
        Self { inner: Mutex::new(inner), came: Condvar::new(), asked: Mutex::new(None) }
    }
}

impl<W> Queue<W> {
    /// Hands work in; gives it back when the writer has gone.
    pub(crate) fn push(&self, work: W) -> Result<(), W> {
        self.put(work, false)
    }

    /// Remembers that somebody waits for what comes now.
    pub(crate) fn ask(&self) {
        *self.asked.lock() = Some(Instant::now());
    }

    /// Whether somebody waited for something a moment ago.
    pub(crate) fn is_shared(&self) -> bool {
        self.asked.lock().is_some_and(|at| at.elapsed() < MOMENT)
    }

    /// Hands in work that is done when nothing else waits, and never in one batch with more of its kind.
    pub(crate) fn push_bulk(&self, work: W) -> Result<(), W> {
        self.put(work, true)
    }

    fn put(&self, work: W, bulk: bool) -> Result<(), W> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(work);
        }
        if bulk {
            inner.bulk.push_back(work);
        } else {
            inner.works.push_back(work);
        }
        drop(inner);
        self.came.notify_one();
        Ok(())
    }

    /// The next work, once it is there.
    pub(crate) fn next(&self, patience: Duration) -> Next<W> {
        let until = Instant::now() + patience;
        let mut inner = self.inner.lock();
        loop {
            if let Some(work) = inner.first() {
                return Next::Work(work);
            }
            if inner.closed {
                return Next::Closed;
            }
            if self.came.wait_until(&mut inner, until).timed_out() {
                let empty = inner.works.is_empty() && inner.bulk.is_empty();
                return if empty && !inner.closed { Next::Idle } else { continue };
            }
        }
    }

    /// The next work that others wait for, if it is there.
    pub(crate) fn try_next(&self) -> Option<W> {
        self.inner.lock().works.pop_front()
    }

    /// Lets nothing in any more; the writer ends when it has done what is there.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.came.notify_all();
    }

    /// Lets nothing in any more and drops what is there: everyone who waits is told that the store stopped.
    pub(crate) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let left = (std::mem::take(&mut inner.works), std::mem::take(&mut inner.bulk));
        drop(inner);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(queue: &Queue<u32>) -> Option<u32> {
        match queue.next(Duration::ZERO) {
            Next::Work(work) => Some(work),
            Next::Idle | Next::Closed => None,
        }
    }

    #[test]
    fn work_in_bulk_waits_for_the_other_and_goes_alone() {
        let queue = Queue::default();
        queue.push_bulk(10).unwrap();
        queue.push_bulk(11).unwrap();
        queue.push(1).unwrap();
        queue.push(2).unwrap();
        assert_eq!((next(&queue), queue.try_next(), queue.try_next()), (Some(1), Some(2), None));
        assert_eq!((next(&queue), queue.try_next(), next(&queue)), (Some(10), None, Some(11)));
        assert_eq!(next(&queue), None);
    }

    #[test]
    fn work_in_bulk_is_not_kept_out_for_good() {
        let queue = Queue::default();
        (0..100).for_each(|at| queue.push(at).unwrap());
        queue.push_bulk(1000).unwrap();
        let taken: Vec<u32> = std::iter::from_fn(|| next(&queue)).collect();
        assert_eq!(taken.iter().position(|work| *work == 1000), Some(MOST_PASSED as usize));
    }

    #[test]
    fn a_closed_queue_still_gives_what_is_in_it() {
        let queue = Queue::default();
        queue.push_bulk(1).unwrap();
        queue.close();
        assert!(queue.push(2).is_err() && queue.push_bulk(2).is_err());
        assert_eq!(next(&queue), Some(1));
        assert!(matches!(queue.next(Duration::ZERO), Next::Closed));
    }
}
