//! Keys of domains: wrapped by their bucket's key, the root of the subkeys that seal segments.

use std::fmt;

use dossier_model::id::Rid;
use dossier_model::time::Entropy;
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::keyring::BUCKETS;
use crate::prf::Prf;
use crate::secret::Secret;
use crate::segment::{Part, SegmentId};
use crate::{gcm, kwp};

/// Length of a wrapped data key.
pub const WRAPPED_LEN: usize = kwp::WRAPPED;

/// Begins the HKDF info of every subkey.
const LABEL: &[u8] = b"dossier/1/";

/// The bucket of the key domain that was made for record `rid`. Neighbours share a bucket, so that a list of
/// new records touches few.
pub fn bucket_of(rid: Rid) -> u16 {
    // The remainder is below 1,024, so it always fits.
    u16::try_from((rid.0 >> 10).rem_euclid(i64::from(BUCKETS))).unwrap_or_default()
}

/// One of the 1,024 keys that wrap data keys.
pub struct BucketKey(Secret);

impl BucketKey {
    /// Takes `secret` as a bucket's key.
    pub fn new(secret: Secret) -> Self {
        Self(secret)
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BucketKey")
    }
}

/// The key of one domain (a dossier, or a natural person in it). Deleting its wrapped form, and renewing its
/// bucket's key, erases the domain.
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A fresh random key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(key.as_mut_slice());
        Self(key)
    }

    /// Its wrapped form, for the store (AES-256-KWP).
    pub fn wrap(&self, bucket: &BucketKey) -> Result<[u8; WRAPPED_LEN], CryptoError> {
        kwp::wrap(bucket.0.expose(), &self.0)
    }

    /// Opens a wrapped form; refuses one that another bucket key wrapped, or that was changed.
    pub fn unwrap(bucket: &BucketKey, wrapped: &[u8]) -> Result<Self, CryptoError> {
        kwp::unwrap(bucket.0.expose(), wrapped).map(Self)
    }

    /// Prepares the derivation of this key's subkeys; do it once per domain and request.
    pub fn subkeys(&self) -> Subkeys {
        Subkeys(Prf::new(&self.0))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

/// Seals and opens the segments of one domain. Each kind of part has a key of its own.
pub struct Subkeys(Prf);

impl Subkeys {
    /// Seals `plaintext` as the segment `id`.
    pub fn seal(
        &self,
        id: &SegmentId,
        plaintext: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, CryptoError> {
        gcm::seal(&*self.derive(id.part)?, id.aad()?.bytes(), plaintext, entropy)
    }

    /// Opens the segment `id`; refuses it when a bit of it, or anything in `id`, is not as it was sealed.
    pub fn open(&self, id: &SegmentId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        gcm::open(&*self.derive(id.part)?, id.aad()?.bytes(), sealed)
    }

    /// The key of a part: `HKDF-Expand(data key, "dossier/1/" ‖ label, 32)`. No label begins another one.
    fn derive(&self, part: Part) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        let (_, level, class) = part.numbers();
        match part {
            Part::Header => self.0.expand(&[LABEL, b"header"]),
            Part::Salts => self.0.expand(&[LABEL, b"salts"]),
            Part::Value { .. } => self.0.expand(&[LABEL, b"value", &[level, class]]),
            Part::Mask { .. } => self.0.expand(&[LABEL, b"mask", &[level, class]]),
            Part::Text(purpose) => self.0.expand(&[LABEL, b"text", &[purpose]]),
        }
    }
}

impl fmt::Debug for Subkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subkeys")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use dossier_model::id::{Tenant, Uid};
    use dossier_model::{Class, Level};
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;
    use crate::segment::tests::sample;

    fn bucket(byte: u8) -> BucketKey {
        BucketKey::new(Secret::from_bytes(&[byte; 32]))
    }

    fn every_part() -> Vec<Part> {
        let mut parts = vec![Part::Header, Part::Salts, Part::Text(0), Part::Text(1), Part::Text(3)];
        for &level in Level::ALL {
            for &class in Class::ALL {
                parts.extend([Part::Value { level, class }, Part::Mask { level, class }]);
            }
        }
        parts
    }

    /// `id` with each of its parts changed, one at a time.
    fn moved(id: SegmentId) -> Vec<(&'static str, SegmentId)> {
        let mut all = vec![
            ("tenant", SegmentId { tenant: Tenant(2), ..id }),
            ("domain", SegmentId { domain: Uid([9; 16]), ..id }),
            ("record", SegmentId { record: Uid([9; 16]), ..id }),
            ("kind", SegmentId { kind: id.kind + 1, ..id }),
            ("version", SegmentId { version: id.version + 1, ..id }),
            ("key version", SegmentId { key_version: id.key_version + 1, ..id }),
            ("mask revision", SegmentId { mask_revision: id.mask_revision + 1, ..id }),
            ("generation", SegmentId { generation: id.generation + 1, ..id }),
        ];
        let others = every_part().into_iter().filter(|part| *part != id.part);
        all.extend(others.map(|part| ("part", SegmentId { part, ..id })));
        all
    }

    #[test]
    fn a_segment_moved_in_any_part_of_its_id_is_refused() {
        let keys = DataKey::generate(&SystemEntropy).subkeys();
        for part in every_part() {
            let id = SegmentId { part, ..sample() };
            let sealed = keys.seal(&id, b"plaintext", &SystemEntropy).unwrap();
            assert_eq!(keys.open(&id, &sealed).unwrap().as_slice(), b"plaintext");
            for (what, other) in moved(id) {
                assert!(keys.open(&other, &sealed).is_err(), "{what}: {other:?}");
            }
        }
    }

    #[test]
    fn every_flipped_bit_of_a_segment_is_refused() {
        let keys = DataKey::generate(&SystemEntropy).subkeys();
        let sealed = keys.seal(&sample(), b"plaintext", &SystemEntropy).unwrap();
        for at in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(keys.open(&sample(), &bad).is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_segment_of_another_domains_key_is_refused() {
        let sealed =
            DataKey::generate(&SystemEntropy).subkeys().seal(&sample(), b"x", &SystemEntropy).unwrap();
        assert!(DataKey::generate(&SystemEntropy).subkeys().open(&sample(), &sealed).is_err());
    }

    #[test]
    fn each_part_has_a_key_of_its_own() {
        let keys = DataKey(Zeroizing::new([1; 32])).subkeys();
        let all: HashSet<_> = every_part().into_iter().map(|part| *keys.derive(part).unwrap()).collect();
        assert_eq!(all.len(), every_part().len());
    }

    #[test]
    fn a_second_engine_with_the_written_format_opens_a_segment() {
        use aes_gcm::aead::{Aead, KeyInit, Payload};
        let sealed =
            DataKey(Zeroizing::new([1; 32])).subkeys().seal(&sample(), b"x", &SystemEntropy).unwrap();
        let mut key = [0; 32];
        aws_lc_rs::hkdf::Prk::new_less_safe(aws_lc_rs::hkdf::HKDF_SHA256, &[1; 32])
            .expand(&[b"dossier/1/value\x03\x01"], aws_lc_rs::hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut key)
            .unwrap();
        let aad = sample().aad().unwrap();
        let payload = Payload { msg: &sealed[13..], aad: aad.bytes() };
        let plaintext = aes_gcm::Aes256Gcm::new(&key.into()).decrypt(sealed[1..13].into(), payload).unwrap();
        assert_eq!(plaintext, b"x");
    }

    #[test]
    fn a_data_key_unwraps_under_its_own_bucket_only() {
        let key = DataKey::generate(&SystemEntropy);
        let wrapped = key.wrap(&bucket(1)).unwrap();
        assert_eq!(DataKey::unwrap(&bucket(1), &wrapped).unwrap().0, key.0);
        assert!(matches!(DataKey::unwrap(&bucket(2), &wrapped), Err(CryptoError::WrappedKey)));
        assert!(DataKey::unwrap(&bucket(1), &wrapped[1..]).is_err());
    }

    #[test]
    fn a_thousand_neighbours_share_a_bucket() {
        assert_eq!((bucket_of(Rid(0)), bucket_of(Rid(1023)), bucket_of(Rid(1024))), (0, 0, 1));
        assert_eq!(bucket_of(Rid(1024 * 1024)), 0);
        assert_eq!(bucket_of(Rid(i64::MAX)), 1023);
    }

    #[test]
    fn debug_shows_no_key() {
        let key = DataKey::generate(&SystemEntropy);
        assert_eq!(format!("{key:?} {:?} {:?}", key.subkeys(), bucket(1)), "DataKey Subkeys BucketKey");
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plaintext: Vec<u8>, version: u32, generation: u32) {
            let id = SegmentId { version, generation, ..sample() };
            let keys = DataKey::generate(&SystemEntropy).subkeys();
            let sealed = keys.seal(&id, &plaintext, &SystemEntropy).unwrap();
            prop_assert_eq!(&*keys.open(&id, &sealed).unwrap(), &plaintext);
        }

        #[test]
        fn arbitrary_bytes_never_open_and_never_panic(bytes: Vec<u8>) {
            let keys = DataKey(Zeroizing::new([1; 32])).subkeys();
            prop_assert!(keys.open(&sample(), &bytes).is_err());
            prop_assert!(DataKey::unwrap(&bucket(1), &bytes).is_err());
        }
    }
}
