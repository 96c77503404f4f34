//! Changes of a keyring, each one write. A process that shares the file takes [`Keyring::lock`] first.

use std::sync::{Arc, PoisonError};

use dossier_model::id::Tenant;
use dossier_model::time::{Entropy, Micros};

use super::keys::{Generation, Held, Keys};
use super::{Keyring, OnDisk, Stamp, file};
use crate::durable;
use crate::error::CryptoError;
use crate::kms::Kms;
use crate::secret::{Secret, constant_time_eq};

impl Keyring {
    /// A new tenant key, everything wrapped again under it. Returns its generation.
    pub fn rotate_tenant(
        &self,
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<u32, CryptoError> {
        self.change(|next| renew_tenant_key(next, kms, entropy, now))
    }

    /// Moves the keyring from one root key to another, with a new tenant key, because who had the old root key
    /// may have the old tenant key. Both must be at hand; `old` must be the one in use. Returns the new tenant
    /// key's generation.
    pub fn rotate_root(
        &self,
        old: &dyn Kms,
        new: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<u32, CryptoError> {
        self.change(|next| {
            check_root(next, old)?;
            renew_tenant_key(next, new, entropy, now)
        })
    }

    /// [`rotate_root`](Self::rotate_root) to a root key that is made while no other change can come between.
    pub(crate) fn rotate_root_to<K: Kms>(
        &self,
        old: &dyn Kms,
        make: impl FnOnce() -> Result<K, CryptoError>,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<K, CryptoError> {
        self.change(|next| {
            check_root(next, old)?;
            let new = make()?;
            renew_tenant_key(next, &new, entropy, now)?;
            Ok(new)
        })
    }

    /// Begins the renewal of a bucket: a new key beside the old one. Durable on return; wrap the bucket's data
    /// keys again, then drop the old generation. Returns the new generation.
    pub fn add_bucket_generation(
        &self,
        bucket: u16,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<u32, CryptoError> {
        let added = self.add_bucket_generations(&[bucket], entropy, now)?;
        added.first().copied().ok_or(CryptoError::BucketKey { bucket, generation: 0 })
    }

    /// [`add_bucket_generation`](Self::add_bucket_generation) for many, in one write: all or none.
    pub fn add_bucket_generations(
        &self,
        buckets: &[u16],
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<Vec<u32>, CryptoError> {
        self.change(|next| {
            let add = |&bucket: &u16| {
                let line = next.buckets.get_mut(usize::from(bucket));
                let line = line.ok_or(CryptoError::BucketKey { bucket, generation: 0 })?;
                if !line.older.is_empty() {
                    return Err(CryptoError::BucketRenewing { bucket });
                }
                line.add(Secret::generate(entropy), now)
            };
            buckets.iter().map(add).collect()
        })
    }

    /// Ends the renewal of a bucket: the old key is gone, and the tenant key renewed, so that the wrapped form
    /// of the old key opens nothing even where a copy of it is left. Refuses the newest generation.
    pub fn drop_bucket_generation(
        &self,
        bucket: u16,
        old: u32,
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<(), CryptoError> {
        self.drop_bucket_generations(&[(bucket, old)], kms, entropy, now)
    }

    /// [`drop_bucket_generation`](Self::drop_bucket_generation) for many, in one write: all or none.
    pub fn drop_bucket_generations(
        &self,
        old: &[(u16, u32)],
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<(), CryptoError> {
        self.change(|next| {
            for &(bucket, generation) in old {
                let line = next.buckets.get_mut(usize::from(bucket));
                line.ok_or(CryptoError::BucketKey { bucket, generation })?.drop_old(generation)?;
            }
            renew_tenant_key(next, kms, entropy, now).map(|_| ())
        })
    }

    /// A new index key beside the old ones: the first step of a reindex. Returns its version.
    pub fn add_index_key(&self, entropy: &dyn Entropy, now: Micros) -> Result<u32, CryptoError> {
        self.change(|next| next.index.add(Secret::generate(entropy), now))
    }

    /// Drops an old index key: the last step of a reindex. The tenant key is renewed.
    pub fn drop_index_key(
        &self,
        version: u32,
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<(), CryptoError> {
        self.change(|next| {
            next.index.drop_old(version)?;
            renew_tenant_key(next, kms, entropy, now).map(|_| ())
        })
    }

    /// A new text key; older ones keep opening what they sealed. Returns its version.
    pub fn add_text_key(&self, entropy: &dyn Entropy, now: Micros) -> Result<u32, CryptoError> {
        self.change(|next| next.text.add(Secret::generate(entropy), now))
    }

    /// Destroys an old text key with all that it sealed. The tenant key is renewed.
    pub fn drop_text_key(
        &self,
        version: u32,
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<(), CryptoError> {
        self.change(|next| {
            next.text.drop_old(version)?;
            renew_tenant_key(next, kms, entropy, now).map(|_| ())
        })
    }

    /// One change: the next state is made, written, and only then shown. After an error readers have the old
    /// state and no key of the new one was in use. Where the error leaves open which of the two the file holds,
    /// no further change is made before a new start: it might destroy the root key that the file is under.
    /// What another process has written is never written over: who wants to change it reads it first.
    fn change<T>(&self, make: impl FnOnce(&mut Keys) -> Result<T, CryptoError>) -> Result<T, CryptoError> {
        let _lock = self.hold()?;
        let mut disk = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if disk.uncertain {
            return Err(CryptoError::KeyringUncertain { path: self.path.clone() });
        }
        if Stamp::at(&self.path)? != disk.stamp {
            return Err(CryptoError::KeyringMoved { path: self.path.clone() });
        }
        let mut next = Keys::clone(&self.keys());
        let made = make(&mut next)?;
        let (tmp, open) = durable::write_beside(&self.path, &file::encode(&next)?)?;
        let written = OnDisk::of(&tmp, open)?;
        disk.uncertain = true;
        durable::rename(&tmp, &self.path)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        *disk = written;
        Ok(made)
    }
}

fn check_root(keys: &Keys, kms: &dyn Kms) -> Result<(), CryptoError> {
    let key = kms.unwrap(keys.tenant, keys.tenant_key.generation.number, &keys.wrapped)?;
    if constant_time_eq(key.expose(), keys.tenant_key.key.expose()) {
        return Ok(());
    }
    Err(CryptoError::WrongRoot { given: kms.describe(), expected: Some(keys.root.clone()) })
}

fn renew_tenant_key(
    keys: &mut Keys,
    kms: &dyn Kms,
    entropy: &dyn Entropy,
    now: Micros,
) -> Result<u32, CryptoError> {
    let last = keys.tenant_key.generation.number;
    let number = last.checked_add(1).ok_or(CryptoError::KeyNotOld { number: last })?;
    (keys.tenant_key, keys.wrapped) = new_tenant_key(keys.tenant, number, kms, entropy, now)?;
    keys.root = kms.describe();
    Ok(number)
}

/// A fresh tenant key and its wrapped form, which was unwrapped once: a root key that wraps what it cannot unwrap
/// would lock everything up for good.
pub(super) fn new_tenant_key(
    tenant: Tenant,
    number: u32,
    kms: &dyn Kms,
    entropy: &dyn Entropy,
    created: Micros,
) -> Result<(Held<Secret>, Vec<u8>), CryptoError> {
    let key = Secret::generate(entropy);
    let wrapped = kms.wrap(tenant, number, &key)?;
    if !constant_time_eq(kms.unwrap(tenant, number, &wrapped)?.expose(), key.expose()) {
        let reason = "unwraps another key than it wrapped".to_owned();
        return Err(CryptoError::Kms { kms: kms.describe(), reason });
    }
    Ok((Held { generation: Generation { number, created }, key: Arc::new(key) }, wrapped))
}
