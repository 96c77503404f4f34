//! This backend as one end of a migration (`crate::migrate`).

use std::time::Duration;

use dossier_model::id::Tenant;

use super::access::migrate::{self as logs, Filling};
use super::apply::insert_many;
use super::batch::restored;
use super::conn::{Cells as Row, Conn, SqlError, Value};
use super::node::{Node, add_free, alive, seats};
use super::options::{MysqlOptions, Target as Address};
use super::query::damage::TABLES;
use super::schema::{self, Mark};
use super::settings;
use crate::access_log::Verified;
use crate::error::StoreError;
use crate::health::Health;
use crate::log::AccessEntry;
use crate::mechanics::Checkpoint;
use crate::merkle::Head;
use crate::migrate::table::{Cell, Cells, Table, Type};
use crate::migrate::{End, MigrateError, Target};

/// Counting reads a whole table.
const PATIENCE: Duration = Duration::from_secs(3600);
/// Rows that are cleared away at a time: the user of the database need not be allowed to drop tables.
const CLEAR: &str = "10000";

/// A database on which nobody works.
pub(crate) struct MysqlEnd {
    address: Address,
    conn: Conn,
    /// Nodes and their fencing tokens when it was opened: whoever starts afterwards raises one.
    nodes: Vec<(u32, i64)>,
    /// Of a target: whoever else wants to fill it, or to work on it, sees that somebody is there.
    node: Option<Node>,
    filling: Option<(u32, Filling)>,
}

impl MysqlEnd {
    /// What is in a database, in one snapshot.
    pub(crate) fn source(options: &MysqlOptions) -> Result<Self, MigrateError> {
        let address = Address::of(options)?;
        let mut conn = match Conn::open(&address) {
            Err(SqlError::NoDatabase) => return Err(MigrateError::SourceEmpty),
            opened => opened.map_err(StoreError::from)?,
        };
        if !schema::is_made(&mut conn)? {
            return Err(MigrateError::SourceEmpty);
        }
        schema::migrate(&mut conn)?;
        off_line(&mut conn, options, None, true)?;
        let nodes = standing(&mut conn)?;
        restore(&mut conn)?;
        snapshot(&mut conn).map_err(StoreError::from)?;
        Ok(Self { address, conn, nodes, node: None, filling: None })
    }

    /// A database that is empty, or that an earlier migration has begun to fill.
    pub(crate) fn target(options: &MysqlOptions) -> Result<Self, MigrateError> {
        let address = Address::of(options)?;
        let mut conn = address.first_connection().map_err(StoreError::from)?;
        settings::check(&mut conn)?;
        schema::make(&mut conn)?;
        off_line(&mut conn, options, None, false)?;
        let mark = schema::mark(&mut conn).map_err(StoreError::from)?;
        let begun = mark == Some(Mark::Filling);
        if !begun && let Err(error) = check_empty(&mut conn) {
            // A migration died between its first look and its second one, and somebody else had begun to work here.
            schema::set_mark(&mut conn, None).map_err(StoreError::from)?;
            return Err(error);
        }
        let node = Node::claim(&mut conn, &address, &options.folder, &Health::default())?;
        if begun {
            off_line(&mut conn, options, Some(&node), false)?;
            clear(&mut conn).map_err(StoreError::from)?;
        } else {
            // A server that starts in this moment has either taken its node, which is seen now, or sees the mark.
            schema::set_mark(&mut conn, Some(Mark::Taken)).map_err(StoreError::from)?;
            let free = off_line(&mut conn, options, Some(&node), false);
            if let Err(error) = free.and_then(|()| check_empty(&mut conn)) {
                schema::set_mark(&mut conn, None).map_err(StoreError::from)?;
                return Err(error);
            }
            schema::set_mark(&mut conn, Some(Mark::Filling)).map_err(StoreError::from)?;
        }
        Ok(Self { address, conn, nodes: Vec::new(), node: Some(node), filling: None })
    }

    /// Does something in a transaction.
    fn together(
        &mut self,
        work: impl FnOnce(&mut Conn, &mut Option<(u32, Filling)>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.conn.run("START TRANSACTION")?;
        work(&mut self.conn, &mut self.filling)?;
        Ok(self.conn.run("COMMIT")?)
    }
}

/// Refuses a database on which somebody else works.
fn off_line(
    conn: &mut Conn,
    options: &MysqlOptions,
    mine: Option<&Node>,
    source_side: bool,
) -> Result<(), MigrateError> {
    match alive(conn, &options.folder, mine.map(|node| node.number))? {
        Some(node) => Err(MigrateError::NodeAlive { node, source_side }),
        None => Ok(()),
    }
}

fn standing(conn: &mut Conn) -> Result<Vec<(u32, i64)>, StoreError> {
    Ok(seats(conn)?.into_iter().map(|seat| (seat.node, seat.fence)).collect())
}

fn snapshot(conn: &mut Conn) -> Result<(), SqlError> {
    conn.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
    conn.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
}

/// The change logs of all tenants have the roots that are stored.
fn restore(conn: &mut Conn) -> Result<(), StoreError> {
    let heads = conn.rows("SELECT tenant, size, root FROM head", &[], |cells| {
        Ok((Tenant(cells.narrow(0)?), cells.narrow::<u64>(1)?, cells.fixed::<32>(2)?))
    })?;
    heads.iter().try_for_each(|(tenant, size, root)| restored(conn, *tenant, *size, root).map(drop))
}

/// The tables that have something of an installation in them.
fn filled() -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().filter(|name| !["format", "node"].contains(name))
}

fn check_empty(conn: &mut Conn) -> Result<(), MigrateError> {
    for name in filled() {
        let found = conn.one(format!("SELECT 1 FROM `{name}` LIMIT 1"), &[], |_| Ok(()));
        if found.map_err(StoreError::from)?.is_some() {
            return Err(MigrateError::TargetNotEmpty);
        }
    }
    Ok(())
}

fn clear(conn: &mut Conn) -> Result<(), SqlError> {
    for name in filled() {
        while conn.execute(format!("DELETE FROM `{name}` LIMIT {CLEAR}"), &[])? > 0 {}
    }
    Ok(())
}

/// A statement for a page: rows with the same values in the first `equal` columns of the key, and a higher one in the
/// next. No optimizer of these databases starts to read an index at `(a, b) > (?, ?)`.
fn select(table: &Table, equal: Option<usize>) -> String {
    let keys = table.key_names();
    let signs = equal.map(|equal| std::iter::repeat_n("=", equal).chain([">"])).into_iter().flatten();
    let wanted = keys.iter().zip(signs).map(|(key, sign)| format!("{key} {sign} ?"));
    let wanted: Vec<String> = wanted.chain(table.only.map(str::to_owned)).collect();
    let wanted = if wanted.is_empty() { String::new() } else { format!(" WHERE {}", wanted.join(" AND ")) };
    let order = keys.get(equal.unwrap_or(0)..).unwrap_or_default().join(", ");
    let (columns, name) = (table.list(), table.name);
    format!("SELECT {columns} FROM `{name}` FORCE INDEX (PRIMARY){wanted} ORDER BY {order} LIMIT ?")
}

/// Texts are bytes here.
fn bound(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(number) => Value::Int(*number),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
        Cell::Text(text) => Value::Bytes(text.as_bytes()),
    }
}

fn decode(table: &Table, row: &Row<'_>) -> Result<Cells, SqlError> {
    let cells = table.columns.iter().enumerate().map(|(at, column)| {
        Ok(match column.of {
            _ if column.null && row.is_null(at)? => Cell::Null,
            Type::Int => Cell::Int(row.int(at)?),
            Type::Bytes => Cell::Bytes(row.bytes(at)?),
            Type::Text => Cell::Text(row.text(at)?),
        })
    });
    cells.collect()
}

impl End for MysqlEnd {
    fn count(&mut self, table: &Table) -> Result<u64, StoreError> {
        let only = table.only.map(|only| format!(" WHERE {only}")).unwrap_or_default();
        let sql = format!("SELECT CAST(COUNT(*) AS CHAR) FROM `{}`{only}", table.name);
        let answer = self.conn.text(sql, PATIENCE)?;
        let count = answer.first().and_then(|line| line.first()).and_then(|count| count.parse().ok());
        count.ok_or_else(|| StoreError::Failed("a table that cannot be counted".into()))
    }

    fn page(&mut self, table: &Table, after: Option<&[Cell]>) -> Result<Vec<Cells>, StoreError> {
        let limit = |left: usize| Value::Int(i64::try_from(left).unwrap_or(i64::MAX));
        let Some(after) = after else {
            let sql = select(table, None);
            return Ok(self.conn.rows(sql, &[limit(table.page)], |row| decode(table, row))?);
        };
        let key = table.key_of(after);
        let mut page = Vec::new();
        for equal in (0..key.len()).rev() {
            let left = table.page.saturating_sub(page.len());
            if left == 0 {
                break;
            }
            let mut values: Vec<Value<'_>> = key.iter().take(equal + 1).map(|cell| bound(cell)).collect();
            values.push(limit(left));
            page.extend(self.conn.rows(select(table, Some(equal)), &values, |row| decode(table, row))?);
        }
        Ok(page)
    }

    fn nodes(&mut self) -> Result<Vec<u32>, StoreError> {
        logs::nodes(&mut self.conn)
    }

    fn heads(&mut self, node: u32) -> Result<Vec<(Tenant, Head)>, StoreError> {
        logs::heads(&mut self.conn, node)
    }

    fn checkpoint(&mut self, node: u32, tenant: Tenant) -> Result<Option<Checkpoint>, StoreError> {
        logs::checkpoint(&mut self.conn, node, tenant)
    }

    fn bundles(
        &mut self,
        node: u32,
        each: &mut dyn FnMut(Vec<Vec<u8>>) -> Result<(), MigrateError>,
    ) -> Result<(), MigrateError> {
        logs::bundles(&mut self.conn, node, each)
    }

    fn entries(
        &mut self,
        node: u32,
        tenant: Tenant,
        from: u64,
        limit: u64,
    ) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        logs::entries(&mut self.conn, node, tenant, from, limit)
    }

    fn verify_log(&mut self, node: u32) -> Result<Verified, StoreError> {
        logs::verify(&mut self.conn, node)
    }

    fn still(&mut self) -> Result<(), MigrateError> {
        // A connection of its own: the snapshot would not see it.
        let mut conn = Conn::open(&self.address).map_err(StoreError::from)?;
        let now = standing(&mut conn)?;
        conn.close();
        match now.iter().find(|seat| !self.nodes.contains(seat)) {
            Some((node, _)) => Err(MigrateError::SourceMoved { node: *node }),
            None => Ok(()),
        }
    }
}

impl Target for MysqlEnd {
    fn put(&mut self, table: &Table, rows: &[Cells]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = rows.iter().flatten().map(bound).collect();
        let head = format!("INSERT INTO `{}` ({})", table.name, table.list());
        self.together(|conn, _| Ok(insert_many(conn, &head, table.columns.len(), &values)?))
    }

    fn put_bundles(&mut self, node: u32, bundles: &[Vec<u8>]) -> Result<(), StoreError> {
        self.together(|conn, filling| {
            let (_, log) = match filling.take() {
                Some(one) if one.0 == node => filling.insert(one),
                _ => filling.insert((node, Filling::default())),
            };
            log.put(conn, node, bundles)
        })
    }

    fn end_log(&mut self, node: u32, checkpoints: &[(Tenant, Checkpoint)]) -> Result<(), StoreError> {
        self.filling = None;
        let mut kept = checkpoints.iter();
        kept.try_for_each(|(tenant, checkpoint)| {
            logs::put_checkpoint(&mut self.conn, node, *tenant, checkpoint)
        })
    }

    fn restore(&mut self) -> Result<(), StoreError> {
        restore(&mut self.conn)
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let nodes = self.nodes()?;
        let claim = self.node.as_ref().map(Node::by);
        self.together(|conn, _| {
            // Who was taken for dead meanwhile does not say that it is whole.
            if let Some(claim) = claim
                && !claim.renew(conn)?
            {
                return Err(StoreError::Poisoned);
            }
            nodes.iter().try_for_each(|node| add_free(conn, *node))?;
            Ok(schema::set_mark(conn, None)?)
        })
    }
}
