//! Completeness (requirement B2): of one record as it is shown, and of all that a caller reaches.
//!
//! Only fields that the view shows or masks count: what is hidden from a caller is not betrayed by a percentage.

use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::seal::{Opened, Shown, Wanted, damaged, show};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form, Rows, View};
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
#[derive(Serialize)]
pub struct Quality {
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
#[derive(Serialize)]
pub struct TeamQuality {
    /// Its name.
    pub team: String,
    /// Its dossiers.
    pub records: u64,
    /// Filled fields out of a hundred expected ones, rounded down.
    pub percent: u8,
}

/// How often an expected field is missing.
#[derive(Serialize)]
pub struct MissingField {
    /// The field's name.
    pub field: &'static str,
    /// How many dossiers lack it.
    pub records: u64,
}

impl Engine {
    /// Goes through all dossiers that the caller reaches, on all cores and behind everybody else. One at a time.
    ///
    /// # Errors
    /// `quality_running`, `action_not_allowed`, `sealed_damaged`.
    pub fn quality(&self, caller: &Caller) -> Result<Quality, Fault> {
        self.guarded(caller, Deed::Quality, quality)
    }
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

fn quality(cx: &Context<'_>) -> Result<Recorded<Quality>, Stop> {
    let (view, kind) = cx.view_of(KindId::CUSTOMER)?;
    view.permit(Action::Read)?;
    // Refused in here, so that the refusal is recorded too.
    let _alone = cx.engine.passes.try_lock().ok_or_else(|| Fault::new("quality_running"))?;
    let mut query = RowQuery { limit: PAGE, ..RowQuery::new(kind.id) };
    if let Rows::Teams(teams) = view.rows() {
        query.teams = Some(teams.clone());
    }
    let mut sums = Sums::default();
    loop {
        let page = cx.read()?.rows_with_keys(TENANT, &query)?;
        query.after = page.last().map(|(row, _)| row.rid);
        let full = page.len() == PAGE as usize;
        let of_page = cx.engine.in_bulk(|| {
            let each = page.par_iter().map(|(row, key)| of_row(cx, &view, kind, row, key.as_ref()));
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
    let entry = Entry::done(Deed::Quality).note("records", Note::Int(records.try_into().unwrap_or(i64::MAX)));
    let Completeness { filled, expected } = all;
    let answer = Quality { records, percent: all.percent(), filled, expected, teams, missing };
    cx.record(entry, Vec::new(), answer)
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
    let shown = show(&opened, view, Wanted::All, false)?;
    let (completeness, missing) = completeness(view, &opened, &shown)?;
    Ok(Sums {
        teams: BTreeMap::from([(row.team, (1, completeness))]),
        missing: missing.into_iter().map(|field| (field, 1)).collect(),
    })
}

/// How complete a record is as far as the view goes, and the expected fields that are missing.
pub(crate) fn completeness(
    view: &View,
    opened: &Opened<'_>,
    shown: &Shown,
) -> Result<(Completeness, Vec<&'static str>), Fault> {
    let stage = Stage::from_u8(opened.row.stage).ok_or_else(|| damaged("its stage is unknown"))?;
    let subject = shown.fields.get("subject").and_then(|subject| subject.as_str()?.parse().ok());
    let mut sum = Completeness::default();
    let mut missing = Vec::new();
    for field in opened.kind.expected(stage, subject.unwrap_or(Subject::A)) {
        let there = shown.forms.binary_search_by_key(&field.number, |(number, _)| *number).is_ok();
        if there || view.form(field.number, field.level) != Form::Hidden {
            sum.expected += 1;
            sum.filled += u64::from(there);
            if !there {
                missing.push(field.name.as_str());
            }
        }
    }
    Ok((sum, missing))
}
