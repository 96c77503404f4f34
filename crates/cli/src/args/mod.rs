//! The command line as it is typed. Help is in English here; `help` puts Chinese in its place.

mod verbs;

pub use verbs::{
    ClientVerb, ConfigVerb, DemoVerb, ImportFile, ImportVerb, KeyVerb, LedgerVerb, RecoveryVerb, RoleVerb,
    SearchVerb, TeamVerb, UserVerb, Verb,
};

use clap::{Args, Parser};
use std::path::PathBuf;

/// Customer-data security management: one sealed dossier for each customer, and every look at it provable
#[derive(Parser, Debug)]
#[command(
    name = "dossier",
    version,
    disable_help_flag = true,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub struct Cli {
    /// What may stand before and after every command.
    #[command(flatten)]
    pub global: Global,
    /// The command itself.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Data folder (default: $DOSSIER_DATA, else $XDG_DATA_HOME/dossier, else ~/.local/share/dossier)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Settings of your own; what they may say is in config.default.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// File with the root key; never inside the data folder
    #[arg(long, global = true, value_name = "FILE")]
    pub keystore: Option<PathBuf>,
    /// Answer, refuse and report in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of what is printed: zh or en (default: that of the locale, zh where none is set)
    #[arg(long, global = true, value_name = "LANG", value_parser = ["zh", "en"], hide_possible_values = true)]
    pub lang: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_and_after_the_command() {
        for line in [
            ["dossier", "--data", "/d", "--json", "ledger", "verify"].as_slice(),
            &["dossier", "ledger", "--json", "verify", "--data", "/d"],
            &["dossier", "ledger", "verify", "--data=/d", "--json"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert!(cli.global.json, "{line:?}");
            assert_eq!(cli.global.data, Some(PathBuf::from("/d")), "{line:?}");
        }
    }

    #[test]
    fn an_option_given_twice_counts_as_given_last() {
        let line = ["dossier", "--json", "--data", "/a", "team", "list", "--json", "--data", "/b"];
        let cli = Cli::try_parse_from(line).unwrap();
        assert!(cli.global.json);
        assert_eq!(cli.global.data, Some(PathBuf::from("/b")));
        let line = ["dossier", "team", "list", "--json", "--json", "--data", "/a", "--data", "/b"];
        assert_eq!(Cli::try_parse_from(line).unwrap().global.data, Some(PathBuf::from("/b")));
    }

    #[test]
    fn several_roles_may_be_given_and_one_must_be() {
        let line = ["dossier", "client", "add", "erp", "--role", "cdu", "--role", "财务"];
        let Verb::Client { verb: ClientVerb::Add { roles, .. } } = Cli::try_parse_from(line).unwrap().verb
        else {
            panic!("another command")
        };
        assert_eq!(roles, ["cdu", "财务"]);
        assert!(Cli::try_parse_from(["dossier", "client", "add", "erp"]).is_err());
        assert!(Cli::try_parse_from(["dossier", "user", "change", "x"]).is_err());
        assert!(Cli::try_parse_from(["dossier", "team", "change", "x"]).is_err());
    }

    #[test]
    fn several_checkpoints_may_be_given_to_verify() {
        let line = ["dossier", "ledger", "verify", "--against", "a", "--against", "b", "--deep"];
        let Verb::Ledger { verb: LedgerVerb::Verify { against, deep } } =
            Cli::try_parse_from(line).unwrap().verb
        else {
            panic!("another command")
        };
        assert_eq!(against, [PathBuf::from("a"), PathBuf::from("b")]);
        assert!(deep);
    }
}
