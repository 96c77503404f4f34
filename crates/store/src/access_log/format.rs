//! Bundles, the bytes of the log file (`docs/formats.md`, "Access log file").
//!
//! `0xD05A u16be ‖ length u32be ‖ tenant u32be ‖ first index u64be ‖ count u32be ‖ count × (leaf length u16be
//! ‖ leaf ‖ side length u16be ‖ side) ‖ checksum 8`, the length being that of everything between itself and
//! the checksum.

use dossier_model::id::Tenant;
use sha2::{Digest, Sha256};

use crate::MAX_LEAF_BYTES;
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::merkle::{Hash, leaf_hash};

/// The first two bytes of a bundle. They occur in no UTF-8 text (0xD0 is followed by 0x80..=0xBF there), so
/// nobody can smuggle what looks like a bundle into a leaf's texts.
const MAGIC: [u8; 2] = [0xD0, 0x5A];
/// Bytes before the first entry.
pub(crate) const HEADER_BYTES: usize = 2 + 4 + 4 + 8 + 4;
const CHECKSUM_BYTES: usize = 8;
/// What the length field counts beside the entries.
const COUNTED_BYTES: usize = 4 + 8 + 4;
/// Bytes of the largest bundle, and of the largest write: what a torn tail can be at most.
pub(crate) const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of entries that fit into a bundle.
pub(crate) const MAX_ENTRIES_BYTES: usize = MAX_BUNDLE_BYTES - HEADER_BYTES - CHECKSUM_BYTES;

/// The entries of one request as they will stand in the file, with their leaf hashes: prepared by the
/// caller's thread, so that the one that flushes has little to do.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hashes: Vec<Hash>,
}

/// Encodes and hashes entries, or says which limit they break.
pub(crate) fn encode(entries: &[AccessEntry]) -> Result<Encoded, StoreError> {
    if entries.is_empty() {
        return Err(StoreError::Invalid("an append to the access log has at least one entry"));
    }
    let total = entries.iter().map(|e| e.leaf.len() + e.side.len() + 4).sum();
    let mut encoded = Encoded { bytes: Vec::with_capacity(total), hashes: Vec::with_capacity(entries.len()) };
    for entry in entries {
        if entry.leaf.len() > MAX_LEAF_BYTES {
            return Err(StoreError::Invalid(
                "a leaf of the access log has at most 32,768 bytes: split it into parts",
            ));
        }
        let side = u16::try_from(entry.side.len())
            .map_err(|_| StoreError::Invalid("the sealed text beside a leaf has at most 65,535 bytes"))?;
        encoded.bytes.extend_from_slice(&(entry.leaf.len() as u16).to_be_bytes());
        encoded.bytes.extend_from_slice(&entry.leaf);
        encoded.bytes.extend_from_slice(&side.to_be_bytes());
        encoded.bytes.extend_from_slice(&entry.side);
        encoded.hashes.push(leaf_hash(&entry.leaf));
    }
    if encoded.bytes.len() > MAX_ENTRIES_BYTES {
        return Err(StoreError::Invalid("one append to the access log has at most 16 MiB: append in parts"));
    }
    Ok(encoded)
}

/// Appends a bundle to `out`. Its parts have at most [`MAX_ENTRIES_BYTES`] together.
pub(crate) fn write_bundle<'a>(
    out: &mut Vec<u8>,
    tenant: Tenant,
    first: u64,
    count: u32,
    parts: impl Iterator<Item = &'a [u8]> + Clone,
) {
    let length: usize = COUNTED_BYTES + parts.clone().map(<[u8]>::len).sum::<usize>();
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&(length as u32).to_be_bytes());
    out.extend_from_slice(&tenant.0.to_be_bytes());
    out.extend_from_slice(&first.to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    parts.for_each(|part| out.extend_from_slice(part));
    let checksum = checksum(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum);
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest: Hash = Sha256::digest(bytes).into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// What the first bytes of a bundle say; true only once the checksum agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tenant: Tenant,
    pub(crate) first: u64,
    pub(crate) count: u32,
    /// Bytes of the whole bundle.
    pub(crate) bytes: usize,
}

impl Header {
    /// Index behind the last entry.
    pub(crate) fn next(&self) -> u64 {
        self.first.saturating_add(u64::from(self.count))
    }
}

/// Reads a header; `None` if no bundle can begin like this.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (length, rest) = rest.split_first_chunk()?;
    let (tenant, rest) = rest.split_first_chunk()?;
    let (first, rest) = rest.split_first_chunk()?;
    let (count, _) = rest.split_first_chunk()?;
    let length = u32::from_be_bytes(*length) as usize;
    let bytes = length + 6 + CHECKSUM_BYTES;
    let header = Header {
        tenant: Tenant(u32::from_be_bytes(*tenant)),
        first: u64::from_be_bytes(*first),
        count: u32::from_be_bytes(*count),
        bytes,
    };
    // Each entry has at least its two lengths.
    let room = length.checked_sub(COUNTED_BYTES)? / 4;
    let credible = bytes <= MAX_BUNDLE_BYTES && header.count as usize <= room && header.count > 0;
    credible.then_some(header)
}

/// A bundle whose checksum agreed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bundle<'a> {
    pub(crate) header: Header,
    entries: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// Takes the bundle that `bytes` begins with apart; the reason if it is none or damaged.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let header = header(bytes).ok_or("no bundle begins here")?;
        let bytes = bytes.get(..header.bytes).ok_or("the bundle ends too early")?;
        let (body, stored) = bytes.split_last_chunk().ok_or("the bundle ends too early")?;
        if checksum(body) != *stored {
            return Err("the checksum of the bundle does not agree");
        }
        let entries = body.get(HEADER_BYTES..).ok_or("the bundle ends too early")?;
        let bundle = Self { header, entries };
        let mut walk = bundle.entries();
        let count = walk.by_ref().count();
        if count != header.count as usize || !walk.rest.is_empty() {
            return Err("the entries of the bundle do not fill it");
        }
        Ok(bundle)
    }

    /// Leaf and side of each entry, in order.
    pub(crate) fn entries(&self) -> EntriesIn<'a> {
        EntriesIn { rest: self.entries }
    }
}

/// Iterator over the entries of a bundle.
pub(crate) struct EntriesIn<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for EntriesIn<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (leaf, rest) = sized(self.rest)?;
        let (side, rest) = sized(rest)?;
        self.rest = rest;
        Some((leaf, side))
    }
}

fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(leaf: &[u8], side: &[u8]) -> AccessEntry {
        AccessEntry { leaf: leaf.to_vec(), side: side.to_vec() }
    }

    fn sample() -> Vec<u8> {
        let encoded = encode(&[entry(b"one", b""), entry(b"two", b"sealed")]).unwrap();
        let mut out = Vec::new();
        write_bundle(&mut out, Tenant(7), 41, 2, [encoded.bytes.as_slice()].into_iter());
        out
    }

    #[test]
    fn the_bytes_are_those_of_the_format() {
        let mut expected = vec![0xD0, 0x5A, 0, 0, 0, 36, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 2];
        expected.extend_from_slice(b"\0\x03one\0\0\0\x03two\0\x06sealed");
        let digest = Sha256::digest(&expected);
        expected.extend_from_slice(&digest[..8]);
        assert_eq!(sample(), expected);
    }

    #[test]
    fn what_was_written_is_read_back() {
        let bytes = sample();
        let bundle = Bundle::parse(&bytes).unwrap();
        assert_eq!((bundle.header.tenant, bundle.header.first, bundle.header.next()), (Tenant(7), 41, 43));
        let read: Vec<_> = bundle.entries().collect();
        assert_eq!(read, [(&b"one"[..], &b""[..]), (b"two", b"sealed")]);
    }

    #[test]
    fn a_bundle_with_any_bit_flipped_is_refused() {
        let bytes = sample();
        for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut damaged = bytes.clone();
            damaged[byte] ^= 1 << bit;
            assert!(Bundle::parse(&damaged).is_err(), "byte {byte} bit {bit}");
        }
    }

    #[test]
    fn a_bundle_cut_anywhere_is_refused() {
        let bytes = sample();
        for end in 0..bytes.len() {
            assert!(Bundle::parse(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn entries_that_do_not_fill_the_bundle_are_refused_although_the_checksum_agrees() {
        let mut out = Vec::new();
        write_bundle(&mut out, Tenant(1), 0, 1, [&b"\0\x01a\0\0\0\0\0\0"[..]].into_iter());
        assert!(Bundle::parse(&out).is_err());
    }

    #[test]
    fn limits_are_told_before_anything_is_written() {
        assert!(encode(&[entry(&[0; 32 * 1024], &[0; 65_535])]).is_ok());
        assert!(encode(&[entry(&[0; 32 * 1024 + 1], b"")]).is_err());
        assert!(encode(&[entry(b"", &[0; 65_536])]).is_err());
        assert!(encode(&[]).is_err());
        assert!(encode(&vec![entry(&[0; 32 * 1024], b""); 512]).is_err());
    }
}
