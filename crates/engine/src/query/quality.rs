//! Completeness (requirement B2): of one record as it is shown, and of all that a caller reaches.
//!
//! Only fields that the view shows or masks count: what is hidden from a caller is not betrayed by a percentage. Figures
//! over all are kept in memory by view ([`Figures`]), so that looking at them again opens nothing.

use super::figures::{Kept, Key};
use crate::context::{Context, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::seal::{Opened, Shown, Wanted, damaged, show};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form, Reach, View};
use dossier_model::fault::Fault;
use dossier_model::kind::{Completeness, Kind, KindId};
use dossier_model::{Stage, Subject};
use dossier_store::{Row, RowQuery, WrappedKey};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// Records that are read at a time, so that no snapshot is held for long.
const PAGE: u32 = 2_000;

/// How complete the dossiers are that a caller reaches.
#[derive(Clone, Serialize)]
pub struct Quality {
    /// The moment that the figures are of, RFC 3339.
    pub as_of: String,
    /// Dossiers.
    pub records: u64,
    /// Filled fields out of a hundred expected ones, rounded down.
    pub percent: u8,
    /// Expected fields that have a value.
    pub filled: u64,
    /// Fields that are expected, over all dossiers.
    pub expected: u64,
    /// The same by owning team, in the order of their names.
    pub teams: Vec<TeamQuality>,
    /// Expected fields that are missing somewhere, the most often missing first.
    pub missing: Vec<MissingField>,
}

/// How complete one team's dossiers are.
#[derive(Clone, Serialize)]
pub struct TeamQuality {
    /// Its name.
    pub team: String,
    /// Its dossiers.
    pub records: u64,
    /// Filled fields out of a hundred expected ones, rounded down.
    pub percent: u8,
}

/// How often an expected field is missing.
#[derive(Clone, Serialize)]
pub struct MissingField {
    /// The field's name.
    pub field: &'static str,
    /// How many dossiers lack it.
    pub records: u64,
}

impl Engine {
    /// How complete the dossiers are that the caller reaches: as kept while nothing has changed or the figures are young
    /// enough, else worked out on all cores and behind everybody else. Only one is worked out at a time; whoever asks for
    /// the same one waits for it.
    ///
    /// # Errors
    /// `quality_running` while another view's are worked out, `action_not_allowed`, `sealed_damaged`.
    pub fn quality(&self, caller: &Caller, fresh: bool) -> Result<Quality, Fault> {
        self.guarded(caller, Deed::Quality, |cx| {
            let (view, kind, key) = seen(cx)?;
            let figures = match cx.engine.figures.kept(&key).filter(|kept| !fresh && kept.serves(cx)) {
                Some(kept) => kept,
                None => cx.engine.figures.worked_out(key, || work_out(cx, &view, kind))?,
            };
            cx.record(look(&figures), Vec::new(), figures.quality.clone())
        })
    }

    /// The figures that are kept for the caller's view, however old; nothing is worked out.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn kept_quality(&self, caller: &Caller) -> Result<Option<Quality>, Fault> {
        self.guarded(caller, Deed::Quality, |cx| {
            let (_, _, key) = seen(cx)?;
            match cx.engine.figures.kept(&key) {
                Some(kept) => cx.record(look(&kept), Vec::new(), Some(kept.quality.clone())),
                None => cx.record(Entry::done(Deed::Quality), Vec::new(), None),
            }
        })
    }
}

/// The view that figures are of, under the policy of the moment.
fn seen(cx: &Context<'_>) -> Result<(View, &'static Kind, Key), Stop> {
    let (view, kind) = cx.view_of(KindId::CUSTOMER)?;
    view.anywhere().permit(Action::Read)?;
    let key = Key { view: view.clone(), epoch: cx.snapshot.epoch };
    Ok((view, kind, key))
}

fn look(figures: &Kept) -> Entry {
    let records = figures.quality.records.try_into().unwrap_or(i64::MAX);
    Entry::done(Deed::Quality).note("records", Note::Int(records)).note("as_of", Note::Int(figures.at.0))
}

/// Sums over records.
#[derive(Default)]
struct Sums {
    teams: BTreeMap<u32, (u64, Completeness)>,
    missing: BTreeMap<&'static str, u64>,
}

impl Sums {
    fn and(mut self, other: Sums) -> Sums {
        for (team, (records, completeness)) in other.teams {
            let sum = self.teams.entry(team).or_default();
            *sum = (sum.0 + records, sum.1.and(completeness));
        }
        for (field, records) in other.missing {
            *self.missing.entry(field).or_default() += records;
        }
        self
    }
}

/// Goes through all dossiers of a view.
fn work_out(cx: &Context<'_>, view: &View, kind: &'static Kind) -> Result<Kept, Stop> {
    // Of before the first page: what changes meanwhile may not be in it.
    let position = cx.read()?.state(TENANT)?.change_size;
    let mut query = RowQuery { limit: PAGE, ..RowQuery::new(kind.id) };
    let reach = view.rows(Action::Read);
    query.reach = (!reach.are_all()).then(|| reach.scopes().to_vec());
    let mut sums = Sums::default();
    loop {
        let page = cx.read()?.rows_with_keys(TENANT, &query)?;
        query.after = page.last().map(|(row, _)| row.rid);
        let full = page.len() == PAGE as usize;
        let of_page = cx.engine.in_bulk(|| {
            let each = page.par_iter().map(|(row, key)| of_row(cx, view, kind, row, key.as_ref()));
            each.try_reduce(Sums::default, |one, other| Ok(one.and(other)))
        })??;
        sums = sums.and(of_page);
        if !full {
            break;
        }
    }
    let (records, all) =
        sums.teams.values().fold((0, Completeness::default()), |sum, of| (sum.0 + of.0, sum.1.and(of.1)));
    let mut teams: Vec<TeamQuality> = sums
        .teams
        .iter()
        .map(|(team, (records, sum))| TeamQuality {
            team: cx.snapshot.team_name(*team),
            records: *records,
            percent: sum.percent(),
        })
        .collect();
    teams.sort_by(|one, other| one.team.cmp(&other.team));
    let mut missing: Vec<MissingField> =
        sums.missing.into_iter().map(|(field, records)| MissingField { field, records }).collect();
    missing.sort_by_key(|field| std::cmp::Reverse(field.records));
    let Completeness { filled, expected } = all;
    let as_of = cx.now.to_string();
    let quality = Quality { as_of, records, percent: all.percent(), filled, expected, teams, missing };
    Ok(Kept { at: cx.now, position, quality })
}

fn of_row(
    cx: &Context<'_>,
    view: &View,
    kind: &'static Kind,
    row: &Row,
    key: Option<&WrappedKey>,
) -> Result<Sums, Stop> {
    // Erased since the page was asked for, or before: it holds nothing and owes nothing.
    let Some(key) = key else { return Ok(Sums::default()) };
    let opened = Opened::new(TENANT, kind, row, key, &cx.engine.keyring)?;
    let reach = view.at(&row.place());
    let shown = show(&opened, &cx.engine.keyring.system(), &reach, Wanted::All, false)?;
    let (completeness, missing) = completeness(&reach, &opened, &shown)?;
    Ok(Sums {
        teams: BTreeMap::from([(row.team, (1, completeness))]),
        missing: missing.into_iter().map(|field| (field, 1)).collect(),
    })
}

/// How complete a record is as far as the view goes, and the expected fields that are missing.
pub(crate) fn completeness(
    reach: &Reach<'_>,
    opened: &Opened<'_>,
    shown: &Shown,
) -> Result<(Completeness, Vec<&'static str>), Fault> {
    let stage = Stage::from_u8(opened.row.stage).ok_or_else(|| damaged("its stage is unknown"))?;
    let subject = shown.fields.get("subject").and_then(|subject| subject.as_str()?.parse().ok());
    let mut sum = Completeness::default();
    let mut missing = Vec::new();
    for field in opened.kind.expected(stage, subject.unwrap_or(Subject::A)) {
        let there = shown.forms.binary_search_by_key(&field.number, |(number, _)| *number).is_ok();
        if there || reach.form(field.number, field.level) != Form::Hidden {
            sum.expected += 1;
            sum.filled += u64::from(there);
            if !there {
                missing.push(field.name.as_str());
            }
        }
    }
    Ok((sum, missing))
}
