//! A promise of one value from a background thread, and the ticket that waits for it.
//!
//! Both writers of this crate (SQLite and the access log) gather what many callers hand in and make it
//! durable with one flush; each caller holds a [`Ticket`] meanwhile.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

enum State<T> {
    Pending,
    Ready(T, Instant),
    Dropped,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// The side that gives the value, once. Dropping it unfulfilled lets the ticket wait return `None`.
pub struct Promise<T> {
    shared: Option<Arc<Shared<T>>>,
}

/// The side that waits for the value.
pub struct Ticket<T> {
    shared: Arc<Shared<T>>,
}

/// A connected pair.
pub fn ticket<T>() -> (Promise<T>, Ticket<T>) {
    let shared = Arc::new(Shared { state: Mutex::new(State::Pending), changed: Condvar::new() });
    (Promise { shared: Some(Arc::clone(&shared)) }, Ticket { shared })
}

impl<T> Promise<T> {
    /// Gives the value and wakes the one who waits. A value nobody waits for any more is dropped.
    pub fn fulfil(mut self, value: T) {
        if let Some(shared) = self.shared.take() {
            settle(&shared, State::Ready(value, Instant::now()));
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            settle(&shared, State::Dropped);
        }
    }
}

fn settle<T>(shared: &Shared<T>, state: State<T>) {
    *shared.state.lock() = state;
    shared.changed.notify_one();
}

impl<T> Ticket<T> {
    /// A ticket whose value is already known, for calls that are refused at once.
    pub fn ready(value: T) -> Self {
        let shared =
            Shared { state: Mutex::new(State::Ready(value, Instant::now())), changed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Blocks until the promise is fulfilled; `None` if it was dropped instead.
    pub fn wait(self) -> Option<T> {
        self.wait_timed().map(|(value, _)| value)
    }

    /// The same, with the moment at which the promise was fulfilled.
    pub fn wait_timed(self) -> Option<(T, Instant)> {
        let mut state = self.shared.state.lock();
        while matches!(*state, State::Pending) {
            self.shared.changed.wait(&mut state);
        }
        match std::mem::replace(&mut *state, State::Dropped) {
            State::Ready(value, at) => Some((value, at)),
            State::Pending | State::Dropped => None,
        }
    }

    /// Whether `wait` would return at once.
    pub fn is_settled(&self) -> bool {
        !matches!(*self.shared.state.lock(), State::Pending)
    }
}

impl<T> std::fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Promise")
    }
}

impl<T> std::fmt::Debug for Ticket<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_given_before_the_wait_is_there() {
        let (promise, ticket) = ticket();
        promise.fulfil(7);
        assert!(ticket.is_settled());
        assert_eq!(ticket.wait(), Some(7));
    }

    #[test]
    fn a_value_given_from_another_thread_wakes_the_waiter() {
        let (promise, ticket) = ticket();
        let giver = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            promise.fulfil("done");
        });
        assert_eq!(ticket.wait(), Some("done"));
        giver.join().unwrap();
    }

    #[test]
    fn a_dropped_promise_ends_the_wait_with_nothing() {
        let (promise, ticket) = ticket::<u8>();
        std::thread::spawn(move || drop(promise));
        assert_eq!(ticket.wait(), None);
    }

    #[test]
    fn a_dropped_ticket_does_not_disturb_the_giver() {
        let (promise, ticket) = ticket();
        drop(ticket);
        promise.fulfil(vec![1, 2, 3]);
    }

    #[test]
    fn a_ready_ticket_returns_at_once() {
        assert_eq!(Ticket::ready(5).wait(), Some(5));
    }
}
