//! A question costs what it answers: how many entries of indexes the server has read for it.

use dossier_model::id::Rid;

use super::fixture::*;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::mysql::conn::{Conn, values};
use crate::mysql::query::{key, list, log, mechanics, row, token};
use crate::query::RowQuery;
use crate::row::Row;
use dossier_model::time::Micros;

/// Entries and rows that the server reads for a question.
fn cost<T>(conn: &mut Conn, question: impl FnOnce(&mut Conn) -> T) -> u64 {
    conn.execute("FLUSH STATUS", &[]).unwrap();
    question(conn);
    let counts = conn.rows("SHOW SESSION STATUS LIKE 'Handler_read%'", &[], |cells| cells.text(1)).unwrap();
    counts.iter().map(|count| count.parse::<u64>().unwrap()).sum()
}

/// 3,000 of everything; every hundredth row is in stage 5, and a third of them in team 3.
fn with_many(check: impl FnOnce(&mut Conn)) {
    with_tables(|_, conn| {
        let rows: Vec<Row> = (1..=3000)
            .map(|number| Row {
                stage: if number % 100 == 0 { 5 } else { 1 },
                team: (number % 3 + 1) as u32,
                ..row(number)
            })
            .collect();
        insert_rows(conn, &rows);
        conn.run("BEGIN").unwrap();
        for number in 1..=3000 {
            insert_key(conn, &key(number));
            insert_row(conn, "version", &row(number));
            insert_token(conn, &TokenRow { field: 1, version: 1, token: number / 2, rid: Rid(number) });
            insert_unique(
                conn,
                &UniqueRow { field: 1, version: 1, token: uid(number).0, slot: 0, rid: Rid(number) },
            );
            insert(conn, "change_log", "tenant, position, leaf", values![TENANT.0, number - 1, b"leaf"]);
            let id = uid(number).0;
            let values = values![TENANT.0, &id, "k", 1, number, 1, b"body"];
            insert(conn, "job", "tenant, id, kind, state, due, version, body", values);
        }
        conn.run("COMMIT").unwrap();
        check(conn);
    });
}

#[test]
fn a_page_in_the_middle_costs_as_much_as_what_it_shows() {
    with_many(|conn| {
        let token = TokenRow { field: 1, version: 1, token: 900, rid: Rid(1800) };
        let unique = UniqueRow { field: 1, version: 1, token: uid(1800).0, slot: 0, rid: Rid(1800) };
        let at = Some((Rid(1800), 1));
        let costs = [
            ("rows", cost(conn, |conn| row::scan(conn, TENANT, Some(Rid(1800)), 10).unwrap())),
            ("versions", cost(conn, |conn| row::scan_versions(conn, TENANT, at, 10).unwrap())),
            ("keys", cost(conn, |conn| key::scan(conn, TENANT, Some((Rid(1800), 1)), 10).unwrap())),
            ("bucket", cost(conn, |conn| key::in_bucket(conn, TENANT, 1, Some((Rid(1800), 1)), 10).unwrap())),
            ("tokens", cost(conn, |conn| token::scan(conn, TENANT, Some(&token), 10).unwrap())),
            ("uniques", cost(conn, |conn| token::scan_uniques(conn, TENANT, Some(&unique), 10).unwrap())),
            ("holders", cost(conn, |conn| token::holders(conn, TENANT, &[unique; 3]).unwrap())),
            ("fields", cost(conn, |conn| token::fields(conn, TENANT, "token").unwrap())),
            ("empty", cost(conn, |conn| token::version_is_empty(conn, TENANT, 2).unwrap())),
            ("entries", cost(conn, |conn| log::entries(conn, TENANT, 1800, 10).unwrap())),
            ("jobs", cost(conn, |conn| mechanics::jobs(conn, TENANT, 1, Micros(2000), 10).unwrap())),
        ];
        assert!(costs.iter().all(|(_, cost)| (1..40).contains(cost)), "{costs:?}");
    });
}

#[test]
fn the_keys_of_many_values_cost_one_look_each() {
    with_many(|conn| {
        let asked: Vec<UniqueRow> = (2_900..3_100)
            .map(|number| UniqueRow { field: 1, version: 1, token: uid(number).0, slot: 0, rid: Rid(0) })
            .collect();
        let read = cost(conn, |conn| assert_eq!(token::holders(conn, TENANT, &asked).unwrap().len(), 101));
        assert!(read < 700, "{read}");
    });
}

#[test]
fn a_list_reads_the_index_alone_until_it_has_its_page() {
    with_many(|conn| {
        let query =
            RowQuery { stages: Some(vec![5]), after: Some(Rid(2500)), limit: 5, ..RowQuery::new(KIND) };
        let page = |conn: &mut Conn, query: &RowQuery| {
            assert_eq!(list::rows_with_keys(conn, TENANT, query).unwrap().len(), 5);
        };
        // Five hundred entries are walked over for five rows.
        let all = cost(conn, |conn| page(conn, &query));
        assert!((500..550).contains(&all), "{all}");
        let of_team = RowQuery { teams: Some(vec![1]), ..query.clone() };
        let one = cost(conn, |conn| page(conn, &of_team));
        assert!((450..550).contains(&one), "{one}");
        let plain = RowQuery { stages: None, ..query };
        let teams = RowQuery { teams: Some(vec![1, 2, 3]), ..plain.clone() };
        let costs = [cost(conn, |conn| page(conn, &plain)), cost(conn, |conn| page(conn, &teams))];
        assert!(costs.iter().all(|cost| *cost < 40), "{costs:?}");
    });
}
