//! Published vectors (Project Wycheproof) against the functions that seal, wrap, derive and verify.
//!
//! A small selection stands in `testdata/vectors.json`; the whole sets run where they are at hand.

use std::path::PathBuf;

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::prf::Prf;
use crate::{gcm, kwp, note};

const OWN: &str = include_str!("../testdata/vectors.json");

fn own(list: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(OWN).unwrap();
    all[list].as_array().unwrap().clone()
}

/// The vectors of a published file whose group has what is `wanted`, or none and a printed reason.
fn published(file: &str, wanted: &[(&str, u64)]) -> Vec<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("DOSSIER_TEST_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("vectors/wycheproof").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return Vec::new();
    };
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut vectors = Vec::new();
    for group in all["testGroups"].as_array().unwrap() {
        if wanted.iter().any(|(name, value)| group[*name] != *value) {
            continue;
        }
        for test in group["tests"].as_array().unwrap() {
            let mut test = test.clone();
            test["valid"] = (test["result"] == "valid").into();
            test["pk"] = group["publicKey"]["pk"].clone();
            vectors.push(test);
        }
    }
    assert!(!vectors.is_empty(), "{file} has vectors");
    vectors
}

fn hex(vector: &Value, name: &str) -> Vec<u8> {
    let digits = vector[name].as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn key(vector: &Value, name: &str) -> [u8; 32] {
    hex(vector, name).try_into().unwrap()
}

fn is_valid(vector: &Value) -> bool {
    vector["valid"].as_bool().unwrap()
}

#[test]
fn aes_256_gcm_opens_what_is_valid_and_refuses_the_rest() {
    let whole = published("aes_gcm_test.json", &[("ivSize", 96), ("keySize", 256), ("tagSize", 128)]);
    for vector in own("aes_256_gcm").iter().chain(&whole) {
        let sealed = [&[gcm::ALG][..], &hex(vector, "iv"), &hex(vector, "ct"), &hex(vector, "tag")].concat();
        let opened = gcm::open(&key(vector, "key"), &hex(vector, "aad"), &sealed);
        assert_eq!(opened.is_ok(), is_valid(vector), "{vector}");
        if let Ok(plaintext) = opened {
            assert_eq!(*plaintext, hex(vector, "msg"), "{vector}");
        }
    }
}

#[test]
fn aes_256_gcm_seals_to_the_published_ciphertexts() {
    struct Nonce(Vec<u8>);
    impl dossier_model::time::Entropy for Nonce {
        fn fill(&self, out: &mut [u8]) {
            out.copy_from_slice(&self.0);
        }
    }
    for vector in own("aes_256_gcm").iter().filter(|vector| is_valid(vector)) {
        let (aad, nonce) = (hex(vector, "aad"), Nonce(hex(vector, "iv")));
        let sealed = gcm::seal(&key(vector, "key"), &aad, &hex(vector, "msg"), &nonce).unwrap();
        assert_eq!(sealed[13..], [hex(vector, "ct"), hex(vector, "tag")].concat(), "{vector}");
    }
}

#[test]
fn aes_256_kwp_unwraps_what_is_valid_and_refuses_the_rest() {
    for vector in own("aes_256_kwp").iter().chain(&published("aes_kwp_test.json", &[("keySize", 256)])) {
        let (kek, wrapped) = (key(vector, "key"), hex(vector, "ct"));
        let mut out = vec![0; wrapped.len() + 8];
        let unwrapped = kwp::unwrap_any(&kek, &wrapped, &mut out);
        assert_eq!(unwrapped.is_ok(), is_valid(vector), "{vector}");
        let plaintext = hex(vector, "msg");
        if let Ok(len) = unwrapped {
            assert_eq!(out[..len], plaintext, "{vector}");
            let mut again = vec![0; plaintext.len() + 15];
            let len = kwp::wrap_any(&kek, &plaintext, &mut again).unwrap();
            assert_eq!(again[..len], wrapped, "{vector}");
        }
        // Ours takes keys of 32 bytes only.
        let ours = is_valid(vector) && plaintext.len() == 32;
        assert_eq!(kwp::unwrap(&kek, &wrapped).is_ok(), ours, "{vector}");
    }
}

#[test]
fn hkdf_sha256_expands_to_the_published_keys() {
    // Ours expands one block; a shorter key is its beginning.
    let whole = published("hkdf_sha256_test.json", &[]);
    let fits = |vector: &&Value| (1..=32).contains(&vector["size"].as_u64().unwrap());
    let mut tried = 0;
    for vector in own("hkdf_sha256").iter().chain(&whole).filter(fits) {
        // Extract is HMAC with the salt as key (RFC 5869 §2.2).
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &hex(vector, "salt"));
        let prk = hmac::sign(&salt, &hex(vector, "ikm"));
        let okm = Prf::new(prk.as_ref().try_into().unwrap()).expand(&[&hex(vector, "info")]).unwrap();
        let expected = hex(vector, "okm");
        assert_eq!(okm[..expected.len()], expected, "{vector}");
        tried += 1;
    }
    assert!(tried >= 8);
}

#[test]
fn hmac_sha256_gives_the_published_tags() {
    for vector in own("hmac_sha256").iter().chain(&published("hmac_sha256_test.json", &[("keySize", 256)])) {
        let (ours, tag) = (Prf::new(&key(vector, "key")).mac(&[&hex(vector, "msg")]), hex(vector, "tag"));
        assert_eq!(ours[..tag.len()] == tag[..], is_valid(vector), "{vector}");
    }
}

#[test]
fn ed25519_verifies_what_is_valid_and_refuses_the_rest() {
    for vector in own("ed25519").iter().chain(&published("ed25519_test.json", &[])) {
        let verified = note::verify(&key(vector, "pk"), &hex(vector, "msg"), &hex(vector, "sig"));
        assert_eq!(verified.is_ok(), is_valid(vector), "{vector}");
    }
}
