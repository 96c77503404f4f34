//! A Bloom filter over unique tokens: says that a token is certainly new, so that an import need not look for each of
//! its own among millions.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bits per key; with six set bits in one cache line, about one new key in a hundred looks like an old one.
const BITS_PER_KEY: u64 = 16;
/// Bits of a block: one cache line.
const BLOCK_BITS: u64 = 512;
/// Bits set per key; nine bits of the hash choose each.
const PROBES: u32 = 6;

/// A set of keys that may answer "maybe" for one that was never put, and never "no" for one that was. With more keys
/// than it has room for, it says "maybe" too often.
pub(super) struct Filter {
    blocks: Vec<[AtomicU64; 8]>,
}

impl Filter {
    /// A filter with room for so many keys. Its memory is touched where keys are put.
    pub(super) fn with_room(room: u64) -> Self {
        let blocks = usize::try_from(room * BITS_PER_KEY / BLOCK_BITS + 1).unwrap_or(usize::MAX);
        Self { blocks: std::iter::repeat_with(Default::default).take(blocks).collect() }
    }

    pub(super) fn put(&self, field: u32, token: &[u8; 16]) {
        let (block, bits) = self.place(field, token);
        if let Some(block) = self.blocks.get(block) {
            for (word, mask) in block.iter().zip(masks(bits)) {
                word.fetch_or(mask, Ordering::Release);
            }
        }
    }

    pub(super) fn may_have(&self, field: u32, token: &[u8; 16]) -> bool {
        let (block, bits) = self.place(field, token);
        let Some(block) = self.blocks.get(block) else { return true };
        block.iter().zip(masks(bits)).all(|(word, mask)| word.load(Ordering::Acquire) & mask == mask)
    }

    /// Tokens are random already; the field is mixed in, because one value may have tokens of several fields.
    fn place(&self, field: u32, token: &[u8; 16]) -> (usize, u64) {
        let half = (u128::from_be_bytes(*token) >> 64) as u64;
        let hash = (half ^ u64::from(field)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let block = (u128::from(hash) * self.blocks.len() as u128) >> 64;
        (block as usize, (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 10)
    }
}

/// Six times nine bits as the bits of one block.
fn masks(bits: u64) -> [u64; 8] {
    let mut masks = [0; 8];
    for probe in 0..PROBES {
        let bit = (bits >> (9 * probe)) % BLOCK_BITS;
        if let Some(mask) = masks.get_mut((bit / 64) as usize) {
            *mask |= 1 << (bit % 64);
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: u64) -> [u8; 16] {
        let half = number.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_be_bytes();
        let mut token = [0; 16];
        token[..8].copy_from_slice(&half);
        token
    }

    #[test]
    fn what_was_put_is_never_denied_and_little_else_is_affirmed() {
        let filter = Filter::with_room(100_000);
        for number in 0..100_000 {
            filter.put(7, &token(number));
        }
        assert!((0..100_000).all(|number| filter.may_have(7, &token(number))));
        let wrong = (100_000..200_000).filter(|number| filter.may_have(7, &token(*number))).count();
        let other_field = (0..100_000).filter(|number| filter.may_have(8, &token(*number))).count();
        assert!(wrong < 1500 && other_field < 1500, "{wrong} and {other_field} of 100,000");
    }

    #[test]
    fn an_overfull_filter_still_denies_nothing_that_was_put() {
        let filter = Filter::with_room(100);
        for number in 0..10_000 {
            filter.put(1, &token(number));
        }
        assert!((0..10_000).all(|number| filter.may_have(1, &token(number))));
    }
}
