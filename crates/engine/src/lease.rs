//! Rights that one process at a time has: taken for a while, fenced, given back.

use crate::context::{again, unexpected};
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, Op, WriteSet};

/// How long a process that died keeps others out. It does not keep out itself, started again.
const LENGTH: i64 = 60_000_000;

/// A lease that this process has. Nobody has to trust its clock: each write that rests on it names its fencing token.
#[derive(Clone)]
pub(crate) struct Lease {
    name: String,
    holder: Uid,
    fence: u64,
}

impl Lease {
    /// What has to hold for a write that rests on this lease.
    pub(crate) fn fenced(&self) -> Op {
        Op::ExpectFence { name: self.name.clone(), fence: self.fence }
    }

    /// Holds the lease for longer, from now on.
    pub(crate) fn renewed(&self, engine: &Engine) -> Op {
        let now = engine.clock.now();
        Op::TakeLease { name: self.name.clone(), holder: self.holder, now, until: Micros(now.0 + LENGTH) }
    }

    /// Ends the lease and leaves nothing of it: for what is done once.
    pub(crate) fn dropped(&self) -> Op {
        Op::DropLease { name: self.name.clone(), holder: self.holder }
    }

    /// Ends the lease.
    pub(crate) fn ended(&self, engine: &Engine) -> Op {
        let now = engine.clock.now();
        Op::TakeLease { name: self.name.clone(), holder: self.holder, now, until: now }
    }
}

impl Engine {
    /// Takes a lease; none when another process has it.
    pub(crate) fn take_lease(&self, name: &str) -> Result<Option<Lease>, Fault> {
        let mut lease = Lease { name: name.to_owned(), holder: self.holder(), fence: 0 };
        match self.store.commit(WriteSet::new(TENANT).op(lease.renewed(self))).wait() {
            Ok(_) => {}
            Err(error) => match again(error) {
                Ok(Conflict::Lease { .. }) => return Ok(None),
                Ok(other) => return Err(unexpected(&other).into_fault()),
                Err(stop) => return Err(stop.into_fault()),
            },
        }
        // Taken by another since, its fence would be one higher, and its holder another.
        let row = self.store.read()?.lease(TENANT, name)?;
        let row = row.filter(|row| row.holder == lease.holder);
        Ok(row.map(|row| {
            lease.fence = row.fence;
            lease
        }))
    }

    /// Lets others have it at once. Not to be able to is no failure: it ends by itself.
    pub(crate) fn give_back(&self, lease: &Lease) {
        self.give_back_by(lease, lease.ended(self));
    }

    /// The same, leaving nothing of it.
    pub(crate) fn drop_lease(&self, lease: &Lease) {
        self.give_back_by(lease, lease.dropped());
    }

    fn give_back_by(&self, lease: &Lease, end: Op) {
        let set = WriteSet::new(TENANT).op(lease.fenced()).op(end);
        if let Err(error) = self.store.commit(set).wait() {
            tracing::debug!(%error, lease = lease.name, "a lease is not given back");
        }
    }

    /// This process among those that share the store: its node, so that a process that is started again takes up what
    /// it had.
    fn holder(&self) -> Uid {
        let mut id = [0; 16];
        let [.., a, b, c, d] = &mut id;
        [*a, *b, *c, *d] = self.store.node().to_be_bytes();
        Uid(id)
    }
}
