//! Several servers on one database: what one does holds at once at the others.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::fleet::{Fleet, assert_sound, caller, create, operator, program, sign_in};
use common::{change, customer, firm};
use dossier_engine::{
    Create, Engine, Import, LedgerQuery, ListQuery, NewImport, Reveal, Settings, Start, VerifyOptions,
};
use dossier_store::{Op, Store, WriteSet};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn list() -> ListQuery {
    ListQuery { kind: "customer".into(), ..ListQuery::default() }
}

/// Waits for what another thread does by itself.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn quick() -> Settings {
    Settings { access_anchor_seconds: 1, ..Settings::default() }
}

#[test]
fn a_program_added_at_one_server_signs_in_at_the_other_at_once_and_is_out_at_both() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    let head = program(&a, "head", "CDO");
    let token = sign_in(&b, &head).unwrap();
    let at_a = caller(&a, &token).unwrap();
    let at_b = caller(&b, &token).unwrap();
    let record = create(&b, &at_b, firm());
    assert_eq!(a.read(&at_a, "customer", &record.id, false).unwrap().version, 1);

    let clerk = a.add_client(&at_a, "clerk", &["CDE"], None).unwrap();
    let token = sign_in(&b, &clerk).unwrap();
    let at_b = caller(&b, &token).unwrap();
    a.disable_client(&at_a, &clerk.client_id).unwrap();
    assert_eq!(b.list(&at_b, &list()).err().unwrap().key, "unauthenticated");
    assert_eq!(caller(&b, &token).err().unwrap().key, "unauthenticated");
    assert_eq!(sign_in(&b, &clerk).err().unwrap().key, "oauth_invalid_client");
    assert_sound(&b);
}

#[test]
fn what_is_known_of_people_and_teams_is_never_old() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    // Callers of before: what they are is asked anew at each request.
    let at_b = operator(&b);
    a.add_team(&operator(&a), "华东").unwrap();
    assert_eq!(b.teams(&at_b).unwrap().len(), 2);
    let head = program(&a, "head", "CDO");
    assert_eq!(b.clients(&at_b).unwrap().len(), 1);
    a.add_user(&operator(&a), "员工甲", &["CDA"], None).unwrap().done().unwrap();
    assert_eq!(b.users(&at_b).unwrap().len(), 1);
    assert_eq!(b.add_user(&at_b, "员工甲", &["CDA"], None).err().unwrap().key, "name_taken");

    let old = caller(&b, &sign_in(&b, &head).unwrap()).unwrap();
    a.add_team(&operator(&a), "华南").unwrap();
    let ask = Create {
        team: Some("华南".into()),
        ..customer(json!({"name": "新客户有限公司", "subject": "A"}))
    };
    assert_eq!(b.create(&old, &ask).unwrap().record.team, "华南");
    a.add_user(&operator(&a), "员工乙", &["CDA"], None).unwrap().done().unwrap();
    b.operator(&dossier_engine::Origin::default(), 0, Some("员工乙")).unwrap();
    // A program that was shut out elsewhere reads nothing that needs no record either.
    let isa = program(&a, "auditor", "ISA");
    let auditor = caller(&b, &sign_in(&b, &isa).unwrap()).unwrap();
    b.ledger_logs(&auditor).unwrap();
    a.disable_client(&operator(&a), &isa.client_id).unwrap();
    assert_eq!(b.ledger_logs(&auditor).err().unwrap().key, "unauthenticated");
    assert_eq!(b.checkpoint(&auditor, "change").err().unwrap().key, "unauthenticated");
}

#[test]
fn quotas_and_idempotency_keys_hold_over_all_servers() {
    let fleet = Fleet::new();
    let nodes = [fleet.node(1), fleet.node(2)];
    let token = sign_in(&nodes[0], &program(&nodes[0], "head", "CDO")).unwrap();
    let callers = nodes.each_ref().map(|node| caller(node, &token).unwrap());
    let ask = Create { idempotency_key: Some("k-1".into()), ..customer(firm()) };
    let made: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|at| {
                let (node, caller, ask) = (&nodes[at % 2], &callers[at % 2], &ask);
                scope.spawn(move || node.create(caller, ask).unwrap().record.id)
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]), "{made:?}");

    let clerk = program(&nodes[0], "clerk", "CDE");
    let token = sign_in(&nodes[0], &clerk).unwrap();
    let callers = nodes.each_ref().map(|node| caller(node, &token).unwrap());
    let ask = Reveal {
        kind: "customer".into(),
        id: made[0].clone(),
        field: "phone".into(),
        purpose: "联系客户".into(),
        how: dossier_engine::Opening::Look,
    };
    for at in 0..20 {
        let revealed = nodes[at % 2].reveal(&callers[at % 2], &ask).unwrap();
        assert!(revealed.entry.starts_with(&format!("a-{}-", at % 2 + 1)), "{}", revealed.entry);
        assert_eq!(revealed.used as usize, at + 1);
    }
    for at in 0..2 {
        assert_eq!(nodes[at].reveal(&callers[at], &ask).err().unwrap().key, "quota_reveal");
    }
}

#[test]
fn the_logs_of_all_servers_are_one_ledger() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(7));
    let token = sign_in(&a, &program(&a, "head", "CDO")).unwrap();
    let (at_a, at_b) = (caller(&a, &token).unwrap(), caller(&b, &token).unwrap());
    let record = create(&a, &at_a, firm());
    for _ in 0..5 {
        for (node, at) in [(&a, &at_a), (&b, &at_b)] {
            fleet.clock.advance(1_000_000);
            node.read(at, "customer", &record.id, false).unwrap();
        }
    }
    // Each server tells of all looks, newest first.
    for (node, at) in [(&a, &at_a), (&b, &at_b)] {
        let looks = node.looks(at, &record.id).unwrap();
        let nodes: Vec<&str> = looks.iter().map(|look| &look.entry[..4]).collect();
        assert_eq!(nodes, ["a-7-", "a-1-"].repeat(5));
        assert!(looks.windows(2).all(|pair| pair[0].at >= pair[1].at));
    }
    let logs = b.ledger_logs(&at_b).unwrap();
    let names: Vec<&str> = logs.iter().map(|log| log.log.as_str()).collect();
    assert_eq!(names, ["change", "access/1", "access/7"]);
    let page = |node: &Engine, log: &str| {
        node.ledger(
            &operator(node),
            &LedgerQuery { log: log.into(), from: Some(0), ..LedgerQuery::default() },
        )
        .map(|page| page.items)
    };
    assert!(page(&a, "access").unwrap().iter().all(|entry| entry.id.starts_with("a-1-")));
    assert!(page(&b, "access").unwrap().iter().all(|entry| entry.id.starts_with("a-7-")));
    assert!(page(&a, "access/7").unwrap().iter().all(|entry| entry.id.starts_with("a-7-")));
    assert_eq!(page(&a, "access/2").err().unwrap().key, "query_invalid");
    // Proofs, checkpoints and consistency of another server's log.
    let proof = a.proof(&at_a, "a-7-0").unwrap();
    assert!(proof.log.ends_with("/1/access/7"), "{}", proof.log);
    assert_eq!(a.proof(&at_a, "a-2-0").err().unwrap().key, "not_found");
    assert_eq!(a.consistency(&at_a, "access/7", 1).unwrap().log, proof.log);
    let folder = fleet.folder.path().join("exported");
    assert_eq!(a.export_ledger(&at_a, "access/7", &folder).unwrap().log, proof.log);
    // Anchors of any log are verified.
    let against = vec![b.checkpoint(&at_b, "access/1").unwrap(), a.checkpoint(&at_a, "access/7").unwrap()];
    let options = VerifyOptions { against, deep: true };
    let report = a.verify(&operator(&a), &options, &mut |_, _, _| {}).unwrap();
    assert!(report.ok, "{:?}", report.problems);
    assert_eq!((report.logs.len(), report.anchors), (3, 2));
}

#[test]
fn the_log_of_a_server_that_died_is_anchored_by_one_that_is_left() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    let token = sign_in(&a, &program(&a, "head", "CDO")).unwrap();
    let at_b = caller(&b, &token).unwrap();
    b.list(&at_b, &list()).unwrap();
    let size = |node: u32| {
        let logs = a.ledger_logs(&operator(&a)).unwrap();
        logs.iter().find(|log| log.log == format!("access/{node}")).unwrap().size
    };
    let of_b = size(2);
    drop(b);
    let anchored =
        |node: u32| fleet.store().read().unwrap().cursor(TENANT, &format!("anchor/{node}")).unwrap();
    let _one = fleet.node_with(1, quick()).background();
    until("the dead server's log is anchored", || anchored(2) == of_b && anchored(1) > 0);
    // What is anchored and has not grown is not anchored again; who is at it keeps others out.
    let report = a.verify(&operator(&a), &VerifyOptions::default(), &mut |_, _, _| {}).unwrap();
    assert!(report.ok, "{:?}", report.problems);

    // A shortened log is found by what the change log says of it.
    let note =
        |at: u64| WriteSet::new(TENANT).op(Op::PutCursor { name: "anchor/2".into(), expect: of_b, to: at });
    fleet.store().commit(note(of_b + 5)).wait().unwrap();
    let report = a.verify(&operator(&a), &VerifyOptions::default(), &mut |_, _, _| {}).unwrap();
    assert!(report.problems.iter().any(|problem| problem.starts_with("access/2 log: it is anchored")));
    until("a cursor put elsewhere is put right", || anchored(2) == of_b);
}

#[test]
fn servers_that_sign_the_same_log_at_once_do_not_get_in_each_others_way() {
    let fleet = Fleet::new();
    let nodes = [fleet.node(1), fleet.node(2), fleet.node(3)];
    let token = sign_in(&nodes[0], &program(&nodes[0], "head", "CDO")).unwrap();
    let first = caller(&nodes[0], &token).unwrap();
    std::thread::scope(|scope| {
        for node in &nodes {
            let auditor = caller(node, &token).unwrap();
            scope.spawn(move || {
                for _ in 0..40 {
                    node.checkpoint(&auditor, "change").unwrap();
                    node.checkpoint(&auditor, "access/1").unwrap();
                    node.proof(&auditor, "c-0").unwrap();
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..40 {
                create(&nodes[0], &first, json!({"name": "新客户有限公司", "subject": "A"}));
            }
        });
    });
    assert_sound(&nodes[2]);
}

#[test]
fn keys_rotate_and_dossiers_are_erased_at_one_server_while_others_work() {
    let fleet = Fleet::new();
    let nodes = [fleet.node(1), fleet.node(2), fleet.node(3)];
    let token = sign_in(&nodes[0], &program(&nodes[0], "head", "CDO")).unwrap();
    let callers = nodes.each_ref().map(|node| caller(node, &token).unwrap());
    let (stop, made, read, erased) =
        (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let working = || !stop.load(Ordering::Relaxed);
        for (node, head) in nodes.iter().zip(&callers).skip(1) {
            let (made, read) = (&made, &read);
            scope.spawn(move || {
                while working() {
                    let record = create(node, head, json!({"name": "新客户有限公司", "subject": "A"}));
                    if node.change(head, &change(&record, json!({"remarks": "改过"}))).is_err() {
                        // Only because it was erased in that very moment.
                        let gone = node.read(head, "customer", &record.id, false).err().unwrap();
                        assert_eq!(gone.key, "erased");
                    }
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
            scope.spawn(move || {
                while working() {
                    read.fetch_add(node.list(head, &list()).unwrap().items.len() as u64, Ordering::Relaxed);
                }
            });
        }
        // What moves meanwhile is no finding.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert_sound(&nodes[2]);
            }
        });
        // Two servers erase, and one of them rotates: they wait for each other.
        for (node, head) in nodes.iter().zip(&callers).take(2) {
            let erased = &erased;
            scope.spawn(move || {
                while working() {
                    if let Some(record) = node.list(head, &list()).unwrap().items.last() {
                        erased.fetch_add(u64::from(node.erase(head, &record.id).is_ok()), Ordering::Relaxed);
                    }
                }
            });
        }
        for at in 0..3 {
            nodes[0].rotate_keys(&callers[0], at != 1).unwrap().done().unwrap();
            std::thread::sleep(Duration::from_millis(300));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let (made, erased) = (made.into_inner(), erased.into_inner());
    assert!(made > 0 && erased > 0 && read.into_inner() > 0);
    for (node, head) in nodes.iter().zip(&callers) {
        assert_eq!(node.count(head, &list()).unwrap(), made - erased);
        assert_sound(node);
    }
}

#[test]
fn a_destroyed_key_leaves_the_memory_of_every_server_by_itself() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    let token = sign_in(&a, &program(&a, "head", "CDO")).unwrap();
    let at_a = caller(&a, &token).unwrap();
    let record = create(&a, &at_a, firm());
    let generation = |engine: &Engine| engine.key_status(&operator(engine)).unwrap().tenant_generation;
    let _background = b.background();
    a.erase(&at_a, &record.id).unwrap().done().unwrap();
    // Nothing is asked of it: it looks by itself.
    std::thread::sleep(Duration::from_millis(2_500));
    std::fs::rename(fleet.keyring(), fleet.keyring().with_extension("gone")).unwrap();
    assert_eq!(b.key_status(&operator(&b)).err().unwrap().key, "keyring_missing");
    std::fs::rename(fleet.keyring().with_extension("gone"), fleet.keyring()).unwrap();
    assert_eq!((generation(&a), generation(&b)), (2, 2));
}

#[test]
fn what_a_server_that_died_left_of_an_erasure_is_ended_by_another() {
    let fleet = Fleet::new();
    let a = fleet.node(1);
    let token = sign_in(&a, &program(&a, "head", "CDO")).unwrap();
    let at_a = caller(&a, &token).unwrap();
    let record = create(&a, &at_a, firm());
    // A keyring that cannot be written makes the renewal fail after the erasure.
    std::fs::create_dir(fleet.keyring().with_extension("tmp")).unwrap();
    assert!(a.erase(&at_a, &record.id).is_err());
    assert_eq!(a.read(&at_a, "customer", &record.id, false).err().unwrap().key, "erased");
    std::fs::remove_dir(fleet.keyring().with_extension("tmp")).unwrap();
    drop(a);
    let b = fleet.node_with(2, quick());
    let generation = || b.key_status(&operator(&b)).unwrap().tenant_generation;
    until("the erasure is completed", || generation() == 2);
    assert_sound(&b);
}

#[test]
fn an_older_keyring_put_back_closes_nothing_but_the_changing_of_keys() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    let token = sign_in(&a, &program(&a, "head", "CDO")).unwrap();
    let (at_a, at_b) = (caller(&a, &token).unwrap(), caller(&b, &token).unwrap());
    let record = create(&a, &at_a, firm());
    let old = std::fs::read(fleet.keyring()).unwrap();
    a.rotate_keys(&at_a, true).unwrap().done().unwrap();
    b.read(&at_b, "customer", &record.id, false).unwrap();
    let newest = std::fs::read(fleet.keyring()).unwrap();
    std::fs::write(fleet.keyring(), old).unwrap();
    for (node, at) in [(&a, &at_a), (&b, &at_b)] {
        node.read(at, "customer", &record.id, false).unwrap();
        assert_eq!(node.rotate_keys(at, false).err().unwrap().key, "keyring_older");
    }
    std::fs::write(fleet.keyring(), newest).unwrap();
    b.rotate_keys(&at_b, false).unwrap().done().unwrap();
    assert_sound(&a);
}

#[test]
fn a_server_with_a_keyring_of_its_own_is_told_that_it_is_the_wrong_one() {
    let fleet = Fleet::new();
    let a = fleet.node(1);
    a.checkpoint(&operator(&a), "change").unwrap();
    a.add_team(&operator(&a), "华东").unwrap();
    a.checkpoint(&operator(&a), "change").unwrap();
    let other = Fleet::new();
    std::fs::copy(other.keyring(), fleet.keyring()).unwrap();
    std::fs::copy(other.folder.path().join("root.keystore"), fleet.folder.path().join("root.keystore"))
        .unwrap();
    assert_eq!(fleet.start(2, Settings::default()).err().unwrap().key, "keyring_of_other");
}

#[test]
fn of_two_servers_that_import_the_same_file_one_does() {
    let fleet = Fleet::new();
    let nodes = [fleet.node(1), fleet.node(2)];
    let path = fleet.folder.path().join("in.csv");
    let rows: String = (0..3_000).map(|at| format!("示例{at}有限公司,A\n")).collect();
    std::fs::write(&path, format!("企业名称,主体类型\n{rows}")).unwrap();
    let ask = |at: usize| Import {
        file: path.clone(),
        rejected: Some(fleet.folder.path().join(format!("rejected-{at}"))),
        ..Import::default()
    };
    let (under_way, refused) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let imported = nodes[0].import(&operator(&nodes[0]), &ask(0), &mut |_| {
                under_way.store(true, Ordering::SeqCst);
                until("the others were refused", || refused.load(Ordering::SeqCst) == 2);
            });
            assert_eq!(imported.unwrap().imported, 3_000);
        });
        until("the first one is at it", || under_way.load(Ordering::SeqCst));
        // Neither another server nor the same one.
        for at in [1, 0] {
            let fault = nodes[at].import(&operator(&nodes[at]), &ask(1), &mut |_| {}).err().unwrap();
            assert_eq!(fault.key, "import_running");
            refused.fetch_add(1, Ordering::SeqCst);
        }
    });
    assert_sound(&nodes[1]);
}

const TENANT: dossier_engine::model::id::Tenant = dossier_engine::model::id::Tenant(1);

#[test]
fn a_file_handed_in_at_one_server_is_taken_in_once_though_all_work_on_it_and_one_goes() {
    const ROWS: u64 = 4_000;
    let fleet = Fleet::new();
    let (a, b) = (fleet.node(1), fleet.node(2));
    let head = program(&a, "head", "CDO");
    let (at_a, at_b) = {
        let token = sign_in(&a, &head).unwrap();
        (caller(&a, &token).unwrap(), caller(&b, &token).unwrap())
    };
    let ask = NewImport { name: "a.csv".into(), ..NewImport::default() };
    let mut upload = a.begin_upload(&at_a, &ask).unwrap();
    upload.push("企业名称,客户类型,联系电话\n".as_bytes()).unwrap();
    for row in 0..ROWS {
        upload.push(format!("示例{row}号有限公司,A,+86138{row:08}\n").as_bytes()).unwrap();
    }
    let (shown, _) = upload.end(&at_a).unwrap();
    b.start_import(&at_b, &shown.id, &Start::default()).unwrap();
    let (first, second) = (a.import_worker(), b.import_worker());
    let rows = || b.import_state(&at_b, &shown.id).unwrap().rows;
    until("nobody has begun", || rows() > 0);
    // Whichever has it, the other goes on where that one was.
    drop(first);
    until("the one that is left does not go on", || {
        let state = b.import_state(&at_b, &shown.id).unwrap();
        state.state == "done" && state.rows == ROWS
    });
    drop(second);
    let done = b.import_state(&at_b, &shown.id).unwrap();
    assert_eq!((done.imported, done.rejected, done.duplicate), (ROWS, 0, 0));
    assert_eq!(a.quality(&at_a, true).unwrap().records, ROWS);
    assert_sound(&b);
}
