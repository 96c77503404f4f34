//! The path: in sealed, out masked, every look recorded.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, firm};
use dossier_crypto::{FieldMasks, Keyring, Keystore};
use dossier_engine::model::Tenant;
use dossier_engine::model::mask::FieldKeys;
use dossier_engine::{LedgerQuery, ListQuery, Opening, Reveal, Search};
use serde_json::json;

fn reveal(id: &str, field: &str) -> Reveal {
    let (kind, id, field, purpose) = ("customer".into(), id.into(), field.into(), "联系客户".into());
    Reveal { kind, id, field, purpose, how: Opening::Look }
}

fn copy(id: &str, field: &str) -> Reveal {
    Reveal { how: Opening::Copy, ..reveal(id, field) }
}

fn customers() -> ListQuery {
    ListQuery { kind: "customer".into(), ..ListQuery::default() }
}

#[test]
fn a_dossier_goes_in_normalised_and_comes_out_masked() {
    let world = World::new();
    let seller = world.caller("CDE", None);
    let record = world.engine().create(
        &seller,
        &customer(json!({
            "name": "示例科技(杭州)有限公司",
            "document_number": "91350100m000100y43",
            "representative": "韩小示",
            "phone": "154 0000 0000",
        })),
    );
    let record = record.unwrap().record;
    assert_eq!(record.fields.get("name").unwrap(), "示例科技（杭州）有限公司");
    assert_eq!(record.fields.get("document_number").unwrap(), "91350100M000100Y43");
    assert_eq!(record.fields.get("phone").unwrap(), "154****0000");
    assert_eq!(record.fields.get("representative").unwrap(), "韩**");
    assert_eq!(record.masked, ["phone", "representative"]);
    assert_eq!(record.code.as_deref().map(str::len), Some(18));
    world.assert_sound();
}

#[test]
fn a_reveal_shows_the_value_once_and_stands_in_the_ledger_with_its_purpose() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let shown = world.engine().reveal(&head, &reveal(&record.id, "phone")).unwrap();
    assert_eq!(shown.value, "+8615400000000");
    assert_eq!((shown.used, shown.limit), (1, 20));
    let query = LedgerQuery { log: "access".into(), ..LedgerQuery::default() };
    let page = world.engine().ledger(&head, &query).unwrap();
    let entry = page.items.iter().find(|entry| entry.id == shown.entry).unwrap();
    assert_eq!((entry.action, entry.outcome), ("reveal", "done"));
    assert_eq!(entry.purpose.as_deref(), Some("联系客户"));
    assert_eq!(entry.records[0].fields["phone"], "clear");
}

#[test]
fn a_copy_is_an_entry_of_its_own_and_counts_like_a_reveal() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    world.engine().reveal(&head, &reveal(&record.id, "phone")).unwrap();
    let shown = world.engine().reveal(&head, &copy(&record.id, "phone")).unwrap();
    assert_eq!((shown.value, shown.used), (json!("+8615400000000"), 2));
    let query = LedgerQuery { log: "access".into(), ..LedgerQuery::default() };
    let page = world.engine().ledger(&head, &query).unwrap();
    let entry = page.items.iter().find(|entry| entry.id == shown.entry).unwrap();
    assert_eq!((entry.action, entry.outcome), ("copy", "done"));
    assert_eq!(entry.purpose.as_deref(), Some("联系客户"));
    let looks = world.engine().looks(&head, &record.id).unwrap();
    let looks: Vec<_> = looks.iter().map(|look| (look.action, look.fields.clone())).collect();
    assert_eq!(looks, [("copy", vec!["phone"]), ("reveal", vec!["phone"])]);
    for _ in 2..20 {
        world.engine().reveal(&head, &copy(&record.id, "phone")).unwrap();
    }
    let fault = world.engine().reveal(&head, &copy(&record.id, "phone")).err().unwrap();
    assert_eq!(fault.key, "quota_reveal");
}

#[test]
fn a_token_leads_back_in_its_own_record_and_is_an_entry_of_its_own() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let phone = "+8615400000000";
    let record = world.create(&head, firm());
    // As anything else makes it that has the keys.
    let keystore = Keystore::open(&world.folder.path().join("root.keystore"), None).unwrap();
    let keyring = Keyring::open(&world.data().join("keyring"), Tenant(1), &keystore).unwrap().system();
    let token = |field| FieldMasks::new(&keyring, 1, field).token(phone).unwrap();
    let by = |token: &str| Reveal { how: Opening::Token(token.into()), ..reveal(&record.id, "phone") };
    let shown = world.engine().reveal(&head, &by(&token(19))).unwrap();
    assert_eq!((shown.value, shown.used), (json!(phone), 1));
    let query = LedgerQuery { log: "access".into(), ..LedgerQuery::default() };
    let page = world.engine().ledger(&head, &query).unwrap();
    let entry = page.items.iter().find(|entry| entry.id == shown.entry).unwrap();
    assert_eq!((entry.action, entry.outcome), ("detokenise", "done"));
    assert_eq!(entry.purpose.as_deref(), Some("联系客户"));
    assert_eq!(entry.records[0].fields["phone"], "clear");
    let looks = world.engine().looks(&head, &record.id).unwrap();
    assert_eq!((looks[0].action, &looks[0].fields), ("detokenise", &vec!["phone"]));

    // Of another field, of no value, of a value that the record has no longer, of a record that is gone.
    for other in [&token(23), phone, "tok_", ""] {
        let fault = world.engine().reveal(&head, &by(other)).err().unwrap();
        assert_eq!((fault.key, fault.field.as_deref()), ("token_other", Some("token")), "{other}");
    }
    world.engine().change(&head, &change(&record, json!({"phone": "15400000009"}))).unwrap().done().unwrap();
    assert_eq!(world.engine().reveal(&head, &by(&token(19))).err().unwrap().key, "token_other");
    world.engine().erase(&head, &record.id).unwrap().done().unwrap();
    assert_eq!(world.engine().reveal(&head, &by(&token(19))).err().unwrap().key, "erased");

    // Whoever may not reveal may not lead back either.
    let auditor = world.caller("ISA", None);
    let fault = world.engine().reveal(&auditor, &by(&token(19))).err().unwrap();
    assert_eq!(fault.key, "action_not_allowed");
}

#[test]
fn who_only_uses_customers_may_look_and_not_copy() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let user = world.caller("CDU", None);
    world.engine().reveal(&user, &reveal(&record.id, "phone")).unwrap();
    let fault = world.engine().reveal(&user, &copy(&record.id, "phone")).err().unwrap();
    assert_eq!((fault.key, fault.status()), ("action_not_allowed", 403));
    assert_eq!(fault.details()["action"], "copy");
    // Nor may anybody copy what they may not even reveal.
    let auditor = world.caller("ISA", None);
    let fault = world.engine().reveal(&auditor, &copy(&record.id, "phone")).err().unwrap();
    assert_eq!(fault.details()["action"], "reveal");
    let query = LedgerQuery { log: "access".into(), ..LedgerQuery::default() };
    let page = world.engine().ledger(&head, &query).unwrap();
    let refused = page.items.iter().filter(|entry| entry.action == "copy" && entry.outcome == "refused");
    assert_eq!(refused.count(), 2);
}

#[test]
fn the_twenty_first_reveal_of_an_hour_is_refused_and_the_next_hour_opens_again() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    for _ in 0..20 {
        world.engine().reveal(&head, &reveal(&record.id, "phone")).unwrap();
    }
    let fault = world.engine().reveal(&head, &reveal(&record.id, "phone")).err().unwrap();
    assert_eq!((fault.key, fault.status()), ("quota_reveal", 429));
    world.clock.advance(3_600_000_001);
    let caller = world.caller("CDA", None);
    world.engine().reveal(&caller, &reveal(&record.id, "phone")).unwrap();
}

#[test]
fn what_is_out_of_reach_looks_missing() {
    let world = World::new();
    world.engine().add_team(&world.operator(), "华东").unwrap();
    let east = world.caller("CDE", Some("华东"));
    let other = world.caller("CDE", None);
    let record = world.create(&east, firm());
    assert_eq!(world.engine().list(&other, &customers()).unwrap().items.len(), 0);
    for id in [record.id.as_str(), record.code.as_deref().unwrap(), "dos_00000000000000000000000000"] {
        let fault = world.engine().read(&other, "customer", id, false).err().unwrap();
        assert_eq!(fault.key, "not_found");
    }
    let found = world.engine().search(&other, &Search::of("15400000000")).unwrap();
    assert_eq!(found.items.len(), 0);
    assert_eq!(world.engine().search(&east, &Search::of("0000")).unwrap().items.len(), 1);
    assert_eq!(world.engine().search(&east, &Search::of("+86 154-0000-0000")).unwrap().items.len(), 1);
    assert_eq!(world.engine().search(&east, &Search::of("91350100M000100Y43")).unwrap().items.len(), 1);
}

#[test]
fn a_change_is_a_new_version_and_a_stale_one_is_refused() {
    let world = World::new();
    let seller = world.caller("CDE", None);
    let record = world.create(&seller, firm());
    let done = world
        .engine()
        .change(&seller, &change(&record, json!({"phone": "15400000001"})))
        .unwrap()
        .done()
        .unwrap();
    assert_eq!((done.record.version, done.record.fields.get("phone")), (2, Some(json!("154****0001"))));
    let fault =
        world.engine().change(&seller, &change(&record, json!({"phone": "15400000002"}))).err().unwrap();
    assert_eq!((fault.key, fault.status()), ("version_conflict", 412));
    let history = world.engine().history(&seller, "customer", &record.id, None, None).unwrap();
    assert_eq!(history.versions.len(), 2);
    let first = &history.versions[0].changes[0];
    assert_eq!((first.field, first.form), ("phone", "masked"));
    assert_eq!(
        (first.before.clone().unwrap(), first.after.clone().unwrap()),
        (json!("154****0000"), json!("154****0001"))
    );
    assert_eq!(world.engine().search(&seller, &Search::of("15400000000")).unwrap().items.len(), 0);
    world.assert_sound();
}

#[test]
fn a_mask_sent_back_is_refused_and_changes_nothing() {
    let world = World::new();
    let seller = world.caller("CDE", None);
    let record = world.create(&seller, firm());
    for masked in [json!({"phone": "154****0000"}), json!({"representative": "韩**"})] {
        let fault = world.engine().change(&seller, &change(&record, masked)).err().unwrap();
        assert_eq!(fault.status(), 422);
    }
    assert_eq!(world.engine().read(&seller, "customer", &record.id, false).unwrap().version, 1);
}

#[test]
fn a_duplicate_shows_code_and_team_only() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let fault = world.engine().create(&head, &customer(firm())).err().unwrap();
    assert_eq!((fault.key, fault.status()), ("duplicate", 409));
    assert!(record.code.unwrap().starts_with(&fault.params[0].1));
}

#[test]
fn the_same_command_under_the_same_key_is_done_once() {
    let world = World::new();
    let seller = world.caller("CDE", None);
    let mut ask = customer(firm());
    ask.idempotency_key = Some("k-1".into());
    let first = world.engine().create(&seller, &ask).unwrap();
    let again = world.engine().create(&seller, &ask).unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.record.id, again.record.id);
    ask.fields.insert("name".into(), json!("另一家有限公司"));
    let fault = world.engine().create(&seller, &ask).err().unwrap();
    assert_eq!(fault.key, "idempotency_mismatch");
}

#[test]
fn an_erased_dossier_cannot_be_read_and_the_ledger_stays_whole() {
    let mut world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let kept = world.create(&head, json!({"name": "留下的有限公司", "subject": "A"}));
    let erased = world.engine().erase(&head, &record.id).unwrap().done().unwrap();
    assert_eq!(erased.records, 1);
    assert_eq!(world.engine().read(&head, "customer", &record.id, false).err().unwrap().key, "erased");
    assert_eq!(world.engine().search(&head, &Search::of("0000")).unwrap().items.len(), 0);
    assert_eq!(world.engine().list(&head, &customers()).unwrap().items.len(), 1);
    world.assert_sound();
    world.open();
    world.engine().read(&head, "customer", &kept.id, false).unwrap();
    // The number is free again: the firm may come back as a new dossier.
    world.create(&head, firm());
    world.assert_sound();
}

#[test]
fn keys_rotate_and_everything_still_opens() {
    let mut world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let rotated = world.engine().rotate_keys(&head, true).unwrap().done().unwrap();
    assert_eq!((rotated.buckets, rotated.data_keys), (1024, 1));
    world.engine().read(&head, "customer", &record.id, false).unwrap();
    world.open();
    world.engine().read(&head, "customer", &record.id, false).unwrap();
    world.assert_sound();
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let world = World::new();
    let head = world.caller("CDO", None);
    for at in 0..7 {
        world.create(&head, json!({"name": format!("第{at}有限公司"), "subject": "A"}));
    }
    let mut seen = Vec::new();
    let mut query = ListQuery { limit: Some(3), ..customers() };
    loop {
        let page = world.engine().list(&head, &query).unwrap();
        seen.extend(page.items.into_iter().map(|record| record.fields.get("name").unwrap()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let wanted: Vec<_> = (0..7).rev().map(|at| json!(format!("第{at}有限公司"))).collect();
    assert_eq!(seen, wanted);
    assert_eq!(world.engine().count(&head, &customers()).unwrap(), 7);
}

#[test]
fn a_token_that_has_ended_opens_nothing() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    world.clock.advance(3_600_000_001);
    let fault = world.engine().read(&head, "customer", &record.id, false).err().unwrap();
    assert_eq!(fault.key, "token_expired");
}

#[test]
fn a_disabled_program_is_out_at_once() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let seller = world.caller("CDE", None);
    let clients = world.engine().clients(&head).unwrap();
    let id = clients.iter().find(|client| client.roles == ["CDE"]).unwrap().client_id.clone();
    world.engine().disable_client(&head, &id).unwrap();
    let fault = world.engine().list(&seller, &customers()).err().unwrap();
    assert_eq!(fault.status(), 401);
}

#[test]
fn contacts_stand_in_their_dossier_and_move_with_it() {
    let world = World::new();
    let engine = world.engine();
    engine.add_team(&world.operator(), "华东").unwrap();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    let mut contact = customer(json!({"name": "王示例", "mobile": "15400001234", "title": "采购经理"}));
    contact.kind = "contact".into();
    contact.dossier = Some(record.id.clone());
    let contact = engine.create(&head, &contact).unwrap().record;
    assert_eq!(contact.fields.get("name").unwrap(), "王**");
    assert_eq!(contact.dossier.as_deref(), Some(record.id.as_str()));
    let mut moved = change(&record, json!({}));
    moved.team = Some("华东".into());
    engine.change(&head, &moved).unwrap().done().unwrap();
    let seller = world.caller("CDE", Some("华东"));
    let list = ListQuery { kind: "contact".into(), dossier: Some(record.id.clone()), ..ListQuery::default() };
    assert_eq!(engine.list(&seller, &list).unwrap().items.len(), 1);
    world.assert_sound();
    assert_eq!(engine.erase(&head, &record.id).unwrap().done().unwrap().records, 2);
    assert_eq!(engine.read(&head, "contact", &contact.id, false).err().unwrap().key, "erased");
    world.assert_sound();
}
