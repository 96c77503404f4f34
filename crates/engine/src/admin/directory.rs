//! People and groups as the firm's directory keeps them in step (SCIM 2.0, RFC 7643): who they are, whether they are still
//! there, and which groups they are in. A group stands for the role that has its name when it is made
//! (docs/decisions/0020-people-from-a-directory.md).
//!
//! Everything here is done by the commands that people use as well, in the caller's own name and rights: a directory gives
//! only what the program that speaks for it has.

use super::leave::{Leave, Leaving};
use super::users::managed;
use super::{UserChange, Writing, check_free, name_of};
use crate::approval::{Carried, drop_requests_for};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{GROUP, GroupBody, USER, UserBody, Versioned};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::{Action, RoleId};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::Op;
use std::collections::BTreeSet;

/// What ids of groups begin with.
const PREFIX: &str = "grp";
/// Characters of what a directory calls somebody.
const EXTERNAL: std::ops::RangeInclusive<usize> = 1..=255;

/// A person, as a directory sees them.
#[derive(Clone)]
pub struct DirectoryPerson {
    /// TypeID `usr_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// What the directory calls the person.
    pub external: Option<String>,
    /// Whether the person is there and not shut out.
    pub active: bool,
    /// When added, RFC 3339.
    pub created_at: String,
    /// Counts the changes.
    pub version: u32,
}

/// A group, as a directory sees it.
#[derive(Clone)]
pub struct DirectoryGroup {
    /// TypeID `grp_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// What the directory calls it.
    pub external: Option<String>,
    /// Ids of its members; of a group that stands for a role, of those who have it by now.
    pub members: Vec<String>,
    /// The same, with those who are to have the role and wait for approval.
    pub meant: Vec<String>,
    /// When added, RFC 3339.
    pub created_at: String,
    /// Counts the changes.
    pub version: u32,
}

/// Everybody and every group, in the order in which they were added.
pub struct Directory {
    /// The people.
    pub people: Vec<DirectoryPerson>,
    /// The groups.
    pub groups: Vec<DirectoryGroup>,
}

/// A person as they are to be.
#[derive(Clone)]
pub struct PersonAsk {
    /// The name.
    pub name: String,
    /// What the directory calls the person.
    pub external: Option<String>,
    /// Whether they are there; as they are, and there if they are new, where nothing is said.
    pub active: Option<bool>,
}

/// A group as it is to be.
#[derive(Clone)]
pub struct GroupAsk {
    /// The name.
    pub name: String,
    /// What the directory calls it.
    pub external: Option<String>,
    /// Ids of its members.
    pub members: Vec<String>,
}

impl Engine {
    /// Everybody whom a directory may ask for, and its groups.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn directory(&self, caller: &Caller) -> Result<Directory, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let people = cx.snapshot.users.iter().filter(|(_, user)| !user.body.unlisted);
            let directory = Directory {
                people: people.map(|(id, user)| person_shown(*id, user)).collect(),
                groups: cx.snapshot.groups.iter().map(|(id, group)| group_shown(cx, *id, group)).collect(),
            };
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), directory)
        })
    }

    /// Adds a person without any role: that gives nothing, and waits for nothing. Gives their id. A link to set
    /// themselves up by is made apart, by whoever hands it over.
    ///
    /// # Errors
    /// `value_length`, `name_taken`, `action_not_allowed`.
    pub fn directory_add(&self, caller: &Caller, ask: &PersonAsk) -> Result<String, Fault> {
        self.guarded(caller, Deed::UserAdd, |cx| add(cx, ask))
    }

    /// Makes a person what the directory has: whoever is not there any more leaves at once, before anything else is done.
    /// Letting somebody in again may wait for approval; until then they stay out.
    ///
    /// # Errors
    /// `user_not_found`, `version_conflict` where they have changed since `expect`, `name_taken`, those of
    /// [`Engine::leave`] and [`Engine::enable_user`].
    pub fn directory_put(
        &self,
        caller: &Caller,
        id: &str,
        ask: &PersonAsk,
        expect: u32,
    ) -> Result<(), Fault> {
        let was = self.guarded(caller, Deed::UserChange, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (_, person) = listed(cx, id)?;
            if person.version != expect {
                return Err(Fault::new("version_conflict")
                    .with("version", person.version.to_string())
                    .into());
            }
            Ok(cx.nothing().map(|()| !person.body.disabled))
        })?;
        if was && ask.active == Some(false) {
            self.leave(caller, id, &Leave::of(Leaving::Left))?;
        }
        self.guarded(caller, Deed::UserChange, |cx| name(cx, id, ask))?;
        match !was && ask.active == Some(true) {
            true => waits_or_done(self.enable_user(caller, id)),
            false => Ok(()),
        }
    }

    /// A person whom the directory has deleted leaves, and is not shown to it any more.
    ///
    /// # Errors
    /// As [`Engine::leave`].
    pub fn directory_delete(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::UserLeave, |cx| {
            cx.permit(Action::ManageAccess)?;
            listed(cx, id)?;
            Ok(cx.nothing())
        })?;
        self.leave(caller, id, &Leave::of(Leaving::Left))?;
        self.guarded(caller, Deed::UserChange, |cx| {
            let (uid, version, user) = managed(cx, id)?;
            let body = UserBody { unlisted: true, ..user.clone() };
            let ops = drop_requests_for(cx, &[uid])?;
            write_person(cx, uid, version, &body, "unlisted", format!("{} → –", user.name), ops)
        })
    }

    /// Adds a group, and gives its id.
    ///
    /// # Errors
    /// As [`Engine::directory_put_group`]; `cdo_required` where it would stand for a role that the caller may not give.
    pub fn directory_add_group(&self, caller: &Caller, ask: &GroupAsk) -> Result<String, Fault> {
        let id = self.guarded(caller, Deed::GroupChange, |cx| {
            cx.permit(Action::ManageAccess)?;
            let name = name_of(&ask.name)?;
            check_group_name(cx, &name, None)?;
            let role = cx.snapshot.role(&name);
            cx.check_roles(role.as_slice())?;
            let id = new_id(cx.now, &*self.entropy);
            let external = external_of(ask.external.as_deref())?;
            let members = BTreeSet::new();
            let body = GroupBody { name, external, role, members, removed: false, created: cx.now.0 };
            let said = format!("– → {}", body.name);
            members_of(cx, &ask.members)?;
            Ok(write_group(cx, id, 0, &body, "added", said, Vec::new())?.map(|()| id.to_typeid(PREFIX)))
        })?;
        if !ask.members.is_empty() {
            self.directory_put_group(caller, &id, ask, 1)?;
        }
        Ok(id)
    }

    /// Makes a group what the directory has. Of a group that stands for a role, whoever is not in it any more loses that
    /// role at once; whoever comes in is given it, which may wait for approval: until then they are not shown as members.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `name_taken`, `group_role_fixed`, `user_not_found`, and those of
    /// [`Engine::change_user`].
    pub fn directory_put_group(
        &self,
        caller: &Caller,
        id: &str,
        ask: &GroupAsk,
        expect: u32,
    ) -> Result<(), Fault> {
        let (role, out, into) = self.guarded(caller, Deed::GroupChange, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (_, group) = group_of(cx, id)?;
            if group.version != expect {
                return Err(Fault::new("version_conflict").with("version", group.version.to_string()).into());
            }
            let named = name_of(&ask.name)?;
            if named != group.body.name && (group.body.role.is_some() || cx.snapshot.role(&named).is_some()) {
                return Err(Fault::new("group_role_fixed").field("displayName").into());
            }
            let members = members_of(cx, &ask.members)?;
            let shown: BTreeSet<Uid> = members_shown(cx, &group.body).collect();
            let out: Vec<Uid> = group.body.members.difference(&members).copied().collect();
            let into: Vec<Uid> = members.difference(&shown).copied().collect();
            Ok(cx.nothing().map(|()| (group.body.role, out, into)))
        })?;
        // What is taken away goes first, so that nothing that breaks off leaves somebody with more than the directory has.
        for person in role.iter().flat_map(|_| &out) {
            self.turn(caller, *person, role, false)?;
        }
        self.guarded(caller, Deed::GroupChange, |cx| put_group(cx, id, ask, expect))?;
        for person in role.iter().flat_map(|_| &into) {
            self.turn(caller, *person, role, true)?;
        }
        Ok(())
    }

    /// Takes a group away, and with it the role from whoever was in it.
    ///
    /// # Errors
    /// `not_found`, and those of [`Engine::change_user`].
    pub fn directory_delete_group(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let (role, members) = self.guarded(caller, Deed::GroupChange, |cx| {
            cx.permit(Action::ManageAccess)?;
            let (_, group) = group_of(cx, id)?;
            cx.check_roles(group.body.role.as_slice())?;
            Ok(cx.nothing().map(|()| (group.body.role, group.body.members.clone())))
        })?;
        for person in role.iter().flat_map(|_| &members) {
            self.turn(caller, *person, role, false)?;
        }
        self.guarded(caller, Deed::GroupChange, |cx| {
            let (uid, group) = group_of(cx, id)?;
            let body = GroupBody { removed: true, ..group.body.clone() };
            let all: Vec<Uid> = body.members.iter().copied().collect();
            let ops = unwanted(cx, &body, &all)?;
            write_group(cx, uid, group.version, &body, "removed", format!("{} → –", body.name), ops)
        })
    }

    /// Gives somebody a role, or takes it, unless it is so already.
    fn turn(&self, caller: &Caller, person: Uid, role: Option<RoleId>, give: bool) -> Result<(), Fault> {
        let snapshot = self.snapshot();
        let (Some(role), Some(user)) = (role, snapshot.users.get(&person)) else { return Ok(()) };
        if user.body.roles.contains(&role) == give {
            return Ok(());
        }
        let mut roles: Vec<RoleId> = user.body.roles.iter().copied().filter(|one| *one != role).collect();
        roles.extend(give.then_some(role));
        let roles = Some(roles.iter().map(ToString::to_string).collect());
        let ask = UserChange { roles, team: None };
        waits_or_done(self.change_user(caller, &person.to_typeid("usr"), &ask))
    }
}

/// That something waits for approval, or was asked for already, is as a directory may leave it.
fn waits_or_done<T>(carried: Result<Carried<T>, Fault>) -> Result<(), Fault> {
    match carried {
        Err(fault) if fault.key != "approval_asked_already" => Err(fault),
        _ => Ok(()),
    }
}

fn add(cx: &Context<'_>, ask: &PersonAsk) -> Result<Recorded<String>, Stop> {
    cx.permit(Action::ManageAccess)?;
    let name = name_of(&ask.name)?;
    check_free(&name, cx.snapshot.user_names().chain(cx.snapshot.user(&name).map(|_| name.as_str())))?;
    let id = new_id(cx.now, &*cx.engine.entropy);
    // Of another team they would see, once they have a role, what whoever adds them does not.
    let mut body = UserBody::new(name, Vec::new(), cx.team(), cx.new_number(), cx.now);
    body.external = external_of(ask.external.as_deref())?;
    body.disabled = ask.active == Some(false);
    let committed = cx.write_security(Writing {
        deed: Deed::UserAdd,
        kind: USER,
        id,
        expect: 0,
        body: &body,
        step: None,
        difference: None,
        ops: Vec::new(),
    })?;
    Ok(cx.committed(committed, id.to_typeid("usr")))
}

/// Gives a person the name that the directory has.
fn name(cx: &Context<'_>, id: &str, ask: &PersonAsk) -> Result<Recorded<()>, Stop> {
    cx.permit(Action::ManageAccess)?;
    let (uid, version, user) = managed(cx, id)?;
    let (name, external) = (name_of(&ask.name)?, external_of(ask.external.as_deref())?);
    // Who is to stay out is not let in by what was asked for before.
    let ops = if ask.active == Some(false) { drop_requests_for(cx, &[uid])? } else { Vec::new() };
    if name == user.name && external == user.external && ops.is_empty() {
        return Ok(cx.nothing());
    }
    if name != user.name {
        let others = cx.snapshot.users.iter().filter(|(other, _)| **other != uid);
        check_free(&name, others.map(|(_, user)| user.body.name.as_str()))?;
        if Uid::parse_typeid("usr", &name).is_some() {
            return Err(Fault::new("name_taken").field("name").into());
        }
    }
    let said = format!("{} → {name}", user.name);
    let body = UserBody { name, external, ..user.clone() };
    write_person(cx, uid, version, &body, "named", said, ops)
}

fn write_person(
    cx: &Context<'_>,
    id: Uid,
    version: u32,
    body: &UserBody,
    step: &'static str,
    difference: String,
    ops: Vec<Op>,
) -> Result<Recorded<()>, Stop> {
    let writing = Writing {
        deed: Deed::UserChange,
        kind: USER,
        id,
        expect: version,
        body,
        step: Some(step),
        difference: Some(difference),
        ops,
    };
    Ok(cx.committed(cx.write_security(writing)?, ()))
}

fn put_group(cx: &Context<'_>, id: &str, ask: &GroupAsk, expect: u32) -> Result<Recorded<()>, Stop> {
    let (uid, group) = group_of(cx, id)?;
    let (name, members) = (name_of(&ask.name)?, members_of(cx, &ask.members)?);
    let external = external_of(ask.external.as_deref())?;
    check_group_name(cx, &name, Some(uid))?;
    let before = &group.body;
    if (&name, &external, &members) == (&before.name, &before.external, &before.members) {
        return Ok(cx.nothing());
    }
    if group.version != expect {
        return Err(Fault::new("version_conflict").with("version", group.version.to_string()).into());
    }
    let said = format!("{} · {} → {name} · {}", before.name, before.members.len(), members.len());
    let out: Vec<Uid> = before.members.difference(&members).copied().collect();
    let body = GroupBody { name, external, members, ..before.clone() };
    write_group(cx, uid, group.version, &body, "changed", said, unwanted(cx, before, &out)?)
}

/// What takes back that people are to be given what a group stands for, where that still waits.
fn unwanted(cx: &Context<'_>, group: &GroupBody, out: &[Uid]) -> Result<Vec<Op>, Stop> {
    if group.role.is_some() { drop_requests_for(cx, out) } else { Ok(Vec::new()) }
}

fn write_group(
    cx: &Context<'_>,
    id: Uid,
    version: u32,
    body: &GroupBody,
    step: &'static str,
    difference: String,
    ops: Vec<Op>,
) -> Result<Recorded<()>, Stop> {
    let writing = Writing {
        deed: Deed::GroupChange,
        kind: GROUP,
        id,
        expect: version,
        body,
        step: Some(step),
        difference: Some(difference),
        ops,
    };
    Ok(cx.committed(cx.write_security(writing)?, ()))
}

/// A person of whom the directory knows.
fn listed<'c>(cx: &'c Context<'_>, id: &str) -> Result<(Uid, &'c Versioned<UserBody>), Fault> {
    let found = Uid::parse_typeid("usr", id).and_then(|id| Some((id, cx.snapshot.users.get(&id)?)));
    found.filter(|(_, user)| !user.body.unlisted).ok_or_else(|| Fault::new("user_not_found"))
}

fn group_of<'c>(cx: &'c Context<'_>, id: &str) -> Result<(Uid, &'c Versioned<GroupBody>), Fault> {
    let found = Uid::parse_typeid(PREFIX, id).and_then(|id| Some((id, cx.snapshot.groups.get(&id)?)));
    found.ok_or_else(|| Fault::new("not_found"))
}

fn members_of(cx: &Context<'_>, ids: &[String]) -> Result<BTreeSet<Uid>, Fault> {
    let one = |id: &String| listed(cx, id).map(|(id, _)| id).map_err(|fault| fault.field("members"));
    ids.iter().map(one).collect()
}

/// Those in a group, as far as they have what it stands for.
fn members_shown<'c>(cx: &'c Context<'_>, group: &'c GroupBody) -> impl Iterator<Item = Uid> + 'c {
    let has = |user: &UserBody| group.role.is_none_or(|role| user.roles.contains(&role));
    let there = move |id: &Uid| cx.snapshot.users.get(id).is_some_and(|user| has(&user.body));
    members_meant(cx, group).filter(there)
}

/// Those in a group, as far as the directory knows them.
fn members_meant<'c>(cx: &'c Context<'_>, group: &'c GroupBody) -> impl Iterator<Item = Uid> + 'c {
    let there = |id: &Uid| cx.snapshot.users.get(id).is_some_and(|user| !user.body.unlisted);
    group.members.iter().copied().filter(there)
}

fn check_group_name(cx: &Context<'_>, name: &str, own: Option<Uid>) -> Result<(), Fault> {
    let others = cx.snapshot.groups.iter().filter(|(id, _)| Some(**id) != own);
    check_free(name, others.map(|(_, group)| group.body.name.as_str()))
}

/// What a directory calls somebody: any visible text, which only the directory reads.
fn external_of(text: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(text) = text else { return Ok(None) };
    if !EXTERNAL.contains(&text.chars().count()) || text.chars().any(char::is_control) {
        let (least, most) = (EXTERNAL.start().to_string(), EXTERNAL.end().to_string());
        return Err(Fault::new("value_length").field("externalId").with("least", least).with("most", most));
    }
    Ok(Some(text.to_owned()))
}

fn person_shown(id: Uid, user: &Versioned<UserBody>) -> DirectoryPerson {
    DirectoryPerson {
        id: id.to_typeid("usr"),
        name: user.body.name.clone(),
        external: user.body.external.clone(),
        active: !user.body.disabled,
        created_at: Micros(user.body.created).to_string(),
        version: user.version,
    }
}

fn group_shown(cx: &Context<'_>, id: Uid, group: &Versioned<GroupBody>) -> DirectoryGroup {
    DirectoryGroup {
        id: id.to_typeid(PREFIX),
        name: group.body.name.clone(),
        external: group.body.external.clone(),
        members: members_shown(cx, &group.body).map(|id| id.to_typeid("usr")).collect(),
        meant: members_meant(cx, &group.body).map(|id| id.to_typeid("usr")).collect(),
        created_at: Micros(group.body.created).to_string(),
        version: group.version,
    }
}
