//! All keys of a tenant, unwrapped, as they were at one moment: what readers hold.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use dossier_model::id::Tenant;
use dossier_model::time::Micros;

use crate::data_key::BucketKey;
use crate::error::CryptoError;
use crate::note::Signer;
use crate::prf::MacKey;
use crate::secret::{Secret, constant_time_eq};

/// Number of bucket keys.
pub const BUCKETS: u16 = 1024;

/// A key that the keyring can keep: made from 32 secret bytes, and able to give them back for wrapping.
pub(super) trait Kept: Sized {
    fn from_secret(secret: Secret) -> Result<Self, CryptoError>;
    fn secret(&self) -> &Secret;
}

impl Kept for BucketKey {
    fn from_secret(secret: Secret) -> Result<Self, CryptoError> {
        Ok(Self::new(secret))
    }
    fn secret(&self) -> &Secret {
        self.secret()
    }
}

impl Kept for MacKey {
    fn from_secret(secret: Secret) -> Result<Self, CryptoError> {
        Ok(Self::new(secret))
    }
    fn secret(&self) -> &Secret {
        self.secret()
    }
}

impl Kept for Signer {
    fn from_secret(secret: Secret) -> Result<Self, CryptoError> {
        Self::new(secret)
    }
    fn secret(&self) -> &Secret {
        self.seed()
    }
}

/// Number and age of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its number; a later one is greater.
    pub number: u32,
    /// When it was made.
    pub created: Micros,
}

pub(super) struct Held<K> {
    pub generation: Generation,
    pub key: Arc<K>,
}

// Not derived, because that would want a key that can be copied.
impl<K> Clone for Held<K> {
    fn clone(&self) -> Self {
        Self { generation: self.generation, key: Arc::clone(&self.key) }
    }
}

/// One key and those before it that are still needed. Numbers ascend; there is always a newest.
pub(super) struct Line<K> {
    pub older: Vec<Held<K>>,
    pub newest: Held<K>,
}

impl<K> Clone for Line<K> {
    fn clone(&self) -> Self {
        Self { older: self.older.clone(), newest: self.newest.clone() }
    }
}

impl<K: Kept> Line<K> {
    pub(super) fn first(secret: Secret, created: Micros) -> Result<Self, CryptoError> {
        let generation = Generation { number: 1, created };
        let newest = Held { generation, key: Arc::new(K::from_secret(secret)?) };
        Ok(Self { older: Vec::new(), newest })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Held<K>> {
        self.older.iter().chain([&self.newest])
    }

    pub(super) fn get(&self, number: u32) -> Option<&Arc<K>> {
        // Nearly every look-up is for the newest.
        if self.newest.generation.number == number {
            return Some(&self.newest.key);
        }
        self.older.iter().find(|held| held.generation.number == number).map(|held| &held.key)
    }

    pub(super) fn generations(&self) -> Vec<Generation> {
        self.all().map(|held| held.generation).collect()
    }

    /// Whether this is a later state of `earlier`, or the same: no number goes back, and none stands for another key.
    fn follows(&self, earlier: &Self) -> bool {
        let same = |held: &Held<K>| {
            let before = earlier.get(held.generation.number);
            before.is_none_or(|key| constant_time_eq(key.secret().expose(), held.key.secret().expose()))
        };
        self.newest.generation.number >= earlier.newest.generation.number && self.all().all(same)
    }

    /// The next key becomes the newest. Returns its number.
    pub(super) fn add(&mut self, secret: Secret, created: Micros) -> Result<u32, CryptoError> {
        // A number is never used twice, or old wrapped keys would seem to be of the new one.
        let last = self.newest.generation.number;
        let number = last.checked_add(1).ok_or(CryptoError::KeyNotOld { number: last })?;
        let next =
            Held { generation: Generation { number, created }, key: Arc::new(K::from_secret(secret)?) };
        self.older.push(std::mem::replace(&mut self.newest, next));
        Ok(number)
    }

    pub(super) fn drop_old(&mut self, number: u32) -> Result<(), CryptoError> {
        let at = self.older.iter().position(|held| held.generation.number == number);
        self.older.remove(at.ok_or(CryptoError::KeyNotOld { number })?);
        Ok(())
    }
}

/// All keys of one tenant at one moment. Take it once per request ([`Keyring::keys`](super::Keyring::keys)) and
/// look everything up in it: no lock, no count.
#[derive(Clone)]
pub struct Keys {
    pub(super) tenant: Tenant,
    pub(super) name: String,
    /// The root key's own description of itself.
    pub(super) root: String,
    pub(super) tenant_key: Held<Secret>,
    pub(super) wrapped: Vec<u8>,
    pub(super) buckets: Vec<Line<BucketKey>>,
    pub(super) index: Line<MacKey>,
    pub(super) system: Line<MacKey>,
    pub(super) mechanics: Line<MacKey>,
    pub(super) text: Line<MacKey>,
    pub(super) ledger: Line<Signer>,
}

impl Keys {
    /// Whose keys these are.
    pub fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// The installation's random name: 16 hex digits, the beginning of its logs' origins.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key of a bucket in one generation; the row of a wrapped data key says which.
    pub fn bucket(&self, bucket: u16, generation: u32) -> Option<&Arc<BucketKey>> {
        self.buckets.get(usize::from(bucket))?.get(generation)
    }

    /// The generation that new data keys of this bucket are wrapped under; `None` from bucket 1,024 on.
    pub fn current_generation(&self, bucket: u16) -> Option<u32> {
        self.buckets.get(usize::from(bucket)).map(|line| line.newest.generation.number)
    }

    /// A bucket's newest generation and its key, for wrapping.
    pub fn current_bucket(&self, bucket: u16) -> Result<(u32, &Arc<BucketKey>), CryptoError> {
        let line =
            self.buckets.get(usize::from(bucket)).ok_or(CryptoError::BucketKey { bucket, generation: 0 })?;
        Ok((line.newest.generation.number, &line.newest.key))
    }

    /// Buckets whose renewal was begun and not ended, with the old and the new generation.
    pub fn buckets_with_two(&self) -> Vec<(u16, u32, u32)> {
        let lines = (0..BUCKETS).zip(&self.buckets);
        lines
            .filter_map(|(bucket, line)| {
                let old = line.older.first()?;
                Some((bucket, old.generation.number, line.newest.generation.number))
            })
            .collect()
    }

    /// The index key of a version, for tokens.
    pub fn index(&self, version: u32) -> Option<&Arc<MacKey>> {
        self.index.get(version)
    }

    /// The version of the index key that new tokens are made with, and all versions, ascending.
    pub fn index_versions(&self) -> (u32, Vec<u32>) {
        let all = self.index.all().map(|held| held.generation.number).collect();
        (self.index.newest.generation.number, all)
    }

    /// The key of system records.
    pub fn system(&self) -> &Arc<MacKey> {
        &self.system.newest.key
    }

    /// The key of mechanics (sessions, quotas, cursors).
    pub fn mechanics(&self) -> &Arc<MacKey> {
        &self.mechanics.newest.key
    }

    /// The key of text without a domain in one version; what it sealed says which.
    pub fn text(&self, version: u32) -> Option<&Arc<MacKey>> {
        self.text.get(version)
    }

    /// The newest key of text without a domain, with its version.
    pub fn current_text(&self) -> (u32, &Arc<MacKey>) {
        (self.text.newest.generation.number, &self.text.newest.key)
    }

    /// What signs the ledger's checkpoints.
    pub fn signer(&self) -> &Arc<Signer> {
        &self.ledger.newest.key
    }

    /// Whether these are the keys of the same keyring at a later moment, or the same one. Each change takes at least one
    /// number up and none down: so an earlier state has a lower one somewhere.
    pub(super) fn follows(&self, earlier: &Keys) -> bool {
        let (now, before) = (&self.tenant_key, &earlier.tenant_key);
        let tenant_key = match now.generation.number.cmp(&before.generation.number) {
            Ordering::Less => false,
            Ordering::Equal => constant_time_eq(now.key.expose(), before.key.expose()),
            Ordering::Greater => true,
        };
        let mut buckets = self.buckets.iter().zip(&earlier.buckets);
        self.name == earlier.name
            && tenant_key
            && buckets.all(|(now, before)| now.follows(before))
            && self.index.follows(&earlier.index)
            && self.system.follows(&earlier.system)
            && self.mechanics.follows(&earlier.mechanics)
            && self.text.follows(&earlier.text)
            && self.ledger.follows(&earlier.ledger)
    }

    /// Numbers and ages, for `key status`.
    pub fn status(&self) -> KeyStatus {
        let newest = self.buckets.iter().map(|line| line.newest.generation);
        KeyStatus {
            tenant: self.tenant,
            name: self.name.clone(),
            root: self.root.clone(),
            tenant_key: self.tenant_key.generation,
            buckets_renewed: self.buckets.iter().filter(|line| line.newest.generation.number > 1).count(),
            buckets_oldest: newest.map(|generation| generation.created).min(),
            buckets_with_two: self.buckets_with_two().iter().map(|(bucket, ..)| *bucket).collect(),
            index: self.index.generations(),
            system: self.system.generations(),
            mechanics: self.mechanics.generations(),
            text: self.text.generations(),
            ledger: self.ledger.generations(),
            ledger_public_key: *self.ledger.newest.key.public_key(),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("tenant", &self.tenant).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What can be told of a keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// Whose keys.
    pub tenant: Tenant,
    /// The installation's name.
    pub name: String,
    /// The root key that wraps the tenant key, as it describes itself.
    pub root: String,
    /// The tenant key.
    pub tenant_key: Generation,
    /// How many of the 1,024 bucket keys are not their first.
    pub buckets_renewed: usize,
    /// When the oldest bucket key in use was made.
    pub buckets_oldest: Option<Micros>,
    /// Buckets whose renewal was begun and not ended.
    pub buckets_with_two: Vec<u16>,
    /// Index keys, oldest first.
    pub index: Vec<Generation>,
    /// System keys, oldest first.
    pub system: Vec<Generation>,
    /// Mechanics keys, oldest first.
    pub mechanics: Vec<Generation>,
    /// Text keys, oldest first.
    pub text: Vec<Generation>,
    /// Signing keys, oldest first.
    pub ledger: Vec<Generation>,
    /// The newest signing key's public half.
    pub ledger_public_key: [u8; 32],
}
