//! Commitments of values in the change log: they prove a value to who has its salt, and tell nothing without it.

use std::fmt;

use crate::error::CryptoError;
use crate::prf::Prf;
use crate::secret::sha256_of;

/// Commits the values of one version of a record; prepared once from the version's salt.
pub struct Committer(Prf);

impl Committer {
    /// Prepares the salt of one version.
    pub fn new(version_salt: &[u8; 32]) -> Self {
        Self(Prf::new(version_salt))
    }

    /// `SHA-256(salt ‖ cbor)`, the salt being `HKDF-Expand(version salt, "dossier/commit/1" ‖ field u16be, 32)`.
    /// `cbor` is the value's canonical encoding.
    pub fn commit(&self, field: u16, cbor: &[u8]) -> Result<[u8; 32], CryptoError> {
        let salt = self.0.expand(&[b"dossier/commit/1", &field.to_be_bytes()])?;
        Ok(sha256_of(&[salt.as_slice(), cbor]))
    }
}

impl fmt::Debug for Committer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Committer")
    }
}

/// [`Committer::commit`] for a single value.
pub fn commitment(version_salt: &[u8; 32], field: u16, cbor: &[u8]) -> Result<[u8; 32], CryptoError> {
    Committer::new(version_salt).commit(field, cbor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_that_of_the_written_format() {
        let mut salt = [0; 32];
        aws_lc_rs::hkdf::Prk::new_less_safe(aws_lc_rs::hkdf::HKDF_SHA256, &[5; 32])
            .expand(&[b"dossier/commit/1\x01\x02"], aws_lc_rs::hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut salt)
            .unwrap();
        let expected = crate::sha256(&[&salt[..], b"\x61a"].concat());
        assert_eq!(commitment(&[5; 32], 0x0102, b"\x61a").unwrap(), expected);
    }

    #[test]
    fn another_salt_field_or_value_commits_otherwise() {
        let first = commitment(&[5; 32], 1, b"a").unwrap();
        assert_eq!(first, commitment(&[5; 32], 1, b"a").unwrap());
        assert_ne!(first, commitment(&[6; 32], 1, b"a").unwrap());
        assert_ne!(first, commitment(&[5; 32], 2, b"a").unwrap());
        assert_ne!(first, commitment(&[5; 32], 1, b"b").unwrap());
    }
}
