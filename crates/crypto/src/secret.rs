//! 32 secret bytes, the system's randomness, and comparisons that take the same time whatever they find.

use std::fmt;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::{constant_time, digest};
use dossier_model::time::Entropy;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key of 32 bytes. It stands on the heap, so that moving it leaves no copies behind; it is wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// A fresh random key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Self(Box::new([0; 32]));
        entropy.fill(secret.0.as_mut_slice());
        secret
    }

    /// Takes over 32 bytes; the caller wipes its own copy.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut secret = Self(Box::new([0; 32]));
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// The bytes, for a [`Kms`](crate::Kms) that wraps them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Randomness of the operating system, through AWS-LC's generator.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        // Going on without randomness would repeat nonces, which is worse than stopping.
        SystemRandom::new().fill(out).expect("the operating system gives random bytes");
    }
}

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    sha256_of(&[data])
}

/// SHA-256 of all `parts` joined.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Whether `left` and `right` are equal, in a time that depends on their lengths alone.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// What is stored of a random secret (client secret, session token). Only for secrets of at least 16 random
/// bytes: a plain hash does not slow down guessing.
pub fn hash_secret(secret: &[u8]) -> [u8; 32] {
    sha256(secret)
}

/// Whether `secret` is the one that `hash` was made of.
pub fn verify_secret(secret: &[u8], hash: &[u8; 32]) -> bool {
    constant_time_eq(&hash_secret(secret), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_secret_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from_bytes(&[0xab; 32])), "Secret");
    }

    #[test]
    fn system_entropy_does_not_repeat() {
        let (first, second) = (Secret::generate(&SystemEntropy), Secret::generate(&SystemEntropy));
        assert_ne!(first.expose(), second.expose());
        assert_ne!(first.expose(), &[0; 32]);
    }

    #[test]
    fn a_secret_verifies_against_its_own_hash_only() {
        let hash = hash_secret(b"thirty-two random bytes, say....");
        assert!(verify_secret(b"thirty-two random bytes, say....", &hash));
        assert!(!verify_secret(b"thirty-two random bytes, say...!", &hash));
        assert!(!verify_secret(b"", &hash));
    }

    #[test]
    fn slices_of_other_length_are_not_equal() {
        assert!(constant_time_eq(b"", b""));
        assert!(!constant_time_eq(b"a", b""));
        assert!(!constant_time_eq(b"a", b"ab"));
    }
}
