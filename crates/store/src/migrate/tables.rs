//! Tables: copying, and comparing record by record.

use std::collections::BTreeMap;

use dossier_model::id::Tenant;
use sha2::{Digest, Sha256};

use super::table::{CHANGE_LOG, Cell, Cells, HEAD, TABLES, Table};
use super::{MigrateError, MovedLog, MovedTable, Work, differs};
use crate::error::StoreError;
use crate::merkle::{Tree, leaf_hash};

impl Work<'_> {
    /// Copies a table page by page.
    pub(super) fn copy(&mut self, table: &Table) -> Result<(), MigrateError> {
        let mut last: Option<Cells> = None;
        loop {
            let page = self.source.page(table, last.as_deref())?;
            if page.is_empty() {
                return Ok(());
            }
            self.target.put(table, &page)?;
            self.tell(table.name, page.len());
            last = page.into_iter().next_back();
        }
    }

    /// Reads a table on both sides, which have to have the same rows with the same values.
    pub(super) fn compare(&mut self, table: &Table) -> Result<MovedTable, MigrateError> {
        let (mut rows, mut running) = (0u64, Sha256::new());
        let mut last: Option<Cells> = None;
        loop {
            let page = self.source.page(table, last.as_deref())?;
            let found = self.target.page(table, last.as_deref())?;
            for at in 0..page.len().max(found.len()) {
                let (Some(row), true) = (page.get(at), page.get(at) == found.get(at)) else {
                    return Err(differs(place(table, rows, page.get(at).or(found.get(at)))));
                };
                running.update(table.digest(row)?);
                rows += 1;
            }
            if page.is_empty() {
                return Ok(MovedTable { name: table.name, rows, sha256: running.finalize().into() });
            }
            self.tell(table.name, page.len());
            last = page.into_iter().next_back();
        }
    }

    /// The change logs of the target: the leaves have to lead to the root that is stored, tenant by tenant.
    pub(super) fn change_heads(&mut self) -> Result<Vec<MovedLog>, MigrateError> {
        let mut trees: BTreeMap<i64, Tree> = BTreeMap::new();
        self.each(named(CHANGE_LOG)?, |row| {
            let [Cell::Int(tenant), Cell::Int(position), Cell::Bytes(leaf)] = row else {
                return Err(differs(CHANGE_LOG));
            };
            let tree = trees.entry(*tenant).or_default();
            if u64::try_from(*position) != Ok(tree.size()) {
                return Err(differs(format!("{CHANGE_LOG}, entry {}", tree.size())));
            }
            tree.append_hash(leaf_hash(leaf), &mut Vec::new());
            Ok(())
        })?;
        let mut moved = Vec::new();
        self.each(named(HEAD)?, |row| {
            let [Cell::Int(tenant), Cell::Int(size), Cell::Bytes(root), ..] = row else {
                return Err(differs(HEAD));
            };
            let head = trees.remove(tenant).unwrap_or_default().head();
            if u64::try_from(*size) != Ok(head.size) || root.as_slice() != head.root {
                return Err(differs(format!("{HEAD}, size or root of tenant {tenant}")));
            }
            let tenant = Tenant(u32::try_from(*tenant).map_err(|_| differs(HEAD))?);
            moved.push(MovedLog { tenant, node: None, head });
            Ok(())
        })?;
        match trees.is_empty() {
            true => Ok(moved),
            false => Err(differs(format!("{HEAD}, a tenant without a head"))),
        }
    }

    /// Every row of a table of the target.
    fn each(
        &mut self,
        table: &Table,
        mut look: impl FnMut(&[Cell]) -> Result<(), MigrateError>,
    ) -> Result<(), MigrateError> {
        let mut last: Option<Cells> = None;
        loop {
            let page = self.target.page(table, last.as_deref())?;
            page.iter().try_for_each(|row| look(row))?;
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => return Ok(()),
            }
        }
    }
}

fn named(name: &str) -> Result<&'static Table, StoreError> {
    TABLES.iter().find(|table| table.name == name).ok_or(StoreError::Invalid("a table that is not known"))
}

/// Where two rows differ: the record's number where the table has one, else the how-manieth row it is.
fn place(table: &Table, before: u64, row: Option<&Cells>) -> String {
    let number = table.columns.iter().position(|column| column.name == "rid").filter(|at| *at == 1);
    match number.and_then(|at| row?.get(at)) {
        Some(Cell::Int(number)) => format!("{}, record {number}", table.name),
        _ => format!("{}, row {}", table.name, before + 1),
    }
}
