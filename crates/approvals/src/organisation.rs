//! Who there is at a moment, as far as approvals ask: handed in anew for each step, so that whoever has left, was
//! disabled or has lost a role decides nothing any more.

use dossier_access::RoleId;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The people, programs and teams of this moment.
#[derive(Clone, Default, Debug)]
pub struct Organisation {
    /// Those who may sign in. Whoever is not here can approve nothing.
    pub people: BTreeMap<Uid, Person>,
    /// Programs, each with the person responsible for it.
    pub programs: BTreeMap<Uid, Uid>,
    /// Teams by number.
    pub teams: BTreeMap<u32, Team>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their roles, with all that these take over (`Roles::held`).
    pub roles: BTreeSet<RoleId>,
    /// Their team.
    pub team: u32,
    /// Their line manager.
    pub manager: Option<Uid>,
    /// When they are away, and who decides for them then.
    pub absence: Option<Absence>,
}

/// A time in which somebody else decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Absence {
    /// From this moment on.
    pub from: Micros,
    /// Until before this one.
    pub until: Micros,
    /// Who decides. Their own absence leads no further.
    pub stand_in: Uid,
}

/// A team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its public id, as conditions name it.
    pub id: String,
    /// The team that is its department; its own number where it is one.
    pub department: u32,
}

impl Organisation {
    /// The department of a team; a team that is not known is one of its own.
    pub(crate) fn department(&self, team: u32) -> u32 {
        self.teams.get(&team).map_or(team, |team| team.department)
    }

    /// Who decides for somebody at a moment because they are away.
    pub(crate) fn stand_in(&self, person: Uid, at: Micros) -> Option<Uid> {
        let absence = self.people.get(&person)?.absence?;
        (absence.from <= at && at < absence.until).then_some(absence.stand_in)
    }
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asker {
    /// A person.
    Person(Uid),
    /// A program, and who answered for it when it asked.
    Program {
        /// The program.
        id: Uid,
        /// The person.
        responsible: Uid,
    },
}

impl Asker {
    /// The person who asks, or who answers for the program that does.
    pub fn person(&self) -> Uid {
        match self {
            Asker::Person(id) => *id,
            Asker::Program { responsible, .. } => *responsible,
        }
    }

    /// Whether this is the asker, or answers for it: as it was asked, or by now.
    pub(crate) fn is(&self, person: Uid, organisation: &Organisation) -> bool {
        match self {
            Asker::Person(id) => *id == person,
            Asker::Program { id, responsible } => {
                *id == person || *responsible == person || organisation.programs.get(id) == Some(&person)
            }
        }
    }

    /// Whether the asker is there, and for a program somebody who answers for it.
    pub(crate) fn is_there(&self, organisation: &Organisation) -> bool {
        let there = |person: &Uid| organisation.people.contains_key(person);
        match self {
            Asker::Person(id) => there(id),
            Asker::Program { id, .. } => organisation.programs.get(id).is_some_and(there),
        }
    }
}
