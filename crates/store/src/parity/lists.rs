//! Pages, filters, counts, scans.

use dossier_model::id::Rid;
use dossier_model::kind::KindId;
use dossier_model::scope::Scope;
use dossier_model::time::Micros;

use super::Open;
use super::fixture::*;
use crate::{Op, Row, RowQuery, STATE_ERASED, STATE_FROZEN, Store, WrappedKey};

fn numbers(found: &[(Row, Option<WrappedKey>)]) -> Vec<i64> {
    found.iter().map(|(row, _)| row.rid.0).collect()
}

fn fill(store: &dyn Store, rows: &[Row]) {
    for chunk in rows.chunks(100) {
        let ops = chunk.iter().cloned().map(new).collect();
        commit(store, crate::WriteSet { ops, ..set() });
    }
}

pub fn pages_follow_each_other_while_rows_come_in(open: Open<'_>) {
    let store = open();
    fill(&*store, &(1..=60).map(row).collect::<Vec<_>>());
    let mut seen = Vec::new();
    let mut query = RowQuery { limit: 7, ..RowQuery::new(KIND) };
    for page in 0.. {
        let found = store.read().unwrap().rows_with_keys(TENANT, &query).unwrap();
        let Some((last, _)) = found.last() else { break };
        query.after = Some(last.rid);
        seen.extend(numbers(&found));
        commit(&*store, set().op(new(row(100 + page))));
    }
    assert_eq!(seen, (1..=60).rev().collect::<Vec<_>>());
}

/// Rows whose clear columns take many combinations.
fn varied(count: i64) -> Vec<Row> {
    let vary = |number: i64| {
        let mut row = row(number);
        row.kind = KindId(if number % 7 == 0 { 2 } else { 1 });
        row.dossier = Rid(if number % 7 == 0 { number - number % 5 } else { number });
        row.stage = (number % 6) as u8;
        row.level = (number / 3 % 4 + 1) as u8;
        row.team = (number % 5) as u32 * 1000;
        row.industry = (number / 2 % 4) as u32;
        row.region = (number / 5 % 3) as u32;
        row.band = (number / 4 % 3) as u32;
        row.owner = (number % 4) as u32;
        row.state = (number % 11 % 3 + 1) as u8;
        row.created = Micros((number * 37) % 1000);
        row
    };
    (1..=count).map(vary).collect()
}

fn matches(row: &Row, query: &RowQuery) -> bool {
    let has = |list: &Option<Vec<u8>>, value| list.as_ref().is_none_or(|list| list.contains(&value));
    let has_id = |list: &Option<Vec<u32>>, value| list.as_ref().is_none_or(|list| list.contains(&value));
    row.kind == query.kind
        && query.reach.as_ref().is_none_or(|reach| reach.iter().any(|scope| scope.contains(&row.place())))
        && has_id(&query.teams, row.team)
        && has_id(&query.industries, row.industry)
        && has(&query.stages, row.stage)
        && has(&query.levels, row.level)
        && has(&query.states, row.state)
        && query.created_from.is_none_or(|from| row.created >= from)
        && query.created_to.is_none_or(|to| row.created < to)
        && query.dossier.is_none_or(|dossier| row.dossier == dossier)
}

/// Three teams in two regions, of some industries.
fn southern() -> Scope {
    Scope { regions: Some(vec![1, 2]), industries: Some(vec![1, 2, 3]), ..Scope::teams(vec![0, 1000, 2000]) }
}

/// What one person answers for in two bands.
fn mine() -> Scope {
    Scope { owner: Some(3), bands: Some(vec![0, 2]), ..Scope::ALL }
}

/// These dossiers.
fn named(dossiers: &[i64]) -> Scope {
    Scope { dossiers: Some(dossiers.to_vec()), ..Scope::ALL }
}

fn queries() -> Vec<RowQuery> {
    let all = RowQuery::new(KIND);
    let contacts = RowQuery::new(KindId(2));
    vec![
        all.clone(),
        contacts.clone(),
        RowQuery { states: None, ..all.clone() },
        RowQuery { states: Some(vec![STATE_ERASED]), ..all.clone() },
        RowQuery { states: Some(vec![STATE_FROZEN]), stages: Some(vec![2, 3]), ..all.clone() },
        RowQuery { teams: Some(vec![2000]), ..all.clone() },
        RowQuery { teams: Some(vec![4000, 1000, 1000, 9]), ..all.clone() },
        RowQuery { teams: Some(vec![0, 1000, 2000, 3000]), levels: Some(vec![3]), ..all.clone() },
        RowQuery { industries: Some(vec![1, 2, 3]), levels: Some(vec![1, 4]), ..all.clone() },
        RowQuery { industries: Some(vec![0]), teams: Some(vec![3000]), ..all.clone() },
        RowQuery { created_from: Some(Micros(300)), created_to: Some(Micros(600)), ..all.clone() },
        RowQuery { created_from: Some(Micros(990)), teams: Some(vec![0, 1000]), ..all.clone() },
        RowQuery { stages: Some(vec![200]), ..all.clone() },
        RowQuery { dossier: Some(Rid(140)), states: None, ..contacts.clone() },
        RowQuery {
            dossier: Some(Rid(140)),
            states: None,
            teams: Some(vec![0, 1000, 2000]),
            ..contacts.clone()
        },
        RowQuery { dossier: Some(Rid(141)), states: None, ..all.clone() },
        RowQuery { reach: Some(vec![Scope::ALL]), ..all.clone() },
        RowQuery { reach: Some(vec![Scope::ALL, Scope::teams(vec![1000])]), ..all.clone() },
        RowQuery { reach: Some(vec![Scope::teams(vec![1000, 3000])]), ..all.clone() },
        RowQuery {
            reach: Some(vec![Scope::teams(vec![1000, 3000])]),
            teams: Some(vec![3000, 4000]),
            ..all.clone()
        },
        RowQuery { reach: Some(vec![southern(), mine()]), ..all.clone() },
        RowQuery { reach: Some(vec![southern(), mine()]), teams: Some(vec![0, 2000]), ..all.clone() },
        RowQuery { reach: Some(vec![southern()]), industries: Some(vec![0, 1]), ..all.clone() },
        RowQuery { reach: Some(vec![named(&[140, 15, 15])]), ..all.clone() },
        RowQuery { reach: Some(vec![named(&[140, 139])]), states: None, ..contacts.clone() },
        RowQuery { reach: Some(vec![southern(), named(&[1, 2, 3, 4, 5])]), ..all.clone() },
        RowQuery { reach: Some(vec![named(&[])]), ..all.clone() },
        RowQuery { reach: Some(vec![mine(), Scope { bands: Some(vec![]), ..Scope::ALL }]), ..all },
        RowQuery {
            reach: Some(vec![southern(), mine()]),
            dossier: Some(Rid(140)),
            states: None,
            ..contacts.clone()
        },
        RowQuery { dossier: Some(Rid(999_999)), ..contacts },
    ]
}

pub fn every_filter_agrees_with_a_filter_in_memory(open: Open<'_>) {
    let store = open();
    let rows = varied(600);
    fill(&*store, &rows);
    let read = store.read().unwrap();
    for query in queries() {
        let expected: Vec<_> =
            rows.iter().rev().filter(|row| matches(row, &query)).map(|row| row.rid.0).collect();
        assert_eq!(read.count(TENANT, &query).unwrap(), expected.len() as u64, "{query:?}");
        let mut seen = Vec::new();
        let mut page = RowQuery { limit: 9, ..query.clone() };
        loop {
            let found = read.rows_with_keys(TENANT, &page).unwrap();
            let Some((last, _)) = found.last() else { break };
            page.after = Some(last.rid);
            seen.extend(numbers(&found));
        }
        assert_eq!(seen, expected, "{query:?}");
    }
}

pub fn an_empty_list_matches_nothing(open: Open<'_>) {
    let store = open();
    fill(&*store, &varied(50));
    let read = store.read().unwrap();
    let all = RowQuery::new(KIND);
    for query in [
        RowQuery { teams: Some(Vec::new()), ..all.clone() },
        RowQuery { stages: Some(Vec::new()), ..all.clone() },
        RowQuery { industries: Some(Vec::new()), ..all.clone() },
        RowQuery { reach: Some(Vec::new()), ..all.clone() },
        RowQuery { reach: Some(vec![Scope::teams(Vec::new())]), ..all.clone() },
        RowQuery { reach: Some(vec![Scope::teams(vec![1000])]), teams: Some(vec![2000]), ..all.clone() },
        RowQuery { states: Some(Vec::new()), ..all },
    ] {
        assert!(read.rows_with_keys(TENANT, &query).unwrap().is_empty());
        assert_eq!(read.count(TENANT, &query).unwrap(), 0);
    }
}

pub fn a_row_comes_with_the_key_version_it_is_sealed_with(open: Open<'_>) {
    let store = open();
    let newer = WrappedKey { version: 2, wrapped: vec![2; 40], ..key(1) };
    let sealed = Row { version: 2, key_version: 2, ..row(1) };
    commit(&*store, set().op(new(row(1))).op(Op::PutKey(key(1))).op(Op::PutKey(newer.clone())));
    commit(&*store, set().op(new(row(2))));
    let query = RowQuery::new(KIND);
    let found = store.read().unwrap().rows_with_keys(TENANT, &query).unwrap();
    assert_eq!(found, [(row(2), None), (row(1), Some(key(1)))]);
    commit(&*store, set().op(Op::PutRow { row: sealed.clone(), expect: 1 }));
    let found = store.read().unwrap().rows_with_keys(TENANT, &query).unwrap();
    assert_eq!(found, [(row(2), None), (sealed, Some(newer))]);
}

pub fn scans_give_everything_once_and_in_order(open: Open<'_>) {
    let store = open();
    let rows = varied(120);
    fill(&*store, &rows);
    let read = store.read().unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = read.scan_rows(TENANT, after, 50).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.rid);
        seen.extend(page);
    }
    assert_eq!(seen, rows);
}
