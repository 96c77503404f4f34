//! Two persons are two.

use super::*;

#[test]
fn the_asker_never_approves_through_whatever_role_or_place() {
    let mut organisation = organisation();
    organisation.people.get_mut(&ASKER).unwrap().roles.insert(RoleId::Fixed(Role::Cdo));
    let flow = flow(vec![Step::of(role(Role::Cdo, Where::Anywhere))]);
    let asked = ask_as(Asker::Person(ASKER), &[flow], &organisation).unwrap().request;
    let by_asker = |organisation: &Organisation| asked.after_in(agree(&asked, ASKER), 1, organisation).err();
    assert_eq!(by_asker(&organisation), Some("self_approval"));
    away(&mut organisation, CDO, ASKER, 0..99);
    assert_eq!(by_asker(&organisation), Some("self_approval"), "as a stand-in");
    assert!(!asked.deciders(at(1), &organisation).contains(&ASKER));
    for event in [pass_on(CDO, ASKER), add(CDO, ASKER)] {
        assert_eq!(asked.after_in(event, 1, &organisation).err(), Some("approval_person_barred"));
    }
    assert_eq!(asked.after_in(refuse(ASKER), 1, &organisation).err(), Some("self_approval"));
}

#[test]
fn a_stand_in_of_the_asker_has_no_place_to_decide_in() {
    let mut organisation = organisation();
    organisation.people.get_mut(&ASKER).unwrap().roles.insert(RoleId::Fixed(Role::Cdo));
    away(&mut organisation, ASKER, OTHER, 0..99);
    let flow = flow(vec![Step::of(role(Role::Cdo, Where::Anywhere))]);
    let asked = ask_as(Asker::Person(ASKER), &[flow], &organisation).unwrap().request;
    assert_eq!(asked.after_in(agree(&asked, OTHER), 1, &organisation).err(), Some("approval_not_asked"));
}

#[test]
fn a_program_counts_as_whoever_is_responsible_for_it_then_or_now() {
    let mut organisation = organisation();
    organisation.programs.insert(PROGRAM, CDO);
    let asker = Asker::Program { id: PROGRAM, responsible: CDO };
    let steps = vec![Step::of(role(Role::Cdo, Where::Anywhere))];
    let asked = ask_as(asker, &[flow(steps)], &organisation).unwrap().request;
    assert_eq!(asked.after_in(agree(&asked, CDO), 1, &organisation).err(), Some("self_approval"));
    organisation.programs.insert(PROGRAM, CDO_2);
    for responsible in [CDO, CDO_2] {
        let why = asked.after_in(agree(&asked, responsible), 1, &organisation).err();
        assert_eq!(why, Some("self_approval"));
    }
    // The line manager is asked of the person.
    organisation.programs.insert(PROGRAM, ASKER);
    let asker = Asker::Program { id: PROGRAM, responsible: ASKER };
    let asked = ask_as(asker, &[flow(vec![Step::of(Who::Manager)])], &organisation).unwrap().request;
    assert_eq!(asked.deciders(T0, &organisation), [MANAGER].into());
}

#[test]
fn nobody_agrees_twice_at_two_steps_or_as_a_stand_in() {
    let steps = || vec![Step::of(people(&[CDO, MANAGER])), Step::of(people(&[CDO, CDO_2]))];
    let first = request(steps()).agreed_by(CDO, 1).unwrap();
    assert_eq!(first.agreed_by(CDO, 2).err(), Some("approval_twice"));
    let mut later = organisation();
    away(&mut later, CDO_2, CDO, 0..99);
    assert_eq!(first.after_in(agree(&first, CDO), 2, &later).err(), Some("approval_twice"), "as a stand-in");
    away(&mut later, CDO, OTHER, 0..99);
    let why = first.after_in(agree(&first, OTHER), 2, &later).err();
    assert_eq!(why, Some("approval_not_asked"), "for somebody who has agreed");
    // Nor whoever was stood in for.
    let asked = request(steps());
    let by_other = asked.after_in(agree(&asked, OTHER), 1, &later).unwrap();
    assert_eq!(by_other.after_in(agree(&by_other, CDO), 2, &later).err(), Some("approval_twice"));
    assert_eq!(first.agreed_by(CDO_2, 2).unwrap().state.name(), "agreed");
}

#[test]
fn two_at_one_step_are_two_persons_though_one_stands_in_for_the_other() {
    let step = Step { quorum: Quorum::AtLeast(2), ..Step::of(role(Role::Cdo, Where::Anywhere)) };
    let mut organisation = organisation();
    away(&mut organisation, CDO, CDO_2, 0..99);
    let asked = ask_as(Asker::Person(ASKER), &[flow(vec![step])], &organisation).unwrap().request;
    let first = asked.after_in(agree(&asked, CDO_2), 1, &organisation).unwrap();
    assert_eq!(first.state, State::Waiting);
    assert_eq!(first.after_in(agree(&first, CDO_2), 2, &organisation).err(), Some("approval_twice"));
    assert_eq!(first.after_in(agree(&first, CDO), 2, &organisation).unwrap().state.name(), "agreed");
}

#[test]
fn who_has_agreed_hands_nothing_over_and_adds_nobody() {
    let next = Step::of(people(&[CDO, CDO_2]));
    let first = request(vec![Step::of(people(&[CDO])), next]).agreed_by(CDO, 1).unwrap();
    for event in [pass_on(CDO, OTHER), add(CDO, OTHER), refuse(CDO)] {
        assert_eq!(first.after(event, 2).err(), Some("approval_twice"));
    }
    // Nor is it handed to them.
    assert_eq!(first.after(pass_on(CDO_2, CDO), 2).err(), Some("approval_person_barred"));
}

#[test]
fn where_only_the_asker_has_to_differ_one_person_may_do_two_steps_but_not_one_step_twice() {
    let two = Step { quorum: Quorum::AtLeast(2), ..Step::of(people(&[CDO, CDO_2])) };
    let flow = Flow { apart: Apart::Asker, ..flow(vec![Step::of(people(&[CDO])), two]) };
    let asked = ask_as(Asker::Person(ASKER), &[flow], &organisation()).unwrap().request;
    let second = asked.agreed_by(CDO, 1).unwrap().agreed_by(CDO, 2).unwrap();
    assert_eq!(second.state, State::Waiting);
    assert_eq!(second.agreed_by(CDO, 3).err(), Some("approval_twice"));
    assert_eq!(second.agreed_by(CDO_2, 3).unwrap().state.name(), "agreed");
    assert_eq!(asked.agreed_by(ASKER, 1).err(), Some("self_approval"));
}

#[test]
fn a_single_keeper_approves_alone_and_each_time_is_an_alarm() {
    let flow = Flow { apart: Apart::Nobody, ..flow(vec![Step::of(role(Role::Cdo, Where::Anywhere))]) };
    let organisation = organisation();
    let asked = ask_as(Asker::Person(CDO), &[flow], &organisation).unwrap().request;
    let outcome = asked.apply(agree(&asked, CDO), at(1), &organisation).unwrap();
    assert_eq!(outcome.request.state.name(), "agreed");
    assert!(outcome.notices.contains(&Notice::SingleKeeper(CDO)), "{:?}", outcome.notices);
    let outcome = asked.apply(agree(&asked, CDO_2), at(1), &organisation).unwrap();
    assert!(!outcome.notices.iter().any(|notice| matches!(notice, Notice::SingleKeeper(_))));
}

#[test]
fn what_nobody_could_approve_is_not_even_asked() {
    let organisation = organisation();
    let why = |asker, steps| ask_as(Asker::Person(asker), &[flow(steps)], &organisation).err().map(|f| f.key);
    let cdo = || Step::of(role(Role::Cdo, Where::Anywhere));
    assert_eq!(why(CDO, vec![Step::of(Who::Manager)]), Some("approval_nobody"), "a CDO has no manager");
    assert_eq!(
        why(CDO, vec![Step { limit: Some(9), then: vec![people(&[ISA])], ..Step::of(Who::Manager) }]),
        None
    );
    assert_eq!(why(ASKER, vec![cdo(), cdo()]), None);
    assert_eq!(why(CDO, vec![cdo(), cdo()]), Some("approval_nobody"), "one other CDO is not two");
    let one = || Step::of(people(&[CDO]));
    assert_eq!(why(ASKER, vec![cdo(), one()]), None, "the other CDO takes the first step");
    assert_eq!(why(ASKER, vec![one(), cdo(), one()]), Some("approval_nobody"));
    assert_eq!(why(id(99), vec![cdo()]), Some("approval_asker_gone"));
}
