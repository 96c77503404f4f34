//! The closed scales: sensitivity, backup class, cooperation stage, subject.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::Lang;

/// A text or number that stands for no member of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}: use one of {1}")]
pub struct ScaleError(&'static str, &'static str);

/// One table for each scale: member = number, text outside, label zh, label en.
macro_rules! scale {
    ($(#[$doc:meta])* $name:ident, $what:literal, $all:literal, serde $serde:ident;
     $($(#[$vdoc:meta])* $member:ident = $number:literal, $text:literal, $zh:literal, $en:literal;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $member = $number,)+ }

        impl $name {
            /// All members, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The number that stands in clear columns, associated data and logs.
            #[must_use]
            pub const fn as_u8(self) -> u8 { self as u8 }

            /// The member with this number.
            #[must_use]
            pub const fn from_u8(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$member),)+ _ => None }
            }

            /// The text of the interfaces and declarations.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)+ }
            }

            /// What people call it.
            #[must_use]
            pub const fn label(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$member, Lang::Zh) => $zh, (Self::$member, Lang::En) => $en,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = ScaleError;

            fn from_str(text: &str) -> Result<Self, ScaleError> {
                Self::ALL.iter().copied().find(|m| m.as_str() == text).ok_or(ScaleError($what, $all))
            }
        }

        scale!(@$serde $name, $what, $all);
    };
    (@text $name:ident, $what:literal, $all:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.serialize_str(self.as_str()) }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
    (@number $name:ident, $what:literal, $all:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.serialize_u8(self.as_u8()) }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::from_u8(u8::deserialize(from)?)
                    .ok_or_else(|| serde::de::Error::custom(ScaleError($what, $all)))
            }
        }
    };
}

scale! {
    /// Sensitivity of a field or a dossier (敏感等级). Higher is more sensitive.
    Level, "level", "`L1`, `L2`, `L3`, `L4`", serde text;
    /// Public.
    L1 = 1, "L1", "公开", "public";
    /// Internal.
    L2 = 2, "L2", "内部", "internal";
    /// Confidential.
    L3 = 3, "L3", "机密", "confidential";
    /// Top secret.
    L4 = 4, "L4", "绝密", "top secret";
}

scale! {
    /// Backup class of a field: 1 is copied only when needed, 2 leaves as masks, 3 is copied.
    Class, "backup class", "1, 2, 3", serde number;
    /// Highly sensitive: left out of every readable copy unless the business needs it.
    C1 = 1, "1", "一类", "class 1";
    /// Masked before copying.
    C2 = 2, "2", "二类", "class 2";
    /// Copied.
    C3 = 3, "3", "三类", "class 3";
}

scale! {
    /// Stage of the cooperation (合作阶段).
    Stage, "stage", "`lead`, `opportunity`, `signed`, `delivery`, `after_sales`, `terminated`", serde text;
    /// Known, nothing under way.
    Lead = 0, "lead", "线索", "lead";
    /// A sales opportunity is open.
    Opportunity = 1, "opportunity", "商机", "opportunity";
    /// A contract is signed.
    Signed = 2, "signed", "签约", "signed";
    /// Being delivered.
    Delivery = 3, "delivery", "交付", "delivery";
    /// In service.
    AfterSales = 4, "after_sales", "售后", "after-sales";
    /// Ended.
    Terminated = 5, "terminated", "终止", "terminated";
}

scale! {
    /// What a customer is (客户主体).
    Subject, "subject", "`A`, `B`, `C`", serde text;
    /// An enterprise.
    A = 1, "A", "企业", "enterprise";
    /// A natural person.
    B = 2, "B", "个人", "individual";
    /// A government body, an institution, a non-profit.
    C = 3, "C", "政府、事业单位或非营利组织", "government, institution or non-profit";
}

impl Subject {
    /// Enterprises and institutions: their registered data is public.
    #[must_use]
    pub const fn is_organisation(self) -> bool {
        matches!(self, Self::A | Self::C)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_survives_number_and_text() {
        for level in Level::ALL {
            assert_eq!(Level::from_u8(level.as_u8()), Some(*level));
            assert_eq!(level.to_string().parse(), Ok(*level));
        }
        for stage in Stage::ALL {
            assert_eq!(Stage::from_u8(stage.as_u8()), Some(*stage));
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.as_str());
        }
        assert_eq!(Level::from_u8(0), None);
        assert_eq!(Stage::from_u8(6), None);
    }

    #[test]
    fn levels_are_texts_and_classes_are_numbers_in_json() {
        assert_eq!(serde_json::to_string(&Level::L3).unwrap(), "\"L3\"");
        assert_eq!(serde_json::to_string(&Class::C1).unwrap(), "1");
        assert_eq!(serde_json::from_str::<Class>("3").unwrap(), Class::C3);
        assert!(serde_json::from_str::<Class>("4").is_err());
        assert!(serde_json::from_str::<Level>("\"l3\"").is_err());
    }

    #[test]
    fn a_wrong_text_says_what_would_be_right() {
        let error = "D".parse::<Subject>().unwrap_err();
        assert_eq!(error.to_string(), "not a subject: use one of `A`, `B`, `C`");
    }
}
