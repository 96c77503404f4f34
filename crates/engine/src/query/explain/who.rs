//! Who sees a field of a record.

use super::GateSaid;
use super::asked::{Asked, Subject, TheField};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Note};
use dossier_access::{Verdict, explain};
use dossier_model::Mask;
use serde::Serialize;
use std::cmp::Reverse;

/// People and programs on a page when nothing else is asked for, and at most.
const PAGE: u32 = 50;
const MAX_PAGE: u32 = 200;

/// Which field of which record.
#[derive(Clone)]
pub struct WhoSees {
    /// TypeID or customer code.
    pub record: String,
    /// Name of the field.
    pub field: String,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 200; 50 when not given.
    pub limit: Option<u32>,
}

/// People and programs that see a field, those who see the most of it first, then by name.
#[derive(Serialize)]
pub struct Seers {
    /// TypeID of the record.
    pub record: String,
    /// Name of the field.
    pub field: &'static str,
    /// At most `limit` of them.
    pub items: Vec<Seer>,
    /// How many there are in all.
    pub total: usize,
    /// To be sent as `after` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A person or program that sees a field.
#[derive(Serialize)]
pub struct Seer {
    /// `usr_…` or `cli_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// `user` or `client`.
    pub what: &'static str,
    /// Name of the team.
    pub team: String,
    /// `masked`, `openable` or `clear`.
    pub verdict: &'static str,
    /// The method of the mask that a role lays over the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<&'static str>,
    /// Name of the role that gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Names of the roles that take over from that one.
    pub over: Vec<String>,
    /// What keeps them from everything at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateSaid>,
}

pub(super) fn seers(cx: &Context<'_>, ask: &WhoSees) -> Result<Recorded<Seers>, Stop> {
    let asked = Asked::new(cx)?;
    asked.about_others()?;
    let limit = match ask.limit.unwrap_or(PAGE) {
        limit @ 1..=MAX_PAGE => limit as usize,
        _ => return Err(crate::invalid("limit").into()),
    };
    let field = TheField::find(cx, &asked, &ask.record, &ask.field)?;
    let target = field.target();
    let mut all: Vec<(Reverse<Verdict>, Subject)> = everybody(cx, &asked)
        .map(|one| (Verdict::of(&cx.snapshot.roles.view(&one.holder(cx), field.kind), &target), one))
        .filter(|(verdict, _)| *verdict > Verdict::Hidden)
        .map(|(verdict, one)| (Reverse(verdict), one))
        .collect();
    all.sort_by(|(a, one), (b, other)| (a, &one.name, &one.id).cmp(&(b, &other.name, &other.id)));
    let total = all.len();
    let begin = match &ask.after {
        None => 0,
        Some(after) => {
            let at = all.iter().position(|(_, one)| one.id == *after);
            at.ok_or_else(|| crate::invalid("after"))? + 1
        }
    };
    let more = total > begin + limit;
    let items: Vec<Seer> =
        all.into_iter().skip(begin).take(limit).map(|(_, one)| seer(cx, one, &field)).collect();
    let next = items.last().filter(|_| more).map(|last| last.id.clone());
    let entry =
        field.entry(Deed::ExplainWho).note("count", Note::Int(i64::try_from(total).unwrap_or(i64::MAX)));
    let answer = Seers { record: field.id(), field: &field.field.name, items, total, next };
    cx.record(entry, Vec::new(), answer)
}

/// Everybody who is not disabled, as far as the caller may ask about them.
fn everybody<'c>(cx: &'c Context<'_>, asked: &'c Asked) -> impl Iterator<Item = Subject> + 'c {
    let users = cx.snapshot.users.iter().filter(|(_, user)| !user.body.disabled);
    let clients = cx.snapshot.clients.iter().filter(|(_, client)| !client.body.disabled);
    let people = users.map(|(id, user)| Subject::user(cx, *id, user));
    let programs = clients.map(|(id, client)| Subject::client(cx, *id, client));
    people.chain(programs).filter(|one| asked.reaches(cx, one.team))
}

fn seer(cx: &Context<'_>, one: Subject, field: &TheField<'_>) -> Seer {
    let found = explain(&cx.snapshot.roles, &one.holder(cx), &field.target());
    let way = found.ways.iter().find(|way| way.decides);
    Seer {
        verdict: found.verdict.name(),
        mask: found.mask.as_ref().map(Mask::word),
        role: way.map(|way| cx.snapshot.role_name(way.role)),
        over: way.map_or_else(Vec::new, |way| cx.snapshot.role_names(&way.over)),
        team: cx.snapshot.team_name(one.team),
        gate: one.gate,
        id: one.id,
        name: one.name,
        what: one.what,
    }
}
