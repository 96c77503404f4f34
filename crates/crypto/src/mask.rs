//! Masks with a key: the hash and the token of a value, each under a key of its field.
//!
//! Keys are `HKDF-Expand(system key, "dossier/mask/1" ‖ method u8 ‖ kind u16be ‖ field u16be, 32)`. Nothing of it is random:
//! the same value of a field has the same hash and the same token as long as there is the installation.
//!
//! A token holds what it stands for, so nothing is kept beside it:
//!
//! - of six digits and more: FF1 (NIST SP 800-38G, AES-256, radix 10), as many digits. A phone keeps its country, an
//!   identity number the X at its end; both are the tweak.
//! - of anything else: `tok_` ‖ base64url of AES-256-GCM-SIV (RFC 8452, nonce 0) of the text, with its tag.

use aes::Aes256;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_model::mask::{FieldKeys, TOKEN, phone_parts};
use fpe::ff1::{FF1, FlexibleNumeralString};
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::prf::{MacKey, Prf};

const LABEL: &[u8] = b"dossier/mask/1";
const HASH: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;

/// Fewer digits could be tried out (NIST SP 800-38G: a million numbers at least).
const SHORTEST: usize = 6;
/// Where the last character of an identity number is its check digit ten.
const IDENTITY: usize = 18;
const NONCE: [u8; 12] = [0; 12];

/// The keyed masks of one field.
#[derive(Clone, Copy)]
pub struct FieldMasks<'a> {
    system: &'a MacKey,
    kind: u16,
    field: u16,
}

impl<'a> FieldMasks<'a> {
    /// Those of a field of a kind; `system` is the keyring's system key.
    pub fn new(system: &'a MacKey, kind: u16, field: u16) -> Self {
        Self { system, kind, field }
    }

    /// What a token stands for; none when it is no token of this field. A number is always one of some number: whether
    /// that is anybody's, only a record can tell.
    ///
    /// # Errors
    /// Those of the primitives.
    pub fn original(&self, token: &str) -> Result<Option<Zeroizing<String>>, CryptoError> {
        let Some(sealed) = token.strip_prefix(TOKEN) else {
            return Number::of(token).map(|number| self.number(&number, false)).transpose();
        };
        let Ok(mut bytes) = URL_SAFE_NO_PAD.decode(sealed).map(Zeroizing::new) else { return Ok(None) };
        let key = self.text_key()?;
        let nonce = Nonce::assume_unique_for_key(NONCE);
        let Ok(plain) = key.open_in_place(nonce, Aad::empty(), &mut bytes) else { return Ok(None) };
        Ok(std::str::from_utf8(plain).ok().map(|text| Zeroizing::new(text.to_owned())))
    }

    fn try_hash(&self, text: &str) -> Result<[u8; 8], CryptoError> {
        let [a, b, c, d, e, f, g, h, ..] = Prf::new(&*self.derive(HASH)?).mac(&[text.as_bytes()]);
        Ok([a, b, c, d, e, f, g, h])
    }

    fn try_token(&self, text: &str) -> Result<String, CryptoError> {
        if let Some(number) = Number::of(text) {
            return Ok(self.number(&number, true)?.to_string());
        }
        let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
        let nonce = Nonce::assume_unique_for_key(NONCE);
        let tag = self.text_key()?.seal_in_place_separate_tag(nonce, Aad::empty(), &mut bytes);
        let tag = tag.map_err(|_| CryptoError::Primitive("aes-256-gcm-siv seal"))?;
        bytes.extend_from_slice(tag.as_ref());
        Ok(format!("{TOKEN}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    fn number(&self, number: &Number<'_>, there: bool) -> Result<Zeroizing<String>, CryptoError> {
        let (head, tail) = (number.head, number.tail);
        let tweak = [head.as_bytes(), b"/", tail.as_bytes()].concat();
        let digits = ff1(&*self.derive(NUMBER)?, &tweak, number.digits, there)?;
        Ok(Zeroizing::new(format!("{head}{}{tail}", &*digits)))
    }

    fn text_key(&self) -> Result<LessSafeKey, CryptoError> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, &*self.derive(TEXT)?);
        key.map(LessSafeKey::new).map_err(|_| CryptoError::Primitive("aes-256-gcm-siv key"))
    }

    fn derive(&self, method: u8) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        self.system.prf().expand(&[LABEL, &[method], &self.kind.to_be_bytes(), &self.field.to_be_bytes()])
    }
}

impl FieldKeys for FieldMasks<'_> {
    fn hash(&self, text: &str) -> Option<[u8; 8]> {
        self.try_hash(text).ok()
    }

    fn token(&self, text: &str) -> Option<String> {
        self.try_token(text).ok()
    }
}

/// A text whose token is a number: what stays in front, the digits, what stays behind.
struct Number<'a> {
    head: &'a str,
    digits: &'a str,
    tail: &'a str,
}

impl<'a> Number<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (head, rest) = match phone_parts(text) {
            Some((_, national)) => text.split_at_checked(text.len() - national.len())?,
            None => ("", text),
        };
        let identity = head.is_empty() && rest.len() == IDENTITY;
        let (digits, tail) = match rest.strip_suffix('X').filter(|_| identity) {
            Some(digits) => (digits, "X"),
            None => (rest, ""),
        };
        let fits = digits.len() >= SHORTEST && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(Self { head, digits, tail })
    }
}

/// FF1 over decimal digits, there or back.
fn ff1(key: &[u8; 32], tweak: &[u8], digits: &str, there: bool) -> Result<Zeroizing<String>, CryptoError> {
    const FAILED: CryptoError = CryptoError::Primitive("ff1");
    let cipher = FF1::<Aes256>::new(key, 10).map_err(|_| FAILED)?;
    let from: Vec<u16> = digits.bytes().map(|digit| u16::from(digit.wrapping_sub(b'0'))).collect();
    let from = FlexibleNumeralString::from(from);
    let to = if there { cipher.encrypt(tweak, &from) } else { cipher.decrypt(tweak, &from) };
    let to = Zeroizing::new(Vec::<u16>::from(to.map_err(|_| FAILED)?));
    let digit = |n: &u16| char::from_digit(u32::from(*n), 10).ok_or(FAILED);
    to.iter().map(digit).collect::<Result<String, _>>().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use dossier_fuzz::fuzz;
    use proptest::prelude::*;

    use super::*;
    use crate::Secret;

    fn key(byte: u8) -> MacKey {
        MacKey::new(Secret::from_bytes(&[byte; 32]))
    }

    fn back(masks: &FieldMasks<'_>, token: &str) -> Option<String> {
        masks.original(token).unwrap().map(|text| text.to_string())
    }

    /// The samples with AES-256 and radix 10 that NIST publishes for FF1.
    #[test]
    fn ff1_is_that_of_the_published_samples() {
        let key = [
            0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c,
            0xef, 0x43, 0x59, 0xd8, 0xd5, 0x80, 0xaa, 0x4f, 0x7f, 0x03, 0x6d, 0x6f, 0x04, 0xfc, 0x6a, 0x94,
        ];
        for (tweak, token) in [("", "6657667009"), ("9876543210", "1001623463")] {
            assert_eq!(*ff1(&key, tweak.as_bytes(), "0123456789", true).unwrap(), token);
            assert_eq!(*ff1(&key, tweak.as_bytes(), token, false).unwrap(), "0123456789");
        }
    }

    #[test]
    fn keys_are_those_of_the_written_format() {
        let hmac = |key: &[u8], data: &[u8]| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
            aws_lc_rs::hmac::sign(&key, data).as_ref().to_vec()
        };
        let derived = |method| hmac(&[1; 32], &[LABEL, &[method, 0, 1, 0, 19], &[1]].concat());
        let (system, text) = (key(1), "+8615400000001");
        let masks = FieldMasks::new(&system, 1, 19);
        assert_eq!(masks.hash(text).unwrap(), hmac(&derived(HASH), text.as_bytes())[..8]);
        let number: [u8; 32] = derived(NUMBER).try_into().unwrap();
        let digits = ff1(&number, b"+86/", "15400000001", true).unwrap();
        assert_eq!(masks.token(text).unwrap(), format!("+86{}", &*digits));
    }

    #[test]
    fn a_number_keeps_its_form_and_leads_back() {
        let system = key(1);
        let masks = FieldMasks::new(&system, 1, 4);
        for text in ["123456", "6222000000000000000", "+8615400000001", "+14155550100", "31010119900101123X"]
        {
            let token = masks.token(text).unwrap();
            assert_ne!(token, text);
            assert_eq!(token.len(), text.len());
            let digits = |t: &str| t.bytes().map(|b| b.is_ascii_digit()).collect::<Vec<_>>();
            assert_eq!(digits(&token), digits(text), "{text}");
            assert_eq!(back(&masks, &token).as_deref(), Some(text));
        }
        assert!(masks.token("+8615400000001").unwrap().starts_with("+86"));
    }

    #[test]
    fn what_is_no_long_number_becomes_a_token_that_leads_back() {
        let system = key(1);
        let masks = FieldMasks::new(&system, 1, 4);
        for text in ["", "12345", "+8612345", "欧阳示例", "12345678a", "1990-01-01", "１２３４５６", "tok_x"]
        {
            let token = masks.token(text).unwrap();
            assert!(token.starts_with(TOKEN), "{text}");
            assert_eq!(back(&masks, &token).as_deref(), Some(text));
            // Any other one leads nowhere.
            assert_eq!(back(&masks, &format!("{token}A")), None);
            assert_eq!(back(&FieldMasks::new(&system, 1, 5), &token), None);
        }
        for none in ["", "tok_", "tok_?", "12345", "示例"] {
            assert_eq!(back(&masks, none), None, "{none}");
        }
    }

    #[test]
    fn the_same_value_has_another_mask_in_another_field_and_installation() {
        let (one, two) = (key(1), key(2));
        let of = |masks: FieldMasks<'_>, text: &str| (masks.hash(text).unwrap(), masks.token(text).unwrap());
        for text in ["15400000001", "示例"] {
            let first = of(FieldMasks::new(&one, 1, 4), text);
            assert_eq!(first, of(FieldMasks::new(&one, 1, 4), text));
            for other in
                [FieldMasks::new(&one, 1, 5), FieldMasks::new(&one, 2, 4), FieldMasks::new(&two, 1, 4)]
            {
                let other = of(other, text);
                assert!(first.0 != other.0 && first.1 != other.1, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_has_a_token_that_leads_back(text in "\\PC{0,40}", digits in "[0-9]{1,30}") {
            let system = key(3);
            let masks = FieldMasks::new(&system, 2, 4);
            for text in [&text, &digits, &format!("+{digits}"), &format!("{digits}X")] {
                let token = masks.token(text).unwrap();
                prop_assert_eq!(back(&masks, &token), Some(text.clone()));
            }
        }

    }

    #[test]
    fn fuzz_tokens() {
        let system = key(3);
        let masks = FieldMasks::new(&system, 2, 4);
        let seeds =
            ["+8615400000001", "31010119900101123X", "欧阳示例"].map(|text| masks.token(text).unwrap());
        fuzz(&seeds, &[TOKEN, "+", "X", "123456", "-", "_"], |bytes| {
            let Ok(token) = std::str::from_utf8(bytes) else { return };
            // Whatever a token leads back to has that token and no other.
            if let Some(text) = back(&masks, token) {
                assert_eq!(masks.token(&text).unwrap(), token);
            }
        });
    }
}
