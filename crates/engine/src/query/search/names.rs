//! By a part of a name, as far as the asker sees names in clear.

use super::Gathered;
use crate::TENANT;
use crate::context::{Context, Stop};
use crate::record::Found;
use crate::seal::{Opened, damaged};
use dossier_access::{Action, Form, View};
use dossier_model::Level;
use dossier_model::id::Rid;
use dossier_model::kind::{Kind, KindId};
use dossier_model::text::{Match, Name, Query};
use dossier_search::{Candidate, Class, Scope, SearchError, Verdict};
use dossier_store::{Read, Row, RowBy, STATE_ERASED, WrappedKey};
use std::collections::{BTreeMap, BTreeSet};

/// Proposed records that are opened for one search at most.
const OPENED: usize = 60;
/// Proposed records that are looked at for one search at most, whether the view reaches them or not.
const LOOKED_AT: usize = 5_000;

/// A record that fits.
struct Fit {
    how: Match,
    length: u64,
    field: &'static str,
    row: Row,
    key: WrappedKey,
}

/// Shows the records that are called so, the best first.
pub(super) fn look_up(
    cx: &Context<'_>,
    read: &dyn Read,
    text: &str,
    limit: usize,
    gathered: &mut Gathered,
) -> Result<(), Stop> {
    let mut views = BTreeMap::new();
    let mut scopes = Vec::new();
    for kind in [KindId::CUSTOMER, KindId::CONTACT] {
        let (view, kind) = cx.view_of(kind)?;
        let reads = view.anywhere().permit(Action::Read);
        if kind.id == KindId::CONTACT && reads.is_err() {
            continue;
        }
        reads?;
        scopes.extend(scopes_of(read, &view, kind)?);
        views.insert(kind.id, (view, kind));
    }
    let (Some(query), Some(index)) = (Query::new(text), cx.engine.names.index()) else { return Ok(()) };
    let (mut fits, mut opened, mut looked_at) = (Vec::new(), 0, 0);
    let mut failed = None;
    let searched = index.search(&query, &scopes, |candidate: Candidate| -> Result<Verdict, SearchError> {
        looked_at += 1;
        match fit(cx, read, &views, &query, candidate) {
            Ok(Some(fit)) => {
                opened += 1;
                fits.extend(fit);
            }
            // What is out of reach takes no place of what is not.
            Ok(None) => {}
            Err(stop) => {
                failed = Some(stop);
                return Ok(Verdict::Enough);
            }
        }
        let enough = fits.len() == limit || opened == OPENED || looked_at == LOOKED_AT;
        Ok(if enough { Verdict::Enough } else { Verdict::More })
    });
    if let Some(stop) = failed {
        return Err(stop);
    }
    match searched {
        // How much there is out of reach is not told.
        Ok(more) => gathered.hits.more |= more && looked_at < LOOKED_AT,
        // It is made again; until then the answer says that it is not complete.
        Err(error) => {
            cx.engine.names.give_up(&error);
            gathered.hits.complete = false;
        }
    }
    fits.sort_by_key(|fit: &Fit| (fit.how, fit.length, fit.row.rid));
    for fit in fits {
        let Some((view, kind)) = views.get(&fit.row.kind) else { continue };
        let opened = Opened::new(TENANT, kind, &fit.row, &fit.key, &cx.engine.keyring)?;
        let found = Found { field: Some(fit.field), how: fit.how.as_str() };
        gathered.show(cx, read, view, &opened, found)?;
    }
    Ok(())
}

/// The names that a view shows in clear, in the rows that it reaches.
fn scopes_of(read: &dyn Read, view: &View, kind: &'static Kind) -> Result<Vec<Scope>, Stop> {
    let mut scopes = Vec::new();
    let mut teams_of = BTreeMap::new();
    for field in kind.fields.iter().filter(|field| field.enabled && field.index.text) {
        for level in Level::ALL {
            // The index knows teams alone; whatever else a row rule says is asked of each record that it proposes.
            let class = Class { kind: kind.id, field: field.number, level: level.as_u8() };
            for scope in view.clear_rows(field.number, *level).scopes() {
                let teams = match &scope.dossiers {
                    None => scope.teams.clone(),
                    Some(dossiers) => {
                        if !teams_of.contains_key(dossiers) {
                            teams_of.insert(dossiers.clone(), teams_where(read, dossiers)?);
                        }
                        teams_of.get(dossiers).cloned()
                    }
                };
                scopes.push(Scope { class, teams });
            }
        }
    }
    Ok(scopes)
}

/// The teams that these dossiers are in.
fn teams_where(read: &dyn Read, dossiers: &[i64]) -> Result<Vec<u32>, Stop> {
    let mut teams = BTreeSet::new();
    for dossier in dossiers {
        teams.extend(read.row(TENANT, &RowBy::Rid(Rid(*dossier)))?.map(|row| row.team));
    }
    Ok(teams.into_iter().collect())
}

/// Opens what the index proposes, if the view reaches it, and looks whether a name that it shows in clear fits.
fn fit(
    cx: &Context<'_>,
    read: &dyn Read,
    views: &BTreeMap<KindId, (View, &'static Kind)>,
    query: &Query,
    candidate: Candidate,
) -> Result<Option<Option<Fit>>, Stop> {
    let Some(row) = read.row(TENANT, &RowBy::Rid(Rid(candidate.rid)))? else { return Ok(None) };
    let Some((view, kind)) = views.get(&row.kind) else { return Ok(None) };
    if row.state == STATE_ERASED || !view.reads(&row.place()) {
        return Ok(None);
    }
    let key = read.key(TENANT, row.domain, row.key_version)?;
    let key = key.ok_or_else(|| Stop::from(damaged("its data key is missing")))?;
    let opened = Opened::new(TENANT, kind, &row, &key, &cx.engine.keyring)?;
    let reach = view.at(&row.place());
    let mut best: Option<(Match, &'static str)> = None;
    for (level, class) in opened.places() {
        let keep = |field: &dossier_model::Field| {
            field.enabled && field.index.text && reach.form(field.number, level) == Form::Clear
        };
        if !kind.fields.iter().any(&keep) {
            continue;
        }
        opened.each_value(level, class, keep, |field, value, _| {
            let how = value.as_text().and_then(|text| query.classify(&Name::new(text)));
            if let Some(how) = how.filter(|how| best.is_none_or(|(known, _)| *how < known)) {
                best = Some((how, field.name.as_str()));
            }
        })?;
    }
    drop(opened);
    Ok(Some(best.map(|(how, field)| Fit { how, length: candidate.length, field, row, key })))
}
