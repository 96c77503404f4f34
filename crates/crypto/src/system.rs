//! Records of the system (users, roles, drafts, purposes): sealed under a key of the keyring, and short MACs.

use dossier_model::time::Entropy;
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::gcm;
use crate::prf::MacKey;
use crate::secret::{constant_time_eq, sha256};

const SEAL: &[u8] = b"dossier/system/1";
const MAC: &[u8] = b"dossier/mac/1";

/// Seals `plaintext` under `key` for `context`: kind, id and version of what it is. The context is bound to it,
/// and gives it a key of its own (`HKDF-Expand(key, "dossier/system/1" ‖ SHA-256(context), 32)`), so that the
/// number of random nonces under one key stays small however much is sealed: let contexts differ.
pub fn seal_system(
    key: &MacKey,
    context: &[u8],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CryptoError> {
    gcm::seal(&*derive(key, context)?, &[SEAL, context].concat(), plaintext, entropy)
}

/// Opens what [`seal_system`] sealed for the same context.
pub fn open_system(key: &MacKey, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    gcm::open(&*derive(key, context)?, &[SEAL, context].concat(), sealed)
}

fn derive(key: &MacKey, context: &[u8]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    key.prf().expand(&[SEAL, &sha256(context)])
}

/// A MAC over a row of mechanics (a session, a quota, an edge): the first 16 bytes of
/// `HMAC-SHA-256(key, "dossier/mac/1" ‖ data)`. The label keeps it apart from keys derived from the same key.
/// `data` must begin with what it is, and must be read in one way only.
pub fn mac(key: &MacKey, data: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(key.prf().mac(&[MAC, data])) {
        *to = from;
    }
    out
}

/// Whether `expected` is the MAC of `data`, in constant time.
pub fn verify_mac(key: &MacKey, data: &[u8], expected: &[u8]) -> bool {
    constant_time_eq(&mac(key, data), expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, SystemEntropy};

    fn key(byte: u8) -> MacKey {
        MacKey::new(Secret::from_bytes(&[byte; 32]))
    }

    #[test]
    fn a_system_record_opens_for_its_own_context_and_key_only() {
        let sealed = seal_system(&key(1), b"user 7 v1", b"body", &SystemEntropy).unwrap();
        assert_eq!(open_system(&key(1), b"user 7 v1", &sealed).unwrap().as_slice(), b"body");
        assert!(open_system(&key(1), b"user 7 v2", &sealed).is_err());
        assert!(open_system(&key(2), b"user 7 v1", &sealed).is_err());
    }

    #[test]
    fn every_flipped_bit_of_a_system_record_is_refused() {
        let sealed = seal_system(&key(1), b"user 7 v1", b"body", &SystemEntropy).unwrap();
        for at in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(open_system(&key(1), b"user 7 v1", &bad).is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_long_context_seals_too() {
        let context = vec![7; 5000];
        let sealed = seal_system(&key(1), &context, b"body", &SystemEntropy).unwrap();
        assert!(open_system(&key(1), &context, &sealed).is_ok());
    }

    #[test]
    fn a_mac_verifies_its_own_data_key_and_length_only() {
        let mac = mac(&key(1), b"session");
        assert!(verify_mac(&key(1), b"session", &mac));
        assert!(!verify_mac(&key(1), b"sessioN", &mac));
        assert!(!verify_mac(&key(2), b"session", &mac));
        assert!(!verify_mac(&key(1), b"session", &mac[..8]));
        assert!(!verify_mac(&key(1), b"session", &[]));
    }

    #[test]
    fn a_mac_of_chosen_data_is_no_derived_key() {
        let chosen = [SEAL, &sha256(b"context"), &[1]].concat();
        assert_ne!(mac(&key(1), &chosen), derive(&key(1), b"context").unwrap()[..16]);
    }
}
