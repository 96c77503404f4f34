//! Writing what was staged, and looking whether it lies there.

use std::cell::RefCell;

use dossier_model::id::Tenant;

use super::bundles::{Log, Own, whole};
use super::stage::{NewBundle, Staged};
use crate::error::StoreError;
use crate::merkle::FullTile;
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::node::Claim;

/// Tiles in one statement: 128 KiB.
const TILES_AT_ONCE: usize = 16;

/// What came of one try to write.
pub(super) enum Tried {
    Done,
    /// The node is another's.
    FencedOut,
    /// A bundle lies in this place already.
    Taken,
    /// There is no connection: nothing was sent.
    Away(StoreError),
    /// `open`: whether it may have happened all the same.
    Failed {
        error: SqlError,
        open: bool,
    },
}

/// Writes what was staged. A bundle that fills no tile is a statement of its own, which saves two round trips.
pub(super) fn insert(conn: &mut Conn, claim: Claim, tenant: Tenant, staged: &Staged) -> Tried {
    if let ([only], []) = (staged.bundles.as_slice(), staged.tiles.as_slice()) {
        return match insert_bundle(conn, claim, tenant, only) {
            Ok(true) => Tried::Done,
            Ok(false) => Tried::FencedOut,
            Err(SqlError::Duplicate) => Tried::Taken,
            Err(error) => {
                let open = !matches!(error, SqlError::Again(_));
                Tried::Failed { error, open }
            }
        };
    }
    let tried = transaction(conn, claim, tenant, &staged.bundles, &staged.tiles);
    if matches!(tried, Tried::Done) {
        return tried;
    }
    match conn.run("ROLLBACK") {
        Ok(()) => tried,
        // The connection is given up, which rolls back as well.
        Err(_) => match tried {
            Tried::Failed { error, open } => Tried::Failed { error: SqlError::Lost(error.to_string()), open },
            _ => Tried::Failed { error: SqlError::Lost("no answer to ROLLBACK".into()), open: false },
        },
    }
}

/// Whether the staged bundles lie where they should. What is on its way there is waited for.
pub(super) fn is_there(
    conn: &mut Conn,
    claim: Claim,
    tenant: Tenant,
    staged: &Staged,
) -> Result<bool, SqlError> {
    let Some(bundle) = staged.bundles.first() else { return Ok(false) };
    let asked = Own(RefCell::new(conn));
    match (Log { asked: &asked, tenant, node: claim.node }).at(bundle.position) {
        Ok(found) => Ok(found.is_some_and(|bytes| bytes == bundle.bytes)),
        Err(StoreError::Busy) => Err(SqlError::Again("a lock was held for too long")),
        Err(error) => Err(SqlError::Lost(error.to_string())),
    }
}

/// What was found in the database is seen a moment before it is durable: it is once a later commit is.
pub(super) fn confirm(conn: &mut Conn, claim: Claim) -> Tried {
    match claim.renew(conn) {
        Ok(true) => Tried::Done,
        Ok(false) => Tried::FencedOut,
        Err(error) => Tried::Failed { error, open: true },
    }
}

/// Bundles and the tiles that they fill, together or not at all.
fn transaction(
    conn: &mut Conn,
    claim: Claim,
    tenant: Tenant,
    bundles: &[NewBundle],
    tiles: &[FullTile],
) -> Tried {
    let before = |error| Tried::Failed { error, open: false };
    if let Err(error) = conn.run("BEGIN") {
        return before(error);
    }
    for (at, bundle) in bundles.iter().enumerate() {
        match insert_bundle(conn, claim, tenant, bundle) {
            Ok(true) => {}
            Ok(false) => return Tried::FencedOut,
            Err(SqlError::Duplicate) if at == 0 => return Tried::Taken,
            Err(SqlError::Duplicate) => {
                return before(SqlError::Corrupt("the access log goes on behind its end".into()));
            }
            Err(error) => return before(error),
        }
    }
    match insert_tiles(conn, claim, tenant, tiles).map(|()| conn.run("COMMIT")) {
        Ok(Ok(())) => Tried::Done,
        Ok(Err(error)) => {
            let open = !matches!(error, SqlError::Again(_) | SqlError::Duplicate);
            Tried::Failed { error, open }
        }
        Err(SqlError::Duplicate) => {
            before(SqlError::Corrupt("the access log has a tile behind its end".into()))
        }
        Err(error) => before(error),
    }
}

/// False when the node is another's. The casts tell the database what it cannot guess in such a list.
fn insert_bundle(
    conn: &mut Conn,
    claim: Claim,
    tenant: Tenant,
    bundle: &NewBundle,
) -> Result<bool, SqlError> {
    let sql = "INSERT INTO access_bundle (tenant, node, position, entries, root, bytes) \
               SELECT CAST(? AS SIGNED), n.node, CAST(? AS SIGNED), CAST(? AS SIGNED), CAST(? AS BINARY), \
               CAST(? AS BINARY) FROM node n WHERE n.node = ? AND n.fence = ? AND n.holder = ?";
    let (position, entries) = (whole(bundle.position), whole(bundle.entries));
    let met = conn.execute(
        sql,
        values![
            tenant.0,
            position,
            entries,
            &bundle.root,
            &bundle.bytes,
            claim.node,
            claim.fence,
            &claim.holder,
        ],
    )?;
    Ok(met == 1)
}

fn insert_tiles(conn: &mut Conn, claim: Claim, tenant: Tenant, tiles: &[FullTile]) -> Result<(), SqlError> {
    for some in tiles.chunks(TILES_AT_ONCE) {
        let rows = vec!["(?, ?, ?, ?, ?)"; some.len()].join(", ");
        let sql = format!("INSERT INTO access_tile (tenant, node, level, position, hashes) VALUES {rows}");
        let mut bound: Vec<Value<'_>> = Vec::with_capacity(some.len() * 5);
        for tile in some {
            bound.extend_from_slice(values![
                tenant.0,
                claim.node,
                tile.level,
                whole(tile.index),
                &tile.bytes
            ]);
        }
        let met = conn.execute(sql, &bound)?;
        if met != some.len() as u64 {
            return Err(SqlError::Failed(format!("{met} tiles were written, not {}", some.len())));
        }
    }
    Ok(())
}
