//! How a request ends, and that an end is one.

use super::*;
use dossier_model::fault::Lang;

fn waiting() -> Request {
    request(vec![Step::of(people(&[MANAGER, CDO]))])
}

fn agreed() -> Request {
    waiting().agreed_by(CDO, 1).unwrap()
}

fn execute() -> Event {
    Event::Execute { now: binding(1) }
}

#[test]
fn nothing_moves_a_final_state() {
    let ends = [
        agreed().after(execute(), 2).unwrap(),
        agreed().after(Event::Fail { why: "not_found".into() }, 2).unwrap(),
        waiting().after(refuse(MANAGER), 2).unwrap(),
        waiting().after(recall(ASKER), 2).unwrap(),
        agreed().after(recall(ASKER), 2).unwrap(),
        waiting().after(Event::Wake, 1000).unwrap(),
        agreed().after(Event::Wake, 101).unwrap(),
        waiting().after(Event::FlowGone, 2).unwrap(),
        agreed().after(Event::AskerGone, 2).unwrap(),
        agreed().after(Event::Unwanted, 2).unwrap(),
        agreed().after(Event::Execute { now: binding(0) }, 2).unwrap(),
    ];
    let names = ends.each_ref().map(|one| one.state.name());
    assert_eq!(
        names,
        [
            "executed", "failed", "refused", "recalled", "recalled", "expired", "expired", "dropped",
            "dropped", "dropped", "moved"
        ]
    );
    for end in &ends {
        for event in [
            agree(end, MANAGER),
            refuse(MANAGER),
            recall(ASKER),
            pass_on(MANAGER, OTHER),
            add(MANAGER, OTHER),
            comment(ASKER),
            execute(),
            Event::Fail { why: "not_found".into() },
            Event::FlowGone,
            Event::AskerGone,
            Event::Unwanted,
        ] {
            for minutes in [-9, 3, 5000] {
                assert_eq!(end.after(event.clone(), minutes).err(), Some("approval_ended"));
            }
        }
        assert_eq!(end.after(Event::Wake, 5000).as_ref(), Ok(end), "a late timer does no harm");
        assert_eq!(end.due(), None);
    }
}

#[test]
fn who_comes_too_late_hears_how_it_ended() {
    let fault = waiting().apply(refuse(CDO), at(1000), &organisation()).unwrap_err();
    assert!(fault.text(Lang::Zh).contains("（已过期）"), "{}", fault.text(Lang::Zh));
    assert!(fault.text(Lang::En).contains("(expired)"), "{}", fault.text(Lang::En));
}

#[test]
fn one_refusal_ends_it_though_others_would_agree() {
    let refused = waiting().after(refuse(MANAGER), 1).unwrap();
    assert_eq!(refused.state, State::Refused(MANAGER));
    assert_eq!(waiting().after(refuse(OTHER), 1).err(), Some("approval_not_asked"));
    assert_eq!(agreed().after(refuse(MANAGER), 2).err(), Some("approval_not_waiting"));
}

#[test]
fn only_the_asker_takes_it_back_until_it_is_executed() {
    assert_eq!(waiting().after(recall(MANAGER), 1).err(), Some("approval_not_yours"));
    assert_eq!(agreed().after(recall(ASKER), 2).unwrap().state, State::Recalled);
    let program = Asker::Program { id: PROGRAM, responsible: ASKER };
    let asked = ask_as(program, &[flow(vec![Step::of(Who::Manager)])], &organisation()).unwrap().request;
    for by in [PROGRAM, ASKER] {
        assert_eq!(asked.after(recall(by), 1).unwrap().state, State::Recalled);
    }
}

#[test]
fn it_is_executed_only_once_it_is_agreed() {
    assert_eq!(waiting().after(execute(), 1).err(), Some("approval_not_agreed"));
    assert_eq!(waiting().after(Event::Fail { why: "x".into() }, 1).err(), Some("approval_not_agreed"));
}

#[test]
fn whatever_bound_thing_has_moved_is_named_and_ends_it() {
    let bound = binding(1);
    let record = id(50);
    let changed = |change: fn(&mut Binding)| {
        let mut now = bound.clone();
        change(&mut now);
        now
    };
    fn scope(now: &mut Binding) -> &mut Scope {
        now.records.get_mut(&id(50)).unwrap().scope.as_mut().unwrap()
    }
    let cases: [(Binding, Moved); 10] = [
        (changed(|now| now.command = [8; 32]), Moved::Command),
        (changed(|now| now.flows.clear()), Moved::Flows),
        (changed(|now| now.records.clear()), Moved::Record(record)),
        (
            changed(|now| {
                now.records.insert(id(51), Bound::default());
            }),
            Moved::Record(id(51)),
        ),
        (
            changed(|now| {
                now.records.get_mut(&id(50)).unwrap().fields.insert(4, None);
            }),
            Moved::Field(record, 4),
        ),
        (changed(|now| scope(now).stage = dossier_model::Stage::Signed), Moved::Stage(record)),
        (changed(|now| scope(now).level = dossier_model::Level::L4), Moved::Level(record)),
        (changed(|now| scope(now).team = 2), Moved::Owner(record)),
        (changed(|now| scope(now).owner = 2), Moved::Owner(record)),
        (changed(|now| scope(now).frozen = true), Moved::Frozen(record)),
    ];
    let renewed = changed(|now| now.records.values_mut().for_each(|bound| bound.version = 2));
    assert_eq!(bound.moved(&renewed), [], "what is not bound has changed");
    for (now, what) in cases {
        let state = State::Moved(vec![what]);
        assert_eq!(agreed().after(Event::Execute { now: now.clone() }, 2).unwrap().state, state);
        let agree = Event::Agree { by: CDO, now: now.clone(), bulk: false, remark: Remark::default() };
        let after = waiting().after(agree, 1).unwrap();
        assert_eq!(after.state, state, "it is not even approved");
        assert!(after.lanes.iter().all(|lane| lane.agreed.is_empty()));
        let by_anybody = Event::Agree { by: OTHER, now, bulk: false, remark: Remark::default() };
        assert_eq!(waiting().after(by_anybody, 1).err(), Some("approval_not_asked"));
    }
}

#[test]
fn a_request_of_somebody_who_left_is_dropped_approved_or_not() {
    let mut later = organisation();
    later.people.remove(&ASKER);
    for one in [waiting(), agreed()] {
        assert_eq!(one.after_in(Event::Wake, 2, &later).unwrap().state, State::Dropped(Gone::Asker));
        assert_eq!(one.after_in(execute(), 2, &later).err(), Some("approval_ended"));
    }
    let program = Asker::Program { id: PROGRAM, responsible: ASKER };
    let asked = ask_as(program, &[flow(vec![Step::of(Who::Manager)])], &organisation()).unwrap().request;
    let mut later = organisation();
    later.programs.clear();
    assert_eq!(asked.after_in(Event::Wake, 2, &later).unwrap().state, State::Dropped(Gone::Asker));
}

#[test]
fn what_people_say_is_kept_and_has_a_bound() {
    let remark = Remark { text: Some(id(60)), files: vec![id(61)] };
    let said = waiting().after(Event::Comment { by: ASKER, remark: remark.clone() }, 1).unwrap();
    assert_eq!(said.said.last().unwrap(), &Said { at: at(1), by: ASKER, what: What::Commented, remark });
    assert_eq!(waiting().after(comment(OTHER), 1).err(), Some("approval_not_asked"));
    let mut full = waiting();
    while let Ok(more) = full.after(comment(MANAGER), 1) {
        full = more;
        assert!(full.said.len() <= 200);
    }
    assert_eq!(full.after(comment(MANAGER), 1).err(), Some("approval_full"));
    assert_eq!(full.agreed_by(MANAGER, 1).unwrap().state.name(), "agreed", "a decision always finds room");
    let many = Remark { text: None, files: vec![id(61); 21] };
    assert_eq!(waiting().after(Event::Refuse { by: CDO, remark: many }, 1).err(), Some("approval_full"));
}
