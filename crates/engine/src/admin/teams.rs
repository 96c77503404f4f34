//! Teams: the unit of row rules.

use super::{Writing, check_free, name_of};
use crate::approval::{Asking, Carried, Gate, Work};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{DEFAULT_TEAM, TEAM, TeamBody};
use crate::seal::new_id;
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_approvals::Command;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A team or department.
#[derive(Clone, Serialize)]
pub struct Team {
    /// TypeID `tea_…`; `default` for the default team.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the team that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<String>,
    /// The name of its people's line manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
}

/// What becomes of a team; what is not said stays.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct TeamChange {
    /// Another name.
    pub name: Option<String>,
    /// Name or id of the team that it is part of; an empty one for none.
    pub above: Option<String>,
    /// Name or id of the line manager; an empty one for none.
    pub lead: Option<String>,
}

/// How many teams may stand above one another.
const MOST_DEEP: usize = 16;

impl Engine {
    /// Adds a team.
    ///
    /// # Errors
    /// `value_length`, `name_taken`, `action_not_allowed`.
    pub fn add_team(&self, caller: &Caller, name: &str) -> Result<Team, Fault> {
        self.guarded(caller, Deed::TeamAdd, |cx| {
            cx.permit(Action::ManageAccess)?;
            let name = name_of(name)?;
            check_team_name(cx, &name, None)?;
            let id = new_id(cx.now, &*self.entropy);
            let body = TeamBody { no: cx.new_number(), name, above: None, lead: None, created: cx.now.0 };
            let writing = Writing {
                deed: Deed::TeamAdd,
                kind: TEAM,
                id,
                expect: 0,
                body: &body,
                step: None,
                difference: None,
                ops: Vec::new(),
            };
            let committed = cx.write_security(writing)?;
            Ok(cx.committed(committed, shown(cx, id, &body)))
        })
    }

    /// All teams, the default one first.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn teams(&self, caller: &Caller) -> Result<Vec<Team>, Fault> {
        self.guarded(caller, Deed::ReadAccess, |cx| {
            cx.permit(Action::ManageAccess)?;
            let default =
                Team { id: DEFAULT_TEAM.to_owned(), name: DEFAULT_TEAM.to_owned(), above: None, lead: None };
            let others = cx.snapshot.teams.iter().map(|(id, team)| shown(cx, *id, &team.body));
            let teams = std::iter::once(default).chain(others).collect();
            cx.record(Entry::done(Deed::ReadAccess), Vec::new(), teams)
        })
    }

    /// Changes a team's name, its place in the tree, or its line manager.
    ///
    /// # Errors
    /// `not_found` (also for the default team, which has no record), `team_unknown`, `team_cycle`, `user_not_found`, `name_taken`,
    /// `value_length`, `cdo_required`, `action_not_allowed`.
    pub fn change_team(&self, caller: &Caller, id: &str, ask: &TeamChange) -> Result<Carried<Team>, Fault> {
        self.guarded(caller, Deed::TeamChange, |cx| change_team(cx, id, ask))
    }
}

/// Carries a change of a team out, or parks it.
pub(crate) fn change_team(
    cx: &Context<'_>,
    id: &str,
    ask: &TeamChange,
) -> Result<Recorded<Carried<Team>>, Stop> {
    cx.permit(Action::ManageAccess)?;
    // Who stands above whom decides what is seen.
    if cx.snapshot.has_cdo() && !cx.is_cdo() && !cx.is_operator() {
        return Err(Fault::new("cdo_required").into());
    }
    let (id, version, before) = found(cx, id)?;
    let mut body = before.clone();
    if let Some(name) = &ask.name {
        body.name = name_of(name)?;
        check_team_name(cx, &body.name, Some(id))?;
    }
    if let Some(above) = &ask.above {
        body.above = above_of(cx, body.no, above)?;
    }
    if let Some(lead) = &ask.lead {
        let person = |text: &str| {
            let user = cx.snapshot.user(text).filter(|(_, user)| !user.disabled);
            user.map(|(id, _)| id).ok_or_else(|| Fault::new("user_not_found").field("lead"))
        };
        body.lead = if lead.is_empty() { None } else { Some(person(lead)?) };
    }
    let answer = shown(cx, id, &body);
    let said = |team: &Team| {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        format!("{} · {} · {}", team.name, or_none(&team.above), or_none(&team.lead))
    };
    let difference = format!("{} → {}", said(&shown(cx, id, before)), said(&answer));
    let mut ops = Vec::new();
    // Who stands above whom, and who is whose line manager, gives rights and decides who approves.
    if (body.above, body.lead) != (before.above, before.lead) {
        let asking = Asking {
            records: cx.bound_system(TEAM, id).into_iter().collect(),
            ..Asking::of(
                Command::RoleChange,
                Work::Team(id.to_typeid("tea"), ask.clone()),
                json!([body.name, body.above, body.lead]),
                difference.clone(),
            )
        };
        match cx.gate(asking)? {
            Gate::Go(passed) => ops.extend(passed),
            Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
        }
    }
    let writing = Writing {
        deed: Deed::TeamChange,
        kind: TEAM,
        id,
        expect: version,
        body: &body,
        step: None,
        difference: Some(difference),
        ops,
    };
    Ok(cx.committed(cx.write_security(writing)?, Carried::Done(answer)))
}

fn shown(cx: &Context<'_>, id: Uid, team: &TeamBody) -> Team {
    let lead = team.lead.and_then(|lead| cx.snapshot.users.get(&lead));
    Team {
        id: id.to_typeid("tea"),
        name: team.name.clone(),
        above: team.above.map(|no| cx.snapshot.team_name(no)),
        lead: lead.map(|user| user.body.name.clone()),
    }
}

/// A team by name or id.
fn found<'c>(cx: &'c Context<'_>, text: &str) -> Result<(Uid, u32, &'c TeamBody), Fault> {
    let no = cx.snapshot.team_no(text).filter(|no| *no != 0);
    let team = no.and_then(|no| cx.snapshot.teams.iter().find(|(_, team)| team.body.no == no));
    team.map(|(id, team)| (*id, team.version, &team.body)).ok_or_else(|| Fault::new("not_found"))
}

/// The number of the team above, which is neither the team itself nor below it.
fn above_of(cx: &Context<'_>, no: u32, above: &str) -> Result<Option<u32>, Fault> {
    if above.is_empty() {
        return Ok(None);
    }
    let unknown = || Fault::new("team_unknown").field("above");
    let above = cx.snapshot.team_no(above).filter(|above| *above != 0).ok_or_else(unknown)?;
    let upwards = |no: &u32| cx.snapshot.teams.values().find(|team| team.body.no == *no)?.body.above;
    let height = |from: u32| std::iter::successors(Some(from), upwards).take(2 * MOST_DEEP).count();
    let below = cx.snapshot.below(no);
    // Of what hangs below, the deepest counts from here.
    let own = height(no);
    let depth = below.iter().map(|no| height(*no) + 1 - own).max().unwrap_or(1);
    if above == no || below.contains(&above) || height(above) + depth > MOST_DEEP {
        return Err(Fault::new("team_cycle").field("above").with("most", MOST_DEEP.to_string()));
    }
    Ok(Some(above))
}

/// Refuses a name that another team has, or that is a team's id.
fn check_team_name(cx: &Context<'_>, name: &str, own: Option<Uid>) -> Result<(), Fault> {
    let others = cx.snapshot.teams.iter().filter(|(id, _)| Some(**id) != own);
    let ids = || Uid::parse_typeid("tea", name).map(|_| name);
    check_free(name, others.map(|(_, team)| team.body.name.as_str()).chain([DEFAULT_TEAM]).chain(ids()))
}
