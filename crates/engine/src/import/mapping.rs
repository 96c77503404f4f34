//! Which column is which field, and a row as the input of a create command.

use crate::command::Input;
use dossier_model::fault::{Fault, Lang};
use dossier_model::kind::{Kind, is_blank};
use dossier_model::time::Day;
use dossier_model::value::Fields;
use dossier_model::{Level, Stage};
use serde_json::Value as Json;

/// Columns that are not fields of the kind but of the dossier.
const STAGE: [&str; 3] = ["合作阶段", "阶段", "stage"];
const LEVEL: [&str; 4] = ["敏感等级", "等级", "level", "sensitivity"];
/// Where values go that a field does not take but that are no reason to refuse a row.
const REMARKS: &str = "remarks";
/// Fields by which a customer is told from others or reached: what is wrong here is mended by a person, not kept aside.
const STRICT: [&str; 10] = [
    "name",
    "subject",
    "document_type",
    "document_number",
    "tax_number",
    "phone",
    "email",
    "bank_card",
    "bank_account",
    "credit_limit",
];

/// What a column is.
#[derive(Clone, PartialEq, Eq)]
enum Column {
    Field(String),
    Stage,
    Level,
    Ignored,
}

/// The columns of a file.
pub(crate) struct Mapping {
    columns: Vec<Column>,
    headers: Vec<String>,
    pub ignored: Vec<String>,
}

/// A row that can be taken in.
pub(crate) struct Accepted {
    pub fields: Fields,
    pub stage: Stage,
    pub level: Level,
}

impl Mapping {
    /// Recognises the columns by their headers.
    ///
    /// # Errors
    /// `import_no_name` when no column is the name; `import_column_twice`.
    pub(crate) fn of(kind: &Kind, headers: &[String]) -> Result<Mapping, Fault> {
        let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
        let mut ignored = Vec::new();
        for header in headers {
            let known = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(header));
            let column = match kind.by_alias(header).filter(|field| field.enabled) {
                Some(field) => Column::Field(field.name.clone()),
                None if known(&STAGE) => Column::Stage,
                None if known(&LEVEL) => Column::Level,
                None => {
                    ignored.push(header.clone());
                    Column::Ignored
                }
            };
            if column != Column::Ignored && columns.contains(&column) {
                return Err(Fault::new("import_column_twice").with("name", header.clone()));
            }
            columns.push(column);
        }
        if !columns.contains(&Column::Field("name".to_owned())) {
            return Err(Fault::new("import_no_name"));
        }
        Ok(Mapping { columns, headers: headers.to_vec(), ignored })
    }

    /// The columns by their names, and again from them: none is left out.
    pub(crate) fn names(&self) -> Vec<Option<String>> {
        let name = |column: &Column| match column {
            Column::Field(name) => Some(name.clone()),
            Column::Stage => Some("stage".to_owned()),
            Column::Level => Some("level".to_owned()),
            Column::Ignored => None,
        };
        self.columns.iter().map(name).collect()
    }

    pub(crate) fn from_names(headers: &[String], names: &[Option<String>]) -> Mapping {
        let column = |name: &Option<String>| match name.as_deref() {
            Some("stage") => Column::Stage,
            Some("level") => Column::Level,
            Some(name) => Column::Field(name.to_owned()),
            None => Column::Ignored,
        };
        Mapping {
            columns: names.iter().map(column).collect(),
            headers: headers.to_vec(),
            ignored: Vec::new(),
        }
    }

    /// One row, normalised and checked. A value that an unimportant field does not take is kept in the remarks.
    ///
    /// # Errors
    /// Every problem of the row.
    pub(crate) fn accept(
        &self,
        kind: &Kind,
        row: &csv::StringRecord,
        today: Day,
    ) -> Result<Accepted, Vec<Fault>> {
        if row.len() != self.columns.len() {
            return Err(vec![
                Fault::new("import_row_length")
                    .with("found", row.len().to_string())
                    .with("expected", self.columns.len().to_string()),
            ]);
        }
        let mut input = Input::new();
        let (mut stage, mut level) = (Stage::Lead, Level::L2);
        let mut problems = Vec::new();
        for (column, cell) in self.columns.iter().zip(row).filter(|(_, cell)| !is_blank(cell)) {
            match column {
                Column::Field(name) => {
                    let strict = STRICT.contains(&name.as_str());
                    let text = if strict { cell.to_owned() } else { visible(cell) };
                    input.insert(name.clone(), Json::String(text));
                }
                Column::Stage => match stage_of(cell) {
                    Some(found) => stage = found,
                    None => problems.push(Fault::new("choice_unknown").field("stage")),
                },
                Column::Level => match cell.trim().parse() {
                    Ok(found) => level = found,
                    Err(_) => problems.push(Fault::new("choice_unknown").field("level")),
                },
                Column::Ignored => {}
            }
        }
        let mut fields = Fields::new();
        match self.checked(kind, input, today) {
            Ok(changes) => dossier_model::value::apply(&mut fields, changes),
            Err(more) => problems.extend(more),
        }
        if problems.is_empty() {
            kind.derive(&mut fields);
            problems = kind.check_record(&fields, stage);
        }
        if problems.is_empty() { Ok(Accepted { fields, stage, level }) } else { Err(problems) }
    }

    fn checked(
        &self,
        kind: &Kind,
        mut input: Input,
        today: Day,
    ) -> Result<dossier_model::value::Changes, Vec<Fault>> {
        let problems = match kind.accept(&input, today) {
            Ok(changes) => return Ok(changes),
            Err(problems) => problems,
        };
        // The remarks are open to whoever sees their level: what is above it is no remark, the row is mended instead.
        let open = kind.by_name(REMARKS).map(|remarks| remarks.level);
        let kept =
            |name: &str| !STRICT.contains(&name) && kind.by_name(name).map(|field| field.level) <= open;
        let strict = |problem: &Fault| problem.field.as_deref().is_none_or(|field| !kept(field));
        if problems.iter().any(strict) {
            return Err(problems.into_iter().filter(strict).collect());
        }
        let mut remarks = match input.get(REMARKS) {
            Some(Json::String(text)) => text.clone(),
            _ => String::new(),
        };
        for name in problems.iter().filter_map(|problem| problem.field.as_deref()) {
            if let Some(Json::String(raw)) = input.remove(name) {
                let header = self.columns.iter().position(|column| *column == Column::Field(name.to_owned()));
                let header = header.and_then(|at| self.headers.get(at)).map_or(name, String::as_str);
                if !remarks.is_empty() {
                    remarks.push('；');
                }
                remarks.push_str(&format!("{header}（原文）：{}", raw.trim()));
            }
        }
        input.insert(REMARKS.to_owned(), Json::String(remarks));
        kind.accept(&input, today)
    }
}

/// Free text without the invisible characters that other systems leave behind; a line break becomes a space.
fn visible(cell: &str) -> String {
    cell.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A stage by number or name.
fn stage_of(cell: &str) -> Option<Stage> {
    let cell = cell.trim();
    Stage::ALL.iter().copied().find(|stage| {
        stage.as_u8().to_string() == cell
            || stage.as_str().eq_ignore_ascii_case(cell)
            || stage.label(Lang::Zh) == cell
            || stage.label(Lang::En).eq_ignore_ascii_case(cell)
    })
}
