//! The commands that can be parked, as they were asked for.

use crate::admin::{FlowWork, RoleWork, TeamChange, UserChange};
use crate::command::Change;
use crate::grant::Application;
use serde::{Deserialize, Serialize};

/// A command as it was asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// A change of a record.
    Change(Change),
    /// A right that is applied for.
    Apply(Box<Application>),
    /// The erasure of a dossier, by id.
    Erase(String),
    /// A rotation of the tenant key, with the bucket keys or without them.
    Rotate(bool),
    /// A new person: the link is made once they are there.
    UserAdd {
        /// The name.
        name: String,
        /// Names or ids of roles.
        roles: Vec<String>,
        /// Name or id of the team.
        team: Option<String>,
    },
    /// Something about the flows themselves.
    Flow(Box<FlowWork>),
    /// Something about roles.
    Role(Box<RoleWork>),
    /// The undoing of an import, by id.
    ImportUndo(String),
    /// Somebody who was disabled is let in again, by id.
    Enable(String),
    /// Another place in the tree or another line manager for a team, by id.
    Team(String, TeamChange),
    /// Other roles or another team for a person, by id.
    User(String, UserChange),
    /// What somebody who left answered for is taken over, by the id of the hand-over.
    TakeOver(String),
}
