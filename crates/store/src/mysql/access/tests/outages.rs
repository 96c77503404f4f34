//! Connections that are cut, statements that arrive late, a server that is killed: what was acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::access_log::format::{encode, write_bundle};
use crate::mysql::node::Claim;

/// Adds a bundle as a late statement of this process would.
fn ghost(conn: &mut Conn, claim: Claim, first: u64, leaf: &[u8]) {
    let encoded = encode(&[AccessEntry { leaf: leaf.to_vec(), side: Vec::new() }]).unwrap();
    let mut bytes = Vec::new();
    write_bundle(&mut bytes, ONE, first, 1, [encoded.bytes.as_slice()].into_iter());
    let mut tree = Tree::new();
    for i in 0..first {
        tree.append(&entry(ONE, i).leaf, &mut Vec::new());
    }
    tree.append(leaf, &mut Vec::new());
    let sql =
        "INSERT INTO access_bundle (tenant, node, position, entries, root, bytes) VALUES (?, ?, ?, 1, ?, ?)";
    let position = i64::try_from(first).unwrap();
    conn.execute(sql, values![ONE.0, claim.node, position, &tree.root(), &bytes]).unwrap();
}

#[test]
fn entries_go_behind_a_statement_that_arrived_late() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 3, 1);
    ghost(&mut setup.database.conn(), setup.process.node.by(), 3, b"late");
    assert_eq!(setup.process.size(ONE), 3, "what nobody acknowledged is not shown");
    assert_eq!(setup.process.access.append(ONE, vec![entry(ONE, 4)]).wait(), Ok(4));
    assert_eq!(setup.process.access.append(ONE, vec![entry(ONE, 5)]).wait(), Ok(5));
    assert_eq!(setup.process.read(ONE).entries(3, 1).unwrap()[0].1.leaf, b"late");
    assert_eq!(setup.process.read(ONE).verify().unwrap().entries, 6);
}

#[test]
fn entries_wait_for_a_statement_that_is_under_way() {
    for ending in ["COMMIT", "ROLLBACK"] {
        let Some(setup) = setup() else { return };
        fill(&setup.process, ONE, 3, 1);
        let mut conn = setup.database.conn();
        conn.run("BEGIN").unwrap();
        ghost(&mut conn, setup.process.node.by(), 3, b"under way");
        let ticket = setup.process.access.append(ONE, vec![entry(ONE, 4)]);
        std::thread::sleep(Duration::from_millis(300));
        assert!(!ticket.is_settled(), "nothing is known yet");
        conn.run(ending).unwrap();
        let due = if ending == "COMMIT" { 4 } else { 3 };
        assert_eq!(ticket.wait(), Ok(due), "{ending}");
        assert_eq!(setup.process.read(ONE).verify().unwrap().entries, due + 1);
    }
}

/// What many threads got acknowledged while the database had its troubles.
#[derive(Default)]
struct Promised {
    by_index: BTreeMap<u64, Vec<u8>>,
    /// What was refused, and whether its callers were told that nobody knows.
    refused: Vec<(Vec<u8>, StoreError)>,
}

/// Appends from eight threads until told to stop; every entry is unique.
fn append_until(process: &Process, stop: &AtomicBool) -> Promised {
    let number = AtomicU64::new(0);
    let append = || {
        let (mut promised, mut refused) = (Vec::new(), Vec::new());
        while !stop.load(Ordering::Acquire) {
            // Some fill a tile, some do not.
            let count = 1 + number.load(Ordering::Relaxed) % 40;
            let leaves: Vec<_> = (0..count)
                .map(|_| format!("{:012}", number.fetch_add(1, Ordering::Relaxed)).into_bytes())
                .collect();
            let entries = leaves.iter().map(|leaf| AccessEntry { leaf: leaf.clone(), side: Vec::new() });
            match process.access.append(ONE, entries.collect()).wait() {
                Ok(first) => promised.extend((first..).zip(leaves)),
                Err(error) => {
                    refused.extend(leaves.into_iter().map(|leaf| (leaf, error.clone())));
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
        (promised, refused)
    };
    let mut all = Promised::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(append)).collect();
        for thread in threads {
            let (promised, refused) = thread.join().unwrap();
            for (index, leaf) in promised {
                assert!(all.by_index.insert(index, leaf).is_none(), "index {index} was given out twice");
            }
            all.refused.extend(refused);
        }
    });
    all
}

/// Whatever was promised is where it should be, what was refused is nowhere, nothing is there twice, and the log agrees with itself.
fn check_promised(process: &Process, promised: &Promised) {
    let log = process.read(ONE);
    let read = log.entries(0, usize::MAX).unwrap();
    let mut seen = BTreeSet::new();
    for (index, entry) in &read {
        assert!(seen.insert(entry.leaf.clone()), "the leaf of entry {index} is there twice");
    }
    for (index, leaf) in &promised.by_index {
        let found = read.get(usize::try_from(*index).unwrap()).map(|(_, entry)| &entry.leaf);
        assert_eq!(found, Some(leaf), "entry {index}");
    }
    for (leaf, error) in &promised.refused {
        match error {
            StoreError::Uncertain => {}
            StoreError::Unreachable(_) | StoreError::Busy => {
                assert!(!seen.contains(leaf), "refused, and there: {error}")
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(log.verify().unwrap().entries, read.len() as u64);
}

#[test]
fn what_was_acknowledged_while_connections_were_killed_is_there_once() {
    let Some(setup) = setup() else { return };
    let stop = AtomicBool::new(false);
    let promised = std::thread::scope(|scope| {
        let appending = scope.spawn(|| append_until(&setup.process, &stop));
        let mut conn = setup.database.conn();
        let begun = Instant::now();
        let mut killed = 0;
        while begun.elapsed() < Duration::from_secs(4) {
            let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                       WHERE db = DATABASE() AND id <> CONNECTION_ID()";
            for id in conn.rows(sql, &[], |cells| cells.int(0)).unwrap() {
                // It may be gone by itself.
                killed += u32::from(conn.execute(format!("KILL CONNECTION {id}"), &[]).is_ok());
            }
            std::thread::sleep(Duration::from_millis(u64::from(killed * 7 % 23)));
        }
        stop.store(true, Ordering::Release);
        assert!(killed > 50, "{killed} connections were killed");
        appending.join().unwrap()
    });
    assert!(promised.by_index.len() > 1000, "{} entries", promised.by_index.len());
    check_promised(&setup.process, &promised);
    let (_database, _folder, process) = setup.reopen();
    check_promised(&process.unwrap(), &promised);
}

/// A server of its own, which can be killed.
struct Server {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
}

impl Server {
    /// `None` without the programs.
    fn start() -> Option<Self> {
        std::env::var_os("DOSSIER_TEST_MYSQL")?;
        let folder = tempfile::tempdir().unwrap();
        // A folder of its own for what is temporary: a server that starts clears it, whoever else may be in it.
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        let installed = Command::new("mariadb-install-db")
            .args([
                "--no-defaults",
                "--user=root",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ])
            .arg(format!("--datadir={}", folder.path().join("data").display()))
            .arg(format!("--tmpdir={}", folder.path().join("tmp").display()))
            .output();
        match installed {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
            Err(error) => {
                println!("not run: mariadb-install-db: {error}");
                return None;
            }
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Self::launch(folder.path(), port);
        let server = Self { folder, port, child };
        let begun = Instant::now();
        let mut conn = loop {
            match Conn::open(&server.target("mysql")) {
                Ok(conn) => break conn,
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(60), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        conn.execute("CREATE DATABASE d CHARACTER SET utf8mb4", &[]).unwrap();
        Some(server)
    }

    fn launch(folder: &Path, port: u16) -> Child {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("mariadbd")
            .env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"))
            .args(["--no-defaults", "--user=root", "--bind-address=127.0.0.1", "--skip-log-bin"])
            .args(["--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M"])
            .arg(format!("--datadir={}", folder.join("data").display()))
            .arg(format!("--tmpdir={}", folder.join("tmp").display()))
            .arg(format!("--socket={}", folder.join("socket").display()))
            .arg(format!("--pid-file={}", folder.join("pid").display()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn target(&self, database: &str) -> Target {
        let url = format!("mysql://root@127.0.0.1:{}/{database}", self.port);
        Target::of(&crate::mysql::options::MysqlOptions::new(url, "unused")).unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.child = Self::launch(self.folder.path(), self.port);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn what_was_acknowledged_before_the_server_was_killed_is_there_once() {
    let Some(mut server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&server.target("d"), folder.path()).unwrap();
    let stop = AtomicBool::new(false);
    let promised = std::thread::scope(|scope| {
        let appending = scope.spawn(|| append_until(&process, &stop));
        for round in 0..4 {
            std::thread::sleep(Duration::from_millis(900 + round * 130));
            server.kill();
            std::thread::sleep(Duration::from_millis(50 + round * 100));
            server.restart();
        }
        std::thread::sleep(Duration::from_secs(3));
        stop.store(true, Ordering::Release);
        appending.join().unwrap()
    });
    assert!(promised.by_index.len() > 500, "{} entries", promised.by_index.len());
    check_promised(&process, &promised);
    drop(process);
    check_promised(&Process::start(&server.target("d"), folder.path()).unwrap(), &promised);
}

#[test]
fn without_a_server_callers_are_told_at_once_and_served_again_when_it_is_back() {
    let Some(mut server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&server.target("d"), folder.path()).unwrap();
    fill(&process, ONE, 5, 1);
    server.kill();
    // The one that finds out was on its way; nobody can say what became of it until the server is back.
    assert_eq!(process.access.append(ONE, vec![entry(ONE, 5)]).wait(), Err(StoreError::Uncertain));
    let begun = Instant::now();
    let told = process.access.append(ONE, vec![entry(ONE, 5)]).wait();
    assert!(matches!(told, Err(StoreError::Unreachable(_))), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(1), "at once");
    assert_eq!(process.health.check(), Ok(()), "an outage is no reason to stop");
    server.restart();
    let begun = Instant::now();
    while process.access.append(ONE, vec![entry(ONE, 5)]).wait() != Ok(5) {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    fill(&process, ONE, 300, 50);
    check(&*process.read(ONE), ONE, 300);
}
