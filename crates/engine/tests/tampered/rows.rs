//! Rows and columns, edited in any way that SQL allows.

use super::db::{Literals, other};
use super::place::{Place, Verdict};
use crate::{is_due, longer, spread};
use std::collections::BTreeMap;

/// What gives nobody a right and shows nobody a value; what protects it stands in SECURITY.md. An edit of it shows nothing
/// that nobody wrote, and need not be found.
pub const MECHANICS: [&str; 14] = [
    "quota_use",
    "quota_lock",
    "sequence",
    "cursor",
    "lease",
    "node",
    "format",
    "idempotency",
    "job",
    "job_part",
    "fresh_run",
    "session",
    "login",
    "access_checkpoint",
];

/// Edits that nobody noticed, of tables that are more than mechanics.
#[derive(Default)]
struct Edits {
    met: usize,
    tried: usize,
    unnoticed: BTreeMap<String, usize>,
}

impl Edits {
    /// Edits, looks, and puts back. An edit that the tables do not take is none.
    fn try_one(&mut self, place: &Place, table: &str, what: &str, sql: &str) {
        self.met += 1;
        if !is_due(self.met) {
            return;
        }
        if !place.db.run(sql).is_ok_and(|changed| changed > 0) {
            place.put_back();
            return;
        }
        let verdict = place.judge(&format!("{table}: {what}: {}", sql.chars().take(80).collect::<String>()));
        self.tried += 1;
        let noticed = verdict <= Verdict::Found;
        if !noticed && !MECHANICS.contains(&table) {
            *self.unnoticed.entry(format!("{table}: {what}")).or_default() += 1;
        }
    }

    fn done(&self, least: usize) {
        assert!(self.unnoticed.is_empty(), "of {} edits: {:#?}", self.tried, self.unnoticed);
        assert!(self.met >= least && self.tried >= least / 16, "only {} edits were tried", self.tried);
        eprintln!("{} edits, none unnoticed", self.tried);
    }
}

/// A table's columns, and as many of its rows as there is time for, the first and the last always.
fn some_rows(place: &Place, table: &str, most: usize) -> (Vec<String>, Vec<Literals>) {
    let rows = place.db.rows(table);
    let picked: Vec<Literals> =
        spread(rows.len(), most * longer().unwrap_or(1)).map(|at| rows[at].clone()).collect();
    (place.db.columns(table), picked)
}

fn set(place: &Place, table: &str, columns: &[String], row: &Literals, column: &str, value: &str) -> String {
    format!("UPDATE `{table}` SET `{column}` = {value} WHERE {}", place.db.clause(columns, row))
}

/// Of the roots beside the bundles of an access log only the newest is read.
fn is_read(table: &str, column: &str) -> bool {
    table != "access_bundle" || column != "root"
}

/// Of a tenant or node that there is not, a kind of the system that there is not, a version of nothing, or a tile that is not
/// full yet, no row is ever read; which of its runs a token waits in says nothing.
fn is_asked_for(table: &str, column: &str) -> bool {
    let of_system = table.starts_with("system") && (column == "kind" || column == "id");
    let of_tiles = table.ends_with("tile") && column == "level";
    !of_system && !of_tiles && is_read(table, column) && !["tenant", "node", "run"].contains(&column)
}

fn insert(table: &str, row: &Literals) -> String {
    format!("INSERT INTO `{table}` VALUES ({})", row.join(", "))
}

#[test]
fn another_value_in_any_column_is_refused_or_found() {
    let place = Place::furnished();
    assert_eq!(place.judge("nothing"), Verdict::Unnoticed, "it is sound before anything is edited");
    let mut edits = Edits::default();
    for table in place.db.tables() {
        let (columns, rows) = some_rows(&place, &table, 1);
        for row in &rows {
            for (column, value) in columns.iter().zip(row).filter(|(column, _)| is_read(&table, column)) {
                let sql = set(&place, &table, &columns, row, column, &other(value));
                edits.try_one(&place, &table, column, &sql);
            }
        }
    }
    edits.done(100);
}

#[test]
fn a_value_of_another_row_is_refused_or_found() {
    let place = Place::furnished();
    let mut edits = Edits::default();
    for table in place.db.tables() {
        let (columns, rows) = some_rows(&place, &table, 2);
        let all = place.db.rows(&table);
        for row in rows.iter().skip(1) {
            for (at, column) in columns.iter().enumerate().filter(|(_, column)| *column != "run") {
                let Some(from) = all.iter().find(|from| from[at] != row[at]) else { continue };
                let sql = set(&place, &table, &columns, row, column, &from[at]);
                edits.try_one(&place, &table, &format!("{column} of another row"), &sql);
            }
        }
    }
    edits.done(50);
}

#[test]
fn rows_that_are_taken_away_doubled_or_exchanged_are_refused_or_found() {
    let place = Place::furnished();
    let mut edits = Edits::default();
    for table in place.db.tables() {
        let (columns, rows) = some_rows(&place, &table, 2);
        for row in &rows {
            let sql = format!("DELETE FROM `{table}` WHERE {}", place.db.clause(&columns, row));
            edits.try_one(&place, &table, "a row less", &sql);
            // Once more, under any other key that the table takes and somebody asks for.
            for (at, column) in columns.iter().enumerate().filter(|(_, column)| is_asked_for(&table, column))
            {
                let mut doubled = row.clone();
                doubled[at] = other(&row[at]);
                edits.try_one(&place, &table, &format!("a row more by {column}"), &insert(&table, &doubled));
            }
        }
        if let [one, .., another] = &rows[..] {
            // All that is not the key changes places: from the second column on, and from the third on.
            for key in 1..columns.len().min(4) {
                let exchanged =
                    |of: &Literals, with: &Literals| insert(&table, &[&of[..key], &with[key..]].concat());
                let sql = format!(
                    "DELETE FROM `{table}` WHERE {}; DELETE FROM `{table}` WHERE {}; {}; {}",
                    place.db.clause(&columns, one),
                    place.db.clause(&columns, another),
                    exchanged(one, another),
                    exchanged(another, one)
                );
                let same = one[..key] == another[..key] || one[key..] == another[key..];
                if !same && is_asked_for(&table, &columns[key - 1]) {
                    edits.try_one(&place, &table, &format!("exchanged from column {key} on"), &sql);
                }
            }
        }
        edits.try_one(&place, &table, "all rows less", &format!("DELETE FROM `{table}`"));
    }
    edits.done(50);
}
