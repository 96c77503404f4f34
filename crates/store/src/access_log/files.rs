//! The files beside the log: full tiles, the index of bundles, the checkpoint. Tiles and index are derived
//! from the log and made again when they are missing; the checkpoint is not.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use super::state::{RECORD_BYTES, Record};
use crate::error::StoreError;
use crate::merkle::{FullTile, TILE_BYTES};

/// A derived file of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Derived {
    /// Full tiles of one level, each at offset index × 8,192.
    Tiles(u8),
    /// Where bundles begin: records of `first index u64be ‖ offset u64be`, ascending.
    Index,
}

/// The folder of one log, with the derived files that are open.
pub(super) struct Folder {
    path: PathBuf,
    open: Mutex<BTreeMap<(Tenant, Derived), Arc<File>>>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: Mutex::new(BTreeMap::new()) }
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    pub(super) fn mark(&self) -> PathBuf {
        self.path.join("mark")
    }

    pub(super) fn checkpoint(&self, tenant: Tenant) -> PathBuf {
        self.path.join(named(tenant, "checkpoint"))
    }

    /// An open derived file, made if it was missing.
    pub(super) fn derived(&self, tenant: Tenant, which: Derived) -> io::Result<Arc<File>> {
        let mut open = self.open.lock();
        if let Some(file) = open.get(&(tenant, which)) {
            return Ok(Arc::clone(file));
        }
        let name = match which {
            Derived::Tiles(level) => format!("tile.{level}"),
            Derived::Index => "index".to_owned(),
        };
        let file = Arc::new(read_write(&self.path.join(named(tenant, &name)))?);
        open.insert((tenant, which), Arc::clone(&file));
        Ok(file)
    }

    /// Removes the derived files of all tenants, and the mark that vouches for them.
    pub(super) fn remove_derived(&self) -> io::Result<()> {
        self.open.lock().clear();
        let mut removed = false;
        for entry in std::fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let text = name.to_string_lossy();
            let plain = unprefixed(&text).map_or(text.as_ref(), |(_, plain)| plain);
            if plain == "mark" || plain == "index" || plain.starts_with("tile.") {
                std::fs::remove_file(self.path.join(&name))?;
                removed = true;
            }
        }
        // A mark that came back after a crash would vouch for files that are new.
        if removed { sync_folder(&self.path) } else { Ok(()) }
    }

    /// Tenants that have a checkpoint.
    pub(super) fn checkpointed(&self) -> io::Result<Vec<Tenant>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            match name.to_str() {
                Some("checkpoint") => found.push(Tenant::ONLY),
                Some(text) => {
                    found.extend(unprefixed(text).filter(|(_, p)| *p == "checkpoint").map(|(t, _)| t))
                }
                None => {}
            }
        }
        Ok(found)
    }

    /// Writes full tiles to their places.
    pub(super) fn write_tiles(&self, tenant: Tenant, tiles: &[Arc<FullTile>]) -> io::Result<()> {
        for tile in tiles {
            let file = self.derived(tenant, Derived::Tiles(tile.level))?;
            file.write_all_at(&tile.bytes, tile.index.saturating_mul(TILE_BYTES as u64))?;
        }
        Ok(())
    }

    /// Writes index records, the first of them being number `from`.
    pub(super) fn write_records(&self, tenant: Tenant, from: u64, records: &[Record]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let bytes: Vec<u8> = records.iter().flat_map(|record| record.to_bytes()).collect();
        self.derived(tenant, Derived::Index)?.write_all_at(&bytes, from.saturating_mul(RECORD_BYTES))
    }

    /// Makes all open derived files durable.
    pub(super) fn sync_derived(&self) -> io::Result<()> {
        let open: Vec<_> = self.open.lock().values().map(Arc::clone).collect();
        open.iter().try_for_each(|file| file.sync_data())
    }

    /// One tile, which is known to be there.
    pub(super) fn read_tile(&self, tenant: Tenant, level: u8, index: u64) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; TILE_BYTES];
        let file = self.derived(tenant, Derived::Tiles(level))?;
        file.read_exact_at(&mut bytes, index.saturating_mul(TILE_BYTES as u64)).map_err(|error| {
            StoreError::Corrupt(format!("access log: tile {index} of level {level} cannot be read: {error}"))
        })?;
        Ok(bytes)
    }

    /// One index record, which is known to be there.
    pub(super) fn read_record(&self, tenant: Tenant, number: u64) -> Result<Record, StoreError> {
        let mut bytes = [0; RECORD_BYTES as usize];
        let file = self.derived(tenant, Derived::Index)?;
        file.read_exact_at(&mut bytes, number.saturating_mul(RECORD_BYTES)).map_err(|error| {
            StoreError::Corrupt(format!("access log: record {number} of the index cannot be read: {error}"))
        })?;
        Ok(Record::from_bytes(&bytes))
    }
}

/// Names are bare for the one tenant of an embedded store, as `docs/formats.md` gives them, and carry the
/// number of any other.
fn named(tenant: Tenant, plain: &str) -> String {
    if tenant == Tenant::ONLY { plain.to_owned() } else { format!("tenant-{}.{plain}", tenant.0) }
}

fn unprefixed(name: &str) -> Option<(Tenant, &str)> {
    let (number, plain) = name.strip_prefix("tenant-")?.split_once('.')?;
    Some((Tenant(number.parse().ok()?), plain))
}

/// Opens a file for reading and writing, made with mode 0600 if it was missing.
pub(super) fn read_write(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Replaces a file so that after a crash there is the old one or the new one, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_added_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_whole_and_a_leftover_of_a_crash_does_not_disturb() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        std::fs::write(folder.path().join("checkpoint.new"), b"half of a longer text").unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_of_the_only_tenant_have_bare_names_and_those_of_others_their_number() {
        assert_eq!(
            (named(Tenant(1), "tile.0"), named(Tenant(12), "index")),
            ("tile.0".into(), "tenant-12.index".into())
        );
        assert_eq!(unprefixed("tenant-12.tile.3"), Some((Tenant(12), "tile.3")));
        assert_eq!(unprefixed("checkpoint"), None);
    }

    #[test]
    fn derived_files_are_removed_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["log", "checkpoint", "mark", "index", "tile.0", "tenant-7.tile.1", "tenant-7.checkpoint"]
        {
            std::fs::write(folder.path().join(name), b"x").unwrap();
        }
        let files = Folder::new(folder.path().to_owned());
        files.remove_derived().unwrap();
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["checkpoint", "log", "tenant-7.checkpoint"]);
        assert_eq!(files.checkpointed().unwrap().len(), 2);
    }
}
