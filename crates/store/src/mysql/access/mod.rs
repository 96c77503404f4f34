//! The access logs in the database: of each node and tenant one, a bundle a row, with the same bytes as in the file of
//! an embedded store (`docs/formats.md`).
//!
//! A process appends only to the logs of its own node (`writer`) and reads those of all (`read`). Its own it shows as
//! far as their durability was acknowledged, whatever the database would show already.

mod bundles;
mod insert;
pub(super) mod migrate;
mod read;
mod stage;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use self::read::NodeLog;
use self::stage::{Request, encode};
use self::writer::Writer;
use super::conn::values;
use super::node::Node;
use super::options::Target;
use super::pool::Pool;
use crate::error::StoreError;
use crate::health::Health;
use crate::log::{AccessEntry, AccessTicket};
use crate::merkle::Tree;
use crate::queue::Queue;
use crate::store::AccessRead;
use crate::ticket::{Ticket, ticket};

/// What the appending thread and everybody else share.
struct Shared {
    queue: Queue<Request>,
    /// This node's logs as far as they are known to be durable.
    trees: Mutex<BTreeMap<Tenant, Tree>>,
    node: u32,
    health: Health,
}

/// The access logs, with the thread that appends to this node's own.
pub(super) struct Access {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    writer: Option<JoinHandle<()>>,
}

impl Access {
    /// Reads where this node's logs end, and starts to append there.
    ///
    /// # Errors
    /// `Corrupt` when a log has another root than the one stored with it, or fewer entries than its tiles or its
    /// checkpoint.
    pub(super) fn open(
        target: &Target,
        node: &Node,
        health: &Health,
        pool: Arc<Pool>,
    ) -> Result<Self, StoreError> {
        let (queue, trees) = (Queue::default(), Mutex::default());
        let shared = Arc::new(Shared { queue, trees, node: node.number, health: health.clone() });
        let mut writer = Writer::new(target.clone(), node.by(), Arc::clone(&shared));
        writer.restore_all()?;
        let thread = std::thread::Builder::new().name("access-log".into()).spawn(move || writer.run())?;
        Ok(Self { shared, pool, writer: Some(thread) })
    }

    /// Hands in entries, as [`crate::access_log::AccessLog::append`]; refusals are the same and come through the ticket.
    pub(super) fn append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket {
        let parts = match self.size_check().and_then(|()| encode(entries)) {
            Ok(parts) => parts,
            Err(error) => return AccessTicket(Ticket::ready(Err(error))),
        };
        let (promise, ticket) = ticket();
        // A writer that has gone leaves the promise unfulfilled, which is the refusal.
        drop(self.shared.queue.push(Request { tenant, parts, promise }));
        AccessTicket(ticket)
    }

    /// Fails when nothing can be appended any more.
    pub(super) fn size_check(&self) -> Result<(), StoreError> {
        self.shared.health.check()
    }

    /// The read side of a node's log, which need not be there.
    pub(super) fn read(&self, tenant: Tenant, node: u32) -> Box<dyn AccessRead + '_> {
        Box::new(NodeLog { shared: &self.shared, pool: &self.pool, tenant, node })
    }

    /// The nodes that have a log of the tenant, and this one, ascending.
    pub(super) fn nodes(&self, tenant: Tenant) -> Result<Vec<u32>, StoreError> {
        self.size_check()?;
        // One step into the index for each node; an EXISTS could be turned into a walk through all bundles.
        let sql = "SELECT n.node, (SELECT b.position FROM access_bundle b WHERE b.tenant = ? AND b.node = n.node \
                   ORDER BY b.position LIMIT 1) FROM node n ORDER BY n.node";
        let own = self.shared.node;
        let found: Vec<Option<u32>> = bundles::Ask::ask(&*self.pool, |conn| {
            conn.rows(sql, values![tenant.0], |cells| {
                let node: u32 = cells.narrow(0)?;
                Ok((node == own || !cells.is_null(1)?).then_some(node))
            })
        })?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Drop for Access {
    /// Finishes what waits.
    fn drop(&mut self) {
        self.shared.queue.close();
        if let Some(thread) = self.writer.take()
            && thread.join().is_err()
        {
            tracing::error!("the access log's writer ended in a panic");
        }
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("node", &self.shared.node).finish_non_exhaustive()
    }
}
