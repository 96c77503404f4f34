//! A file that is handed in: kept in the store in sealed pieces, so that any server on the database can go on with it.

use super::job::{Body, Duplicates, Form, Job, State, Who};
use super::part::Class;
use super::run::job_entry;
use super::show::ImportShown;
use super::source::Source;
use super::{mapped, suggested};
use crate::command::{Once, source_of, team_of};
use crate::context::{Recorded, Stop, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::check::is_hidden;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Conflict, Op, WriteSet};
use serde::Serialize;
use std::io::{self, Read, Seek, SeekFrom};
use zeroize::Zeroizing;

/// Bytes of a piece.
pub(crate) const PIECE: usize = 256 * 1024;

/// What is said of a file that is handed in.
#[derive(Clone, Default, Serialize)]
pub struct NewImport {
    /// Its name.
    pub name: String,
    /// The worksheet of a workbook; the first with content when not given.
    pub sheet: Option<String>,
    /// The team that the dossiers go to; the caller's own when not given.
    pub team: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// What becomes of rows whose customer is there.
    pub duplicates: Duplicates,
    /// Repeating a command under the same key does not repeat what it does.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// A file on its way in. Dropped before its end it leaves nothing.
pub struct Upload {
    engine: Engine,
    job: Job,
    ask: NewImport,
    /// What is too little for a piece.
    rest: Zeroizing<Vec<u8>>,
    pieces: i64,
    ended: bool,
}

impl Engine {
    /// Begins to take a file in.
    ///
    /// # Errors
    /// `action_not_allowed`, `team_unknown`, `choice_unknown`, `value_length`.
    pub fn begin_upload(&self, caller: &Caller, ask: &NewImport) -> Result<Upload, Fault> {
        let job = self.guarded(caller, Deed::ImportUpload, |cx| {
            let (view, _) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            if !(1..=255).contains(&ask.name.chars().count()) || ask.name.chars().any(is_hidden) {
                return Err(Fault::new("value_length")
                    .field("name")
                    .with("least", "1")
                    .with("most", "255")
                    .into());
            }
            let body = Body {
                who: Who::of(cx.caller)?,
                outside: false,
                name: ask.name.clone(),
                size: 0,
                digest: [0; 32],
                form: Form::Text { encoding: "UTF-8".to_owned(), delimiter: b',' },
                header_row: 1,
                header: Vec::new(),
                mapping: super::Mapping::default(),
                team: team_of(cx, &view, Action::Import, ask.team.as_deref())?,
                source: source_of(ask.source.as_deref())?,
                duplicates: ask.duplicates,
                total: 0,
                rows: 0,
                imported: 0,
                updated: 0,
                rejected: 0,
                duplicate: 0,
                skipped: 0,
                mended: 0,
                created: cx.now.0,
                started: None,
                ended: None,
                first: 0,
                last: 0,
                failed: None,
                undo: None,
            };
            let id = new_id(cx.now, &*self.entropy);
            // An upload that is cut off by a crash is cleared away after an hour.
            let due = cx.now.plus(3600 * 1_000_000);
            let mut job = Job { id, version: 0, state: State::Uploading, due, body };
            let committed = job.commit(cx, WriteSet::new(TENANT), &job_entry(&job, Deed::ImportUpload))?;
            Ok(cx.committed(committed, job))
        })?;
        let (engine, rest) = (self.clone(), Zeroizing::new(Vec::with_capacity(PIECE)));
        Ok(Upload { engine, job, ask: ask.clone(), rest, pieces: 0, ended: false })
    }

    /// The file of an import that was handed in.
    pub(crate) fn handed_in(&self, id: Uid, size: u64, sheet: Option<String>) -> Source {
        let engine = self.clone();
        let open = move || -> Result<Box<dyn super::Bytes>, Fault> {
            Ok(Box::new(Pieces { engine: engine.clone(), job: id, size, at: 0, piece: None }))
        };
        Source::new(open).at_most(u64::MAX).sheet(sheet)
    }
}

impl Upload {
    /// More of the file.
    ///
    /// # Errors
    /// `import_too_large` beyond the limit; those of the store.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        self.job.body.size += bytes.len() as u64;
        let limit = self.engine.settings.import_max_bytes;
        if self.job.body.size > limit {
            return Err(Fault::new("import_upload_too_large").with("limit", (limit >> 20).to_string()));
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.rest.len()));
            self.rest.extend_from_slice(now);
            bytes = later;
            if self.rest.len() == PIECE {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Fault> {
        let op = self.engine.put_part_bytes(self.job.id, Class::Chunk, self.pieces, &self.rest)?;
        match self.engine.store.commit(WriteSet::new(TENANT).op(op).in_bulk()).wait() {
            Ok(_) => {}
            Err(dossier_store::CommitError::Failed(error)) => return Err(error.into()),
            Err(dossier_store::CommitError::Conflict(conflict)) => {
                return Err(unexpected(&conflict).into_fault());
            }
        }
        self.pieces += 1;
        self.rest.clear();
        Ok(())
    }

    /// All of the file is there: it is read once from end to end, and its columns are told.
    ///
    /// # Errors
    /// Those of [`Source::scan`]: then nothing of it is kept. `idempotency_mismatch`.
    pub fn end(mut self, caller: &Caller) -> Result<(ImportShown, bool), Fault> {
        if !self.rest.is_empty() {
            self.write()?;
        }
        let engine = self.engine.clone();
        let (id, size) = (self.job.id, self.job.body.size);
        let shown = engine.guarded(caller, Deed::ImportUpload, |cx| {
            let (view, kind) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let file = engine.handed_in(id, size, self.ask.sheet.clone()).named(&self.ask.name);
            let scanned = file.scan()?;
            let once = Once::new(cx, self.ask.idempotency_key.as_deref(), &(&self.ask, scanned.digest))?;
            if let Some(once) = &once
                && let Some(earlier) = once.earlier_record(cx)?
            {
                let read = cx.read()?;
                let job =
                    Job::load(&engine, &*read, earlier)?.ok_or_else(|| Fault::new("import_not_found"))?;
                drop(read);
                let entry = Entry::done(Deed::ImportLook).note("job", Note::Bytes(job.id.0.to_vec()));
                return cx.record(entry, Vec::new(), (ImportShown::of(cx, &job), true));
            }
            let mut job = self.job.clone();
            let body = &mut job.body;
            body.mapping = suggested(cx, kind, &view, &file, &scanned)?;
            (body.digest, body.form) = (scanned.digest, Form::of(&scanned.format));
            (body.header, body.header_row, body.total) = (scanned.header, scanned.header_row, scanned.rows);
            job.state = mapped(cx, &job)?.0;
            job.due = cx.now.plus(engine.settings.import_keep_seconds.saturating_mul(1_000_000));
            let mut set = WriteSet::new(TENANT);
            if let Some(once) = &once {
                set = set.op(once.op(cx, id));
            }
            let entry = job_entry(&job, Deed::ImportUpload);
            let set = set.op(job.put(&engine)?);
            let committed = match cx.commit(set, &entry) {
                Ok(committed) => committed,
                Err(error) => match crate::context::again(error)? {
                    Conflict::Idempotency { .. } | Conflict::Job { .. } => return Err(Stop::Again),
                    other => return Err(unexpected(&other)),
                },
            };
            let shown: Recorded<_> = cx.committed(committed, (ImportShown::of(cx, &job), false));
            Ok(shown)
        })?;
        // What was replayed is another import: this upload goes.
        self.ended = !shown.1;
        Ok(shown)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let gone = self.engine.clear_parts(self.job.id, Class::Chunk).and_then(|()| {
            let set = WriteSet::new(TENANT).op(Op::DeleteJob { id: self.job.id });
            self.engine.store.commit(set).wait().map(drop).map_err(|_| Fault::new("store_busy"))
        });
        if let Err(fault) = gone {
            tracing::warn!(code = fault.code(), "an upload that was cut off is cleared away later");
        }
    }
}

/// A file in sealed pieces, read piece by piece.
struct Pieces {
    engine: Engine,
    job: Uid,
    size: u64,
    at: u64,
    piece: Option<(i64, Zeroizing<Vec<u8>>)>,
}

impl Pieces {
    fn load(&mut self, number: i64) -> io::Result<()> {
        if self.piece.as_ref().is_some_and(|(at, _)| *at == number) {
            return Ok(());
        }
        let gone = || io::Error::new(io::ErrorKind::NotFound, "a piece of the file is missing");
        let read = self.engine.store.read().map_err(|error| io::Error::other(error.to_string()))?;
        let parts = read.parts(TENANT, self.job, Class::Chunk as u8, Some(number - 1), 1);
        drop(read);
        let part = parts.map_err(|error| io::Error::other(error.to_string()))?.pop();
        let part = part.filter(|part| part.number == number).ok_or_else(gone)?;
        let bytes = self.engine.open_part_bytes(Class::Chunk, &part);
        self.piece = Some((number, bytes.map_err(|fault| io::Error::other(fault.key))?));
        Ok(())
    }
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || out.is_empty() {
            return Ok(0);
        }
        let piece = PIECE as u64;
        self.load(i64::try_from(self.at / piece).unwrap_or(i64::MAX))?;
        let inside = usize::try_from(self.at % piece).unwrap_or(0);
        let Some((_, bytes)) = &self.piece else { return Ok(0) };
        let found = bytes.get(inside..).unwrap_or_default();
        let count = found.len().min(out.len());
        for (to, from) in out.iter_mut().zip(found) {
            *to = *from;
        }
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
