//! Tokens: what an exact look-up finds a value by, without the value.

use crate::prf::MacKey;

fn token(key: &MacKey, field: u32, text: &str) -> [u8; 32] {
    key.prf().mac(&[b"dossier/token/1", &field.to_be_bytes(), text.as_bytes()])
}

/// The short token, for finding: the first 8 bytes as `i64` (big-endian). Two values may share one, so hits are
/// checked against the opened value. `text` is the normalised value.
pub fn token8(key: &MacKey, field: u32, text: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = token(key, field, text);
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The long token, for what must be unique: the first 16 bytes.
pub fn token16(key: &MacKey, field: u32, text: &str) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(token(key, field, text)) {
        *to = from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn key(byte: u8) -> MacKey {
        MacKey::new(Secret::from_bytes(&[byte; 32]))
    }

    #[test]
    fn a_token_is_that_of_the_written_format() {
        let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[1; 32]);
        let expected = aws_lc_rs::hmac::sign(&hmac, b"dossier/token/1\x00\x01\x00\x4c15400000000");
        assert_eq!(token16(&key(1), 1 << 16 | 19 << 2, "15400000000"), expected.as_ref()[..16]);
        let short = token8(&key(1), 1 << 16 | 19 << 2, "15400000000");
        assert_eq!(short.to_be_bytes(), expected.as_ref()[..8]);
    }

    #[test]
    fn another_key_field_or_text_has_another_token() {
        let first = token16(&key(1), 1, "a");
        assert_ne!(first, token16(&key(2), 1, "a"));
        assert_ne!(first, token16(&key(1), 2, "a"));
        assert_ne!(first, token16(&key(1), 1, "b"));
    }
}
