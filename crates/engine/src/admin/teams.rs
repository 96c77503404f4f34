//! Teams: the unit of row rules.

use super::{Writing, check_free, name_of};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{DEFAULT_TEAM, TEAM, TeamBody};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_model::fault::Fault;
use serde::Serialize;

/// A team.
#[derive(Clone, Serialize)]
pub struct Team {
    /// TypeID `tea_…`; `default` for the default team.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Engine {
    /// Adds a team.
    ///
    /// # Errors
    /// `value_length`, `name_taken`, `action_not_allowed`.
    pub fn add_team(&self, caller: &Caller, name: &str) -> Result<Team, Fault> {
        self.guarded(caller, Deed::TeamAdd, |cx| {
            cx.permit(Action::ManageAccess)?;
            let name = name_of(name)?;
            let taken = cx.snapshot.teams.values().map(|team| team.body.name.as_str());
            // Nor one that is a team's id.
            check_free(
                &name,
                taken.chain([DEFAULT_TEAM]).chain(cx.snapshot.team_no(&name).map(|_| name.as_str())),
            )?;
            let mut number = [0; 4];
            let no = loop {
                self.entropy.fill(&mut number);
                // Room is left above for what a query wants to say besides; 0 is the default team.
                let no = u32::from_be_bytes(number) >> 1;
                if no != 0 && !cx.snapshot.teams.values().any(|team| team.body.no == no) {
                    break no;
                }
            };
            let id = new_id(cx.now, &*self.entropy);
            let body = TeamBody { no, name: name.clone(), created: cx.now.0 };
            let writing = Writing {
                deed: Deed::TeamAdd,
                kind: TEAM,
                id,
                expect: 0,
                body: &body,
                step: None,
                ops: Vec::new(),
            };
            let committed = cx.write_security(writing)?;
            Ok(cx.committed(committed, Team { id: id.to_typeid("tea"), name }))
        })
    }

    /// All teams, the default one first.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn teams(&self, caller: &Caller) -> Result<Vec<Team>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let default = Team { id: DEFAULT_TEAM.to_owned(), name: DEFAULT_TEAM.to_owned() };
            let teams = std::iter::once(default)
                .chain(
                    cx.snapshot
                        .teams
                        .iter()
                        .map(|(id, team)| Team { id: id.to_typeid("tea"), name: team.body.name.clone() }),
                )
                .collect();
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), teams)
        })
    }
}
