//! Random flows, organisations and events: what comes of them is never less than the flows ask for.

use super::oracle::{Case, Decision};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const PEOPLE: u8 = 7;

fn anybody() -> impl Strategy<Value = Uid> {
    (1..=PEOPLE).prop_map(id)
}

fn a_role() -> impl Strategy<Value = RoleId> {
    prop_oneof![Just(Role::Cdo), Just(Role::Cda), Just(Role::Isa)].prop_map(RoleId::Fixed)
}

fn a_person() -> impl Strategy<Value = Person> {
    let absence = (0_i64..60, 1_i64..400, anybody()).prop_map(|(from, long, stand_in)| Absence {
        from: at(from),
        until: at(from + long),
        stand_in,
    });
    (
        proptest::collection::btree_set(a_role(), 1..3),
        1_u32..4,
        proptest::option::of(anybody()),
        proptest::option::weighted(0.4, absence),
    )
        .prop_map(|(roles, team, manager, absence)| Person { roles, team, manager, absence })
}

/// One in which the asker is there; others may be gone.
fn an_organisation() -> impl Strategy<Value = Organisation> {
    let people = proptest::collection::vec(proptest::option::weighted(0.9, a_person()), usize::from(PEOPLE));
    (people, a_person(), anybody()).prop_map(|(people, asker, responsible)| {
        let mut all: BTreeMap<Uid, Person> =
            (1..).map(id).zip(people).filter_map(|(id, person)| Some((id, person?))).collect();
        all.entry(ASKER).or_insert(asker);
        let responsible = if all.contains_key(&responsible) { responsible } else { ASKER };
        Organisation {
            people: all,
            programs: BTreeMap::from([(PROGRAM, responsible)]),
            teams: organisation().teams,
        }
    })
}

fn who() -> impl Strategy<Value = Who> {
    let of = prop_oneof![
        Just(Where::Anywhere),
        Just(Where::AskersTeam),
        Just(Where::AskersDepartment),
        Just(Where::DossiersTeam),
        Just(Where::DossiersDepartment)
    ];
    prop_oneof![
        1 => Just(Who::Manager),
        3 => (a_role(), of).prop_map(|(role, of)| Who::Role { role, of }),
        2 => proptest::collection::btree_set(anybody(), 1..5).prop_map(Who::People),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let quorum = prop_oneof![
        3 => Just(Quorum::Any),
        1 => Just(Quorum::All),
        1 => (1_u16..3).prop_map(Quorum::AtLeast)
    ];
    let limit = proptest::option::of((20_u32..120, proptest::collection::vec(who(), 0..3)));
    let spot = proptest::option::weighted(0.2, 1_u8..=100);
    (who(), quorum, spot, limit, proptest::bool::weighted(0.2)).prop_map(
        |(who, quorum, spot, limit, in_person)| {
            let (limit, then) = limit.map_or((None, Vec::new()), |(limit, then)| (Some(limit), then));
            Step { who, quorum, spot, limit, remind: limit.map(|limit| limit / 3), then, in_person }
        },
    )
}

fn a_flow() -> impl Strategy<Value = Flow> {
    let apart = prop_oneof![4 => Just(Apart::Each), 2 => Just(Apart::Asker), 1 => Just(Apart::Nobody)];
    (proptest::collection::vec(a_step(), 1..4), apart, 50_u32..600, 5_u32..100).prop_map(
        |(steps, apart, approve_within, execute_within)| Flow {
            apart,
            approve_within,
            execute_within,
            ..flow(steps)
        },
    )
}

/// An event; who does it is the n-th of those who may decide, or anybody.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Agree { moved: bool },
    Refuse,
    PassOn(Uid),
    Add(Uid),
    Comment,
    Recall,
    Execute { moved: bool },
    Fail,
    FlowGone,
    AskerGone,
    Unwanted,
    Wake,
}

#[derive(Clone, Debug)]
struct Happening {
    kind: Kind,
    decider: Option<usize>,
    by: Uid,
    later: i64,
    organisation: usize,
}

fn a_happening() -> impl Strategy<Value = Happening> {
    let moved = || proptest::bool::weighted(0.03);
    let kind = prop_oneof![
        24 => moved().prop_map(|moved| Kind::Agree { moved }),
        1 => Just(Kind::Refuse),
        3 => anybody().prop_map(Kind::PassOn),
        2 => anybody().prop_map(Kind::Add),
        1 => Just(Kind::Comment),
        2 => Just(Kind::Recall),
        4 => moved().prop_map(|moved| Kind::Execute { moved }),
        1 => Just(Kind::Fail),
        1 => Just(Kind::FlowGone),
        1 => Just(Kind::AskerGone),
        1 => Just(Kind::Unwanted),
        3 => Just(Kind::Wake),
    ];
    (kind, proptest::option::weighted(0.7, 0_usize..4), anybody(), -20_i64..40, 0_usize..8).prop_map(
        |(kind, decider, by, later, organisation)| Happening {
            kind,
            decider,
            by,
            later,
            organisation: usize::from(organisation == 0),
        },
    )
}

fn event_of(happening: &Happening, request: &Request, at: Micros, organisation: &Organisation) -> Event {
    let deciders: Vec<Uid> = request.deciders(at, organisation).into_iter().collect();
    let by = happening.decider.and_then(|nth| deciders.get(nth % deciders.len().max(1)));
    let by = by.copied().unwrap_or(happening.by);
    let now = |moved: bool| {
        let now = request.binding.clone();
        if moved { Binding { command: [0; 32], ..now } } else { now }
    };
    match happening.kind {
        Kind::Agree { moved } => Event::Agree { by, now: now(moved), bulk: false, remark: Remark::default() },
        Kind::Refuse => refuse(by),
        Kind::PassOn(to) => pass_on(by, to),
        Kind::Add(person) => add(by, person),
        Kind::Comment => comment(by),
        Kind::Recall => recall(by),
        Kind::Execute { moved } => Event::Execute { now: now(moved) },
        Kind::Fail => Event::Fail { why: "not_found".into() },
        Kind::FlowGone => Event::FlowGone,
        Kind::AskerGone => Event::AskerGone,
        Kind::Unwanted => Event::Unwanted,
        Kind::Wake => Event::Wake,
    }
}

/// What was agreed so far, and everything that the decisions are judged by.
struct Story<'s> {
    flows: &'s [Flow],
    asker: Asker,
    begun: &'s Organisation,
    decisions: Vec<Decision<'s>>,
    handed: BTreeSet<Uid>,
    added: BTreeSet<Uid>,
}

impl Story<'_> {
    fn must_be_satisfied(&self, request: &Request) -> Result<(), TestCaseError> {
        for (flow, lane) in self.flows.iter().zip(&request.lanes) {
            let case = Case {
                flow,
                drawn: flow
                    .steps
                    .iter()
                    .zip(&lane.draws)
                    .map(|(step, draw)| {
                        step.spot.is_none_or(|percent| {
                            f64::from(draw.unwrap()) / 4_294_967_296.0 * 100.0 < f64::from(percent)
                        })
                    })
                    .collect(),
                asker: self.asker,
                team: Some(1),
                begun: self.begun,
                decisions: &self.decisions,
                handed: &self.handed,
            };
            prop_assert!(case.is_satisfied(), "{:?}", request);
        }
        Ok(())
    }
}

/// The event after a timer that came at each moment at which something was due.
fn with_timers(request: &Request, event: Event, at: Micros, organisation: &Organisation) -> Option<Request> {
    let mut now = request.clone();
    while let Some(due) = now.due().filter(|due| *due <= at) {
        now = now.apply(Event::Wake, due, organisation).unwrap().request;
    }
    now.apply(event, at, organisation).ok().map(|outcome| outcome.request)
}

fn check_who_may(request: &Request, at: Micros, organisation: &Organisation) -> Result<(), TestCaseError> {
    let woken = request.apply(Event::Wake, at, organisation).unwrap().request;
    let deciders = woken.deciders(at, organisation);
    for person in (1..=PEOPLE).map(id) {
        prop_assert_eq!(request.may_decide(person, at, organisation).is_ok(), deciders.contains(&person));
        let agreed = request.apply(agree(request, person), at, organisation);
        prop_assert_eq!(agreed.is_ok(), deciders.contains(&person));
    }
    Ok(())
}

fn tell(
    flows: &[Flow],
    asker: Asker,
    organisations: &[Organisation; 2],
    draws: &[u32],
    happenings: &[Happening],
) -> Result<&'static str, TestCaseError> {
    let met: Vec<Met<'_>> =
        flows.iter().zip(101..).map(|(flow, n)| Met { id: FlowId(id(n)), version: 1, flow }).collect();
    let facts = facts();
    let asking = Asking { asker, facts: &facts, met: &met, binding: binding(0), remark: Remark::default() };
    let mut next_draw = draws.iter().copied().cycle();
    let asked = Request::ask(asking, T0, &organisations[0], |_, _| next_draw.next().unwrap());
    let Ok(Outcome { mut request, .. }) = asked else { return Ok("never asked") };
    let first = request.clone();
    let mut story = Story {
        flows,
        asker,
        begun: &organisations[0],
        decisions: Vec::new(),
        handed: BTreeSet::new(),
        added: BTreeSet::new(),
    };
    if request.state != State::Waiting {
        story.must_be_satisfied(&request)?;
    }
    let mut clock = T0;
    for happening in happenings {
        clock = clock.plus(happening.later * MINUTE);
        let organisation = &organisations[happening.organisation];
        let event = event_of(happening, &request, clock, organisation);
        check_who_may(&request, clock, organisation)?;
        let after = request.apply(event.clone(), clock, organisation).ok().map(|outcome| outcome.request);
        let same = with_timers(&request, event.clone(), clock, organisation);
        if asker.is_there(organisation) {
            prop_assert_eq!(&after, &same, "timers change nothing");
        }
        let Some(after) = after else { continue };
        if request.state.is_final() {
            prop_assert_eq!(&after, &request, "nothing moves an end");
        }
        let at = clock.max(request.seen);
        prop_assert!(after.seen >= request.seen);
        prop_assert!(after.due().is_none_or(|due| due > after.seen));
        for (lane, begun) in after.lanes.iter().zip(&first.lanes) {
            prop_assert_eq!(&lane.draws, &begun.draws, "a spot check is drawn once");
        }
        prop_assert_eq!(&after.binding, &first.binding);
        match event {
            Event::Agree { by, .. } if !matches!(after.state, State::Moved(_)) => {
                story.decisions.push(Decision { by, at, organisation });
            }
            Event::PassOn { to, .. } => drop(story.handed.insert(to)),
            Event::Add { person, .. } => {
                story.handed.insert(person);
                story.added.insert(person);
            }
            Event::Refuse { .. } => prop_assert_eq!(after.state.name(), "refused"),
            Event::Recall { .. } => prop_assert_eq!(after.state.name(), "recalled"),
            _ => {}
        }
        match (&request.state, &after.state) {
            (State::Waiting, State::Agreed(_)) => {
                story.must_be_satisfied(&after)?;
                prop_assert!(at < request.approve_until);
            }
            (State::Waiting, State::Executed | State::Failed(_)) => {
                return Err(TestCaseError::fail("executed without being agreed"));
            }
            (State::Agreed(until), State::Executed) => {
                prop_assert!(at < *until);
                let as_bound = matches!(&happening.kind, Kind::Execute { moved: false });
                prop_assert!(as_bound);
                story.must_be_satisfied(&after)?;
            }
            _ => {}
        }
        request = after;
    }
    let text = serde_json::to_string(&request).unwrap();
    prop_assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request.clone());
    Ok(request.state.name())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn never_is_anything_applied_that_fewer_have_agreed_to_than_its_flows_say(
        flows in proptest::collection::vec(a_flow(), 1..4),
        responsible in proptest::option::weighted(0.2, anybody()),
        organisations in [an_organisation(), an_organisation()],
        draws in proptest::collection::vec(any::<u32>(), 12),
        happenings in proptest::collection::vec(a_happening(), 1..16),
    ) {
        let asker = responsible
            .map_or(Asker::Person(ASKER), |responsible| Asker::Program { id: PROGRAM, responsible });
        tell(&flows, asker, &organisations, &draws, &happenings)?;
    }
}

/// The random stories are worth something only where many of them come to each end.
#[test]
fn the_stories_come_to_every_end() {
    let strategy = (
        proptest::collection::vec(a_flow(), 1..3),
        [an_organisation(), an_organisation()],
        proptest::collection::vec(any::<u32>(), 12),
        proptest::collection::vec(a_happening(), 1..16),
    );
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..1500 {
        let tree = strategy.new_tree(&mut runner).unwrap();
        let (flows, organisations, draws, happenings) = proptest::strategy::ValueTree::current(&tree);
        *ends
            .entry(tell(&flows, Asker::Person(ASKER), &organisations, &draws, &happenings).unwrap())
            .or_default() += 1;
    }
    for end in
        ["waiting", "agreed", "executed", "failed", "refused", "recalled", "expired", "dropped", "moved"]
    {
        assert!(ends.get(end).is_some_and(|count| *count >= 5), "{end}: {ends:?}");
    }
}
