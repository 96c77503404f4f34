//! The decision itself.

use crate::Role;
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::kind::{Field, Kind, KindId};

const LEVELS: [Level; 4] = [Level::L1, Level::L2, Level::L3, Level::L4];

/// Something that a principal may or may not do. The eight function rights, and those that concern the guard itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Action {
    /// Enter a new record.
    Create,
    /// Change a record.
    Change,
    /// Erase a dossier.
    Delete,
    /// List and open records, each field in its form.
    Read,
    /// Take in a file of records.
    Import,
    /// Take records out in a file.
    Export,
    /// Print records.
    Print,
    /// Pass records on.
    Share,
    /// Open a masked value with a purpose.
    Reveal,
    /// Take an opened value along, to the clipboard.
    Copy,
    /// Look up by phone, document or tax number.
    Find,
    /// See earlier versions and who entered what.
    History,
    /// Read the ledger.
    ReadLedger,
    /// Add people, programs and teams.
    ManageAccess,
    /// Rotate keys and see their state.
    ManageKeys,
}

impl Action {
    /// The name as it stands in answers.
    pub fn name(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Change => "change",
            Action::Delete => "delete",
            Action::Read => "read",
            Action::Import => "import",
            Action::Export => "export",
            Action::Print => "print",
            Action::Share => "share",
            Action::Reveal => "reveal",
            Action::Copy => "copy",
            Action::Find => "find",
            Action::History => "history",
            Action::ReadLedger => "read_ledger",
            Action::ManageAccess => "manage_access",
            Action::ManageKeys => "manage_keys",
        }
    }
}

/// How a value leaves the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Form {
    /// As it is.
    Clear = 1,
    /// Through its mask.
    Masked = 2,
    /// Not at all, not even its name.
    Hidden = 3,
}

/// The rows that a view reaches; part of every query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rows {
    /// Every row of the tenant.
    All,
    /// Rows whose dossier belongs to one of these teams.
    Teams(Vec<u32>),
}

impl Rows {
    /// Whether a dossier of this team is inside.
    pub fn contain(&self, team: u32) -> bool {
        match self {
            Rows::All => true,
            Rows::Teams(teams) => teams.contains(&team),
        }
    }
}

/// What one principal may do with records of one kind at one moment.
#[derive(Clone, Debug)]
pub struct View {
    kind: KindId,
    role: Role,
    rows: Rows,
    actions: u32,
    /// By field number: the form at each of the four levels. A number that is not here is hidden.
    forms: Vec<[Form; 4]>,
    reveals: Vec<[bool; 4]>,
}

/// Proof that an action was allowed when it was asked for; the engine's functions cannot be called without it.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    action: Action,
    role: Role,
}

impl Permit {
    /// The action that was allowed.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The role under which it was allowed.
    pub fn role(&self) -> Role {
        self.role
    }
}

fn bits(role: Role) -> u32 {
    role.actions().iter().fold(0, |all, action| all | 1 << *action as u32)
}

impl Role {
    /// Allows an action that concerns no record of a kind (the ledger, keys, people and programs).
    ///
    /// # Errors
    /// `action_not_allowed` when the role has no such right.
    pub fn permit(self, action: Action) -> Result<Permit, Fault> {
        if bits(self) & (1 << action as u32) == 0 {
            return Err(Fault::new("action_not_allowed")
                .with("role", self.name())
                .with("action", action.name()));
        }
        Ok(Permit { action, role: self })
    }
}

impl View {
    /// Compiles the view of a role over a kind; `team` is the principal's own.
    pub fn compile(role: Role, team: u32, kind: &Kind) -> View {
        let size = kind.fields.iter().map(|field| usize::from(field.number) + 1).max().unwrap_or(0);
        let mut forms = vec![[Form::Hidden; 4]; size];
        let mut reveals = vec![[false; 4]; size];
        for field in kind.fields.iter().filter(|field| field.enabled) {
            let number = usize::from(field.number);
            if let (Some(form), Some(reveal)) = (forms.get_mut(number), reveals.get_mut(number)) {
                *form = LEVELS.map(|level| role.form(field.group, level));
                *reveal = LEVELS.map(|level| role.reveals(field.group, level));
            }
        }
        let rows = if role.sees_all_rows() { Rows::All } else { Rows::Teams(vec![team]) };
        View { kind: kind.id, role, rows, actions: bits(role), forms, reveals }
    }

    /// The kind that the view is over.
    pub fn kind(&self) -> KindId {
        self.kind
    }

    /// The role that it was compiled from.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The rows that it reaches.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Allows an action, or says that the role may not.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn permit(&self, action: Action) -> Result<Permit, Fault> {
        self.role.permit(action)
    }

    /// Whether an action is allowed.
    pub fn may(&self, action: Action) -> bool {
        self.actions & (1 << action as u32) != 0
    }

    /// The form in which a field is shown that is sealed at this level. Unknown and disabled fields are hidden.
    pub fn form(&self, field: u16, level: Level) -> Form {
        at(&self.forms, field, level).unwrap_or(Form::Hidden)
    }

    /// Whether a masked value of this field at this level may be opened with a purpose.
    pub fn may_reveal(&self, field: u16, level: Level) -> bool {
        self.may(Action::Reveal) && at(&self.reveals, field, level).unwrap_or(false)
    }

    /// Whether the principal may write this field: it must not be hidden at its declared level.
    pub fn may_write(&self, field: &Field) -> bool {
        [Action::Create, Action::Change, Action::Import].iter().any(|action| self.may(*action))
            && self.form(field.number, field.level) != Form::Hidden
    }
}

fn at<T: Copy>(table: &[[T; 4]], field: u16, level: Level) -> Option<T> {
    table.get(usize::from(field))?.get(usize::from(level.as_u8()) - 1).copied()
}
