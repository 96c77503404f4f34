//! Verification of the change log and of all access logs, from the first entry to the last.

use super::deep::Deep;
use super::entry::{Deed, Entry, GONE, Leaf, Note, Outcome};
use super::source::Stored;
use super::{Log, Source};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_crypto::{parse_checkpoint, verify_note};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::merkle::{FullTile, Hash, Tree, leaf_hash};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// How many entries are read at a time.
const CHUNK: usize = 4096;
/// How many problems are told one by one.
const TOLD: usize = 100;

/// How thorough, and against what.
#[derive(Clone, Default)]
pub struct VerifyOptions {
    /// Signed checkpoints kept elsewhere: the texts of their files.
    pub against: Vec<String>,
    /// Also every row, key, token and commitment.
    pub deep: bool,
}

/// What was found.
#[derive(Serialize, Default)]
pub struct VerifyReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Each log.
    pub logs: Vec<LogReport>,
    /// Records verified; with `deep` only.
    pub records: u64,
    /// Checkpoints kept elsewhere that agree.
    pub anchors: u64,
    /// What is wrong: at most 100, each with where.
    pub problems: Vec<String>,
    /// How many problems there are in all.
    pub problem_count: u64,
}

/// One verified log.
#[derive(Serialize)]
pub struct LogReport {
    /// Its origin.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Bytes of all entries.
    pub bytes: u64,
    /// Root, hexadecimal.
    pub root: String,
    /// How fast it was verified.
    pub entries_per_second: u64,
}

impl VerifyReport {
    pub(crate) fn problem(&mut self, what: impl Into<String>) {
        self.problem_count += 1;
        if self.problems.len() < TOLD {
            self.problems.push(what.into());
        }
    }
}

/// A root that a log must have had: its size then, the root, and who says so.
type Root = (u64, Hash, String);

/// What a later step has to agree with.
#[derive(Default)]
pub(crate) struct Expected {
    /// Roots that are known of each log from checkpoints: size, root, and where from.
    roots: BTreeMap<Log, Vec<Root>>,
    /// The size of each access log in its last checkpoint in the change log.
    anchored: BTreeMap<u32, u64>,
    /// Newest version and row hash of each record, and the leaf that says so.
    pub rows: HashMap<(Uid, u32), ([u8; 32], u64)>,
    pub newest: HashMap<Uid, u32>,
    /// Row hash of each version of each system record.
    systems: BTreeMap<(String, Uid), BTreeMap<u32, [u8; 32]>>,
    policy_root: Option<Vec<u8>>,
    epoch: u64,
}

impl Engine {
    /// Verifies all logs: every entry, tile, root, checkpoint, the policy, and with `deep` every row.
    ///
    /// # Errors
    /// `action_not_allowed`, `ledger_origin_mismatch`, and those of the store. What is found wrong is not an error but in the
    /// report.
    pub fn verify(
        &self,
        caller: &Caller,
        options: &VerifyOptions,
        progress: &mut dyn FnMut(&str, u64, u64),
    ) -> Result<VerifyReport, Fault> {
        let progress = std::cell::RefCell::new(progress);
        self.guarded(caller, Deed::Verify, |cx| {
            cx.permit(Action::ReadLedger)?;
            let mut report = VerifyReport::default();
            let mut expected = Expected::default();
            for anchor in &options.against {
                self.expect_anchor(anchor, &mut expected, &mut report)?;
            }
            let mut progress = progress.borrow_mut();
            // One snapshot of the database for all of it: writes may go on meanwhile.
            let change = self.source(Log::Change)?;
            self.verify_log(Log::Change, &change, &mut expected, options.deep, &mut report, &mut **progress)?;
            // Opened after the change log, an access log has all that is said of it there.
            for log in self.access_logs()? {
                let source = self.source(log)?;
                self.verify_log(log, &source, &mut expected, options.deep, &mut report, &mut **progress)?;
            }
            for (log, roots) in std::mem::take(&mut expected.roots) {
                for (size, _, from) in roots {
                    report.problem(format!(
                        "{} log: it is missing, {from} says it has {size} entries",
                        log.path()
                    ));
                }
            }
            if let Source::Change(read) = &change {
                self.verify_anchors(&**read, &expected, &mut report)?;
                self.verify_policy(&**read, &expected, &mut report)?;
                if options.deep {
                    Deep { engine: self, read: &**read, expected: &expected }
                        .run(&mut report, &mut **progress)?;
                }
            }
            drop(change);
            report.ok = report.problem_count == 0;
            let entry = Entry::done(Deed::Verify)
                .note("deep", Note::Int(options.deep.into()))
                .note("problems", Note::Int(i64::try_from(report.problem_count).unwrap_or(i64::MAX)));
            cx.record(entry, Vec::new(), report)
        })
    }

    /// A checkpoint kept elsewhere: its signature is checked now, its root when the log is at that size.
    fn expect_anchor(
        &self,
        note: &str,
        expected: &mut Expected,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        let origin = note.lines().next().unwrap_or_default().to_owned();
        let Some(log) = self.log_of_origin(&origin) else { return Err(Fault::new("ledger_origin_mismatch")) };
        match self.open_note(&origin, note) {
            Some((size, root)) => {
                report.anchors += 1;
                expected.roots_of(log).push((size, root, format!("the checkpoint given, of size {size}")));
            }
            None => report.problem("the checkpoint given has no valid signature of this installation"),
        }
        Ok(())
    }

    fn open_note(&self, origin: &str, note: &str) -> Option<(u64, Hash)> {
        let keys = self.keyring.keys();
        let text = verify_note(&self.key_name(), keys.signer().public_key(), note).ok()?;
        let checkpoint = parse_checkpoint(text).ok()?;
        (checkpoint.origin == origin).then_some((checkpoint.size, checkpoint.root))
    }

    /// A checkpoint of the access log of the node that it names: node, size, root.
    fn open_access_note(&self, note: &str) -> Option<(u32, u64, Hash)> {
        let origin = note.lines().next()?;
        let Some(Log::Access(node)) = self.log_of_origin(origin) else { return None };
        self.open_note(origin, note).map(|(size, root)| (node, size, root))
    }

    /// Where the store says that anchoring is, is where the change log says it is: otherwise somebody keeps an access
    /// log from being anchored.
    fn verify_anchors(
        &self,
        read: &dyn dossier_store::Read,
        expected: &Expected,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        for (node, size) in &expected.anchored {
            let cursor = read.cursor(TENANT, &super::background::anchor_cursor(*node))?;
            // A store of an earlier version has none before its first anchor.
            if cursor != 0 && cursor != *size {
                report.problem(format!(
                    "{} log: it is anchored at {size}, not at {cursor}",
                    Log::Access(*node).path()
                ));
            }
        }
        Ok(())
    }

    fn verify_log(
        &self,
        log: Log,
        source: &Source<'_>,
        expected: &mut Expected,
        deep: bool,
        report: &mut VerifyReport,
        progress: &mut dyn FnMut(&str, u64, u64),
    ) -> Result<(), Fault> {
        let started = Instant::now();
        let head = source.head()?;
        let origin = self.origin_of(log);
        let name = log.path();
        if let Some(checkpoint) = &head.checkpoint {
            match self.open_note(&origin, &checkpoint.text) {
                Some((size, root)) if size == checkpoint.size => {
                    expected.roots_of(log).push((size, root, format!("its checkpoint of size {size}")));
                }
                _ => report.problem(format!("{name} log: its newest checkpoint has no valid signature")),
            }
        }
        let mut check = Check {
            log,
            roots: expected.roots.remove(&log).unwrap_or_default(),
            tree: Tree::new(),
            at_time: 0,
        };
        check.roots.sort_by_key(|(size, ..)| *size);
        let (mut next, mut bytes) = (0, 0);
        while next < head.size {
            progress(&name, next, head.size);
            let wanted = usize::try_from((head.size - next).min(CHUNK as u64)).unwrap_or(CHUNK);
            let entries = source.entries(next, wanted)?;
            if entries.is_empty() {
                report.problem(format!("{name} log: entry {next} and what follows are missing"));
                break;
            }
            for ((index, leaf, _), hash) in entries.iter().zip(leaf_hashes(&entries)) {
                if *index != next {
                    report.problem(format!("{name} log: entry {next} is missing"));
                }
                bytes += leaf.len() as u64;
                self.verify_entry(source, &mut check, *index, (leaf, hash), expected, deep, report)?;
                next = index + 1;
            }
        }
        // Others may have added to an access log meanwhile; the change log is read at one moment.
        if let Source::Change(read) = source
            && !read.change_entries(TENANT, head.size, 1)?.is_empty()
        {
            report.problem(format!("{name} log: there are entries behind its head"));
        }
        let root = check.tree.root();
        if check.tree.size() != head.size || root != head.root {
            report.problem(format!("{name} log: its entries do not add up to the root of its head"));
        }
        for (size, _, from) in check.roots.iter().filter(|(size, ..)| *size > check.tree.size()) {
            report.problem(format!("{name} log: it has fewer entries than {from} says ({size})"));
        }
        let seconds = started.elapsed().as_secs_f64().max(1e-6);
        report.logs.push(LogReport {
            origin,
            size: head.size,
            bytes,
            root: root.iter().map(|byte| format!("{byte:02x}")).collect(),
            entries_per_second: (head.size as f64 / seconds) as u64,
        });
        progress(&name, head.size, head.size);
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the state of one loop")]
    fn verify_entry(
        &self,
        source: &Source<'_>,
        check: &mut Check,
        index: u64,
        (bytes, hash): (&[u8], Hash),
        expected: &mut Expected,
        deep: bool,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        let name = check.log.path();
        let mut full: Vec<FullTile> = Vec::new();
        check.tree.append_hash(hash, &mut full);
        for tile in &full {
            if dossier_store::merkle::TileSource::tile(source, tile.level, tile.index)?.as_deref()
                != Some(&tile.bytes[..])
            {
                report.problem(format!(
                    "{name} log: tile {}/{} is not that of its entries",
                    tile.level, tile.index
                ));
            }
        }
        check.compare_roots(report);
        // Nothing in an entry of the access log has to agree with anything else: that it is one is told by its hash.
        if check.log != Log::Change && !deep {
            return Ok(());
        }
        let leaf = if deep { Leaf::decode(bytes) } else { Leaf::decode_without_items(bytes) };
        match leaf {
            Ok(leaf) if check.log == Log::Change => self.note_change(index, leaf, expected, deep, report),
            Ok(_) => {}
            Err(_) => report.problem(format!("{name} log: entry {index} cannot be read")),
        }
        Ok(())
    }

    /// Remembers what later checks have to agree with.
    fn note_change(
        &self,
        index: u64,
        leaf: Leaf,
        expected: &mut Expected,
        deep: bool,
        report: &mut VerifyReport,
    ) {
        if leaf.epoch < expected.epoch {
            report.problem(format!(
                "change log: entry {index} is of an earlier policy epoch than the one before it"
            ));
        }
        expected.epoch = leaf.epoch;
        if let Some(root) = leaf.note_bytes("policy_root") {
            expected.policy_root = Some(root.to_vec());
        }
        for (kind, id, version, hash) in leaf.systems.iter().cloned() {
            expected.systems.entry((kind, id)).or_default().insert(version, hash);
        }
        if leaf.deed == Deed::AccessCheckpoint as u8 && leaf.outcome == Outcome::Done as u8 {
            match leaf.note_text("checkpoint").and_then(|note| self.open_access_note(note)) {
                Some((node, size, root)) => {
                    let from = format!("entry c-{index}, of size {size}");
                    expected.roots_of(Log::Access(node)).push((size, root, from));
                    expected.anchored.insert(node, size);
                }
                None => report.problem(format!("change log: entry {index} has no valid access checkpoint")),
            }
        }
        if deep {
            for item in &leaf.items {
                if let Some(hash) = item.row_hash {
                    expected.rows.insert((item.record, item.version), (hash, index));
                    let newest = expected.newest.entry(item.record).or_insert(item.version);
                    *newest = (*newest).max(item.version);
                }
            }
        }
    }

    /// The policy as it is stored is the one that the newest policy entry speaks of.
    fn verify_policy(
        &self,
        read: &dyn dossier_store::Read,
        expected: &Expected,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        if read.state(TENANT)?.policy_epoch != expected.epoch {
            report.problem("policy: its epoch is not that of the newest entry");
        }
        match crate::policy::Snapshot::load(read, &self.keyring, self.kinds) {
            Err(fault) => report.problem(format!("policy: {}", fault.text(dossier_model::fault::Lang::En))),
            Ok(snapshot) if expected.policy_root.as_deref().is_some_and(|root| root != snapshot.root()) => {
                report.problem("policy: its root is not the one in the change log");
            }
            Ok(_) => {}
        }
        let mut stored: BTreeMap<_, BTreeMap<u32, [u8; 32]>> = BTreeMap::new();
        for kind in crate::policy::SECURITY.into_iter().chain([crate::policy::POLICY]) {
            for row in read.system(TENANT, kind)? {
                let versions = read.system_versions(TENANT, kind, row.id)?;
                if versions.last().is_none_or(|last| last.version != row.version) {
                    report.problem(format!("policy: {kind} {} is not at its newest version", row.id));
                }
                let hashes = versions.iter().map(|row| (row.version, row.hash(TENANT))).collect();
                stored.insert((row.kind.clone(), row.id), hashes);
            }
        }
        for (at, said) in &expected.systems {
            let mut said = said.clone();
            // What went out of use is there in its versions alone.
            if said.last_entry().is_some_and(|last| *last.get() == GONE) {
                said.pop_last();
                if !stored.contains_key(at) {
                    let versions = read.system_versions(TENANT, &at.0, at.1)?;
                    let hashes = versions.iter().map(|row| (row.version, row.hash(TENANT))).collect();
                    stored.insert(at.clone(), hashes);
                } else {
                    report.problem(format!("policy: {} {} is in use again", at.0, at.1));
                }
            }
            if stored.get(at) != Some(&said) {
                report.problem(format!("policy: {} {} is not as the change log says", at.0, at.1));
            }
        }
        for at in stored.keys().filter(|at| !expected.systems.contains_key(*at)) {
            report.problem(format!("policy: {} {} is not in the change log", at.0, at.1));
        }
        Ok(())
    }
}

/// Hashes of leaves, in their order, on all cores: nearly all the time of a verification goes here.
fn leaf_hashes(entries: &[Stored]) -> Vec<Hash> {
    entries.par_iter().with_min_len(256).map(|(_, leaf, _)| leaf_hash(leaf)).collect()
}

impl Expected {
    fn roots_of(&mut self, log: Log) -> &mut Vec<Root> {
        self.roots.entry(log).or_default()
    }
}

/// A log while it is walked through.
struct Check {
    log: Log,
    /// Known roots, by size.
    roots: Vec<Root>,
    tree: Tree,
    /// How many of the known roots have been passed.
    at_time: usize,
}

impl Check {
    fn compare_roots(&mut self, report: &mut VerifyReport) {
        while let Some((size, root, from)) = self.roots.get(self.at_time) {
            if *size > self.tree.size() {
                return;
            }
            if *size == self.tree.size() && self.tree.root() != *root {
                report.problem(format!(
                    "{} log: its first {size} entries are not those of {from}",
                    self.log.path()
                ));
            }
            self.at_time += 1;
        }
    }
}
