//! `dossier key recovery`: the root key onto two sheets of paper, and from them into a file again.
//!
//! Both happen in this process and at this terminal. A running server hears only that it happened: the key does not go
//! through its socket.

mod print;
mod restore;

use crate::args::RecoveryVerb;
use crate::command::Command;
use crate::failure::Failure;
use crate::folder::{self, May};
use crate::output::{Output, Terminal};
use crate::perform::perform;
use crate::screen::Screen;
use crate::settings::Setup;
use dossier_engine::{OpenOptions, RecoveryStep};
use dossier_model::fault::Fault;
use std::io::{BufRead, IsTerminal, Lines, StdinLock};

/// Clears the screen and what was scrolled off it.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// Does the command.
///
/// # Errors
/// Those of [`OpenOptions::recovery_sheets`] and [`OpenOptions::restoring`], of what was typed, and of the ledger.
pub fn run(
    verb: RecoveryVerb,
    setup: &Setup,
    terminal: Terminal,
    screen: &mut Screen,
) -> Result<Output, Failure> {
    let mut work = Work { setup, terminal, screen, typed: std::io::stdin().lock().lines() };
    match verb {
        RecoveryVerb::Print { force } => print::print(&mut work, force),
        RecoveryVerb::Restore => restore::restore(&mut work),
    }
}

/// A command at work at the terminal.
struct Work<'a> {
    setup: &'a Setup,
    terminal: Terminal,
    screen: &'a mut Screen,
    typed: Lines<StdinLock<'static>>,
}

impl Work<'_> {
    fn failed(&self, fault: &Fault) -> Failure {
        Failure::new(fault, self.terminal.lang)
    }

    /// The keys of an installation that is there.
    fn options(&self) -> Result<OpenOptions, Fault> {
        crate::harden::keys_stay_in_memory();
        if !folder::is_installed(self.setup)? {
            let path = self.setup.data.display().to_string();
            return Err(Fault::new("data_folder_empty").with("path", path));
        }
        folder::options(self.setup, May::Find)
    }

    /// Says what is wanted and waits for a line; `None` when no more come.
    fn ask(&mut self, what: &str) -> Option<String> {
        self.terminal.notice(what);
        self.typed.next()?.ok()
    }

    /// Takes what was shown or typed off the screen, as far as the terminal does that.
    fn clear(&self) {
        if !self.terminal.json && std::io::stdout().is_terminal() {
            let _ = self.terminal.print(CLEAR);
        } else if std::io::stderr().is_terminal() {
            // Questions go there, and beside them stands what was typed.
            self.terminal.notice(CLEAR);
        }
    }

    /// Puts a step into the ledger.
    fn record(&mut self, step: RecoveryStep, root: &str) -> Result<Output, Failure> {
        let (setup, terminal) = (self.setup, self.terminal);
        let command = Command::KeyRecovery { step, root: root.to_owned() };
        perform(command, setup, self.screen, &mut |text| terminal.notice(&text))
    }
}

/// Whether somebody sits at the keyboard, who can be asked again.
fn somebody_types() -> bool {
    std::io::stdin().is_terminal()
}
