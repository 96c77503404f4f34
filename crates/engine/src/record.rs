//! What leaves the engine: records as one caller may see them.

use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

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
    /// `live` or `frozen`.
    pub state: &'static str,
    /// When it was entered, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub changed_at: String,
    /// Fields by name.
    pub fields: BTreeMap<&'static str, Json>,
    /// Names of the fields that are shown through their mask.
    pub masked: Vec<&'static str>,
    /// Where each shown value comes from, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<BTreeMap<&'static str, Provenance>>,
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
