//! How fast the bare store is: an import, small commits beside what the disk can flush, and lists.
//!
//! `cargo run --release -p dossier-store --example load -- FOLDER [ROWS]`; the folder must be empty or absent.
#![allow(clippy::print_stdout, reason = "a program that reports to a person")]

use std::collections::VecDeque;
use std::error::Error;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use dossier_store::{
    CommitTicket, Op, Options, Row, RowQuery, STATE_LIVE, SqliteStore, Store, WrappedKey, WriteSet,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const TENANT: Tenant = Tenant(1);
const KIND: KindId = KindId(1);
const CHUNK: i64 = 250;
/// Chunks that are handed in before the first one is waited for, as an import does that seals meanwhile.
const IN_FLIGHT: usize = 8;
/// A sealed customer of fifteen fields.
const CONTAINER_BYTES: usize = 1000;
/// What the ledger keeps of a chunk: fifteen commitments for each of its rows, in leaves of at most 32 KiB.
const LEAVES: usize = 4;
const LEAF_BYTES: usize = 31 * 1024;

fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("give a folder and, if you like, a number of rows")?);
    let rows: i64 = args.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let store = SqliteStore::open(&Options::new(&folder))?;
    import(&store, 1, rows.min(10_000))?;
    lists(&store, "10 k rows")?;
    import(&store, 10_001, rows)?;
    lists(&store, "all rows")?;
    // The last fresh tokens move into the large tables meanwhile, as they would before people come to work.
    std::thread::sleep(Duration::from_secs(15));
    lists(&store, "all rows, settled")?;
    for threads in [1, 16, 64] {
        let flushes = flushes_per_second(&folder)?;
        let commits = commits_per_second(&store, threads)?;
        println!("commits/s with {threads:>2} threads: {commits:>7.0}   (disk: {flushes:.0} fdatasync/s)");
    }
    Ok(())
}

/// Random enough for tokens, and the same on every run.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn row(number: i64) -> Row {
    let seed = mix(number as u64);
    let mut record = [0; 16];
    record[..8].copy_from_slice(&number.to_be_bytes());
    record[8..].copy_from_slice(&seed.to_be_bytes());
    Row {
        rid: Rid(number),
        record: Uid(record),
        kind: KIND,
        version: 1,
        dossier: Rid(number),
        domain: Rid(number),
        domain_uid: Uid(record),
        code: Some(format!("C{:02}26{number:08}00", seed % 20)),
        stage: (seed % 6) as u8,
        level: (seed % 4 + 1) as u8,
        team: (mix(seed % 20) >> 32) as u32,
        region: (seed % 30) as u32,
        industry: (mix(seed % 20) >> 32) as u32,
        band: (seed % 5) as u32,
        owner: 0,
        created: Micros(1_790_000_000_000_000 + number * 100),
        changed: Micros(1_790_000_000_000_000 + number * 100),
        state: STATE_LIVE,
        key_version: 1,
        mask_revision: 1,
        generation: 1,
        container: vec![seed as u8; CONTAINER_BYTES],
    }
}

/// A chunk of an import: rows with a key, four tokens for finding and two unique ones each.
fn chunk(first: i64, last: i64) -> WriteSet {
    let mut set = WriteSet::new(TENANT);
    for number in first..=last {
        let row = row(number);
        let key = WrappedKey { domain: row.rid, version: 1, bucket_generation: 1, wrapped: vec![7; 40] };
        for field in 0..4u32 {
            let token = mix(number as u64 * 8 + u64::from(field)) as i64;
            set.ops.push(Op::PutToken { field: 65_600 + field, version: 1, token, rid: row.rid });
        }
        for field in 4..6u32 {
            let half = mix(number as u64 * 8 + u64::from(field)).to_be_bytes();
            let mut token = [0; 16];
            token[..8].copy_from_slice(&half);
            token[8..].copy_from_slice(&half);
            set.ops.push(Op::PutUnique { field: 65_600 + field, version: 1, token, slot: 0, rid: row.rid });
        }
        set.ops.push(Op::PutRow { row, expect: 0 });
        set.ops.push(Op::PutKey(key));
    }
    let bytes = LEAF_BYTES * (last - first + 1) as usize / CHUNK as usize;
    set.entries = (0..LEAVES).map(|part| vec![part as u8; bytes.max(1)]).collect();
    set
}

fn import(store: &SqliteStore, first: i64, last: i64) -> Outcome<()> {
    let started = Instant::now();
    let (mut waiting, mut slowest) = (VecDeque::<(Instant, CommitTicket)>::new(), Duration::ZERO);
    let mut decade = (Instant::now(), first);
    for from in (first..=last).step_by(CHUNK as usize) {
        if waiting.len() == IN_FLIGHT
            && let Some((handed, ticket)) = waiting.pop_front()
        {
            ticket.wait()?;
            slowest = slowest.max(handed.elapsed());
        }
        waiting.push_back((Instant::now(), store.commit(chunk(from, (from + CHUNK - 1).min(last)))));
        if from - decade.1 >= 100_000 {
            println!(
                "    at {from}: {:.0} rows/s",
                (from - decade.1) as f64 / decade.0.elapsed().as_secs_f64()
            );
            decade = (Instant::now(), from);
        }
    }
    for (_, ticket) in waiting {
        ticket.wait()?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let rows = last - first + 1;
    println!(
        "import: {rows} rows in {seconds:.1} s, {:.0} rows/s, slowest chunk {slowest:.0?}",
        rows as f64 / seconds
    );
    Ok(())
}

fn lists(store: &SqliteStore, size: &str) -> Outcome<()> {
    let all = RowQuery::new(KIND);
    let team = RowQuery { teams: Some(vec![row(1).team]), ..all.clone() };
    let three = RowQuery { teams: Some(vec![row(1).team, row(2).team, row(3).team]), ..all.clone() };
    let narrow = RowQuery { stages: Some(vec![2]), levels: Some(vec![3]), ..all.clone() };
    for (name, query) in
        [("all", &all), ("one team", &team), ("three teams", &three), ("stage and level", &narrow)]
    {
        let rounds = 2000;
        let started = Instant::now();
        for _ in 0..rounds {
            store.read()?.rows_with_keys(TENANT, query)?;
        }
        let each = started.elapsed() / rounds;
        println!("list of 25, {size}, {name}: {each:.1?}");
    }
    let started = Instant::now();
    for number in 0..2000u64 {
        let token = mix(mix(number) % 10_000 * 8) as i64;
        store.read()?.by_token(TENANT, 65_600, 1, token, 10)?;
    }
    println!("look-up by token, {size}: {:.1?}", started.elapsed() / 2000);
    let started = Instant::now();
    let found = store.read()?.count(TENANT, &narrow)?;
    println!("count of {found}, {size}: {:.1?}", started.elapsed());
    Ok(())
}

/// Small write sets: one new version of a record each, with its entry.
fn commits_per_second(store: &SqliteStore, threads: i64) -> Outcome<f64> {
    let started = Instant::now();
    let window = Duration::from_secs(3);
    let counts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || -> Outcome<u64> {
                    let mut done = 0;
                    while started.elapsed() < window {
                        let rid = Rid(1 + thread * 101 + (done % 100) as i64);
                        let row = store.read()?.row(TENANT, &dossier_store::RowBy::Rid(rid))?;
                        let mut row = row.ok_or("a row is missing")?;
                        let expect = row.version;
                        row.version += 1;
                        let set = WriteSet::new(TENANT).op(Op::PutRow { row, expect }).entry(vec![1; 600]);
                        store.commit(set).wait()?;
                        done += 1;
                    }
                    Ok(done)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| "a worker panicked")?)
            .sum::<Outcome<u64>>()
    });
    Ok(counts? as f64 / started.elapsed().as_secs_f64())
}

/// What the disk can do: one page written and flushed, again and again.
fn flushes_per_second(folder: &Path) -> Outcome<f64> {
    let path = folder.join("flush.probe");
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    file.write_all_at(&vec![0; 16 << 20], 0)?;
    file.sync_all()?;
    let started = Instant::now();
    let mut done = 0u64;
    while started.elapsed() < Duration::from_secs(1) {
        file.write_all_at(&[1; 8192], done % 2048 * 8192)?;
        file.sync_data()?;
        done += 1;
    }
    std::fs::remove_file(path)?;
    Ok(done as f64 / started.elapsed().as_secs_f64())
}
