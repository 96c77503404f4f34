//! The commands and what each of them takes.

use clap::builder::TypedValueParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Every command of the program.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Answer REST requests, and the commands of this program, until told to stop
    Serve {
        /// Address and port to listen on, for instance 127.0.0.1:8480
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Fill an empty data folder with made-up customers, one person and one program for each role; one with data of its own is refused
        #[arg(long)]
        demo: bool,
    },
    /// People who use the system
    User {
        #[command(subcommand)]
        verb: UserVerb,
    },
    /// Programs that use the system
    Client {
        #[command(subcommand)]
        verb: ClientVerb,
    },
    /// Teams, which own dossiers
    Team {
        #[command(subcommand)]
        verb: TeamVerb,
    },
    /// Roles: what people and programs may do, with which dossiers, and how they see each field
    Role {
        #[command(subcommand)]
        verb: RoleVerb,
    },
    /// Take in customers from a file (CSV or XLSX), and look after what was taken in; started again after an interruption it goes on where it stopped
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Import {
        /// What to look at or to take back; without one a file is taken in.
        #[command(subcommand)]
        verb: Option<ImportVerb>,
        /// What to take in.
        #[command(flatten)]
        file: Box<ImportFile>,
    },
    /// The ledger's logs: verify, prove, export, read
    Ledger {
        #[command(subcommand)]
        verb: LedgerVerb,
    },
    /// The keys: state, rotation, recovery sheets
    Key {
        #[command(subcommand)]
        verb: KeyVerb,
    },
    /// The search index over names
    Search {
        #[command(subcommand)]
        verb: SearchVerb,
    },
    /// Erase a dossier for good: its key is destroyed, nothing brings it back
    Erase {
        /// Id (dos_…) or customer code
        id: String,
        /// User who orders it (name or id); only a CDO may
        #[arg(long = "as", value_name = "USER")]
        as_user: String,
    },
    /// Move everything from one store to the other and compare both; no server may run meanwhile
    Migrate {
        /// The store that everything is in, as `store.url` names it: sqlite or mysql://…
        #[arg(long, value_name = "URL")]
        from: String,
        /// The store that it is to be in; it has to be empty
        #[arg(long, value_name = "URL")]
        to: String,
        /// File with the password of `--from` in its first line (or $DOSSIER_STORE_PASSWORD, where only one side is MySQL)
        #[arg(long, value_name = "FILE")]
        from_password_file: Option<PathBuf>,
        /// File with the password of `--to` in its first line
        #[arg(long, value_name = "FILE")]
        to_password_file: Option<PathBuf>,
    },
    /// Made-up data for trials and measurements
    Demo {
        #[command(subcommand)]
        verb: DemoVerb,
    },
    /// Settings
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
}

/// `dossier import FILE`
#[derive(Args, Debug)]
pub struct ImportFile {
    /// File with a header row: CSV (UTF-8, UTF-16 or GB18030) or XLSX
    #[arg(required = true)]
    pub file: Option<PathBuf>,
    /// Worksheet of a workbook; the first one with content unless given
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Kept mapping to use, by its name
    #[arg(long, value_name = "NAME")]
    pub mapping: Option<String>,
    /// Field of a column, for instance `--map '公司=name'`; `-` leaves the column out; may be given several times
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = column())]
    pub map: Vec<(String, Option<String>)>,
    /// Take the subject of customers that the file says nothing of from the end of their names: enterprise or institution
    #[arg(long)]
    pub subject_by_name: bool,
    /// Keep the mapping under this name
    #[arg(long, value_name = "NAME")]
    pub save_mapping: Option<String>,
    /// What becomes of rows whose customer is there: skip, update or review
    #[arg(long, value_name = "WAY", value_parser = ["skip", "update", "review"], default_value = "skip", hide_default_value = true, hide_possible_values = true)]
    pub duplicates: String,
    /// Only show what the first N rows would become
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub preview: Option<u32>,
    /// Team that is to own the dossiers
    #[arg(long)]
    pub team: Option<String>,
    /// User in whose name the values are entered (name or id)
    #[arg(long = "as", value_name = "USER")]
    pub as_user: Option<String>,
    /// Where the values come from, for instance government_register, website, visit, business_card
    #[arg(long)]
    pub source: Option<String>,
    /// Where rejected rows go, with the reasons; FILE.rejected.csv unless given
    #[arg(long, value_name = "FILE")]
    pub rejected: Option<PathBuf>,
}

/// `dossier import …`
#[derive(Subcommand, Debug)]
pub enum ImportVerb {
    /// List imports, newest first
    List {
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Show one import: state, figures, and what an undo has left
    Show {
        /// Its id (imp_…)
        id: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Print the rows that were rejected as CSV, with the reasons; mended it can be taken in again
    Problems {
        /// Id of the import (imp_…)
        id: String,
        /// Write them into this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// List the rows whose customer is there
    Duplicates {
        /// Id of the import (imp_…)
        id: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Decide on a row that was put aside for review: skip it, or put it over the record
    Decide {
        /// Id of the import (imp_…)
        id: String,
        /// Number of the row in the file
        row: u64,
        /// skip or update
        #[arg(value_parser = ["skip", "update"], hide_possible_values = true)]
        decision: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Stop an import for good; what is in stays and can be undone
    Cancel {
        /// Its id (imp_…)
        id: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Take a whole import back: untouched dossiers are erased, updated ones get their values back, others are listed
    Undo {
        /// Its id (imp_…)
        id: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
}

/// `dossier user …`
#[derive(Subcommand, Debug)]
pub enum UserVerb {
    /// Add a person
    Add {
        /// Name; it identifies the person on this command line
        name: String,
        /// Role: CDO, CDA, CDE, CDU, ISA, or one of this installation's own (name or id); several times for several roles
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Team (name or id)
        #[arg(long)]
        team: Option<String>,
        /// User who orders it (name or id); needed once there is a CDO and the new one is to be a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// List the people
    List,
    /// Make a link by which a person chooses a password, once, within 24 hours; without a name: the first CDO
    SetUp {
        /// Who forgot the password or never had one (name or id); password, authenticator and sessions end at once
        #[arg(long)]
        name: Option<String>,
        /// User who orders it (name or id); needed for a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Shut a person out at once
    Disable {
        /// Who (name or id)
        name: String,
        /// User who orders it (name or id); needed for a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Take from a person what they have, as they leave, move, are demoted or seconded
    Leave {
        /// Who (name or id)
        name: String,
        /// left, transferred, demoted or seconded
        #[arg(long, default_value = "left", value_parser = ["left", "transferred", "demoted", "seconded"], hide_possible_values = true)]
        how: String,
        /// Who takes over (name or id); the line manager when not given
        #[arg(long)]
        successor: Option<String>,
        /// Role that stays, of those that the person has (name or id); several times for several roles
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// Team from now on (name or id)
        #[arg(long)]
        team: Option<String>,
        /// User who orders it (name or id); needed for a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Let a person in again
    Enable {
        /// Who (name or id)
        name: String,
        /// User who orders it (name or id); needed for a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Give a person other roles or another team; whoever loses a role or moves is signed out
    Change {
        /// Who (name or id)
        name: String,
        /// All roles from now on (name or id); several times for several roles
        #[arg(long = "role", value_name = "ROLE", required_unless_present = "team")]
        roles: Vec<String>,
        /// Team from now on (name or id)
        #[arg(long)]
        team: Option<String>,
        /// User who orders it (name or id); needed for a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Sign a person out everywhere
    SignOut {
        /// Who (name or id)
        name: String,
        /// User who orders it (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
}

/// `dossier client …`
#[derive(Subcommand, Debug)]
pub enum ClientVerb {
    /// Add a program; its secret is shown this once
    Add {
        /// Name of the program
        name: String,
        /// Role: CDO, CDA, CDE, CDU, ISA, or one of this installation's own (name or id); several times for several roles
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Team (name or id)
        #[arg(long)]
        team: Option<String>,
        /// Where people are sent back to who let it act for them (https, or http on 127.0.0.1 and [::1] at any port);
        /// several times for several addresses
        #[arg(long = "redirect", value_name = "URI")]
        redirects: Vec<String>,
        /// It has no secret: it runs where it could keep none
        #[arg(long)]
        public: bool,
        /// How it gets tokens: client_credentials, authorization_code; by itself, what the rest asks for
        #[arg(long = "flow", value_name = "FLOW")]
        flows: Vec<String>,
        /// User who orders it (name or id); needed once there is a CDO and the new one is to be a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// List the programs, without secrets
    List,
    /// Shut a program out at once
    Disable {
        /// Its client id (cli_…)
        id: String,
        /// User who orders it (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
}

/// `dossier search …`
#[derive(Subcommand, Debug)]
pub enum SearchVerb {
    /// Throw the index away and make it from the records; it is derived, nothing is lost
    Rebuild,
}

/// `dossier team …`
#[derive(Subcommand, Debug)]
pub enum TeamVerb {
    /// Add a team
    Add {
        /// Name of the team
        name: String,
    },
    /// List the teams
    List,
    /// Change a team's name, its place in the tree, or its line manager
    #[command(group = clap::ArgGroup::new("what").args(["rename", "above", "lead"]).required(true).multiple(true))]
    Change {
        /// Which team (name or id)
        name: String,
        /// Another name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// Team that it is part of (name or id); "" for none
        #[arg(long, value_name = "TEAM")]
        above: Option<String>,
        /// Line manager of its people (name or id); "" for none
        #[arg(long, value_name = "USER")]
        lead: Option<String>,
        /// User who orders it (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
}

/// `dossier role …`
#[derive(Subcommand, Debug)]
pub enum RoleVerb {
    /// List the roles with how many have each
    List,
    /// Show a role's rules as a file that `apply` takes
    Show {
        /// Which role (name or id)
        name: String,
        /// User who asks (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Add the role that a file describes, or give the one of that name these rules; they hold at once
    Apply {
        /// File of rules (TOML): as `show` prints it
        file: PathBuf,
        /// User who orders it (name or id); needed once there is a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// Take a role away that nobody has
    Remove {
        /// Which role (name or id)
        name: String,
        /// User who orders it (name or id); needed once there is a CDO
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
}

/// `dossier ledger …`
#[derive(Subcommand, Debug)]
pub enum LedgerVerb {
    /// List the change log and the access log of each server
    Logs,
    /// Check all logs from first to last entry
    Verify {
        /// Checkpoint kept elsewhere that the log must contain; may be given several times
        #[arg(long, value_name = "FILE")]
        against: Vec<PathBuf>,
        /// Also open every record, index entry and key and compare them with the logs
        #[arg(long)]
        deep: bool,
    },
    /// Prove that an entry is in its log, as a C2SP tlog-proof
    Proof {
        /// Id of the entry, for instance c-12 or a-1-12
        entry: String,
    },
    /// Write a log as static files (C2SP tlog-tiles), for verifiers that are not ours
    Export {
        /// Folder to write into
        folder: PathBuf,
        /// Which log: change, access (of the answering server) or access/N (of server N)
        #[arg(long, value_parser = log(), default_value = "change", hide_default_value = true)]
        log: String,
    },
    /// Print the newest signed checkpoint, to be kept elsewhere
    Checkpoint {
        /// Which log: change, access (of the answering server) or access/N (of server N)
        #[arg(long, value_parser = log(), default_value = "change", hide_default_value = true)]
        log: String,
        /// Write it into this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Prove that a log only grew since it had a given size
    Consistency {
        /// The earlier size
        #[arg(long, value_name = "SIZE")]
        from: u64,
        /// Which log: change, access (of the answering server) or access/N (of server N)
        #[arg(long, value_parser = log(), default_value = "change", hide_default_value = true)]
        log: String,
    },
    /// Show entries: who did what, when, from where. Looking is an entry too
    Show {
        /// Which log: change, access (of the answering server) or access/N (of server N)
        #[arg(long, value_parser = log(), default_value = "change", hide_default_value = true)]
        log: String,
        /// Number of the first entry to show (default: the newest ones)
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        /// How many entries at most: 1 to 200
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200), hide_default_value = true)]
        limit: u32,
    },
    /// Print the public key with which checkpoints are verified
    Key,
    /// Print what was added to the change log since the last call with the same name
    Follow {
        /// Name of the follower; its position is kept in the store
        name: String,
    },
}

/// `dossier key …`
#[derive(Subcommand, Debug)]
pub enum KeyVerb {
    /// Generations and ages of the keys, and whether a rotation is due
    Status,
    /// Make new keys while reads and writes go on
    Rotate {
        /// Also renew the bucket keys and wrap every data key again
        #[arg(long)]
        data_keys: bool,
        /// User who orders it (name or id)
        #[arg(long = "as", value_name = "USER")]
        as_user: Option<String>,
    },
    /// The root key on two sheets of paper, for the day when its file is lost
    Recovery {
        #[command(subcommand)]
        verb: RecoveryVerb,
    },
}

/// `dossier key recovery …`
#[derive(Subcommand, Debug)]
pub enum RecoveryVerb {
    /// Print two sheets on this terminal and have groups of them typed back; both together are the root key
    Print {
        /// Print even where the output is no terminal, for instance into a printer
        #[arg(long)]
        force: bool,
    },
    /// Make the file at `--keystore` again from both sheets, typed on standard input
    Restore,
}

/// `dossier demo …`
#[derive(Subcommand, Debug)]
pub enum DemoVerb {
    /// Write made-up customers into a CSV file that `import` reads; no data folder is needed
    Generate {
        /// How many
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
        customers: u64,
        /// CSV file to write; `-` for standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The same seed gives the same customers
        #[arg(long, default_value_t = 1, hide_default_value = true)]
        seed: u64,
    },
}

/// `dossier config …`
#[derive(Subcommand, Debug)]
pub enum ConfigVerb {
    /// Show the settings that hold, after file and environment
    Show,
}

/// The name of a log. Whether there is such a server, the engine knows.
fn log() -> impl TypedValueParser<Value = String> {
    clap::builder::NonEmptyStringValueParser::new().try_map(|name| {
        let node = name.strip_prefix("access/").and_then(|node| node.parse::<u32>().ok());
        match name == "change" || name == "access" || node.is_some() {
            true => Ok(name),
            false => Err(format!("{name} is not in change, access, access/N")),
        }
    })
}

/// A column and its field, or `-`.
fn column() -> impl TypedValueParser<Value = (String, Option<String>)> {
    clap::builder::NonEmptyStringValueParser::new().try_map(|text| match text.rsplit_once('=') {
        Some((column, field)) if !field.is_empty() => {
            Ok((column.to_owned(), Some(field.to_owned()).filter(|field| field != "-")))
        }
        _ => Err(format!("{text} is not COLUMN=FIELD")),
    })
}
