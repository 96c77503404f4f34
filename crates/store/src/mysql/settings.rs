//! Settings of the database server without which an acknowledged write could be lost or garbled: a start without them
//! is refused with the value that is wanted.

use std::collections::BTreeMap;

use super::conn::{Conn, SqlError};
use crate::error::StoreError;

/// A statement may be as large as a bundle of the access log or a chunk of an import.
const LEAST_PACKET: i64 = 16 * 1024 * 1024;

/// Refuses what is not safe.
pub(super) fn check(conn: &mut Conn) -> Result<(), StoreError> {
    judge(&variables(conn)?)
}

/// Settings by name, as far as this server has them.
fn variables(conn: &mut Conn) -> Result<BTreeMap<String, String>, SqlError> {
    let names = [
        "innodb_flush_log_at_trx_commit",
        "log_bin",
        "sync_binlog",
        "binlog_format",
        "innodb_doublewrite",
        "character_set_client",
        "character_set_connection",
        "character_set_results",
        "character_set_database",
        "transaction_isolation",
        "tx_isolation",
        "max_allowed_packet",
        "read_only",
    ];
    let list = names.map(|name| format!("'{name}'")).join(", ");
    let found = conn.rows(format!("SHOW VARIABLES WHERE Variable_name IN ({list})"), &[], |cells| {
        Ok((cells.text(0)?.to_ascii_lowercase(), cells.text(1)?))
    })?;
    Ok(found.into_iter().collect())
}

fn judge(found: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let value = |name: &str| found.get(name).map(String::as_str);
    let refuse = |setting: &str, wanted: &str| {
        let found = value(setting).unwrap_or("-").to_owned();
        Err(StoreError::Unsafe { setting: setting.to_owned(), found, wanted: wanted.to_owned() })
    };
    if value("innodb_flush_log_at_trx_commit") != Some("1") {
        return refuse("innodb_flush_log_at_trx_commit", "1");
    }
    if is_on(value("log_bin")) {
        if value("sync_binlog") != Some("1") {
            return refuse("sync_binlog", "1");
        }
        // The writer's isolation level needs rows in the binary log.
        if value("binlog_format").is_some_and(|format| format.eq_ignore_ascii_case("STATEMENT")) {
            return refuse("binlog_format", "ROW");
        }
    }
    if value("innodb_doublewrite").is_some_and(|on| !is_on(Some(on)) && !on.starts_with("DETECT")) {
        return refuse("innodb_doublewrite", "ON");
    }
    for name in [
        "character_set_client",
        "character_set_connection",
        "character_set_results",
        "character_set_database",
    ] {
        if value(name) != Some("utf8mb4") {
            return refuse(name, "utf8mb4");
        }
    }
    let isolation =
        ["transaction_isolation", "tx_isolation"].into_iter().find(|name| found.contains_key(*name));
    match isolation {
        Some(name) if value(name).is_some_and(|level| level.replace('-', " ") == "READ COMMITTED") => {}
        Some(name) => return refuse(name, "READ-COMMITTED"),
        None => return refuse("transaction_isolation", "READ-COMMITTED"),
    }
    let packet = value("max_allowed_packet").and_then(|bytes| bytes.parse::<i64>().ok());
    if packet.is_none_or(|bytes| bytes < LEAST_PACKET) {
        return refuse("max_allowed_packet", "16777216");
    }
    if is_on(value("read_only")) {
        return refuse("read_only", "OFF");
    }
    Ok(())
}

fn is_on(value: Option<&str>) -> bool {
    matches!(value, Some("ON" | "1" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe() -> BTreeMap<String, String> {
        [
            ("innodb_flush_log_at_trx_commit", "1"),
            ("log_bin", "ON"),
            ("sync_binlog", "1"),
            ("binlog_format", "ROW"),
            ("innodb_doublewrite", "ON"),
            ("character_set_client", "utf8mb4"),
            ("character_set_connection", "utf8mb4"),
            ("character_set_results", "utf8mb4"),
            ("character_set_database", "utf8mb4"),
            ("transaction_isolation", "READ-COMMITTED"),
            ("max_allowed_packet", "16777216"),
            ("read_only", "OFF"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn each_unsafe_setting_is_refused_by_its_name() {
        assert_eq!(judge(&safe()), Ok(()));
        for (name, value) in [
            ("innodb_flush_log_at_trx_commit", "2"),
            ("innodb_flush_log_at_trx_commit", "0"),
            ("sync_binlog", "0"),
            ("sync_binlog", "1000"),
            ("binlog_format", "STATEMENT"),
            ("innodb_doublewrite", "OFF"),
            ("character_set_client", "latin1"),
            ("character_set_connection", "utf8mb3"),
            ("character_set_results", "gbk"),
            ("character_set_database", "latin1"),
            ("transaction_isolation", "READ-UNCOMMITTED"),
            ("max_allowed_packet", "1048576"),
            ("read_only", "ON"),
        ] {
            let mut found = safe();
            found.insert(name.to_owned(), value.to_owned());
            match judge(&found) {
                Err(StoreError::Unsafe { setting, found, .. }) => {
                    assert_eq!((setting.as_str(), found.as_str()), (name, value));
                }
                other => panic!("{name} = {value}: {other:?}"),
            }
        }
    }

    #[test]
    fn without_a_binary_log_its_settings_do_not_matter() {
        let mut found = safe();
        found.extend([("log_bin", "OFF"), ("sync_binlog", "0")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(judge(&found), Ok(()));
    }

    #[test]
    fn the_older_name_of_the_isolation_level_counts() {
        let mut found = safe();
        found.remove("transaction_isolation");
        found.insert("tx_isolation".into(), "READ-COMMITTED".into());
        assert_eq!(judge(&found), Ok(()));
        found.remove("tx_isolation");
        assert!(judge(&found).is_err());
    }
}
