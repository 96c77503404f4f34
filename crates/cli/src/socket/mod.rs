//! The socket of the running server, `DATA/dossier.sock`: one command as one line of JSON, answered by lines of JSON.
//!
//! Whoever works on the command line while a server has the data folder asks the server to do it. Only the account
//! that the server runs as, and root, can: the folder and the socket are closed to others, and the kernel's word on
//! who is at the other end is asked for in both directions.

mod call;
mod listen;

pub use call::{answers, call};
pub use listen::{Listener, Work};

use crate::command::Command;
use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{Item, Progress};
use rustix::process::getuid;
use serde::{Deserialize, Serialize};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Name of the socket in the data folder.
const NAME: &str = "dossier.sock";

/// Version of what is said here. Both ends are the same program, but an upgraded one may meet a server started before.
const VERSION: u32 = 1;

/// Longest request in bytes. The longest part is the paths.
const MAX_REQUEST: u64 = 1 << 20;

/// What the client says: one line.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    dossier: u32,
    lang: String,
    command: Command,
}

/// What the server says: any number of the first two, then one of the others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Progress(Progress),
    Out(Item),
    Done(Output),
    Fault(Failure),
}

/// The account at the other end, as the kernel says.
fn peer(stream: &UnixStream) -> std::io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())
}

/// Whether to talk to this account: our own, or root; and root talks to anybody's server.
fn trusted(peer: u32) -> bool {
    let own = getuid().as_raw();
    peer == own || peer == 0
}

/// A path to the socket that fits the 108 bytes of `sockaddr_un`. A longer one goes through an open folder, which has
/// to stay open as long as the path is used.
fn address(data: &Path) -> std::io::Result<(PathBuf, Option<std::fs::File>)> {
    const LONGEST: usize = 100;
    let path = data.join(NAME);
    if path.as_os_str().len() <= LONGEST {
        return Ok((path, None));
    }
    let folder = std::fs::File::open(data)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd())), Some(folder)))
}
