//! Pages of rows, newest first, and counts.
//!
//! The filters stand in narrow indexes beside the order, so a page costs what it shows, not what it skips over in the
//! table. Each statement names its index: what the planner would choose must not depend on statistics.

use std::collections::BTreeSet;
use std::fmt::Write;

use dossier_model::id::{Rid, Tenant};
use rusqlite::types::Value;
use rusqlite::{Connection, Row as SqlRow, params_from_iter};

use super::row::{COLUMN_COUNT, decode};
use crate::error::StoreError;
use crate::mechanics::WrappedKey;
use crate::query::{Places, RowQuery, bits, padded};
use crate::row::Row;
use crate::sqlite::place::{bounds, row_place};

/// Most rows of one page.
const MAX_PAGE: u32 = 10_000;
/// Most rows that one statement fetches by place.
const AT_ONCE: usize = 256;

/// The columns of [`super::row::COLUMNS`] with the data key beside them.
const SELECT: &str = "SELECT r.id, r.record, r.kind, r.version, r.dossier, r.domain, r.domain_uid, r.code, r.stage, \
     r.level, r.team, r.region, r.industry, r.band, r.owner, r.created, r.changed, r.state, r.key_version, r.mask_revision, \
     r.generation, r.container, k.bucket_generation, k.wrapped \
     FROM row r{indexed} LEFT JOIN data_key k \
     ON k.tenant = r.tenant AND k.domain = r.domain AND k.version = r.key_version";

type Found = (Row, Option<WrappedKey>);

pub(in crate::sqlite) fn rows_with_keys(
    conn: &Connection,
    tenant: Tenant,
    query: &RowQuery,
) -> Result<Vec<Found>, StoreError> {
    let Some(filter) = Filter::of(tenant, query)? else { return Ok(Vec::new()) };
    match filter.teams() {
        Some(teams) if teams.len() > 1 && query.dossier.is_none() => {
            let places = newest_of_teams(conn, &filter, teams)?;
            let mut found = Vec::with_capacity(places.len());
            for chunk in places.chunks(AT_ONCE) {
                by_places(conn, tenant, chunk, &mut found)?;
            }
            Ok(found)
        }
        teams => {
            let sql = filter.sql(&SELECT.replace("{indexed}", filter.index()), teams.is_some());
            let sql = format!("{sql} ORDER BY r.id DESC LIMIT {}", filter.limit);
            let mut statement = conn.prepare_cached(&sql)?;
            let values = filter.values(teams.and_then(|teams| teams.first().copied()), i64::MIN);
            let rows = statement.query_map(params_from_iter(values), |row| with_key(tenant, row))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        }
    }
}

pub(in crate::sqlite) fn count(
    conn: &Connection,
    tenant: Tenant,
    query: &RowQuery,
) -> Result<u64, StoreError> {
    let everything = RowQuery { after: None, ..query.clone() };
    let Some(filter) = Filter::of(tenant, &everything)? else { return Ok(0) };
    let head = format!("SELECT count(*) FROM row r{}", filter.index());
    let mut statement = conn.prepare_cached(&filter.sql(&head, filter.teams().is_some()))?;
    let mut total = 0;
    for team in filter.each_team() {
        let values = filter.values(team, i64::MIN);
        total += statement.query_row(params_from_iter(values), |row| row.get::<_, i64>(0))?;
    }
    u64::try_from(total).map_err(|_| StoreError::Corrupt("a count below zero".into()))
}

/// The newest places over several teams: each team is asked on the index alone, and only for what is newer than the
/// worst that is kept.
fn newest_of_teams(conn: &Connection, filter: &Filter<'_>, teams: &[u32]) -> Result<Vec<i64>, StoreError> {
    let sql = filter.sql(&format!("SELECT r.id FROM row r{}", filter.index()), true);
    let mut statement = conn.prepare_cached(&format!("{sql} ORDER BY r.id DESC LIMIT {}", filter.limit))?;
    let mut newest = BTreeSet::new();
    for team in teams {
        let full = newest.len() >= filter.limit as usize;
        let floor = if full { newest.first().copied().unwrap_or(i64::MIN) } else { i64::MIN };
        let places = statement
            .query_map(params_from_iter(filter.values(Some(*team), floor)), |row| row.get::<_, i64>(0))?;
        for place in places {
            newest.insert(place?);
        }
        while newest.len() > filter.limit as usize {
            newest.pop_first();
        }
    }
    Ok(newest.into_iter().rev().collect())
}

/// Rows by place, descending.
fn by_places(
    conn: &Connection,
    tenant: Tenant,
    places: &[i64],
    found: &mut Vec<Found>,
) -> Result<(), StoreError> {
    let places = padded(places.to_vec());
    let marks = vec!["?"; places.len()].join(", ");
    let sql = format!("{} WHERE r.id IN ({marks}) ORDER BY r.id DESC", SELECT.replace("{indexed}", ""));
    let mut statement = conn.prepare_cached(&sql)?;
    for row in statement.query_map(params_from_iter(places), |row| with_key(tenant, row))? {
        found.push(row?);
    }
    Ok(())
}

fn with_key(tenant: Tenant, sql: &SqlRow<'_>) -> rusqlite::Result<Found> {
    let row = decode(tenant, sql)?;
    let generation: Option<u32> = sql.get(COLUMN_COUNT)?;
    let wrapped: Option<Vec<u8>> = sql.get(COLUMN_COUNT + 1)?;
    let key = generation.zip(wrapped).map(|(bucket_generation, wrapped)| WrappedKey {
        domain: row.domain,
        version: row.key_version,
        bucket_generation,
        wrapped,
    });
    Ok((row, key))
}

/// A query in the form that statements bind. The text of a statement depends on few things, so that it is prepared
/// once: small enums are bit sets, and lists of ids are filled up to a power of two.
struct Filter<'q> {
    query: &'q RowQuery,
    tenant: Tenant,
    below: i64,
    limit: u32,
    places: Places,
}

impl<'q> Filter<'q> {
    /// `None` when the query cannot match anything.
    fn of(tenant: Tenant, query: &'q RowQuery) -> Result<Option<Self>, StoreError> {
        let empty = [&query.stages, &query.levels, &query.states]
            .iter()
            .any(|list| list.as_ref().is_some_and(Vec::is_empty));
        let Some(places) = Places::of(query).filter(|_| !empty && query.limit != 0) else { return Ok(None) };
        let below = match query.after {
            Some(rid) => row_place(tenant, rid)?,
            None => bounds(tenant).1,
        };
        let limit = query.limit.min(MAX_PAGE);
        Ok(Some(Self { query, tenant, below, limit, places }))
    }

    fn index(&self) -> &'static str {
        match (&self.query.dossier, &self.places.teams) {
            (Some(_), _) => " INDEXED BY row_dossier",
            (None, Some(_)) => " INDEXED BY row_team",
            (None, None) => " INDEXED BY row_list",
        }
    }

    fn teams(&self) -> Option<&[u32]> {
        self.places.teams.as_deref()
    }

    /// The teams to ask one by one; one time without a team when none is asked for or the dossier narrows enough.
    fn each_team(&self) -> Vec<Option<u32>> {
        match &self.places.teams {
            Some(teams) if self.query.dossier.is_none() => teams.iter().copied().map(Some).collect(),
            _ => vec![None],
        }
    }

    /// `head` with the conditions. Numbered parameters: see [`Filter::values`].
    fn sql(&self, head: &str, by_team: bool) -> String {
        let mut sql = format!(
            "{head} WHERE r.tenant = ?1 AND r.kind = ?2 AND r.id < ?3 AND r.id > ?4 \
             AND (1 << r.stage) & ?5 AND (1 << r.level) & ?6 AND (1 << r.state) & ?7 \
             AND r.created >= ?8 AND r.created < ?9"
        );
        let mut next = 10;
        let mut list = |sql: &mut String, column: &str, count: usize| {
            let marks: Vec<String> = (next..next + count).map(|at| format!("?{at}")).collect();
            next += count;
            let _ = write!(sql, " AND r.{column} IN ({})", marks.join(", "));
        };
        if self.query.dossier.is_some() {
            list(&mut sql, "dossier", 1);
            if let Some(teams) = &self.places.teams {
                list(&mut sql, "team", teams.len().next_power_of_two());
            }
        } else if by_team {
            list(&mut sql, "team", 1);
        }
        if let Some(industries) = &self.places.industries {
            list(&mut sql, "industry", industries.len());
        }
        sql += &self.places.condition('r', || {
            next += 1;
            format!("?{}", next - 1)
        });
        sql
    }

    /// The values of the parameters, for one team where teams are asked one by one.
    fn values(&self, team: Option<u32>, floor: i64) -> Vec<Value> {
        let query = self.query;
        let mut values: Vec<i64> = vec![
            i64::from(self.tenant.0),
            i64::from(query.kind.0),
            self.below,
            floor.max(bounds(self.tenant).0),
            bits(query.stages.as_deref()),
            bits(query.levels.as_deref()),
            bits(query.states.as_deref()),
            query.created_from.map_or(i64::MIN, |at| at.0),
            query.created_to.map_or(i64::MAX, |at| at.0),
        ];
        if let Some(Rid(dossier)) = query.dossier {
            values.push(dossier);
            if let Some(teams) = &self.places.teams {
                values.extend(padded(teams.clone()).into_iter().map(i64::from));
            }
        } else {
            values.extend(team.map(i64::from));
        }
        values.extend(self.places.industries.iter().flatten().copied().map(i64::from));
        values.extend(self.places.values());
        values.into_iter().map(Value::Integer).collect()
    }
}

#[cfg(test)]
mod tests {
    use dossier_model::kind::KindId;

    use super::*;
    use crate::sqlite::schema;

    /// The plan of a statement of a query, one step a line.
    fn plan(query: &RowQuery, head: &str, order: &str) -> String {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn).unwrap();
        let filter = Filter::of(Tenant(1), query).unwrap().unwrap();
        let head = head.replace("{indexed}", filter.index());
        let sql = format!("EXPLAIN QUERY PLAN {}{order}", filter.sql(&head, filter.teams().is_some()));
        let mut statement = conn.prepare(&sql).unwrap();
        let values = filter.values(filter.each_team()[0], i64::MIN);
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    const ORDER: &str = " ORDER BY r.id DESC LIMIT 25";

    fn narrow(query: RowQuery) -> RowQuery {
        RowQuery { stages: Some(vec![1]), industries: Some(vec![1, 2, 3]), ..query }
    }

    #[test]
    fn a_page_of_all_rows_walks_the_list_index_backwards_without_sorting() {
        let query = narrow(RowQuery::new(KindId(1)));
        insta::assert_snapshot!(plan(&query, SELECT, ORDER), @"
        SEARCH r USING INDEX row_list (tenant=? AND kind=? AND id>? AND id<?)
        SEARCH k USING PRIMARY KEY (tenant=? AND domain=? AND version=?) LEFT-JOIN
        ");
    }

    #[test]
    fn a_page_of_one_team_walks_the_team_index() {
        let query = narrow(RowQuery { teams: Some(vec![7]), ..RowQuery::new(KindId(1)) });
        insta::assert_snapshot!(plan(&query, SELECT, ORDER), @"
        SEARCH r USING INDEX row_team (tenant=? AND kind=? AND team=? AND id>? AND id<?)
        SEARCH k USING PRIMARY KEY (tenant=? AND domain=? AND version=?) LEFT-JOIN
        ");
    }

    #[test]
    fn the_newest_of_a_team_and_counts_are_answered_by_the_index_alone() {
        let query = narrow(RowQuery { teams: Some(vec![7, 8]), ..RowQuery::new(KindId(1)) });
        insta::assert_snapshot!(plan(&query, "SELECT r.id FROM row r{indexed}", ORDER), @"SEARCH r USING COVERING INDEX row_team (tenant=? AND kind=? AND team=? AND id>? AND id<?)");
        let query = narrow(RowQuery::new(KindId(1)));
        insta::assert_snapshot!(plan(&query, "SELECT count(*) FROM row r{indexed}", ""), @"SEARCH r USING COVERING INDEX row_list (tenant=? AND kind=? AND id>? AND id<?)");
    }

    #[test]
    fn the_records_of_a_dossier_come_from_its_index() {
        let query =
            RowQuery { dossier: Some(Rid(7)), teams: Some(vec![1, 2, 3]), ..RowQuery::new(KindId(2)) };
        insta::assert_snapshot!(plan(&query, SELECT, ORDER), @"
        SEARCH r USING INDEX row_dossier (tenant=? AND dossier=? AND kind=? AND id>? AND id<?)
        SEARCH k USING PRIMARY KEY (tenant=? AND domain=? AND version=?) LEFT-JOIN
        ");
    }

    #[test]
    fn filters_stand_before_the_table_is_touched() {
        // The list reads the row only behind the last filter: in the program, the table's columns come after the
        // deferred seek and every comparison reads the index.
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn).unwrap();
        let query = narrow(RowQuery::new(KindId(1)));
        let filter = Filter::of(Tenant(1), &query).unwrap().unwrap();
        let sql = filter.sql(&SELECT.replace("{indexed}", filter.index()), false);
        let mut statement = conn.prepare(&format!("EXPLAIN {sql}{ORDER}")).unwrap();
        let steps: Vec<String> = statement
            .query_map(params_from_iter(filter.values(None, i64::MIN)), |row| row.get(1))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(steps.contains(&"DeferredSeek".to_owned()), "{steps:?}");
    }
}
