//! What is explained is what somebody sees; nobody learns of a record, a field or a role that they may not know.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{World, customer};
use dossier_engine::{
    Caller, Engine, Explain, Explained, LedgerQuery, Origin, Record, RoleForm, TeamChange, WhoSees,
};
use serde_json::json;

const FIELDS: [&str; 6] = ["name", "subject", "phone", "credit_limit", "remarks", "office_address"];

/// A program, and its id.
fn program(world: &World, head: &Caller, name: &str, roles: &[&str], team: &str) -> (Caller, String) {
    let engine = world.engine();
    let client = engine.add_client(head, name, roles, Some(team)).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    (engine.caller(&Origin::default(), &token.access_token).unwrap(), client.client_id)
}

fn explained(engine: &Engine, caller: &Caller, who: Option<&str>, record: &str, field: &str) -> Explained {
    let ask = Explain { who: who.map(str::to_owned), record: record.to_owned(), field: field.to_owned() };
    engine.explain(caller, &ask).unwrap()
}

fn refused(engine: &Engine, caller: &Caller, who: Option<&str>, record: &str, field: &str) -> &'static str {
    let ask = Explain { who: who.map(str::to_owned), record: record.to_owned(), field: field.to_owned() };
    engine.explain(caller, &ask).err().unwrap().key
}

/// Two teams under one and another one, a head, and a record of the first.
fn planted(world: &World) -> (Caller, Record) {
    let engine = world.engine();
    for team in ["华东", "上海", "华南"] {
        engine.add_team(&world.operator(), team).unwrap();
    }
    let above = TeamChange { above: Some("华东".into()), ..TeamChange::default() };
    engine.change_team(&world.operator(), "上海", &above).unwrap().done().unwrap();
    let head = world.caller("CDO", None);
    let mut ask = customer(json!({
        "name": "示例科技有限公司", "subject": "A", "phone": "15400000001", "credit_limit": "50万元",
        "remarks": "示例", "province": "上海市",
    }));
    ask.team = Some("上海".into());
    let record = engine.create(&head, &ask).unwrap().record;
    (head, record)
}

fn own_role(name: &str) -> RoleForm {
    RoleForm {
        name: name.into(),
        actions: vec!["read".into()],
        teams: "own".into(),
        see_to: "L3".into(),
        clear_to: "L2".into(),
        fields: ["name", "phone"].map(|field| (format!("customer.{field}"), "clear".to_owned())).into(),
        ..RoleForm::default()
    }
}

#[test]
fn what_is_explained_is_what_is_read() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    engine.add_role(&head, &own_role("客服")).unwrap().done().unwrap();
    let night = RoleForm {
        name: "夜班".into(),
        inherits: vec!["CDU".into()],
        from_time: Some("22:00".into()),
        to_time: Some("06:00".into()),
        ..RoleForm::default()
    };
    engine.add_role(&head, &night).unwrap().done().unwrap();
    let mut told = std::collections::BTreeSet::new();
    for (at, roles) in
        [&["CDA"][..], &["CDE"], &["CDU"], &["ISA"], &["客服"], &["夜班"], &["客服", "夜班", "ISA"]]
            .iter()
            .enumerate()
    {
        for team in ["上海", "华南"] {
            let (caller, id) = program(&world, &head, &format!("程序 {at}{team}"), roles, team);
            let read = engine.read(&caller, "customer", &record.id, false);
            for field in FIELDS {
                let said = explained(engine, &head, Some(&id), &record.id, field);
                let seen = match &read {
                    Err(_) => "absent",
                    Ok(read) if read.masked.contains(&field) => "masked",
                    Ok(read) if read.fields.get(field).is_some() => "clear",
                    Ok(_) => "hidden",
                };
                // Nobody has entered an address.
                if field != "office_address" {
                    let form = if said.verdict == "openable" { "masked" } else { said.verdict };
                    assert_eq!(form, seen, "{field} {roles:?} {team}");
                }
                let deciding =
                    said.ways.iter().flat_map(|way| &way.links).filter(|link| link.decides).count();
                assert_eq!(deciding, 1, "{field} {roles:?} {team}");
                told.insert(said.verdict);
            }
        }
    }
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["absent", "clear", "hidden", "masked", "openable"]);
    world.assert_sound();
}

#[test]
fn the_chain_names_what_decides_and_the_changes_do_what_they_say() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    let kept = engine.add_role(&head, &own_role("客服")).unwrap().done().unwrap();
    let (caller, id) = program(&world, &head, "客服系统", &["客服"], "上海");
    let said = explained(engine, &head, Some(&id), &record.id, "phone");
    assert_eq!((said.verdict, said.what, said.level), ("masked", "client", "L3"));
    let way = said.ways.first().unwrap();
    let deciding = way.links.iter().find(|link| link.decides).unwrap();
    assert_eq!((way.role.as_str(), deciding.step, deciding.of), ("客服", "clear_to", Some("L2")));
    let of = |said: &Explained, step: &str| {
        said.changes
            .iter()
            .filter(|one| one.change == step)
            .map(|one| (one.role.clone(), one.step, one.to.clone(), one.verdict))
            .collect::<Vec<_>>()
    };
    let rule = (Some("客服".to_owned()), Some("clear_to"), Some("L3".to_owned()), "clear");
    assert!(of(&said, "rule").contains(&rule), "{:?}", of(&said, "rule"));
    let given = (Some("CDU".to_owned()), None, None, "openable");
    assert!(of(&said, "give").contains(&given), "{:?}", of(&said, "give"));
    // It does what it says.
    let form = RoleForm { clear_to: "L3".into(), ..own_role("客服") };
    engine.change_role(&head, &kept.id, kept.version, &form).unwrap().done().unwrap();
    let said = explained(engine, &head, Some(&id), &record.id, "phone");
    assert_eq!(said.verdict, "clear");
    assert_eq!(of(&said, "take"), [(Some("客服".to_owned()), None, None, "absent")]);
    // Of themselves anybody may ask, and is told neither of other roles by name nor what would have to stand in theirs.
    let own = explained(engine, &caller, None, &record.id, "phone");
    assert_eq!((own.who, own.verdict), (id, "clear"));
    engine.change_role(&head, &kept.id, kept.version + 1, &own_role("客服")).unwrap().done().unwrap();
    engine.add_role(&head, &RoleForm { clear_to: "L3".into(), ..own_role("秘密") }).unwrap().done().unwrap();
    let own = explained(engine, &caller, None, &record.id, "phone");
    assert!(of(&own, "rule").is_empty());
    assert!(of(&own, "give").contains(&(None, None, None, "clear")), "{:?}", of(&own, "give"));
    assert!(!serde_json::to_string(&own).unwrap().contains("秘密"));
}

#[test]
fn who_asks_about_others_and_about_what() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    let (seller, seller_id) = program(&world, &head, "销售", &["CDE"], "上海");
    let (far, far_id) = program(&world, &head, "远方", &["CDE"], "华南");
    let (checker, checker_id) = program(&world, &head, "数据专员", &["CDA"], "上海");
    let (auditor, _) = program(&world, &head, "审计", &["ISA"], "华南");
    let phone = |caller, who| refused(engine, caller, who, &record.id, "phone");
    // About others: whoever gives rights or reads the ledger, of one's own department where not of all.
    assert_eq!(phone(&seller, Some(&checker_id)), "action_not_allowed");
    assert_eq!(phone(&seller, Some("CDU")), "action_not_allowed");
    assert_eq!(explained(engine, &seller, Some(&seller_id), &record.id, "phone").verdict, "openable");
    assert_eq!(phone(&checker, Some(&far_id)), "not_found");
    assert_eq!(explained(engine, &checker, Some(&seller_id), &record.id, "phone").verdict, "openable");
    assert_eq!(explained(engine, &auditor, Some(&far_id), &record.id, "phone").verdict, "absent");
    assert_eq!(phone(&auditor, Some("cli_01ktzmay00e1hs6v0rhdvhtc0m")), "not_found");
    // A record that one does not read is not there.
    assert_eq!(phone(&far, None), "not_found");
    // A field that one sees nowhere does not exist, and nor does a role of the installation's own.
    assert_eq!(refused(engine, &seller, None, &record.id, "credit_limit"), "unknown_field");
    assert_eq!(refused(engine, &seller, None, &record.id, "no_such"), "unknown_field");
    let role = engine.add_role(&head, &own_role("客服")).unwrap().done().unwrap();
    assert_eq!(phone(&auditor, Some(&role.id)), "not_found");
    assert_eq!(explained(engine, &head, Some(&role.id), &record.id, "phone").verdict, "masked");
    assert_eq!(explained(engine, &auditor, Some("CDU"), &record.id, "phone").verdict, "openable");
    // Whoever was disabled sees nothing, whatever the roles say.
    engine.disable_client(&head, &far_id).unwrap();
    let said = explained(engine, &head, Some(&far_id), &record.id, "phone");
    assert_eq!((said.verdict, said.changes.len()), ("absent", 0));
    assert_eq!(serde_json::to_value(said.gate).unwrap(), json!("disabled"));
    // Each time is an entry, with the field and of whom, and without a value.
    let newest =
        LedgerQuery { log: "access".into(), action: Some("explain".into()), ..LedgerQuery::default() };
    let page = engine.ledger(&auditor, &newest).unwrap();
    let last = page.items.iter().rev().find(|entry| entry.outcome == "done").unwrap();
    assert_eq!(last.note.get("field").unwrap(), "customer.phone");
    assert_eq!(last.note.get("of").unwrap(), &json!(far_id));
    let said = serde_json::to_string(&page.items).unwrap();
    assert!(!said.contains("15400000001") && said.contains("refused"));
}

#[test]
fn who_sees_a_field_is_everybody_for_whom_it_is_explained_so() {
    let world = World::new();
    let engine = world.engine();
    let (head, record) = planted(&world);
    engine.add_role(&head, &own_role("客服")).unwrap().done().unwrap();
    let mut ids = Vec::new();
    for (at, (roles, team)) in [
        (&["CDE"][..], "上海"),
        (&["CDE"], "华南"),
        (&["客服"], "上海"),
        (&["CDU", "客服"], "华东"),
        (&["ISA"], "华南"),
    ]
    .into_iter()
    .enumerate()
    {
        ids.push(program(&world, &head, &format!("程序 {at}"), roles, team).1);
    }
    let ask = |field: &str, after: Option<String>, limit| WhoSees {
        record: record.id.clone(),
        field: field.to_owned(),
        after,
        limit: Some(limit),
    };
    for field in ["phone", "credit_limit", "name"] {
        let (mut seers, mut after) = (Vec::new(), None);
        loop {
            let page = engine.who_sees(&head, &ask(field, after, 2)).unwrap();
            assert!(page.items.len() <= 2);
            seers.extend(page.items);
            after = page.next;
            if after.is_none() {
                assert_eq!(page.total, seers.len());
                break;
            }
        }
        for id in &ids {
            let said = explained(engine, &head, Some(id), &record.id, field);
            let listed = seers.iter().find(|one| one.id == *id);
            assert_eq!(
                listed.map(|one| one.verdict),
                Some(said.verdict).filter(|one| !["absent", "hidden"].contains(one))
            );
            let deciding = said.ways.iter().find(|way| way.decides).map(|way| way.role.clone());
            assert!(listed.is_none_or(|one| one.role == deciding));
        }
    }
    // The data administrator of a department is told of that department alone, and a seller of nobody.
    let (checker, _) = program(&world, &head, "数据专员", &["CDA"], "上海");
    let seen = engine.who_sees(&checker, &ask("phone", None, 50)).unwrap();
    let names: Vec<&str> = seen.items.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["数据专员", "程序 0", "程序 2"]);
    let (seller, _) = program(&world, &head, "销售", &["CDE"], "上海");
    assert_eq!(engine.who_sees(&seller, &ask("phone", None, 50)).err().unwrap().key, "action_not_allowed");
    assert_eq!(
        engine.who_sees(&head, &ask("phone", Some("CDO".into()), 50)).err().unwrap().key,
        "query_invalid"
    );
}
