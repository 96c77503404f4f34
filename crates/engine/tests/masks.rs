//! Masks of roles: what is shown through them is the same by every way, never more than the default mask shows, and is no
//! value when it comes back. Leading a token back is a right of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{World, change, customer};
use dossier_engine::model::Mask;
use dossier_engine::{Caller, LedgerQuery, ListQuery, Opening, Origin, Record, Reveal, RoleForm};
use serde_json::json;
use std::collections::BTreeMap;

fn role(name: &str, masks: &[(&str, serde_json::Value)]) -> RoleForm {
    let text = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let fields = ["customer.name", "customer.phone", "customer.remarks", "customer.registered_capital"];
    RoleForm {
        name: name.into(),
        actions: text(&["read", "change", "history", "reveal"]),
        teams: "all".into(),
        see_to: "L4".into(),
        open_to: Some("L4".into()),
        fields: fields.iter().map(|field| ((*field).to_owned(), "openable".to_owned())).collect(),
        masks: masks.iter().map(|(path, mask)| ((*path).to_owned(), mask_of(mask))).collect(),
        ..RoleForm::default()
    }
}

fn mask_of(json: &serde_json::Value) -> Mask {
    serde_json::from_value(json.clone()).unwrap()
}

fn program(world: &World, head: &Caller, roles: &[&str]) -> Caller {
    let engine = world.engine();
    let name = format!("程序 {}", engine.clients(head).unwrap().len());
    let client = engine.add_client(head, &name, roles, None).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    engine.caller(&Origin::default(), &token.access_token).unwrap()
}

/// A head, and a customer with a phone and a remark.
fn planted(world: &World) -> (Caller, Record) {
    let head = world.caller("CDO", None);
    let ask = customer(json!({
        "name": "示例科技有限公司", "subject": "A", "phone": "15400000001", "remarks": "合同 20260001，尾号 12",
    }));
    let record = world.engine().create(&head, &ask).unwrap().record;
    (head, record)
}

/// A field as somebody sees it: read alone, in a list and in the history alike.
fn seen(world: &World, caller: &Caller, record: &Record, field: &str) -> String {
    let engine = world.engine();
    let read = engine.read(caller, "customer", &record.id, false).unwrap();
    assert!(read.masked.contains(&field), "{field}");
    let text = read.fields.get(field).unwrap().as_str().unwrap().to_owned();
    let sourced = engine.read(caller, "customer", &record.id, true).unwrap();
    assert_eq!(sourced.fields.get(field).unwrap(), json!(text));
    let list = engine.list(caller, &ListQuery { kind: "customer".into(), ..ListQuery::default() }).unwrap();
    let listed = list.items.iter().find(|listed| listed.id == record.id).unwrap();
    assert_eq!(listed.fields.get(field).unwrap(), json!(text));
    let history = engine.history(caller, "customer", &record.id, None, None).unwrap();
    let mut changes = history.versions.iter().flat_map(|version| &version.changes);
    let entered = changes.rfind(|change| change.field == field).unwrap();
    assert_eq!(entered.after, Some(json!(text)));
    text
}

#[test]
fn a_role_shows_a_field_through_its_own_mask_by_every_way() {
    let world = World::new();
    let (head, record) = planted(&world);
    let (ends, last, hash) = (json!("ends"), json!({ "keep": { "last": 4 } }), json!("hash"));
    let forms = [
        ("默认", role("默认", &[])),
        ("后四位", role("后四位", &[("customer.phone", last.clone())])),
        ("哈希", role("哈希", &[("customer.phone", hash)])),
        ("全隐", role("全隐", &[("customer.phone", json!("full")), ("customer.name", json!("full"))])),
        ("前三位", role("前三位", &[("customer.phone", json!({ "keep": { "first": 3 } }))])),
        (
            "正则",
            role(
                "正则",
                &[("customer.remarks", json!({ "regex": { "pattern": "\\d{4,}", "replace": "**" } }))],
            ),
        ),
        ("同默认", role("同默认", &[("customer.phone", ends)])),
    ];
    for (_, form) in &forms {
        world.engine().add_role(&head, form).unwrap().done().unwrap();
    }
    let phone = |roles: &[&str]| seen(&world, &program(&world, &head, roles), &record, "phone");
    assert_eq!(phone(&["默认"]), "154****0001");
    assert_eq!(phone(&["后四位"]), "*******0001");
    assert_eq!(phone(&["前三位"]), "154********");
    assert_eq!(phone(&["全隐"]), "****");
    let hashed = phone(&["哈希"]);
    assert!(hashed.starts_with('#') && hashed.len() == 17, "{hashed}");
    // With several the one that shows more; what shows different parts is never put together.
    assert_eq!(phone(&["后四位", "哈希"]), "*******0001");
    assert_eq!(phone(&["全隐", "哈希"]), hashed);
    assert_eq!(phone(&["后四位", "默认"]), "154****0001");
    let one = phone(&["后四位", "前三位"]);
    assert_eq!(phone(&["前三位", "后四位"]), one);
    assert!(["*******0001", "154********"].contains(&one.as_str()), "{one}");
    // A value without a default mask is hidden wholly, unless the role says how.
    let remarks = |roles: &[&str]| seen(&world, &program(&world, &head, roles), &record, "remarks");
    assert_eq!(remarks(&["默认"]), "****");
    assert_eq!(remarks(&["正则"]), "合同 **，尾号 12");
    world.assert_sound();
}

#[test]
fn what_a_role_is_shown_masked_is_no_value_when_it_comes_back() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    let masks = [
        ("customer.phone", json!("token")),
        ("customer.remarks", json!({ "keep": { "first": 2, "under": 3 } })),
    ];
    engine.add_role(&head, &role("令牌", &masks)).unwrap().done().unwrap();
    let caller = program(&world, &head, &["令牌"]);
    let token = seen(&world, &caller, &record, "phone");
    assert!(token.starts_with("+86") && !token.contains("15400000001"), "{token}");
    let remarks = seen(&world, &caller, &record, "remarks");
    assert!(remarks.starts_with("合同*"), "{remarks}");
    for (field, text) in [("phone", token.as_str()), ("remarks", remarks.as_str()), ("remarks", "别的*")] {
        let fault = engine.change(&caller, &change(&record, json!({ field: text }))).err().unwrap();
        let fault = fault.problems.first().cloned().unwrap_or(fault);
        assert_eq!((fault.key, fault.field.as_deref()), ("masked_value", Some(field)));
    }
    let another = json!({ "remarks": "另一份合同" });
    engine.change(&caller, &change(&record, another)).unwrap();
}

#[test]
fn leading_a_token_back_is_a_right_of_its_own() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    let form = role("令牌", &[("customer.phone", json!("token"))]);
    let kept = engine.add_role(&head, &form).unwrap().done().unwrap();
    let caller = program(&world, &head, &["令牌"]);
    let token = seen(&world, &caller, &record, "phone");
    let back = |token: &str| {
        let (kind, id, field) = ("customer".into(), record.id.clone(), "phone".into());
        let how = Opening::Token(token.to_owned());
        engine.reveal(&caller, &Reveal { kind, id, field, purpose: "核对导出".into(), how })
    };
    let refused = back(&token).err().unwrap();
    assert_eq!(refused.key, "action_not_allowed");
    let (kind, id, field) = ("customer".into(), record.id.clone(), "phone".into());
    let look = Reveal { kind, id, field, purpose: "联系客户".into(), how: Opening::Look };
    assert_eq!(engine.reveal(&caller, &look).unwrap().value, json!("+8615400000001"));
    let mut more = form.clone();
    more.actions.push("detokenise".into());
    engine.change_role(&head, &kept.id, kept.version, &more).unwrap().done().unwrap();
    assert_eq!(back(&token).unwrap().value, json!("+8615400000001"));
    // Whoever could before by a built-in role still can.
    for role in ["CDO", "CDA", "CDE", "CDU"] {
        let caller = program(&world, &head, &[role]);
        let (kind, id, field) = ("customer".into(), record.id.clone(), "phone".into());
        let how = Opening::Token(token.clone());
        assert!(
            engine.reveal(&caller, &Reveal { kind, id, field, purpose: "核对导出".into(), how }).is_ok(),
            "{role}"
        );
    }
}

#[test]
fn a_mask_that_does_not_suit_is_refused_and_the_ledger_says_what_moved() {
    let world = World::new();
    let engine = world.engine();
    let (head, _) = planted(&world);
    let refused = |masks: &[(&str, serde_json::Value)]| {
        let fault = engine.add_role(&head, &role("不该有", masks)).err().unwrap();
        (fault.key, fault.field.unwrap())
    };
    let at = |path: &str| format!("masks.{path}");
    let capital = "customer.registered_capital";
    assert_eq!(refused(&[(capital, json!("ends"))]), ("mask_unsuited", at(capital)));
    assert_eq!(refused(&[("customer.phone", json!("none"))]), ("mask_unsuited", at("customer.phone")));
    assert_eq!(refused(&[("customer.email", json!("full"))]), ("mask_of_hidden", at("customer.email")));
    assert_eq!(refused(&[("customer.nothing", json!("full"))]), ("unknown_field", "masks".into()));
    engine.add_role(&head, &role("财务", &[("customer.phone", json!({ "keep": { "last": 4 } }))])).unwrap();
    let kept = engine.roles(&head).unwrap().into_iter().find(|role| role.form.name == "财务").unwrap();
    let masks = BTreeMap::from([("customer.phone".to_owned(), mask_of(&json!({ "keep": { "last": 4 } })))]);
    assert_eq!(kept.form.masks, masks);
    let auditor = world.caller("ISA", None);
    let newest = LedgerQuery { log: "change".into(), limit: Some(4), ..LedgerQuery::default() };
    let said = serde_json::to_string(&engine.ledger(&auditor, &newest).unwrap().items).unwrap();
    assert!(said.contains("masks.customer.phone.keep.last: – → 4"), "{said}");
}
