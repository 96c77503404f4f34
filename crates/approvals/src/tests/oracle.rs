//! The rules once more, told from the decisions alone: whether those who agreed, in the order in which they did, are
//! enough for a flow. It knows nothing of requests, lanes or states, and searches instead of keeping count.

use super::*;
use std::collections::BTreeSet;

/// That somebody agreed, and the organisation it was in.
pub(super) struct Decision<'o> {
    pub by: Uid,
    pub at: Micros,
    pub organisation: &'o Organisation,
}

/// What the decisions are looked at for.
pub(super) struct Case<'c> {
    pub flow: &'c Flow,
    /// Which steps it goes through.
    pub drawn: Vec<bool>,
    pub asker: Asker,
    pub team: Option<u32>,
    /// Where it was asked in.
    pub begun: &'c Organisation,
    pub decisions: &'c [Decision<'c>],
    /// Those to whom something was handed over, or who were added: they may stand for anybody who was asked.
    pub handed: &'c BTreeSet<Uid>,
}

/// Somebody with whom an agreement is used up: who gave it, and for whom.
type Used = BTreeSet<Uid>;

impl Case<'_> {
    /// Whether these decisions satisfy the flow.
    pub fn is_satisfied(&self) -> bool {
        self.from(0, 0, self.begun, &Used::new())
    }

    /// Whether the decisions from `next` on satisfy the steps from `step` on, which began in `begun`.
    fn from(&self, step: usize, next: usize, begun: &Organisation, used: &Used) -> bool {
        let Some(one) = self.flow.steps.get(step) else { return true };
        if !self.drawn[step] {
            return self.from(step + 1, next, begun, used);
        }
        let before = if self.flow.apart == Apart::Each { used.clone() } else { Used::new() };
        let need = match one.quorum {
            Quorum::Any => 1,
            Quorum::AtLeast(many) => usize::from(many),
            Quorum::All => {
                let named = self.named(&one.who, begun);
                let could =
                    named.iter().filter(|person| self.may(**person, begun) && !before.contains(person));
                could.count().max(1)
            }
        };
        self.more(step, need, next, begun, &before)
    }

    /// Whether so many more agree to a step, with the decisions from `next` on, and the later steps are satisfied.
    fn more(&self, step: usize, need: usize, next: usize, begun: &Organisation, used: &Used) -> bool {
        if need == 0 {
            return self.from(step + 1, next, begun, used);
        }
        let Some(decision) = self.decisions.get(next) else { return false };
        // Not one of this step,
        if self.more(step, need, next + 1, begun, used) {
            return true;
        }
        // or one, for oneself or for somebody who is away.
        let one = &self.flow.steps[step];
        let organisation = decision.organisation;
        let named: BTreeSet<Uid> = self.flow.steps[step]
            .groups()
            .flat_map(|who| self.named(who, organisation))
            .chain(self.handed.iter().copied())
            .collect();
        let for_whom = named.into_iter().filter(|person| {
            let away = organisation.people.get(person).and_then(|person| person.absence);
            let stands_in = away.is_some_and(|away| {
                !one.in_person
                    && away.stand_in == decision.by
                    && away.from <= decision.at
                    && decision.at < away.until
            });
            *person == decision.by || stands_in
        });
        for_whom.into_iter().any(|person| {
            let fresh =
                [person, decision.by].iter().all(|one| self.may(*one, organisation) && !used.contains(one));
            let with = used.iter().copied().chain([person, decision.by]).collect();
            let then = if need == 1 { decision.organisation } else { begun };
            fresh && self.more(step, need - 1, next + 1, then, &with)
        })
    }

    fn may(&self, person: Uid, organisation: &Organisation) -> bool {
        let asks = match self.asker {
            Asker::Person(asker) => asker == person,
            Asker::Program { id, responsible } => {
                responsible == person || organisation.programs.get(&id) == Some(&person)
            }
        };
        organisation.people.contains_key(&person) && (self.flow.apart == Apart::Nobody || !asks)
    }

    fn named(&self, who: &Who, organisation: &Organisation) -> Vec<Uid> {
        let asking = organisation.people.get(&self.asker.person());
        let of = |team: u32| organisation.teams.get(&team).map_or(team, |team| team.department);
        let all = organisation.people.iter().filter(|(id, person)| match who {
            Who::Manager => asking.is_some_and(|asking| asking.manager == Some(**id)),
            Who::People(people) => people.contains(id),
            Who::Role { role, of: place } => {
                person.roles.contains(role)
                    && match place {
                        Where::Anywhere => true,
                        Where::AskersTeam => asking.is_some_and(|asking| asking.team == person.team),
                        Where::DossiersTeam => self.team == Some(person.team),
                        Where::AskersDepartment => {
                            asking.is_some_and(|asking| of(asking.team) == of(person.team))
                        }
                        Where::DossiersDepartment => {
                            self.team.is_some_and(|team| of(team) == of(person.team))
                        }
                    }
            }
        });
        all.map(|(id, _)| *id).collect()
    }
}

#[test]
fn the_oracle_itself_refuses_too_few_the_asker_and_the_same_person_twice() {
    let organisation = organisation();
    let handed = BTreeSet::new();
    let satisfied = |flow: &Flow, by: &[Uid]| {
        let decisions: Vec<_> =
            by.iter().map(|by| Decision { by: *by, at: T0, organisation: &organisation }).collect();
        let case = Case {
            flow,
            drawn: vec![true; flow.steps.len()],
            asker: Asker::Person(ASKER),
            team: Some(1),
            begun: &organisation,
            decisions: &decisions,
            handed: &handed,
        };
        case.is_satisfied()
    };
    let cdos = || Step { quorum: Quorum::All, ..Step::of(role(Role::Cdo, Where::Anywhere)) };
    let two = flow(vec![Step::of(people(&[MANAGER, ASKER, CDO])), cdos()]);
    assert!(satisfied(&two, &[MANAGER, CDO, CDO_2]));
    assert!(satisfied(&two, &[CDO, CDO_2]), "one CDO is left for the second step");
    assert!(!satisfied(&two, &[MANAGER, CDO]));
    assert!(!satisfied(&two, &[CDO, CDO_2, MANAGER][2..]));
    assert!(!satisfied(&two, &[CDO_2, CDO]), "not in this order");
    assert!(!satisfied(&two, &[ASKER, CDO, CDO_2][..1]));
    assert!(!satisfied(&two, &[CDO, CDO]));
    let loose = Flow { apart: Apart::Asker, ..two };
    assert!(satisfied(&loose, &[CDO, CDO, CDO_2]) && !satisfied(&loose, &[CDO, CDO_2]));
}
