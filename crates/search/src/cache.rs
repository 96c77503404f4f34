//! Opened blocks that are kept for a while, so that memory stays small however large the index is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// Blocks that are kept at most: 16 MiB.
const BLOCKS: usize = 1024;

/// A part of a file: its number, and from where to where.
type Part = (u64, usize, usize);
/// A block and when it was last used.
type Used = (u64, Arc<[u8]>);

/// Opened parts of files, by the number of the file.
#[derive(Default)]
pub(crate) struct Cache {
    blocks: Mutex<Blocks>,
    /// Parts of several blocks that somebody still has: a reader that is opened again shares them with the one before.
    parts: Mutex<HashMap<Part, Weak<[u8]>>>,
}

#[derive(Default)]
struct Blocks {
    clock: u64,
    held: HashMap<(u64, u64), Used>,
}

impl Cache {
    /// A block that is kept.
    pub(crate) fn block(&self, file: u64, number: u64) -> Option<Arc<[u8]>> {
        let mut blocks = self.blocks.lock();
        blocks.clock += 1;
        let now = blocks.clock;
        let (used, block) = blocks.held.get_mut(&(file, number))?;
        *used = now;
        Some(Arc::clone(block))
    }

    /// Keeps a block, and lets go of the half that was longest unused when there are too many.
    pub(crate) fn keep_block(&self, file: u64, number: u64, block: &Arc<[u8]>) {
        let mut blocks = self.blocks.lock();
        if blocks.held.len() >= BLOCKS {
            let mut used: Vec<u64> = blocks.held.values().map(|(used, _)| *used).collect();
            let (_, middle, _) = used.select_nth_unstable(BLOCKS / 2);
            let middle = *middle;
            blocks.held.retain(|_, (used, _)| *used > middle);
        }
        let now = blocks.clock;
        blocks.held.insert((file, number), (now, Arc::clone(block)));
    }

    /// A part that somebody has.
    pub(crate) fn part(&self, file: u64, range: &Range<usize>) -> Option<Arc<[u8]>> {
        self.parts.lock().get(&(file, range.start, range.end))?.upgrade()
    }

    /// Remembers a part for as long as somebody has it.
    pub(crate) fn share_part(&self, file: u64, range: &Range<usize>, part: &Arc<[u8]>) {
        let mut parts = self.parts.lock();
        if parts.len() > BLOCKS {
            parts.retain(|_, part| part.strong_count() > 0);
        }
        parts.insert((file, range.start, range.end), Arc::downgrade(part));
    }
}
