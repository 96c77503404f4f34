//! The folder in which tantivy keeps its files, each of them sealed.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use dossier_crypto::BlocksKey;
use dossier_model::Entropy;
use parking_lot::Mutex;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{Directory, DirectoryLock, FileHandle, Lock, WatchCallback, WatchHandle, WritePtr};

use crate::cache::Cache;
use crate::file::{SealedFile, SealedWriter};

/// A folder of sealed files. Nothing is flushed to the disk by itself: an index that a power cut has torn does not open,
/// and is made again from the records.
#[derive(Clone)]
pub(crate) struct Sealed(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    key: BlocksKey,
    entropy: Arc<dyn Entropy>,
    cache: Arc<Cache>,
    /// Files that somebody reads: opened once, however often tantivy asks for them.
    open: Mutex<HashMap<PathBuf, Weak<SealedFile>>>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sealed").field(&self.0.folder).finish()
    }
}

impl Sealed {
    pub(crate) fn new(folder: &Path, key: BlocksKey, entropy: Arc<dyn Entropy>) -> Sealed {
        let folder = folder.to_owned();
        Sealed(Arc::new(Inner { folder, key, entropy, cache: Arc::default(), open: Mutex::default() }))
    }

    fn at(&self, path: &Path) -> PathBuf {
        self.0.folder.join(path)
    }

    fn file(&self, path: &Path) -> Result<Arc<SealedFile>, OpenReadError> {
        let mut open = self.0.open.lock();
        if let Some(file) = open.get(path).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        };
        let inner = &self.0;
        let file = SealedFile::open(&self.at(path), &name(path), &inner.key, &inner.cache).map_err(failed)?;
        let file = Arc::new(file);
        open.retain(|_, file| file.strong_count() > 0);
        open.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn writer(&self, at: &Path, path: &Path, new: bool) -> io::Result<SealedWriter> {
        SealedWriter::create(at, &name(path), &self.0.key, &*self.0.entropy, new)
    }
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Directory for Sealed {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(self.file(path)?)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.open.lock().remove(path);
        fs::remove_file(self.at(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let failed = |error| OpenReadError::IoError { io_error: Arc::new(error), filepath: path.to_owned() };
        self.at(path).try_exists().map_err(failed)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let writer = self.writer(&self.at(path), path, true).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })?;
        Ok(BufWriter::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        // Replaced and not kept: what is there now.
        self.0.open.lock().remove(path);
        let failed = |error| OpenReadError::IoError { io_error: Arc::new(error), filepath: path.to_owned() };
        self.file(path)?.content().map_err(failed)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let part = self.at(path).with_extension("part");
        let mut writer = self.writer(&part, path, false)?;
        writer.write_all(data)?;
        writer.finish()?;
        self.0.open.lock().remove(path);
        fs::rename(&part, self.at(path))
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        // The data folder's own lock keeps other processes out.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
