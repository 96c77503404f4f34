//! Who sees which hand-overs.

use super::job::Job;
use crate::context::Context;
use crate::ledger::entry::{Deed, Entry};
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use serde::Serialize;

/// What somebody answered for who left or moved.
#[derive(Clone, Serialize)]
pub struct HandOver {
    /// TypeID `hov_…`.
    pub id: String,
    /// Who answered for it.
    pub from: String,
    /// `left`, `transferred`, `demoted`, `seconded`.
    pub how: &'static str,
    /// Since when, RFC 3339.
    pub since: String,
    /// Who takes over; nobody, while nobody is named and there is no line manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heir: Option<String>,
    /// Where it stands: `waiting`, `running`, `done`.
    pub state: &'static str,
    /// How many dossiers there are.
    pub dossiers: u64,
    /// How many of them have their new owner.
    pub moved: u64,
    /// The names of programs, for which the heir answers already.
    pub programs: Vec<String>,
}

impl Engine {
    /// The hand-overs that are open: those that wait for the caller, or all of them for whoever manages people.
    ///
    /// # Errors
    /// `people_only`; `action_not_allowed` for all of them.
    pub fn hand_overs(&self, caller: &Caller, all: bool) -> Result<Vec<HandOver>, Fault> {
        self.guarded(caller, Deed::HandOverLook, |cx| {
            let who = match all {
                true => cx.permit(Action::ManageAccess).map(|_| None)?,
                false => Some(cx.person().ok_or_else(|| Fault::new("people_only"))?),
            };
            let read = cx.read()?;
            let open = Job::all_open(self, &*read)?;
            drop(read);
            let found = open.iter().filter(|job| all || job.body.heir == who);
            let items = found.map(|job| shown(cx, job)).collect();
            cx.record(Entry::done(Deed::HandOverLook), Vec::new(), items)
        })
    }
}

pub(super) fn shown(cx: &Context<'_>, job: &Job) -> HandOver {
    let body = &job.body;
    HandOver {
        id: job.public(),
        from: cx.snapshot.who(1, body.from),
        how: body.how.name(),
        since: Micros(body.at).to_string(),
        heir: body.heir.map(|heir| cx.snapshot.who(1, heir)),
        state: job.state.name(),
        dossiers: body.dossiers,
        moved: body.moved,
        programs: body.programs.iter().map(|id| cx.snapshot.who(2, *id)).collect(),
    }
}
