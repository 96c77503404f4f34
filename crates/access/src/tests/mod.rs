mod built_in;
mod explain;
mod hours;
mod random;

use crate::{Holder, Moment, RoleId, Roles};
use dossier_model::kind::{Kind, Kinds};
use dossier_model::time::Day;

/// A Monday, at ten.
const AT: Moment = Moment { day: Day(20_787), weekday: 0, minute: 600 };

fn kinds() -> [&'static Kind; 2] {
    [Kinds::customer(), Kinds::contact()]
}

fn built_in() -> Roles {
    Roles::compile([], &kinds()).unwrap()
}

/// Somebody of team 7, with team 8 below.
fn holder(roles: &[RoleId]) -> Holder<'_> {
    Holder { roles, team: 7, below: &[8], number: 70, at: AT }
}
