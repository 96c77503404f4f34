//! No value of a customer, no key, no password and no token stands in what `{:?}` writes. A type that can hold a text or
//! bytes writes its `Debug` by hand, with a test beside it, or it is in the list here, by which it is known what the texts
//! in it are.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests are tests"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What derives `Debug` and holds texts or bytes all the same.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "what is declared: kinds, fields, rules, error texts, in which a value never stands",
        &[
            "model Label",
            "model Fault",
            "model Entry",
            "model Field",
            "model Relaxed",
            "model Choice",
            "model KindError",
            "model Pattern",
            "model PatternError",
            "model Rule",
            "model Kind",
            "cli Failure",
            "engine Target",
            "engine Edit",
            "approvals Trigger",
            "approvals Team",
            // Why one failed: the key of an error; what people wrote is an id here.
            "approvals State",
            "approvals Event",
        ],
    ),
    (
        "what the operator types or sets; secrets are in files that it names",
        &[
            "cli Global",
            "cli Verb",
            "cli ImportFile",
            "cli ImportVerb",
            "cli UserVerb",
            "cli ClientVerb",
            "cli TeamVerb",
            "cli RoleVerb",
            "engine RoleForm",
            "engine SignInSettings",
            "access Hours",
            "access Sight",
            "model Piece",
            "cli LedgerVerb",
            "cli KeyVerb",
            "cli Command",
            "cli ClientHow",
            "cli Request",
            "server Server",
            "server SignIn",
            "server Store",
            "server Keys",
            "server Ledger",
            "server Log",
        ],
    ),
    (
        "how far something is: names of steps and tables, counts, times, ids, sums, public keys",
        &[
            "cli Progress",
            "crypto KeyStatus",
            "engine Recovery",
            "engine Origin",
            "engine Met",
            "engine Left",
            "engine Migrated",
            "engine MigratedTable",
            "engine MigratedLog",
            "search Progress",
            "store MovedTable",
            "store Claim",
            "store RowBy",
            "store RowQuery",
        ],
    ),
    (
        "what is public about the logs: checkpoints, heads and tiles of hashes, entries that stand in clear",
        &[
            "crypto Checkpoint",
            "store Bundle",
            "store LogHead",
            "store Checkpoint",
            "store FullTile",
            "store HeadRow",
        ],
    ),
    (
        "why something failed: names of files, settings and tables, sealed results, the database's words about its schema",
        &[
            "crypto CryptoError",
            "search SearchError",
            "store StoreError",
            "store Conflict",
            "store SqlError",
            "store MigrateError",
        ],
    ),
];

/// What can hold something that somebody typed, sent or keeps secret.
const HOLDS: [&str; 8] = ["String", "&str", "a str", "v str", "Vec<u8>", "[u8]", "[u8;", "Box<dyn"];
/// The same where they are types, for there are variants of these names.
const TYPES: [&str; 3] = ["Bytes", "Value", "Cow"];

#[test]
fn a_type_that_can_hold_a_value_or_a_secret_derives_no_debug() {
    let mut derived = BTreeSet::new();
    for (name, text) in sources() {
        derived.extend(types(&text).into_iter().map(|found| format!("{name} {found}")));
    }
    let shown = SHOWN.iter().flat_map(|(_, names)| names.iter().map(ToString::to_string));
    let shown: BTreeSet<String> = shown.collect();
    let new: Vec<_> = derived.difference(&shown).collect();
    let gone: Vec<_> = shown.difference(&derived).collect();
    assert!(
        new.is_empty(),
        "these derive Debug and can hold a text or bytes; write it by hand or say here what is in them: {new:?}"
    );
    assert!(gone.is_empty(), "these are in the list and need not be: {gone:?}");
}

#[test]
fn a_type_is_found_whatever_its_form() {
    let text = "
        #[derive(Clone, Debug)]
        #[serde(deny_unknown_fields)]
        /// A password.
        pub struct Named { pub name: &'static str, password: String }
        #[derive(Debug)] pub(crate) enum Chosen<'a> { None, One(&'a [u8]) }
        #[derive(Debug)] struct Nested(Option<Vec<(u8, String)>>, u64);
        #[derive(Debug)] struct Counted { rows: u64, kind: &'static str /* String */ } // String
        #[derive(Clone)] struct Quiet { name: String }
        #[derive(Debug)] struct Empty;
    ";
    assert_eq!(types(text), ["Named", "Chosen", "Nested"]);
}

/// The code of every crate, without tests.
fn sources() -> Vec<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for folder in entries(crates) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut waiting = vec![folder.join("src")];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(entries(&path).into_iter().filter(|inner| !inner.ends_with("tests")));
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.push((name.clone(), code));
            }
        }
    }
    assert!(found.len() > 300, "{}", found.len());
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Names of the types that derive `Debug` and have something in them that can hold anything.
fn types(text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut found = Vec::new();
    for part in code.split("#[derive(").skip(1) {
        let (derives, rest) = part.split_once(")]").unwrap();
        let words: Vec<&str> = rest.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let Some(at) = words.iter().position(|word| matches!(*word, "struct" | "enum")) else { continue };
        let body = body(rest.split_once(words[at]).unwrap().1);
        if derives.split(',').any(|one| one.trim() == "Debug") && holds(body) {
            found.push(words[at + 1].to_owned());
        }
    }
    found
}

/// What stands between the first bracket and the one that closes it.
fn body(text: &str) -> &str {
    let start = text.find(['{', '(', ';']).unwrap();
    let mut depth = 0;
    for (at, letter) in text[start..].char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[start..start + at];
        }
    }
    panic!("a type without an end")
}

fn holds(body: &str) -> bool {
    let body = body.replace("&'static str", "");
    let of_type =
        |name: &&str| [": ", "(", "<", "&"].iter().any(|before| body.contains(&format!("{before}{name}")));
    HOLDS.iter().any(|kind| body.contains(kind)) || TYPES.iter().any(of_type)
}

fn without_comments(text: &str) -> String {
    // Not the slashes of an address in a text.
    let lines = text.lines().map(|line| match line.split_once("//") {
        Some((code, _)) if code.trim().is_empty() || code.ends_with(' ') => code,
        _ => line,
    });
    let joined = lines.collect::<Vec<_>>().join("\n");
    let mut parts = joined.split("/*");
    let mut code = parts.next().unwrap().to_owned();
    code.extend(parts.filter_map(|part| part.split_once("*/").map(|(_, rest)| rest)));
    code
}
