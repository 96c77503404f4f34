//! What reading a file costs per row: `cargo run --release -p dossier-engine --example read -- FILE [TIMES]`.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement prints what it found")]

use dossier_engine::import::{Mapping, Row, Source};
use dossier_engine::model::{Day, Kinds};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("a file");
    let times: u32 = arguments.next().map_or(10, |times| times.parse().expect("a number"));
    let source = Source::file(Path::new(&path));
    let kind = Kinds::customer();
    let today = Day::parse("2026-11-22").expect("a day");
    let scanned = source.scan().expect("a good file");
    let rows: Vec<Row> =
        source.rows(&scanned).expect("it is the same").collect::<Result<_, _>>().expect("good rows");
    let mapping = Mapping::suggest(kind, &scanned.header, rows.get(..200).unwrap_or(&rows));
    let say = |what: &str, took: Duration| {
        let row = took.as_secs_f64() * 1e6 / f64::from(times) / rows.len() as f64;
        println!("{what:<28}{row:>8.2} µs per row");
    };
    say("first reading", timed(times, || drop(black_box(source.scan()))));
    say(
        "rows",
        timed(times, || source.rows(&scanned).expect("it is the same").for_each(|row| drop(black_box(row)))),
    );
    say(
        "accept",
        timed(times, || rows.iter().for_each(|row| drop(black_box(mapping.accept(kind, row, today))))),
    );
    for column in 0..mapping.columns.len() {
        let mut one = mapping.clone();
        for (at, other) in one.columns.iter_mut().enumerate() {
            if at != column {
                other.target = dossier_engine::import::Target::Ignored;
            }
        }
        let took = timed(times, || rows.iter().for_each(|row| drop(black_box(one.accept(kind, row, today)))));
        say(&format!("  {}", mapping.columns.get(column).map_or("", |column| column.header.as_str())), took);
    }
    let refused = rows.iter().filter(|row| mapping.accept(kind, row, today).is_err()).count();
    println!("{} rows, {refused} refused", rows.len());
}

fn timed(times: u32, mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    (0..times).for_each(|_| work());
    started.elapsed()
}
