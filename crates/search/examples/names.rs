//! How fast the index is by itself: `cargo run --release -p dossier-search --example names -- NAMES [FOLDER]`.
//!
//! Prints one line per figure: building, size on disk, memory, and how long each sort of search takes, without opening
//! records.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a measurement, not part of the product"
)]

use dossier_crypto::{MacKey, Secret, SystemEntropy};
use dossier_model::generate::Generator;
use dossier_model::text::{Name, Query, readings};
use dossier_model::{Day, KindId};
use dossier_search::{Candidate, Class, Entry, Index, Progress, Scope, SearchError, Verdict};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let names: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let kept = tempfile::TempDir::new().unwrap();
    let folder = args.next().map_or_else(|| kept.path().join("index"), PathBuf::from);
    let made_up = Generator::new(1, Day::from_ymd(2026, 11, 22).unwrap());
    let under = MacKey::new(Secret::from_bytes(&[1; 32]));
    let class = Class { kind: KindId(1), field: 1, level: 1 };
    let entropy = Arc::new(SystemEntropy);
    if !folder.exists() {
        let started = Instant::now();
        let index =
            Index::create(&folder, &under, Progress::start("bench", 0, String::new()), entropy.clone())
                .unwrap();
        for rid in 0..names {
            let name = Name::new(&made_up.customer(rid)["企业名称"]);
            index.add(&Entry { rid: rid as i64, class, team: (rid % 50) as u32, name }).unwrap();
            if rid % 20_000 == 19_999 {
                index.commit(Progress::start("bench", rid, String::new())).unwrap();
            }
        }
        index.commit(Progress::start("bench", names, String::new())).unwrap();
        let seconds = started.elapsed().as_secs_f64();
        println!("build: {names} names in {seconds:.1} s, {:.0}/s, {}", names as f64 / seconds, memory());
    }
    let started = Instant::now();
    let index = Index::open(&folder, &under, "bench", entropy).unwrap();
    println!(
        "open: {} ms, {} MB on disk, {}",
        started.elapsed().as_millis(),
        size(&folder) / 1_000_000,
        memory()
    );
    let text = |at: u64| made_up.customer(at * 7919 % names)["企业名称"].clone();
    let part = |at: u64, from: usize, count: usize| {
        text(at).chars().filter(|c| c.is_alphanumeric()).skip(from).take(count).collect::<String>()
    };
    let spelt = |at: u64, initials: bool| {
        let all = dossier_model::text::Syllables::all();
        readings(&part(at, 2, 4))
            .into_iter()
            .filter_map(|reading| reading.syllables().next())
            .map(|number| all.text(number))
            .map(|text| if initials { &text[..1] } else { text })
            .collect::<String>()
    };
    for teams in [None, Some(vec![7])] {
        println!("teams: {teams:?}");
        let scope = [Scope { class, teams }];
        let run = |what: &str, text: &dyn Fn(u64) -> String| measure(&index, &scope, what, text);
        run("two characters of a name", &|at| part(at, 2, 2));
        run("four characters of a name", &|at| part(at, 2, 4));
        run("a whole name", &text);
        run("有限", &|_| "有限".into());
        run("有限公司", &|_| "有限公司".into());
        run("科技", &|_| "科技".into());
        run("pinyin", &|at| spelt(at, false));
        run("initials", &|at| spelt(at, true));
        run("yxgs", &|_| "yxgs".into());
        run("nothing", &|at| format!("龘{}", part(at, 2, 1)));
    }
    println!("{}", memory());
}

fn measure(index: &Index, scope: &[Scope], what: &str, text: &dyn Fn(u64) -> String) {
    let mut micros = Vec::new();
    let mut offered = 0;
    for at in 0..400 {
        let Some(query) = Query::new(&text(at)) else { continue };
        let started = Instant::now();
        let mut left = 10;
        let offer = |_: Candidate| {
            left -= 1;
            Ok::<_, SearchError>(if left == 0 { Verdict::Enough } else { Verdict::More })
        };
        index.search(&query, scope, offer).unwrap();
        micros.push(started.elapsed().as_micros());
        offered += 10 - left;
    }
    micros.sort_unstable();
    let at = |share: usize| micros[(micros.len() - 1) * share / 100];
    let mean = micros.iter().sum::<u128>() / micros.len() as u128;
    println!(
        "{what}: mean {mean} µs, p50 {}, p95 {}, {:.1} offered",
        at(50),
        at(95),
        f64::from(offered) / micros.len() as f64
    );
}

fn size(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.metadata().unwrap().len()).sum()
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default().replace('\t', " ")
}
