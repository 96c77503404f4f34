//! People, programs, teams and keys.

mod clients;
mod difference;
mod directory;
mod first_run;
mod flow_form;
mod flows;
mod keys;
mod leave;
mod recovery;
mod role_form;
mod roles;
mod teams;
mod users;

pub use clients::{Client, NewClient};
pub use directory::{Directory, DirectoryGroup, DirectoryPerson, GroupAsk, PersonAsk};
pub use first_run::SetUpState;
pub use flow_form::{FlowForm, StepForm, WhenForm, WhoForm};
pub use flows::FlowKept;
pub use keys::{KeyReport, Rotated};
pub use leave::{Leave, Leaving};
pub use recovery::{Recovery, RecoveryStep};
pub use role_form::RoleForm;
pub use roles::Role;
pub use teams::{Team, TeamChange};
pub use users::{NewUser, User, UserChange};

pub(crate) use difference::difference;
pub(crate) use flows::{FlowWork, write_flow};
pub(crate) use keys::rotate;
pub(crate) use role_form::{form_of, rules_of};
pub(crate) use roles::{RoleWork, write_role};
pub(crate) use teams::change_team;
pub(crate) use users::{add_user, bound as user_bound, change_user, enable};

use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note, SystemItem};
use crate::policy;
use crate::{Caller, TENANT};
use dossier_access::RoleId;
use dossier_model::check::is_hidden;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Committed, Op, SystemRow, WriteSet};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a name.
const NAME: std::ops::RangeInclusive<usize> = 1..=64;

/// A system record that is to be written.
pub(crate) struct Writing<'a, T> {
    pub deed: Deed,
    pub kind: &'static str,
    pub id: Uid,
    /// The version that is there now; 0 for a new one.
    pub expect: u32,
    pub body: &'a T,
    /// Which of the things that the deed can be, where that has to be told.
    pub step: Option<&'static str>,
    /// What it was and what it is, for whoever reads the ledger.
    pub difference: Option<String>,
    /// What else happens in the same transaction.
    pub ops: Vec<Op>,
}

/// What the ledger says of security records that are written.
#[derive(Default)]
pub(crate) struct What {
    pub step: Option<&'static str>,
    pub difference: Option<String>,
    pub ended: Option<String>,
    /// Records that go out of use, each with the version that is there.
    pub gone: Vec<(&'static str, Uid, u32)>,
}

impl Context<'_> {
    /// Writes a security record: its new version, the next policy epoch with the root over all of them, and the ledger
    /// entry, in one transaction. The new policy holds when this returns.
    pub(crate) fn write_security<T: Serialize>(&self, writing: Writing<'_, T>) -> Result<Committed, Stop> {
        self.write_security_as(self.caller, writing, None)
    }

    /// The same, with the entry in the name of somebody who is known by now, and the session that ended by it.
    pub(crate) fn write_security_as<T: Serialize>(
        &self,
        who: &Caller,
        writing: Writing<'_, T>,
        ended: Option<String>,
    ) -> Result<Committed, Stop> {
        let Writing { deed, kind, id, expect, body, step, difference, ops } = writing;
        let row = policy::seal(&self.engine.keyring, kind, id, expect + 1, body, &*self.engine.entropy)?;
        let said = What { step, difference, ended, ..What::default() };
        self.write_security_rows(who, deed, said, vec![(kind, row, expect)], ops)
    }

    /// The same for several records at once, each with its kind and the version that it replaces.
    pub(crate) fn write_security_rows(
        &self,
        who: &Caller,
        deed: Deed,
        said: What,
        rows: Vec<(&'static str, SystemRow, u32)>,
        ops: Vec<Op>,
    ) -> Result<Committed, Stop> {
        let What { step, difference, ended, gone } = said;
        let engine = self.engine;
        let root = self.snapshot.root_with(rows.iter().map(|(_, row, _)| row), &gone);
        let (policy_row, policy_expect) =
            self.snapshot.next_policy(root, &engine.keyring, &*engine.entropy)?;
        let epoch = self.snapshot.epoch + 1;
        let mut entry = Entry::done(deed).note("policy_root", Note::Bytes(root.to_vec()));
        if let Some(step) = step {
            entry = entry.note("step", Note::Text(step.to_owned()));
        }
        if let Some(difference) = difference {
            entry = entry.note("difference", Note::Text(shortened(difference)));
        }
        if let Some(ended) = ended {
            entry = entry.note("ended", Note::Text(ended));
        }
        entry.systems = rows.iter().map(|(kind, row, _)| item(kind, row)).collect();
        entry.systems.extend(gone.iter().map(|(kind, id, version)| SystemItem::gone(kind, *id, version + 1)));
        entry.systems.push(item(policy::POLICY, &policy_row));
        let mut set = WriteSet::new(TENANT).under(self.snapshot.epoch).op(Op::BumpPolicyEpoch { to: epoch });
        set.ops.extend(rows.into_iter().map(|(_, row, expect)| Op::PutSystem { row, expect }));
        let gone = gone.into_iter();
        set.ops.extend(gone.map(|(kind, id, expect)| Op::DropSystem { kind: kind.to_owned(), id, expect }));
        set = set.op(Op::PutSystem { row: policy_row, expect: policy_expect });
        set.ops.extend(ops);
        let mut set = self.seated(set);
        // The entry stands under the epoch that it begins: the newest entry always names the epoch that holds.
        set.entries = entry.leaves(who, self.now, epoch);
        match engine.store.commit(set).wait() {
            Ok(committed) => {
                engine.refresh()?;
                Ok(committed)
            }
            Err(error) => match again(error)? {
                dossier_store::Conflict::System { .. } | dossier_store::Conflict::Job { .. } => {
                    Err(Stop::Again)
                }
                // The one quota that such a set takes: a passkey's question was answered already.
                dossier_store::Conflict::Quota { .. } => Err(Fault::new("passkey_failed").into()),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// Refuses to give these roles, or to have a say in what becomes of somebody who has them, to whoever does not have all
    /// of them: that takes a CDO, once there is one.
    pub(crate) fn check_roles(&self, roles: &[RoleId]) -> Result<(), Fault> {
        if self.may_give(roles) { Ok(()) } else { Err(Fault::new("cdo_required").field("roles")) }
    }

    /// Refuses to put somebody into another team than one's own: what they see there would be a gain. That takes a CDO too.
    pub(crate) fn check_team(&self, team: u32) -> Result<(), Fault> {
        let free = self.is_cdo() || !self.snapshot.has_cdo() || self.is_operator();
        if free || team == self.team() { Ok(()) } else { Err(Fault::new("cdo_required").field("team")) }
    }

    /// A number that no team and nobody has yet. Room is left above for what a query wants to say besides; 0 is nobody and
    /// the default team.
    pub(crate) fn new_number(&self) -> u32 {
        let teams = || self.snapshot.teams.values().map(|team| team.body.no);
        let people = || self.snapshot.users.values().map(|user| user.body.number);
        loop {
            let mut number = [0; 4];
            self.engine.entropy.fill(&mut number);
            let number = u32::from_be_bytes(number) >> 1;
            if number != 0 && !teams().chain(people()).any(|taken| taken == number) {
                return number;
            }
        }
    }
}

/// A text that fits into an entry beside everything else.
fn shortened(mut text: String) -> String {
    const MOST: usize = 8_000;
    if text.chars().count() > MOST {
        text = text.chars().take(MOST).chain(['…']).collect();
    }
    text
}

fn item(kind: &'static str, row: &SystemRow) -> SystemItem {
    SystemItem { kind, id: row.id, version: row.version, row_hash: row.hash(TENANT) }
}

/// A name without surrounding space: 1 to 64 characters, none of them invisible.
pub(crate) fn name_of(text: &str) -> Result<String, Fault> {
    let text = crate::people::name_typed(text);
    if !NAME.contains(&text.chars().count()) || text.chars().any(|c| is_hidden(c) || has_no_shape(c)) {
        return Err(Fault::new("value_length").field("name").with("least", "1").with("most", "64"));
    }
    Ok(text)
}

/// Signs that stand for nothing on a screen beside those of [`is_hidden`]: fillers, joiners, choosers of a form (Unicode's
/// `Default_Ignorable_Code_Point`).
fn has_no_shape(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Refuses a name that in a list could be taken for one of these: equal but for case and width.
///
/// # Errors
/// `name_taken`.
pub(crate) fn check_free<'n>(name: &str, mut taken: impl Iterator<Item = &'n str>) -> Result<(), Fault> {
    let looks = |text: &str| text.nfkc().flat_map(char::to_lowercase).nfkc().collect::<String>();
    let name = looks(name);
    if taken.any(|one| looks(one) == name) { Err(Fault::new("name_taken").field("name")) } else { Ok(()) }
}

/// Roles by name or id, each once; at least one.
fn roles_of(cx: &Context<'_>, texts: &[impl AsRef<str>]) -> Result<Vec<RoleId>, Fault> {
    let mut roles = Vec::new();
    for text in texts.iter().map(AsRef::as_ref) {
        let unknown = || Fault::new("role_unknown").field("roles");
        let role = cx.snapshot.role(text).ok_or_else(unknown)?;
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    if roles.is_empty() { Err(Fault::new("required").field("roles")) } else { Ok(roles) }
}

fn team_of(cx: &Context<'_>, team: Option<&str>) -> Result<u32, Fault> {
    team.map_or(Ok(0), |team| {
        cx.snapshot.team_no(team).ok_or_else(|| Fault::new("team_unknown").field("team"))
    })
}
