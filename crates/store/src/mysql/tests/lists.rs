//! Pages and counts over rows whose clear columns take many combinations.

use dossier_model::id::Rid;
use dossier_model::kind::KindId;
use dossier_model::time::Micros;

use super::fixture::*;
use crate::mechanics::WrappedKey;
use crate::mysql::conn::Conn;
use crate::mysql::query::list;
use crate::query::RowQuery;
use crate::row::{Row, STATE_ERASED};

fn varied(count: i64) -> Vec<Row> {
    let vary = |number: i64| Row {
        kind: KindId(if number % 7 == 0 { 2 } else { 1 }),
        dossier: Rid(if number % 7 == 0 { number - number % 5 } else { number }),
        stage: (number % 6) as u8,
        level: (number / 3 % 4 + 1) as u8,
        team: (number % 5) as u32 * 1000,
        industry: (number / 2 % 4) as u32,
        state: (number % 11 % 3 + 1) as u8,
        created: Micros((number * 37) % 1000),
        ..row(number)
    };
    (1..=count).map(vary).collect()
}

fn matches(row: &Row, query: &RowQuery) -> bool {
    let has = |list: &Option<Vec<u8>>, value| list.as_ref().is_none_or(|list| list.contains(&value));
    let has_id = |list: &Option<Vec<u32>>, value| list.as_ref().is_none_or(|list| list.contains(&value));
    row.kind == query.kind
        && has_id(&query.teams, row.team)
        && has_id(&query.industries, row.industry)
        && has(&query.stages, row.stage)
        && has(&query.levels, row.level)
        && has(&query.states, row.state)
        && query.created_from.is_none_or(|from| row.created >= from)
        && query.created_to.is_none_or(|to| row.created < to)
        && query.dossier.is_none_or(|dossier| row.dossier == dossier)
}

fn queries() -> Vec<RowQuery> {
    let all = RowQuery::new(KIND);
    let contacts = RowQuery { dossier: Some(Rid(140)), states: None, ..RowQuery::new(KindId(2)) };
    vec![
        all.clone(),
        RowQuery { states: None, ..all.clone() },
        RowQuery { states: Some(vec![STATE_ERASED]), stages: Some(vec![2, 3, 200, 63, 64]), ..all.clone() },
        RowQuery { teams: Some(vec![2000]), ..all.clone() },
        RowQuery { teams: Some(vec![4000, 1000, 1000, 9]), ..all.clone() },
        RowQuery { teams: Some(vec![0, 1000, 2000, 3000]), levels: Some(vec![3]), ..all.clone() },
        RowQuery { industries: Some(vec![1, 2, 3]), levels: Some(vec![1, 4]), ..all.clone() },
        RowQuery { industries: Some(vec![0]), teams: Some(vec![3000]), ..all.clone() },
        RowQuery { created_from: Some(Micros(300)), created_to: Some(Micros(600)), ..all.clone() },
        RowQuery { created_from: Some(Micros(990)), teams: Some(vec![0, 1000]), ..all.clone() },
        RowQuery { stages: Some(vec![200]), ..all.clone() },
        RowQuery { teams: Some(Vec::new()), ..all },
        contacts.clone(),
        RowQuery { teams: Some(vec![0, 1000, 2000]), industries: Some(vec![0, 1]), ..contacts.clone() },
        RowQuery { dossier: Some(Rid(999_999)), ..contacts },
    ]
}

fn page(conn: &mut Conn, query: &RowQuery) -> Vec<(Row, Option<WrappedKey>)> {
    list::rows_with_keys(conn, TENANT, query).unwrap()
}

#[test]
fn every_filter_agrees_with_a_filter_in_memory() {
    with_tables(|_, conn| {
        let rows = varied(600);
        insert_rows(conn, &rows);
        for query in queries() {
            let expected: Vec<Row> = rows.iter().rev().filter(|row| matches(row, &query)).cloned().collect();
            let all = RowQuery { limit: 1000, ..query.clone() };
            let together: Vec<Row> = page(conn, &all).into_iter().map(|(row, _)| row).collect();
            assert_eq!(together, expected, "{query:?}");
            let seen = paged(|last: Option<&Row>| {
                let query = RowQuery { limit: 9, after: last.map(|row| row.rid), ..query.clone() };
                page(conn, &query).into_iter().map(|(row, _)| row).collect()
            });
            assert_eq!(seen, expected, "{query:?}");
            let some = RowQuery { limit: 1, after: Some(Rid(3)), ..query.clone() };
            assert_eq!(list::count(conn, TENANT, &some).unwrap(), expected.len() as u64, "{query:?}");
        }
    });
}

#[test]
fn a_row_comes_with_the_key_version_it_is_sealed_with() {
    with_tables(|_, conn| {
        let newer = WrappedKey { version: 2, wrapped: vec![2; 40], ..key(3) };
        insert_rows(conn, &[row(1), row(2), Row { key_version: 2, team: 4, ..row(3) }]);
        for key in [key(1), key(3), newer.clone()] {
            insert_key(conn, &key);
        }
        let query = RowQuery::new(KIND);
        for query in [query.clone(), RowQuery { teams: Some(vec![3, 4]), ..query }] {
            let keys: Vec<_> = page(conn, &query).into_iter().map(|(_, key)| key).collect();
            assert_eq!(keys, [Some(newer.clone()), None, Some(key(1))]);
        }
    });
}
