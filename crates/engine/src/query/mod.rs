//! Queries: what is read, each recorded before its answer leaves.

mod explain;
mod figures;
mod history;
mod list;
mod looks;
mod quality;
mod read;
mod reveal;
mod search;

pub use explain::{ChangeSaid, Explain, Explained, GateSaid, LinkSaid, Seer, Seers, WaySaid, WhoSees};
pub(crate) use history::changes;
pub use history::{FieldChange, History, VersionShown};
pub use list::ListQuery;
pub use looks::Look;
pub use quality::{MissingField, Quality, TeamQuality};
pub(crate) use reveal::purpose;
pub use reveal::{Opening, Reveal, Revealed};
pub use search::Search;

pub(crate) use figures::Figures;
pub(crate) use search::count_miss;

use crate::caller::{Channel, source_name};
use crate::context::{Context, Stop};
use crate::ledger::entry::{Item, Said};
use crate::record::{Provenance, Record};
use crate::seal::{Opened, Wanted, damaged, show};
use crate::{Engine, TENANT};
use dossier_access::{Form, Reach, View};
use dossier_model::code::CustomerCode;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::{Kind, KindId};
use dossier_model::{Level, Stage};
use dossier_store::{Read, Row, RowBy, STATE_ERASED, STATE_FROZEN, WrappedKey};
use std::collections::BTreeMap;

/// A row in reach of a view, with its key.
pub(crate) struct Found {
    pub row: Row,
    pub key: WrappedKey,
}

/// The record that a TypeID or a customer code names, if the view reaches it. What is out of reach looks missing.
pub(crate) fn find(read: &dyn Read, view: &View, kind: &Kind, id: &str) -> Result<Found, Stop> {
    let missing = || Stop::from(Fault::new("not_found"));
    let by = locate(kind, id).ok_or_else(missing)?;
    let row = read.row(TENANT, &by)?.ok_or_else(missing)?;
    if row.kind != kind.id || !view.reads(&row.place()) {
        return Err(missing());
    }
    if row.state == STATE_ERASED {
        return Err(Fault::new("erased").into());
    }
    let key = read.key(TENANT, row.domain, row.key_version)?;
    let key = key.ok_or_else(|| Stop::from(damaged("its data key is missing")))?;
    Ok(Found { row, key })
}

/// How a record is looked up: by TypeID, or a dossier by the first 15 characters of its code.
pub(crate) fn locate(kind: &Kind, id: &str) -> Option<RowBy> {
    if let Some(uid) = Uid::parse_typeid(&kind.prefix, id) {
        return Some(RowBy::Uid(uid));
    }
    if kind.id != KindId::CUSTOMER {
        return None;
    }
    CustomerCode::parse(id).ok().map(|code| RowBy::Code(code.as_str().to_owned()))
}

/// A record as the view sees it, and what the ledger says of it.
pub(crate) fn render(
    cx: &Context<'_>,
    read: &dyn Read,
    view: &View,
    opened: &Opened<'_>,
    wanted: Wanted<'_>,
    provenance: bool,
) -> Result<(Record, Item), Fault> {
    let row = opened.row;
    let reach = &view.at(&row.place());
    let shown = show(opened, &cx.engine.keyring.system(), reach, wanted, provenance)?;
    // Of some fields alone nobody can say it.
    let complete = matches!(wanted, Wanted::All)
        .then(|| quality::completeness(reach, opened, &shown))
        .transpose()?
        .map(|(sum, missing)| (sum.percent(), missing));
    let (completeness, missing) = complete.unzip();
    let provenance = provenance.then(|| {
        shown
            .origins
            .iter()
            .filter_map(|(name, at)| Some((*name, origin(cx, opened, *at)?)))
            .collect::<BTreeMap<_, _>>()
    });
    let dossier = if row.dossier == row.rid { None } else { dossier_id(cx, read, row)? };
    let level = Level::from_u8(row.level).ok_or_else(|| damaged("its level is unknown"))?;
    let record = Record {
        id: row.record.to_typeid(&opened.kind.prefix),
        kind: &opened.kind.name,
        code: full_code(row, level)?,
        dossier,
        version: row.version,
        stage: row.stage,
        level: level.as_str(),
        team: cx.snapshot.team_name(row.team),
        owner: cx.snapshot.owner_name(row.owner),
        state: if row.state == STATE_FROZEN { "frozen" } else { "live" },
        created_at: row.created.to_string(),
        changed_at: row.changed.to_string(),
        fields: shown.fields,
        masked: shown.masked,
        completeness,
        missing,
        provenance,
        found: None,
    };
    let fields = shown.forms.iter().map(|(number, form)| (*number, Said::Form(*form as u8))).collect();
    Ok((record, Item { kind: row.kind.0, record: row.record, version: row.version, row_hash: None, fields }))
}

fn full_code(row: &Row, level: Level) -> Result<Option<String>, Fault> {
    let Some(code) = &row.code else { return Ok(None) };
    let stage = Stage::from_u8(row.stage).ok_or_else(|| damaged("its stage is unknown"))?;
    let code = CustomerCode::parse(code).map_err(|_| damaged("its code is none"))?;
    Ok(Some(code.full(stage, level)))
}

/// The id of a contact's dossier. It stands in the dossier's row alone, which is opened: another one could be put there.
fn dossier_id(cx: &Context<'_>, read: &dyn Read, row: &Row) -> Result<Option<String>, Fault> {
    let Some(dossier) = read.row(TENANT, &RowBy::Rid(row.dossier))? else { return Ok(None) };
    let key = read.key(TENANT, dossier.domain, dossier.key_version)?;
    let (Some(kind), Some(key)) = (cx.engine.kinds.get(dossier.kind), key) else {
        return Err(damaged("its dossier has no key"));
    };
    let opened = Opened::new(TENANT, kind, &dossier, &key, &cx.engine.keyring)?;
    Ok(Some(opened.row.record.to_typeid(&kind.prefix)))
}

fn origin(cx: &Context<'_>, opened: &Opened<'_>, at: u16) -> Option<Provenance> {
    let origin = opened.header.origins.get(usize::from(at))?;
    Some(Provenance {
        version: origin.version,
        at: origin.at.to_string(),
        by: cx.snapshot.who(origin.who_type, Uid(origin.who)),
        channel: Channel::name_of(origin.channel),
        source: source_name(origin.source),
    })
}

impl Engine {
    /// Numbers of the named fields.
    pub(crate) fn field_numbers(kind: &Kind, reach: &Reach<'_>, names: &[String]) -> Result<Vec<u16>, Fault> {
        names
            .iter()
            .map(|name| {
                kind.by_name(name)
                    // A field that is hidden at every level does not exist for this caller.
                    .filter(|field| {
                        Level::ALL.iter().any(|level| reach.form(field.number, *level) != Form::Hidden)
                    })
                    .map(|field| field.number)
                    .ok_or_else(|| Fault::new("unknown_field").field(name.clone()))
            })
            .collect()
    }
}
