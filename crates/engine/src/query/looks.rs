//! Who looked at a dossier: openings, reveals, copies and tokens led back, from the access logs of all nodes.

use super::find;
use crate::ledger::Log;
use crate::ledger::entry::{Deed, Entry, Leaf, Said};
use crate::ledger::show::deed_of;
use crate::{Caller, Engine};
use dossier_access::{Action, Form};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use serde::Serialize;

/// How far back it goes.
const DAYS: i64 = 30;
/// How many entries of a log are read at a time, and at most of all logs: the newest ones.
const CHUNK: u64 = 4096;
const MOST: u64 = 1_000_000;
/// How many looks are shown.
const SHOWN: usize = 200;

/// One look at a dossier.
#[derive(Serialize)]
pub struct Look {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub who: String,
    /// `view`, `reveal`, `copy`, `detokenise` or `history`.
    pub action: &'static str,
    /// Names of the fields that were shown in clear though they are masked by default; for reveals and copies.
    pub fields: Vec<&'static str>,
    /// The ledger entry.
    pub entry: String,
}

impl Engine {
    /// Openings, reveals and copies of one dossier in the last 30 days, newest first; lists are not among them.
    ///
    /// # Errors
    /// As [`Engine::read`].
    pub fn looks(&self, caller: &Caller, id: &str) -> Result<Vec<Look>, Fault> {
        self.guarded(caller, Deed::Looks, |cx| {
            let (view, kind) = cx.view("customer")?;
            view.anywhere().permit(Action::History)?;
            let read = cx.read()?;
            let found = find(&*read, &view, kind, id)?;
            drop(read);
            let reach = view.at(&found.row.place());
            reach.permit(Action::History)?;
            let since = cx.now.0 - DAYS * 86_400_000_000;
            let mut looks = Vec::new();
            newest_first(self, |log, index, leaf| {
                if leaf.at < since || looks.len() == SHOWN {
                    return false;
                }
                let Some(item) = leaf.items.iter().find(|item| item.record == found.row.record) else {
                    return true;
                };
                let deeds = [Deed::View, Deed::Reveal, Deed::Copy, Deed::Detokenise, Deed::History];
                let Some(action) = deed_of(leaf.deed, &deeds) else { return true };
                let opened = deed_of(leaf.deed, &[Deed::Reveal, Deed::Copy, Deed::Detokenise]).is_some();
                let clear = |said: &Said| *said == Said::Form(Form::Clear as u8);
                looks.push(Look {
                    at: dossier_model::time::Micros(leaf.at).to_string(),
                    who: cx.snapshot.who(leaf.who_type, leaf.who_id.unwrap_or(Uid([0; 16]))),
                    action,
                    fields: item
                        .fields
                        .iter()
                        .filter(|(_, said)| opened && clear(said))
                        .filter_map(|(number, _)| kind.field(*number))
                        // A field that is hidden from this caller has no name either.
                        .filter(|field| reach.form(field.number, field.level) != Form::Hidden)
                        .map(|field| field.name.as_str())
                        .collect(),
                    entry: log.entry_id(index),
                });
                true
            })?;
            let mut entry = Entry::done(Deed::Looks);
            entry.items.push(crate::ledger::entry::Item {
                kind: found.row.kind.0,
                record: found.row.record,
                version: found.row.version,
                row_hash: None,
                fields: Vec::new(),
            });
            cx.record(entry, Vec::new(), looks)
        })
    }
}

/// Walks the access logs of all nodes backwards, the newest entry of any first, until `each` has seen enough.
fn newest_first(engine: &Engine, mut each: impl FnMut(Log, u64, &Leaf) -> bool) -> Result<(), Fault> {
    let mut logs = Vec::new();
    for log in engine.access_logs()? {
        let end = engine.source(log)?.head()?.size;
        let mut back = Backwards { engine, log, end, chunk: Vec::new() };
        if let Some(newest) = back.next()? {
            logs.push((newest, back));
        }
    }
    for _ in 0..MOST {
        let newest = logs.iter_mut().max_by_key(|((_, leaf), _)| leaf.at);
        let Some(((index, leaf), back)) = newest else { return Ok(()) };
        let log = back.log;
        if !each(log, *index, leaf) {
            return Ok(());
        }
        match back.next()? {
            Some(next) => (*index, *leaf) = next,
            None => logs.retain(|(_, back)| back.log != log),
        }
    }
    Ok(())
}

/// One log on the way back to its first entry. It is open only while a chunk is read: there may be many nodes.
struct Backwards<'e> {
    engine: &'e Engine,
    log: Log,
    /// Where the chunk begins: what is before was not read yet.
    end: u64,
    /// Entries still to be given, ascending.
    chunk: Vec<(u64, Vec<u8>)>,
}

impl Backwards<'_> {
    fn next(&mut self) -> Result<Option<(u64, Leaf)>, Fault> {
        if self.chunk.is_empty() && self.end > 0 {
            let from = self.end.saturating_sub(CHUNK);
            let wanted = usize::try_from(self.end - from).unwrap_or(usize::MAX);
            let entries = self.engine.source(self.log)?.entries(from, wanted)?;
            self.chunk = entries.into_iter().map(|(index, leaf, _)| (index, leaf)).collect();
            self.end = from;
        }
        self.chunk.pop().map(|(index, leaf)| Ok((index, Leaf::decode(&leaf)?))).transpose()
    }
}
