//! What a setting may be, beyond its type.

use dossier_engine::access::Role;
use dossier_engine::model::Fault;
use dossier_engine::{Passwords, is_passkey_origin};
use toml::Table;

use super::Settings;
use crate::http::forwarded::{Said, networks};

/// The smallest and largest value of every whole number; a test checks that none is missing.
pub(super) const RANGES: [(&str, &str, i64, i64); 24] = [
    ("server", "header_timeout_seconds", 1, 15),
    ("server", "body_timeout_seconds", 1, 600),
    ("server", "max_connections", 1, 65_535),
    ("server", "max_body_bytes", 1_024, 67_108_864),
    ("limits", "requests_per_second", 0, 1_000_000),
    ("limits", "burst", 0, 1_000_000),
    ("limits", "in_flight", 0, 65_535),
    ("limits", "reveals_per_hour", 0, 1_000_000),
    ("limits", "find_misses_per_hour", 0, 1_000_000),
    ("tokens", "lifetime_seconds", 60, 86_400),
    ("tokens", "refresh_idle_seconds", 600, 7_776_000),
    ("tokens", "refresh_seconds", 3_600, 31_536_000),
    ("sign_in", "idle_seconds", 60, 86_400),
    ("sign_in", "session_seconds", 300, 604_800),
    ("sign_in", "attempts_per_name", 1, 1_000),
    ("sign_in", "attempts_per_address", 1, 100_000),
    ("sign_in", "sessions_per_person", 1, 100),
    ("sign_in", "password_memory_kib", 19_456, 1_048_576),
    ("keys", "rotate_days", 1, 3_650),
    ("ledger", "checkpoint_seconds", 1, 60),
    ("ledger", "access_anchor_seconds", 1, 60),
    ("import", "max_file_mib", 1, 4_096),
    ("import", "keep_days", 1, 90),
    ("quality", "keep_seconds", 0, 86_400),
];

pub(super) fn check_ranges(settings: &Table) -> Result<(), Fault> {
    for (section, key, least, most) in RANGES {
        let value = settings.get(section).and_then(|keys| keys.get(key)).and_then(toml::Value::as_integer);
        if value.is_some_and(|value| value < least || value > most) {
            let range = Fault::new("config_range").field(format!("{section}.{key}"));
            return Err(range.with("least", least.to_string()).with("most", most.to_string()));
        }
    }
    Ok(())
}

pub(super) fn check(settings: &Settings) -> Result<(), Fault> {
    settings.address()?;
    let server = &settings.server;
    if server.tls_cert.is_empty() != server.tls_key.is_empty() {
        return Err(Fault::new("config_together").field("server.tls_cert").with("other", "server.tls_key"));
    }
    if server.self_signed && !server.tls_cert.is_empty() {
        return Err(Fault::new("config_apart").field("server.self_signed").with("other", "server.tls_cert"));
    }
    if networks(&server.trusted_proxies).is_none() {
        return Err(Fault::new("config_network").field("server.trusted_proxies"));
    }
    if Said::parse(&server.proxy_header).is_none() {
        return Err(choice("server.proxy_header", &Said::NAMES));
    }
    if !server.public_origin.is_empty() && !is_passkey_origin(&server.public_origin) {
        return Err(Fault::new("config_origin").field("server.public_origin"));
    }
    settings.store.url.check()?;
    let roles =
        settings.sign_in.second_factor_exempt.split(',').map(str::trim).filter(|role| !role.is_empty());
    for role in roles {
        if Role::parse(role).is_none() {
            let names: Vec<_> = Role::ALL.iter().map(|role| format!("`{}`", role.name())).collect();
            return Err(Fault::new("config_choice")
                .field("sign_in.second_factor_exempt")
                .with("options", names.join(", ")));
        }
    }
    one_of("sign_in.passwords", &settings.sign_in.passwords, &Passwords::NAMES)?;
    one_of("log.format", &settings.log.format, &["text", "json"])?;
    if settings.log.level.trim().is_empty() {
        return Err(Fault::new("config_empty").field("log.level"));
    }
    Ok(())
}

fn one_of(name: &str, value: &str, choices: &[&str]) -> Result<(), Fault> {
    if choices.contains(&value) {
        return Ok(());
    }
    Err(choice(name, choices))
}

fn choice(name: &str, choices: &[&str]) -> Fault {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    Fault::new("config_choice").field(name).with("options", quoted.join(", "))
}
