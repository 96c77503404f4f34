//! An index on a folder of its own: what is found in it, what stands in its files, and what happens when they are not as they
//! were written.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dossier_crypto::{MacKey, Secret, SystemEntropy};
use dossier_model::KindId;
use dossier_model::text::{Name, Query};
use proptest::prelude::*;
use tantivy::schema::Type;

use crate::file::{BLOCK, SealedFile, SealedWriter};
use crate::{Class, Entry, Index, Progress, Scope, SearchError, Verdict};

const CLASS: Class = Class { kind: KindId(1), field: 1, level: 1 };

struct Folder(tempfile::TempDir);

fn under() -> MacKey {
    MacKey::new(Secret::from_bytes(&[1; 32]))
}

fn at(cursor: u64) -> Progress {
    Progress::start("here", cursor, String::new())
}

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("index")
    }

    fn create(&self) -> Index {
        Index::create(&self.path(), &under(), at(0), Arc::new(SystemEntropy)).unwrap()
    }

    fn open(&self, name: &str) -> Result<Index, SearchError> {
        Index::open(&self.path(), &under(), name, Arc::new(SystemEntropy))
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> =
            std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

fn put(index: &Index, rid: i64, class: Class, team: u32, name: &str) {
    index.add(&Entry { rid, class, team, name: Name::new(name) }).unwrap();
}

fn firms(index: &Index, names: &[&str]) {
    for (rid, name) in (1..).zip(names) {
        put(index, rid, CLASS, 0, name);
    }
    index.commit(at(1)).unwrap();
}

fn found(index: &Index, typed: &str, scopes: &[Scope]) -> Result<Vec<i64>, SearchError> {
    let mut rids = Vec::new();
    index.search(&Query::new(typed).unwrap(), scopes, |candidate| {
        rids.push(candidate.rid);
        Ok::<_, SearchError>(Verdict::More)
    })?;
    Ok(rids)
}

fn all() -> [Scope; 1] {
    [Scope { class: CLASS, teams: None }]
}

/// Every term that any segment has.
fn terms(index: &Index) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for segment in &index.view().segments {
        let mut terms = segment.terms.terms().stream().unwrap();
        while terms.advance() {
            out.push(terms.key().to_vec());
        }
    }
    out
}

#[test]
fn the_better_way_to_meet_a_name_comes_first_and_the_shorter_name_among_equals() {
    let folder = Folder::new();
    let index = folder.create();
    firms(
        &index,
        &[
            "杭州大示例贸易有限公司",
            "示例科技集团有限公司",
            "示例",
            "世力科技有限公司",
            "北京示例科技有限公司",
            "示例有限公司",
        ],
    );
    assert_eq!(found(&index, "示例", &all()).unwrap(), [3, 6, 2, 5, 1]);
    assert_eq!(found(&index, "slkj", &all()).unwrap(), [4, 2, 5]);
    assert_eq!(found(&index, "shilikeji", &all()).unwrap(), [4, 2, 5]);
    assert_eq!(found(&index, "龘龘", &all()).unwrap(), Vec::<i64>::new());
}

#[test]
fn what_is_partly_spelt_meets_the_names_that_have_all_of_it() {
    let folder = Folder::new();
    let index = folder.create();
    firms(&index, &["示例科技有限公司", "示例可记集团", "大示例贸易", "世力科技", "重庆示例科技"]);
    for (typed, rids) in [
        ("示例keji", &[2, 1, 5][..]),
        ("shili科技", &[4, 5, 1]),
        ("示例k", &[3, 2, 5, 1]),
        // By sound alone: whoever opens them decides.
        ("示li科ji", &[1, 2, 4, 5]),
        ("chongqing示例", &[5]),
        ("示例maoyi", &[3]),
    ] {
        let mut met = found(&index, typed, &all()).unwrap();
        met.sort_unstable();
        let mut expected = rids.to_vec();
        expected.sort_unstable();
        assert_eq!(met, expected, "{typed}");
    }
}

#[test]
fn only_classes_and_teams_of_the_scope_are_walked_through() {
    let folder = Folder::new();
    let index = folder.create();
    let secret = Class { level: 3, ..CLASS };
    put(&index, 1, CLASS, 7, "示例一号");
    put(&index, 2, CLASS, 8, "示例二号");
    put(&index, 3, secret, 7, "示例三号");
    index.commit(at(1)).unwrap();
    let of = |class, teams: &[u32]| [Scope { class, teams: Some(teams.to_vec()) }];
    assert_eq!(found(&index, "示例", &all()).unwrap(), [1, 2]);
    assert_eq!(found(&index, "示例", &of(CLASS, &[7])).unwrap(), [1]);
    assert_eq!(found(&index, "示例", &of(CLASS, &[8, 7])).unwrap(), [1, 2]);
    assert_eq!(found(&index, "示例", &of(CLASS, &[])).unwrap(), Vec::<i64>::new());
    assert_eq!(found(&index, "示例", &of(secret, &[7])).unwrap(), [3]);
    assert_eq!(found(&index, "示例", &[]).unwrap(), Vec::<i64>::new());
}

#[test]
fn a_search_that_stops_early_says_that_there_may_be_more() {
    let folder = Folder::new();
    let index = folder.create();
    for rid in 1..=13_000 {
        put(&index, rid, CLASS, 0, "示例科技有限公司");
    }
    index.commit(at(1)).unwrap();
    let query = Query::new("有限").unwrap();
    let mut offered = 0;
    let more = index.search(&query, &all(), |_| {
        offered += 1;
        Ok::<_, SearchError>(Verdict::More)
    });
    assert!(more.unwrap() && (1_000..13_000).contains(&offered), "{offered}");
    let first = index.search(&query, &all(), |_| Ok::<_, SearchError>(Verdict::Enough));
    assert!(first.unwrap());
    let nothing =
        index.search(&Query::new("龘龘").unwrap(), &all(), |_| Ok::<_, SearchError>(Verdict::More));
    assert!(!nothing.unwrap());
}

#[test]
fn an_index_is_opened_again_as_it_was_committed() {
    let folder = Folder::new();
    let index = folder.create();
    firms(&index, &["示例科技有限公司"]);
    put(&index, 2, CLASS, 0, "未提交示例");
    drop(index);
    let index = folder.open("here").unwrap();
    assert_eq!((found(&index, "示例", &all()).unwrap(), index.progress()), (vec![1], at(1)));
    drop(index);
    assert!(matches!(folder.open("elsewhere"), Err(SearchError::Damaged(_))));
}

#[test]
fn what_was_taken_out_is_in_no_file_even_under_the_key() {
    let folder = Folder::new();
    let index = folder.create();
    firms(&index, &["示例科技有限公司", "龘龘贸易有限公司"]);
    put(&index, 3, CLASS, 0, "靐靐商行");
    index.commit(at(2)).unwrap();
    let planted: Vec<Vec<u8>> = ["龘龘", "龘贸", "靐靐"].map(|text| text.as_bytes().to_vec()).into();
    let has = |terms: &[Vec<u8>]| terms.iter().any(|term| planted.iter().any(|text| term.ends_with(text)));
    assert!(has(&terms(&index)));
    let before = folder.files();
    index.remove_record(2);
    index.remove_record(3);
    index.commit(at(3)).unwrap();
    assert_eq!(found(&index, "龘龘", &all()).unwrap(), Vec::<i64>::new());
    assert!(index.has_remains().unwrap() || index.view().segments.len() == 1);
    assert!(index.purge().unwrap() && !index.has_remains().unwrap());
    assert!(!has(&terms(&index)));
    assert_eq!(found(&index, "示例", &all()).unwrap(), [1]);
    // And the files in which it was are gone.
    let kept = before.iter().filter(|path| path.extension().is_some_and(|of| of == "term") && path.exists());
    assert_eq!(kept.count(), 0);
    drop(index);
    assert!(!has(&terms(&folder.open("here").unwrap())));
}

#[test]
fn no_file_has_a_name_in_any_encoding() {
    let folder = Folder::new();
    let index = folder.create();
    let name = "示例龘靐科技有限公司";
    for rid in 1..200 {
        put(&index, rid, CLASS, 0, name);
    }
    index.commit(at(1)).unwrap();
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for file in folder.files() {
        let bytes = std::fs::read(&file).unwrap();
        for planted in [name.as_bytes(), &wide, "示例".as_bytes(), b"shili", b"terms", b"segments"] {
            assert!(!bytes.windows(planted.len()).any(|part| part == planted), "{}", file.display());
        }
    }
}

/// Opens the index and reads all of it.
fn read(folder: &Folder) -> Result<usize, SearchError> {
    let index = folder.open("here")?;
    let mut hits = 0;
    for typed in ["示例", "科技", "slkj", "shili"] {
        hits += found(&index, typed, &all())?.len();
    }
    Ok(hits)
}

/// Does something to a file that had these bytes.
type Damage = fn(&Path, &[u8]);

#[test]
fn a_file_that_is_not_as_it_was_written_is_noticed() {
    let folder = Folder::new();
    let index = folder.create();
    firms(&index, &["示例科技有限公司", "北京示例贸易有限公司"]);
    drop(index);
    let whole = read(&folder).unwrap();
    let files = folder.files();
    let damages: [(&str, Damage); 4] = [
        ("removed", |path, _| std::fs::remove_file(path).unwrap()),
        ("cut off", |path, bytes| std::fs::write(path, &bytes[..bytes.len() - 1]).unwrap()),
        ("emptied", |path, _| std::fs::write(path, b"").unwrap()),
        ("changed", |path, bytes| {
            let mut bytes = bytes.to_vec();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
    ];
    for path in &files {
        // What tantivy keeps for a search that we do not do: not read, so never wrong.
        let unread = path.extension().is_some_and(|of| of == "store" || of == "pos" || of == "fieldnorm")
            || path.file_name().is_some_and(|name| name == ".managed.json");
        let bytes = std::fs::read(path).unwrap();
        for (what, damage) in damages {
            damage(path, &bytes);
            match read(&folder) {
                Ok(hits) => assert!(unread && hits == whole, "{} {what}", path.display()),
                Err(error) => assert!(matches!(error, SearchError::Damaged(_)), "{what}: {error}"),
            }
            std::fs::write(path, &bytes).unwrap();
        }
    }
    // Each in another's place.
    for pair in files.windows(2) {
        let (a, b) = (std::fs::read(&pair[0]).unwrap(), std::fs::read(&pair[1]).unwrap());
        std::fs::write(&pair[0], &b).unwrap();
        std::fs::write(&pair[1], &a).unwrap();
        assert!(read(&folder).map_or(true, |hits| hits == whole), "{:?}", pair);
        std::fs::write(&pair[0], &a).unwrap();
        std::fs::write(&pair[1], &b).unwrap();
    }
    assert_eq!(read(&folder).unwrap(), whole);
}

#[test]
fn an_index_that_is_begun_again_has_another_key() {
    let folder = Folder::new();
    drop(folder.create());
    let key = std::fs::read(folder.path().join("key")).unwrap();
    let meta = std::fs::read(folder.path().join("meta.json")).unwrap();
    drop(folder.create());
    assert_ne!(std::fs::read(folder.path().join("key")).unwrap(), key);
    std::fs::write(folder.path().join("meta.json"), meta).unwrap();
    assert!(matches!(folder.open("here"), Err(SearchError::Damaged(_))));
}

#[test]
fn the_schema_stores_nothing() {
    let folder = Folder::new();
    let index = folder.create();
    let schema = index.writer.read().index().schema();
    for (_, field) in schema.fields() {
        assert!(!field.is_stored(), "{}", field.name());
        assert!(matches!(field.field_type().value_type(), Type::Bytes | Type::U64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_part_of_a_sealed_file_is_what_was_written(
        size in prop_oneof![0..3 * BLOCK + 5, Just(BLOCK), Just(2 * BLOCK), Just(0)],
        step in 1..40_000_usize,
        cuts in proptest::collection::vec((0..4 * BLOCK, 0..4 * BLOCK), 12),
    ) {
        use std::io::Write;
        use tantivy::directory::FileHandle;
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        let key = dossier_crypto::BlocksKey::generate(&SystemEntropy);
        let plain: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
        let mut writer = SealedWriter::create(&path, "file", &key, &SystemEntropy, true).unwrap();
        plain.chunks(step).for_each(|part| writer.write_all(part).unwrap());
        writer.finish().unwrap();
        let file = SealedFile::open(&path, "file", &key, &Arc::default()).unwrap();
        prop_assert_eq!(file.content().unwrap(), plain.clone());
        for (a, b) in cuts {
            let range = a.min(b).min(size)..a.max(b).min(size);
            let part = file.read_bytes(range.clone()).unwrap();
            prop_assert_eq!(part.as_slice(), &plain[range]);
        }
        prop_assert!(file.read_bytes(0..size + 1).is_err());
        // Cut off behind any of its blocks, it does not open.
        let bytes = std::fs::read(&path).unwrap();
        for keep in (36 + BLOCK + 16..bytes.len()).step_by(BLOCK + 16) {
            std::fs::write(&path, &bytes[..keep]).unwrap();
            prop_assert!(SealedFile::open(&path, "file", &key, &Arc::default()).is_err());
        }
    }
}
