//! Dossiers and contacts, and what is told of them.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{ObjectBuilder, Ref, Schema, Type};

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
    let none = ObjectBuilder::new().schema_type(Type::Null);
    AnyOfBuilder::new().item(field_value()).item(none).build().into()
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
    /// 负责人 Who answers for the dossier; absent where nobody does.
    #[schema(required = false, nullable = false)]
    owner: Option<String>,
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
    /// 完整率 Filled fields out of a hundred that are expected at its stage; not where `fields` were chosen.
    #[schema(required = false, nullable = false, maximum = 100)]
    completeness: Option<u8>,
    /// 缺失 Names of expected fields without a value.
    #[schema(required = false, nullable = false)]
    missing: Option<Vec<String>>,
    /// 来源 Who answers for each value; with `?provenance=true`.
    #[schema(required = false, nullable = false)]
    provenance: Option<BTreeMap<String, Provenance>>,
    /// 命中 By what a search found it; in answers to a search only.
    #[schema(required = false, nullable = false)]
    found: Option<Found>,
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
    /// 负责人 Who answers for the dossier; absent where nobody does.
    #[schema(required = false, nullable = false)]
    owner: Option<String>,
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
    /// 完整率 Filled fields out of a hundred that are expected at its stage; not where `fields` were chosen.
    #[schema(required = false, nullable = false, maximum = 100)]
    completeness: Option<u8>,
    /// 缺失 Names of expected fields without a value.
    #[schema(required = false, nullable = false)]
    missing: Option<Vec<String>>,
    /// 来源 Who answers for each value; with `?provenance=true`.
    #[schema(required = false, nullable = false)]
    provenance: Option<BTreeMap<String, Provenance>>,
    /// 命中 By what a search found it; in answers to a search only.
    #[schema(required = false, nullable = false)]
    found: Option<Found>,
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

/// 命中方式 By what a record was found; the value itself is not told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "field": "name", "how": "short_form" })))]
pub(crate) struct Found {
    /// Name of the field, or `code`; null when the field is hidden.
    #[schema(required = true)]
    field: Option<String>,
    /// 精确、后四位、简称、开头、包含、拼音、首字母
    #[schema(pattern = "^(exact|last_four|short_form|prefix|contains|pinyin|initials)$")]
    how: String,
}

/// What a search found, the best first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hits {
    items: Vec<Hit>,
    /// Always null: who wants another hit says more of its name.
    #[schema(required = true)]
    next: Option<String>,
    /// 可能还有 Whether there may be more hits, which were not looked at.
    more: bool,
    /// 是否完整 Whether everything that was entered until a second ago was searched. False while the index of names is made.
    complete: bool,
    /// Entries of the change log that the index of names has not taken in yet; 0 when it is complete.
    behind: u64,
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
    /// Names of the fields that were opened, for reveals, copies and tokens led back.
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
