//! Readers: connections that wait in a stack, the most recently used on top because its cache is the warmest.

use std::path::PathBuf;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::connect;
use crate::error::StoreError;

/// How long a caller waits for a reader before it is told that the store is busy.
const PATIENCE: Duration = Duration::from_secs(10);

struct Inner {
    idle: Vec<Connection>,
    open: usize,
}

pub(super) struct Pool {
    path: PathBuf,
    most: usize,
    inner: Mutex<Inner>,
    returned: Condvar,
}

impl Pool {
    /// A pool of at most `most` connections, opened when they are first needed.
    pub(super) fn new(path: PathBuf, most: usize) -> Self {
        let inner = Mutex::new(Inner { idle: Vec::new(), open: 0 });
        Self { path, most: most.max(1), inner, returned: Condvar::new() }
    }

    /// Takes a connection; waits when all are in use.
    pub(super) fn take(&self) -> Result<Connection, StoreError> {
        let mut inner = self.inner.lock();
        loop {
            if let Some(conn) = inner.idle.pop() {
                return Ok(conn);
            }
            if inner.open < self.most {
                inner.open += 1;
                drop(inner);
                return connect::reader(&self.path).inspect_err(|_| self.forget());
            }
            if self.returned.wait_for(&mut inner, PATIENCE).timed_out() {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Gives a connection back.
    pub(super) fn give(&self, conn: Connection) {
        self.inner.lock().idle.push(conn);
        self.returned.notify_one();
    }

    /// Says that a connection will not come back.
    pub(super) fn forget(&self) {
        self.inner.lock().open -= 1;
        self.returned.notify_one();
    }
}
