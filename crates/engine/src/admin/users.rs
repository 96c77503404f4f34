//! People, as those see them who add them.

use super::leave::{Leaving, parting};
use super::{What, Writing, check_free, name_of, roles_of, team_of};
use crate::approval::{Asking, Carried, Gate, Work};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::hand_over;
use crate::ledger::entry::{Deed, Entry, Note};
use crate::people::{FIRST, Link, Purpose, last_sign_ins};
use crate::policy::{self, USER, UserBody};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_approvals::{Bound, Command};
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use dossier_store::{Op, Read, RowQuery, WriteSet};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A person.
#[derive(Clone, Serialize)]
pub struct User {
    /// TypeID `usr_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the team.
    pub team: String,
    /// Whether the person can do nothing any more.
    pub disabled: bool,
    /// Whether the person has a password.
    pub set_up: bool,
    /// Whether the person has codes by time.
    pub totp: bool,
    /// How many passkeys the person has.
    pub passkeys: usize,
    /// Sessions that are alive.
    pub sessions: usize,
    /// When the person last signed in, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<String>,
    /// When added, RFC 3339.
    pub created_at: String,
}

/// What becomes of a person; what is not said stays.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct UserChange {
    /// Names or ids of all roles from now on.
    pub roles: Option<Vec<String>>,
    /// Name or id of the team.
    pub team: Option<String>,
}

/// A person just added: the one time that the link is seen.
#[derive(Serialize)]
pub struct NewUser {
    /// TypeID `usr_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the team.
    pub team: String,
    /// Whether the person can do nothing any more: never, when just added.
    pub disabled: bool,
    /// When added, RFC 3339.
    pub created_at: String,
    /// Path and fragment of the link by which the person chooses a password.
    pub set_up: String,
}

impl Engine {
    /// Adds a person, with a link to be handed over.
    ///
    /// # Errors
    /// `value_length`, `name_taken`, `role_unknown`, `team_unknown`, `cdo_required`, `action_not_allowed`.
    pub fn add_user(
        &self,
        caller: &Caller,
        name: &str,
        roles: &[impl AsRef<str>],
        team: Option<&str>,
    ) -> Result<Carried<NewUser>, Fault> {
        self.guarded(caller, Deed::UserAdd, |cx| add_user(cx, name, roles, team))
    }

    /// All people.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn users(&self, caller: &Caller) -> Result<Vec<User>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let read = cx.read()?;
            let last = last_sign_ins(self, &*read)?;
            let shown = |(id, user): (&Uid, &crate::policy::Versioned<UserBody>)| {
                shown(cx, &*read, *id, &user.body, last.get(id).copied())
            };
            let users = cx.snapshot.users.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), users)
        })
    }

    /// A new link for a person, whose sessions, password, codes by time and passkeys end with it.
    ///
    /// # Errors
    /// `user_not_found`, `user_disabled`, `own_account`, `action_not_allowed`; `cdo_required` for whoever has more than the
    /// caller, for a time or for good, or is of another team.
    pub fn renew_user(&self, caller: &Caller, id: &str) -> Result<Link, Fault> {
        self.guarded(caller, Deed::SetUpLink, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (id, version, user) = managed(cx, id)?;
            // Whoever gets the link may become them, with all that they have for a time.
            cx.check_team(user.team)?;
            cx.check_roles(cx.snapshot.granted(id))?;
            // Whoever finds a browser open is not to make the account their own: that takes the password, or somebody else.
            if cx.sitting().is_ok_and(|(own, _)| own == id) {
                return Err(Fault::new("own_account").into());
            }
            if user.disabled {
                return Err(Fault::new("user_disabled").into());
            }
            let purpose = if user.password.is_some() { Purpose::Reset } else { Purpose::Invitation };
            let former = self.settings.sign_in.passwords.former(user);
            let body = UserBody { password: None, former, totp: None, passkeys: Vec::new(), ..user.clone() };
            let (link, ops) = self.new_link(id, purpose, cx.now)?;
            let writing = Writing {
                deed: Deed::SetUpLink,
                kind: USER,
                id,
                expect: version,
                body: &body,
                step: Some(purpose.name()),
                difference: None,
                ops,
            };
            Ok(cx.committed(cx.write_security(writing)?, link))
        })
    }

    /// A link by which the first CDO is made, in place of an earlier one; none where there is a CDO.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn first_link(&self, caller: &Caller) -> Result<Option<Link>, Fault> {
        self.refresh()?;
        if self.snapshot().has_cdo() {
            return Ok(None);
        }
        self.guarded(caller, Deed::SetUpLink, |cx| {
            cx.permit(Action::ManageAccess)?;
            if cx.snapshot.has_cdo() {
                return Err(Fault::new("cdo_required").into());
            }
            let (link, ops) = self.new_link(FIRST, Purpose::First, cx.now)?;
            let mut set = WriteSet::new(TENANT);
            set.ops = ops;
            let entry =
                Entry::done(Deed::SetUpLink).note("step", Note::Text(Purpose::First.name().to_owned()));
            commit(cx, set, &entry, Some(link))
        })
    }

    /// Whether nobody who could decide is here yet: [`Engine::first_link`] would make a link.
    ///
    /// # Errors
    /// Those of the store.
    pub fn needs_first_cdo(&self) -> Result<bool, Fault> {
        self.refresh()?;
        Ok(!self.snapshot().has_cdo())
    }

    /// Whether somebody has this name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn has_user(&self, name: &str) -> Result<bool, Fault> {
        self.refresh()?;
        Ok(self.snapshot().user_named(name).is_some())
    }

    /// Whether there are neither accounts nor records.
    ///
    /// # Errors
    /// Those of the store.
    pub fn is_untouched(&self) -> Result<bool, Fault> {
        self.refresh()?;
        let snapshot = self.snapshot();
        let read = self.store.read()?;
        // An erased record was somebody's too.
        let any = RowQuery { states: None, ..RowQuery::new(KindId::CUSTOMER) };
        Ok(snapshot.users.is_empty() && snapshot.clients.is_empty() && read.count(TENANT, &any)? == 0)
    }

    /// Lets somebody in again who was shut out ([`Engine::leave`]).
    ///
    /// # Errors
    /// `user_not_found`, `action_not_allowed`; `cdo_required` for whoever has more than the caller.
    pub fn enable_user(&self, caller: &Caller, id: &str) -> Result<Carried<User>, Fault> {
        self.guarded(caller, Deed::UserChange, |cx| enable(cx, id))
    }

    /// Gives a person other roles or another team. Whoever loses a role or moves is signed out everywhere, what they asked
    /// for before is not done any more, and what they answered for in another team waits for the line manager there.
    ///
    /// # Errors
    /// `user_not_found`, `role_unknown`, `team_unknown`, `last_keeper`, `action_not_allowed`; `cdo_required` for and by
    /// whoever keeps access or keys.
    pub fn change_user(&self, caller: &Caller, id: &str, ask: &UserChange) -> Result<Carried<User>, Fault> {
        self.guarded(caller, Deed::UserChange, |cx| change_user(cx, id, ask))
    }

    /// Signs a person out everywhere.
    ///
    /// # Errors
    /// `user_not_found`, `action_not_allowed`; `cdo_required` for whoever has more than the caller: nobody is to keep those
    /// out who could put it right.
    pub fn end_sessions(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::SessionEnd, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (id, _, _) = managed(cx, id)?;
            let set = WriteSet::new(TENANT).op(Op::DeleteLoginsOf { subject: id, except: None });
            let entry = Entry::done(Deed::SessionEnd).note("user", Note::Text(id.to_typeid("usr")));
            commit(cx, set, &entry, ())
        })
    }
}

/// Adds a person, or parks that. Of one who was approved nobody has seen the link: another one is made for them.
pub(crate) fn add_user(
    cx: &Context<'_>,
    name: &str,
    roles: &[impl AsRef<str>],
    team: Option<&str>,
) -> Result<Recorded<Carried<NewUser>>, Stop> {
    let engine = cx.engine;
    cx.permit(Action::ManageAccess)?;
    let work = Work::UserAdd {
        name: name.to_owned(),
        roles: roles.iter().map(|role| role.as_ref().to_owned()).collect(),
        team: team.map(str::to_owned),
    };
    let (name, roles, team) = (name_of(name)?, roles_of(cx, roles)?, team_of(cx, team)?);
    cx.check_roles(&roles)?;
    cx.check_team(team)?;
    // Nor one that is somebody's id.
    check_free(&name, cx.snapshot.user_names().chain(cx.snapshot.user(&name).map(|_| name.as_str())))?;
    let said =
        format!("{}: {} · {}", name, cx.snapshot.role_names(&roles).join("、"), cx.snapshot.team_name(team));
    let asking = Asking::of(Command::RoleGive, work, json!([roles, team]), format!("– → {said}"));
    let passed = match cx.gate(asking)? {
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let id = new_id(cx.now, &*engine.entropy);
    let body = UserBody::new(name, roles, team, cx.new_number(), cx.now);
    let (link, mut ops) = engine.new_link(id, Purpose::Invitation, cx.now)?;
    ops.extend(passed);
    let committed = cx.write_security(Writing {
        deed: Deed::UserAdd,
        kind: USER,
        id,
        expect: 0,
        body: &body,
        step: None,
        difference: None,
        ops,
    })?;
    let user = NewUser {
        id: id.to_typeid("usr"),
        roles: cx.snapshot.role_names(&body.roles),
        team: engine.snapshot().team_name(team),
        disabled: false,
        created_at: cx.now.to_string(),
        name: body.name,
        set_up: link.set_up,
    };
    Ok(cx.committed(committed, Carried::Done(user)))
}

/// What an approval about a person is bound to: what they may do, and not how they sign in.
pub(crate) fn bound(id: Uid, user: &UserBody) -> (Uid, Bound) {
    let said = json!([user.roles, user.team, user.disabled]).to_string();
    let fields = BTreeMap::from([(0, Some(sha256(said.as_bytes())))]);
    (id, Bound { version: 0, fields, scope: None })
}

/// Lets somebody in again, which gives them all that they had and may have to wait.
pub(crate) fn enable(cx: &Context<'_>, id: &str) -> Result<Recorded<Carried<User>>, Stop> {
    cx.permit(Action::ManageAccess)?;
    let (id, version, user) = managed(cx, id)?;
    cx.check_team(user.team)?;
    let body = UserBody { disabled: false, ..user.clone() };
    let mut ops = vec![Op::DeleteLoginsOf { subject: id, except: None }];
    let roles = cx.snapshot.role_names(&user.roles).join("、");
    let said = format!("{}: – → {roles} · {}", user.name, cx.snapshot.team_name(user.team));
    let asking = Asking {
        records: [bound(id, user)].into(),
        ..Asking::of(
            Command::RoleGive,
            Work::Enable(id.to_typeid("usr")),
            json!([user.roles, user.team]),
            said,
        )
    };
    match cx.gate(asking)? {
        Gate::Go(passed) => ops.extend(passed),
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    }
    ops.extend(hand_over::back(cx, id)?);
    let answer = User { sessions: 0, ..with_sign_ins(cx, id, &body)? };
    let writing = Writing {
        deed: Deed::UserChange,
        kind: USER,
        id,
        expect: version,
        body: &body,
        step: Some("enabled"),
        difference: None,
        ops,
    };
    Ok(cx.committed(cx.write_security(writing)?, Carried::Done(answer)))
}

/// Carries a change of somebody's roles or team out, or parks it.
pub(crate) fn change_user(
    cx: &Context<'_>,
    id: &str,
    ask: &UserChange,
) -> Result<Recorded<Carried<User>>, Stop> {
    cx.permit(Action::ManageAccess)?;
    let (id, version, user) = managed(cx, id)?;
    let roles = match &ask.roles {
        None => user.roles.clone(),
        // Nothing is left to whoever has no role.
        Some(none) if none.is_empty() => Vec::new(),
        Some(roles) => roles_of(cx, roles)?,
    };
    cx.check_roles(&roles)?;
    let team = ask.team.as_ref().map(|team| team_of(cx, Some(team))).transpose()?.unwrap_or(user.team);
    if team != user.team {
        cx.check_team(team)?;
    }
    if cx.snapshot.is_last_cdo(id) && !cx.snapshot.is_cdo(&roles) {
        return Err(Fault::new("last_keeper").into());
    }
    let number = if user.number == 0 { cx.new_number() } else { user.number };
    let body = UserBody { roles, team, number, ..user.clone() };
    let moves = team != user.team;
    let less = moves || user.roles.iter().any(|role| !body.roles.contains(role));
    let mut answer = with_sign_ins(cx, id, &body)?;
    let said = |user: &UserBody| {
        format!("{} · {}", cx.snapshot.role_names(&user.roles).join("、"), cx.snapshot.team_name(user.team))
    };
    let mut difference = format!("{} → {}", said(user), said(&body));
    let mut ops = Vec::new();
    // What only takes away does not wait.
    let more = moves || body.roles.iter().any(|role| !user.roles.contains(role));
    if more {
        cx.check_team(user.team)?;
        let asking = Asking {
            records: [bound(id, user)].into(),
            ..Asking::of(
                Command::RoleGive,
                Work::User(id.to_typeid("usr"), ask.clone()),
                json!([body.roles, body.team]),
                format!("{}: {difference}", user.name),
            )
        };
        match cx.gate(asking)? {
            Gate::Go(passed) => ops.extend(passed),
            Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
        }
    }
    let sealed = policy::seal(&cx.engine.keyring, USER, id, version + 1, &body, &*cx.engine.entropy)?;
    let mut rows = vec![(USER, sealed, version)];
    if less {
        answer.sessions = 0;
        let how = if moves { Leaving::Transferred } else { Leaving::Demoted };
        let parting = parting(cx, id, user, &body, how, cx.snapshot.manager(id, user.team))?;
        difference = parting.said(cx, user, &body);
        ops.extend(parting.ops);
        rows.extend(parting.rows);
    }
    let what = What { step: Some("roles"), difference: Some(difference), ..What::default() };
    let committed = cx.write_security_rows(cx.caller, Deed::UserChange, what, rows, ops)?;
    Ok(cx.committed(committed, Carried::Done(answer)))
}

fn commit<T>(cx: &Context<'_>, set: WriteSet, entry: &Entry, answer: T) -> Result<Recorded<T>, Stop> {
    match cx.commit(set, entry) {
        Ok(committed) => Ok(cx.committed(committed, answer)),
        Err(error) => Err(unexpected(&again(error)?)),
    }
}

/// A person by id or name.
fn found<'c>(cx: &'c Context<'_>, text: &str) -> Result<(Uid, u32, &'c UserBody), Fault> {
    let (id, _) = cx.snapshot.user(text).ok_or_else(|| Fault::new("user_not_found"))?;
    let (version, user) = cx.user_version(id)?;
    Ok((id, version, user))
}

/// The same, if the caller may have a say in what becomes of somebody with those roles.
pub(super) fn managed<'c>(cx: &'c Context<'_>, text: &str) -> Result<(Uid, u32, &'c UserBody), Fault> {
    let (id, version, user) = found(cx, text)?;
    cx.check_roles(&user.roles)?;
    Ok((id, version, user))
}

/// The same as they are shown, as of this moment.
pub(super) fn with_sign_ins(cx: &Context<'_>, id: Uid, user: &UserBody) -> Result<User, Stop> {
    let read = cx.read()?;
    let last = last_sign_ins(cx.engine, &*read)?.get(&id).copied();
    Ok(shown(cx, &*read, id, user, last)?)
}

pub(super) fn shown(
    cx: &Context<'_>,
    read: &dyn Read,
    id: Uid,
    user: &UserBody,
    last: Option<Micros>,
) -> Result<User, Fault> {
    Ok(User {
        id: id.to_typeid("usr"),
        name: user.name.clone(),
        roles: cx.snapshot.role_names(&user.roles),
        team: cx.snapshot.team_name(user.team),
        disabled: user.disabled,
        set_up: user.password.is_some(),
        totp: user.totp.is_some(),
        passkeys: user.passkeys.len(),
        sessions: cx.engine.sessions_of(read, id, cx.now)?.len(),
        last_sign_in_at: last.map(|at| at.to_string()),
        created_at: Micros(user.created).to_string(),
    })
}
