//! The backend for databases of the MySQL protocol, which several processes share (`docs/decisions/0007`).

mod access;
mod apply;
mod batch;
mod conn;
mod migrate;
mod node;
mod options;
mod pool;
mod query;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use dossier_model::id::Tenant;

use self::access::Access;
use self::batch::Batch;
use self::conn::{Conn, SqlError, values};
pub(crate) use self::migrate::MysqlEnd;
use self::node::Node;
pub use self::options::MysqlOptions;
use self::options::Target;
use self::pool::Pool;
use self::query::MysqlRead;
use self::writer::{Work, Writer};
use crate::error::{CommitError, StoreError};
use crate::health::Health;
use crate::lock::FolderLock;
use crate::log::{AccessEntry, AccessTicket, CommitTicket};
use crate::mechanics::Checkpoint;
use crate::queue::Queue;
use crate::store::{AccessRead, Read, Store};
use crate::ticket::{Ticket, ticket};
use crate::write_set::WriteSet;

/// A database that this process works on, with others.
pub struct MysqlStore {
    queue: Arc<Queue<Work>>,
    pool: Arc<Pool>,
    health: Health,
    /// Makes the next commit fail, for tests of what must happen then.
    #[cfg_attr(not(any(test, feature = "parity")), allow(dead_code, reason = "only tests break it"))]
    broken: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    access: Access,
    node: Arc<Node>,
    // Given back last.
    _lock: FolderLock,
}

impl std::fmt::Debug for MysqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MysqlStore")
    }
}

impl MysqlStore {
    /// Opens the database: refuses unsafe settings, brings the tables up to date, takes a node, checks that the logs have
    /// the roots that were stored with them, starts the writers.
    ///
    /// # Errors
    /// `Unsafe` with the setting; `Unreachable`; `Locked` when another process works in the data folder; `Newer`, `Corrupt`.
    pub fn open(options: &MysqlOptions) -> Result<Self, StoreError> {
        let target = Target::of(options)?;
        DirBuilder::new().recursive(true).mode(0o700).create(&options.folder)?;
        // The files' own names are made durable with them, the folder's name here.
        if let Some(parent) = options.folder.canonicalize()?.parent() {
            File::open(parent)?.sync_all()?;
        }
        let lock = FolderLock::take(&options.folder)?;
        let mut conn = target.first_connection()?;
        settings::check(&mut conn)?;
        schema::migrate(&mut conn)?;
        let (queue, health, broken) = (Arc::new(Queue::default()), Health::default(), Arc::default());
        let node = Arc::new(Node::claim(&mut conn, &target, &options.folder, &health)?);
        // Who moves an installation into this database marks it first and looks for nodes then: one of both sees the other.
        schema::check_finished(&mut conn)?;
        let batch = Batch::restore(&mut conn, &node)?;
        let pool = Arc::new(Pool::new(target.clone(), options.readers));
        let access = Access::open(&target, &node, &health, Arc::clone(&pool))?;
        let writer = Writer {
            target,
            conn: None,
            former: None,
            node: Arc::clone(&node),
            batch,
            queue: Arc::clone(&queue),
            health: health.clone(),
            broken: Arc::clone(&broken),
        };
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || writer.run())?;
        Ok(Self { queue, pool, health, broken, writer: Some(thread), access, node, _lock: lock })
    }

    /// Does something of one statement on a connection of its own; once again on a new one when the old one was cut.
    /// Only for what may happen twice.
    fn repeatable<T>(&self, work: impl Fn(&mut Conn) -> Result<T, SqlError>) -> Result<T, StoreError> {
        self.health.check()?;
        for fresh in [false, true] {
            let mut conn = self.pool.take(fresh)?;
            match work(&mut conn) {
                Err(SqlError::Lost(_)) if !fresh => self.pool.forget(),
                Err(error @ SqlError::Lost(_)) => {
                    self.pool.forget();
                    return Err(error.into());
                }
                done => {
                    self.pool.give(conn);
                    return Ok(done?);
                }
            }
        }
        Err(StoreError::Busy)
    }
}

impl Drop for MysqlStore {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer ended in a panic");
        }
    }
}

impl Store for MysqlStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(MysqlRead::begin(&self.pool, &self.health)?))
    }

    fn commit(&self, set: WriteSet) -> CommitTicket {
        if !set.bulk {
            self.queue.ask();
        }
        let refused = self.health.check().and_then(|()| set.check());
        if let Err(error) = refused {
            return CommitTicket(Ticket::ready(Err(error.into())));
        }
        let (promise, ticket) = ticket();
        let handed = match set.bulk {
            true => self.queue.push_bulk(Work { set, promise }),
            false => self.queue.push(Work { set, promise }),
        };
        match handed {
            Ok(()) => CommitTicket(ticket),
            Err(_) => CommitTicket(Ticket::ready(Err(CommitError::Failed(StoreError::Poisoned)))),
        }
    }

    fn is_shared(&self) -> bool {
        self.queue.is_shared()
    }

    fn lease(&self, tenant: Tenant, sequence: &str, count: u32) -> Result<i64, StoreError> {
        // Done twice, it leaves a gap, which is allowed.
        let next = "UPDATE sequence SET next = LAST_INSERT_ID(next) + ? WHERE tenant = ? AND name = ?";
        let first = "INSERT INTO sequence (tenant, name, next) VALUES (?, ?, 1) ON DUPLICATE KEY UPDATE tenant = tenant";
        self.repeatable(|conn| {
            if conn.execute(next, values![count, tenant.0, sequence])? == 0 {
                conn.execute(first, values![tenant.0, sequence])?;
                conn.execute(next, values![count, tenant.0, sequence])?;
            }
            let leased = conn.one("SELECT CAST(LAST_INSERT_ID() AS SIGNED)", &[], |cells| cells.int(0))?;
            leased.ok_or_else(|| SqlError::Failed("a sequence without a number".into()))
        })
    }

    fn save_checkpoint(&self, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let size = i64::try_from(checkpoint.size)
            .map_err(|_| StoreError::Invalid("a checkpoint of more than 63 bits"))?;
        let sql = "UPDATE head SET checkpoint_size = ?, checkpoint = ? \
                   WHERE tenant = ? AND size >= ? AND checkpoint_size <= ?";
        let met = self.repeatable(|conn| {
            conn.execute(sql, values![size, checkpoint.text.as_bytes(), tenant.0, size, size])
        })?;
        if met == 1 {
            return Ok(());
        }
        Err(StoreError::Invalid("a checkpoint covers no fewer entries than the last, and only durable ones"))
    }

    fn node(&self) -> u32 {
        self.node.number
    }

    fn nodes(&self, tenant: Tenant) -> Result<Vec<u32>, StoreError> {
        self.health.check()?;
        self.access.nodes(tenant)
    }

    fn access_append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket {
        match self.health.check() {
            Ok(()) => self.access.append(tenant, entries),
            Err(error) => AccessTicket(Ticket::ready(Err(error))),
        }
    }

    fn access_log(&self, tenant: Tenant, node: u32) -> Result<Box<dyn AccessRead + '_>, StoreError> {
        self.health.check()?;
        if !self.nodes(tenant)?.contains(&node) {
            return Err(StoreError::Invalid("a node that has no access log"));
        }
        Ok(self.access.read(tenant, node))
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.read().map(drop)
    }

    #[cfg(any(test, feature = "parity"))]
    fn break_next_flush(&self) {
        self.broken.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
