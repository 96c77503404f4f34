//! Earlier versions of a record: who changed what, each value as the view allows.

use super::find;
use crate::caller::{Channel, source_name};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Item, Said};
use crate::seal::{Opened, Stored, damaged, masked};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form, Reach};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::Kind;
use dossier_model::mask::Mask;
use dossier_model::value::{Fields, Value};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

const PAGE: u32 = 20;
const MAX_PAGE: u32 = 50;

/// Versions of a record, newest first.
#[derive(Serialize)]
pub struct History {
    /// At most `limit` versions.
    pub versions: Vec<VersionShown>,
    /// To be sent as `before` for older ones.
    pub next: Option<u32>,
}

/// One version.
#[derive(Serialize)]
pub struct VersionShown {
    /// From 1.
    pub version: u32,
    /// When it was written, RFC 3339.
    pub at: String,
    /// Who wrote it.
    pub by: String,
    /// How it came in.
    pub channel: &'static str,
    /// Where the writer has it from, when named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// Cooperation stage as of this version.
    pub stage: u8,
    /// Sensitivity as of this version.
    pub level: &'static str,
    /// Name of the owning team as of this version.
    pub team: String,
    /// What changed against the version before; hidden fields are absent.
    pub changes: Vec<FieldChange>,
}

/// A field before and after.
#[derive(Serialize)]
pub struct FieldChange {
    /// Name of the field.
    pub field: &'static str,
    /// Before; none when it was empty.
    pub before: Option<Json>,
    /// After; none when it was cleared.
    pub after: Option<Json>,
    /// `clear` or `masked`.
    pub form: &'static str,
}

impl Engine {
    /// Versions of a record below `before`, newest first.
    ///
    /// # Errors
    /// As [`Engine::read`]; `query_invalid` for a limit outside 1 to 50.
    pub fn history(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        before: Option<u32>,
        limit: Option<u32>,
    ) -> Result<History, Fault> {
        self.guarded(caller, Deed::History, |cx| history(cx, kind, id, before, limit))
    }
}

fn history(
    cx: &Context<'_>,
    kind: &str,
    id: &str,
    before: Option<u32>,
    limit: Option<u32>,
) -> Result<Recorded<History>, Stop> {
    let (view, kind) = cx.view(kind)?;
    view.anywhere().permit(Action::History)?;
    let limit = limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(crate::invalid("limit").into());
    }
    let read = cx.read()?;
    let found = find(&*read, &view, kind, id)?;
    let reach = view.at(&found.row.place());
    reach.permit(Action::History)?;
    // One more than asked for: each version is shown against the one before it.
    let rows = read.versions(TENANT, found.row.rid, before, limit as usize + 1)?;
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        let key = read
            .key(TENANT, row.domain, row.key_version)?
            .ok_or_else(|| damaged("its data key is missing"))?;
        let opened = Opened::new(TENANT, kind, row, &key, &cx.engine.keyring)?;
        let all = opened.all()?;
        stored.push((row, opened.header, all));
    }
    let now = Opened::new(TENANT, kind, &found.row, &found.key, &cx.engine.keyring)?.all()?;
    drop(read);
    let mut entry = Entry::done(Deed::History);
    let mut out = History { versions: Vec::new(), next: None };
    let nothing = Stored::new();
    for (at, (row, header, values)) in stored.iter().take(limit as usize).enumerate() {
        let earlier = stored.get(at + 1).map_or(&nothing, |(_, _, values)| values);
        let (changes, forms) = changes(cx.engine, kind, &reach, &now, earlier, values);
        let level = Level::from_u8(row.level).ok_or_else(|| damaged("its level is unknown"))?;
        let origin = header.origins.iter().find(|origin| origin.version == row.version);
        out.versions.push(VersionShown {
            version: row.version,
            at: row.changed.to_string(),
            by: origin.map_or_else(String::new, |origin| cx.snapshot.who(origin.who_type, Uid(origin.who))),
            channel: origin.map_or("unknown", |origin| Channel::name_of(origin.channel)),
            source: origin.and_then(|origin| source_name(origin.source)),
            stage: row.stage,
            level: level.as_str(),
            team: cx.snapshot.team_name(row.team),
            changes,
        });
        entry.items.push(Item {
            kind: row.kind.0,
            record: row.record,
            version: row.version,
            row_hash: None,
            fields: forms.into_iter().map(|(number, form)| (number, Said::Form(form as u8))).collect(),
        });
    }
    if rows.len() > limit as usize {
        out.next = out.versions.last().map(|version| version.version);
    }
    cx.record(entry, Vec::new(), out)
}

/// What changed between two versions as the caller may see it, and the form of each field; `now` is the record as it is.
pub(crate) fn changes(
    engine: &Engine,
    kind: &'static Kind,
    reach: &Reach<'_>,
    now: &Stored,
    before: &Stored,
    after: &Stored,
) -> (Vec<FieldChange>, Vec<(u16, Form)>) {
    let plain = |stored: &Stored| {
        stored.iter().map(|(number, (value, _))| (*number, value.clone())).collect::<Fields>()
    };
    let (now, old, new) = (plain(now), plain(before), plain(after));
    let system = engine.keyring.system();
    let numbers: BTreeSet<u16> = old.keys().chain(new.keys()).copied().collect();
    let mut changes = Vec::new();
    let mut forms = Vec::new();
    for number in numbers {
        let (Some(field), was, is) = (kind.field(number), old.get(&number), new.get(&number)) else {
            continue;
        };
        if was == is {
            continue;
        }
        // A value is shown by the level it was sealed under, and by the one it would have in the record as it is now: what
        // was public of a firm is not when the record turns out to be a person's. The strictest form holds for both.
        let place = |record: &Fields| field.placement(record, kind);
        let levels: Vec<Level> = [(&old, was), (&new, is)]
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(record, _)| place(record))
            .chain([place(&now)])
            .map(|place| place.level)
            .collect();
        let forms_there = levels.iter().map(|level| reach.form(number, *level));
        let form = forms_there.max_by_key(|form| *form as u8).unwrap_or(Form::Hidden);
        let masks = levels.iter().map(|level| reach.mask(number, *level));
        let wanted = masks.fold(None, Mask::stricter);
        if form == Form::Hidden {
            continue;
        }
        let show = |record: &Fields, value: Option<&Value>| {
            value.map(|value| match form {
                Form::Clear => value.to_json(),
                _ => Json::String(masked(&system, kind, field, place(record).mask, wanted, value)),
            })
        };
        changes.push(FieldChange {
            field: &field.name,
            before: show(&old, was),
            after: show(&new, is),
            form: if form == Form::Clear { "clear" } else { "masked" },
        });
        forms.push((number, form));
    }
    (changes, forms)
}
