//! Reads declarations and refuses what does not hold together.

mod rule;

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

pub use self::rule::{KindError, Rule};
use self::rule::{check_field, check_label, is_name, word_positions};
use super::field::{Check, Choice, Expected, Field, Form, Group, Index, Relaxed};
use super::{FieldType, Kind, KindId, Kinds, Label, header_key};
use crate::level::{Class, Level, Stage};
use crate::mask::Mask;

const LONGEST_TEXT: u32 = 20_000;
const USUAL_LENGTH: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    id: u16,
    name: String,
    prefix: String,
    label: Label,
    #[serde(default = "first")]
    mask_revision: u16,
    #[serde(default)]
    field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    number: u16,
    name: String,
    #[serde(default)]
    label: Label,
    #[serde(rename = "type")]
    ty: FieldType,
    #[serde(default)]
    form: Form,
    #[serde(default)]
    check: Check,
    level: Level,
    class: Class,
    mask: Mask,
    group: Group,
    #[serde(default)]
    relaxed: Vec<Relaxed>,
    required_from: Option<Stage>,
    expected: Option<Expected>,
    #[serde(default)]
    index: Vec<IndexUse>,
    unique_with: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    example: String,
    #[serde(default = "on")]
    enabled: bool,
    max_len: Option<u32>,
    #[serde(default)]
    options: Vec<Choice>,
}

const fn on() -> bool {
    true
}

const fn first() -> u16 {
    1
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum IndexUse {
    Unique,
    Find,
    Last4,
    Text,
    Facet,
}

impl Kinds {
    /// Reads declarations in TOML, one kind in each text.
    ///
    /// # Errors
    /// The first broken rule, with kind and field.
    pub fn parse(sources: &[&str]) -> Result<Self, KindError> {
        let mut kinds = Vec::with_capacity(sources.len());
        for source in sources {
            kinds.push(parse_kind(source)?);
        }
        kinds.sort_by_key(|kind: &Kind| kind.id);
        for (at, kind) in kinds.iter().enumerate() {
            let fail = |rule| Err(KindError { kind: Some(kind.name.clone()), field: None, rule });
            for other in kinds.iter().skip(at + 1) {
                if other.id == kind.id {
                    return fail(Rule::NumberTwice(kind.id.0));
                }
                if other.name == kind.name {
                    return fail(Rule::NameTwice);
                }
                if other.prefix == kind.prefix {
                    return fail(Rule::Prefix);
                }
            }
        }
        Ok(Self { kinds })
    }
}

fn parse_kind(source: &str) -> Result<Kind, KindError> {
    let raw: RawKind = toml::from_str(source).map_err(|error| KindError {
        kind: None,
        field: None,
        rule: Rule::Form(error.to_string().trim_end().to_owned()),
    })?;
    let name = raw.name.clone();
    let at_kind = |rule| KindError { kind: Some(name.clone()), field: None, rule };
    check_kind(&raw).map_err(at_kind)?;

    let mut fields: Vec<Field> = raw.field.into_iter().map(build).collect();
    fields.sort_by_key(|field| field.number);
    for field in &fields {
        check_field(field, &fields)
            .map_err(|rule| KindError { field: Some(field.name.clone()), ..at_kind(rule) })?;
    }
    let (names, headers) =
        index_names(&fields).map_err(|(field, rule)| KindError { field: Some(field), ..at_kind(rule) })?;
    Ok(Kind {
        id: KindId(raw.id),
        name: raw.name,
        prefix: raw.prefix,
        label: raw.label,
        mask_revision: raw.mask_revision,
        fields,
        names,
        headers,
    })
}

fn check_kind(raw: &RawKind) -> Result<(), Rule> {
    if raw.id == 0 {
        return Err(Rule::Number(raw.id, u16::MAX));
    }
    if !is_name(&raw.name) {
        return Err(Rule::Name);
    }
    if !(3..=10).contains(&raw.prefix.len()) || !raw.prefix.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(Rule::Prefix);
    }
    if raw.mask_revision == 0 {
        return Err(Rule::MaskRevision);
    }
    if raw.field.is_empty() {
        return Err(Rule::NoFields);
    }
    check_label(&raw.label)
}

fn build(raw: RawField) -> Field {
    let has = |wanted| raw.index.contains(&wanted);
    let max_len = match (raw.ty, raw.max_len) {
        (_, Some(given)) => given,
        (FieldType::Text, None) => USUAL_LENGTH,
        (_, None) => 0,
    };
    Field {
        // Two options of one word are refused by the rules; until then the field is not used.
        words: word_positions(&raw.options).unwrap_or_default(),
        index: Index {
            unique: has(IndexUse::Unique),
            find: has(IndexUse::Find),
            last4: has(IndexUse::Last4),
            text: has(IndexUse::Text),
            facet: has(IndexUse::Facet),
        },
        number: raw.number,
        name: raw.name,
        label: raw.label,
        ty: raw.ty,
        form: raw.form,
        check: raw.check,
        level: raw.level,
        class: raw.class,
        mask: raw.mask,
        group: raw.group,
        relaxed: raw.relaxed,
        required_from: raw.required_from,
        expected: raw.expected,
        unique_with: raw.unique_with,
        aliases: raw.aliases,
        example: raw.example,
        enabled: raw.enabled,
        max_len,
        options: raw.options,
    }
}

type Positions = HashMap<String, usize>;

fn index_names(fields: &[Field]) -> Result<(Positions, Positions), (String, Rule)> {
    let mut names = HashMap::new();
    let mut headers: Positions = HashMap::new();
    for (at, field) in fields.iter().enumerate() {
        names.insert(field.name.clone(), at);
        let own = [field.name.as_str(), &field.label.zh, &field.label.en];
        let words: HashSet<String> =
            own.into_iter().chain(field.aliases.iter().map(String::as_str)).map(header_key).collect();
        for word in words {
            if let Some(other) = headers.insert(word.clone(), at).and_then(|other| fields.get(other)) {
                return Err((field.name.clone(), Rule::HeaderTwice(word, other.name.clone())));
            }
        }
    }
    Ok((names, headers))
}

#[cfg(test)]
mod tests;
