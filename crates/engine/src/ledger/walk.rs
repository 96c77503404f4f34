//! Walking through a log from its end towards its beginning, a bounded part of it at a time.
//!
//! The order of a log is that of its indexes. Times follow it, but for the moment that a command takes and for clocks that
//! were set back. What is concluded from times here leaves out no entry as long as none stands behind one that is later
//! than it by more than [`SLACK`].

use super::filter::Filter;
use super::source::Stored;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;

/// How many entries are read for one answer at most, and how many at a time.
const MOST: u64 = 50_000;
const CHUNK: u64 = 1024;
/// How far times may lie from the order of the log.
const SLACK: i64 = 3_600 * Micros::SECOND;
/// After so many entries in a row that are too early by more than [`SLACK`], nothing is looked for any more.
const EARLY: u32 = 4096;

/// What was found on the way.
#[derive(Default)]
pub(crate) struct Walked {
    /// In ascending order.
    pub found: Vec<Stored>,
    /// The earliest entry that was read, and its time.
    pub reached: Option<(u64, Micros)>,
    /// Where to go on; none where nothing earlier can be wanted.
    pub before: Option<u64>,
}

/// The last `limit` wanted entries before an index, among those that are read for one answer. `entries` reads some from an
/// index on.
pub(crate) fn walk(
    entries: impl Fn(u64, usize) -> Result<Vec<Stored>, Fault>,
    filter: &Filter,
    before: u64,
    limit: usize,
) -> Result<Walked, Fault> {
    let mut walked = Walked::default();
    let (mut from, mut chunk, mut early) = (before, Vec::new(), 0);
    while walked.found.len() < limit && early < EARLY {
        if chunk.is_empty() {
            let to = from;
            from = to.saturating_sub(CHUNK).max(before.saturating_sub(MOST));
            chunk = between(&entries, from, to)?;
        }
        let Some(stored) = chunk.pop() else { break };
        let leaf = filter.decode(&stored.1)?;
        walked.reached = Some((stored.0, Micros(leaf.at)));
        let is_early = filter.since.is_some_and(|since| leaf.at < since.plus(-SLACK).0);
        early = if is_early { early + 1 } else { 0 };
        if filter.takes(&leaf) {
            walked.found.push(stored);
        }
    }
    walked.before = walked.reached.map(|(index, _)| index).filter(|index| *index > 0 && early < EARLY);
    walked.found.reverse();
    Ok(walked)
}

/// Where the search begins for what was before a moment: behind every entry that is earlier. Found by halving as long as
/// the times that are met on the way allow it; else it is the end of the log.
pub(crate) fn behind(
    entries: impl Fn(u64, usize) -> Result<Vec<Stored>, Fault>,
    until: Micros,
    size: u64,
) -> Result<u64, Fault> {
    let (mut low, mut high) = (0, size);
    let mut met = Vec::new();
    // The last one first: behind a time when the clock was ahead, all is earlier again.
    for (index, leaf, _) in between(&entries, size.saturating_sub(1), size)? {
        met.push((index, Filter::default().decode(&leaf)?.at));
    }
    while low < high {
        let middle = low + (high - low) / 2;
        for (index, leaf, _) in between(&entries, middle, middle + 1)? {
            met.push((index, Filter::default().decode(&leaf)?.at));
        }
        let late = met.last().is_some_and(|(_, at)| *at >= until.plus(SLACK).0);
        if late { high = middle } else { low = middle + 1 }
    }
    met.sort_unstable();
    let mut latest = i64::MIN;
    let in_order = met.iter().all(|(_, at)| {
        latest = latest.max(*at);
        latest.saturating_sub(SLACK) <= *at
    });
    Ok(if in_order { low } else { size })
}

fn between(
    entries: impl Fn(u64, usize) -> Result<Vec<Stored>, Fault>,
    from: u64,
    to: u64,
) -> Result<Vec<Stored>, Fault> {
    let found = entries(from, usize::try_from(to - from).unwrap_or(usize::MAX))?;
    if found.len() as u64 != to - from {
        return Err(Fault::new("ledger_damaged").with("what", "an entry is missing"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
