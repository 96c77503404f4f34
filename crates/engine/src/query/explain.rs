//! Why somebody sees a field of a record as they do, and who sees it. No value is shown here.

mod asked;
mod said;
mod who;

pub use said::{ChangeSaid, GateSaid, LinkSaid, WaySaid};
pub use who::{Seer, Seers, WhoSees};

use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Item, Note};
use crate::{Caller, Engine};
use asked::{Asked, Subject, TheField};
use dossier_access::{Verdict, changes, explain};
use dossier_model::fault::Fault;
use serde::Serialize;

/// Of whom, and which field of which record.
#[derive(Clone)]
pub struct Explain {
    /// Id of a person, a program or a role; the caller when not given.
    pub who: Option<String>,
    /// TypeID or customer code.
    pub record: String,
    /// Name of the field.
    pub field: String,
}

/// How somebody sees a field, why, and what would change it.
#[derive(Serialize)]
pub struct Explained {
    /// Of whom it is said: an id.
    pub who: String,
    /// Their name.
    pub name: String,
    /// `user`, `client` or `role`.
    pub what: &'static str,
    /// TypeID of the record.
    pub record: String,
    /// Name of the field.
    pub field: &'static str,
    /// The level by which it is decided: the one that the value is sealed under, where the caller may know it, else the one
    /// that is declared.
    pub level: &'static str,
    /// `live` or `frozen`; what is frozen is seen as ever.
    pub state: &'static str,
    /// `absent` (the record looks missing), `hidden`, `masked`, `openable` or `clear`.
    pub verdict: &'static str,
    /// The method of the mask that a role lays over the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<&'static str>,
    /// What keeps the person from everything, whatever the roles say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateSaid>,
    /// A chain for each role.
    pub ways: Vec<WaySaid>,
    /// Each single change after which it is seen in another form.
    pub changes: Vec<ChangeSaid>,
}

impl Engine {
    /// Why somebody sees a field as they do.
    ///
    /// # Errors
    /// `not_found` for a record that the caller does not read and for whom the caller may not ask about; `unknown_field`;
    /// `action_not_allowed`; `people_only`.
    pub fn explain(&self, caller: &Caller, ask: &Explain) -> Result<Explained, Fault> {
        self.guarded(caller, Deed::Explain, |cx| explained(cx, ask))
    }

    /// Who sees a field of a record, those who see the most of it first.
    ///
    /// # Errors
    /// As [`Engine::explain`]; `query_invalid`.
    pub fn who_sees(&self, caller: &Caller, ask: &WhoSees) -> Result<Seers, Fault> {
        self.guarded(caller, Deed::ExplainWho, |cx| who::seers(cx, ask))
    }
}

fn explained(cx: &Context<'_>, ask: &Explain) -> Result<Recorded<Explained>, Stop> {
    let asked = Asked::new(cx)?;
    let field = TheField::find(cx, &asked, &ask.record, &ask.field)?;
    let subject = Subject::find(cx, &asked, ask.who.as_deref(), &field)?;
    let (roles, holder, target) = (&cx.snapshot.roles, subject.holder(cx), field.target());
    let found = explain(roles, &holder, &target);
    let gate = subject.gate;
    let verdict = if gate.is_some() { Verdict::Absent } else { found.verdict };
    // Behind a gate nothing that concerns roles would change anything.
    let changes = if gate.is_some() { Vec::new() } else { changes(roles, &holder, &target) };
    let mut entry = field.entry(Deed::Explain);
    entry = entry
        .note("of", Note::Text(subject.id.clone()))
        .note("verdict", Note::Text(verdict.name().to_owned()));
    let answer = Explained {
        record: field.id(),
        field: &field.field.name,
        level: field.level.as_str(),
        state: field.state(),
        verdict: verdict.name(),
        mask: found.mask.as_ref().filter(|_| gate.is_none()).map(dossier_model::Mask::word),
        gate,
        ways: found.ways.into_iter().map(|way| said::way(cx, way, gate.is_some())).collect(),
        changes: said::changes(cx, &asked, &field, changes),
        who: subject.id,
        name: subject.name,
        what: subject.what,
    };
    cx.record(entry, Vec::new(), answer)
}

impl TheField<'_> {
    /// The entry of an explanation: which field of which record, and no form, for nothing of it is shown.
    fn entry(&self, deed: Deed) -> Entry {
        let item = Item {
            kind: self.found.row.kind.0,
            record: self.found.row.record,
            version: self.found.row.version,
            row_hash: None,
            fields: Vec::new(),
        };
        let path = format!("{}.{}", self.kind.name, self.field.name);
        Entry::done(deed).item(item).note("field", Note::Text(path))
    }
}
