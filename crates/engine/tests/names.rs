//! Searching by names: how each is met, in which order, by whom, and what the index does when it is behind, damaged, killed or
//! told to forget.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, files};
use dossier_engine::{Caller, Create, Engine, Hits, OpenOptions, Origin, Record, Search};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn search(engine: &Engine, caller: &Caller, q: &str) -> Hits {
    engine.search(caller, &Search::of(q)).unwrap()
}

/// Names and ways in which they were met, in the order of the answer.
fn met(engine: &Engine, caller: &Caller, q: &str) -> Vec<(String, &'static str)> {
    let name = |record: &Record| record.fields.get("name").unwrap().as_str().unwrap().to_owned();
    search(engine, caller, q).items.iter().map(|r| (name(r), r.found.unwrap().how)).collect()
}

fn names(engine: &Engine, caller: &Caller, q: &str) -> Vec<String> {
    met(engine, caller, q).into_iter().map(|(name, _)| name).collect()
}

fn firm(name: &str) -> serde_json::Value {
    json!({ "name": name, "subject": "A" })
}

fn contact(dossier: &Record, name: &str) -> Create {
    let fields = common::fields(json!({ "name": name, "mobile": "15400000009" }));
    Create { kind: "contact".into(), dossier: Some(dossier.id.clone()), fields, ..Create::default() }
}

#[test]
fn a_firm_is_found_in_every_way_and_the_answer_says_by_what() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    world.create(&head, firm("靖远搏远养殖专业合作社"));
    world.create(&head, firm("示例科技（杭州）有限公司"));
    world.create(&head, firm("臺灣示範銀行"));
    engine.catch_up_names().unwrap();
    for (q, name, how) in [
        ("靖远搏远养殖专业合作社", "靖远搏远养殖专业合作社", "exact"),
        ("搏远养殖", "靖远搏远养殖专业合作社", "short_form"),
        ("搏远", "靖远搏远养殖专业合作社", "short_form"),
        ("靖远搏", "靖远搏远养殖专业合作社", "prefix"),
        ("养殖", "靖远搏远养殖专业合作社", "contains"),
        ("合作", "靖远搏远养殖专业合作社", "contains"),
        ("示例科技", "示例科技（杭州）有限公司", "short_form"),
        ("示例科技(杭州)有限公司", "示例科技（杭州）有限公司", "exact"),
        ("示例科技有限公司", "示例科技（杭州）有限公司", "exact"),
        ("shilikeji", "示例科技（杭州）有限公司", "pinyin"),
        ("shi li ke ji", "示例科技（杭州）有限公司", "pinyin"),
        ("ＳＬＫＪ", "示例科技（杭州）有限公司", "initials"),
        ("台湾示范", "臺灣示範銀行", "prefix"),
        ("銀行", "臺灣示範銀行", "contains"),
        ("shifanyinhang", "臺灣示範銀行", "pinyin"),
        ("twsfyh", "臺灣示範銀行", "initials"),
    ] {
        assert_eq!(met(engine, &head, q), [(name.to_owned(), how)], "{q}");
        let hits = search(engine, &head, q);
        assert_eq!((hits.items[0].found.unwrap().field, hits.complete, hits.behind), (Some("name"), true, 0));
    }
    for q in ["示", "例示", "不存在的名称", "xyzxyz"] {
        assert_eq!(names(engine, &head, q), Vec::<String>::new(), "{q}");
    }
}

#[test]
fn the_best_comes_first_and_no_more_than_asked_for() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let order = [
        "示例",
        "示例有限公司",
        "北京示例贸易有限公司",
        "示例数据科技股份有限公司",
        "大示例集团",
        "世力示理咨询",
    ];
    for name in order.iter().rev() {
        world.create(&head, firm(name));
    }
    engine.catch_up_names().unwrap();
    assert_eq!(names(engine, &head, "示例"), order[..5]);
    let two = engine.search(&head, &Search { q: "示例".into(), limit: Some(2) }).unwrap();
    assert_eq!((two.items.len(), two.more), (2, true));
    for limit in [0, 26] {
        let fault = engine.search(&head, &Search { q: "示例".into(), limit: Some(limit) }).err().unwrap();
        assert_eq!((fault.key, fault.field.as_deref()), ("query_invalid", Some("limit")));
    }
}

#[test]
fn numbers_are_found_as_before_and_the_answer_says_by_which() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let record = world.create(&head, common::firm());
    engine.catch_up_names().unwrap();
    let code = record.code.clone().unwrap();
    let old_form = format!("{}4321", &code[..13]);
    for (q, field, how) in [
        (code.as_str(), "code", "exact"),
        (&code[..15], "code", "exact"),
        (&old_form, "code", "exact"),
        ("15400000000", "phone", "exact"),
        ("0000", "phone", "last_four"),
        ("91350100M000100Y43", "document_number", "exact"),
    ] {
        let hits = search(engine, &head, q);
        let found = hits.items[0].found.unwrap();
        assert_eq!((found.field, found.how, hits.items.len()), (Some(field), how, 1), "{q}");
    }
}

/// Every role in each of two teams looks for parts of everything: only what it may see in clear, in its own rows, comes up.
#[test]
fn nobody_finds_by_a_name_that_it_does_not_see_in_clear() {
    let world = World::new();
    let engine = world.engine();
    for team in ["华东", "华南"] {
        engine.add_team(&world.operator(), team).unwrap();
    }
    engine.add_user(&world.operator(), "示例用户", &["CDO"], None).unwrap().done().unwrap();
    let (mut made, mut sellers) = (Vec::new(), Vec::new());
    for (team, mark) in [("华东", "龘"), ("华南", "靐")] {
        let seller = world.caller("CDE", Some(team));
        let person = json!({ "name": format!("韩{mark}示"), "subject": "B" });
        let firm = world.create(&seller, firm(&format!("{mark}示科技有限公司")));
        let contact = engine.create(&seller, &contact(&firm, &format!("石{mark}示"))).unwrap().record;
        made.push((team, "firm", firm.id));
        made.push((team, "person", world.create(&seller, person).id));
        made.push((team, "contact", contact.id));
        sellers.push(seller);
    }
    engine.catch_up_names().unwrap();
    for role in ["CDO", "CDA", "CDE", "CDU", "ISA"] {
        for team in ["华东", "华南"] {
            if (role, team) == ("CDO", "华南") || (role, team) == ("ISA", "华南") {
                continue;
            }
            let caller = match role {
                "CDE" => {
                    let program = engine
                        .add_client(
                            &world.operator_as("示例用户"),
                            &format!("again-{team}"),
                            &[role],
                            Some(team),
                        )
                        .unwrap();
                    let token =
                        engine.sign_in(&Origin::default(), &program.client_id, &program.client_secret);
                    engine.caller(&Origin::default(), &token.unwrap().access_token).unwrap()
                }
                _ => world.caller(role, Some(team)),
            };
            let all_rows = matches!(role, "CDO" | "ISA");
            for q in ["龘示", "靐示", "韩龘", "韩靐", "石龘", "石靐", "示科", "shi", "han", "dashi", "sk"]
            {
                for hit in search(engine, &caller, q).items {
                    let (of, what, _) = made.iter().find(|(_, _, id)| *id == hit.id).unwrap();
                    assert!(all_rows || *of == team, "{role} of {team} finds {what} of {of} by {q}");
                    assert!(*what != "contact", "{role} finds a contact by its masked name, {q}");
                    assert!(role != "ISA" || *what == "firm", "{role} finds a person by a masked name, {q}");
                    assert!(!hit.masked.contains(&"name"), "{role} {q}");
                }
            }
            let own = if team == "华东" { "龘示" } else { "靐示" };
            assert!(
                !search(engine, &caller, own).items.is_empty(),
                "{role} of {team} finds its own by {own}"
            );
        }
    }
}

#[test]
fn whoever_may_not_find_by_numbers_still_searches_names() {
    let world = World::new();
    let engine = world.engine();
    engine.add_user(&world.operator(), "示例用户", &["CDO"], None).unwrap().done().unwrap();
    let head = world.caller("CDO", None);
    let record = world.create(&head, common::firm());
    engine.catch_up_names().unwrap();
    let audit = world.caller("ISA", None);
    assert_eq!(names(engine, &audit, "示例科技").len(), 1);
    assert_eq!(search(engine, &audit, record.code.as_deref().unwrap()).items.len(), 1);
    for q in ["15400000000", "0000", "91350100M000100Y43", "office@example.com"] {
        assert_eq!(engine.search(&audit, &Search::of(q)).err().unwrap().key, "find_not_allowed", "{q}");
    }
    // Names that nobody has are no look-ups of numbers: they count against nothing.
    for at in 0..40 {
        search(engine, &head, &format!("无此名称{at}"));
    }
    assert_eq!(
        engine.search(&world.operator(), &Search::of("示例")).err().unwrap().key,
        "action_not_allowed"
    );
}

#[test]
fn a_changed_name_is_found_and_the_old_one_no_more() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let record = world.create(&head, firm("旧名贸易有限公司"));
    engine.catch_up_names().unwrap();
    engine.change(&head, &change(&record, firm("新名贸易有限公司"))).unwrap().done().unwrap();
    // Before the index knows, the record itself decides: the old name is not its name.
    assert_eq!(names(engine, &head, "旧名"), Vec::<String>::new());
    engine.catch_up_names().unwrap();
    assert_eq!(names(engine, &head, "旧名"), Vec::<String>::new());
    assert_eq!(names(engine, &head, "新名"), ["新名贸易有限公司"]);
}

#[test]
fn an_erased_customer_is_found_no_more_and_its_segment_is_written_again() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let doomed = world.create(&head, firm("将销毁贸易有限公司"));
    world.create(&head, firm("留存贸易有限公司"));
    engine.catch_up_names().unwrap();
    let terms = || files(&world.data().join("search")).into_iter().map(|(path, _)| path);
    let before: Vec<PathBuf> = terms().filter(|path| path.extension().is_some_and(|e| e == "term")).collect();
    engine.erase(&head, &doomed.id).unwrap().done().unwrap();
    // At once, whether the index knows or not.
    assert_eq!(names(engine, &head, "将销毁"), Vec::<String>::new());
    engine.catch_up_names().unwrap();
    assert_eq!(names(engine, &head, "贸易"), ["留存贸易有限公司"]);
    assert!(!before.is_empty() && before.iter().all(|path| !path.exists()), "{before:?}");
}

#[test]
fn the_answer_says_when_the_index_is_not_complete() {
    let mut world = World::new();
    let head = world.caller("CDO", None);
    world.create(&head, common::firm());
    let hits = search(world.engine(), &head, "示例科技");
    assert!(!hits.complete && hits.behind > 0 && hits.items.is_empty());
    // Numbers need no index.
    assert_eq!(search(world.engine(), &head, "15400000000").items.len(), 1);
    world.engine().catch_up_names().unwrap();
    assert!(search(world.engine(), &head, "示例科技").complete);
    world.open();
    assert!(!search(world.engine(), &head, "示例科技").complete);
    world.engine().catch_up_names().unwrap();
    assert_eq!(search(world.engine(), &head, "示例科技").items.len(), 1);
}

#[test]
fn what_is_entered_is_found_within_a_second() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let indexing = engine.index_names();
    // Its next steps find it; how long that took is measured elsewhere.
    let wait_for = |q: &str| {
        let found = (0..2_000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !search(engine, &head, q).items.is_empty()
        });
        assert!(found, "{q} is not found");
    };
    world.create(&head, firm("第一示例有限公司"));
    wait_for("第一示例");
    world.create(&head, firm("第二示例有限公司"));
    wait_for("第二示例");
    drop(indexing);
}

/// Whatever is done to the files while nobody uses them, the answers are right afterwards.
#[test]
fn a_damaged_missing_or_foreign_index_is_made_again() {
    let mut world = World::new();
    let head = world.caller("CDO", None);
    for at in 0..30 {
        world.create(&head, firm(&format!("示例{at}号贸易有限公司")));
    }
    world.engine().catch_up_names().unwrap();
    let folder = world.data().join("search");
    let all = |world: &World| {
        let head = &head;
        world.engine().catch_up_names().unwrap();
        (0..30).map(|at| names(world.engine(), head, &format!("示例{at}号"))).collect::<Vec<_>>()
    };
    let right = all(&world);
    assert_eq!(right[7], ["示例7号贸易有限公司"]);
    let elsewhere = World::new();
    elsewhere.create(&elsewhere.caller("CDO", None), firm("外来示例7号有限公司"));
    elsewhere.engine().catch_up_names().unwrap();
    let foreign = files(&elsewhere.data().join("search"));
    let harms: [&dyn Fn(); 5] = [
        &|| std::fs::remove_dir_all(&folder).unwrap(),
        &|| {
            files(&folder)
                .iter()
                .for_each(|(path, bytes)| std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap())
        },
        &|| {
            for (path, mut bytes) in files(&folder) {
                bytes[40] ^= 1;
                std::fs::write(path, bytes).unwrap();
            }
        },
        &|| std::fs::remove_file(folder.join("key")).unwrap(),
        &|| {
            std::fs::remove_dir_all(&folder).unwrap();
            std::fs::create_dir(&folder).unwrap();
            for (path, bytes) in &foreign {
                std::fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap();
            }
        },
    ];
    for (number, harm) in harms.iter().enumerate() {
        world.close();
        harm();
        world.open();
        assert_eq!(all(&world), right, "harm {number}");
    }
}

#[test]
fn an_index_of_an_earlier_state_of_the_log_goes_on_from_there() {
    let mut world = World::new();
    let head = world.caller("CDO", None);
    let early = world.create(&head, firm("早期示例有限公司"));
    world.engine().catch_up_names().unwrap();
    world.close();
    let folder = world.data().join("search");
    let old = files(&folder);
    world.open();
    world.engine().erase(&head, &early.id).unwrap().done().unwrap();
    world.create(&head, firm("后来示例有限公司"));
    world.engine().catch_up_names().unwrap();
    world.close();
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    old.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    world.open();
    world.engine().catch_up_names().unwrap();
    assert_eq!(names(world.engine(), &head, "示例"), ["后来示例有限公司"]);
}

#[test]
fn a_rebuild_needs_a_right_and_leaves_the_same_answers() {
    let world = World::new();
    let engine = world.engine();
    engine.add_user(&world.operator(), "示例用户", &["CDO"], None).unwrap().done().unwrap();
    let head = world.caller("CDO", None);
    for at in 0..20 {
        world.create(&head, firm(&format!("示例{at}号贸易有限公司")));
    }
    engine.catch_up_names().unwrap();
    let before = names(engine, &head, "贸易");
    let rebuilt = engine.rebuild_search(&world.operator()).unwrap();
    assert!(rebuilt.entries >= 20);
    assert_eq!(names(engine, &head, "贸易"), before);
    let seller = world.caller("CDE", None);
    assert_eq!(engine.rebuild_search(&seller).err().unwrap().key, "action_not_allowed");
}

const FOLDER: &str = "DOSSIER_KILLED_INDEXING";

fn open(folder: &Path) -> Engine {
    let options = OpenOptions {
        data: folder.join("data"),
        store: common::store(folder),
        keystore: Some(folder.join("root.keystore")),
        ..OpenOptions::default()
    };
    Engine::open_folder(&options).unwrap()
}

fn signed_in(engine: &Engine, folder: &Path) -> Caller {
    let path = folder.join("credentials");
    if !path.exists() {
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        let client = engine.add_client(&operator, "head", &["CDO"], None).unwrap();
        std::fs::write(&path, format!("{} {}", client.client_id, client.client_secret)).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let (id, secret) = text.split_once(' ').unwrap();
    let token = engine.sign_in(&Origin::default(), id, secret).unwrap();
    engine.caller(&Origin::default(), &token.access_token).unwrap()
}

/// The process that is killed: it enters, changes and erases while it indexes. Does nothing as a test among others.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let engine = open(&folder);
    let head = signed_in(&engine, &folder);
    println_ready();
    let _indexing = engine.index_names();
    for at in 0.. {
        let name = format!("示例{}号{}有限公司", at % 97, at % 13);
        let record = engine.create(&head, &customer(firm(&name))).unwrap().record;
        if at % 5 == 0 {
            engine
                .change(&head, &change(&record, firm(&format!("改名{}号有限公司", at % 31))))
                .unwrap()
                .done()
                .unwrap();
        }
        if at % 11 == 0 {
            engine.erase(&head, &record.id).unwrap().done().unwrap();
        }
        if at % 29 == 0 {
            engine.catch_up_names().unwrap();
        }
    }
}

fn println_ready() {
    let mut out = std::io::stdout().lock();
    writeln!(out, "READY").unwrap();
    out.flush().unwrap();
}

#[test]
fn an_index_of_a_killed_process_goes_on_to_what_a_new_one_would_be() {
    let kept = tempfile::TempDir::new().unwrap();
    let folder = kept.path();
    let rounds: u64 = std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        assert!(out.lines().map_while(Result::ok).any(|line| line.contains("READY")));
        std::thread::sleep(Duration::from_millis(round * 7919 % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        if round % 4 != 3 {
            continue;
        }
        let engine = open(folder);
        let head = signed_in(&engine, folder);
        let all = || {
            let mut all = Vec::new();
            for q in (0..97).map(|at| format!("示例{at}号")).chain((0..31).map(|at| format!("改名{at}号")))
            {
                let hits = engine.search(&head, &Search { q, limit: Some(25) }).unwrap();
                assert!(hits.complete);
                all.push((hits.items.into_iter().map(|record| record.id).collect::<Vec<_>>(), hits.more));
            }
            all
        };
        engine.catch_up_names().unwrap();
        let followed = all();
        engine.rebuild_search(&engine.operator(&Origin::default(), 0, None).unwrap()).unwrap();
        assert!(followed == all(), "round {round}: the index that was killed finds something else");
        assert!(followed.iter().any(|(ids, _)| !ids.is_empty()));
    }
}
