//! Roles as records: what is pushed down into queries is what the rules say of each record, and a change holds at once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, customer};
use dossier_engine::{
    Caller, Change, Engine, LedgerQuery, ListQuery, Opening, Origin, Record, Reveal, RoleForm, Search,
    TeamChange, UserChange, VerifyOptions,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const TEAMS: [&str; 4] = ["华东", "上海", "浦东", "华南"];
/// Each team with the one above it.
const ABOVE: [Option<usize>; 4] = [None, Some(0), Some(1), None];
const PROVINCES: [&str; 3] = ["上海市", "浙江省", "广东省"];
const INDUSTRIES: [&str; 3] = ["01", "02", "03"];
const LEVELS: [&str; 3] = ["strategic", "key", "regular"];

/// A dossier as it was entered.
struct Known {
    id: String,
    team: usize,
    province: usize,
    industry: usize,
    level: usize,
    name: String,
    number: String,
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn some(&mut self, of: &[&str]) -> Vec<String> {
        if self.roll(2) == 0 {
            return Vec::new();
        }
        let most = of.len();
        let chosen: BTreeSet<usize> = (0..=self.roll(most)).map(|_| self.roll(most)).collect();
        chosen.into_iter().map(|at| of[at].to_owned()).collect()
    }
}

/// Teams as a tree, a head, and dossiers of many places.
fn planted(world: &World) -> (Caller, Vec<Known>) {
    let engine = world.engine();
    for (at, team) in TEAMS.iter().enumerate() {
        engine.add_team(&world.operator(), team).unwrap();
        if let Some(above) = ABOVE[at] {
            let change = TeamChange { above: Some(TEAMS[above].to_owned()), ..TeamChange::default() };
            engine.change_team(&world.operator(), team, &change).unwrap().done().unwrap();
        }
    }
    let head = world.caller("CDO", None);
    engine.add_user(&head, "示例用户", &["CDO"], None).unwrap().done().unwrap();
    let mut dice = Dice(7);
    let known = (0..48).map(|at| {
        let (team, province, industry, level) = (dice.roll(4), dice.roll(3), dice.roll(3), dice.roll(3));
        let (name, number) = (format!("样本{at:02}有限公司"), format!("1540000{at:04}"));
        let mut ask = customer(json!({
            "name": name, "subject": "A", "province": PROVINCES[province], "industry": INDUSTRIES[industry],
            "customer_level": LEVELS[level], "phone": number,
        }));
        ask.team = Some(TEAMS[team].to_owned());
        let id = engine.create(&head, &ask).unwrap().record.id;
        Known { id, team, province, industry, level, name, number }
    });
    let known = known.collect();
    (head, known)
}

/// Some rules, and what they say of a dossier for somebody of a team.
fn random_form(dice: &mut Dice, name: &str) -> RoleForm {
    let teams = ["all", "own", "own_and_below", "named"][dice.roll(4)];
    let mut actions = vec!["read".to_owned()];
    for action in ["find", "reveal", "history", "change"] {
        if dice.roll(2) == 0 {
            actions.push(action.to_owned());
        }
    }
    let mut fields = BTreeMap::new();
    for field in ["name", "province", "industry", "customer_level", "phone", "subject", "remarks"] {
        if let Some(rule) = [None, Some("masked"), Some("openable"), Some("clear")][dice.roll(4)] {
            fields.insert(format!("customer.{field}"), rule.to_owned());
        }
    }
    RoleForm {
        name: name.to_owned(),
        actions,
        teams: teams.to_owned(),
        named_teams: if teams == "named" { vec![TEAMS[dice.roll(4)].to_owned()] } else { Vec::new() },
        regions: dice.some(&PROVINCES),
        industries: dice.some(&INDUSTRIES),
        bands: dice.some(&LEVELS),
        see_to: ["L1", "L2", "L3"][dice.roll(3)].to_owned(),
        clear_to: ["L1", "L2"][dice.roll(2)].to_owned(),
        open_to: Some("L3".to_owned()),
        fields,
        ..RoleForm::default()
    }
}

fn below(team: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::from([team]);
    for _ in 0..TEAMS.len() {
        all.extend(
            (0..TEAMS.len())
                .filter(|at| ABOVE[*at].is_some_and(|above| all.contains(&above)))
                .collect::<Vec<_>>(),
        );
    }
    all
}

fn reaches(form: &RoleForm, own: usize, known: &Known) -> bool {
    let among = |list: &[String], one: &str| list.is_empty() || list.iter().any(|text| text == one);
    let team = match form.teams.as_str() {
        "all" => true,
        "own" => known.team == own,
        "own_and_below" => below(own).contains(&known.team),
        _ => form.named_teams.iter().any(|team| team == TEAMS[known.team]),
    };
    team && among(&form.regions, PROVINCES[known.province])
        && among(&form.industries, INDUSTRIES[known.industry])
        && among(&form.bands, LEVELS[known.level])
}

/// `None` hidden, else whether it is in clear; `phone` is L3, the others L1 or, as these two, L2.
fn seen(forms: &[&RoleForm], field: &str) -> Option<bool> {
    let level = match field {
        "phone" => 3,
        "customer_level" | "remarks" => 2,
        _ => 1,
    };
    let no = |text: &str| text.trim_start_matches('L').parse::<u8>().unwrap();
    let mut best = None;
    for form in forms {
        let Some(rule) = form.fields.get(&format!("customer.{field}")) else { continue };
        if level > no(&form.see_to) {
            continue;
        }
        best = best.max(Some(rule == "clear" && level <= no(&form.clear_to)));
    }
    best
}

fn all(engine: &Engine, caller: &Caller, query: ListQuery) -> Vec<Record> {
    let mut query = ListQuery { kind: "customer".into(), limit: Some(7), ..query };
    let mut records = Vec::new();
    loop {
        let page = engine.list(caller, &query).unwrap();
        records.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return records,
        }
    }
}

fn program(world: &World, head: &Caller, name: &str, roles: &[String], team: usize) -> Caller {
    let engine = world.engine();
    let client = engine.add_client(head, name, roles, Some(TEAMS[team])).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    engine.caller(&Origin::default(), &token.access_token).unwrap()
}

#[test]
fn every_query_reaches_exactly_what_the_rules_say_of_each_record() {
    let world = World::new();
    let engine = world.engine();
    let (head, known) = planted(&world);
    let mut dice = Dice(11);
    let rounds = std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    let (mut hits, mut out) = (0, 0);
    for round in 0..rounds {
        let forms: Vec<RoleForm> =
            (0..=dice.roll(3)).map(|at| random_form(&mut dice, &format!("角色 {round}-{at}"))).collect();
        for form in &forms {
            engine.add_role(&head, form).unwrap().done().unwrap();
        }
        let names: Vec<String> = forms.iter().map(|form| form.name.clone()).collect();
        let own = dice.roll(TEAMS.len());
        let caller = program(&world, &head, &format!("程序 {round}"), &names, own);
        let of = |one: &Known| forms.iter().filter(|form| reaches(form, own, one)).collect::<Vec<_>>();
        let expected: BTreeSet<&str> =
            known.iter().filter(|one| !of(one).is_empty()).map(|one| one.id.as_str()).collect();

        let records = all(engine, &caller, ListQuery::default());
        let listed: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(listed, expected, "{forms:?} of {}", TEAMS[own]);
        assert_eq!(listed.len(), records.len(), "each once");
        let count = ListQuery { kind: "customer".into(), ..ListQuery::default() };
        assert_eq!(engine.count(&caller, &count).unwrap(), expected.len() as u64);
        assert_eq!(engine.quality(&caller, true).unwrap().records, expected.len() as u64);

        for (at, one) in known.iter().enumerate() {
            let here = of(one);
            let read = engine.read(&caller, "customer", &one.id, false);
            if here.is_empty() {
                out += 1;
                assert_eq!(read.err().unwrap().key, "not_found");
                let key = reveal(engine, &caller, &one.id).err().unwrap().key;
                assert!(["not_found", "action_not_allowed"].contains(&key), "{key}");
            } else {
                hits += 1;
                let record = read.unwrap();
                for field in ["name", "province", "industry", "customer_level", "phone", "subject", "remarks"]
                {
                    let there = field != "remarks";
                    let shown = record.fields.get(field).map(|_| !record.masked.contains(&field));
                    assert_eq!(shown, seen(&here, field).filter(|_| there), "{field} of {here:?}");
                }
                // The same in a list as alone.
                let listed = records.iter().find(|listed| listed.id == one.id).unwrap();
                let text = |record: &Record| serde_json::to_string(&record.fields).unwrap();
                assert_eq!(text(listed), text(&record));
                assert_eq!(listed.masked, record.masked);
                let may = |action: &str| here.iter().any(|form| form.actions.iter().any(|one| one == action));
                let openable = |form: &&&RoleForm| {
                    form.see_to == "L3"
                        && form.fields.get("customer.phone").is_some_and(|rule| rule != "masked")
                };
                let opens = may("reveal") && here.iter().any(|form| openable(&form));
                // As many as an hour allows.
                if at < 15 {
                    assert_eq!(reveal(engine, &caller, &one.id).is_ok(), opens, "{here:?}");
                }
                let history = engine.history(&caller, "customer", &one.id, None, None);
                assert_eq!(history.is_ok(), may("history"));
            }
        }
        engine.catch_up_names().unwrap();
        filters(engine, &caller, &known, &expected, &forms, &of);
        searches(engine, &caller, &known[round % known.len()], &of(&known[round % known.len()]), &forms);
    }
    assert!(hits > rounds * 4 && out > rounds * 4, "{hits} inside, {out} outside");
    world.assert_sound();
}

fn reveal(
    engine: &Engine,
    caller: &Caller,
    id: &str,
) -> Result<dossier_engine::Revealed, dossier_engine::model::Fault> {
    let (kind, id, field) = ("customer".into(), id.into(), "phone".into());
    engine.reveal(caller, &Reveal { kind, id, field, purpose: "联系客户".into(), how: Opening::Look })
}

/// A filter narrows what is reached, and is refused by a field that is not seen in clear everywhere.
fn filters<'f>(
    engine: &Engine,
    caller: &Caller,
    known: &[Known],
    expected: &BTreeSet<&str>,
    forms: &[RoleForm],
    of: &impl Fn(&Known) -> Vec<&'f RoleForm>,
) {
    let by_team =
        all(engine, caller, ListQuery { team: vec!["上海".into(), "华南".into()], ..ListQuery::default() });
    let of_teams =
        known.iter().filter(|one| [1, 3].contains(&one.team) && expected.contains(one.id.as_str()));
    assert_eq!(by_team.len(), of_teams.count());
    let query = ListQuery { kind: "customer".into(), industry: vec!["02".into()], ..ListQuery::default() };
    let everywhere = forms.iter().all(|form| seen(&[form], "industry") == Some(true));
    match engine.count(caller, &query) {
        Ok(count) => {
            let clear = |one: &Known| seen(&of(one), "industry") == Some(true);
            let reached = known.iter().filter(|one| expected.contains(one.id.as_str()));
            assert!(reached.clone().all(clear), "{forms:?}");
            let of_industry =
                known.iter().filter(|one| one.industry == 1 && expected.contains(one.id.as_str())).count();
            assert_eq!(count, of_industry as u64);
        }
        Err(fault) => {
            assert_eq!(fault.key, "query_invalid");
            assert!(!everywhere, "{forms:?}");
        }
    }
}

/// By name only where the name is in clear, by number only where that right holds too.
fn searches(engine: &Engine, caller: &Caller, one: &Known, here: &[&RoleForm], forms: &[RoleForm]) {
    let found = engine.search(caller, &Search::of(&one.name)).unwrap();
    assert!(found.complete);
    let by_name = found.items.iter().any(|record| record.id == one.id);
    assert_eq!(by_name, seen(here, "name") == Some(true), "{here:?}");
    let may = |form: &RoleForm| form.actions.iter().any(|action| action == "find");
    match engine.search(caller, &Search::of(&one.number)) {
        Ok(found) => {
            let there = found.items.iter().any(|record| record.id == one.id);
            let by_number = here.iter().any(|form| may(form)) && seen(here, "phone").is_some();
            assert_eq!(there, by_number, "{here:?}");
        }
        Err(fault) => {
            assert_eq!(fault.key, "find_not_allowed");
            assert!(!forms.iter().any(may));
        }
    }
}

fn newest(log: &str) -> LedgerQuery {
    LedgerQuery { log: log.into(), limit: Some(200), ..LedgerQuery::default() }
}

#[test]
fn a_changed_role_holds_for_the_next_request_and_the_ledger_says_what_moved() {
    let world = World::new();
    let engine = world.engine();
    let (head, known) = planted(&world);
    let mut form = RoleForm {
        name: "客服".into(),
        actions: vec!["read".into()],
        teams: "all".into(),
        see_to: "L3".into(),
        clear_to: "L2".into(),
        fields: BTreeMap::from([("customer.name".into(), "clear".into())]),
        ..RoleForm::default()
    };
    let role = engine.add_role(&head, &form).unwrap().done().unwrap();
    let caller = program(&world, &head, "客服系统", std::slice::from_ref(&form.name), 0);
    let phone = |caller: &Caller| {
        let record = engine.read(caller, "customer", &known[0].id, false).unwrap();
        record.fields.get("phone").map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!(phone(&caller), None);
    form.fields.insert("customer.phone".into(), "masked".into());
    let changed = engine.change_role(&head, &role.id, role.version, &form).unwrap().done().unwrap();
    assert_eq!((changed.version, changed.holders), (2, 1));
    assert_eq!(phone(&caller).unwrap(), "154****0000");
    // By what was seen before, nothing is changed any more.
    let late =
        engine.change_role(&head, &role.id, role.version, &RoleForm { teams: "own".into(), ..form.clone() });
    assert_eq!(late.err().unwrap().key, "version_conflict");
    assert_eq!(engine.remove_role(&head, &role.id).err().unwrap().key, "role_in_use");
    let auditor = world.caller("ISA", None);
    let page = engine.ledger(&auditor, &newest("change")).unwrap();
    let said = serde_json::to_string(&page.items).unwrap();
    assert!(said.contains("fields.customer.phone: – → masked"), "{said}");
    world.assert_sound();
}

#[test]
fn a_role_holds_in_its_hours_alone() {
    let world = World::new();
    let engine = world.engine();
    let (head, known) = planted(&world);
    // The world begins on a Sunday at 14:00 in Beijing.
    let form = RoleForm {
        name: "周日值班".into(),
        actions: vec!["read".into()],
        teams: "all".into(),
        see_to: "L2".into(),
        fields: BTreeMap::from([("customer.name".into(), "clear".into())]),
        weekdays: vec![7],
        from_time: Some("13:00".into()),
        to_time: Some("14:30".into()),
        ..RoleForm::default()
    };
    engine.add_role(&head, &form).unwrap().done().unwrap();
    let caller = program(&world, &head, "值班", std::slice::from_ref(&form.name), 0);
    let read = || engine.read(&caller, "customer", &known[0].id, false).err().map(|fault| fault.key);
    assert_eq!(read(), None);
    world.clock.advance(31 * 60 * 1_000_000);
    assert_eq!(read(), Some("action_not_allowed"));
    // A refusal out of hours stands in the ledger.
    let auditor = world.caller("ISA", None);
    let page = engine.ledger(&auditor, &newest("access")).unwrap();
    assert!(serde_json::to_string(&page.items).unwrap().contains("refused"));
}

#[test]
fn what_is_not_known_is_refused_by_its_name_and_changes_nothing() {
    let world = World::new();
    let engine = world.engine();
    let (head, _) = planted(&world);
    let good = RoleForm { name: "示例".into(), actions: vec!["read".into()], ..RoleForm::default() };
    let field = |name: &str, rule: &str| BTreeMap::from([(name.to_owned(), rule.to_owned())]);
    let text = |text: &str| vec![text.to_owned()];
    let wrong = [
        (RoleForm { name: " ".into(), ..good.clone() }, "value_length", "name"),
        (RoleForm { name: "cdo".into(), ..good.clone() }, "name_taken", "name"),
        (RoleForm { inherits: text("没有"), ..good.clone() }, "role_unknown", "inherits"),
        (RoleForm { actions: text("fly"), ..good.clone() }, "choice_unknown", "actions"),
        (
            RoleForm { teams: "named".into(), named_teams: text("没有"), ..good.clone() },
            "team_unknown",
            "named_teams",
        ),
        (RoleForm { teams: "x".into(), ..good.clone() }, "choice_unknown", "teams"),
        (
            RoleForm { teams: "all".into(), named_teams: text("上海"), ..good.clone() },
            "choice_unknown",
            "teams",
        ),
        (RoleForm { teams: "named".into(), ..good.clone() }, "required", "named_teams"),
        (RoleForm { regions: text("火星"), ..good.clone() }, "choice_unknown", "regions"),
        (RoleForm { industries: text("1"), ..good.clone() }, "choice_unknown", "industries"),
        (RoleForm { bands: text("x"), ..good.clone() }, "choice_unknown", "bands"),
        (RoleForm { see_to: "L5".into(), ..good.clone() }, "choice_unknown", "see_to"),
        (RoleForm { fields: field("customer.x", "clear"), ..good.clone() }, "unknown_field", "fields"),
        (
            RoleForm { fields: field("customer.name", "x"), ..good.clone() },
            "choice_unknown",
            "fields.customer.name",
        ),
        (RoleForm { weekdays: vec![8], ..good.clone() }, "choice_unknown", "weekdays"),
        (RoleForm { from_time: Some("09:00".into()), ..good.clone() }, "required", "to_time"),
        (
            RoleForm { from_time: Some("65000:00".into()), to_time: Some("10:00".into()), ..good.clone() },
            "choice_unknown",
            "from_time",
        ),
        (
            RoleForm {
                first_day: Some("2026-12-01".into()),
                last_day: Some("2026-11-01".into()),
                ..good.clone()
            },
            "choice_unknown",
            "last_day",
        ),
    ];
    let before = engine.roles(&head).unwrap().len();
    for (form, key, field) in wrong {
        let fault = engine.add_role(&head, &form).err().unwrap();
        assert_eq!((fault.key, fault.field.as_deref()), (key, Some(field)), "{form:?}");
    }
    assert_eq!(engine.roles(&head).unwrap().len(), before);
    // What was said comes back as it was said.
    let full = RoleForm {
        inherits: text("CDU"),
        regions: text("上海市"),
        industries: text("02"),
        bands: text("key"),
        own: true,
        open_to: Some("L3".into()),
        fields: field("contact.mobile", "openable"),
        weekdays: vec![1, 5],
        from_time: Some("22:00".into()),
        to_time: Some("06:00".into()),
        first_day: Some("2026-11-01".into()),
        last_day: Some("2026-12-01".into()),
        teams: "named".into(),
        named_teams: text("上海"),
        ..good
    };
    let role = engine.add_role(&head, &full).unwrap().done().unwrap();
    assert_eq!(role.form, full);
    let own = RoleForm { inherits: text("示例"), ..full.clone() };
    let fault = engine.change_role(&head, &role.id, 1, &own).err().unwrap();
    assert_eq!((fault.key, fault.field.as_deref()), ("role_cycle", Some("inherits")));
    assert_eq!(engine.change_role(&head, "CDE", 1, &own).err().unwrap().key, "role_built_in");
    engine.remove_role(&head, &role.id).unwrap();
    assert_eq!(engine.roles(&head).unwrap().len(), before);
    assert_eq!(engine.remove_role(&head, &role.id).err().unwrap().key, "not_found");
    // The name is free again.
    engine.add_role(&head, &RoleForm { inherits: Vec::new(), ..full }).unwrap().done().unwrap();
    world.assert_sound();
}

#[test]
fn nobody_raises_themselves_and_a_cdo_is_always_left() {
    let world = World::new();
    let engine = world.engine();
    let (head, _) = planted(&world);
    let admin =
        RoleForm { name: "管理".into(), actions: vec!["manage_access".into()], ..RoleForm::default() };
    engine.add_role(&head, &admin).unwrap().done().unwrap();
    let keeper = program(&world, &head, "管理程序", std::slice::from_ref(&admin.name), 0);
    let wider = RoleForm {
        name: "更多".into(),
        actions: vec!["read".into(), "export".into()],
        ..RoleForm::default()
    };
    assert_eq!(engine.add_role(&keeper, &wider).err().unwrap().key, "cdo_required");
    assert_eq!(engine.add_user(&keeper, "示例二", &["CDO"], None).err().unwrap().key, "cdo_required");
    assert_eq!(engine.add_user(&keeper, "示例二", &["管理"], None).err().unwrap().key, "cdo_required");
    // Not even what they have not themselves.
    assert_eq!(engine.add_user(&keeper, "示例二", &["CDE"], None).err().unwrap().key, "cdo_required");
    let added = engine.add_user(&head, "示例二", &["CDE"], Some("上海")).unwrap().done().unwrap();
    // Nor a place among others.
    assert_eq!(
        engine.add_client(&keeper, "别队", &["管理"], Some("华南")).err().unwrap().key,
        "cdo_required"
    );
    assert_eq!(engine.renew_user(&keeper, &added.id).err().unwrap().key, "cdo_required");
    let under = TeamChange { above: Some("华南".into()), ..TeamChange::default() };
    assert_eq!(engine.change_team(&keeper, "华东", &under).err().unwrap().key, "cdo_required");
    let roles = |roles: &[&str]| UserChange {
        roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()),
        team: None,
    };
    assert_eq!(engine.change_user(&keeper, &added.id, &roles(&["CDO"])).err().unwrap().key, "cdo_required");
    let changed =
        engine.change_user(&head, &added.id, &roles(&["CDE", "CDU", "CDE"])).unwrap().done().unwrap();
    assert_eq!(changed.roles, ["CDE", "CDU"]);
    let none = engine.change_user(&head, &added.id, &roles(&[])).unwrap().done().unwrap();
    assert!(none.roles.is_empty(), "whoever has none can do nothing");
    // The one person who could decide stays so; a role that makes one is not emptied under them.
    let last = engine.change_user(&head, "示例用户", &roles(&["CDA"]));
    assert_eq!(last.err().unwrap().key, "last_keeper");
    let above = TeamChange { above: Some("浦东".into()), ..TeamChange::default() };
    assert_eq!(engine.change_team(&head, "华东", &above).err().unwrap().key, "team_cycle");
    assert_eq!(
        engine
            .change_team(&head, "上海", &TeamChange { above: Some("上海".into()), ..TeamChange::default() })
            .err()
            .unwrap()
            .key,
        "team_cycle"
    );
    let lead = TeamChange { lead: Some("示例二".into()), ..TeamChange::default() };
    assert_eq!(
        engine.change_team(&head, "上海", &lead).unwrap().done().unwrap().lead.as_deref(),
        Some("示例二")
    );
    world.assert_sound();
}

#[test]
fn nobody_moves_a_dossier_to_where_they_see_more_of_it() {
    let world = World::new();
    let engine = world.engine();
    let (head, known) = planted(&world);
    let form = |name: &str, teams: &str, actions: &[&str], rule: &str| RoleForm {
        name: name.into(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        teams: teams.into(),
        see_to: "L3".into(),
        clear_to: "L2".into(),
        open_to: Some("L3".into()),
        fields: ["name", "phone", "province"]
            .map(|field| {
                (format!("customer.{field}"), if field == "province" { "clear" } else { rule }.to_owned())
            })
            .into(),
        ..RoleForm::default()
    };
    engine.add_role(&head, &form("改", "all", &["read", "change"], "masked")).unwrap().done().unwrap();
    engine.add_role(&head, &form("看", "own", &["read", "reveal"], "openable")).unwrap().done().unwrap();
    let caller = program(&world, &head, "改看", &["改".to_owned(), "看".to_owned()], 3);
    let one = known.iter().find(|one| one.team == 0).unwrap();
    let now = engine.read(&caller, "customer", &one.id, false).unwrap();
    let to = |team: &str| Change { team: Some(team.into()), ..common::change(&now, json!({})) };
    assert_eq!(engine.change(&caller, &to("华南")).err().unwrap().key, "move_gains");
    assert_eq!(engine.read(&head, "customer", &one.id, false).unwrap().team, "华东");
    // To where it is seen no better it may go.
    assert_eq!(engine.change(&caller, &to("上海")).unwrap().done().unwrap().record.team, "上海");
    world.assert_sound();
}

#[test]
fn a_moved_dossier_takes_its_contacts_along() {
    let world = World::new();
    let engine = world.engine();
    let (head, known) = planted(&world);
    let one = known.iter().find(|one| one.province == 0).unwrap();
    let mut contact = customer(json!({"name": "韩示例", "mobile": "15400009999"}));
    contact.kind = "contact".into();
    contact.dossier = Some(one.id.clone());
    let contact = engine.create(&head, &contact).unwrap().record;
    let form = RoleForm {
        name: "广东".into(),
        actions: vec!["read".into()],
        teams: "all".into(),
        regions: vec!["广东省".into()],
        see_to: "L3".into(),
        fields: BTreeMap::from([("contact.name".into(), "masked".into())]),
        ..RoleForm::default()
    };
    engine.add_role(&head, &form).unwrap().done().unwrap();
    let caller = program(&world, &head, "广东程序", std::slice::from_ref(&form.name), 0);
    let read = || engine.read(&caller, "contact", &contact.id, false).map(|record| record.version);
    assert_eq!(read().err().unwrap().key, "not_found");
    let now = engine.read(&head, "customer", &one.id, false).unwrap();
    engine.change(&head, &common::change(&now, json!({"province": "广东省"}))).unwrap().done().unwrap();
    assert_eq!(read().unwrap(), 2);
    let options = VerifyOptions { deep: true, ..VerifyOptions::default() };
    assert!(engine.verify(&world.operator(), &options, &mut |_, _, _| {}).unwrap().ok);
}
