//! A flow as it is kept: when it applies, who has to agree, and how long things may take.

use crate::command::Command;
use crate::facts::{Facts, Turn};
use crate::step::Step;
use dossier_model::fault::Label;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_model::{Level, Stage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// The prefix of flows' ids.
const PREFIX: &str = "flow";

/// A flow's id (`flow_…`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlowId(pub Uid);

impl FlowId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<FlowId> {
        Uid::parse_typeid(PREFIX, text).map(FlowId)
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_typeid(PREFIX))
    }
}

impl Serialize for FlowId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FlowId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<FlowId, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        FlowId::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("no flow {text:?}")))
    }
}

/// A change of where a dossier stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Move {
    /// To another stage; from any or to any where none is said.
    Stage {
        /// From this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Stage>,
        /// To this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Stage>,
    },
    /// To another level; from any or to any where none is said.
    Level {
        /// From this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Level>,
        /// To this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Level>,
    },
    /// To another team.
    Team,
    /// To another person who answers for it.
    Owner,
}

impl Move {
    fn happens(self, facts: &Facts<'_>) -> bool {
        fn fits<T: PartialEq>(turn: Option<Turn<T>>, from: Option<T>, to: Option<T>) -> bool {
            turn.is_some_and(|turn| {
                let meant = |said: Option<T>, is: &T| said.is_none_or(|said| said == *is);
                turn.moves() && meant(from, &turn.from) && meant(to, &turn.to)
            })
        }
        match self {
            Move::Stage { from, to } => fits(facts.stage, from, to),
            Move::Level { from, to } => fits(facts.level, from, to),
            Move::Team => fits(facts.team, None, None),
            Move::Owner => fits(facts.owner, None, None),
        }
    }
}

/// When a flow applies: one of the commands, of the kind, one of the fields or moves where any are named, and the
/// condition.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The commands.
    pub commands: BTreeSet<Command>,
    /// The kind of the records; any where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindId>,
    /// Fields of that kind.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fields: BTreeSet<u16>,
    /// Moves of the dossier.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub moves: BTreeSet<Move>,
    /// A condition in CEL over the variables of [`crate::VARIABLES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl Trigger {
    /// Whether it fits, the condition apart.
    pub(crate) fn fits(&self, facts: &Facts<'_>) -> bool {
        let names_nothing = self.fields.is_empty() && self.moves.is_empty();
        self.commands.contains(&facts.command)
            && self.kind.is_none_or(|kind| facts.kind.is_some_and(|other| other.id == kind))
            && (names_nothing
                || !self.fields.is_disjoint(&facts.fields)
                || self.moves.iter().any(|one| one.happens(facts)))
    }

    /// How specific it is: by its condition, then by how few things it names (none is all), then by its kind.
    pub(crate) fn says(&self) -> (bool, usize, bool) {
        let named = self.fields.len() + self.moves.len();
        (self.condition.is_some(), if named == 0 { 0 } else { usize::MAX - named }, self.kind.is_some())
    }
}

/// Who of those that approve have to be different persons. A program counts as the person responsible for it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// Each from the asker and from each other, over all steps: the rule of two persons (双人双岗).
    #[default]
    Each,
    /// Each from the asker; the same person may approve at several steps.
    Asker,
    /// Nobody: for firms too small for two persons. The asker may approve alone, and each time is an alarm.
    Nobody,
}

/// A flow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// What people call it.
    pub name: Label,
    /// Whether it applies at all.
    pub enabled: bool,
    /// When it applies.
    pub when: Trigger,
    /// Who has to agree, one step after the other.
    pub steps: Vec<Step>,
    /// Who has to be different persons.
    #[serde(default)]
    pub apart: Apart,
    /// For how many minutes a request waits to be approved.
    pub approve_within: u32,
    /// For how many minutes after that it may be executed.
    pub execute_within: u32,
    /// Whether it may be approved together with others of its kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bulk: bool,
}
