mod agreeing;
mod choosing;
mod conditions;
mod ends;
mod flows;
mod oracle;
mod random;
mod shape;
mod times;
mod two_persons;

use crate::*;
use dossier_access::{Role, RoleId, Roles};
use dossier_model::fault::{Fault, Label};
use dossier_model::id::Uid;
use dossier_model::kind::Kinds;
use dossier_model::time::Micros;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000_000;
/// When everything is asked.
const T0: Micros = Micros(1_700_000_000_000_000);

const ASKER: Uid = id(1);
const MANAGER: Uid = id(2);
/// Two CDAs of the asker's department, one of them in another team.
const CDA: Uid = id(3);
const CDA_FAR: Uid = id(4);
const CDO: Uid = id(5);
const CDO_2: Uid = id(6);
const ISA: Uid = id(7);
/// Somebody without any part.
const OTHER: Uid = id(8);
const PROGRAM: Uid = id(20);

const fn id(number: u8) -> Uid {
    Uid([number; 16])
}

fn at(minutes: i64) -> Micros {
    T0.plus(minutes * MINUTE)
}

fn person(team: u32, role: Role, manager: Option<Uid>) -> Person {
    Person { roles: [RoleId::Fixed(role)].into(), team, manager, absence: None }
}

/// Teams 1 and 2 are of department 1, team 3 is of its own.
fn organisation() -> Organisation {
    let team = |number: u32, department| (number, Team { id: format!("tea_{number}"), department });
    Organisation {
        people: BTreeMap::from([
            (ASKER, person(1, Role::Cde, Some(MANAGER))),
            (MANAGER, person(1, Role::Cde, Some(CDO))),
            (CDA, person(1, Role::Cda, Some(CDO))),
            (CDA_FAR, person(2, Role::Cda, Some(CDO))),
            (CDO, person(3, Role::Cdo, None)),
            (CDO_2, person(3, Role::Cdo, None)),
            (ISA, person(3, Role::Isa, None)),
            (OTHER, person(2, Role::Cde, Some(MANAGER))),
        ]),
        programs: BTreeMap::from([(PROGRAM, ASKER)]),
        teams: BTreeMap::from([team(1, 1), team(2, 1), team(3, 3)]),
    }
}

fn roles() -> Roles {
    Roles::compile([], &[Kinds::customer(), Kinds::contact()]).unwrap()
}

fn role(role: Role, of: Where) -> Who {
    Who::Role { role: RoleId::Fixed(role), of }
}

fn people(all: &[Uid]) -> Who {
    Who::People(all.iter().copied().collect())
}

fn flow(steps: Vec<Step>) -> Flow {
    Flow {
        name: Label { zh: "示例流程".into(), en: "example flow".into() },
        enabled: true,
        when: Trigger { commands: [Command::Change].into(), ..Trigger::default() },
        steps,
        apart: Apart::Each,
        approve_within: 1000,
        execute_within: 100,
        bulk: true,
    }
}

fn facts() -> Facts<'static> {
    Facts { team: Some(Turn { from: 1, to: 1 }), ..Facts::of(Command::Change, Some(Kinds::customer())) }
}

/// The state that everything is asked on, of a request of that many flows.
fn binding(flows: u8) -> Binding {
    let bound = Bound {
        version: 1,
        fields: BTreeMap::from([(4, Some([9; 32]))]),
        scope: Some(Scope {
            stage: dossier_model::Stage::Lead,
            level: dossier_model::Level::L2,
            team: 1,
            owner: 1,
            frozen: false,
        }),
    };
    let flows = (1..=flows).map(|number| FlowId(id(100 + number))).collect();
    Binding { command: [7; 32], records: BTreeMap::from([(id(50), bound)]), flows }
}

fn ask_as(asker: Asker, flows: &[Flow], organisation: &Organisation) -> Result<Outcome, Fault> {
    let id_of = |number: usize| FlowId(id(101 + u8::try_from(number).unwrap()));
    let met: Vec<Met<'_>> =
        flows.iter().enumerate().map(|(n, flow)| Met { id: id_of(n), version: 1, flow }).collect();
    let asking = Asking { asker, facts: &facts(), met: &met, binding: binding(0), remark: Remark::default() };
    Request::ask(asking, T0, organisation, |_, _| 0)
}

/// A request of the asker for which these steps have to agree.
fn request(steps: Vec<Step>) -> Request {
    ask_as(Asker::Person(ASKER), &[flow(steps)], &organisation()).unwrap().request
}

impl Request {
    fn after(&self, event: Event, minutes: i64) -> Result<Request, &'static str> {
        self.after_in(event, minutes, &organisation())
    }

    fn after_in(
        &self,
        event: Event,
        minutes: i64,
        organisation: &Organisation,
    ) -> Result<Request, &'static str> {
        let outcome = self.apply(event, at(minutes), organisation).map_err(|fault| {
            assert_ne!(fault.code(), Fault::new("internal").code(), "{} has no entry", fault.key);
            fault.key
        });
        outcome.map(|outcome| outcome.request)
    }

    fn agreed_by(&self, by: Uid, minutes: i64) -> Result<Request, &'static str> {
        self.after(agree(self, by), minutes)
    }
}

fn agree(request: &Request, by: Uid) -> Event {
    let flows = u8::try_from(request.lanes.len()).unwrap();
    Event::Agree { by, now: binding(flows), bulk: false, remark: Remark::default() }
}

fn refuse(by: Uid) -> Event {
    Event::Refuse { by, remark: Remark::default() }
}

fn recall(by: Uid) -> Event {
    Event::Recall { by, remark: Remark::default() }
}

fn pass_on(by: Uid, to: Uid) -> Event {
    Event::PassOn { by, to, remark: Remark::default() }
}

fn add(by: Uid, person: Uid) -> Event {
    Event::Add { by, person, remark: Remark::default() }
}

fn comment(by: Uid) -> Event {
    Event::Comment { by, remark: Remark::default() }
}

fn away(organisation: &mut Organisation, person: Uid, stand_in: Uid, minutes: std::ops::Range<i64>) {
    let absence = Absence { from: at(minutes.start), until: at(minutes.end), stand_in };
    organisation.people.get_mut(&person).unwrap().absence = Some(absence);
}
