//! A connection that ends for us and not for the database: what a firewall or a balancer does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::mysql::options::MysqlOptions;

const PASS: u8 = 0;
/// The next COMMIT is swallowed.
const SWALLOW: u8 = 1;
/// The answer to the next COMMIT is.
const MUTE: u8 = 2;

/// Stands between the store and the database.
#[derive(Default)]
struct Middle {
    mode: AtomicU8,
    /// Connections that the database still believes in.
    kept: Mutex<Vec<TcpStream>>,
}

impl Middle {
    /// The address of the database behind it.
    fn start(self: &Arc<Self>, database: &TestDatabase) -> Target {
        let url = database.url();
        let (server, name) = url.strip_prefix("mysql://root@").unwrap().rsplit_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (middle, server) = (Arc::clone(self), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).unwrap();
                let middle = Arc::clone(&middle);
                std::thread::spawn(move || middle.pass(client, server));
            }
        });
        let url = format!("mysql://root@127.0.0.1:{port}/{name}?ssl-mode=DISABLED");
        Target::of(&MysqlOptions::new(url, "unused")).unwrap()
    }

    fn pass(&self, mut client: TcpStream, mut server: TcpStream) {
        let muted = Arc::new(AtomicBool::new(false));
        let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let is_muted = Arc::clone(&muted);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(count @ 1..) = answers.read(&mut bytes) {
                if !is_muted.load(Ordering::SeqCst) && back.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            let _ = back.shutdown(Shutdown::Both);
        });
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            let commits = bytes[..count].windows(6).any(|some| some == b"COMMIT");
            let mode = if commits { self.mode.swap(PASS, Ordering::SeqCst) } else { PASS };
            muted.store(mode != PASS, Ordering::SeqCst);
            if mode != SWALLOW && server.write_all(&bytes[..count]).is_err() {
                break;
            }
            if mode != PASS {
                std::thread::sleep(Duration::from_millis(200));
                self.kept.lock().push(server.try_clone().unwrap());
                let _ = client.shutdown(Shutdown::Both);
                return;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    }
}

fn append_through(mode: u8) {
    let Some(database) = database() else { return };
    let (middle, folder) = (Arc::new(Middle::default()), tempfile::tempdir().unwrap());
    let process = Process::start(&middle.start(&database), folder.path()).unwrap();
    fill(&process, ONE, 200, 100);
    middle.mode.store(mode, Ordering::SeqCst);
    let begun = Instant::now();
    // It fills a tile, so it is a transaction.
    let entries = (200..300).map(|i| entry(ONE, i)).collect();
    assert_eq!(process.access.append(ONE, entries).wait(), Ok(200));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(middle.kept.lock().len(), 1);
    fill(&process, ONE, 600, 100);
    check(&*process.read(ONE), ONE, 600);
    process.read(ONE).verify().unwrap();
}

#[test]
fn a_transaction_that_the_database_keeps_open_is_ended_and_done_again() {
    append_through(SWALLOW);
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_to_have_happened() {
    append_through(MUTE);
}
