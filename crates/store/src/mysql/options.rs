//! Which database, and how it is reached.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr as _;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use super::conn::{Conn, SqlError};
use crate::error::StoreError;

/// Passwords that installers, images and manuals give.
const DEFAULTS: [&str; 13] = [
    "123456",
    "admin",
    "changeme",
    "default",
    "dossier",
    "example",
    "mariadb",
    "my-secret-pw",
    "mysql",
    "password",
    "root",
    "secret",
    "test",
];

/// How a store in a MySQL-protocol database is opened.
#[derive(Clone)]
pub struct MysqlOptions {
    /// `mysql://user@host:port/database`, with `?ssl-ca=FILE` and the like; a password in it is used when there is no
    /// other.
    pub url: String,
    /// The password.
    pub password: Option<String>,
    /// The data folder: its lock keeps a second process out, and it remembers which node this is.
    pub folder: PathBuf,
    /// Most connections for reading at a time.
    pub readers: usize,
}

impl MysqlOptions {
    /// A database with 16 readers.
    pub fn new(url: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self { url: url.into(), password: None, folder: folder.into(), readers: 16 }
    }
}

/// Shows nothing: the address may hold a password.
impl std::fmt::Debug for MysqlOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MysqlOptions").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// A database that connections can be opened to.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) options: MySqlConnectOptions,
}

impl Target {
    /// Reads the address. Anything but this machine needs TLS with a certificate that is checked.
    pub(super) fn of(options: &MysqlOptions) -> Result<Self, StoreError> {
        let invalid = || StoreError::Invalid("store.url: mysql://user@host:port/database");
        if !options.url.starts_with("mysql://") {
            return Err(invalid());
        }
        let mut target = MySqlConnectOptions::from_str(&options.url).map_err(|_| invalid())?;
        if let Some(password) = &options.password {
            target = target.password(password);
        }
        if target.get_database().is_none_or(str::is_empty) {
            return Err(invalid());
        }
        if !is_near(target.get_host()) && target.get_socket().is_none() {
            if is_default(options) {
                return Err(StoreError::DefaultPassword);
            }
            target = match target.get_ssl_mode() {
                MySqlSslMode::VerifyCa | MySqlSslMode::VerifyIdentity => target,
                MySqlSslMode::Preferred => target.ssl_mode(MySqlSslMode::VerifyIdentity),
                MySqlSslMode::Disabled | MySqlSslMode::Required => {
                    return Err(StoreError::Unsafe {
                        setting: "ssl-mode".into(),
                        found: "unverified".into(),
                        wanted: "VERIFY_IDENTITY".into(),
                    });
                }
            };
        }
        Ok(Self { options: target.statement_cache_capacity(256) })
    }
}

impl Target {
    /// Connects; makes the database when it is not there and the user may.
    pub(super) fn first_connection(&self) -> Result<Conn, SqlError> {
        match Conn::open(self) {
            Err(SqlError::NoDatabase) => {}
            opened => return opened,
        }
        let name = self.options.get_database().unwrap_or_default().replace('`', "``");
        let aside = Self { options: self.options.clone().database("information_schema") };
        let mut conn = Conn::open(&aside)?;
        conn.execute(format!("CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4"), &[])?;
        conn.close();
        Conn::open(self)
    }
}

/// Whether the password is one that everybody tries first: none at all, unless there is a certificate of the user's own,
/// the user's name, or one of the above.
fn is_default(options: &MysqlOptions) -> bool {
    let (address, more) = options.url.split_once('?').unwrap_or((&options.url, ""));
    let account = address.trim_start_matches("mysql://").rsplit_once('@').map_or("", |(account, _)| account);
    let (user, written) = account.split_once(':').unwrap_or((account, ""));
    let password = options.password.as_deref().unwrap_or(written);
    let certified =
        more.split('&').any(|option| option.starts_with("ssl-cert=") || option.starts_with("sslcert="));
    let tried = |word: &str| password.eq_ignore_ascii_case(word);
    if password.is_empty() { !certified } else { tried(user) || DEFAULTS.iter().any(|word| tried(word)) }
}

/// Whether a host is this machine.
fn is_near(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, StoreError> {
        Target::of(&MysqlOptions::new(url, "unused"))
    }

    #[test]
    fn this_machine_may_be_asked_without_tls_and_no_other() {
        for url in ["mysql://u@127.0.0.1/d", "mysql://u@localhost:3307/d", "mysql://u@[::1]/d"] {
            assert!(matches!(target(url).unwrap().options.get_ssl_mode(), MySqlSslMode::Preferred));
        }
        let far = target("mysql://u:plum-harbour@db.example.com/d").unwrap();
        assert!(matches!(far.options.get_ssl_mode(), MySqlSslMode::VerifyIdentity));
        for mode in ["DISABLED", "REQUIRED"] {
            let refused = target(&format!("mysql://u:plum-harbour@db.example.com/d?ssl-mode={mode}"));
            assert!(matches!(refused, Err(StoreError::Unsafe { .. })));
        }
    }

    #[test]
    fn another_machine_is_not_asked_with_a_password_that_everybody_tries() {
        let tried = |url: &str, password: Option<&str>| {
            let password = password.map(str::to_owned);
            let refused = Target::of(&MysqlOptions { password, ..MysqlOptions::new(url, "unused") }).err();
            refused.map(|error| error.key())
        };
        let refused = Some("store_password_default");
        for word in ["", "u", "root", "MySQL", "Password", "my-secret-pw"] {
            assert_eq!(tried("mysql://u@db.example.com/d", Some(word)), refused, "{word}");
            assert_eq!(tried(&format!("mysql://u:{word}@db.example.com/d"), None), refused, "{word}");
            assert_eq!(tried("mysql://u@127.0.0.1/d", Some(word)), None, "{word}");
        }
        assert_eq!(tried("mysql://u@db.example.com/d", None), refused);
        assert_eq!(tried("mysql://u:root@db.example.com/d", Some("plum-harbour")), None);
        assert_eq!(tried("mysql://u@db.example.com/d?ssl-cert=/c.pem&ssl-key=/k.pem", None), None);
    }

    #[test]
    fn what_is_no_address_of_a_database_is_refused() {
        for url in
            ["", "sqlite", "mysql://", "mysql://u@h", "mysql://u@h/", "postgres://u@h/d", "mysql://u@h:x/d"]
        {
            assert!(matches!(target(url), Err(StoreError::Invalid(_))), "{url}");
        }
    }

    #[test]
    fn debug_shows_no_address() {
        let text = format!("{:?}", MysqlOptions::new("mysql://u:secret@h/d", "folder"));
        assert!(!text.contains("secret"), "{text}");
    }
}
