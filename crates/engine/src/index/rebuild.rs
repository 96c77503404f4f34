//! Making the index again because somebody wants it.

use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_search::Index;
use serde::Serialize;

use super::failed;

/// What a rebuilt index holds.
#[derive(Serialize)]
pub struct Rebuilt {
    /// Entries of the change log that are in it.
    pub entries: u64,
    /// How long it took.
    pub seconds: f64,
}

impl Engine {
    /// Throws the search index of this process away and makes it from the records. Searches meanwhile say that they are
    /// not complete.
    ///
    /// # Errors
    /// `action_not_allowed`; `search_index_failed` when disk or folder fail.
    pub fn rebuild_search(&self, caller: &Caller) -> Result<Rebuilt, Fault> {
        self.guarded(caller, Deed::SearchRebuild, |cx| {
            cx.permit(Action::ManageKeys)?;
            cx.record(
                Entry::done(Deed::SearchRebuild).note("tenant", Note::Int(TENANT.0.into())),
                Vec::new(),
                (),
            )
        })?;
        let started = std::time::Instant::now();
        {
            let _one = self.names.working.lock();
            *self.names.index.write() = None;
            *self.names.caught_up.lock() = None;
            if let Some(folder) = &self.names.folder {
                Index::remove(folder).map_err(|error| failed(&error))?;
            }
        }
        self.catch_up_names()?;
        let entries = self.names.index().map_or(0, |index| index.progress().cursor);
        Ok(Rebuilt { entries, seconds: started.elapsed().as_secs_f64() })
    }
}
