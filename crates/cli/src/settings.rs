//! Settings, data folder and passphrase of one call.

use crate::args::Global;
use crate::output::Output;
use crate::{folder, logs, say};
use dossier_model::fault::{Fault, Lang};
use dossier_server::config::Settings;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The variable that may hold the password of the database.
const STORE_PASSWORD: &str = "DOSSIER_STORE_PASSWORD";

/// What a call works with, from arguments, settings file and environment.
pub struct Setup {
    /// The data folder.
    pub data: PathBuf,
    /// The file with the root key; none: the engine's default beside the user's configuration.
    pub keystore: Option<PathBuf>,
    /// Every setting.
    pub settings: Settings,
    /// Whether a demo is served.
    pub demo: bool,
    /// Language of what is said.
    pub lang: Lang,
}

impl Setup {
    /// Reads the settings and finds the data folder.
    ///
    /// # Errors
    /// Those of [`Settings::load`], and `data_folder_unknown`.
    pub fn new(global: &Global, lang: Lang) -> Result<Setup, Fault> {
        let settings = load(global)?;
        let data = folder::locate(global.data.as_deref(), |name| std::env::var_os(name).map(PathBuf::from))?;
        let keystore = global
            .keystore
            .clone()
            .or_else(|| given(&settings.keys.keystore))
            .map(|path| folder::absolute(&path))
            .transpose()?;
        Ok(Setup { data, keystore, settings, demo: false, lang })
    }

    /// The settings that the engine knows.
    pub fn engine_settings(&self) -> dossier_engine::Settings {
        let Settings { limits, tokens, sign_in, keys, ledger, import, quality, .. } = &self.settings;
        dossier_engine::Settings {
            reveals_per_hour: limits.reveals_per_hour,
            find_misses_per_hour: limits.find_misses_per_hour,
            token_lifetime_seconds: tokens.lifetime_seconds,
            refresh_idle_seconds: tokens.refresh_idle_seconds,
            refresh_seconds: tokens.refresh_seconds,
            checkpoint_seconds: ledger.checkpoint_seconds,
            access_anchor_seconds: ledger.access_anchor_seconds,
            rotate_days: keys.rotate_days,
            import_keep_seconds: i64::from(import.keep_days) * 86_400,
            import_max_bytes: u64::from(import.max_file_mib) << 20,
            quality_keep_seconds: i64::from(quality.keep_seconds),
            anchor_dir: given(&ledger.anchor_dir),
            sign_in: dossier_engine::SignInSettings {
                idle_seconds: sign_in.idle_seconds,
                session_seconds: sign_in.session_seconds,
                attempts_per_name: sign_in.attempts_per_name,
                attempts_per_address: sign_in.attempts_per_address,
                sessions_per_person: sign_in.sessions_per_person,
                // `Settings::check` has refused anything else.
                passwords: dossier_engine::Passwords::parse(&sign_in.passwords).unwrap_or_default(),
                password_memory_kib: sign_in.password_memory_kib,
                origin: self.settings.public_origin(),
                second_factor_exempt: sign_in.exempt(),
                demo: self.demo,
            },
        }
    }

    /// The passphrase of the keystore, where it has one.
    ///
    /// # Errors
    /// `file_unreadable`, `passphrase_file_empty`, `passphrase_file_open` when others can read it.
    pub fn passphrase(&self) -> Result<Option<String>, Fault> {
        secret(&self.settings.keys.passphrase_file, "DOSSIER_KEYSTORE_PASSPHRASE")
    }

    /// The password of the database, where it is not in its address.
    ///
    /// # Errors
    /// As [`Setup::passphrase`].
    pub fn store_password(&self) -> Result<Option<String>, Fault> {
        secret(&self.settings.store.password_file, STORE_PASSWORD)
    }

    /// The keyring; none: that of the data folder.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn keyring(&self) -> Result<Option<PathBuf>, Fault> {
        given(&self.settings.keys.keyring).map(|path| folder::absolute(&path)).transpose()
    }
}

/// The password of a database that the settings do not name: from a file, else from the environment where that can mean
/// only this one.
///
/// # Errors
/// As [`Setup::passphrase`].
pub fn password_beside(file: Option<&Path>, only_one: bool) -> Result<Option<String>, Fault> {
    match file {
        Some(path) => first_line(path).map(Some),
        None if only_one => secret("", STORE_PASSWORD),
        None => Ok(None),
    }
}

/// A secret from a file, where one is set, else from the environment.
fn secret(file: &str, variable: &str) -> Result<Option<String>, Fault> {
    match file {
        "" => Ok(std::env::var(variable).ok().filter(|text| !text.is_empty())),
        path => first_line(Path::new(path)).map(Some),
    }
}

/// A path of the settings; an empty one is none.
fn given(path: &str) -> Option<PathBuf> {
    Some(path).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Defaults, file and environment in one.
///
/// # Errors
/// Those of [`Settings::load`].
pub fn load(global: &Global) -> Result<Settings, Fault> {
    let settings = Settings::load(global.config.as_deref(), environment()?)?;
    logs::check(&settings.log)?;
    Ok(settings)
}

/// The settings that hold, as a file that could be given back with `--config`. No secret is among them.
///
/// # Errors
/// None that a caller could cause.
pub fn show(settings: &Settings, lang: Lang) -> Result<Output, Fault> {
    let text = toml::to_string(settings).map_err(|_| Fault::new("internal"))?;
    let hidden = say!(
        lang,
        zh: "store.url 中的密码不显示",
        en: "the password in store.url is not shown",
    );
    let notices = settings.store.url.has_password().then_some(hidden).into_iter().collect();
    Ok(Output { notices, ..Output::new(settings, text.trim_end()) })
}

/// The variables that are settings. Others may be in any encoding and are none of our business.
fn environment() -> Result<Vec<(String, String)>, Fault> {
    let ours = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"DOSSIER__");
    std::env::vars_os()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| {
            let shown = name.to_string_lossy().into_owned();
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => Ok((name, value)),
                _ => Err(Fault::new("variable_not_text").with("name", shown)),
            }
        })
        .collect()
}

/// The first line of a file that nobody else may read.
fn first_line(path: &Path) -> Result<String, Fault> {
    let shown = || path.display().to_string();
    let mode = std::fs::metadata(path).map_err(|error| folder::unreadable(path, &error))?.mode();
    if mode & 0o077 != 0 {
        let mode = format!("{:04o}", mode & 0o7777);
        return Err(Fault::new("passphrase_file_open").with("path", shown()).with("mode", mode));
    }
    let text = std::fs::read_to_string(path).map_err(|error| folder::unreadable(path, &error))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(Fault::new("passphrase_file_empty").with("path", shown())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn the_passphrase_is_the_first_line_of_its_file() {
        let secret = file("open sesame\nsecond\n", 0o600);
        assert_eq!(first_line(secret.path()).unwrap(), "open sesame");
    }

    #[test]
    fn a_passphrase_file_that_others_may_read_is_refused() {
        let secret = file("open sesame\n", 0o640);
        let fault = first_line(secret.path()).unwrap_err();
        assert_eq!(fault.key, "passphrase_file_open");
        assert!(!fault.text(Lang::En).contains("sesame"));
    }

    #[test]
    fn an_empty_or_missing_passphrase_file_is_refused() {
        assert_eq!(first_line(file("\nx", 0o600).path()).unwrap_err().key, "passphrase_file_empty");
        assert_eq!(first_line(Path::new("/no/such/file")).unwrap_err().key, "file_unreadable");
    }
}
