//! Which of the processes that share a database this one is. Each is a node with a number: its access logs, and its
//! count of batches, belong to that number.
//!
//! The number is held by a lease that a thread renews. What protects the logs is not the lease but the fencing token:
//! everything that a node writes names it, and who takes a number over raises it. So a process that was taken for dead
//! may wake up when it likes and writes nothing more.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::conn::{Conn, SqlError, values};
use super::options::Target;
use crate::access_log::files::replace;
use crate::error::StoreError;
use crate::health::Health;

/// Name of the file in the data folder that remembers who this is.
const NAME: &str = "node";
/// The database's clock in microseconds since 1970: `NOW` and `UNIX_TIMESTAMP` go by the same time zone, whichever the
/// session has.
const NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)";
/// How far ahead the lease is renewed, and how often. Tests have no time to wait.
const LEASE_MICROS: i64 = 30_000_000;
const RENEW_EVERY: Duration = Duration::from_millis(if cfg!(test) { 200 } else { 10_000 });
/// How soon a renewal that did not reach the database is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 1000 });
/// Tries to get a number while others take theirs.
const TRIES: u32 = 64;

/// By what this process may write: it holds while the row of the node still says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) node: u32,
    pub(super) fence: i64,
    pub(super) holder: [u8; 16],
}

impl Claim {
    /// Renews the lease: a commit of its own, after which everything that this database committed before is as durable.
    /// False when the node is another's.
    pub(super) fn renew(&self, conn: &mut Conn) -> Result<bool, SqlError> {
        let sql = format!(
            "UPDATE node SET until = {NOW} + {LEASE_MICROS} WHERE node = ? AND fence = ? AND holder = ?"
        );
        Ok(conn.execute(sql, values![self.node, self.fence, &self.holder])? == 1)
    }

    fn release(&self, conn: &mut Conn) -> Result<(), SqlError> {
        let sql = "UPDATE node SET until = 0 WHERE node = ? AND fence = ? AND holder = ?";
        conn.execute(sql, values![self.node, self.fence, &self.holder]).map(drop)
    }
}

/// The node that this process is, until dropped. To be dropped after everything that writes by it.
pub(super) struct Node {
    /// Its number, from 1.
    pub(super) number: u32,
    /// The fencing token: higher than that of everyone who was this node before.
    pub(super) fence: u64,
    claim: Claim,
    stop: Option<Sender<()>>,
    keeper: Option<JoinHandle<()>>,
}

impl Node {
    /// Takes the number that this data folder had, or that of a node whose lease ended, or a new one, and keeps it.
    /// Once another has it, the store is poisoned.
    ///
    /// The lock of the folder is held by whoever calls: a copy of the folder elsewhere is the same node, and each of
    /// both fences the other out.
    pub(super) fn claim(
        conn: &mut Conn,
        target: &Target,
        folder: &Path,
        health: &Health,
    ) -> Result<Self, StoreError> {
        let claim = take(conn, identity(folder)?)?;
        let (stop, stopped) = channel();
        let keeper = Keeper { target: target.clone(), claim, health: health.clone(), conn: None };
        let thread =
            std::thread::Builder::new().name("store-node".into()).spawn(move || keeper.run(&stopped))?;
        let fence = u64::try_from(claim.fence).map_err(|_| StoreError::Corrupt("a fence below 0".into()))?;
        Ok(Self { number: claim.node, fence, claim, stop: Some(stop), keeper: Some(thread) })
    }

    /// What a write of this node names.
    pub(super) fn by(&self) -> Claim {
        self.claim
    }
}

impl Drop for Node {
    /// Gives the number back: the next process need not wait for the lease to end.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.keeper.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps the node ended in a panic");
        }
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("number", &self.number)
            .field("fence", &self.fence)
            .finish_non_exhaustive()
    }
}

/// A row of the table.
pub(super) struct Seat {
    pub(super) node: u32,
    holder: [u8; 16],
    ended: bool,
    pub(super) fence: i64,
}

/// All nodes, ascending.
pub(super) fn seats(conn: &mut Conn) -> Result<Vec<Seat>, SqlError> {
    let sql = format!("SELECT node, holder, CAST(until < {NOW} AS SIGNED), fence FROM node ORDER BY node");
    conn.rows(sql, &[], |cells| {
        let (node, holder, fence) = (cells.narrow(0)?, cells.fixed(1)?, cells.int(3)?);
        Ok(Seat { node, holder, ended: cells.int(2)? != 0, fence })
    })
}

/// The node of another data folder that is alive. The one of this folder, unless it is the caller's own, is fenced out
/// should it be held still: the folder's lock is held by whoever calls, so that it died, or is a copy elsewhere.
pub(super) fn alive(conn: &mut Conn, folder: &Path, mine: Option<u32>) -> Result<Option<u32>, StoreError> {
    let own = match std::fs::read_to_string(folder.join(NAME)) {
        Ok(text) => parse(text.trim_end()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    for seat in seats(conn)?.into_iter().filter(|seat| !seat.ended && Some(seat.node) != mine) {
        if Some(seat.holder) != own {
            return Ok(Some(seat.node));
        }
        let sql = "UPDATE node SET fence = fence + 1, until = 0 WHERE node = ? AND holder = ? AND fence = ?";
        conn.execute(sql, values![seat.node, &seat.holder, seat.fence])?;
    }
    Ok(None)
}

/// Adds a node that nobody is, for a log that comes from elsewhere: whoever needs a number may take it.
pub(super) fn add_free(conn: &mut Conn, node: u32) -> Result<(), SqlError> {
    let sql = "INSERT IGNORE INTO node (node, holder, until, fence, batches) VALUES (?, ?, 0, 1, 0)";
    conn.execute(sql, values![node, &[0; 16]]).map(drop)
}

/// Takes a number. Each change is one statement with a condition on what was seen before, or meets a unique key: of two
/// who want the same, one is told to look again.
fn take(conn: &mut Conn, holder: [u8; 16]) -> Result<Claim, StoreError> {
    for _ in 0..TRIES {
        match try_take(conn, holder) {
            Ok(Some(claim)) => return Ok(claim),
            Ok(None) | Err(SqlError::Again(_) | SqlError::Duplicate) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy)
}

fn try_take(conn: &mut Conn, holder: [u8; 16]) -> Result<Option<Claim>, SqlError> {
    let seats = seats(conn)?;
    let own = seats.iter().find(|seat| seat.holder == holder);
    let (claim, met) = match own.or_else(|| seats.iter().find(|seat| seat.ended)) {
        Some(seat) => {
            let sql = format!(
                "UPDATE node SET holder = ?, fence = fence + 1, until = {NOW} + {LEASE_MICROS} \
                 WHERE node = ? AND holder = ? AND fence = ? AND (holder = ? OR until < {NOW})"
            );
            let bound = values![&holder, seat.node, &seat.holder, seat.fence, &holder];
            (Claim { node: seat.node, fence: seat.fence + 1, holder }, conn.execute(sql, bound)?)
        }
        None => {
            let node = seats.last().map_or(0, |seat| seat.node) + 1;
            let sql = format!(
                "INSERT INTO node (node, holder, until, fence, batches) VALUES (?, ?, {NOW} + {LEASE_MICROS}, 1, 0)"
            );
            (Claim { node, fence: 1, holder }, conn.execute(sql, values![node, &holder])?)
        }
    };
    Ok((met == 1).then_some(claim))
}

/// Who this data folder is: 16 random bytes, made once.
fn identity(folder: &Path) -> Result<[u8; 16], StoreError> {
    let path = folder.join(NAME);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(text.trim_end()).ok_or_else(|| {
            StoreError::Corrupt("the file `node` of the data folder holds no identity".into())
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut holder = [0; 16];
            File::open("/dev/urandom")?.read_exact(&mut holder)?;
            let text: String = holder.iter().map(|byte| format!("{byte:02x}")).collect();
            replace(&path, format!("{text}\n").as_bytes())?;
            Ok(holder)
        }
        Err(error) => Err(error.into()),
    }
}

fn parse(text: &str) -> Option<[u8; 16]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut holder = [0; 16];
    if pairs.len() != holder.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in holder.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(holder)
}

/// Renews the lease on a connection of its own.
struct Keeper {
    target: Target,
    claim: Claim,
    health: Health,
    conn: Option<Conn>,
}

impl Keeper {
    fn run(mut self, stopped: &Receiver<()>) {
        let mut pause = Duration::ZERO;
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
            pause = match self.renew() {
                Ok(true) => RENEW_EVERY,
                Ok(false) => {
                    tracing::error!(
                        node = self.claim.node,
                        "another process took this node over: nothing is served until a restart"
                    );
                    self.health.poison();
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, node = self.claim.node, "the lease of the node was not renewed yet");
                    RETRY_AFTER
                }
            };
        }
        // Where the database is not at hand, the lease ends by itself.
        if let Some(mut conn) = self.conn {
            match self.claim.release(&mut conn) {
                Ok(()) => conn.close(),
                Err(error) => tracing::warn!(%error, node = self.claim.node, "the node was not given back"),
            }
        }
    }

    fn renew(&mut self) -> Result<bool, SqlError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => Conn::open(&self.target)?,
        };
        let renewed = self.claim.renew(&mut conn);
        // Whatever went wrong, a new connection is as good as any.
        if renewed.is_ok() {
            self.conn = Some(conn);
        }
        renewed
    }
}
