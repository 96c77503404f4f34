//! Both ends of the socket with a made-up command behind it.

use super::*;
use crate::socket::call;
use serde_json::json;

#[derive(Default)]
struct Heard {
    progress: Vec<Progress>,
    items: Vec<Item>,
    full_after: Option<usize>,
}

impl Sink for Heard {
    fn progress(&mut self, progress: &Progress) {
        self.progress.push(progress.clone());
    }

    fn item(&mut self, item: &Item) -> Result<(), Closed> {
        self.items.push(item.clone());
        if self.full_after == Some(self.items.len()) { Err(Closed) } else { Ok(()) }
    }
}

fn listen(
    folder: &Path,
    work: impl Fn(Command, u32, &mut dyn Sink) -> Result<Output, Failure> + Send + Sync + 'static,
) -> Listener {
    Listener::bind(folder, Arc::new(move |command, uid, _lang, sink: &mut dyn Sink| work(command, uid, sink)))
        .unwrap()
}

fn follow() -> Command {
    Command::LedgerFollow { name: "mail".to_owned() }
}

#[test]
fn a_command_arrives_with_the_callers_account_and_its_answer_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = listen(folder.path(), |command, uid, sink| {
        sink.progress(&Progress { step: "s".to_owned(), done: 1, total: 2, note: String::new() });
        sink.item(&Item { value: json!(1), text: "one".to_owned() }).unwrap();
        Ok(Output::new(&json!({ "uid": uid, "command": command }), "text"))
    });
    let mut heard = Heard::default();
    let output = call(folder.path(), &follow(), Lang::En, &mut heard).unwrap().unwrap();
    assert_eq!(output.value["uid"], rustix::process::getuid().as_raw());
    assert_eq!(output.value["command"], json!({ "do": "ledger_follow", "name": "mail" }));
    assert_eq!((heard.progress.len(), heard.items.len()), (1, 1));
}

#[test]
fn a_refusal_comes_back_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = listen(folder.path(), |_, _, _| Err(Failure::new(&Fault::new("store_locked"), Lang::En)));
    let failure = call(folder.path(), &follow(), Lang::En, &mut Heard::default()).unwrap().unwrap_err();
    assert_eq!(failure.key, "store_locked");
}

#[test]
fn the_socket_is_closed_to_other_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = listen(folder.path(), |_, _, _| Ok(Output::default()));
    let mode = std::fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(trusted(rustix::process::getuid().as_raw()) && trusted(0));
    assert!(!trusted(rustix::process::getuid().as_raw() + 1));
}

#[test]
fn a_left_over_socket_is_nobody_for_a_client_and_replaced_by_a_server() {
    let folder = tempfile::tempdir().unwrap();
    drop(UnixListener::bind(folder.path().join(NAME)).unwrap());
    assert!(folder.path().join(NAME).exists());
    assert!(call(folder.path(), &follow(), Lang::En, &mut Heard::default()).is_err());
    let _listener = listen(folder.path(), |_, _, _| Ok(Output::default()));
    assert!(call(folder.path(), &follow(), Lang::En, &mut Heard::default()).unwrap().is_ok());
}

#[test]
fn a_stopped_listener_takes_its_socket_with_it() {
    let folder = tempfile::tempdir().unwrap();
    drop(listen(folder.path(), |_, _, _| Ok(Output::default())));
    assert!(!folder.path().join(NAME).exists());
    assert!(call(folder.path(), &follow(), Lang::En, &mut Heard::default()).is_err());
}

#[test]
fn a_server_that_ends_midway_leaves_the_client_with_the_right_advice() {
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixListener::bind(folder.path().join(NAME)).unwrap();
    let ending = std::thread::spawn(move || {
        for _ in 0..2 {
            let (stream, _) = socket.accept().unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            (&stream).write_all(b"{\"progress\":{\"step\":\"s\",\"done\":1,\"total\":2}}\n{\"do").unwrap();
        }
    });
    let import = Command::Import {
        file: "/x.csv".into(),
        fallback: None,
        sheet: None,
        mapping: None,
        columns: Vec::new(),
        subject_by_name: false,
        save_mapping: None,
        duplicates: "skip".into(),
        preview: None,
        team: None,
        as_user: None,
        source: None,
        rejected: None,
    };
    for (command, key) in [(import, "server_gone_import"), (follow(), "server_gone")] {
        let failure = call(folder.path(), &command, Lang::En, &mut Heard::default()).unwrap().unwrap_err();
        assert_eq!(failure.key, key);
    }
    ending.join().unwrap();
}

#[test]
fn what_is_no_request_is_refused_and_the_next_one_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = listen(folder.path(), |_, _, _| Ok(Output::default()));
    for line in
        ["", "hello\n", "{}\n", "{\"dossier\":99,\"lang\":\"en\",\"command\":{\"do\":\"team_list\"}}\n"]
    {
        let stream = UnixStream::connect(folder.path().join(NAME)).unwrap();
        (&stream).write_all(line.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        (&stream).read_to_string(&mut answer).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["fault"]["key"], "socket_protocol", "{line:?}");
    }
    assert!(call(folder.path(), &follow(), Lang::En, &mut Heard::default()).unwrap().is_ok());
}

#[test]
fn a_client_that_hangs_up_is_noticed_by_what_writes_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (closed, seen) = std::sync::mpsc::channel();
    let _listener = listen(folder.path(), move |_, _, sink| {
        let item = Item { value: json!(null), text: "x".repeat(1000) };
        let last = (0..100_000).find(|_| sink.item(&item).is_err());
        closed.send(last.is_some()).unwrap();
        Ok(Output::default())
    });
    let mut heard = Heard { full_after: Some(3), ..Heard::default() };
    call(folder.path(), &follow(), Lang::En, &mut heard).unwrap().unwrap();
    assert!(seen.recv_timeout(PATIENCE).unwrap());
    assert_eq!(heard.items.len(), 3);
}

#[test]
fn a_data_folder_with_a_long_name_has_a_socket_too() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(150));
    std::fs::create_dir(&long).unwrap();
    let _listener = listen(&long, |_, _, _| Ok(Output::default()));
    assert!(long.join(NAME).exists());
    assert!(call(&long, &follow(), Lang::En, &mut Heard::default()).unwrap().is_ok());
}
