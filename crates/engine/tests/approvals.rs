//! What waits for approval: asked for, decided on by others, carried out as it was asked for or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::office::{Firm, HOUR, key, race, rounds, waiting};
use common::{World, change, customer, sign_in};
use dossier_engine::{
    Authorize, Caller, Carried, Change, ClientProof, Deciding, Duplicates, FlowForm, Import, Leave, Leaving,
    ListQuery, NewClient, Origin, Redeem, Registration, RequestBox, RoleForm, TeamChange, UserChange,
    Verdict, WhenForm,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

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
    // Asking again about the same is drawn the same: each is another dossier.
    let records = [firm.record(), firm.another("91350100M000100Y43"), firm.another("91350100M000200A33")];
    let through = records
        .iter()
        .filter(|record| matches!(firm.ask(record, json!({ "remarks": "抽查" })).unwrap(), Carried::Done(_)));
    assert!(through.count() > 0, "one in a hundred is drawn");
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

#[test]
fn what_a_program_asks_for_in_somebodys_name_is_carried_out_as_far_as_both_may() {
    const BACK: &str = "https://crm.example.com/back";
    let firm = Firm::new();
    let engine = firm.engine();
    let register = |name: &str, role: &str| {
        let how = Registration { redirect_uris: vec![BACK.into()], ..Registration::default() };
        engine.register_client(&firm.head, name, &[role], Some("华东"), &how).unwrap()
    };
    let acts = |program: &NewClient| {
        let verifier = "v".repeat(43);
        let challenge = URL_SAFE_NO_PAD.encode(dossier_crypto::sha256(verifier.as_bytes()));
        let ask = Authorize {
            client_id: Some(program.client_id.clone()),
            redirect_uri: Some(BACK.into()),
            response_type: Some("code".into()),
            code_challenge: Some(challenge),
            code_challenge_method: Some("S256".into()),
            ..Authorize::default()
        };
        let back = engine.let_program(&firm.seller, &ask).unwrap();
        let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
        let proof =
            ClientProof { id: program.client_id.clone(), secret: Some(program.client_secret.clone()) };
        let ask = Redeem { code, redirect_uri: BACK.into(), code_verifier: verifier };
        let tokens = engine.redeem_code(&Origin::default(), &proof, &ask).unwrap();
        engine.caller(&Origin::default(), &tokens.access_token).unwrap()
    };
    let program = register("示例程序", "CDE");
    let by = acts(&program);
    let record = firm.record();
    let ask = |by: &Caller| engine.change(by, &change(&record, json!({ "phone": "15400000002" })));
    let waits = waiting(ask(&by));
    assert!(waits.waits_for.contains(&"demo.lead".to_owned()));
    let decide = Deciding { verdict: Verdict::Agree, remark: None, bulk: false };
    let refused = engine.decide(&by, &waits.id, &decide).err().map(|fault| fault.key);
    assert_eq!(refused, Some("oauth_not_by_program"));
    firm.decide(&firm.lead, &waits.id, Verdict::Agree).unwrap();
    assert_eq!(firm.phone(&record).0, 2);
    let (who, notes) = firm.notes("change").pop().unwrap();
    assert_eq!(who, "\"demo.seller\"");
    assert!(notes.contains(&("program".into(), program.client_id.clone())), "{notes:?}");
    // A program that is gone by then lets nothing through, whatever the person may.
    let record = engine.read(&firm.head, "customer", &record.id, false).unwrap();
    let ask = engine.change(&by, &change(&record, json!({ "phone": "15400000003" })));
    let waits = waiting(ask);
    engine.disable_client(&firm.head, &program.client_id).unwrap();
    let _ = firm.decide(&firm.lead, &waits.id, Verdict::Agree);
    assert_eq!(firm.phone(&record).0, 2);
    firm.world.assert_sound();
}
