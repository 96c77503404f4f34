//! One request on its way: who asks, what holds at this moment, and how its ledger entry is written.

use crate::caller::{Caller, Principal};
use crate::ledger::entry::{Deed, Entry};
use crate::people::Must;
use crate::policy::Snapshot;
use crate::{Engine, TENANT};
use dossier_access::{Action, Actions, Holder, Moment, Permit, Role, RoleId, RowRule, Scope, View};
use dossier_approvals::{Binding, Organisation};
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::{Kind, KindId};
use dossier_model::time::{Day, Micros, TimeZone};
use dossier_store::{AccessEntry, CommitError, Committed, Conflict, Op, Read, WriteSet};
use std::sync::Arc;

/// How often a command is decided again when something moved under it: two thirds of a second in all.
pub(crate) const TRIES: u32 = 24;
/// A data key is wrapped under a bucket key that is not in the keyring any more.
pub(crate) const KEY_MOVED: &str = "key_moved";
/// How many internal numbers are leased at a time, and at most where it is known that so many are needed.
const BLOCK: u32 = 1024;
const LARGE_BLOCK: u32 = 32_768;

/// An answer whose ledger entry is durable. Nothing leaves the engine that is not wrapped in one.
pub(crate) struct Recorded<T>(T);

impl<T> Recorded<T> {
    /// The same answer as something else.
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded(to(self.0))
    }
}

/// Why a step did not come to an answer.
pub(crate) enum Stop {
    /// It is refused, or failed.
    Fault(Box<Fault>),
    /// Something moved meanwhile (policy, a key's generation): decide again.
    Again,
    /// It is run only up to its gate, and came there on this state.
    Seen(Box<Binding>),
}

impl<T: Into<Fault>> From<T> for Stop {
    fn from(fault: T) -> Stop {
        let fault = fault.into();
        // Its bucket key was renewed between reading the row and opening it: it is read again.
        if fault.key == KEY_MOVED { Stop::Again } else { Stop::Fault(Box::new(fault)) }
    }
}

impl Stop {
    /// The fault, where there is nobody who could decide again.
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            Stop::Fault(fault) => *fault,
            Stop::Again => Fault::new("store_busy"),
            Stop::Seen(_) => Fault::new("internal"),
        }
    }
}

/// Waits a little before something is tried again: soon, as many may want the same record, but not at once.
pub(crate) fn pause(attempt: u32) {
    std::thread::sleep(std::time::Duration::from_millis(2 << attempt.min(4)));
}

/// Numbers leased from the store and not yet used.
#[derive(Default)]
pub(crate) struct Blocks {
    rids: std::ops::Range<i64>,
    codes: (u16, std::ops::Range<i64>),
}

/// What holds for one request.
#[derive(Clone)]
pub(crate) struct Context<'e> {
    pub engine: &'e Engine,
    pub caller: &'e Caller,
    pub snapshot: Arc<Snapshot>,
    pub now: Micros,
    standing: Arc<Standing>,
    /// What the person who asks has to do first.
    must: Option<Must>,
}

/// What a caller is, by the policy of a moment and not by what its session once said.
struct Standing {
    roles: Vec<RoleId>,
    team: u32,
    /// The teams below it.
    below: Vec<u32>,
    /// As one who answers for dossiers.
    number: u32,
    /// The roles of the user on whose behalf the operating system's account acts.
    behalf: Option<Vec<RoleId>>,
    /// The program by which a person asks: what it may not, the person may not by it.
    through: Option<Box<Standing>>,
}

impl Standing {
    /// Whoever stands like this, with these roles, at a moment.
    fn holder<'s>(&'s self, roles: &'s [RoleId], now: Micros) -> Holder<'s> {
        let Standing { team, below, number, .. } = self;
        Holder { roles, team: *team, below, number: *number, at: moment(now) }
    }
}

impl Engine {
    /// Carries out one request: decides, runs it, and records a refusal where it ends in one.
    pub(crate) fn guarded<T>(
        &self,
        caller: &Caller,
        deed: Deed,
        run: impl Fn(&Context<'_>) -> Result<Recorded<T>, Stop>,
    ) -> Result<T, Fault> {
        for attempt in 0..TRIES {
            let context = self.context(caller)?;
            let done = if let Some(must) = context.must.filter(|_| !deed.is_before_all()) {
                Err(must.fault().into())
            } else if caller.through.is_some() && !deed.is_for_programs_of_people() {
                Err(Fault::new("oauth_not_by_program").into())
            } else if deed.needs_proof() {
                self.check_proof(caller, context.now).map_err(Stop::from).and_then(|()| run(&context))
            } else {
                run(&context)
            };
            match done {
                Ok(Recorded(answer)) => return Ok(answer),
                Err(Stop::Again) => {
                    tracing::debug!(attempt, "decided again");
                    pause(attempt);
                    self.refresh()?;
                }
                Err(Stop::Fault(fault)) => {
                    context.record_refusal(deed, &fault)?;
                    return Err(*fault);
                }
                Err(stop @ Stop::Seen(_)) => return Err(stop.into_fault()),
            }
        }
        Err(Fault::new("store_busy"))
    }

    pub(crate) fn context<'e>(&'e self, caller: &'e Caller) -> Result<Context<'e>, Fault> {
        let now = self.clock.now();
        if caller.until.is_some_and(|until| now >= until) {
            return Err(Fault::new("token_expired"));
        }
        let mut snapshot = self.snapshot();
        let mut standing_now = standing(&snapshot, caller);
        if standing_now.is_err() {
            // Who is not known here may have been added by another process.
            self.refresh()?;
            snapshot = self.snapshot();
            standing_now = standing(&snapshot, caller);
        }
        let standing = Arc::new(standing_now?);
        // An import at work goes on: it was asked for when the person might.
        let at_work =
            caller.sitting.is_some() || caller.through.as_ref().is_some_and(|by| by.grant.is_some());
        let person = snapshot.users.get(&Uid(caller.principal.id16())).filter(|_| at_work);
        let must =
            person.and_then(|user| self.must(&snapshot, Uid(caller.principal.id16()), &user.body, now));
        Ok(Context { engine: self, caller, snapshot, now, standing, must })
    }

    /// What a caller may do with records of a kind at this moment. It tells of the declaration alone, so it is not recorded.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`.
    pub fn view(&self, caller: &Caller, kind: &Kind) -> Result<View, Fault> {
        Ok(self.context(caller)?.view_of(kind.id)?.0)
    }

    /// Reads and checks the policy, for the first time.
    pub(crate) fn load_policy(&self) -> Result<(), Fault> {
        let read = self.store.read()?;
        *self.policy.write() = Arc::new(Snapshot::load(&*read, &self.keyring, self.kinds)?);
        Ok(())
    }

    /// The policy and the keys as they are now, whichever process has changed them.
    pub(crate) fn refresh(&self) -> Result<(), Fault> {
        let read = self.store.read()?;
        self.adopt(&*read)?;
        drop(read);
        self.refresh_keys()
    }

    /// The policy as a snapshot of the store has it, unless a later one is known already.
    pub(crate) fn adopt(&self, read: &dyn Read) -> Result<(), Fault> {
        let stored = read.state(TENANT)?.policy_epoch;
        if stored > self.snapshot().epoch {
            let fresh = Snapshot::load(read, &self.keyring, self.kinds)?;
            let mut policy = self.policy.write();
            if fresh.epoch > policy.epoch {
                *policy = Arc::new(fresh);
            }
        }
        Ok(())
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.policy.read().clone()
    }

    /// New internal numbers; `ahead` says how many the caller will need in all, these included.
    pub(crate) fn next_rids(&self, count: u32, ahead: u32) -> Result<std::ops::Range<i64>, Fault> {
        let mut blocks = self.blocks.lock();
        if blocks.rids.end - blocks.rids.start < i64::from(count) {
            let size = count.max(ahead.clamp(BLOCK, LARGE_BLOCK));
            let first = self.store.lease(TENANT, "rid", size)?;
            blocks.rids = first..first + i64::from(size);
        }
        let first = blocks.rids.start;
        blocks.rids.start += i64::from(count);
        Ok(first..first + i64::from(count))
    }

    /// The next sequence numbers of customer codes of a year (two digits); `ahead` as above.
    fn next_codes(&self, year: u16, count: u32, ahead: u32) -> Result<std::ops::Range<i64>, Fault> {
        let mut blocks = self.blocks.lock();
        let (of, range) = &mut blocks.codes;
        if *of != year || range.end - range.start < i64::from(count) {
            let size = count.max(ahead.clamp(BLOCK, LARGE_BLOCK));
            let first = self.store.lease(TENANT, &format!("code/{year:02}"), size)?;
            (*of, *range) = (year, first..first + i64::from(size));
        }
        let first = range.start;
        range.start += i64::from(count);
        Ok(first..first + i64::from(count))
    }
}

fn standing(snapshot: &Snapshot, caller: &Caller) -> Result<Standing, Fault> {
    let gone = || Fault::new("unauthenticated");
    let of = |roles: &[RoleId], team, number, behalf| Standing {
        roles: roles.to_vec(),
        team,
        below: snapshot.below(team),
        number,
        behalf,
        through: None,
    };
    let user =
        |id| snapshot.users.get(id).map(|user| &user.body).filter(|user| !user.disabled).ok_or_else(gone);
    let program = |id| -> Result<Standing, Fault> {
        let client = &snapshot.clients.get(id).filter(|client| !client.body.disabled).ok_or_else(gone)?.body;
        Ok(of(&client.roles, client.team, 0, None))
    };
    const OPERATOR: &[RoleId] = &[RoleId::Fixed(Role::Operator)];
    Ok(match &caller.principal {
        Principal::User(id) => {
            let user = user(id)?;
            let roles = [user.roles.as_slice(), snapshot.granted(*id)].concat();
            let through = caller.through.as_ref().map(|by| program(&by.client)).transpose()?;
            Standing { through: through.map(Box::new), ..of(&roles, user.team, user.number, None) }
        }
        Principal::Client(id) => program(id)?,
        Principal::Os(_, Some(id)) => {
            let user = user(id)?;
            of(OPERATOR, user.team, user.number, Some(user.roles.clone()))
        }
        Principal::Os(_, None) | Principal::System => of(OPERATOR, 0, 0, None),
    })
}

impl<'e> Context<'e> {
    /// The same, with the entry in the name of somebody who is known by now, and the policy of this moment.
    ///
    /// # Errors
    /// `unauthenticated` where they are not known after all.
    pub(crate) fn in_the_name_of<'c>(&'c self, caller: &'c Caller) -> Result<Context<'c>, Fault> {
        let snapshot = self.engine.snapshot();
        let standing = Arc::new(standing(&snapshot, caller)?);
        Ok(Context { caller, snapshot, standing, ..self.clone() })
    }

    /// A consistent snapshot of the store, at the epoch that the decision is made under.
    pub(crate) fn read(&self) -> Result<Box<dyn Read + 'e>, Stop> {
        let read = self.engine.store.read()?;
        if read.state(TENANT)?.policy_epoch != self.snapshot.epoch {
            return Err(Stop::Again);
        }
        Ok(read)
    }

    /// Decided again where the policy is not the one that holds now: for what reads nothing else from the store.
    pub(crate) fn current(&self) -> Result<(), Stop> {
        self.read().map(drop)
    }

    /// The same at this moment: for work that goes on long after it was asked for.
    pub(crate) fn later(&self) -> Result<Context<'e>, Fault> {
        let now = self.engine.clock.now();
        if self.caller.until.is_some_and(|until| now >= until) {
            return Err(Fault::new("token_expired"));
        }
        Ok(Context { now, ..self.clone() })
    }

    /// What the caller may do with records of a kind.
    pub(crate) fn view(&self, kind: &str) -> Result<(View, &'static Kind), Fault> {
        let kind = self.engine.kinds.by_name(kind).ok_or_else(|| Fault::new("route_not_found"))?;
        Ok((self.view_with(&self.standing.roles, kind), kind))
    }

    /// The same by the number of the kind.
    pub(crate) fn view_of(&self, kind: KindId) -> Result<(View, &'static Kind), Fault> {
        let kind = self.engine.kinds.get(kind).ok_or_else(|| Fault::new("internal"))?;
        Ok((self.view_with(&self.standing.roles, kind), kind))
    }

    /// The same as the user sees it on whose behalf the operating system's account acts.
    pub(crate) fn acting_view_of(&self, kind: KindId) -> Result<(View, &'static Kind), Fault> {
        let kind = self.engine.kinds.get(kind).ok_or_else(|| Fault::new("internal"))?;
        Ok((self.view_with(self.acting_roles(), kind), kind))
    }

    fn view_with(&self, roles: &[RoleId], kind: &Kind) -> View {
        let all = &self.snapshot.roles;
        let view = all.view(&self.holder(roles), kind);
        match self.program() {
            Some(program) => view.both(&all.view(&program, kind)),
            None => view,
        }
    }

    /// Where a person asks by a program, what each of the two may do without the other.
    pub(crate) fn views_apart(&self, kind: &Kind) -> Vec<View> {
        let Some(program) = &self.standing.through else { return Vec::new() };
        let view = |of: &Standing| self.snapshot.roles.view(&of.holder(&of.roles, self.now), kind);
        vec![view(program), view(&self.standing)]
    }

    /// The dossiers that a row rule means for the caller.
    pub(crate) fn scope_of(&self, rule: &RowRule) -> Scope {
        rule.scope(&self.holder(&self.standing.roles))
    }

    fn holder<'s>(&'s self, roles: &'s [RoleId]) -> Holder<'s> {
        self.standing.holder(roles, self.now)
    }

    /// The roles of the program by which a person asks, held by that person: what they say of the holder's team and
    /// dossiers is said of the person's.
    fn program(&self) -> Option<Holder<'_>> {
        Some(self.holder(&self.standing.through.as_ref()?.roles))
    }

    /// Allows what concerns no record of a kind, by the policy that holds now. An account of the operating system also has
    /// the rights over access and erasure of the user on whose behalf it acts, and no others: it reads and reveals nothing.
    pub(crate) fn permit(&self, action: Action) -> Result<Permit, Stop> {
        self.current()?;
        let roles = match (&self.standing.behalf, action) {
            (Some(behalf), Action::Delete | Action::ManageAccess) if self.may(behalf, action) => behalf,
            _ => &self.standing.roles,
        };
        if let Some(program) = self.program() {
            self.snapshot.roles.permit(&program, action)?;
        }
        Ok(self.snapshot.roles.permit(&self.holder(roles), action)?)
    }

    fn may(&self, roles: &[RoleId], action: Action) -> bool {
        self.snapshot.roles.actions(&self.holder(roles)).has(action)
    }

    /// All that the caller may do at this moment, wherever.
    pub(crate) fn actions(&self) -> Actions {
        let all = &self.snapshot.roles;
        let own = all.actions(&self.holder(&self.standing.roles));
        self.program().map_or(own, |program| own.within(all.actions(&program)))
    }

    /// The roles that decide: the user's, where the account of the operating system acts for one.
    fn acting_roles(&self) -> &[RoleId] {
        self.standing.behalf.as_ref().unwrap_or(&self.standing.roles)
    }

    /// Whether a CDO acts, at this moment, and not a program for them.
    pub(crate) fn is_cdo(&self) -> bool {
        self.standing.through.is_none()
            && self.snapshot.roles.include_now(&self.holder(self.acting_roles()), Role::Cdo)
    }

    /// Whether somebody may give, change or take what these roles are: a CDO; the account of the operating system, where
    /// they keep neither access nor keys; and whoever has all of them.
    pub(crate) fn may_give(&self, roles: &[RoleId]) -> bool {
        let all = &self.snapshot.roles;
        let ever = all.ever(roles);
        let keeper = ever.has(Action::ManageAccess) || ever.has(Action::ManageKeys);
        // What somebody has for a time is not theirs to pass on.
        let lasting = || self.acting_roles().iter().copied().filter(|role| !matches!(role, RoleId::Grant(_)));
        let own = || all.held(roles).is_subset(&all.held(&lasting().collect::<Vec<_>>()));
        self.is_cdo() || !self.snapshot.has_cdo() || !keeper && (self.is_operator() || own())
    }

    /// Whether it is the account of the operating system, or the server itself.
    pub(crate) fn is_operator(&self) -> bool {
        self.snapshot.roles.include(&self.standing.roles, Role::Operator)
    }

    pub(crate) fn team(&self) -> u32 {
        self.standing.team
    }

    /// Whoever may have a part in a request: a person who is signed in, or a program.
    ///
    /// # Errors
    /// `people_only`.
    pub(crate) fn party(&self) -> Result<Uid, Fault> {
        match &self.caller.principal {
            Principal::Client(id) => Ok(*id),
            _ => self.sitting().map(|(id, _)| id),
        }
    }

    /// Who there is at this moment, as far as approvals ask.
    pub(crate) fn organisation(&self) -> Organisation {
        self.snapshot.organised(self.now)
    }

    /// The person who asks, or on whose behalf the account of the operating system does.
    pub(crate) fn person(&self) -> Option<Uid> {
        match &self.caller.principal {
            Principal::User(id) | Principal::Os(_, Some(id)) => Some(*id),
            _ => None,
        }
    }

    /// The caller as one who answers for dossiers; 0 for whoever cannot.
    pub(crate) fn number(&self) -> u32 {
        self.standing.number
    }

    /// Writes the look into the access log, and gives the answer out once that is durable.
    pub(crate) fn record<T>(&self, entry: Entry, side: Vec<u8>, answer: T) -> Result<Recorded<T>, Stop> {
        self.record_as(entry, side, |_| answer)
    }

    /// The same, for an answer that names its entry.
    pub(crate) fn record_as<T>(
        &self,
        entry: Entry,
        side: Vec<u8>,
        answer: impl FnOnce(u64) -> T,
    ) -> Result<Recorded<T>, Stop> {
        let mut side = Some(side);
        let entries = entry
            .leaves(self.caller, self.now, self.snapshot.epoch)
            .into_iter()
            .map(|leaf| AccessEntry { leaf, side: side.take().unwrap_or_default() })
            .collect();
        let first = self.engine.store.access_append(TENANT, entries).wait()?;
        Ok(Recorded(answer(first)))
    }

    /// Commits a write set with its change-log entry, under the epoch of the decision.
    pub(crate) fn commit(&self, set: WriteSet, entry: &Entry) -> Result<Committed, CommitError> {
        let mut set = self.seated(set.under(self.snapshot.epoch));
        set.entries.extend(entry.leaves(self.caller, self.now, self.snapshot.epoch));
        self.engine.store.commit(set).wait()
    }

    /// What somebody asks for who is signed in, or by a program, is done only while that lasts; a set that begins the session is its own proof.
    pub(crate) fn seated(&self, mut set: WriteSet) -> WriteSet {
        let by_program = self.caller.through.as_ref().and_then(|by| by.grant);
        let hash = self.caller.sitting.as_ref().map(|sitting| sitting.hash).or(by_program);
        let begins = |hash| set.ops.iter().any(|op| matches!(op, Op::PutLogin(row) if row.hash == hash));
        if let Some(hash) = hash.filter(|hash| !begins(*hash)) {
            set.ops.insert(0, Op::ExpectLogin { hash });
        }
        set
    }

    /// That there was nothing to be done.
    pub(crate) fn nothing(&self) -> Recorded<()> {
        Recorded(())
    }

    /// An answer whose entry stands in the change log.
    pub(crate) fn committed<T>(&self, _proof: Committed, answer: T) -> Recorded<T> {
        Recorded(answer)
    }

    /// Refused commands stand in the change log, refused queries in the access log: a query never waits for writers.
    fn record_refusal(&self, deed: Deed, fault: &Fault) -> Result<(), Fault> {
        let entry = Entry::refused(deed, fault);
        if !deed.is_command() {
            let leaf = entry.leaves(self.caller, self.now, self.snapshot.epoch);
            let entries = leaf.into_iter().map(|leaf| AccessEntry { leaf, side: Vec::new() }).collect();
            self.engine.store.access_append(TENANT, entries).wait()?;
            return Ok(());
        }
        for _ in 0..TRIES {
            let epoch = self.engine.snapshot().epoch;
            let mut set = WriteSet::new(TENANT).under(epoch);
            set.entries = entry.leaves(self.caller, self.now, epoch);
            match self.engine.store.commit(set).wait() {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(Conflict::Epoch { .. })) => self.engine.refresh()?,
                Err(CommitError::Conflict(_)) => return Err(Fault::new("internal")),
                Err(CommitError::Failed(error)) => return Err(error.into()),
            }
        }
        Err(Fault::new("store_busy"))
    }

    /// The next sequence number of this year's customer codes.
    pub(crate) fn next_code(&self) -> Result<u32, Fault> {
        self.next_codes(1, 1)?.next().ok_or_else(|| Fault::new("internal"))
    }

    /// Sequence numbers of this year's customer codes; `ahead` says how many will be needed in all, these included.
    pub(crate) fn next_codes(
        &self,
        count: u32,
        ahead: u32,
    ) -> Result<impl Iterator<Item = u32> + use<>, Fault> {
        let century = u16::try_from(self.year().rem_euclid(100)).unwrap_or(0);
        let range = self.engine.next_codes(century, count, ahead)?;
        let used_up = || Fault::new("code_exhausted");
        let (first, end) = (
            u32::try_from(range.start).map_err(|_| used_up())?,
            u32::try_from(range.end).map_err(|_| used_up())?,
        );
        Ok(first..end)
    }

    /// The year by which codes are numbered, in the tenant's zone.
    pub(crate) fn year(&self) -> i16 {
        today(self.now).year()
    }

    /// Internal numbers for new records.
    pub(crate) fn new_rid(&self) -> Result<Rid, Fault> {
        Ok(Rid(self.engine.next_rids(1, 1)?.start))
    }
}

/// Conflicts that mean "decide again" become that; the others are left to the command, which knows what they mean.
pub(crate) fn again(error: CommitError) -> Result<Conflict, Stop> {
    match error {
        CommitError::Conflict(Conflict::Epoch { .. } | Conflict::KeyGeneration { .. }) => Err(Stop::Again),
        CommitError::Conflict(Conflict::Login) => Err(Fault::new("session_ended").into()),
        CommitError::Conflict(conflict) => Ok(conflict),
        CommitError::Failed(error) => Err(Stop::from(error)),
    }
}

/// A conflict that this command cannot meet unless something is wrong.
pub(crate) fn unexpected(conflict: &Conflict) -> Stop {
    tracing::error!(%conflict, "unexpected conflict");
    Stop::from(Fault::new("internal"))
}

/// The day in the tenant's zone.
pub(crate) fn today(now: Micros) -> Day {
    now.day_in(&zone())
}

/// The moment in the tenant's zone, as rights that carry hours ask for it.
pub(crate) fn moment(now: Micros) -> Moment {
    let (day, weekday, minute) = now.clock_in(&zone());
    Moment { day, weekday, minute }
}

/// The tenant's zone: China's, until tenants have zones of their own.
fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC)
}
