//! Imports (导入): files of customers, from handing one in to taking all of it back.

pub(crate) mod alike;
pub(crate) mod create;
pub(crate) mod duplicates;
pub(crate) mod mapping;
pub(crate) mod problems;
pub(crate) mod read;
pub(crate) mod saved;
pub(crate) mod steps;

use super::forms;
use crate::shape::shaped;

shaped! {
    /// Which import.
    Path ImportId {
        /// 导入编号
        must id: String = Form(&forms::IMPORT);
    }
}

shaped! {
    /// Which row of which import.
    Path ImportRow {
        /// 导入编号
        must id: String = Form(&forms::IMPORT);
        /// 行号 Number of the row in the file; the header is row 1.
        must row: u64 = Whole { least: 1, most: forms::LARGEST };
    }
}

shaped! {
    /// Which rows.
    Query ImportRows {
        /// 翻页 `next` of the page before.
        may after: Option<u64> = Whole { least: 0, most: forms::LARGEST };
        /// 每页条数 How many at most; 25 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
    }
}
