//! Two processes on one database, as two stores in one test: what either is told must be true for both.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use dossier_model::id::Rid;

use super::database;
use crate::merkle::Tree;
use crate::mysql::MysqlStore;
use crate::mysql::conn::{Conn, values};
use crate::parity::fixture::*;
use crate::{CommitError, Conflict, Op, Store, StoreError};

/// Two stores, and a connection beside them.
fn with_two(check: impl FnOnce(&[MysqlStore; 2], &mut Conn)) {
    let Some(database) = database() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let stores = folders.each_ref().map(|folder| MysqlStore::open(&database.options(folder.path())).unwrap());
    check(&stores, &mut database.conn());
}

fn leaves(store: &MysqlStore) -> Vec<Vec<u8>> {
    let entries = store.read().unwrap().change_entries(TENANT, 0, usize::MAX).unwrap();
    assert!(entries.iter().map(|(index, _)| *index).eq(0..entries.len() as u64), "a gap");
    entries.into_iter().map(|(_, leaf)| leaf).collect()
}

fn check_root(store: &MysqlStore) {
    let mut tree = Tree::new();
    for leaf in leaves(store) {
        tree.append(&leaf, &mut Vec::new());
    }
    let head = store.read().unwrap().change_head(TENANT).unwrap();
    assert_eq!((head.size, head.root), (tree.size(), tree.root()));
}

fn leaf(number: i64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

#[test]
fn they_share_one_log_without_a_gap() {
    with_two(|stores, _| {
        let placed = on_threads(32, |at| {
            let store = &stores[usize::try_from(at % 2).unwrap()];
            let each = (0..20).map(|round| {
                let number = at * 1000 + round;
                let done = commit(
                    store,
                    set().op(new(row(number + 1))).entry(leaf(number)).entry(leaf(-number - 1)),
                );
                // Who was told finds it on the other one too.
                assert!(stored(&stores[usize::from(at % 2 == 0)], number + 1).is_some());
                (done.first, number)
            });
            each.collect::<Vec<_>>()
        });
        let log = leaves(&stores[0]);
        assert_eq!(log.len(), 32 * 20 * 2);
        for (first, number) in placed.into_iter().flatten() {
            let at = usize::try_from(first).unwrap();
            assert_eq!((&log[at], &log[at + 1]), (&leaf(number), &leaf(-number - 1)));
        }
        check_root(&stores[1]);
    });
}

#[test]
fn of_all_who_change_one_version_one_wins() {
    with_two(|stores, _| {
        commit(&stores[0], set().op(new(row(1))));
        let won = on_threads(16, |at| {
            let store = &stores[usize::try_from(at % 2).unwrap()];
            let mut won = 0;
            for _ in 0..15 {
                let seen = stored(store, 1).unwrap();
                let next = crate::Row { version: seen.version + 1, ..seen.clone() };
                let put = set().op(Op::PutRow { row: next, expect: seen.version }).entry(leaf(at));
                match store.commit(put).wait() {
                    Ok(_) => won += 1,
                    Err(CommitError::Conflict(Conflict::Version { .. })) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            won
        });
        let won: u32 = won.into_iter().sum();
        assert!(won >= 15);
        assert_eq!(stored(&stores[0], 1).unwrap().version, 1 + won);
        let versions = stores[1].read().unwrap().versions(TENANT, Rid(1), None, 9999).unwrap();
        assert!(versions.iter().map(|row| row.version).eq((1..=1 + won).rev()));
        assert_eq!(leaves(&stores[0]).len(), won as usize);
    });
}

#[test]
fn a_unique_value_has_one_holder() {
    with_two(|stores, _| {
        for round in 0..20u8 {
            let won = on_threads(8, |at| {
                let store = &stores[usize::try_from(at % 2).unwrap()];
                let rid = i64::from(round) * 100 + at + 1;
                let put = set().op(new(row(rid))).op(unique(1, round, 0, rid)).op(token(2, 7, rid));
                match store.commit(put).wait() {
                    Ok(_) => Some(rid),
                    Err(CommitError::Conflict(Conflict::Unique { .. })) => None,
                    Err(error) => panic!("{error}"),
                }
            });
            let won: Vec<i64> = won.into_iter().flatten().collect();
            assert_eq!(won.len(), 1, "{won:?}");
            let holder = stores[1].read().unwrap().by_unique(TENANT, 1, 1, &[round; 16]).unwrap();
            assert_eq!(holder, Some(Rid(won[0])));
        }
        let found = stores[0].read().unwrap().by_token(TENANT, 2, 1, 7, 999).unwrap();
        assert_eq!(found.len(), 20, "a refused set left a token");
    });
}

/// What was committed under a bucket's generation, or a policy's epoch, stands in the log before the move.
#[test]
fn nothing_slips_in_under_what_has_been_moved() {
    with_two(|stores, _| {
        let (number, stop) = (AtomicI64::new(1), AtomicBool::new(false));
        let (puts, moves) = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..6)
                .map(|at| {
                    let (store, number, stop) = (&stores[at % 2], &number, &stop);
                    scope.spawn(move || {
                        let mut puts = Vec::new();
                        while !stop.load(Ordering::Relaxed) {
                            let (generation, epoch) = {
                                let read = store.read().unwrap();
                                (
                                    read.bucket_generation(TENANT, 0).unwrap(),
                                    read.state(TENANT).unwrap().policy_epoch,
                                )
                            };
                            let rid = number.fetch_add(1, Ordering::Relaxed);
                            if rid >= 1000 {
                                break;
                            }
                            let mut key = key(rid);
                            key.bucket_generation = generation;
                            let put = set().under(epoch).op(Op::PutKey(key)).entry(leaf(rid));
                            match store.commit(put).wait() {
                                Ok(done) => puts.push((done.first, generation, epoch)),
                                Err(CommitError::Conflict(
                                    Conflict::KeyGeneration { .. } | Conflict::Epoch { .. },
                                )) => {}
                                Err(error) => panic!("{error}"),
                            }
                        }
                        puts
                    })
                })
                .collect();
            let mut moves = BTreeMap::new();
            for generation in 1..12u32 {
                std::thread::sleep(Duration::from_millis(20));
                let to = generation + 1;
                let done = commit(
                    &stores[generation as usize % 2],
                    set()
                        .op(Op::SetBucket { bucket: 0, expect: generation, to })
                        .op(Op::BumpPolicyEpoch { to: generation.into() })
                        .entry(vec![0xFF]),
                );
                moves.insert(generation, done.first);
            }
            stop.store(true, Ordering::Relaxed);
            let puts: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
            (puts, moves)
        });
        assert!(puts.len() > 20, "{}", puts.len());
        for (at, generation, epoch) in puts {
            assert!(moves.get(&generation).is_none_or(|moved| at < *moved), "a key under an old generation");
            let next = u32::try_from(epoch).unwrap() + 1;
            assert!(moves.get(&next).is_none_or(|moved| at < *moved), "a set under an old policy");
        }
    });
}

/// Connections are cut all the time: what is acknowledged is there once, what is said to be unchanged is not there.
#[test]
fn cut_connections_lose_nothing_and_repeat_nothing() {
    with_two(|stores, admin| {
        let until = Instant::now() + Duration::from_secs(8);
        let number = AtomicI64::new(1);
        let said = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|at| {
                    let (store, number) = (&stores[at % 2], &number);
                    scope.spawn(move || {
                        let mut said = Vec::new();
                        while Instant::now() < until {
                            let rid = number.fetch_add(1, Ordering::Relaxed);
                            let put = set().op(new(row(rid))).op(token(1, 5, rid)).entry(leaf(rid));
                            said.push((rid, store.commit(put).wait()));
                        }
                        said
                    })
                })
                .collect();
            while Instant::now() < until {
                std::thread::sleep(Duration::from_millis(15));
                cut(admin);
            }
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
        });
        let log = leaves(&stores[0]);
        let count = |rid: i64| log.iter().filter(|entry| **entry == leaf(rid)).count();
        let (mut done, mut refused, mut unknown) = (0, 0, 0);
        for (rid, outcome) in said {
            match outcome {
                Ok(committed) => {
                    done += 1;
                    assert_eq!(log[usize::try_from(committed.first).unwrap()], leaf(rid));
                    assert_eq!(count(rid), 1, "{rid} is there more than once");
                    assert!(stored(&stores[1], rid).is_some());
                }
                Err(CommitError::Failed(StoreError::Uncertain)) => {
                    unknown += 1;
                    assert!(count(rid) <= 1);
                }
                Err(CommitError::Failed(error)) => {
                    refused += 1;
                    assert_eq!(count(rid), 0, "{rid}: {error}, and it is there");
                    assert_eq!(stored(&stores[0], rid), None);
                }
                Err(error) => panic!("{error}"),
            }
        }
        eprintln!("{done} done, {refused} refused, {unknown} unknown");
        assert!(done > 50, "{done}");
        assert_eq!(unknown, 0, "the database was there to be asked");
        check_root(&stores[1]);
    });
}

/// Cuts every other connection to this database.
fn cut(admin: &mut Conn) {
    let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
               WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let ids: Vec<i64> = admin.rows(sql, &[], |cells| cells.int(0)).unwrap();
    for id in ids {
        // It may have ended by itself.
        let _ = admin.execute(format!("KILL CONNECTION {id}"), values![]);
    }
}
