//! Codes by time.

use super::*;
use dossier_engine::access::Role;
use dossier_engine::model::Clock;
use dossier_engine::model::time::Micros;
use dossier_engine::{NewTotp, OpenOptions, RoleForm};

const SECOND: i64 = 1_000_000;

/// The code of a moment, as an app computes it.
fn code(world: &World, made: &NewTotp, later: i64) -> String {
    let five = |c: u8| u64::from(if c.is_ascii_uppercase() { c - b'A' } else { c - b'2' + 26 });
    let secret: Vec<u8> = made
        .secret
        .as_bytes()
        .chunks(8)
        .flat_map(|eight| eight.iter().fold(0u64, |all, c| (all << 5) | five(*c)).to_be_bytes()[3..].to_vec())
        .collect();
    let step = (world.clock.now().0 / SECOND + later) / 30;
    format!("{:06}", dossier_crypto::totp(&secret, u64::try_from(step).unwrap()))
}

/// A world with a CDO who has codes.
fn with_codes() -> (World, NewTotp, SignedIn) {
    let world = World::new();
    let user =
        world.engine().add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    let signed_in = set_up(world.engine(), &user.set_up, PASSWORD).unwrap();
    let caller = person(world.engine(), &signed_in).unwrap();
    let made = world.engine().begin_totp(&caller, None).unwrap();
    world.engine().confirm_totp(&caller, &code(&world, &made, 0)).unwrap();
    world.clock.advance(30 * SECOND);
    (world, made, signed_in)
}

fn with_code(world: &World, code: &str) -> Result<SignedIn, Fault> {
    let ask = SignIn { code: Some(code.into()), ..ask("示例主管", PASSWORD) };
    world.engine().sign_in_person(&origin(), &ask)
}

#[test]
fn a_secret_is_in_force_once_its_first_code_was_seen() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    let signed_in = set_up(engine, &user.set_up, PASSWORD).unwrap();
    let caller = person(engine, &signed_in).unwrap();
    assert_eq!(key(engine.confirm_totp(&caller, "123456")), "totp_wrong");
    let old = engine.begin_totp(&caller, None).unwrap();
    let made = engine.begin_totp(&caller, None).unwrap();
    assert!(made.uri.contains(&made.secret) && made.uri.contains("%E7%A4%BA"), "{}", made.uri);
    assert!(sign_in(engine, "示例主管", PASSWORD).is_ok(), "not in force yet");
    assert_eq!(key(engine.confirm_totp(&caller, &code(&world, &old, 0))), "totp_wrong");
    assert_eq!(engine.session(&caller).unwrap().must, Some("second_factor"));
    assert!(!engine.session(&caller).unwrap().totp);
    engine.confirm_totp(&caller, &code(&world, &made, 0)).unwrap();
    assert_eq!(engine.session(&caller).unwrap().must, None);
    assert!(engine.session(&caller).unwrap().totp);
    assert!(engine.users(&caller).unwrap()[0].totp);
    assert_eq!(key(sign_in(engine, "示例主管", PASSWORD)), "code_required");
    world.assert_sound();
}

#[test]
fn a_code_is_told_to_be_missing_only_after_the_right_password() {
    let (world, made, _) = with_codes();
    assert_eq!(key(sign_in(world.engine(), "示例主管", OTHER)), "sign_in_failed");
    assert_eq!(key(sign_in(world.engine(), "示例主管", PASSWORD)), "code_required");
    assert_eq!(key(with_code(&world, "000000")), "sign_in_failed");
    with_code(&world, &code(&world, &made, 0)).unwrap();
    let given: Vec<_> = entries(&world, 4)
        .iter()
        .map(|entry| serde_json::to_value(entry).unwrap()["note"]["with"].clone())
        .collect();
    assert_eq!(given, ["password code", "password code", "password", "password"], "the newest first");
}

/// Time as the engine has it once the machine's clock was put back, and what that clock says.
struct PutBack(std::sync::Arc<dyn Clock>, i64);

impl Clock for PutBack {
    fn now(&self) -> Micros {
        self.0.now()
    }

    fn wall(&self) -> Micros {
        self.0.now().plus(-self.1)
    }
}

#[test]
fn codes_go_by_the_clock_on_the_wall_while_it_is_ahead_and_once_it_is_put_back() {
    let (mut world, made, _) = with_codes();
    let ahead = 3 * 3600;
    world.clock.advance(ahead * SECOND);
    assert_eq!(key(with_code(&world, &code(&world, &made, -ahead))), "sign_in_failed", "the phone is right");
    world.close();
    let clock = PutBack(world.clock.clone(), ahead * SECOND);
    let options = OpenOptions { clock: Some(std::sync::Arc::new(clock)), ..world.options() };
    world.engine = Some(Engine::open_folder(&options).unwrap());
    assert_eq!(
        key(with_code(&world, &code(&world, &made, 0))),
        "sign_in_failed",
        "of the time that was wrong"
    );
    with_code(&world, &code(&world, &made, -ahead)).unwrap();
    world.assert_sound();
}

#[test]
fn a_code_is_taken_once_even_by_many_at_once() {
    let (world, made, _) = with_codes();
    let now = code(&world, &made, 0);
    let taken = std::thread::scope(|scope| {
        let all: Vec<_> = (0..5).map(|_| scope.spawn(|| with_code(&world, &now).is_ok())).collect();
        all.into_iter().filter_map(|one| one.join().unwrap().then_some(())).count()
    });
    assert_eq!(taken, 1);
    assert_eq!(key(with_code(&world, &code(&world, &made, -30))), "sign_in_failed", "an earlier one neither");
    with_code(&world, &code(&world, &made, 30)).unwrap();
}

#[test]
fn the_code_that_confirmed_does_not_sign_in_as_well() {
    let (world, made, _) = with_codes();
    assert_eq!(key(with_code(&world, &code(&world, &made, -30))), "sign_in_failed");
}

#[test]
fn codes_cannot_be_tried_again_and_again() {
    let (world, made, _) = with_codes();
    let right = code(&world, &made, 0);
    let wrong = if right == "111111" { "222222" } else { "111111" };
    for _ in 0..10 {
        assert_eq!(key(with_code(&world, wrong)), "sign_in_failed");
    }
    assert_eq!(key(with_code(&world, &right)), "sign_in_throttled");
}

#[test]
fn whoever_has_the_password_alone_does_not_try_codes_for_days() {
    let (world, made, _) = with_codes();
    let wrong = |at| if code(&world, &made, at) == "111111" { "222222" } else { "111111" };
    for _ in 0..2 {
        for _ in 0..10 {
            assert_eq!(key(with_code(&world, wrong(0))), "sign_in_failed");
        }
        world.clock.advance(901 * SECOND);
    }
    let right = code(&world, &made, 0);
    assert_eq!(key(with_code(&world, &right)), "sign_in_failed", "the day's are used up");
    world.clock.advance(86_400 * SECOND);
    with_code(&world, &code(&world, &made, 0)).unwrap();
}

#[test]
fn sessions_that_began_without_a_code_end_when_codes_are_taken_up() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    let mine = set_up(engine, &user.set_up, PASSWORD).unwrap();
    let stranger = sign_in(engine, "示例主管", PASSWORD).unwrap();
    let caller = person(engine, &mine).unwrap();
    let made = engine.begin_totp(&caller, None).unwrap();
    engine.confirm_totp(&caller, &code(&world, &made, 0)).unwrap();
    assert_eq!(key(person(engine, &stranger)), "session_ended");
    assert!(person(engine, &mine).is_ok());
    // Those in force are replaced with the password alone.
    assert_eq!(key(engine.begin_totp(&caller, None)), "password_needed");
    assert_eq!(key(engine.renew_user(&caller, &user.id)), "own_account");
}

#[test]
fn after_five_minutes_the_password_is_asked_for() {
    let (world, user) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, &user.name, PASSWORD).unwrap()).unwrap();
    world.clock.advance(301 * SECOND);
    assert_eq!(key(engine.begin_totp(&caller, None)), "password_needed");
    assert_eq!(key(engine.begin_totp(&caller, Some(OTHER))), "password_wrong");
    engine.begin_totp(&caller, Some(PASSWORD)).unwrap();
}

#[test]
fn who_must_have_codes_cannot_give_them_up_and_others_can() {
    let (world, made, signed_in) = with_codes();
    let engine = world.engine();
    let head = person(engine, &signed_in).unwrap();
    let fault = engine.remove_totp(&head, PASSWORD).unwrap_err();
    assert_eq!((fault.key, fault.status()), ("second_factor_needed", 403));
    with_code(&world, &code(&world, &made, 0)).unwrap();

    let user = engine.add_user(&head, "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let caller = person(engine, &set_up(engine, &user.set_up, PASSWORD).unwrap()).unwrap();
    let made = engine.begin_totp(&caller, None).unwrap();
    engine.confirm_totp(&caller, &code(&world, &made, 0)).unwrap();
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "code_required");
    assert_eq!(key(engine.remove_totp(&caller, OTHER)), "password_wrong");
    engine.remove_totp(&caller, PASSWORD).unwrap();
    sign_in(engine, "示例员工", PASSWORD).unwrap();
}

#[test]
fn before_codes_are_taken_up_nothing_else_is_answered() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例审计", &["ISA"], None).unwrap().done().unwrap();
    let caller = person(engine, &set_up(engine, &user.set_up, PASSWORD).unwrap()).unwrap();
    let query = LedgerQuery { log: "change".into(), ..LedgerQuery::default() };
    assert_eq!(key(engine.ledger(&caller, &query)), "must_second_factor");
    assert_eq!(key(engine.views(&caller)), "must_second_factor");
    assert_eq!(key(engine.own_sessions(&caller)), "must_second_factor");
    assert_eq!(engine.session(&caller).unwrap().must, Some("second_factor"));
    engine.change_password(&caller, PASSWORD, OTHER).unwrap();
    engine.sign_out(&caller).unwrap();
}

#[test]
fn made_up_people_of_a_demo_need_no_second_factor_and_nobody_else_is_asked_for_less() {
    let mut world = World::new();
    world.close();
    let mut options = world.options();
    options.settings.sign_in.demo = true;
    world.engine = Some(Engine::open_folder(&options).unwrap());
    let engine = world.engine();
    for (name, must) in [("demo.cda", None), ("示例管理员", Some("second_factor"))] {
        let user = engine.add_user(&world.operator(), name, &["CDA"], None).unwrap().done().unwrap();
        let session = set_up(engine, &user.set_up, PASSWORD).unwrap().session;
        assert_eq!((session.must, session.demo), (must, true), "{name}");
    }
}

#[test]
fn everybody_needs_a_second_factor_but_those_whose_every_role_is_exempt() {
    let mut world = World::new();
    let role = world.operator();
    let form = RoleForm { name: "示例销售".into(), inherits: vec!["CDE".into()], ..RoleForm::default() };
    world.engine().add_role(&role, &form).unwrap().done().unwrap();
    for (exempt, without) in [(vec![], 0), (vec![Role::Cde], 1), (vec![Role::Cde, Role::Cdu], 3)] {
        world.close();
        let mut options = world.options();
        options.settings.sign_in.second_factor_exempt = exempt.clone();
        world.engine = Some(Engine::open_folder(&options).unwrap());
        let engine = world.engine();
        let asked: [&[&str]; 6] =
            [&["CDE"], &["CDU"], &["CDE", "CDU"], &["CDE", "CDA"], &["示例销售"], &["CDE", "示例销售"]];
        let mut free = 0;
        for (number, roles) in asked.iter().enumerate() {
            let name = format!("示例{number}之{}", exempt.len());
            let user = engine.add_user(&world.operator(), &name, roles, None).unwrap().done().unwrap();
            let session = set_up(engine, &user.set_up, PASSWORD).unwrap().session;
            free += usize::from(session.must.is_none());
        }
        assert_eq!(free, without, "{}", exempt.len());
    }
}

#[test]
fn a_passkey_is_a_second_factor_as_codes_are_and_one_of_them_has_to_stay() {
    let (world, _, signed_in) = with_codes();
    let engine = world.engine();
    let user =
        engine.add_user(&world.operator_as("示例主管"), "示例审计", &["ISA"], None).unwrap().done().unwrap();
    let fresh = set_up(engine, &user.set_up, PASSWORD).unwrap();
    let caller = person(engine, &fresh).unwrap();
    assert_eq!(key(engine.own_sessions(&caller)), "must_second_factor");
    super::passkeys::added(engine, &fresh, "办公电脑");
    engine.own_sessions(&caller).unwrap();
    let only = engine.passkeys(&caller).unwrap();
    assert_eq!(key(engine.remove_passkey(&caller, &only[0].id)), "second_factor_needed");
    // Who has both may give up either, and then not the other.
    let head = person(engine, &signed_in).unwrap();
    super::passkeys::added(engine, &signed_in, "手机");
    engine.remove_totp(&head, PASSWORD).unwrap();
    let left = engine.passkeys(&head).unwrap();
    assert_eq!(key(engine.remove_passkey(&head, &left[0].id)), "second_factor_needed");
    world.assert_sound();
}
