//! Made-up customers and contacts for demo, bench, tests and canaries: seeded, the same on every machine, and nobody's.
//!
//! Documents, phones and mailboxes are unique for row numbers below [`UNIQUE_ROWS`], without any memory of what was
//! given out: each is a permutation of the row number.

mod contact;
mod customer;
mod numbers;
mod person;
mod random;
mod words;

use std::collections::BTreeMap;

pub use contact::CONTACT_COLUMNS;
pub use customer::CUSTOMER_COLUMNS;

use crate::time::Day;

/// How many customers, and as many contacts, differ in document, phone and mailbox.
pub const UNIQUE_ROWS: u64 = random::PERMUTED / 2;

/// A source of made-up rows. They depend on its seed, its day and the row number alone.
#[derive(Debug, Clone, Copy)]
pub struct Generator {
    seed: u64,
    today: Day,
}

impl Generator {
    /// A generator; `today` bounds the dates in its rows.
    #[must_use]
    pub const fn new(seed: u64, today: Day) -> Self {
        Self { seed, today }
    }

    /// Customer `i` by column name; all columns are there, some cells are empty.
    #[must_use]
    pub fn customer(&self, i: u64) -> BTreeMap<String, String> {
        by_column(&CUSTOMER_COLUMNS, self.customer_cells(i))
    }

    /// The cells of customer `i` in the order of [`CUSTOMER_COLUMNS`].
    #[must_use]
    pub fn customer_cells(&self, i: u64) -> Vec<String> {
        customer::cells(self.seed, self.today, i)
    }

    /// A contact of customer `i` by column name.
    #[must_use]
    pub fn contact(&self, i: u64) -> BTreeMap<String, String> {
        by_column(&CONTACT_COLUMNS, self.contact_cells(i))
    }

    /// The cells of a contact of customer `i` in the order of [`CONTACT_COLUMNS`].
    #[must_use]
    pub fn contact_cells(&self, i: u64) -> Vec<String> {
        contact::cells(self.seed, self.today, i)
    }
}

fn by_column(columns: &[&str], cells: Vec<String>) -> BTreeMap<String, String> {
    columns.iter().map(|&column| column.to_owned()).zip(cells).collect()
}

/// Appends one line of CSV (RFC 4180), quoted where it must be, ended by `\r\n`.
pub fn csv_line<T: AsRef<str>>(cells: &[T], out: &mut String) {
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if at > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests;
