//! Pages in the order of a primary key of several columns.
//!
//! No optimizer of these databases starts to read an index at `(a, b) > (?, ?)`. So each column is asked for by itself,
//! behind equal values of the columns before it: first `a = ? AND b > ?`, then `a > ?`.

use dossier_model::id::Tenant;

use super::log::at_most;
use crate::mysql::conn::{Cells, Conn, SqlError, Value};

/// A table in the order of its primary key: the tenant and these columns.
pub(super) struct Keyset<'k, const N: usize> {
    /// `SELECT … FROM table`.
    pub(super) select: &'k str,
    pub(super) keys: [&'k str; N],
}

impl<const N: usize> Keyset<'_, N> {
    /// Up to `limit` rows behind a key, or from the first on.
    pub(super) fn page<T>(
        &self,
        conn: &mut Conn,
        tenant: Tenant,
        after: Option<[Value<'_>; N]>,
        limit: usize,
        decode: impl Fn(&Cells<'_>) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        let mut page = Vec::new();
        let steps = if after.is_some() { N } else { 1 };
        for equal in (0..steps).rev() {
            let rest = limit - page.len();
            if rest == 0 {
                break;
            }
            let mut values = vec![Value::from(tenant.0)];
            values.extend(after.iter().flatten().take(equal + 1));
            values.push(Value::from(at_most(rest)));
            page.extend(conn.rows(self.sql(equal, after.is_some()), &values, &decode)?);
        }
        Ok(page)
    }

    /// What has the same values in the first `equal` columns, and a higher one in the next if it is to lie behind a key.
    fn sql(&self, equal: usize, behind: bool) -> String {
        let mut sql = format!("{} FORCE INDEX (PRIMARY) WHERE tenant = ?", self.select);
        let signs = std::iter::repeat_n("=", equal).chain(behind.then_some(">"));
        for (column, sign) in self.keys.iter().zip(signs) {
            sql.push_str(&format!(" AND {column} {sign} ?"));
        }
        let order = self.keys.iter().skip(equal).copied().collect::<Vec<_>>().join(", ");
        format!("{sql} ORDER BY {order} LIMIT ?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_names_one_column_less() {
        let keyset = Keyset { select: "SELECT 1 FROM t", keys: ["a", "b"] };
        let all = "SELECT 1 FROM t FORCE INDEX (PRIMARY) WHERE tenant = ?";
        assert_eq!(keyset.sql(1, true), format!("{all} AND a = ? AND b > ? ORDER BY b LIMIT ?"));
        assert_eq!(keyset.sql(0, true), format!("{all} AND a > ? ORDER BY a, b LIMIT ?"));
        assert_eq!(keyset.sql(0, false), format!("{all} ORDER BY a, b LIMIT ?"));
    }
}
