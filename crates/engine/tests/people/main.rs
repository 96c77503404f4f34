//! People: signing in, their sessions, links, codes by time, views.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod authenticator;
mod codes;
mod links;
mod own;
mod passkeys;
mod profiles;
mod programs;
mod proof;
mod sessions;
mod sign_in;
mod views;

use common::World;
use dossier_engine::model::Fault;
use dossier_engine::{
    Caller, Engine, EntryShown, Guard, LedgerQuery, NewUser, Origin, SetUp, SignIn, SignedIn,
};

const PASSWORD: &str = "plum harbour seven";
const OTHER: &str = "nine quiet lanterns";

fn origin() -> Origin {
    Origin { address: Some("192.0.2.7".into()), request: Some("r-1".into()) }
}

fn ask(name: &str, password: &str) -> SignIn {
    SignIn {
        name: name.into(),
        password: password.into(),
        code: None,
        agent: Some("Firefox 150, Linux".into()),
        before: None,
    }
}

fn sign_in(engine: &Engine, name: &str, password: &str) -> Result<SignedIn, Fault> {
    engine.sign_in_person(&origin(), &ask(name, password))
}

fn person(engine: &Engine, signed_in: &SignedIn) -> Result<Caller, Fault> {
    engine.person(&origin(), &signed_in.cookie, &Guard::default())
}

/// The secret of a link.
fn token(link: &str) -> String {
    link.strip_prefix("/set-up#").unwrap().to_owned()
}

fn set_up(engine: &Engine, link: &str, password: &str) -> Result<SignedIn, Fault> {
    let ask = SetUp { token: token(link), name: None, password: password.into(), agent: None, before: None };
    engine.set_up(&origin(), &ask)
}

/// A world with somebody in it who has the password; a seller needs no codes.
fn seller() -> (World, NewUser) {
    let world = World::new();
    let user =
        world.engine().add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    set_up(world.engine(), &user.set_up, PASSWORD).unwrap();
    (world, user)
}

fn key<T>(result: Result<T, Fault>) -> &'static str {
    result.map(drop).expect_err("should be refused").key
}

/// The newest entries of the change log, the newest first.
fn entries(world: &World, count: u32) -> Vec<EntryShown> {
    let query = LedgerQuery { log: "change".into(), limit: Some(count), ..LedgerQuery::default() };
    world.engine().ledger(&world.operator(), &query).unwrap().items.into_iter().rev().collect()
}
