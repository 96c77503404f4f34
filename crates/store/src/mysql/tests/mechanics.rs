//! Sessions, quotas, idempotency keys, cursors, leases, jobs.

use dossier_model::time::Micros;

use super::fixture::*;
use crate::mechanics::{IdempotencyRow, JobRow, LeaseRow, SessionRow};
use crate::mysql::conn::values;
use crate::mysql::query::mechanics::*;

#[test]
fn a_session_and_an_idempotency_key_are_read_back() {
    with_tables(|_, conn| {
        let row = SessionRow {
            hash: [1; 32],
            subject: uid(5),
            subject_kind: 2,
            issued: Micros(10),
            expires: Micros(20),
            mac: [3; 16],
        };
        let values = values![TENANT.0, &row.hash, &row.subject.0, 2, 10, 20, &row.mac];
        insert(conn, "session", "tenant, hash, subject, subject_kind, issued, expires, mac", values);
        assert_eq!(session(conn, TENANT, &[1; 32]).unwrap(), Some(row));
        assert_eq!(session(conn, TENANT, &[2; 32]).unwrap(), None);

        let row = IdempotencyRow { command_hash: [4; 32], result: vec![0, 255, 39], at: Micros(7) };
        let subject = uid(5).0;
        let values = values![TENANT.0, &subject, &[6; 32], &row.command_hash, &row.result, 7];
        insert(conn, "idempotency", "tenant, subject, `key`, command_hash, result, at", values);
        for lock in [false, true] {
            assert_eq!(idempotency(conn, TENANT, uid(5), &[6; 32], lock).unwrap(), Some(row.clone()));
            assert_eq!(idempotency(conn, TENANT, uid(6), &[6; 32], lock).unwrap(), None);
        }
    });
}

#[test]
fn a_quota_counts_the_uses_of_its_window() {
    with_tables(|_, conn| {
        let subject = uid(1).0;
        for (name, at) in [("reveal", 10), ("reveal", 20), ("reveal", 30), ("export", 30)] {
            let values = values![TENANT.0, &subject, name, at, 0];
            insert(conn, "quota_use", "tenant, subject, name, at, nth", values);
        }
        let mut used = |name, from| quota(conn, TENANT, uid(1), name, Micros(from)).unwrap();
        assert_eq!([used("reveal", 0), used("reveal", 20), used("export", 31)], [3, 2, 0]);
    });
}

#[test]
fn cursors_and_leases_are_absent_at_first() {
    with_tables(|_, conn| {
        for lock in [false, true] {
            assert_eq!(cursor(conn, TENANT, "mail", lock).unwrap(), 0);
            assert_eq!(lease(conn, TENANT, "signer", lock).unwrap(), None);
        }
        insert(conn, "cursor", "tenant, name, position", values![TENANT.0, "mail", 41]);
        let holder = uid(3).0;
        let values = values![TENANT.0, "signer", &holder, 99, 12];
        insert(conn, "lease", "tenant, name, holder, until, fence", values);
        let row = LeaseRow { holder: uid(3), until: Micros(99), fence: 12 };
        for lock in [false, true] {
            assert_eq!(cursor(conn, TENANT, "mail", lock).unwrap(), 41);
            assert_eq!(lease(conn, TENANT, "signer", lock).unwrap(), Some(row.clone()));
            assert_eq!(lease(conn, TENANT, "Signer", lock).unwrap(), None);
        }
    });
}

#[test]
fn jobs_come_when_they_are_due_the_longest_due_first() {
    with_tables(|_, conn| {
        let at = |number: i64, state, due| JobRow {
            id: uid(number),
            kind: "import".into(),
            state,
            due: Micros(due),
            version: 1,
            body: vec![number as u8; 3],
        };
        for job in [at(1, 1, 30), at(2, 1, 10), at(3, 1, 20), at(4, 2, 5), at(5, 1, 99)] {
            let values = values![TENANT.0, &job.id.0, &job.kind, job.state, job.due.0, 1, &job.body];
            insert(conn, "job", "tenant, id, kind, state, due, version, body", values);
        }
        let found = jobs(conn, TENANT, 1, Micros(30), 9).unwrap();
        assert_eq!(found, [at(2, 1, 10), at(3, 1, 20), at(1, 1, 30)]);
        assert_eq!(jobs(conn, TENANT, 1, Micros(30), 1).unwrap(), [at(2, 1, 10)]);
        assert_eq!(job(conn, TENANT, uid(4), true).unwrap(), Some(at(4, 2, 5)));
        assert_eq!(job(conn, TENANT, uid(6), false).unwrap(), None);
    });
}
