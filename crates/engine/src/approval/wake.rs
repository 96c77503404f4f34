//! Time, for requests: reminders, the end of a term, and what could not be carried out at once.

use super::parked::{OPEN, Parked, STATE_OPEN};
use crate::caller::Origin;
use crate::{Engine, TENANT};
use dossier_approvals::{Event, State};
use dossier_model::fault::Fault;

/// At most so many at a time.
const BATCH: usize = 64;

impl Engine {
    /// Does what is due. It may come late, twice or never: what holds is worked out from the moment alone.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn wake_requests(&self) -> Result<(), Fault> {
        let origin = Origin::default();
        let read = self.store.read()?;
        let due = read.jobs(TENANT, STATE_OPEN, self.clock.now(), BATCH)?;
        drop(read);
        for row in due.iter().filter(|row| row.kind == OPEN) {
            let woken = Parked::open(self, row).and_then(|parked| match parked.body.request.state {
                State::Agreed(until) if self.clock.now() < until => self.carry_out(row.id, &origin),
                _ => self.happens(row.id, &origin, Event::Wake),
            });
            // One that fails stops none of the others.
            if let Err(fault) = woken {
                tracing::error!(code = fault.code(), "a request for approval that is due is left as it is");
            }
        }
        Ok(())
    }
}
