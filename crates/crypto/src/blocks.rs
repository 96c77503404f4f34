//! Files that are sealed in blocks, so that any part of them can be opened by itself.
//!
//! A file's key is `HKDF-Expand(key of the set, "dossier/blocks/1" ‖ salt 32)`, the salt random for each file; a block is
//! sealed once, with its number as the nonce. Bound to it are its number, whether it is the last one, and the name of
//! its file: a block that was moved, a file that was cut off, lengthened or put in another's place does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use dossier_model::time::Entropy;

use crate::error::CryptoError;
use crate::prf::{MacKey, Prf};
use crate::secret::Secret;
use crate::system::{open_system, seal_system};

const LABEL: &[u8] = b"dossier/blocks/1";
/// How much longer a sealed block is than what is in it.
pub const BLOCK_OVERHEAD: usize = 16;

/// The key of a set of files; it is kept beside them, sealed under a key of the keyring.
pub struct BlocksKey {
    secret: Secret,
    prf: Prf,
}

impl BlocksKey {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::of(Secret::generate(entropy))
    }

    fn of(secret: Secret) -> Self {
        let prf = Prf::new(secret.expose());
        Self { secret, prf }
    }

    /// Sealed under a key of the keyring, for `context`.
    ///
    /// # Errors
    /// When a primitive fails.
    pub fn seal(
        &self,
        under: &MacKey,
        context: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, CryptoError> {
        seal_system(under, context, self.secret.expose(), entropy)
    }

    /// Opens what [`BlocksKey::seal`] made for the same context.
    ///
    /// # Errors
    /// `Sealed` when it was changed, or is of another key or context.
    pub fn open(under: &MacKey, context: &[u8], sealed: &[u8]) -> Result<Self, CryptoError> {
        let plain = open_system(under, context, sealed)?;
        let bytes: &[u8; 32] = plain.as_slice().try_into().map_err(|_| CryptoError::Sealed)?;
        Ok(Self::of(Secret::from_bytes(bytes)))
    }

    /// The key of one file. `salt` is random and made for this file alone.
    ///
    /// # Errors
    /// When a primitive fails.
    pub fn file(&self, name: &str, salt: &[u8; 32]) -> Result<FileKey, CryptoError> {
        let key = self.prf.expand(&[LABEL, salt])?;
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice())
            .map_err(|_| CryptoError::Primitive("aes-256-gcm key"))?;
        Ok(FileKey { key: LessSafeKey::new(key), name: name.to_owned() })
    }
}

impl std::fmt::Debug for BlocksKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlocksKey")
    }
}

/// The key of one file.
pub struct FileKey {
    key: LessSafeKey,
    name: String,
}

impl FileKey {
    /// Seals a block in place and lengthens it by [`BLOCK_OVERHEAD`]. Each number is sealed once.
    ///
    /// # Errors
    /// When a primitive fails.
    pub fn seal_block(&self, number: u64, last: bool, block: &mut Vec<u8>) -> Result<(), CryptoError> {
        let aad = Aad::from(self.aad(number, last));
        let tag = self.key.seal_in_place_separate_tag(nonce(number), aad, block);
        block.extend_from_slice(tag.map_err(|_| CryptoError::Primitive("aes-256-gcm seal"))?.as_ref());
        Ok(())
    }

    /// Opens a block in place and shortens it by [`BLOCK_OVERHEAD`].
    ///
    /// # Errors
    /// `Sealed` when it is not the block of this number, place and file as it was sealed.
    pub fn open_block(&self, number: u64, last: bool, block: &mut Vec<u8>) -> Result<(), CryptoError> {
        let aad = Aad::from(self.aad(number, last));
        let opened =
            self.key.open_in_place(nonce(number), aad, block).map_err(|_| CryptoError::Sealed)?.len();
        block.truncate(opened);
        Ok(())
    }

    fn aad(&self, number: u64, last: bool) -> Vec<u8> {
        [LABEL, &number.to_be_bytes(), &[u8::from(last)], self.name.as_bytes()].concat()
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey")
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; 12];
    if let Some(tail) = nonce.last_chunk_mut::<8>() {
        *tail = number.to_be_bytes();
    }
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    fn sealed(key: &BlocksKey, name: &str, number: u64, last: bool) -> Vec<u8> {
        let mut block = b"block".to_vec();
        key.file(name, &[7; 32]).unwrap().seal_block(number, last, &mut block).unwrap();
        block
    }

    #[test]
    fn a_block_opens_in_its_own_place_and_file_only() {
        let key = BlocksKey::generate(&SystemEntropy);
        let open = |key: &BlocksKey, name: &str, salt: [u8; 32], number, last, block: &[u8]| {
            let mut block = block.to_vec();
            key.file(name, &salt).unwrap().open_block(number, last, &mut block).map(|()| block)
        };
        let block = sealed(&key, "a", 3, false);
        assert_eq!(block.len(), 5 + BLOCK_OVERHEAD);
        assert_eq!(open(&key, "a", [7; 32], 3, false, &block).unwrap(), b"block");
        assert!(open(&key, "b", [7; 32], 3, false, &block).is_err());
        assert!(open(&key, "a", [8; 32], 3, false, &block).is_err());
        assert!(open(&key, "a", [7; 32], 4, false, &block).is_err());
        assert!(open(&key, "a", [7; 32], 3, true, &block).is_err());
        assert!(open(&BlocksKey::generate(&SystemEntropy), "a", [7; 32], 3, false, &block).is_err());
        for at in 0..block.len() {
            let mut changed = block.clone();
            changed[at] ^= 1;
            assert!(open(&key, "a", [7; 32], 3, false, &changed).is_err(), "{at}");
        }
    }

    #[test]
    fn the_key_of_a_set_comes_back_for_its_own_context_only() {
        let under = MacKey::new(Secret::from_bytes(&[1; 32]));
        let key = BlocksKey::generate(&SystemEntropy);
        let kept = key.seal(&under, b"set", &SystemEntropy).unwrap();
        let back = BlocksKey::open(&under, b"set", &kept).unwrap();
        assert_eq!(sealed(&back, "a", 0, true), sealed(&key, "a", 0, true));
        assert!(BlocksKey::open(&under, b"other", &kept).is_err());
        assert!(!format!("{key:?} {:?}", key.file("a", &[0; 32]).unwrap()).contains('['));
    }
}
