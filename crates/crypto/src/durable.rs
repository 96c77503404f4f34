//! Key files that are whole at every instant: written beside, flushed, put in place, the folder flushed.
//!
//! After a crash at any step the file under its name is the old one or the new one. What was left beside it
//! (`….tmp`) is never read and goes with the next [`clear`] or write.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::CryptoError;

/// A key file is far smaller; a larger one is not read into memory.
const MAX: u64 = 16 * 1024 * 1024;

/// `path` with `ending` behind its file name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Writes a file that must not exist yet, with its folder when that is missing. Mode 0600, folders 0700. Returns it
/// open.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<File, CryptoError> {
    make_folder_of(path)?;
    let (tmp, file) = write_beside(path, bytes)?;
    // A link refuses an existing name in one step; a rename would replace it.
    fs::hard_link(&tmp, path).map_err(|e| {
        // It may hold a key that is in use elsewhere: nothing is left of it.
        let _ = fs::remove_file(&tmp);
        CryptoError::io("create", path, e)
    })?;
    step("created")?;
    fs::remove_file(&tmp).map_err(|e| CryptoError::io("remove", &tmp, e))?;
    flush_folder(folder(path))?;
    Ok(file)
}

/// Makes the folder that a file is to be in, where it is missing.
pub(crate) fn make_folder_of(path: &Path) -> Result<(), CryptoError> {
    make_folder(folder(path))
}

/// Moves a file over another one of the same folder. Durable when this returns `Ok`; after an error `to` may be
/// the old or the new one.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), CryptoError> {
    fs::rename(from, to).map_err(|e| CryptoError::io("replace", to, e))?;
    step("renamed")?;
    flush_folder(folder(to))
}

/// Removes what a crash left beside `path`: it may hold keys that an erasure was to destroy.
pub(crate) fn clear(path: &Path) -> Result<(), CryptoError> {
    let tmp = beside(path, ".tmp");
    match fs::remove_file(&tmp) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(CryptoError::io("remove", &tmp, e)),
        _ => Ok(()),
    }
}

/// Reads a whole key file into memory that is wiped.
pub(crate) fn read(file: &mut File) -> io::Result<Zeroizing<Vec<u8>>> {
    let len = file.metadata()?.len();
    if len > MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than 16 MiB"));
    }
    // Room for all of it at once, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(len).unwrap_or(0) + 1));
    file.take(MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes and flushes `path` with `.tmp` behind its name, for [`rename`]; its name, and the open file. Whatever fails,
/// `path` is as it was.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> Result<(PathBuf, File), CryptoError> {
    clear(path)?;
    let tmp = beside(path, ".tmp");
    step("begun")?;
    let failed = |e| CryptoError::io("write", &tmp, e);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&tmp).map_err(failed)?;
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_all(first).map_err(failed)?;
    step("half written")?;
    file.write_all(second).map_err(failed)?;
    step("written")?;
    file.sync_all().map_err(failed)?;
    step("flushed")?;
    Ok((tmp, file))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn flush_folder(path: &Path) -> Result<(), CryptoError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|e| CryptoError::io("flush", path, e))?;
    step("folder flushed")
}

/// Makes a folder and those above it, each durable in the one above.
fn make_folder(path: &Path) -> Result<(), CryptoError> {
    if path.is_dir() {
        return Ok(());
    }
    make_folder(folder(path))?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(CryptoError::io("create", path, e)),
        _ => flush_folder(folder(path)),
    }
}

#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, reason = "in tests a step can be the one at which the process dies")]
fn step(_name: &'static str) -> Result<(), CryptoError> {
    Ok(())
}

#[cfg(test)]
pub(crate) use crash::{crash_at, step};

/// Dying at a chosen step: the step fails, and nothing after it happens.
#[cfg(test)]
mod crash {
    use std::cell::Cell;

    use super::{CryptoError, Path, io};

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
        static CRASHED: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn step(name: &'static str) -> Result<(), CryptoError> {
        match LEFT.get() {
            Some(0) => {
                CRASHED.set(true);
                Err(CryptoError::io("crash", Path::new(name), io::Error::other("crash")))
            }
            left => {
                LEFT.set(left.map(|n| n - 1));
                Ok(())
            }
        }
    }

    /// Runs `work` so that its step number `at`, and all after it, fail; tells its result, and whether it came
    /// to that step.
    pub(crate) fn crash_at<T>(at: usize, work: impl FnOnce() -> T) -> (T, bool) {
        LEFT.set(Some(at));
        CRASHED.set(false);
        let out = work();
        LEFT.set(None);
        (out, CRASHED.get())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn replace(path: &Path, bytes: &[u8]) -> Result<(), CryptoError> {
        rename(&write_beside(path, bytes)?.0, path)
    }

    #[test]
    fn a_new_file_and_its_folders_are_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/key");
        create(&path, b"bytes").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        replace(&path, b"others").unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o600, b"others".to_vec()));
    }

    #[test]
    fn create_refuses_an_existing_file_and_leaves_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create(&path, b"first").unwrap();
        assert!(create(&path, b"second").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert!(!beside(&path, ".tmp").exists());
    }

    #[test]
    fn a_crash_at_any_step_leaves_the_old_or_the_new_bytes() {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("key");
            create(&path, b"the old bytes").unwrap();
            let (done, reached) = crash_at(at, || replace(&path, b"the new bytes"));
            let found = fs::read(&path).unwrap();
            assert!(found == b"the old bytes" || found == b"the new bytes", "step {at}");
            if done.is_ok() {
                assert_eq!(found, b"the new bytes");
            }
            replace(&path, b"later").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"later", "step {at}");
            if !reached {
                assert!(at > 4, "all steps were tried");
                break;
            }
        }
    }

    #[test]
    fn a_crash_while_creating_leaves_nothing_or_all_of_it() {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("key");
            let (_, reached) = crash_at(at, || create(&path, b"bytes"));
            assert!(!path.exists() || fs::read(&path).unwrap() == b"bytes", "step {at}");
            if !reached {
                break;
            }
        }
    }
}
