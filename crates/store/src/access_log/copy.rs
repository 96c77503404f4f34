//! Logs of other nodes, and whole logs from elsewhere: an embedded store that an installation of several servers was
//! moved into has the logs of all of them, and goes on with its own.

use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::AccessLog;
use super::files::{self, Folder};
use super::format::Header;
use super::reader::Scanner;
use super::recover;
use super::writer::Queue;
use crate::error::StoreError;

/// The nodes that have a log in the `access` folder, ascending.
pub(crate) fn nodes(folder: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let node = name.to_str().and_then(|name| name.parse::<u32>().ok().filter(|n| n.to_string() == name));
        found.extend(node.filter(|_| folder.join(&name).join("log").exists()));
    }
    found.sort_unstable();
    Ok(found)
}

impl AccessLog {
    /// Opens a log to which nothing is appended here. Checkpoints of it may be kept all the same: any server signs
    /// those of all.
    ///
    /// # Errors
    /// As [`AccessLog::open`].
    pub(crate) fn open_closed(folder: &Path, node: u32) -> Result<Self, StoreError> {
        let files = Folder::new(folder.join(node.to_string()));
        let file = Arc::new(files::read_write(&files.log())?);
        let (core, recovery) = recover::recover(files, file)?;
        let queue = Arc::new(Queue::default());
        queue.close();
        Ok(Self { core: Arc::new(core), queue, flusher: None, recovery, saving: Mutex::new(()) })
    }

    /// All bundles in the order of the file, with their bytes.
    pub(crate) fn bundles<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(Header, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.core.state.lock().end;
        let mut scanner = Scanner::new(Arc::clone(&self.core.file), 0, end);
        while let Some((offset, bundle)) = scanner.next().map_err(StoreError::from)? {
            let header = bundle.header;
            let mut bytes = vec![0; header.bytes];
            self.core.file.read_exact_at(&mut bytes, offset).map_err(StoreError::from)?;
            each(header, bytes)?;
        }
        Ok(())
    }
}

/// A log that is written from whole bundles; it is read and checked when it is opened.
pub(crate) struct NewLog {
    path: PathBuf,
    out: BufWriter<File>,
}

impl NewLog {
    /// Begins the log of a node in the `access` folder.
    pub(crate) fn begin(folder: &Path, node: u32) -> Result<Self, StoreError> {
        let path = folder.join(node.to_string());
        DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        let file = files::read_write(&path.join("log"))?;
        file.set_len(0)?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 20, file) })
    }

    pub(crate) fn push(&mut self, bundle: &[u8]) -> Result<(), StoreError> {
        Ok(self.out.write_all(bundle)?)
    }

    /// Makes it durable, with its name.
    pub(crate) fn end(self) -> Result<(), StoreError> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        for folder in self.path.ancestors().take(3) {
            files::sync_folder(folder)?;
        }
        Ok(())
    }
}
