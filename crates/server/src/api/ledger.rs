//! The ledger (台账): who did what, and proofs that outsiders can check.

pub(crate) mod checkpoint;
pub(crate) mod consistency;
pub(crate) mod entries;
pub(crate) mod evidence;
pub(crate) mod key;
pub(crate) mod logs;
pub(crate) mod proof;

use super::forms;
use crate::shape::shaped;

shaped! {
    /// Which log.
    Query WhichLog {
        /// 日志 `change`: commands; `access`: looks at the server that answers, `access/N`: at server N. `change` when not given.
        may log: Option<String> = Form(&forms::LOG);
    }
}

/// The log that is meant when none is named.
fn or_change(log: Option<String>) -> String {
    log.unwrap_or_else(|| "change".to_owned())
}
