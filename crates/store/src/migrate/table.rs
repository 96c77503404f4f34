//! Every table that is moved, once: its columns in the form of both backends, and the key by which it is read.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use sha2::{Digest, Sha256};

use crate::cbor;
use crate::error::StoreError;
use crate::row::{Row, SystemRow};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Bytes,
    Text,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) of: Type,
    /// Whether it may be NULL.
    pub(crate) null: bool,
}

/// A value of a column.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
}

impl std::fmt::Debug for Cell {
    /// The type alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Cell::Null => "Null",
            Cell::Int(_) => "Int(..)",
            Cell::Bytes(_) => "Bytes(..)",
            Cell::Text(_) => "Text(..)",
        })
    }
}

/// A row, in the order of the columns.
pub(crate) type Cells = Vec<Cell>;

/// How the digest of a row is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A version of a record: its row hash, which the ledger names.
    Record,
    /// A version of a system record: its row hash, which the ledger names.
    System,
    /// SHA-256 of the CBOR array of its cells.
    Plain,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
    /// Places of the columns of the primary key, in its order.
    pub(crate) key: &'static [usize],
    /// What a row has to fulfil to count: the rest is as good as not there.
    pub(crate) only: Option<&'static str>,
    /// Rows of a page.
    pub(crate) page: usize,
    kind: Kind,
}

const fn int(name: &'static str) -> Column {
    Column { name, of: Type::Int, null: false }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, of: Type::Bytes, null: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, of: Type::Text, null: false }
}

const fn text_or_null(name: &'static str) -> Column {
    Column { name, of: Type::Text, null: true }
}

/// Rows of a page where a row is small, and where it may have some kilobytes.
const MANY: usize = 4096;
const SOME: usize = 512;

const fn table(name: &'static str, columns: &'static [Column], key: &'static [usize]) -> Table {
    Table { name, columns, key, only: None, page: SOME, kind: Kind::Plain }
}

const RECORD: &[Column] = &[
    int("tenant"),
    int("rid"),
    bytes("record"),
    int("kind"),
    int("version"),
    int("dossier"),
    int("domain"),
    bytes("domain_uid"),
    text_or_null("code"),
    int("stage"),
    int("level"),
    int("team"),
    int("region"),
    int("industry"),
    int("band"),
    int("owner"),
    int("created"),
    int("changed"),
    int("state"),
    int("key_version"),
    int("mask_revision"),
    int("generation"),
    bytes("container"),
];
const SYSTEM: &[Column] = &[int("tenant"), text("kind"), bytes("id"), int("version"), bytes("body")];

/// All tables but those that each backend makes anew: its own bookkeeping, and who works on it.
pub(crate) const TABLES: &[Table] = &[
    Table { kind: Kind::Record, ..table("row", RECORD, &[0, 1]) },
    Table { kind: Kind::Record, ..table("version", RECORD, &[0, 1, 4]) },
    Table {
        page: MANY,
        ..table(
            "data_key",
            &[int("tenant"), int("domain"), int("version"), int("bucket_generation"), bytes("wrapped")],
            &[0, 1, 2],
        )
    },
    // The first generation is the same with a row and without.
    Table {
        only: Some("generation <> 1"),
        ..table("bucket", &[int("tenant"), int("bucket"), int("generation")], &[0, 1])
    },
    Table {
        page: MANY,
        ..table(
            "token",
            &[int("tenant"), int("field"), int("kv"), int("token"), int("rid")],
            &[0, 1, 2, 3, 4],
        )
    },
    Table {
        page: MANY,
        ..table(
            "uniq",
            &[int("tenant"), int("field"), int("kv"), bytes("token"), int("slot"), int("rid")],
            &[0, 1, 2, 3, 4],
        )
    },
    table(CHANGE_LOG, &[int("tenant"), int("position"), bytes("leaf")], &[0, 1]),
    table("tile", &[int("tenant"), int("level"), int("position"), bytes("hashes")], &[0, 1, 2]),
    table(
        HEAD,
        &[
            int("tenant"),
            int("size"),
            bytes("root"),
            int("policy_epoch"),
            int("checkpoint_size"),
            text_or_null("checkpoint"),
        ],
        &[0],
    ),
    Table { kind: Kind::System, ..table("system", SYSTEM, &[0, 1, 2]) },
    Table { kind: Kind::System, ..table("system_version", SYSTEM, &[0, 1, 2, 3]) },
    table(
        "session",
        &[
            int("tenant"),
            bytes("hash"),
            bytes("subject"),
            int("subject_kind"),
            int("issued"),
            int("expires"),
            bytes("mac"),
        ],
        &[0, 1],
    ),
    table(
        "login",
        &[
            int("tenant"),
            bytes("hash"),
            bytes("subject"),
            int("kind"),
            int("issued"),
            int("used"),
            int("expires"),
            bytes("body"),
            bytes("mac"),
        ],
        &[0, 1],
    ),
    table(
        "idempotency",
        &[int("tenant"), bytes("subject"), bytes("key"), bytes("command_hash"), bytes("result"), int("at")],
        &[0, 1, 2],
    ),
    Table {
        page: MANY,
        ..table(
            "quota_use",
            &[int("tenant"), bytes("subject"), text("name"), int("at"), int("nth")],
            &[0, 1, 2, 3, 4],
        )
    },
    table("sequence", &[int("tenant"), text("name"), int("next")], &[0, 1]),
    table("cursor", &[int("tenant"), text("name"), int("position")], &[0, 1]),
    table("lease", &[int("tenant"), text("name"), bytes("holder"), int("until"), int("fence")], &[0, 1]),
    table(
        "job",
        &[int("tenant"), bytes("id"), text("kind"), int("state"), int("due"), int("version"), bytes("body")],
        &[0, 1],
    ),
    Table {
        // A part may be a piece of a file.
        page: 64,
        ..table(
            "job_part",
            &[int("tenant"), bytes("job"), int("class"), int("number"), bytes("body")],
            &[0, 1, 2, 3],
        )
    },
];

/// The table of the change log's leaves, and that of its size and root.
pub(crate) const CHANGE_LOG: &str = "change_log";
pub(crate) const HEAD: &str = "head";

impl Table {
    /// Its columns for a statement, in an order of their places.
    pub(crate) fn names(&self, places: impl Iterator<Item = usize>) -> Vec<String> {
        places.filter_map(|at| self.columns.get(at)).map(|column| format!("`{}`", column.name)).collect()
    }

    /// All columns, for a statement.
    pub(crate) fn list(&self) -> String {
        self.names(0..self.columns.len()).join(", ")
    }

    /// The columns of the key.
    pub(crate) fn key_names(&self) -> Vec<String> {
        self.names(self.key.iter().copied())
    }

    /// The cells of the key.
    pub(crate) fn key_of<'c>(&self, row: &'c [Cell]) -> Vec<&'c Cell> {
        self.key.iter().filter_map(|at| row.get(*at)).collect()
    }

    /// The digest of a row: the row hash where the ledger has one.
    pub(crate) fn digest(&self, row: &[Cell]) -> Result<[u8; 32], StoreError> {
        let mut cells = Reader { table: self.name, cells: row.iter() };
        match self.kind {
            Kind::Record => {
                let tenant = Tenant(cells.int()?);
                Ok(record(&mut cells)?.hash(tenant))
            }
            Kind::System => {
                let tenant = Tenant(cells.int()?);
                let row = SystemRow {
                    kind: cells.text()?.ok_or_else(|| cells.odd())?,
                    id: Uid(cells.fixed()?),
                    version: cells.int()?,
                    body: cells.bytes()?.to_vec(),
                };
                Ok(row.hash(tenant))
            }
            Kind::Plain => Ok(Sha256::digest(plain(row)).into()),
        }
    }
}

fn plain(row: &[Cell]) -> Vec<u8> {
    cbor::encoded(64, |e| {
        e.array(row.len() as u64)?;
        for cell in row {
            match cell {
                Cell::Null => e.null()?,
                Cell::Int(number) => e.i64(*number)?,
                Cell::Bytes(bytes) => e.bytes(bytes)?,
                Cell::Text(text) => e.str(text)?,
            };
        }
        Ok(())
    })
}

fn record(cells: &mut Reader<'_>) -> Result<Row, StoreError> {
    Ok(Row {
        rid: Rid(cells.int()?),
        record: Uid(cells.fixed()?),
        kind: KindId(cells.int()?),
        version: cells.int()?,
        dossier: Rid(cells.int()?),
        domain: Rid(cells.int()?),
        domain_uid: Uid(cells.fixed()?),
        code: cells.text()?,
        stage: cells.int()?,
        level: cells.int()?,
        team: cells.int()?,
        region: cells.int()?,
        industry: cells.int()?,
        band: cells.int()?,
        owner: cells.int()?,
        created: Micros(cells.int()?),
        changed: Micros(cells.int()?),
        state: cells.int()?,
        key_version: cells.int()?,
        mask_revision: cells.int()?,
        generation: cells.int()?,
        container: cells.bytes()?.to_vec(),
    })
}

/// Takes the cells of a row one after the other.
struct Reader<'c> {
    table: &'static str,
    cells: std::slice::Iter<'c, Cell>,
}

impl<'c> Reader<'c> {
    fn odd(&self) -> StoreError {
        StoreError::Corrupt(format!("a row of the table {} cannot be read", self.table))
    }

    fn int<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        match self.cells.next() {
            Some(Cell::Int(number)) => T::try_from(*number).map_err(|_| self.odd()),
            _ => Err(self.odd()),
        }
    }

    fn bytes(&mut self) -> Result<&'c [u8], StoreError> {
        match self.cells.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(self.odd()),
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        self.bytes()?.try_into().map_err(|_| self.odd())
    }

    fn text(&mut self) -> Result<Option<String>, StoreError> {
        match self.cells.next() {
            Some(Cell::Text(text)) => Ok(Some(text.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(self.odd()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_its_type_alone() {
        let cells = [Cell::Null, Cell::Int(8317), Cell::Bytes(b"zq".to_vec()), Cell::Text("zq".to_owned())];
        assert_eq!(format!("{cells:?}"), "[Null, Int(..), Bytes(..), Text(..)]");
    }
}
