//! The real binary in a folder of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A home with nothing in it, and the binary in it.
pub struct Home {
    folder: TempDir,
    embedded: bool,
}

/// How a call ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap(), embedded: false }
    }

    /// One whose store is the file in the data folder, whatever the tests run on: for what is about that file.
    pub fn embedded() -> Home {
        Home { embedded: true, ..Home::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The binary with nothing of the caller's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_DATA_HOME", self.path("share"))
            .env("TMPDIR", self.folder.path())
            .env("DOSSIER_DATA", self.data())
            .env("LANG", "en_US.UTF-8")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        if let Some(url) = self.store_url() {
            command.env("DOSSIER__STORE__URL", url);
        }
        command
    }

    /// The database of this home, when the tests run on MySQL (`DOSSIER_TEST_STORE`); the first start makes it.
    pub fn store_url(&self) -> Option<String> {
        if self.embedded || std::env::var("DOSSIER_TEST_STORE").ok()? != "mysql" {
            return None;
        }
        let server = std::env::var("DOSSIER_TEST_MYSQL").expect("DOSSIER_TEST_MYSQL names the server");
        let name = self.folder.path().file_name().unwrap().to_str().unwrap().replace('.', "");
        Some(format!("{server}/home_{name}"))
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        end(&mut self.command(arguments))
    }

    /// Runs what has to succeed and gives its standard output.
    pub fn done(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended.stdout
    }

    /// Runs what has to succeed with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let out = self.done(&arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    /// Runs what has to be refused and gives the key of the refusal.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let ended = self.run(&arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        let last = ended.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
        error["error"]["key"].as_str().unwrap().to_owned()
    }

    /// Writes so many made-up customers.
    pub fn customers(&self, count: u64) -> PathBuf {
        let path = self.path("customers.csv");
        self.done(&["demo", "generate", "--customers", &count.to_string(), "--out", path.to_str().unwrap()]);
        path
    }

    /// Starts the server on a free port and waits until it says where.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let begun = Instant::now();
        let mut child = self.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("listening") {
            let mut line = String::new();
            if out.read_line(&mut line).unwrap() == 0 {
                let ended = child.wait_with_output().unwrap();
                panic!("no server: {said} {}", String::from_utf8_lossy(&ended.stderr));
            }
            said += &line;
        }
        Server { child, _out: out, said, ready: begun.elapsed() }
    }
}

pub fn end(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    _out: BufReader<ChildStdout>,
    /// Everything up to and with the line that says where it listens.
    pub said: String,
    /// How long it took until then.
    pub ready: Duration,
}

impl Server {
    /// Host and port.
    pub fn address(&self) -> String {
        let line = self.said.lines().last().unwrap();
        line.split("http://").nth(1).unwrap().trim_end_matches(['"', '}']).to_owned()
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(mut self) -> Option<i32> {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        self.child.wait().unwrap().code()
    }

    /// As a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The four figures of an import's last line: imported, rejected, duplicates, seconds.
pub fn figures(stdout: &str) -> (u64, u64, u64, f64) {
    let line = stdout.lines().last().unwrap_or_default();
    let rest = line.strip_prefix("imported ").unwrap_or_else(|| panic!("not the last line: {line}"));
    let (imported, rest) = rest.split_once(", rejected ").unwrap();
    let (rejected, rest) = rest.split_once(", duplicates ").unwrap();
    let (duplicates, rest) = rest.split_once(" in ").unwrap();
    let seconds = rest.strip_suffix(" s").unwrap();
    (
        imported.parse().unwrap(),
        rejected.parse().unwrap(),
        duplicates.parse().unwrap(),
        seconds.parse().unwrap(),
    )
}

/// One HTTP request, answered or not; gives status line and body.
pub fn http(address: &str, request: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Whether a file exists.
pub fn exists(path: &Path) -> bool {
    path.exists()
}
