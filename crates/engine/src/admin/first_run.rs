//! How far a new installation is: computed from what is there, so that it can be left and taken up at any time.

use super::Recovery;
use crate::ledger::entry::{Deed, Entry};
use crate::policy::UserBody;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::kind::KindId;
use dossier_store::RowQuery;
use serde::Serialize;

/// What there is of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetUpState {
    /// Whether there is a CDO who signs in, and every CDO who does has a second factor.
    pub administrator: bool,
    /// The recovery sheets of the root key.
    pub recovery: Recovery,
    /// People who are not disabled, the invited ones too.
    pub people: usize,
    /// Teams beside the default one.
    pub teams: usize,
    /// Whether there is a dossier.
    pub dossiers: bool,
}

impl Engine {
    /// How far the installation is.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn set_up_state(&self, caller: &Caller) -> Result<SetUpState, Fault> {
        self.guarded(caller, Deed::ReadSetUp, |cx| {
            cx.permit(Action::ManageAccess)?;
            cx.permit(Action::ManageKeys)?;
            let read = cx.read()?;
            let active = || cx.snapshot.users.values().map(|user| &user.body).filter(|user| !user.disabled);
            let mut heads =
                active().filter(|user| cx.snapshot.is_cdo(&user.roles) && user.password.is_some()).peekable();
            let state = SetUpState {
                administrator: heads.peek().is_some() && heads.all(UserBody::has_second_factor),
                recovery: self.recovery(&*read)?,
                people: active().count(),
                teams: cx.snapshot.teams.len(),
                dossiers: {
                    let one = RowQuery { limit: 1, ..RowQuery::new(KindId::CUSTOMER) };
                    !read.rows_with_keys(TENANT, &one)?.is_empty()
                },
            };
            drop(read);
            cx.record(Entry::done(Deed::ReadSetUp), Vec::new(), state)
        })
    }
}
