//! The client's end.

use super::{Reply, Request, VERSION, address, peer, trusted};
use crate::command::Command;
use crate::failure::Failure;
use crate::lang;
use crate::output::Output;
use crate::sink::Sink;
use dossier_model::fault::{Fault, Lang};
use rustix::process::getuid;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Nobody answers at the socket.
#[derive(Debug)]
pub struct Missing;

/// Has the server of this data folder do a command.
///
/// The outer error: there is no server, or only the socket that one left behind; nothing was done. The inner one: the
/// server refused, or ended before it answered.
pub fn call(
    data: &Path,
    command: &Command,
    lang: Lang,
    sink: &mut dyn Sink,
) -> Result<Result<Output, Failure>, Missing> {
    let Some(stream) = connect(data)? else {
        return Ok(Err(Failure::new(&Fault::new("socket_refused"), lang)));
    };
    Ok(converse(stream, command, lang, sink).unwrap_or_else(|_| Err(gone(command, lang))))
}

/// A connection to the server; none when it is somebody else's.
fn connect(data: &Path) -> Result<Option<UnixStream>, Missing> {
    let (path, _folder) = address(data).map_err(|_| Missing)?;
    match UnixStream::connect(path) {
        Ok(stream) => {
            let known = peer(&stream).is_ok_and(trusted) || getuid().is_root();
            Ok(known.then_some(stream))
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(None),
        Err(_) => Err(Missing),
    }
}

/// Says the command and listens until the answer. An error means that the connection ended before it.
fn converse(
    stream: UnixStream,
    command: &Command,
    lang: Lang,
    sink: &mut dyn Sink,
) -> std::io::Result<Result<Output, Failure>> {
    let request = Request { dossier: VERSION, lang: lang::code(lang).to_owned(), command: command.clone() };
    let mut line = serde_json::to_string(&request)?;
    line.push('\n');
    (&stream).write_all(line.as_bytes())?;
    for line in BufReader::new(&stream).lines() {
        match serde_json::from_str(&line?)? {
            Reply::Progress(progress) => sink.progress(&progress),
            // Hanging up tells the server that nobody listens.
            Reply::Out(item) => match sink.item(&item) {
                Ok(()) => {}
                Err(_) => return Ok(Ok(Output::default())),
            },
            Reply::Done(output) => return Ok(Ok(output)),
            Reply::Fault(failure) => return Ok(Err(failure)),
        }
    }
    Err(ErrorKind::UnexpectedEof.into())
}

/// What is said when the server ended midway.
fn gone(command: &Command, lang: Lang) -> Failure {
    let key = match command {
        Command::Import { .. } => "server_gone_import",
        _ => "server_gone",
    };
    Failure::new(&Fault::new(key), lang)
}

/// Whether a server listens in this data folder.
pub fn answers(data: &Path) -> bool {
    connect(data).is_ok()
}
