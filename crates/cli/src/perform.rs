//! Getting a command done: by this process if the data folder is free, else by the server that has it.

use crate::command::Command;
use crate::failure::Failure;
use crate::folder::{self, May};
use crate::output::Output;
use crate::run::{Work, run, verify};
use crate::settings::Setup;
use crate::sink::Sink;
use crate::socket;
use dossier_model::fault::{Fault, Lang};
use std::time::{Duration, Instant};

/// How long a folder is waited for that is taken but has no server: one that starts or stops, or another command.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it is waited without a word.
const SILENCE: Duration = Duration::from_secs(1);

/// Does a command on the data folder.
///
/// # Errors
/// What the engine or the server refused, in the caller's language.
pub fn perform(
    command: Command,
    setup: &Setup,
    sink: &mut dyn Sink,
    tell: &mut dyn FnMut(String),
) -> Result<Output, Failure> {
    let failed = |fault: Fault| Failure::new(&fault, setup.lang);
    let may = if command.starts_installation() { May::Start } else { May::Find };
    let begun = Instant::now();
    let mut told = false;
    loop {
        match folder::open(setup, may, tell) {
            Ok(engine) => {
                // Writes the checkpoints of what the command did when it is dropped.
                let _background = engine.background();
                let uid = rustix::process::getuid().as_raw();
                return run(command, Work { engine: &engine, uid, lang: setup.lang, sink }).map_err(failed);
            }
            Err(fault) if fault.key == "store_locked" => {}
            Err(fault) => {
                let verifies = matches!(command, Command::LedgerVerify { .. });
                let found = if verifies { verify::found(&fault, setup.lang) } else { None };
                return found.ok_or_else(|| failed(fault));
            }
        }
        if let Ok(answer) = socket::call(&setup.data, &command, setup.lang, sink) {
            return answer;
        }
        if begun.elapsed() >= SILENCE && !told {
            told = true;
            tell(waiting(setup.lang).to_owned());
        }
        if begun.elapsed() >= PATIENCE {
            let path = setup.data.display().to_string();
            return Err(failed(Fault::new("data_folder_busy").with("path", path)));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn waiting(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "另一个 dossier 进程正在使用此数据目录，等待中…",
        Lang::En => "another dossier process uses this data folder, waiting…",
    }
}
