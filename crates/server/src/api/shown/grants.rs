//! What answers about temporary grants look like.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

/// Grants, the newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grants {
    items: Vec<Grant>,
    /// Minutes from applying to being in force, on average over these.
    #[schema(required = false, nullable = false)]
    average_minutes: Option<i64>,
    /// Names of the roles that can be applied for.
    roles: Vec<String>,
    /// Whether the caller may see those of others.
    may_see_all: bool,
}

/// A dossier by its id and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DossierNamed {
    id: String,
    #[schema(required = false, nullable = false)]
    code: Option<String>,
}

/// A grant as the caller may see it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    #[schema(pattern = "^gra_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    person: String,
    team: String,
    /// Only for its holder and for whoever reads all dossiers that it names.
    #[schema(required = false, nullable = false)]
    purpose: Option<String>,
    /// The role, where it is one for a time.
    #[schema(required = false, nullable = false)]
    role: Option<String>,
    actions: Vec<String>,
    /// `masked`, `openable` or `clear` by `kind.field`.
    fields: BTreeMap<String, String>,
    #[schema(required = false, nullable = false)]
    highest: Option<String>,
    /// The dossiers that it names, as far as the caller reads them.
    dossiers: Vec<DossierNamed>,
    /// How many more it names.
    hidden_dossiers: u64,
    /// `own`, `own_and_below` or `all`, where it names no dossiers.
    #[schema(required = false, nullable = false)]
    teams: Option<String>,
    regions: Vec<String>,
    industries: Vec<String>,
    #[schema(pattern = "^(live|over|done|withdrawn|moved)$")]
    state: String,
    #[schema(format = DateTime)]
    asked_at: String,
    #[schema(format = DateTime)]
    begun_at: String,
    #[schema(format = Date)]
    last_day: String,
    #[schema(required = false, nullable = false, format = DateTime)]
    ended_at: Option<String>,
    #[schema(required = false, nullable = false)]
    ended_by: Option<String>,
    own: bool,
    may_end: bool,
}
