mod changes;
mod crashes;
mod files;
mod shared;

use std::fs;
use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::SystemEntropy;

const NOW: Micros = Micros(1_700_000_000_000_000);
const LATER: Micros = Micros(1_700_000_001_000_000);
const TENANT: Tenant = Tenant(1);

/// A root key in memory that can be told to fail or to lie.
struct TestKms {
    id: u8,
    fails: bool,
    lies: bool,
}

impl TestKms {
    const fn new(id: u8) -> Self {
        Self { id, fails: false, lies: false }
    }
}

impl Kms for TestKms {
    fn describe(&self) -> String {
        format!("test {}", self.id)
    }

    fn wrap(&self, tenant: Tenant, generation: u32, key: &Secret) -> Result<Vec<u8>, CryptoError> {
        if self.fails {
            return Err(CryptoError::Kms { kms: self.describe(), reason: "unreachable".into() });
        }
        let masked = key.expose().map(|byte| byte ^ self.id);
        Ok([&[self.id], &tenant.0.to_be_bytes()[..], &generation.to_be_bytes(), &masked].concat())
    }

    fn unwrap(&self, tenant: Tenant, generation: u32, wrapped: &[u8]) -> Result<Secret, CryptoError> {
        let head = [&[self.id], &tenant.0.to_be_bytes()[..], &generation.to_be_bytes()].concat();
        let Some(masked) = wrapped.strip_prefix(&head[..]) else {
            return Err(CryptoError::WrongRoot { given: self.describe(), expected: None });
        };
        let masked = <[u8; 32]>::try_from(masked).unwrap();
        Ok(Secret::from_bytes(&masked.map(|byte| byte ^ self.id ^ u8::from(self.lies))))
    }
}

const KMS: TestKms = TestKms::new(0x55);

/// The same bytes in each run.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data/keyring");
    (dir, path)
}

fn made() -> (tempfile::TempDir, PathBuf, Keyring) {
    let (dir, path) = place();
    let keyring = Keyring::create(&path, TENANT, &KMS, &SystemEntropy, NOW).unwrap();
    (dir, path, keyring)
}

fn open(path: &Path) -> Result<Keyring, CryptoError> {
    Keyring::open(path, TENANT, &KMS)
}

/// Every secret of a keyring but the tenant key, in order.
fn secrets(keyring: &Keyring) -> Vec<[u8; 32]> {
    let keys = keyring.keys();
    let mut all: Vec<_> = keys
        .buckets
        .iter()
        .flat_map(|line| line.all().map(|held| *held.key.secret().expose()).collect::<Vec<_>>())
        .collect();
    for line in [&keys.index, &keys.system, &keys.mechanics, &keys.text] {
        all.extend(line.all().map(|held| *held.key.secret().expose()));
    }
    all.push(*keys.signer().seed().expose());
    all
}
