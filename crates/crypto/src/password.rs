//! What is kept of a person's password: Argon2id (RFC 9106) with a salt of its own, the cost beside it.

use dossier_model::time::Entropy;

use crate::error::CryptoError;
use crate::passphrase::{Cost, stretch};
use crate::secret::constant_time_eq;

/// Memory and passes of Argon2id, on one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

/// The hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// What it cost.
    pub cost: PasswordCost,
    /// Random.
    pub salt: [u8; 16],
    /// What Argon2id made of both.
    pub key: [u8; 32],
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordHash").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl PasswordHash {
    /// Hashes a new password.
    ///
    /// # Errors
    /// `Primitive` for a cost that Argon2id does not take.
    pub fn new(password: &str, cost: PasswordCost, entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        Ok(Self { cost, salt, key: *stretch(password, &salt, cost.of_one_lane())? })
    }

    /// The hash of nobody's password: checking against it takes as long as against a real one, and nothing fits.
    pub fn of_nobody(cost: PasswordCost) -> Self {
        Self { cost, salt: [0; 16], key: [0; 32] }
    }

    /// Whether this is the password. As slow as the cost says, whatever it finds.
    ///
    /// # Errors
    /// `Primitive` for a cost that Argon2id does not take.
    pub fn fits(&self, password: &str) -> Result<bool, CryptoError> {
        Ok(constant_time_eq(&*stretch(password, &self.salt, self.cost.of_one_lane())?, &self.key))
    }
}

impl PasswordCost {
    fn of_one_lane(self) -> Cost {
        Cost { memory_kib: self.memory_kib, passes: self.passes, lanes: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    const SMALL: PasswordCost = PasswordCost { memory_kib: 64, passes: 1 };

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = PasswordHash::new("十二个字符以上的口令啊", SMALL, &SystemEntropy).unwrap();
        assert!(hash.fits("十二个字符以上的口令啊").unwrap());
        assert!(!hash.fits("十二个字符以上的口令呀").unwrap());
        assert!(!hash.fits("").unwrap());
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        let of = || PasswordHash::new("correct horse battery", SMALL, &SystemEntropy).unwrap();
        assert_ne!(of(), of());
    }

    #[test]
    fn nothing_fits_the_hash_of_nobody() {
        for password in ["", "a", "correct horse battery"] {
            assert!(!PasswordHash::of_nobody(SMALL).fits(password).unwrap());
        }
    }

    #[test]
    fn debug_shows_no_hash() {
        let shown = format!("{:?}", PasswordHash { cost: SMALL, salt: [7; 16], key: [9; 32] });
        assert_eq!(shown, "PasswordHash { cost: PasswordCost { memory_kib: 64, passes: 1 }, .. }");
    }
}
