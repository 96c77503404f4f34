//! What somebody sees of a request: what would change only as far as they may see it of the record.

use super::Work;
use super::decide::{found, has_part, is_own};
use super::parked::{Contents, ENDED, Parked, open_of};
use crate::command::{merged_change, moves_of};
use crate::context::{Context, Recorded, Stop};
use crate::grant::{DossierNamed, named_in};
use crate::ledger::entry::{Deed, Entry, Item, Said};
use crate::query::{FieldChange, changes};
use crate::seal::{Opened, Wanted, show};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_approvals::{Gone, Lane, Moved, State, Term, What};
use dossier_model::fault::{Fault, Label};
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::KindId;
use dossier_store::{Read, RowBy, STATE_ERASED};
use serde::Serialize;
use serde_json::Value as Json;

/// At most so many requests on a page.
const PAGE: usize = 20;
/// At most so many ended requests are looked at for a page of them.
const LOOKED_AT: usize = 1_000;

/// Which requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestBox {
    /// Those that wait for the caller.
    Waiting,
    /// Those that the caller asked for and that are open.
    Asked,
    /// Those that have ended, and in which the caller had a part.
    Ended,
}

impl RequestBox {
    /// Their names.
    pub const NAMES: &'static [&'static str] = &["waiting", "asked", "ended"];

    /// Reads a name.
    pub fn parse(text: &str) -> Option<RequestBox> {
        match text {
            "waiting" => Some(RequestBox::Waiting),
            "asked" => Some(RequestBox::Asked),
            "ended" => Some(RequestBox::Ended),
            _ => None,
        }
    }
}

/// Some requests, newest first.
#[derive(Serialize)]
pub struct RequestPage {
    /// At most twenty.
    pub items: Vec<RequestShown>,
    /// To be sent as `before` for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are in all of those that are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
}

/// A request as somebody may see it.
#[derive(Serialize)]
pub struct RequestShown {
    /// TypeID `apr_…`.
    pub id: String,
    /// What was asked for: `change` and so on.
    pub command: &'static str,
    /// Where it stands: `waiting`, `agreed`, `executed`, `failed`, `refused`, `recalled`, `expired`, `dropped`, `moved`.
    pub state: &'static str,
    /// What its end is due to: the key of an error, who or what is gone, or which term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What had moved on: names of fields as far as the caller may know of them, `stage`, `level`, `owner`, `frozen`,
    /// `record`, `flows`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
    /// When it was asked, RFC 3339.
    pub asked_at: String,
    /// Who asked.
    pub asked_by: String,
    /// Whether the caller did.
    pub own: bool,
    /// Since when it stands so, RFC 3339.
    pub since: String,
    /// Until when it can be approved, RFC 3339.
    pub approve_until: String,
    /// The kind of the record that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// TypeID of that record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// TypeID of its dossier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier: Option<String>,
    /// The customer code of its dossier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The record's name as the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Json>,
    /// What would change of its fields, as the caller may see it; nothing once it has ended.
    pub changes: Vec<FieldChange>,
    /// Where it would stand.
    pub moves: Vec<MoveShown>,
    /// The dossiers whose use is applied for, as far as the caller reads them; `hidden` counts the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dossiers: Vec<DossierNamed>,
    /// How many changes, or dossiers, the caller may not see.
    pub hidden: usize,
    /// Shown fields that have changed since it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_since: Option<bool>,
    /// What would be different, for what is not about a record: lines `path: before → after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// The flows that it met, each with how far it has come.
    pub flows: Vec<FlowShown>,
    /// What people did, in order.
    pub said: Vec<SaidShown>,
    /// What the caller may do: `agree`, `refuse`, `pass_on`, `add`, `comment`, `recall`.
    pub may: Vec<&'static str>,
    /// Why the caller may not decide: the key of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_not: Option<&'static str>,
    /// Whether it may be approved together with others.
    pub bulk: bool,
}

/// A clear column before and after.
#[derive(Serialize)]
pub struct MoveShown {
    /// `stage`, `level`, `team` or `owner`.
    pub what: &'static str,
    /// Before; none for nobody.
    pub before: Option<String>,
    /// After; none for nobody.
    pub after: Option<String>,
}

/// A flow of a request.
#[derive(Serialize)]
pub struct FlowShown {
    /// What people call it.
    pub name: Label,
    /// How many steps it has.
    pub steps: usize,
    /// The step that it waits at, from 1; none once all are through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// How many have to agree at that step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<usize>,
    /// Names of those who may decide there now.
    pub waits_for: Vec<String>,
    /// Names of those who have agreed.
    pub agreed: Vec<String>,
}

/// One thing that somebody did.
#[derive(Serialize)]
pub struct SaidShown {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
    /// `asked`, `agreed`, `refused`, `passed_on`, `added`, `commented`, `recalled`.
    pub what: &'static str,
    /// To whom it was handed over, or who was asked as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What they wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Engine {
    /// Requests of a box, newest first.
    ///
    /// # Errors
    /// `people_only`; `query_invalid` for a `before` that is none.
    pub fn requests(
        &self,
        caller: &Caller,
        of: RequestBox,
        before: Option<&str>,
    ) -> Result<RequestPage, Fault> {
        self.guarded(caller, Deed::ApprovalLook, |cx| page(cx, of, before))
    }

    /// One request in which the caller has a part.
    ///
    /// # Errors
    /// `people_only`, `not_found`.
    pub fn request(&self, caller: &Caller, id: &str) -> Result<RequestShown, Fault> {
        self.guarded(caller, Deed::ApprovalLook, |cx| {
            let who = cx.party()?;
            let read = cx.read()?;
            let parked = found(cx, &*read, id, who)?;
            let mut entry = Entry::done(Deed::ApprovalLook);
            let shown = shown(cx, &*read, who, &parked, &mut entry)?;
            drop(read);
            cx.record(entry, Vec::new(), shown)
        })
    }
}

fn page(cx: &Context<'_>, of: RequestBox, before: Option<&str>) -> Result<Recorded<RequestPage>, Stop> {
    let who = cx.party()?;
    let before = before
        .map(|text| Uid::parse_typeid(super::parked::PREFIX, text).ok_or_else(|| crate::invalid("before")))
        .transpose()?;
    let read = cx.read()?;
    let organisation = &cx.organisation();
    let (all, total) = if of == RequestBox::Ended {
        (ended(cx, &*read, who, before)?, None)
    } else {
        let mut all = open_of(cx.engine, &*read)?;
        all.retain(|parked| match of {
            // As time has left it.
            RequestBox::Waiting => parked.body.request.may_decide(who, cx.now, organisation).is_ok(),
            _ => is_own(&parked.body.request, who),
        });
        let total = all.len();
        all.retain(|parked| before.is_none_or(|before| parked.id < before));
        (all, Some(total))
    };
    let mut entry = Entry::done(Deed::ApprovalLook);
    let mut items = Vec::new();
    for parked in all.iter().take(PAGE) {
        items.push(shown(cx, &*read, who, parked, &mut entry)?);
    }
    drop(read);
    let next = if all.len() > PAGE { items.last().map(|item| item.id.clone()) } else { None };
    cx.record(entry, Vec::new(), RequestPage { items, next, total })
}

fn ended(cx: &Context<'_>, read: &dyn Read, who: Uid, mut before: Option<Uid>) -> Result<Vec<Parked>, Fault> {
    const STEP: usize = 100;
    let mut all = Vec::new();
    for _ in 0..LOOKED_AT / STEP {
        let rows = read.jobs_of(TENANT, ENDED, before, STEP)?;
        before = rows.last().map(|row| row.id);
        for row in &rows {
            let parked = Parked::open(cx.engine, row)?;
            if has_part(cx, &parked, who) {
                all.push(parked);
            }
        }
        if rows.len() < STEP || all.len() > PAGE {
            break;
        }
    }
    Ok(all)
}

/// A request as somebody may see it; what they see of the record goes into the entry.
fn shown(
    cx: &Context<'_>,
    read: &dyn Read,
    who: Uid,
    parked: &Parked,
    entry: &mut Entry,
) -> Result<RequestShown, Fault> {
    let organisation = &cx.organisation();
    let contents = parked.contents(cx.engine, read)?;
    // As time has left it, even where nobody has woken it up.
    let woken = parked.body.request.apply(dossier_approvals::Event::Wake, cx.now, organisation)?;
    let request = woken.request;
    let decides = request.may_decide(who, cx.now, organisation);
    let own = is_own(&request, who);
    let is_open = !request.state.is_final();
    let mut may = Vec::new();
    if decides.is_ok() {
        may.extend(["agree", "refuse", "pass_on", "add"]);
    }
    let has_said = request.said.iter().any(|said| said.by == who);
    if is_open && (own || has_said || !may.is_empty()) {
        may.push("comment");
    }
    if is_open && own {
        may.push("recall");
    }
    let mut shown = RequestShown {
        id: parked.public(),
        command: request.command.name(),
        state: request.state.name(),
        why: why(&request.state),
        moved: Vec::new(),
        asked_at: request.asked.to_string(),
        asked_by: asker_name(cx, &request.asker),
        own,
        since: request.since.to_string(),
        approve_until: request.approve_until.to_string(),
        kind: None,
        record: None,
        dossier: None,
        code: None,
        name: None,
        changes: Vec::new(),
        moves: Vec::new(),
        dossiers: Vec::new(),
        hidden: 0,
        changed_since: None,
        difference: parked.body.difference.clone(),
        flows: request.lanes.iter().map(|lane| flow_shown(cx, &request, lane)).collect(),
        said: request.said.iter().map(|said| said_shown(cx, &contents, said)).collect(),
        may,
        may_not: decides.err().filter(|_| is_open).map(|fault| fault.key),
        bulk: request.bulk,
    };
    about(cx, read, parked, &request, &contents, &mut shown, entry)?;
    if let Some(Work::Apply(ask)) = &contents.work {
        let numbers = named_in(cx, read, &ask.dossiers)?;
        shown.dossiers = cx.named(read, &numbers, entry)?;
        shown.hidden = numbers.len() - shown.dossiers.len();
    }
    // A reason names the customer as a rule: it is for those who read the record, and whoever wrote it.
    if parked.body.about.is_some() && shown.record.is_none() {
        let own = request.said.iter().map(|said| said.by == who);
        shown.said.iter_mut().zip(own).filter(|(_, own)| !own).for_each(|(said, _)| said.text = None);
    }
    Ok(shown)
}

fn asker_name(cx: &Context<'_>, asker: &dossier_approvals::Asker) -> String {
    match asker {
        dossier_approvals::Asker::Person(id) => cx.snapshot.who(1, *id),
        dossier_approvals::Asker::Program { id, .. } => cx.snapshot.who(2, *id),
    }
}

fn why(state: &State) -> Option<String> {
    match state {
        State::Failed(key) => Some(key.clone()),
        State::Dropped(Gone::Asker) => Some("asker".to_owned()),
        State::Dropped(Gone::Flow) => Some("flow".to_owned()),
        State::Dropped(Gone::Wish) => Some("wish".to_owned()),
        State::Expired(Term::Approve) => Some("approve".to_owned()),
        State::Expired(Term::Execute) => Some("execute".to_owned()),
        _ => None,
    }
}

fn flow_shown(cx: &Context<'_>, request: &dossier_approvals::Request, lane: &Lane) -> FlowShown {
    let step = lane.step();
    FlowShown {
        name: lane.name.clone(),
        steps: lane.steps.len(),
        step: step.map(|(now, _)| now.step + 1),
        need: step.map(|(now, _)| now.need),
        waits_for: if step.is_some() { cx.deciders(request) } else { Vec::new() },
        agreed: lane.agreed.iter().map(|one| cx.snapshot.who(1, one.by)).collect(),
    }
}

fn said_shown(cx: &Context<'_>, contents: &Contents, said: &dossier_approvals::Said) -> SaidShown {
    let (what, person) = match said.what {
        What::Asked => ("asked", None),
        What::Agreed => ("agreed", None),
        What::Refused => ("refused", None),
        What::PassedOn(to) => ("passed_on", Some(to)),
        What::Added(person) => ("added", Some(person)),
        What::Commented => ("commented", None),
        What::Recalled => ("recalled", None),
    };
    SaidShown {
        at: said.at.to_string(),
        by: cx.snapshot.who(1, said.by),
        what,
        person: person.map(|id| cx.snapshot.who(1, id)),
        text: said.remark.text.and_then(|id| contents.texts.get(&id).cloned()),
    }
}

/// What it says of the record that it is about: of each field what the caller may see there, and of where it stands what
/// whoever reads it sees.
fn about(
    cx: &Context<'_>,
    read: &dyn Read,
    parked: &Parked,
    request: &dossier_approvals::Request,
    contents: &Contents,
    to: &mut RequestShown,
    entry: &mut Entry,
) -> Result<(), Fault> {
    let Some(about) = parked.body.about else { return Ok(()) };
    let (view, kind) = cx.view_of(KindId(about.kind)).map_err(|_| Fault::new("internal"))?;
    to.kind = Some(&kind.name);
    let row = read.row(TENANT, &RowBy::Rid(Rid(about.rid)))?;
    let Some(row) = row.filter(|row| row.state != STATE_ERASED) else { return Ok(()) };
    let Some(key) = read.key(TENANT, row.domain, row.key_version)? else { return Ok(()) };
    let reach = view.at(&row.place());
    // Who does not read the record is told neither which it is nor where it stands.
    let reads = reach.permit(Action::Read).is_ok();
    if reads {
        to.record = Some(about.record.to_typeid(&kind.prefix));
        let dossier = match row.code {
            Some(_) => None,
            None => read.row(TENANT, &RowBy::Rid(row.dossier))?,
        };
        let dossier = dossier.as_ref().unwrap_or(&row);
        to.code = dossier.code.clone();
        to.dossier = cx.engine.kinds.get(dossier.kind).map(|kind| dossier.record.to_typeid(&kind.prefix));
    }
    let opened = Opened::new(TENANT, kind, &row, &key, &cx.engine.keyring)?;
    let mut forms = Vec::new();
    if reads && let Some(name) = kind.by_name("name") {
        let mut seen =
            show(&opened, &cx.engine.keyring.system(), &reach, Wanted::These(&[name.number]), false)?;
        to.name = seen.fields.get("name");
        forms.append(&mut seen.forms);
    }
    let may_know = |number: u16| {
        reads
            && dossier_model::Level::ALL
                .iter()
                .any(|level| reach.form(number, *level) != dossier_access::Form::Hidden)
    };
    if let State::Moved(moved) = &request.state {
        let named = |one| if reads { moved_name(kind, one, &may_know) } else { "record".to_owned() };
        to.moved = moved.iter().map(named).collect();
        to.moved.dedup();
    }
    if let Some(Work::Change(ask)) = &contents.work {
        let now = opened.all()?;
        let after = merged_change(cx, kind, &now, ask);
        let (seen, seen_forms) =
            if reads { changes(cx.engine, kind, &reach, &now, &now, &after) } else { Default::default() };
        let differs =
            |number: &&u16| now.get(number).map(|one| &one.0) != after.get(number).map(|one| &one.0);
        let numbers: std::collections::BTreeSet<&u16> = now.keys().chain(after.keys()).collect();
        to.hidden = numbers.iter().filter(|number| differs(number)).count() - seen.len();
        to.changes = seen;
        forms.extend(seen_forms);
        let moves = moves_of(cx, &row, ask);
        if reads {
            to.moves = moves;
        } else {
            to.hidden += moves.len();
        }
        let bound = request.binding.records.get(&about.record);
        to.changed_since = bound.filter(|_| reads).map(|bound| bound.version != row.version);
    }
    if !reads {
        return Ok(());
    }
    forms.sort_unstable_by_key(|(number, _)| *number);
    forms.dedup_by_key(|(number, _)| *number);
    entry.items.push(Item {
        kind: row.kind.0,
        record: row.record,
        version: row.version,
        row_hash: None,
        fields: forms.into_iter().map(|(number, form)| (number, Said::Form(form as u8))).collect(),
    });
    Ok(())
}

fn moved_name(kind: &dossier_model::kind::Kind, moved: &Moved, may_know: &dyn Fn(u16) -> bool) -> String {
    match moved {
        Moved::Flows => "flows".to_owned(),
        Moved::Command | Moved::Record(_) => "record".to_owned(),
        Moved::Field(_, number) => match kind.field(*number).filter(|_| may_know(*number)) {
            Some(field) => field.name.clone(),
            None => "record".to_owned(),
        },
        Moved::Stage(_) => "stage".to_owned(),
        Moved::Level(_) => "level".to_owned(),
        Moved::Owner(_) => "owner".to_owned(),
        Moved::Frozen(_) => "frozen".to_owned(),
    }
}
