//! How long four who create wait while an import runs: a measurement, not a test.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]
use dossier_engine::model::generate::{CUSTOMER_COLUMNS, Generator, csv_line};
use dossier_engine::{Create, Engine, Import, OpenOptions, Origin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn main() {
    let rows: u64 = std::env::args().nth(1).map_or(60_000, |text| text.parse().unwrap());
    let folder = std::path::PathBuf::from(std::env::args().nth(2).unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let options = OpenOptions {
        data: folder.join("data"),
        keystore: Some(folder.join("k.keystore")),
        ..OpenOptions::default()
    };
    let engine = Engine::open_folder(&options).unwrap();
    let operator = engine.operator(&Origin::default(), 0, None).unwrap();
    let client = engine.add_client(&operator, "head", &["CDO"], None).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    let head = engine.caller(&Origin::default(), &token.access_token).unwrap();
    let made_up = Generator::new(7, dossier_engine::model::Day::from_ymd(2026, 11, 22).unwrap());
    let mut text = String::new();
    csv_line(&CUSTOMER_COLUMNS.map(str::to_owned), &mut text);
    (0..rows).for_each(|at| csv_line(&made_up.customer_cells(at), &mut text));
    let file = folder.join("in.csv");
    std::fs::write(&file, text).unwrap();
    let measure = |name: &str, work: &dyn Fn()| {
        let stop = AtomicBool::new(false);
        let mut all: Vec<Duration> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let (engine, head, stop) = (&engine, &head, &stop);
                    scope.spawn(move || {
                        let mut took = Vec::new();
                        while !stop.load(Ordering::Relaxed) {
                            let mut ask = Create { kind: "customer".into(), ..Create::default() };
                            ask.fields.insert("name".into(), "示例客户有限公司".into());
                            ask.fields.insert("subject".into(), "A".into());
                            let begun = Instant::now();
                            engine.create(head, &ask).unwrap();
                            took.push(begun.elapsed());
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        took
                    })
                })
                .collect();
            work();
            stop.store(true, Ordering::Relaxed);
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        all.sort_unstable();
        let at = |part: f64| all[((all.len() - 1) as f64 * part) as usize];
        println!(
            "{name}: {} creates, p50 {:?}, p95 {:?}, p99 {:?}, max {:?}",
            all.len(),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
    };
    if std::env::args().nth(3).is_some() {
        let ask = Import { file: file.clone(), ..Import::default() };
        let done = engine.import(&operator, &ask, &mut |_| {}).unwrap();
        println!(
            "imported {} in {:.1} s: {:.0} rows/s",
            done.imported,
            done.seconds,
            done.imported as f64 / done.seconds
        );
        return;
    }
    measure("alone", &|| std::thread::sleep(Duration::from_secs(4)));
    let id = std::cell::RefCell::new(String::new());
    measure("beside an import", &|| {
        let ask = Import { file: file.clone(), ..Import::default() };
        let done = engine.import(&operator, &ask, &mut |_| {}).unwrap();
        println!(
            "imported {} in {:.1} s: {:.0} rows/s",
            done.imported,
            done.seconds,
            done.imported as f64 / done.seconds
        );
        *id.borrow_mut() = done.id;
    });
    measure("beside an undo", &|| {
        let begun = Instant::now();
        engine.undo_import(&operator, &id.borrow()).unwrap().done().unwrap();
        engine.finish_import_undo(&id.borrow(), &|| false, &mut |_| {}).unwrap();
        println!(
            "undone in {:?}: {:.0} rows/s",
            begun.elapsed(),
            rows as f64 / begun.elapsed().as_secs_f64()
        );
    });
}
