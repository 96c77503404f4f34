//! Roles of the installation's own.

use super::role_form::{RoleForm, form_of, rules_of};
use super::{Writing, check_free, difference, name_of};
use crate::approval::{Asking, Carried, Gate, Work};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{ROLE, RoleBody, compile_roles};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::{Action, Role as Fixed, RoleId, RoleRules};
use dossier_approvals::Command;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A role with its rules.
#[derive(Clone, Serialize)]
pub struct Role {
    /// `CDO` and so on, or TypeID `rol_…`.
    pub id: String,
    /// Whether it is part of the program; then nobody changes it, and whoever wants other rules copies it.
    pub built_in: bool,
    /// Counts its changes; 0 for a built-in one.
    pub version: u32,
    /// People and programs that have it, themselves or by a role that takes it over; who is disabled does not count.
    pub holders: usize,
    /// Its rules.
    #[serde(flatten)]
    pub form: RoleForm,
}

impl Engine {
    /// All roles that can be given, the built-in ones first.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn roles(&self, caller: &Caller) -> Result<Vec<Role>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let fixed = Fixed::ALL
                .map(|role| shown(cx, RoleId::Fixed(role), 0, role.name(), &role.rules(self.kinds.iter())));
            let own = cx.snapshot.own_roles.iter().map(|(id, role)| {
                shown(cx, RoleId::Own(*id), role.version, &role.body.name, &role.body.rules)
            });
            let mut roles: Vec<Role> = fixed.into_iter().chain(own).collect();
            if let Some(own) = roles.get_mut(Fixed::ALL.len()..) {
                own.sort_by(|one, other| one.form.name.cmp(&other.form.name));
            }
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), roles)
        })
    }

    /// Adds a role.
    ///
    /// # Errors
    /// `name_taken`, `role_unknown`, `role_too_deep`, `choice_unknown`, `unknown_field`, `team_unknown` and others that
    /// name what is wrong; `cdo_required`, `action_not_allowed`; those of a request for approval.
    pub fn add_role(&self, caller: &Caller, form: &RoleForm) -> Result<Carried<Role>, Fault> {
        let work = RoleWork::Add(form.clone());
        self.role_work(caller, &work, None)?.map(|role| role.ok_or_else(|| Fault::new("internal")))
    }

    /// Gives a role other rules; they hold for whoever asks next.
    ///
    /// # Errors
    /// As [`Engine::add_role`]; `role_built_in`, `not_found`, `version_conflict`, `role_cycle`; `last_keeper` where nobody
    /// would be left who can decide.
    pub fn change_role(
        &self,
        caller: &Caller,
        id: &str,
        expect: u32,
        form: &RoleForm,
    ) -> Result<Carried<Role>, Fault> {
        let work = RoleWork::Change(id.to_owned(), form.clone());
        self.role_work(caller, &work, Some(expect))?.map(|role| role.ok_or_else(|| Fault::new("internal")))
    }

    /// Takes a role away that nobody has and no other takes over from. That takes nothing from anybody, and does not wait.
    ///
    /// # Errors
    /// `role_in_use`, `role_built_in`, `not_found`, `cdo_required`, `action_not_allowed`.
    pub fn remove_role(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::RoleRemove, |cx| remove(cx, id))
    }

    fn role_work(
        &self,
        caller: &Caller,
        work: &RoleWork,
        expect: Option<u32>,
    ) -> Result<Carried<Option<Role>>, Fault> {
        self.guarded(caller, work.deed(), |cx| write_role(cx, work, expect))
    }
}

/// A change of the roles, as it was asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleWork {
    /// A new one.
    Add(RoleForm),
    /// Other rules for one, by name or id.
    Change(String, RoleForm),
}

impl RoleWork {
    pub(crate) fn deed(&self) -> Deed {
        match self {
            RoleWork::Add(_) => Deed::RoleAdd,
            RoleWork::Change(..) => Deed::RoleChange,
        }
    }
}

/// Carries a change of the roles out, or parks it.
pub(crate) fn write_role(
    cx: &Context<'_>,
    work: &RoleWork,
    expect: Option<u32>,
) -> Result<Recorded<Carried<Option<Role>>>, Stop> {
    keeper(cx)?;
    match work {
        RoleWork::Add(form) => {
            let id = new_id(cx.now, &*cx.engine.entropy);
            let name = free_name(cx, id, &form.name)?;
            let body = RoleBody { name, rules: rules_of(cx, form)?, removed: false, created: cx.now.0 };
            write(cx, work, id, 0, body)
        }
        RoleWork::Change(id, form) => {
            let (id, version, before) = found(cx, id)?;
            if expect.is_some_and(|expect| expect != version) {
                return Err(Fault::new("version_conflict").with("version", version.to_string()).into());
            }
            let name = free_name(cx, id, &form.name)?;
            let body = RoleBody { name, rules: rules_of(cx, form)?, ..before };
            write(cx, work, id, version, body)
        }
    }
}

fn remove(cx: &Context<'_>, id: &str) -> Result<Recorded<()>, Stop> {
    keeper(cx)?;
    let (id, version, before) = found(cx, id)?;
    let snapshot = &cx.snapshot;
    let given = |roles: &[RoleId]| roles.contains(&RoleId::Own(id));
    // Somebody who is disabled may be let in again.
    let held = snapshot.users.values().any(|user| given(&user.body.roles))
        || snapshot.clients.values().any(|client| given(&client.body.roles))
        || snapshot.own_roles.values().any(|role| given(&role.body.rules.inherits))
        || snapshot.live_grants().any(|(_, rules)| given(&rules.inherits));
    if held {
        return Err(Fault::new("role_in_use").with("name", before.name).into());
    }
    let difference = difference(Some(&form_of(cx, &before.name, &before.rules)), None);
    let body = RoleBody { removed: true, ..before };
    let writing = Writing {
        deed: Deed::RoleRemove,
        kind: ROLE,
        id,
        expect: version,
        body: &body,
        step: None,
        difference: Some(difference),
        ops: Vec::new(),
    };
    Ok(cx.committed(cx.write_security(writing)?, ()))
}

/// Whoever may say what roles allow: once there is a CDO, a CDO alone.
pub(super) fn keeper(cx: &Context<'_>) -> Result<(), Stop> {
    cx.permit(Action::ManageAccess)?;
    if cx.snapshot.has_cdo() && !cx.is_cdo() {
        return Err(Fault::new("cdo_required").into());
    }
    Ok(())
}

fn found(cx: &Context<'_>, id: &str) -> Result<(Uid, u32, RoleBody), Fault> {
    match cx.snapshot.role(id) {
        Some(RoleId::Own(id)) => {
            let role = cx.snapshot.own_roles.get(&id).ok_or_else(|| Fault::new("not_found"))?;
            Ok((id, role.version, role.body.clone()))
        }
        Some(RoleId::Fixed(role)) => Err(Fault::new("role_built_in").with("name", role.name())),
        Some(RoleId::Grant(_)) | None => Err(Fault::new("not_found")),
    }
}

/// A name that no other role has, and that is no id of one.
fn free_name(cx: &Context<'_>, id: Uid, name: &str) -> Result<String, Fault> {
    let name = name_of(name)?;
    let others =
        cx.snapshot.own_roles.iter().filter(|(of, _)| **of != id).map(|(_, role)| role.body.name.as_str());
    let built_in = Fixed::ALL.into_iter().chain([Fixed::Operator]).map(|role| -> &str { role.name() });
    check_free(&name, others.chain(built_in).chain(RoleId::parse(&name).map(|_| name.as_str())))?;
    Ok(name)
}

/// Writes a role, if all of them can still be put together and somebody is left who can decide.
fn write(
    cx: &Context<'_>,
    work: &RoleWork,
    id: Uid,
    expect: u32,
    body: RoleBody,
) -> Result<Recorded<Carried<Option<Role>>>, Stop> {
    let snapshot = &cx.snapshot;
    let others = snapshot.own_roles.iter().filter(|(of, _)| **of != id);
    let all =
        others.map(|(of, role)| (RoleId::Own(*of), &role.body.rules)).chain([(RoleId::Own(id), &body.rules)]);
    let roles = compile_roles(all.chain(snapshot.live_grants()), cx.engine.kinds)
        .map_err(|fault| fault.field("inherits"))?;
    if snapshot.has_cdo() && !snapshot.has_cdo_by(&roles) {
        return Err(Fault::new("last_keeper").into());
    }
    let before = snapshot.own_roles.get(&id).map(|role| form_of(cx, &role.body.name, &role.body.rules));
    let form = form_of(cx, &body.name, &body.rules);
    let difference = difference(before.as_ref(), Some(&form));
    let asking = Asking {
        records: cx.bound_system(ROLE, id).into_iter().collect(),
        ..Asking::of(
            Command::RoleChange,
            Work::Role(Box::new(work.clone())),
            json!(body.rules),
            difference.clone(),
        )
    };
    let ops = match cx.gate(asking)? {
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let deed = work.deed();
    let difference = Some(difference);
    let writing = Writing { deed, kind: ROLE, id, expect, body: &body, step: None, difference, ops };
    let committed = cx.write_security(writing)?;
    let answer = shown(cx, RoleId::Own(id), expect + 1, &body.name, &body.rules);
    Ok(cx.committed(committed, Carried::Done(Some(answer))))
}

fn shown(cx: &Context<'_>, id: RoleId, version: u32, name: &str, rules: &RoleRules) -> Role {
    let snapshot = &cx.snapshot;
    let has = |roles: &[RoleId]| snapshot.roles.held(roles).contains(&id);
    let people = snapshot.users.values().filter(|user| !user.body.disabled && has(&user.body.roles)).count();
    let programs =
        snapshot.clients.values().filter(|client| !client.body.disabled && has(&client.body.roles)).count();
    Role {
        id: id.to_string(),
        built_in: matches!(id, RoleId::Fixed(_)),
        version,
        holders: people + programs,
        form: form_of(cx, name, rules),
    }
}
