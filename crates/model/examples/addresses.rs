//! How the addresses of a file in the form of the public register are split, and how fast:
//! `cargo run --release -p dossier-model --example addresses FILE [SAMPLES]`.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that prints and reads the clock"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use dossier_model::address::{Address, Hint, mark, split_kept, tidy};

const ROUNDS: u32 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("the path of a CSV file");
    let samples: usize = arguments.next().map_or(0, |count| count.parse().expect("a number of samples"));
    let mut reader = csv::Reader::from_path(path).expect("a file that can be read");
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let cell = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let rows: Vec<[String; 3]> =
        rows.iter().map(|row| ["所在省份", "地区", "注册地址"].map(|name| cell(row, name))).collect();
    let rows: Vec<[String; 3]> =
        rows.into_iter().filter(|[_, _, text]| text.chars().nth(3).is_some()).collect();

    let first = Instant::now();
    let _ = Address::split("甘肃省", Hint::default());
    println!("table read in {:?}", first.elapsed());
    for hinted in [true, false] {
        let mut shares = BTreeMap::<&str, usize>::new();
        let step = (rows.len() / samples.max(1)).max(1);
        for (at, [province, city, text]) in rows.iter().enumerate() {
            let text = tidy(text);
            let hint = if hinted { Hint { province, city } } else { Hint::default() };
            let address = Address::split(&text, hint);
            let to = match (address.province, address.city, address.district) {
                ("", ..) => "4 not split",
                (_, _, district) if !district.is_empty() => "1 to district",
                (_, city, _) if !city.is_empty() => "2 to city",
                _ => "3 to province",
            };
            *shares.entry(to).or_default() += 1;
            if hinted && samples > 0 && at % step == 0 {
                println!("{province}/{city}/{text}\n    {address}");
            }
        }
        println!("with hints {hinted}, of {}: {shares:?}", rows.len());
    }
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        for [province, city, text] in &rows {
            // As an import does it: marked on entry, split when the whole row is known.
            let kept = mark(text).expect("no bars in the file");
            bytes += split_kept(&kept, Hint { province, city }).unwrap_or(kept).len();
        }
    }
    let each = start.elapsed().as_nanos() / u128::from(ROUNDS) / rows.len() as u128;
    println!("{each} ns each, {bytes} bytes written");
}
