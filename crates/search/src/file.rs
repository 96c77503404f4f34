//! A sealed file: `"DXS1" ‖ salt 32 ‖ blocks`, each block 16,384 bytes (the last one fewer) and its tag of 16.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dossier_crypto::{BLOCK_OVERHEAD, BlocksKey, CryptoError, FileKey};
use dossier_model::Entropy;
use tantivy::HasLen;
use tantivy::directory::{AntiCallToken, FileHandle, OwnedBytes, TerminatingWrite};

use crate::cache::Cache;

const MAGIC: &[u8; 4] = b"DXS1";
const HEAD: usize = 36;
/// Bytes of a block before it is sealed.
pub(crate) const BLOCK: usize = 16 * 1024;
const SEALED: usize = BLOCK + BLOCK_OVERHEAD;

/// Each opened file has a number of its own, so that no block of one is taken for that of another.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn broken(_: CryptoError) -> io::Error {
    damaged("a block does not open")
}

/// A file that is read, block by block, as it is asked for.
pub(crate) struct SealedFile {
    id: u64,
    file: File,
    key: FileKey,
    blocks: u64,
    length: usize,
    cache: Arc<Cache>,
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedFile").field("length", &self.length).finish_non_exhaustive()
    }
}

impl SealedFile {
    /// Opens a file and its last block, which says that nothing is missing behind it.
    pub(crate) fn open(
        path: &Path,
        name: &str,
        key: &BlocksKey,
        cache: &Arc<Cache>,
    ) -> io::Result<SealedFile> {
        let file = File::open(path)?;
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0)?;
        let (magic, salt) = head.split_first_chunk::<4>().ok_or_else(|| damaged("its head is too short"))?;
        let salt: &[u8; 32] = salt.try_into().map_err(|_| damaged("its head is too short"))?;
        if magic != MAGIC {
            return Err(damaged("it is of another format"));
        }
        let body = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX).saturating_sub(HEAD);
        let blocks = body.div_ceil(SEALED);
        let tags = blocks * BLOCK_OVERHEAD;
        if blocks == 0 || body < tags {
            return Err(damaged("it is cut off"));
        }
        let file = SealedFile {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            file,
            key: key.file(name, salt).map_err(broken)?,
            blocks: blocks as u64,
            length: body - tags,
            cache: Arc::clone(cache),
        };
        file.block(file.blocks - 1)?;
        Ok(file)
    }

    /// The whole content.
    pub(crate) fn content(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(self.length);
        self.append(0..self.length, &mut out)?;
        Ok(out)
    }

    fn open_block(&self, number: u64) -> io::Result<Vec<u8>> {
        let last = number + 1 == self.blocks;
        let start = number as usize * BLOCK;
        let size = BLOCK.min(self.length - start) + BLOCK_OVERHEAD;
        let mut block = vec![0; size];
        self.file.read_exact_at(&mut block, (HEAD + number as usize * SEALED) as u64)?;
        self.key.open_block(number, last, &mut block).map_err(broken)?;
        Ok(block)
    }

    fn block(&self, number: u64) -> io::Result<Arc<[u8]>> {
        if let Some(block) = self.cache.block(self.id, number) {
            return Ok(block);
        }
        let block: Arc<[u8]> = self.open_block(number)?.into();
        self.cache.keep_block(self.id, number, &block);
        Ok(block)
    }

    fn append(&self, range: Range<usize>, out: &mut Vec<u8>) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            let number = (at / BLOCK) as u64;
            let from = at % BLOCK;
            let until = (from + range.end - at).min(BLOCK);
            // Blocks in the middle of something large are used once.
            if until - from == BLOCK {
                out.extend_from_slice(&self.open_block(number)?);
            } else {
                let block = self.block(number)?;
                out.extend_from_slice(block.get(from..until).ok_or_else(|| damaged("it is cut off"))?);
            }
            at += until - from;
        }
        Ok(())
    }
}

impl HasLen for SealedFile {
    fn len(&self) -> usize {
        self.length
    }
}

impl FileHandle for SealedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.length {
            return Err(damaged("more is asked for than there is"));
        }
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        let (first, last) = (range.start / BLOCK, (range.end - 1) / BLOCK);
        if first == last {
            let start = first * BLOCK;
            let block = OwnedBytes::new(self.block(first as u64)?);
            return Ok(block.slice(range.start - start..range.end - start));
        }
        if let Some(part) = self.cache.part(self.id, &range) {
            return Ok(OwnedBytes::new(part));
        }
        let mut out = Vec::with_capacity(range.len());
        self.append(range.clone(), &mut out)?;
        let part: Arc<[u8]> = out.into();
        self.cache.share_part(self.id, &range, &part);
        Ok(OwnedBytes::new(part))
    }
}

/// A file that is written, from beginning to end.
pub(crate) struct SealedWriter {
    file: File,
    key: FileKey,
    number: u64,
    block: Vec<u8>,
}

impl SealedWriter {
    /// Begins a file that is to be called `name`.
    pub(crate) fn create(
        path: &Path,
        name: &str,
        key: &BlocksKey,
        entropy: &dyn Entropy,
        new: bool,
    ) -> io::Result<SealedWriter> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).mode(0o600);
        let mut file =
            if new { options.create_new(true) } else { options.create(true).truncate(true) }.open(path)?;
        let mut salt = [0; 32];
        entropy.fill(&mut salt);
        file.write_all(&[MAGIC.as_slice(), &salt].concat())?;
        let key = key.file(name, &salt).map_err(|_| io::Error::other("a key cannot be made"))?;
        Ok(SealedWriter { file, key, number: 0, block: Vec::with_capacity(SEALED) })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        self.key
            .seal_block(self.number, last, &mut self.block)
            .map_err(|_| io::Error::other("a block cannot be sealed"))?;
        self.file.write_all(&self.block)?;
        self.block.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last block: without it the file does not open.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.seal(true)
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full block is sealed only when it is known not to be the last.
        if self.block.len() == BLOCK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for SealedWriter {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.finish()
    }
}
