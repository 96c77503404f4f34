//! Sessions of people, links, views.

use serde::Deserialize;
use utoipa::ToSchema;

/// Who signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Me {
    #[schema(pattern = "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    /// Names of the roles.
    roles: Vec<String>,
    team: String,
}

/// The sign-in before this one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastSignIn {
    #[schema(format = DateTime)]
    at: String,
    address: Option<String>,
}

/// A session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    user: Me,
    /// What every request by cookie that changes something repeats in `X-CSRF-Token`.
    csrf: String,
    #[schema(format = DateTime)]
    begun_at: String,
    /// Seconds without a request after which it ends.
    idle_seconds: u32,
    /// When it ends however much it is used.
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(required = false, nullable = false)]
    last_sign_in: Option<LastSignIn>,
    /// What has to be done before anything else is answered.
    #[schema(required = false, nullable = false, pattern = "^(password|second_factor)$")]
    must: Option<String>,
    /// Whether the person has codes by an authenticator in force.
    totp: bool,
    /// How many passkeys the person has.
    passkeys: u32,
    /// What the roles allow at this moment, wherever.
    may: Vec<String>,
    /// Whether everything in here is made up.
    demo: bool,
}

/// One of a person's sessions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnSession {
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    #[schema(format = DateTime)]
    begun_at: String,
    /// To half a minute.
    #[schema(format = DateTime)]
    used_at: String,
    address: Option<String>,
    /// What the browser called itself.
    agent: Option<String>,
}

/// A person's sessions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnSessions {
    items: Vec<OwnSession>,
}

/// What a browser hands its authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    /// Goes back with the answer.
    #[schema(pattern = "^[A-Za-z0-9_-]+$")]
    challenge: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON` (WebAuthn level 3).
    #[schema(value_type = Object)]
    options: serde_json::Map<String, serde_json::Value>,
}

/// A passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passkey {
    #[schema(pattern = "^pky_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required = false, nullable = false, format = DateTime)]
    used_at: Option<String>,
}

/// A person's passkeys.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passkeys {
    items: Vec<Passkey>,
}

/// A secret for an authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTotp {
    /// Base 32.
    #[schema(pattern = "^[A-Z2-7]{32}$")]
    secret: String,
    #[schema(pattern = "^otpauth://totp/")]
    uri: String,
}

/// A link, shown once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    /// Path and fragment.
    #[schema(pattern = "^/set-up#[A-Za-z0-9_-]{43}$")]
    set_up: String,
}

/// What a link is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkShown {
    #[schema(pattern = "^(first|invitation|reset)$")]
    purpose: String,
    #[schema(required = false, nullable = false)]
    name: Option<String>,
    /// Names of the roles.
    #[schema(required = false)]
    #[serde(default)]
    roles: Vec<String>,
}

/// A view.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    #[schema(pattern = "^view_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    /// Whether the team sees it.
    shared: bool,
    /// Whether it is one's own.
    own: bool,
    #[schema(value_type = Object)]
    body: serde_json::Map<String, serde_json::Value>,
}

/// Views.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Views {
    items: Vec<View>,
}
