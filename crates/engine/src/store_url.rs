//! Which database an installation is in.

use dossier_model::fault::Fault;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

const SQLITE: &str = "sqlite";
const MYSQL: &str = "mysql://";

/// `sqlite` (a file in the data folder) or `mysql://user@host:port/database?ssl-ca=…`. A password may stand in it and
/// is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// An address as somebody wrote it; [`StoreUrl::check`] says whether it is one.
    pub fn new(text: impl Into<String>) -> StoreUrl {
        StoreUrl(text.into())
    }

    /// Whether it names a database.
    ///
    /// # Errors
    /// `config_store_url`, without a word of what was written.
    pub fn check(&self) -> Result<(), Fault> {
        let right = self.is_sqlite() || parts(&self.0).is_some();
        if right { Ok(()) } else { Err(Fault::new("config_store_url").field("store.url")) }
    }

    /// Whether it is the file in the data folder.
    pub fn is_sqlite(&self) -> bool {
        self.0 == SQLITE
    }

    /// Whether a password stands in it.
    pub fn has_password(&self) -> bool {
        parts(&self.0).is_some_and(|parts| parts.password)
    }

    /// The address as it was written, for the one who connects: a password may stand in it.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl Default for StoreUrl {
    fn default() -> StoreUrl {
        StoreUrl::new(SQLITE)
    }
}

/// Without its password.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match parts(&self.0) {
            Some(Parts { user, rest, .. }) => write!(f, "{MYSQL}{user}@{rest}"),
            None if self.is_sqlite() => f.write_str(SQLITE),
            // What cannot be read may have a password anywhere.
            None => f.write_str("…"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

/// As it is shown.
impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A MySQL address, taken apart.
struct Parts<'a> {
    user: &'a str,
    password: bool,
    /// Host, port, database and options.
    rest: &'a str,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let text = text.strip_prefix(MYSQL)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (authority, path) = text.split_once('/')?;
    // One `@`: another one in a password has to be written `%40`, or it would be read in two ways.
    let (account, place) = authority.split_once('@').filter(|(_, place)| !place.contains('@'))?;
    let (user, password) = account.split_once(':').map_or((account, false), |(user, _)| (user, true));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (place, None),
    };
    let (database, options) = path.split_once('?').unwrap_or((path, ""));
    let plain = |text: &str, more: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
    };
    let right = plain(user, "-_.~%")
        && plain(host, "-_.[]:")
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
        && plain(database, "-_.~%$")
        && !authority.contains(['?', '#'])
        && !options.split('&').any(|option| option.starts_with("password="));
    right.then(|| Parts { user, password, rest: text.split_once('@').map_or("", |(_, rest)| rest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_database_is_taken() {
        for url in [
            "sqlite",
            "mysql://dossier@db.example.com/dossier",
            "mysql://dossier@127.0.0.1:3306/dossier?ssl-ca=/etc/ca.pem",
            "mysql://dossier:a%40b@[::1]:3306/dossier",
            "mysql://u@[::1]/d",
        ] {
            assert!(StoreUrl::new(url).check().is_ok(), "{url}");
        }
    }

    #[test]
    fn what_names_none_is_refused_and_not_repeated() {
        for url in [
            "",
            "SQLite",
            "mysql://",
            "mysql://secret",
            "mysql://u@h",
            "mysql://u@h/",
            "mysql://@h/d",
            "mysql://u@/d",
            "mysql://u@h:0/d",
            "mysql://u@h:x/d",
            "mysql://u:secret/x@h/d",
            "mysql://u:secret@x@h/d",
            "mysql://u:secret?x@h/d",
            "mysql://u@h/d?password=secret",
            "mysql://u@h/d d",
            "postgres://u:secret@h/d",
        ] {
            let fault = StoreUrl::new(url).check().unwrap_err();
            assert_eq!(fault.key, "config_store_url", "{url}");
            let shown = format!("{fault:?} {fault} {0} {0:?}", StoreUrl::new(url));
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn a_password_is_used_and_never_shown() {
        let url = StoreUrl::new("mysql://u:secret@h:3306/d?ssl-ca=/x");
        assert!(url.has_password() && url.secret().contains("secret"));
        assert_eq!(url.to_string(), "mysql://u@h:3306/d?ssl-ca=/x");
        assert_eq!(serde_json::to_string(&url).unwrap(), "\"mysql://u@h:3306/d?ssl-ca=/x\"");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
