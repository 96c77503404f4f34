//! A log as files that outside tools read: the static layout of C2SP tlog-tiles.

use super::Source;
use super::entry::{Deed, Entry, Note};
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_crypto::verifier_key;
use dossier_model::fault::Fault;
use dossier_store::merkle::{Hash, TILE_WIDTH, leaf_hash, node_hash};
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was written.
#[derive(Serialize)]
pub struct Exported {
    /// Origin of the log.
    pub log: String,
    /// Entries in it.
    pub entries: u64,
    /// The folder.
    pub folder: PathBuf,
}

impl Engine {
    /// Writes a log into a folder: `checkpoint`, `verifier` (the public key), `tile/…` and `tile/entries/…`.
    /// Entries hold no customer data; sealed texts are not exported.
    ///
    /// # Errors
    /// `folder_not_empty`, `file_failed`, `action_not_allowed`.
    pub fn export_ledger(&self, caller: &Caller, log: &str, folder: &Path) -> Result<Exported, Fault> {
        self.guarded(caller, Deed::Export, |cx| {
            cx.permit(Action::ReadLedger)?;
            let log = self.log_named(log)?;
            let checkpoint = self.make_checkpoint(log)?;
            let source: Source<'_> = self.source(log)?;
            let failed =
                |error: io::Error| Fault::new("file_failed").with("reason", error.kind().to_string());
            fs::create_dir_all(folder).map_err(failed)?;
            if fs::read_dir(folder).map_err(failed)?.next().is_some() {
                return Err(Fault::new("folder_not_empty").into());
            }
            let origin = self.origin_of(log);
            let key = verifier_key(&self.key_name(), self.keyring.keys().signer().public_key())?;
            write_tiles(&source, checkpoint.size, folder)?;
            fs::write(folder.join("verifier"), key + "\n").map_err(failed)?;
            fs::write(folder.join("checkpoint"), &checkpoint.text).map_err(failed)?;
            drop(source);
            let entry = Entry::done(Deed::Export).note("log", Note::Text(log.path()));
            let exported = Exported { log: origin, entries: checkpoint.size, folder: folder.to_path_buf() };
            cx.record(entry, Vec::new(), exported)
        })
    }
}

/// Writes entry bundles and the tiles of every level.
fn write_tiles(source: &Source<'_>, size: u64, folder: &Path) -> Result<(), Fault> {
    let failed = |error: io::Error| Fault::new("file_failed").with("reason", error.kind().to_string());
    let width = TILE_WIDTH as u64;
    let mut level_hashes: Vec<Hash> = Vec::new();
    let mut at = 0;
    while at < size {
        let count = usize::try_from(width.min(size - at)).unwrap_or(TILE_WIDTH);
        let mut bundle = Vec::new();
        let mut hashes = Vec::with_capacity(count);
        for (_, leaf, _) in source.entries(at, count)? {
            let length = u16::try_from(leaf.len())
                .map_err(|_| Fault::new("ledger_damaged").with("what", "an entry is too long"))?;
            bundle.extend(length.to_be_bytes());
            bundle.extend(&leaf);
            hashes.push(leaf_hash(&leaf));
        }
        write(&folder.join("tile/entries").join(tile_path(at / width, count)), &bundle).map_err(failed)?;
        write(&folder.join("tile/0").join(tile_path(at / width, count)), &hashes.concat()).map_err(failed)?;
        if count == TILE_WIDTH {
            level_hashes.push(fold(hashes));
        }
        at += count as u64;
    }
    let mut level = 1;
    while !level_hashes.is_empty() {
        let mut above = Vec::new();
        for (index, tile) in level_hashes.chunks(TILE_WIDTH).enumerate() {
            let path = folder.join(format!("tile/{level}")).join(tile_path(index as u64, tile.len()));
            write(&path, &tile.concat()).map_err(failed)?;
            if tile.len() == TILE_WIDTH {
                above.push(fold(tile.to_vec()));
            }
        }
        level_hashes = above;
        level += 1;
    }
    Ok(())
}

/// The root of a full tile.
fn fold(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes
            .chunks(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            })
            .collect();
    }
    hashes.into_iter().next().unwrap_or_default()
}

/// `1234067` is written `x001/x234/067`; a partial tile has `.p/W` behind it.
fn tile_path(index: u64, width: usize) -> PathBuf {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.insert(0, format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    let mut path: PathBuf = groups.iter().collect();
    if width < TILE_WIDTH {
        path.as_mut_os_string().push(".p");
        path.push(width.to_string());
    }
    path
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_stand_where_the_layout_says() {
        assert_eq!(tile_path(0, 256), Path::new("000"));
        assert_eq!(tile_path(1_234_067, 256), Path::new("x001/x234/067"));
        assert_eq!(tile_path(5, 17), Path::new("005.p/17"));
    }
}
