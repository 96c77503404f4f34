//! Which flows a command meets.

use super::*;
use dossier_model::{Level, Stage};

fn met_by(triggers: Vec<Trigger>, facts: &Facts<'_>) -> Vec<u8> {
    let flows = triggers.into_iter().enumerate().map(|(number, when)| {
        let number = u8::try_from(number).unwrap();
        (FlowId(id(number)), 1, Flow { when, ..flow(vec![Step::of(Who::Manager)]) })
    });
    let flows = Flows::compile(flows);
    let met = flows.met(facts, &Asker::Person(ASKER), &organisation()).unwrap();
    met.iter().map(|met| met.id.0.0[0]).collect()
}

fn on(commands: &[Command]) -> Trigger {
    Trigger { commands: commands.iter().copied().collect(), ..Trigger::default() }
}

#[test]
fn a_flow_fits_by_command_kind_field_or_move_and_condition() {
    let customer = Some(Kinds::customer().id);
    let fits = |when: Trigger, facts: &Facts<'_>| !met_by(vec![when], facts).is_empty();
    let change = || on(&[Command::Change]);
    let fields = || Trigger { kind: customer, fields: [4, 5].into(), ..change() };
    assert!(fits(change(), &facts()));
    assert!(!fits(on(&[Command::Create]), &facts()));
    assert!(fits(Trigger { kind: customer, ..change() }, &facts()));
    assert!(!fits(Trigger { kind: Some(Kinds::contact().id), ..change() }, &facts()));
    assert!(!fits(fields(), &facts()), "no field of these is written");
    assert!(!fits(fields(), &Facts { fields: [6].into(), ..facts() }));
    assert!(fits(fields(), &Facts { fields: [5, 6].into(), ..facts() }));
    let contact = Facts { fields: [5].into(), ..Facts::of(Command::Change, Some(Kinds::contact())) };
    assert!(!fits(fields(), &contact), "field 5 of another kind");
    let or_moves = Trigger { moves: [Move::Team].into(), ..fields() };
    let moving = Facts { team: Some(Turn { from: 1, to: 2 }), ..facts() };
    assert!(fits(or_moves.clone(), &moving) && !fits(or_moves.clone(), &facts()));
    let narrower = Trigger { condition: Some("count > 1".into()), ..or_moves };
    assert!(!fits(narrower.clone(), &moving));
    assert!(fits(narrower, &Facts { count: 2, ..moving }));
}

#[test]
fn a_move_is_from_and_to_what_is_said() {
    let stage = |from, to| Facts { stage: Some(Turn { from, to }), ..facts() };
    let level = |from, to| Facts { level: Some(Turn { from, to }), ..facts() };
    let fits = |one: Move, facts: &Facts<'_>| {
        !met_by(vec![Trigger { moves: [one].into(), ..on(&[Command::Change]) }], facts).is_empty()
    };
    let any = Move::Stage { from: None, to: None };
    assert!(fits(any, &stage(Stage::Lead, Stage::Signed)) && !fits(any, &stage(Stage::Lead, Stage::Lead)));
    let ends = Move::Stage { from: None, to: Some(Stage::Terminated) };
    assert!(
        fits(ends, &stage(Stage::Lead, Stage::Terminated))
            && !fits(ends, &stage(Stage::Terminated, Stage::Lead))
    );
    let lower = Move::Level { from: Some(Level::L4), to: None };
    assert!(fits(lower, &level(Level::L4, Level::L1)) && !fits(lower, &level(Level::L1, Level::L4)));
    let owner = Facts { owner: Some(Turn { from: 1, to: 2 }), ..facts() };
    assert!(fits(Move::Owner, &owner) && !fits(Move::Team, &owner) && !fits(Move::Owner, &facts()));
}

#[test]
fn all_that_fit_are_met_the_most_specific_first_and_none_that_is_switched_off() {
    let change = || on(&[Command::Change]);
    let triggers = vec![
        change(),
        Trigger { kind: Some(Kinds::customer().id), ..change() },
        Trigger { kind: Some(Kinds::customer().id), fields: [4, 5].into(), ..change() },
        Trigger { condition: Some("true".into()), ..change() },
        Trigger { kind: Some(Kinds::customer().id), fields: [4].into(), ..change() },
    ];
    assert_eq!(met_by(triggers, &Facts { fields: [4].into(), ..facts() }), [3, 4, 2, 1, 0]);
    let off = Flow { enabled: false, ..flow(vec![Step::of(Who::Manager)]) };
    let flows = Flows::compile([(FlowId(id(1)), 1, off)]);
    assert!(flows.met(&facts(), &Asker::Person(ASKER), &organisation()).unwrap().is_empty());
    assert!(!flows.has(FlowId(id(1))));
}

#[test]
fn a_condition_that_cannot_be_read_counts_as_met() {
    let broken = Trigger { condition: Some("no_such_variable > 1".into()), ..on(&[Command::Change]) };
    assert_eq!(met_by(vec![broken], &facts()), [0]);
}

#[test]
fn grave_commands_are_never_done_without_a_flow() {
    let flows = Flows::default();
    for command in Command::ALL {
        let met = flows.met(&Facts::of(*command, None), &Asker::Person(ASKER), &organisation());
        let expected = command.is_grave().then_some("approval_flow_missing");
        assert_eq!(met.err().map(|fault| fault.key), expected, "{}", command.name());
    }
    let (facts, asker) = (facts(), Asker::Person(ASKER));
    let asking = Asking { asker, facts: &facts, met: &[], binding: binding(0), remark: Remark::default() };
    let asked = Request::ask(asking, T0, &organisation(), |_, _| 0);
    assert_eq!(asked.err().map(|fault| fault.key), Some("approval_flow_missing"));
}
