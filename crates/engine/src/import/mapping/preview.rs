//! What rows would become: raw beside normalised, for the person whose file it is.

use super::{Mapping, Problem, Target};
use crate::import::source::Row;
use dossier_model::Subject;
use dossier_model::kind::{Kind, is_blank};
use dossier_model::time::Day;

/// A row as it stands in the file and as it would be taken in.
pub struct PreviewRow {
    /// The row's number in the file.
    pub row: u64,
    /// One for each column of the mapping.
    pub cells: Vec<PreviewCell>,
    /// The subject, where its name alone tells it.
    pub subject_by_name: Option<Subject>,
    /// What is wrong with it; such a row is not taken in.
    pub problems: Vec<Problem>,
}

/// A cell before and after.
pub struct PreviewCell {
    /// What stands in the file.
    pub raw: String,
    /// What would be kept; none where that is nothing, or the row has problems.
    pub value: Option<String>,
    /// Whether the value fits no field of its column and goes to the remarks.
    pub aside: bool,
}

impl Mapping {
    /// What each of the rows would become.
    #[must_use]
    pub fn preview(&self, kind: &Kind, rows: &[Row], today: Day) -> Vec<PreviewRow> {
        rows.iter().map(|row| self.preview_row(kind, row, today)).collect()
    }

    fn preview_row(&self, kind: &Kind, row: &Row, today: Day) -> PreviewRow {
        let (accepted, problems) = match self.accept(kind, row, today) {
            Ok(accepted) => (Some(accepted), Vec::new()),
            Err(problems) => (None, problems),
        };
        let cells = self.columns.iter().enumerate().map(|(at, column)| {
            let raw = row.cells.get(at).unwrap_or_default().to_owned();
            let value = accepted.as_ref().and_then(|accepted| match &column.target {
                Target::Field(name) => {
                    let field = kind.by_name(name)?;
                    accepted.fields.get(&field.number).map(|value| value.to_text())
                }
                Target::Stage => Some(accepted.stage.as_str().to_owned()),
                Target::Level => Some(accepted.level.to_string()),
                Target::Ignored => None,
            });
            let field = matches!(column.target, Target::Field(_));
            let aside = accepted.is_some() && field && value.is_none() && !is_blank(&raw);
            PreviewCell { raw, value, aside }
        });
        let subject_by_name = accepted.as_ref().and_then(|accepted| accepted.subject_by_name);
        PreviewRow { row: row.number, cells: cells.collect(), subject_by_name, problems }
    }
}
