//! Who is asked, and how many have to agree.

use super::*;

#[test]
fn one_after_the_other_agrees_and_then_it_may_be_executed() {
    let asked = request(vec![Step::of(Who::Manager), Step::of(role(Role::Cda, Where::AskersTeam))]);
    assert_eq!(asked.deciders(T0, &organisation()), [MANAGER].into());
    assert_eq!(asked.agreed_by(CDA, 1).err(), Some("approval_not_asked"), "not yet");
    let first = asked.agreed_by(MANAGER, 1).unwrap();
    assert_eq!(first.state, State::Waiting);
    assert_eq!(first.deciders(at(1), &organisation()), [CDA].into());
    let second = first.agreed_by(CDA, 2).unwrap();
    assert_eq!(second.state, State::Agreed(at(102)));
    assert!(second.deciders(at(2), &organisation()).is_empty());
    let done = second.after(Event::Execute { now: binding(1) }, 101).unwrap();
    assert_eq!((done.state, done.since), (State::Executed, at(101)));
}

#[test]
fn a_role_is_looked_for_where_the_step_says() {
    let asked = |of| request(vec![Step::of(role(Role::Cda, of))]).deciders(T0, &organisation());
    assert_eq!(asked(Where::AskersTeam), [CDA].into());
    assert_eq!(asked(Where::DossiersTeam), [CDA].into());
    assert_eq!(asked(Where::AskersDepartment), [CDA, CDA_FAR].into());
    assert_eq!(asked(Where::DossiersDepartment), [CDA, CDA_FAR].into());
    assert_eq!(asked(Where::Anywhere), [CDA, CDA_FAR].into());
}

#[test]
fn any_is_one_all_are_all_and_a_number_is_that_many() {
    let of = |quorum| {
        let step = Step { quorum, ..Step::of(people(&[MANAGER, CDA, CDO])) };
        let first = request(vec![step]).agreed_by(CDO, 1).unwrap();
        let second = first.agreed_by(CDA, 2);
        let third = second.clone().and_then(|second| second.agreed_by(MANAGER, 3));
        [Ok(first), second, third].map(|one| one.map(|one| one.state.name()))
    };
    let over = Err("approval_not_waiting");
    assert_eq!(of(Quorum::Any), [Ok("agreed"), over, over]);
    assert_eq!(of(Quorum::AtLeast(2)), [Ok("waiting"), Ok("agreed"), over]);
    assert_eq!(of(Quorum::All), [Ok("waiting"), Ok("waiting"), Ok("agreed")]);
}

#[test]
fn all_are_as_many_as_when_the_step_began() {
    let step = Step { quorum: Quorum::All, ..Step::of(role(Role::Cdo, Where::Anywhere)) };
    let asked = request(vec![step]);
    let mut fewer = organisation();
    fewer.people.remove(&CDO_2);
    let first = asked.after_in(agree(&asked, CDO), 1, &fewer).unwrap();
    assert_eq!(first.state, State::Waiting, "who was taken away did not agree");
    // Whoever takes the place can.
    fewer.people.insert(id(9), person(3, Role::Cdo, None));
    let second = first.after_in(agree(&first, id(9)), 2, &fewer).unwrap();
    assert_eq!(second.state.name(), "agreed");
}

#[test]
fn who_has_lost_the_role_or_is_gone_decides_nothing() {
    let asked = request(vec![Step::of(role(Role::Cda, Where::AskersTeam))]);
    let mut later = organisation();
    later.people.get_mut(&CDA).unwrap().roles = [RoleId::Fixed(Role::Cdu)].into();
    assert_eq!(asked.after_in(agree(&asked, CDA), 1, &later).err(), Some("approval_not_asked"));
    later.people.remove(&CDA);
    assert_eq!(asked.after_in(refuse(CDA), 1, &later).err(), Some("approval_not_asked"));
}

#[test]
fn every_flow_has_to_agree_and_one_agreement_counts_in_all_that_wait_for_it() {
    let organisation = organisation();
    let flows = [
        flow(vec![Step::of(Who::Manager)]),
        flow(vec![Step::of(people(&[MANAGER, OTHER])), Step::of(role(Role::Cdo, Where::Anywhere))]),
    ];
    let asked = ask_as(Asker::Person(ASKER), &flows, &organisation).unwrap().request;
    let other = asked.agreed_by(OTHER, 1).unwrap();
    assert_eq!(other.lanes.iter().map(Lane::is_done).collect::<Vec<_>>(), [false, false]);
    assert_eq!(other.agreed_by(CDO, 2).unwrap().state, State::Waiting, "the first one still waits");
    let both = asked.agreed_by(MANAGER, 1).unwrap();
    assert_eq!(both.lanes.iter().map(Lane::is_done).collect::<Vec<_>>(), [true, false]);
    assert_eq!(both.agreed_by(CDO_2, 2).unwrap().state.name(), "agreed");
}

#[test]
fn a_stand_in_decides_while_somebody_is_away_and_not_a_moment_longer() {
    let asked = request(vec![Step::of(Who::Manager)]);
    let mut later = organisation();
    away(&mut later, MANAGER, OTHER, 10..20);
    let by_other =
        |minutes| asked.after_in(agree(&asked, OTHER), minutes, &later).map(|one| one.state.name());
    assert_eq!(
        [9, 10, 19, 20].map(by_other),
        [Err("approval_not_asked"), Ok("agreed"), Ok("agreed"), Err("approval_not_asked")]
    );
    assert_eq!(asked.deciders(at(10), &later), [MANAGER, OTHER].into());
    // Whoever is back early decides for themselves.
    assert_eq!(asked.after_in(agree(&asked, MANAGER), 15, &later).unwrap().state.name(), "agreed");
    // A stand-in who is away leads no further.
    away(&mut later, OTHER, CDA, 0..99);
    assert_eq!(asked.after_in(agree(&asked, CDA), 15, &later).err(), Some("approval_not_asked"));
}

#[test]
fn a_place_is_handed_over_once_and_for_all() {
    let asked = request(vec![Step::of(Who::Manager)]);
    let handed = asked.after(pass_on(MANAGER, OTHER), 1).unwrap();
    assert_eq!(handed.deciders(at(1), &organisation()), [OTHER].into());
    assert_eq!(handed.agreed_by(MANAGER, 2).err(), Some("approval_not_asked"));
    assert_eq!(handed.after(pass_on(OTHER, MANAGER), 2).err(), Some("approval_person_barred"), "not back");
    let again = handed.after(pass_on(OTHER, CDA), 2).unwrap();
    assert_eq!(again.agreed_by(OTHER, 3).err(), Some("approval_not_asked"));
    assert_eq!(again.agreed_by(CDA, 3).unwrap().state.name(), "agreed");
    for (to, why) in [(ASKER, "the asker"), (id(99), "nobody"), (MANAGER, "oneself")] {
        assert_eq!(asked.after(pass_on(MANAGER, to), 1).err(), Some("approval_person_barred"), "{why}");
    }
    assert_eq!(asked.after(pass_on(OTHER, CDA), 1).err(), Some("approval_not_asked"));
}

#[test]
fn who_has_to_decide_in_person_hands_nothing_over_and_has_no_stand_in() {
    let asked = request(vec![Step { in_person: true, ..Step::of(Who::Manager) }]);
    let mut later = organisation();
    away(&mut later, MANAGER, OTHER, 0..99);
    assert_eq!(asked.deciders(at(1), &later), [MANAGER].into());
    assert_eq!(asked.after_in(agree(&asked, OTHER), 1, &later).err(), Some("approval_not_asked"));
    assert_eq!(asked.after(pass_on(MANAGER, OTHER), 1).err(), Some("approval_in_person"));
    assert_eq!(asked.after_in(agree(&asked, MANAGER), 1, &later).unwrap().state.name(), "agreed");
}

#[test]
fn who_was_added_has_to_agree_as_well() {
    let asked = request(vec![Step::of(people(&[MANAGER, CDO]))]);
    let added = asked.after(add(MANAGER, OTHER), 1).unwrap();
    assert_eq!(added.deciders(at(1), &organisation()), [MANAGER, CDO, OTHER].into());
    let without = added.agreed_by(MANAGER, 2).unwrap().agreed_by(CDO, 3).unwrap();
    assert_eq!(without.state, State::Waiting, "two others are not the one who was added");
    assert_eq!(without.agreed_by(OTHER, 4).unwrap().state.name(), "agreed");
    let alone = added.agreed_by(OTHER, 2).unwrap();
    assert_eq!(alone.state, State::Waiting, "the one who was added is not one of the step");
    assert_eq!(alone.agreed_by(CDO, 3).unwrap().state.name(), "agreed");
    // What was asked of one is asked of whoever it is handed to.
    let handed = added.after(pass_on(OTHER, CDA), 2).unwrap().agreed_by(MANAGER, 3).unwrap();
    assert_eq!(handed.state, State::Waiting);
    assert_eq!(handed.agreed_by(CDA, 4).unwrap().state.name(), "agreed");
    for twice in [CDO, ASKER] {
        assert_eq!(asked.after(add(MANAGER, twice), 1).err(), Some("approval_person_barred"));
    }
    // At the next step nobody is added any more.
    let two = request(vec![Step::of(Who::Manager), Step::of(role(Role::Cda, Where::AskersTeam))]);
    let second = two.after(add(MANAGER, OTHER), 1).unwrap().agreed_by(MANAGER, 2).unwrap();
    let second = second.agreed_by(OTHER, 3).unwrap();
    assert_eq!(second.deciders(at(3), &organisation()), [CDA].into());
}

#[test]
fn in_bulk_only_what_every_flow_allows_and_nothing_grave_or_top_secret() {
    let organisation = organisation();
    let bulk = |flows: &[Flow]| ask_as(Asker::Person(ASKER), flows, &organisation).unwrap().request;
    let yes = flow(vec![Step::of(Who::Manager)]);
    let no = Flow { bulk: false, ..yes.clone() };
    let in_bulk = |request: &Request| {
        let now = binding(u8::try_from(request.lanes.len()).unwrap());
        let event = Event::Agree { by: MANAGER, now, bulk: true, remark: Remark::default() };
        request.after(event, 1).map(|one| one.state.name())
    };
    assert_eq!(in_bulk(&bulk(std::slice::from_ref(&yes))), Ok("agreed"));
    assert_eq!(in_bulk(&bulk(&[yes.clone(), no])), Err("approval_not_in_bulk"));
    for facts in [
        Facts { highest: dossier_model::Level::L4, ..facts() },
        Facts::of(Command::KeyChange, None),
        Facts::of(Command::Restore, None),
    ] {
        let met = [Met { id: FlowId(id(101)), version: 1, flow: &yes }];
        let asker = Asker::Person(ASKER);
        let asking =
            Asking { asker, facts: &facts, met: &met, binding: binding(0), remark: Remark::default() };
        let asked = Request::ask(asking, T0, &organisation, |_, _| 0).unwrap().request;
        assert_eq!(in_bulk(&asked), Err("approval_not_in_bulk"));
    }
}
