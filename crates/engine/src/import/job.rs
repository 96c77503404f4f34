//! An import as a job: what it is of, what is to be done, how far it has come; durable with what it took in.
//!
//! | state | what can be done |
//! |---|---|
//! | uploading | hand in more of the file, end it; cancel |
//! | uploaded: some column has to be mapped first | map; cancel |
//! | ready | map, preview, start; cancel |
//! | running | cancel: stops between two chunks |
//! | done, failed, cancelled | mend, skip and decide on rows; start again where it failed; undo |
//! | undoing | – |
//! | undone | – |

use super::mapping::Mapping;
use super::source::{Format, Scanned};
use crate::Engine;
use crate::TENANT;
use crate::caller::{Caller, Channel, Origin, Principal};
use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::Entry;
use dossier_access::Action;
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Committed, Conflict, JobRow, Op, Read, WriteSet};
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

/// The kind of these jobs, and what their ids begin with.
pub(crate) const KIND: &str = "import";
pub(crate) const PREFIX: &str = "imp";

/// Where an import is. The numbers are bytes on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum State {
    Uploading = 10,
    Uploaded = 11,
    Ready = 12,
    Running = 13,
    Done = 14,
    Failed = 15,
    Cancelled = 16,
    Undoing = 17,
    Undone = 18,
    /// Running from a file that only the process at work can read.
    RunningFile = 19,
}

impl State {
    pub(crate) const ALL: [State; 10] = [
        State::Uploading,
        State::Uploaded,
        State::Ready,
        State::Running,
        State::Done,
        State::Failed,
        State::Cancelled,
        State::Undoing,
        State::Undone,
        State::RunningFile,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Uploading => "uploading",
            State::Uploaded => "uploaded",
            State::Ready => "ready",
            State::Running | State::RunningFile => "running",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
            State::Undoing => "undoing",
            State::Undone => "undone",
        }
    }

    /// Whether nothing is at work, and what is in can be looked after.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled)
    }
}

/// What becomes of a row whose customer is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It is passed over and listed.
    #[default]
    Skip,
    /// What the row has goes over what the record has.
    Update,
    /// It is put aside until somebody decides.
    Review,
}

impl Duplicates {
    /// Reads `skip`, `update` or `review`.
    pub fn parse(text: &str) -> Option<Duplicates> {
        match text {
            "skip" => Some(Duplicates::Skip),
            "update" => Some(Duplicates::Update),
            "review" => Some(Duplicates::Review),
            _ => None,
        }
    }
}

/// An import.
#[derive(Clone)]
pub(crate) struct Job {
    pub id: Uid,
    pub version: u32,
    pub state: State,
    pub due: Micros,
    pub body: Body,
}

/// Who an import is of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Who {
    User([u8; 16]),
    Client([u8; 16]),
    Os(u32, Option<[u8; 16]>),
}

impl Who {
    pub(crate) fn of(caller: &Caller) -> Result<Who, Fault> {
        match &caller.principal {
            Principal::User(id) => Ok(Who::User(id.0)),
            Principal::Client(id) => Ok(Who::Client(id.0)),
            Principal::Os(uid, user) => Ok(Who::Os(*uid, user.map(|id| id.0))),
            Principal::System => Err(Fault::new("internal")),
        }
    }

    fn principal(&self) -> Principal {
        match self {
            Who::User(id) => Principal::User(Uid(*id)),
            Who::Client(id) => Principal::Client(Uid(*id)),
            Who::Os(uid, user) => Principal::Os(*uid, user.map(Uid)),
        }
    }

    /// The same again, at work without having asked just now. What it may is decided by the policy of the moment.
    pub(crate) fn at_work(&self) -> Caller {
        Caller {
            principal: self.principal(),
            name: String::new(),
            origin: Origin::default(),
            session: None,
            channel: Channel::Import,
            until: None,
            since: None,
            sitting: None,
            through: None,
            approved: None,
        }
    }
}

/// What the store seals of an import.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub who: Who,
    /// Whether the file lies outside, where only the process at work reads it.
    pub outside: bool,
    /// Name of the file.
    pub name: String,
    /// Its length in bytes, its SHA-256 and what it is.
    pub size: u64,
    pub digest: [u8; 32],
    pub form: Form,
    /// The row of its header, the names in it, and the field of each.
    pub header_row: u64,
    pub header: Vec<String>,
    pub mapping: Mapping,
    pub team: u32,
    pub source: u8,
    pub duplicates: Duplicates,
    /// Rows of the file, and how many are done with: those taken in, those that changed a record, those with problems,
    /// those whose customer is there, and those that a person passed over.
    pub total: u64,
    pub rows: u64,
    pub imported: u64,
    pub updated: u64,
    pub rejected: u64,
    pub duplicate: u64,
    pub skipped: u64,
    /// How many of the rows that are in were mended first.
    pub mended: u64,
    pub created: i64,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    /// Where in the change log its entries are: from the first on, before the second.
    pub first: u64,
    pub last: u64,
    /// Code of what it failed of.
    pub failed: Option<String>,
    pub undo: Option<Undo>,
}

/// How far an undo is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Undo {
    pub who: Who,
    /// The next entry of the change log to look at.
    pub next: u64,
    /// Dossiers removed, given their values back, and left.
    pub removed: u64,
    pub restored: u64,
    pub left: u64,
    /// Buckets of the data keys that were destroyed: their keys are renewed at the end.
    pub buckets: Vec<u16>,
}

impl Job {
    pub(crate) fn typeid(&self) -> String {
        self.id.to_typeid(PREFIX)
    }

    /// The import of this id that the caller may look after: an own one, or any for a CDO; and whether it is the caller's.
    pub(crate) fn find(cx: &Context<'_>, read: &dyn Read, id: &str) -> Result<(Job, bool), Stop> {
        let missing = || Stop::from(Fault::new("import_not_found"));
        let id = Uid::parse_typeid(PREFIX, id).ok_or_else(missing)?;
        let job = Job::load(cx.engine, read, id)?.ok_or_else(missing)?;
        let own = job.is_of(cx.caller);
        if own || cx.is_cdo() { Ok((job, own)) } else { Err(missing()) }
    }

    /// The same, of the caller alone: for what is in the file.
    pub(crate) fn own(cx: &Context<'_>, read: &dyn Read, id: &str) -> Result<Job, Stop> {
        let (view, _) = cx.view("customer")?;
        view.anywhere().permit(Action::Import)?;
        match Job::find(cx, read, id)? {
            (job, true) => Ok(job),
            (_, false) => Err(Fault::new("import_of_other").into()),
        }
    }

    pub(crate) fn is_of(&self, caller: &Caller) -> bool {
        self.body.who.principal().id16() == caller.principal.id16()
    }

    pub(crate) fn load(engine: &Engine, read: &dyn Read, id: Uid) -> Result<Option<Job>, Fault> {
        read.job(TENANT, id)?.filter(|row| row.kind == KIND).map(|row| Job::open(engine, row)).transpose()
    }

    pub(crate) fn open(engine: &Engine, row: JobRow) -> Result<Job, Fault> {
        let damaged = || Fault::new("store_damaged");
        let state = State::ALL.into_iter().find(|state| *state as u8 == row.state).ok_or_else(damaged)?;
        let keys = engine.keyring.keys();
        let plain =
            open_system(keys.system(), &context(row.id, row.version), &row.body).map_err(|_| damaged())?;
        let body = serde_json::from_slice(&plain).map_err(|_| damaged())?;
        Ok(Job { id: row.id, version: row.version, state, due: row.due, body })
    }

    /// Says that nothing else can be done in this state.
    pub(crate) fn needs(&self, right: bool) -> Result<(), Fault> {
        if right { Ok(()) } else { Err(Fault::new("import_state").with("state", self.state.name())) }
    }

    /// The operation that writes the job as it is now; the version goes up.
    pub(crate) fn put(&mut self, engine: &Engine) -> Result<Op, Fault> {
        let expect = self.version;
        self.version += 1;
        let plain = serde_json::to_vec(&self.body).map_err(|_| Fault::new("internal"))?;
        let keys = engine.keyring.keys();
        let body = seal_system(keys.system(), &context(self.id, self.version), &plain, &*engine.entropy)?;
        let job = JobRow {
            id: self.id,
            kind: KIND.to_owned(),
            state: self.state as u8,
            due: self.due,
            version: self.version,
            body,
        };
        Ok(Op::PutJob { job, expect })
    }

    /// Commits what is done to the job. Whoever was faster is seen before it is decided again.
    pub(crate) fn commit(
        &mut self,
        cx: &Context<'_>,
        set: WriteSet,
        entry: &Entry,
    ) -> Result<Committed, Stop> {
        let set = set.op(self.put(cx.engine)?);
        match cx.commit(set, entry) {
            Ok(committed) => Ok(committed),
            Err(error) => match again(error)? {
                Conflict::Job { .. } | Conflict::Version { .. } | Conflict::Unique { .. } => Err(Stop::Again),
                Conflict::Lease { .. } => Err(super::busy().into()),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// What a first reading found, for reading the file again.
    pub(crate) fn scanned(&self) -> Result<Scanned, Fault> {
        let body = &self.body;
        Ok(Scanned {
            format: body.form.format()?,
            header: body.header.clone(),
            header_row: body.header_row,
            rows: body.total,
            widest: body.header.len(),
            digest: body.digest,
        })
    }
}

/// What a file is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    Text { encoding: String, delimiter: u8 },
    Workbook { sheet: String },
}

impl Form {
    pub(crate) fn of(format: &Format) -> Form {
        match format {
            Format::Text { encoding, delimiter } => {
                Form::Text { encoding: encoding.name().to_owned(), delimiter: *delimiter }
            }
            Format::Workbook { sheet } => Form::Workbook { sheet: sheet.clone() },
        }
    }

    fn format(&self) -> Result<Format, Fault> {
        match self {
            Form::Text { encoding, delimiter } => {
                let encoding = Encoding::for_label(encoding.as_bytes());
                let encoding = encoding.ok_or_else(|| Fault::new("store_damaged"))?;
                Ok(Format::Text { encoding, delimiter: *delimiter })
            }
            Form::Workbook { sheet } => Ok(Format::Workbook { sheet: sheet.clone() }),
        }
    }

    /// For people: `csv, UTF-8` or `xlsx, Sheet1`.
    pub(crate) fn name(&self) -> String {
        match self {
            Form::Text { encoding, .. } => format!("csv, {encoding}"),
            Form::Workbook { sheet } => format!("xlsx, {sheet}"),
        }
    }
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}
