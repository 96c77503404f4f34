//! Reading all logs of a node and comparing them with what was stored beside them.

use std::collections::{BTreeMap, BTreeSet};

use dossier_model::id::Tenant;

use super::bundles::{Ask, Log, tenants};
use crate::access_log::Verified;
use crate::error::StoreError;
use crate::merkle::{EMPTY_ROOT, FullTile, Hash, Head, Tree, leaf_hash, node_hash};

/// Checks every bundle, its place and its root, every tile, and the ends. Of this node's own logs `own` has the trees as
/// far as they are durable. Appends go on meanwhile, and memory is constant.
pub(super) fn verify<A: Ask>(
    asked: &A,
    node: u32,
    own: Option<BTreeMap<Tenant, Tree>>,
) -> Result<Verified, StoreError> {
    let mut verified = Verified { heads: Vec::new(), entries: 0, bytes: 0 };
    let mut due: BTreeSet<Tenant> = tenants(asked)?.into_iter().collect();
    due.extend(own.iter().flat_map(BTreeMap::keys));
    for tenant in due {
        let log = Log { asked, tenant, node };
        let stored = log.whole_head(false)?;
        let end = match &own {
            Some(trees) => trees.get(&tenant).map_or(Head { size: 0, root: EMPTY_ROOT }, Tree::head),
            None => stored,
        };
        if stored.size < end.size {
            return Err(log.damage(stored.size, "the log ends here, but more was durable"));
        }
        if end.size > 0 {
            verified.bytes += walk(log, end)?;
            verified.entries += end.size;
            verified.heads.push((tenant, end));
        }
    }
    Ok(verified)
}

/// Reads a log up to an end that it has to have; the bytes of its bundles.
fn walk<A: Ask>(log: Log<'_, A>, end: Head) -> Result<u64, StoreError> {
    let (mut tree, mut frontier, mut full) = (Tree::new(), Frontier::default(), Vec::new());
    let mut bytes = 0;
    while tree.size() < end.size {
        let page = log.page(tree.size(), end.size - tree.size())?;
        if page.is_empty() {
            return Err(log.damage(tree.size(), "it is missing"));
        }
        for stored in page {
            if tree.size() >= end.size {
                break;
            }
            let bundle = log.parse(&stored, tree.size())?;
            for (leaf, _) in bundle.entries() {
                let hash = leaf_hash(leaf);
                tree.append_hash(hash, &mut full);
                frontier.append(hash);
            }
            if frontier.root() != stored.root {
                return Err(
                    log.damage(stored.position, "its bundle leads to another root than the one stored")
                );
            }
            for tile in full.drain(..) {
                compare(log, &tile)?;
            }
            bytes += stored.bytes.len() as u64;
        }
    }
    if tree.head() == end {
        Ok(bytes)
    } else {
        Err(log.damage(end.size, "the entries before it lead to another root"))
    }
}

fn compare<A: Ask>(log: Log<'_, A>, tile: &FullTile) -> Result<(), StoreError> {
    if log.tiles(tile.level, tile.index, 1)?.first() == Some(&tile.bytes) {
        return Ok(());
    }
    let (node, level, index) = (log.node, tile.level, tile.index);
    Err(StoreError::Corrupt(format!(
        "access log of node {node}: tile {index} of level {level} disagrees with the entries"
    )))
}

/// The complete subtrees of a growing tree, the largest first: its root costs a few hashes, which is little enough to be
/// compared after each bundle.
#[derive(Default)]
struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    fn append(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    fn root(&self) -> Hash {
        let mut lower = self.nodes.iter().rev();
        let last = lower.next().copied().unwrap_or(EMPTY_ROOT);
        lower.fold(last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::naive;

    #[test]
    fn a_frontier_has_the_root_of_the_definition_at_every_size() {
        let leaves = naive::leaves(300);
        let mut frontier = Frontier::default();
        for size in 0..300 {
            assert_eq!(frontier.root(), naive::root(&leaves[..size]), "size {size}");
            frontier.append(leaves[size]);
        }
    }
}
