//! What time does: it is worked out, and needs no timer to hold.

use super::*;

fn patient() -> Request {
    request(vec![Step {
        limit: Some(60),
        remind: Some(15),
        then: vec![people(&[CDO]), people(&[CDO_2])],
        ..Step::of(Who::Manager)
    }])
}

#[test]
fn others_are_asked_as_well_when_the_time_of_a_step_is_over() {
    let asked = |minutes| patient().deciders(at(minutes), &organisation());
    assert_eq!([0, 59].map(asked), [[MANAGER].into(), [MANAGER].into()]);
    assert_eq!([60, 119].map(asked), [[MANAGER, CDO].into(), [MANAGER, CDO].into()]);
    assert_eq!(asked(120), [MANAGER, CDO, CDO_2].into());
    assert_eq!(patient().agreed_by(CDO, 59).err(), Some("approval_not_asked"));
    assert_eq!(patient().agreed_by(CDO, 60).unwrap().state.name(), "agreed", "no timer had to come");
    assert_eq!(patient().agreed_by(MANAGER, 179).unwrap().state.name(), "agreed");
    assert_eq!(patient().agreed_by(MANAGER, 180).err(), Some("approval_ended"));
    let over = patient().after(Event::Wake, 500).unwrap();
    assert_eq!((over.state, over.since), (State::Expired(Term::Approve), at(180)));
}

#[test]
fn a_timer_comes_for_each_reminder_each_escalation_and_the_end() {
    let mut now = patient();
    let mut heard = Vec::new();
    while let Some(due) = now.due() {
        assert!(due > now.seen);
        let outcome = now.apply(Event::Wake, due, &organisation()).unwrap();
        heard.push(((due.0 - T0.0) / MINUTE, outcome.notices));
        now = outcome.request;
    }
    assert_eq!(
        heard,
        [
            (45, vec![Notice::Remind([MANAGER].into())]),
            (60, vec![Notice::Asked([CDO].into())]),
            (105, vec![Notice::Remind([MANAGER, CDO].into())]),
            (120, vec![Notice::Asked([CDO_2].into())]),
            (165, vec![Notice::Remind([MANAGER, CDO, CDO_2].into())]),
            (180, vec![Notice::Ended]),
        ]
    );
}

#[test]
fn nobody_is_reminded_of_what_is_decided_or_over() {
    let notices = |event, minutes| patient().apply(event, at(minutes), &organisation()).unwrap().notices;
    assert_eq!(notices(agree(&patient(), MANAGER), 50), [Notice::Agreed]);
    assert_eq!(notices(refuse(MANAGER), 50), [Notice::Ended]);
    assert_eq!(notices(Event::Wake, 500), [Notice::Ended]);
    assert_eq!(notices(comment(ASKER), 50), [Notice::Remind([MANAGER].into())]);
}

#[test]
fn where_too_few_can_decide_others_are_asked_at_once() {
    let then = || Step { limit: Some(60), then: vec![people(&[CDO])], ..Step::of(Who::Manager) };
    let mut organisation = organisation();
    organisation.people.get_mut(&ASKER).unwrap().manager = None;
    let asked = ask_as(Asker::Person(ASKER), &[flow(vec![then()])], &organisation).unwrap().request;
    assert_eq!(asked.deciders(T0, &organisation), [CDO].into());
    let all = Step { quorum: Quorum::All, ..then() };
    let asked = ask_as(Asker::Person(ASKER), &[flow(vec![all])], &organisation).unwrap().request;
    assert_eq!(asked.deciders(T0, &organisation), [CDO].into(), "all of nobody are one");
    // As when somebody leaves later.
    let mut later = super::organisation();
    later.people.remove(&MANAGER);
    assert_eq!(patient().deciders(at(1), &later), [CDO].into());
    assert_eq!(patient().deciders(at(1), &super::organisation()), [MANAGER].into());
}

#[test]
fn a_request_waits_no_longer_than_its_shortest_flow_says() {
    let long = flow(vec![Step::of(people(&[CDO]))]);
    let short = Flow { approve_within: 30, execute_within: 7, ..long.clone() };
    let asked = ask_as(Asker::Person(ASKER), &[long, short], &organisation()).unwrap().request;
    assert_eq!(asked.due(), Some(at(30)));
    assert_eq!(asked.agreed_by(CDO, 30).err(), Some("approval_ended"));
    let agreed = asked.agreed_by(CDO, 29).unwrap();
    assert_eq!((agreed.state.clone(), agreed.due()), (State::Agreed(at(36)), Some(at(36))));
    let execute = || Event::Execute { now: binding(2) };
    assert_eq!(agreed.after(execute(), 35).unwrap().state, State::Executed);
    assert_eq!(agreed.after(execute(), 36).err(), Some("approval_ended"));
    let over = agreed.after(Event::Wake, 99).unwrap();
    assert_eq!((over.state, over.since), (State::Expired(Term::Execute), at(36)));
}

#[test]
fn a_clock_put_back_revives_nothing() {
    let late = patient().after(comment(ASKER), 130).unwrap();
    assert_eq!(late.deciders(at(0), &organisation()), [MANAGER, CDO, CDO_2].into());
    let agreed = late.agreed_by(CDO_2, 0).unwrap();
    assert_eq!(agreed.state, State::Agreed(at(230)), "counted from the latest moment that is known");
    let over = patient().after(Event::Wake, 180).unwrap();
    assert_eq!(over.agreed_by(MANAGER, 0).err(), Some("approval_ended"));
}

#[test]
fn a_spot_check_is_drawn_once_and_left_out_where_it_was_not_drawn() {
    let of = |percent: u8, draw: u32| {
        let spot = Step { spot: Some(percent), ..Step::of(people(&[ISA])) };
        let flow = flow(vec![spot, Step::of(Who::Manager)]);
        let met = [Met { id: FlowId(id(101)), version: 1, flow: &flow }];
        let asker = Asker::Person(ASKER);
        let asking =
            Asking { asker, facts: &facts(), met: &met, binding: binding(0), remark: Remark::default() };
        let mut drawn = 0;
        let outcome = Request::ask(asking, T0, &organisation(), |flow, step| {
            assert_eq!((flow, step), (0, 0));
            drawn += 1;
            draw
        });
        assert_eq!(drawn, 1);
        outcome.unwrap().request
    };
    let asked = |request: Request| request.deciders(T0, &organisation());
    assert_eq!(asked(of(10, 0)), [ISA].into());
    assert_eq!(asked(of(10, u32::MAX / 10)), [ISA].into());
    assert_eq!(asked(of(10, u32::MAX / 10 + 1)), [MANAGER].into());
    assert_eq!(asked(of(100, u32::MAX)), [ISA].into());
    let later = of(10, 0).agreed_by(ISA, 1).unwrap();
    assert_eq!(later.lanes[0].draws, [Some(0), None]);
}

#[test]
fn a_flow_of_spot_checks_none_of_which_was_drawn_lets_it_through() {
    let flow = flow(vec![Step { spot: Some(50), ..Step::of(people(&[ISA])) }]);
    let met = [Met { id: FlowId(id(101)), version: 1, flow: &flow }];
    let asker = Asker::Person(ASKER);
    let asking = Asking { asker, facts: &facts(), met: &met, binding: binding(0), remark: Remark::default() };
    let outcome = Request::ask(asking, T0, &organisation(), |_, _| u32::MAX).unwrap();
    assert_eq!(outcome.request.state, State::Agreed(at(100)));
    assert_eq!(outcome.notices, [Notice::Agreed]);
}
