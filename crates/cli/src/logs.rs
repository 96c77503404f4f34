//! What the program says about itself, on standard error.

use dossier_model::fault::Fault;
use dossier_server::config::{Log, Settings};
use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// What is said by commands that end, where no level was asked for: people read their answer, not a log.
const QUIET: &str = "warn";

/// Starts the log of a server.
pub fn of_server(log: &Log) {
    start(&log.level, &log.format);
}

/// Starts the log of a command that ends.
pub fn of_command(log: &Log) {
    let asked = log.level != Settings::default().log.level;
    start(if asked { &log.level } else { QUIET }, &log.format);
}

/// Checks a filter. The library takes a misspelt level for the name of a crate.
///
/// # Errors
/// `config_choice`.
pub fn check(log: &Log) -> Result<(), Fault> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let right = |part: &str| {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level).trim();
        LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level))
    };
    if log.level.split(',').all(right) && EnvFilter::try_new(&log.level).is_ok() {
        return Ok(());
    }
    let options = LEVELS.map(|level| format!("`{level}`")).join(", ");
    Err(Fault::new("config_choice").field("log.level").with("options", options))
}

fn start(level: &str, format: &str) {
    // Others' crates may put headers and bodies into their finer levels, and with them tokens and customer data. That of
    // passkeys does so in its errors too, which are anybody's answers; the ledger says what was wrong with them.
    let ours = filter_fn(|about| {
        let (of, loud) = (about.target(), *about.level() <= Level::WARN);
        of.starts_with("dossier") || loud && !of.starts_with("webauthn")
    });
    // The settings were checked, so what is left here is a filter that some target makes impossible.
    let level = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new(QUIET));
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = match format {
        "json" => lines.json().flatten_event(true).boxed(),
        _ => lines.boxed(),
    };
    // Only a second start could fail, and there is none.
    let _ = Registry::default().with(lines.with_filter(level).with_filter(ours)).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_made_of_levels_and_crates_with_levels() {
        let of = |level: &str| check(&Log { level: level.to_owned(), format: "text".to_owned() });
        for right in ["info", "WARN", "info,dossier_store=debug", "off"] {
            assert!(of(right).is_ok(), "{right}");
        }
        for wrong in ["inof", "info,", "dossier_store=loud", "dossier_store"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
