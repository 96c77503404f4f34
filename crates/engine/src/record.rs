//! What leaves the engine: records as one caller may see them.

use dossier_model::value::Value;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::ops::Range;

/// A record, each field in the form that the caller's view allows. Hidden fields are absent.
#[derive(Clone, Serialize)]
pub struct Record {
    /// TypeID: `dos_…` for a dossier, `con_…` for a contact.
    pub id: String,
    /// Name of the kind: `customer` or `contact`.
    pub kind: &'static str,
    /// Customer code of 18 characters; dossiers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The dossier that the record is in; contacts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier: Option<String>,
    /// Version, from 1.
    pub version: u32,
    /// Cooperation stage, 0 to 5.
    pub stage: u8,
    /// Sensitivity, `L1` to `L4`.
    pub level: &'static str,
    /// Name of the owning team.
    pub team: String,
    /// Name of the person who answers for the dossier; none where nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `live` or `frozen`.
    pub state: &'static str,
    /// When it was entered, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub changed_at: String,
    /// Fields by name.
    pub fields: ShownFields,
    /// Names of the fields that are shown through their mask.
    pub masked: Vec<&'static str>,
    /// Filled fields out of a hundred that are expected at its stage; not where some fields alone were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<u8>,
    /// Names of expected fields without a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<&'static str>>,
    /// Where each shown value comes from, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<BTreeMap<&'static str, Provenance>>,
    /// By what a search found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// By what a search found a record. The value itself is not in it.
#[derive(Clone, Copy, Serialize)]
pub struct Found {
    /// Name of the field, or `code`; none when the field is hidden from the caller.
    pub field: Option<&'static str>,
    /// `exact`, `last_four`, `short_form`, `prefix`, `contains`, `pinyin` or `initials`.
    pub how: &'static str,
}

/// What a search found, the best first.
#[derive(Clone, Serialize)]
pub struct Hits {
    /// The records.
    pub items: Vec<Record>,
    /// Always none: who wants another hit says more of its name.
    pub next: Option<String>,
    /// Whether there may be more hits, which were not looked at.
    pub more: bool,
    /// Whether everything that was entered until a second ago was searched.
    pub complete: bool,
    /// Entries of the change log that the search index has not taken in yet; 0 when it is complete.
    pub behind: u64,
}

/// Values by the names of their fields, in the order of the names. A page has hundreds of them, so that they do not lie
/// apart from each other.
#[derive(Clone, Default)]
pub struct ShownFields {
    /// All texts, one behind the other.
    texts: String,
    members: Vec<(&'static str, Member)>,
}

#[derive(Clone)]
enum Member {
    Text(Range<usize>),
    Other(Json),
}

impl ShownFields {
    /// The value shown for a field; none when the field is empty or hidden.
    pub fn get(&self, name: &str) -> Option<Json> {
        let (_, member) = self.members.iter().find(|(of, _)| *of == name)?;
        Some(match member {
            Member::Text(range) => Json::from(self.texts.get(range.clone())?),
            Member::Other(json) => json.clone(),
        })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(of, _)| *of == name)
    }

    pub(crate) fn put_text(&mut self, name: &'static str, text: &str) {
        let start = self.texts.len();
        self.texts.push_str(text);
        self.members.push((name, Member::Text(start..self.texts.len())));
    }

    pub(crate) fn put_value(&mut self, name: &'static str, value: &Value) {
        match value {
            Value::Text(text) | Value::Choice(text) => self.put_text(name, text),
            other => self.members.push((name, Member::Other(other.to_json()))),
        }
    }

    pub(crate) fn sort(&mut self) {
        self.members.sort_unstable_by_key(|(name, _)| *name);
    }
}

impl Serialize for ShownFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.members.iter().map(|(name, member)| {
            let shown = match member {
                Member::Text(range) => ShownValue::Text(self.texts.get(range.clone()).unwrap_or_default()),
                Member::Other(json) => ShownValue::Other(json),
            };
            (name, shown)
        }))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ShownValue<'a> {
    Text(&'a str),
    Other(&'a Json),
}

/// Who answers for a value.
#[derive(Clone, Serialize)]
pub struct Provenance {
    /// The version with which the value came in.
    pub version: u32,
    /// When, RFC 3339.
    pub at: String,
    /// Who entered it.
    pub by: String,
    /// How it came in: `api`, `import`, `web`, `command_line`.
    pub channel: &'static str,
    /// Where the enterer has it from, when named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// A page of records, newest first.
#[derive(Clone, Serialize)]
pub struct Page {
    /// At most `limit` records.
    pub items: Vec<Record>,
    /// To be sent as `after` for the next page; none when this is the last.
    pub next: Option<String>,
}
