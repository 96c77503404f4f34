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
use super::bundles::{Log, Own, tenants, whole};
use super::read::LogTiles;
use super::stage::{NewBundle, Request, Staged, fitting, stage};
use crate::error::StoreError;
use crate::merkle::{FullTile, Tree};
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::node::Claim;
use crate::mysql::options::Target;
use crate::queue::Next;

/// How long the database may stay away in the middle of a write before the callers are told that nobody knows.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 15 });
/// Tries of a statement that certainly did nothing: a deadlock, a connection that was cut while it lay idle.
const TRIES: u32 = 8;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// Tiles in one statement: 128 KiB.
const TILES_AT_ONCE: usize = 16;

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

/// What came of one try to write.
enum Tried {
    Done,
    FencedOut,
    /// Another bundle lies there, or this one already.
    Taken,
    /// `open`: whether it may have happened all the same.
    Failed {
        error: SqlError,
        open: bool,
    },
}

pub(super) struct Writer {
    target: Target,
    claim: Claim,
    shared: Arc<Shared>,
    conn: Option<Conn>,
    /// Tenants of which more may be in the database than their trees know.
    unknown: BTreeSet<Tenant>,
}

impl Writer {
    pub(super) fn new(target: Target, claim: Claim, shared: Arc<Shared>) -> Self {
        Self { target, claim, shared, conn: None, unknown: BTreeSet::new() }
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
                for request in requests {
                    let count = request.count();
                    request.promise.fulfil(Ok(first));
                    first += count;
                }
                true
            }
            Err(Failure::Now(error)) => {
                tracing::warn!(%error, "entries of the access log were not written");
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
        // Since when the outcome of a try is not known.
        let mut open_since: Option<Instant> = None;
        let mut tries = 0;
        loop {
            tries += 1;
            let tried = match self.connected().map(drop) {
                Ok(()) => self.try_write(tenant, &staged),
                Err(error) if open_since.is_none() => return Err(error.into()),
                Err(error) => Tried::Failed { error: SqlError::Lost(error.to_string()), open: true },
            };
            let tried = match tried {
                Tried::Taken => match self.is_ours(tenant, &staged) {
                    Ok(Some(true)) => self.confirm(),
                    Ok(Some(false)) => {
                        // A late statement of an earlier flush: that one's callers were told that nobody knew.
                        tracing::warn!(
                            node = self.claim.node,
                            "the access log had grown: placing the entries anew"
                        );
                        open_since = None;
                        self.unknown.insert(tenant);
                        staged = stage(tenant, self.tree(tenant)?, requests);
                        Tried::Failed { error: SqlError::Again("the place is taken"), open: false }
                    }
                    Ok(None) => {
                        Tried::Failed { error: SqlError::Again("the place is free again"), open: false }
                    }
                    Err(error) => Tried::Failed { error, open: false },
                },
                // An answer came, so it is over, but an error of a commit need not mean that nothing was committed.
                Tried::Failed {
                    error: error @ (SqlError::Full | SqlError::Failed(_) | SqlError::Corrupt(_)),
                    open: true,
                } => match self.is_ours(tenant, &staged) {
                    Ok(Some(true)) => self.confirm(),
                    Ok(_) => Tried::Failed { error, open: false },
                    Err(error) => Tried::Failed { error, open: true },
                },
                tried => tried,
            };
            match tried {
                Tried::Done => return Ok(self.done(tenant, staged)),
                Tried::FencedOut => return Err(Failure::FencedOut),
                Tried::Taken => {}
                Tried::Failed { error, open } => {
                    if matches!(error, SqlError::Lost(_)) {
                        self.conn = None;
                    }
                    if open {
                        open_since = open_since.or_else(|| Some(Instant::now()));
                    }
                    let again = matches!(error, SqlError::Lost(_) | SqlError::Again(_) | SqlError::Duplicate);
                    match open_since {
                        Some(since) if !again || since.elapsed() > PATIENCE => {
                            tracing::warn!(%error, "the database went away in the middle of a write");
                            self.unknown.insert(tenant);
                            return Err(StoreError::Uncertain.into());
                        }
                        None if !again || tries >= TRIES => return Err(StoreError::from(error).into()),
                        _ => {}
                    }
                    if tries > 1 {
                        std::thread::sleep(PAUSE);
                    }
                }
            }
        }
    }

    /// Takes over what is durable now.
    fn done(&mut self, tenant: Tenant, staged: Staged) -> u64 {
        self.shared.trees.lock().insert(tenant, staged.tree);
        staged.bundles.first().map_or(0, |bundle| bundle.position)
    }

    fn connected(&mut self) -> Result<&mut Conn, StoreError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => Conn::open(&self.target).map_err(|error| StoreError::Unreachable(error.to_string()))?,
        };
        Ok(self.conn.insert(conn))
    }

    /// The tree behind which to append.
    fn tree(&mut self, tenant: Tenant) -> Result<Tree, Failure> {
        if !self.unknown.contains(&tenant)
            && let Some(tree) = self.shared.trees.lock().get(&tenant)
        {
            return Ok(tree.clone());
        }
        match self.restore(tenant) {
            // The connection may have been cut while it lay idle.
            Err(Failure::Now(StoreError::Unreachable(_))) => {
                self.conn = None;
                self.restore(tenant)
            }
            restored => restored,
        }
    }

    /// Reads the end of a log, behind everything that was ever on its way there.
    fn restore(&mut self, tenant: Tenant) -> Result<Tree, Failure> {
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

    /// Whether the bundles lie where they should: `None` when nothing lies there, and nothing is on its way.
    fn is_ours(&mut self, tenant: Tenant, staged: &Staged) -> Result<Option<bool>, SqlError> {
        let node = self.claim.node;
        let Some(bundle) = staged.bundles.first() else { return Ok(None) };
        let conn = self.connected().map_err(|error| SqlError::Lost(error.to_string()))?;
        let asked = Own(RefCell::new(conn));
        let found = Log { asked: &asked, tenant, node }.at(bundle.position);
        match found {
            Ok(found) => Ok(found.map(|bytes| bytes == bundle.bytes)),
            Err(StoreError::Busy) => Err(SqlError::Again("a lock was held for too long")),
            Err(error) => Err(SqlError::Lost(error.to_string())),
        }
    }

    /// What was found in the database is seen before it is durable, by a moment: it is once a later commit is.
    fn confirm(&mut self) -> Tried {
        let claim = self.claim;
        let renewed = match self.connected() {
            Ok(conn) => claim.renew(conn),
            Err(error) => Err(SqlError::Lost(error.to_string())),
        };
        match renewed {
            Ok(true) => Tried::Done,
            Ok(false) => Tried::FencedOut,
            Err(error) => Tried::Failed { error, open: true },
        }
    }

    fn try_write(&mut self, tenant: Tenant, staged: &Staged) -> Tried {
        let claim = self.claim;
        let Some(conn) = self.conn.as_mut() else {
            return Tried::Failed { error: SqlError::Lost("no connection".into()), open: false };
        };
        let tried = match staged.bundles.as_slice() {
            [only] if staged.tiles.is_empty() => match insert_bundle(conn, claim, tenant, only) {
                Ok(true) => return Tried::Done,
                Ok(false) => return Tried::FencedOut,
                Err(SqlError::Duplicate) => return Tried::Taken,
                Err(error) => {
                    let open = !matches!(error, SqlError::Again(_));
                    return Tried::Failed { error, open };
                }
            },
            bundles => transaction(conn, claim, tenant, bundles, &staged.tiles),
        };
        // Where this fails the database rolls back by itself, for the connection is given up.
        if !matches!(tried, Tried::Done) && conn.run("ROLLBACK").is_err() {
            self.conn = None;
        }
        tried
    }
}

/// Bundles and the tiles that they fill, together or not at all.
fn transaction(
    conn: &mut Conn,
    claim: Claim,
    tenant: Tenant,
    bundles: &[NewBundle],
    tiles: &[FullTile],
) -> Tried {
    let before = |error| Tried::Failed { error, open: false };
    if let Err(error) = conn.run("BEGIN") {
        return before(error);
    }
    for (at, bundle) in bundles.iter().enumerate() {
        match insert_bundle(conn, claim, tenant, bundle) {
            Ok(true) => {}
            Ok(false) => return Tried::FencedOut,
            Err(SqlError::Duplicate) if at == 0 => return Tried::Taken,
            Err(SqlError::Duplicate) => {
                return before(SqlError::Corrupt("the access log goes on behind its end".into()));
            }
            Err(error) => return before(error),
        }
    }
    match insert_tiles(conn, claim, tenant, tiles).map(|()| conn.run("COMMIT")) {
        Ok(Ok(())) => Tried::Done,
        Ok(Err(error)) => {
            let open = !matches!(error, SqlError::Again(_) | SqlError::Duplicate);
            Tried::Failed { error, open }
        }
        Err(SqlError::Duplicate) => {
            before(SqlError::Corrupt("the access log has a tile behind its end".into()))
        }
        Err(error) => before(error),
    }
}

/// False when the node is another's. The casts tell the database what it cannot guess in such a list.
fn insert_bundle(
    conn: &mut Conn,
    claim: Claim,
    tenant: Tenant,
    bundle: &NewBundle,
) -> Result<bool, SqlError> {
    let sql = "INSERT INTO access_bundle (tenant, node, position, entries, root, bytes) \
               SELECT CAST(? AS SIGNED), n.node, CAST(? AS SIGNED), CAST(? AS SIGNED), CAST(? AS BINARY), \
               CAST(? AS BINARY) FROM node n WHERE n.node = ? AND n.fence = ? AND n.holder = ?";
    let (position, entries) = (whole(bundle.position), whole(bundle.entries));
    let met = conn.execute(
        sql,
        values![
            tenant.0,
            position,
            entries,
            &bundle.root,
            &bundle.bytes,
            claim.node,
            claim.fence,
            &claim.holder,
        ],
    )?;
    Ok(met == 1)
}

fn insert_tiles(conn: &mut Conn, claim: Claim, tenant: Tenant, tiles: &[FullTile]) -> Result<(), SqlError> {
    for some in tiles.chunks(TILES_AT_ONCE) {
        let rows = vec!["(?, ?, ?, ?, ?)"; some.len()].join(", ");
        let sql = format!("INSERT INTO access_tile (tenant, node, level, position, hashes) VALUES {rows}");
        let mut bound: Vec<Value<'_>> = Vec::with_capacity(some.len() * 5);
        for tile in some {
            bound.extend_from_slice(values![
                tenant.0,
                claim.node,
                tile.level,
                whole(tile.index),
                &tile.bytes
            ]);
        }
        let met = conn.execute(sql, &bound)?;
        if met != some.len() as u64 {
            return Err(SqlError::Failed(format!("{met} tiles were written, not {}", some.len())));
        }
    }
    Ok(())
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
