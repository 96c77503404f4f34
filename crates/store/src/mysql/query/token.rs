//! Look-ups by token.

use std::collections::{BTreeMap, BTreeSet};

use dossier_model::id::{Rid, Tenant};

use super::keyset::Keyset;
use super::list::marks;
use super::log::at_most;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::mysql::conn::{Cells, Conn, SqlError, Value, values};
use crate::query::padded;

/// Most unique tokens that one statement asks for.
const AT_ONCE: usize = 256;

pub(in crate::mysql) fn find(
    conn: &mut Conn,
    tenant: Tenant,
    field: u32,
    version: u16,
    token: i64,
    limit: usize,
) -> Result<Vec<Rid>, SqlError> {
    let sql = "SELECT rid FROM token FORCE INDEX (PRIMARY) \
               WHERE tenant = ? AND field = ? AND kv = ? AND token = ? ORDER BY rid LIMIT ?";
    let values = values![tenant.0, field, version, token, at_most(limit)];
    conn.rows(sql, values, |cells| Ok(Rid(cells.int(0)?)))
}

/// Whether a record has a token.
pub(in crate::mysql) fn is_there(
    conn: &mut Conn,
    tenant: Tenant,
    token: &TokenRow,
) -> Result<bool, SqlError> {
    let sql = "SELECT rid FROM token WHERE tenant = ? AND field = ? AND kv = ? AND token = ? AND rid = ?";
    let values = values![tenant.0, token.field, token.version, token.token, token.rid.0];
    Ok(conn.one(sql, values, |_| Ok(()))?.is_some())
}

/// Which of these keys (field, version, token, slot) are taken, and by whom; ascending. The records in what is asked
/// for do not matter.
pub(in crate::mysql) fn holders(
    conn: &mut Conn,
    tenant: Tenant,
    keys: &[UniqueRow],
) -> Result<Vec<UniqueRow>, SqlError> {
    let key_of = |row: &UniqueRow| (row.field, row.version, row.token, row.slot);
    let wanted: BTreeSet<_> = keys.iter().map(key_of).collect();
    let mut groups: BTreeMap<(u32, u16), Vec<[u8; 16]>> = BTreeMap::new();
    for (field, version, token, _) in &wanted {
        groups.entry((*field, *version)).or_default().push(*token);
    }
    let mut found = Vec::new();
    for ((field, version), mut tokens) in groups {
        tokens.dedup();
        for chunk in tokens.chunks(AT_ONCE) {
            let chunk = padded(chunk.iter().collect::<Vec<_>>());
            let sql = format!(
                "SELECT field, kv, token, slot, rid FROM uniq FORCE INDEX (PRIMARY) \
                 WHERE tenant = ? AND field = ? AND kv = ? AND token IN ({})",
                marks(chunk.len())
            );
            let mut values = values![tenant.0, field, version].to_vec();
            values.extend(chunk.into_iter().map(Value::from));
            found.extend(conn.rows(sql, &values, decode_unique)?);
        }
    }
    // Other slots of a token came along: there are few.
    found.retain(|row| wanted.contains(&key_of(row)));
    found.sort_unstable();
    Ok(found)
}

pub(in crate::mysql) fn scan(
    conn: &mut Conn,
    tenant: Tenant,
    after: Option<&TokenRow>,
    limit: usize,
) -> Result<Vec<TokenRow>, SqlError> {
    let keyset =
        Keyset { select: "SELECT field, kv, token, rid FROM token", keys: ["field", "kv", "token", "rid"] };
    let after = after.map(|row| [row.field.into(), row.version.into(), row.token.into(), row.rid.0.into()]);
    keyset.page(conn, tenant, after, limit, |cells| {
        Ok(TokenRow {
            field: cells.narrow(0)?,
            version: cells.narrow(1)?,
            token: cells.int(2)?,
            rid: Rid(cells.int(3)?),
        })
    })
}

fn decode_unique(cells: &Cells<'_>) -> Result<UniqueRow, SqlError> {
    Ok(UniqueRow {
        field: cells.narrow(0)?,
        version: cells.narrow(1)?,
        token: cells.fixed(2)?,
        slot: cells.int(3)?,
        rid: Rid(cells.int(4)?),
    })
}

pub(in crate::mysql) fn scan_uniques(
    conn: &mut Conn,
    tenant: Tenant,
    after: Option<&UniqueRow>,
    limit: usize,
) -> Result<Vec<UniqueRow>, SqlError> {
    let keyset = Keyset {
        select: "SELECT field, kv, token, slot, rid FROM uniq",
        keys: ["field", "kv", "token", "slot"],
    };
    let after = after.map(|row| [row.field.into(), row.version.into(), (&row.token).into(), row.slot.into()]);
    keyset.page(conn, tenant, after, limit, decode_unique)
}

/// The tables of tokens.
pub(in crate::mysql) const TABLES: [&str; 2] = ["token", "uniq"];

/// Whether nothing is left of an index-key version. Walks from field to field, so it costs as many steps as there are
/// token fields.
pub(in crate::mysql) fn version_is_empty(
    conn: &mut Conn,
    tenant: Tenant,
    version: u16,
) -> Result<bool, SqlError> {
    for table in TABLES {
        for field in fields(conn, tenant, table)? {
            let sql = format!(
                "SELECT field FROM {table} FORCE INDEX (PRIMARY) \
                 WHERE tenant = ? AND field = ? AND kv = ? LIMIT 1"
            );
            if conn.one(sql, values![tenant.0, field, version], |_| Ok(()))?.is_some() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The token fields that a table ([`TABLES`]) holds.
pub(in crate::mysql) fn fields(conn: &mut Conn, tenant: Tenant, table: &str) -> Result<Vec<u32>, SqlError> {
    let sql = format!(
        "SELECT field FROM {table} FORCE INDEX (PRIMARY) WHERE tenant = ? AND field > ? ORDER BY field LIMIT 1"
    );
    let mut found: Vec<u32> = Vec::new();
    let mut last = -1;
    while let Some(field) = conn.one(sql.as_str(), values![tenant.0, last], |cells| cells.narrow(0))? {
        found.push(field);
        last = i64::from(field);
    }
    Ok(found)
}
