//! One flow of a request: the step it is at, who is asked there now, and who has agreed.

use crate::able;
use crate::choice::Met;
use crate::flow::{Apart, FlowId};
use crate::organisation::{Asker, Organisation};
use crate::request::MINUTE;
use crate::step::{Quorum, Step, Who};
use dossier_model::fault::{Fault, Label};
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a decision is made in: the organisation of a moment, and whose request about whose dossier it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'s> {
    pub organisation: &'s Organisation,
    pub asker: &'s Asker,
    pub team: Option<u32>,
    pub at: Micros,
}

impl Scene<'_> {
    pub(crate) fn people(&self, who: &Who) -> BTreeSet<Uid> {
        who.people(self.organisation, self.asker, self.team)
    }
}

/// A flow of a request, with its steps as they were when it was asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// The flow.
    pub flow: FlowId,
    /// Its version.
    pub version: u32,
    /// What people call it.
    pub name: Label,
    /// Who has to be different persons.
    pub apart: Apart,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The draw of each step that is a spot check.
    pub draws: Vec<Option<u32>>,
    /// The step it waits at; none once all are through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Now>,
    /// Who has agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<Agreement>,
}

/// The step that a flow waits at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Now {
    /// Its place among the steps.
    pub step: usize,
    /// Since when.
    pub since: Micros,
    /// How many of those who are asked have to agree.
    pub need: usize,
    /// Who has handed over to somebody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<Uid>,
    /// Who is asked beside those whom the step names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Extra>,
}

/// Somebody who is asked beside those whom a step names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// Who.
    pub person: Uid,
    /// Whether this very person has to agree, beyond the quorum (加签); else they were handed somebody's place (转交).
    pub must: bool,
}

/// That somebody agreed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// At which step.
    pub step: usize,
    /// Who.
    pub by: Uid,
    /// Who was asked: the same, or whoever it was a stand-in for.
    pub seat: Uid,
}

impl Lane {
    pub(crate) fn new(met: &Met<'_>, mut draw: impl FnMut(usize) -> u32) -> Lane {
        let steps = met.flow.steps.clone();
        let draws = steps.iter().enumerate().map(|(place, step)| step.spot.map(|_| draw(place))).collect();
        Lane {
            flow: met.id,
            version: met.version,
            name: met.flow.name.clone(),
            apart: met.flow.apart,
            steps,
            draws,
            now: None,
            agreed: Vec::new(),
        }
    }

    /// Whether every step is through.
    pub fn is_done(&self) -> bool {
        self.now.is_none()
    }

    /// The step it waits at.
    pub fn step(&self) -> Option<(&Now, &Step)> {
        let now = self.now.as_ref()?;
        Some((now, self.steps.get(now.step)?))
    }

    /// The steps that a request goes through: all but the spot checks that were not drawn.
    pub(crate) fn drawn(&self) -> impl Iterator<Item = (usize, &Step)> {
        let draw = |place: usize| self.draws.get(place).copied().flatten();
        let is_drawn =
            move |(place, step): &(usize, &Step)| draw(*place).is_none_or(|draw| step.is_drawn(draw));
        self.steps.iter().enumerate().filter(is_drawn)
    }

    /// That each step can be satisfied by those who are there.
    pub(crate) fn check_possible(&self, scene: &Scene<'_>) -> Result<(), Fault> {
        let steps: Vec<_> = self
            .drawn()
            .map(|(place, step)| {
                let mut people: BTreeSet<Uid> = step.groups().flat_map(|who| scene.people(who)).collect();
                people.retain(|person| !self.is_barred(*person, scene));
                (place, able::least(step), people)
            })
            .collect();
        able::possible(&steps, self.apart == Apart::Each).map_err(|place| {
            Fault::new("approval_nobody")
                .with("flow_zh", self.name.zh.clone())
                .with("flow_en", self.name.en.clone())
                .with("step", (place + 1).to_string())
        })
    }

    /// Goes on to the next step that is drawn.
    pub(crate) fn advance(&mut self, scene: &Scene<'_>) {
        let before = self.now.as_ref().map(|now| now.step);
        let next = self.drawn().find(|(place, _)| before.is_none_or(|before| *place > before));
        self.now = next.map(|(place, step)| {
            let free =
                scene.people(&step.who).into_iter().filter(|person| self.is_free(*person, place, scene));
            let need = match step.quorum {
                Quorum::Any => 1,
                Quorum::AtLeast(many) => usize::from(many),
                Quorum::All => free.count().max(1),
            };
            Now { step: place, since: scene.at, need, gone: BTreeSet::new(), extra: Vec::new() }
        });
    }

    /// Whether somebody can never decide here: the asker, and whoever is not there.
    fn is_barred(&self, person: Uid, scene: &Scene<'_>) -> bool {
        !scene.organisation.people.contains_key(&person)
            || (self.apart != Apart::Nobody && scene.asker.is(person, scene.organisation))
    }

    /// Whether somebody's agreement, or one in their place, has counted already where it counts once.
    pub(crate) fn has_agreed(&self, person: Uid, step: usize) -> bool {
        let here = |agreed: &Agreement| self.apart == Apart::Each || agreed.step == step;
        self.agreed.iter().any(|agreed| here(agreed) && (agreed.by == person || agreed.seat == person))
    }

    pub(crate) fn is_free(&self, person: Uid, step: usize, scene: &Scene<'_>) -> bool {
        !self.is_barred(person, scene) && !self.has_agreed(person, step)
    }

    /// Who may decide now. Those whom a step asks after its time are among them once that is over, or at once while
    /// there are too few others.
    pub(crate) fn asked(&self, scene: &Scene<'_>) -> BTreeSet<Uid> {
        let Some((now, step)) = self.step() else { return BTreeSet::new() };
        let extra = now.extra.iter().map(|extra| extra.person);
        let mut asked: BTreeSet<Uid> =
            extra.filter(|person| self.is_free(*person, now.step, scene)).collect();
        let agreed = self.agreements(now).count();
        for (level, who) in step.groups().enumerate() {
            if level > self.levels(scene.at) && asked.len() + agreed >= now.wanted() {
                break;
            }
            let named = scene.people(who).into_iter();
            asked.extend(named.filter(|one| !now.gone.contains(one) && self.is_free(*one, now.step, scene)));
        }
        asked
    }

    /// How many of the groups after the first are asked by now.
    pub(crate) fn levels(&self, at: Micros) -> usize {
        let Some((now, step)) = self.step() else { return 0 };
        let Some(limit) = step.limit else { return 0 };
        let waited = at.0.saturating_sub(now.since.0).max(0) / (i64::from(limit) * MINUTE).max(1);
        usize::try_from(waited).unwrap_or(usize::MAX).min(step.then.len())
    }

    /// The place in which somebody may decide now: their own, or that of somebody for whom they stand in.
    pub(crate) fn seat(&self, by: Uid, scene: &Scene<'_>) -> Option<Uid> {
        let asked = self.asked(scene);
        if asked.contains(&by) {
            return Some(by);
        }
        asked.into_iter().find(|seat| self.stand_in(*seat, scene) == Some(by))
    }

    /// Who may decide now, those among them who stand in for somebody.
    pub(crate) fn deciders(&self, scene: &Scene<'_>) -> BTreeSet<Uid> {
        let asked = self.asked(scene);
        let stand_ins: Vec<Uid> = asked.iter().filter_map(|seat| self.stand_in(*seat, scene)).collect();
        asked.into_iter().chain(stand_ins).collect()
    }

    /// Who decides for somebody who is away, where the step allows that and it is somebody who may.
    fn stand_in(&self, seat: Uid, scene: &Scene<'_>) -> Option<Uid> {
        let (now, _) = self.step().filter(|(_, step)| !step.in_person)?;
        let stand_in = scene.organisation.stand_in(seat, scene.at)?;
        self.is_free(stand_in, now.step, scene).then_some(stand_in)
    }

    fn agreements(&self, now: &Now) -> impl Iterator<Item = &Agreement> {
        let step = now.step;
        self.agreed.iter().filter(move |agreed| agreed.step == step)
    }

    /// Takes an agreement, and goes on where it was the last one that was missing.
    pub(crate) fn agree(&mut self, by: Uid, seat: Uid, scene: &Scene<'_>) {
        let Some(step) = self.now.as_ref().map(|now| now.step) else { return };
        self.agreed.push(Agreement { step, by, seat });
        let enough = self.now.as_ref().is_some_and(|now| {
            let seats: BTreeSet<Uid> = self.agreements(now).map(|agreed| agreed.seat).collect();
            let must = now.extra.iter().filter(|extra| extra.must);
            self.agreements(now).count() >= now.wanted()
                && must.map(|extra| extra.person).all(|person| seats.contains(&person))
        });
        if enough {
            self.advance(scene);
        }
    }
}

impl Now {
    /// How many agreements the step wants, with those of the people who were added.
    fn wanted(&self) -> usize {
        self.need + self.extra.iter().filter(|extra| extra.must).count()
    }
}
