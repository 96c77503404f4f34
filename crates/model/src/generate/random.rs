//! A small generator of numbers of our own, so that rows never depend on platform, library or version.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone)]
pub(super) struct Random(u64);

/// The output function of SplitMix64; a bijection.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// The numbers of one row: they depend on seed, stream and row alone.
    pub(super) fn new(seed: u64, stream: u64, row: u64) -> Self {
        Self(mix(mix(mix(seed).wrapping_add(stream)).wrapping_add(row)))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit`; 0 when there is none. The bias is under `limit` / 2^32.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(limit)) >> 32).unwrap_or(0)
    }

    /// Whether a thing of so many percent happens.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let at = usize::try_from(self.below(u32::try_from(list.len()).unwrap_or(u32::MAX))).unwrap_or(0);
        list.get(at).copied().expect("a word list is not empty, and `below` stays inside")
    }

    /// The number in front of which the weights add up to a random place.
    pub(super) fn weighted<T: Copy>(&mut self, list: &[(u32, T)]) -> T {
        let mut place = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in list {
            if place < *weight {
                return *item;
            }
            place -= weight;
        }
        list.last().map(|(_, item)| *item).expect("a word list is not empty")
    }
}

/// How many numbers [`permute`] mixes.
pub(super) const PERMUTED: u64 = 100_000_000;

/// Another number of eight digits for every number of eight digits: four Feistel rounds over two halves of four.
/// So unique phones and documents need no memory of what was given out.
pub(super) fn permute(seed: u64, number: u64) -> u64 {
    const HALF: u64 = 10_000;
    let number = number % PERMUTED;
    let (mut left, mut right) = (number / HALF, number % HALF);
    for round in 0..4 {
        let mixed = mix(mix(seed ^ 0x5065_726d_7574_6531).wrapping_add(round * HALF + right)) % HALF;
        (left, right) = (right, (left + mixed) % HALF);
    }
    left * HALF + right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference_implementation() {
        let mut random = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn no_number_comes_twice_out_of_the_permutation() {
        let mut seen = vec![0u64; usize::try_from(PERMUTED / 64 + 1).unwrap()];
        for number in (0..PERMUTED).step_by(37) {
            let to = permute(7, number);
            let (word, bit) = (usize::try_from(to / 64).unwrap(), 1 << (to % 64));
            assert_eq!(seen[word] & bit, 0, "{number}");
            seen[word] |= bit;
        }
    }

    #[test]
    fn shares_are_about_right() {
        let mut random = Random::new(1, 2, 3);
        let hits = (0..100_000).filter(|_| random.percent(20)).count();
        assert!((19_000..21_000).contains(&hits), "{hits}");
        let hits = (0..100_000).filter(|_| random.weighted(&[(1, 'a'), (3, 'b')]) == 'b').count();
        assert!((74_000..76_000).contains(&hits), "{hits}");
    }
}
