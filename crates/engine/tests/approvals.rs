//! What waits for approval: asked for, decided on by others, carried out as it was asked for or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, person, sign_in};
use dossier_engine::model::Fault;
use dossier_engine::{
    Caller, Carried, Change, Deciding, Duplicates, Engine, FlowForm, Import, Leave, Leaving, LedgerQuery,
    ListQuery, Origin, Record, RequestBox, RequestShown, RoleForm, Settings, TeamChange, UserChange, Verdict,
    Waiting, WhenForm,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Barrier;

const HOUR: i64 = 3_600_000_000;

/// A firm: a seller whose line manager leads the team, two heads, an administrator of data, somebody else.
struct Firm {
    world: World,
    seller: Caller,
    lead: Caller,
    head: Caller,
    second: Caller,
    other: Caller,
}

impl Firm {
    fn new() -> Firm {
        Firm::with(1_000_000)
    }

    /// One in which so many look-ups an hour may find nothing.
    fn with(find_misses_per_hour: u32) -> Firm {
        let mut world = World::new();
        world.close();
        let mut options = world.options();
        options.settings = Settings {
            sign_in: common::demo(),
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

    fn engine(&self) -> &Engine {
        self.world.engine()
    }

    fn record(&self) -> Record {
        let mut ask = customer(json!({
            "name": "示例审批有限公司", "subject": "A", "phone": "15400000001", "email": "a@example.com",
        }));
        ask.team = Some("华东".into());
        self.engine().create(&self.seller, &ask).unwrap().record
    }

    fn ask(&self, record: &Record, fields: Json) -> Result<Carried<dossier_engine::Done>, Fault> {
        self.engine().change(&self.seller, &change(record, fields))
    }

    /// A change of the phone that waits.
    fn waits(&self, record: &Record) -> Waiting {
        waiting(self.ask(record, json!({ "phone": "15400000002" })))
    }

    fn decide(&self, who: &Caller, id: &str, verdict: Verdict) -> Result<RequestShown, Fault> {
        let remark = Some("已核对".to_owned());
        self.engine().decide(who, id, &Deciding { verdict, remark, bulk: false })
    }

    fn phone(&self, record: &Record) -> (u32, Option<Json>) {
        let head = &self.head;
        let record = self.engine().read(head, "customer", &record.id, false).unwrap();
        (record.version, record.fields.get("phone"))
    }

    fn notes(&self, action: &str) -> Vec<(String, Vec<(String, String)>)> {
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

fn waiting<T>(carried: Result<Carried<T>, Fault>) -> Waiting {
    match carried.map_err(|fault| fault.key).unwrap() {
        Carried::Waits(waiting) => waiting,
        Carried::Done(_) => panic!("should wait"),
    }
}

fn rounds() -> u64 {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// Both begin in the same moment.
fn race<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
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

fn key<T>(result: Result<T, Fault>) -> &'static str {
    result.map(drop).expect_err("should be refused").key
}

#[test]
fn a_key_field_waits_for_the_line_manager_and_is_then_changed_in_the_name_of_whoever_asked() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.record();
    // What is no key field does not wait.
    let done = firm.ask(&record, json!({ "remarks": "到访" })).unwrap().done().unwrap();
    let record = done.record;
    let waits = firm.waits(&record);
    assert_eq!(waits.waits_for, ["demo.lead"]);
    assert_eq!(firm.phone(&record).0, record.version, "nothing has changed yet");

    let inbox = engine.requests(&firm.lead, RequestBox::Waiting, None).unwrap();
    assert_eq!((inbox.items.len(), inbox.total), (1, Some(1)));
    let shown = &inbox.items[0];
    assert_eq!(
        (shown.id.as_str(), shown.state, shown.asked_by.as_str()),
        (waits.id.as_str(), "waiting", "demo.seller")
    );
    assert_eq!(shown.may, ["agree", "refuse", "pass_on", "add", "comment"]);
    assert_eq!(shown.dossier.as_deref(), Some(record.id.as_str()));
    let fields: Vec<&str> = shown.changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, ["phone"]);
    // Nobody else sees it; whoever asked does, and cannot decide.
    assert_eq!(key(engine.request(&firm.other, &waits.id)), "not_found");
    assert!(engine.requests(&firm.other, RequestBox::Waiting, None).unwrap().items.is_empty());
    let own = engine.request(&firm.seller, &waits.id).unwrap();
    assert_eq!((own.own, own.may_not), (true, Some("self_approval")));
    assert_eq!(key(firm.decide(&firm.seller, &waits.id, Verdict::Agree)), "self_approval");
    assert_eq!(key(firm.decide(&firm.other, &waits.id, Verdict::Agree)), "not_found");

    let done = firm.decide(&firm.lead, &waits.id, Verdict::Agree).unwrap();
    assert_eq!(done.state, "executed");
    let after = engine.read(&firm.head, "customer", &record.id, true).unwrap();
    assert_eq!(after.version, record.version + 1);
    assert_eq!(after.provenance.unwrap()["phone"].by, "demo.seller");
    assert_eq!(key(firm.decide(&firm.lead, &waits.id, Verdict::Agree)), "approval_ended");
    let changes = firm.notes("change");
    let (_, notes) = changes.last().unwrap();
    assert!(notes.contains(&("approval".to_owned(), waits.id.clone())), "{notes:?}");
    // What was asked for is not kept any longer.
    let ended = engine.requests(&firm.seller, RequestBox::Ended, None).unwrap();
    assert_eq!(ended.items.len(), 1);
    assert!(ended.items[0].changes.is_empty());
    firm.world.assert_sound();
}

#[test]
fn what_was_asked_on_another_state_is_not_applied() {
    let firm = Firm::new();
    let record = firm.record();
    let first = firm.waits(&record);
    let second = waiting(firm.ask(&record, json!({ "phone": "15400000003" })));
    // What neither of them touches may change meanwhile.
    let remarks =
        Change { fields: common::fields(json!({ "remarks": "无关" })), ..change(&record, json!({})) };
    firm.engine().change(&firm.other, &remarks).unwrap().done().unwrap();
    let shown = firm.engine().request(&firm.lead, &first.id).unwrap();
    assert_eq!(shown.changed_since, Some(true));
    assert_eq!(firm.decide(&firm.lead, &first.id, Verdict::Agree).unwrap().state, "executed");
    let version = firm.phone(&record).0;
    let moved = firm.decide(&firm.lead, &second.id, Verdict::Agree).unwrap();
    assert_eq!((moved.state, moved.moved.as_slice()), ("moved", &["phone".to_owned()][..]));
    assert_eq!(firm.phone(&record).0, version);
    assert_eq!(key(firm.decide(&firm.lead, &second.id, Verdict::Agree)), "approval_ended");
}

#[test]
fn refused_recalled_or_expired_it_is_never_used() {
    let firm = Firm::new();
    let record = firm.record();
    let refused = firm.waits(&record);
    let silent = Deciding { verdict: Verdict::Refuse, remark: Some("  ".into()), bulk: false };
    assert_eq!(key(firm.engine().decide(&firm.lead, &refused.id, &silent)), "required");
    assert_eq!(firm.decide(&firm.lead, &refused.id, Verdict::Refuse).unwrap().state, "refused");
    let recalled = firm.waits(&record);
    assert_eq!(key(firm.decide(&firm.lead, &recalled.id, Verdict::Recall)), "approval_not_yours");
    assert_eq!(firm.decide(&firm.seller, &recalled.id, Verdict::Recall).unwrap().state, "recalled");
    let expired = firm.waits(&record);
    firm.world.clock.advance(8 * 24 * HOUR);
    for id in [&refused.id, &recalled.id, &expired.id] {
        assert_eq!(key(firm.decide(&firm.lead, id, Verdict::Agree)), "approval_ended");
    }
    assert_eq!(firm.engine().request(&firm.seller, &expired.id).unwrap().state, "expired");
    assert_eq!(firm.phone(&record).0, record.version);
}

#[test]
fn a_program_asks_where_somebody_answers_for_it_and_sees_what_becomes_of_that() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.record();
    let signed_in = |adder: &Caller, name: &str| {
        let made = engine.add_client(adder, name, &["CDE"], Some("华东")).unwrap();
        let token = engine.sign_in(&Origin::default(), &made.client_id, &made.client_secret).unwrap();
        engine.caller(&Origin::default(), &token.access_token).unwrap()
    };
    let program = signed_in(&firm.head, "示例程序");
    let waits = waiting(engine.change(&program, &change(&record, json!({ "phone": "15400000002" }))));
    let asked = engine.requests(&program, RequestBox::Asked, None).unwrap();
    assert_eq!(asked.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [waits.id.as_str()]);
    assert_eq!(key(firm.decide(&program, &waits.id, Verdict::Recall)), "people_only");
    // Whoever answers for it has not asked less than the program.
    assert_eq!(key(firm.decide(&firm.head, &waits.id, Verdict::Agree)), "self_approval");
    // The line manager is that of whoever answers for it: nobody leads a head, so the other one decides.
    assert_eq!(key(firm.decide(&firm.lead, &waits.id, Verdict::Agree)), "not_found");
    assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "executed");
    assert_eq!(engine.request(&program, &waits.id).unwrap().state, "executed");
    // One for which nobody answers changes what does not wait, and nothing else.
    let nobodys = signed_in(&firm.world.operator(), "无人负责");
    let seen = engine.read(&nobodys, "customer", &record.id, false).unwrap();
    let seen =
        engine.change(&nobodys, &change(&seen, json!({ "remarks": "到访" }))).unwrap().done().unwrap().record;
    let refused = engine.change(&nobodys, &change(&seen, json!({ "phone": "15400000003" })));
    assert_eq!(key(refused), "approval_asker_gone");
}

#[test]
fn the_same_is_asked_for_once() {
    let firm = Firm::new();
    let record = firm.record();
    let mut ask = change(&record, json!({ "phone": "15400000002" }));
    ask.idempotency_key = Some("k-1".into());
    let first = waiting(firm.engine().change(&firm.seller, &ask));
    let again = waiting(firm.engine().change(&firm.seller, &ask));
    assert_eq!(first.id, again.id);
    assert_eq!(key(firm.ask(&record, json!({ "phone": "15400000002" }))), "approval_asked_already");
    // Somebody else asks for themselves.
    let other = firm.engine().change(&firm.other, &change(&record, json!({ "phone": "15400000002" })));
    assert_ne!(waiting(other).id, first.id);
}

#[test]
fn asking_and_taking_back_is_no_way_to_guess_what_is_masked() {
    let firm = Firm::with(2);
    let record = firm.record();
    for guess in ["15400000007", "15400000008"] {
        let waits = waiting(firm.ask(&record, json!({ "phone": guess })));
        firm.decide(&firm.seller, &waits.id, Verdict::Recall).unwrap();
    }
    assert_eq!(key(firm.ask(&record, json!({ "phone": "15400000009" }))), "quota_find");
}

#[test]
fn whoever_has_gone_or_may_not_any_more_is_not_carried_on_for() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.record();
    let gone = firm.waits(&record);
    let less = waiting(engine.change(&firm.other, &change(&record, json!({ "phone": "15400000004" }))));
    engine.leave(&firm.head, "demo.seller", &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(key(firm.decide(&firm.lead, &gone.id, Verdict::Agree)), "approval_ended");
    // Reads, and writes nothing: given and taken by two heads.
    let reads = UserChange { roles: Some(vec!["CDU".into()]), team: None };
    let given = waiting(engine.change_user(&firm.head, "demo.other", &reads));
    assert_eq!(key(firm.decide(&firm.head, &given.id, Verdict::Agree)), "self_approval");
    assert_eq!(firm.decide(&firm.second, &given.id, Verdict::Agree).unwrap().state, "executed");
    assert_eq!(key(firm.decide(&firm.lead, &less.id, Verdict::Agree)), "approval_ended");
    let other = sign_in(engine, "demo.other");
    let ended = engine.requests(&other, RequestBox::Ended, None).unwrap().items.remove(0);
    assert_eq!((ended.state, ended.why.as_deref()), ("dropped", Some("asker")));
    assert_eq!(firm.phone(&record).0, record.version);
}

#[test]
fn what_waits_is_erased_with_its_dossier() {
    let firm = Firm::new();
    let record = firm.record();
    let waits = firm.waits(&record);
    let erasure = waiting(firm.engine().erase(&firm.head, &record.id));
    assert_eq!(erasure.waits_for, ["demo.second"]);
    assert_eq!(firm.decide(&firm.second, &erasure.id, Verdict::Agree).unwrap().state, "executed");
    assert_eq!(key(firm.engine().read(&firm.head, "customer", &record.id, false)), "erased");
    let shown = firm.engine().request(&firm.lead, &waits.id).unwrap();
    assert!(shown.changes.is_empty() && shown.said.iter().all(|said| said.text.is_none()));
    assert_eq!(firm.decide(&firm.lead, &waits.id, Verdict::Agree).unwrap().state, "moved");
    firm.world.assert_sound();
}

#[test]
fn roles_and_flows_change_by_two_heads() {
    let firm = Firm::new();
    let engine = firm.engine();
    let form = RoleForm { name: "查看".into(), actions: vec!["read".into()], ..RoleForm::default() };
    let waits = waiting(engine.add_role(&firm.head, &form));
    assert_eq!(waits.waits_for, ["demo.second"]);
    let shown = engine.request(&firm.second, &waits.id).unwrap();
    assert!(shown.difference.unwrap().contains("actions: – → read"));
    // In person: it is handed over to nobody.
    assert_eq!(
        key(firm.decide(&firm.second, &waits.id, Verdict::PassOn("demo.lead".into()))),
        "approval_in_person"
    );
    assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "executed");
    assert!(engine.roles(&firm.head).unwrap().iter().any(|role| role.form.name == "查看"));

    let flows = engine.flows(&firm.head).unwrap();
    let of_contacts = flows.iter().find(|flow| flow.form.name.en.contains("how to reach them")).unwrap();
    let record = firm.record();
    let open = firm.waits(&record);
    let removal = waiting(engine.remove_flow(&firm.head, &of_contacts.id));
    assert_eq!(firm.decide(&firm.second, &removal.id, Verdict::Agree).unwrap().state, "executed");
    let own = engine.request(&firm.seller, &open.id).unwrap();
    assert_eq!((own.state, own.why.as_deref()), ("dropped", Some("flow")));
    firm.ask(&record, json!({ "phone": "15400000002" })).unwrap().done().unwrap();
    // The flow by which flows change stays.
    let keeps = flows.iter().find(|flow| flow.form.name.en == "changes of roles and flows").unwrap();
    assert_eq!(key(engine.remove_flow(&firm.head, &keeps.id)), "flow_keeps_flows");
    assert_eq!(key(engine.begin_flows(&firm.head, true)), "flows_begun");
    firm.world.assert_sound();
}

#[test]
fn people_are_added_and_keys_rotated_by_two_heads() {
    let firm = Firm::new();
    let engine = firm.engine();
    let added = waiting(engine.add_user(&firm.head, "demo.new", &["CDO"], None));
    assert!(!engine.has_user("demo.new").unwrap());
    assert_eq!(
        key(engine.add_user(&firm.world.operator(), "demo.new", &["CDU"], None)),
        "approval_person_required"
    );
    assert_eq!(firm.decide(&firm.second, &added.id, Verdict::Agree).unwrap().state, "executed");
    assert!(engine.renew_user(&firm.head, "demo.new").unwrap().set_up.starts_with("/set-up#"));
    let before = engine.key_status(&firm.head).unwrap().tenant_generation;
    let rotation = waiting(engine.rotate_keys(&firm.head, false));
    assert_eq!(engine.key_status(&firm.head).unwrap().tenant_generation, before);
    assert_eq!(firm.decide(&firm.second, &rotation.id, Verdict::Agree).unwrap().state, "executed");
    assert_eq!(engine.key_status(&firm.head).unwrap().tenant_generation, before + 1);
    // What only takes away does not wait.
    let less = UserChange { roles: Some(vec!["CDE".into()]), team: None };
    let more = UserChange { roles: Some(vec!["CDE".into(), "CDU".into()]), team: None };
    let given = waiting(engine.change_user(&firm.head, "demo.other", &more));
    assert_eq!(firm.decide(&firm.second, &given.id, Verdict::Agree).unwrap().state, "executed");
    engine.change_user(&firm.head, "demo.other", &less).unwrap().done().unwrap();
    firm.world.assert_sound();
}

#[test]
fn an_import_does_not_pass_by_what_waits() {
    let firm = Firm::new();
    let engine = firm.engine();
    let fields = json!({ "name": "示例导入有限公司", "subject": "A", "document_number": "91350100M000100Y43", "phone": "15400000001" });
    let mut ask = customer(fields);
    ask.team = Some("华东".into());
    let record = engine.create(&firm.seller, &ask).unwrap().record;
    let file = firm.world.folder.path().join("rows.csv");
    std::fs::write(
        &file,
        "name,subject,document_number,phone,remarks\n示例导入有限公司,A,91350100M000100Y43,15400000009,改\n",
    )
    .unwrap();
    let import = Import { file: file.clone(), duplicates: Duplicates::Update, ..Import::default() };
    let caller = firm.world.operator_as("demo.cdo");
    let done = engine.import(&caller, &import, &mut |_| {}).unwrap();
    assert_eq!((done.updated, done.rejected), (0, 1));
    assert_eq!(firm.phone(&record).0, record.version);
}

#[test]
fn two_at_once_come_to_one_end() {
    let firm = Firm::new();
    let engine = firm.engine();
    let rounds = rounds();
    let mut record = firm.record();
    for round in 0..rounds {
        let waits = waiting(firm.ask(&record, json!({ "phone": format!("1541{round:07}") })));
        let (agreed, other) = race(
            || firm.decide(&firm.lead, &waits.id, Verdict::Agree),
            || match round % 3 {
                0 => firm.decide(&firm.seller, &waits.id, Verdict::Recall),
                1 => firm.decide(&firm.lead, &waits.id, Verdict::Agree),
                _ => firm.decide(&firm.lead, &waits.id, Verdict::Refuse),
            },
        );
        let shown = engine.request(&firm.seller, &waits.id).unwrap();
        let version = firm.phone(&record).0;
        let is_done = shown.state == "executed";
        assert_eq!(version, record.version + u32::from(is_done), "{}", shown.state);
        assert!(["executed", "recalled", "refused"].contains(&shown.state), "{}", shown.state);
        for one in [agreed, other] {
            if let Err(fault) = one {
                assert!(
                    ["approval_ended", "approval_twice", "approval_not_waiting"].contains(&fault.key),
                    "{fault}"
                );
            }
        }
        record = engine.read(&firm.seller, "customer", &record.id, false).unwrap();
    }
    firm.world.assert_sound();
}

#[test]
fn of_two_who_have_to_agree_neither_does_it_alone() {
    let firm = Firm::new();
    let engine = firm.engine();
    let form = json!({
        "name": { "zh": "备注", "en": "remarks" },
        "enabled": true,
        "when": { "commands": ["change"], "kind": "customer", "fields": ["remarks"] },
        "steps": [{ "who": { "role": { "role": "CDO", "of": "anywhere" } }, "quorum": { "at_least": 2 } }],
        "approve_within": 600,
        "execute_within": 60,
    });
    let Json::Object(form) = form else { panic!("an object") };
    let added = waiting(engine.add_flow(&firm.head, &FlowForm::read(form).unwrap()));
    assert_eq!(firm.decide(&firm.second, &added.id, Verdict::Agree).unwrap().state, "executed");
    let mut record = firm.record();
    for round in 0..rounds() {
        let waits = waiting(firm.ask(&record, json!({ "remarks": format!("第{round}次") })));
        // The same person twice is one.
        let twice = race(
            || firm.decide(&firm.head, &waits.id, Verdict::Agree),
            || firm.decide(&firm.head, &waits.id, Verdict::Agree),
        );
        let refused = [twice.0.err(), twice.1.err()].into_iter().flatten().map(|fault| fault.key);
        assert_eq!(refused.collect::<Vec<_>>(), ["approval_twice"]);
        assert_eq!(engine.read(&firm.seller, "customer", &record.id, false).unwrap().version, record.version);
        assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "executed");
        // Both at once: done once.
        let seen = engine.read(&firm.seller, "customer", &record.id, false).unwrap();
        let waits = waiting(firm.ask(&seen, json!({ "remarks": format!("又第{round}次") })));
        let both = race(
            || firm.decide(&firm.head, &waits.id, Verdict::Agree),
            || firm.decide(&firm.second, &waits.id, Verdict::Agree),
        );
        both.0.unwrap();
        both.1.unwrap();
        assert_eq!(engine.request(&firm.seller, &waits.id).unwrap().state, "executed");
        let now = engine.read(&firm.seller, "customer", &record.id, false).unwrap();
        assert_eq!(now.version, record.version + 2);
        record = now;
    }
    firm.world.assert_sound();
}

#[test]
fn a_right_that_goes_between_two_pages_is_gone_on_the_next() {
    let firm = Firm::new();
    let engine = firm.engine();
    for _ in 0..4 {
        firm.record();
    }
    let page = |after: Option<String>| {
        let query = ListQuery { kind: "customer".into(), limit: Some(2), after, ..ListQuery::default() };
        engine.list(&firm.other, &query)
    };
    let first = page(None).unwrap();
    let moved = UserChange { roles: None, team: Some("default".into()) };
    let waits = waiting(engine.change_user(&firm.head, "demo.other", &moved));
    // While it waits, nothing is different.
    assert_eq!(page(first.next.clone()).unwrap().items.len(), 2);
    assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "executed");
    // Moved to another team: signed out, and of the old one nothing is seen.
    assert!(page(first.next).is_err() || page(None).unwrap().items.is_empty());
    firm.world.assert_sound();
}

/// A flow for changes of a customer's remarks.
fn remarks(step: Json) -> FlowForm {
    let form = json!({
        "name": { "zh": "备注", "en": "remarks" },
        "enabled": true,
        "when": { "commands": ["change"], "kind": "customer", "fields": ["remarks"] },
        "steps": [step],
        "approve_within": 600,
        "execute_within": 60,
    });
    let Json::Object(form) = form else { panic!("an object") };
    FlowForm::read(form).unwrap()
}

#[test]
fn nobody_gets_a_second_person_by_the_way() {
    let firm = Firm::new();
    let engine = firm.engine();
    // Somebody who was disabled is let in again by two, and so is a team put under another, or given another lead.
    engine.leave(&firm.head, "demo.other", &Leave::of(Leaving::Left)).unwrap();
    let enabled = waiting(engine.enable_user(&firm.head, "demo.other"));
    let lead = TeamChange { lead: Some("demo.cdo".into()), ..TeamChange::default() };
    let team = waiting(engine.change_team(&firm.head, "华东", &lead));
    for waits in [&enabled, &team] {
        assert_eq!(waits.waits_for, ["demo.second"]);
        assert_eq!(key(firm.decide(&firm.head, &waits.id, Verdict::Agree)), "self_approval");
        assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "executed");
    }
    // Whom the account of the operating system names is proved by nothing.
    let more = UserChange { roles: Some(vec!["CDE".into(), "CDA".into()]), team: None };
    let by = firm.world.operator_as("demo.second");
    assert_eq!(key(engine.change_user(&by, "demo.other", &more)), "approval_person_required");
    assert_eq!(key(engine.rotate_keys(&by, false)), "approval_person_required");
    // Undoing an import erases, and waits as that.
    let file = firm.world.folder.path().join("rows.csv");
    std::fs::write(&file, "name,subject\n示例撤销有限公司,A\n").unwrap();
    let import = Import { file, team: Some("default".into()), ..Import::default() };
    let done = engine.import(&firm.head, &import, &mut |_| {}).unwrap();
    let undo = waiting(engine.undo_import(&firm.head, &done.id));
    assert_eq!(engine.import_state(&firm.head, &done.id).unwrap().state, "done");
    assert_eq!(firm.decide(&firm.second, &undo.id, Verdict::Agree).unwrap().state, "executed");
    assert_eq!(engine.import_state(&firm.head, &done.id).unwrap().state, "undoing");
    firm.world.assert_sound();
}

#[test]
fn approved_is_what_was_meant_whatever_it_is_called_by_then() {
    let firm = Firm::new();
    let engine = firm.engine();
    for team in ["访客", "总部"] {
        engine.add_team(&firm.head, team).unwrap();
    }
    let to = UserChange { roles: None, team: Some("访客".into()) };
    let waits = waiting(engine.change_user(&firm.head, "demo.other", &to));
    let rename = |from: &str, to: &str| {
        let name = TeamChange { name: Some(to.into()), ..TeamChange::default() };
        engine.change_team(&firm.head, from, &name).unwrap().done().unwrap();
    };
    rename("访客", "旧访客");
    rename("总部", "访客");
    assert_eq!(firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap().state, "moved");
    let users = engine.users(&firm.head).unwrap();
    assert_eq!(users.iter().find(|user| user.name == "demo.other").unwrap().team, "华东");
}

#[test]
fn flows_are_of_what_can_wait_and_spot_checks_let_others_through() {
    let firm = Firm::new();
    let engine = firm.engine();
    let mut merges = remarks(json!({ "who": "manager" }));
    merges.when = WhenForm { commands: vec![dossier_approvals::Command::Merge], kind: None, ..merges.when };
    merges.when.fields.clear();
    assert_eq!(key(engine.add_flow(&firm.head, &merges)), "flow_not_gated");
    let spot = remarks(json!({ "who": { "role": { "role": "CDO", "of": "anywhere" } }, "spot": 1 }));
    let added = waiting(engine.add_flow(&firm.head, &spot));
    assert_eq!(firm.decide(&firm.second, &added.id, Verdict::Agree).unwrap().state, "executed");
    let mut record = firm.record();
    let mut through = 0;
    for round in 0..8 {
        if let Carried::Done(done) = firm.ask(&record, json!({ "remarks": format!("第{round}次") })).unwrap()
        {
            through += 1;
            record = done.record;
        }
    }
    assert!(through > 0, "one in a hundred is drawn");
    firm.world.assert_sound();
}

#[test]
fn who_decides_has_the_role_at_that_moment() {
    let firm = Firm::new();
    let engine = firm.engine();
    let until = RoleForm {
        name: "临时主管".into(),
        inherits: vec!["CDO".into()],
        last_day: Some("2026-11-23".into()),
        ..RoleForm::default()
    };
    let role = waiting(engine.add_role(&firm.head, &until));
    firm.decide(&firm.second, &role.id, Verdict::Agree).unwrap();
    let given = UserChange { roles: Some(vec!["CDE".into(), "临时主管".into()]), team: None };
    let given = waiting(engine.change_user(&firm.head, "demo.other", &given));
    firm.decide(&firm.second, &given.id, Verdict::Agree).unwrap();
    let form = RoleForm { name: "查看".into(), actions: vec!["read".into()], ..RoleForm::default() };
    let waits = waiting(engine.add_role(&firm.head, &form));
    let names: BTreeSet<&str> = waits.waits_for.iter().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["demo.other", "demo.second"]));
    firm.world.clock.advance(3 * 24 * HOUR);
    assert_eq!(engine.request(&firm.head, &waits.id).unwrap().flows[0].waits_for, ["demo.second"]);
    assert_eq!(key(firm.decide(&firm.other, &waits.id, Verdict::Agree)), "approval_not_asked");
}

#[test]
fn two_persons_take_two() {
    let world = World::new();
    let engine = world.engine();
    assert_eq!(key(engine.begin_flows(&world.operator(), false)), "flows_need_two");
    let alone = engine.begin_flows(&world.operator(), true).unwrap();
    assert!(!alone.is_empty());
    world.assert_sound();
}
