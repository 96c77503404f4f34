//! AES-256 key wrap with padding (RFC 5649), for keys of 32 bytes.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use zeroize::Zeroizing;

use crate::error::CryptoError;

/// Length of a wrapped 32-byte key.
pub(crate) const WRAPPED: usize = 40;

/// Wraps `key` under `kek`.
pub(crate) fn wrap(kek: &[u8; 32], key: &[u8; 32]) -> Result<[u8; WRAPPED], CryptoError> {
    let mut out = [0; WRAPPED];
    let written = wrap_any(kek, key, &mut out)?;
    if written != WRAPPED {
        return Err(CryptoError::Primitive("key wrap length"));
    }
    Ok(out)
}

/// Unwraps a 32-byte key; refuses a wrapped key of any other length.
pub(crate) fn unwrap(kek: &[u8; 32], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    if wrapped.len() != WRAPPED {
        return Err(CryptoError::WrappedKey);
    }
    let mut out = Zeroizing::new([0; 32]);
    // Keys of 25 to 31 bytes wrap to 40 bytes too; none of ours is one.
    match unwrap_any(kek, wrapped, out.as_mut_slice())? {
        32 => Ok(out),
        _ => Err(CryptoError::WrappedKey),
    }
}

// The library's key consumes itself at each use, so its schedule cannot be kept; making it costs about 0.1 µs.
fn kek(key: &[u8; 32]) -> Result<AesKek, CryptoError> {
    AesKek::new(&AES_256, key).map_err(|_| CryptoError::Primitive("key wrap key"))
}

pub(crate) fn wrap_any(key: &[u8; 32], plaintext: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
    let wrapped =
        kek(key)?.wrap_with_padding(plaintext, out).map_err(|_| CryptoError::Primitive("key wrap"))?;
    Ok(wrapped.len())
}

pub(crate) fn unwrap_any(key: &[u8; 32], wrapped: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
    let plaintext = kek(key)?.unwrap_with_padding(wrapped, out).map_err(|_| CryptoError::WrappedKey)?;
    Ok(plaintext.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_unwraps_under_its_own_key_only() {
        let wrapped = wrap(&[1; 32], &[2; 32]).unwrap();
        assert_eq!(*unwrap(&[1; 32], &wrapped).unwrap(), [2; 32]);
        assert!(unwrap(&[3; 32], &wrapped).is_err());
    }

    #[test]
    fn every_flipped_bit_of_a_wrapped_key_is_refused() {
        let wrapped = wrap(&[1; 32], &[2; 32]).unwrap();
        for at in 0..WRAPPED * 8 {
            let mut bad = wrapped;
            bad[at / 8] ^= 1 << (at % 8);
            assert!(unwrap(&[1; 32], &bad).is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let mut out = [0; WRAPPED];
        assert_eq!(wrap_any(&[1; 32], &[2; 31], &mut out).unwrap(), WRAPPED);
        assert!(matches!(unwrap(&[1; 32], &out), Err(CryptoError::WrappedKey)));
        assert!(unwrap(&[1; 32], &out[..32]).is_err());
        assert!(unwrap(&[1; 32], &[]).is_err());
    }
}
