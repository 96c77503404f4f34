//! Byte fuzzing for tests: good inputs with changes, for as long as `DOSSIER_FUZZ_SECONDS` says (half a second when not
//! set). A panic or a hang fails the test, which prints the input as hexadecimal text and the seed that repeats the run
//! (`DOSSIER_FAULT_SEED`). Whatever it finds becomes a test of its own.

#![allow(clippy::print_stderr, clippy::panic, clippy::indexing_slicing, reason = "only tests use it")]

use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// Longer than this for one input is a hang.
const HANG: Duration = Duration::from_secs(20);
/// An input does not grow beyond this.
const MOST_BYTES: usize = 64 * 1024;
/// Bytes that mean something in many formats.
const TELLING: &[u8] =
    &[0, 1, 9, 10, 13, 32, 34, 39, 44, 45, 47, 58, 59, 60, 92, 123, 127, 128, 159, 191, 255];

/// Tries changed inputs until the time is over; how many there were. `words` are put in here and there.
///
/// # Panics
/// When `try_it` does, or takes too long.
pub fn fuzz(seeds: &[impl AsRef<[u8]>], words: &[&str], mut try_it: impl FnMut(&[u8])) -> u64 {
    let seed =
        given("DOSSIER_FAULT_SEED").unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
    let length = Duration::from_secs_f64(given("DOSSIER_FUZZ_SECONDS").unwrap_or(0.5));
    let mut chance = Chance(seed);
    let begun = Instant::now();
    let mut tried = 0;
    let mut attempt = |input: &[u8]| {
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| try_it(input)));
        if let Err(panic) = outcome {
            eprintln!("DOSSIER_FAULT_SEED={seed}, input: {}", hex(input));
            resume_unwind(panic);
        }
        assert!(began.elapsed() < HANG, "DOSSIER_FAULT_SEED={seed}, it hangs at {}", hex(input));
        tried += 1;
    };
    for seed in seeds {
        attempt(seed.as_ref());
    }
    attempt(&[]);
    while begun.elapsed() < length {
        let one = seeds[chance.below(seeds.len())].as_ref();
        let other = seeds[chance.below(seeds.len())].as_ref();
        let mut input = one.to_vec();
        for _ in 0..=chance.below(6) {
            change(&mut input, other, words, &mut chance);
        }
        input.truncate(MOST_BYTES);
        attempt(&input);
    }
    tried
}

fn given<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One change of one of ten kinds.
fn change(input: &mut Vec<u8>, other: &[u8], words: &[&str], chance: &mut Chance) {
    let (begin, end) = chance.range(input.len());
    match chance.below(10) {
        0 if !input.is_empty() => {
            let at = chance.below(input.len());
            input[at] ^= 1 << chance.below(8);
        }
        1 if !input.is_empty() => {
            let at = chance.below(input.len());
            input[at] = TELLING[chance.below(TELLING.len())];
        }
        2 => drop(input.drain(begin..end)),
        3 => input.truncate(begin),
        4 => {
            let part = input[begin..end].to_vec();
            let at = chance.below(input.len() + 1);
            drop(input.splice(at..at, part));
        }
        5 => {
            let (from, to) = chance.range(other.len());
            drop(input.splice(begin..end, other[from..to].iter().copied()));
        }
        6 if !words.is_empty() => {
            let word = words[chance.below(words.len())].as_bytes();
            drop(input.splice(begin..begin, word.iter().copied()));
        }
        // Lengths and counts: eight bytes of a number near a border.
        7 => {
            let border =
                [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX][chance.below(9)];
            let width = [1, 2, 4, 8][chance.below(4)];
            let bytes = border.to_be_bytes();
            for (to, from) in input[begin..].iter_mut().zip(&bytes[8 - width..]) {
                *to = *from;
            }
        }
        8 => input[begin..end].reverse(),
        _ => input.insert(begin, chance.next().to_be_bytes()[7]),
    }
}

/// `SplitMix64`: which change, and no more than that.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most.max(1) as u64).unwrap_or(0)
    }

    /// A short part of so many bytes, most of the time.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let begin = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 16 };
        (begin, (begin + self.below(most + 1)).min(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_does_not_bear_is_found_and_told() {
        let found = catch_unwind(|| {
            fuzz(&["<a>[1,2]</a>"], &["]]"], |input| assert!(!input.windows(3).any(|w| w == b"]]]")))
        });
        assert!(found.is_err());
    }

    #[test]
    fn every_seed_is_tried_as_it_is() {
        let mut seen = Vec::new();
        fuzz(&["one", "two"], &[], |input| {
            if seen.len() < 3 {
                seen.push(input.to_vec());
            }
        });
        assert_eq!(seen, [b"one".to_vec(), b"two".to_vec(), Vec::new()]);
    }
}
