//! Leaving, transfer, demotion, secondment (S4 7.5): whatever somebody had by what they were ends in one transaction.
//!
//! Every change of a person that takes something away goes through [`parting`]: there is no second list of what ends. What
//! only takes away waits for nobody's approval, so nothing is given here: other roles and teams with rights are a change of
//! their own.

use super::users::{managed, with_sign_ins};
use super::{What, team_of};
use crate::approval::drop_requests_by;
use crate::context::{Context, Recorded, Stop};
use crate::grant::ended_of;
use crate::hand_over::{self, Parted};
use crate::ledger::entry::Deed;
use crate::policy::{CLIENT, ClientBody, TEAM, TeamBody, USER, UserBody, seal};
use crate::{Caller, Engine, User};
use dossier_access::{Action, RoleId};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Op, SystemRow};
use serde::{Deserialize, Serialize};

/// Why somebody gives up what they have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// Is not with the firm any more.
    Left,
    /// Works for another team.
    Transferred,
    /// Has a lower post.
    Demoted,
    /// Works elsewhere for a while.
    Seconded,
}

impl Leaving {
    /// Their names.
    pub const NAMES: &'static [&'static str] = &["left", "transferred", "demoted", "seconded"];

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Leaving> {
        let all = [Leaving::Left, Leaving::Transferred, Leaving::Demoted, Leaving::Seconded];
        all.into_iter().find(|one| one.name() == text)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Leaving::Left => "left",
            Leaving::Transferred => "transferred",
            Leaving::Demoted => "demoted",
            Leaving::Seconded => "seconded",
        }
    }
}

/// That somebody leaves, moves, is demoted or seconded.
#[derive(Clone)]
pub struct Leave {
    /// Which of these.
    pub how: Leaving,
    /// Name or id of whoever takes over; the line manager where nobody is named.
    pub successor: Option<String>,
    /// Names or ids of the roles that stay, of those that the person has; none of them where nothing is said.
    pub roles: Option<Vec<String>>,
    /// Name or id of the team from now on. It changes nothing of who sees what while no role stays.
    pub team: Option<String>,
}

impl Leave {
    /// One of whom nothing stays, and whose line manager takes over.
    pub fn of(how: Leaving) -> Leave {
        Leave { how, successor: None, roles: None, team: None }
    }
}

impl Engine {
    /// Takes from somebody what they have: at once, in one transaction, without waiting for approval. Whoever has left is
    /// shut out; of the others the roles go that are not named. Sessions, tokens, links and what they asked for end; what
    /// they answered for goes to the successor's list of hand-overs.
    ///
    /// # Errors
    /// `user_not_found`, `leave_gives`, `last_keeper`, `role_unknown`, `team_unknown`, `action_not_allowed`;
    /// `cdo_required` for whoever has more than the caller, and a successor elsewhere.
    pub fn leave(&self, caller: &Caller, id: &str, ask: &Leave) -> Result<User, Fault> {
        self.guarded(caller, Deed::UserLeave, |cx| leave(cx, id, ask))
    }
}

fn leave(cx: &Context<'_>, id: &str, ask: &Leave) -> Result<Recorded<User>, Stop> {
    cx.permit(Action::ManageAccess)?;
    let (id, version, user) = managed(cx, id)?;
    let body = left(cx, user, ask)?;
    if cx.snapshot.is_last_cdo(id) && (body.disabled || !cx.snapshot.is_cdo(&body.roles)) {
        return Err(Fault::new("last_keeper").into());
    }
    let heir = heir_of(cx, id, user, ask.successor.as_deref())?;
    let mut parting = parting(cx, id, user, &body, ask.how, heir)?;
    let answer = User { sessions: 0, ..with_sign_ins(cx, id, &body)? };
    let said = What {
        step: Some(ask.how.name()),
        difference: Some(parting.said(cx, user, &body)),
        ..What::default()
    };
    parting.rows.push(row(cx, USER, id, version, &body)?);
    let committed = cx.write_security_rows(cx.caller, Deed::UserLeave, said, parting.rows, parting.ops)?;
    Ok(cx.committed(committed, answer))
}

/// The person from then on.
fn left(cx: &Context<'_>, user: &UserBody, ask: &Leave) -> Result<UserBody, Stop> {
    if ask.how == Leaving::Left {
        let given = [("roles", ask.roles.is_some()), ("team", ask.team.is_some())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(Fault::new("leave_gives").field(name).into());
        }
        return Ok(UserBody { disabled: true, ..user.clone() });
    }
    let role = |text: &String| {
        let role = cx.snapshot.role(text).ok_or_else(|| Fault::new("role_unknown").field("roles"))?;
        let gives = || Fault::new("leave_gives").field("roles");
        user.roles.contains(&role).then_some(role).ok_or_else(gives)
    };
    let named: Vec<RoleId> = ask.roles.iter().flatten().map(role).collect::<Result<_, Fault>>()?;
    let roles: Vec<RoleId> = user.roles.iter().copied().filter(|role| named.contains(role)).collect();
    let team = ask.team.as_ref().map(|team| team_of(cx, Some(team))).transpose()?.unwrap_or(user.team);
    if team != user.team {
        cx.check_team(team)?;
        if !roles.is_empty() {
            return Err(Fault::new("leave_gives").field("team").into());
        }
    }
    Ok(UserBody { roles, team, ..user.clone() })
}

/// Who takes over: whoever is named, else the line manager, else nobody yet.
fn heir_of(cx: &Context<'_>, id: Uid, user: &UserBody, named: Option<&str>) -> Result<Option<Uid>, Fault> {
    let manager = cx.snapshot.manager(id, user.team);
    let Some(named) = named else { return Ok(manager) };
    let there = cx.snapshot.user(named).filter(|(heir, body)| *heir != id && !body.disabled);
    let (heir, body) = there.ok_or_else(|| Fault::new("user_not_found").field("successor"))?;
    // Somebody of another team would see what is not theirs: that is not for whoever looks after one team, their own or not.
    if body.team != user.team && Some(heir) != manager {
        cx.check_team(body.team)
            .and_then(|()| cx.check_team(user.team))
            .map_err(|fault| fault.field("successor"))?;
    }
    Ok(Some(heir))
}

/// What is written besides the person's own record.
pub(super) struct Parting {
    pub rows: Vec<(&'static str, SystemRow, u32)>,
    pub ops: Vec<Op>,
    /// What the ledger says of it, a line each.
    lines: Vec<String>,
}

/// What ends when somebody loses something: each session, link and token of theirs, what they asked for and has not been
/// done, and their answering for programs and dossiers, which waits for the heir. What they
/// were granted for a time ends with it.
pub(super) fn parting(
    cx: &Context<'_>,
    id: Uid,
    before: &UserBody,
    after: &UserBody,
    how: Leaving,
    heir: Option<Uid>,
) -> Result<Parting, Stop> {
    let mut ops =
        vec![Op::DeleteLoginsOf { subject: id, except: None }, Op::DeleteSessionsOf { subject: id }];
    let dropped = drop_requests_by(cx, id)?;
    let mut lines = Vec::new();
    if !dropped.is_empty() {
        lines.push(format!("requests: {} → –", dropped.len()));
    }
    ops.extend(dropped);
    let grants = ended_of(cx, id)?;
    if !grants.is_empty() {
        lines.push(format!("grants: {} → –", grants.len()));
    }
    let mut parting = Parting { rows: grants, ops, lines };
    let goes = after.disabled || before.team != after.team || how != Leaving::Demoted;
    if goes {
        let programs = parting.give_up_programs(cx, id, heir)?;
        parting.number(cx, heir)?;
        let parted = Parted { id, body: before, moved: before.team != after.team, how, heir, programs };
        parting.ops.extend(hand_over::begin(cx, &parted)?);
    }
    // Who has left and is let in again gets back what they had, by approval; whoever has less decides for nobody there.
    if how != Leaving::Left {
        parting.give_up_leads(cx, id)?;
    }
    Ok(parting)
}

impl Parting {
    /// Whoever answers for programs no more passes that on; what is let in by it was never theirs.
    fn give_up_programs(&mut self, cx: &Context<'_>, id: Uid, heir: Option<Uid>) -> Result<Vec<Uid>, Fault> {
        let own = |body: &ClientBody| body.responsible == Some(id) && !body.disabled;
        let mut programs = Vec::new();
        for (client, program) in cx.snapshot.clients.iter().filter(|(_, client)| own(&client.body)) {
            let body = ClientBody { responsible: heir, ..program.body.clone() };
            self.rows.push(row(cx, CLIENT, *client, program.version, &body)?);
            let to = heir.map_or_else(|| "–".to_owned(), |heir| cx.snapshot.who(1, heir));
            self.lines.push(format!("{}: → {to}", body.name));
            programs.push(*client);
        }
        Ok(programs)
    }

    /// Whoever takes over has a number to answer for dossiers by.
    fn number(&mut self, cx: &Context<'_>, heir: Option<Uid>) -> Result<(), Fault> {
        let person = heir.and_then(|heir| Some((heir, cx.snapshot.users.get(&heir)?)));
        if let Some((heir, person)) = person.filter(|(_, person)| person.body.number == 0) {
            let body = UserBody { number: cx.new_number(), ..person.body.clone() };
            self.rows.push(row(cx, USER, heir, person.version, &body)?);
        }
        Ok(())
    }

    /// The teams that the person led have no lead: the one above decides until somebody is named.
    fn give_up_leads(&mut self, cx: &Context<'_>, id: Uid) -> Result<(), Fault> {
        for (team, led) in cx.snapshot.teams.iter().filter(|(_, team)| team.body.lead == Some(id)) {
            let body = TeamBody { lead: None, ..led.body.clone() };
            self.rows.push(row(cx, TEAM, *team, led.version, &body)?);
            self.lines.push(format!("{}: lead → –", body.name));
        }
        Ok(())
    }

    /// What it was and what it is, for whoever reads the ledger.
    pub(super) fn said(&self, cx: &Context<'_>, before: &UserBody, after: &UserBody) -> String {
        let said = |user: &UserBody| match user.disabled {
            true => "–".to_owned(),
            false => {
                let roles = cx.snapshot.role_names(&user.roles).join("、");
                format!("{roles} · {}", cx.snapshot.team_name(user.team))
            }
        };
        let first = format!("{}: {} → {}", before.name, said(before), said(after));
        [vec![first], self.lines.clone()].concat().join("\n")
    }
}

fn row<T: Serialize>(
    cx: &Context<'_>,
    kind: &'static str,
    id: Uid,
    version: u32,
    body: &T,
) -> Result<(&'static str, SystemRow, u32), Fault> {
    let sealed = seal(&cx.engine.keyring, kind, id, version + 1, body, &*cx.engine.entropy)?;
    Ok((kind, sealed, version))
}
