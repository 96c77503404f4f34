//! A firm whose people approve what others ask for.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use super::{World, change, customer, person};
use dossier_engine::model::Fault;
use dossier_engine::{
    Caller, Carried, Deciding, Engine, LedgerQuery, Record, RequestShown, Settings, TeamChange, Verdict,
    Waiting,
};
use serde_json::{Value as Json, json};
use std::sync::Barrier;

pub const HOUR: i64 = 3_600_000_000;

/// A firm: a seller whose line manager leads the team, two heads, an administrator of data, somebody else.
pub struct Firm {
    pub world: World,
    pub seller: Caller,
    pub lead: Caller,
    pub head: Caller,
    pub second: Caller,
    pub other: Caller,
}

impl Firm {
    pub fn new() -> Firm {
        Firm::with(1_000_000)
    }

    /// One in which so many look-ups an hour may find nothing.
    pub fn with(find_misses_per_hour: u32) -> Firm {
        let mut world = World::new();
        world.close();
        let mut options = world.options();
        options.settings = Settings {
            sign_in: super::demo(),
            reveals_per_hour: 1_000,
            find_misses_per_hour,
            ..Settings::default()
        };
        world.engine = Some(Engine::open_folder(&options).unwrap());
        let engine = world.engine();
        let operator = world.operator();
        engine.add_team(&operator, "华东").unwrap();
        let head = person(engine, &operator, "demo.cdo", "CDO", None);
        let second = person(engine, &head, "demo.second", "CDO", None);
        let lead = person(engine, &head, "demo.lead", "CDA", Some("华东"));
        let seller = person(engine, &head, "demo.seller", "CDE", Some("华东"));
        let other = person(engine, &head, "demo.other", "CDE", Some("华东"));
        let leads = TeamChange { lead: Some("demo.lead".into()), ..TeamChange::default() };
        engine.change_team(&head, "华东", &leads).unwrap().done().unwrap();
        engine.begin_flows(&head, false).unwrap();
        Firm { world, seller, lead, head, second, other }
    }

    pub fn engine(&self) -> &Engine {
        self.world.engine()
    }

    pub fn record(&self) -> Record {
        let mut ask = customer(json!({
            "name": "示例审批有限公司", "subject": "A", "phone": "15400000001", "email": "a@example.com",
        }));
        ask.team = Some("华东".into());
        self.engine().create(&self.seller, &ask).unwrap().record
    }

    /// Another one, with a document number of its own.
    pub fn another(&self, document_number: &str) -> Record {
        let mut ask = customer(json!({
            "name": "示例其他有限公司", "subject": "A", "document_number": document_number,
        }));
        ask.team = Some("华东".into());
        self.engine().create(&self.seller, &ask).unwrap().record
    }

    pub fn ask(&self, record: &Record, fields: Json) -> Result<Carried<dossier_engine::Done>, Fault> {
        self.engine().change(&self.seller, &change(record, fields))
    }

    /// A change of the phone that waits.
    pub fn waits(&self, record: &Record) -> Waiting {
        waiting(self.ask(record, json!({ "phone": "15400000002" })))
    }

    pub fn decide(&self, who: &Caller, id: &str, verdict: Verdict) -> Result<RequestShown, Fault> {
        let remark = Some("已核对".to_owned());
        self.engine().decide(who, id, &Deciding { verdict, remark, bulk: false })
    }

    pub fn phone(&self, record: &Record) -> (u32, Option<Json>) {
        let head = &self.head;
        let record = self.engine().read(head, "customer", &record.id, false).unwrap();
        (record.version, record.fields.get("phone"))
    }

    pub fn notes(&self, action: &str) -> Vec<(String, Vec<(String, String)>)> {
        let query = LedgerQuery { log: "change".into(), limit: Some(40), ..LedgerQuery::default() };
        let items = self.engine().ledger(&self.world.operator(), &query).unwrap().items;
        let of = |entry: &dossier_engine::EntryShown| serde_json::to_value(entry).unwrap();
        let found = items.iter().map(of).filter(|entry| entry["action"] == action);
        found
            .map(|entry| {
                let notes = entry["note"].as_object().cloned().unwrap_or_default();
                let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let notes = notes.iter().map(|(name, value)| (name.clone(), text(value))).collect();
                (entry["who"].to_string(), notes)
            })
            .collect()
    }
}

pub fn waiting<T>(carried: Result<Carried<T>, Fault>) -> Waiting {
    match carried.map_err(|fault| fault.key).unwrap() {
        Carried::Waits(waiting) => waiting,
        Carried::Done(_) => panic!("should wait"),
    }
}

pub fn rounds() -> u64 {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// Both begin in the same moment.
pub fn race<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

pub fn key<T>(result: Result<T, Fault>) -> &'static str {
    result.map(drop).expect_err("should be refused").key
}
