//! The ends of grants: by their holders, by whoever looks after rights, by time.

use super::PAUSE;
use super::show::{GrantShown, shown};
use crate::admin::What;
use crate::caller::Origin;
use crate::context::{Context, Recorded, Stop, today};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{Ending, GRANT, GrantBody, GrantEnd, Versioned, seal};
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Day;
use dossier_store::{Op, SystemRow};

/// At most so many are ended or cleared away at a time.
const BATCH: usize = 200;

/// A record that is written, and the version that it replaces.
type Written = (&'static str, SystemRow, u32);

impl Engine {
    /// Ends a grant at once: its holder, who needs it no longer, or whoever looks after the rights of their department.
    ///
    /// # Errors
    /// `not_found`, also for a grant of somebody of another department; `grant_ended`.
    pub fn end_grant(&self, caller: &Caller, id: &str) -> Result<GrantShown, Fault> {
        self.guarded(caller, Deed::GrantEnd, |cx| end(cx, id))
    }

    /// Ends what is over, signs its holders out, and clears away what ended long ago. It may come late, twice or never: what
    /// holds is decided at each request.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn end_grants(&self) -> Result<(), Fault> {
        let snapshot = self.snapshot();
        let now = today(self.clock.now());
        if !snapshot.grants.values().any(|grant| is_over(&grant.body, now) || is_old(&grant.body, now)) {
            return Ok(());
        }
        let caller = crate::auth::system_caller(&Origin::default());
        self.guarded(&caller, Deed::GrantEnd, clear)
    }
}

fn end(cx: &Context<'_>, id: &str) -> Result<Recorded<GrantShown>, Stop> {
    let missing = || Fault::new("not_found");
    let id = Uid::parse_typeid(super::PREFIX, id).ok_or_else(missing)?;
    let grant = cx.snapshot.grants.get(&id).ok_or_else(missing)?;
    let own = cx.sitting().is_ok_and(|(person, _)| person == grant.body.person);
    if !own && !cx.looks_after(grant.body.person) {
        return Err(missing().into());
    }
    if grant.body.ended.is_some() || is_over(&grant.body, today(cx.now)) {
        return Err(Fault::new("grant_ended").into());
    }
    let why = if own { Ending::Done } else { Ending::Withdrawn };
    let (body, written) = ended(cx, id, grant, why)?;
    let said = What { step: Some(why.name()), difference: Some(named(cx, &body)), ..What::default() };
    let read = cx.read()?;
    // What was looked at is said by the entry of the look that the grant was found by.
    let answer = shown(cx, &*read, id, &body, &mut Entry::done(Deed::GrantEnd))?;
    drop(read);
    let committed = cx.write_security_rows(cx.caller, Deed::GrantEnd, said, vec![written], Vec::new())?;
    Ok(cx.committed(committed, answer))
}

fn clear(cx: &Context<'_>) -> Result<Recorded<()>, Stop> {
    let now = today(cx.now);
    let all = || cx.snapshot.grants.iter();
    let (mut rows, mut ops, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (id, grant) in all().filter(|(_, grant)| is_over(&grant.body, now)).take(BATCH) {
        let (body, written) = ended(cx, *id, grant, Ending::Over)?;
        rows.push(written);
        // Whoever held it longer than it holds is to sign in anew.
        ops.push(Op::DeleteLoginsOf { subject: body.person, except: None });
        lines.push(named(cx, &body));
    }
    let old = all().filter(|(_, grant)| is_old(&grant.body, now)).take(BATCH);
    let gone: Vec<_> = old.map(|(id, grant)| (GRANT, *id, grant.version)).collect();
    if rows.is_empty() && gone.is_empty() {
        return Ok(cx.nothing());
    }
    let step = Some(if rows.is_empty() { "cleared" } else { Ending::Over.name() });
    let difference = (!lines.is_empty()).then(|| lines.join("\n"));
    let said = What { step, difference, gone, ..What::default() };
    let committed = cx.write_security_rows(cx.caller, Deed::GrantEnd, said, rows, ops)?;
    Ok(cx.committed(committed, ()))
}

/// The ends of all that a person was granted, for whatever takes something from them in one transaction with these.
pub(crate) fn ended_of(cx: &Context<'_>, person: Uid) -> Result<Vec<Written>, Fault> {
    let live = cx.snapshot.grants.iter();
    let live = live.filter(|(_, grant)| grant.body.person == person && grant.body.ended.is_none());
    live.map(|(id, grant)| Ok(ended(cx, *id, grant, Ending::Moved)?.1)).collect()
}

fn ended(
    cx: &Context<'_>,
    id: Uid,
    grant: &Versioned<GrantBody>,
    why: Ending,
) -> Result<(GrantBody, Written), Fault> {
    let end = GrantEnd { at: cx.now.0, by: cx.person(), why };
    let body = GrantBody { ended: Some(end), ..grant.body.clone() };
    let engine = cx.engine;
    let row = seal(&engine.keyring, GRANT, id, grant.version + 1, &body, &*engine.entropy)?;
    Ok((body, (GRANT, row, grant.version)))
}

/// Whose it is and until when it was to hold, for the ledger.
fn named(cx: &Context<'_>, body: &GrantBody) -> String {
    format!("{} · {}", cx.snapshot.who(1, body.person), body.last_day())
}

fn is_over(body: &GrantBody, now: Day) -> bool {
    body.ended.is_none() && body.last_day() < now
}

/// Whether it is of no use any more: it ended, and what it gave may be granted again.
fn is_old(body: &GrantBody, now: Day) -> bool {
    let ended = body.ended.as_ref().map(|end| today(dossier_model::time::Micros(end.at)));
    ended.is_some_and(|day| day.max(body.last_day()).plus(PAUSE) < now)
}

impl Context<'_> {
    /// Whether the caller looks after somebody's rights: a CDO those of all, else those of people of the same department.
    pub(crate) fn looks_after(&self, person: Uid) -> bool {
        let Some(user) = self.snapshot.users.get(&person) else { return false };
        let near = || self.snapshot.department(user.body.team) == self.snapshot.department(self.team());
        self.actions().has(Action::Supervise) && (self.is_cdo() || near())
    }
}
