//! Which column is which field: suggested, edited by a person, kept as data, and carried out row by row.

mod accept;
mod clean;
mod content;
mod header;
mod preview;
#[cfg(test)]
mod tests;

pub use accept::{Accepted, Problem};
pub use preview::{PreviewCell, PreviewRow};

use super::source::Row;
use dossier_access::View;
use dossier_model::fault::Fault;
use dossier_model::kind::Kind;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The field that a name can tell.
pub(crate) const SUBJECT: &str = "subject";

/// The columns of a file, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// One for each column of the header.
    pub columns: Vec<Column>,
    /// Whether a row that says nothing of its subject has the one that its name tells. Where a column goes to the
    /// subject, that alone counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subject_by_name: bool,
}

/// What one column is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the file; can be empty.
    pub header: String,
    /// Where its values go.
    pub target: Target,
    /// How that was found.
    pub by: By,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// What its amounts count in when the cells are bare numbers: `万元`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Fields that its content fits as well, for a person to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

impl std::fmt::Debug for Column {
    /// Without its name: a file without a header has a customer in its first row.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("target", &self.target).field("by", &self.by).finish_non_exhaustive()
    }
}

/// Where the values of a column go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A field of the kind, by its name.
    Field(String),
    /// The dossier's stage.
    Stage,
    /// The dossier's sensitivity.
    Level,
    /// Nowhere.
    Ignored,
}

/// How it was found where a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By the column's name.
    Header,
    /// By what stands in it.
    Content,
    /// A person said so.
    Hand,
    /// It was not found.
    Nothing,
}

/// What a person changes about a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The column, from 1.
    pub column: usize,
    /// Where it goes.
    pub target: Target,
    /// What its amounts count in.
    #[serde(default)]
    pub unit: Option<String>,
}

impl Mapping {
    /// What the columns are by their names, and where those say nothing by what stands in the sample. A column that
    /// could be more than one thing, and columns that could be the same, are left to a person.
    #[must_use]
    pub fn suggest(kind: &Kind, header: &[String], sample: &[Row]) -> Mapping {
        let mut columns = header.iter().map(|name| header::column(kind, name)).collect::<Vec<_>>();
        content::fill(kind, &mut columns, sample);
        let mut mapping = Mapping { columns, subject_by_name: false };
        mapping.subject_by_name = mapping.column_of(SUBJECT).is_none();
        mapping
    }

    /// The mapping with what a person changed. [`Mapping::check`] says whether it can be used.
    ///
    /// # Errors
    /// `import_columns_changed` for a column that is not there, `import_unit`.
    pub fn with(&self, edits: &[Edit]) -> Result<Mapping, Fault> {
        let mut mapping = self.clone();
        let found = mapping.columns.len();
        for edit in edits {
            let column = edit.column.checked_sub(1).and_then(|at| mapping.columns.get_mut(at));
            let column = column.ok_or_else(|| columns_changed(edit.column, found))?;
            if edit.unit.as_deref().is_some_and(|unit| !clean::is_unit(unit)) {
                return Err(Fault::new("import_unit").with("column", edit.column.to_string()));
            }
            column.target = edit.target.clone();
            column.unit.clone_from(&edit.unit);
            (column.by, column.confidence) = (By::Hand, 100);
        }
        Ok(mapping)
    }

    /// A kept mapping for another file: what it says of each column name; columns that it does not know are left out.
    #[must_use]
    pub fn onto(&self, header: &[String]) -> Mapping {
        let column = |name: &String| match self.columns.iter().find(|column| column.header == *name) {
            Some(known) => known.clone(),
            None => Column::unknown(name),
        };
        Mapping { columns: header.iter().map(column).collect(), subject_by_name: self.subject_by_name }
    }

    /// Whether a file with this header can be taken in with it, by somebody with this view.
    ///
    /// # Errors
    /// `import_columns_changed`, `import_no_name`, `import_column_twice`, `import_field_unknown`, `import_unit`.
    pub fn check(&self, kind: &Kind, header: &[String], view: &View) -> Result<(), Fault> {
        let names = self.columns.iter().map(|column| &column.header);
        if !names.eq(header) {
            return Err(columns_changed(self.columns.len(), header.len()));
        }
        let writes = view.anywhere();
        let mut seen = HashSet::new();
        for (at, column) in self.columns.iter().enumerate() {
            if let Target::Field(name) = &column.target
                && !kind.by_name(name).is_some_and(|field| field.enabled && writes.may_write(field))
            {
                return Err(field_unknown(name));
            }
            if column.unit.as_deref().is_some_and(|unit| !clean::is_unit(unit)) {
                return Err(Fault::new("import_unit").with("column", (at + 1).to_string()));
            }
            if column.target != Target::Ignored && !seen.insert(&column.target) {
                return Err(Fault::new("import_column_twice").with("name", column.target.name().to_owned()));
            }
        }
        if self.subject_by_name && !kind.by_name(SUBJECT).is_some_and(|field| writes.may_write(field)) {
            return Err(field_unknown(SUBJECT));
        }
        let named = seen.contains(&Target::Field("name".to_owned()));
        if named { Ok(()) } else { Err(Fault::new("import_no_name")) }
    }

    /// The place of the column that goes to a field.
    pub(crate) fn column_of(&self, field: &str) -> Option<usize> {
        let goes = |target: &Target| matches!(target, Target::Field(name) if name == field);
        self.columns.iter().position(|column| goes(&column.target))
    }

    /// The names of the columns that go nowhere.
    #[must_use]
    pub fn ignored(&self) -> Vec<String> {
        let ignored = self.columns.iter().filter(|column| column.target == Target::Ignored);
        ignored.map(|column| column.header.clone()).collect()
    }
}

impl Target {
    fn name(&self) -> &str {
        match self {
            Target::Field(name) => name,
            Target::Stage => "stage",
            Target::Level => "level",
            Target::Ignored => "ignored",
        }
    }
}

impl Column {
    fn unknown(header: &str) -> Column {
        Column {
            header: header.to_owned(),
            target: Target::Ignored,
            by: By::Nothing,
            confidence: 0,
            unit: None,
            others: Vec::new(),
        }
    }
}

/// There is no such field for this person. Anything can stand there, a phone number too: it is repeated only where it
/// looks like a name.
pub(crate) fn field_unknown(name: &str) -> Fault {
    let like_a_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    Fault::new("import_field_unknown").with("name", if like_a_name { name } else { "?" })
}

fn columns_changed(expected: usize, found: usize) -> Fault {
    Fault::new("import_columns_changed")
        .with("expected", expected.to_string())
        .with("found", found.to_string())
}
