//! Sessions of people: a row found by the hash of its cookie, with a MAC over all of it.

use crate::auth::system_caller;
use crate::caller::{Caller, Channel, Origin, Principal};
use crate::clock::issued_by;
use crate::context::{Context, again, unexpected};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::{Snapshot, UserBody};
use crate::seal::to_cbor;
use crate::{Engine, TENANT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_access::RoleId;
use dossier_crypto::{constant_time_eq, mac, open_system, seal_system, sha256, verify_mac};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{LoginRow, Op, Read, WriteSet};
use serde::{Deserialize, Serialize};

/// What a row is: a session, a link by which somebody sets themselves up, or that who sits in a session was proved anew
/// (`oauth/grant.rs` has one more).
pub(crate) const SESSION: u8 = 1;
pub(crate) const LINK: u8 = 2;
pub(crate) const PROOF: u8 = 3;

/// How the names of made-up people begin: of nobody else is less asked where a demo is served.
const DEMO: &str = "demo.";

/// A session is marked as used when its mark is older than this.
const MARK: i64 = 30 * Micros::SECOND;

/// What a request by cookie has to show besides, where it changes something.
#[derive(Clone, Default)]
pub struct Guard {
    /// Whether it changes something.
    pub changes: bool,
    /// What it repeats of [`Session::csrf`].
    pub csrf: Option<String>,
    /// Whether the browser says that another site has sent it.
    pub foreign: bool,
}

/// The session by which somebody asks.
#[derive(Clone)]
pub(crate) struct Sitting {
    pub hash: [u8; 32],
    pub begun: Micros,
    pub ends: Micros,
    pub last: Option<(i64, Option<String>)>,
}

/// What is sealed of a session.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct SessionBody {
    pub address: Option<String>,
    pub agent: Option<String>,
    /// The sign-in before this one.
    pub last: Option<(i64, Option<String>)>,
}

/// A person who just signed in.
pub struct SignedIn {
    /// What the browser may know.
    pub session: Session,
    /// The secret of the session: 256 random bits, of which only the hash is stored.
    pub cookie: String,
}

/// Who somebody is.
#[derive(Serialize)]
pub struct Me {
    /// TypeID `usr_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the team.
    pub team: String,
}

/// The sign-in before this one.
#[derive(Serialize)]
pub struct LastSignIn {
    /// When, RFC 3339.
    pub at: String,
    /// From which address.
    pub address: Option<String>,
}

/// A session as the browser knows it.
#[derive(Serialize)]
pub struct Session {
    /// Who signed in.
    pub user: Me,
    /// What every request that changes something repeats.
    pub csrf: String,
    /// When it began, RFC 3339.
    pub begun_at: String,
    /// Seconds without a request after which it ends.
    pub idle_seconds: u32,
    /// When it ends however much it is used, RFC 3339.
    pub ends_at: String,
    /// The sign-in before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<LastSignIn>,
    /// What has to be done before anything else: `password` (it has aged), `second_factor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must: Option<&'static str>,
    /// Whether the person has codes by time in force.
    pub totp: bool,
    /// How many passkeys the person has.
    pub passkeys: usize,
    /// What the roles allow at this moment, wherever.
    pub may: Vec<&'static str>,
    /// Whether everything in here is made up.
    pub demo: bool,
}

impl Engine {
    /// Tells who stands behind a cookie, and marks the session as used.
    ///
    /// # Errors
    /// `session_ended`, `csrf`; both are recorded.
    pub fn person(&self, origin: &Origin, cookie: &str, guard: &Guard) -> Result<Caller, Fault> {
        let caller = match self.find_person(origin, cookie) {
            Ok(caller) => caller,
            Err(fault) if fault.status() == 401 => {
                self.guarded::<()>(&system_caller(origin), Deed::View, |_| Err(fault.clone().into()))?;
                return Err(fault);
            }
            Err(fault) => return Err(fault),
        };
        if guard.changes && (guard.foreign || !self.csrf_fits(&caller, guard.csrf.as_deref())) {
            self.guarded::<()>(&caller, Deed::OwnSession, |_| Err(Fault::new("csrf").into()))?;
        }
        Ok(caller)
    }

    fn find_person(&self, origin: &Origin, cookie: &str) -> Result<Caller, Fault> {
        let ended = || Fault::new("session_ended");
        let secret = URL_SAFE_NO_PAD.decode(cookie).map_err(|_| ended())?;
        if secret.len() != 32 {
            return Err(ended());
        }
        let hash = sha256(&secret);
        let read = self.store.read()?;
        // Whatever another process has changed holds for this request.
        self.adopt(&*read)?;
        let row = self.good_login(&*read, &hash, SESSION)?.ok_or_else(ended)?;
        drop(read);
        let now = self.clock.now();
        if !self.is_alive(&row, now) {
            return Err(ended());
        }
        let snapshot = self.snapshot();
        let user = snapshot.users.get(&row.subject).filter(|user| !user.body.disabled).ok_or_else(ended)?;
        if now.0 - row.used.0 > MARK {
            self.mark_used(&row, now)?;
        }
        let body = self.session_body(&row)?;
        Ok(person_caller(origin, row.subject, &user.body, &row, body.last))
    }

    /// Ended meanwhile, it stays ended: only a row that is there is marked.
    fn mark_used(&self, row: &LoginRow, now: Micros) -> Result<(), Fault> {
        let mac = self.login_mac(&LoginRow { used: now, ..row.clone() });
        let set = WriteSet::new(TENANT).op(Op::UseLogin { hash: row.hash, used: now, mac });
        match self.store.commit(set).wait() {
            Ok(_) => Ok(()),
            Err(error) => Err(again(error).map_or_else(|stop| stop, |other| unexpected(&other)).into_fault()),
        }
    }

    /// Whether neither of its times has run out.
    pub(crate) fn is_alive(&self, row: &LoginRow, now: Micros) -> bool {
        let idle = i64::from(self.settings.sign_in.idle_seconds) * Micros::SECOND;
        now < row.expires && now.0 < row.used.0.saturating_add(idle) && issued_by(row.used, now)
    }

    /// A new session: its row and the secret that goes to the browser.
    pub(crate) fn new_session(
        &self,
        id: Uid,
        now: Micros,
        body: &SessionBody,
    ) -> Result<(LoginRow, String), Fault> {
        let ends = now.plus(i64::from(self.settings.sign_in.session_seconds) * Micros::SECOND);
        self.new_login(SESSION, id, now, ends, body)
    }

    pub(crate) fn new_login(
        &self,
        kind: u8,
        subject: Uid,
        now: Micros,
        expires: Micros,
        body: &impl Serialize,
    ) -> Result<(LoginRow, String), Fault> {
        let mut secret = [0; 32];
        self.entropy.fill(&mut secret);
        let row = self.login_row(sha256(&secret), kind, subject, (now, expires), body)?;
        Ok((row, URL_SAFE_NO_PAD.encode(secret)))
    }

    /// A row that is in force from the first of these times to the second.
    pub(crate) fn login_row(
        &self,
        hash: [u8; 32],
        kind: u8,
        subject: Uid,
        (now, expires): (Micros, Micros),
        body: &impl Serialize,
    ) -> Result<LoginRow, Fault> {
        self.used_login_row(hash, kind, subject, (now, now, expires), body)
    }

    /// A row that was used since: begun, used, ends.
    pub(crate) fn used_login_row(
        &self,
        hash: [u8; 32],
        kind: u8,
        subject: Uid,
        (issued, used, expires): (Micros, Micros, Micros),
        body: &impl Serialize,
    ) -> Result<LoginRow, Fault> {
        let plain = serde_json::to_vec(body).map_err(|_| Fault::new("internal"))?;
        let body = seal_system(self.keyring.keys().system(), &context(&hash), &plain, &*self.entropy)?;
        let mut row = LoginRow { hash, subject, kind, issued, used, expires, body, mac: [0; 16] };
        row.mac = self.login_mac(&row);
        Ok(row)
    }

    /// A row of a kind, if it is ours.
    pub(crate) fn good_login(
        &self,
        read: &dyn Read,
        hash: &[u8; 32],
        kind: u8,
    ) -> Result<Option<LoginRow>, Fault> {
        Ok(read.login(TENANT, hash)?.filter(|row| row.kind == kind && self.is_ours(row)))
    }

    /// Sessions of a person that are alive, newest first.
    pub(crate) fn sessions_of(&self, read: &dyn Read, id: Uid, now: Micros) -> Result<Vec<LoginRow>, Fault> {
        let mut rows = self.logins_of_kind(read, id, SESSION)?;
        rows.retain(|row| self.is_alive(row, now));
        Ok(rows)
    }

    /// Rows of a kind of a person that are ours, newest first.
    pub(crate) fn logins_of_kind(&self, read: &dyn Read, id: Uid, kind: u8) -> Result<Vec<LoginRow>, Fault> {
        let mut rows = read.logins_of(TENANT, id, 200)?;
        rows.retain(|row| row.kind == kind && self.is_ours(row));
        Ok(rows)
    }

    /// A row put into the table or edited by hand has no MAC of ours.
    fn is_ours(&self, row: &LoginRow) -> bool {
        let ours = verify_mac(self.keyring.keys().mechanics(), &login_bytes(row), &row.mac);
        if !ours {
            tracing::error!("a row of a sign-in was changed outside");
        }
        ours
    }

    fn login_mac(&self, row: &LoginRow) -> [u8; 16] {
        mac(self.keyring.keys().mechanics(), &login_bytes(row))
    }

    pub(crate) fn session_body(&self, row: &LoginRow) -> Result<SessionBody, Fault> {
        self.login_body(row)
    }

    pub(crate) fn login_body<T: serde::de::DeserializeOwned>(&self, row: &LoginRow) -> Result<T, Fault> {
        let damaged = || Fault::new("store_damaged");
        let plain = open_system(self.keyring.keys().system(), &context(&row.hash), &row.body);
        serde_json::from_slice(&plain.map_err(|_| damaged())?).map_err(|_| damaged())
    }

    fn csrf_of(&self, hash: &[u8; 32]) -> String {
        URL_SAFE_NO_PAD.encode(mac(self.keyring.keys().mechanics(), &[b"csrf/1\0".as_slice(), hash].concat()))
    }

    fn csrf_fits(&self, caller: &Caller, given: Option<&str>) -> bool {
        let of = caller.sitting.as_ref().map(|sitting| self.csrf_of(&sitting.hash));
        of.zip(given).is_some_and(|(of, given)| constant_time_eq(of.as_bytes(), given.as_bytes()))
    }

    /// The caller's own session.
    ///
    /// # Errors
    /// `people_only`.
    pub fn session(&self, caller: &Caller) -> Result<Session, Fault> {
        self.guarded(caller, Deed::OwnSession, |cx| {
            let (id, sitting) = cx.sitting()?;
            let shown = cx.session_shown(id, sitting)?;
            cx.record(Entry::done(Deed::OwnSession), Vec::new(), shown)
        })
    }
}

impl Context<'_> {
    /// Who asks by a session of their own: programs and the command line have none.
    pub(crate) fn sitting(&self) -> Result<(Uid, &Sitting), Fault> {
        match (&self.caller.principal, &self.caller.sitting) {
            (Principal::User(id), Some(sitting)) => Ok((*id, sitting)),
            _ => Err(Fault::new("people_only")),
        }
    }

    /// Refuses to leave a person without the second factor that their roles ask for.
    pub(crate) fn check_second_factor(&self, id: Uid, user: &UserBody) -> Result<(), Fault> {
        if !self.engine.must_take_up_second_factor(&self.snapshot, id, user) {
            return Ok(());
        }
        Err(Fault::new("second_factor_needed").with("role", self.snapshot.role_names(&user.roles).join("、")))
    }

    pub(crate) fn session_shown(&self, id: Uid, sitting: &Sitting) -> Result<Session, Fault> {
        let user = &self.snapshot.users.get(&id).ok_or_else(|| Fault::new("session_ended"))?.body;
        let settings = &self.engine.settings.sign_in;
        Ok(Session {
            user: Me {
                id: id.to_typeid("usr"),
                name: user.name.clone(),
                roles: self.snapshot.role_names(&user.roles),
                team: self.snapshot.team_name(user.team),
            },
            csrf: self.engine.csrf_of(&sitting.hash),
            begun_at: sitting.begun.to_string(),
            idle_seconds: settings.idle_seconds,
            ends_at: sitting.ends.to_string(),
            last_sign_in: sitting
                .last
                .as_ref()
                .map(|(at, address)| LastSignIn { at: Micros(*at).to_string(), address: address.clone() }),
            must: self.engine.must(&self.snapshot, id, user, self.now).map(Must::name),
            totp: user.totp.is_some(),
            passkeys: user.passkeys.len(),
            may: self.actions().iter().map(|action| action.name()).collect(),
            demo: settings.demo,
        })
    }
}

/// What a person has to do before anything else.
#[derive(Clone, Copy)]
pub(crate) enum Must {
    /// To choose another password, as this one has aged.
    Password,
    /// To take up codes by time or a passkey.
    SecondFactor,
}

impl Must {
    fn name(self) -> &'static str {
        match self {
            Must::Password => "password",
            Must::SecondFactor => "second_factor",
        }
    }

    /// Why nothing else is done.
    pub(crate) fn fault(self) -> Fault {
        Fault::new(match self {
            Must::Password => "must_password",
            Must::SecondFactor => "must_second_factor",
        })
    }
}

impl Engine {
    /// What a person has to do before anything else, if there is something.
    pub(crate) fn must(&self, snapshot: &Snapshot, id: Uid, user: &UserBody, now: Micros) -> Option<Must> {
        let profile = self.settings.sign_in.passwords;
        if user.password.as_ref().is_some_and(|kept| profile.is_aged(kept, now)) {
            return Some(Must::Password);
        }
        self.must_take_up_second_factor(snapshot, id, user).then_some(Must::SecondFactor)
    }

    /// Whether a person has to take up codes by time or a passkey before anything else: whoever has anything that is not
    /// of an exempt role, for a time or for good.
    pub(crate) fn must_take_up_second_factor(&self, snapshot: &Snapshot, id: Uid, user: &UserBody) -> bool {
        let settings = &self.settings.sign_in;
        let made_up = settings.demo && user.name.starts_with(DEMO);
        // A role of one's own exempts nobody: it can be given anything.
        let exempt = |role: &RoleId| matches!(role, RoleId::Fixed(role) if settings.second_factor_exempt.contains(role));
        let granted = |role: &RoleId| match snapshot.grant_rules(*role).map(|rules| &rules.inherits) {
            // The use of some dossiers is asked of its holder as of what they are otherwise.
            Some(none) if none.is_empty() => !user.roles.is_empty(),
            Some(roles) => roles.iter().all(exempt),
            None => false,
        };
        let all = user.roles.iter().all(exempt) && snapshot.granted(id).iter().all(granted);
        !made_up && !user.has_second_factor() && !all
    }
}

/// A person at work in a session.
pub(crate) fn person_caller(
    origin: &Origin,
    id: Uid,
    user: &UserBody,
    row: &LoginRow,
    last: Option<(i64, Option<String>)>,
) -> Caller {
    Caller {
        principal: Principal::User(id),
        name: user.name.clone(),
        origin: origin.clone(),
        session: row.hash.first_chunk().copied(),
        channel: Channel::Web,
        until: Some(row.expires),
        since: Some(row.issued),
        sitting: Some(Sitting { hash: row.hash, begun: row.issued, ends: row.expires, last }),
        through: None,
        approved: None,
    }
}

fn context(hash: &[u8; 32]) -> Vec<u8> {
    [b"login".as_slice(), hash].concat()
}

fn login_bytes(row: &LoginRow) -> Vec<u8> {
    to_cbor(160, |e| {
        e.array(8)?.str("login")?.bytes(&row.hash)?.bytes(&row.subject.0)?.u8(row.kind)?;
        e.i64(row.issued.0)?.i64(row.used.0)?.i64(row.expires.0)?.bytes(&sha256(&row.body))?;
        Ok(())
    })
}
