//! The server's end.

use super::{MAX_REQUEST, NAME, Reply, Request, VERSION, address, peer, trusted};
use crate::command::Command;
use crate::failure::Failure;
use crate::lang;
use crate::output::Output;
use crate::sink::{Closed, Item, Progress, Sink};
use dossier_model::fault::{Fault, Lang};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Commands that are done at the same time; one more is told to come again.
const AT_ONCE: usize = 16;

/// How long a client may take to say its command.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long commands in work are waited for when the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Shortest time between two reports on progress.
const PACE: Duration = Duration::from_millis(100);

/// Does a command for the account `uid` and says how it went in the caller's language.
pub type Work = dyn Fn(Command, u32, Lang, &mut dyn Sink) -> Result<Output, Failure> + Send + Sync;

/// The listening socket. When dropped it takes no more commands, waits a while for those in work, and is gone.
pub struct Listener {
    data: PathBuf,
    stopping: Arc<AtomicBool>,
    working: Arc<AtomicUsize>,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens in the data folder. The caller has the folder's lock, so a socket that is there is left over.
    pub fn bind(data: &Path, work: Arc<Work>) -> std::io::Result<Listener> {
        remove(data)?;
        let (path, _folder) = address(data)?;
        let socket = UnixListener::bind(path)?;
        // The folder is closed to others already; between bind and here the umask did the same for the socket.
        std::fs::set_permissions(data.join(NAME), std::fs::Permissions::from_mode(0o600))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let working = Arc::new(AtomicUsize::new(0));
        let accepting = {
            let (stopping, working) = (Arc::clone(&stopping), Arc::clone(&working));
            std::thread::Builder::new().name("socket".to_owned()).spawn(move || {
                accept(&socket, &stopping, &working, &work);
            })?
        };
        Ok(Listener { data: data.to_owned(), stopping, working, accepting: Some(accepting) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let woken = address(&self.data).and_then(|(path, _folder)| UnixStream::connect(path));
        let _ = remove(&self.data);
        if woken.is_ok() {
            let _ = self.accepting.take().map(JoinHandle::join);
        }
        let deadline = Instant::now() + GRACE;
        while self.working.load(Ordering::SeqCst) > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Removes the socket, where there is one.
fn remove(data: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(data.join(NAME)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// One more command in work, for as long as it lives.
struct Working(Arc<AtomicUsize>);

impl Working {
    fn begin(count: &Arc<AtomicUsize>) -> (Working, usize) {
        let before = count.fetch_add(1, Ordering::SeqCst);
        (Working(Arc::clone(count)), before)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn accept(socket: &UnixListener, stopping: &AtomicBool, working: &Arc<AtomicUsize>, work: &Arc<Work>) {
    for stream in socket.incoming() {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else {
            // Out of file descriptors, mostly: trying at once would only burn the processor.
            std::thread::sleep(PACE);
            continue;
        };
        let (turn, before) = Working::begin(working);
        if before >= AT_ONCE {
            Wire::new(&stream, Lang::Zh).fault(&Fault::new("socket_busy"));
            continue;
        }
        let work = Arc::clone(work);
        let spawned = std::thread::Builder::new().name("command".to_owned()).spawn(move || {
            let _turn = turn;
            serve(&stream, &*work);
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for a command of the local socket");
        }
    }
}

/// One connection: one command and its answer.
fn serve(stream: &UnixStream, work: &Work) {
    let uid = match peer(stream) {
        Ok(uid) if trusted(uid) => uid,
        _ => return Wire::new(stream, Lang::Zh).fault(&Fault::new("socket_refused")),
    };
    let request = match read(stream) {
        Ok(request) => request,
        Err(fault) => return Wire::new(stream, Lang::Zh).fault(&fault),
    };
    let lang = lang::named(&request.lang).unwrap_or_default();
    let mut wire = Wire::new(stream, lang);
    let reply = match work(request.command, uid, lang, &mut wire) {
        Ok(output) => Reply::Done(output),
        Err(failure) => Reply::Fault(failure),
    };
    wire.say(&reply);
}

/// Reads the command.
fn read(stream: &UnixStream) -> Result<Request, Fault> {
    let unclear = || Fault::new("socket_protocol");
    stream.set_read_timeout(Some(PATIENCE)).map_err(|_| unclear())?;
    let mut line = String::new();
    BufReader::new(stream.take(MAX_REQUEST)).read_line(&mut line).map_err(|_| unclear())?;
    let request: Request = serde_json::from_str(&line).map_err(|_| unclear())?;
    if request.dossier != VERSION {
        return Err(unclear());
    }
    Ok(request)
}

/// Sends what a command reports to the client.
struct Wire<'a> {
    stream: &'a UnixStream,
    lang: Lang,
    closed: bool,
    reported: Option<Instant>,
}

impl<'a> Wire<'a> {
    fn new(stream: &'a UnixStream, lang: Lang) -> Wire<'a> {
        // A client that stops reading must not hold a command for ever.
        let closed = stream.set_write_timeout(Some(PATIENCE)).is_err();
        Wire { stream, lang, closed, reported: None }
    }

    fn say(&mut self, reply: &Reply) {
        if self.closed {
            return;
        }
        let sent = serde_json::to_string(reply).map_err(std::io::Error::other).and_then(|mut line| {
            line.push('\n');
            self.stream.write_all(line.as_bytes())
        });
        self.closed = sent.is_err();
    }

    fn fault(&mut self, fault: &Fault) {
        self.say(&Reply::Fault(Failure::new(fault, self.lang)));
    }
}

impl Sink for Wire<'_> {
    fn progress(&mut self, progress: &Progress) {
        if self.reported.is_none_or(|at| at.elapsed() >= PACE) {
            self.reported = Some(Instant::now());
            self.say(&Reply::Progress(progress.clone()));
        }
    }

    fn item(&mut self, item: &Item) -> Result<(), Closed> {
        self.say(&Reply::Out(item.clone()));
        if self.closed { Err(Closed) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
