//! Opening a masked field, to look at it, to take it along, or because a token of it came back: with a purpose, counted,
//! recorded.

use super::find;
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Item, Said};
use crate::seal::{Opened, to_cbor};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, Form};
use dossier_crypto::{FieldMasks, sha256};
use dossier_model::Level;
use dossier_model::check::is_hidden;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::Kind;
use dossier_model::time::Micros;
use dossier_model::value::Value;
use dossier_store::{Conflict, Op, WriteSet};
use serde::Serialize;
use serde_json::Value as Json;

const HOUR: i64 = 3_600_000_000;
/// The quota's name, and the note that a refusal carries.
pub(crate) const REVEALS: &str = "reveal";
/// Characters of a purpose.
const PURPOSE: std::ops::RangeInclusive<usize> = 2..=200;

/// Which field of which record, and what for.
#[derive(Clone)]
pub struct Reveal {
    /// `customer` or `contact`.
    pub kind: String,
    /// TypeID or customer code.
    pub id: String,
    /// Name of the field.
    pub field: String,
    /// What for: 2 to 200 characters.
    pub purpose: String,
    /// How the value is asked for.
    pub how: Opening,
}

/// How a value is asked for; each is an action of its own in the ledger.
#[derive(Clone, PartialEq, Eq)]
pub enum Opening {
    /// To be looked at.
    Look,
    /// To be taken along, to the clipboard: a right of its own.
    Copy,
    /// By its token, which has to be that of the value: a right of its own.
    Token(String),
}

/// A value in clear, given out once.
#[derive(Serialize)]
pub struct Revealed {
    /// TypeID of the record.
    pub id: String,
    /// Name of the field.
    pub field: String,
    /// The value.
    pub value: Json,
    /// Reveals and copies in this hour, this one included.
    pub used: u32,
    /// How many are allowed in an hour.
    pub limit: u32,
    /// The ledger entry, `a-NODE-N`.
    pub entry: String,
}

impl Opening {
    /// What has to be allowed for it.
    fn needs(&self) -> &'static [Action] {
        match self {
            Opening::Look => &[Action::Reveal],
            Opening::Copy => &[Action::Reveal, Action::Copy],
            Opening::Token(_) => &[Action::Reveal, Action::Detokenise],
        }
    }
}

impl Reveal {
    fn deed(&self) -> Deed {
        match self.how {
            Opening::Look => Deed::Reveal,
            Opening::Copy => Deed::Copy,
            Opening::Token(_) => Deed::Detokenise,
        }
    }
}

impl Engine {
    /// Opens one masked field.
    ///
    /// # Errors
    /// `purpose_required`, `unknown_field`, `reveal_not_allowed`, `quota_reveal`, `field_empty`, `not_found`; `token_other`
    /// for a token that is not the value's; `action_not_allowed` where the role may not reveal, or neither copy nor lead
    /// back what it may reveal.
    pub fn reveal(&self, caller: &Caller, ask: &Reveal) -> Result<Revealed, Fault> {
        self.guarded(caller, ask.deed(), |cx| reveal(cx, ask))
    }
}

fn reveal(cx: &Context<'_>, ask: &Reveal) -> Result<Recorded<Revealed>, Stop> {
    let engine = cx.engine;
    let (view, kind) = cx.view(&ask.kind)?;
    let needed = ask.how.needs();
    needed.iter().try_for_each(|action| view.anywhere().permit(*action).map(drop))?;
    let purpose = purpose(&ask.purpose)?;
    let read = cx.read()?;
    let found = find(&*read, &view, kind, &ask.id)?;
    let reach = view.at(&found.row.place());
    needed.iter().try_for_each(|action| reach.permit(*action).map(drop))?;
    let numbers = Engine::field_numbers(kind, &reach, std::slice::from_ref(&ask.field))?;
    let opened = Opened::new(TENANT, kind, &found.row, &found.key, &engine.keyring)?;
    drop(read);
    let (number, value, level) = value_of(&opened, &numbers)?;
    // At the level it is sealed under, a field may be hidden from this caller: then there is nothing to see.
    match reach.form(number, level) {
        Form::Hidden => return Err(empty(&ask.field).into()),
        Form::Masked if !reach.may_reveal(number, level) => {
            return Err(Fault::new("reveal_not_allowed").field(ask.field.clone()).into());
        }
        Form::Masked | Form::Clear => {}
    }
    let used = take_quota(cx, REVEALS, engine.settings.reveals_per_hour, "quota_reveal")?;
    if let Opening::Token(token) = &ask.how {
        check_token(engine, kind, number, token, &value)?;
    }
    let mut salt = [0; 32];
    engine.entropy.fill(&mut salt);
    let side = opened.seal_text(&[&salt, purpose.as_bytes()].concat(), &*engine.entropy)?;
    let mut entry = Entry::done(ask.deed()).item(Item {
        kind: found.row.kind.0,
        record: found.row.record,
        version: found.row.version,
        row_hash: None,
        fields: vec![(number, Said::Form(Form::Clear as u8))],
    });
    entry.purpose = Some(text_commitment(&salt, &purpose));
    let id = found.row.record.to_typeid(&kind.prefix);
    cx.record_as(entry, side, |index| Revealed {
        id,
        field: ask.field.clone(),
        value: value.to_json(),
        used,
        limit: engine.settings.reveals_per_hour,
        entry: engine.own_log().entry_id(index),
    })
}

/// A token leads back to a value only in the record that holds it: of a number alone nobody could tell whose it is, and
/// what was erased stays so whatever tokens of it there are.
fn check_token(engine: &Engine, kind: &Kind, number: u16, token: &str, value: &Value) -> Result<(), Fault> {
    let system = engine.keyring.system();
    let original = FieldMasks::new(&system, kind.id.0, number).original(token.trim())?;
    match original {
        Some(original) if *original == value.to_text() => Ok(()),
        _ => Err(Fault::new("token_other").field("token")),
    }
}

fn empty(field: &str) -> Fault {
    Fault::new("field_empty").field(field.to_owned())
}

/// The value, and the level it is sealed under.
fn value_of(opened: &Opened<'_>, numbers: &[u16]) -> Result<(u16, Value, Level), Fault> {
    for (level, class) in opened.places() {
        for (number, (value, _)) in opened.values(level, class)? {
            if numbers.contains(&number) {
                return Ok((number, value, level));
            }
        }
    }
    let name =
        numbers.first().and_then(|number| opened.kind.field(*number)).map_or("", |field| field.name.as_str());
    Err(empty(name))
}

/// The purpose without surrounding space, its length and characters checked.
pub(crate) fn purpose(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::new("purpose_required").field("purpose"));
    }
    if !PURPOSE.contains(&text.chars().count()) || text.chars().any(is_hidden) {
        return Err(Fault::new("value_length").field("purpose").with("least", "2").with("most", "200"));
    }
    Ok(text.to_owned())
}

/// What the ledger says of a text that stands sealed beside it.
pub(crate) fn text_commitment(salt: &[u8; 32], text: &str) -> [u8; 32] {
    let cbor = to_cbor(text.len() + 4, |e| {
        e.str(text)?;
        Ok(())
    });
    sha256(&[salt.as_slice(), &cbor].concat())
}

/// Counts one use against an hour's quota; the number used so far.
pub(crate) fn take_quota(
    cx: &Context<'_>,
    name: &'static str,
    limit: u32,
    refusal: &'static str,
) -> Result<u32, Stop> {
    let subject = Uid(cx.caller.principal.id16());
    let window_start = Micros(cx.now.0 - HOUR);
    let set = WriteSet::new(TENANT).op(Op::TakeQuota {
        subject,
        name: name.to_owned(),
        at: cx.now,
        window_start,
        limit,
    });
    match cx.engine.store.commit(cx.seated(set.under(cx.snapshot.epoch))).wait() {
        Ok(_) => Ok(cx.engine.store.read()?.quota(TENANT, subject, name, window_start)?),
        Err(error) => match again(error)? {
            Conflict::Quota { used, .. } => Err(Fault::new(refusal)
                .with("used", used.to_string())
                .with("limit", limit.to_string())
                .into()),
            other => Err(unexpected(&other)),
        },
    }
}
