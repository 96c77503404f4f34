//! What somebody applies for: in force once others have agreed, for exactly what was applied for, and gone by itself.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::office::{Firm, HOUR, key, race, rounds, waiting};
use common::{person, sign_in};
use dossier_engine::model::Fault;
use dossier_engine::{
    Application, Caller, Carried, Create, GrantBox, GrantShown, Leave, Leaving, ListQuery, Record,
    RequestBox, RoleForm, Search, TeamChange, UserChange, Verdict,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The firm, with somebody in finance who uses data, her manager, and the administrator of finance's data.
struct Finance {
    firm: Firm,
    user: Caller,
    manager: Caller,
    keeper: Caller,
}

impl Finance {
    fn new() -> Finance {
        let firm = Firm::new();
        let engine = firm.engine();
        engine.add_team(&firm.head, "财务").unwrap();
        let add = |name: &str, role: &str| {
            let waits =
                engine.add_user(&firm.head, name, &[role], Some("财务")).map(|carried| match carried {
                    Carried::Waits(waits) => waits,
                    Carried::Done(_) => panic!("should wait"),
                });
            firm.decide(&firm.second, &waits.unwrap().id, Verdict::Agree).unwrap();
            let link = engine.renew_user(&firm.head, name).unwrap();
            common::set_up(engine, &link.set_up, name)
        };
        let (user, manager, keeper) =
            (add("demo.user", "CDU"), add("demo.manager", "CDE"), add("demo.keeper", "CDA"));
        let leads = TeamChange { lead: Some("demo.manager".into()), ..TeamChange::default() };
        let waits = waiting(engine.change_team(&firm.head, "财务", &leads));
        firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
        Finance { firm, user, manager, keeper }
    }

    fn use_of(&self, records: &[&Record], last_day: &str) -> Application {
        Application {
            purpose: "季度对账".into(),
            last_day: Some(last_day.into()),
            dossiers: records.iter().map(|record| record.code.clone().unwrap()).collect(),
            actions: vec!["reveal".into()],
            fields: BTreeMap::from([
                ("customer.name".into(), "clear".into()),
                ("customer.phone".into(), "clear".into()),
                ("customer.email".into(), "openable".into()),
            ]),
            ..Application::default()
        }
    }

    fn apply(&self, ask: &Application) -> Result<String, Fault> {
        self.firm.engine().apply(&self.user, ask).map(|carried| match carried {
            Carried::Waits(waits) => waits.id,
            Carried::Done(()) => panic!("an application waits for others"),
        })
    }

    /// Everybody who is asked agrees.
    fn agree(&self, id: &str) {
        for who in [&self.manager, &self.keeper, &self.firm.second] {
            if self.firm.engine().request(who, id).is_ok_and(|request| request.may.contains(&"agree")) {
                self.firm.decide(who, id, Verdict::Agree).unwrap();
            }
        }
        assert_eq!(self.firm.engine().request(&self.user, id).unwrap().state, "executed");
    }

    fn own(&self) -> Vec<GrantShown> {
        self.firm.engine().grants(&self.user, GrantBox::Own).unwrap().items
    }

    /// The one that holds.
    fn live(&self) -> GrantShown {
        self.own().into_iter().find(|grant| grant.state == "live").unwrap()
    }

    fn reads(&self, record: &Record) -> Result<Record, Fault> {
        self.firm.engine().read(&self.user, "customer", &record.id, false)
    }

    /// How many dossiers the user's list has.
    fn listed(&self) -> (usize, u64) {
        let query = ListQuery { kind: "customer".into(), ..ListQuery::default() };
        let engine = self.firm.engine();
        (engine.list(&self.user, &query).unwrap().items.len(), engine.count(&self.user, &query).unwrap())
    }

    fn days(&self, days: i64) {
        self.firm.world.clock.advance(days * 24 * HOUR);
    }
}

/// Waits for what runs beside.
fn until(done: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing has happened");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_use_of_data_is_in_force_at_once_for_exactly_that_and_ends_by_itself() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let (meant, other) = (firm.record(), firm.another("91350100M000100Y43"));
    let contact = Create {
        kind: "contact".into(),
        dossier: Some(meant.id.clone()),
        fields: common::fields(json!({ "name": "示例联系人" })),
        ..Create::default()
    };
    let contact = engine.create(&firm.seller, &contact).unwrap().record;
    assert_eq!(key(finance.reads(&meant)), "not_found");
    // 2026-11-22, so the sixth of December is the fifteenth day.
    let id = finance.apply(&finance.use_of(&[&meant], "2026-12-06")).unwrap();
    assert_eq!(key(finance.reads(&meant)), "not_found", "it waits");
    let asked = engine.request(&finance.manager, &id).unwrap();
    assert_eq!(
        (asked.command, asked.hidden, asked.dossiers.len()),
        ("use", 1, 0),
        "she does not read it either"
    );
    assert_eq!(asked.said[0].text.as_deref(), Some("季度对账"));
    let difference = asked.difference.unwrap();
    assert!(
        difference.contains("dossiers: – → 1")
            && !difference.contains(meant.code.as_ref().unwrap().get(..15).unwrap())
    );
    // The administrator of finance does not decide before the manager, nor the one of another department at all.
    assert_eq!(key(firm.decide(&finance.keeper, &id, Verdict::Agree)), "not_found");
    assert_eq!(key(firm.decide(&firm.lead, &id, Verdict::Agree)), "not_found");
    firm.world.clock.advance(2 * HOUR);
    finance.agree(&id);

    let seen = finance.reads(&meant).unwrap();
    assert_eq!(seen.fields.get("phone"), Some(json!("+8615400000001")));
    assert_ne!(seen.fields.get("email"), Some(json!("a@example.com")), "only to be opened");
    assert!(seen.fields.get("subject").is_none(), "not applied for");
    assert_eq!(finance.listed(), (1, 1));
    engine.catch_up_names().unwrap();
    let hits = engine.search(&finance.user, &Search::of("示例")).unwrap();
    assert_eq!(hits.items.iter().map(|hit| &hit.id).collect::<Vec<_>>(), [&meant.id]);
    assert_eq!(key(finance.reads(&other)), "not_found");
    assert_eq!(
        key(engine.read(&finance.user, "contact", &contact.id, false)),
        "not_found",
        "no field of contacts"
    );
    let change = common::change(&meant, json!({ "remarks": "到访" }));
    assert_eq!(key(engine.change(&finance.user, &change)), "action_not_allowed");
    let own = finance.own();
    assert_eq!((own.len(), own[0].state, own[0].last_day.as_str()), (1, "live", "2026-12-06"));
    assert!(meant.code.as_ref().unwrap().starts_with(own[0].dossiers[0].code.as_ref().unwrap()));
    let page = engine.grants(&finance.keeper, GrantBox::All).unwrap();
    assert_eq!(page.average_minutes, Some(120));
    assert_eq!(page.items[0].person, "demo.user");

    // Nothing has run: on the day after the last it is over all the same.
    finance.days(14);
    assert!(finance.reads(&meant).is_ok());
    finance.days(1);
    assert_eq!(key(finance.reads(&meant)), "not_found");
    assert_eq!(finance.listed(), (0, 0));
    assert_eq!(finance.own()[0].state, "over");
    // What runs signs the holder out, and says so in the ledger.
    let sessions = || {
        let users = engine.users(&firm.head).unwrap();
        users.iter().find(|user| user.name == "demo.user").unwrap().sessions
    };
    assert!(sessions() > 0);
    let background = engine.background();
    until(|| sessions() == 0);
    drop(background);
    let ended = firm.notes("grant_end");
    assert!(ended.last().unwrap().1.contains(&("step".to_owned(), "over".to_owned())), "{ended:?}");
    let again = sign_in(engine, "demo.user");
    assert_eq!(engine.grants(&again, GrantBox::Own).unwrap().items[0].state, "over");
    // Long after, it is cleared away, and everything still fits together.
    finance.days(8);
    let background = engine.background();
    let again = sign_in(engine, "demo.user");
    until(|| engine.grants(&again, GrantBox::Own).unwrap().items.is_empty());
    drop(background);
    firm.world.assert_sound();
    let mut world = finance.firm.world;
    world.open();
    world.assert_sound();
}

#[test]
fn nothing_is_held_longer_by_one_grant_after_the_other() {
    let finance = Finance::new();
    let (meant, other) = (finance.firm.record(), finance.firm.another("91350100M000100Y43"));
    for day in ["2026-11-21", "2026-12-07", "2027-12-01", "2026-13-01", "tomorrow"] {
        let found = key(finance.apply(&finance.use_of(&[&meant], day)));
        assert!(["grant_too_long", "choice_unknown"].contains(&found), "{day}: {found}");
    }
    let id = finance.apply(&finance.use_of(&[&meant], "2026-11-30")).unwrap();
    finance.agree(&id);
    // Within the fifteen days from its beginning it may be longer, and not beyond.
    finance.days(8);
    let fault = finance.apply(&finance.use_of(&[&meant], "2026-12-07")).unwrap_err();
    assert_eq!(
        (fault.key, &fault.params[0].1, &fault.params[1].1),
        ("grant_stacked", &"2026-12-06".to_owned(), &"2026-12-08".to_owned())
    );
    let id = finance.apply(&finance.use_of(&[&meant, &other], "2026-12-06")).unwrap();
    finance.agree(&id);
    finance.days(7);
    let longer = finance.use_of(&[&other], "2026-12-15");
    assert_eq!(key(finance.apply(&longer)), "grant_stacked");
    // What was agreed to in the meantime counts when it is carried out.
    finance.days(8);
    let user = sign_in(finance.firm.engine(), "demo.user");
    let finance = Finance { user, ..finance };
    let [first, second] = ["2026-12-29", "2026-12-30"].map(|day| finance.use_of(&[&meant], day));
    assert_eq!(key(finance.apply(&second)), "grant_too_long");
    let ids = [
        finance.apply(&first).unwrap(),
        finance.apply(&Application { purpose: "再次对账".into(), ..first }).unwrap(),
    ];
    for id in &ids {
        finance.agree(id);
    }
}

#[test]
fn whoever_holds_it_or_looks_after_it_ends_it() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let record = firm.record();
    let grant = |finance: &Finance| {
        let id = finance.apply(&finance.use_of(&[&record], "2026-11-23")).unwrap();
        finance.agree(&id);
        finance.live().id
    };
    let first = grant(&finance);
    // Those who have nothing to do with it do not find it.
    for who in [&firm.seller, &firm.lead, &finance.manager] {
        assert_eq!(key(engine.end_grant(who, &first)), "not_found");
    }
    assert_eq!(key(engine.grants(&firm.seller, GrantBox::All)), "action_not_allowed");
    assert!(engine.grants(&firm.lead, GrantBox::All).unwrap().items.is_empty());
    // Of what the administrator does not read she is not told which one it is, nor what for.
    let seen = &engine.grants(&finance.keeper, GrantBox::All).unwrap().items[0];
    assert_eq!(
        (seen.dossiers.len(), seen.hidden_dossiers, seen.purpose.clone(), seen.may_end),
        (0, 1, None, true)
    );
    assert_eq!(
        engine.grants(&firm.head, GrantBox::All).unwrap().items[0].purpose.as_deref(),
        Some("季度对账")
    );
    let ended = engine.end_grant(&finance.keeper, &first).unwrap();
    assert_eq!((ended.state, ended.ended_by.as_deref()), ("withdrawn", Some("demo.keeper")));
    assert_eq!(key(finance.reads(&record)), "not_found");
    assert_eq!(key(engine.end_grant(&finance.keeper, &first)), "grant_ended");
    let second = grant(&finance);
    assert!(finance.reads(&record).is_ok());
    assert_eq!(engine.end_grant(&finance.user, &second).unwrap().state, "done");
    assert_eq!(key(finance.reads(&record)), "not_found");
    firm.world.assert_sound();
}

#[test]
fn a_role_is_applied_for_for_a_time_or_for_good() {
    let finance = Finance::new();
    let engine = finance.firm.engine();
    let ask = |role: &str, last_day: Option<&str>| Application {
        purpose: "代班".into(),
        role: Some(role.into()),
        last_day: last_day.map(str::to_owned),
        ..Application::default()
    };
    for role in ["CDO", "CDA", "ISA"] {
        assert_eq!(key(finance.apply(&ask(role, Some("2026-11-25")))), "grant_role", "{role}");
        assert_eq!(key(finance.apply(&ask(role, None))), "grant_role", "{role}");
    }
    assert_eq!(key(finance.apply(&ask("CDU", None))), "grant_held");
    assert_eq!(key(finance.apply(&ask("无此角色", None))), "role_unknown");
    let mixed = Application { actions: vec!["reveal".into()], ..ask("CDE", None) };
    assert_eq!(key(finance.apply(&mixed)), "grant_role_alone");
    let may_create = || {
        let mut record = common::customer(json!({ "name": "示例代班有限公司", "subject": "A" }));
        record.team = Some("财务".into());
        engine.create(&finance.user, &record).map(drop)
    };
    assert_eq!(key(may_create()), "action_not_allowed");
    let id = finance.apply(&ask("CDE", Some("2026-11-23"))).unwrap();
    finance.agree(&id);
    may_create().unwrap();
    assert_eq!(finance.own()[0].role.as_deref(), Some("CDE"));
    finance.days(2);
    assert_eq!(key(may_create()), "action_not_allowed");
    let id = finance.apply(&ask("CDE", None)).unwrap();
    finance.agree(&id);
    finance.days(30);
    let user = sign_in(engine, "demo.user");
    let finance = Finance { user, ..finance };
    let me = finance.firm.engine().users(&finance.firm.head).unwrap();
    let me = me.iter().find(|user| user.name == "demo.user").unwrap();
    assert_eq!(me.roles, ["CDU", "CDE"]);
}

#[test]
fn nobody_gets_anything_without_others_or_beyond_what_can_be_applied_for() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let record = firm.record();
    let ask = finance.use_of(&[&record], "2026-11-25");
    let wrong = [
        (Application { purpose: " ".into(), ..ask.clone() }, "purpose_required"),
        (Application { last_day: None, ..ask.clone() }, "required"),
        (Application { fields: BTreeMap::new(), ..ask.clone() }, "required"),
        (Application { dossiers: Vec::new(), ..ask.clone() }, "required"),
        (Application { actions: vec!["delete".into()], ..ask.clone() }, "choice_unknown"),
        (Application { actions: vec!["manage_access".into()], ..ask.clone() }, "choice_unknown"),
        (Application { highest: Some("L9".into()), ..ask.clone() }, "choice_unknown"),
        (Application { teams: Some("all".into()), ..ask.clone() }, "grant_scope"),
        (Application { dossiers: vec!["C012600000999NC".into()], ..ask.clone() }, "grant_dossiers"),
        (
            Application { fields: [("customer.nothing".into(), "clear".into())].into(), ..ask.clone() },
            "unknown_field",
        ),
        (
            Application { fields: [("customer.name".into(), "sideways".into())].into(), ..ask.clone() },
            "choice_unknown",
        ),
    ];
    for (ask, expected) in wrong {
        assert_eq!(key(finance.apply(&ask)), expected);
    }
    // A program, and the account of the operating system, apply for nothing.
    for who in [&firm.world.operator_as("demo.user"), &firm.world.operator()] {
        assert_eq!(key(engine.apply(who, &ask)), "people_only");
    }
    // Whoever is refused has nothing, and what waited when a role was taken from them is dropped.
    let id = finance.apply(&ask).unwrap();
    assert_eq!(key(finance.apply(&ask)), "approval_asked_already");
    firm.decide(&finance.manager, &id, Verdict::Refuse).unwrap();
    assert_eq!(key(finance.reads(&record)), "not_found");
    let id = finance.apply(&ask).unwrap();
    firm.decide(&finance.manager, &id, Verdict::Agree).unwrap();
    let change = UserChange { roles: Some(vec!["CDE".into()]), team: None };
    let waits = waiting(engine.change_user(&firm.head, "demo.user", &change));
    firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
    let _ = firm.decide(&finance.keeper, &id, Verdict::Agree);
    let user = sign_in(engine, "demo.user");
    let finance = Finance { user, ..finance };
    assert!(finance.own().is_empty());
    let inbox = finance.firm.engine().requests(&finance.user, RequestBox::Ended, None).unwrap();
    assert!(inbox.items.iter().any(|request| request.id == id && request.state == "dropped"));
}

#[test]
fn before_approvals_have_begun_nothing_can_be_applied_for() {
    let world = common::World::new();
    let engine = world.engine();
    let user = person(engine, &world.operator(), "demo.user", "CDU", None);
    let ask = Application { purpose: "对账".into(), ..Application::default() };
    assert_eq!(key(engine.apply(&user, &ask)), "flows_not_begun");
}

#[test]
fn a_role_that_somebody_has_for_a_time_stays_and_is_not_passed_on() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let form = RoleForm { name: "夜班".into(), actions: vec!["read".into()], ..RoleForm::default() };
    let waits = waiting(engine.add_role(&firm.head, &form));
    firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
    assert!(engine.grants(&finance.user, GrantBox::Own).unwrap().roles.contains(&"夜班".to_owned()));
    let ask = Application {
        purpose: "代班".into(),
        role: Some("夜班".into()),
        last_day: Some("2026-11-25".into()),
        ..Application::default()
    };
    let id = finance.apply(&ask).unwrap();
    finance.agree(&id);
    assert_eq!(key(engine.remove_role(&firm.head, "夜班")), "role_in_use");
    engine.end_grant(&finance.user, &finance.live().id).unwrap();
    engine.remove_role(&firm.head, "夜班").unwrap();
    firm.world.assert_sound();
}

#[test]
fn what_somebody_was_granted_ends_with_their_place() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let record = firm.record();
    let id = finance.apply(&finance.use_of(&[&record], "2026-11-25")).unwrap();
    finance.agree(&id);
    let waits = finance
        .apply(&Application { purpose: "再次对账".into(), ..finance.use_of(&[&record], "2026-11-25") });
    engine.leave(&firm.head, "demo.user", &Leave::of(Leaving::Seconded)).unwrap();
    let left = firm.notes("user_leave");
    assert!(
        left[0].1.iter().any(|(name, text)| name == "difference" && text.contains("grants: 1 → –")),
        "{left:?}"
    );
    let user = sign_in(engine, "demo.user");
    let finance = Finance { user, ..finance };
    assert_eq!(finance.own()[0].state, "moved");
    assert_eq!(key(finance.reads(&record)), "action_not_allowed", "no role is left either");
    assert_eq!(finance.firm.engine().request(&finance.user, &waits.unwrap()).unwrap().state, "dropped");
    finance.firm.world.assert_sound();
}

#[test]
fn what_was_taken_away_is_seen_by_nobody_who_asks_after_that() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let record = firm.record();
    for _ in 0..rounds() {
        let id = finance.apply(&finance.use_of(&[&record], "2026-11-23")).unwrap();
        finance.agree(&id);
        let grant = finance.live().id;
        let (reads, ended) = race(
            || (0..4).map(|_| finance.reads(&record).is_ok()).collect::<Vec<_>>(),
            || engine.end_grant(&finance.keeper, &grant),
        );
        ended.unwrap();
        // Once it is not seen any more, it stays so.
        assert!(reads.is_sorted_by(|before, after| before >= after), "{reads:?}");
        assert_eq!(key(finance.reads(&record)), "not_found");
        // Two who end it: one of them does.
        let id = finance.apply(&finance.use_of(&[&record], "2026-11-23")).unwrap();
        finance.agree(&id);
        let grant = finance.live().id;
        let (one, other) = race(
            || engine.end_grant(&finance.user, &grant).is_ok(),
            || engine.end_grant(&firm.head, &grant).is_ok(),
        );
        assert!(one != other);
    }
}

#[test]
fn a_row_of_grants_counts_from_its_first_day_also_where_that_one_was_cleared_away() {
    let finance = Finance::new();
    let (meant, other, third) = (
        finance.firm.record(),
        finance.firm.another("91350100M000100Y43"),
        finance.firm.another("91350100M000200A33"),
    );
    // Each shares a dossier with the one before it, and nothing with the one before that.
    for (records, last_day) in [([&meant, &other], "2026-11-25"), ([&other, &third], "2026-12-06")] {
        let id = finance.apply(&finance.use_of(&records, last_day)).unwrap();
        finance.agree(&id);
    }
    finance.days(8);
    let user = sign_in(finance.firm.engine(), "demo.user");
    let finance = Finance { user, ..finance };
    let fault = finance.apply(&finance.use_of(&[&third], "2026-12-10")).unwrap_err();
    assert_eq!((fault.key, fault.params[0].1.as_str()), ("grant_stacked", "2026-12-06"));
}

#[test]
fn a_link_to_become_somebody_is_not_for_whoever_has_less_than_they_were_granted() {
    let finance = Finance::new();
    let (firm, engine) = (&finance.firm, finance.firm.engine());
    let form = RoleForm { name: "夜班".into(), actions: vec!["read".into()], ..RoleForm::default() };
    let waits = waiting(engine.add_role(&firm.head, &form));
    firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
    let form =
        RoleForm { name: "人事".into(), actions: vec!["manage_access".into()], ..RoleForm::default() };
    let waits = waiting(engine.add_role(&firm.head, &form));
    firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
    let waits = match engine.add_user(&firm.head, "demo.staff", &["人事", "CDU"], Some("财务")).unwrap() {
        Carried::Waits(waits) => waits,
        Carried::Done(_) => panic!("should wait"),
    };
    firm.decide(&firm.second, &waits.id, Verdict::Agree).unwrap();
    let link = engine.renew_user(&firm.head, "demo.staff").unwrap();
    let staff = common::set_up(engine, &link.set_up, "demo.staff");
    let ask = Application {
        purpose: "代班".into(),
        role: Some("夜班".into()),
        last_day: Some("2026-11-25".into()),
        ..Application::default()
    };
    let id = finance.apply(&ask).unwrap();
    finance.agree(&id);
    assert_eq!(key(engine.renew_user(&staff, "demo.user")), "cdo_required");
    engine.end_grant(&finance.user, &finance.live().id).unwrap();
    engine.renew_user(&staff, "demo.user").unwrap();
}
