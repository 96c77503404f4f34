//! People.

use super::{Writing, name_of, role_of, team_of};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{USER, UserBody};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use serde::Serialize;

/// A person.
#[derive(Clone, Serialize)]
pub struct User {
    /// TypeID `usr_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `CDO`, `CDA`, `CDE`, `CDU` or `ISA`.
    pub role: &'static str,
    /// Name of the team.
    pub team: String,
    /// Whether the person can do nothing any more.
    pub disabled: bool,
    /// When added, RFC 3339.
    pub created_at: String,
}

impl Engine {
    /// Adds a person.
    ///
    /// # Errors
    /// `value_length`, `name_taken`, `role_unknown`, `team_unknown`, `cdo_required`, `action_not_allowed`.
    pub fn add_user(
        &self,
        caller: &Caller,
        name: &str,
        role: &str,
        team: Option<&str>,
    ) -> Result<User, Fault> {
        self.guarded(caller, Deed::UserAdd, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (name, role, team) = (name_of(name)?, role_of(role)?, team_of(cx, team)?);
            cx.check_role(role)?;
            if cx.snapshot.user(&name).is_some() {
                return Err(Fault::new("name_taken").field("name").into());
            }
            let id = new_id(cx.now, &*self.entropy);
            let body = UserBody { name, role, team, disabled: false, created: cx.now.0 };
            let writing =
                Writing { deed: Deed::UserAdd, kind: USER, id, expect: 0, body: &body, ops: Vec::new() };
            let committed = cx.write_security(writing)?;
            let user = User {
                id: id.to_typeid("usr"),
                role: role.name(),
                team: self.snapshot().team_name(team),
                disabled: false,
                created_at: cx.now.to_string(),
                name: body.name,
            };
            Ok(cx.committed(committed, user))
        })
    }

    /// All people.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn users(&self, caller: &Caller) -> Result<Vec<User>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let users = cx
                .snapshot
                .users
                .iter()
                .map(|(id, user)| User {
                    id: id.to_typeid("usr"),
                    name: user.body.name.clone(),
                    role: user.body.role.name(),
                    team: cx.snapshot.team_name(user.body.team),
                    disabled: user.body.disabled,
                    created_at: Micros(user.body.created).to_string(),
                })
                .collect();
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), users)
        })
    }
}
