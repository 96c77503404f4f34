//! Dossiers (档案): a customer's record of its own.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod detokenise;
pub(crate) mod erase;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod looks;
pub(crate) mod read;
pub(crate) mod reveal;

use super::forms;
use crate::shape::shaped;

/// What the engine calls this kind.
const KIND: &str = "customer";

shaped! {
    /// Which dossier.
    Path DossierId {
        /// 档案编号或客户编码 A TypeID, or a customer code of which the first 15 characters count.
        must id: String = Form(&forms::DOSSIER);
    }
}
