//! Leaving, transfer, demotion, secondment: what ends with it, and who takes over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, demo, person, sign_in};
use dossier_engine::model::Fault;
use dossier_engine::{
    Caller, Carried, Change, Create, Deciding, Engine, HandOver, Leave, Leaving, LedgerQuery, ListQuery,
    Origin, Record, RequestBox, RoleForm, Settings, TeamChange, User, UserChange, Verdict,
};
use serde_json::{Value as Json, json};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// A head, two teams of which one has a lead, a seller there with a colleague, and somebody of the other team.
struct Firm {
    world: World,
    head: Caller,
    lead: Caller,
    seller: Caller,
    next: Caller,
}

impl Firm {
    fn new() -> Firm {
        let mut world = World::new();
        world.close();
        let mut options = world.options();
        options.settings = Settings { sign_in: demo(), ..Settings::default() };
        world.engine = Some(Engine::open_folder(&options).unwrap());
        let engine = world.engine();
        let operator = world.operator();
        engine.add_team(&operator, "华东").unwrap();
        engine.add_team(&operator, "华南").unwrap();
        let head = person(engine, &operator, "demo.head", "CDO", None);
        let lead = person(engine, &head, "demo.lead", "CDA", Some("华东"));
        let seller = person(engine, &head, "demo.seller", "CDE", Some("华东"));
        let next = person(engine, &head, "demo.next", "CDE", Some("华东"));
        person(engine, &head, "demo.other", "CDE", Some("华南"));
        let leads = TeamChange { lead: Some("demo.lead".into()), ..TeamChange::default() };
        engine.change_team(&head, "华东", &leads).unwrap().done().unwrap();
        Firm { world, head, lead, seller, next }
    }

    fn engine(&self) -> &Engine {
        self.world.engine()
    }

    /// A dossier that the seller answers for, with somebody in it.
    fn dossier(&self, at: usize) -> Record {
        let mut ask = customer(json!({ "name": format!("示例移交{at}有限公司"), "subject": "A" }));
        ask.team = Some("华东".into());
        let record = self.engine().create(&self.seller, &ask).unwrap().record;
        let ask = Create {
            kind: "contact".into(),
            dossier: Some(record.id.clone()),
            fields: common::fields(json!({ "name": "示例联系人", "mobile": "15400000001" })),
            ..Create::default()
        };
        self.engine().create(&self.seller, &ask).unwrap();
        record
    }

    fn leave(&self, name: &str, ask: &Leave) -> Result<User, Fault> {
        self.engine().leave(&self.head, name, ask)
    }

    fn owner(&self, record: &Record) -> Option<String> {
        self.engine().read(&self.head, "customer", &record.id, false).unwrap().owner
    }

    fn waiting_for(&self, who: &Caller) -> Vec<HandOver> {
        self.engine().hand_overs(who, false).unwrap()
    }

    /// Takes over what waits, and waits until the server has done it.
    fn take(&self, who: &Caller) -> HandOver {
        let one = self.waiting_for(who).remove(0);
        let taken = self.engine().take_over(who, &one.id).unwrap().done().unwrap();
        self.done();
        taken
    }

    fn done(&self) {
        let _worker = self.engine().import_worker();
        let begun = Instant::now();
        while self.engine().hand_overs(&self.head, true).unwrap().iter().any(|one| one.state == "running") {
            assert!(begun.elapsed() < Duration::from_secs(60), "it is never done");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn notes(&self, action: &str) -> Vec<Json> {
        let query = LedgerQuery { log: "change".into(), limit: Some(60), ..LedgerQuery::default() };
        let items = self.engine().ledger(&self.world.operator(), &query).unwrap().items;
        let entries = items.iter().map(|entry| serde_json::to_value(entry).unwrap());
        entries.filter(|entry| entry["action"] == action).map(|entry| entry["note"].clone()).collect()
    }
}

fn to(successor: &str) -> Leave {
    Leave { successor: Some(successor.into()), ..Leave::of(Leaving::Left) }
}

fn key<T>(result: Result<T, Fault>) -> &'static str {
    result.map(drop).expect_err("should be refused").key
}

fn rounds() -> usize {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

#[test]
fn whoever_leaves_has_nothing_any_more_and_the_successor_takes_over_what_they_answered_for() {
    let firm = Firm::new();
    let engine = firm.engine();
    let dossiers: Vec<Record> = (0..40).map(|at| firm.dossier(at)).collect();
    let program = engine.add_client(&firm.seller, "示例程序", &["CDE"], Some("华东"));
    assert_eq!(key(program), "action_not_allowed");
    let link = engine.renew_user(&firm.head, "demo.other").unwrap();
    let left = firm.leave("demo.seller", &to("demo.next")).unwrap();
    assert!(left.disabled && left.sessions == 0);
    assert_eq!(key(engine.read(&firm.seller, "customer", &dossiers[0].id, false)), "unauthenticated");
    // Nothing has another owner before somebody takes it over, and that is who was named.
    assert_eq!(firm.owner(&dossiers[0]).as_deref(), Some("demo.seller"));
    assert!(firm.waiting_for(&firm.lead).is_empty());
    let one = firm.waiting_for(&firm.next).remove(0);
    assert_eq!((one.from.as_str(), one.how, one.dossiers), ("demo.seller", "left", 40));
    assert_eq!(key(engine.take_over(&firm.lead, &one.id).map(drop)), "not_found");
    assert_eq!(key(engine.take_over(&firm.world.operator(), &one.id).map(drop)), "people_only");
    assert_eq!(firm.take(&firm.next).state, "running");
    for record in &dossiers {
        let now = engine.read(&firm.head, "customer", &record.id, false).unwrap();
        assert_eq!((now.owner.as_deref(), now.version), (Some("demo.next"), record.version + 1));
    }
    // All that is in a dossier is where the dossier is.
    let contacts =
        ListQuery { kind: "contact".into(), dossier: Some(dossiers[3].id.clone()), ..ListQuery::default() };
    assert_eq!(engine.list(&firm.next, &contacts).unwrap().items.len(), 1);
    assert!(firm.waiting_for(&firm.next).is_empty());
    assert_eq!(key(engine.take_over(&firm.next, &one.id).map(drop)), "hand_over_taken");
    let notes = firm.notes("user_leave");
    assert_eq!(notes[0]["step"], "left");
    assert_eq!(notes[0]["difference"], "demo.seller: CDE · 华东 → –");
    assert!(firm.notes("hand_over").iter().any(|note| note["state"] == "done" && note["moved"] == 40));
    drop(link);
    firm.world.assert_sound();
}

#[test]
fn the_line_manager_takes_over_where_nobody_is_named_and_nobody_else_may_be_named_by_others() {
    let firm = Firm::new();
    firm.dossier(0);
    firm.leave("demo.seller", &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(firm.waiting_for(&firm.lead).len(), 1);
    // Once more, with somebody else: the same hand-over goes on to them.
    firm.leave("demo.seller", &to("demo.next")).unwrap();
    assert!(firm.waiting_for(&firm.lead).is_empty());
    assert_eq!(firm.waiting_for(&firm.next)[0].dossiers, 1);
    // Let in again they answer for it themselves.
    firm.engine().enable_user(&firm.head, "demo.seller").unwrap().done().unwrap();
    assert!(firm.waiting_for(&firm.next).is_empty());
    for nobody in ["demo.seller", "没有此人"] {
        assert_eq!(key(firm.leave("demo.seller", &to(nobody))), "user_not_found");
    }
    // Nobody leads a head.
    let engine = firm.engine();
    person(engine, &firm.head, "demo.second", "CDO", None);
    engine.add_client(&sign_in(engine, "demo.second"), "示例程序", &["CDE"], None).unwrap();
    firm.leave("demo.second", &Leave::of(Leaving::Left)).unwrap();
    let all = engine.hand_overs(&firm.head, true).unwrap();
    let one = all.iter().find(|one| one.from == "demo.second").unwrap();
    assert_eq!((one.heir.as_deref(), one.programs.as_slice()), (None, &["示例程序".to_owned()][..]));
    assert_eq!(key(engine.hand_overs(&firm.next, true)), "action_not_allowed");
    assert_eq!(key(firm.leave("demo.head", &Leave::of(Leaving::Left))), "last_keeper");
}

#[test]
fn whoever_moves_keeps_what_they_had_elsewhere_and_no_role_that_is_not_named() {
    let firm = Firm::new();
    let engine = firm.engine();
    let there = firm.dossier(0);
    let moved = Leave { team: Some("华南".into()), ..Leave::of(Leaving::Transferred) };
    let user = firm.leave("demo.seller", &moved).unwrap();
    assert_eq!((user.roles.len(), user.team.as_str(), user.disabled), (0, "华南", false));
    assert_eq!(key(engine.read(&firm.seller, "customer", &there.id, false)), "action_not_allowed");
    assert_eq!(firm.waiting_for(&firm.lead).len(), 1);
    // Signed in again they may do nothing, until they are given something.
    let seller = sign_in(engine, "demo.seller");
    assert_eq!(
        key(engine.create(&seller, &customer(json!({ "name": "甲", "subject": "A" })))),
        "action_not_allowed"
    );
    let given = UserChange { roles: Some(vec!["CDE".into()]), team: None };
    engine.change_user(&firm.head, "demo.seller", &given).unwrap().done().unwrap();
    let mut ask = customer(json!({ "name": "示例新客户有限公司", "subject": "A" }));
    ask.team = Some("华南".into());
    let new = engine.create(&sign_in(engine, "demo.seller"), &ask).unwrap().record;
    firm.take(&firm.lead);
    assert_eq!(firm.owner(&there).as_deref(), Some("demo.lead"));
    assert_eq!(firm.owner(&new).as_deref(), Some("demo.seller"));
    // A lead who is demoted leads no more, and keeps a role only if they had it.
    let gives = Leave { roles: Some(vec!["CDO".into()]), ..Leave::of(Leaving::Demoted) };
    assert_eq!(key(firm.leave("demo.lead", &gives)), "leave_gives");
    let both =
        Leave {
            roles: Some(vec!["CDA".into()]), team: Some("华南".into()), ..Leave::of(Leaving::Seconded)
        };
    assert_eq!(key(firm.leave("demo.lead", &both)), "leave_gives");
    firm.leave("demo.lead", &Leave::of(Leaving::Demoted)).unwrap();
    let teams = engine.teams(&firm.head).unwrap();
    assert_eq!(teams.iter().find(|team| team.name == "华东").unwrap().lead, None);
    firm.world.assert_sound();
}

#[test]
fn what_waits_for_somebody_who_leaves_waits_for_whoever_comes_after_them() {
    let firm = Firm::new();
    let record = firm.dossier(0);
    firm.leave("demo.seller", &to("demo.next")).unwrap();
    firm.leave("demo.next", &Leave::of(Leaving::Left)).unwrap();
    let waiting = firm.waiting_for(&firm.lead);
    assert_eq!(waiting.iter().map(|one| one.from.as_str()).collect::<Vec<_>>(), ["demo.seller"]);
    firm.take(&firm.lead);
    assert_eq!(firm.owner(&record).as_deref(), Some("demo.lead"));
}

#[test]
fn nobody_is_shut_out_by_whoever_has_less() {
    let firm = Firm::new();
    let engine = firm.engine();
    assert_eq!(key(engine.leave(&firm.next, "demo.seller", &Leave::of(Leaving::Left))), "action_not_allowed");
    let clerk = engine.operator(&Origin::default(), 0, None).unwrap();
    assert_eq!(key(engine.leave(&clerk, "demo.head", &Leave::of(Leaving::Left))), "cdo_required");
    person(engine, &firm.head, "demo.second", "CDO", None);
    assert_eq!(key(engine.leave(&clerk, "demo.second", &Leave::of(Leaving::Left))), "cdo_required");
    assert_eq!(key(engine.end_sessions(&clerk, "demo.second")), "cdo_required");
    assert!(!engine.leave(&clerk, "demo.seller", &Leave::of(Leaving::Demoted)).unwrap().disabled);
}

#[test]
fn whoever_looks_after_one_team_gives_nothing_to_another() {
    let firm = Firm::new();
    let engine = firm.engine();
    let form = RoleForm {
        name: "人事".into(),
        actions: ["read", "create", "manage_access"].map(Into::into).to_vec(),
        ..RoleForm::default()
    };
    engine.add_role(&firm.head, &form).unwrap().done().unwrap();
    person(engine, &firm.head, "demo.staff", "人事", Some("华东"));
    let all = UserChange { roles: Some(["人事", "CDE", "CDU"].map(Into::into).to_vec()), team: None };
    engine.change_user(&firm.head, "demo.staff", &all).unwrap().done().unwrap();
    let lead = &sign_in(engine, "demo.staff");
    let more = UserChange { roles: Some(vec!["CDE".into(), "CDU".into()]), team: None };
    let other = sign_in(engine, "demo.other");
    assert_eq!(key(engine.change_user(lead, "demo.other", &more).map(drop)), "cdo_required");
    assert_eq!(key(engine.renew_user(lead, "demo.other")), "cdo_required");
    firm.leave("demo.other", &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(key(engine.enable_user(lead, "demo.other").map(drop)), "cdo_required");
    // What is theirs is not passed on across teams either.
    assert_eq!(key(engine.leave(lead, "demo.seller", &to("demo.head"))), "cdo_required");
    assert_eq!(key(engine.read(&other, "customer", &firm.dossier(0).id, false)), "unauthenticated");
    engine.change_user(lead, "demo.seller", &more).unwrap().done().unwrap();
    engine.renew_user(lead, "demo.seller").unwrap();
}

#[test]
fn a_lead_whose_role_is_taken_leads_no_more() {
    let firm = Firm::new();
    let engine = firm.engine();
    let none = UserChange { roles: Some(Vec::new()), team: None };
    engine.change_user(&firm.head, "demo.lead", &none).unwrap().done().unwrap();
    let teams = engine.teams(&firm.head).unwrap();
    assert_eq!(teams.iter().find(|team| team.name == "华东").unwrap().lead, None);
}

#[test]
fn where_approvals_have_begun_taking_away_does_not_wait_and_taking_over_does() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.dossier(0);
    person(engine, &firm.head, "demo.second", "CDO", None);
    engine.begin_flows(&firm.head, false).unwrap();
    let asked = |who: &Caller| {
        let now = engine.read(who, "customer", &record.id, false).unwrap();
        match engine.change(who, &change(&now, json!({ "phone": "15400000002" }))).unwrap() {
            Carried::Waits(waiting) => waiting.id,
            Carried::Done(_) => panic!("should wait"),
        }
    };
    let (request, other) = (asked(&firm.seller), asked(&firm.next));
    firm.leave("demo.seller", &to("demo.next")).unwrap();
    let agree = |who: &Caller, id: &str| {
        engine.decide(who, id, &Deciding { verdict: Verdict::Agree, remark: None, bulk: false })
    };
    assert_eq!(key(agree(&firm.lead, &request).map(drop)), "approval_ended");
    let ended = engine.requests(&firm.lead, RequestBox::Ended, None).unwrap().items.remove(0);
    assert_eq!((ended.state, ended.why.as_deref()), ("dropped", Some("asker")));
    let one = firm.waiting_for(&firm.next).remove(0);
    let Carried::Waits(waiting) = engine.take_over(&firm.next, &one.id).unwrap() else {
        panic!("should wait")
    };
    assert_eq!(waiting.waits_for, ["demo.lead"]);
    assert_eq!(key(engine.take_over(&firm.next, &one.id).map(drop)), "approval_asked_already");
    assert_eq!(firm.owner(&record).as_deref(), Some("demo.seller"));
    let shown = engine.request(&firm.lead, &waiting.id).unwrap();
    assert_eq!(shown.difference.as_deref(), Some("owner: demo.seller → demo.next\ndossiers: 1"));
    assert_eq!(agree(&firm.lead, &waiting.id).unwrap().state, "executed");
    firm.done();
    assert_eq!(firm.owner(&record).as_deref(), Some("demo.next"));
    // What others asked for goes on.
    assert_eq!(engine.request(&firm.next, &other).unwrap().state, "waiting");
    firm.world.assert_sound();
}

#[test]
fn a_take_over_that_was_approved_for_somebody_who_left_meanwhile_is_not_carried_out() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.dossier(0);
    person(engine, &firm.head, "demo.second", "CDO", None);
    engine.begin_flows(&firm.head, false).unwrap();
    firm.leave("demo.seller", &to("demo.next")).unwrap();
    let one = firm.waiting_for(&firm.next).remove(0);
    let Carried::Waits(waiting) = engine.take_over(&firm.next, &one.id).unwrap() else {
        panic!("should wait")
    };
    firm.leave("demo.seller", &to("demo.lead")).unwrap();
    let agree = Deciding { verdict: Verdict::Agree, remark: None, bulk: false };
    assert_eq!(engine.decide(&firm.lead, &waiting.id, &agree).unwrap().state, "moved");
    firm.done();
    assert_eq!(firm.owner(&record).as_deref(), Some("demo.seller"));
    assert_eq!(firm.waiting_for(&firm.lead).len(), 1);
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

#[test]
fn a_write_of_whoever_leaves_comes_before_it_or_not_at_all() {
    let firm = Firm::new();
    let engine = firm.engine();
    let record = firm.dossier(0);
    for round in 0..rounds() {
        let seller = sign_in(engine, "demo.seller");
        let now = engine.read(&firm.head, "customer", &record.id, false).unwrap();
        let ask =
            Change { expect: now.version, ..change(&now, json!({ "remarks": format!("第 {round} 次") })) };
        let (changed, left) = race(
            || engine.change(&seller, &ask).map(drop),
            || firm.leave("demo.seller", &Leave::of(Leaving::Left)),
        );
        left.unwrap();
        let after = engine.read(&firm.head, "customer", &record.id, false).unwrap();
        assert_eq!(after.version, now.version + u32::from(changed.is_ok()), "{round}");
        if let Err(fault) = changed {
            assert!(["session_ended", "unauthenticated"].contains(&fault.key), "{round} {fault}");
        }
        // Whatever was done was done before: the ledger's newest entries of the person are older than the leaving.
        assert_eq!(key(engine.read(&seller, "customer", &record.id, false)), "unauthenticated");
        engine.enable_user(&firm.head, "demo.seller").unwrap().done().unwrap();
    }
    firm.world.assert_sound();
}

#[test]
fn an_heir_who_leaves_while_dossiers_are_on_their_way_leaves_none_behind() {
    let firm = Firm::new();
    let engine = firm.engine();
    let dossiers: Vec<Record> = (0..24).map(|at| firm.dossier(at)).collect();
    firm.leave("demo.seller", &to("demo.next")).unwrap();
    for round in 0..rounds().div_ceil(4) {
        let (heir, after) =
            if round % 2 == 0 { ("demo.next", "demo.lead") } else { ("demo.lead", "demo.next") };
        let caller = sign_in(engine, heir);
        for one in firm.waiting_for(&caller) {
            engine.take_over(&caller, &one.id).unwrap().done().unwrap();
        }
        let (_worker, left) = race(|| engine.import_worker(), || firm.leave(heir, &to(after)));
        left.unwrap();
        drop(_worker);
        firm.done();
        // Whoever answered for one is somebody for whom a hand-over is open, or who was handed it.
        let open = engine.hand_overs(&firm.head, true).unwrap();
        let left: Vec<&str> = open.iter().map(|one| one.from.as_str()).collect();
        for record in &dossiers {
            let owner = firm.owner(record).unwrap();
            assert!(left.contains(&owner.as_str()) || owner == after, "{round} {owner} {left:?}");
        }
        // What they were handed already they answer for again.
        engine.enable_user(&firm.head, heir).unwrap().done().unwrap();
    }
    firm.world.assert_sound();
}
