//! Who looked at a dossier: reveals and openings, from the access log.

use super::find;
use crate::ledger::entry::{Deed, Entry, Leaf, Said};
use crate::ledger::show::deed_of;
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::AccessRead;
use serde::Serialize;

/// How far back it goes.
const DAYS: i64 = 30;
/// How many entries are read at a time, and at most in all: the newest ones.
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
    /// `view`, `reveal` or `history`.
    pub action: &'static str,
    /// Names of the fields that were shown in clear though they are masked by default; for reveals.
    pub fields: Vec<&'static str>,
    /// The ledger entry.
    pub entry: String,
}

impl Engine {
    /// Openings and reveals of one dossier in the last 30 days, newest first; lists are not among them.
    ///
    /// # Errors
    /// As [`Engine::read`].
    pub fn looks(&self, caller: &Caller, id: &str) -> Result<Vec<Look>, Fault> {
        self.guarded(caller, Deed::Looks, |cx| {
            let (view, kind) = cx.view("customer")?;
            view.permit(Action::Read)?;
            view.permit(Action::History)?;
            let read = cx.read()?;
            let found = find(&*read, &view, kind, id)?;
            drop(read);
            let log = self.store.access_log(TENANT, self.store.node())?;
            let since = cx.now.0 - DAYS * 86_400_000_000;
            let mut looks = Vec::new();
            newest_first(&*log, |index, leaf| {
                if leaf.at < since || looks.len() == SHOWN {
                    return false;
                }
                let Some(item) = leaf.items.iter().find(|item| item.record == found.row.record) else {
                    return true;
                };
                let Some(action) = deed_of(leaf.deed, &[Deed::View, Deed::Reveal, Deed::History]) else {
                    return true;
                };
                let clear = |said: &Said| *said == Said::Form(Form::Clear as u8);
                looks.push(Look {
                    at: dossier_model::time::Micros(leaf.at).to_string(),
                    who: cx.snapshot.who(leaf.who_type, leaf.who_id.unwrap_or(Uid([0; 16]))),
                    action,
                    fields: item
                        .fields
                        .iter()
                        .filter(|(_, said)| leaf.deed == Deed::Reveal as u8 && clear(said))
                        .filter_map(|(number, _)| kind.field(*number))
                        // A field that is hidden from this caller has no name either.
                        .filter(|field| view.form(field.number, field.level) != Form::Hidden)
                        .map(|field| field.name.as_str())
                        .collect(),
                    entry: format!("a-1-{index}"),
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

/// Walks the access log backwards until `each` has seen enough.
fn newest_first(log: &dyn AccessRead, mut each: impl FnMut(u64, &Leaf) -> bool) -> Result<(), Fault> {
    let size = log.head()?.size;
    let floor = size.saturating_sub(MOST);
    let mut end = size;
    while end > floor {
        let from = end.saturating_sub(CHUNK).max(floor);
        let wanted = usize::try_from(end - from).unwrap_or(usize::MAX);
        for (index, entry) in log.entries(from, wanted)?.into_iter().rev() {
            if !each(index, &Leaf::decode(&entry.leaf)?) {
                return Ok(());
            }
        }
        end = from;
    }
    Ok(())
}
