//! What the database itself finds wrong.

use std::time::Duration;

use crate::mysql::conn::{Conn, SqlError};

/// A table of many millions of rows takes its time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Our tables.
pub(in crate::mysql) const TABLES: [&str; 26] = [
    "format",
    "row",
    "version",
    "data_key",
    "bucket",
    "token",
    "uniq",
    "change_log",
    "tile",
    "head",
    "node",
    "access_bundle",
    "access_tile",
    "access_checkpoint",
    "system",
    "system_version",
    "session",
    "login",
    "idempotency",
    "quota_use",
    "quota_lock",
    "sequence",
    "cursor",
    "lease",
    "job",
    "job_part",
];

/// Has every table of ours checked, one after the other. It ends a transaction: not for a connection with a snapshot.
pub(super) fn damage(conn: &mut Conn) -> Result<Vec<String>, SqlError> {
    let mut found = Vec::new();
    for table in TABLES {
        match conn.text(format!("CHECK TABLE `{table}`"), PATIENCE) {
            // Table, operation, kind of message, message.
            Ok(lines) => {
                let lines = lines.iter().filter_map(|line| Some((line.get(2)?, line.get(3)?)));
                let bad = lines.filter(|(kind, text)| is_damage(kind, text));
                found.extend(bad.map(|(_, text)| format!("table {table}: {}", without_values(text))));
            }
            // That nothing was checked must not look as if nothing was found.
            Err(SqlError::Failed(why)) => {
                found.push(format!("the tables from {table} on were not checked: {why}"));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether a line of `CHECK TABLE` tells of damage. The last line of a table is a `status`, and not always `OK`.
fn is_damage(kind: &str, text: &str) -> bool {
    match kind.to_ascii_lowercase().as_str() {
        "info" | "note" => false,
        "status" => text != "OK" && text != "Table is already up to date",
        _ => true,
    }
}

/// The text with everything in single quotes left out: there may stand a value.
fn without_values(text: &str) -> String {
    text.split('\'').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_is_told() {
        assert!(
            !is_damage("status", "OK") && !is_damage("note", "The storage engine does not support check")
        );
        assert!(is_damage("status", "Operation failed") && is_damage("Error", "Corrupt"));
        assert!(is_damage("warning", "InnoDB: The B-tree of index row_list is corrupted."));
    }

    #[test]
    fn what_stands_in_quotes_is_left_out() {
        assert_eq!(without_values("key 'a secret' in `row`"), "key … in `row`");
        assert_eq!(without_values("an open 'end"), "an open …");
    }
}
