//! How fast the access log takes entries, beside how fast the disk flushes in the same run, and how fast it
//! is read.
//!
//! `cargo run --release -p dossier-store --example append [FOLDER]`: the folder is on the disk to measure,
//! the current one unless given; everything made in it is removed again.

#![allow(clippy::print_stdout)] // its output is what it is for

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use dossier_model::id::Tenant;
use dossier_store::AccessEntry;
use dossier_store::access_log::{AccessLog, AccessLogOptions};

const TENANT: Tenant = Tenant::ONLY;
const EACH: Duration = Duration::from_secs(4);

fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let folder = tempfile::tempdir_in(place)?;
    for writers in [1, 16, 64] {
        let before = flushes_per_second(folder.path())?;
        let log = AccessLog::open(folder.path(), &AccessLogOptions::default())?;
        let appends = appends_per_second(&log, writers)?;
        drop(log);
        let flushes = (before + flushes_per_second(folder.path())?) / 2.0;
        let goal = (20.0 * flushes).min(50_000.0);
        println!(
            "{writers:>2} writers: {appends:>7.0} appends/s; disk: {flushes:>6.0} flushes/s; {:>6.1} appends for each; \
             goal for 64: {goal:.0}",
            appends / flushes
        );
    }
    reading(folder.path())
}

/// Entries of about 300 bytes, as those of a list with its ids are.
fn entry(number: u64) -> AccessEntry {
    let mut leaf = vec![0xA8; 260 + (number % 128) as usize];
    leaf.splice(..8, number.to_be_bytes());
    AccessEntry { leaf, side: Vec::new() }
}

fn flushes_per_second(folder: &Path) -> Result<f64, Box<dyn Error>> {
    let mut file = std::fs::File::create(folder.join("flushes"))?;
    let (begin, mut count) = (Instant::now(), 0u32);
    while begin.elapsed() < EACH / 4 {
        file.write_all(&[0xA5; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    std::fs::remove_file(folder.join("flushes"))?;
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

fn appends_per_second(log: &AccessLog, writers: u64) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    let work = |writer: u64| {
        let mut count = 0u64;
        while begin.elapsed() < EACH {
            log.append(TENANT, vec![entry(writer << 32 | count)]).wait()?;
            count += 1;
        }
        Ok::<_, dossier_store::StoreError>(count)
    };
    let total = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers).map(|writer| scope.spawn(move || work(writer))).collect();
        let counts = threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0)));
        counts.sum::<Result<u64, _>>()
    })?;
    Ok(total as f64 / begin.elapsed().as_secs_f64())
}

fn reading(folder: &Path) -> Result<(), Box<dyn Error>> {
    let per_second = |entries: u64, begin: Instant| entries as f64 / begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let log = AccessLog::open(folder, &AccessLogOptions::default())?;
    println!("opening from the mark: {:?}, {} entries read", begin.elapsed(), log.recovery().entries);

    let begin = Instant::now();
    let verified = log.verify()?;
    let (entries, bytes) = (verified.entries, verified.bytes);
    println!("verifying: {:.0} entries/s ({entries} entries, {bytes} bytes)", per_second(entries, begin));

    let begin = Instant::now();
    let read = log.entries(TENANT, 0, u64::MAX)?.try_fold(0, |count, entry| entry.map(|_| count + 1))?;
    println!("reading entries: {:.0} entries/s", per_second(read, begin));

    let (begin, proofs) = (Instant::now(), 200u64);
    for number in 0..proofs {
        log.inclusion_proof(TENANT, number * (entries / proofs), entries)?;
    }
    println!("inclusion proofs: {:.0}/s", per_second(proofs, begin));
    let begin = Instant::now();
    for number in 0..proofs {
        let from = number * (entries / proofs);
        log.entries(TENANT, from, from + 1)?.next().transpose()?;
    }
    println!("single entries: {:.0}/s", per_second(proofs, begin));
    drop(log);

    std::fs::remove_file(folder.join("1/mark"))?;
    let begin = Instant::now();
    let log = AccessLog::open(folder, &AccessLogOptions::default())?;
    let entries = log.recovery().entries;
    println!("opening without mark, tiles and index made again: {:.0} entries/s", per_second(entries, begin));
    Ok(())
}
