//! Pages of rows, newest first, and counts.
//!
//! The filters stand in narrow indexes beside the order: the numbers of a page come from an index alone, and only then
//! are its rows fetched. So a page costs what it shows, not what it skips over in the table. Each statement names its
//! indexes: what the optimizer would choose must not depend on statistics.

use std::collections::BTreeSet;
use std::fmt::Write;

use dossier_model::id::{Rid, Tenant};

use super::row::{COLUMN_COUNT, decode};
use crate::mechanics::WrappedKey;
use crate::mysql::conn::{Cells, Conn, SqlError, Value};
use crate::query::{Places, RowQuery, bits, padded};
use crate::row::Row;

/// Most rows of one page.
const MAX_PAGE: u32 = 10_000;
/// Most rows that one statement fetches by number.
const AT_ONCE: usize = 256;

/// The columns of [`super::row::COLUMNS`] with those of the data key.
const SELECT: &str = "SELECT r.rid, r.record, r.kind, r.version, r.dossier, r.domain, r.domain_uid, r.code, \
     r.stage, r.level, r.team, r.region, r.industry, r.band, r.owner, r.created, r.changed, r.state, r.key_version, \
     r.mask_revision, r.generation, r.container, k.bucket_generation, k.wrapped FROM";
/// The data key of a row.
const KEY: &str = "LEFT JOIN data_key k FORCE INDEX (PRIMARY) \
     ON k.tenant = r.tenant AND k.domain = r.domain AND k.version = r.key_version";

type Found = (Row, Option<WrappedKey>);

pub(in crate::mysql) fn rows_with_keys(
    conn: &mut Conn,
    tenant: Tenant,
    query: &RowQuery,
) -> Result<Vec<Found>, SqlError> {
    let Some(filter) = Filter::of(tenant, query) else { return Ok(Vec::new()) };
    let mut found = match filter.each_team().as_slice() {
        [team] => conn.rows(filter.page(), &filter.page_values(*team), with_key)?,
        teams => {
            let numbers = newest_of_teams(conn, &filter, teams)?;
            let mut found = Vec::with_capacity(numbers.len());
            for chunk in numbers.chunks(AT_ONCE) {
                found.extend(by_numbers(conn, tenant, chunk)?);
            }
            found
        }
    };
    // Which ones they are is decided; a page is small enough to be put in order here.
    found.sort_unstable_by_key(|(row, _)| std::cmp::Reverse(row.rid));
    Ok(found)
}

pub(in crate::mysql) fn count(conn: &mut Conn, tenant: Tenant, query: &RowQuery) -> Result<u64, SqlError> {
    let everything = RowQuery { after: None, limit: 1, ..query.clone() };
    let Some(filter) = Filter::of(tenant, &everything) else { return Ok(0) };
    let sql = filter.sql("SELECT COUNT(*)");
    let mut total = 0;
    for team in filter.each_team() {
        let counted =
            conn.one(sql.as_str(), &filter.values(team, i64::MIN), |cells| cells.narrow::<u64>(0))?;
        total += counted.unwrap_or(0);
    }
    Ok(total)
}

/// The newest numbers over several teams: each team is asked on the index alone, and only for what is newer than the
/// worst that is kept.
fn newest_of_teams(
    conn: &mut Conn,
    filter: &Filter<'_>,
    teams: &[Option<u32>],
) -> Result<Vec<i64>, SqlError> {
    let sql = filter.numbers();
    let most = filter.limit as usize;
    let mut newest = BTreeSet::new();
    for team in teams {
        let floor = if newest.len() >= most { newest.first().copied() } else { None };
        let mut values = filter.values(*team, floor.unwrap_or(i64::MIN));
        values.push(filter.limit.into());
        newest.extend(conn.rows(sql.as_str(), &values, |cells| cells.int(0))?);
        while newest.len() > most {
            newest.pop_first();
        }
    }
    Ok(newest.into_iter().collect())
}

/// Rows by number.
fn by_numbers(conn: &mut Conn, tenant: Tenant, numbers: &[i64]) -> Result<Vec<Found>, SqlError> {
    let numbers = padded(numbers.to_vec());
    let sql = format!(
        "{SELECT} `row` r FORCE INDEX (PRIMARY) {KEY} WHERE r.tenant = ? AND r.rid IN ({})",
        marks(numbers.len())
    );
    let mut values = vec![Value::from(tenant.0)];
    values.extend(numbers.into_iter().map(Value::from));
    conn.rows(sql, &values, with_key)
}

fn with_key(cells: &Cells<'_>) -> Result<Found, SqlError> {
    let row = decode(cells)?;
    if cells.is_null(COLUMN_COUNT)? {
        return Ok((row, None));
    }
    let key = WrappedKey {
        domain: row.domain,
        version: row.key_version,
        bucket_generation: cells.narrow(COLUMN_COUNT)?,
        wrapped: cells.bytes(COLUMN_COUNT + 1)?,
    };
    Ok((row, Some(key)))
}

/// A query in the form that statements bind. The text of a statement depends on few things, so that it is prepared
/// once: small enums are bit sets, and lists of ids are filled up to a power of two.
struct Filter<'q> {
    query: &'q RowQuery,
    tenant: Tenant,
    limit: u32,
    places: Places,
}

impl<'q> Filter<'q> {
    /// `None` when the query cannot match anything.
    fn of(tenant: Tenant, query: &'q RowQuery) -> Option<Self> {
        let empty = [&query.stages, &query.levels, &query.states]
            .iter()
            .any(|list| list.as_ref().is_some_and(Vec::is_empty));
        let places = Places::of(query).filter(|_| !empty && query.limit != 0)?;
        let limit = query.limit.min(MAX_PAGE);
        Some(Self { query, tenant, limit, places })
    }

    fn index(&self) -> &'static str {
        match (&self.query.dossier, &self.places.teams) {
            (Some(_), _) => "row_dossier",
            (None, Some(_)) => "row_reach_team",
            (None, None) => "row_reach",
        }
    }

    /// The teams to ask one by one; one time without a team when none is asked for or the dossier narrows enough.
    fn each_team(&self) -> Vec<Option<u32>> {
        match &self.places.teams {
            Some(teams) if self.query.dossier.is_none() => teams.iter().copied().map(Some).collect(),
            _ => vec![None],
        }
    }

    /// A page of rows with their data keys, in any order.
    fn page(&self) -> String {
        format!(
            "{SELECT} ({}) p STRAIGHT_JOIN `row` r FORCE INDEX (PRIMARY) \
             ON r.tenant = ? AND r.rid = p.rid {KEY}",
            self.numbers()
        )
    }

    /// The values for [`Filter::page`].
    fn page_values(&self, team: Option<u32>) -> Vec<Value<'static>> {
        let mut values = self.values(team, i64::MIN);
        values.extend([Value::from(self.limit), Value::from(self.tenant.0)]);
        values
    }

    /// The newest numbers; its last value is how many.
    fn numbers(&self) -> String {
        format!("{} ORDER BY f.rid DESC LIMIT ?", self.sql("SELECT f.rid"))
    }

    /// `head` with the conditions, for one team where teams are asked one by one. See [`Filter::values`].
    fn sql(&self, head: &str) -> String {
        let mut sql = format!(
            "{head} FROM `row` f FORCE INDEX ({}) \
             WHERE f.tenant = ? AND f.kind = ? AND f.rid < ? AND f.rid > ? AND (1 << f.stage) & ? <> 0 \
             AND (1 << f.level) & ? <> 0 AND (1 << f.state) & ? <> 0 AND f.created >= ? AND f.created < ?",
            self.index()
        );
        let mut list = |column: &str, count: usize| {
            let _ = write!(sql, " AND f.{column} IN ({})", marks(count));
        };
        match (&self.query.dossier, &self.places.teams) {
            (Some(_), Some(teams)) => {
                list("dossier", 1);
                list("team", teams.len().next_power_of_two());
            }
            (Some(_), None) => list("dossier", 1),
            (None, Some(_)) => list("team", 1),
            (None, None) => {}
        }
        if let Some(industries) = &self.places.industries {
            list("industry", industries.len());
        }
        sql += &self.places.condition('f', || "?".to_owned());
        sql
    }

    /// The values of the conditions.
    fn values(&self, team: Option<u32>, floor: i64) -> Vec<Value<'static>> {
        let query = self.query;
        let mut values: Vec<i64> = vec![
            i64::from(self.tenant.0),
            i64::from(query.kind.0),
            query.after.map_or(i64::MAX, |rid| rid.0),
            floor,
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
        values.into_iter().map(Value::Int).collect()
    }
}

/// Question marks for so many values.
pub(in crate::mysql) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

#[cfg(test)]
mod tests {
    use dossier_model::kind::KindId;

    use super::*;
    use crate::mysql::tests::fixture::{TENANT, insert_rows, row, with_tables};

    /// The plan of a statement, one table a line: how it is read, by which index, what is done beside.
    fn plan(conn: &mut Conn, sql: &str, values: &[Value<'_>]) -> String {
        let steps = conn.rows(format!("EXPLAIN {sql}"), values, |cells| {
            let at = |at| if cells.is_null(at)? { Ok("-".to_owned()) } else { cells.text(at) };
            Ok(format!("{} {} {} | {}", at(2)?, at(3)?, at(5)?, at(9)?).trim_end().to_owned())
        });
        steps.unwrap().join("\n")
    }

    /// The plans of a page and of a count; they have to be the same for an empty table, a small and a larger one.
    fn plans(query: &RowQuery) -> Option<String> {
        let mut found = BTreeSet::new();
        with_tables(|database, conn| {
            let filter = Filter::of(TENANT, query).unwrap();
            let team = filter.each_team()[0];
            for rows in [0..0, 1..4, 4..3000] {
                insert_rows(conn, &rows.map(row).collect::<Vec<_>>());
                conn.rows("ANALYZE TABLE `row`", &[], |_| Ok(())).unwrap();
                // Asked a second time in one connection, MariaDB does not say `Using index` any more, though it reads
                // no other pages than before.
                let new = &mut database.conn();
                let page = plan(new, &filter.page(), &filter.page_values(team));
                let count = plan(new, &filter.sql("SELECT COUNT(*)"), &filter.values(team, i64::MIN));
                found.insert(format!("{page}\n\n{count}"));
            }
        });
        found.into_iter().reduce(|one, other| format!("{one}\n\nor\n\n{other}"))
    }

    fn narrow(query: RowQuery) -> RowQuery {
        RowQuery { stages: Some(vec![1]), industries: Some(vec![1, 2, 3]), ..query }
    }

    #[test]
    fn a_page_of_all_rows_walks_the_list_index_without_sorting() {
        let Some(plans) = plans(&narrow(RowQuery::new(KindId(1)))) else { return };
        insta::assert_snapshot!(plans, @"
        <derived2> ALL - |
        r eq_ref PRIMARY |
        k eq_ref PRIMARY |
        f range row_reach | Using where; Using index

        f range row_reach | Using where; Using index
        ");
    }

    #[test]
    fn a_page_of_a_team_walks_the_team_index_without_sorting() {
        let query = RowQuery { teams: Some(vec![7]), ..RowQuery::new(KindId(1)) };
        let Some(plans) = plans(&narrow(query)) else { return };
        insta::assert_snapshot!(plans, @"
        <derived2> ALL - |
        r eq_ref PRIMARY |
        k eq_ref PRIMARY |
        f range row_reach_team | Using where; Using index

        f range row_reach_team | Using where; Using index
        ");
    }

    #[test]
    fn the_records_of_a_dossier_come_from_its_index() {
        let query =
            RowQuery { dossier: Some(Rid(7)), teams: Some(vec![1, 2, 3]), ..RowQuery::new(KindId(2)) };
        let Some(plans) = plans(&query) else { return };
        insta::assert_snapshot!(plans, @"
        <derived2> ALL - |
        r eq_ref PRIMARY |
        k eq_ref PRIMARY |
        f range row_dossier | Using where

        f range row_dossier | Using index condition; Using where
        ");
    }
}
