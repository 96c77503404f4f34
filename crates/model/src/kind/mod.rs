//! Kinds: what a record is made of. Declared once in `kinds/*.toml`; validation, sealing, indexing and masking follow.

mod accept;
mod completeness;
mod derive;
mod document;
mod field;
mod load;
mod record;
mod tokens;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use self::completeness::Completeness;
pub use self::field::{Check, Choice, Expected, Field, Form, Group, Index, Placement, Relaxed};
pub use self::load::{KindError, Rule};
pub use self::tokens::{TokenField, TokenSource, TokenUse};
use crate::check::compact_groups;
pub use crate::fault::Label;
pub use crate::value::FieldType;

/// The number of a kind; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindId(pub u16);

impl KindId {
    /// A customer (客户).
    pub const CUSTOMER: Self = Self(1);
    /// A contact of a customer (联系人).
    pub const CONTACT: Self = Self(2);
}

/// A kind of record. Serialises as the description that the interfaces hand out.
#[derive(Debug, Clone, Serialize)]
pub struct Kind {
    /// Its number.
    pub id: KindId,
    /// Its name in addresses and declarations.
    pub name: String,
    /// The prefix of its public ids.
    pub prefix: String,
    /// What people call it.
    pub label: Label,
    /// Rises whenever a default mask of a field shows something else than before, by its declaration or by the program:
    /// masks that were sealed under another revision are made afresh.
    pub mask_revision: u16,
    /// Its fields, ascending by number.
    pub fields: Vec<Field>,
    /// Position by name.
    #[serde(skip)]
    names: HashMap<String, usize>,
    /// Position by column header, in the form of [`header_key`].
    #[serde(skip)]
    headers: HashMap<String, usize>,
}

impl Kind {
    /// The field with this number.
    #[must_use]
    pub fn field(&self, number: u16) -> Option<&Field> {
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(at)
    }

    /// The field with this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Field> {
        self.names.get(name).and_then(|at| self.fields.get(*at))
    }

    /// The field that a column header means: its name, label or alias, whatever case, width or spaces.
    #[must_use]
    pub fn by_alias(&self, header: &str) -> Option<&Field> {
        self.headers.get(&header_key(header)).and_then(|at| self.fields.get(*at))
    }

    fn by_check(&self, check: Check) -> Option<&Field> {
        self.fields.iter().find(|field| field.enabled && field.check == check)
    }
}

/// The form in which column headers are compared.
fn header_key(header: &str) -> String {
    compact_groups(header.trim_start_matches('\u{feff}'))
}

/// A set of kinds that fit together.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Kinds {
    kinds: Vec<Kind>,
}

static BUILTIN: LazyLock<Kinds> = LazyLock::new(|| {
    Kinds::parse(&[
        include_str!("../../../../kinds/customer.toml"),
        include_str!("../../../../kinds/contact.toml"),
    ])
    .expect("the built-in kinds are part of the program and a test loads them")
});

impl Kinds {
    /// The kinds that come with the program.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The kind with this number.
    #[must_use]
    pub fn get(&self, id: KindId) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// The kind with this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// All kinds, ascending by number.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// The built-in customer kind.
    #[must_use]
    pub fn customer() -> &'static Kind {
        Self::builtin().get(KindId::CUSTOMER).expect("a test says that the customer kind is there")
    }

    /// The built-in contact kind.
    #[must_use]
    pub fn contact() -> &'static Kind {
        Self::builtin().get(KindId::CONTACT).expect("a test says that the contact kind is there")
    }
}

/// Whether a cell of an import says only that there is no value: empty, `N/A`, `-`, `无`.
///
/// For the importer alone: somebody who types `-` into a form means something, and is asked.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    crate::check::is_absent(text)
}

#[cfg(test)]
mod tests;
