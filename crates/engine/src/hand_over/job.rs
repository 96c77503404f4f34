//! A hand-over as it is kept.

use crate::admin::Leaving;
use crate::context::{Context, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::UserBody;
use crate::seal::{damaged, new_id};
use crate::{Engine, TENANT};
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::KindId;
use dossier_model::scope::Scope;
use dossier_model::time::Micros;
use dossier_store::{JobRow, Op, Read, RowQuery};
use serde::{Deserialize, Serialize};

/// What ids of hand-overs begin with.
pub(super) const PREFIX: &str = "hov";
/// The kinds of job: hand-overs that are open, and those that are done.
pub(super) const OPEN: &str = "hand_over";
const ENDED: &str = "hand_over/ended";

/// Where a hand-over stands; the numbers are states of jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// Waits for its heir.
    Waiting = 60,
    /// Was taken over; dossiers are on their way.
    Running = 61,
    /// All of it has somebody who answers for it.
    Done = 62,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Done => "done",
        }
    }
}

/// A hand-over.
#[derive(Clone)]
pub(super) struct Job {
    pub id: Uid,
    /// Counts its changes.
    pub version: u32,
    pub state: State,
    pub body: Body,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// Who answered for it.
    pub from: Uid,
    /// The same as one who answers for dossiers.
    pub number: u32,
    /// The team of those dossiers, where the person goes on elsewhere.
    pub team: Option<u32>,
    /// The team that the person was in.
    pub of: u32,
    pub how: Leaving,
    /// When; what the person answers for since is not part of it.
    pub at: i64,
    /// Who takes over; nobody, while nobody is named and there is no line manager.
    pub heir: Option<Uid>,
    /// Programs that the person answered for.
    pub programs: Vec<Uid>,
    /// How many dossiers there were.
    pub dossiers: u64,
    /// How many have their new owner.
    pub moved: u64,
    /// How many could not have one: frozen.
    pub kept: u64,
    /// The last dossier that was looked at.
    pub after: Option<i64>,
}

/// Somebody who left, moved, was demoted or seconded.
pub(crate) struct Parted<'a> {
    pub id: Uid,
    /// As they were.
    pub body: &'a UserBody,
    /// Whether they are of another team now.
    pub moved: bool,
    pub how: Leaving,
    pub heir: Option<Uid>,
    /// Programs that they answered for.
    pub programs: Vec<Uid>,
}

/// What writes down that somebody's dossiers and programs wait for whoever takes over. Those that waited for this person
/// wait for that one, too.
pub(crate) fn begin(cx: &Context<'_>, parted: &Parted<'_>) -> Result<Vec<Op>, Stop> {
    let engine = cx.engine;
    let read = cx.read()?;
    let mut ops = Vec::new();
    let mut there = false;
    for mut job in Job::all_open(engine, &*read)? {
        let own = job.body.from == parted.id && !parted.moved && job.body.team.is_none();
        if own || job.body.heir == Some(parted.id) {
            there |= own;
            job.body.heir = parted.heir.filter(|heir| *heir != job.body.from);
            job.state = State::Waiting;
            ops.push(job.put(engine)?);
        }
    }
    let body = Body {
        from: parted.id,
        number: parted.body.number,
        team: parted.moved.then_some(parted.body.team),
        of: parted.body.team,
        how: parted.how,
        at: cx.now.0,
        heir: parted.heir,
        programs: parted.programs.clone(),
        dossiers: 0,
        moved: 0,
        kept: 0,
        after: None,
    };
    let mut job = Job { id: new_id(cx.now, &*engine.entropy), version: 0, state: State::Waiting, body };
    // One that is open already goes on with what is left.
    if job.body.number != 0 && !there {
        job.body.dossiers = read.count(TENANT, &job.query(1))?;
    }
    if job.body.dossiers > 0 || !job.body.programs.is_empty() {
        ops.push(job.put(engine)?);
    }
    Ok(ops)
}

/// What ends the hand-overs of somebody who is let in again, as far as nobody has taken them over.
pub(crate) fn back(cx: &Context<'_>, id: Uid) -> Result<Vec<Op>, Stop> {
    let read = cx.read()?;
    let mut ops = Vec::new();
    for mut job in Job::all_open(cx.engine, &*read)? {
        if job.body.from == id && job.body.team.is_none() && job.state == State::Waiting {
            job.state = State::Done;
            ops.push(job.put(cx.engine)?);
        }
    }
    Ok(ops)
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [OPEN.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}

impl Job {
    /// The next dossiers of it.
    pub(super) fn query(&self, limit: u32) -> RowQuery {
        let scope = Scope {
            teams: self.body.team.map(|team| vec![team]),
            owner: Some(self.body.number),
            ..Scope::ALL
        };
        RowQuery {
            reach: Some(vec![scope]),
            // Those of that very moment are among them.
            created_to: Some(Micros(self.body.at).plus(1)),
            after: self.body.after.map(Rid),
            limit,
            ..RowQuery::new(KindId::CUSTOMER)
        }
    }

    pub(super) fn public(&self) -> String {
        self.id.to_typeid(PREFIX)
    }

    pub(super) fn open(engine: &Engine, row: &JobRow) -> Result<Job, Fault> {
        let spoilt = || damaged("a hand-over");
        let plain = open_system(engine.keyring.keys().system(), &context(row.id, row.version), &row.body)
            .map_err(|_| spoilt())?;
        let all = [State::Waiting, State::Running, State::Done];
        let state = all.into_iter().find(|state| *state as u8 == row.state).ok_or_else(spoilt)?;
        let (kept, body): (u8, Body) = serde_json::from_slice(&plain).map_err(|_| spoilt())?;
        // The columns are what the database is asked by; what is sealed is what holds.
        if kept != row.state || (row.kind == OPEN) == (state == State::Done) {
            return Err(spoilt());
        }
        Ok(Job { id: row.id, version: row.version, state, body })
    }

    /// The one of this id.
    pub(super) fn read(engine: &Engine, read: &dyn Read, id: Uid) -> Result<Option<Job>, Fault> {
        let row = read.job(TENANT, id)?.filter(|row| row.kind == OPEN || row.kind == ENDED);
        row.map(|row| Job::open(engine, &row)).transpose()
    }

    /// All that are open, newest first.
    pub(super) fn all_open(engine: &Engine, read: &dyn Read) -> Result<Vec<Job>, Fault> {
        const PAGE: usize = 200;
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let rows = read.jobs_of(TENANT, OPEN, before, PAGE)?;
            before = rows.last().map(|row| row.id);
            for row in &rows {
                all.push(Job::open(engine, row)?);
            }
            if rows.len() < PAGE {
                return Ok(all);
            }
        }
    }

    /// Writes it over the version that is there.
    pub(super) fn put(&self, engine: &Engine) -> Result<Op, Fault> {
        let version = self.version + 1;
        let state = self.state as u8;
        let plain = serde_json::to_vec(&(state, &self.body)).map_err(|_| Fault::new("internal"))?;
        let keys = engine.keyring.keys();
        let body = seal_system(keys.system(), &context(self.id, version), &plain, &*engine.entropy)?;
        let kind = if self.state == State::Done { ENDED } else { OPEN }.to_owned();
        let job = JobRow { id: self.id, kind, state, due: Micros(self.body.at), version, body };
        Ok(Op::PutJob { job, expect: self.version })
    }

    /// What the ledger says of it as it is now.
    pub(super) fn entry(&self) -> Entry {
        let count = |number| Note::Int(i64::try_from(number).unwrap_or(i64::MAX));
        Entry::done(Deed::HandOver)
            .note("hand_over", Note::Text(self.public()))
            .note("user", Note::Text(self.body.from.to_typeid("usr")))
            .note("state", Note::Text(self.state.name().to_owned()))
            .note("moved", count(self.body.moved))
            .note("left", count(self.body.kept))
    }
}
