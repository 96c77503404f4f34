//! The gate that a command comes to once it is decided that its caller may, and that it can be done: it goes on, or it is
//! parked until others have agreed.

use super::Work;
use super::parked::{Approved, Contents, Parked, open_of};
use crate::TENANT;
use crate::caller::Principal;
use crate::command::Once;
use crate::context::{Context, Recorded, Stop, again, today, unexpected};
use crate::ledger::entry::{Deed, Entry, Item, Note};
use crate::seal::new_id;
use dossier_approvals::{
    Asker, Binding, Bound, Command, Event, Facts, FlowId, Flows, Hash, Met, Request, Scope, State,
};
use dossier_crypto::{mac, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::{Level, Stage};
use dossier_store::{Conflict, Op, Read, Row, STATE_FROZEN, WriteSet};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Most requests of one asker that are open at a time.
const MOST_OPEN: usize = 500;

/// What comes of a command that may have to wait.
pub enum Carried<T> {
    /// It is done.
    Done(T),
    /// It waits for approval.
    Waits(Waiting),
}

impl<T> Carried<T> {
    /// The same with another answer.
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> Result<U, Fault>) -> Result<Carried<U>, Fault> {
        Ok(match self {
            Carried::Done(done) => Carried::Done(to(done)?),
            Carried::Waits(waiting) => Carried::Waits(waiting),
        })
    }

    /// What was done.
    ///
    /// # Errors
    /// `approval_waits` where it waits.
    pub fn done(self) -> Result<T, Fault> {
        match self {
            Carried::Done(done) => Ok(done),
            Carried::Waits(waiting) => Err(Fault::new("approval_waits").with("id", waiting.id)),
        }
    }
}

/// A command that waits for approval.
#[derive(Clone, Serialize)]
pub struct Waiting {
    /// TypeID `apr_…` of the request.
    pub id: String,
    /// Until when it can be approved, RFC 3339.
    pub approve_until: String,
    /// The names of those who may decide now.
    pub waits_for: Vec<String>,
}

/// Whether a command goes on.
pub(crate) enum Gate {
    /// It does; this happens in the same transaction.
    Go(Vec<Op>),
    /// It was parked.
    Stay(Recorded<Waiting>),
}

/// A command at its gate.
pub(crate) struct Asking<'a> {
    pub facts: Facts<'a>,
    /// The state that it is asked on.
    pub records: BTreeMap<Uid, Bound>,
    pub work: Work,
    /// What the names in it stand for now: approved is what was meant, whatever is called so later.
    pub meaning: Json,
    /// The record that it is about.
    pub about: Option<&'a Row>,
    /// What would be different, for what is not about a record.
    pub difference: Option<String>,
    pub remark: Option<String>,
    pub once: Option<&'a Once>,
}

impl Asking<'_> {
    /// A command about no record, of which nothing that is there is bound.
    pub(crate) fn of(command: Command, work: Work, meaning: Json, difference: String) -> Self {
        Asking {
            facts: Facts::of(command, None),
            records: BTreeMap::new(),
            work,
            meaning,
            about: None,
            difference: Some(difference),
            remark: None,
            once: None,
        }
    }
}

/// What is bound of a record: the commitments of these fields, and where its dossier stands.
pub(crate) fn bound_row(row: &Row, fields: BTreeMap<u16, Option<Hash>>) -> Bound {
    let scope = Scope {
        stage: Stage::from_u8(row.stage).unwrap_or(Stage::Lead),
        level: Level::from_u8(row.level).unwrap_or(Level::L4),
        team: row.team,
        owner: row.owner,
        frozen: row.state == STATE_FROZEN,
    };
    Bound { version: row.version, fields, scope: Some(scope) }
}

impl Context<'_> {
    /// Lets a command go on where it meets no flow, or was approved as it is; else parks it.
    ///
    /// # Errors
    /// `approval_person_required`, `approval_asker_gone`, `approval_nobody`, `approval_flow_missing`,
    /// `approval_asked_already`; of one that was approved, `approval_moved` and `approval_ended`.
    pub(crate) fn gate(&self, asking: Asking<'_>) -> Result<Gate, Stop> {
        let Some(flows) = &self.snapshot.flows else { return Ok(Gate::Go(Vec::new())) };
        let command = self.hash_of(&asking.work, &asking.meaning)?;
        if let Some(approved) = &self.caller.approved {
            return self.approved(approved, flows, command, asking);
        }
        let met = self.met(flows, &asking.facts)?;
        if met.is_empty() {
            return Ok(Gate::Go(Vec::new()));
        }
        self.park(&self.asker()?, &met, command, asking)
    }

    /// The flows that a command of the caller meets, also where nobody answers for the caller: then it is nobody's.
    fn met<'f>(&self, flows: &'f Flows, facts: &Facts<'_>) -> Result<Vec<Met<'f>>, Fault> {
        let id = Uid(self.caller.principal.id16());
        let asker = self.asker().unwrap_or(Asker::Program { id, responsible: id });
        flows.met(facts, &asker, &self.organisation())
    }

    /// Whether a command would have to wait, for what cannot be parked by itself.
    ///
    /// # Errors
    /// As [`Context::gate`].
    pub(crate) fn must_wait(&self, facts: &Facts<'_>) -> Result<bool, Fault> {
        let Some(flows) = &self.snapshot.flows else { return Ok(false) };
        Ok(!self.met(flows, facts)?.is_empty())
    }

    /// Who asks, as approvals see it.
    fn asker(&self) -> Result<Asker, Fault> {
        match &self.caller.principal {
            Principal::User(id) => Ok(Asker::Person(*id)),
            Principal::Client(id) => {
                let responsible = self.snapshot.clients.get(id).and_then(|client| client.body.responsible);
                let responsible = responsible.ok_or_else(|| Fault::new("approval_asker_gone"))?;
                Ok(Asker::Program { id: *id, responsible })
            }
            // Whom the account of the operating system names is proved by nothing.
            Principal::Os(..) | Principal::System => Err(Fault::new("approval_person_required")),
        }
    }

    fn hash_of(&self, work: &Work, meaning: &Json) -> Result<Hash, Fault> {
        let bytes = serde_json::to_vec(&(work, meaning)).map_err(|_| Fault::new("internal"))?;
        // It holds customer data: keyed, so that the hash gives nothing away.
        let key = self.engine.keyring.keys();
        Ok(sha256(&[b"parked".as_slice(), &mac(key.mechanics(), &bytes)].concat()))
    }

    /// An approved command at its gate: it goes on if all is as it was.
    fn approved(
        &self,
        approved: &Approved,
        flows: &Flows,
        command: Hash,
        asking: Asking<'_>,
    ) -> Result<Gate, Stop> {
        let organisation = &self.organisation();
        let asker = &approved.parked.body.request.asker;
        let met = flows.met(&asking.facts, asker, organisation)?;
        let flows = met.iter().map(|met| met.id).collect();
        let binding = Binding { command, records: asking.records, flows };
        if approved.probe {
            return Err(Stop::Seen(Box::new(binding)));
        }
        let engine = self.engine;
        let read = self.read()?;
        let current =
            Parked::read(engine, &*read, approved.parked.id)?.ok_or_else(|| Fault::new("not_found"))?;
        let event = Event::Execute { now: binding };
        let outcome = current.body.request.apply(event, self.now, organisation)?;
        let mut next = current;
        let moved = matches!(outcome.request.state, State::Moved(_));
        next.end(engine, &*read, outcome.request)?;
        drop(read);
        let op = next.put(engine, self.now)?;
        if !moved {
            return Ok(Gate::Go(vec![op]));
        }
        let entry = next.entry(Deed::ApprovalEnd);
        match self.commit(WriteSet::new(TENANT).op(op), &entry) {
            Ok(_) => Err(Fault::new("approval_moved").into()),
            Err(error) => match again(error)? {
                Conflict::Job { .. } => Err(Stop::Again),
                other => Err(unexpected(&other)),
            },
        }
    }

    fn park(&self, asker: &Asker, met: &[Met<'_>], command: Hash, asking: Asking<'_>) -> Result<Gate, Stop> {
        let Asking { facts, records, work, about: row, difference, remark, once, .. } = asking;
        let engine = self.engine;
        let read = engine.store.read()?;
        let open = open_of(engine, &*read)?;
        let same =
            |one: &&Parked| one.body.request.asker == *asker && one.body.request.binding.command == command;
        if let Some(there) = open.iter().find(same) {
            return Err(Fault::new("approval_asked_already").with("id", there.public()).into());
        }
        if open.iter().filter(|one| one.body.request.asker == *asker).count() >= MOST_OPEN {
            return Err(Fault::new("approval_full").with("most", MOST_OPEN.to_string()).into());
        }
        let id = new_id(self.now, &*engine.entropy);
        let mut contents = Contents { work: Some(work), ..Contents::default() };
        let remark = contents.say(engine, self.now, remark.as_deref())?;
        let drawn = self.drawn_by(asker, facts.command, &records);
        let draw = |flow: usize, step: usize| self.draw(&drawn, flow, step);
        let binding = Binding { command, records, flows: Default::default() };
        let asking = dossier_approvals::Asking { asker: *asker, facts: &facts, met, binding, remark };
        let outcome = Request::ask(asking, self.now, &self.organisation(), draw)?;
        let mut parked = Parked::new(id, outcome.request, self.caller, row);
        parked.body.difference = difference;
        parked.fill(engine, &*read, &contents)?;
        let mut set = WriteSet::new(TENANT);
        if let State::Agreed(_) = parked.body.request.state {
            // Its only steps were spot checks, and it was not drawn.
            let now = parked.body.request.binding.clone();
            let done = parked.body.request.apply(Event::Execute { now }, self.now, &self.organisation())?;
            parked.end(engine, &*read, done.request)?;
            return Ok(Gate::Go(vec![parked.put(engine, self.now)?]));
        }
        drop(read);
        if let Some(row) = row {
            set = set.op(Op::ExpectRow { rid: row.rid, version: row.version });
        }
        set = set.op(parked.put(engine, self.now)?);
        if let Some(once) = once {
            set = set.op(once.op_waiting(self, id));
        }
        let answer = self.waiting(&parked);
        match self.commit(set, &parked.entry(Deed::ApprovalAsk)) {
            Ok(committed) => Ok(Gate::Stay(self.committed(committed, answer))),
            Err(error) => match again(error)? {
                Conflict::Version { .. } | Conflict::Idempotency { .. } => Err(Stop::Again),
                other => Err(unexpected(&other)),
            },
        }
    }

    fn waiting(&self, parked: &Parked) -> Waiting {
        let request = &parked.body.request;
        Waiting {
            id: parked.public(),
            approve_until: request.approve_until.to_string(),
            waits_for: self.deciders(request),
        }
    }

    /// What the draw of a spot check is made from: who asks for what kind of thing about what, on which day. None of it can
    /// be said in other words, so nobody asks until they are not checked.
    fn drawn_by(&self, asker: &Asker, command: Command, records: &BTreeMap<Uid, Bound>) -> Vec<u8> {
        let day = today(self.now).0.to_be_bytes();
        let head = [b"draw".as_slice(), command.name().as_bytes(), &[0], &asker.person().0, &day].concat();
        records.keys().fold(head, |all, id| [all, id.0.to_vec()].concat())
    }

    fn draw(&self, drawn: &[u8], flow: usize, step: usize) -> u32 {
        let place = [flow as u64, step as u64].map(u64::to_be_bytes).concat();
        let bytes = [drawn, &place].concat();
        let [a, b, c, d, ..] = mac(self.engine.keyring.keys().mechanics(), &bytes);
        u32::from_be_bytes([a, b, c, d])
    }

    /// The names of those who may decide now.
    pub(super) fn deciders(&self, request: &Request) -> Vec<String> {
        let people = request.deciders(self.now, &self.organisation());
        people.into_iter().map(|id| self.snapshot.who(1, id)).collect()
    }
}

/// The request that a command was parked as before.
pub(crate) fn waiting_of(cx: &Context<'_>, id: Uid) -> Result<Waiting, Stop> {
    let parked = Parked::read(cx.engine, &*cx.read()?, id)?.ok_or_else(|| Fault::new("not_found"))?;
    Ok(cx.waiting(&parked))
}

/// What drops the open requests that met a flow which is there no more.
pub(crate) fn drop_requests_of(cx: &Context<'_>, flow: FlowId) -> Result<Vec<Op>, Stop> {
    drop_requests(cx, &Event::FlowGone, |request| request.lanes.iter().any(|lane| lane.flow == flow))
}

/// What drops the open requests that somebody asked for, or answers for as those of a program.
pub(crate) fn drop_requests_by(cx: &Context<'_>, person: Uid) -> Result<Vec<Op>, Stop> {
    drop_requests(cx, &Event::AskerGone, |request| request.asker.person() == person)
}

/// What drops the open requests of the caller to give these people something: they do not want it any more.
pub(crate) fn drop_requests_for(cx: &Context<'_>, people: &[Uid]) -> Result<Vec<Op>, Stop> {
    let Ok(own) = cx.asker() else { return Ok(Vec::new()) };
    let about = |request: &Request| people.iter().any(|person| request.binding.records.contains_key(person));
    drop_requests(cx, &Event::Unwanted, |request| {
        request.asker == own && request.command == Command::RoleGive && about(request)
    })
}

fn drop_requests(cx: &Context<'_>, event: &Event, lost: impl Fn(&Request) -> bool) -> Result<Vec<Op>, Stop> {
    let engine = cx.engine;
    let read = cx.read()?;
    let mut ops = Vec::new();
    for mut parked in open_of(engine, &*read)? {
        // The one that is carried out by this ends as executed.
        let own = cx.caller.approved.as_ref().is_some_and(|approved| approved.parked.id == parked.id);
        if own || !lost(&parked.body.request) {
            continue;
        }
        // One that time has ended meanwhile is left to time.
        let Ok(outcome) = parked.body.request.apply(event.clone(), cx.now, &cx.organisation()) else {
            continue;
        };
        parked.end(engine, &*read, outcome.request)?;
        ops.push(parked.put(engine, cx.now)?);
    }
    Ok(ops)
}

impl Parked {
    /// Ends it: what was asked for is of no use any more and is left out from then on.
    pub(super) fn end(
        &mut self,
        engine: &crate::Engine,
        read: &dyn Read,
        request: Request,
    ) -> Result<(), Fault> {
        self.body.request = request;
        if !self.body.request.state.is_final() {
            return Ok(());
        }
        let contents = Contents { work: None, ..self.contents(engine, read)? };
        self.fill(engine, read, &contents)
    }

    /// What the ledger says of it.
    pub(super) fn entry(&self, deed: Deed) -> Entry {
        let request = &self.body.request;
        let mut entry = Entry::done(deed)
            .note("request", Note::Text(self.public()))
            .note("command", Note::Text(request.command.name().to_owned()))
            .note("step", Note::Text(request.state.name().to_owned()));
        if let Some(about) = &self.body.about {
            let version = request.binding.records.get(&about.record).map_or(0, |bound| bound.version);
            entry = entry.item(Item {
                kind: about.kind,
                record: about.record,
                version,
                row_hash: None,
                fields: Vec::new(),
            });
        }
        entry
    }
}
