//! Where the root key stays: a keystore file, a hardware module, a key service.

use dossier_model::id::Tenant;

use crate::error::CryptoError;
use crate::secret::Secret;

/// Wraps and unwraps tenant keys under a root key that does not leave it.
///
/// Both calls may block (a network, a device) and are made at start, at rotation and at erasure only. A wrapped
/// key must be bound to its tenant and generation: unwrapping it for others must fail.
pub trait Kms: Send + Sync {
    /// Which root key this is, for people and for the keyring's note of it: the same text for the same root
    /// key, no secret, below 256 bytes.
    fn describe(&self) -> String;

    /// Wraps a tenant's key.
    fn wrap(&self, tenant: Tenant, generation: u32, key: &Secret) -> Result<Vec<u8>, CryptoError>;

    /// Unwraps a tenant's key. [`CryptoError::WrongRoot`] when this root key did not wrap it so,
    /// [`CryptoError::Kms`] when the root key could not be asked.
    fn unwrap(&self, tenant: Tenant, generation: u32, wrapped: &[u8]) -> Result<Secret, CryptoError>;
}
