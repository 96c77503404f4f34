//! What an approval is bound to: the parked command, and the state of what it is about as it was when it was asked for.

use crate::flow::FlowId;
use dossier_model::id::Uid;
use dossier_model::{Level, Stage};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The commitment of a value, or the hash of a row or command.
pub type Hash = [u8; 32];

/// The command, and the state it was asked on.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The hash of the parked command.
    pub command: Hash,
    /// The records it is about. One without fields of its own (a role, a flow) is bound by the hash of its row as
    /// field 0.
    pub records: BTreeMap<Uid, Bound>,
    /// The flows that it met. They are looked for again, so that whatever a condition reads is bound as well.
    pub flows: BTreeSet<FlowId>,
}

/// What is bound of a record.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The version that it was asked on. What else has changed since is shown to those who decide, and moves nothing.
    pub version: u32,
    /// The commitments of the fields that are written; none for one that had no value.
    pub fields: BTreeMap<u16, Option<Hash>>,
    /// Where its dossier stands, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// Where a dossier stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its stage.
    pub stage: Stage,
    /// Its level.
    pub level: Level,
    /// Whose it is.
    pub team: u32,
    /// Who answers for it.
    pub owner: u32,
    /// Whether it may not be changed.
    pub frozen: bool,
}

/// Something bound that has moved on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The parked command is another one.
    Command,
    /// Other flows are met.
    Flows,
    /// A record is not there any more, or one has come.
    Record(Uid),
    /// A field of a record.
    Field(Uid, u16),
    /// The stage of a record's dossier.
    Stage(Uid),
    /// Its level.
    Level(Uid),
    /// Its team or the person who answers for it.
    Owner(Uid),
    /// It was frozen or unfrozen.
    Frozen(Uid),
}

impl Binding {
    /// What is different by now.
    pub fn moved(&self, now: &Binding) -> Vec<Moved> {
        let mut moved = Vec::new();
        if self.command != now.command {
            moved.push(Moved::Command);
        }
        if self.flows != now.flows {
            moved.push(Moved::Flows);
        }
        let both: BTreeSet<&Uid> = self.records.keys().chain(now.records.keys()).collect();
        for id in both {
            match (self.records.get(id), now.records.get(id)) {
                (Some(before), Some(now)) => before.moved(*id, now, &mut moved),
                _ => moved.push(Moved::Record(*id)),
            }
        }
        moved
    }
}

impl Bound {
    fn moved(&self, id: Uid, now: &Bound, moved: &mut Vec<Moved>) {
        let both: BTreeSet<&u16> = self.fields.keys().chain(now.fields.keys()).collect();
        let differs = |number: &&&u16| self.fields.get(number) != now.fields.get(number);
        moved.extend(both.iter().filter(differs).map(|number| Moved::Field(id, **number)));
        match (&self.scope, &now.scope) {
            (Some(before), Some(now)) => {
                let parts = [
                    (before.stage == now.stage, Moved::Stage(id)),
                    (before.level == now.level, Moved::Level(id)),
                    ((before.team, before.owner) == (now.team, now.owner), Moved::Owner(id)),
                    (before.frozen == now.frozen, Moved::Frozen(id)),
                ];
                moved.extend(parts.into_iter().filter(|(same, _)| !same).map(|(_, part)| part));
            }
            (None, None) => {}
            _ => moved.push(Moved::Record(id)),
        }
    }
}
