//! The built-in roles, and how a role is named.

use crate::action::{Action, Actions};
use crate::rules::{FieldRule, RoleRules, RowRule, TeamRule};
use dossier_model::Level;
use dossier_model::id::Uid;
use dossier_model::kind::{Group, Kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A built-in role. Its rules are part of the program; whoever wants others copies it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
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

    fn actions(self) -> Actions {
        use Action::*;
        Actions::of(match self {
            Role::Cdo => Action::ALL,
            // Who enters values may take one along; who only uses them looks at them here.
            Role::Cda => &[
                Create, Change, Read, Import, Export, Reveal, Copy, Detokenise, Find, History, ReadLedger,
                Supervise,
            ],
            Role::Cde => &[Create, Change, Read, Import, Reveal, Copy, Detokenise, Find, History],
            Role::Cdu => &[Read, Reveal, Detokenise, Find, History],
            Role::Isa => &[Read, History, ReadLedger],
            Role::Operator => &[Import, ReadLedger, ManageAccess, ManageKeys],
        })
    }

    /// The rules, over the fields that these kinds have now: a field that comes later is in no rule.
    pub fn rules<'k>(self, kinds: impl IntoIterator<Item = &'k Kind>) -> RoleRules {
        let (see_to, clear_to, open_to) = match self {
            Role::Cdo => (Level::L4, Level::L2, Some(Level::L4)),
            Role::Cda | Role::Cde => (Level::L4, Level::L2, Some(Level::L3)),
            Role::Cdu => (Level::L3, Level::L2, Some(Level::L3)),
            Role::Isa => (Level::L3, Level::L1, None),
            Role::Operator => (Level::L4, Level::L1, None),
        };
        let rows = match self {
            Role::Cdo | Role::Isa | Role::Operator => TeamRule::All,
            Role::Cda | Role::Cde | Role::Cdu => TeamRule::Own,
        };
        let rule = |group: Group| match (self, group) {
            (Role::Operator, _) => Some(FieldRule::Masked),
            // Sellers see contacts, not amounts that finance set.
            (Role::Cde, Group::Finance) => None,
            _ => Some(FieldRule::Clear),
        };
        let fields = kinds.into_iter().map(|kind| {
            let fields = kind.fields.iter().filter_map(|field| Some((field.number, rule(field.group)?)));
            (kind.id.0, fields.collect())
        });
        RoleRules {
            inherits: Vec::new(),
            actions: self.actions(),
            rows: RowRule::teams(rows),
            see_to,
            clear_to,
            open_to,
            fields: fields.collect(),
            masks: BTreeMap::new(),
            hours: None,
        }
    }
}

/// A role: a built-in one by its name, one of the installation's own by its id (`rol_…`), or what somebody was granted for
/// a time (`gra_…`), which is a role of theirs alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoleId {
    /// Built in.
    Fixed(Role),
    /// The installation's own.
    Own(Uid),
    /// A temporary grant. Nobody can be given it, and no role takes it over.
    Grant(Uid),
}

const PREFIX: &str = "rol";
const GRANT: &str = "gra";

impl RoleId {
    /// Reads a name of a built-in role or an id.
    pub fn parse(text: &str) -> Option<RoleId> {
        Role::parse(text)
            .map(RoleId::Fixed)
            .or_else(|| Uid::parse_typeid(PREFIX, text.trim()).map(RoleId::Own))
            .or_else(|| Uid::parse_typeid(GRANT, text.trim()).map(RoleId::Grant))
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RoleId::Fixed(role) => f.write_str(role.name()),
            RoleId::Own(id) => f.write_str(&id.to_typeid(PREFIX)),
            RoleId::Grant(id) => f.write_str(&id.to_typeid(GRANT)),
        }
    }
}

impl Serialize for RoleId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RoleId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RoleId, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        RoleId::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("no role {text:?}")))
    }
}
