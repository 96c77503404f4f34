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

/// Whether somebody waits for an answer, or a job works through much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lane {
    #[default]
    Ordinary,
    Bulk,
}

struct Inner<W> {
    ordinary: VecDeque<W>,
    bulk: VecDeque<W>,
    closed: bool,
}

/// A queue of things for one writer to do, each with whoever waits for it. What is in bulk waits for all else.
pub(crate) struct Queue<W> {
    inner: Mutex<Inner<W>>,
    came: Condvar,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        let inner = Inner { ordinary: VecDeque::new(), bulk: VecDeque::new(), closed: false };
        Self { inner: Mutex::new(inner), came: Condvar::new() }
    }
}

impl<W> Inner<W> {
    fn pop(&mut self) -> Option<W> {
        self.ordinary.pop_front().or_else(|| self.bulk.pop_front())
    }
}

impl<W> Queue<W> {
    /// Hands ordinary work in; gives it back when the writer has gone.
    pub(crate) fn push(&self, work: W) -> Result<(), W> {
        self.push_on(Lane::Ordinary, work)
    }

    /// Hands work in; gives it back when the writer has gone.
    pub(crate) fn push_on(&self, lane: Lane, work: W) -> Result<(), W> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(work);
        }
        match lane {
            Lane::Ordinary => inner.ordinary.push_back(work),
            Lane::Bulk => inner.bulk.push_back(work),
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
            if let Some(work) = inner.pop() {
                return Next::Work(work);
            }
            if inner.closed {
                return Next::Closed;
            }
            if self.came.wait_until(&mut inner, until).timed_out() {
                let empty = inner.ordinary.is_empty() && inner.bulk.is_empty();
                return if empty && !inner.closed { Next::Idle } else { continue };
            }
        }
    }

    /// The next work, if it is there.
    pub(crate) fn try_next(&self) -> Option<W> {
        self.inner.lock().pop()
    }

    /// The next work of a lane, if it is there.
    pub(crate) fn try_next_of(&self, lane: Lane) -> Option<W> {
        let mut inner = self.inner.lock();
        match lane {
            Lane::Ordinary => inner.ordinary.pop_front(),
            Lane::Bulk => inner.bulk.pop_front(),
        }
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
        let left = (std::mem::take(&mut inner.ordinary), std::mem::take(&mut inner.bulk));
        drop(inner);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_an_answer_goes_before_a_job() {
        let queue = Queue::default();
        for (lane, work) in [(Lane::Bulk, 1), (Lane::Ordinary, 2), (Lane::Bulk, 3), (Lane::Ordinary, 4)] {
            queue.push_on(lane, work).unwrap();
        }
        assert_eq!(queue.try_next_of(Lane::Bulk), Some(1));
        let mut order = Vec::new();
        while let Next::Work(work) = queue.next(Duration::ZERO) {
            order.push(work);
        }
        assert_eq!(order, [2, 4, 3]);
    }

    #[test]
    fn a_closed_queue_gives_out_what_is_there_and_an_abandoned_one_nothing() {
        let queue = Queue::default();
        queue.push_on(Lane::Bulk, 1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        assert!(matches!(queue.next(Duration::ZERO), Next::Work(1)));
        assert!(matches!(queue.next(Duration::ZERO), Next::Closed));
        let queue = Queue::default();
        queue.push(1).unwrap();
        queue.abandon();
        assert!(matches!(queue.next(Duration::ZERO), Next::Closed));
    }
}
