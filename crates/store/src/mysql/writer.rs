//! The writer thread: takes what waits and commits it as one transaction. What an error means for those who wait is
//! decided here; nobody is told anything before it is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::batch::{Batch, Failed};
use super::conn::{Conn, SqlError, values};
use super::node::Node;
use super::options::Target;
use crate::error::{CommitError, StoreError};
use crate::health::Health;
use crate::queue::{Next, Queue};
use crate::ticket::Promise;
use crate::write_set::{Committed, WriteSet};

/// Most sets of one batch.
const MAX_SETS: usize = 256;
/// How often a batch is done again after a deadlock or a move of the policy.
const TRIES: u32 = 12;
/// For how long the outcome of a commit is asked for.
const ASK_FOR: Duration = Duration::from_secs(60);

/// A set that waits, and who waits for it.
pub(super) struct Work {
    pub(super) set: WriteSet,
    pub(super) promise: Promise<Result<Committed, CommitError>>,
}

/// What is known of a commit whose answer was lost.
enum Known {
    Done,
    NotDone,
    Nothing,
}

pub(super) struct Writer {
    pub(super) target: Target,
    pub(super) conn: Option<Conn>,
    /// The database's number for the connection that was given up last: it may still hold locks.
    pub(super) former: Option<i64>,
    pub(super) node: Arc<Node>,
    pub(super) batch: Batch,
    pub(super) queue: Arc<Queue<Work>>,
    pub(super) health: Health,
    /// Set by tests: the next commit fails.
    pub(super) broken: Arc<AtomicBool>,
}

impl Writer {
    /// Works until the queue is closed or this process has lost its node.
    pub(super) fn run(mut self) {
        // Whatever ends this thread, a panic too, nobody is left waiting.
        let _guard = Ending { queue: Arc::clone(&self.queue), health: self.health.clone() };
        loop {
            match self.queue.next(Duration::from_secs(3600)) {
                Next::Work(_) if self.health.check().is_err() => return,
                Next::Work(first) => {
                    let mut works = vec![first];
                    while works.len() < MAX_SETS
                        && let Some(work) = self.queue.try_next()
                    {
                        works.push(work);
                    }
                    self.commit(works);
                }
                Next::Idle => {}
                Next::Closed => break,
            }
        }
        if let Some(conn) = self.conn.take() {
            conn.close();
        }
    }

    /// Commits a batch and tells everybody.
    fn commit(&mut self, works: Vec<Work>) {
        let sets: Vec<&WriteSet> = works.iter().map(|work| &work.set).collect();
        let result = self.committed(&sets);
        match result {
            Ok(outcomes) => {
                for (work, outcome) in works.into_iter().zip(outcomes) {
                    work.promise.fulfil(outcome);
                }
            }
            // One of them may be what the database refuses: each by itself.
            Err(StoreError::Failed(_)) if works.len() > 1 => {
                for work in works {
                    self.commit(vec![work]);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a batch is not committed");
                for work in works {
                    work.promise.fulfil(Err(error.clone().into()));
                }
            }
        }
    }

    /// Does a batch until it is committed, or it is known that it is not.
    fn committed(&mut self, sets: &[&WriteSet]) -> Result<Vec<Result<Committed, CommitError>>, StoreError> {
        let mut one_by_one = false;
        let mut reconnected = false;
        for attempt in 0..TRIES {
            let mut conn = match self.conn.take() {
                Some(conn) => conn,
                None => connect(&self.target)?,
            };
            let failed = match self.batch.fill(&mut conn, &self.node, sets, one_by_one) {
                Ok(filled) => {
                    if self.broken.swap(false, Ordering::Relaxed) {
                        // Closing the connection takes the transaction back.
                        drop(conn);
                        self.health.poison();
                        return Err(StoreError::Io("broken by a test".into()));
                    }
                    match conn.run(if filled.changes { "COMMIT" } else { "ROLLBACK" }) {
                        Ok(()) => {
                            self.conn = Some(conn);
                            return Ok(self.batch.done(filled));
                        }
                        // A transaction that has to be done again was taken back. Of no other error of a commit is it
                        // known what it left.
                        Err(error) if filled.changes && !matches!(error, SqlError::Again(_)) => {
                            self.give_up(conn);
                            tracing::warn!(%error, "a commit has no good answer: asking what became of it");
                            match self.find_out(filled.number) {
                                Known::Done => return Ok(self.batch.done(filled)),
                                Known::NotDone => continue,
                                Known::Nothing => {
                                    self.batch.lose_count();
                                    return Err(StoreError::Uncertain);
                                }
                            }
                        }
                        Err(error) => Failed::Sql(error),
                    }
                }
                Err(failed) => failed,
            };
            match failed {
                Failed::Sql(SqlError::Lost(why)) if !reconnected => {
                    // Nothing was committed: a connection that idled may have been cut long ago.
                    tracing::debug!(why, "the writer connects again");
                    self.give_up(conn);
                    reconnected = true;
                    continue;
                }
                Failed::Sql(SqlError::Lost(why)) => {
                    self.give_up(conn);
                    return Err(StoreError::Unreachable(why));
                }
                Failed::Fenced => {
                    self.health.poison();
                    return Err(StoreError::Poisoned);
                }
                failed => {
                    if conn.run("ROLLBACK").is_ok() {
                        self.conn = Some(conn);
                    }
                    match failed {
                        Failed::OneByOne => {
                            one_by_one = true;
                            continue;
                        }
                        Failed::Sql(SqlError::Again(why)) => {
                            tracing::debug!(attempt, why, "a batch is done again");
                            // What is in the way may be the connection that was given up: a database that never heard of
                            // its end keeps its locks.
                            if let (Some(former), Some(conn)) = (self.former.take(), &mut self.conn) {
                                conn.end(former);
                            }
                        }
                        Failed::Sql(error) => return Err(error.into()),
                        Failed::Store(error) => return Err(error),
                        Failed::Moved | Failed::Fenced => {}
                    }
                }
            }
            // Servers that met once shall not meet again in step.
            std::thread::sleep(Duration::from_millis(u64::from(attempt * (2 + self.node.number % 5))));
        }
        Err(StoreError::Busy)
    }

    /// Remembers a connection that is of no use any more.
    fn give_up(&mut self, conn: Conn) {
        self.former = Some(conn.known_number());
    }

    /// Asks whether the batch of this number was committed. The lock waits for the old transaction to end.
    fn find_out(&mut self, number: u64) -> Known {
        let until = Instant::now() + ASK_FOR;
        while Instant::now() < until {
            match self.ask(number) {
                Ok(Some(true)) => return Known::Done,
                Ok(Some(false)) => return Known::NotDone,
                Ok(None) => return Known::Nothing,
                Err(error) => tracing::warn!(%error, "the outcome of a commit is not known yet"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Known::Nothing
    }

    fn ask(&mut self, number: u64) -> Result<Option<bool>, SqlError> {
        let mut conn = Conn::open(&self.target)?;
        conn.run("START TRANSACTION")?;
        let sql = "SELECT batches FROM node WHERE node = ? FOR UPDATE";
        let found = conn.one(sql, values![self.node.number], |cells| cells.narrow::<u64>(0));
        if let (Err(SqlError::Again(_)), Some(former)) = (&found, self.former.take()) {
            conn.end(former);
        }
        let found = found?.map(|found| found >= number);
        conn.run("ROLLBACK")?;
        // A commit is seen a moment before it is durable. It is once a later one is.
        if found == Some(true) && !self.node.by().renew(&mut conn)? {
            return Ok(None);
        }
        Ok(found)
    }
}

/// A connection of the writer. Where a server or the network to it is gone without a word, the database takes the
/// transaction back, and frees what every other server waits for, after this time; an idle connection ends with it too.
fn connect(target: &Target) -> Result<Conn, SqlError> {
    let mut conn = Conn::open(target)?;
    conn.run("SET SESSION wait_timeout = 30")?;
    conn.number()?;
    Ok(conn)
}

struct Ending {
    queue: Arc<Queue<Work>>,
    health: Health,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.health.poison();
        }
        self.queue.abandon();
    }
}
