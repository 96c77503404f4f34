//! The reserve: room on the disk that is kept for the access log, so that reading goes on for a while when
//! the disk is full. It is given up in steps, because whatever is freed anyone on the disk can take.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::Errno;

/// Bytes that one step gives up at least.
const STEP_BYTES: u64 = 1024 * 1024;

/// A file that only takes up room.
pub(super) struct Reserve {
    file: File,
    wanted: u64,
    held: u64,
}

impl Reserve {
    /// Opens the file and fills it up to `wanted` bytes, as far as the disk has room: a full disk does not
    /// keep a log shut.
    pub(super) fn open(path: &Path, wanted: u64) -> io::Result<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let found = file.metadata()?;
        let mut reserve = Self { file, wanted, held: found.len() };
        if found.blocks().saturating_mul(512) < found.len() {
            // A copy with holes, as a restore may leave it, holds no room.
            reserve.shrink_to(0)?;
        }
        let held = reserve.held;
        if held > wanted {
            reserve.shrink_to(wanted)?;
        } else if held < wanted && room_beside(&reserve.file)? >= wanted - held {
            reserve.grow();
        }
        Ok(reserve)
    }

    /// Bytes that are left to give up.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    pub(super) fn is_short(&self) -> bool {
        self.held < self.wanted
    }

    /// Frees room for at least `bytes`, as far as there is any; false when nothing was left.
    pub(super) fn give_up(&mut self, bytes: u64) -> io::Result<bool> {
        if self.held == 0 {
            return Ok(false);
        }
        // Twice over: files grow by whole blocks, and tiles and the index grow beside the log.
        let step = bytes.saturating_mul(2).max(STEP_BYTES);
        self.shrink_to(self.held.saturating_sub(step))?;
        tracing::warn!(
            left_bytes = self.held,
            "the disk is full: part of the access log's reserve was given up"
        );
        Ok(true)
    }

    /// Fills up again if the disk has twice as much room: with less, it would be taken from those who are
    /// short of it.
    pub(super) fn restore(&mut self, room: u64) {
        if self.is_short() && room >= self.wanted.saturating_mul(2) {
            self.grow();
        }
    }

    fn grow(&mut self) {
        match allocate(&self.file, self.held, self.wanted) {
            Ok(()) => self.held = self.wanted,
            Err(error) => {
                tracing::warn!(%error, "the access log's reserve could not be filled");
                let _ = self.shrink_to(self.held);
            }
        }
    }

    fn shrink_to(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.held = bytes;
        // Some file systems free blocks only with their next journal commit.
        self.file.sync_all()
    }
}

/// Bytes that are free on the disk of a file.
pub(super) fn room_beside(file: &File) -> io::Result<u64> {
    let disk = fstatvfs(file)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn allocate(file: &File, from: u64, to: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), from, to - from) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
        other => return Ok(other?),
    }
    // Without fallocate the room is taken by writing; not zeros, which a file system might keep as a hole.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut at = from;
    while at < to {
        let mut block = Vec::with_capacity(64 * 1024);
        while block.len() < 64 * 1024 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            block.extend_from_slice(&state.to_be_bytes());
        }
        block.truncate(usize::try_from(to - at).unwrap_or(usize::MAX));
        file.write_all_at(&block, at)?;
        at += block.len() as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn the_reserve_takes_real_room_and_gives_it_up_in_steps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reserve");
        let mut reserve = Reserve::open(&path, 3 * MIB).unwrap();
        assert!(path.metadata().unwrap().blocks() * 512 >= 3 * MIB);
        assert!(reserve.give_up(100).unwrap());
        assert_eq!(reserve.held(), 2 * MIB);
        assert!(reserve.give_up(5 * MIB).unwrap());
        assert_eq!((reserve.held(), path.metadata().unwrap().len()), (0, 0));
        assert!(!reserve.give_up(1).unwrap());
    }

    #[test]
    fn a_reserve_that_was_used_is_filled_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reserve");
        let mut reserve = Reserve::open(&path, 3 * MIB).unwrap();
        reserve.give_up(1).unwrap();
        reserve.restore(5 * MIB);
        assert!(reserve.is_short());
        reserve.restore(6 * MIB);
        assert!(!reserve.is_short());
        reserve.give_up(1).unwrap();
        drop(reserve);
        assert!(!Reserve::open(&path, 3 * MIB).unwrap().is_short());
    }

    #[test]
    fn a_reserve_with_holes_holds_nothing_and_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reserve");
        File::create(&path).unwrap().set_len(3 * MIB).unwrap();
        drop(Reserve::open(&path, 3 * MIB).unwrap());
        assert!(path.metadata().unwrap().blocks() * 512 >= 3 * MIB);
    }

    #[test]
    fn a_reserve_set_smaller_gives_back_what_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reserve");
        drop(Reserve::open(&path, 3 * MIB).unwrap());
        drop(Reserve::open(&path, MIB).unwrap());
        assert_eq!(path.metadata().unwrap().len(), MIB);
    }
}
