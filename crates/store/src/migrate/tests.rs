//! A store with something in everything, all answers of a store, and what needs no database server.

use std::path::Path;

use dossier_model::id::{Rid, Tenant};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;

use super::*;
use crate::log::LogHead;
use crate::mechanics::{
    IdempotencyRow, JobRow, LeaseRow, LoginRow, SessionRow, TokenRow, UniqueRow, WrappedKey,
};
use crate::parity::fixture::*;
use crate::row::{Row, SystemRow};
use crate::{Conflict, Op, Options, RowBy, RowQuery, STATE_ERASED, SqliteStore, Store, WriteSet};

/// Records that are put in.
pub(crate) const RECORDS: i64 = 1300;
/// Entries of the change log and of the access log.
pub(crate) const ENTRIES: u64 = 1330;
pub(crate) const LOOKS: u64 = 700;
const OTHER: Tenant = Tenant(2);

/// A store in a folder that does not set aside 64 MiB.
pub(crate) fn sqlite(folder: &Path) -> SqliteStore {
    let mut options = Options::new(folder);
    options.access.reserve_bytes = 0;
    SqliteStore::open(&options).unwrap()
}

pub(crate) fn side(folder: &Path) -> Side {
    Side::Sqlite { folder: folder.to_owned() }
}

pub(crate) fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint { size, text: format!("name/1/log\n{size}\nroot\n\n— name signature\n") }
}

pub(crate) fn look(number: u64) -> AccessEntry {
    let side = if number.is_multiple_of(3) { vec![number as u8; 50] } else { Vec::new() };
    AccessEntry { leaf: number.to_be_bytes().repeat(9), side }
}

/// Puts something into everything that a store has.
pub(crate) fn fill(store: &dyn Store) {
    records(store);
    mechanics(store);
    let rest = ENTRIES - store.read().unwrap().change_head(TENANT).unwrap().size;
    commit(store, (0..rest).fold(set(), |set, at| set.entry(at.to_be_bytes().to_vec())));
    store.save_checkpoint(TENANT, &checkpoint(ENTRIES - 3)).unwrap();
    looks(store, LOOKS);
    let mut row = row(1);
    row.container = vec![7; 70_000];
    commit(store, WriteSet { tenant: OTHER, ..set().op(new(row)).entry(vec![1, 2]) });
    store.access_append(OTHER, (0..5).map(look).collect()).wait().unwrap();
}

pub(crate) fn looks(store: &dyn Store, count: u64) {
    let log = store.access_log(TENANT, store.node()).unwrap();
    let from = log.head().unwrap().size;
    for at in from..from + count / 2 {
        store.access_append(TENANT, vec![look(at)]).wait().unwrap();
    }
    let rest = (from + count / 2..from + count).map(look).collect();
    store.access_append(TENANT, rest).wait().unwrap();
    log.save_checkpoint(&checkpoint(from + count - 1)).unwrap();
}

fn records(store: &dyn Store) {
    let mut tickets = Vec::new();
    for number in 1..=RECORDS {
        let mut row = row(number);
        row.code = row.code.filter(|_| number % 5 > 0);
        row.kind = if number % 7 == 0 { KindId(2) } else { KIND };
        let put = set().op(new(row)).op(Op::PutKey(key(number))).op(token(1, number % 40, number));
        let put = put.op(token(5, -number, number)).op(unique(2, number as u8, number, number));
        tickets.push(store.commit(put.entry(number.to_be_bytes().to_vec())));
    }
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    commit(store, set().op(unique(3, 9, 0, 4)).op(token(1, i64::MIN, 4)).op(token(1, i64::MAX, 4)));
    for number in (10..200).step_by(10) {
        let next = Row { version: 2, changed: Micros(9_999), ..stored(store, number).unwrap() };
        let third = Row { version: 3, stage: 4, ..next.clone() };
        commit(store, set().op(Op::PutRow { row: next, expect: 1 }));
        commit(store, set().op(Op::PutRow { row: third, expect: 2 }));
    }
    let sealed = Row { generation: 2, container: vec![1; 9], ..stored(store, 3).unwrap() };
    commit(store, set().op(Op::ResealRow { row: sealed, expect_generation: 1 }));
    for number in [20, 33] {
        let row = stored(store, number).unwrap();
        let gone =
            Row { version: row.version + 1, state: STATE_ERASED, container: Vec::new(), ..row.clone() };
        let erase = set().op(Op::EraseRow { row: gone, expect: row.version });
        commit(store, erase.op(Op::DeleteKeys { domain: Rid(number) }));
    }
    let again = WrappedKey { version: 2, ..key(5) };
    commit(store, set().op(Op::PutKey(again)).op(Op::SetBucket { bucket: 1, expect: 1, to: 4 }));
    let wrapped = WrappedKey { bucket_generation: 4, wrapped: vec![8; 40], ..key(1100) };
    commit(store, set().op(Op::RewrapKey { key: wrapped, expect_generation: 1 }));
    commit(store, set().op(Op::ExpectBucket { bucket: 7, generation: 1 }));
}

fn mechanics(store: &dyn Store) {
    for version in 1..=3 {
        let put = Op::PutSystem { row: system_row("user", 1, version), expect: version - 1 };
        commit(store, set().op(put).op(Op::BumpPolicyEpoch { to: u64::from(version) + 5 }));
    }
    commit(store, set().op(Op::PutSystem { row: system_row("team", 2, 1), expect: 0 }));
    for number in 0..30u8 {
        commit(
            store,
            set().op(Op::PutSession(session(number))).op(Op::PutJob { job: job(number), expect: 0 }),
        );
        commit(store, set().op(Op::PutLogin(login(number))));
        let used = Op::PutIdempotency {
            subject: uid(1),
            key: [number; 32],
            command_hash: [3; 32],
            result: vec![number; 20],
            at: Micros(50),
        };
        commit(store, set().op(used).op(quota(60, i64::from(number) / 4)));
        let cursor = format!("cursor/{number}/位");
        commit(store, set().op(Op::PutCursor { name: cursor, expect: 0, to: 12 }));
    }
    for holder in [1, 2] {
        let (now, until) = (Micros(100 * holder), Micros(100 * holder + 50));
        commit(store, set().op(Op::TakeLease { name: "anchor".into(), holder: uid(holder), now, until }));
    }
    store.lease(TENANT, "rid", 500).unwrap();
    store.lease(TENANT, "code/2026", 7).unwrap();
}

fn login(number: u8) -> LoginRow {
    LoginRow {
        hash: [number; 32],
        subject: uid(i64::from(number) % 3),
        kind: 1,
        issued: Micros(1),
        used: Micros(i64::from(number)),
        expires: Micros(90),
        body: vec![number; 30],
        mac: [number; 16],
    }
}

fn session(number: u8) -> SessionRow {
    SessionRow {
        hash: [number; 32],
        subject: uid(i64::from(number) % 3),
        subject_kind: 1,
        issued: Micros(1),
        expires: Micros(90),
        mac: [number ^ 1; 16],
    }
}

fn job(number: u8) -> JobRow {
    JobRow {
        id: uid(i64::from(number)),
        kind: "renew".into(),
        state: number % 2,
        due: Micros(i64::from(number)),
        version: 1,
        body: vec![number; 33],
    }
}

fn quota(limit: u32, at: i64) -> Op {
    let (subject, name) = (uid(1), "reveal".to_owned());
    Op::TakeQuota { subject, name, at: Micros(at), window_start: Micros(0), limit }
}

/// What every question answers, and every log.
#[derive(PartialEq)]
pub(crate) struct Answers {
    rows: Vec<Row>,
    old: Vec<Row>,
    with_keys: Vec<(Row, Option<WrappedKey>)>,
    counted: Vec<u64>,
    by_code: Vec<Option<Row>>,
    histories: Vec<Vec<Row>>,
    keys: Vec<WrappedKey>,
    in_bucket: Vec<WrappedKey>,
    generations: Vec<u32>,
    tokens: Vec<TokenRow>,
    found: Vec<Vec<Rid>>,
    uniques: Vec<UniqueRow>,
    holder: Option<Rid>,
    system: Vec<SystemRow>,
    system_versions: Vec<SystemRow>,
    epoch: u64,
    pub(crate) head: LogHead,
    leaves: Vec<(u64, Vec<u8>)>,
    tiles: Vec<Option<Vec<u8>>>,
    sessions: Vec<Option<SessionRow>>,
    logins: Vec<Option<LoginRow>>,
    used: Vec<Option<IdempotencyRow>>,
    quota: u32,
    cursors: Vec<u64>,
    lease: Option<LeaseRow>,
    jobs: Vec<JobRow>,
    pub(crate) logs: Vec<Log>,
}

/// An access log as it is read.
#[derive(PartialEq)]
pub(crate) struct Log {
    pub(crate) node: u32,
    pub(crate) head: LogHead,
    entries: Vec<(u64, AccessEntry)>,
    tiles: Vec<Option<Vec<u8>>>,
}

pub(crate) fn answers(store: &dyn Store, tenant: Tenant) -> Answers {
    let read = store.read().unwrap();
    let all = usize::MAX >> 1;
    let kinds = [KIND, KindId(2)].map(|kind| RowQuery { limit: 5000, states: None, ..RowQuery::new(kind) });
    let numbers = || (1..=40).chain([1024, 1100]).map(Rid);
    Answers {
        rows: read.scan_rows(tenant, None, all).unwrap(),
        old: read.scan_versions(tenant, None, all).unwrap(),
        with_keys: kinds.iter().flat_map(|query| read.rows_with_keys(tenant, query).unwrap()).collect(),
        counted: kinds.iter().map(|query| read.count(tenant, query).unwrap()).collect(),
        by_code: (1..40).map(|n| read.row(tenant, &RowBy::Code(format!("C0126{n:010}"))).unwrap()).collect(),
        histories: numbers().map(|rid| read.versions(tenant, rid, None, 9).unwrap()).collect(),
        keys: read.scan_keys(tenant, None, all).unwrap(),
        in_bucket: read.keys_in_bucket(tenant, 1, None, all).unwrap(),
        generations: (0..9).map(|bucket| read.bucket_generation(tenant, bucket).unwrap()).collect(),
        tokens: read.scan_tokens(tenant, None, all).unwrap(),
        found: (0..40).map(|token| read.by_token(tenant, 1, 1, token, all).unwrap()).collect(),
        uniques: read.scan_uniques(tenant, None, all).unwrap(),
        holder: read.by_unique(tenant, 3, 1, &[9; 16]).unwrap(),
        system: ["user", "team"].iter().flat_map(|kind| read.system(tenant, kind).unwrap()).collect(),
        system_versions: read.system_versions(tenant, "user", uid(1)).unwrap(),
        epoch: read.state(tenant).unwrap().policy_epoch,
        head: read.change_head(tenant).unwrap(),
        leaves: read.change_entries(tenant, 0, all).unwrap(),
        tiles: (0..6).map(|at| read.tile(tenant, 0, at).unwrap()).collect(),
        sessions: (0..31u8).map(|n| read.session(tenant, &[n; 32]).unwrap()).collect(),
        logins: (0..31u8).map(|n| read.login(tenant, &[n; 32]).unwrap()).collect(),
        used: (0..31u8).map(|n| read.idempotency(tenant, uid(1), &[n; 32]).unwrap()).collect(),
        quota: read.quota(tenant, uid(1), "reveal", Micros(3)).unwrap(),
        cursors: (0..31).map(|n| read.cursor(tenant, &format!("cursor/{n}/位")).unwrap()).collect(),
        lease: read.lease(tenant, "anchor").unwrap(),
        jobs: read.jobs(tenant, 1, Micros(99), all).unwrap(),
        logs: store.nodes(tenant).unwrap().into_iter().map(|node| log(store, tenant, node)).collect(),
    }
}

fn log(store: &dyn Store, tenant: Tenant, node: u32) -> Log {
    let log = store.access_log(tenant, node).unwrap();
    let entries = log.entries(0, usize::MAX >> 1).unwrap();
    log.verify().unwrap();
    Log {
        node,
        head: log.head().unwrap(),
        entries,
        tiles: (0..4).map(|at| log.tile(0, at).unwrap()).collect(),
    }
}

/// Every part of the answers is the same.
pub(crate) fn assert_same(one: &Answers, other: &Answers) {
    macro_rules! each {
        ($($part:ident)+) => { $(assert!(one.$part == other.$part, stringify!($part));)+ };
    }
    each!(rows old with_keys counted by_code histories keys in_bucket generations tokens found uniques holder system
        system_versions epoch head leaves tiles sessions logins used quota cursors lease jobs logs);
}

/// What has to go on where the source stopped: sequences, positions, the policy epoch, quotas, unique values, keys.
pub(crate) fn goes_on(store: &dyn Store) {
    assert_eq!(store.lease(TENANT, "rid", 1).unwrap(), 501);
    assert_eq!(store.lease(TENANT, "code/2026", 1).unwrap(), 8);
    assert_eq!(store.lease(TENANT, "other", 1).unwrap(), 1);
    assert_eq!(commit(store, set().under(8).entry(vec![9])).first, ENTRIES);
    assert!(matches!(conflict(store, set().under(7)), Conflict::Epoch { current: 8 }));
    commit(store, set().op(quota(31, 20)));
    assert!(matches!(conflict(store, set().op(quota(31, 20))), Conflict::Quota { used: 31, .. }));
    assert!(matches!(conflict(store, set().op(unique(3, 9, 0, 5))), Conflict::Unique { rid: Rid(4), .. }));
    let late = set().op(Op::PutKey(key(1500)));
    assert!(matches!(conflict(store, late), Conflict::KeyGeneration { bucket: 1, current: 4 }));
    let refused = store.save_checkpoint(TENANT, &checkpoint(ENTRIES - 4));
    assert!(matches!(refused, Err(StoreError::Invalid(_))));
    assert_eq!(store.access_append(TENANT, vec![look(LOOKS)]).wait().unwrap(), LOOKS);
    assert_eq!(store.access_append(OTHER, vec![look(5)]).wait().unwrap(), 5);
    store.access_log(TENANT, store.node()).unwrap().verify().unwrap();
}

/// Moves, and gives what was reported.
pub(crate) fn moved(from: &Side, to: &Side) -> Moved {
    migrate(from, to, &mut |_| {}).unwrap()
}

#[test]
fn a_file_goes_to_another_folder_with_everything() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = sqlite(one.path());
    fill(&store);
    let before = [TENANT, OTHER].map(|tenant| answers(&store, tenant));
    drop(store);
    let mut last = Progress { step: Step::Copy, table: "", done: 0, total: 0 };
    let report = migrate(&side(one.path()), &side(other.path()), &mut |at| {
        assert!(at.done > last.done && at.step as u8 >= last.step as u8);
        last = *at;
    });
    let report = report.unwrap();
    assert_eq!((last.done, last.step), (last.total, Step::Verify));
    assert_eq!(report.tables.len(), table::TABLES.len());
    let rows = report.tables.iter().find(|table| table.name == "row").unwrap();
    assert_eq!(rows.rows, RECORDS as u64 + 1);
    let heads: Vec<_> = report.logs.iter().map(|log| (log.tenant.0, log.node, log.head.size)).collect();
    assert_eq!(heads, [(1, None, ENTRIES), (2, None, 1), (1, Some(1), LOOKS), (2, Some(1), 5)]);
    let store = sqlite(other.path());
    for (tenant, before) in [TENANT, OTHER].into_iter().zip(&before) {
        assert_same(before, &answers(&store, tenant));
    }
    goes_on(&store);
    // The source is what it was.
    assert_same(&before[0], &answers(&sqlite(one.path()), TENANT));
}

#[test]
fn what_is_in_the_way_is_told_before_anything_changes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let refused = |from: &Path, to: &Path| migrate(&side(from), &side(to), &mut |_| {}).unwrap_err();
    assert_eq!(refused(one.path(), one.path()), MigrateError::Same);
    assert_eq!(refused(one.path(), other.path()), MigrateError::SourceEmpty);
    drop(sqlite(one.path()));
    assert_eq!(refused(one.path(), other.path()), MigrateError::SourceEmpty);
    commit(&sqlite(one.path()), set().entry(vec![1]));
    commit(&sqlite(other.path()), set().entry(vec![2]));
    assert_eq!(refused(one.path(), other.path()), MigrateError::TargetNotEmpty);
    let open = sqlite(other.path());
    assert_eq!(open.read().unwrap().change_entries(TENANT, 0, 9).unwrap(), [(0, vec![2])]);
    let locked = refused(one.path(), other.path());
    assert!(matches!(locked, MigrateError::Store(StoreError::Locked { .. })), "{locked}");
}

#[test]
fn a_file_that_was_not_filled_to_its_end_is_not_opened_and_is_filled_anew() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&sqlite(one.path()));
    for pages in [1, 12, 40] {
        let mut seen = 0;
        let torn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            migrate(&side(one.path()), &side(other.path()), &mut |_| {
                seen += 1;
                assert!(seen < pages, "the process dies here");
            })
        }));
        assert!(torn.is_err());
        let refused = SqliteStore::open(&Options::new(other.path())).unwrap_err();
        assert_eq!(refused, StoreError::Unfinished);
        let refused = migrate(&side(other.path()), &side(one.path()), &mut |_| {}).unwrap_err();
        assert_eq!(refused, MigrateError::Store(StoreError::Unfinished));
    }
    moved(&side(one.path()), &side(other.path()));
    goes_on(&sqlite(other.path()));
}

#[test]
fn a_row_that_changed_in_the_target_is_found() {
    for (sql, place) in [
        ("UPDATE row SET container = x'00' WHERE id = 77", "row, record 77"),
        ("DELETE FROM token WHERE field = 5 AND rid = 1300", "token, row"),
        ("UPDATE session SET mac = zeroblob(16) WHERE hash > x'02'", "session, row 3"),
        ("UPDATE head SET checkpoint = checkpoint || ' '", "head, row 1"),
    ] {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(&sqlite(one.path()));
        let mut done = false;
        let found = migrate(&side(one.path()), &side(other.path()), &mut |at| {
            if at.table == "access_log" && !std::mem::replace(&mut done, true) {
                let conn = rusqlite::Connection::open(other.path().join("store.db")).unwrap();
                assert!(conn.execute(sql, []).unwrap() > 0);
            }
        });
        let Err(MigrateError::Differs { place: found }) = found else { panic!("{sql}: {found:?}") };
        assert!(found.starts_with(place), "{sql}: {found}");
        assert_eq!(SqliteStore::open(&Options::new(other.path())).unwrap_err(), StoreError::Unfinished);
    }
}

#[test]
fn an_access_log_whose_text_beside_an_entry_changed_is_found() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&sqlite(one.path()));
    let found = migrate(&side(one.path()), &side(other.path()), &mut |at| {
        if at.table == "row" && at.step == Step::Verify && at.done < at.total / 2 + 600 {
            let path = other.path().join("access/1/log");
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        }
    });
    assert!(matches!(found, Err(MigrateError::Store(StoreError::Corrupt(_)))), "{found:?}");
}
