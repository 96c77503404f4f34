//! AES-256-GCM with a random nonce: `alg u8 ‖ nonce 12 ‖ ciphertext ‖ tag 16`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use dossier_model::time::Entropy;
use zeroize::Zeroizing;

use crate::error::CryptoError;

/// The algorithm byte in front of all that is sealed.
pub(crate) const ALG: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// How much longer sealed bytes are than what was sealed.
pub(crate) const OVERHEAD: usize = 1 + NONCE + TAG;

fn prepare(key: &[u8; 32]) -> Result<LessSafeKey, CryptoError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| CryptoError::Primitive("aes-256-gcm key"))?;
    Ok(LessSafeKey::new(key))
}

/// Seals `plaintext` under `key`; `aad` is bound to it and not contained in it.
pub(crate) fn seal(
    key: &[u8; 32],
    aad: &[u8],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("aes-256-gcm seal");
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce);
    let mut out = vec![0; OVERHEAD + plaintext.len()];
    let (alg, rest) = out.split_first_mut().ok_or(FAILED)?;
    let (head, rest) = rest.split_first_chunk_mut::<NONCE>().ok_or(FAILED)?;
    let (ciphertext, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(FAILED)?;
    *alg = ALG;
    *head = nonce;
    prepare(key)?
        .seal_out_of_place_scatter(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            plaintext,
            ciphertext,
            &[],
            tag,
        )
        .map_err(|_| FAILED)?;
    Ok(out)
}

/// Opens what [`seal`] made; refuses anything else without saying why.
pub(crate) fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (alg, rest) = sealed.split_first().ok_or(CryptoError::Sealed)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(CryptoError::Sealed)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(CryptoError::Sealed)?;
    if *alg != ALG {
        return Err(CryptoError::Algorithm(*alg));
    }
    let mut out = Zeroizing::new(vec![0; ciphertext.len()]);
    prepare(key)?
        .open_separate_gather(Nonce::from(nonce), Aad::from(aad), ciphertext, tag, &mut out)
        .map_err(|_| CryptoError::Sealed)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;

    proptest! {
        #[test]
        fn a_second_engine_opens_what_we_seal(key: [u8; 32], aad: Vec<u8>, plaintext: Vec<u8>) {
            let sealed = seal(&key, &aad, &plaintext, &SystemEntropy).unwrap();
            let theirs = aes_gcm::Aes256Gcm::new(&key.into())
                .decrypt(sealed[1..13].into(), Payload { msg: &sealed[13..], aad: &aad })
                .unwrap();
            prop_assert_eq!(theirs, plaintext);
        }

        #[test]
        fn we_open_what_a_second_engine_sealed(
            key: [u8; 32], nonce: [u8; 12], aad: Vec<u8>, plaintext: Vec<u8>,
        ) {
            let theirs = aes_gcm::Aes256Gcm::new(&key.into())
                .encrypt(&nonce.into(), Payload { msg: &plaintext, aad: &aad })
                .unwrap();
            let sealed = [&[ALG][..], &nonce, &theirs].concat();
            prop_assert_eq!(&*open(&key, &aad, &sealed).unwrap(), &plaintext);
        }
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let sealed = seal(&[1; 32], b"context", b"a plaintext", &SystemEntropy).unwrap();
        assert_eq!(sealed.len(), OVERHEAD + 11);
        for at in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(open(&[1; 32], b"context", &bad).is_err(), "bit {at}");
        }
    }

    #[test]
    fn every_shortening_and_lengthening_is_refused() {
        let sealed = seal(&[1; 32], b"context", b"a plaintext", &SystemEntropy).unwrap();
        for len in 0..sealed.len() {
            assert!(open(&[1; 32], b"context", &sealed[..len]).is_err(), "length {len}");
        }
        assert!(open(&[1; 32], b"context", &[&sealed[..], &[0]].concat()).is_err());
    }

    #[test]
    fn another_key_or_context_is_refused() {
        let sealed = seal(&[1; 32], b"context", b"a plaintext", &SystemEntropy).unwrap();
        assert!(open(&[2; 32], b"context", &sealed).is_err());
        assert!(open(&[1; 32], b"contexT", &sealed).is_err());
        assert!(open(&[1; 32], b"", &sealed).is_err());
    }

    #[test]
    fn an_unknown_algorithm_says_its_number() {
        let mut sealed = seal(&[1; 32], b"", b"", &SystemEntropy).unwrap();
        sealed[0] = 2;
        assert!(matches!(open(&[1; 32], b"", &sealed), Err(CryptoError::Algorithm(2))));
    }

    #[test]
    fn the_same_plaintext_never_seals_alike() {
        let seal = || seal(&[1; 32], b"", b"same", &SystemEntropy).unwrap();
        assert_ne!(seal(), seal());
    }
}
