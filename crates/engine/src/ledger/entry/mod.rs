//! Leaves of the two logs: what they say. Their bytes (`docs/formats.md`) are written and read by the two files below.

mod decode;
mod encode;
#[cfg(test)]
mod fuzz_tests;

use dossier_model::fault::Fault;
use dossier_model::id::Uid;

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $text:literal;)*) => {
        /// What was done. The numbers are bytes on disk and are never used again for something else.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Deed { $($(#[doc = $doc])* $name = $code,)* }

        impl Deed {
            /// Commands are recorded in the change log, everything else in the access log.
            pub(crate) fn is_command(self) -> bool {
                use Deed::*;
                !matches!(
                    self,
                    List | View | Reveal | Copy | Detokenise | Search | History | ReadLedger | Export | Count | ReadAccess | ReadKeys | Looks | Verify
                        | ImportLook | Quality | SearchRebuild | OwnSession | OwnLook | Watermark | ReadSetUp | ApprovalLook | GrantLook
                        | OauthIntrospect | Explain | ExplainWho | HandOverLook
                )
            }

            /// What a person may do who has to take up a second factor first, or another password.
            pub(crate) fn is_before_all(self) -> bool {
                use Deed::*;
                matches!(self, SignIn | SignOut | OwnSession | PasswordChange | TotpChange | PasskeyAdd | ProofGive)
            }

            /// What wants a fresh proof of who asks (`people/proof.rs`): whoever joins stands here and nowhere else.
            pub(crate) fn needs_proof(self) -> bool {
                use Deed::*;
                matches!(
                    self,
                    PasskeyAdd | PasskeyRemove | UserAdd | UserChange | UserLeave | GroupChange | SetUpLink | ClientAdd | RoleAdd | RoleChange | RoleRemove | TeamChange | FlowChange
                        | KeyRotate | KeyRecovery | OauthAuthorize
                )
            }

            /// What a program may do for a person who lets it: nothing about people, rights, keys or the person's own account,
            /// and nothing that is decided in person.
            pub(crate) fn is_for_programs_of_people(self) -> bool {
                use Deed::*;
                matches!(
                    self,
                    List | View | Reveal | Copy | Detokenise | Search | History | ReadLedger | Count | Looks | Quality | Create | Change | Erase
                )
            }

            pub(crate) fn name_of(code: u8) -> &'static str {
                match code { $($code => $text,)* _ => "unknown" }
            }

            pub(crate) fn of_name(name: &str) -> Option<u8> {
                match name { $($text => Some($code),)* _ => None }
            }
        }

        /// What an entry may say was done.
        pub const ACTIONS: &[&str] = &[$($text),*];
    };
}

actions! {
    SignIn = 1, "sign_in";
    List = 2, "list";
    View = 3, "view";
    Reveal = 4, "reveal";
    Search = 5, "search";
    History = 6, "history";
    ReadLedger = 7, "read_ledger";
    Export = 8, "export";
    Create = 9, "create";
    Change = 10, "change";
    Erase = 11, "erase";
    Import = 12, "import";
    UserAdd = 13, "user_add";
    ClientAdd = 14, "client_add";
    TeamAdd = 15, "team_add";
    KeyRotate = 16, "key_rotate";
    KeyRenew = 17, "key_renew";
    AccessCheckpoint = 18, "access_checkpoint";
    ClientDisable = 19, "client_disable";
    Count = 21, "count";
    ReadAccess = 22, "read_access";
    ReadKeys = 23, "read_keys";
    Looks = 24, "looks";
    Verify = 25, "verify";
    Quality = 26, "quality";
    Copy = 27, "copy";
    Detokenise = 28, "detokenise";
    ImportUpload = 30, "import_upload";
    ImportChange = 31, "import_change";
    ImportUndo = 32, "import_undo";
    ImportLook = 33, "import_look";
    SearchRebuild = 40, "search_rebuild";
    SignOut = 50, "sign_out";
    SessionEnd = 51, "session_end";
    PasswordChange = 52, "password_change";
    TotpChange = 53, "totp_change";
    SetUpLink = 54, "set_up_link";
    SetUp = 55, "set_up";
    UserChange = 56, "user_change";
    ViewChange = 57, "view_change";
    OwnSession = 58, "own_session";
    OwnLook = 59, "own_look";
    Watermark = 60, "watermark";
    RoleAdd = 61, "role_add";
    RoleChange = 62, "role_change";
    RoleRemove = 63, "role_remove";
    TeamChange = 64, "team_change";
    PasskeyAdd = 70, "passkey_add";
    PasskeyChange = 71, "passkey_change";
    PasskeyRemove = 72, "passkey_remove";
    ProofGive = 73, "proof_give";
    ApprovalAsk = 90, "approval_ask";
    ApprovalDecide = 91, "approval_decide";
    ApprovalEnd = 92, "approval_end";
    ApprovalLook = 93, "approval_look";
    FlowChange = 94, "flow_change";
    GrantBegin = 100, "grant_begin";
    GrantEnd = 101, "grant_end";
    GrantLook = 102, "grant_look";
    KeyRecovery = 80, "key_recovery";
    ReadSetUp = 81, "read_set_up";
    OauthAuthorize = 110, "oauth_authorize";
    OauthToken = 111, "oauth_token";
    OauthRefresh = 112, "oauth_refresh";
    OauthRevoke = 113, "oauth_revoke";
    OauthIntrospect = 114, "oauth_introspect";
    OauthWithdraw = 115, "oauth_withdraw";
    OauthDecline = 116, "oauth_decline";
    Explain = 130, "explain";
    ExplainWho = 131, "explain_who";
    UserLeave = 120, "user_leave";
    HandOver = 121, "hand_over";
    HandOverLook = 122, "hand_over_look";
    GroupChange = 123, "group_change";
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Outcome {
    Done = 1,
    Refused = 2,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Outcome> {
        [Outcome::Done, Outcome::Refused].into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What is said of a field: the form it was shown in, or the commitment of its new value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Form(u8),
    Commitment([u8; 32]),
}

/// A record that an entry is about.
#[derive(Clone)]
pub(crate) struct Item {
    pub kind: u16,
    pub record: Uid,
    pub version: u32,
    pub row_hash: Option<[u8; 32]>,
    pub fields: Vec<(u16, Said)>,
}

/// A security record (user, client, team) that an entry writes.
#[derive(Clone)]
pub(crate) struct SystemItem {
    pub kind: &'static str,
    pub id: Uid,
    pub version: u32,
    pub row_hash: [u8; 32],
}

/// Stands in place of the hash of a security record that goes out of use.
pub(crate) const GONE: [u8; 32] = [0; 32];

impl SystemItem {
    /// One that goes out of use after the version before this.
    pub(crate) fn gone(kind: &'static str, id: Uid, version: u32) -> SystemItem {
        SystemItem { kind, id, version, row_hash: GONE }
    }
}

/// A value of an entry's note. Never customer data.
#[derive(Clone)]
pub(crate) enum Note {
    Text(String),
    Int(i64),
    Bytes(Vec<u8>),
}

/// An entry before it is a leaf.
#[derive(Clone)]
pub(crate) struct Entry {
    pub deed: Deed,
    pub outcome: Outcome,
    pub items: Vec<Item>,
    pub systems: Vec<SystemItem>,
    pub purpose: Option<[u8; 32]>,
    pub code: Option<&'static str>,
    pub note: Vec<(&'static str, Note)>,
}

impl Entry {
    pub(crate) fn done(deed: Deed) -> Entry {
        Entry {
            deed,
            outcome: Outcome::Done,
            items: Vec::new(),
            systems: Vec::new(),
            purpose: None,
            code: None,
            note: Vec::new(),
        }
    }

    /// An attempt that was not allowed or could not be carried out.
    pub(crate) fn refused(deed: Deed, fault: &Fault) -> Entry {
        Entry { outcome: Outcome::Refused, code: Some(fault.code()), ..Entry::done(deed) }
    }

    pub(crate) fn item(mut self, item: Item) -> Entry {
        self.items.push(item);
        self
    }

    pub(crate) fn note(mut self, name: &'static str, value: Note) -> Entry {
        self.note.push((name, value));
        self
    }
}

/// A leaf, read back.
#[derive(Default)]
pub(crate) struct Leaf {
    pub at: i64,
    pub who_type: u8,
    pub who_id: Option<Uid>,
    pub who_text: Option<String>,
    pub address: Option<String>,
    pub session: Option<[u8; 16]>,
    pub request: Option<String>,
    pub deed: u8,
    pub outcome: u8,
    pub items: Vec<Item>,
    pub purpose: Option<[u8; 32]>,
    pub code: Option<String>,
    pub part: Option<(u64, u64)>,
    pub epoch: u64,
    pub note: Vec<(String, Note)>,
    pub systems: Vec<(String, Uid, u32, [u8; 32])>,
}

impl Leaf {
    /// The note of this name, when it is bytes.
    pub(crate) fn note_bytes(&self, name: &str) -> Option<&[u8]> {
        self.note.iter().find_map(|(key, value)| match value {
            Note::Bytes(bytes) if key == name => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// The note of this name, when it is text.
    pub(crate) fn note_text(&self, name: &str) -> Option<&str> {
        self.note.iter().find_map(|(key, value)| match value {
            Note::Text(text) if key == name => Some(text.as_str()),
            _ => None,
        })
    }
}
