//! Who may know whom among the crates. The table is the design; a dependency that is not in it is a change of the
//! design and starts here, with a reason in `docs/decisions`.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;

/// Crate, and the crates of ours that it may depend on, for tests as well.
const ALLOWED: &[(&str, &[&str])] = &[
    ("fuzz", &[]),
    ("model", &[]),
    ("access", &["model"]),
    ("approvals", &["access", "model"]),
    ("crypto", &["model"]),
    ("store", &["model"]),
    ("search", &["crypto", "model"]),
    ("engine", &["access", "approvals", "crypto", "store", "search", "model"]),
    ("governance", &["engine"]),
    ("backup", &["engine", "crypto"]),
    ("connect", &["model"]),
    // What it needs of `model` and `access` it takes from the engine, so that no handler reaches past it.
    ("server", &["governance", "backup", "connect", "engine"]),
    ("cli", &["model", "access", "crypto", "store", "engine", "governance", "backup", "connect", "server"]),
];

/// Foreign crates that have one owner: only `store` speaks SQL, only `crypto` sees keys, only `server` speaks HTTP.
/// Tests may use them anywhere, to look behind the curtain.
const OWNED: &[(&str, &str)] = &[
    ("rusqlite", "store"),
    ("aws-lc-rs", "crypto"),
    ("argon2", "crypto"),
    ("aes-gcm", "crypto"),
    ("tantivy", "search"),
    ("cel", "approvals"),
    ("axum", "server"),
    ("hyper", "server"),
];

/// `model`, `access` and `approvals` are pure: nothing that waits, listens, stores or logs.
const IMPURE: &[&str] = &["tokio", "rustix", "parking_lot", "tracing", "rusqlite", "hyper", "tempfile"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `null` for a normal one, else `dev` or `build`.
    kind: Option<String>,
}

/// The workspace's crates by their short names.
fn crates() -> BTreeMap<String, Vec<Dependency>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo metadata prints its JSON");
    metadata
        .packages
        .into_iter()
        .map(|package| (short(&package.name).to_owned(), package.dependencies))
        .collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("dossier-").unwrap_or(name)
}

/// What is wrong with one crate's dependencies, as sentences.
fn breaches(name: &str, dependencies: &[Dependency]) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(krate, _)| *krate == name) else {
        return vec![format!("crate `{name}` has no row in the table: say what it may know")];
    };
    let mut found = Vec::new();
    for dependency in dependencies {
        let other = dependency.name.as_str();
        let ours = other.strip_prefix("dossier-").filter(|ours| *ours != name);
        // Whose tests may take it: all.
        let ours = ours.filter(|ours| *ours != "fuzz" || dependency.kind.as_deref() != Some("dev"));
        if ours.is_some_and(|ours| !allowed.contains(&ours)) {
            found.push(format!("`{name}` must not know `{other}`"));
        }
        if dependency.kind.is_some() {
            continue;
        }
        if OWNED.iter().any(|(krate, owner)| *krate == other && *owner != name) {
            found.push(format!("`{name}` must not use `{other}`, which has one owner"));
        }
        if ["model", "access", "approvals"].contains(&name) && IMPURE.contains(&other) {
            found.push(format!("`{name}` is pure and must not use `{other}`"));
        }
    }
    found
}

#[test]
fn every_dependency_between_crates_is_an_allowed_arrow() {
    let crates = crates();
    assert!(crates.contains_key("engine") && crates.contains_key("cli"), "the workspace was not read");
    let found: Vec<String> = crates.iter().flat_map(|(name, needs)| breaches(name, needs)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    // Rows are in such an order that each one knows only rows above it.
    let mut above: Vec<&str> = Vec::new();
    for (name, allowed) in ALLOWED {
        for other in *allowed {
            assert!(above.contains(other), "`{name}` knows `{other}`, which does not stand above it");
        }
        above.push(name);
    }
}

#[test]
fn a_forbidden_arrow_is_seen() {
    let need =
        |name: &str, kind: Option<&str>| Dependency { name: name.into(), kind: kind.map(str::to_owned) };
    assert!(breaches("engine", &[need("dossier-store", None), need("serde", None)]).is_empty());
    for (name, dependency) in [
        ("model", need("dossier-store", None)),
        ("server", need("dossier-store", None)),
        ("server", need("dossier-model", Some("dev"))),
        ("store", need("dossier-crypto", Some("build"))),
        ("store", need("dossier-fuzz", None)),
        ("engine", need("rusqlite", None)),
        ("model", need("tokio", None)),
        ("novelty", need("serde", None)),
    ] {
        assert_eq!(
            breaches(name, std::slice::from_ref(&dependency)).len(),
            1,
            "{name} → {}",
            dependency.name
        );
    }
    assert!(breaches("engine", &[need("rusqlite", Some("dev"))]).is_empty());
}
