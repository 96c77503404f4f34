//! The embedded backend: one SQLite file, one writer thread, a pool of readers, and the access log beside it.

mod access;
mod apply;
mod batch;
mod checkpointer;
mod connect;
mod filter;
mod fresh;
mod known;
mod migrate;
mod place;
mod pool;
mod query;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use dossier_model::id::Tenant;

use self::access::TenantAccess;
use self::batch::Work;
use self::checkpointer::Checkpointer;
use self::known::Known;
pub(crate) use self::migrate::SqliteEnd;
use self::pool::Pool;
use self::query::SqliteRead;
use self::writer::Writer;
use crate::access_log::{AccessLog, AccessLogOptions, copy};
use crate::error::{CommitError, StoreError};
use crate::health::Health;
use crate::lock::FolderLock;
use crate::log::{AccessEntry, AccessTicket, CommitTicket};
use crate::mechanics::Checkpoint;
use crate::queue::Queue;
use crate::store::{AccessRead, Read, Store};
use crate::ticket::{Ticket, ticket};
use crate::write_set::WriteSet;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; made when it is not there.
    pub folder: PathBuf,
    /// Most readers at a time. Each has a cache of 8 MB; pages come from one memory map.
    pub readers: usize,
    /// The access log.
    pub access: AccessLogOptions,
}

impl Options {
    /// The folder with 16 readers.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), readers: 16, access: AccessLogOptions::default() }
    }
}

/// A data folder that is open in this process, and in no other.
pub struct SqliteStore {
    queue: Arc<Queue<Work>>,
    pool: Pool,
    known: Arc<Known>,
    health: Health,
    /// Makes the next flush fail, for tests of what must happen then.
    #[cfg_attr(not(any(test, feature = "parity")), allow(dead_code, reason = "only tests break it"))]
    broken: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    access: AccessLog,
    /// The access logs of nodes that this installation had elsewhere.
    others: BTreeMap<u32, AccessLog>,
    node: u32,
    // Given back last.
    _lock: FolderLock,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens the folder, new or old: takes the lock, brings the tables up to date, checks that the change log has the
    /// root that was stored with it, starts the writer.
    pub fn open(options: &Options) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(&options.folder)?;
        // The files' own names are made durable with them, the folder's name here.
        if let Some(parent) = options.folder.canonicalize()?.parent() {
            File::open(parent)?.sync_all()?;
        }
        let lock = FolderLock::take(&options.folder)?;
        migrate::check_finished(&options.folder)?;
        let path = options.folder.join("store.db");
        create_private(&path)?;
        let mut conn = connect::writer(&path)?;
        schema::migrate(&mut conn)?;
        let memory = batch::restore(&conn)?;
        // Before any thread starts: what fails here leaves nothing behind that holds the files.
        let logs = options.folder.join("access");
        let access = AccessLog::open(&logs, &options.access)?;
        let others = copy::nodes(&logs)?.into_iter().filter(|node| *node != options.access.node);
        let others = others.map(|node| Ok((node, AccessLog::open_closed(&logs, node)?)));
        let others = others.collect::<Result<_, StoreError>>()?;
        let (queue, health, broken) = (Arc::new(Queue::default()), Health::default(), Arc::default());
        let known = Arc::clone(&memory.fresh.known);
        let checkpointer = Checkpointer::start(&path, health.clone())?;
        let writer = Writer {
            conn,
            memory,
            queue: Arc::clone(&queue),
            health: health.clone(),
            checkpointer,
            broken: Arc::clone(&broken),
        };
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || writer.run())?;
        let pool = Pool::new(path, options.readers);
        Ok(Self {
            queue,
            pool,
            known,
            health,
            broken,
            writer: Some(thread),
            access,
            others,
            node: options.access.node,
            _lock: lock,
        })
    }

    /// Fails when either writer has stopped: what cannot be recorded must not happen, and the other way round.
    fn check(&self) -> Result<(), StoreError> {
        self.health.check()?;
        self.access.size(Tenant::ONLY).map(drop)
    }

    /// Hands work to the writer; `None` when it has gone.
    fn hand_in<T>(&self, work: impl FnOnce(crate::ticket::Promise<T>) -> Work) -> Option<Ticket<T>> {
        let (promise, ticket) = ticket();
        let work = work(promise);
        let bulk = matches!(&work, Work::Commit(set, _) if set.bulk);
        let pushed = if bulk { self.queue.push_bulk(work) } else { self.queue.push(work) };
        pushed.ok().map(|()| ticket)
    }
}

/// Makes the file before SQLite does, so that nobody else may read it; `-wal` and `-shm` take over its mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    Ok(())
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer ended in a panic");
        }
        self.known.stop();
    }
}

impl Store for SqliteStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.check()?;
        Ok(Box::new(SqliteRead::begin(&self.pool, &self.known, &self.health)?))
    }

    fn commit(&self, set: WriteSet) -> CommitTicket {
        if !set.bulk {
            self.queue.ask();
        }
        let refused = self.check().and_then(|()| set.check());
        if let Err(error) = refused {
            return CommitTicket(Ticket::ready(Err(error.into())));
        }
        let handed = self.hand_in(|promise| Work::Commit(set, promise));
        CommitTicket(handed.unwrap_or_else(|| Ticket::ready(Err(CommitError::Failed(StoreError::Poisoned)))))
    }

    fn is_shared(&self) -> bool {
        self.queue.is_shared()
    }

    fn lease(&self, tenant: Tenant, sequence: &str, count: u32) -> Result<i64, StoreError> {
        self.check()?;
        let sequence = sequence.to_owned();
        let ticket = self.hand_in(|promise| Work::Lease { tenant, sequence, count, promise });
        ticket.and_then(Ticket::wait).unwrap_or(Err(StoreError::Poisoned))
    }

    fn save_checkpoint(&self, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.check()?;
        let checkpoint = checkpoint.clone();
        let ticket = self.hand_in(|promise| Work::Sign { tenant, checkpoint, promise });
        ticket.and_then(Ticket::wait).unwrap_or(Err(StoreError::Poisoned))
    }

    fn access_append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket {
        match self.health.check() {
            Ok(()) => self.access.append(tenant, entries),
            Err(error) => AccessTicket(Ticket::ready(Err(error))),
        }
    }

    fn node(&self) -> u32 {
        self.node
    }

    fn nodes(&self, tenant: Tenant) -> Result<Vec<u32>, StoreError> {
        let mut nodes = vec![self.node];
        for (node, log) in &self.others {
            if log.size(tenant)? > 0 {
                nodes.push(*node);
            }
        }
        nodes.sort_unstable();
        Ok(nodes)
    }

    fn access_log(&self, tenant: Tenant, node: u32) -> Result<Box<dyn AccessRead + '_>, StoreError> {
        self.check()?;
        let log = match self.others.get(&node) {
            _ if node == self.node => &self.access,
            Some(log) if log.size(tenant)? > 0 => log,
            _ => return Err(StoreError::Invalid("a node that has no access log")),
        };
        Ok(Box::new(TenantAccess { log, tenant }))
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.read().map(drop)
    }

    #[cfg(any(test, feature = "parity"))]
    fn break_next_flush(&self) {
        self.broken.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
