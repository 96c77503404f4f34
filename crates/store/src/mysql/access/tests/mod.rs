//! What the logs promise while all goes well; `damage`, `half_open` and `outages` are the rest.

mod damage;
mod half_open;
mod outages;

use std::path::Path;

use super::*;
use crate::mechanics::Checkpoint;
use crate::merkle::{
    TileSource, consistency_proof, inclusion_proof, leaf_hash, naive, root_at, verify_consistency,
    verify_inclusion,
};
use crate::mysql::conn::Conn;
use crate::mysql::schema;
use crate::mysql::tests::{TestDatabase, database};

const ONE: Tenant = Tenant(1);
const OTHER: Tenant = Tenant(7);

/// What one process has open. Dropped in this order.
struct Process {
    access: Access,
    node: Node,
    health: Health,
}

impl Process {
    fn start(target: &Target, folder: &Path) -> Result<Self, StoreError> {
        let mut conn = Conn::open(target)?;
        schema::migrate(&mut conn)?;
        let health = Health::default();
        let node = Node::claim(&mut conn, target, folder, &health)?;
        conn.close();
        let pool = Arc::new(Pool::new(target.clone(), 8));
        let access = Access::open(target, &node, &health, pool)?;
        Ok(Self { access, node, health })
    }

    fn read(&self, tenant: Tenant) -> Box<dyn AccessRead + '_> {
        self.access.read(tenant, self.node.number)
    }

    fn size(&self, tenant: Tenant) -> u64 {
        self.read(tenant).head().unwrap().size
    }
}

/// A database, the folder of one process, and that process.
struct Setup {
    process: Process,
    database: TestDatabase,
    folder: tempfile::TempDir,
}

fn setup() -> Option<Setup> {
    let database = database()?;
    let folder = tempfile::tempdir().unwrap();
    Some(Setup { process: Process::start(&database.target(), folder.path()).unwrap(), database, folder })
}

impl Setup {
    fn reopen(self) -> (TestDatabase, tempfile::TempDir, Result<Process, StoreError>) {
        let Self { process, database, folder } = self;
        drop(process);
        let process = Process::start(&database.target(), folder.path());
        (database, folder, process)
    }
}

/// A made-up entry of 100 to 400 bytes; it tells its tenant and index.
fn entry(tenant: Tenant, index: u64) -> AccessEntry {
    let mut leaf = format!("leaf {index} of {}; ", tenant.0).into_bytes();
    leaf.resize(100 + (index as usize * 37) % 200, b'.');
    AccessEntry { leaf, side: vec![0xD0; (index as usize * 13) % 100] }
}

/// Appends entries so that the tenant has `to`, `step` of them with each bundle.
fn fill(process: &Process, tenant: Tenant, to: u64, step: u64) {
    let mut at = process.size(tenant);
    while at < to {
        let until = to.min(at + step);
        let entries = (at..until).map(|i| entry(tenant, i)).collect();
        assert_eq!(process.access.append(tenant, entries).wait(), Ok(at));
        at = until;
    }
}

/// Checks that a tenant has exactly the entries that `fill` makes, and the tree over them.
fn check(log: &dyn AccessRead, tenant: Tenant, size: u64) {
    let read = log.entries(0, usize::MAX).unwrap();
    assert_eq!(read.len() as u64, size);
    assert!(read.iter().enumerate().all(|(i, (index, e))| *index == i as u64 && *e == entry(tenant, *index)));
    let hashes: Vec<_> = read.iter().map(|(_, e)| leaf_hash(&e.leaf)).collect();
    let head = log.head().unwrap();
    assert_eq!((head.size, head.root), (size, naive::root(&hashes)));
}

/// A signed note of a size; who signs is not known here.
fn note(size: u64) -> Checkpoint {
    Checkpoint { size, text: format!("origin\n{size}\nroot\n\nsignature\n") }
}

#[test]
fn entries_of_two_tenants_are_kept_apart_and_survive_reopening() {
    let Some(setup) = setup() else { return };
    for round in 1..=20 {
        fill(&setup.process, ONE, round * 33, 11);
        fill(&setup.process, OTHER, round * 5, 2);
    }
    check(&*setup.process.read(ONE), ONE, 660);
    let (number, fence) = (setup.process.node.number, setup.process.node.fence);
    let before = setup.process.read(ONE).head().unwrap();
    let (_database, _folder, process) = setup.reopen();
    let process = process.unwrap();
    assert_eq!((process.node.number, process.node.fence), (number, fence + 1));
    assert_eq!(process.read(ONE).head().unwrap(), before);
    check(&*process.read(ONE), ONE, 660);
    check(&*process.read(OTHER), OTHER, 100);
    let verified = process.read(ONE).verify().unwrap();
    assert_eq!((verified.entries, verified.heads.len()), (760, 2));
    fill(&process, ONE, 800, 70);
    check(&*process.read(ONE), ONE, 800);
}

#[test]
fn appenders_on_many_threads_get_adjacent_indexes_and_share_bundles() {
    let Some(setup) = setup() else { return };
    let append = || {
        let once = |_| setup.process.access.append(ONE, vec![entry(ONE, 0); 2]).wait().unwrap();
        (0..20).map(once).collect::<Vec<_>>()
    };
    let mut firsts: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(append)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    firsts.sort_unstable();
    assert!(firsts.iter().enumerate().all(|(i, first)| *first == i as u64 * 2));
    let bundles = setup
        .database
        .conn()
        .one("SELECT COUNT(*) FROM access_bundle", &[], |cells| cells.int(0))
        .unwrap()
        .unwrap();
    assert!(bundles < 640, "{bundles} bundles for 1,280 appends");
    assert_eq!(setup.process.read(ONE).verify().unwrap().entries, 2560);
}

#[test]
fn any_range_is_read_without_the_ones_before_it() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 400, 7);
    fill(&setup.process, ONE, 3000, 600);
    let log = setup.process.read(ONE);
    for (from, limit) in
        [(0, 1), (49, 2), (63, 2), (120, 180), (399, 1), (400, 1000), (2999, 5), (3000, 5), (9999, 1)]
    {
        let read: Vec<_> = log.entries(from, limit).unwrap();
        let due: Vec<_> = (from..(from + limit as u64).min(3000)).map(|i| (i, entry(ONE, i))).collect();
        assert!(read == due, "{limit} from {from}");
    }
}

/// Proofs at several sizes, from the tiles that one process shows of a log.
fn prove(log: &dyn AccessRead, hashes: &[[u8; 32]]) {
    let head = log.head().unwrap();
    assert_eq!((head.size, head.root), (hashes.len() as u64, naive::root(hashes)));
    let tiles: &dyn TileSource = &*log.tiles().unwrap();
    for size in [1, 255, 256, 300, 700, head.size] {
        let root = root_at(tiles, size).unwrap();
        assert_eq!(root, naive::root(&hashes[..size as usize]));
        let proof = consistency_proof(tiles, size, head.size).unwrap();
        verify_consistency(size, head.size, &proof, &root, &head.root).unwrap();
        let proof = inclusion_proof(tiles, size - 1, head.size).unwrap();
        verify_inclusion(&hashes[size as usize - 1], size - 1, head.size, &proof, &head.root).unwrap();
    }
    assert_eq!(log.tile(0, 1).unwrap().unwrap(), hashes[256..512].concat());
    assert_eq!(log.tile(0, head.size / 256).unwrap(), None);
    assert_eq!(log.tile(1, 0).unwrap().is_some(), head.size >= 65_536);
}

#[test]
fn proofs_and_tiles_are_served_by_the_node_itself_and_by_another() {
    let Some(setup) = setup() else { return };
    let mut hashes: Vec<_> = (0..1000).map(|i| leaf_hash(&entry(ONE, i).leaf)).collect();
    fill(&setup.process, ONE, 1000, 130);
    let folder = tempfile::tempdir().unwrap();
    let other = Process::start(&setup.database.target(), folder.path()).unwrap();
    assert_ne!(other.node.number, setup.process.node.number);
    prove(&*setup.process.read(ONE), &hashes);
    prove(&*other.access.read(ONE, setup.process.node.number), &hashes);
    // A second level of tiles, and more than one bundle holds.
    let small = |i: u64| AccessEntry { leaf: i.to_be_bytes().to_vec(), side: Vec::new() };
    setup.process.access.append(ONE, (1000..66_000).map(small).collect()).wait().unwrap();
    hashes.extend((1000..66_000).map(|i| leaf_hash(&small(i).leaf)));
    prove(&*setup.process.read(ONE), &hashes);
    prove(&*other.access.read(ONE, setup.process.node.number), &hashes);
    let verified = other.access.read(ONE, setup.process.node.number).verify().unwrap();
    assert_eq!(verified, setup.process.read(ONE).verify().unwrap());
}

#[test]
fn the_nodes_of_a_tenant_are_those_with_a_log_and_the_own() {
    let Some(setup) = setup() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let target = setup.database.target();
    let second = Process::start(&target, folders[0].path()).unwrap();
    let third = Process::start(&target, folders[1].path()).unwrap();
    assert_eq!([setup.process.node.number, second.node.number, third.node.number], [1, 2, 3]);
    fill(&second, ONE, 3, 1);
    assert_eq!(setup.process.access.nodes(ONE).unwrap(), [1, 2]);
    assert_eq!(second.access.nodes(ONE).unwrap(), [2]);
    assert_eq!(third.access.nodes(ONE).unwrap(), [2, 3]);
    assert_eq!(third.access.nodes(OTHER).unwrap(), [3]);
    assert_eq!(third.access.read(ONE, 2).entries(1, 9).unwrap().len(), 2);
    assert_eq!(third.read(ONE).head().unwrap().size, 0);
    assert_eq!(third.access.read(ONE, 9).head().unwrap().root, crate::merkle::EMPTY_ROOT);
}

#[test]
fn limits_are_refused_through_the_ticket_and_leave_the_log_as_it_was() {
    let Some(setup) = setup() else { return };
    let process = &setup.process;
    let large = AccessEntry { leaf: vec![0; 32 * 1024 + 1], side: Vec::new() };
    let fits = AccessEntry { leaf: vec![0; 32 * 1024], side: Vec::new() };
    for refused in [vec![entry(ONE, 0), large], Vec::new(), vec![fits; 512]] {
        assert!(matches!(process.access.append(ONE, refused).wait(), Err(StoreError::Invalid(_))));
    }
    fill(process, ONE, 3, 1);
    check(&*process.read(ONE), ONE, 3);
}

#[test]
fn more_than_one_bundle_can_hold_is_spread_over_several_that_come_together() {
    let Some(setup) = setup() else { return };
    let process = &setup.process;
    let large = || AccessEntry { leaf: vec![0xD0; 32 * 1024], side: vec![0x5A; 100] };
    let tickets: Vec<_> =
        (0..4).map(|_| process.access.append(ONE, (0..500).map(|_| large()).collect())).collect();
    let firsts: Vec<_> = tickets.into_iter().map(|ticket| ticket.wait().unwrap()).collect();
    assert_eq!(firsts, [0, 500, 1000, 1500]);
    assert_eq!(process.read(ONE).verify().unwrap().entries, 2000);
    assert_eq!(process.read(ONE).entries(499, 2).unwrap(), [(499, large()), (500, large())]);
    let most = setup
        .database
        .conn()
        .one("SELECT MAX(LENGTH(bytes)) FROM access_bundle", &[], |cells| cells.int(0))
        .unwrap()
        .unwrap();
    assert!(most <= 4 * 1024 * 1024, "{most}");
}

#[test]
fn a_checkpoint_is_kept_and_an_older_or_a_premature_one_refused() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 5, 5);
    let folder = tempfile::tempdir().unwrap();
    let other = Process::start(&setup.database.target(), folder.path()).unwrap();
    let logs = [setup.process.read(ONE), other.access.read(ONE, setup.process.node.number)];
    logs[0].save_checkpoint(&note(4)).unwrap();
    logs[1].save_checkpoint(&note(5)).unwrap();
    logs[0].save_checkpoint(&note(5)).unwrap();
    for refused in [note(3), note(6), Checkpoint { size: 5, text: "no note".into() }] {
        for log in &logs {
            assert!(matches!(log.save_checkpoint(&refused), Err(StoreError::Invalid(_))));
        }
    }
    assert!(logs.iter().all(|log| log.head().unwrap().checkpoint == Some(note(5))));
    assert_eq!(setup.process.read(OTHER).head().unwrap().checkpoint, None);
}

#[test]
fn of_checkpoints_that_are_saved_at_once_the_largest_stays() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 40, 40);
    std::thread::scope(|scope| {
        for first in 1..=4 {
            let process = &setup.process;
            scope.spawn(move || {
                for size in (first..=40).step_by(4) {
                    let saved = process.read(ONE).save_checkpoint(&note(size));
                    assert!(matches!(saved, Ok(()) | Err(StoreError::Invalid(_))), "{saved:?}");
                }
            });
        }
    });
    assert_eq!(setup.process.read(ONE).head().unwrap().checkpoint, Some(note(40)));
}

#[test]
fn dropping_the_log_finishes_what_waits() {
    let Some(setup) = setup() else { return };
    let tickets: Vec<_> = (0..100).map(|i| setup.process.access.append(ONE, vec![entry(ONE, i)])).collect();
    let (_database, _folder, process) = setup.reopen();
    assert!(tickets.into_iter().enumerate().all(|(i, ticket)| ticket.wait() == Ok(i as u64)));
    check(&*process.unwrap().read(ONE), ONE, 100);
}
