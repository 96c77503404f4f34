//! Explanations.

use serde::Deserialize;
use utoipa::ToSchema;

/// 权限解释 How somebody sees a field, why, and what would change it. No value is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explained {
    /// Id of the person, the program or the role.
    who: String,
    name: String,
    #[schema(pattern = "^(user|client|role)$")]
    what: String,
    record: String,
    field: String,
    /// 敏感等级 The level by which it is decided.
    #[schema(pattern = "^L[1-4]$")]
    level: String,
    /// What is frozen is seen as ever.
    #[schema(pattern = "^(live|frozen)$")]
    state: String,
    /// 结论 `absent`: the record looks missing.
    #[schema(pattern = "^(absent|hidden|masked|openable|clear)$")]
    verdict: String,
    /// 掩码 The method of the mask that a role lays over the default one.
    #[schema(required = false, nullable = false)]
    mask: Option<String>,
    /// What keeps the person or program from everything, whatever the roles say.
    #[schema(required = false, nullable = false, pattern = "^(disabled|not_set_up|password|second_factor)$")]
    gate: Option<String>,
    /// 判定链 One for each role.
    ways: Vec<Way>,
    /// 怎样改变 Each single change after which the field is seen in another form.
    changes: Vec<ChangeSaid>,
}

/// The chain of one role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Way {
    /// Name of the role.
    role: String,
    /// 继承 Names of the roles that take over from it, the one that was given first.
    over: Vec<String>,
    /// Whether the verdict is due to it.
    decides: bool,
    links: Vec<ChainLink>,
}

/// A link of a chain.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainLink {
    #[schema(pattern = "^(hours|action|rows|field|see_to|clear_to|open_to)$")]
    step: String,
    /// The action; the condition of the rows that is not met; the field's rule; the level up to which.
    #[schema(required = false, nullable = false)]
    of: Option<String>,
    passes: bool,
    /// Whether the verdict is due to it.
    decides: bool,
}

/// A single change, and how the field is seen then.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeSaid {
    #[schema(pattern = "^(wait|give|take|team|owner|rule)$")]
    change: String,
    /// Name of the role; absent for one that the caller may not know.
    #[schema(required = false, nullable = false)]
    role: Option<String>,
    /// What of the role's rules.
    #[schema(required = false, nullable = false, pattern = "^(action|rows|field|see_to|clear_to|open_to)$")]
    step: Option<String>,
    /// What it would be: an action, a condition, a field's rule, a level; the name of the team; the time, RFC 3339.
    #[schema(required = false, nullable = false)]
    to: Option<String>,
    #[schema(pattern = "^(absent|hidden|masked|openable|clear)$")]
    verdict: String,
}

/// 谁能看到 People and programs that see a field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seers {
    record: String,
    field: String,
    items: Vec<Seer>,
    /// How many there are in all.
    total: u32,
    /// To be sent as `after` for the next page.
    #[schema(required = false, nullable = false)]
    next: Option<String>,
}

/// A person or program that sees a field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seer {
    id: String,
    name: String,
    #[schema(pattern = "^(user|client)$")]
    what: String,
    team: String,
    #[schema(pattern = "^(masked|openable|clear)$")]
    verdict: String,
    /// 掩码 The method of the mask that a role lays over the default one.
    #[schema(required = false, nullable = false)]
    mask: Option<String>,
    /// Name of the role that gives it.
    #[schema(required = false, nullable = false)]
    role: Option<String>,
    /// Names of the roles that take over from that one.
    over: Vec<String>,
    /// What keeps them from everything at present.
    #[schema(required = false, nullable = false, pattern = "^(not_set_up|password|second_factor)$")]
    gate: Option<String>,
}
