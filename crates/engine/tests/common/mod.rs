//! An engine on a folder of its own, and callers as values.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub mod fleet;
pub mod office;

use dossier_engine::access::Role;
use dossier_engine::model::Clock;
use dossier_engine::model::time::{ManualClock, Micros};
use dossier_engine::{
    Caller, Change, Create, Engine, Guard, OpenOptions, Origin, Record, SetUp, Settings, SignIn,
    SignInSettings, StoreUrl,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Where people open the page.
pub const ORIGIN: &str = "https://dossier.example.com";

/// 2026-11-22T06:00:00Z.
pub const NOW: i64 = 1_795_327_200_000_000;

/// The address of a database of its own when the tests run on MySQL (`DOSSIER_TEST_STORE`).
pub fn database(folder: &Path) -> Option<String> {
    std::env::var("DOSSIER_TEST_STORE").ok().filter(|store| store == "mysql")?;
    let server = std::env::var("DOSSIER_TEST_MYSQL").expect("DOSSIER_TEST_MYSQL names the server");
    let name = folder.file_name().unwrap().to_str().unwrap().replace('.', "");
    Some(format!("{server}/world_{name}"))
}

/// That database, else the file in the folder.
pub fn store(folder: &Path) -> StoreUrl {
    database(folder).map_or_else(StoreUrl::default, StoreUrl::new)
}

pub struct World {
    pub folder: TempDir,
    pub store: StoreUrl,
    pub clock: Arc<ManualClock>,
    pub engine: Option<Engine>,
}

impl World {
    pub fn new() -> World {
        let folder = TempDir::new().unwrap();
        let store = store(folder.path());
        World::with(folder, store)
    }

    /// One whose store is the file in the data folder, whatever the tests run on: for what is about that file.
    pub fn embedded() -> World {
        World::with(TempDir::new().unwrap(), StoreUrl::default())
    }

    fn with(folder: TempDir, store: StoreUrl) -> World {
        let clock = Arc::new(ManualClock::new(Micros(NOW)));
        let mut world = World { folder, store, clock, engine: None };
        world.open();
        world
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub fn options(&self) -> OpenOptions {
        let clock: Arc<dyn Clock> = self.clock.clone();
        OpenOptions {
            data: self.data(),
            store: self.store.clone(),
            keystore: Some(self.folder.path().join("root.keystore")),
            settings: Settings {
                sign_in: SignInSettings {
                    origin: Some(ORIGIN.to_owned()),
                    second_factor_exempt: vec![Role::Cde, Role::Cdu],
                    ..SignInSettings::default()
                },
                ..Settings::default()
            },
            clock: Some(clock),
            ..OpenOptions::default()
        }
    }

    pub fn open(&mut self) {
        self.engine = None;
        self.engine = Some(Engine::open_folder(&self.options()).unwrap());
    }

    pub fn close(&mut self) {
        self.engine = None;
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub fn operator(&self) -> Caller {
        self.engine().operator(&Origin::default(), 0, None).unwrap()
    }

    pub fn operator_as(&self, user: &str) -> Caller {
        self.engine().operator(&Origin::default(), 0, Some(user)).unwrap()
    }

    /// A program of this role, signed in. Once there is a CDO, a CDO adds the next one.
    pub fn caller(&self, role: &str, team: Option<&str>) -> Caller {
        let engine = self.engine();
        let name = format!("{role}-{}", team.unwrap_or("default"));
        let adder = if engine
            .users(&self.operator())
            .unwrap()
            .iter()
            .any(|user| user.roles.contains(&"CDO".to_owned()))
        {
            self.operator_as("示例用户")
        } else {
            self.operator()
        };
        let client = engine.add_client(&adder, &name, &[role], team).unwrap();
        let origin = Origin { address: Some("127.0.0.1".into()), request: Some("r-1".into()) };
        let token = engine.sign_in(&origin, &client.client_id, &client.client_secret).unwrap();
        engine.caller(&origin, &token.access_token).unwrap()
    }

    pub fn create(&self, caller: &Caller, fields: Json) -> Record {
        self.engine().create(caller, &customer(fields)).unwrap().record
    }

    pub fn verify(&self) -> dossier_engine::VerifyReport {
        let options = dossier_engine::VerifyOptions { deep: true, ..Default::default() };
        self.engine().verify(&self.operator(), &options, &mut |_, _, _| {}).unwrap()
    }

    pub fn assert_sound(&self) {
        let report = self.verify();
        assert!(report.ok, "{:?}", report.problems);
    }
}

pub const PASSWORD: &str = "plum harbour seven";

/// Settings under which people need no codes and stay signed in.
pub fn demo() -> SignInSettings {
    SignInSettings {
        demo: true,
        origin: Some(ORIGIN.to_owned()),
        idle_seconds: 90 * 86_400,
        session_seconds: 90 * 86_400,
        ..SignInSettings::default()
    }
}

pub fn sign_in(engine: &Engine, name: &str) -> Caller {
    let ask = SignIn { name: name.into(), password: PASSWORD.into(), code: None, agent: None, before: None };
    let signed_in = engine.sign_in_person(&Origin::default(), &ask).unwrap();
    engine.person(&Origin::default(), &signed_in.cookie, &Guard::default()).unwrap()
}

/// A person who was added, set up and is signed in.
pub fn person(engine: &Engine, adder: &Caller, name: &str, role: &str, team: Option<&str>) -> Caller {
    let user = engine.add_user(adder, name, &[role], team).unwrap().done().unwrap();
    set_up(engine, &user.set_up, name)
}

/// Somebody chooses a password by their link, and signs in.
pub fn set_up(engine: &Engine, link: &str, name: &str) -> Caller {
    let token = link.strip_prefix("/set-up#").unwrap().to_owned();
    let ask = SetUp { token, name: None, password: PASSWORD.into(), agent: None, before: None };
    engine.set_up(&Origin::default(), &ask).unwrap();
    sign_in(engine, name)
}

pub fn fields(json: Json) -> BTreeMap<String, Json> {
    serde_json::from_value(json).unwrap()
}

pub fn customer(json: Json) -> Create {
    Create { kind: "customer".into(), fields: fields(json), ..Create::default() }
}

pub fn change(record: &Record, json: Json) -> Change {
    Change {
        kind: record.kind.into(),
        id: record.id.clone(),
        expect: record.version,
        fields: fields(json),
        ..Change::default()
    }
}

/// A firm with everything that this test file may look at.
pub fn firm() -> Json {
    json!({
        "name": "示例科技(杭州)有限公司",
        "document_number": "91350100M000100Y43",
        "representative": "韩小示",
        "phone": "154 0000 0000",
        "registered_capital": "1,000(万元人民币)",
    })
}

/// Every file under a folder, with its bytes.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.is_file() {
            out.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    out
}
