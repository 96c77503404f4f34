//! What may wait for approval.

use serde::{Deserialize, Serialize};

macro_rules! commands {
    ($($(#[$doc:meta])* $member:ident = $name:literal,)+) => {
        /// Something that may wait for approval.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Command { $($(#[$doc])* #[serde(rename = $name)] $member,)+ }

        impl Command {
            /// All of them.
            pub const ALL: &'static [Command] = &[$(Command::$member,)+];

            /// The name as it stands in flows, conditions and answers.
            pub const fn name(self) -> &'static str {
                match self { $(Command::$member => $name,)+ }
            }
        }
    };
}

commands! {
    /// Enter a record.
    Create = "create",
    /// Change a record: its fields, its stage, its level, whose it is.
    Change = "change",
    /// Make one of two dossiers.
    Merge = "merge",
    /// Let nobody change a dossier.
    Freeze = "freeze",
    /// Let it be changed again.
    Unfreeze = "unfreeze",
    /// Close a dossier for good (注销).
    Deregister = "deregister",
    /// Erase a dossier or a person in it.
    Erase = "erase",
    /// Take in a file.
    Import = "import",
    /// Take records out in a file.
    Export = "export",
    /// Pass records on.
    Share = "share",
    /// Use data for a purpose and a time (数据使用申请).
    Use = "use",
    /// Give somebody a role.
    RoleGive = "role_give",
    /// Change what a role may do.
    RoleChange = "role_change",
    /// Change what waits for whose approval.
    FlowChange = "flow_change",
    /// Rotate, renew, restore or take out keys.
    KeyChange = "key_change",
    /// Look into a backup.
    BackupLook = "backup_look",
    /// Change where and how backups are made.
    BackupChange = "backup_change",
    /// Put records back from a backup.
    Restore = "restore",
}

impl Command {
    /// Never done without a flow that it meets, and never approved together with others.
    pub const fn is_grave(self) -> bool {
        use Command::*;
        matches!(self, FlowChange | KeyChange | BackupLook | BackupChange | Restore)
    }

    /// Whether it is about records of a kind.
    pub const fn has_kind(self) -> bool {
        use Command::*;
        !self.is_grave() && !matches!(self, RoleGive | RoleChange)
    }

    /// Whether it names fields of them.
    pub const fn has_fields(self) -> bool {
        use Command::*;
        matches!(self, Create | Change | Import | Export | Share | Use)
    }
}
