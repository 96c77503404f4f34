//! Who sees what of grants: their holders, whoever looks after their rights, and whoever audits.

use crate::admin::{RoleForm, form_of};
use crate::context::{Context, Recorded, Stop, today};
use crate::ledger::entry::{Deed, Entry, Item};
use crate::policy::GrantBody;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use dossier_store::{Read, RowBy, STATE_ERASED};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which grants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GrantBox {
    /// The caller's own.
    Own,
    /// Those of the people whose rights the caller looks after or audits.
    All,
}

impl GrantBox {
    /// Their names.
    pub const NAMES: &'static [&'static str] = &["own", "all"];

    /// Reads a name.
    pub fn parse(text: &str) -> Option<GrantBox> {
        match text {
            "own" => Some(GrantBox::Own),
            "all" => Some(GrantBox::All),
            _ => None,
        }
    }
}

/// Grants that hold or ended not long ago, the newest first.
#[derive(Serialize)]
pub struct GrantPage {
    /// All of them.
    pub items: Vec<GrantShown>,
    /// Minutes from applying to being in force, on average over these; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_minutes: Option<i64>,
    /// Roles that can be applied for, by name.
    pub roles: Vec<String>,
    /// Whether the caller may see those of others.
    pub may_see_all: bool,
}

/// A dossier by its id and code.
#[derive(Clone, Serialize)]
pub struct DossierNamed {
    /// TypeID.
    pub id: String,
    /// Customer code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A grant as somebody may see it.
#[derive(Clone, Serialize)]
pub struct GrantShown {
    /// TypeID `gra_…`.
    pub id: String,
    /// Name of the holder.
    pub person: String,
    /// Name of the holder's team.
    pub team: String,
    /// What for; only for the holder and for whoever reads all dossiers that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The role, where it is one for a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What may be done.
    pub actions: Vec<String>,
    /// By `kind.field`: `masked`, `openable` or `clear`.
    pub fields: BTreeMap<String, String>,
    /// The highest level that it reaches; none for a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest: Option<String>,
    /// The dossiers that it names, as far as the caller reads them.
    pub dossiers: Vec<DossierNamed>,
    /// How many more it names.
    pub hidden_dossiers: usize,
    /// `own`, `own_and_below` or `all`, where it names no dossiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<String>,
    /// Provinces that it is limited to.
    pub regions: Vec<String>,
    /// Industries that it is limited to.
    pub industries: Vec<String>,
    /// `live`, `over`, `done`, `withdrawn` or `moved`.
    pub state: &'static str,
    /// When it was applied for, RFC 3339.
    pub asked_at: String,
    /// Since when it holds, RFC 3339.
    pub begun_at: String,
    /// The last day on which it holds.
    pub last_day: String,
    /// When it ended before that, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// Whether it is the caller's own.
    pub own: bool,
    /// Whether the caller may end it.
    pub may_end: bool,
}

impl Engine {
    /// Grants, the newest first.
    ///
    /// # Errors
    /// `people_only` for one's own; `action_not_allowed` for those of others.
    pub fn grants(&self, caller: &Caller, of: GrantBox) -> Result<GrantPage, Fault> {
        self.guarded(caller, Deed::GrantLook, |cx| page(cx, of))
    }
}

fn page(cx: &Context<'_>, of: GrantBox) -> Result<Recorded<GrantPage>, Stop> {
    let own = cx.sitting().map(|(person, _)| person);
    let supervises = cx.actions().has(Action::Supervise);
    let audits = cx.actions().has(Action::ReadLedger);
    let shows: Box<dyn Fn(Uid) -> bool> = match of {
        GrantBox::Own => {
            let own = own?;
            Box::new(move |person| person == own)
        }
        // Whoever looks after rights sees their department's, whoever audits all.
        GrantBox::All if supervises => Box::new(|person| cx.looks_after(person)),
        GrantBox::All => {
            cx.permit(Action::ReadLedger)?;
            Box::new(|_| true)
        }
    };
    let read = cx.read()?;
    let mut entry = Entry::done(Deed::GrantLook);
    let mut items = Vec::new();
    let mut waited = Vec::new();
    for (id, grant) in cx.snapshot.grants.iter().rev().filter(|(_, grant)| shows(grant.body.person)) {
        waited.push(grant.body.begun - grant.body.asked);
        items.push(shown(cx, &*read, *id, &grant.body, &mut entry)?);
    }
    drop(read);
    let count = i64::try_from(waited.len()).unwrap_or(i64::MAX);
    let average = waited.iter().sum::<i64>().checked_div(count);
    let page = GrantPage {
        items,
        average_minutes: average.map(|micros| micros / (60 * Micros::SECOND)),
        roles: super::apply::roles(cx),
        may_see_all: supervises || audits,
    };
    cx.record(entry, Vec::new(), page)
}

/// A grant as the caller may see it.
pub(super) fn shown(
    cx: &Context<'_>,
    read: &dyn Read,
    id: Uid,
    body: &GrantBody,
    entry: &mut Entry,
) -> Result<GrantShown, Fault> {
    let person = cx.snapshot.users.get(&body.person);
    let own = cx.sitting().is_ok_and(|(own, _)| own == body.person);
    let named = body.rules.rows.dossiers.as_deref().unwrap_or_default();
    let dossiers = cx.named(read, named, entry)?;
    let hidden_dossiers = named.len() - dossiers.len();
    let RoleForm { actions, fields, teams, regions, industries, see_to, .. } = form_of(cx, "", &body.rules);
    let role = body.rules.inherits.first().map(|role| cx.snapshot.role_name(*role));
    let over = body.last_day() < today(cx.now);
    let state = match &body.ended {
        Some(end) => end.why.name(),
        None if over => "over",
        None => "live",
    };
    Ok(GrantShown {
        id: super::public(id),
        person: cx.snapshot.who(1, body.person),
        team: person.map(|user| cx.snapshot.team_name(user.body.team)).unwrap_or_default(),
        // A purpose names the customer as a rule.
        purpose: (own || hidden_dossiers == 0).then(|| body.purpose.clone()),
        highest: role.is_none().then_some(see_to),
        teams: (role.is_none() && named.is_empty()).then_some(teams),
        role,
        actions,
        fields,
        dossiers,
        hidden_dossiers,
        regions,
        industries,
        state,
        asked_at: Micros(body.asked).to_string(),
        begun_at: Micros(body.begun).to_string(),
        last_day: body.last_day().to_string(),
        ended_at: body.ended.as_ref().map(|end| Micros(end.at).to_string()),
        ended_by: body.ended.as_ref().and_then(|end| end.by).map(|by| cx.snapshot.who(1, by)),
        own,
        may_end: state == "live" && (own || cx.looks_after(body.person)),
    })
}

impl Context<'_> {
    /// Those of some dossiers, by number, that the caller reads; each joins what the entry says was shown.
    pub(crate) fn named(
        &self,
        read: &dyn Read,
        numbers: &[i64],
        entry: &mut Entry,
    ) -> Result<Vec<DossierNamed>, Fault> {
        let (view, kind) = self.view_of(KindId::CUSTOMER)?;
        let mut named = Vec::new();
        for number in numbers {
            let row = read.row(TENANT, &RowBy::Rid(Rid(*number)))?;
            let Some(row) = row.filter(|row| row.state != STATE_ERASED && view.reads(&row.place())) else {
                continue;
            };
            if !entry.items.iter().any(|item| item.record == row.record) {
                let (kind, record, version) = (row.kind.0, row.record, row.version);
                entry.items.push(Item { kind, record, version, row_hash: None, fields: Vec::new() });
            }
            named.push(DossierNamed { id: row.record.to_typeid(&kind.prefix), code: row.code });
        }
        Ok(named)
    }
}
