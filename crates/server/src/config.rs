//! The settings: `config.default.toml` under the user's file under the environment.
//!
//! The commented default file is compiled in and is the only place that knows the defaults and the keys. A layer above
//! it may only say what a key of it shall be; anything else is an error that names the key and where it stands.

mod layer;
mod rules;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use dossier_engine::StoreUrl;
use dossier_engine::access::Role;
use dossier_engine::model::Fault;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The default file, comments and all: `dossier config` shows it.
pub const DEFAULTS: &str = include_str!("../../../config.default.toml");

/// Every setting. One struct for each section of `config.default.toml`, where the meaning of each key is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Settings {
    pub server: Server,
    pub limits: Limits,
    pub tokens: Tokens,
    pub sign_in: SignIn,
    pub store: Store,
    pub keys: Keys,
    pub ledger: Ledger,
    pub import: Import,
    pub quality: Quality,
    pub log: Log,
}

/// `[server]`: where it listens and what a connection may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Server {
    pub listen: String,
    pub tls_cert: String,
    pub tls_key: String,
    pub self_signed: bool,
    pub header_timeout_seconds: u32,
    pub body_timeout_seconds: u32,
    pub max_connections: u32,
    pub max_body_bytes: u32,
    pub trusted_proxies: String,
    pub proxy_header: String,
    pub public_origin: String,
    pub docs: bool,
}

/// `[limits]`: what is answered in a second, at once, and for one caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Limits {
    pub requests_per_second: u32,
    pub burst: u32,
    pub in_flight: u32,
    pub reveals_per_hour: u32,
    pub find_misses_per_hour: u32,
}

/// `[tokens]`: access tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Tokens {
    pub lifetime_seconds: u32,
    pub refresh_idle_seconds: u32,
    pub refresh_seconds: u32,
}

/// `[sign_in]`: people who sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SignIn {
    pub idle_seconds: u32,
    pub session_seconds: u32,
    pub attempts_per_name: u32,
    pub attempts_per_address: u32,
    pub sessions_per_person: u32,
    pub passwords: String,
    pub password_memory_kib: u32,
    pub second_factor_exempt: String,
}

impl SignIn {
    /// The roles that need no second factor. [`Settings::check`] has refused anything else.
    pub fn exempt(&self) -> Vec<Role> {
        self.second_factor_exempt.split(',').filter_map(Role::parse).collect()
    }
}

/// `[store]`: where records are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Store {
    /// Shown without its password.
    pub url: StoreUrl,
    pub password_file: String,
}

/// `[keys]`: the root key, the keys under it, their age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Keys {
    pub keystore: String,
    pub keyring: String,
    pub passphrase_file: String,
    pub rotate_days: u32,
}

/// `[ledger]`: checkpoints and where they are anchored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Ledger {
    pub checkpoint_seconds: u32,
    pub access_anchor_seconds: u32,
    pub anchor_dir: String,
}

/// `[import]`: files that are handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Import {
    pub max_file_mib: u32,
    pub keep_days: u32,
}

/// `[quality]`: figures over all dossiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Quality {
    pub keep_seconds: u32,
}

/// `[log]`: what the program says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Log {
    pub level: String,
    pub format: String,
}

impl Settings {
    /// Defaults, under the user's file when there is one, under the environment: `(name, value)` pairs of which those
    /// that begin with `DOSSIER__` count. Flags are the caller's: set the fields, then call [`Settings::check`].
    ///
    /// # Errors
    /// `config_unreadable`, `config_malformed`, `config_unknown_key`, `config_not_whole`, `config_range`, … each naming
    /// the key (as `section.key`) and the file or variable in which it stands.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, Fault> {
        let mut table = defaults();
        if let Some(path) = file {
            layer::file(&mut table, path)?;
        }
        layer::environment(&mut table, environment)?;
        rules::check_ranges(&table)?;
        typed(table)
    }

    /// Checks what the types cannot say. [`Settings::load`] has done so already; a caller that changed a field by a
    /// flag does it again.
    ///
    /// # Errors
    /// `config_range`, `config_choice`, `config_address`, `config_together`, `config_apart`.
    pub fn check(&self) -> Result<(), Fault> {
        let table = Table::try_from(self).map_err(|_| Fault::new("internal"))?;
        rules::check_ranges(&table)?;
        rules::check(self)
    }

    /// The address to listen on.
    ///
    /// # Errors
    /// `config_address` when it is not of the form `ADDRESS:PORT`.
    pub fn address(&self) -> Result<SocketAddr, Fault> {
        let listen = self.server.listen.as_str();
        listen.parse().map_err(|_| Fault::new("config_address").field("server.listen"))
    }

    /// Where people open the page, as their browsers write it; none where nobody said so and it is not this machine alone.
    pub fn public_origin(&self) -> Option<String> {
        let Server { public_origin, .. } = &self.server;
        if !public_origin.is_empty() {
            return Some(public_origin.clone());
        }
        let at = self.address().ok().filter(|at| at.ip().is_loopback() && at.port() != 0)?;
        let (scheme, usual) = if self.has_tls() { ("https", 443) } else { ("http", 80) };
        let port = if at.port() == usual { String::new() } else { format!(":{}", at.port()) };
        Some(format!("{scheme}://localhost{port}"))
    }

    /// Whether it is reached by TLS.
    pub(crate) fn has_tls(&self) -> bool {
        self.server.self_signed || !self.server.tls_cert.is_empty()
    }

    pub(crate) fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.server.header_timeout_seconds.into())
    }

    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.server.body_timeout_seconds.into())
    }
}

impl Default for Settings {
    fn default() -> Settings {
        typed(defaults()).expect("config.default.toml is part of the program and a test reads it")
    }
}

fn defaults() -> Table {
    DEFAULTS.parse().expect("config.default.toml is part of the program and a test reads it")
}

/// Ranges are checked before, so what fails here is a default file that disagrees with the structs above.
fn typed(table: Table) -> Result<Settings, Fault> {
    let settings = Settings::deserialize(Value::Table(table)).map_err(|_| Fault::new("internal"))?;
    rules::check(&settings)?;
    Ok(settings)
}

#[cfg(test)]
mod tests;
