//! A key from a passphrase: Argon2id (RFC 9106), its cost written beside what it protects.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize, Zeroizing};

use crate::error::CryptoError;

/// Memory, passes and lanes of Argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// What a new keystore is made with: 64 MiB, three passes (RFC 9106 §4, second choice, on one lane).
    pub(crate) const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// Whether a file may ask for this: not so little that it protects nothing, not so much that a changed
    /// file takes the machine down.
    pub(crate) fn is_sane(self) -> bool {
        (8 * 1024..=4 * 1024 * 1024).contains(&self.memory_kib)
            && (1..=64).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

/// The key that `passphrase` gives with this salt and cost.
pub(crate) fn stretch(
    passphrase: &str,
    salt: &[u8; 16],
    cost: Cost,
) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("argon2id");
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| FAILED)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let mut key = Zeroizing::new([0; 32]);
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        passphrase.as_bytes(),
        salt,
        key.as_mut_slice(),
        memory.as_mut_slice(),
    );
    memory.iter_mut().for_each(Zeroize::zeroize);
    done.map_err(|_| FAILED)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Cost = Cost { memory_kib: 8 * 1024, passes: 1, lanes: 1 };

    #[test]
    fn passphrase_salt_and_cost_each_change_the_key() {
        let key = *stretch("open sesame", &[1; 16], SMALL).unwrap();
        assert_eq!(key, *stretch("open sesame", &[1; 16], SMALL).unwrap());
        assert_ne!(key, *stretch("open Sesame", &[1; 16], SMALL).unwrap());
        assert_ne!(key, *stretch("open sesame", &[2; 16], SMALL).unwrap());
        assert_ne!(key, *stretch("open sesame", &[1; 16], Cost { passes: 2, ..SMALL }).unwrap());
    }

    #[test]
    fn costs_out_of_bounds_are_not_sane() {
        assert!(Cost::DEFAULT.is_sane() && SMALL.is_sane());
        for cost in [
            Cost { memory_kib: 64, ..SMALL },
            Cost { memory_kib: u32::MAX, ..SMALL },
            Cost { passes: 0, ..SMALL },
            Cost { passes: 65, ..SMALL },
            Cost { lanes: 0, ..SMALL },
            Cost { lanes: 17, ..SMALL },
        ] {
            assert!(!cost.is_sane(), "{cost:?}");
        }
    }
}
