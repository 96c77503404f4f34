//! What a command is about, as far as flows ask for it. No value of a sealed field is among it.

use crate::command::Command;
use dossier_model::kind::Kind;
use dossier_model::{Level, Stage};
use std::collections::BTreeSet;

/// What something is and what it is to be; twice the same where it stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn<T> {
    /// As it is.
    pub from: T,
    /// As it is to be.
    pub to: T,
}

impl<T: PartialEq> Turn<T> {
    /// Whether it changes.
    pub fn moves(&self) -> bool {
        self.from != self.to
    }
}

/// What a command is about.
#[derive(Clone, Debug)]
pub struct Facts<'k> {
    /// The command.
    pub command: Command,
    /// The kind of the records, where it is about records of one.
    pub kind: Option<&'k Kind>,
    /// The fields that it writes, or takes out.
    pub fields: BTreeSet<u16>,
    /// The dossier's stage.
    pub stage: Option<Turn<Stage>>,
    /// The dossier's level.
    pub level: Option<Turn<Level>>,
    /// The dossier's team.
    pub team: Option<Turn<u32>>,
    /// The person who answers for the dossier.
    pub owner: Option<Turn<u32>>,
    /// The highest level among the dossiers and values that are concerned.
    pub highest: Level,
    /// How many records are concerned.
    pub count: u64,
    /// The dossier's band of value; 0 where it has none.
    pub band: u32,
}

impl<'k> Facts<'k> {
    /// A command about one thing that nothing else is said of.
    pub fn of(command: Command, kind: Option<&'k Kind>) -> Facts<'k> {
        Facts {
            command,
            kind,
            fields: BTreeSet::new(),
            stage: None,
            level: None,
            team: None,
            owner: None,
            highest: Level::L1,
            count: 1,
            band: 0,
        }
    }
}
