//! How many rows go into one transaction: as many as others hardly notice.

use std::time::{Duration, Instant};

/// How long the writer is to be busy with one chunk: others wait for one, and are held to 20 ms.
const GOAL: Duration = Duration::from_millis(8);
/// Rows of the first chunk, of the smallest and of the largest.
const FIRST: usize = 200;
const LEAST: usize = 10;
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
    pub(crate) fn learn(&mut self, rows: usize, sent: Instant, done: Instant) {
        let begun = self.done.map_or(sent, |before| before.max(sent));
        self.done = Some(done);
        // What a flush takes by itself says nothing of the rows: a small chunk is not made smaller for it.
        let took = done.saturating_duration_since(begun).max(Duration::from_micros(100));
        let fit = (rows as u128 * GOAL.as_micros() / took.as_micros()).min(MOST as u128) as usize;
        // Slower at once, faster step by step.
        let next = if fit < self.rows { fit.max(self.rows / 2) } else { (self.rows * 3 + fit) / 4 };
        self.rows = next.clamp(LEAST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size after fifty chunks of a writer that takes so many microseconds for a chunk and for each row.
    fn settled(chunk: u64, row: u64) -> usize {
        let (mut pace, mut at) = (Pace::new(), Instant::now());
        for _ in 0..50 {
            let sent = at;
            at += Duration::from_micros(chunk + row * pace.rows() as u64);
            pace.learn(pace.rows(), sent, at);
        }
        pace.rows()
    }

    #[test]
    fn a_chunk_takes_about_as_long_as_it_may() {
        assert!((180..=220).contains(&settled(0, 40)), "{}", settled(0, 40));
        assert!((60..=90).contains(&settled(500, 100)), "{}", settled(500, 100));
    }

    #[test]
    fn neither_a_slow_disk_nor_a_fast_one_leads_out_of_bounds() {
        assert_eq!((settled(50_000, 10), settled(0, 1)), (LEAST, MOST));
    }

    #[test]
    fn what_waited_behind_another_chunk_is_not_held_against_it() {
        let (mut pace, start) = (Pace::new(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        pace.learn(200, at(0), at(8));
        pace.learn(200, at(0), at(16));
        assert_eq!(pace.rows(), 200);
    }
}
