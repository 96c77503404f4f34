//! Connections for reading, the most recently used on top.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::conn::{Conn, SqlError};
use super::options::Target;
use crate::error::StoreError;

/// How long a caller waits for a connection before it is told that the store is busy.
const PATIENCE: Duration = Duration::from_secs(10);

struct Inner {
    idle: Vec<Conn>,
    open: usize,
}

pub(super) struct Pool {
    target: Target,
    most: usize,
    inner: Mutex<Inner>,
    returned: Condvar,
}

impl Pool {
    /// At most `most` connections, opened when they are first needed.
    pub(super) fn new(target: Target, most: usize) -> Self {
        let inner = Mutex::new(Inner { idle: Vec::new(), open: 0 });
        Self { target, most: most.max(1), inner, returned: Condvar::new() }
    }

    /// Takes a connection; waits when all are in use. `fresh` skips those that were used before: one of them failed,
    /// and the others may have been cut at the same moment.
    pub(super) fn take(&self, fresh: bool) -> Result<Conn, StoreError> {
        let mut inner = self.inner.lock();
        loop {
            while let Some(conn) = inner.idle.pop() {
                if !fresh {
                    return Ok(conn);
                }
                inner.open -= 1;
            }
            if inner.open < self.most {
                inner.open += 1;
                drop(inner);
                return connect(&self.target).map_err(StoreError::from).inspect_err(|_| self.forget());
            }
            if self.returned.wait_for(&mut inner, PATIENCE).timed_out() {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Gives a connection back.
    pub(super) fn give(&self, conn: Conn) {
        self.inner.lock().idle.push(conn);
        self.returned.notify_one();
    }

    /// Says that a connection will not come back.
    pub(super) fn forget(&self) {
        self.inner.lock().open -= 1;
        self.returned.notify_one();
    }
}

/// A connection whose snapshots hold for all questions of a transaction.
fn connect(target: &Target) -> Result<Conn, SqlError> {
    let mut conn = Conn::open(target)?;
    conn.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
    Ok(conn)
}

impl Drop for Pool {
    fn drop(&mut self) {
        for conn in std::mem::take(&mut self.inner.lock().idle) {
            conn.close();
        }
    }
}
