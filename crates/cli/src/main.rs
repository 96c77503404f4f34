//! The one binary, `dossier`: it serves, and it is the command line.
//!
//! A command is a value ([`command::Command`]) that one function does ([`run::run`]). Where the data folder is free this
//! process opens it and calls that function; where a server has the folder, the server calls it ([`socket`]).

mod args;
mod command;
mod demo;
mod failure;
mod folder;
mod generate;
mod harden;
mod help;
mod lang;
mod logs;
mod migrate;
mod output;
mod perform;
mod recovery;
mod run;
mod screen;
mod serve;
mod settings;
mod sink;
mod socket;
mod table;
mod translate;
mod usage;

use args::{Cli, ConfigVerb, DemoVerb, KeyVerb, Verb};
use clap::FromArgMatches;
use clap::error::ErrorKind;
use dossier_model::fault::{Fault, Lang};
use failure::Failure;
use output::{Exit, Output, Terminal};
use screen::Screen;
use settings::Setup;
use std::process::ExitCode;

/// A page of 25 records is some 2,000 small pieces: the allocator is what a list spends most on after sealing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    harden::panics_keep_values_to_themselves();
    // Shown texts only; clap reads the arguments themselves, in whatever encoding they are.
    let shown: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    let lang = lang::choose(&shown, |name| std::env::var(name).ok());
    let json = shown.iter().any(|argument| argument == "--json");
    let exit = match parse(lang, Terminal { lang, json }) {
        Ok(cli) => work(cli, lang),
        Err(exit) => exit,
    };
    ExitCode::from(exit as u8)
}

/// Reads the command line. Help and version are answers, everything else that cannot be read is a usage error.
fn parse(lang: Lang, terminal: Terminal) -> Result<Cli, Exit> {
    let matches = help::command(lang).try_get_matches();
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = terminal.print(error.render().to_string().trim_end());
            Exit::Done
        }
        _ => {
            let fault = Fault::new("usage").with("detail", usage::explain(&error, lang));
            terminal.failure(&Failure::new(&fault, lang));
            Exit::Usage
        }
    })
}

fn work(cli: Cli, lang: Lang) -> Exit {
    let terminal = Terminal { lang, json: cli.global.json };
    let mut screen = Screen::new(terminal);
    let answer = dispatch(cli, terminal, &mut screen);
    screen.clear();
    match answer {
        Ok(output) => terminal.answer(&output),
        Err(failure) => {
            terminal.failure(&failure);
            Exit::Failed
        }
    }
}

fn dispatch(cli: Cli, terminal: Terminal, screen: &mut Screen) -> Result<Output, Failure> {
    let Cli { global, verb } = cli;
    let lang = terminal.lang;
    let failed = |fault: Fault| Failure::new(&fault, lang);
    match verb {
        Verb::Demo { verb: DemoVerb::Generate { customers, out, seed } } => {
            generate::generate(customers, &out, seed, terminal, screen).map_err(failed)
        }
        Verb::Config { verb: ConfigVerb::Show } => {
            settings::load(&global).and_then(|settings| settings::show(&settings, lang)).map_err(failed)
        }
        Verb::Serve { listen, demo } => {
            let setup = Setup::new(&global, lang).map_err(failed)?;
            serve::serve(setup, listen, demo, terminal).map_err(failed)
        }
        Verb::Migrate { from, to, from_password_file, to_password_file } => {
            let setup = Setup::new(&global, lang).map_err(failed)?;
            logs::of_command(&setup.settings.log);
            let files = [from_password_file.as_deref(), to_password_file.as_deref()];
            migrate::migrate(&setup, [from, to], files, screen).map_err(failed)
        }
        Verb::Key { verb: KeyVerb::Recovery { verb } } => {
            let setup = Setup::new(&global, lang).map_err(failed)?;
            logs::of_command(&setup.settings.log);
            recovery::run(verb, &setup, terminal, screen)
        }
        verb => {
            let setup = Setup::new(&global, lang).map_err(failed)?;
            logs::of_command(&setup.settings.log);
            let (command, keep) = translate::translate(verb).map_err(failed)?;
            let output = perform::perform(command, &setup, screen, &mut |text| terminal.notice(&text))?;
            translate::keep(output, keep.as_deref(), lang).map_err(failed)
        }
    }
}
