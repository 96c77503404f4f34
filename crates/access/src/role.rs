//! The five fixed roles and what each of them may see and do.

use crate::view::{Action, Form};
use dossier_model::Level;
use dossier_model::kind::Group;
use serde::{Deserialize, Serialize};

/// A fixed role. Each person and each program has exactly one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// Head of the business unit: answers for its customers, highest approval.
    Cdo,
    /// Customer data administrator of a department: inspects and mends.
    Cda,
    /// Front-line seller or channel manager: enters.
    Cde,
    /// Delivery, finance, legal and others: uses.
    Cdu,
    /// Information security audit: reads the ledger, sees no personal values.
    Isa,
    /// The operating system's account on the command line: starts an installation, imports, verifies, rotates; reads
    /// no record and reveals nothing. Nobody can be given this role.
    Operator,
}

impl Role {
    /// Every role that can be given, in the order in which they are documented.
    pub const ALL: [Role; 5] = [Role::Cdo, Role::Cda, Role::Cde, Role::Cdu, Role::Isa];

    /// The name as it is written in commands and answers.
    pub fn name(self) -> &'static str {
        match self {
            Role::Cdo => "CDO",
            Role::Cda => "CDA",
            Role::Cde => "CDE",
            Role::Cdu => "CDU",
            Role::Isa => "ISA",
            Role::Operator => "OPERATOR",
        }
    }

    /// Reads a role's name in any case.
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text.trim()))
    }

    /// Whether the role works on every row, or only on those of its own team.
    pub(crate) fn sees_all_rows(self) -> bool {
        matches!(self, Role::Cdo | Role::Isa | Role::Operator)
    }

    /// What the role may do at all.
    pub fn actions(self) -> &'static [Action] {
        use Action::*;
        match self {
            Role::Cdo => &[
                Create,
                Change,
                Delete,
                Read,
                Import,
                Export,
                Print,
                Share,
                Reveal,
                Copy,
                Find,
                History,
                ReadLedger,
                ManageAccess,
                ManageKeys,
            ],
            // Who enters values may take one along; who only uses them looks at them here.
            Role::Cda => &[Create, Change, Read, Import, Export, Reveal, Copy, Find, History, ReadLedger],
            Role::Cde => &[Create, Change, Read, Import, Reveal, Copy, Find, History],
            Role::Cdu => &[Read, Reveal, Find, History],
            Role::Isa => &[Read, History, ReadLedger],
            Role::Operator => &[Import, ReadLedger, ManageAccess, ManageKeys],
        }
    }

    /// The form in which the role sees a field of this group that is sealed at this level.
    pub(crate) fn form(self, group: Group, level: Level) -> Form {
        match (self, group, level) {
            (Role::Operator, _, _) => Form::Masked,
            // Sellers see contacts, not amounts that finance set.
            (Role::Cde, Group::Finance, _) => Form::Hidden,
            (Role::Cdu, _, Level::L4) | (Role::Isa, _, Level::L4) => Form::Hidden,
            (Role::Isa, _, Level::L2) => Form::Masked,
            (_, _, Level::L1 | Level::L2) => Form::Clear,
            (_, _, Level::L3 | Level::L4) => Form::Masked,
        }
    }

    /// Whether the role may open a masked value of this level by naming a purpose.
    pub(crate) fn reveals(self, group: Group, level: Level) -> bool {
        self.form(group, level) == Form::Masked
            && match self {
                Role::Cdo => true,
                Role::Cda | Role::Cde | Role::Cdu => level <= Level::L3,
                Role::Isa | Role::Operator => false,
            }
    }
}
