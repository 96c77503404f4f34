//! One record.

use super::{find, render};
use crate::ledger::entry::{Deed, Entry};
use crate::record::Record;
use crate::seal::{Opened, Wanted};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;

impl Engine {
    /// One record by TypeID or customer code, with provenance when asked for.
    ///
    /// # Errors
    /// `not_found`, also for what the caller may not know exists; `erased`; `sealed_damaged`.
    pub fn read(&self, caller: &Caller, kind: &str, id: &str, provenance: bool) -> Result<Record, Fault> {
        self.guarded(caller, Deed::View, |cx| {
            let (view, kind) = cx.view(kind)?;
            view.anywhere().permit(Action::Read)?;
            if provenance {
                view.anywhere().permit(Action::History)?;
            }
            let read = cx.read()?;
            let found = find(&*read, &view, kind, id)?;
            if provenance {
                view.at(&found.row.place()).permit(Action::History)?;
            }
            let opened = Opened::new(TENANT, kind, &found.row, &found.key, &self.keyring)?;
            let (record, item) = render(cx, &*read, &view, &opened, Wanted::All, provenance)?;
            drop(read);
            cx.record(Entry::done(Deed::View).item(item), Vec::new(), record)
        })
    }
}
