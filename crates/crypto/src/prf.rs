//! HMAC-SHA-256 with its key prepared once, and HKDF-Expand on it (RFC 5869 §2.3, one block).

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::secret::Secret;

/// The longest `info` that [`Prf::expand`] takes, with the counter byte behind it.
const INFO_MAX: usize = 64;

/// A prepared HMAC-SHA-256 key: both padded key blocks are hashed once, each use costs two blocks less.
pub(crate) struct Prf(hmac::Key);

impl Prf {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// HMAC-SHA-256 of all `parts` joined. For values that are shown or stored, not for keys.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// `HKDF-Expand(SHA-256, PRK = this key, info = parts joined, 32)`: its only block is
    /// `HMAC(PRK, info ‖ 0x01)`.
    pub(crate) fn expand(&self, parts: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        let mut info = Fixed::<INFO_MAX>::new();
        for part in parts {
            info.push(part)?;
        }
        info.push(&[1])?;
        let mut out = Zeroizing::new([0; 32]);
        hmac::sign_to_buffer(&self.0, info.bytes(), out.as_mut_slice())
            .map_err(|_| CryptoError::Primitive("hkdf-expand"))?;
        Ok(out)
    }
}

impl fmt::Debug for Prf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prf")
    }
}

/// A key of the keyring that authenticates, makes tokens, or derives the keys of system records.
pub struct MacKey {
    secret: Secret,
    prf: Prf,
}

impl MacKey {
    /// Prepares `secret` for use.
    pub fn new(secret: Secret) -> Self {
        let prf = Prf::new(secret.expose());
        Self { secret, prf }
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn prf(&self) -> &Prf {
        &self.prf
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

/// Bytes put together on the stack, because this happens several times for each record of a list.
pub(crate) struct Fixed<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Fixed<N> {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    /// Appends `part`, or refuses where it does not fit: a shortened context would be that of another thing.
    pub(crate) fn push(&mut self, part: &[u8]) -> Result<(), CryptoError> {
        let end = self.len + part.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(CryptoError::Primitive("context too long"))?;
        room.copy_from_slice(part);
        self.len = end;
        Ok(())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expand_agrees_with_the_hkdf_of_the_library() {
        let key = [7; 32];
        let mut theirs = [0; 32];
        aws_lc_rs::hkdf::Prk::new_less_safe(aws_lc_rs::hkdf::HKDF_SHA256, &key)
            .expand(&[b"dossier/1/", b"header"], aws_lc_rs::hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut theirs)
            .unwrap();
        assert_eq!(*Prf::new(&key).expand(&[b"dossier/1/", b"header"]).unwrap(), theirs);
    }

    #[test]
    fn a_context_that_does_not_fit_is_refused_and_not_shortened() {
        let prf = Prf::new(&[7; 32]);
        assert!(prf.expand(&[&[0; INFO_MAX - 1]]).is_ok());
        assert!(prf.expand(&[&[0; INFO_MAX]]).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", MacKey::new(Secret::from_bytes(&[1; 32]))), "MacKey");
        assert_eq!(format!("{:?}", Prf::new(&[1; 32])), "Prf");
    }
}
