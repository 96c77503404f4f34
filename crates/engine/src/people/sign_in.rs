//! Signing in by name, password and, where there is one, a code by time.

use super::attempts::{Attempt, Tried};
use super::codes;
use super::marks::Marked;
use super::name_typed;
use super::own::name_of;
use super::session::{Guard, SESSION, SessionBody, SignedIn, person_caller};
use crate::auth::system_caller;
use crate::caller::Origin;
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::{PasswordBody, UserBody};
use crate::{Engine, TENANT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, LoginRow, Op, Read, WriteSet};

/// What somebody signs in with.
pub struct SignIn {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The code of the moment, where the person has such codes.
    pub code: Option<String>,
    /// What the browser calls itself, shortened.
    pub agent: Option<String>,
    /// The cookie that the same browser still has: that session ends when this one begins.
    pub before: Option<String>,
}

/// The outcome of a refused sign-in is an entry that names the person whose name was given, where there is one.
pub(super) type Outcomes = Result<SignedIn, Fault>;

/// What was found out before anything is decided, because it takes time.
struct Looked {
    attempt: Attempt,
    /// The person of that name, and what the password was compared with.
    known: Option<(Uid, Option<PasswordBody>)>,
    fits: bool,
}

impl Engine {
    /// Signs a person in.
    ///
    /// # Errors
    /// `sign_in_failed`, the same whatever was wrong, and after the same work; `code_required` where name and password
    /// are right and a code is missing; `sign_in_throttled`, `overloaded`.
    pub fn sign_in_person(&self, origin: &Origin, ask: &SignIn) -> Result<SignedIn, Fault> {
        let nobody = system_caller(origin);
        let attempt = match self.attempt(origin, Tried::Name(&ask.name)) {
            Ok(attempt) => attempt,
            Err(fault) => return self.guarded(&nobody, Deed::SignIn, |_| Err(fault.clone().into())),
        };
        // A person that another process has just added can sign in at once.
        self.refresh()?;
        let snapshot = self.snapshot();
        let known = snapshot.user_named(&name_typed(&ask.name)).map(|(id, user)| (id, user.password.clone()));
        let kept = known.as_ref().and_then(|(_, password)| password.as_ref());
        let fits = match self.password_fits(kept, &ask.password) {
            Ok(fits) => fits,
            Err(fault) => {
                self.give_back_attempt(&attempt);
                return self.guarded(&nobody, Deed::SignIn, |_| Err(fault.clone().into()));
            }
        };
        let looked = Looked { attempt, known, fits };
        let signed_in = self.guarded(&nobody, Deed::SignIn, |cx| decide(cx, ask, &looked))??;
        let old = looked.known.and_then(|(_, kept)| kept).filter(|kept| self.is_of_old_cost(kept));
        if let Some(kept) = old
            && let Ok(caller) = self.person(origin, &signed_in.cookie, &Guard::default())
        {
            self.renew_password(&caller, &kept, &ask.password);
        }
        Ok(signed_in)
    }

    /// Refuses somebody of whom nothing was looked at: a page of another site that wants somebody signed in, or a request
    /// with two credentials. What comes back is the refusal, or why it could not be recorded.
    pub fn refuse_stranger(&self, origin: &Origin, fault: &Fault) -> Fault {
        let refused = self.guarded::<()>(&system_caller(origin), Deed::SignIn, |_| Err(fault.clone().into()));
        refused.err().unwrap_or_else(|| fault.clone())
    }

    /// The session that a browser had before it began another one, whoever had signed in there.
    pub(crate) fn session_before(
        &self,
        read: &dyn Read,
        cookie: Option<&str>,
    ) -> Result<Option<LoginRow>, Fault> {
        let secret = cookie.and_then(|cookie| URL_SAFE_NO_PAD.decode(cookie).ok());
        match secret {
            Some(secret) if secret.len() == 32 => self.good_login(read, &sha256(&secret), SESSION),
            _ => Ok(None),
        }
    }
}

fn decide(cx: &Context<'_>, ask: &SignIn, looked: &Looked) -> Result<Recorded<Outcomes>, Stop> {
    let given = with(ask.code.is_some());
    let refuse = |known, key, ops| refuse(cx, Refused { known, given, why: None }, key, ops);
    let Some((id, kept)) = &looked.known else { return refuse(None, "sign_in_failed", Vec::new()) };
    let id = *id;
    let user = cx.snapshot.users.get(&id).map(|user| &user.body);
    // The password that was compared has to be the one that holds now.
    let user = user.filter(|user| looked.fits && !user.disabled && user.password == *kept);
    let Some(user) = user else { return refuse(Some(id), "sign_in_failed", Vec::new()) };
    let engine = cx.engine;
    let mut marked = Marked::of(engine, &*cx.read()?, id)?;
    if user.totp.is_none() && !user.passkeys.is_empty() {
        // Whoever has a second factor shows one; this one is both.
        return refuse(Some(id), "passkey_required", looked.attempt.given_back().collect());
    }
    if let Some(secret) = &user.totp {
        let Some(code) = &ask.code else {
            // Nothing was tried that could be tried again and again: the password is right.
            return refuse(Some(id), "code_required", looked.attempt.given_back().collect());
        };
        match codes::step_of(secret, code, engine.clock.wall(), marked.mark.step) {
            Some(step) => marked.mark.step = step,
            // Counted for the person alone, and for a day: only who has the password comes here.
            None => return refuse(Some(id), "sign_in_failed", vec![code_tried(id, cx.now)]),
        }
    }
    let mut ops: Vec<Op> = looked.attempt.given_back().collect();
    if user.totp.is_some() {
        // Not taken any more once too many were wrong.
        ops.push(code_tried(id, cx.now));
        ops.push(Op::GiveQuota { subject: id, name: CODES.to_owned() });
    }
    let given = with(user.totp.is_some());
    begin(
        cx,
        id,
        user,
        Begin { given, marked, ops, agent: ask.agent.as_deref(), before: ask.before.as_deref() },
    )
}

/// By what somebody signs in, as the ledger has it.
fn with(code: bool) -> &'static str {
    if code { "password code" } else { "password" }
}

/// Sessions that end when another one begins: that of the same browser, and the oldest ones of the person where there
/// are as many as one may have. The mark of the person, which each sign-in writes, lets no two go by at once.
fn ended(cx: &Context<'_>, id: Uid, before: Option<&str>) -> Result<Vec<LoginRow>, Stop> {
    let read = cx.read()?;
    let before = cx.engine.session_before(&*read, before)?;
    let others = cx.engine.sessions_of(&*read, id, cx.now)?.into_iter();
    let others = others.filter(|row| before.as_ref().is_none_or(|before| before.hash != row.hash));
    let stay = usize::try_from(cx.engine.settings.sign_in.sessions_per_person.saturating_sub(1));
    let mut ended: Vec<LoginRow> = others.skip(stay.unwrap_or(usize::MAX)).collect();
    ended.extend(before);
    Ok(ended)
}

/// A session that is about to begin.
pub(super) struct Begin<'a> {
    /// By what, as the ledger has it.
    pub given: &'static str,
    pub marked: Marked,
    pub ops: Vec<Op>,
    pub agent: Option<&'a str>,
    /// The cookie that the same browser still has.
    pub before: Option<&'a str>,
}

/// Writes the session and tells the person of it; the entry is the person's own.
pub(super) fn begin(
    cx: &Context<'_>,
    id: Uid,
    user: &UserBody,
    Begin { given, mut marked, mut ops, agent, before }: Begin<'_>,
) -> Result<Recorded<Outcomes>, Stop> {
    let body = SessionBody {
        address: cx.caller.origin.address.clone(),
        agent: agent.map(str::to_owned),
        last: marked.mark.last.take(),
    };
    let (row, cookie) = cx.engine.new_session(id, cx.now, &body)?;
    marked.mark.last = Some((cx.now.0, body.address.clone()));
    ops.push(marked.put(cx.engine)?);
    let ended = ended(cx, id, before)?;
    ops.extend(ended.iter().map(|row| Op::DeleteLogin { hash: row.hash }));
    let mut entry = Entry::done(Deed::SignIn).note("with", Note::Text(given.to_owned()));
    if !ended.is_empty() {
        let names = ended.iter().map(name_of).collect::<Vec<_>>().join(" ");
        entry = entry.note("ended", Note::Text(names));
    }
    let caller = person_caller(&cx.caller.origin, id, user, &row, body.last);
    let mut set = WriteSet::new(TENANT).op(Op::PruneLogins { before: cx.now }).op(Op::PutLogin(row));
    set.ops.extend(ops);
    let person = cx.in_the_name_of(&caller)?;
    if person.snapshot.epoch != cx.snapshot.epoch {
        return Err(Stop::Again);
    }
    let (id, sitting) = person.sitting()?;
    let session = person.session_shown(id, sitting)?;
    match person.commit(set, &entry) {
        Ok(committed) => Ok(person.committed(committed, Ok(SignedIn { session, cookie }))),
        Err(error) => match again(error)? {
            // Another sign-in of the same person came between, perhaps with the same code.
            Conflict::Job { .. } => Err(Stop::Again),
            Conflict::Quota { .. } => {
                let tried = Refused { known: Some(id), given, why: None };
                refuse(cx, tried, "sign_in_failed", Vec::new())
            }
            other => Err(unexpected(&other)),
        },
    }
}

/// A sign-in that is refused, as the ledger has it.
#[derive(Clone, Copy)]
pub(super) struct Refused {
    pub known: Option<Uid>,
    pub given: &'static str,
    /// What was wrong with a passkey's answer.
    pub why: Option<&'static str>,
}

pub(super) fn refuse(
    cx: &Context<'_>,
    tried: Refused,
    key: &'static str,
    ops: Vec<Op>,
) -> Result<Recorded<Outcomes>, Stop> {
    let fault = Fault::new(key);
    let mut entry = Entry::refused(Deed::SignIn, &fault).note("with", Note::Text(tried.given.to_owned()));
    if let Some(id) = tried.known {
        entry = entry.note("user", Note::Text(id.to_typeid("usr")));
    }
    if let Some(why) = tried.why {
        entry = entry.note("why", Note::Text(why.to_owned()));
    }
    let mut set = WriteSet::new(TENANT);
    set.ops = ops;
    match cx.commit(set, &entry) {
        Ok(committed) => Ok(cx.committed(committed, Err(fault))),
        Err(error) => match again(error)? {
            // The day's wrong codes are used up already, or the passkey's question was.
            Conflict::Quota { .. } => refuse(cx, tried, key, Vec::new()),
            other => Err(unexpected(&other)),
        },
    }
}

/// Wrong codes after a right password, of one person in a day.
const CODES: &str = "sign_in/code";
const MOST_CODES: u32 = 20;

fn code_tried(id: Uid, now: Micros) -> Op {
    let window_start = Micros(now.0 - 86_400 * Micros::SECOND);
    Op::TakeQuota { subject: id, name: CODES.to_owned(), at: now, window_start, limit: MOST_CODES }
}
