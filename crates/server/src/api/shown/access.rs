//! People, programs, teams and keys.

use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::{AnyOfBuilder, Schema, Type};

/// A mask as it is declared: the name of a method, or `keep` or `regex` with what they need.
pub(crate) fn mask() -> Schema {
    let either = AnyOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::String));
    either.item(ObjectBuilder::new().schema_type(Type::Object)).build().into()
}

fn masks() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("掩码 Masks of its own by `kind.field`, over the default ones."))
        .additional_properties(Some(mask()))
        .build()
        .into()
}

/// A program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    #[schema(pattern = "^cli_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    client_id: String,
    name: String,
    /// Names of the roles.
    roles: Vec<String>,
    team: String,
    disabled: bool,
    /// Where people are sent back to who let it act for them.
    redirect_uris: Vec<String>,
    /// `client_credentials`, `authorization_code`.
    flows: Vec<String>,
    /// Whether it has no secret.
    public: bool,
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
    /// Not of a public program.
    #[schema(required = false, nullable = false)]
    client_secret: Option<String>,
    name: String,
    /// Names of the roles.
    roles: Vec<String>,
    team: String,
}

/// A person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[schema(pattern = "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    /// Names of the roles.
    roles: Vec<String>,
    team: String,
    disabled: bool,
    /// Whether the person has a password.
    set_up: bool,
    /// Whether the person has codes by an authenticator.
    totp: bool,
    /// How many passkeys the person has.
    passkeys: u32,
    /// Sessions that are alive.
    sessions: u32,
    #[schema(required = false, nullable = false, format = DateTime)]
    last_sign_in_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A person just added: the one time that the link is seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    #[schema(pattern = "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    /// Names of the roles.
    roles: Vec<String>,
    team: String,
    disabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
    /// Path and fragment of the link by which the person chooses a password, once, within 24 hours.
    #[schema(pattern = "^/set-up#[A-Za-z0-9_-]{43}$")]
    set_up: String,
}

/// All people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Users {
    items: Vec<User>,
}

/// What somebody answered for who left or moved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    #[schema(pattern = "^hov_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// Who answered for it.
    from: String,
    #[schema(pattern = "^(left|transferred|demoted|seconded)$")]
    how: String,
    #[schema(format = DateTime)]
    since: String,
    /// Who takes over; nobody, while nobody is named and there is no line manager.
    #[schema(required = false, nullable = false)]
    heir: Option<String>,
    #[schema(pattern = "^(waiting|running|done)$")]
    state: String,
    /// How many dossiers there are.
    dossiers: u64,
    /// How many of them have their new owner.
    moved: u64,
    /// Names of programs, for which the heir answers already.
    programs: Vec<String>,
}

/// Hand-overs that are open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOvers {
    items: Vec<HandOver>,
}

/// A team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Team {
    #[schema(pattern = "^(default|tea_[0-7][0-9a-hjkmnp-tv-z]{25})$")]
    id: String,
    name: String,
    /// The team that it is part of.
    #[schema(required = false, nullable = false)]
    above: Option<String>,
    /// Its people's line manager.
    #[schema(required = false, nullable = false)]
    lead: Option<String>,
}

/// A role with its rules.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    #[schema(pattern = "^(CDO|CDA|CDE|CDU|ISA|rol_[0-7][0-9a-hjkmnp-tv-z]{25})$")]
    id: String,
    /// Built-in roles stay as they are.
    built_in: bool,
    /// Counts its changes; 0 for a built-in one.
    version: u32,
    /// People and programs that have it, themselves or by a role that takes it over.
    holders: u32,
    name: String,
    /// Names of the roles that it takes over from.
    inherits: Vec<String>,
    actions: Vec<String>,
    #[schema(pattern = "^(all|own|own_and_below|named)$")]
    teams: String,
    named_teams: Vec<String>,
    regions: Vec<String>,
    industries: Vec<String>,
    bands: Vec<String>,
    own: bool,
    #[schema(pattern = "^L[1-4]$")]
    see_to: String,
    #[schema(pattern = "^L[1-4]$")]
    clear_to: String,
    #[schema(required = false, nullable = false, pattern = "^L[1-4]$")]
    open_to: Option<String>,
    /// `masked`, `openable` or `clear` by `kind.field`; what is not here is hidden.
    fields: std::collections::BTreeMap<String, String>,
    /// Masks of its own by `kind.field`: the name of a method, or `keep` or `regex` with what they need.
    #[schema(required = false, schema_with = masks)]
    masks: std::collections::BTreeMap<String, serde_json::Value>,
    /// 1 for Monday to 7; every day when empty.
    weekdays: Vec<u8>,
    #[schema(required = false, nullable = false)]
    from_time: Option<String>,
    #[schema(required = false, nullable = false)]
    to_time: Option<String>,
    #[schema(required = false, nullable = false, format = Date)]
    first_day: Option<String>,
    #[schema(required = false, nullable = false, format = Date)]
    last_day: Option<String>,
}

/// All roles, the built-in ones first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roles {
    items: Vec<Role>,
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
    recovery: Recovery,
}

/// Whether there are recovery sheets of the root key; nothing of what is on them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recovery {
    /// `outdated`: they are of an earlier root key.
    #[schema(pattern = "^(none|confirmed|outdated)$")]
    state: String,
    /// When groups of both were typed back.
    #[schema(required = false, nullable = false, format = DateTime)]
    confirmed_at: Option<String>,
}

/// What there is of a new installation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUpState {
    /// Whether there is a CDO who signs in, and every CDO who does has codes.
    administrator: bool,
    recovery: Recovery,
    /// People who are not disabled, the invited ones too.
    people: u32,
    /// Teams beside the default one.
    teams: u32,
    /// Whether there is a dossier.
    dossiers: bool,
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
