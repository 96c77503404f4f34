//! The access logs of a migration (`crate::migrate`): reading those of all nodes, and adding whole bundles.

use std::cell::RefCell;
use std::collections::BTreeMap;

use dossier_model::id::Tenant;

use super::bundles::{Log, Own, tenants, whole};
use super::stage::{MOST_BYTES, NewBundle};
use crate::access_log::Verified;
use crate::access_log::format::{Bundle, write_bundle};
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::mechanics::Checkpoint;
use crate::merkle::{FullTile, Head, Tree, leaf_hash};
use crate::migrate::MigrateError;
use crate::mysql::apply::insert_many;
use crate::mysql::conn::{Conn, Value, values};

/// Entries of the bundles that are read at a time.
const AT_ONCE: u64 = 512;

/// Runs a question on a log of a node.
macro_rules! on_log {
    ($conn:expr, $node:expr, $tenant:expr, |$log:ident| $work:expr) => {{
        let asked = Own(RefCell::new($conn));
        let $log = Log { asked: &asked, tenant: $tenant, node: $node };
        $work
    }};
}

/// Nodes that have a log of any tenant, ascending: a step into the index for each.
pub(in crate::mysql) fn nodes(conn: &mut Conn) -> Result<Vec<u32>, StoreError> {
    let mut found = Vec::new();
    for tenant in tenants(&Own(RefCell::new(&mut *conn)))? {
        let sql = "SELECT node FROM access_bundle WHERE tenant = ? AND node > ? ORDER BY node LIMIT 1";
        let mut last = -1i64;
        while let Some(node) = conn.one(sql, values![tenant.0, last], |cells| cells.narrow::<u32>(0))? {
            found.push(node);
            last = i64::from(node);
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Sizes and roots of a node's logs, ascending by tenant.
pub(in crate::mysql) fn heads(conn: &mut Conn, node: u32) -> Result<Vec<(Tenant, Head)>, StoreError> {
    let all = tenants(&Own(RefCell::new(&mut *conn)))?;
    let mut heads = Vec::new();
    for tenant in all {
        let head = on_log!(&mut *conn, node, tenant, |log| log.whole_head(false))?;
        if head.size > 0 {
            heads.push((tenant, head));
        }
    }
    Ok(heads)
}

pub(in crate::mysql) fn checkpoint(
    conn: &mut Conn,
    node: u32,
    tenant: Tenant,
) -> Result<Option<Checkpoint>, StoreError> {
    on_log!(conn, node, tenant, |log| log.checkpoint())
}

pub(in crate::mysql) fn verify(conn: &mut Conn, node: u32) -> Result<Verified, StoreError> {
    super::verify::verify(&Own(RefCell::new(conn)), node, None)
}

pub(in crate::mysql) fn entries(
    conn: &mut Conn,
    node: u32,
    tenant: Tenant,
    from: u64,
    limit: u64,
) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
    on_log!(conn, node, tenant, |log| {
        let size = log.head(false)?.size;
        log.entries(from, from.saturating_add(limit).min(size))
    })
}

/// The bundles of a node, those of one tenant after those of another.
pub(in crate::mysql) fn bundles(
    conn: &mut Conn,
    node: u32,
    each: &mut dyn FnMut(Vec<Vec<u8>>) -> Result<(), MigrateError>,
) -> Result<(), MigrateError> {
    for (tenant, head) in heads(conn, node)? {
        on_log!(&mut *conn, node, tenant, |log| {
            let mut next = 0;
            while next < head.size {
                let page = log.page(next, AT_ONCE)?;
                if page.is_empty() {
                    return Err(log.damage(next, "it is missing").into());
                }
                for stored in &page {
                    next = log.parse(stored, next)?.header.next();
                }
                each(page.into_iter().map(|stored| stored.bytes).collect())?;
            }
        });
    }
    Ok(())
}

/// The logs of a node that are being filled.
#[derive(Default)]
pub(in crate::mysql) struct Filling {
    trees: BTreeMap<Tenant, Tree>,
}

impl Filling {
    /// Adds bundles behind those that are there, with the tiles that they fill, in the transaction that is open.
    pub(in crate::mysql) fn put(
        &mut self,
        conn: &mut Conn,
        node: u32,
        bundles: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let mut rows: Vec<(Tenant, NewBundle)> = Vec::new();
        let mut tiles: Vec<(Tenant, FullTile)> = Vec::new();
        for bytes in bundles {
            let damage = |what: &str| StoreError::Corrupt(format!("access log of node {node}: {what}"));
            let bundle = Bundle::parse(bytes).map_err(damage)?;
            let tenant = bundle.header.tenant;
            let tree = self.trees.entry(tenant).or_default();
            if bundle.header.first != tree.size() {
                return Err(damage(&format!("entry {} is missing", tree.size())));
            }
            for piece in pieces(&bundle, bytes) {
                let position = tree.size();
                let mut full = Vec::new();
                for (leaf, _) in Bundle::parse(&piece).map_err(damage)?.entries() {
                    tree.append_hash(leaf_hash(leaf), &mut full);
                }
                tiles.extend(full.into_iter().map(|tile| (tenant, tile)));
                let entries = tree.size() - position;
                rows.push((tenant, NewBundle { position, entries, root: tree.root(), bytes: piece }));
            }
        }
        let mut bound: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 6);
        for (tenant, row) in &rows {
            let (position, entries) = (whole(row.position), whole(row.entries));
            bound.extend(values![tenant.0, node, position, entries, &row.root, &row.bytes]);
        }
        let head = "INSERT INTO access_bundle (tenant, node, position, entries, root, bytes)";
        insert_many(conn, head, 6, &bound)?;
        let mut bound: Vec<Value<'_>> = Vec::with_capacity(tiles.len() * 5);
        for (tenant, tile) in &tiles {
            bound.extend(values![tenant.0, node, tile.level, whole(tile.index), &tile.bytes]);
        }
        let head = "INSERT INTO access_tile (tenant, node, level, position, hashes)";
        Ok(insert_many(conn, head, 5, &bound)?)
    }
}

/// Keeps a checkpoint of a log that is being filled.
pub(in crate::mysql) fn put_checkpoint(
    conn: &mut Conn,
    node: u32,
    tenant: Tenant,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO access_checkpoint (tenant, node, size, checkpoint) VALUES (?, ?, ?, ?)";
    let text = checkpoint.text.as_bytes();
    conn.execute(sql, values![tenant.0, node, whole(checkpoint.size), text])?;
    Ok(())
}

/// A bundle as it is, or, where a row has no room for it, the same entries in several ones: the file takes larger ones.
fn pieces(bundle: &Bundle<'_>, bytes: &[u8]) -> Vec<Vec<u8>> {
    if bytes.len() <= MOST_BYTES {
        return vec![bytes.to_vec()];
    }
    let (mut pieces, mut piece, mut count) = (Vec::new(), Vec::new(), 0u32);
    let mut first = bundle.header.first;
    let mut close = |piece: &mut Vec<u8>, count: &mut u32| {
        let mut out = Vec::with_capacity(piece.len() + 64);
        write_bundle(&mut out, bundle.header.tenant, first, *count, std::iter::once(piece.as_slice()));
        first += u64::from(std::mem::take(count));
        piece.clear();
        pieces.push(out);
    };
    for (leaf, side) in bundle.entries() {
        if count > 0 && piece.len() + leaf.len() + side.len() + 4 > MOST_BYTES {
            close(&mut piece, &mut count);
        }
        for part in [leaf, side] {
            // What stands in a bundle has a length of two bytes.
            piece.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
            piece.extend_from_slice(part);
        }
        count += 1;
    }
    close(&mut piece, &mut count);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::format::{Header, encode};

    #[test]
    fn a_bundle_that_is_too_large_for_a_row_becomes_several_with_the_same_entries() {
        let entry = |at: u8| AccessEntry { leaf: vec![at; 32 * 1024], side: vec![at; 65_535] };
        let entries: Vec<_> = (0..100).map(entry).collect();
        let encoded = encode(&entries).unwrap();
        let mut bytes = Vec::new();
        write_bundle(&mut bytes, Tenant(1), 7, 100, std::iter::once(encoded.bytes.as_slice()));
        let bundle = Bundle::parse(&bytes).unwrap();
        let pieces = pieces(&bundle, &bytes);
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() < MOST_BYTES + 64));
        let parsed: Vec<_> = pieces.iter().map(|piece| Bundle::parse(piece).unwrap()).collect();
        let headers: Vec<Header> = parsed.iter().map(|bundle| bundle.header).collect();
        assert!(headers[0].first == 7 && headers.windows(2).all(|pair| pair[0].next() == pair[1].first));
        assert!(parsed.iter().flat_map(|bundle| bundle.entries()).eq(bundle.entries()));
    }
}
