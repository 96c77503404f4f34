//! Ids: `UUIDv7` outside (shown as `TypeID`, `dos_…`), small integers inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Micros;

/// The digits of Crockford's base 32, lower case, as the `TypeID` specification 0.3 wants them.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in digits of five bits each; the first digit holds the three that are left over.
const SUFFIX_LEN: usize = 26;

/// A public id: 16 bytes, in the order of the text. Sorts by the time it was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub [u8; 16]);

impl Uid {
    /// Makes a `UUIDv7` (RFC 9562 §5.7): 48 bits of milliseconds, then 74 of the 80 random bits given.
    #[must_use]
    pub fn v7(now: Micros, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.0.div_euclid(1_000)).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().into_bytes())
    }

    /// The millisecond (as microseconds) that stands in a `UUIDv7`.
    #[must_use]
    pub fn made(self) -> Micros {
        let [a, b, c, d, e, f, ..] = self.0;
        Micros(i64::from_be_bytes([0, 0, a, b, c, d, e, f]).saturating_mul(1_000))
    }

    /// The id as `TypeID`: `PREFIX_` and 26 characters.
    #[must_use]
    pub fn to_typeid(self, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + 1 + SUFFIX_LEN);
        text.push_str(prefix);
        text.push('_');
        let bits = u128::from_be_bytes(self.0);
        for place in (0..SUFFIX_LEN).rev() {
            let digit = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
            text.push(char::from(BASE32.get(digit).copied().unwrap_or(b'0')));
        }
        text
    }

    /// Reads a `TypeID` of this prefix; `None` for any other prefix, length, case or character.
    #[must_use]
    pub fn parse_typeid(prefix: &str, text: &str) -> Option<Self> {
        let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
        // A first digit above 7 would need more than 128 bits.
        if suffix.len() != SUFFIX_LEN || suffix.bytes().next()? > b'7' {
            return None;
        }
        let mut bits: u128 = 0;
        for byte in suffix.bytes() {
            let digit = BASE32.iter().position(|d| *d == byte)?;
            bits = (bits << 5) | u128::try_from(digit).ok()?;
        }
        Some(Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for Uid {
    /// The hyphenated form of RFC 9562.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: give 32 hexadecimal digits with four hyphens")]
pub struct UidError;

impl FromStr for Uid {
    type Err = UidError;

    /// Reads the hyphenated form.
    fn from_str(text: &str) -> Result<Self, UidError> {
        if text.len() != 36 {
            return Err(UidError);
        }
        uuid::Uuid::try_parse(text).map(|id| Self(id.into_bytes())).map_err(|_| UidError)
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A tenant; the only one of an embedded store is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(pub u32);

impl Tenant {
    /// The only tenant of an embedded store.
    pub const ONLY: Self = Self(1);
}

/// A record's number inside: positive, from a leased sequence, ascending, with gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rid(pub i64);

/// A team's random number in the clear columns; 0 is the default team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamNo(pub u32);

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TeamNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_typeid_equals_the_specifications_example() {
        let id: Uid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(id.to_typeid("prefix"), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(Uid([0; 16]).to_typeid("dos"), "dos_00000000000000000000000000");
        assert_eq!(Uid([255; 16]).to_typeid("dos"), "dos_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn a_typeid_of_another_prefix_case_length_or_size_is_refused() {
        let good = Uid([7; 16]).to_typeid("dos");
        assert!(Uid::parse_typeid("con", &good).is_none());
        assert!(Uid::parse_typeid("dos", &good.to_uppercase()).is_none());
        assert!(Uid::parse_typeid("dos", &good.replace("dos_0", "dos_")).is_none());
        assert!(Uid::parse_typeid("dos", "dos_8zzzzzzzzzzzzzzzzzzzzzzzzz").is_none());
        assert!(Uid::parse_typeid("dos", "dos_0000000000000000000000000i").is_none());
    }

    #[test]
    fn a_uuid_v7_carries_time_version_and_variant() {
        let id = Uid::v7(Micros(1_700_000_000_123_456), [255; 10]);
        assert_eq!(id.made(), Micros(1_700_000_000_123_000));
        assert_eq!(id.0[6] >> 4, 7);
        assert_eq!(id.0[8] >> 6, 0b10);
    }

    proptest! {
        #[test]
        fn every_id_survives_both_texts(bytes: [u8; 16]) {
            let id = Uid(bytes);
            prop_assert_eq!(Uid::parse_typeid("dos", &id.to_typeid("dos")), Some(id));
            prop_assert_eq!(id.to_string().parse::<Uid>(), Ok(id));
        }

        #[test]
        fn later_ids_sort_after_earlier_ones(a in 0i64..1 << 50, b in 0i64..1 << 50, r: [u8; 10]) {
            let (x, y) = (Uid::v7(Micros(a), r), Uid::v7(Micros(b), r));
            prop_assert_eq!(x.cmp(&y), (a / 1_000).cmp(&(b / 1_000)));
            prop_assert_eq!(x.to_typeid("t").cmp(&y.to_typeid("t")), x.cmp(&y));
        }
    }
}
