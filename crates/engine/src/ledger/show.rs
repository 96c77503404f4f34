//! Entries for people who may read the ledger.

use super::entry::{Deed, Entry, Item, Leaf, Note, Outcome, Said};
use super::filter::{Filter, RECORD, who_name, who_text};
use super::source::Stored;
use super::walk::{Walked, behind, walk};
use super::{Log, Source};
use crate::context::{Context, Recorded, Stop};
use crate::seal::unwrap_key;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_crypto::{Part, SegmentId};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use dossier_store::{Read, RowBy};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const PAGE: u32 = 50;
const MAX_PAGE: u32 = 200;

/// Which entries. From an index on all of them, else the newest ones that fit.
#[derive(Clone, Default)]
pub struct LedgerQuery {
    /// `change`, `access` (of the node that answers) or `access/N`.
    pub log: String,
    /// Index of the first entry; goes with `limit` alone.
    pub from: Option<u64>,
    /// The index before which the newest ones are looked for; the end of the log when not given.
    pub before: Option<u64>,
    /// 1 to 200; 50 when not given.
    pub limit: Option<u32>,
    /// Who it was: an id, `os:UID`, `system`, or the name of a person or program.
    pub who: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// `done` or `refused`.
    pub outcome: Option<String>,
    /// A record that it is about: a TypeID or a customer code.
    pub record: Option<String>,
    /// The earliest time, RFC 3339.
    pub since: Option<String>,
    /// The first time that is too late, RFC 3339.
    pub until: Option<String>,
}

/// Entries in ascending order.
#[derive(Serialize)]
pub struct LedgerPage {
    /// The log, as it was asked for.
    pub log: String,
    /// Entries in the log.
    pub size: u64,
    /// The entries asked for.
    pub items: Vec<EntryShown>,
    /// To be sent as `from` for what follows.
    pub next: Option<u64>,
    /// To be sent as `before` for what is earlier: there may be more, also where fewer came than were asked for.
    pub before: Option<u64>,
    /// The earliest entry that was read on the way back.
    pub reached: Option<Reached>,
}

/// How far back was read.
#[derive(Serialize)]
pub struct Reached {
    /// The entry.
    pub id: String,
    /// Its time, RFC 3339.
    pub at: String,
}

/// A log that there is.
#[derive(Serialize)]
pub struct LogSize {
    /// `change`, or `access/N` of node N.
    pub log: String,
    /// Entries in it.
    pub size: u64,
}

/// An entry in words.
#[derive(Serialize)]
pub struct EntryShown {
    /// `c-N` or `a-NODE-N`.
    pub id: String,
    /// When, RFC 3339.
    pub at: String,
    /// Who, by name; of an account of the operating system its text.
    pub who: String,
    /// The same by id: `usr_…`, `cli_…`, `os:UID`, `os:UID for usr_…` or `system`.
    pub who_id: String,
    /// Address of the peer.
    pub address: Option<String>,
    /// Id of the request.
    pub request: Option<String>,
    /// What was done.
    pub action: &'static str,
    /// `done` or `refused`.
    pub outcome: &'static str,
    /// Error code of a refusal.
    pub code: Option<String>,
    /// Records that it is about.
    pub records: Vec<RecordSaid>,
    /// The purpose that was given, where it can still be opened.
    pub purpose: Option<String>,
    /// Other facts; never customer data.
    pub note: BTreeMap<String, Json>,
}

/// What an entry says of one record.
#[derive(Serialize)]
pub struct RecordSaid {
    /// TypeID.
    pub id: String,
    /// The version.
    pub version: u32,
    /// Fields by name: `clear`, `masked`, or `written` where a new value is committed to.
    pub fields: BTreeMap<String, &'static str>,
}

impl Engine {
    /// A page of the ledger. Reading it is itself an entry.
    ///
    /// # Errors
    /// `action_not_allowed`, `query_invalid`; `not_found` for the name of nobody, or the code of no record that the caller
    /// may know.
    pub fn ledger(&self, caller: &Caller, query: &LedgerQuery) -> Result<LedgerPage, Fault> {
        self.guarded(caller, Deed::ReadLedger, |cx| page(cx, query))
    }

    /// The newest signed checkpoint of a log, made now if entries have come since the last.
    ///
    /// # Errors
    /// `action_not_allowed`, `query_invalid`.
    pub fn checkpoint(&self, caller: &Caller, log: &str) -> Result<String, Fault> {
        self.guarded(caller, Deed::ReadLedger, |cx| {
            cx.permit(Action::ReadLedger)?;
            let log = self.log_named(log)?;
            let checkpoint = self.make_checkpoint(log)?;
            cx.record(Entry::done(Deed::ReadLedger), Vec::new(), checkpoint.text)
        })
    }

    /// The change log and the access logs of all nodes. Reading this is itself an entry.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn ledger_logs(&self, caller: &Caller) -> Result<Vec<LogSize>, Fault> {
        self.guarded(caller, Deed::ReadLedger, |cx| {
            cx.permit(Action::ReadLedger)?;
            let mut logs = vec![Log::Change];
            logs.extend(self.access_logs()?);
            let size = |log: Log| Ok(LogSize { log: log.path(), size: self.source(log)?.head()?.size });
            let logs = logs.into_iter().map(size).collect::<Result<Vec<_>, Fault>>()?;
            cx.record(Entry::done(Deed::ReadLedger), Vec::new(), logs)
        })
    }
}

fn page(cx: &Context<'_>, query: &LedgerQuery) -> Result<Recorded<LedgerPage>, Stop> {
    cx.permit(Action::ReadLedger)?;
    let log = cx.engine.log_named(&query.log)?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(crate::invalid("limit").into());
    }
    let filter = Filter::of(cx, query)?;
    if query.from.is_some() && (query.before.is_some() || !filter.is_open()) {
        return Err(crate::invalid("from").into());
    }
    let (size, walked) = cx.walked(log, query, &filter, limit)?;
    let items = cx.shown(log, &walked.found)?;
    let next = query.from.map(|from| from.saturating_add(items.len() as u64));
    let page = LedgerPage {
        log: query.log.clone(),
        size,
        next: next.filter(|next| *next < size && !items.is_empty()),
        items,
        before: walked.before,
        reached: walked.reached.map(|(index, at)| Reached { id: log.entry_id(index), at: at.to_string() }),
    };
    // Numbers that somebody typed are not taken over as they are: they may be anything.
    let number = |index: u64| Note::Int(i64::try_from(index.min(size)).unwrap_or(i64::MAX));
    let from = query.from.or(walked.reached.map(|(index, _)| index)).unwrap_or(0);
    let mut entry =
        Entry::done(Deed::ReadLedger).note("log", Note::Text(log.path())).note("from", number(from));
    if let Some(before) = query.before {
        entry = entry.note("before", number(before));
    }
    cx.record(filter.noted(entry), Vec::new(), page)
}

impl Context<'_> {
    /// The size of a log, and the entries that are asked for.
    fn walked(
        &self,
        log: Log,
        query: &LedgerQuery,
        filter: &Filter,
        limit: u32,
    ) -> Result<(u64, Walked), Stop> {
        let source: Source<'_> = self.engine.source(log)?;
        let size = source.head()?.size;
        let entries = |from, count| Ok(source.entries(from, count)?);
        if let Some(from) = query.from {
            let found = entries(from, limit as usize)?;
            return Ok((size, Walked { found, ..Walked::default() }));
        }
        let before = match (query.before, filter.until) {
            (Some(before), _) => before.min(size),
            (None, Some(until)) => behind(entries, until, size)?,
            (None, None) => size,
        };
        Ok((size, walk(entries, filter, before, limit as usize)?))
    }

    /// Entries in words, from an index on.
    pub(crate) fn entries(&self, log: Log, from: u64, limit: u32) -> Result<Vec<EntryShown>, Stop> {
        let source: Source<'_> = self.engine.source(log)?;
        let entries = source.entries(from, limit as usize)?;
        drop(source);
        self.shown(log, &entries)
    }

    fn shown(&self, log: Log, entries: &[Stored]) -> Result<Vec<EntryShown>, Stop> {
        let read = self.read()?;
        let shown =
            |(index, leaf, side): &Stored| shown(self, &*read, log, *index, &Leaf::decode(leaf)?, side);
        entries.iter().map(shown).collect()
    }
}

fn shown(
    cx: &Context<'_>,
    read: &dyn Read,
    log: Log,
    index: u64,
    leaf: &Leaf,
    side: &[u8],
) -> Result<EntryShown, Stop> {
    let note = leaf.note.iter().map(|(name, value)| (name.clone(), note_json(cx, name, value))).collect();
    Ok(EntryShown {
        id: log.entry_id(index),
        at: Micros(leaf.at).to_string(),
        who: who_name(&cx.snapshot, leaf),
        who_id: who_text(leaf),
        address: leaf.address.clone(),
        request: leaf.request.clone(),
        action: Deed::name_of(leaf.deed),
        outcome: if leaf.outcome == 1 { Outcome::Done } else { Outcome::Refused }.name(),
        code: leaf.code.clone(),
        records: leaf.items.iter().map(|item| record(cx, item)).collect(),
        purpose: purpose(cx, read, leaf, side)?,
        note,
    })
}

fn note_json(cx: &Context<'_>, name: &str, note: &Note) -> Json {
    if let (RECORD, Note::Bytes(bytes)) = (name, note)
        && let Some((kind, id)) = bytes.split_first_chunk()
        && let (Some(kind), Ok(id)) = (cx.engine.kinds.get(KindId(u16::from_be_bytes(*kind))), id.try_into())
    {
        return Json::String(Uid(id).to_typeid(&kind.prefix));
    }
    match note {
        Note::Text(text) => Json::String(text.clone()),
        Note::Int(number) => Json::from(*number),
        Note::Bytes(bytes) => Json::String(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

fn record(cx: &Context<'_>, item: &Item) -> RecordSaid {
    let kind = cx.engine.kinds.get(KindId(item.kind));
    let name = |number: u16| {
        kind.and_then(|kind| kind.field(number)).map_or_else(|| number.to_string(), |f| f.name.clone())
    };
    let said = |said: &Said| match said {
        Said::Form(1) => "clear",
        Said::Form(_) => "masked",
        Said::Commitment(_) => "written",
    };
    RecordSaid {
        id: item.record.to_typeid(kind.map_or("rec", |kind| kind.prefix.as_str())),
        version: item.version,
        fields: item.fields.iter().map(|(number, what)| (name(*number), said(what))).collect(),
    }
}

/// The purpose of a reveal, a copy or a token led back, as long as the dossier's key exists. What was searched for is shown to nobody here.
fn purpose(cx: &Context<'_>, read: &dyn Read, leaf: &Leaf, side: &[u8]) -> Result<Option<String>, Stop> {
    let opened = deed_of(leaf.deed, &[Deed::Reveal, Deed::Copy, Deed::Detokenise]).is_some();
    let (Some(item), true) = (leaf.items.first(), opened && !side.is_empty()) else { return Ok(None) };
    let Some(row) = read.row(TENANT, &RowBy::Uid(item.record))? else { return Ok(None) };
    let Some(key) = read.key(TENANT, row.domain, row.key_version)? else { return Ok(None) };
    let id = SegmentId {
        tenant: TENANT,
        domain: row.domain_uid,
        record: row.record,
        kind: row.kind.0,
        version: item.version,
        part: Part::Text(1),
        key_version: row.key_version,
        mask_revision: row.mask_revision,
        generation: row.generation,
    };
    let plain = unwrap_key(&cx.engine.keyring, &key)?.subkeys().open(&id, side);
    Ok(plain.ok().and_then(|plain| String::from_utf8(plain.get(32..)?.to_vec()).ok()))
}

/// The name of a deed, if it is one of these.
pub(crate) fn deed_of(code: u8, of: &[Deed]) -> Option<&'static str> {
    of.iter().any(|deed| *deed as u8 == code).then(|| Deed::name_of(code))
}
