//! People on the command line, and what `serve` says for them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Home, http};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const PASSWORD: &str = "plum harbour seven";

/// Posts JSON and gives status and body.
fn post(address: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = http(address, &request);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

fn sign_in(address: &str, name: &str) -> (u16, Value) {
    post(address, "/v1/session", &json!({ "name": name, "password": PASSWORD }))
}

fn set_up(address: &str, link: &Value, name: Option<&str>) -> (u16, Value) {
    let token = link["set_up"].as_str().unwrap().strip_prefix("/set-up#").unwrap();
    let mut body = json!({ "token": token, "password": PASSWORD });
    if let Some(name) = name {
        body["name"] = json!(name);
    }
    post(address, "/v1/set-up", &body)
}

#[test]
fn a_person_is_added_set_up_reset_signed_out_and_shut_out() {
    let home = Home::new();
    let server = home.serve(&[]);
    let address = server.address();
    let user = home.json(&["user", "add", "示例员工", "--role", "CDE"]);
    assert_eq!(set_up(&address, &user, None).0, 200);
    assert_eq!(sign_in(&address, "示例员工").0, 200);
    let listed = home.json(&["user", "list"]);
    assert_eq!((&listed[0]["set_up"], &listed[0]["sessions"]), (&json!(true), &json!(2)));
    home.done(&["user", "sign-out", "示例员工"]);
    assert_eq!(home.json(&["user", "list"])[0]["sessions"], 0);
    let link = home.json(&["user", "set-up", "--name", "示例员工"]);
    assert_eq!(sign_in(&address, "示例员工").0, 401);
    assert_eq!(set_up(&address, &link, None).0, 200);
    assert_eq!(home.json(&["user", "disable", "示例员工"])["disabled"], true);
    assert_eq!(sign_in(&address, "示例员工").0, 401);
    assert_eq!(home.json(&["user", "enable", "示例员工"])["disabled"], false);
    assert_eq!(sign_in(&address, "示例员工").0, 200);
    assert_eq!(home.refused(&["user", "disable", "示例某人"]), "user_not_found");
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["problems"], json!([]));
}

#[test]
fn the_first_cdo_comes_by_a_link_and_the_next_link_is_made_in_their_name() {
    let home = Home::new();
    let link = home.json(&["user", "set-up"]);
    let server = home.serve(&[]);
    // A newer one takes the place of the first.
    let newer = home.json(&["user", "set-up"]);
    assert_eq!(set_up(&server.address(), &link, Some("示例主管")).0, 404);
    let (status, session) = set_up(&server.address(), &newer, Some("示例主管"));
    assert_eq!(
        (status, &session["user"]["roles"], &session["must"]),
        (200, &json!(["CDO"]), &json!("second_factor"))
    );
    assert_eq!(home.refused(&["user", "set-up"]), "first_cdo_there");
    assert_eq!(home.refused(&["user", "set-up", "--name", "示例主管"]), "cdo_required");
    assert_eq!(home.refused(&["user", "disable", "示例主管", "--as", "示例主管"]), "last_keeper");
    home.json(&["user", "set-up", "--name", "示例主管", "--as", "示例主管"]);
}

/// The first line with this in what the server says, on a terminal of its own or into a pipe.
fn said(home: &Home, on_terminal: bool, part: &str) -> Option<String> {
    let mut serve = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    if on_terminal {
        let line = format!("{} serve --listen 127.0.0.1:0 2>&1 >/dev/null", env!("CARGO_BIN_EXE_dossier"));
        let mut script = Command::new("script");
        script.args(["-q", "-c", &line, "/dev/null"]).env_clear().env("PATH", "/usr/bin:/bin");
        script.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
        serve = script;
    }
    let mut child = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said: Box<dyn Read> = if on_terminal {
        Box::new(child.stdout.take().unwrap())
    } else {
        Box::new(child.stderr.take().unwrap())
    };
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let found = lines.by_ref().take(20).find(|line| line.contains(part));
    // The process that serves: under `script` it would end a little later, or not at all where SIGHUP is ignored (nohup).
    let serving = std::fs::read_to_string(home.data().join("lock")).unwrap();
    Command::new("kill").arg(serving.trim()).status().unwrap();
    let _ = child.kill();
    child.wait().unwrap();
    let gone = || !Path::new("/proc").join(serving.trim()).exists();
    assert!(
        (0..600).any(|_| gone() || {
            std::thread::sleep(Duration::from_millis(50));
            false
        }),
        "it serves on"
    );
    found.map(|line| line.trim_end().to_owned())
}

#[test]
fn a_server_without_a_cdo_says_on_a_terminal_where_the_first_one_is_made_and_no_other_does() {
    let home = Home::new();
    let line = said(&home, true, "/set-up#").unwrap();
    assert!(line.starts_with("http://127.0.0.1:"), "{line}");
    home.json(&["user", "add", "示例主管", "--role", "CDO"]);
    let server = home.serve(&[]);
    let (status, _) =
        post(&server.address(), "/v1/set-up/look", &json!({ "token": line.rsplit('#').next() }));
    assert_eq!(status, 404, "a link of before is worth nothing now");
}

#[test]
fn into_a_log_goes_how_to_get_the_link_and_not_the_link() {
    let home = Home::new();
    let line = said(&home, false, "CDO").unwrap();
    assert!(line.contains("`dossier user set-up`") && !line.contains('#'), "{line}");
    let made = home.json(&["ledger", "show"]).to_string();
    assert!(!made.contains("set_up_link"), "and none was made: {made}");
}

#[test]
fn data_of_ones_own_is_never_served_as_a_demo() {
    let own = Home::new();
    own.json(&["user", "add", "示例员工", "--role", "CDE"]);
    assert_eq!(own.refused(&["serve", "--demo", "--listen", "127.0.0.1:0"]), "demo_not_empty");
    let imported = Home::new();
    imported.done(&["demo", "generate", "--customers", "3", "--out", "customers.csv", "--seed", "1"]);
    imported.done(&["import", "customers.csv"]);
    assert_eq!(imported.refused(&["serve", "--demo", "--listen", "127.0.0.1:0"]), "demo_not_empty");
}

#[test]
fn a_demo_has_a_person_for_each_role_and_says_so() {
    let home = Home::new();
    let server = home.serve(&["--demo", "--json"]);
    let said: Value = serde_json::from_str(server.said.lines().next().unwrap()).unwrap();
    let people = said["demo"]["people"].as_array().unwrap();
    assert_eq!(people.len(), 5);
    for person in people {
        let body = json!({ "name": person["name"], "password": person["password"] });
        let (status, session) = post(&server.address(), "/v1/session", &body);
        assert_eq!(
            (status, &session["demo"], &session["must"]),
            (200, &json!(true), &Value::Null),
            "{session}"
        );
        assert_eq!(session["user"]["roles"][0], person["role"]);
    }
}
