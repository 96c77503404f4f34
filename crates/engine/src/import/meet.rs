//! Rows whose customer is there already: in the store, on its way, or further up in the file.

use super::chunk::{Importer, Unique};
use super::mapping::{Accepted, SUBJECT};
use super::part::{Class, Met, Touched};
use crate::TENANT;
use crate::caller::Channel;
use crate::command::{
    Input, Tokens, check, check_move, facts_of, follow, is_scope_of, members, refuse_masks, renew,
};
use crate::context::Stop;
use crate::ledger::entry::Item;
use crate::place::place_of;
use crate::seal::{Opened, damaged, unwrap_key};
use dossier_access::Action;
use dossier_model::Stage;
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::value::Fields;
use dossier_store::{Op, Read, Row, RowBy, STATE_FROZEN, UniqueRow};
use std::collections::{BTreeSet, HashMap};

/// Who has a row's numbers.
pub(crate) enum Meeting {
    Nobody,
    /// An earlier row, which is not in the store yet.
    Row(u64),
    /// Records, by their internal numbers; nearly always one.
    Records(BTreeSet<Rid>),
}

/// What became of a row that was to go over a record.
pub(crate) enum Update {
    /// A new version of the record and of what has to follow it, what the ledger says of them, and the part that says so.
    Changed { ops: Vec<Op>, items: Vec<Item>, touched: Touched },
    /// The record has all of it.
    Same,
    /// The record stays as it is.
    Refused(Vec<Fault>),
}

/// Who holds the unique numbers of some rows, asked for together.
pub(super) fn holders<'t>(
    read: &dyn Read,
    tokens: impl Iterator<Item = &'t Tokens>,
) -> Result<HashMap<Unique, Rid>, Fault> {
    let key = |&(field, version, token): &Unique| UniqueRow { field, version, token, slot: 0, rid: Rid(0) };
    let wanted: Vec<UniqueRow> = tokens.flat_map(|tokens| &tokens.unique).map(key).collect();
    let held = read.holders(TENANT, &wanted)?;
    Ok(held.into_iter().map(|row| ((row.field, row.version, row.token), row.rid)).collect())
}

/// Whoever has one of a row's numbers.
pub(super) fn meets(held: &HashMap<Unique, Rid>, tokens: &Tokens, taken: &HashMap<Unique, u64>) -> Meeting {
    if let Some(row) = tokens.unique.iter().find_map(|unique| taken.get(unique)) {
        return Meeting::Row(*row);
    }
    let rids: BTreeSet<Rid> = tokens.unique.iter().filter_map(|unique| held.get(unique)).copied().collect();
    if rids.is_empty() { Meeting::Nobody } else { Meeting::Records(rids) }
}

impl Importer<'_, '_> {
    /// What may be said of a record that was met, and whether it is outside the caller's rows.
    pub(super) fn met(&self, read: &dyn Read, rid: Rid) -> Result<(Met, bool), Fault> {
        let Some(row) = read.row(TENANT, &RowBy::Rid(rid))? else {
            return Ok((Met { rid: Some(rid.0), ..Met::default() }, true));
        };
        let reach = self.view.at(&row.place());
        let outside = !reach.may(Action::Read) && !reach.may(Action::Import);
        let team = self.cx.snapshot.team_name(row.team);
        Ok((Met { row: None, rid: Some(rid.0), code: row.code, team: Some(team) }, outside))
    }

    /// A row over the record that it met: what the row has and the view may write goes over what is there.
    pub(super) fn update(&self, read: &dyn Read, rid: Rid, given: &Accepted) -> Result<Update, Stop> {
        let (cx, kind) = (&self.cx, self.kind);
        let row = read.row(TENANT, &RowBy::Rid(rid))?.ok_or(Stop::Again)?;
        if row.state == STATE_FROZEN {
            return Ok(Update::Refused(vec![Fault::new("frozen")]));
        }
        let reach = self.view.at(&row.place());
        if let Err(fault) = reach.permit(Action::Import) {
            return Ok(Update::Refused(vec![fault]));
        }
        let key = read.key(TENANT, row.domain, row.key_version)?;
        let key = key.ok_or_else(|| damaged("its data key is missing"))?;
        let key = unwrap_key(&cx.engine.keyring, &key)?;
        let opened = Opened::with_key(TENANT, kind, &row, &key)?;
        let stored = opened.all()?;
        let before: Fields = stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect();
        let mut after = before.clone();
        let mut input = Input::new();
        for (number, value) in &given.fields {
            let field = kind.field(*number).filter(|field| reach.may_write(field));
            // What only the name tells goes over nothing.
            let told = given.subject_by_name.is_some()
                && before.contains_key(number)
                && field.is_some_and(|field| field.name == SUBJECT);
            if let Some(field) = field.filter(|_| !told) {
                input.insert(field.name.clone(), value.to_json());
                after.insert(*number, value.clone());
            }
        }
        if let Err(fault) = refuse_masks(cx.engine, kind, &reach, &stored, &input) {
            return Ok(Update::Refused(fault.problems));
        }
        kind.derive_change(&before, &mut after);
        let stage = Stage::from_u8(row.stage).ok_or_else(|| damaged("its stage is unknown"))?;
        let problems = check(kind, &after, stage, None);
        if !problems.is_empty() {
            return Ok(Update::Refused(problems));
        }
        if after == before {
            return Ok(Update::Same);
        }
        let earlier: Option<Touched> = cx.engine.part(read, self.job.id, Class::Touched, rid.0)?;
        let base = earlier.map_or(row.version, |touched| touched.base);
        let mut next = Row { container: Vec::new(), ..row.clone() };
        next.put_at(place_of(kind, &after, row.team, row.owner));
        if let Err(fault) = check_move(&self.view, &reach, &next.place(), Action::Import) {
            return Ok(Update::Refused(vec![fault]));
        }
        // What has to be approved is not done by the way: in the record it can be asked for.
        let (facts, _) = facts_of(&opened, &stored, &next, &before, &after)?;
        if cx.must_wait(&facts)? {
            let fields = facts.fields.iter().filter_map(|number| kind.field(*number));
            let faults = fields.map(|field| Fault::new("approval_needed").field(field.name.clone()));
            return Ok(Update::Refused(faults.collect()));
        }
        let moved = !is_scope_of(&next, &row);
        let from = (Channel::Import, self.job.body.source);
        let renewed = renew(cx, &opened, &stored, &key, next, &after, from)?;
        let last = renewed.row.version;
        let (mut ops, mut items) = (renewed.ops, vec![renewed.item]);
        if moved {
            for member in members(cx, read, row.rid)? {
                follow(cx, &member, &renewed.row, &mut ops, &mut items)?;
            }
        }
        Ok(Update::Changed { ops, items, touched: Touched { base, last } })
    }
}
