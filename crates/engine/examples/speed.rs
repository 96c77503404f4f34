//! How fast the path is without HTTP: `cargo run --release -p dossier-engine --example speed -- CUSTOMERS [FOLDER]`.
//!
//! Prints one line per figure. `bench/README.md` says what each is compared with.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a measurement, not part of the product"
)]

use dossier_engine::model::Day;
use dossier_engine::model::generate::{CUSTOMER_COLUMNS, Generator, csv_line};
use dossier_engine::model::text::{Syllables, readings};
use dossier_engine::{Caller, Create, Engine, Import, ListQuery, OpenOptions, Origin, Search, VerifyOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SECONDS: u64 = 4;

fn main() {
    let mut args = std::env::args().skip(1);
    let customers: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let kept = tempfile::TempDir::new().unwrap();
    let folder = args.next().map_or_else(|| kept.path().to_owned(), PathBuf::from);
    let engine = Engine::open_folder(&OpenOptions {
        data: folder.join("data"),
        keystore: Some(folder.join("root.keystore")),
        ..OpenOptions::default()
    })
    .unwrap();
    let operator = engine.operator(&Origin::default(), 0, None).unwrap();
    flushes(&folder);
    if !folder.join("customers.csv").exists() {
        load(&engine, &operator, &folder, customers);
    }
    let name = format!("bench-{}", std::process::id());
    let role = if engine.clients(&operator).unwrap().is_empty() { "CDO" } else { "CDE" };
    let client = engine.add_client(&operator, &name, &[role], None).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    let head = engine.caller(&Origin::default(), &token.access_token).unwrap();
    let list = ListQuery { kind: "customer".into(), ..ListQuery::default() };
    let page = engine.list(&head, &list).unwrap();
    let ids: Vec<String> = page.items.iter().map(|record| record.id.clone()).collect();
    for threads in [1, 16] {
        rate("list of 25", threads, |_| drop(engine.list(&head, &list).unwrap()));
        rate("one record", threads, |at| {
            drop(engine.read(&head, "customer", &ids[at % ids.len()], false).unwrap());
        });
    }
    names(&engine, &head, customers);
    let made_up = Generator::new(99, Day::from_ymd(2026, 11, 22).unwrap());
    let next = AtomicU64::new(20_000_000 + u64::from(std::process::id()) * 10_000);
    rate("create", 16, |_| create(&engine, &head, &made_up, next.fetch_add(1, Ordering::Relaxed)));
    let report = engine.verify(&operator, &VerifyOptions::default(), &mut |_, _, _| {}).unwrap();
    for log in &report.logs {
        println!("verify {}: {} entries, {}/s", log.origin, log.size, log.entries_per_second);
    }
}

/// The search index made or brought up, and how fast it answers: with opening, showing and recording the hits.
fn names(engine: &Engine, head: &Caller, customers: u64) {
    let started = Instant::now();
    engine.catch_up_names().unwrap();
    println!("search index: up to date in {:.1} s", started.elapsed().as_secs_f64());
    let made_up = Generator::new(1, Day::from_ymd(2026, 11, 22).unwrap());
    let part = |at: usize, from: usize, count: usize| -> String {
        let name = &made_up.customer(at as u64 * 7919 % customers)["企业名称"];
        let part: String = name.chars().filter(|c| c.is_alphanumeric()).skip(from).take(count).collect();
        if part.chars().count() < 2 { "有限".into() } else { part }
    };
    let spelt = |at: usize, letters: usize| -> String {
        let all = Syllables::all();
        let numbers = readings(&part(at, 2, 4)).into_iter().filter_map(|reading| reading.syllables().next());
        numbers.map(|number| all.text(number)).map(|text| &text[..text.len().min(letters)]).collect()
    };
    let sorts: [(&str, &(dyn Fn(usize) -> String + Sync)); 6] = [
        ("two characters", &|at| part(at, 2, 2)),
        ("the most common two", &|_| "有限".into()),
        ("a name", &|at| part(at, 0, 64)),
        ("pinyin", &|at| spelt(at, 9)),
        ("initials", &|at| spelt(at, 1)),
        ("last four", &|at| format!("{:04}", at % 10_000)),
    ];
    for (what, text) in sorts {
        rate(&format!("search by {what}"), 16, |at| {
            // Look-ups of numbers that nobody has are refused after some of them: an answer as well.
            let _ = engine.search(head, &Search::of(&text(at)));
        });
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default());
}

fn flushes(folder: &std::path::Path) {
    let mut file = std::fs::File::create(folder.join("flushes")).unwrap();
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(2) {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    println!("flushes of the disk: {}/s", count / 2);
}

fn load(engine: &Engine, operator: &Caller, folder: &std::path::Path, customers: u64) {
    let made_up = Generator::new(1, Day::from_ymd(2026, 11, 22).unwrap());
    let mut text = String::new();
    csv_line(&CUSTOMER_COLUMNS.map(String::from), &mut text);
    for at in 0..customers {
        csv_line(&made_up.customer_cells(at), &mut text);
    }
    let path = folder.join("customers.csv");
    std::fs::write(&path, text).unwrap();
    let done = engine.import(operator, &Import { file: path, ..Import::default() }, &mut |_| {}).unwrap();
    let rate = done.imported as f64 / done.seconds;
    println!("import: {} rows in {:.1} s, {rate:.0}/s", done.imported, done.seconds);
}

fn create(engine: &Engine, head: &Caller, made_up: &Generator, at: u64) {
    let row = made_up.customer(at);
    let get = |column: &str| row.get(column).cloned().unwrap_or_default().into();
    let fields = [
        ("name", get("企业名称")),
        ("subject", get("客户类型")),
        ("document_number", get("统一社会信用代码")),
        ("phone", get("联系电话")),
        ("representative", get("法人代表")),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    engine.create(head, &Create { kind: "customer".into(), fields, ..Create::default() }).unwrap();
}

/// Runs `work` on so many threads for a while; prints how often a second, and how long each took.
fn rate(name: &str, threads: usize, work: impl Fn(usize) + Sync) {
    let count = AtomicU64::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (count, work) = (&count, &work);
            scope.spawn(move || {
                let mut at = thread;
                while started.elapsed() < Duration::from_secs(SECONDS) {
                    work(at);
                    at += 1;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let count = count.load(Ordering::Relaxed);
    let micros = started.elapsed().as_micros() as u64 * threads as u64 / count.max(1);
    println!("{name}, {threads} threads: {}/s, {micros} µs each", count / SECONDS);
}
