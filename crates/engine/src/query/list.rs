//! Lists: filters on clear columns, keyset pages, newest first.

use super::render;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::place::industry_no;
use crate::record::Page;
use crate::seal::{Opened, Wanted, damaged};
use crate::{Caller, Engine, TENANT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_access::{Action, Form, View};
use dossier_crypto::{mac, verify_mac};
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::{Field, Kind, KindId};
use dossier_model::time::{Day, Micros};
use dossier_model::{Level, Stage};
use dossier_store::{Read, RowQuery};

/// How many records a page has when nothing else is asked for.
const PAGE: u32 = 25;
/// How many it may have.
const MAX_PAGE: u32 = 100;

/// What is asked of a list.
#[derive(Clone, Default)]
pub struct ListQuery {
    /// `customer` or `contact`.
    pub kind: String,
    /// Only records of this dossier (TypeID or code).
    pub dossier: Option<String>,
    /// Stages, 0 to 5; all when empty.
    pub stage: Vec<u8>,
    /// Levels `L1` to `L4`; all when empty.
    pub level: Vec<String>,
    /// Team names or ids; all in reach when empty.
    pub team: Vec<String>,
    /// Industries, two digits; all when empty.
    pub industry: Vec<String>,
    /// First day of entry, `YYYY-MM-DD`, UTC.
    pub created_from: Option<String>,
    /// Last day of entry, `YYYY-MM-DD`, UTC.
    pub created_to: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 25 when not given.
    pub limit: Option<u32>,
    /// Only these fields; all that the view has when not given.
    pub fields: Option<Vec<String>>,
}

impl Engine {
    /// A page of records.
    ///
    /// # Errors
    /// `query_invalid` with the parameter at fault; `action_not_allowed`.
    pub fn list(&self, caller: &Caller, query: &ListQuery) -> Result<Page, Fault> {
        self.guarded(caller, Deed::List, |cx| list(cx, query))
    }

    /// How many records a list has in all.
    ///
    /// # Errors
    /// As [`Engine::list`].
    pub fn count(&self, caller: &Caller, query: &ListQuery) -> Result<u64, Fault> {
        self.guarded(caller, Deed::Count, |cx| {
            let (view, kind) = cx.view(&query.kind)?;
            view.anywhere().permit(Action::Read)?;
            let read = cx.read()?;
            let Some(rows) = row_query(cx, &*read, &view, kind, query)? else {
                drop(read);
                return cx.record(Entry::done(Deed::Count), Vec::new(), 0);
            };
            let count = read.count(TENANT, &rows)?;
            drop(read);
            cx.record(Entry::done(Deed::Count).note("kind", Note::Int(kind.id.0.into())), Vec::new(), count)
        })
    }
}

fn list(cx: &Context<'_>, query: &ListQuery) -> Result<Recorded<Page>, Stop> {
    let (view, kind) = cx.view(&query.kind)?;
    view.anywhere().permit(Action::Read)?;
    let fields = query
        .fields
        .as_deref()
        .map(|names| Engine::field_numbers(kind, &view.anywhere(), names))
        .transpose()?;
    let wanted = fields.as_deref().map_or(Wanted::All, Wanted::These);
    let mut entry = Entry::done(Deed::List).note("kind", Note::Int(kind.id.0.into()));
    let mut page = Page { items: Vec::new(), next: None };
    let read = cx.read()?;
    if let Some(mut rows) = row_query(cx, &*read, &view, kind, query)? {
        let limit = rows.limit as usize;
        rows.limit += 1;
        let found = read.rows_with_keys(TENANT, &rows)?;
        let more = found.len() > limit;
        page.items.reserve(found.len());
        entry.items.reserve(found.len());
        for (row, key) in found.iter().take(limit) {
            let key = key.as_ref().ok_or_else(|| damaged("its data key is missing"))?;
            let opened = Opened::new(TENANT, kind, row, key, &cx.engine.keyring)?;
            let (record, item) = render(cx, &*read, &view, &opened, wanted, false)?;
            page.items.push(record);
            entry.items.push(item);
            if more && page.items.len() == limit {
                page.next = Some(cursor(cx, row.rid));
            }
        }
    }
    drop(read);
    cx.record(entry, Vec::new(), page)
}

/// The query over clear columns, the view's rows part of it. None when nothing can match.
fn row_query(
    cx: &Context<'_>,
    read: &dyn Read,
    view: &View,
    kind: &Kind,
    query: &ListQuery,
) -> Result<Option<RowQuery>, Stop> {
    let mut rows = RowQuery::new(kind.id);
    rows.limit = match query.limit.unwrap_or(PAGE) {
        limit @ 1..=MAX_PAGE => limit,
        _ => return Err(bad("limit").into()),
    };
    let reach = view.rows(Action::Read);
    if !query.team.is_empty() {
        // A team out of reach and one that does not exist are the same: nothing.
        let asked: Vec<u32> = query.team.iter().filter_map(|team| cx.snapshot.team_no(team)).collect();
        let reached = asked.into_iter().filter(|team| reach.have_team(*team)).collect::<Vec<_>>();
        if reached.is_empty() {
            return Ok(None);
        }
        rows.teams = Some(reached);
    }
    rows.reach = (!reach.are_all()).then(|| reach.scopes().to_vec());
    if !query.stage.is_empty() {
        if query.stage.iter().any(|stage| Stage::from_u8(*stage).is_none()) {
            return Err(bad("stage").into());
        }
        rows.stages = Some(query.stage.clone());
    }
    if !query.level.is_empty() {
        rows.levels = Some(
            query
                .level
                .iter()
                .map(|level| level.parse::<Level>().map(Level::as_u8).map_err(|_| bad("level")))
                .collect::<Result<_, _>>()?,
        );
    }
    if !query.industry.is_empty() {
        // By what is not seen in clear of every dossier nothing is told apart.
        let customer = cx.view_of(KindId::CUSTOMER)?;
        let seen = |field: &Field| customer.0.everywhere().form(field.number, field.level) == Form::Clear;
        if !customer.1.by_name("industry").is_some_and(seen) {
            return Err(bad("industry").into());
        }
        rows.industries = Some(
            query
                .industry
                .iter()
                .map(|text| industry_no(text).ok_or_else(|| bad("industry")))
                .collect::<Result<_, _>>()?,
        );
    }
    rows.created_from =
        query.created_from.as_deref().map(|day| moment(day, 0, "created_from")).transpose()?;
    rows.created_to = query.created_to.as_deref().map(|day| moment(day, 1, "created_to")).transpose()?;
    rows.after = query.after.as_deref().map(|text| rid_of(cx, text)).transpose()?;
    if let Some(dossier) = &query.dossier {
        let (view, kind) = cx.view_of(KindId::CUSTOMER)?;
        rows.dossier = Some(super::find(read, &view, kind, dossier)?.row.rid);
    }
    Ok(Some(rows))
}

fn bad(parameter: &'static str) -> Fault {
    crate::invalid(parameter)
}

fn moment(day: &str, days_on: i32, parameter: &'static str) -> Result<Micros, Fault> {
    let day = Day::parse(day).ok_or_else(|| bad(parameter))?;
    Ok(Micros((i64::from(day.0) + i64::from(days_on)) * 86_400_000_000))
}

/// Where a page ended; the MAC keeps callers from making one up.
fn cursor(cx: &Context<'_>, rid: Rid) -> String {
    let bytes = rid.0.to_be_bytes();
    let tag = mac(cx.engine.keyring.keys().mechanics(), &cursor_bytes(bytes));
    URL_SAFE_NO_PAD.encode([bytes.as_slice(), tag.as_slice()].concat())
}

fn rid_of(cx: &Context<'_>, text: &str) -> Result<Rid, Fault> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (rid, tag) = bytes.split_first_chunk::<8>()?;
        verify_mac(cx.engine.keyring.keys().mechanics(), &cursor_bytes(*rid), tag)
            .then(|| Rid(i64::from_be_bytes(*rid)))
    };
    read().ok_or_else(|| bad("after"))
}

fn cursor_bytes(rid: [u8; 8]) -> Vec<u8> {
    [b"list/1".as_slice(), &rid].concat()
}
