//! The one place with keys: sealing, tokens, signing, and where keys come from.
//!
//! Bytes on disk are those of `docs/formats.md`. Nothing in here knows a store or a clock: time comes in as
//! [`Micros`](dossier_model::time::Micros), randomness as [`Entropy`](dossier_model::time::Entropy).
//!
//! ```text
//! Kms (Keystore: a file) ─ unwraps ─ tenant key ─ Keyring ─┬ BucketKey ─ DataKey ─ Subkeys ─ seal / open a segment
//!                                                           ├ MacKey: tokens, system records, mechanics, text
//!                                                           └ Signer: the ledger's checkpoints
//! ```
//!
//! No type that holds a key shows it in `Debug`, and each wipes it when dropped.

mod blocks;
mod commit;
mod data_key;
mod durable;
mod error;
mod gcm;
mod keyring;
mod keystore;
mod kms;
mod kwp;
mod mask;
mod note;
mod passphrase;
mod password;
mod prf;
mod recovery;
mod rotation;
mod secret;
mod segment;
mod system;
mod token;
mod totp;

#[cfg(test)]
mod vectors;

pub use blocks::{BLOCK_OVERHEAD, BlocksKey, FileKey};
pub use commit::{Committer, commitment};
pub use data_key::{BucketKey, DataKey, Subkeys, WRAPPED_LEN, bucket_of};
pub use error::CryptoError;
pub use keyring::{BUCKETS, Generation, KeyStatus, Keyring, KeyringLock, Keys};
pub use keystore::Keystore;
pub use kms::Kms;
pub use mask::FieldMasks;
pub use note::{
    Checkpoint, Signer, checkpoint_text, parse_checkpoint, parse_verifier_key, verifier_key, verify_note,
};
pub use password::{PasswordCost, PasswordHash};
pub use prf::MacKey;
pub use recovery::{GROUPS, Group, Sheet, Side, two_groups};
pub use rotation::{establish, renew_root, unlock};
pub use secret::{Secret, SystemEntropy, constant_time_eq, hash_secret, sha256, verify_secret};
pub use segment::{Part, SegmentId};
pub use system::{mac, open_system, seal_system, verify_mac};
pub use token::{token8, token16};
pub use totp::{TOTP_PERIOD_SECONDS, totp};
