//! What a principal may or may not do, and sets of that.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

macro_rules! actions {
    ($($(#[$doc:meta])* $member:ident = $name:literal,)+) => {
        /// Something that a principal may or may not do. The eight function rights, and those that concern the guard itself.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Action { $($(#[$doc])* $member,)+ }

        impl Action {
            /// All of them, in the order of their bits.
            pub const ALL: &'static [Action] = &[$(Action::$member,)+];

            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name as it stands in answers.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$member => $name,)+ }
            }
        }
    };
}

actions! {
    /// Enter a new record.
    Create = "create",
    /// Change a record.
    Change = "change",
    /// Erase a dossier.
    Delete = "delete",
    /// List and open records, each field in its form.
    Read = "read",
    /// Take in a file of records.
    Import = "import",
    /// Take records out in a file.
    Export = "export",
    /// Print records.
    Print = "print",
    /// Pass records on.
    Share = "share",
    /// Open a masked value with a purpose.
    Reveal = "reveal",
    /// Take an opened value along, to the clipboard.
    Copy = "copy",
    /// Look up by phone, document or tax number.
    Find = "find",
    /// See earlier versions and who entered what.
    History = "history",
    /// Read the ledger.
    ReadLedger = "read_ledger",
    /// Add people, programs and teams.
    ManageAccess = "manage_access",
    /// Rotate keys and see their state.
    ManageKeys = "manage_keys",
    /// Look after the rights of one's department: see who has what, take it away, record trainings.
    Supervise = "supervise",
    /// Lead a token back to the value that it stands for.
    Detokenise = "detokenise",
}

impl Action {
    /// The action of this name.
    pub fn parse(name: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// A set of actions; as text a list of their names.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Actions(u32);

impl Actions {
    /// No action.
    pub const NONE: Actions = Actions(0);

    /// These actions.
    pub fn of(actions: &[Action]) -> Actions {
        actions.iter().copied().collect()
    }

    /// Whether an action is among them.
    pub const fn has(self, action: Action) -> bool {
        self.0 & (1 << action as u32) != 0
    }

    /// Those of both sets.
    pub const fn and(self, other: Actions) -> Actions {
        Actions(self.0 | other.0)
    }

    /// Those that are in this set and in that one.
    pub const fn within(self, other: Actions) -> Actions {
        Actions(self.0 & other.0)
    }

    /// Each of them, in their order.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| self.has(*action))
    }
}

impl FromIterator<Action> for Actions {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Actions {
        Actions(actions.into_iter().fold(0, |all, action| all | 1 << action as u32))
    }
}

impl Serialize for Actions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Action::name))
    }
}

impl<'de> Deserialize<'de> for Actions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Actions, D::Error> {
        let names = Vec::<Cow<'de, str>>::deserialize(from)?;
        names
            .iter()
            .map(|name| Action::parse(name).ok_or_else(|| D::Error::custom(format!("no action {name:?}"))))
            .collect()
    }
}
