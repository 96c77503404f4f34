//! One row as the fields of a record, or everything that is wrong with it.

use super::{Mapping, SUBJECT, Target, clean};
use crate::import::source::Row;
use dossier_model::fault::{Fault, Lang};
use dossier_model::kind::{Check, Field, Kind, is_blank};
use dossier_model::organisation::subject_of_name;
use dossier_model::time::Day;
use dossier_model::value::{Fields, Value};
use dossier_model::{Level, Stage, Subject};

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
/// What the first cell of a row says that is a sum of others.
const TOTALS: [&str; 8] = ["合计", "总计", "小计", "共计", "累计", "total", "subtotal", "grand total"];

/// A row that can be taken in.
pub struct Accepted {
    /// Its values.
    pub fields: Fields,
    /// Its stage; a lead when it names none.
    pub stage: Stage,
    /// Its sensitivity; L2 when it names none.
    pub level: Level,
    /// Its subject, where its name alone tells it.
    pub subject_by_name: Option<Subject>,
}

/// What is wrong with a row, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The row's number in the file.
    pub row: u64,
    /// The column, from 1; none when it is about the row.
    pub column: Option<usize>,
    /// The column's name.
    pub header: Option<String>,
    /// The field's name.
    pub field: Option<String>,
    /// Rule and mend.
    pub fault: Fault,
    /// What could stand there, for a person to say yes to.
    pub proposal: Option<String>,
}

impl std::fmt::Debug for Problem {
    /// Without what the file says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("row", &self.row)
            .field("column", &self.column)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl Problem {
    /// Where it is and what, for people: `第 3 行“电话”（第 5 列）：…`.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let (row, what) = (self.row, self.fault.text(lang));
        match (lang, self.column, self.header.as_deref().unwrap_or_default()) {
            (Lang::Zh, None, _) => format!("第 {row} 行：{what}"),
            (Lang::Zh, Some(column), header) => format!("第 {row} 行“{header}”（第 {column} 列）：{what}"),
            (Lang::En, None, _) => format!("row {row}: {what}"),
            (Lang::En, Some(column), header) => format!("row {row}, `{header}` (column {column}): {what}"),
        }
    }
}

impl Mapping {
    /// One row, normalised and checked. A value that an unimportant field does not take is kept in the remarks.
    ///
    /// # Errors
    /// Every problem of the row.
    pub fn accept(&self, kind: &Kind, row: &Row, today: Day) -> Result<Accepted, Vec<Problem>> {
        if let Some(fault) = self.no_customer(row) {
            return Err(vec![self.problem(row, None, fault)]);
        }
        let mut done =
            Accepted { fields: Fields::new(), stage: Stage::Lead, level: Level::L2, subject_by_name: None };
        let mut problems = Vec::new();
        let mut aside = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let Some(raw) = row.cells.get(at).filter(|_| column.target != Target::Ignored) else { continue };
            if let Some((_, fault)) = row.faults.iter().find(|(of, _)| *of == at) {
                let field = match &column.target {
                    Target::Field(name) => kind.by_name(name),
                    _ => None,
                };
                let fault = field.map_or_else(|| fault.clone(), |field| field.problem(fault.clone()));
                problems.push(self.problem(row, Some(at), fault));
                continue;
            }
            if is_blank(raw) {
                continue;
            }
            match self.cell(kind, row, at, raw, today, &mut done) {
                Ok(()) => {}
                Err(Wrong::Refused(fault)) => problems.push(self.problem(row, Some(at), fault)),
                Err(Wrong::Aside) => aside.push((column.header.as_str(), raw.trim())),
            }
        }
        self.said(kind, row, today, &mut done, &mut problems);
        if problems.is_empty() && !aside.is_empty() {
            problems.extend(self.keep_aside(kind, row, &aside, today, &mut done));
        }
        if problems.is_empty() {
            kind.derive(&mut done.fields);
            let told = told_by_name(kind, &done.fields);
            if let Some((number, subject)) =
                told.filter(|_| self.subject_by_name && self.column_of(SUBJECT).is_none())
            {
                done.fields.insert(number, Value::Choice(subject.to_string()));
                done.subject_by_name = Some(subject);
            }
            let found = kind.check_record(&done.fields, done.stage);
            problems.extend(found.into_iter().map(|fault| {
                let name = fault.field.clone().unwrap_or_default();
                let proposal = told.filter(|_| name == SUBJECT).map(|(_, subject)| subject.to_string());
                Problem { proposal, ..self.problem(row, self.column_of(&name), fault) }
            }));
        }
        if problems.is_empty() { Ok(done) } else { Err(problems) }
    }

    /// Why a row is none of a customer: of another width than the header, the header again, a total.
    fn no_customer(&self, row: &Row) -> Option<Fault> {
        let (found, expected) = (row.cells.len(), self.columns.len());
        let more = row.cells.iter().skip(expected).any(|cell| !cell.trim().is_empty());
        if found < expected || more {
            let fault = Fault::new("import_row_length").with("found", found.to_string());
            return Some(fault.with("expected", expected.to_string()));
        }
        let mut cells = row.cells.iter().zip(&self.columns);
        if cells.all(|(cell, column)| cell.trim() == column.header) {
            return Some(Fault::new("import_row_is_header"));
        }
        let first = row.cells.iter().map(str::trim).find(|cell| !cell.is_empty()).unwrap_or_default();
        let first = first
            .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '：' | ' ' | '户' | '家'));
        TOTALS.iter().any(|word| word.eq_ignore_ascii_case(first)).then(|| Fault::new("import_row_is_total"))
    }

    fn cell(
        &self,
        kind: &Kind,
        row: &Row,
        at: usize,
        raw: &str,
        today: Day,
        done: &mut Accepted,
    ) -> Result<(), Wrong> {
        let unknown = |name: &str| Wrong::Refused(Fault::new("choice_unknown").field(name));
        let Some(column) = self.columns.get(at) else { return Ok(()) };
        match &column.target {
            Target::Ignored => {}
            Target::Stage => done.stage = stage_of(raw).ok_or_else(|| unknown("stage"))?,
            Target::Level => done.level = raw.trim().parse().map_err(|_| unknown("level"))?,
            Target::Field(name) => {
                let missing =
                    || Wrong::Refused(Fault::new("import_field_unknown").with("name", name.clone()));
                let field = kind.by_name(name).ok_or_else(missing)?;
                let document = match field.check {
                    Check::DocumentNumber => self.document_type(row, field),
                    _ => None,
                };
                let value = clean::cell(field, raw, column.unit.as_deref())
                    .and_then(|text| kind.accept_text(field, &text, document, today));
                match value {
                    Ok(Some(value)) => drop(done.fields.insert(field.number, value)),
                    Ok(None) => {}
                    Err(_) if may_stand_aside(kind, field) => return Err(Wrong::Aside),
                    Err(fault) => return Err(Wrong::Refused(field.problem(fault))),
                }
            }
        }
        Ok(())
    }

    /// What a person has said of the row, beyond its cells.
    fn said(&self, kind: &Kind, row: &Row, today: Day, done: &mut Accepted, problems: &mut Vec<Problem>) {
        for (name, text) in &row.said {
            let Some(field) = kind.by_name(name).filter(|_| self.column_of(name).is_none()) else { continue };
            match kind.accept_text(field, text, None, today) {
                Ok(Some(value)) => drop(done.fields.insert(field.number, value)),
                Ok(None) => {}
                Err(fault) => problems.push(self.problem(row, None, field.problem(fault))),
            }
        }
    }

    /// What the row says of the type of its document.
    fn document_type<'r>(&self, row: &'r Row, field: &Field) -> Option<&'r str> {
        let partner = field.unique_with.as_deref()?;
        let said = row.said.get(partner).map(String::as_str);
        let cell = self.column_of(partner).and_then(|at| row.cells.get(at)).or(said);
        cell.filter(|cell| !is_blank(cell))
    }

    fn keep_aside(
        &self,
        kind: &Kind,
        row: &Row,
        aside: &[(&str, &str)],
        today: Day,
        done: &mut Accepted,
    ) -> Option<Problem> {
        let field = kind.by_name(REMARKS)?;
        let mut remarks =
            done.fields.get(&field.number).and_then(|value| value.as_text()).unwrap_or("").to_owned();
        for (header, raw) in aside {
            if !remarks.is_empty() {
                remarks.push('；');
            }
            remarks.push_str(&format!("{header}（原文）：{raw}"));
        }
        let value =
            clean::cell(field, &remarks, None).and_then(|text| kind.accept_text(field, &text, None, today));
        match value {
            Ok(Some(value)) => drop(done.fields.insert(field.number, value)),
            Ok(None) => {}
            Err(fault) => return Some(self.problem(row, None, field.problem(fault))),
        }
        None
    }

    fn problem(&self, row: &Row, at: Option<usize>, fault: Fault) -> Problem {
        let column = at.and_then(|at| self.columns.get(at));
        let field = match column.map(|column| &column.target) {
            Some(Target::Ignored) | None => fault.field.clone(),
            Some(target) => Some(target.name().to_owned()),
        };
        let header = column.map(|column| column.header.clone());
        Problem { row: row.number, column: at.map(|at| at + 1), header, field, fault, proposal: None }
    }
}

/// The subject of a record that has none, as its name tells it, and the number of that field.
fn told_by_name(kind: &Kind, fields: &Fields) -> Option<(u16, Subject)> {
    let field = kind.by_name(SUBJECT).filter(|field| field.enabled)?;
    let name = fields.get(&kind.by_name("name")?.number)?.as_text()?;
    let subject = subject_of_name(name).filter(|_| !fields.contains_key(&field.number))?;
    Some((field.number, subject))
}

/// What becomes of a value that its field does not take.
enum Wrong {
    Refused(Fault),
    Aside,
}

/// The remarks are open to whoever sees their level: what is above it is no remark, the row is mended instead.
fn may_stand_aside(kind: &Kind, field: &Field) -> bool {
    let open = kind.by_name(REMARKS).filter(|remarks| remarks.enabled && remarks.name != field.name);
    !STRICT.contains(&field.name.as_str()) && open.is_some_and(|remarks| field.level <= remarks.level)
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
