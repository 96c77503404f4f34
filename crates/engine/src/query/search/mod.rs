//! Finding: by an exact identity (code, document or tax number, phone, its last four), and by a part of a name.
//!
//! Identities are looked up by their tokens, with a right and a quota of their own. Names are proposed by the sealed index
//! (`index`), and only from fields and rows that the asker sees in clear; each proposed record is opened and looked at
//! again before it is shown.

mod identity;
mod names;

use super::render;
use super::reveal::{take_quota, text_commitment};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::record::{Found, Hits};
use crate::seal::{Opened, Wanted, to_cbor};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Form, View};
use dossier_crypto::seal_system;
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_store::Read;
use std::collections::BTreeSet;

/// The quota of look-ups that find nothing.
const MISSES: &str = "find_miss";
/// Characters of a query.
const LONGEST: usize = 64;
/// Hits by name that are shown when nothing else is asked for.
const USUAL: u32 = 10;
/// Hits that may be asked for; so many are shown of an identity, as the last four digits may be shared by many.
const MOST: u32 = 25;

/// What is looked for.
#[derive(Clone, Default)]
pub struct Search {
    /// A code, number, phone or its last four; or a name, a part of it, a short form, pinyin, initials.
    pub q: String,
    /// Hits by name, 1 to 25; 10 when not given.
    pub limit: Option<u32>,
}

impl Search {
    /// A search for this text.
    pub fn of(q: &str) -> Search {
        Search { q: q.to_owned(), limit: None }
    }
}

impl Engine {
    /// Dossiers and contacts that have this code, number or phone, or are called so; the best first.
    ///
    /// # Errors
    /// `query_invalid`; `find_not_allowed` for a number without the right to find by one; `quota_find` when too many
    /// look-ups of the last hour found nothing.
    pub fn search(&self, caller: &Caller, search: &Search) -> Result<Hits, Fault> {
        self.guarded(caller, Deed::Search, |cx| run(cx, search))
    }
}

/// What was found until now.
struct Gathered {
    hits: Hits,
    entry: Entry,
    seen: BTreeSet<Rid>,
}

fn run(cx: &Context<'_>, search: &Search) -> Result<Recorded<Hits>, Stop> {
    let text = search.q.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(crate::invalid("q").into());
    }
    let limit = match search.limit.unwrap_or(USUAL) {
        limit @ 1..=MOST => limit as usize,
        _ => return Err(crate::invalid("limit").into()),
    };
    let identity = identity::Identity::read(cx, text)?;
    let read = cx.read()?;
    let size = read.state(TENANT)?.change_size;
    let (complete, behind) = cx.engine.names.standing(size);
    let mut gathered = Gathered {
        hits: Hits { items: Vec::new(), next: None, more: false, complete, behind },
        entry: Entry::done(Deed::Search),
        seen: BTreeSet::new(),
    };
    if let Some(identity) = &identity {
        identity.look_up(cx, &*read, &mut gathered)?;
    }
    let missed = identity.is_some() && gathered.hits.items.is_empty();
    names::look_up(cx, &*read, text, limit, &mut gathered)?;
    drop(read);
    if missed {
        count_miss(cx)?;
    }
    let mut salt = [0; 32];
    cx.engine.entropy.fill(&mut salt);
    gathered.entry.purpose = Some(text_commitment(&salt, text));
    let side = seal_query(cx, &salt, text)?;
    cx.record(gathered.entry, side, gathered.hits)
}

impl Gathered {
    /// Shows a record that was found, and says by what: never by the name of a field that is hidden from the asker.
    fn show(
        &mut self,
        cx: &Context<'_>,
        read: &dyn Read,
        view: &View,
        opened: &Opened<'_>,
        found: Found,
    ) -> Result<(), Stop> {
        if !self.seen.insert(opened.row.rid) {
            return Ok(());
        }
        let (mut record, item) = render(cx, read, view, opened, Wanted::All, false)?;
        let reach = view.at(&opened.row.place());
        let hidden = |name: &str| {
            opened.kind.by_name(name).is_some_and(|field| {
                Level::ALL.iter().all(|level| reach.form(field.number, *level) == Form::Hidden)
                    || !record.fields.has(name)
            })
        };
        let field = found.field.filter(|name| !hidden(name));
        record.found = Some(Found { field, ..found });
        self.hits.items.push(record);
        self.entry.items.push(item);
        Ok(())
    }
}

/// The text that was searched for, sealed under the tenant's text key, whose version stands in front.
fn seal_query(cx: &Context<'_>, salt: &[u8; 32], text: &str) -> Result<Vec<u8>, Fault> {
    let keys = cx.engine.keyring.keys();
    let (version, key) = keys.current_text();
    let plain = [salt.as_slice(), text.as_bytes()].concat();
    let sealed = seal_system(key, &text_context(cx.now.0), &plain, &*cx.engine.entropy)?;
    Ok([version.to_be_bytes().as_slice(), &sealed].concat())
}

/// What the sealed text of a query is bound to: the moment of its entry.
fn text_context(at: i64) -> Vec<u8> {
    to_cbor(24, |e| {
        e.array(3)?.u32(TENANT.0)?.str("query")?.i64(at)?;
        Ok(())
    })
}

/// Counts a look-up that showed the caller nothing, or something outside its rows.
pub(crate) fn count_miss(cx: &Context<'_>) -> Result<(), Stop> {
    take_quota(cx, MISSES, cx.engine.settings.find_misses_per_hour, "quota_find").map(|_| ())
}
