//! Contacts (联系人): the people of a dossier.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod detokenise;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod reveal;

use super::forms;
use crate::shape::shaped;

/// What the engine calls this kind.
const KIND: &str = "contact";

shaped! {
    /// Which contact.
    Path ContactId {
        /// 联系人编号 A TypeID.
        must id: String = Form(&forms::CONTACT);
    }
}
