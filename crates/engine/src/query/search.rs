//! Finding by an exact identity: code, document or tax number, phone, its last four.

use super::render;
use super::reveal::{take_quota, text_commitment};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::record::Page;
use crate::seal::{Opened, Wanted, damaged, to_cbor};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, View};
use dossier_crypto::{seal_system, token8, token16};
use dossier_model::code::CustomerCode;
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::{Kind, KindId, TokenField, TokenSource};
use dossier_store::{Read, RowBy, STATE_ERASED};
use std::collections::BTreeSet;

/// The quota of look-ups that find nothing.
const MISSES: &str = "find_miss";
/// At most so many hits are shown; the last four digits may be shared by many.
const HITS: usize = 25;
/// At most so many rows are looked at behind one token, whether in reach or not.
const CANDIDATES: usize = 1000;
/// Characters of a query.
const LONGEST: usize = 64;

impl Engine {
    /// Dossiers and contacts that have exactly this code, number or phone.
    ///
    /// # Errors
    /// `query_invalid`, `find_not_allowed`, `quota_find` when too many look-ups of the last hour found nothing.
    pub fn search(&self, caller: &Caller, q: &str) -> Result<Page, Fault> {
        self.guarded(caller, Deed::Search, |cx| search(cx, q))
    }
}

fn search(cx: &Context<'_>, q: &str) -> Result<Recorded<Page>, Stop> {
    let text = q.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(crate::invalid("q").into());
    }
    if cx.role().permit(Action::Find).is_err() {
        return Err(Fault::new("find_not_allowed").into());
    }
    let engine = cx.engine;
    let mut page = Page { items: Vec::new(), next: None };
    let mut entry = Entry::done(Deed::Search);
    let read = cx.read()?;
    for kind in [KindId::CUSTOMER, KindId::CONTACT] {
        let (view, kind) = cx.view_of(kind)?;
        let sought = sought(kind, text);
        for rid in candidates(cx, &*read, kind, text, &sought)? {
            if page.items.len() == HITS {
                break;
            }
            hit(cx, &*read, &view, kind, rid, text, &sought, &mut page, &mut entry)?;
        }
    }
    drop(read);
    if page.items.is_empty() {
        count_miss(cx)?;
    }
    let mut salt = [0; 32];
    engine.entropy.fill(&mut salt);
    entry.purpose = Some(text_commitment(&salt, text));
    let side = seal_query(cx, &salt, text)?;
    cx.record(entry, side, page)
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

/// Every token that a text may stand for, read in each way that it can be read.
fn sought(kind: &Kind, text: &str) -> Vec<TokenSource> {
    let mut out = Vec::new();
    for field in kind.fields.iter().filter(|field| field.enabled) {
        // A text that cannot be this field's value is looked for in the others.
        out.extend(kind.lookup(field, text).unwrap_or_default());
    }
    out
}

fn candidates(
    cx: &Context<'_>,
    read: &dyn Read,
    kind: &Kind,
    text: &str,
    sought: &[TokenSource],
) -> Result<BTreeSet<Rid>, Stop> {
    let mut rids = BTreeSet::new();
    if kind.id == KindId::CUSTOMER
        && let Ok(code) = CustomerCode::parse(text)
        && let Some(row) = read.row(TENANT, &RowBy::Code(code.as_str().to_owned()))?
    {
        rids.insert(row.rid);
    }
    for (version, key) in cx.engine.index_keys() {
        for source in sought {
            let TokenField(field) = source.field;
            if source.unique {
                rids.extend(read.by_unique(TENANT, field, version, &token16(&key, field, &source.text))?);
            } else {
                rids.extend(read.by_token(
                    TENANT,
                    field,
                    version,
                    token8(&key, field, &source.text),
                    CANDIDATES,
                )?);
            }
        }
    }
    Ok(rids)
}

/// Shows a candidate if the view reaches it and the value is really there: a token row is only a hint.
#[allow(clippy::too_many_arguments, reason = "the state of one loop")]
fn hit(
    cx: &Context<'_>,
    read: &dyn Read,
    view: &View,
    kind: &'static Kind,
    rid: Rid,
    text: &str,
    sought: &[TokenSource],
    page: &mut Page,
    entry: &mut Entry,
) -> Result<(), Stop> {
    let Some(row) = read.row(TENANT, &RowBy::Rid(rid))? else { return Ok(()) };
    if row.kind != kind.id || row.state == STATE_ERASED || !view.rows().contain(row.team) {
        return Ok(());
    }
    let key =
        read.key(TENANT, row.domain, row.key_version)?.ok_or_else(|| damaged("its data key is missing"))?;
    let opened = Opened::new(TENANT, kind, &row, &key, &cx.engine.keyring)?;
    let by_code = CustomerCode::parse(text).is_ok_and(|code| row.code.as_deref() == Some(code.as_str()));
    if !by_code {
        let values = opened.all()?.into_iter().map(|(number, (value, _))| (number, value)).collect();
        if !kind.tokens(&values).iter().any(|token| sought.contains(token)) {
            return Ok(());
        }
    }
    let (record, item) = render(cx, read, view, &opened, Wanted::All, false)?;
    page.items.push(record);
    entry.items.push(item);
    Ok(())
}

/// Counts a look-up that showed the caller nothing, or something outside its rows.
pub(crate) fn count_miss(cx: &Context<'_>) -> Result<(), Stop> {
    take_quota(cx, MISSES, cx.engine.settings.find_misses_per_hour, "quota_find").map(|_| ())
}
