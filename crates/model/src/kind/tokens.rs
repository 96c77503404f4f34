//! What a record is found by, and what it must not share with another.

use serde::{Deserialize, Serialize};

use super::document;
use super::field::{Check, Field, holds_identity_number};
use super::record::text;
use super::{Kind, KindId};
use crate::check;
use crate::fault::Fault;
use crate::value::Fields;

/// How many characters stand for the rest when somebody knows only the end.
const TAIL: usize = 4;
/// A tail of a shorter text would be most of it.
const SHORTEST: usize = 8;

/// What a token is made of; keeps tokens of different fields apart: `kind << 16 | field number << 2 | use`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenField(pub u32);

/// Which part of a value a token stands for, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenUse {
    /// The whole value, for finding.
    Whole = 0,
    /// Its last four characters, for finding.
    LastFour = 1,
    /// The whole value (with its partner's), one live record each.
    Unique = 2,
}

impl TokenField {
    /// The token field of a field.
    #[must_use]
    pub const fn new(kind: KindId, number: u16, usage: TokenUse) -> Self {
        Self(((kind.0 as u32) << 16) | ((number as u32) << 2) | usage as u32)
    }

    /// The kind it belongs to.
    #[must_use]
    pub const fn kind(self) -> KindId {
        KindId((self.0 >> 16) as u16)
    }

    /// The number of its field.
    #[must_use]
    pub const fn number(self) -> u16 {
        ((self.0 & 0xffff) >> 2) as u16
    }

    /// What it stands for; `None` for a number that this version does not know.
    #[must_use]
    pub const fn usage(self) -> Option<TokenUse> {
        match self.0 & 3 {
            0 => Some(TokenUse::Whole),
            1 => Some(TokenUse::LastFour),
            2 => Some(TokenUse::Unique),
            _ => None,
        }
    }
}

/// A text to make a token of. Shows nothing of it in `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenSource {
    /// What it is made of.
    pub field: TokenField,
    /// The normalised text.
    pub text: String,
    /// Whether no other live record may have it.
    pub unique: bool,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSource")
            .field("field", &self.field)
            .field("unique", &self.unique)
            .finish_non_exhaustive()
    }
}

impl Kind {
    /// All tokens of a record, after [`Kind::derive`].
    #[must_use]
    pub fn tokens(&self, all: &Fields) -> Vec<TokenSource> {
        let mut sources = Vec::new();
        for field in self.fields.iter().filter(|field| field.enabled) {
            let Some(value) = text(all, field) else { continue };
            if field.index.unique {
                sources.extend(self.unique_source(field, value, all));
            }
            if field.index.find {
                sources.push(self.source(field, TokenUse::Whole, value.to_owned()));
            }
            if field.index.last4 {
                sources.extend(tail(value).map(|end| self.source(field, TokenUse::LastFour, end)));
            }
        }
        sources
    }

    /// The tokens under which a record with this text in this field would stand; any of them is a hit.
    ///
    /// Four characters look for the end where that is indexed; anything else is normalised and looked for whole.
    ///
    /// # Errors
    /// `find_not_indexed`, or what is wrong with the text.
    pub fn lookup(&self, field: &Field, wanted: &str) -> Result<Vec<TokenSource>, Fault> {
        let index = field.index;
        if !field.enabled || !(index.find || index.unique || index.last4) {
            return Err(field.problem(Fault::new("find_not_indexed")));
        }
        let short = check::compact_groups(wanted);
        if index.last4 && short.chars().count() == TAIL {
            return Ok(vec![self.source(field, TokenUse::LastFour, short)]);
        }
        let mut sources = Vec::new();
        if let Some(partner) = field.unique_with.as_deref().and_then(|name| self.by_name(name)) {
            // The type is not known, so the number is looked for under each type that it could be of.
            for option in &partner.options {
                let number = match field.check {
                    Check::DocumentNumber => document::number_of(&option.code, wanted),
                    _ => super::accept::text_value(field, wanted),
                };
                if let Ok(number) = number {
                    sources.push(self.source(field, TokenUse::Unique, joined(&option.code, &number)));
                }
            }
        }
        let normal = super::accept::text_value(field, wanted).map_err(|fault| field.problem(fault))?;
        if index.unique && field.unique_with.is_none() {
            sources.push(self.source(field, TokenUse::Unique, normal.clone()));
        }
        if index.find || field.check == Check::TaxNumber {
            sources.push(self.source(field, TokenUse::Whole, normal));
        }
        Ok(sources)
    }

    fn unique_source(&self, field: &Field, value: &str, all: &Fields) -> Option<TokenSource> {
        match &field.unique_with {
            Some(name) => {
                let code = self.by_name(name).and_then(|partner| text(all, partner))?;
                Some(self.source(field, TokenUse::Unique, joined(code, value)))
            }
            // A branch may pay its taxes under the number of its head office: found by it, not one with it.
            None if field.check == Check::TaxNumber && !self.own_tax_number(value, all) => {
                (!field.index.find).then(|| self.source(field, TokenUse::Whole, value.to_owned()))
            }
            None => Some(self.source(field, TokenUse::Unique, value.to_owned())),
        }
    }

    /// Whether a tax number is the record's own. It is another's when it is the credit code or identity number of
    /// somebody else than the document names. Older forms cannot be told, and count as its own.
    fn own_tax_number(&self, tax_number: &str, all: &Fields) -> bool {
        let Some(field) = self.by_check(Check::DocumentNumber) else { return true };
        let document_type =
            field.unique_with.as_deref().and_then(|n| self.by_name(n)).and_then(|f| text(all, f));
        match (document_type, text(all, field)) {
            (Some(document::CREDIT_CODE), Some(own)) => {
                own == tax_number || check::credit_code(tax_number).is_err()
            }
            (Some(document::IDENTITY_NUMBER), Some(own)) => {
                tax_number.starts_with(own) || !holds_identity_number(tax_number)
            }
            _ => true,
        }
    }

    fn source(&self, field: &Field, usage: TokenUse, text: String) -> TokenSource {
        let unique = usage == TokenUse::Unique;
        TokenSource { field: TokenField::new(self.id, field.number, usage), text, unique }
    }
}

fn joined(code: &str, number: &str) -> String {
    format!("{code}:{number}")
}

fn tail(value: &str) -> Option<String> {
    let length = value.chars().count();
    (length >= SHORTEST).then(|| value.chars().skip(length - TAIL).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kinds;
    use crate::value::Value;

    const CODE: &str = "91350100M000100Y43";
    const OTHER: &str = "12990000MB00000176";
    const PERSON: &str = "11010519491231002X";

    fn tokens(document: (&str, &str), tax_number: &str) -> Vec<(u16, Option<TokenUse>, String)> {
        let kind = Kinds::customer();
        let all = Fields::from([
            (3, Value::Choice(document.0.into())),
            (4, Value::Text(document.1.into())),
            (5, Value::Text(tax_number.into())),
        ]);
        kind.tokens(&all).into_iter().map(|t| (t.field.number(), t.field.usage(), t.text)).collect()
    }

    #[test]
    fn a_token_field_is_as_the_format_page_says() {
        let field = TokenField::new(KindId::CONTACT, 4, TokenUse::LastFour);
        assert_eq!(field.0, 2 << 16 | 4 << 2 | 1);
        assert_eq!(
            (field.kind(), field.number(), field.usage()),
            (KindId::CONTACT, 4, Some(TokenUse::LastFour))
        );
        assert_eq!(TokenField(3).usage(), None);
    }

    #[test]
    fn a_document_is_unique_together_with_its_type_and_its_tax_number_by_itself() {
        let expected = vec![
            (4, Some(TokenUse::Unique), format!("credit_code:{CODE}")),
            (5, Some(TokenUse::Unique), CODE.to_owned()),
        ];
        assert_eq!(tokens(("credit_code", CODE), CODE), expected);
    }

    #[test]
    fn a_tax_number_of_somebody_else_is_found_but_not_unique() {
        let usage = |document: (&str, &str), number: &str| tokens(document, number)[1].1;
        assert_eq!(usage(("credit_code", CODE), OTHER), Some(TokenUse::Whole));
        assert_eq!(usage(("credit_code", CODE), "320503722177294"), Some(TokenUse::Unique));
        assert_eq!(usage(("identity_number", PERSON), &format!("{PERSON}01")), Some(TokenUse::Unique));
        assert_eq!(usage(("identity_number", PERSON), "440524188001010014"), Some(TokenUse::Whole));
        assert_eq!(usage(("identity_number", PERSON), CODE), Some(TokenUse::Unique));
        assert_eq!(usage(("passport", "E12345"), PERSON), Some(TokenUse::Unique));
    }

    #[test]
    fn a_phone_is_found_whole_and_by_its_end() {
        let all = Fields::from([(19, Value::Text("+8615400001234".into()))]);
        let sources = Kinds::customer().tokens(&all);
        let texts: Vec<_> = sources.iter().map(|t| (t.text.as_str(), t.unique)).collect();
        assert_eq!(texts, [("+8615400001234", false), ("1234", false)]);
        assert!(!format!("{sources:?}").contains("1234"));
    }

    #[test]
    fn a_lookup_meets_the_tokens_of_a_record() {
        let kind = Kinds::customer();
        let all = Fields::from([
            (3, Value::Choice("credit_code".into())),
            (4, Value::Text(CODE.into())),
            (5, Value::Text(OTHER.into())),
            (19, Value::Text("+8615400001234".into())),
            (20, Value::Text("a@example.com".into())),
        ]);
        let stored = kind.tokens(&all);
        for (name, wanted) in [
            ("document_number", "9135 0100 m000 100y 43"),
            ("tax_number", OTHER),
            ("phone", "154-0000-1234"),
            ("phone", "1234"),
            ("email", "A@Example.com"),
        ] {
            let sources = kind.lookup(kind.by_name(name).unwrap(), wanted).unwrap();
            assert!(sources.iter().any(|source| stored.contains(source)), "{name}");
        }
    }

    #[test]
    fn a_lookup_of_what_is_not_indexed_or_not_well_formed_is_refused() {
        let kind = Kinds::customer();
        let key = |name, wanted| kind.lookup(kind.by_name(name).unwrap(), wanted).unwrap_err().key;
        assert_eq!(key("name", "示例"), "find_not_indexed");
        assert_eq!(key("bank_account", "12345678"), "find_not_indexed");
        assert!(key("email", "nobody").starts_with("email_"));
    }
}
