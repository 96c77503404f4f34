//! Several server processes on one database, as far as one process can have them: each engine has a keyring object of its
//! own on the shared file and an access log of its own; records and the change log are in one store.

use super::{NOW, customer};
use dossier_crypto::{Keyring, Keystore, SystemEntropy};
use dossier_engine::model::Fault;
use dossier_engine::model::id::Tenant;
use dossier_engine::model::time::{ManualClock, Micros};
use dossier_engine::{Caller, Engine, NewClient, Origin, Parts, Record, Settings};
use dossier_store::access_log::AccessLogOptions;
use dossier_store::{
    AccessEntry, AccessRead, AccessTicket, Checkpoint, CommitTicket, Options, Read, SqliteStore, Store,
    StoreError, WriteSet,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use tempfile::TempDir;

const TENANT: Tenant = Tenant(1);

type Logs = Arc<RwLock<BTreeMap<u32, Arc<SqliteStore>>>>;

/// One node's view of the shared store.
struct Node {
    number: u32,
    shared: Arc<SqliteStore>,
    own: Arc<SqliteStore>,
    logs: Logs,
}

/// The log of a node, kept open as long as it is read.
struct Reading {
    store: Arc<SqliteStore>,
    node: u32,
}

impl Reading {
    fn ask<T>(&self, ask: impl FnOnce(&dyn AccessRead) -> Result<T, StoreError>) -> Result<T, StoreError> {
        ask(&*self.store.access_log(TENANT, self.node)?)
    }
}

struct Tiles {
    reading: Reading,
}

impl dossier_store::merkle::TileSource for Tiles {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading.ask(|log| log.tile(level, index))
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<dossier_store::merkle::Hash>, StoreError> {
        self.reading.ask(|log| log.tiles()?.leaf_hashes(from, count))
    }
}

impl AccessRead for Reading {
    fn head(&self) -> Result<dossier_store::LogHead, StoreError> {
        self.ask(|log| log.head())
    }

    fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        self.ask(|log| log.entries(from, limit))
    }

    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(|log| log.tile(level, index))
    }

    fn tiles(&self) -> Result<Box<dyn dossier_store::merkle::TileSource + '_>, StoreError> {
        let reading = Reading { store: self.store.clone(), node: self.node };
        Ok(Box::new(Tiles { reading }))
    }

    fn verify(&self) -> Result<dossier_store::access_log::Verified, StoreError> {
        self.ask(|log| log.verify())
    }

    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.ask(|log| log.save_checkpoint(checkpoint))
    }
}

impl Store for Node {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.shared.read()
    }

    fn commit(&self, set: WriteSet) -> CommitTicket {
        self.shared.commit(set)
    }

    fn is_shared(&self) -> bool {
        self.shared.is_shared()
    }

    fn lease(&self, tenant: Tenant, sequence: &str, count: u32) -> Result<i64, StoreError> {
        self.shared.lease(tenant, sequence, count)
    }

    fn save_checkpoint(&self, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.shared.save_checkpoint(tenant, checkpoint)
    }

    fn node(&self) -> u32 {
        self.number
    }

    fn nodes(&self, _: Tenant) -> Result<Vec<u32>, StoreError> {
        Ok(self.logs.read().unwrap().keys().copied().collect())
    }

    fn access_append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket {
        self.own.access_append(tenant, entries)
    }

    fn access_log(&self, _: Tenant, node: u32) -> Result<Box<dyn AccessRead + '_>, StoreError> {
        let store = self.logs.read().unwrap().get(&node).cloned();
        let store = store.ok_or(StoreError::Invalid("a node that has no access log"))?;
        Ok(Box::new(Reading { store, node }))
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.shared.ready()
    }
}

/// The database, the keyring's file, the root key and the time that all have in common.
pub struct Fleet {
    pub folder: TempDir,
    pub clock: Arc<ManualClock>,
    shared: Arc<SqliteStore>,
    logs: Logs,
}

impl Fleet {
    pub fn new() -> Fleet {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new(Micros(NOW)));
        let shared = Arc::new(SqliteStore::open(&Options::new(folder.path().join("shared"))).unwrap());
        let fleet = Fleet { folder, clock, shared, logs: Logs::default() };
        let keystore = Keystore::create(&fleet.keystore(), None, &SystemEntropy).unwrap();
        Keyring::create(&fleet.keyring(), TENANT, &keystore, &SystemEntropy, Micros(NOW)).unwrap();
        fleet
    }

    fn keystore(&self) -> PathBuf {
        self.folder.path().join("root.keystore")
    }

    pub fn keyring(&self) -> PathBuf {
        self.folder.path().join("keyring")
    }

    /// Starts a server, or another one in the place of one that has ended.
    pub fn node(&self, number: u32) -> Engine {
        self.node_with(number, Settings::default())
    }

    pub fn node_with(&self, number: u32, settings: Settings) -> Engine {
        self.start(number, settings).unwrap()
    }

    pub fn start(&self, number: u32, settings: Settings) -> Result<Engine, Fault> {
        let open = || {
            let access = AccessLogOptions { node: number, reserve_bytes: 4096 };
            let folder = self.folder.path().join(format!("node-{number}"));
            Arc::new(SqliteStore::open(&Options { folder, readers: 4, access }).unwrap())
        };
        let own = self.logs.write().unwrap().entry(number).or_insert_with(open).clone();
        let store = Node { number, shared: self.shared.clone(), own, logs: self.logs.clone() };
        let keystore = Keystore::open(&self.keystore(), None).unwrap();
        let keyring = Keyring::open(&self.keyring(), TENANT, &keystore).unwrap();
        Engine::open(Parts {
            store: Arc::new(store),
            keyring: Arc::new(keyring),
            kms: Arc::new(keystore),
            clock: self.clock.clone(),
            entropy: Arc::new(SystemEntropy),
            index: Some(self.folder.path().join(format!("node-{number}-search"))),
            settings,
        })
    }

    /// The store that all have in common.
    pub fn store(&self) -> &SqliteStore {
        &self.shared
    }
}

pub fn operator(engine: &Engine) -> Caller {
    engine.operator(&Origin::default(), 0, None).unwrap()
}

pub fn program(engine: &Engine, name: &str, role: &str) -> NewClient {
    engine.add_client(&operator(engine), name, &[role], None).unwrap()
}

/// Signs a program in at one server.
pub fn sign_in(engine: &Engine, program: &NewClient) -> Result<String, Fault> {
    let token = engine.sign_in(&Origin::default(), &program.client_id, &program.client_secret)?;
    Ok(token.access_token)
}

pub fn caller(engine: &Engine, token: &str) -> Result<Caller, Fault> {
    engine.caller(&Origin::default(), token)
}

pub fn create(engine: &Engine, caller: &Caller, fields: Json) -> Record {
    engine.create(caller, &customer(fields)).unwrap().record
}

pub fn assert_sound(engine: &Engine) {
    let options = dossier_engine::VerifyOptions { deep: true, ..Default::default() };
    let report = engine.verify(&operator(engine), &options, &mut |_, _, _| {}).unwrap();
    assert!(report.ok, "{:?}", report.problems);
}
