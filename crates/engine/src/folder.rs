//! A data folder, with its store and its keys: made on first use, opened ever after.

use crate::clock::SteadyClock;
use crate::ledger::entry::Leaf;
use crate::{Engine, Parts, Settings, StoreUrl, TENANT};
use dossier_crypto::{Kms, SystemEntropy, establish, unlock};
use dossier_model::fault::Fault;
use dossier_model::time::{Clock, Entropy, Micros};
use dossier_store::{MysqlOptions, MysqlStore, Options, SqliteStore, Store};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Holds the path of the keystore, which is elsewhere.
const POINTER: &str = "keystore";
const KEYRING: &str = "keyring";
const INDEX: &str = "search";

/// Where everything is.
#[derive(Clone, Default)]
pub struct OpenOptions {
    /// The data folder; made when it is not there.
    pub data: PathBuf,
    /// Where records and logs are.
    pub store: StoreUrl,
    /// The password of a store that wants one, where it is not in its address.
    pub store_password: Option<String>,
    /// The file of the keys that the root key wraps; `keyring` in the data folder when not given. All servers of one
    /// database have the same file.
    pub keyring: Option<PathBuf>,
    /// Open only what is there: a store without anything in it is refused, and not made an installation.
    pub existing: bool,
    /// The file of the root key. Not given: the one that the folder names, or on first use a new one in
    /// `$XDG_CONFIG_HOME/dossier`.
    pub keystore: Option<PathBuf>,
    /// The keystore's passphrase, where it has one or is to have one.
    pub passphrase: Option<String>,
    /// Limits and intervals.
    pub settings: Settings,
    /// Time; the machine's when not given.
    pub clock: Option<Arc<dyn Clock>>,
    /// Randomness; the machine's when not given.
    pub entropy: Option<Arc<dyn Entropy>>,
}

impl Engine {
    /// Opens a data folder, and makes it with its keys on first use.
    ///
    /// # Errors
    /// `store_locked` when another process has it open; `data_folder_empty` where only an existing one was wanted;
    /// those of keystore and keyring; `keystore_inside_data`.
    pub fn open_folder(options: &OpenOptions) -> Result<Engine, Fault> {
        let machine = Arc::new(SteadyClock::of_machine());
        let clock = options.clock.clone().unwrap_or_else(|| Arc::clone(&machine) as Arc<dyn Clock>);
        let entropy = options.entropy.clone().unwrap_or_else(|| Arc::new(SystemEntropy));
        let data = &options.data;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(|error| failed(&error))?;
        // The store takes the folder's lock: nothing is made before it is ours.
        let store = open_store(options)?;
        // Where several servers write, the newest entry may be by a clock that only one of them has.
        if !store.is_shared() {
            machine.not_before(newest(&*store)?);
        }
        let keyring = options.keyring_path();
        let empty = is_empty(&*store)?;
        // Looked for after the store: whoever wrote the first entry had made it before.
        let missing = !keyring.try_exists().map_err(|error| failed(&error))?;
        if missing && !empty {
            return Err(Fault::new("keyring_missing").with("path", keyring.display().to_string()));
        }
        if missing && options.existing {
            return Err(Fault::new("data_folder_empty").with("path", data.display().to_string()));
        }
        let keystore = keystore_path(options, missing, &*entropy)?;
        let passphrase = options.passphrase.as_deref();
        let (keystore, keyring) = if missing {
            establish(&keystore, passphrase, &keyring, TENANT, &*entropy, clock.now())?
        } else {
            unlock(&keystore, passphrase, &keyring, TENANT)?
        };
        let kms: Arc<dyn Kms> = Arc::new(keystore);
        Engine::open(Parts {
            store,
            keyring: Arc::new(keyring),
            kms,
            clock,
            entropy,
            index: Some(data.join(INDEX)),
            settings: options.settings.clone(),
        })
    }
}

impl OpenOptions {
    /// Where time comes from.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone().unwrap_or_else(|| Arc::new(SteadyClock::of_machine()))
    }

    /// Where the keyring is.
    pub fn keyring_path(&self) -> PathBuf {
        self.keyring.clone().unwrap_or_else(|| self.data.join(KEYRING))
    }
}

/// Opens the store that the options name: the one place that knows which backends there are.
fn open_store(options: &OpenOptions) -> Result<Arc<dyn Store>, Fault> {
    options.store.check()?;
    if options.store.is_sqlite() {
        return Ok(Arc::new(SqliteStore::open(&Options::new(&options.data))?));
    }
    let mysql = MysqlOptions {
        password: options.store_password.clone(),
        ..MysqlOptions::new(options.store.secret(), &options.data)
    };
    Ok(Arc::new(MysqlStore::open(&mysql)?))
}

/// Whether nothing was ever done in a store.
fn is_empty(store: &dyn Store) -> Result<bool, Fault> {
    Ok(store.read()?.state(TENANT)?.change_size == 0)
}

/// When the newest entry of the change log and of this server's access log was written.
fn newest(store: &dyn Store) -> Result<Micros, Fault> {
    let read = store.read()?;
    let last = read.change_head(TENANT)?.size.saturating_sub(1);
    let change = read.change_entries(TENANT, last, 1)?.pop().map(|(_, leaf)| leaf);
    let log = store.access_log(TENANT, store.node())?;
    let last = log.head()?.size.saturating_sub(1);
    let access = log.entries(last, 1)?.pop().map(|(_, entry)| entry.leaf);
    let times = [change, access].into_iter().flatten().map(|leaf| Ok(Leaf::decode_without_items(&leaf)?.at));
    Ok(Micros(times.collect::<Result<Vec<i64>, Fault>>()?.into_iter().max().unwrap_or(0)))
}

/// The keystore's path: as given, as the folder says, or for a `new` installation one beside the user's configuration.
fn keystore_path(options: &OpenOptions, new: bool, entropy: &dyn Entropy) -> Result<PathBuf, Fault> {
    let path = match named_keystore(options)? {
        Some(path) if options.keystore.is_none() => return Ok(path),
        Some(path) => path,
        None if new => default_path(entropy)?,
        // Another server made the keys: only the operator knows where its root key is.
        None => return Err(Fault::new("keystore_nowhere")),
    };
    if inside(&path, &options.data) {
        return Err(Fault::new("keystore_inside_data"));
    }
    private_folder(&path)?;
    private_file(&options.data.join(POINTER), format!("{}\n", path.display()).as_bytes())?;
    Ok(path)
}

/// Makes the folder of a file where there is none.
pub(crate) fn private_folder(file: &Path) -> Result<(), Fault> {
    let Some(folder) = file.parent() else { return Ok(()) };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| failed(&error))
}

/// Writes a file that nobody else reads.
pub(crate) fn private_file(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let options = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = options.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| failed(&error))
}

/// The keystore's path as given, else as the folder says.
pub(crate) fn named_keystore(options: &OpenOptions) -> Result<Option<PathBuf>, Fault> {
    if let Some(path) = &options.keystore {
        return std::path::absolute(path).map(Some).map_err(|error| failed(&error));
    }
    match fs::read_to_string(options.data.join(POINTER)) {
        Ok(text) => Ok(Some(PathBuf::from(text.trim_end_matches('\n')))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

fn default_path(entropy: &dyn Entropy) -> Result<PathBuf, Fault> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let config = config.ok_or_else(|| Fault::new("keystore_nowhere"))?;
    let mut name = [0; 8];
    entropy.fill(&mut name);
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(config.join("dossier").join(format!("{name}.keystore")))
}

/// Whether a path lies in a folder, links resolved as far as they exist.
pub(crate) fn inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    path.ancestors().any(|part| part.canonicalize().is_ok_and(|part| part == folder))
}

pub(crate) fn failed(error: &std::io::Error) -> Fault {
    Fault::new("file_failed").with("reason", error.kind().to_string())
}
