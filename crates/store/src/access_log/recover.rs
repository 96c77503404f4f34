//! Opening a log: going on from the mark, reading the rest, cutting off a torn last bundle.
//!
//! A bundle that a crash tore was never acknowledged, because it was never flushed. It can only be the last
//! thing in the file: where a whole bundle follows on a damaged one, the damaged one was flushed before, and to
//! cut it off would be to lose what was acknowledged. That is an error with its position, and stays one.
//!
//! With several tenants, one write has a bundle of each. Should power fail and the disk have kept a later one of
//! them but not an earlier one, that is told as damage too: the file does not say what was written together. The
//! embedded store has one tenant, and so one bundle in each write.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use super::checkpoint;
use super::files::{Derived, Folder};
use super::format::{Bundle, MAX_BUNDLE_BYTES};
use super::mark::{Mark, MarkedTenant};
use super::reader::{Core, Scanner, Stop, damage};
use super::state::{RECORD_BYTES, State, TenantLog, write_derived};
use super::verify::follow;
use super::writer::{MARK_EVERY_BYTES, is_full};
use crate::error::StoreError;
use crate::merkle::{Hash, TILE_BYTES, TileSource, Tree, full_tiles, leaf_hash};

/// What is derived is written whenever so many bytes of the log were read.
const WRITE_EVERY_BYTES: u64 = 16 * 1024 * 1024;

/// What opening did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Offset from which on the log was read: 0, or the mark's.
    pub from: u64,
    /// Entries behind it.
    pub entries: u64,
    /// Bytes of a torn last bundle that were cut off.
    pub cut_bytes: u64,
}

/// Brings what is known up to the end of the file.
pub(super) fn recover(folder: Folder, file: Arc<File>) -> Result<(Core, Recovery), StoreError> {
    let length = file.metadata()?.len();
    let core = Core { folder, file, state: Mutex::new(State::default()) };
    if !resume(&core, length)? {
        *core.state.lock() = State::default();
        core.folder.remove_derived()?;
    }
    let mut recovery = Recovery { from: core.state.lock().end, ..Recovery::default() };
    let bad = read_rest(&core, length, &mut recovery)?;
    if let Some((offset, reason)) = bad {
        refuse_unless_torn(&core, offset, length, reason)?;
    }
    refuse_if_behind_checkpoints(&core)?;
    if let Some((offset, _)) = bad {
        tracing::warn!(offset, bytes = length - offset, "the access log's torn last bundle was cut off");
        core.file.set_len(offset)?;
        core.file.sync_all()?;
        recovery.cut_bytes = length - offset;
    }
    keep_derived(&core)?;
    if core.state.lock().end - recovery.from >= MARK_EVERY_BYTES {
        mark(&core)?;
    }
    Ok((core, recovery))
}

/// Reads on from the known end; where that stopped, and why, unless it was the end of the file.
fn read_rest(
    core: &Core,
    length: u64,
    recovery: &mut Recovery,
) -> Result<Option<(u64, &'static str)>, StoreError> {
    let from = core.state.lock().end;
    let mut scanner = Scanner::new(Arc::clone(&core.file), from, length);
    let mut written = from;
    loop {
        let (offset, bundle) = match scanner.next() {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(Stop::Bad { offset, reason }) => return Ok(Some((offset, reason))),
            Err(Stop::Failed(error)) => return Err(error),
        };
        let mut state = core.state.lock();
        follow(state.tenants.entry(bundle.header.tenant).or_default(), offset, &bundle)?;
        state.end = offset + bundle.header.bytes as u64;
        recovery.entries += u64::from(bundle.header.count);
        drop(state);
        if offset - written > WRITE_EVERY_BYTES {
            keep_derived(core)?;
            written = offset;
        }
    }
}

/// On a full disk a log opens all the same, with what is derived in memory.
fn keep_derived(core: &Core) -> Result<(), StoreError> {
    match write_derived(&core.state, &core.folder) {
        Err(error) if is_full(&error) => Ok(()),
        other => Ok(other?),
    }
}

fn mark(core: &Core) -> Result<(), StoreError> {
    match Mark::write(core) {
        Err(error) if is_full(&error) => Ok(()),
        other => Ok(other.map(|_| ())?),
    }
}

/// Takes over what the mark vouches for; false if the log has to be read from its start.
fn resume(core: &Core, length: u64) -> Result<bool, StoreError> {
    let bytes = match std::fs::read(core.folder.mark()) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let Some(mark) = Mark::from_bytes(&bytes) else { return Ok(false) };
    if mark.end > length {
        let missing = format!("the file ends here, but was durable up to byte {}", mark.end);
        return Err(damage(length, &missing));
    }
    core.state.lock().end = mark.end;
    for marked in &mark.tenants {
        if !resume_tenant(core, marked)? {
            tracing::warn!(
                tenant = marked.tenant.0,
                "tiles or index of the access log are damaged: made again"
            );
            return Ok(false);
        }
    }
    Ok(true)
}

fn resume_tenant(core: &Core, marked: &MarkedTenant) -> Result<bool, StoreError> {
    let (tenant, size) = (marked.tenant, marked.head.size);
    if !trim(core, tenant, Derived::Index, marked.records * RECORD_BYTES)? {
        return Ok(false);
    }
    for level in 0..8 {
        let tiles = full_tiles(size, level);
        if tiles == 0 {
            break;
        }
        if !trim(core, tenant, Derived::Tiles(level), tiles * TILE_BYTES as u64)? {
            return Ok(false);
        }
    }
    let newest = match marked.records.checked_sub(1) {
        Some(last) => Some(core.folder.read_record(tenant, last)?),
        None => None,
    };
    let log = TenantLog { written: marked.records, newest, ..TenantLog::default() };
    core.state.lock().tenants.insert(tenant, log);
    // The root tells whether tiles and index are still what they were: a difference is no error here, because
    // both can be made again from the log.
    match Tree::restore(size, &Durable { core, tenant, size }) {
        Ok(tree) if tree.head() == marked.head => {
            if let Some(log) = core.state.lock().tenants.get_mut(&tenant) {
                log.tree = tree;
            }
            Ok(true)
        }
        Ok(_) | Err(StoreError::Corrupt(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Cuts a derived file to what the mark vouches for; false if it is shorter.
fn trim(core: &Core, tenant: Tenant, which: Derived, bytes: u64) -> io::Result<bool> {
    let file = core.folder.derived(tenant, which)?;
    let found = file.metadata()?.len();
    if found > bytes {
        file.set_len(bytes)?;
    }
    Ok(found >= bytes)
}

/// Tiles in their files, and the entries behind them in the log.
struct Durable<'a> {
    core: &'a Core,
    tenant: Tenant,
    size: u64,
}

impl TileSource for Durable<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= full_tiles(self.size, level) {
            return Ok(None);
        }
        self.core.folder.read_tile(self.tenant, level, index).map(Some)
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let entries = self.core.entries(self.tenant, from, from + count as u64)?;
        entries.map(|entry| entry.map(|(_, entry)| leaf_hash(&entry.leaf))).collect()
    }
}

/// Whether the rest of the file is what a crash can leave: at most one write, and no whole bundle in it.
fn refuse_unless_torn(core: &Core, offset: u64, length: u64, reason: &str) -> Result<(), StoreError> {
    let tail = usize::try_from(length - offset).unwrap_or(usize::MAX);
    // Twice the size of a bundle, so that one which begins within the first is seen whole.
    let mut bytes = vec![0; tail.min(2 * MAX_BUNDLE_BYTES)];
    core.file.read_exact_at(&mut bytes, offset)?;
    let state = core.state.lock();
    for at in 1..bytes.len() {
        let Ok(bundle) = Bundle::parse(bytes.get(at..).unwrap_or_default()) else { continue };
        if bundle.header.first >= state.size(bundle.header.tenant) {
            let whole = offset + at as u64;
            return Err(damage(offset, &format!("{reason}, and a whole bundle follows at byte {whole}")));
        }
    }
    if tail > MAX_BUNDLE_BYTES {
        return Err(damage(
            offset,
            &format!("{reason}, and {tail} bytes follow, more than a torn write leaves"),
        ));
    }
    Ok(())
}

/// A checkpoint is made of what is durable: a log with fewer entries has lost some that were acknowledged.
fn refuse_if_behind_checkpoints(core: &Core) -> Result<(), StoreError> {
    for tenant in core.folder.checkpointed()? {
        let Some(checkpoint) = checkpoint::load(&core.folder, tenant)? else { continue };
        let size = core.state.lock().size(tenant);
        if size < checkpoint.size {
            return Err(StoreError::Corrupt(format!(
                "access log: tenant {} has {size} entries, but its checkpoint covers {}",
                tenant.0, checkpoint.size
            )));
        }
    }
    Ok(())
}
