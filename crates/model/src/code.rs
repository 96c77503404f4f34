//! Customer codes (A10): `C`, industry 2, year 2, sequence 8, check 2, and behind these 15 the stage and the level of
//! the moment.
//!
//! The check is ISO 7064 MOD 1271-36 over the first 13; it tells every single wrong character and every swap of
//! neighbours. Codes are made by the system alone; what people type is only ever looked up.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::check::mod_1271_36;
use crate::fault::Fault;
use crate::level::{Level, Stage};

/// The highest sequence number; eight digits.
pub const MAX_SEQUENCE: u32 = 99_999_999;

/// `C`, industry, year, sequence.
const BODY: usize = 13;
/// [`BODY`] and the two check characters: the part that never changes.
const LASTING: usize = 15;

/// The 15 characters of a customer code that never change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerCode([u8; LASTING]);

impl CustomerCode {
    /// Makes a code. `industry` is two digits or capital letters (`00` unknown, `01` internet technology), of `year`
    /// the last two digits are taken.
    ///
    /// # Errors
    /// `customer_code_shape` when the industry is no such text, `code_exhausted` when the sequence is
    /// above [`MAX_SEQUENCE`].
    pub fn generate(industry: &str, year: i16, sequence: u32) -> Result<Self, Fault> {
        if sequence > MAX_SEQUENCE {
            return Err(Fault::new("code_exhausted"));
        }
        Self::from_body(&format!("C{industry}{:02}{sequence:08}", year.rem_euclid(100)))
    }

    /// Reads what people have before them: 18 characters, the lasting 15, or 17 of the old form.
    ///
    /// With 18 and 15 characters the check must hold. The old form lacks one character and its check followed another
    /// rule, so it counts by its first 13 alone, and the check is computed. The last three of 18 follow the dossier;
    /// they must be a stage and a level, but of which moment does not matter. Case, width, white space and hyphens are
    /// free.
    ///
    /// # Errors
    /// `customer_code_shape`, `customer_code_check`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let code = crate::check::compact_groups(text);
        let shape = || Fault::new("customer_code_shape");
        if !code.is_ascii() || !matches!(code.len(), 15 | 17 | 18) {
            return Err(shape());
        }
        let (body, tail) = code.split_at_checked(BODY).ok_or_else(shape)?;
        let made = Self::from_body(body)?;
        let tail = tail.as_bytes();
        match tail {
            [a, b] | [a, b, b'0'..=b'5', b'L', b'1'..=b'4'] => {
                if made.0.ends_with(&[*a, *b]) {
                    Ok(made)
                } else {
                    Err(Fault::new("customer_code_check"))
                }
            }
            [_, _, _, _] if tail.iter().all(u8::is_ascii_alphanumeric) => Ok(made),
            _ => Err(shape()),
        }
    }

    /// The 15 lasting characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII ever gets in, so the empty text never stands for a code.
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// All 18 characters, with the stage and the level of the moment.
    #[must_use]
    pub fn full(&self, stage: Stage, level: Level) -> String {
        format!("{}{}{}", self.as_str(), stage.as_u8(), level.as_str())
    }

    /// The two characters of the industry.
    #[must_use]
    pub fn industry(&self) -> &str {
        self.as_str().get(1..3).unwrap_or("")
    }

    fn from_body(body: &str) -> Result<Self, Fault> {
        let shape = || Fault::new("customer_code_shape");
        let [b'C', industry @ .., _, _, _, _, _, _, _, _, _, _] = body.as_bytes() else {
            return Err(shape());
        };
        let industry_fits =
            industry.len() == 2 && industry.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        let digits = body.bytes().skip(3).all(|b| b.is_ascii_digit());
        if !industry_fits || !digits {
            return Err(shape());
        }
        let check = mod_1271_36(body.as_bytes()).ok_or_else(shape)?;
        let mut code = [0; LASTING];
        for (to, from) in code.iter_mut().zip(body.bytes().chain(check)) {
            *to = from;
        }
        Ok(Self(code))
    }
}

impl fmt::Display for CustomerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CustomerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for CustomerCode {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::parse(text)
    }
}

impl Serialize for CustomerCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CustomerCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code() -> CustomerCode {
        CustomerCode::generate("01", 2025, 1).unwrap()
    }

    #[test]
    fn codes_agree_with_big_integer_arithmetic() {
        // Computed as 1 − N·36² mod 1271 with N the first 13 characters as one number of base 36.
        assert_eq!(code().as_str(), "C0125000000010Y");
        assert_eq!(CustomerCode::generate("00", 2026, 1_234).unwrap().as_str(), "C00260000123476");
        assert_eq!(CustomerCode::generate("A2", 2025, MAX_SEQUENCE).unwrap().as_str(), "CA22599999999AY");
    }

    #[test]
    fn the_full_code_has_18_characters_and_resolves_whatever_its_tail() {
        let full = code().full(Stage::Signed, Level::L3);
        assert_eq!(full, "C0125000000010Y2L3");
        for stage in Stage::ALL {
            for level in Level::ALL {
                assert_eq!(CustomerCode::parse(&code().full(*stage, *level)), Ok(code()));
            }
        }
    }

    #[test]
    fn look_ups_take_18_15_and_the_old_17() {
        for text in ["C0125000000010Y", " c0125 00000001 0y 2l3 ", "Ｃ０１２５０００００００１０Ｙ"]
        {
            assert_eq!(CustomerCode::parse(text), Ok(code()), "{text}");
        }
        // One check character, stage, level; and two, stage, a bare `L`. The check is not looked at.
        for old in ["C012500000001X0L1", "C0125000000010Y2L", "C012500000001ZZ2L"] {
            assert_eq!(CustomerCode::parse(old), Ok(code()), "{old}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "C0125",
            "D0125000000010Y",
            "C01A5000000010Y",
            "C0125000000010Y2",
            "C0125000000010Y6L1",
            "C0125000000010Y2L5",
            "C0125000000010Y2M1",
            "客户编码客户编码客户编码客户编",
        ] {
            assert_eq!(CustomerCode::parse(text).unwrap_err().key, "customer_code_shape", "{text}");
        }
        assert_eq!(CustomerCode::parse("C0125000000010X").unwrap_err().key, "customer_code_check");
        assert_eq!(CustomerCode::generate("1", 2025, 1).unwrap_err().key, "customer_code_shape");
        assert_eq!(CustomerCode::generate("ab", 2025, 1).unwrap_err().key, "customer_code_shape");
        assert_eq!(CustomerCode::generate("01", 2025, MAX_SEQUENCE + 1).unwrap_err().key, "code_exhausted");
    }

    proptest! {
        #[test]
        fn every_single_substitution_and_swap_is_told(
            industry in "[0-9A-Z]{2}", year in 2000i16..2100, sequence in 0..=MAX_SEQUENCE, at in 0usize..15, other in "[0-9A-Z]",
        ) {
            let code = CustomerCode::generate(&industry, year, sequence).unwrap();
            prop_assert_eq!(code.industry(), industry);
            let mut wrong = code.0;
            prop_assume!(wrong[at] != other.as_bytes()[0]);
            wrong[at] = other.as_bytes()[0];
            prop_assert!(CustomerCode::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
            let mut swapped = code.0;
            swapped.swap(at.min(13), at.min(13) + 1);
            prop_assume!(swapped != code.0);
            prop_assert!(CustomerCode::parse(std::str::from_utf8(&swapped).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            let _ = CustomerCode::parse(&text);
        }
    }
}
