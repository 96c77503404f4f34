//! What answers look like, for the documentation. The values are the engine's own types; tests compare each answer of
//! the running server with what is said here.

#![allow(dead_code, reason = "read by derive(ToSchema) alone")]

use std::collections::BTreeMap;

use dossier_engine::model::Kinds;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::shape::fields;

/// Schemas that come from the declarations of kinds.
pub(super) fn fields() -> [(String, RefOr<Schema>); 3] {
    [
        ("CustomerFields".to_owned(), fields::output(Kinds::customer())),
        ("ContactFields".to_owned(), fields::output(Kinds::contact())),
        ("FieldValue".to_owned(), fields::any_value()),
    ]
}

fn customer_fields() -> Ref {
    Ref::from_schema_name("CustomerFields")
}

fn contact_fields() -> Ref {
    Ref::from_schema_name("ContactFields")
}

fn field_value() -> Ref {
    Ref::from_schema_name("FieldValue")
}

fn field_value_or_none() -> Schema {
    let none = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::Null);
    utoipa::openapi::schema::AnyOfBuilder::new().item(field_value()).item(none).build().into()
}

/// 档案 A dossier as the caller may see it: hidden fields are absent, masked ones are named in `masked`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "dos_01ktzmay00e1hs6v0rhdvhtc0m",
    "kind": "customer",
    "code": "C012600000123NC2L3",
    "version": 3,
    "stage": 2,
    "level": "L3",
    "team": "华东",
    "state": "live",
    "created_at": "2026-11-22T06:03:22.000000Z",
    "changed_at": "2026-11-22T06:03:22.000000Z",
    "fields": { "name": "示例科技（杭州）有限公司", "subject": "A", "phone": "154****0001" },
    "masked": ["phone"]
})))]
pub(crate) struct Dossier {
    #[schema(pattern = "^dos_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    #[schema(pattern = "^customer$")]
    kind: String,
    /// 客户编码 The first 15 characters never change.
    #[schema(pattern = "^C[0-9A-Z]{2}[0-9]{10}[0-9A-Z]{2}[0-5]L[1-4]$")]
    code: String,
    /// 版本 To be sent in `If-Match`.
    #[schema(minimum = 1)]
    version: u32,
    /// 合作阶段 0 lead, 1 opportunity, 2 signed, 3 delivery, 4 after-sales, 5 terminated.
    #[schema(maximum = 5)]
    stage: u8,
    /// 敏感等级
    #[schema(pattern = "^L[1-4]$")]
    level: String,
    /// 团队 Name of the owning team.
    team: String,
    #[schema(pattern = "^(live|frozen)$")]
    state: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    changed_at: String,
    #[schema(schema_with = customer_fields)]
    fields: (),
    /// 脱敏 Names of the fields that are shown through their mask.
    masked: Vec<String>,
    /// 来源 Who answers for each value; with `?provenance=true`.
    #[schema(required = false, nullable = false)]
    provenance: Option<BTreeMap<String, Provenance>>,
}

/// 联系人 A contact as the caller may see it; stage, level and team are those of its dossier.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "con_01ktzmay00e1hs6v0rhdvhtc0m",
    "kind": "contact",
    "dossier": "dos_01ktzmay00e1hs6v0rhdvhtc0m",
    "version": 1,
    "stage": 2,
    "level": "L3",
    "team": "华东",
    "state": "live",
    "created_at": "2026-11-22T06:03:22.000000Z",
    "changed_at": "2026-11-22T06:03:22.000000Z",
    "fields": { "name": "韩**", "title": "采购经理", "mobile": "154****0002" },
    "masked": ["mobile", "name"]
})))]
pub(crate) struct Contact {
    #[schema(pattern = "^con_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    #[schema(pattern = "^contact$")]
    kind: String,
    #[schema(pattern = "^dos_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    dossier: String,
    /// 版本 To be sent in `If-Match`.
    #[schema(minimum = 1)]
    version: u32,
    #[schema(maximum = 5)]
    stage: u8,
    #[schema(pattern = "^L[1-4]$")]
    level: String,
    /// 团队 Name of the owning team.
    team: String,
    #[schema(pattern = "^(live|frozen)$")]
    state: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    changed_at: String,
    #[schema(schema_with = contact_fields)]
    fields: (),
    /// 脱敏 Names of the fields that are shown through their mask.
    masked: Vec<String>,
    /// 来源 Who answers for each value; with `?provenance=true`.
    #[schema(required = false, nullable = false)]
    provenance: Option<BTreeMap<String, Provenance>>,
}

/// 来源 Who entered a value, when, how, and from where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provenance {
    #[schema(minimum = 1)]
    version: u32,
    #[schema(format = DateTime)]
    at: String,
    by: String,
    #[schema(pattern = "^(api|import|web|command_line|unknown)$")]
    channel: String,
    #[schema(required = false, nullable = false)]
    source: Option<String>,
}

/// A page of dossiers, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DossierPage {
    items: Vec<Dossier>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<String>,
}

/// A page of contacts, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactPage {
    items: Vec<Contact>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<String>,
}

/// What has exactly the identity that was looked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hits {
    items: Vec<Hit>,
    /// Always null: an exact identity has few hits.
    #[schema(required = true)]
    next: Option<String>,
}

/// A dossier or a contact.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Hit {
    Dossier(Box<Dossier>),
    Contact(Box<Contact>),
}

/// Versions of a record, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    versions: Vec<Version>,
    /// To be sent as `before`; null when the first version is among these.
    #[schema(required = true)]
    next: Option<u32>,
}

/// One version against the one before it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    #[schema(minimum = 1)]
    version: u32,
    #[schema(format = DateTime)]
    at: String,
    by: String,
    #[schema(pattern = "^(api|import|web|command_line|unknown)$")]
    channel: String,
    #[schema(required = false, nullable = false)]
    source: Option<String>,
    #[schema(maximum = 5)]
    stage: u8,
    #[schema(pattern = "^L[1-4]$")]
    level: String,
    team: String,
    changes: Vec<FieldChange>,
}

/// A field before and after; null where it was empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldChange {
    field: String,
    #[schema(schema_with = field_value_or_none)]
    before: (),
    #[schema(schema_with = field_value_or_none)]
    after: (),
    #[schema(pattern = "^(clear|masked)$")]
    form: String,
}

/// 明文 A value in clear.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "dos_01ktzmay00e1hs6v0rhdvhtc0m",
    "field": "phone",
    "value": "+8615400000001",
    "used": 3,
    "limit": 20,
    "entry": "a-1-204331"
})))]
pub(crate) struct Revealed {
    id: String,
    field: String,
    #[schema(schema_with = field_value)]
    value: (),
    /// How many were opened within the hour, this one included.
    used: u32,
    /// How many may be opened in an hour.
    limit: u32,
    /// The ledger entry.
    entry: String,
}

/// 谁看过 Who opened the dossier or one of its fields in the last 30 days, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Looks {
    items: Vec<Look>,
}

/// One look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    #[schema(format = DateTime)]
    at: String,
    who: String,
    action: String,
    /// Names of the fields that were opened, for reveals.
    fields: Vec<String>,
    /// The ledger entry.
    entry: String,
}

/// 销毁 What an erasure destroyed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erased {
    #[schema(pattern = "^dos_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// How many records were in the dossier, itself included.
    #[schema(minimum = 1)]
    records: u32,
}

/// Entries of a log, in ascending order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerPage {
    #[schema(pattern = "^(change|access)$")]
    log: String,
    /// How many entries the log has.
    size: u64,
    items: Vec<Entry>,
    /// To be sent as `from` for what follows; null when there is nothing yet.
    #[schema(required = true)]
    next: Option<u64>,
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
    /// The purpose of a reveal, as long as its dossier exists.
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

/// A program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    #[schema(pattern = "^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    client_id: String,
    name: String,
    #[schema(pattern = "^(CDO|CDA|CDE|CDU|ISA)$")]
    role: String,
    team: String,
    disabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// All programs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clients {
    items: Vec<Client>,
}

/// A program just added: the one time that its secret is seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClient {
    #[schema(pattern = "^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    client_id: String,
    client_secret: String,
    name: String,
    #[schema(pattern = "^(CDO|CDA|CDE|CDU|ISA)$")]
    role: String,
    team: String,
}

/// A person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[schema(pattern = "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    #[schema(pattern = "^(CDO|CDA|CDE|CDU|ISA)$")]
    role: String,
    team: String,
    disabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// All people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Users {
    items: Vec<User>,
}

/// A team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Team {
    #[schema(pattern = "^(default|tea_[0-7][0-9a-hjkmnp-tv-z]{25})$")]
    id: String,
    name: String,
}

/// All teams.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Teams {
    items: Vec<Team>,
}

/// The state of the keys; no key is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyReport {
    /// What holds the root key.
    kms: String,
    /// Random name of this installation.
    installation: String,
    tenant_generation: u32,
    tenant_age_days: i64,
    /// Whether the tenant key is due for rotation.
    rotation_due: bool,
    buckets: u32,
    /// How many bucket keys are not their first.
    buckets_renewed: u32,
    index_versions: Vec<u32>,
    /// The key that checkpoints verify with.
    ledger_key: String,
}

/// What a rotation did.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotated {
    /// The tenant key's new generation.
    tenant_generation: u32,
    /// Bucket keys renewed.
    buckets: u32,
    /// Data keys wrapped again.
    data_keys: u64,
}
