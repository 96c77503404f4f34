//! A step of a flow: who is asked, how many of them have to agree, how long they have, and who is asked after that.

use crate::organisation::{Asker, Organisation};
use dossier_access::RoleId;
use dossier_model::id::Uid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where people of a role are looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// In the asker's team.
    AskersTeam,
    /// In the asker's department.
    AskersDepartment,
    /// In the dossier's team.
    DossiersTeam,
    /// In the dossier's department.
    DossiersDepartment,
    /// Anywhere.
    Anywhere,
}

/// Who is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Who {
    /// The asker's line manager; of a program, that of the person responsible for it.
    Manager,
    /// Whoever has a role.
    Role {
        /// The role.
        role: RoleId,
        /// Where.
        of: Where,
    },
    /// These people.
    People(BTreeSet<Uid>),
}

impl Who {
    /// The people that it means at this moment, for a request of somebody about a dossier of a team.
    pub(crate) fn people(
        &self,
        organisation: &Organisation,
        asker: &Asker,
        team: Option<u32>,
    ) -> BTreeSet<Uid> {
        let there = |person: &Uid| organisation.people.contains_key(person);
        let asking = organisation.people.get(&asker.person());
        match self {
            Who::Manager => asking.and_then(|person| person.manager).filter(there).into_iter().collect(),
            Who::People(people) => people.iter().copied().filter(there).collect(),
            Who::Role { role, of } => {
                let department = |team| organisation.department(team);
                let near = |other: u32| match of {
                    Where::Anywhere => true,
                    Where::AskersTeam => asking.is_some_and(|asking| asking.team == other),
                    Where::DossiersTeam => team == Some(other),
                    Where::AskersDepartment => {
                        asking.is_some_and(|asking| department(asking.team) == department(other))
                    }
                    Where::DossiersDepartment => {
                        team.is_some_and(|team| department(team) == department(other))
                    }
                };
                let all = organisation.people.iter();
                all.filter(|(_, person)| person.roles.contains(role) && near(person.team))
                    .map(|(id, _)| *id)
                    .collect()
            }
        }
    }
}

/// How many have to agree. One who refuses ends the request, whatever the quorum.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// One of them.
    #[default]
    Any,
    /// As many as were there to be asked when the step began.
    All,
    /// This many.
    AtLeast(u16),
}

/// A step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who is asked.
    pub who: Who,
    /// How many have to agree.
    #[serde(default)]
    pub quorum: Quorum,
    /// Asked in so many of a hundred requests only, by a draw when the request is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<u8>,
    /// How many minutes they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many minutes before that they are reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<u32>,
    /// Who is asked as well once the time is over, one after the other, each with the same time again. After the last
    /// one the request ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Who>,
    /// Whether they have to decide themselves: nothing is handed over (转交), and nobody stands in for who is away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_person: bool,
}

impl Step {
    /// A step without limits: one of these people.
    pub fn of(who: Who) -> Step {
        Step {
            who,
            quorum: Quorum::Any,
            spot: None,
            limit: None,
            remind: None,
            then: Vec::new(),
            in_person: false,
        }
    }

    /// Who is asked first, and who after them.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Who> {
        std::iter::once(&self.who).chain(&self.then)
    }

    /// Whether a request with this draw (evenly spread over all of `u32`) goes through the step.
    pub(crate) fn is_drawn(&self, draw: u32) -> bool {
        self.spot.is_none_or(|percent| (u64::from(draw) * 100) >> 32 < u64::from(percent))
    }
}
