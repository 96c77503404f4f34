//! Where the data folder is, and opening it.

use crate::settings::Setup;
use crate::{harden, say};
use dossier_engine::{Engine, OpenOptions};
use dossier_model::fault::{Fault, Lang};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The data folder: what was asked for, else `$DOSSIER_DATA`, else the XDG data folder of the user. Absolute.
pub fn locate(asked: Option<&Path>, environment: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, Fault> {
    let set = |name: &str| environment(name).filter(|path| !path.as_os_str().is_empty());
    let folder = asked
        .map(Path::to_owned)
        .or_else(|| set("DOSSIER_DATA"))
        // The XDG specification wants relative paths to be ignored.
        .or_else(|| set("XDG_DATA_HOME").filter(|path| path.is_absolute()).map(|path| path.join("dossier")))
        .or_else(|| set("HOME").map(|path| path.join(".local/share/dossier")))
        .ok_or_else(|| Fault::new("data_folder_unknown"))?;
    absolute(&folder)
}

/// A path that means the same to another process.
pub fn absolute(path: &Path) -> Result<PathBuf, Fault> {
    std::path::absolute(path).map_err(|error| unreadable(path, &error))
}

/// What is said about a file that cannot be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new("file_unreadable").with("path", path.display().to_string()).with("reason", reason(error))
}

/// What is said about a file that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new("file_unwritable").with("path", path.display().to_string()).with("reason", reason(error))
}

/// The system's own words, without its number.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Whether an installation was started here. One that may not be looked into counts as such: opening it says what is in
/// the way.
///
/// # Errors
/// None that a caller could cause.
pub fn is_installed(setup: &Setup) -> Result<bool, Fault> {
    let mut files = vec![setup.keyring()?.unwrap_or_else(|| setup.data.join("keyring"))];
    if setup.settings.store.url.is_sqlite() {
        files.push(setup.data.join("store.db"));
    }
    let there = |path: &PathBuf| {
        path.try_exists().unwrap_or_else(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    Ok(files.iter().any(there))
}

/// Whether opening may make an installation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Where there is none, one is made.
    Start,
    /// There has to be one.
    Find,
}

/// Opens the folder, which takes its lock. Says on the first use where the root key is.
///
/// # Errors
/// `data_folder_empty` where an installation has to be and is not; `store_locked` while another process has it, and
/// those of the engine.
pub fn open(setup: &Setup, may: May, tell: &mut dyn FnMut(String)) -> Result<Engine, Fault> {
    harden::keys_stay_in_memory();
    let first = !is_installed(setup)?;
    // What is in a database is known when it is open; a mistyped folder is not even made.
    if first && may == May::Find && setup.settings.store.url.is_sqlite() {
        return Err(Fault::new("data_folder_empty").with("path", setup.data.display().to_string()));
    }
    let engine = Engine::open_folder(&options(setup, may)?).map_err(|fault| located(fault, &setup.data))?;
    if first {
        tell(first_words(setup, setup.lang));
    }
    Ok(engine)
}

/// A failure of some file with the folder that it happened in; another account's folder is the usual one.
fn located(fault: Fault, data: &Path) -> Fault {
    let about = Fault::new("data_folder_failed").with("path", data.display().to_string());
    match (fault.key, std::fs::File::open(data.join("lock"))) {
        ("store_failed" | "file_failed", Err(error)) if error.kind() == ErrorKind::PermissionDenied => {
            about.with("reason", reason(&error))
        }
        ("file_failed", _) => {
            let reason =
                fault.params.into_iter().find(|(name, _)| *name == "reason").map(|(_, reason)| reason);
            about.with("reason", reason.unwrap_or_default())
        }
        _ => fault,
    }
}

/// What the engine opens with.
///
/// # Errors
/// Those of the files that hold secrets.
pub fn options(setup: &Setup, may: May) -> Result<OpenOptions, Fault> {
    Ok(OpenOptions {
        data: setup.data.clone(),
        store: setup.settings.store.url.clone(),
        store_password: setup.store_password()?,
        keyring: setup.keyring()?,
        // A data folder in which a crash cut the first start off is made whole by any command.
        existing: may == May::Find && !setup.settings.store.url.is_sqlite(),
        keystore: setup.keystore.clone(),
        passphrase: setup.passphrase()?,
        settings: setup.engine_settings(),
        clock: None,
        entropy: None,
    })
}

fn first_words(setup: &Setup, lang: Lang) -> String {
    let data = setup.data.display();
    // The engine keeps the path there; a folder of which it cannot be read has other troubles soon.
    let keystore = std::fs::read_to_string(setup.data.join("keystore")).unwrap_or_default();
    let keystore = keystore.trim_end();
    say!(
        lang,
        zh: "已在 {data} 新建数据目录；根密钥写入 {keystore}。\n请执行 `dossier key recovery print` 把根密钥印在纸上，且不要与数据放在一起：根密钥丢失，数据永远无法打开；二者同在一处，等于没有加密。",
        en: "new data folder: {data}; its root key is in {keystore}.\nPrint it on paper with `dossier key recovery print` and keep it apart from the data: without it nothing can ever be opened, and beside the data it protects nothing.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(asked: Option<&str>, environment: &[(&str, &str)]) -> Option<String> {
        let found = locate(asked.map(Path::new), |name| {
            environment.iter().find(|(n, _)| *n == name).map(|(_, v)| PathBuf::from(v))
        });
        found.ok().map(|path| path.display().to_string())
    }

    #[test]
    fn the_data_folder_is_the_one_asked_for_else_that_of_the_environment() {
        let all = [("DOSSIER_DATA", "/b"), ("XDG_DATA_HOME", "/c"), ("HOME", "/d")];
        assert_eq!(located(Some("/a"), &all).as_deref(), Some("/a"));
        assert_eq!(located(None, &all).as_deref(), Some("/b"));
        assert_eq!(located(None, &all[1..]).as_deref(), Some("/c/dossier"));
        assert_eq!(located(None, &all[2..]).as_deref(), Some("/d/.local/share/dossier"));
        assert_eq!(located(None, &[]), None);
    }

    #[test]
    fn empty_and_relative_variables_count_as_not_set() {
        let odd = [("DOSSIER_DATA", ""), ("XDG_DATA_HOME", "c"), ("HOME", "/d")];
        assert_eq!(located(None, &odd).as_deref(), Some("/d/.local/share/dossier"));
    }

    #[test]
    fn a_relative_folder_becomes_absolute() {
        let path = located(Some("x"), &[]).unwrap();
        assert!(path.starts_with('/') && path.ends_with("/x"), "{path}");
    }
}
