//! What stands in a column, where its name says nothing.

use super::{By, Column, Target};
use crate::import::source::Row;
use dossier_model::address::is_province;
use dossier_model::kind::{Check, Field, Kind, is_blank};
use dossier_model::{check, organisation};

/// Cells that have to be there.
const FEWEST: usize = 3;
/// How many of them have to pass, in percent.
const MOST_PASS: usize = 80;
/// Suggests a field for each column that has none yet. What has two possible answers is left open.
pub(super) fn fill(kind: &Kind, columns: &mut [Column], sample: &[Row]) {
    let taken: Vec<Target> = columns.iter().map(|column| column.target.clone()).collect();
    let free: Vec<&Field> = kind
        .fields
        .iter()
        .filter(|field| field.enabled && !taken.contains(&Target::Field(field.name.clone())))
        .collect();
    let mut guesses: Vec<(usize, &str, usize)> = Vec::new();
    for (at, column) in columns.iter_mut().enumerate().filter(|(_, column)| column.target == Target::Ignored)
    {
        let cells: Vec<&str> =
            sample.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !is_blank(cell)).collect();
        if cells.len() < FEWEST {
            continue;
        }
        let share = |field: &Field| cells.iter().filter(|cell| fits(field, cell)).count() * 100 / cells.len();
        let fitting: Vec<(&Field, usize)> = free
            .iter()
            .map(|field| (*field, share(field)))
            .filter(|(_, share)| *share >= MOST_PASS)
            .collect();
        column.others = fitting.iter().map(|(field, _)| field.name.clone()).collect();
        if let [(field, share)] = fitting.as_slice() {
            guesses.push((at, field.name.as_str(), *share));
        }
    }
    for (at, name, share) in &guesses {
        let alone = guesses.iter().filter(|(_, other, _)| other == name).count() == 1;
        if let Some(column) = columns.get_mut(*at).filter(|_| alone) {
            column.target = Target::Field((*name).to_owned());
            column.by = By::Content;
            column.confidence = u8::try_from(*share).unwrap_or(100);
            column.others.clear();
        }
    }
}

/// Whether a cell is what this field holds, and hardly anything else.
fn fits(field: &Field, cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    match field.check {
        Check::Name if field.name == "name" => organisation::is_organisation(cell),
        Check::DocumentNumber => {
            check::credit_code(cell).is_ok()
                || check::identity_number(cell).is_ok()
                || (digits == 15 && check::registration_number(cell).is_ok())
        }
        Check::Phone => digits >= 10 && check::phone(cell).is_ok(),
        Check::Email | Check::CompanyMailbox => check::email(cell).is_ok(),
        Check::BankCard => {
            digits >= 16 && check::bank_card(cell).is_ok() && check::identity_number(cell).is_err()
        }
        Check::PastDate => check::date(cell).is_ok(),
        Check::NotNegative => check::capital(cell).is_ok(),
        Check::Province => is_province(cell),
        _ => false,
    }
}
