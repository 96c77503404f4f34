//! The demo: teams, one person and one program for each role, and made-up customers in an empty data folder.

use crate::generate::TODAY;
use crate::output::Terminal;
use crate::{say, table};
use dossier_engine::{Caller, Create, Engine, Guard, NewClient, Origin, SetUp};
use dossier_model::fault::{Fault, Lang};
use dossier_model::generate::Generator;
use dossier_model::kind::{Kind, KindId, Kinds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

/// How many customers, each with one contact.
const CUSTOMERS: u64 = 2_000;

/// Threads that enter them: the store flushes once for all that wait.
const HANDS: usize = 8;

/// The teams that own them in turn.
const TEAMS: [&str; 2] = ["华东", "华南"];

/// One person for each role. The CDO comes last: from then on only a CDO could add another one.
const PEOPLE: [(&str, &str); 5] =
    [("demo.isa", "ISA"), ("demo.cdu", "CDU"), ("demo.cde", "CDE"), ("demo.cda", "CDA"), ("demo.cdo", "CDO")];

/// One program for each role, the last one a CDO, with whom customers are entered.
const PROGRAMS: [(&str, &str); 5] =
    [("demo-isa", "ISA"), ("demo-cdu", "CDU"), ("demo-cde", "CDE"), ("demo-cda", "CDA"), ("demo-cdo", "CDO")];

/// Customers being entered while the server already answers.
pub struct Loading {
    stopping: Arc<AtomicBool>,
    hands: Vec<JoinHandle<()>>,
}

impl Loading {
    /// Has the entering stop, and waits until it did.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        for hand in self.hands {
            let _ = hand.join();
        }
    }
}

/// Refuses a folder with accounts or customers that no demo brought: a demo says of all it shows that it is made up.
///
/// # Errors
/// `demo_not_empty`, and those of the store.
pub fn check(engine: &Engine, data: &Path) -> Result<(), Fault> {
    let made_up = PEOPLE.first().map(|(name, _)| engine.has_user(name)).transpose()?;
    if made_up == Some(true) || engine.is_untouched()? {
        return Ok(());
    }
    Err(Fault::new("demo_not_empty").with("path", data.display().to_string()))
}

/// Fills an empty data folder; prints names and password of the people and ids and secrets of the programs, this once. A folder with anybody in it stays as
/// it is.
///
/// # Errors
/// Those of the engine.
pub fn start(engine: &Engine, terminal: Terminal) -> Result<Option<Loading>, Fault> {
    let uid = rustix::process::getuid().as_raw();
    let operator = engine.operator(&Origin::default(), uid, None)?;
    if !engine.clients(&operator)?.is_empty() || !engine.users(&operator)?.is_empty() {
        terminal.notice(match terminal.lang {
            Lang::Zh => "数据目录中已有账号，不再填入演示数据；忘记演示口令时执行 `dossier user set-up --name demo.cdo --as demo.cdo`",
            Lang::En => "the data folder has accounts already; no demo data was added; for a new password run `dossier user set-up --name demo.cdo --as demo.cdo`",
        });
        return Ok(None);
    }
    for team in TEAMS {
        engine.add_team(&operator, team)?;
    }
    let password = people(engine, &operator)?;
    let head = engine.operator(&Origin::default(), uid, Some("demo.cdo"))?;
    let programs = PROGRAMS
        .iter()
        .map(|(name, role)| engine.add_client(&head, name, &[role], TEAMS.first().copied()))
        .collect::<Result<Vec<_>, _>>()?;
    show(&password, &programs, terminal);
    let Some(head) = programs.last() else { return Ok(None) };
    let token = engine.sign_in(&Origin::default(), &head.client_id, &head.client_secret)?;
    let caller = engine.caller(&Origin::default(), &token.access_token)?;
    Ok(Some(enter(engine, &caller)))
}

/// Adds the people, sets them up with one password and signs them out again.
fn people(engine: &Engine, operator: &Caller) -> Result<String, Fault> {
    let origin = Origin::default();
    let mut password = String::new();
    for (name, role) in PEOPLE {
        let user = engine.add_user(operator, name, &[role], TEAMS.first().copied())?.done()?;
        let token = user.set_up.rsplit('#').next().unwrap_or_default().to_owned();
        if password.is_empty() {
            // As random as the first link, which is used up in a moment, and with what any rules of passwords ask for.
            password =
                token.chars().filter(char::is_ascii_alphanumeric).take(16).chain("Aa1".chars()).collect();
        }
        let set_up = SetUp { token, name: None, password: password.clone(), agent: None, before: None };
        let signed_in = engine.set_up(&origin, &set_up)?;
        engine.sign_out(&engine.person(&origin, &signed_in.cookie, &Guard::default())?)?;
    }
    Ok(password)
}

fn show(password: &str, programs: &[NewClient], terminal: Terminal) {
    let text = if terminal.json {
        let people = PEOPLE.map(|(name, role)| json!({ "name": name, "role": role, "password": password }));
        json!({ "demo": { "people": people, "clients": programs } }).to_string()
    } else {
        let rows = programs.iter().map(|program| {
            let (id, secret) = (program.client_id.clone(), program.client_secret.clone());
            vec![program.roles.join(", "), id, secret]
        });
        let names = PEOPLE.map(|(name, _)| name).join(" ");
        let head = say!(
            terminal.lang,
            zh: "演示用户：{names}\n口令：{password}\n演示程序：",
            en: "demo people: {names}\npassword: {password}\ndemo programs:",
        );
        let foot = say!(
            terminal.lang,
            zh: "口令与 client_secret 只显示这一次；演示用户无需第二道验证，其他人都需要",
            en: "password and client_secret are shown this once only; demo people need no second factor, everybody else does",
        );
        format!("{head}\n{}\n{foot}", table::draw(["role", "client_id", "client_secret"], rows))
    };
    let _ = terminal.print(&text);
}

/// Enters customers and contacts with several hands.
fn enter(engine: &Engine, caller: &Caller) -> Loading {
    let (stopping, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let hands = (0..HANDS).filter_map(|_| {
        let (engine, caller) = (engine.clone(), caller.clone());
        let (stopping, next) = (Arc::clone(&stopping), Arc::clone(&next));
        let hand = std::thread::Builder::new().name("demo".to_owned()).spawn(move || {
            let generator = Generator::new(1, TODAY);
            while !stopping.load(Ordering::SeqCst) {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= CUSTOMERS {
                    return;
                }
                if let Err(fault) = one(&engine, &caller, &generator, number) {
                    tracing::warn!(number, code = fault.code(), %fault, "a made-up customer was not entered");
                }
            }
        });
        hand.ok()
    });
    let hands = hands.collect();
    Loading { stopping, hands }
}

/// Enters one customer with its contact.
fn one(engine: &Engine, caller: &Caller, generator: &Generator, number: u64) -> Result<(), Fault> {
    let team = TEAMS.iter().cycle().nth(number as usize % TEAMS.len()).map(|&team| team.to_owned());
    let stage = u8::try_from(number % 5).ok();
    let fields = named(KindId::CUSTOMER, generator.customer(number));
    let create = Create { kind: "customer".to_owned(), fields, stage, team, ..Create::default() };
    let customer = engine.create(caller, &create)?.record;
    let fields = named(KindId::CONTACT, generator.contact(number));
    if !fields.is_empty() {
        let (kind, dossier) = ("contact".to_owned(), Some(customer.id));
        engine.create(caller, &Create { kind, dossier, fields, ..Create::default() })?;
    }
    Ok(())
}

/// Columns by the names of the fields that they stand for.
fn named(kind: KindId, columns: BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let Some(kind): Option<&Kind> = Kinds::builtin().get(kind) else { return BTreeMap::new() };
    let filled = columns.into_iter().filter(|(_, text)| !text.is_empty());
    filled
        .filter_map(|(column, text)| Some((kind.by_alias(&column)?.name.clone(), Value::String(text))))
        .collect()
}
