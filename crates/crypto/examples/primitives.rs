//! How long the steps of opening and sealing a record take, in nanoseconds. Run it with `--release`.

use std::fmt::Display;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use dossier_crypto::{
    BucketKey, Committer, CryptoError, DataKey, FieldMasks, Keyring, Keystore, MacKey, Part, Secret,
    SegmentId, SystemEntropy, open_system, seal_system, token8,
};
use dossier_model::id::{Tenant, Uid};
use dossier_model::mask::FieldKeys;
use dossier_model::time::Micros;
use dossier_model::{Class, Level};

const ROUNDS: u32 = 100_000;
/// Records of a list, and the segments of each that a masked list opens.
const RECORDS: usize = 25;
const PARTS: [Part; 4] = [
    Part::Header,
    Part::Value { level: Level::L1, class: Class::C3 },
    Part::Mask { level: Level::L2, class: Class::C3 },
    Part::Mask { level: Level::L3, class: Class::C1 },
];

fn main() -> Result<(), CryptoError> {
    let bucket = BucketKey::new(Secret::generate(&SystemEntropy));
    let data_key = DataKey::generate(&SystemEntropy);
    let wrapped = data_key.wrap(&bucket)?;
    let subkeys = data_key.subkeys();
    let (id, text) = (segment(1, PARTS[1]), [b'a'; 100]);
    let sealed = subkeys.seal(&id, &text, &SystemEntropy)?;

    time("unwrap a data key", || DataKey::unwrap(&bucket, &wrapped))?;
    time("prepare its subkeys", || Ok(data_key.subkeys()))?;
    time("open 100 B (with derive)", || subkeys.open(&id, &sealed))?;
    time("seal 100 B (with derive)", || subkeys.seal(&id, &text, &SystemEntropy))?;
    time("wrap a data key", || data_key.wrap(&bucket))?;

    let key = MacKey::new(Secret::generate(&SystemEntropy));
    time("token of a phone number", || Ok(token8(&key, 1, "15400000000")))?;
    let masks = FieldMasks::new(&key, 1, 19);
    time("mask a phone number by its hash", || Ok(masks.hash("+8615400000000")))?;
    time("mask a phone number by a token (FF1)", || Ok(masks.token("+8615400000000")))?;
    time("mask a name by a token", || Ok(masks.token("欧阳示例")))?;
    let committer = Committer::new(&[1; 32]);
    time("commit a value (a derive, a hash)", || committer.commit(1, b"value"))?;
    let sealed = seal_system(&key, b"user 1", &text, &SystemEntropy)?;
    time("open a system record 100 B", || open_system(&key, b"user 1", &sealed))?;

    list(&bucket)?;
    keyring()
}

/// Looking keys up, which each request does, and changing them, which few do.
fn keyring() -> Result<(), CryptoError> {
    let Ok(folder) = tempfile::tempdir() else { return Ok(()) };
    let kms = Keystore::create(&folder.path().join("keystore"), None, &SystemEntropy)?;
    let path = folder.path().join("keyring");
    let keyring = Keyring::create(&path, Tenant(1), &kms, &SystemEntropy, Micros(0))?;
    time("take the keys of a request", || Ok(keyring.keys()))?;
    let keys = keyring.keys();
    time("look a bucket key up", || Ok(keys.bucket(7, 1).is_some()))?;
    time("change the tenant key, durably", || keyring.rotate_tenant(&kms, &SystemEntropy, Micros(0)))?;
    time("open the keyring", || Keyring::open(&path, Tenant(1), &kms))?;
    Ok(())
}

/// A masked list: 25 data keys, 4 segments of each.
fn list(bucket: &BucketKey) -> Result<(), CryptoError> {
    let mut rows = Vec::new();
    for record in 0..RECORDS {
        let key = DataKey::generate(&SystemEntropy);
        let subkeys = key.subkeys();
        let seal = |part| {
            let id = segment(record as u8, part);
            Ok((id, subkeys.seal(&id, &[b'a'; 100], &SystemEntropy)?))
        };
        let segments = PARTS.into_iter().map(seal).collect::<Result<Vec<_>, CryptoError>>()?;
        rows.push((key.wrap(bucket)?, segments));
    }
    let ns = time("a list: 25 × (unwrap + 4 opens)", || {
        for (wrapped, segments) in &rows {
            let subkeys = DataKey::unwrap(bucket, wrapped)?.subkeys();
            for (id, sealed) in segments {
                black_box(subkeys.open(id, sealed)?);
            }
        }
        Ok(())
    })?;
    show("a record of it", ns / RECORDS as f64);
    show("lists a second and core", 1e9 / ns);
    Ok(())
}

fn segment(record: u8, part: Part) -> SegmentId {
    SegmentId {
        tenant: Tenant(1),
        domain: Uid([record; 16]),
        record: Uid([record; 16]),
        kind: 1,
        version: 1,
        part,
        key_version: 1,
        mask_revision: 1,
        generation: 1,
    }
}

fn time<T>(what: &str, mut work: impl FnMut() -> Result<T, CryptoError>) -> Result<f64, CryptoError> {
    let rounds = match what {
        "change the tenant key, durably" | "open the keyring" => 50,
        _ if what.starts_with("a list") => ROUNDS / 50,
        _ => ROUNDS,
    };
    for _ in 0..rounds / 10 {
        black_box(work()?);
    }
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(work()?);
    }
    let ns = start.elapsed().as_nanos() as f64 / f64::from(rounds);
    show(what, ns);
    Ok(ns)
}

fn show(what: impl Display, number: f64) {
    // A closed pipe is no reason to fail.
    let _ = writeln!(io::stdout(), "{number:>10.0}  {what}");
}
