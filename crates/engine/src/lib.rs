//! The one path to customer data.
//!
//! People, programs, imports and the command line all reach records through [`Engine`], and for each command and query
//! it does the same things in the same order: who asks, may they, is it well-formed, seal, store with the change log in
//! one transaction; open what they may see, record the look, and only then answer. Every public method returns only
//! after its ledger entry is durable.

mod admin;
mod approval;
mod auth;
mod bulk;
mod caller;
mod clock;
mod command;
mod context;
mod folder;
mod follow;
mod grant;
mod hand_over;
pub mod import;
mod index;
mod lease;
mod ledger;
mod migrate;
mod oauth;
mod people;
mod place;
mod policy;
mod query;
mod record;
pub mod recovery;
mod seal;
mod store_url;

pub use admin::{
    Client, Directory, DirectoryGroup, DirectoryPerson, FlowForm, FlowKept, GroupAsk, KeyReport, Leave,
    Leaving, NewClient, NewUser, PersonAsk, Recovery, RecoveryStep, Role, RoleForm, Rotated, SetUpState,
    StepForm, Team, TeamChange, User, UserChange, WhenForm, WhoForm,
};
pub use approval::{
    Carried, Deciding, FlowShown, MoveShown, RequestBox, RequestPage, RequestShown, SaidShown, Verdict,
    Waiting,
};
pub use auth::Token;
pub use caller::{Caller, Origin};
pub use command::{Change, Create, Done, Erased};
pub use dossier_access as access;
pub use dossier_model as model;
pub use folder::OpenOptions;
pub use follow::Followed;
pub use grant::{Application, DossierNamed, GrantBox, GrantPage, GrantShown};
pub use hand_over::HandOver;
pub use import::{
    Accepted, Alike, By, Bytes, Column, Decision, Duplicates, Edit, Format, Import, ImportPage,
    ImportProgress, ImportShown, ImportWorker, Imported, Imports, Left, Mapping, MappingAsk, MappingShown,
    MendAlike, Mended, MendedAlike, NewImport, Preview, PreviewCell, PreviewRow, Problem, ProblemClass,
    ProblemClasses, ProblemRow, Row, RowMend, RowMet, RowProblem, Rows, SameValue, SavedMapping, Scanned,
    Source, Start, Target, UndoShown, Upload,
};
pub use index::{Indexing, Rebuilt};
pub use ledger::background::Background;
pub use ledger::entry::ACTIONS;
pub use ledger::evidence::{EVIDENCE_MOST, Evidence, Proved};
pub use ledger::export::Exported;
pub use ledger::proof::{Consistency, Proof};
pub use ledger::show::{EntryShown, LedgerPage, LedgerQuery, LogSize, Reached};
pub use ledger::verify::{LogReport, VerifyOptions, VerifyReport};
pub use migrate::{MigrateOptions, MigrateProgress, Migrated, MigratedLog, MigratedTable, migrate};
pub use oauth::{
    Authorize, Checked, ClientProof, Introspected, ProgramAsked, ProgramHeld, Redeem, Registration, Tokens,
};
pub use people::{
    Challenge, Guard, LastSignIn, Link, LinkShown, Me, NewPasskey, NewTotp, NewView, OwnProof, PasskeyShown,
    Passwords, SavedView, Session, SessionShown, SetUp, SignIn, SignInByPasskey, SignInSettings, SignedIn,
    is_passkey_origin,
};
pub use query::{
    ChangeSaid, Explain, Explained, FieldChange, GateSaid, History, LinkSaid, ListQuery, Look, MissingField,
    Opening, Quality, Reveal, Revealed, Search, Seer, Seers, TeamQuality, VersionShown, WaySaid, WhoSees,
};
pub use record::{Found, Hits, Page, Provenance, Record, ShownFields};
pub use store_url::StoreUrl;

use context::Blocks;
use dossier_crypto::{Keyring, Kms};
use dossier_model::fault::Fault;
use dossier_model::id::{Tenant, Uid};
use dossier_model::kind::Kinds;
use dossier_model::time::{Clock, Entropy};
use dossier_store::Store;
use parking_lot::{Mutex, RwLock};
use policy::Snapshot;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The tenant of an embedded store.
pub(crate) const TENANT: Tenant = Tenant(1);

/// What the engine is made of; tests replace any of it.
pub struct Parts {
    /// Records and both logs.
    pub store: Arc<dyn Store>,
    /// Keys, unwrapped in memory.
    pub keyring: Arc<Keyring>,
    /// What the root key is asked of.
    pub kms: Arc<dyn Kms>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Folder of this process's search index; none: names are not searched.
    pub index: Option<PathBuf>,
    /// Limits and intervals.
    pub settings: Settings,
}

/// Limits and intervals; `config.default.toml` says what each of them is for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Masked fields that one caller may open in an hour.
    pub reveals_per_hour: u32,
    /// Look-ups that find nothing, for one caller in an hour.
    pub find_misses_per_hour: u32,
    /// Life of an access token in seconds.
    pub token_lifetime_seconds: u32,
    /// Seconds without a renewal after which what a person allowed a program ends.
    pub refresh_idle_seconds: u32,
    /// Seconds after which it ends however much it is used.
    pub refresh_seconds: u32,
    /// Seconds between two checkpoints of a log that is written to.
    pub checkpoint_seconds: u32,
    /// Seconds until a checkpoint of the access log stands in the change log.
    pub access_anchor_seconds: u32,
    /// Age in days at which the tenant key is due for rotation.
    pub rotate_days: u32,
    /// How long the rows of an import that were put aside are kept, in seconds.
    pub import_keep_seconds: i64,
    /// Most bytes of a file that is handed in.
    pub import_max_bytes: u64,
    /// How long figures over all dossiers are answered from memory, in seconds.
    pub quality_keep_seconds: i64,
    /// Folder outside the data folder for copies of each checkpoint.
    pub anchor_dir: Option<PathBuf>,
    /// How people sign in.
    pub sign_in: SignInSettings,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            reveals_per_hour: 20,
            find_misses_per_hour: 30,
            token_lifetime_seconds: 3600,
            refresh_idle_seconds: 7 * 86_400,
            refresh_seconds: 30 * 86_400,
            checkpoint_seconds: 1,
            access_anchor_seconds: 60,
            rotate_days: 90,
            import_keep_seconds: 7 * 86_400,
            import_max_bytes: 256 << 20,
            quality_keep_seconds: 600,
            anchor_dir: None,
            sign_in: SignInSettings::default(),
        }
    }
}

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) kms: Arc<dyn Kms>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) kinds: &'static Kinds,
    policy: Arc<RwLock<Arc<Snapshot>>>,
    blocks: Arc<Mutex<Blocks>>,
    /// Erasure and rotation change the keyring: one at a time, here as among processes.
    keys: Arc<Mutex<()>>,
    /// The search index of this process.
    pub(crate) names: Arc<index::Names>,
    /// Imports at work in this process.
    imports: Arc<Mutex<HashSet<Uid>>>,
    /// Figures over all records: one at a time is worked out.
    figures: Arc<query::Figures>,
    /// Threads for work in bulk, started when there is some.
    bulk: Arc<OnceLock<Option<rayon::ThreadPool>>>,
    /// Passwords that are looked at.
    pub(crate) gate: Arc<people::Gate>,
}

impl Engine {
    /// Puts an engine together, finishes what a crash left of an erasure, and checks the policy.
    ///
    /// # Errors
    /// `policy_damaged`, `ledger_damaged`, `keyring_of_other`, and those of the store.
    pub fn open(parts: Parts) -> Result<Engine, Fault> {
        let engine = Engine {
            store: parts.store,
            keyring: parts.keyring,
            kms: parts.kms,
            clock: parts.clock,
            entropy: parts.entropy,
            settings: Arc::new(parts.settings),
            kinds: Kinds::builtin(),
            policy: Arc::default(),
            blocks: Arc::new(Mutex::new(Blocks::default())),
            keys: Arc::new(Mutex::new(())),
            names: Arc::new(index::Names::new(parts.index)),
            imports: Arc::default(),
            figures: Arc::default(),
            bulk: Arc::default(),
            gate: Arc::default(),
        };
        engine.check_installation()?;
        engine.load_policy()?;
        engine.check_last_epoch()?;
        engine.finish_what_is_left()?;
        Ok(engine)
    }

    /// Whether the engine can answer: the store, both logs and the keys.
    ///
    /// # Errors
    /// Those of the store, which say what is missing.
    pub fn ready(&self) -> Result<(), Fault> {
        self.store.read()?.state(TENANT)?;
        self.store.ready()?;
        Ok(())
    }
}

/// A parameter of a request that has no valid value.
pub(crate) fn invalid(parameter: &str) -> Fault {
    Fault::new("query_invalid").field(parameter).with("name", parameter)
}
