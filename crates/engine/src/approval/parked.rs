//! A request as it is kept: a job that is due when somebody is to hear of it. What was asked for and what people wrote is
//! sealed by the key of the dossier that it is about, so that it is erased with the dossier; the rest by the system key.

use super::Work;
use crate::caller::{Caller, Channel, Origin, Principal, Through};
use crate::seal::{damaged, new_id, unwrap_key};
use crate::{Engine, TENANT};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dossier_approvals::{Asker, Remark, Request, State};
use dossier_crypto::{Part, SegmentId, Subkeys, open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::time::Micros;
use dossier_store::{JobRow, Op, Read, Row};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What ids of requests begin with.
pub(super) const PREFIX: &str = "apr";
/// The kinds of job: requests that are open, and those that have ended.
pub(super) const OPEN: &str = "approval";
pub(super) const ENDED: &str = "approval/ended";
/// Their states.
pub(super) const STATE_OPEN: u8 = 50;
const STATE_ENDED: u8 = 51;
/// The purpose of a text of a domain under which the contents are sealed.
const TEXT: u8 = 2;
/// Characters of what somebody writes.
const MOST_TEXT: usize = 500;
/// How long after an approval the command is tried again, where it could not be carried out at once.
const RETRY: i64 = 30 * Micros::SECOND;

/// A request, with what is kept beside it.
#[derive(Clone)]
pub(crate) struct Parked {
    pub id: Uid,
    /// Counts its changes.
    pub version: u32,
    pub body: Body,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub request: Request,
    /// How it was asked for.
    pub channel: u8,
    /// The program by which a person asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Uid>,
    /// The record that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Record>,
    /// What would be different, in the words of the ledger; for what is not about a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// Who could decide at some time: they still see what became of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub asked: BTreeSet<Uid>,
    /// How often the contents were sealed.
    pub filled: u32,
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    contents: Vec<u8>,
}

/// What lets a command through its gate.
#[derive(Clone)]
pub(crate) struct Approved {
    pub parked: Arc<Parked>,
    /// Only up to its gate, to see the state that it would be carried out on.
    pub probe: bool,
}

/// Which record a request is about, and under whose key its contents are.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Record {
    pub kind: u16,
    pub rid: i64,
    pub record: Uid,
    domain: i64,
    domain_uid: Uid,
    key_version: u16,
}

impl Record {
    pub(super) fn of(row: &Row) -> Record {
        Record {
            kind: row.kind.0,
            rid: row.rid.0,
            record: row.record,
            domain: row.domain.0,
            domain_uid: row.domain_uid,
            key_version: row.key_version,
        }
    }
}

/// What is sealed for itself.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Contents {
    /// What was asked for; gone once the request has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// What people wrote.
    pub texts: BTreeMap<Uid, String>,
}

fn to_base64<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    BASE64_STANDARD.decode(String::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [OPEN.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}

impl Parked {
    /// A request that is not in the store yet.
    pub(super) fn new(id: Uid, request: Request, caller: &Caller, row: Option<&Row>) -> Parked {
        let body = Body {
            request,
            channel: caller.channel as u8,
            through: caller.through.as_ref().map(|by| by.client),
            about: row.map(Record::of),
            difference: None,
            asked: BTreeSet::new(),
            filled: 0,
            contents: Vec::new(),
        };
        Parked { id, version: 0, body }
    }

    pub(super) fn open(engine: &Engine, row: &JobRow) -> Result<Parked, Fault> {
        let spoilt = || damaged("a request for approval");
        let keys = engine.keyring.keys();
        let plain =
            open_system(keys.system(), &context(row.id, row.version), &row.body).map_err(|_| spoilt())?;
        let body: Body = serde_json::from_slice(&plain).map_err(|_| spoilt())?;
        let parked = Parked { id: row.id, version: row.version, body };
        // Put among the others in the table.
        if parked.kind() != row.kind {
            return Err(spoilt());
        }
        Ok(parked)
    }

    /// The one of this id.
    pub(super) fn read(engine: &Engine, read: &dyn Read, id: Uid) -> Result<Option<Parked>, Fault> {
        let row = read.job(TENANT, id)?.filter(|row| row.kind == OPEN || row.kind == ENDED);
        row.map(|row| Parked::open(engine, &row)).transpose()
    }

    fn kind(&self) -> &'static str {
        if self.body.request.state.is_final() { ENDED } else { OPEN }
    }

    /// When it was asked.
    pub(crate) fn asked(&self) -> Micros {
        self.body.request.asked
    }

    /// Its public id.
    pub(crate) fn public(&self) -> String {
        self.id.to_typeid(PREFIX)
    }

    /// Writes it over the version that is there.
    pub(super) fn put(&self, engine: &Engine, now: Micros) -> Result<Op, Fault> {
        let version = self.version + 1;
        let mut body = self.body.clone();
        body.asked.extend(body.request.deciders(now, &engine.snapshot().organised(now)));
        let plain = serde_json::to_vec(&body).map_err(|_| Fault::new("internal"))?;
        let keys = engine.keyring.keys();
        let body = seal_system(keys.system(), &context(self.id, version), &plain, &*engine.entropy)?;
        let request = &self.body.request;
        let due = match request.state {
            // Whoever agreed last carries it out at once; this is for where they could not.
            State::Agreed(until) => until.min(now.plus(RETRY)),
            _ => request.due().unwrap_or(Micros(i64::MAX)),
        };
        let state = if request.state.is_final() { STATE_ENDED } else { STATE_OPEN };
        let job = JobRow { id: self.id, kind: self.kind().to_owned(), state, due, version, body };
        Ok(Op::PutJob { job, expect: self.version })
    }

    /// The keys of the dossier that it is about; none where it is about none.
    ///
    /// # Errors
    /// `not_found` where the dossier was erased.
    fn subkeys(&self, engine: &Engine, read: &dyn Read) -> Result<Option<(Record, Subkeys)>, Fault> {
        let Some(about) = self.body.about else { return Ok(None) };
        let key =
            read.key(TENANT, Rid(about.domain), about.key_version)?.ok_or_else(|| Fault::new("not_found"))?;
        Ok(Some((about, unwrap_key(&engine.keyring, &key)?.subkeys())))
    }

    fn segment(&self, about: &Record) -> SegmentId {
        SegmentId {
            tenant: TENANT,
            domain: about.domain_uid,
            record: self.id,
            kind: 0,
            version: self.body.filled,
            part: Part::Text(TEXT),
            key_version: about.key_version,
            mask_revision: 0,
            generation: 0,
        }
    }

    /// What is sealed in it; nothing, where that was erased with its dossier.
    pub(super) fn contents(&self, engine: &Engine, read: &dyn Read) -> Result<Contents, Fault> {
        let spoilt = || damaged("the contents of a request for approval");
        let plain = match self.subkeys(engine, read) {
            Ok(None) => return serde_json::from_slice(&self.body.contents).map_err(|_| spoilt()),
            Ok(Some((about, keys))) => {
                keys.open(&self.segment(&about), &self.body.contents).map_err(|_| spoilt())?
            }
            Err(fault) if fault.key == "not_found" => return Ok(Contents::default()),
            Err(fault) => return Err(fault),
        };
        serde_json::from_slice(&plain).map_err(|_| spoilt())
    }

    /// Seals what is to be in it; nothing, where its dossier was erased.
    pub(super) fn fill(
        &mut self,
        engine: &Engine,
        read: &dyn Read,
        contents: &Contents,
    ) -> Result<(), Fault> {
        let plain = serde_json::to_vec(contents).map_err(|_| Fault::new("internal"))?;
        self.body.filled += 1;
        self.body.contents = match self.subkeys(engine, read) {
            Ok(None) => plain,
            Ok(Some((about, keys))) => keys.seal(&self.segment(&about), &plain, &*engine.entropy)?,
            Err(fault) if fault.key == "not_found" => Vec::new(),
            Err(fault) => return Err(fault),
        };
        Ok(())
    }

    /// Whoever asked, as they are now, for carrying it out in their name: up to its gate, or through it.
    pub(super) fn asker(&self, engine: &Engine, origin: &Origin, probe: bool) -> Caller {
        let snapshot = engine.snapshot();
        let (principal, name) = match self.body.request.asker {
            Asker::Person(id) => (Principal::User(id), snapshot.who(1, id)),
            Asker::Program { id, .. } => (Principal::Client(id), snapshot.who(2, id)),
        };
        Caller {
            principal,
            name,
            origin: origin.clone(),
            session: None,
            channel: Channel::of_code(self.body.channel).unwrap_or(Channel::Api),
            until: None,
            sitting: None,
            since: None,
            through: self.body.through.map(|client| Through { client, grant: None }),
            approved: Some(Approved { parked: Arc::new(self.clone()), probe }),
        }
    }
}

/// All requests that are open, newest first.
pub(crate) fn open_of(engine: &Engine, read: &dyn Read) -> Result<Vec<Parked>, Fault> {
    const PAGE: usize = 200;
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let rows = read.jobs_of(TENANT, OPEN, before, PAGE)?;
        let full = rows.len() == PAGE;
        before = rows.last().map(|row| row.id);
        // One that does not open is told of where it is opened, and stops none of the others.
        all.extend(rows.iter().filter_map(|row| Parked::open(engine, row).ok()));
        if !full {
            return Ok(all);
        }
    }
}

impl Contents {
    /// Keeps what somebody wrote; white space alone is nothing.
    ///
    /// # Errors
    /// `value_length`.
    pub(super) fn say(&mut self, engine: &Engine, now: Micros, text: Option<&str>) -> Result<Remark, Fault> {
        let text = text.map(str::trim).unwrap_or_default();
        if text.is_empty() {
            return Ok(Remark::default());
        }
        if text.chars().count() > MOST_TEXT {
            let fault = Fault::new("value_length").field("remark");
            return Err(fault.with("least", "0").with("most", MOST_TEXT.to_string()));
        }
        let id = new_id(now, &*engine.entropy);
        self.texts.insert(id, text.to_owned());
        Ok(Remark { text: Some(id), files: Vec::new() })
    }
}
