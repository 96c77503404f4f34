//! Links by which people set themselves up: the first CDO of an installation, someone who was added, someone who forgot
//! the password. A link is used once, and within a day. Its secret is 256 random bits of which only the hash is stored.

use super::attempts::Tried;
use super::marks::Marked;
use super::own::name_of;
use super::session::{LINK, SessionBody, SignedIn, person_caller};
use crate::Engine;
use crate::admin::Writing;
use crate::auth::system_caller;
use crate::caller::Origin;
use crate::clock::issued_by;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{PasswordBody, USER, UserBody, Versioned};
use crate::seal::new_id;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_access::{Role, RoleId};
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{LoginRow, Op, Read};
use serde::{Deserialize, Serialize};

/// How long a link can be used, in seconds.
const LIFE: i64 = 24 * 3600;
/// In place of the person of a link that makes the first one.
pub(crate) const FIRST: Uid = Uid([0; 16]);

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// The first CDO.
    First,
    /// A person who was added.
    Invitation,
    /// A person who forgot the password.
    Reset,
}

impl Purpose {
    /// As the ledger says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Purpose::First => "first",
            Purpose::Invitation => "invitation",
            Purpose::Reset => "reset",
        }
    }
}

/// A link, shown once.
#[derive(Serialize)]
pub struct Link {
    /// Path and fragment: what is behind the `#` no browser sends and no proxy sees.
    pub set_up: String,
}

/// What a link is for, to whoever has it.
#[derive(Serialize)]
pub struct LinkShown {
    /// `first`, `invitation` or `reset`.
    purpose: Purpose,
    /// Who it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In which roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// What somebody sets themselves up with.
pub struct SetUp {
    /// The secret of the link.
    pub token: String,
    /// The name, of the first CDO alone.
    pub name: Option<String>,
    /// The new password.
    pub password: String,
    /// What the browser calls itself, shortened.
    pub agent: Option<String>,
    /// The cookie that the same browser still has: that session ends when this one begins.
    pub before: Option<String>,
}

impl Engine {
    /// A new link for somebody, and the operations that store it in place of all links and sessions of that person.
    pub(crate) fn new_link(
        &self,
        subject: Uid,
        purpose: Purpose,
        now: Micros,
    ) -> Result<(Link, Vec<Op>), Fault> {
        let ends = now.plus(LIFE * Micros::SECOND);
        let (row, secret) = self.new_login(LINK, subject, now, ends, &purpose)?;
        let ops = vec![Op::DeleteLoginsOf { subject, except: None }, Op::PutLogin(row)];
        Ok((Link { set_up: format!("/set-up#{secret}") }, ops))
    }

    /// Says what a link is for.
    ///
    /// # Errors
    /// `set_up_unknown` whether it was used, has ended or never was; `sign_in_throttled`.
    pub fn look_at_link(&self, origin: &Origin, token: &str) -> Result<LinkShown, Fault> {
        let nobody = system_caller(origin);
        let attempt = match self.attempt(origin, Tried::Link) {
            Ok(attempt) => attempt,
            Err(fault) => return self.guarded(&nobody, Deed::OwnLook, |_| Err(fault.clone().into())),
        };
        let shown = self.guarded(&nobody, Deed::OwnLook, |cx| {
            let (_, purpose, person) = cx.link(&*cx.read()?, token)?;
            let shown = LinkShown {
                purpose,
                name: person.as_ref().map(|(_, _, user)| user.name.clone()),
                roles: person
                    .as_ref()
                    .map_or_else(Vec::new, |(_, _, user)| cx.snapshot.role_names(&user.roles)),
            };
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), shown)
        })?;
        self.give_back_attempt(&attempt);
        Ok(shown)
    }

    /// Sets somebody up with a password, and signs them in. The link is used up.
    ///
    /// # Errors
    /// `set_up_unknown`, those of a new password, `required`, `value_length`, `name_taken`,
    /// `sign_in_throttled`, `overloaded`.
    pub fn set_up(&self, origin: &Origin, ask: &SetUp) -> Result<SignedIn, Fault> {
        let nobody = system_caller(origin);
        let refuse = |fault: &Fault| self.guarded(&nobody, Deed::SetUp, |_| Err(fault.clone().into()));
        let attempt = match self.attempt(origin, Tried::Link) {
            Ok(attempt) => attempt,
            Err(fault) => return refuse(&fault),
        };
        self.refresh()?;
        // Nobody has a password looked at who has no link.
        let looked = self.guarded(&nobody, Deed::SetUp, |cx| {
            let (_, _, person) = cx.link(&*cx.read()?, &ask.token)?;
            let (named, former) = match person {
                Some((_, _, user)) => (user.name, user.former),
                None => (ask.name.clone().unwrap_or_default(), Vec::new()),
            };
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), (named, former))
        })?;
        self.give_back_attempt(&attempt);
        let (name, former) = looked;
        match self.new_password("password", &ask.password, &name, &former) {
            Ok(kept) => self.guarded(&nobody, Deed::SetUp, |cx| settle(cx, ask, &kept)),
            Err(fault) => refuse(&fault),
        }
    }
}

type Person = (Uid, u32, UserBody);

impl Context<'_> {
    /// The row of a link that can be used, what it is for and who it is of.
    fn link(&self, read: &dyn Read, token: &str) -> Result<(LoginRow, Purpose, Option<Person>), Fault> {
        let unknown = || Fault::new("set_up_unknown");
        let secret = URL_SAFE_NO_PAD.decode(token.trim()).map_err(|_| unknown())?;
        let row = self.engine.good_login(read, &sha256(&secret), LINK)?.ok_or_else(unknown)?;
        if self.now >= row.expires || !issued_by(row.issued, self.now) {
            return Err(unknown());
        }
        let purpose: Purpose = self.engine.login_body(&row)?;
        if purpose == Purpose::First {
            return if self.snapshot.has_cdo() { Err(unknown()) } else { Ok((row, purpose, None)) };
        }
        // Whoever has a password has used the link: one that is put back in the database opens nothing.
        let unused = |user: &&Versioned<UserBody>| !user.body.disabled && user.body.password.is_none();
        let user = self.snapshot.users.get(&row.subject).filter(unused);
        let user = user.ok_or_else(unknown)?;
        let person = (row.subject, user.version, user.body.clone());
        Ok((row, purpose, Some(person)))
    }
}

fn settle(cx: &Context<'_>, ask: &SetUp, kept: &PasswordBody) -> Result<Recorded<SignedIn>, Stop> {
    let engine = cx.engine;
    let read = cx.read()?;
    let (link, purpose, person) = cx.link(&*read, &ask.token)?;
    let (id, expect, user) = match person {
        Some(person) => person,
        None => first(cx, ask.name.as_deref())?,
    };
    let body = UserBody { password: Some(kept.clone()), ..user };
    let mut marked = Marked::of(engine, &*read, id)?;
    let before = engine.session_before(&*read, ask.before.as_deref())?;
    drop(read);
    let address = cx.caller.origin.address.clone();
    let session =
        SessionBody { address: address.clone(), agent: ask.agent.clone(), last: marked.mark.last.take() };
    let (row, cookie) = engine.new_session(id, cx.now, &session)?;
    marked.mark.last = Some((cx.now.0, address));
    marked.mark.pending = None;
    let caller = person_caller(&cx.caller.origin, id, &body, &row, session.last);
    // The link goes, with whatever other links and sessions there are of the person.
    let mut ops: Vec<Op> = before.iter().map(|row| Op::DeleteLogin { hash: row.hash }).collect();
    ops.extend([
        Op::DeleteLogin { hash: link.hash },
        Op::DeleteLoginsOf { subject: id, except: None },
        Op::PutLogin(row),
        marked.put(engine)?,
    ]);
    let writing = Writing {
        deed: Deed::SetUp,
        kind: USER,
        id,
        expect,
        body: &body,
        step: Some(purpose.name()),
        difference: None,
        ops,
    };
    let committed = cx.write_security_as(&caller, writing, before.as_ref().map(name_of))?;
    // By the policy that has this person in it.
    let person = cx.in_the_name_of(&caller)?;
    let (id, sitting) = person.sitting()?;
    let session = person.session_shown(id, sitting)?;
    Ok(person.committed(committed, SignedIn { session, cookie }))
}

/// The first CDO, who has no record yet.
fn first(cx: &Context<'_>, name: Option<&str>) -> Result<Person, Fault> {
    let name = name.ok_or_else(|| Fault::new("required").field("name"))?;
    let name = crate::admin::name_of(name)?;
    crate::admin::check_free(&name, cx.snapshot.user_names())?;
    let user = UserBody::new(name, vec![RoleId::Fixed(Role::Cdo)], 0, cx.new_number(), cx.now);
    Ok((new_id(cx.now, &*cx.engine.entropy), 0, user))
}
