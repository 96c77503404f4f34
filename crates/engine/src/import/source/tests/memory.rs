//! How much memory a hostile or very large file takes, measured in a process of its own.
#![cfg(target_os = "linux")]

use super::super::Source;
use super::zipped::{Entry, package, workbook};
use super::{read_source, source};
use std::io::{self, Read, Seek, SeekFrom};
use std::process::Command;

const MOST_KIB: u64 = 300 << 10;
const CASE: &str = "DOSSIER_TEST_MEMORY_CASE";
const ROW: &[u8] = "示例科技（杭州）有限公司,13800000000,浙江省杭州市西湖区示例路1号\n".as_bytes();

/// A file of one beginning and one row again and again, that lies nowhere.
struct Endless {
    start: Vec<u8>,
    length: u64,
    at: u64,
}

impl Read for Endless {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = to.len().min(usize::try_from(self.length - self.at).unwrap_or(usize::MAX));
        let start = self.start.len() as u64;
        for byte in &mut to[..count] {
            *byte = match self.at.checked_sub(start) {
                None => self.start[self.at as usize],
                Some(behind) => ROW[(behind % ROW.len() as u64) as usize],
            };
            self.at += 1;
        }
        Ok(count)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(back) => self.length.saturating_add_signed(back),
            SeekFrom::Current(on) => self.at.saturating_add_signed(on),
        };
        Ok(self.at)
    }
}

fn endless(start: &'static str, rows: u64) -> Source {
    let length = start.len() as u64 + rows * ROW.len() as u64;
    Source::new(move || Ok(Box::new(Endless { start: start.into(), length, at: 0 }))).at_most(u64::MAX)
}

/// Reads a file row by row and says how it ended.
fn outcome(source: &Source) -> String {
    let read = || {
        let scanned = source.scan()?;
        source.rows(&scanned)?.try_for_each(|row| row.map(drop))?;
        Ok(scanned.rows)
    };
    read().map_or_else(|fault: dossier_model::Fault| fault.key.to_owned(), |rows| rows.to_string())
}

fn bomb(name: &str, open: &str, piece: &str, close: &str, megabytes: usize) -> Source {
    let content = format!("{open}{}{close}", piece.repeat((megabytes << 20) / piece.len()));
    let mut parts = workbook("", "");
    for entry in parts.iter_mut().filter(|entry| entry.name.ends_with(name)) {
        *entry = Entry::new(&entry.name, &content);
    }
    source(package(&parts))
}

fn case(name: &str) -> Source {
    match name {
        "a bomb of texts" => bomb("sharedStrings.xml", "<sst>", "<si/>", "</sst>", 100),
        "a bomb of cells" => {
            bomb("sheet1.xml", "<worksheet><sheetData><row>", "<c/>", "</row></sheetData></worksheet>", 100)
        }
        "a quote that never closes" => endless("a,b,c\n1,2,\"", 700_000),
        "a long file" => endless("名称,电话,地址\n", 700_000),
        "two gigabytes" => endless("名称,电话,地址\n", 24_000_000),
        "two gigabytes in a quote" => endless("a,b,c\n1,2,\"", 24_000_000),
        _ => many_texts(),
    }
}

/// As many different texts as a workbook may have, and no fewer than the ratio of a bomb allows.
fn many_texts() -> Source {
    let mut strings = String::new();
    for n in 0..1_100_000_u64 {
        let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        strings.push_str(&format!("<si><t>{noise:x}{:x}{noise:o}示例科技</t></si>", noise.rotate_left(17)));
    }
    let rows: String = (0..20_000).map(|n| format!("<row><c t=\"s\"><v>{n}</v></c></row>")).collect();
    source(package(&workbook(&rows, &strings)))
}

/// What a case comes to in a process of its own, and the most memory that it had. What made the file is not counted:
/// the peak is set back before it is read.
fn measured(name: &str) -> (String, u64) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "import::source::tests::memory::child", "--ignored", "--nocapture"])
        .env(CASE, name)
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let line =
        said.lines().find_map(|line| line.split_once("outcome ")).expect("the child says how it went").1;
    let (outcome, peak) = line.split_once(' ').unwrap();
    println!("{name}: {outcome}, {peak} KiB at most");
    (outcome.to_owned(), peak.parse().unwrap())
}

#[test]
#[ignore = "the other tests start it, in a process of its own"]
fn child() {
    let Ok(name) = std::env::var(CASE) else { return };
    let source = case(&name);
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let outcome = outcome(&source);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("outcome {outcome} {}", peak.trim().trim_end_matches(" kB"));
}

#[test]
fn hostile_files_take_little_memory() {
    for (name, expected) in [
        ("a bomb of texts", "import_workbook_too_large"),
        ("a bomb of cells", "import_workbook_broken"),
        ("a quote that never closes", "import_row_too_long"),
        ("a long file", "700000"),
    ] {
        let (outcome, peak) = measured(name);
        assert_eq!(outcome, expected, "{name}");
        assert!(peak < MOST_KIB, "{name}: {peak} KiB");
    }
}

#[test]
#[ignore = "takes some minutes"]
fn the_largest_files_take_little_memory() {
    for (name, expected) in [
        ("two gigabytes", "24000000"),
        ("two gigabytes in a quote", "import_row_too_long"),
        ("many texts", "19999"),
    ] {
        let (outcome, peak) = measured(name);
        assert_eq!(outcome, expected, "{name}");
        assert!(peak < MOST_KIB, "{name}: {peak} KiB");
    }
}

#[test]
fn a_file_of_two_gigabytes_is_beyond_the_usual_limit() {
    let long = Source::new(|| Ok(Box::new(Endless { start: Vec::new(), length: 2 << 30, at: 0 })));
    assert_eq!(read_source(&long).err().unwrap().key, "import_too_large");
}
