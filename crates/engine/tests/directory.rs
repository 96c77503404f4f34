//! A directory where approvals have begun: what takes away does not wait, what gives does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, demo, person};
use dossier_engine::{
    Caller, Deciding, DirectoryGroup, DirectoryPerson, Engine, GroupAsk, Origin, PersonAsk, RequestBox,
    Settings, User, Verdict,
};

/// Two heads, those who are asked for rights, and a program of theirs that keeps people in step.
struct Firm {
    world: World,
    head: Caller,
    second: Caller,
    clerk: Caller,
    auditor: Caller,
    program: Caller,
}

impl Firm {
    fn new() -> Firm {
        let mut world = World::new();
        world.close();
        let mut options = world.options();
        options.settings = Settings { sign_in: demo(), ..Settings::default() };
        world.engine = Some(Engine::open_folder(&options).unwrap());
        let engine = world.engine();
        let head = person(engine, &world.operator(), "demo.head", "CDO", None);
        let second = person(engine, &head, "demo.second", "CDO", None);
        let clerk = person(engine, &head, "demo.clerk", "CDA", None);
        let auditor = person(engine, &head, "demo.auditor", "ISA", None);
        let client = engine.add_client(&head, "示例目录", &["CDO"], None).unwrap();
        let origin = Origin::default();
        let token = engine.sign_in(&origin, &client.client_id, &client.client_secret).unwrap();
        let program = engine.caller(&origin, &token.access_token).unwrap();
        engine.begin_flows(&head, false).unwrap();
        Firm { world, head, second, clerk, auditor, program }
    }

    fn engine(&self) -> &Engine {
        self.world.engine()
    }

    fn group(&self) -> DirectoryGroup {
        self.engine().directory(&self.program).unwrap().groups.remove(0)
    }

    fn person(&self, id: &str) -> DirectoryPerson {
        let people = self.engine().directory(&self.program).unwrap().people;
        people.into_iter().find(|person| person.id == id).unwrap()
    }

    fn user(&self, id: &str) -> User {
        self.engine().users(&self.head).unwrap().into_iter().find(|user| user.id == id).unwrap()
    }

    fn put(&self, id: &str, members: &[&str]) {
        let now = self.group();
        let ask = GroupAsk { members: members.iter().map(ToString::to_string).collect(), ..group() };
        self.engine().directory_put_group(&self.program, id, &ask, now.version).unwrap();
    }

    /// Whoever is asked agrees to what waits, one after the other; gives how many requests were carried out.
    fn agree(&self) -> usize {
        let engine = self.engine();
        let mut done = 0;
        for who in [&self.second, &self.clerk, &self.auditor] {
            for one in engine.requests(who, RequestBox::Waiting, None).unwrap().items {
                let agree = Deciding { verdict: Verdict::Agree, remark: None, bulk: false };
                done += usize::from(engine.decide(who, &one.id, &agree).unwrap().state == "executed");
            }
        }
        done
    }
}

fn named(name: &str) -> PersonAsk {
    PersonAsk { name: name.into(), external: Some(format!("E-{name}")), active: Some(true) }
}

fn group() -> GroupAsk {
    GroupAsk { name: "CDE".into(), external: None, members: Vec::new() }
}

#[test]
fn a_role_waits_for_others_and_is_taken_without_them() {
    let firm = Firm::new();
    let engine = firm.engine();
    let id = engine.directory_add(&firm.program, &named("示例员工")).unwrap();
    assert!(firm.user(&id).roles.is_empty(), "who comes has nothing, at once");
    let of = engine.directory_add_group(&firm.program, &group()).unwrap();
    // Asked for twice, as directories do, it waits once and is no membership yet.
    for _ in 0..2 {
        firm.put(&of, &[&id]);
        assert!(firm.group().members.is_empty() && firm.user(&id).roles.is_empty());
    }
    assert_eq!(firm.agree(), 1);
    assert_eq!(firm.group().members, std::slice::from_ref(&id));
    assert_eq!(firm.user(&id).roles, ["CDE"]);
    firm.put(&of, &[]);
    assert!(firm.user(&id).roles.is_empty() && firm.agree() == 0);
    // Out at once, in again by the agreement of others alone.
    let gone = PersonAsk { active: Some(false), ..named("示例员工") };
    engine.directory_put(&firm.program, &id, &gone, firm.person(&id).version).unwrap();
    assert!(firm.user(&id).disabled);
    engine.directory_put(&firm.program, &id, &named("示例员工"), firm.person(&id).version).unwrap();
    assert!(firm.user(&id).disabled);
    assert_eq!(firm.agree(), 1);
    assert!(!firm.user(&id).disabled);
    firm.world.assert_sound();
}

#[test]
fn what_was_asked_for_somebody_who_left_meanwhile_is_not_given() {
    let firm = Firm::new();
    let engine = firm.engine();
    let id = engine.directory_add(&firm.program, &named("示例员工")).unwrap();
    let of = engine.directory_add_group(&firm.program, &group()).unwrap();
    firm.put(&of, &[&id]);
    engine.directory_delete(&firm.program, &id).unwrap();
    assert_eq!(firm.agree(), 0, "it was dropped when they left");
    let user = firm.user(&id);
    assert!(user.disabled && user.roles.is_empty());
    assert!(engine.directory(&firm.program).unwrap().people.iter().all(|person| person.id != id));
    assert_eq!(engine.directory_delete(&firm.program, &id).err().unwrap().key, "user_not_found");
}

#[test]
fn of_two_who_write_at_once_the_later_one_is_told() {
    let firm = Firm::new();
    let engine = firm.engine();
    let id = engine.directory_add(&firm.program, &named("示例员工")).unwrap();
    let seen = firm.person(&id).version;
    engine.directory_put(&firm.program, &id, &named("示例改名"), seen).unwrap();
    let late = engine.directory_put(&firm.program, &id, &named("示例"), seen).err().unwrap();
    assert_eq!((late.key, firm.person(&id).name.as_str()), ("version_conflict", "示例改名"));
    let other = engine.directory_put(&firm.program, &id, &named("demo.head"), seen + 1).err().unwrap();
    assert_eq!(other.key, "name_taken");
}

#[test]
fn what_the_directory_takes_back_before_it_was_agreed_to_is_not_given() {
    let firm = Firm::new();
    let engine = firm.engine();
    let [one, other] =
        ["示例员工", "示例同事"].map(|name| engine.directory_add(&firm.program, &named(name)).unwrap());
    let of = engine.directory_add_group(&firm.program, &group()).unwrap();
    firm.put(&of, &[&one, &other]);
    assert!(firm.group().members.is_empty());
    assert_eq!(firm.group().meant.len(), 2, "a patch is worked out on what is meant");
    firm.put(&of, &[&other]);
    assert_eq!(firm.agree(), 1);
    assert!(firm.user(&one).roles.is_empty());
    assert_eq!(firm.user(&other).roles, ["CDE"]);
    let ended = engine.requests(&firm.second, RequestBox::Ended, None).unwrap().items;
    assert!(
        ended.iter().any(|one| one.state == "dropped" && one.why.as_deref() == Some("wish")),
        "{:?}",
        ended.len()
    );
    // The same where somebody is to come back and is sent out again, and where the group goes.
    let gone = PersonAsk { active: Some(false), ..named("示例员工") };
    let silent = PersonAsk { active: None, ..named("示例员工") };
    let put =
        |ask: &PersonAsk| engine.directory_put(&firm.program, &one, ask, firm.person(&one).version).unwrap();
    put(&gone);
    put(&silent);
    assert_eq!(firm.agree(), 0, "who says nothing asks for nothing");
    put(&named("示例员工"));
    put(&gone);
    assert_eq!(firm.agree(), 0);
    assert!(firm.user(&one).disabled);
    firm.put(&of, &[&one, &other]);
    engine.directory_delete_group(&firm.program, &of).unwrap();
    assert_eq!(firm.agree(), 0);
    assert!(firm.user(&one).roles.is_empty());
    firm.world.assert_sound();
}
