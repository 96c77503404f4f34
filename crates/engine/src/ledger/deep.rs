//! Every row, key, token and commitment against the change log.

use super::entry::{Item, Leaf, Said};
use super::verify::{Expected, VerifyReport};
use crate::command::tokens_of;
use crate::context::TRIES;
use crate::seal::{Opened, Stored};
use crate::{Engine, TENANT};
use dossier_crypto::Committer;
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::value::Fields;
use dossier_store::{Read, Row, STATE_ERASED, TokenRow, WrappedKey};
use std::collections::{HashMap, HashSet};

const CHUNK: usize = 512;
/// Leaves kept at hand: rows that were imported together are in few of them.
const LEAVES: usize = 256;

/// One walk through everything that is stored.
pub(crate) struct Deep<'a> {
    pub engine: &'a Engine,
    pub read: &'a dyn Read,
    pub expected: &'a Expected,
}

/// Tokens that the rows call for, and what else is counted on the way.
#[derive(Default)]
struct Tally {
    tokens: u64,
    uniques: u64,
    keys: u64,
    seen: HashSet<Uid>,
    erased: HashSet<Uid>,
    /// A row was erased after the snapshot: its tokens are in it and cannot be computed any more.
    erased_since: bool,
    leaves: HashMap<u64, Leaf>,
}

impl Deep<'_> {
    pub(crate) fn run(
        &self,
        report: &mut VerifyReport,
        progress: &mut dyn FnMut(&str, u64, u64),
    ) -> Result<(), Fault> {
        let total = self.expected.newest.len() as u64;
        let mut tally = Tally::default();
        let mut after = None;
        loop {
            let rows = self.read.scan_rows(TENANT, after, CHUNK)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.rid);
            for row in &rows {
                self.row(row, &mut tally, report)?;
                report.records += 1;
            }
            progress("records", report.records, total);
        }
        for record in self.expected.newest.keys().filter(|record| !tally.seen.contains(record)) {
            report.problem(format!("record {record}: it is missing"));
        }
        self.versions(&tally, report)?;
        self.buckets(report)?;
        for damage in self.read.damage()? {
            report.problem(format!("database: {damage}"));
        }
        self.leftovers(&tally, report)
    }

    /// One current row.
    fn row(&self, row: &Row, tally: &mut Tally, report: &mut VerifyReport) -> Result<(), Fault> {
        tally.seen.insert(row.record);
        if self.expected.newest.get(&row.record) != Some(&row.version) {
            report.problem(format!("record {}: version {} is not its newest", row.record, row.version));
        }
        self.hash(row, report);
        if row.state == STATE_ERASED {
            tally.erased.insert(row.record);
            return Ok(());
        }
        let key = self.read.key(TENANT, row.domain, row.key_version)?;
        let (Some(key), Some(kind)) = (key, self.engine.kinds.get(row.kind)) else {
            report.problem(format!("record {}: its data key or its kind is missing", row.record));
            return Ok(());
        };
        tally.keys += u64::from(row.domain == row.rid);
        let Some(key) = self.key_now(row, key)? else {
            tally.erased_since = true;
            return Ok(());
        };
        match Opened::new(TENANT, kind, row, &key, &self.engine.keyring).and_then(|opened| {
            let values = opened.all()?;
            self.masks(&opened, &values, report)?;
            self.commitments(&opened, &values, tally, report)?;
            Ok(values)
        }) {
            Err(_) => report.problem(format!("record {}: it does not open", row.record)),
            Ok(values) => {
                let values: Fields = values.into_iter().map(|(number, (value, _))| (number, value)).collect();
                self.tokens(row, kind, &values, tally, report)?;
            }
        }
        Ok(())
    }

    /// The row's data key under a bucket key that is in the keyring: keys may be renewed, here or by another process, while
    /// all is walked through. None when the row was erased meanwhile.
    fn key_now(&self, row: &Row, mut key: WrappedKey) -> Result<Option<WrappedKey>, Fault> {
        for _ in 0..TRIES {
            if self.engine.keyring.bucket(key.bucket(), key.bucket_generation).is_some() {
                break;
            }
            self.engine.refresh_keys()?;
            match self.engine.store.read()?.key(TENANT, row.domain, row.key_version)? {
                // Nothing has moved: there is no such bucket key.
                Some(now) if now == key => break,
                Some(now) => key = now,
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    fn hash(&self, row: &Row, report: &mut VerifyReport) {
        match self.expected.rows.get(&(row.record, row.version)) {
            Some((hash, _)) if *hash == row.hash(TENANT) => {}
            Some(_) => report
                .problem(format!("record {}: version {} is not as it was written", row.record, row.version)),
            None => report
                .problem(format!("record {}: version {} is not in the change log", row.record, row.version)),
        }
    }

    /// Masks open too: what a list shows comes from them.
    fn masks(&self, opened: &Opened<'_>, values: &Stored, report: &mut VerifyReport) -> Result<(), Fault> {
        for (level, class) in opened.places() {
            let mut idle = 0;
            opened.each_mask(level, class, |number, _| idle += usize::from(!values.contains_key(&number)))?;
            if idle > 0 {
                report.problem(format!("record {}: it has a mask without a value", opened.row.record));
            }
        }
        Ok(())
    }

    /// Each value is the one that the entry of its version committed to.
    fn commitments(
        &self,
        opened: &Opened<'_>,
        values: &Stored,
        tally: &mut Tally,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        let record = opened.row.record;
        let salts = opened.salts()?;
        for (number, (value, origin)) in values {
            let at = usize::from(*origin);
            let (Some(salt), Some(origin)) = (salts.get(at), opened.header.origins.get(at)) else {
                report.problem(format!("record {record}: a value has no provenance"));
                continue;
            };
            let commitment = Committer::new(salt).commit(*number, &value.to_cbor())?;
            let Some((_, index)) = self.expected.rows.get(&(record, origin.version)) else { continue };
            let said = self.item(*index, record, origin.version, tally)?.and_then(|item| {
                item.fields.iter().find(|(field, _)| field == number).map(|(_, said)| *said)
            });
            if said != Some(Said::Commitment(commitment)) {
                report.problem(format!(
                    "record {record}: a value is not the one that entry c-{index} commits to"
                ));
            }
        }
        Ok(())
    }

    fn item(&self, index: u64, record: Uid, version: u32, tally: &mut Tally) -> Result<Option<Item>, Fault> {
        if tally.leaves.len() > LEAVES {
            tally.leaves.clear();
        }
        if let std::collections::hash_map::Entry::Vacant(place) = tally.leaves.entry(index)
            && let Some((_, leaf)) = self.read.change_entries(TENANT, index, 1)?.first()
        {
            place.insert(Leaf::decode(leaf)?);
        }
        Ok(tally.leaves.get(&index).and_then(|leaf| {
            leaf.items.iter().find(|item| item.record == record && item.version == version).cloned()
        }))
    }

    /// Every token that the values call for is there.
    fn tokens(
        &self,
        row: &Row,
        kind: &dossier_model::kind::Kind,
        values: &Fields,
        tally: &mut Tally,
        report: &mut VerifyReport,
    ) -> Result<(), Fault> {
        let tokens = tokens_of(self.engine, kind, values);
        tally.tokens += tokens.find.len() as u64;
        tally.uniques += tokens.unique.len() as u64;
        for (field, version, token) in &tokens.find {
            let (field, version, token) = (*field, *version, *token);
            if !self.read.has_token(TENANT, &TokenRow { field, version, token, rid: row.rid })? {
                report.problem(format!("record {}: a token of field {field} is missing", row.record));
            }
        }
        for (field, version, token) in &tokens.unique {
            if self.read.by_unique(TENANT, *field, *version, token)? != Some(row.rid) {
                report.problem(format!("record {}: a unique token of field {field} is missing", row.record));
            }
        }
        Ok(())
    }

    /// Old versions are as they were written, and all are there.
    fn versions(&self, tally: &Tally, report: &mut VerifyReport) -> Result<(), Fault> {
        let mut after: Option<(Rid, u32)> = None;
        let mut found = HashSet::new();
        loop {
            let rows = self.read.scan_versions(TENANT, after, CHUNK)?;
            let Some(last) = rows.last() else { break };
            after = Some((last.rid, last.version));
            for row in &rows {
                self.hash(row, report);
                found.insert((row.record, row.version));
            }
        }
        let newest = |record: &Uid, version: u32| self.expected.newest.get(record) == Some(&version);
        for (record, version) in self.expected.rows.keys() {
            // Erasing a record destroys its old versions.
            if !newest(record, *version)
                && !tally.erased.contains(record)
                && !found.contains(&(*record, *version))
            {
                report.problem(format!("record {record}: version {version} is missing"));
            }
        }
        Ok(())
    }

    /// The store takes data keys under the generation that the keyring wraps them with.
    fn buckets(&self, report: &mut VerifyReport) -> Result<(), Fault> {
        let keyring = &self.engine.keyring;
        let differs = |read: &dyn Read| -> Result<Vec<u16>, Fault> {
            let mut out = Vec::new();
            for bucket in 0..dossier_crypto::BUCKETS {
                if Some(read.bucket_generation(TENANT, bucket)?) != keyring.current_generation(bucket) {
                    out.push(bucket);
                }
            }
            Ok(out)
        };
        if differs(self.read)?.is_empty() {
            return Ok(());
        }
        // Somebody has renewed keys since the snapshot, or is at it: asked again when nobody is.
        let _held = self.engine.hold_keys()?;
        for bucket in differs(&*self.engine.store.read()?)? {
            report.problem(format!("bucket {bucket}: its generation is not the keyring's"));
        }
        Ok(())
    }

    /// Tokens and keys that no row calls for.
    fn leftovers(&self, tally: &Tally, report: &mut VerifyReport) -> Result<(), Fault> {
        let mut tokens = 0;
        let mut after = None;
        loop {
            let page = self.read.scan_tokens(TENANT, after.as_ref(), CHUNK)?;
            tokens += page.len() as u64;
            let Some(last) = page.last() else { break };
            after = Some(*last);
        }
        let mut uniques = 0;
        let mut after = None;
        loop {
            let page = self.read.scan_uniques(TENANT, after.as_ref(), CHUNK)?;
            uniques += page.len() as u64;
            let Some(last) = page.last() else { break };
            after = Some(*last);
        }
        let mut keys = 0;
        let mut after = None;
        loop {
            let page = self.read.scan_keys(TENANT, after, CHUNK)?;
            keys += page.len() as u64;
            let Some(last) = page.last() else { break };
            after = Some((last.domain, last.version));
        }
        for (name, found, wanted) in [
            ("tokens", tokens, tally.tokens),
            ("unique tokens", uniques, tally.uniques),
            ("data keys", keys, tally.keys),
        ] {
            if found > wanted && !tally.erased_since {
                report.problem(format!("{} {name} belong to no record", found - wanted));
            }
        }
        Ok(())
    }
}
