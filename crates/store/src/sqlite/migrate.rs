//! This backend as one end of a migration (`crate::migrate`).

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use dossier_model::id::{Rid, Tenant};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::place::{log_place, number_of, row_place};
use super::{batch, connect, create_private, schema};
use crate::access_log::copy::{NewLog, nodes};
use crate::access_log::{AccessLog, Verified};
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::mechanics::Checkpoint;
use crate::merkle::Head;
use crate::migrate::table::{CHANGE_LOG, Cell, Cells, Table, Type};
use crate::migrate::{End, MigrateError, Target};

/// The mark of a store that is being filled: a file in the data folder, there before anything else and removed last.
const MARK: &str = "migrating";
/// Pages of the journal after which the target moves them into the file.
const CHECKPOINT_PAGES: u32 = 16_384;
/// Bytes of bundles that are handed on at a time.
const BUNDLES: usize = 1 << 20;

/// Refuses a store that was not filled to its end.
pub(super) fn check_finished(folder: &Path) -> Result<(), StoreError> {
    match folder.join(MARK).try_exists()? {
        true => Err(StoreError::Unfinished),
        false => Ok(()),
    }
}

/// A data folder whose lock is held.
pub(crate) struct SqliteEnd {
    folder: PathBuf,
    conn: Connection,
    /// Whether there are tokens in runs beside the large tables.
    runs: bool,
    logs: BTreeMap<u32, AccessLog>,
    /// The log that is being written.
    new: Option<(u32, NewLog)>,
}

impl SqliteEnd {
    /// The store that is there.
    pub(crate) fn source(folder: &Path) -> Result<Self, MigrateError> {
        check_finished(folder)?;
        let path = folder.join("store.db");
        if !path.try_exists().map_err(StoreError::from)? {
            return Err(MigrateError::SourceEmpty);
        }
        let mut conn = connect::writer(&path)?;
        schema::migrate(&mut conn)?;
        batch::restore(&conn)?;
        drop(conn);
        let conn = connect::reader(&path)?;
        gather_runs(&conn)?;
        let access = folder.join("access");
        let mut logs = BTreeMap::new();
        for node in nodes(&access).map_err(StoreError::from)? {
            logs.insert(node, AccessLog::open_closed(&access, node)?);
        }
        Ok(Self { folder: folder.to_owned(), conn, runs: true, logs, new: None })
    }

    /// A store that is made, where there is none or half of one.
    pub(crate) fn target(folder: &Path) -> Result<Self, MigrateError> {
        let (path, access, mark) = (folder.join("store.db"), folder.join("access"), folder.join(MARK));
        let there = |path: &Path| path.try_exists().map_err(StoreError::from);
        if there(&mark)? {
            clear(folder)?;
        } else if there(&path)? || !nodes(&access).map_err(StoreError::from)?.is_empty() {
            return Err(MigrateError::TargetNotEmpty);
        }
        create_private(&mark)?;
        sync(folder)?;
        create_private(&path)?;
        let mut conn = connect::writer(&path)?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(StoreError::from)?;
        schema::migrate(&mut conn)?;
        Ok(Self { folder: folder.to_owned(), conn, runs: false, logs: BTreeMap::new(), new: None })
    }

    fn log(&self, node: u32) -> Result<&AccessLog, StoreError> {
        self.logs.get(&node).ok_or(StoreError::Invalid("a node that has no access log"))
    }
}

/// Removes what an earlier migration left.
fn clear(folder: &Path) -> Result<(), StoreError> {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    for node in nodes(&folder.join("access"))? {
        std::fs::remove_dir_all(folder.join("access").join(node.to_string()))?;
    }
    sync(folder)
}

fn sync(folder: &Path) -> Result<(), StoreError> {
    Ok(File::open(folder)?.sync_all()?)
}

/// Brings the tokens of all runs into the order of the large tables, in memory: what lies in `token_fresh` is a token
/// like any other.
fn gather_runs(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(
        "PRAGMA query_only = OFF;
         CREATE TEMP TABLE token_run (tenant, field, kv, token, rid,
             PRIMARY KEY (tenant, field, kv, token, rid)) WITHOUT ROWID;
         INSERT OR IGNORE INTO temp.token_run SELECT tenant, field, kv, token, rid FROM main.token_fresh
             WHERE run IN (SELECT run FROM main.fresh_run);
         CREATE TEMP TABLE uniq_run (tenant, field, kv, token, slot, rid,
             PRIMARY KEY (tenant, field, kv, token, slot)) WITHOUT ROWID;
         INSERT OR IGNORE INTO temp.uniq_run SELECT tenant, field, kv, token, slot, rid FROM main.uniq_fresh
             WHERE run IN (SELECT run FROM main.fresh_run);
         PRAGMA query_only = ON;",
    )?;
    Ok(())
}

/// How a table lies here.
enum Form {
    /// Column by column.
    Plain,
    /// With tenant and number in one clustering key (`place`); whether the tenant stands beside it.
    Placed { tenant_beside: bool },
    /// In two parts, the second one in the order of the first.
    Parted { run: &'static str },
}

impl SqliteEnd {
    fn form(&self, table: &Table) -> Form {
        match table.name {
            "row" | "version" => Form::Placed { tenant_beside: true },
            CHANGE_LOG => Form::Placed { tenant_beside: false },
            "token" if self.runs => Form::Parted { run: "token_run" },
            "uniq" if self.runs => Form::Parted { run: "uniq_run" },
            _ => Form::Plain,
        }
    }
}

/// The statement for a page, with the place of the limit last.
fn select(table: &Table, form: &Form, behind: bool) -> String {
    let (columns, keys) = match form {
        Form::Placed { .. } => (stored(table, form), placed_key(table)),
        _ => (table.list(), table.key_names()),
    };
    let marks = vec!["?"; keys.len()].join(", ");
    let keys = keys.join(", ");
    let behind = behind.then(|| format!("({keys}) > ({marks})"));
    let wanted: Vec<String> = behind.into_iter().chain(table.only.map(str::to_owned)).collect();
    let wanted = if wanted.is_empty() { String::new() } else { format!(" WHERE {}", wanted.join(" AND ")) };
    let page = |name: &str| format!("SELECT {columns} FROM `{name}`{wanted} ORDER BY {keys} LIMIT ?");
    match form {
        Form::Parted { run } => format!(
            "SELECT {columns} FROM (SELECT * FROM ({}) UNION SELECT * FROM ({})) ORDER BY {keys} LIMIT ?",
            page(table.name),
            page(run)
        ),
        _ => page(table.name),
    }
}

/// The columns as they are stored.
fn stored(table: &Table, form: &Form) -> String {
    match form {
        // `rid` and `position` are in the clustering key, which stands in their place.
        Form::Placed { tenant_beside: true } => {
            format!("tenant, id, {}", table.names(2..table.columns.len()).join(", "))
        }
        Form::Placed { tenant_beside: false } => {
            format!("id, {}", table.names(2..table.columns.len()).join(", "))
        }
        _ => table.list(),
    }
}

fn placed_key(table: &Table) -> Vec<String> {
    let rest = table.names(table.key.iter().copied().skip(2));
    std::iter::once("id".to_owned()).chain(rest).collect()
}

/// Tenant and number as the clustering key.
fn place(table: &Table, tenant: &Cell, number: &Cell) -> Result<i64, StoreError> {
    let (Cell::Int(tenant), Cell::Int(number)) = (tenant, number) else { return Err(odd(table)) };
    let tenant = Tenant(u32::try_from(*tenant).map_err(|_| odd(table))?);
    match table.name {
        CHANGE_LOG => log_place(tenant, u64::try_from(*number).map_err(|_| odd(table))?),
        _ => row_place(tenant, Rid(*number)),
    }
}

fn odd(table: &Table) -> StoreError {
    StoreError::Corrupt(format!("a row of the table {} cannot be read", table.name))
}

fn bound(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(number) => Value::Integer(*number),
        Cell::Bytes(bytes) => Value::Blob(bytes.clone()),
        Cell::Text(text) => Value::Text(text.clone()),
    }
}

/// The cells of a key, or of a row, as they are stored.
fn bound_all(table: &Table, form: &Form, cells: &[&Cell]) -> Result<Vec<Value>, StoreError> {
    let (Form::Placed { tenant_beside }, [tenant, number, rest @ ..]) = (form, cells) else {
        return Ok(cells.iter().map(|cell| bound(cell)).collect());
    };
    let place = Value::Integer(place(table, tenant, number)?);
    let tenant = tenant_beside.then(|| bound(tenant));
    Ok(tenant.into_iter().chain([place]).chain(rest.iter().map(|cell| bound(cell))).collect())
}

fn decode(table: &Table, form: &Form, row: &rusqlite::Row<'_>) -> Result<Cells, StoreError> {
    let mut cells = Vec::with_capacity(table.columns.len());
    let mut at = 0;
    if let Form::Placed { tenant_beside } = form {
        let place: i64 = row.get(usize::from(*tenant_beside))?;
        let tenant = match tenant_beside {
            true => row.get(0)?,
            false => super::place::tenant_of(place)?,
        };
        cells.extend([Cell::Int(i64::from(tenant)), Cell::Int(number_of(Tenant(tenant), place))]);
        at = if *tenant_beside { 2 } else { 1 };
    }
    for column in table.columns.iter().skip(cells.len()) {
        let null = column.null && matches!(row.get_ref(at)?, rusqlite::types::ValueRef::Null);
        cells.push(match column.of {
            _ if null => Cell::Null,
            Type::Int => Cell::Int(row.get(at)?),
            Type::Bytes => Cell::Bytes(row.get(at)?),
            Type::Text => Cell::Text(row.get(at)?),
        });
        at += 1;
    }
    Ok(cells)
}

impl End for SqliteEnd {
    fn count(&mut self, table: &Table) -> Result<u64, StoreError> {
        let of = |name: &str| {
            let only = table.only.map(|only| format!(" WHERE {only}")).unwrap_or_default();
            let sql = format!("SELECT count(*) FROM `{name}`{only}");
            self.conn.query_row(&sql, [], |row| row.get::<_, i64>(0))
        };
        let beside = match self.form(table) {
            Form::Parted { run } => of(run)?,
            _ => 0,
        };
        Ok(u64::try_from(of(table.name)? + beside).unwrap_or(0))
    }

    fn page(&mut self, table: &Table, after: Option<&[Cell]>) -> Result<Vec<Cells>, StoreError> {
        let form = self.form(table);
        let limit = Value::Integer(i64::try_from(table.page).unwrap_or(i64::MAX));
        let mut values = match after {
            // The tenant beside a clustering key is no part of it.
            Some(row) => match form {
                Form::Placed { .. } => {
                    let key = Form::Placed { tenant_beside: false };
                    bound_all(table, &key, &table.key_of(row))?
                }
                _ => bound_all(table, &form, &table.key_of(row))?,
            },
            None => Vec::new(),
        };
        values.push(limit.clone());
        if let Form::Parted { .. } = form {
            values.extend(values.clone());
            values.push(limit);
        }
        let mut query = self.conn.prepare_cached(&select(table, &form, after.is_some()))?;
        let mut rows = query.query(params_from_iter(values))?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(decode(table, &form, row)?);
        }
        Ok(page)
    }

    fn nodes(&mut self) -> Result<Vec<u32>, StoreError> {
        let filled = |log: &AccessLog| Ok::<_, StoreError>(!log.tenants()?.is_empty());
        let mut nodes = Vec::new();
        for (node, log) in &self.logs {
            if filled(log)? {
                nodes.push(*node);
            }
        }
        Ok(nodes)
    }

    fn heads(&mut self, node: u32) -> Result<Vec<(Tenant, Head)>, StoreError> {
        let log = self.log(node)?;
        let heads = log.tenants()?.into_iter().map(|tenant| {
            let head = log.head(tenant)?;
            Ok((tenant, Head { size: head.size, root: head.root }))
        });
        heads.collect()
    }

    fn checkpoint(&mut self, node: u32, tenant: Tenant) -> Result<Option<Checkpoint>, StoreError> {
        self.log(node)?.checkpoint(tenant)
    }

    fn bundles(
        &mut self,
        node: u32,
        each: &mut dyn FnMut(Vec<Vec<u8>>) -> Result<(), MigrateError>,
    ) -> Result<(), MigrateError> {
        let (mut some, mut size) = (Vec::new(), 0);
        self.log(node)?.bundles(|header, bytes| {
            size += header.bytes;
            some.push(bytes);
            if size < BUNDLES {
                return Ok(());
            }
            size = 0;
            each(std::mem::take(&mut some))
        })?;
        if some.is_empty() { Ok(()) } else { each(some) }
    }

    fn entries(
        &mut self,
        node: u32,
        tenant: Tenant,
        from: u64,
        limit: u64,
    ) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        self.log(node)?.entries(tenant, from, from.saturating_add(limit))?.collect()
    }

    fn verify_log(&mut self, node: u32) -> Result<Verified, StoreError> {
        self.log(node)?.verify()
    }

    fn still(&mut self) -> Result<(), MigrateError> {
        // The lock of the folder was held all the time.
        Ok(())
    }
}

impl Target for SqliteEnd {
    fn put(&mut self, table: &Table, rows: &[Cells]) -> Result<(), StoreError> {
        let form = self.form(table);
        let columns = stored(table, &form);
        let step = self.conn.transaction()?;
        {
            let marks = vec!["?"; columns.split(", ").count()].join(", ");
            let sql = format!("INSERT INTO `{}` ({columns}) VALUES ({marks})", table.name);
            let mut insert = step.prepare_cached(&sql)?;
            for row in rows {
                let cells: Vec<&Cell> = row.iter().collect();
                insert.execute(params_from_iter(bound_all(table, &form, &cells)?))?;
            }
        }
        Ok(step.commit()?)
    }

    fn put_bundles(&mut self, node: u32, bundles: &[Vec<u8>]) -> Result<(), StoreError> {
        let access = self.folder.join("access");
        let (_, log) = match self.new.take() {
            Some(new) if new.0 == node => self.new.insert(new),
            _ => self.new.insert((node, NewLog::begin(&access, node)?)),
        };
        bundles.iter().try_for_each(|bundle| log.push(bundle))
    }

    fn end_log(&mut self, node: u32, checkpoints: &[(Tenant, Checkpoint)]) -> Result<(), StoreError> {
        let Some((_, new)) = self.new.take() else { return Ok(()) };
        new.end()?;
        let log = AccessLog::open_closed(&self.folder.join("access"), node)?;
        for (tenant, checkpoint) in checkpoints {
            log.save_checkpoint(*tenant, checkpoint)?;
        }
        self.logs.insert(node, log);
        Ok(())
    }

    fn restore(&mut self) -> Result<(), StoreError> {
        batch::restore(&self.conn).map(drop)
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        sync(&self.folder)?;
        std::fs::remove_file(self.folder.join(MARK))?;
        sync(&self.folder)
    }
}
