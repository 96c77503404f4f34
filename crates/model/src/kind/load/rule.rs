//! The rules of a declaration, and how a broken one is told.

use std::collections::HashMap;
use std::fmt;

use super::LONGEST_TEXT;
use crate::kind::field::{Check, Choice, Field, Index, Relaxed};
use crate::kind::{FieldType, Label, header_key};
use crate::level::Level;
use crate::mask::Mask;

/// Field numbers share 32 bits with kind and use in a token field.
const HIGHEST_NUMBER: u16 = (1 << 14) - 1;

/// A declaration that is refused: where, and which rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindError {
    /// The kind, when its name could be read.
    pub kind: Option<String>,
    /// The field, when it is about one.
    pub field: Option<String>,
    /// The broken rule.
    pub rule: Rule,
}

impl fmt::Display for KindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = &self.kind {
            write!(f, "kind `{kind}`: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "field `{field}`: ")?;
        }
        self.rule.fmt(f)
    }
}

impl std::error::Error for KindError {}

/// The rules of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it means")]
pub enum Rule {
    #[error("cannot be read: {0}")]
    Form(String),
    #[error("number {0} is out of range; use 1 to {1}")]
    Number(u16, u16),
    #[error("number {0} stands twice; numbers are never used again")]
    NumberTwice(u16),
    #[error("name has to be lower-case letters, digits and `_`, at most 64, a letter first")]
    Name,
    #[error("name stands twice")]
    NameTwice,
    #[error("prefix has to be 3 to 10 lower-case letters that no other kind uses")]
    Prefix,
    #[error("label `{0}` is missing; give both `zh` and `en`")]
    Label(&'static str),
    #[error("`mask_revision` has to be 1 or more; it rises with each change of a default mask")]
    MaskRevision,
    #[error("has no fields")]
    NoFields,
    #[error("column header `{0}` already means field `{1}`")]
    HeaderTwice(String, String),
    #[error("mask `{0}` does not suit type `{1}`")]
    MaskType(&'static str, FieldType),
    #[error("level {0} needs a mask other than `none`; only a relaxed case below L3 may go without")]
    Unmasked(Level),
    #[error("check `{0}` does not suit type `{1}`")]
    CheckType(String, FieldType),
    #[error("index `{0}` needs a text; fields with few values get no token")]
    IndexType(&'static str),
    #[error("index `unique` needs a check that writes equal values equally")]
    UniqueCheck,
    #[error("index `facet` stands in clear, so its level can be L2 at most")]
    FacetLevel,
    #[error("`unique_with` needs index `unique` and the name of a choice field")]
    UniqueWith,
    #[error("check `document_number` needs `unique_with`: the field with the document type")]
    DocumentType,
    #[error("option `{0}` has to be letters, digits and `_`, with both labels")]
    Option(String),
    #[error("word `{0}` means two options")]
    OptionTwice(String),
    #[error("a choice needs options, and only a choice takes them")]
    Options,
    #[error("`max_len` is for texts, 1 to {0}")]
    MaxLen(u32),
    #[error("is required but not enabled")]
    RequiredOff,
    #[error("a relaxed case needs a lower level, no lower class number and at least one condition")]
    Relaxed,
    #[error("a relaxed case names `{0}`, which is no choice field or not among its options")]
    RelaxedWhen(String),
}

pub(super) fn check_field(field: &Field, all: &[Field]) -> Result<(), Rule> {
    if !(1..=HIGHEST_NUMBER).contains(&field.number) {
        return Err(Rule::Number(field.number, HIGHEST_NUMBER));
    }
    if all.iter().filter(|other| other.number == field.number).count() > 1 {
        return Err(Rule::NumberTwice(field.number));
    }
    if !is_name(&field.name) {
        return Err(Rule::Name);
    }
    if all.iter().filter(|other| other.name == field.name).count() > 1 {
        return Err(Rule::NameTwice);
    }
    check_label(&field.label)?;
    if (field.required_from.is_some() || field.expected.is_some()) && !field.enabled {
        return Err(Rule::RequiredOff);
    }
    let length_fits = match field.ty {
        FieldType::Text => (1..=LONGEST_TEXT).contains(&field.max_len),
        _ => field.max_len == 0,
    };
    if !length_fits {
        return Err(Rule::MaxLen(LONGEST_TEXT));
    }
    if !check_suits(field.check, field.ty) {
        return Err(Rule::CheckType(word(field.check), field.ty));
    }
    check_mask(&field.mask, field.ty, field.level)?;
    check_index(field, all)?;
    check_options(field)?;
    field.relaxed.iter().try_for_each(|case| check_relaxed(case, field, all))
}

pub(super) fn check_label(label: &Label) -> Result<(), Rule> {
    if label.zh.trim().is_empty() {
        return Err(Rule::Label("zh"));
    }
    if label.en.trim().is_empty() { Err(Rule::Label("en")) } else { Ok(()) }
}

fn check_mask(mask: &Mask, ty: FieldType, level: Level) -> Result<(), Rule> {
    if !mask.suits(ty) {
        return Err(Rule::MaskType(mask.word(), ty));
    }
    // Masked is the default: what is confidential shows nothing until a policy says so.
    if level >= Level::L3 && *mask == Mask::None { Err(Rule::Unmasked(level)) } else { Ok(()) }
}

fn check_suits(check: Check, ty: FieldType) -> bool {
    match check {
        Check::None => true,
        Check::PastDate => ty == FieldType::Date,
        Check::NotNegative => ty == FieldType::Money,
        _ => ty == FieldType::Text,
    }
}

fn check_index(field: &Field, all: &[Field]) -> Result<(), Rule> {
    let Index { unique, find, last4, text, facet } = field.index;
    for (used, name) in [(unique, "unique"), (find, "find"), (last4, "last4"), (text, "text")] {
        if used && field.ty != FieldType::Text {
            return Err(Rule::IndexType(name));
        }
    }
    if unique && field.check == Check::None {
        return Err(Rule::UniqueCheck);
    }
    if facet && field.level > Level::L2 {
        return Err(Rule::FacetLevel);
    }
    if facet && !matches!(field.ty, FieldType::Text | FieldType::Choice) {
        return Err(Rule::IndexType("facet"));
    }
    match &field.unique_with {
        None if field.check == Check::DocumentNumber => Err(Rule::DocumentType),
        None => Ok(()),
        Some(name) => {
            let partner = all.iter().find(|other| other.name == *name);
            let fits = unique && partner.is_some_and(|other| other.ty == FieldType::Choice);
            if fits { Ok(()) } else { Err(Rule::UniqueWith) }
        }
    }
}

fn check_options(field: &Field) -> Result<(), Rule> {
    let is_choice = matches!(field.ty, FieldType::Choice | FieldType::Choices);
    if is_choice == field.options.is_empty() {
        return Err(Rule::Options);
    }
    for option in &field.options {
        let code = &option.code;
        let well_formed = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !well_formed || option.zh.trim().is_empty() || option.en.trim().is_empty() {
            return Err(Rule::Option(code.clone()));
        }
    }
    word_positions(&field.options).map(|_| ())
}

/// The option that each word means.
pub(super) fn word_positions(options: &[Choice]) -> Result<HashMap<String, usize>, Rule> {
    let mut words = HashMap::new();
    for (at, option) in options.iter().enumerate() {
        for text in option.words() {
            if words.insert(header_key(text), at).is_some_and(|other| other != at) {
                return Err(Rule::OptionTwice(text.to_owned()));
            }
        }
    }
    Ok(words)
}

fn check_relaxed(case: &Relaxed, field: &Field, all: &[Field]) -> Result<(), Rule> {
    if case.when.is_empty() || case.level >= field.level || case.class < field.class {
        return Err(Rule::Relaxed);
    }
    check_mask(&case.mask, field.ty, case.level)?;
    for (name, codes) in &case.when {
        let choice = all.iter().find(|other| other.name == *name && other.ty == FieldType::Choice);
        let known =
            |code: &String| choice.is_some_and(|c| c.options.iter().any(|option| option.code == *code));
        if codes.is_empty() || !codes.iter().all(known) {
            return Err(Rule::RelaxedWhen(name.clone()));
        }
    }
    Ok(())
}

pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The word of a declaration for a check.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
