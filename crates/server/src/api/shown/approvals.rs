//! What answers about approvals look like.

use serde::Deserialize;
use utoipa::ToSchema;

use super::grants::DossierNamed;
use super::records::FieldChange;

/// A command that waits for approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    #[schema(pattern = "^apr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    #[schema(format = DateTime)]
    approve_until: String,
    /// Names of those who may decide now.
    waits_for: Vec<String>,
}

/// Some requests, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests {
    items: Vec<Request>,
    /// To be sent as `before`; absent on the last page.
    #[schema(required = false, nullable = false)]
    next: Option<String>,
    /// How many there are in all, of those that are open.
    #[schema(required = false, nullable = false)]
    total: Option<u64>,
}

/// A request as the caller may see it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[schema(pattern = "^apr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// `change` and so on.
    command: String,
    #[schema(pattern = "^(waiting|agreed|executed|failed|refused|recalled|expired|dropped|moved)$")]
    state: String,
    /// What its end is due to: the key of an error, who or what is gone, or which term.
    #[schema(required = false, nullable = false)]
    why: Option<String>,
    /// What had moved on since it was asked, where that ended it.
    #[serde(default)]
    #[schema(required = false)]
    moved: Vec<String>,
    #[schema(format = DateTime)]
    asked_at: String,
    asked_by: String,
    /// Whether the caller asked.
    own: bool,
    #[schema(format = DateTime)]
    since: String,
    #[schema(format = DateTime)]
    approve_until: String,
    #[schema(required = false, nullable = false)]
    kind: Option<String>,
    #[schema(required = false, nullable = false)]
    record: Option<String>,
    /// TypeID of its dossier.
    #[schema(required = false, nullable = false)]
    dossier: Option<String>,
    /// The customer code of its dossier.
    #[schema(required = false, nullable = false)]
    code: Option<String>,
    /// The record's name as the caller may see it.
    #[schema(required = false, nullable = false)]
    name: Option<String>,
    /// What would change of its fields, as far as the caller may see it; nothing once it has ended.
    changes: Vec<FieldChange>,
    /// Where it would stand.
    moves: Vec<Move>,
    /// The dossiers whose use is applied for, as far as the caller reads them.
    #[serde(default)]
    #[schema(required = false)]
    dossiers: Vec<DossierNamed>,
    /// How many changes or dossiers the caller may not see.
    hidden: u64,
    /// Whether the record has changed since, in what the request is not bound to.
    #[schema(required = false, nullable = false)]
    changed_since: Option<bool>,
    /// What would be different, for what is not about a record: lines `path: before → after`.
    #[schema(required = false, nullable = false)]
    difference: Option<String>,
    /// The flows that it met: all of them have to agree.
    flows: Vec<RequestFlow>,
    /// What people did, in order.
    said: Vec<Said>,
    /// What the caller may do: `agree`, `refuse`, `pass_on`, `add`, `comment`, `recall`.
    may: Vec<String>,
    /// Why the caller may not decide.
    #[schema(required = false, nullable = false)]
    may_not: Option<String>,
    /// Whether it may be approved together with others.
    bulk: bool,
}

/// Where a dossier stands and is to stand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    #[schema(pattern = "^(stage|level|team|owner)$")]
    what: String,
    before: Option<String>,
    after: Option<String>,
}

/// How far a flow of a request has come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestFlow {
    name: FlowName,
    steps: u64,
    /// The step that it waits at, from 1; absent once all are through.
    #[schema(required = false, nullable = false)]
    step: Option<u64>,
    /// How many have to agree there.
    #[schema(required = false, nullable = false)]
    need: Option<u64>,
    waits_for: Vec<String>,
    agreed: Vec<String>,
}

/// A name in both languages.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowName {
    zh: String,
    en: String,
}

/// One thing that somebody did.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    #[schema(format = DateTime)]
    at: String,
    by: String,
    #[schema(pattern = "^(asked|agreed|refused|passed_on|added|commented|recalled)$")]
    what: String,
    #[schema(required = false, nullable = false)]
    person: Option<String>,
    #[schema(required = false, nullable = false)]
    text: Option<String>,
}

/// All flows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flows {
    items: Vec<Flow>,
}

/// A flow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    #[schema(pattern = "^flow_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// Counts its changes.
    version: u32,
    name: FlowName,
    enabled: bool,
    /// `commands`, and `kind`, `fields`, `moves`, `condition` where they are said.
    #[schema(value_type = Object)]
    when: serde_json::Value,
    /// `who`, and `quorum`, `spot`, `limit`, `remind`, `then`, `in_person` where they are said.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<serde_json::Value>,
    #[schema(pattern = "^(each|asker|nobody)$")]
    apart: String,
    /// Minutes.
    approve_within: u32,
    /// Minutes.
    execute_within: u32,
    bulk: bool,
}
