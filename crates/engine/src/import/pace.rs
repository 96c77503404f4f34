//! How many rows go into one transaction: as many as others hardly notice.

use std::time::{Duration, Instant};

/// How long the writer is to be busy with one chunk, its flush included: whoever comes waits for one at most, and not
/// longer than 20 ms. While others are at work it is less.
const ALONE: Duration = Duration::from_millis(16);
const SHARED: Duration = Duration::from_millis(6);
/// Rows of the first chunk, of the smallest and of the largest.
const FIRST: usize = 200;
const LEAST: usize = 20;
const MOST: usize = 1000;

/// The size of chunks, learned from how long they took.
pub(crate) struct Pace {
    rows: usize,
    /// When the chunk before was done.
    done: Option<Instant>,
}

impl Pace {
    pub(crate) fn new() -> Pace {
        Pace { rows: FIRST, done: None }
    }

    /// Rows of the next chunk.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// A chunk of so many rows was handed in and done at these moments. The writer began with it when it had it and the
    /// one before was done.
    pub(crate) fn learn(&mut self, rows: usize, sent: Instant, done: Instant, shared: bool) {
        let begun = self.done.map_or(sent, |before| before.max(sent));
        self.done = Some(done);
        let took = done.saturating_duration_since(begun).max(Duration::from_micros(100));
        let goal = if shared { SHARED } else { ALONE };
        let fit = (rows as u128 * goal.as_micros() / took.as_micros()).min(MOST as u128) as usize;
        // Step by step: a single flush may take long for reasons of its own.
        let next =
            if shared && fit < self.rows { (self.rows + fit) / 2 } else { (self.rows * 3 + fit).div_ceil(4) };
        self.rows = next.clamp(LEAST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size after fifty chunks of a writer that takes so many microseconds for a chunk and for each row.
    fn settled(chunk: u64, row: u64, shared: bool) -> usize {
        let (mut pace, mut at) = (Pace::new(), Instant::now());
        for _ in 0..50 {
            let sent = at;
            at += Duration::from_micros(chunk + row * pace.rows() as u64);
            pace.learn(pace.rows(), sent, at, shared);
        }
        pace.rows()
    }

    #[test]
    fn a_chunk_takes_about_as_long_as_it_may() {
        assert!((380..=420).contains(&settled(0, 40, false)), "{}", settled(0, 40, false));
        assert!((230..=250).contains(&settled(4_000, 50, false)), "{}", settled(4_000, 50, false));
        assert!((30..=50).contains(&settled(4_000, 50, true)), "{}", settled(4_000, 50, true));
    }

    #[test]
    fn neither_a_slow_disk_nor_a_fast_one_leads_out_of_bounds() {
        assert_eq!((settled(50_000, 10, false), settled(0, 1, true)), (LEAST, MOST));
    }

    #[test]
    fn what_waited_behind_another_chunk_is_not_held_against_it() {
        let (mut pace, start) = (Pace::new(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        pace.learn(200, at(0), at(16), false);
        pace.learn(200, at(0), at(32), false);
        assert_eq!(pace.rows(), 200);
    }
}
