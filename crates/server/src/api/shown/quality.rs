//! How complete dossiers are.

use serde::Deserialize;
use utoipa::ToSchema;

/// 完整率 Filled fields out of those that are expected at each dossier's stage. Hidden fields do not count.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "as_of": "2026-11-22T06:03:00.000000Z", "records": 2000, "percent": 71, "filled": 17040, "expected": 24000,
    "teams": [{ "team": "华东", "records": 2000, "percent": 71 }],
    "missing": [{ "field": "email", "records": 613 }]
})))]
pub(crate) struct Quality {
    /// 截至 When the figures were worked out.
    as_of: String,
    records: u64,
    #[schema(maximum = 100)]
    percent: u8,
    filled: u64,
    expected: u64,
    /// By owning team.
    teams: Vec<TeamQuality>,
    /// 缺失 Expected fields that are missing somewhere, the most often missing first.
    missing: Vec<MissingField>,
}

/// One team's dossiers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamQuality {
    team: String,
    records: u64,
    #[schema(maximum = 100)]
    percent: u8,
}

/// How many dossiers lack a field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissingField {
    field: String,
    records: u64,
}
