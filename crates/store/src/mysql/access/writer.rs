//! The one thread that appends to this node's logs: it takes all that waits, writes a bundle per tenant, and only then
//! tells everybody.
//!
//! Each log is a chain: a bundle's position is where the one before it ends, and positions are a unique key. Of two
//! writers at the same end of a chain (a second process that took the node over, or a statement of ours that reached the
//! database late, after its connection was given up), one meets the other's row and goes on behind it. So a statement
//! whose outcome is not known is simply done again, at the same place and with the same bytes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dossier_model::id::Tenant;

use super::Shared;
use super::bundles::{Log, Own, tenants};
use super::insert::{Tried, confirm, insert, is_there};
use super::read::LogTiles;
use super::stage::{Request, Staged, fitting, stage};
use crate::error::StoreError;
use crate::merkle::Tree;
use crate::mysql::conn::{Conn, SqlError};
use crate::mysql::node::Claim;
use crate::mysql::options::Target;
use crate::queue::Next;

/// How long the database may stay away in the middle of a write before the callers are told that nobody knows.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 15 });
/// Tries of a statement that certainly did nothing: a deadlock, a connection that was cut while it lay idle.
const TRIES: u32 = 8;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// Why requests were not appended.
enum Failure {
    /// The next ones may be.
    Now(StoreError),
    /// The node is another's: nothing will be.
    FencedOut,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Now(error)
    }
}

pub(super) struct Writer {
    target: Target,
    claim: Claim,
    shared: Arc<Shared>,
    conn: Option<Conn>,
    /// The database's number for the connection, and for the one before it while that may still hold locks.
    id: i64,
    former: Option<i64>,
    /// Tenants of which more may be in the database than their trees know.
    unknown: BTreeSet<Tenant>,
    /// Whether the last requests were told an error.
    failing: bool,
}

impl Writer {
    pub(super) fn new(target: Target, claim: Claim, shared: Arc<Shared>) -> Self {
        Self {
            target,
            claim,
            shared,
            conn: None,
            id: 0,
            former: None,
            unknown: BTreeSet::new(),
            failing: false,
        }
    }

    /// Reads the ends of all logs of this node.
    pub(super) fn restore_all(&mut self) -> Result<(), StoreError> {
        let conn = self.connected()?;
        let found = tenants(&Own(RefCell::new(conn)))?;
        for tenant in found {
            match self.restore(tenant) {
                Ok(_) => {}
                Err(Failure::Now(error)) => return Err(error),
                Err(Failure::FencedOut) => return Err(StoreError::Poisoned),
            }
        }
        Ok(())
    }

    /// Works until the queue is closed and empty, or the node is another's.
    pub(super) fn run(mut self) {
        // However this thread ends, nobody must wait for it afterwards.
        let _end = End(Arc::clone(&self.shared));
        loop {
            let first = match self.shared.queue.next(Duration::from_secs(3600)) {
                Next::Work(request) => request,
                Next::Idle => continue,
                Next::Closed => break,
            };
            let mut waiting: BTreeMap<Tenant, Vec<Request>> = BTreeMap::new();
            let rest = std::iter::from_fn(|| self.shared.queue.try_next());
            for request in std::iter::once(first).chain(rest) {
                waiting.entry(request.tenant).or_default().push(request);
            }
            for (tenant, mut requests) in waiting {
                while !requests.is_empty() {
                    let now = fitting(&mut requests);
                    if !self.append(tenant, now) {
                        return;
                    }
                }
            }
        }
        if let Some(conn) = self.conn.take() {
            conn.close();
        }
    }

    /// False when nothing can be appended any more.
    fn append(&mut self, tenant: Tenant, requests: Vec<Request>) -> bool {
        if self.shared.health.check().is_err() {
            return false;
        }
        match self.write(tenant, &requests) {
            Ok(mut first) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the access log is written again");
                }
                for request in requests {
                    let count = request.count();
                    request.promise.fulfil(Ok(first));
                    first += count;
                }
                true
            }
            Err(Failure::Now(error)) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(%error, "entries of the access log were not written");
                }
                for request in requests {
                    request.promise.fulfil(Err(error.clone()));
                }
                true
            }
            Err(Failure::FencedOut) => {
                self.shared.health.poison();
                tracing::error!(
                    node = self.claim.node,
                    "another process took this node over: nothing is served until a restart"
                );
                false
            }
        }
    }

    /// Makes requests durable; the index of their first entry.
    fn write(&mut self, tenant: Tenant, requests: &[Request]) -> Result<u64, Failure> {
        let mut staged = stage(tenant, self.tree(tenant)?, requests);
        let mut doubt = Doubt::default();
        loop {
            let (error, open) = match self.try_write(tenant, &staged) {
                Tried::Done => return Ok(self.done(tenant, staged)),
                Tried::FencedOut => return Err(Failure::FencedOut),
                Tried::Failed { error, open } => (error, open),
                Tried::Away(error) if doubt.since.is_none() => return Err(error.into()),
                Tried::Away(error) => (SqlError::Lost(error.to_string()), true),
                Tried::Taken => {
                    // A late statement of an earlier flush, whose callers were told that nobody knew. So this one did
                    // not happen, whatever became of its tries.
                    tracing::warn!(
                        node = self.claim.node,
                        "the access log had grown: the entries are placed anew"
                    );
                    doubt = Doubt { tries: doubt.tries + 1, since: None };
                    if doubt.tries >= TRIES {
                        return Err(StoreError::Busy.into());
                    }
                    self.unknown.insert(tenant);
                    staged = stage(tenant, self.tree(tenant)?, requests);
                    continue;
                }
            };
            match error {
                SqlError::Lost(_) => self.hang_up(),
                SqlError::Again(_) => self.end_former(),
                _ => {}
            }
            if let Some(error) = doubt.judge(error, open) {
                if error == StoreError::Uncertain {
                    self.unknown.insert(tenant);
                }
                return Err(error.into());
            }
        }
    }

    /// Takes over what is durable now.
    fn done(&mut self, tenant: Tenant, staged: Staged) -> u64 {
        self.former = None;
        self.shared.trees.lock().insert(tenant, staged.tree);
        staged.bundles.first().map_or(0, |bundle| bundle.position)
    }

    /// The connection, or why there is none.
    fn connected(&mut self) -> Result<&mut Conn, StoreError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let (conn, id) = connect(&self.target).map_err(|error| match error {
                    SqlError::Lost(why) => StoreError::Unreachable(why),
                    other => StoreError::Unreachable(other.to_string()),
                })?;
                self.id = id;
                conn
            }
        };
        Ok(self.conn.insert(conn))
    }

    /// Gives the connection up. The database may not know that yet.
    fn hang_up(&mut self) {
        if self.conn.take().is_some() {
            self.former = Some(self.id);
        }
    }

    /// Where a lock is in the way, the connection that was given up may hold it: a database that never heard of its end
    /// keeps its transaction for hours. Only then it is ended by its number, which after a restart of the database is
    /// another's.
    fn end_former(&mut self) {
        if let Some(former) = self.former.take()
            && let Some(conn) = self.conn.as_mut()
        {
            tracing::warn!("a lock of the access log is held: ending the connection that was given up");
            conn.end(former);
        }
    }

    /// The tree behind which to append.
    fn tree(&mut self, tenant: Tenant) -> Result<Tree, Failure> {
        if !self.unknown.contains(&tenant)
            && let Some(tree) = self.shared.trees.lock().get(&tenant)
        {
            return Ok(tree.clone());
        }
        match self.restore(tenant) {
            // The connection may have been cut while it lay idle, or a former one was in the way.
            Err(Failure::Now(StoreError::Unreachable(_) | StoreError::Busy)) => self.restore(tenant),
            restored => restored,
        }
    }

    /// Reads the end of a log, behind everything that was ever on its way there.
    fn restore(&mut self, tenant: Tenant) -> Result<Tree, Failure> {
        let restored = self.try_restore(tenant);
        match &restored {
            Err(Failure::Now(StoreError::Unreachable(_))) => self.hang_up(),
            Err(Failure::Now(StoreError::Busy)) => self.end_former(),
            _ => {}
        }
        restored
    }

    fn try_restore(&mut self, tenant: Tenant) -> Result<Tree, Failure> {
        let claim = self.claim;
        let conn = self.connected()?;
        let tree = {
            let asked = Own(RefCell::new(&mut *conn));
            let log = Log { asked: &asked, tenant, node: claim.node };
            let head = log.whole_head(true)?;
            let tree = Tree::restore(head.size, &LogTiles { log, size: head.size, tree: None })?;
            if tree.root() != head.root {
                return Err(log.damage(head.size, "the entries before it lead to another root").into());
            }
            tree
        };
        // What was just read is seen before it is durable, by a moment.
        if !claim.renew(conn).map_err(StoreError::from)? {
            return Err(Failure::FencedOut);
        }
        self.unknown.remove(&tenant);
        self.shared.trees.lock().insert(tenant, tree.clone());
        Ok(tree)
    }

    /// One try, and a look at what lies there where that is needed to tell what came of it.
    fn try_write(&mut self, tenant: Tenant, staged: &Staged) -> Tried {
        let claim = self.claim;
        let conn = match self.connected() {
            Ok(conn) => conn,
            Err(error) => return Tried::Away(error),
        };
        let tried = insert(conn, claim, tenant, staged);
        match tried {
            Tried::Taken => match is_there(conn, claim, tenant, staged) {
                Ok(true) => confirm(conn, claim),
                Ok(false) => Tried::Taken,
                Err(error) => Tried::Failed { error, open: false },
            },
            // An answer came, so it is over; but an error of a commit need not mean that nothing was committed.
            Tried::Failed { error, open: true } if !matches!(error, SqlError::Lost(_)) => {
                match is_there(conn, claim, tenant, staged) {
                    Ok(true) => confirm(conn, claim),
                    Ok(false) => Tried::Failed { error, open: false },
                    Err(error) => Tried::Failed { error, open: true },
                }
            }
            tried => tried,
        }
    }
}

/// A connection that does not wait for a lock for longer than callers should, and its number.
fn connect(target: &Target) -> Result<(Conn, i64), SqlError> {
    let mut conn = Conn::open(target)?;
    conn.run("SET SESSION innodb_lock_wait_timeout = 3")?;
    let id = conn.number()?;
    Ok((conn, id))
}

/// What is known of a write that did not go through at once.
#[derive(Default)]
struct Doubt {
    tries: u32,
    /// Since when a try may have happened all the same.
    since: Option<Instant>,
}

impl Doubt {
    /// What the callers are told; `None` when it is to be tried again.
    fn judge(&mut self, error: SqlError, open: bool) -> Option<StoreError> {
        self.tries += 1;
        if open && self.since.is_none() {
            self.since = Some(Instant::now());
        }
        let again = matches!(error, SqlError::Lost(_) | SqlError::Again(_));
        match self.since {
            Some(since) if !again || since.elapsed() > PATIENCE => return Some(StoreError::Uncertain),
            None if !again || self.tries >= TRIES => return Some(error.into()),
            _ => {}
        }
        // The first reason is often a connection that was cut while it lay idle.
        if self.tries > 1 {
            std::thread::sleep(PAUSE);
        }
        None
    }
}

/// Nobody waits for a thread that has gone.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.health.poison();
        }
        self.0.queue.abandon();
    }
}
