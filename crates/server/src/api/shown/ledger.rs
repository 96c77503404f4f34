//! The ledger and its proofs.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

/// Entries of a log, in ascending order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerPage {
    /// As it was asked for.
    #[schema(pattern = "^(change|access(/[1-9][0-9]{0,8})?)$")]
    log: String,
    /// How many entries the log has.
    size: u64,
    items: Vec<Entry>,
    /// To be sent as `from` for what follows; null when there is nothing yet.
    #[schema(required = true)]
    next: Option<u64>,
    /// To be sent as `before` for what is earlier; null when nothing earlier can fit.
    #[schema(required = true)]
    before: Option<u64>,
    /// How far back was read; null where it was read onwards, or there is nothing.
    #[schema(required = true)]
    reached: Option<Reached>,
}

/// The earliest entry that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reached {
    #[schema(pattern = "^(c-[0-9]+|a-[0-9]+-[0-9]+)$")]
    id: String,
    #[schema(format = DateTime)]
    at: String,
}

/// 日志 All logs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logs {
    items: Vec<Log>,
}

/// One log.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// `change`, or `access/N` of server N.
    #[schema(pattern = "^(change|access/[1-9][0-9]{0,8})$")]
    log: String,
    /// How many entries it has.
    size: u64,
}

/// 台账 One entry.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    #[schema(pattern = "^(c-[0-9]+|a-[0-9]+-[0-9]+)$")]
    id: String,
    #[schema(format = DateTime)]
    at: String,
    who: String,
    /// The same by id: `usr_…`, `cli_…`, `os:UID`, `os:UID for usr_…` or `system`.
    who_id: String,
    #[schema(required = true)]
    address: Option<String>,
    #[schema(required = true)]
    request: Option<String>,
    action: String,
    #[schema(pattern = "^(done|refused)$")]
    outcome: String,
    /// The error code of a refusal.
    #[schema(required = true)]
    code: Option<String>,
    records: Vec<EntryRecord>,
    /// The purpose of a reveal, a copy or a token led back, as long as its dossier exists.
    #[schema(required = true)]
    purpose: Option<String>,
    /// Other facts; never customer data.
    note: serde_json::Map<String, serde_json::Value>,
}

/// What an entry says of one record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRecord {
    id: String,
    version: u32,
    /// By name of the field: `clear`, `masked` or `written`.
    fields: BTreeMap<String, String>,
}

/// That an entry is in a log (RFC 9162 §2.1.3). Hashes and the leaf are base64.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// Origin of the log, as in its checkpoints.
    log: String,
    index: u64,
    size: u64,
    root: String,
    leaf: String,
    /// From the leaf upwards.
    proof: Vec<String>,
    /// The signed checkpoint of that size.
    checkpoint: String,
}

/// That a log has only grown (RFC 9162 §2.1.4). Hashes are base64.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consistency {
    /// Origin of the log, as in its checkpoints.
    log: String,
    old_size: u64,
    old_root: String,
    new_size: u64,
    new_root: String,
    proof: Vec<String>,
    /// The signed checkpoint of the larger size.
    checkpoint: String,
}

/// 证据包 Entries of one log that can be checked off-line. Hashes and leaves are base64.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    /// Number of the format: 1.
    evidence: u8,
    /// Origin of the log, as in its checkpoints.
    log: String,
    size: u64,
    root: String,
    /// The signed checkpoint of that size.
    checkpoint: String,
    /// The public key that it verifies with.
    key: String,
    /// In ascending order.
    entries: Vec<Proved>,
}

/// One entry and its audit path (RFC 9162 §2.1.3).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proved {
    index: u64,
    leaf: String,
    /// From the leaf upwards.
    proof: Vec<String>,
}
