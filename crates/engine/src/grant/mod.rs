//! Temporary grants: what somebody applies for with a purpose and an end (数据使用申请), holds once others have agreed, and
//! loses by itself.
//!
//! | step | where |
//! |---|---|
//! | somebody applies; once approved, the grant begins | `apply` |
//! | its holder or whoever looks after rights ends it; time does; rows of long ago go | `end` |
//! | who sees what of them | `show` |
//!
//! A grant is a role of its holder alone (`RoleId::Grant`) whose hours end with its last day: what decides roles decides
//! it, at each request, whether or not anything has run since.

mod apply;
mod end;
mod show;

pub use apply::Application;
pub use show::{DossierNamed, GrantBox, GrantPage, GrantShown};

pub(crate) use apply::{apply, named_in};
pub(crate) use end::ended_of;

use dossier_model::id::Uid;

/// What ids of grants begin with.
const PREFIX: &str = "gra";
/// The longest grant in days, the first and the last one included.
const MOST_DAYS: i32 = 15;
/// Days for which what had a grant for its longest time is not granted again.
const PAUSE: i32 = 7;
/// Grants that one person holds at a time.
const MOST_HELD: usize = 20;
/// Dossiers that are named in one application.
const MOST_DOSSIERS: usize = 200;

fn public(id: Uid) -> String {
    id.to_typeid(PREFIX)
}
