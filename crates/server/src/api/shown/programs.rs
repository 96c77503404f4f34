//! Programs that act for people.

use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgramAsked {
    #[schema(pattern = "^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    client_id: String,
    name: String,
    /// Where the browser goes afterwards: scheme, host and port.
    back_to: String,
    /// What the program could do at this moment: what both may.
    may: Vec<String>,
}

/// Where the browser goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentBack {
    to: String,
}

/// A program that holds tokens for the caller.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnProgram {
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    client_id: String,
    name: String,
    /// What it could do at this moment: what both may.
    may: Vec<String>,
    #[schema(format = DateTime)]
    since: String,
    /// When it last renewed its tokens.
    #[schema(format = DateTime)]
    used_at: String,
    /// When that ends however much it is used.
    #[schema(format = DateTime)]
    ends_at: String,
}

/// Programs that hold tokens for the caller.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPrograms {
    items: Vec<OwnProgram>,
}

/// What a program learns of a token (RFC 7662 §2.2).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Introspected {
    active: bool,
    #[schema(required = false, nullable = false)]
    client_id: Option<String>,
    /// The person for whom it acts, or the program itself.
    #[schema(required = false, nullable = false)]
    sub: Option<String>,
    #[schema(required = false, nullable = false, pattern = "^Bearer$")]
    token_type: Option<String>,
    /// Seconds since 1970.
    #[schema(required = false, nullable = false)]
    iat: Option<i64>,
    #[schema(required = false, nullable = false)]
    exp: Option<i64>,
    #[schema(required = false, nullable = false)]
    iss: Option<String>,
}
