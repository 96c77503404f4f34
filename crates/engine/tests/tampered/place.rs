//! A small installation with something of everything, as it was and as it is: to be edited, looked at and put back.

use super::db::Db;
use super::sight::{Facts, look};
use crate::common::{World, change, customer, database, files, firm};
use dossier_engine::{
    Caller, Duplicates, Engine, Import, LedgerQuery, NewImport, NewView, OpenOptions, Origin, Reveal, Search,
    SetUp, VerifyOptions,
};
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Longer than anything here takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Panics of the threads that the engine starts.
static PANICS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// A thread of a test: what panics there fails it.
    static TEST: Cell<bool> = const { Cell::new(false) };
}

/// What becomes of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The installation does not open, or does not verify.
    Refused,
    /// A deep verification names it.
    Found,
    /// It does so against a checkpoint that was kept elsewhere, and not without one.
    FoundByAnchor,
    /// Nothing is said of it.
    Unnoticed,
}

pub struct Place {
    pub world: World,
    pub db: Db,
    /// Of programs that look, one for each of some roles.
    pub tokens: Vec<String>,
    /// Kind and id of records.
    pub records: Vec<(&'static str, String)>,
    pub searched: Vec<&'static str>,
    /// All that was ever written.
    known: Facts,
    /// All that is to be seen of the installation as it is.
    pub now: Facts,
    /// The newest checkpoints of both logs, kept elsewhere.
    pub anchors: Vec<String>,
    /// The data folder's files beside the tables, as they were and as they are.
    folders: BTreeMap<&'static str, Vec<(PathBuf, Vec<u8>)>>,
}

impl Place {
    /// Two states, `old` and `new`: between them everything changes once more.
    pub fn furnished() -> Place {
        count_panics();
        let world = World::new();
        let address = database(world.folder.path());
        let mut place = Place {
            db: Db::of(address.as_deref(), &world.data()),
            world,
            tokens: Vec::new(),
            records: Vec::new(),
            searched: vec!["示例科技", "王示例", "15400000001", "0002", "91350100M000100Y43", "改名"],
            known: Facts::new(),
            now: Facts::new(),
            anchors: Vec::new(),
            folders: BTreeMap::new(),
        };
        place.first();
        place.keep("old");
        place.second();
        place.keep("new");
        let (old, new) = (place.seen("old"), place.seen("new"));
        place.known = old.union(&new).cloned().collect();
        place.now = new;
        place
    }

    fn program(&mut self, role: &'static str, team: Option<&str>) -> Caller {
        let (engine, origin) = (self.world.engine(), Origin::default());
        let users = engine.users(&self.world.operator()).unwrap();
        let adder = match users.iter().any(|user| user.roles == ["CDO"]) {
            true => self.world.operator_as("示例用户"),
            false => self.world.operator(),
        };
        let client = engine.add_client(&adder, &format!("程序 {role}"), &[role], team).unwrap();
        let token = engine.sign_in(&origin, &client.client_id, &client.client_secret).unwrap().access_token;
        let caller = engine.caller(&origin, &token).unwrap();
        self.tokens.push(token);
        caller
    }

    /// The installation as it was.
    fn first(&mut self) {
        let engine = self.world.engine().clone();
        engine.add_team(&self.world.operator(), "华东").unwrap();
        engine.add_user(&self.world.operator(), "示例用户", &["CDO"], None).unwrap().done().unwrap();
        let head = self.program("CDO", None);
        self.program("CDU", None);
        self.program("ISA", None);
        let first = self.world.create(&head, firm());
        let second = self.world.create(
            &head,
            json!({"name": "第二有限公司", "subject": "A", "phone": "15400000002", "document_number": "91350100M000200A33"}),
        );
        let mut contact = customer(json!({"name": "王示例", "mobile": "15400001234"}));
        (contact.kind, contact.dossier) = ("contact".into(), Some(first.id.clone()));
        let contact = engine.create(&head, &contact).unwrap().record;
        engine.change(&head, &change(&first, json!({"phone": "15400000003"}))).unwrap().done().unwrap();
        let gone =
            self.world.create(&head, json!({"name": "将去有限公司", "subject": "A", "phone": "15400000004"}));
        for at in 0..crate::times(8) {
            self.world.create(&head, json!({"name": format!("第{at}有限公司"), "subject": "A"}));
        }
        self.records = vec![
            ("customer", first.id),
            ("customer", second.id),
            ("contact", contact.id),
            ("customer", gone.id),
        ];
        self.import(&engine, &head, "第一行有限公司");
        let view = json!({"filters": {"stage": [2]}}).as_object().unwrap().clone();
        engine.keep_view(&head, &NewView { name: "我的".into(), shared: false, body: view }).unwrap();
        self.everything_is_looked_at(&engine, &head);
    }

    /// All that may change does.
    fn second(&mut self) {
        self.world.engine = Some(Engine::open_folder(&self.options()).unwrap());
        let engine = self.world.engine().clone();
        self.world.clock.advance(60_000_000);
        let head = engine.caller(&Origin::default(), &self.tokens[0]).unwrap();
        let officer = self.world.operator_as("示例用户");
        let ids: Vec<String> = self.records.iter().map(|(_, id)| id.clone()).collect();
        let new = json!({"phone": "15400000001", "name": "改名示例有限公司", "document_number": "91350100M000300B78"});
        let mut ask = change(&engine.read(&head, "customer", &ids[0], false).unwrap(), new);
        (ask.stage, ask.level, ask.team) = (Some(2), Some("L3".into()), Some("华东".into()));
        ask.idempotency_key = Some("once".into());
        engine.change(&head, &ask).unwrap().done().unwrap();
        let contact = engine.read(&head, "contact", &ids[2], false).unwrap();
        engine.change(&head, &change(&contact, json!({"mobile": "15400005678"}))).unwrap().done().unwrap();
        engine.erase(&head, &ids[3]).unwrap().done().unwrap();
        let person = engine.add_user(&officer, "示例员工", &["CDE"], Some("华东")).unwrap().done().unwrap();
        let link = person.set_up.split_once('#').unwrap().1.to_owned();
        let set_up = SetUp {
            token: link,
            name: None,
            password: "plum harbour seven".into(),
            agent: None,
            before: None,
        };
        engine.set_up(&Origin::default(), &set_up).unwrap();
        let other = engine.add_client(&officer, "停用", &["CDU"], None).unwrap();
        engine.disable_client(&officer, &other.client_id).unwrap();
        engine.add_team(&officer, "华南").unwrap();
        self.import(&engine, &head, "第二行有限公司");
        let view = json!({"filters": {"stage": [3]}}).as_object().unwrap().clone();
        engine.keep_view(&head, &NewView { name: "另一个".into(), shared: false, body: view }).unwrap();
        engine.rotate_keys(&officer, true).unwrap().done().unwrap();
        // Tiles become full, so that there are some to edit.
        for _ in 0..130 {
            let _ = engine.sign_in(&Origin::default(), "cli_none", "x");
            engine.teams(&head).unwrap();
            engine.teams(&head).unwrap();
        }
        self.everything_is_looked_at(&engine, &head);
        for log in ["change", "access"] {
            let kept = self.world.folder.path().join(format!("{log}.checkpoint"));
            self.anchors.push(fs::read_to_string(kept).unwrap());
        }
    }

    /// With the folder of this test as the place elsewhere where checkpoints are kept.
    fn options(&self) -> OpenOptions {
        let mut options = self.world.options();
        options.settings.anchor_dir = Some(self.world.folder.path().to_owned());
        options
    }

    /// Two imports: one that leaves a row to be mended, one whose file was handed in and waits.
    fn import(&self, engine: &Engine, caller: &Caller, name: &str) {
        let text = format!("企业名称,主体类型,电话\n{name},A,15400000009\n,A,15400000008\n");
        let file = self.world.folder.path().join("in.csv");
        fs::write(&file, &text).unwrap();
        let ask = Import { file, duplicates: Duplicates::Skip, ..Import::default() };
        engine.import(caller, &ask, &mut |_| {}).unwrap();
        let mut upload = engine
            .begin_upload(caller, &NewImport { name: "客户.csv".into(), ..NewImport::default() })
            .unwrap();
        upload.push(text.as_bytes()).unwrap();
        upload.end(caller).unwrap();
    }

    fn everything_is_looked_at(&self, engine: &Engine, caller: &Caller) {
        let id = self.records[0].1.clone();
        let ask = Reveal {
            kind: "customer".into(),
            id,
            field: "phone".into(),
            purpose: "核对资料".into(),
            how: dossier_engine::Opening::Copy,
        };
        engine.reveal(caller, &ask).unwrap();
        engine.search(caller, &Search::of("示例科技")).unwrap();
        let _ = engine.search(caller, &Search::of("91350100M000400C0B"));
        engine.catch_up_names().unwrap();
        for log in ["change", "access"] {
            let query = LedgerQuery { log: log.into(), ..LedgerQuery::default() };
            engine.ledger(&self.world.operator(), &query).unwrap();
        }
        // All of the access log is anchored in the change log, and both have a checkpoint of all that is in them.
        drop(engine.background());
    }

    fn keep(&mut self, state: &'static str) {
        self.world.close();
        self.db.keep(state);
        let kept = files_of(&self.world);
        self.folders.insert(state, kept);
    }

    fn seen(&self, state: &str) -> Facts {
        self.put_back_to(state);
        let engine = Engine::open_folder(&self.world.options()).unwrap();
        let facts = look(self, &engine);
        drop(engine);
        self.put_back();
        facts
    }

    /// The files of the data folder beside the tables in one of the two states.
    pub fn files(&self, state: &str) -> &[(PathBuf, Vec<u8>)] {
        &self.folders[state]
    }

    /// Everything as it is, whatever was done to it.
    pub fn put_back(&self) {
        self.put_back_to("new");
    }

    pub fn put_back_to(&self, state: &str) {
        self.db.put_back(state);
        self.files_back(state);
    }

    pub fn files_back(&self, state: &str) {
        for (path, _) in files_of(&self.world) {
            if !self.folders[state].iter().any(|(kept, _)| *kept == path) {
                fs::remove_file(path).unwrap();
            }
        }
        for (path, bytes) in &self.folders[state] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Looks at everything and verifies everything: whatever was edited, nothing that nobody wrote is shown, nothing panics
    /// and nothing hangs. Then all is put back.
    pub fn judge(&self, what: &str) -> Verdict {
        let (done, waiting) = channel();
        let judged = std::thread::scope(move |scope| {
            scope.spawn(move || {
                if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    eprintln!("{what}: it hangs");
                    std::process::abort();
                }
            });
            let _until_judged: Sender<()> = done;
            self.opened_and_verified(what)
        });
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "{what}: something panicked");
        self.put_back();
        judged
    }

    fn opened_and_verified(&self, what: &str) -> Verdict {
        let Ok(engine) = Engine::open_folder(&self.world.options()) else { return Verdict::Refused };
        let shown = look(self, &engine);
        let lies: Vec<&String> = shown.difference(&self.known).collect();
        assert!(lies.is_empty(), "{what}: nobody wrote {lies:?}");
        let Ok(caller) = engine.operator(&Origin::default(), 0, None) else { return Verdict::Refused };
        let verify = |against: Vec<String>| {
            let options = VerifyOptions { deep: true, against };
            engine.verify(&caller, &options, &mut |_, _, _| {})
        };
        match verify(Vec::new()) {
            Err(_) => return Verdict::Refused,
            Ok(report) if !report.ok => return Verdict::Found,
            Ok(_) => {}
        }
        match verify(self.anchors.clone()) {
            Ok(report) if report.ok => {
                if shown != self.now {
                    let gone: Vec<&String> = self.now.difference(&shown).take(3).collect();
                    eprintln!("{what}: unnoticed, and not to be seen any more: {gone:?}");
                }
                Verdict::Unnoticed
            }
            _ => Verdict::FoundByAnchor,
        }
    }
}

/// All files but those of the database, and the one that only takes up room.
fn files_of(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let reserve = world.data().join("access/reserve");
    // Sixty-four megabytes that nobody reads.
    if let Ok(file) = fs::OpenOptions::new().write(true).open(&reserve) {
        file.set_len(0).unwrap();
    }
    let mut all = files(&world.data());
    all.retain(|(path, _)| {
        let name = path.file_name().unwrap().to_str().unwrap();
        !name.starts_with("store.db") && name != "reserve"
    });
    all
}

fn count_panics() {
    TEST.set(true);
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !TEST.get() {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}
