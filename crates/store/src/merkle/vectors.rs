//! The public test vectors of transparency-dev (Apache-2.0): proofs that have to be accepted, and doctored
//! ones.
//!
//! A small selection lies in `testdata/merkle.json`; the whole set is used where it is at hand
//! (`DOSSIER_TEST_DATA`, else `../shared/data` beside the workspace).

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{
    Hash, ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};

/// Some vectors hold "hashes" of other lengths, to show that they are not looked at or do not match. Filled
/// up with zeros they stay what they are: equal to each other where they were, and no hash of anything.
fn hash(value: &Value) -> Hash {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    bytes.resize(32, 0);
    bytes.try_into().unwrap()
}

/// The hash of the leaf, which the interface does not take in any other length.
fn leaf(vector: &Value) -> Option<Hash> {
    STANDARD.decode(vector["leafHash"].as_str().unwrap()).unwrap().try_into().ok()
}

fn number(vector: &Value, name: &str) -> u64 {
    vector[name].as_u64().unwrap_or_else(|| panic!("{name} in {vector}"))
}

fn verify(group: &str, vector: &Value) -> Result<(), ProofError> {
    let proof: Vec<Hash> =
        vector["proof"].as_array().map(|p| p.iter().map(hash).collect()).unwrap_or_default();
    let number = |name| number(vector, name);
    match group {
        "inclusion" => {
            let Some(leaf) = leaf(vector) else { return Err(ProofError::Outside) };
            verify_inclusion(&leaf, number("leafIdx"), number("treeSize"), &proof, &hash(&vector["root"]))
        }
        "subtreeinclusion" => {
            let Some(leaf) = leaf(vector) else { return Err(ProofError::Outside) };
            let root = hash(&vector["root"]);
            verify_subtree_inclusion(&leaf, number("leafIdx"), number("start"), number("end"), &proof, &root)
        }
        "consistency" => {
            let (old, new) = (hash(&vector["root1"]), hash(&vector["root2"]));
            verify_consistency(number("size1"), number("size2"), &proof, &old, &new)
        }
        "subtreeconsistency" => {
            let (part, root) = (hash(&vector["root1"]), hash(&vector["root2"]));
            verify_subtree_consistency(number("start"), number("end"), number("size"), &proof, &part, &root)
        }
        other => panic!("unknown group {other}"),
    }
}

/// Checks one vector; true if it is one that has to be accepted.
fn check(group: &str, vector: &Value) -> bool {
    let refuse = vector["wantErr"].as_bool().unwrap();
    let outcome = verify(group, vector);
    assert_eq!(outcome.is_err(), refuse, "{group}: {}: {outcome:?}", vector["desc"]);
    !refuse
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}

#[test]
fn the_selection_of_public_vectors_is_judged_as_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/merkle.json");
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for group in ["inclusion", "subtreeinclusion", "consistency", "subtreeconsistency"] {
        let vectors = all[group].as_array().unwrap();
        let good = vectors.iter().filter(|vector| check(group, vector)).count();
        assert!(good > 0 && good < vectors.len(), "{group} has good and doctored ones");
    }
}

#[test]
fn all_public_vectors_are_judged_as_they_say() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("DOSSIER_TEST_DATA").map_or_else(beside, PathBuf::from);
    let folder = data.join("vectors/merkle");
    if !folder.is_dir() {
        eprintln!("skipped: no vectors at {}; DOSSIER_TEST_DATA names their folder", folder.display());
        return;
    }
    for group in ["inclusion", "subtreeinclusion", "consistency", "subtreeconsistency"] {
        let mut found = Vec::new();
        files(&folder.join(group), &mut found);
        let good = found
            .iter()
            .filter(|path| check(group, &serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()))
            .count();
        assert!(good > 0 && good < found.len(), "{group}: {good} good of {}", found.len());
    }
}
