//! The one thread that appends: it takes all that waits, writes a bundle per tenant in one write, flushes
//! once, and only then tells everybody.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dossier_model::id::Tenant;
use parking_lot::{Condvar, Mutex};

use super::format::{Encoded, MAX_BUNDLE_BYTES, write_bundle};
use super::mark::Mark;
use super::reader::Core;
use super::recover::Recovery;
use super::reserve::{Reserve, room_beside};
use super::state::write_derived;
use crate::error::StoreError;
use crate::ticket::Promise;

/// After so many bytes of the log, what is derived is made durable and a mark is written. Tests have small
/// logs.
pub(super) const MARK_EVERY_BYTES: u64 = if cfg!(test) { 64 * 1024 } else { 32 * 1024 * 1024 };
/// Bytes of a bundle beside its entries, as an upper limit.
const AROUND_BYTES: usize = 32;
/// How often a short reserve is looked after.
const RESTORE_EVERY: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 1000 });

/// Entries of one caller that wait for the next flush.
pub(super) struct Request {
    pub(super) tenant: Tenant,
    pub(super) encoded: Encoded,
    pub(super) promise: Promise<Result<u64, StoreError>>,
}

#[derive(Default)]
struct Waiting {
    requests: Vec<Request>,
    closed: bool,
}

/// What callers and the appending thread share.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// A write or a flush failed: nothing is served any more.
    poisoned: AtomicBool,
    /// Bytes left in the reserve.
    pub(super) reserve: AtomicU64,
}

impl Queue {
    /// Hands in a request; dropping its promise is the refusal.
    pub(super) fn push(&self, request: Request) {
        let mut waiting = self.waiting.lock();
        if !waiting.closed {
            waiting.requests.push(request);
            self.changed.notify_one();
        }
    }

    /// Lets the thread finish what waits and end.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.changed.notify_one();
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.poisoned.load(Ordering::Acquire) { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }

    /// All that waits; nothing after `patience`; `None` once closed and empty.
    fn take(&self, patience: Option<Duration>) -> Option<Vec<Request>> {
        let mut waiting = self.waiting.lock();
        while waiting.requests.is_empty() {
            if waiting.closed {
                return None;
            }
            match patience {
                None => self.changed.wait(&mut waiting),
                Some(patience) if self.changed.wait_for(&mut waiting, patience).timed_out() => break,
                Some(_) => {}
            }
        }
        Some(std::mem::take(&mut waiting.requests))
    }
}

/// The log file as the appending thread uses it. Tests put a failing one in its place.
pub(super) trait Disk: Send {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn flush(&mut self) -> io::Result<()>;
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Bytes that are free beside it.
    fn room(&self) -> io::Result<u64>;
}

impl Disk for Arc<File> {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn room(&self) -> io::Result<u64> {
        room_beside(self)
    }
}

/// Whether an error says that the disk, or the quota, has no room.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// A bundle on its way, with the requests in it.
struct Placed {
    tenant: Tenant,
    offset: u64,
    first: u64,
    requests: Vec<Request>,
}

/// The appending thread's own things.
pub(super) struct Flusher {
    core: Arc<Core>,
    queue: Arc<Queue>,
    disk: Box<dyn Disk>,
    reserve: Reserve,
    restored: Instant,
    buffer: Vec<u8>,
    marked: u64,
}

impl Flusher {
    pub(super) fn new(
        core: Arc<Core>,
        queue: Arc<Queue>,
        disk: Box<dyn Disk>,
        reserve: Reserve,
        recovery: Recovery,
    ) -> Self {
        let end = core.state.lock().end;
        // Opening wrote a mark itself if it had much to read.
        let marked = if end - recovery.from < MARK_EVERY_BYTES { recovery.from } else { end };
        queue.reserve.store(reserve.held(), Ordering::Release);
        Self { core, queue, disk, reserve, restored: Instant::now(), buffer: Vec::new(), marked }
    }

    /// Works until the queue is closed and empty, or something failed.
    pub(super) fn run(mut self) {
        // However this thread ends, nobody must wait for it afterwards.
        let _end = End(Arc::clone(&self.queue));
        while let Some(requests) = self.queue.take(self.reserve.is_short().then_some(RESTORE_EVERY)) {
            if let Err(error) = self.work(requests) {
                self.queue.poison();
                tracing::error!(%error, "the access log failed: nothing is served until a restart");
                return;
            }
        }
    }

    fn work(&mut self, mut requests: Vec<Request>) -> io::Result<()> {
        while !requests.is_empty() {
            let later = requests.split_off(fitting(&requests));
            self.append(requests)?;
            requests = later;
        }
        self.keep_derived()?;
        if self.reserve.is_short() && self.restored.elapsed() >= RESTORE_EVERY {
            self.restored = Instant::now();
            self.reserve.restore(self.disk.room()?);
        }
        self.queue.reserve.store(self.reserve.held(), Ordering::Release);
        Ok(())
    }

    /// One write, one flush. An error is one after which the file's content is not known.
    fn append(&mut self, requests: Vec<Request>) -> io::Result<()> {
        let end = self.core.state.lock().end;
        let placed = self.place(end, requests);
        if !self.write(end)? {
            for request in placed.into_iter().flat_map(|bundle| bundle.requests) {
                request.promise.fulfil(Err(StoreError::DiskFull));
            }
            return Ok(());
        }
        self.disk.flush()?;
        let mut state = self.core.state.lock();
        for bundle in &placed {
            let hashes = bundle.requests.iter().flat_map(|request| request.encoded.hashes.iter().copied());
            state.tenants.entry(bundle.tenant).or_default().take(bundle.offset, hashes);
        }
        state.end = end + self.buffer.len() as u64;
        drop(state);
        for bundle in placed {
            let mut first = bundle.first;
            for request in bundle.requests {
                let count = request.encoded.hashes.len() as u64;
                request.promise.fulfil(Ok(first));
                first += count;
            }
        }
        Ok(())
    }

    /// Fills the buffer with one bundle per tenant; the order of each tenant's requests is kept.
    fn place(&mut self, end: u64, requests: Vec<Request>) -> Vec<Placed> {
        let mut groups: BTreeMap<Tenant, Vec<Request>> = BTreeMap::new();
        for request in requests {
            groups.entry(request.tenant).or_default().push(request);
        }
        self.buffer.clear();
        let state = self.core.state.lock();
        let mut placed = Vec::with_capacity(groups.len());
        for (tenant, requests) in groups {
            let (offset, first) = (end + self.buffer.len() as u64, state.size(tenant));
            let count: usize = requests.iter().map(|request| request.encoded.hashes.len()).sum();
            let parts = requests.iter().map(|request| request.encoded.bytes.as_slice());
            write_bundle(&mut self.buffer, tenant, first, count as u32, parts);
            placed.push(Placed { tenant, offset, first, requests });
        }
        placed
    }

    /// Writes the buffer, with room from the reserve if need be; false when there was none left. A write that
    /// met a full disk is undone and may be tried again, since nothing of it was ever flushed; a flush never
    /// is.
    fn write(&mut self, end: u64) -> io::Result<bool> {
        loop {
            match self.disk.write(&self.buffer, end) {
                Ok(()) => return Ok(true),
                Err(error) if is_full(&error) => self.disk.cut(end)?,
                Err(error) => return Err(error),
            }
            if !self.reserve.give_up(self.buffer.len() as u64)? {
                return Ok(false);
            }
        }
    }

    /// Writes tiles and index, and now and then a mark. Without room they wait in memory.
    fn keep_derived(&mut self) -> io::Result<()> {
        match write_derived(&self.core.state, &self.core.folder) {
            Err(error) if is_full(&error) => return self.reserve.give_up(0).map(|_| ()),
            other => other?,
        }
        let end = self.core.state.lock().end;
        if end - self.marked < MARK_EVERY_BYTES {
            return Ok(());
        }
        self.marked = end;
        match Mark::write(&self.core) {
            Err(error) if is_full(&error) => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

/// How many of the first requests go into one write; at least one.
fn fitting(requests: &[Request]) -> usize {
    let mut bytes = 0;
    let fits = |request: &&Request| {
        bytes += request.encoded.bytes.len() + AROUND_BYTES;
        bytes <= MAX_BUNDLE_BYTES
    };
    requests.iter().take_while(fits).count().max(1)
}

struct End(Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison();
        }
        let mut waiting = self.0.waiting.lock();
        waiting.closed = true;
        waiting.requests.clear();
    }
}
