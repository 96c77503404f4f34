//! What is wrong with a flow, and the flows of a new installation.

use super::*;
use dossier_model::Level;

fn problems(flow: &Flow) -> Vec<(String, &'static str)> {
    let checked = check(flow, Kinds::builtin(), &roles(), &organisation());
    let problems = checked.err().map(|fault| fault.problems).unwrap_or_default();
    for problem in &problems {
        assert_ne!(problem.code(), Fault::new("internal").code(), "{} has no entry", problem.key);
    }
    problems.into_iter().map(|problem| (problem.field.unwrap_or_default(), problem.key)).collect()
}

fn good() -> Flow {
    flow(vec![Step::of(Who::Manager)])
}

fn with_step(step: Step) -> Vec<(String, &'static str)> {
    problems(&flow(vec![step]))
}

fn with_trigger(when: Trigger) -> Vec<(String, &'static str)> {
    problems(&Flow { when, ..good() })
}

fn one(place: &str, key: &'static str) -> Vec<(String, &'static str)> {
    vec![(place.to_owned(), key)]
}

#[test]
fn a_good_flow_has_no_problem() {
    assert_eq!(problems(&good()), []);
}

#[test]
fn the_parts_of_a_flow_are_within_bounds() {
    let named = |zh: &str| Flow { name: Label { zh: zh.into(), en: "x".into() }, ..good() };
    assert_eq!(problems(&named(" ")), one("name.zh", "required"));
    assert_eq!(problems(&named(&"流".repeat(61))), one("name.zh", "flow_range"));
    assert_eq!(problems(&Flow { approve_within: 0, ..good() }), one("approve_within", "flow_range"));
    assert_eq!(problems(&Flow { execute_within: 129_601, ..good() }), one("execute_within", "flow_range"));
    assert_eq!(problems(&flow(vec![])), one("steps", "flow_range"));
    assert_eq!(problems(&flow(vec![Step::of(Who::Manager); 9]))[0].0, "steps");
    let grave = Trigger { commands: [Command::Restore].into(), ..Trigger::default() };
    assert_eq!(problems(&Flow { when: grave, ..good() }), one("bulk", "flow_never_in_bulk"));
}

#[test]
fn a_trigger_names_what_there_is_and_what_goes_together() {
    let on = |command: Command| Trigger { commands: [command].into(), ..Trigger::default() };
    let customer = Some(Kinds::customer().id);
    assert_eq!(with_trigger(Trigger::default()), one("when.commands", "required"));
    let kind = Some(dossier_model::KindId(999));
    assert_eq!(with_trigger(Trigger { kind, ..on(Command::Change) }), one("when.kind", "flow_kind"));
    assert_eq!(
        with_trigger(Trigger { kind: customer, ..on(Command::RoleGive) }),
        one("when.kind", "flow_kind")
    );
    let fields = |command, kind, number| Trigger { kind, fields: [number].into(), ..on(command) };
    assert_eq!(with_trigger(fields(Command::Change, customer, 4)), []);
    assert_eq!(with_trigger(fields(Command::Change, customer, 999)), one("when.fields", "flow_field"));
    assert_eq!(with_trigger(fields(Command::Change, None, 4)), one("when.fields", "flow_field"));
    assert_eq!(with_trigger(fields(Command::Freeze, customer, 4)), one("when.fields", "flow_without_fields"));
    let moves = |command| Trigger { moves: [Move::Owner].into(), ..on(command) };
    assert_eq!(with_trigger(moves(Command::Change)), []);
    assert_eq!(with_trigger(moves(Command::Create)), one("when.moves", "flow_without_moves"));
    let condition = Some("count".to_owned());
    let when = Trigger { condition, ..on(Command::Change) };
    assert_eq!(with_trigger(when), one("when.condition", "condition_not_boolean"));
}

#[test]
fn a_step_has_sense() {
    let step = || Step::of(Who::Manager);
    let many = Step { quorum: Quorum::AtLeast(0), ..step() };
    assert_eq!(with_step(many), one("steps.0.quorum", "flow_range"));
    for percent in [0, 101] {
        assert_eq!(with_step(Step { spot: Some(percent), ..step() }), one("steps.0.spot", "flow_range"));
    }
    assert_eq!(with_step(Step { limit: Some(0), ..step() }), one("steps.0.limit", "flow_range"));
    let then = vec![people(&[CDO])];
    assert_eq!(with_step(Step { then: then.clone(), ..step() }), one("steps.0.then", "flow_without_limit"));
    assert_eq!(with_step(Step { remind: Some(1), ..step() }), one("steps.0.remind", "flow_without_limit"));
    let late = Step { limit: Some(10), remind: Some(10), ..step() };
    assert_eq!(with_step(late), one("steps.0.remind", "flow_range"));
    let long = Step { limit: Some(501), then: then.clone(), ..step() };
    assert_eq!(with_step(long), one("steps.0.limit", "flow_too_long"), "twice 501 of 1000 minutes");
    assert_eq!(with_step(Step { limit: Some(500), then, ..step() }), []);
    let circle = Step { limit: Some(9), then: vec![people(&[CDO]), Who::Manager], ..step() };
    assert_eq!(with_step(circle), one("steps.0.then", "flow_circle"));
}

#[test]
fn whoever_is_named_is_there() {
    let own = Who::Role { role: RoleId::Own(id(77)), of: Where::Anywhere };
    assert_eq!(with_step(Step::of(own)), one("steps.0.who", "flow_role"));
    assert_eq!(with_step(Step::of(people(&[CDO, id(99)]))), one("steps.0.who", "flow_person"));
    assert_eq!(with_step(Step::of(people(&[]))), one("steps.0.who", "flow_range"));
    let then = Step { limit: Some(9), then: vec![people(&[id(99)])], ..Step::of(Who::Manager) };
    assert_eq!(with_step(then), one("steps.0.then.0", "flow_person"));
}

#[test]
fn a_flow_that_nobody_can_ever_satisfy_is_refused() {
    let cdu = Step::of(role(Role::Cdu, Where::Anywhere));
    assert_eq!(with_step(cdu), one("steps.0", "flow_nobody"), "nobody has the role");
    let three = Step { quorum: Quorum::AtLeast(3), ..Step::of(role(Role::Cdo, Where::Anywhere)) };
    assert_eq!(with_step(three.clone()), one("steps.0", "flow_nobody"), "there are two");
    assert_eq!(with_step(Step { limit: Some(9), then: vec![people(&[ISA])], ..three }), []);
    let same = || Step::of(people(&[CDO]));
    let twice = flow(vec![same(), same()]);
    assert_eq!(problems(&twice), one("steps.1", "flow_nobody"));
    assert_eq!(problems(&Flow { apart: Apart::Asker, ..twice }), []);
}

#[test]
fn the_flows_of_a_new_installation_are_good_ones() {
    for keepers in [Keepers::Two, Keepers::Single] {
        for flow in defaults(keepers, Kinds::builtin()) {
            assert_eq!(problems(&flow), [], "{}", flow.name.en);
        }
    }
}

#[test]
fn what_a_new_installation_asks_of_whom() {
    let all = defaults(Keepers::Two, Kinds::builtin());
    let flows = Flows::compile(all.into_iter().zip(1..).map(|(flow, n)| (FlowId(id(n)), 1, flow)));
    let organisation = organisation();
    let asked = |facts: &Facts<'_>, asker: Uid| -> Vec<Uid> {
        let asker = Asker::Person(asker);
        let met = flows.met(facts, &asker, &organisation).unwrap();
        if met.is_empty() {
            return Vec::new();
        }
        let asking = Asking { asker, facts, met: &met, binding: binding(0), remark: Remark::default() };
        let request = Request::ask(asking, T0, &organisation, |_, _| 0).unwrap().request;
        request.deciders(T0, &organisation).into_iter().collect()
    };
    let contact = |name: &str| {
        let number = Kinds::contact().by_name(name).unwrap().number;
        Facts { fields: [number].into(), ..Facts::of(Command::Change, Some(Kinds::contact())) }
    };
    assert_eq!(asked(&contact("mobile"), ASKER), [MANAGER]);
    assert_eq!(asked(&contact("title"), ASKER), []);
    assert_eq!(asked(&contact("mobile"), CDO), [CDO_2], "who has no manager asks the other CDO");
    let customer = |name: &str| {
        let number = Kinds::customer().by_name(name).unwrap().number;
        Facts { fields: [number].into(), ..facts() }
    };
    assert_eq!(asked(&customer("customer_level"), ASKER), [MANAGER]);
    assert_eq!(asked(&customer("size"), ASKER), []);
    let level = Facts { level: Some(Turn { from: Level::L2, to: Level::L4 }), ..facts() };
    assert_eq!(asked(&level, ASKER), [MANAGER]);
    let owner = Facts { owner: Some(Turn { from: 1, to: 2 }), ..facts() };
    assert_eq!(asked(&owner, MANAGER), [CDO]);
    let of = |command| Facts::of(command, None);
    for command in [Command::Merge, Command::Freeze, Command::Deregister] {
        assert_eq!(asked(&of(command), ASKER), [CDO, CDO_2], "{}", command.name());
    }
    assert_eq!(asked(&of(Command::Freeze), CDO), [], "a freeze by the CDO does not wait");
    let program = Asker::Program { id: PROGRAM, responsible: CDO };
    let met = flows.met(&of(Command::Freeze), &program, &organisation).unwrap();
    assert_eq!(met.len(), 1, "a program waits though it answers to a CDO");
    assert_eq!(asked(&of(Command::Merge), CDO), [CDO_2]);
    for command in [Command::Use, Command::RoleGive] {
        assert_eq!(asked(&of(command), ASKER), [MANAGER]);
        assert_eq!(asked(&of(command), CDO), [CDO_2], "a CDO needs one other");
    }
    assert_eq!(asked(&of(Command::KeyChange), CDO), [CDO_2]);
    assert_eq!(asked(&of(Command::Export), ASKER), []);
    assert_eq!(asked(&Facts { count: 1001, ..of(Command::Export) }, ASKER), [MANAGER]);
    assert_eq!(asked(&Facts { count: 1001, ..of(Command::Export) }, CDO), [CDO_2]);
    assert_eq!(asked(&Facts { highest: Level::L4, ..of(Command::Export) }, ASKER), [MANAGER]);
    assert_eq!(asked(&of(Command::Create), ASKER), []);
}

#[test]
fn an_application_goes_from_the_manager_to_the_cda_and_one_in_ten_to_the_auditors() {
    let all = defaults(Keepers::Two, Kinds::builtin());
    let applied = all.iter().find(|flow| flow.name.en == "rights and use of data").unwrap();
    for (draw, last) in [(0, Some(ISA)), (u32::MAX / 9, None)] {
        let met = [Met { id: FlowId(id(101)), version: 1, flow: applied }];
        let facts = Facts::of(Command::Use, None);
        let asker = Asker::Person(ASKER);
        let asking =
            Asking { asker, facts: &facts, met: &met, binding: binding(0), remark: Remark::default() };
        let mut request = Request::ask(asking, T0, &organisation(), |_, _| draw).unwrap().request;
        for by in [MANAGER, CDA_FAR].into_iter().chain(last) {
            assert_eq!(request.state, State::Waiting);
            request = request.agreed_by(by, 1).unwrap();
        }
        assert_eq!(request.state.name(), "agreed");
    }
}

#[test]
fn a_single_keeper_can_do_everything_alone() {
    let mut alone = organisation();
    alone.people.retain(|person, _| *person == CDO);
    let all = defaults(Keepers::Single, Kinds::builtin());
    let flows = Flows::compile(all.into_iter().zip(1..).map(|(flow, n)| (FlowId(id(n)), 1, flow)));
    for command in Command::ALL {
        let facts = Facts { count: 5000, ..Facts::of(*command, None) };
        let asker = Asker::Person(CDO);
        let met = flows.met(&facts, &asker, &alone).unwrap();
        if met.is_empty() {
            continue;
        }
        let asking =
            Asking { asker, facts: &facts, met: &met, binding: binding(0), remark: Remark::default() };
        let request = Request::ask(asking, T0, &alone, |_, _| 0).unwrap().request;
        let now = request.binding.clone();
        let event = Event::Agree { by: CDO, now, bulk: false, remark: Remark::default() };
        let outcome = request.apply(event, at(1), &alone).unwrap();
        assert_eq!(outcome.notices, [Notice::Agreed, Notice::SingleKeeper(CDO)]);
    }
}
