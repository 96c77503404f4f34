//! The root key on paper: printed, typed back, and a lost keystore made again from it, through the real program.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests are tests"
)]

mod common;

use common::{Ended, Home, http};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

const PRINT: [&str; 4] = ["key", "recovery", "print", "--force"];
const RESTORE: [&str; 3] = ["key", "recovery", "restore"];

/// The groups of both sheets, as they stand on paper.
type Paper = [Vec<String>; 2];

/// Reads both sheets from what was printed.
fn read(out: &mut impl BufRead) -> Paper {
    let mut paper = [Vec::new(), Vec::new()];
    let mut side = 0;
    for line in out.lines().map_while(Result::ok) {
        if line.contains("recovery sheet") {
            side = usize::from(line.ends_with('B'));
        }
        if line.contains('–') {
            paper[side].extend(line.split_whitespace().skip(1).map(str::to_owned));
        }
        if line.contains("restore:") && side == 1 {
            break;
        }
    }
    paper
}

/// Prints sheets and answers each question by `answer`, which is given the side, the number and what is right.
fn print_with(mut command: Command, answer: impl Fn(usize, usize, &str) -> Option<String>) -> (Paper, Ended) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut input, mut out) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
    let paper = read(&mut out);
    let mut stderr = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("press Enter") {
            writeln!(input.as_mut().unwrap()).unwrap();
        }
        if let Some((sheet, group)) = line.strip_prefix("sheet ").and_then(|rest| rest.split_once(", group "))
        {
            let (side, number) = (usize::from(sheet == "B"), group.trim_end_matches(':').parse().unwrap());
            match answer(side, number, &paper[side][number - 1]) {
                Some(typed) => writeln!(input.as_mut().unwrap(), "{typed}").unwrap(),
                None => drop(input.take()),
            }
        }
        stderr += &format!("{line}\n");
    }
    let mut stdout = String::new();
    out.read_to_string(&mut stdout).unwrap();
    (paper, Ended { code: child.wait().unwrap().code(), stdout, stderr })
}

fn printed(home: &Home) -> Paper {
    let (paper, ended) = print_with(home.command(&PRINT), |_, _, right| Some(right.to_owned()));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    paper
}

/// Restores from what is typed.
fn restore(mut command: Command, typed: &str) -> Ended {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that is refused before anything is asked does not read.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn typed(paper: &Paper) -> String {
    paper.iter().map(|groups| groups.join(" ") + "\n").collect()
}

fn keystore(home: &Home) -> std::path::PathBuf {
    std::fs::read_to_string(home.data().join("keystore")).unwrap().trim_end().into()
}

/// A program that reads everything.
fn reader(home: &Home) -> Value {
    home.json(&["client", "add", "示例程序", "--role", "CDO"])
}

/// The first page of customers, as that program reads it from a server.
fn customers(home: &Home, client: &Value, arguments: &[&str]) -> Value {
    let server = home.serve(arguments);
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let ask = |line: &str, head: &str, body: &str| {
        let request = format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = http(&server.address(), &request);
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str::<Value>(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    };
    let token = ask("POST /oauth/token", "Content-Type: application/x-www-form-urlencoded\r\n", &form);
    let head = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    ask("GET /v1/dossiers?limit=20", &head, "")["items"].clone()
}

/// The steps with sheets that are on record.
fn steps(home: &Home) -> Vec<String> {
    let page = home.json(&["ledger", "show", "--limit", "200"]);
    let entries = page["items"].as_array().unwrap().iter().filter(|e| e["action"] == "key_recovery");
    entries.map(|entry| entry["note"]["step"].as_str().unwrap_or("refused").to_owned()).collect()
}

#[test]
fn a_lost_keystore_is_made_again_from_paper_and_every_customer_opens() {
    let home = Home::new();
    home.done(&["import", home.customers(20).to_str().unwrap()]);
    let client = reader(&home);
    let before = customers(&home, &client, &[]);
    assert_eq!(before.as_array().unwrap().len(), 20);
    let paper = printed(&home);
    assert_eq!(paper.each_ref().map(Vec::len), [15, 15]);

    std::fs::remove_file(keystore(&home)).unwrap();
    assert_eq!(home.refused(&["team", "list"]), "keystore_missing");
    let new = home.path("elsewhere/new.keystore");
    let mut arguments = RESTORE.to_vec();
    arguments.extend(["--keystore", new.to_str().unwrap()]);
    // As somebody types: small letters, one group, several, an empty line, bars.
    let noise = typed(&paper).to_lowercase().replacen(' ', "\n\n  ", 3).replacen(' ', "-", 30);
    let ended = restore(home.command(&arguments), &noise);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&new).unwrap()) & 0o777, 0o600);

    assert_eq!(customers(&home, &client, &[]), before);
    assert_eq!(steps(&home), ["shown", "confirmed", "restored"]);
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["problems"], json!([]));
}

#[test]
fn an_entry_that_could_not_be_written_is_made_up_by_the_next_run() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    let paper = printed(&home);
    let place = keystore(&home);
    std::fs::remove_file(&place).unwrap();
    // Somebody else has the folder, and does not listen.
    let lock = std::fs::File::open(home.data().join("lock")).unwrap();
    lock.lock().unwrap();
    let ended = restore(home.command(&RESTORE), &typed(&paper));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(place.exists(), "the keystore is there all the same");
    drop(lock);
    let ended = restore(home.command(&RESTORE), "");
    assert_eq!(ended.code, Some(0), "nothing is typed again: {ended:?}");
    assert_eq!(steps(&home), ["shown", "confirmed", "restored"]);
    let there = restore(home.command(&RESTORE), &typed(&paper));
    assert!(there.stderr.contains("1001003002"), "{there:?}");
    assert_eq!(steps(&home), ["shown", "confirmed", "restored"]);
}

#[test]
fn the_place_where_it_was_lost_is_the_default_and_a_passphrase_is_taken_up() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    let paper = printed(&home);
    let place = keystore(&home);
    std::fs::remove_file(&place).unwrap();
    let mut command = home.command(&RESTORE);
    command.env("DOSSIER_KEYSTORE_PASSPHRASE", "correct horse");
    let ended = restore(command, &typed(&paper));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(std::fs::read_to_string(place).unwrap().contains("argon2id"));
    assert_eq!(home.refused(&["team", "list"]), "keystore_passphrase_needed");
}

#[test]
fn sheets_go_to_a_terminal_or_where_it_is_said_and_never_into_json() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    for arguments in
        [&PRINT[..3], &["key", "recovery", "print", "--json"], &[PRINT.as_slice(), &["--json"]].concat()]
    {
        let ended = home.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stderr.contains("1001010080"), "{ended:?}");
    }
    assert_eq!(steps(&home), [""; 0]);
}

#[test]
fn without_the_groups_nothing_counts_as_done_but_what_was_shown_is_on_record() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    let (_, ended) = print_with(home.command(&PRINT), |_, _, _| None);
    assert!(ended.stderr.contains("1001010081"), "{ended:?}");
    // A group of the other sheet, and right ones until the last.
    let (paper, ended) = print_with(home.command(&PRINT), |side, _, right| {
        Some(if side == 1 { "00000".to_owned() } else { right.to_owned() })
    });
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("of sheet B"), "{ended:?}");
    assert!(!paper.concat().iter().any(|group| ended.stderr.contains(group)), "{ended:?}");
    assert_eq!(home.json(&["key", "status"])["recovery"], json!({ "state": "none" }));
    assert_eq!(steps(&home), ["shown", "shown"]);
    // A slip is no harm.
    let slips = std::cell::Cell::new(0);
    let (_, ended) = print_with(home.command(&PRINT), |_, _, right| {
        slips.set(slips.get() + 1);
        Some(if slips.get() % 3 == 0 { right.to_lowercase() } else { "slip".to_owned() })
    });
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(home.json(&["key", "status"])["recovery"]["state"], "confirmed");
}

#[test]
fn a_running_server_records_it_and_hears_nothing_of_the_key() {
    let home = Home::new();
    let server = home.serve(&[]);
    let paper = printed(&home);
    let status = home.json(&["key", "status"]);
    assert_eq!(status["recovery"]["state"], "confirmed");
    let root = std::fs::read_to_string(keystore(&home)).unwrap().lines().last().unwrap().to_owned();
    let ledger = home.done(&["ledger", "show", "--json"]);
    assert!(ledger.contains(status["kms"].as_str().unwrap()));
    server.stop();
    let mut found = vec![ledger, home.done(&["ledger", "show"]), home.done(&["key", "status"])];
    for file in std::fs::read_dir(home.data()).unwrap().map(|file| file.unwrap().path()) {
        if file.is_file() {
            found.push(String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
        }
    }
    for text in &found {
        assert!(!text.contains(&root));
        for groups in &paper {
            assert!(
                !groups.windows(2).any(|two| text.contains(&two.join(" ")) || text.contains(&two.concat()))
            );
        }
    }
}

#[test]
fn what_is_typed_wrong_is_named_and_writes_nothing() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    let paper = printed(&home);
    let again = printed(&home);
    let other = Home::new();
    other.done(&["team", "add", "华南"]);
    let foreign = printed(&other);
    assert_eq!(restore(home.command(&RESTORE), "").code, Some(1));
    let there = restore(home.command(&RESTORE), &typed(&paper));
    assert!(there.stderr.contains("1001003002"), "a keystore that is there stays: {there:?}");
    let place = keystore(&home);
    std::fs::remove_file(&place).unwrap();

    let wrong = |side: usize, number: usize, to: &str| {
        let mut paper = paper.clone();
        paper[side][number - 1] = to.to_owned();
        typed(&paper)
    };
    let last = format!("{}{}", if paper[1][14].starts_with('X') { 'Y' } else { 'X' }, &paper[1][14][1..]);
    for (typed, code, named) in [
        (wrong(0, 1, "00000"), "1001003040", "group 1 of sheet A"),
        (wrong(1, 15, &last), "1001003040", "group 15 of sheet B"),
        (wrong(0, 7, ""), "1001003040", "group 7 of sheet A"),
        (typed(&[paper[1].clone(), paper[0].clone()]), "1001003040", "group 1 of sheet A"),
        (wrong(1, 15, &format!("{} 00000", paper[1][14])), "1001003040", "group 16 of sheet B"),
        (typed(&[paper[0].clone(), again[1].clone()]), "1001003042", "different sets"),
        (typed(&foreign), "1001003043", "hold keystore"),
        (paper[0].join(" "), "1001010082", "not typed to their end"),
        ("\u{0}\u{1} ,;".to_owned(), "1001003040", "group 1 of sheet A"),
    ] {
        let ended = restore(home.command(&RESTORE), &typed);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stderr.contains(code) && ended.stderr.contains(named), "{named}: {ended:?}");
        assert!(!place.exists(), "{named}");
    }
    assert_eq!(restore(home.command(&RESTORE), &typed(&paper)).code, Some(0));
}

#[test]
fn there_has_to_be_an_installation_and_its_keyring() {
    let home = Home::embedded();
    assert_eq!(home.refused(&RESTORE), "data_folder_empty");
    assert_eq!(restore(home.command(&PRINT), "").stdout, "");
    assert!(!home.data().exists());
    home.done(&["team", "add", "华东"]);
    let inside = home.data().join("k");
    let mut arguments = RESTORE.to_vec();
    arguments.extend(["--keystore", inside.to_str().unwrap()]);
    assert_eq!(home.refused(&arguments), "keystore_inside_data");
    std::fs::remove_file(home.data().join("keyring")).unwrap();
    assert_eq!(home.refused(&RESTORE), "keyring_missing");
}
