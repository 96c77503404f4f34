//! Signing in and telling who calls.

use crate::caller::{Caller, Channel, Origin, Principal, Through};
use crate::clock::issued_by;
use crate::context::{again, unexpected};
use crate::ledger::entry::{Deed, Entry};
use crate::oauth::Grant;
use crate::policy::Snapshot;
use crate::seal::to_cbor;
use crate::{Engine, TENANT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::{hash_secret, mac, sha256, verify_mac, verify_secret};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Op, Read, SessionRow, WriteSet};
use serde::Serialize;

/// An access token, given out once.
#[derive(Serialize)]
pub struct Token {
    /// The bearer token: 256 random bits, of which only the hash is stored.
    pub access_token: String,
    /// Seconds until it ends.
    pub expires_in: u32,
}

impl Engine {
    /// Signs a program in by its id and secret (OAuth 2 client credentials).
    ///
    /// # Errors
    /// `oauth_invalid_client`, the same whether the id is unknown, disabled, or the secret wrong.
    pub fn sign_in(&self, origin: &Origin, client_id: &str, secret: &str) -> Result<Token, Fault> {
        let id = Uid::parse_typeid("cli", client_id);
        // A program that another process has just added can sign in at once.
        self.refresh()?;
        let known = id.filter(|id| self.secret_fits(&self.snapshot(), *id, secret));
        let mut token = [0; 32];
        self.entropy.fill(&mut token);
        let hash = sha256(&token);
        let mut caller = system_caller(origin);
        if let Some(id) = known {
            caller.principal = Principal::Client(id);
            caller.session = hash.first_chunk().copied();
        }
        self.guarded(&caller, Deed::SignIn, |cx| {
            let Some(subject) = known else { return Err(Fault::new("oauth_invalid_client").into()) };
            if cx.snapshot.clients.get(&subject).is_none_or(|client| !client.body.own_tokens) {
                return Err(Fault::new("oauth_unauthorized_client").into());
            }
            let lifetime = self.settings.token_lifetime_seconds;
            let expires = cx.now.plus(i64::from(lifetime) * Micros::SECOND);
            let mut session =
                SessionRow { hash, subject, subject_kind: 2, issued: cx.now, expires, mac: [0; 16] };
            session.mac = mac(self.keyring.keys().mechanics(), &session_bytes(&session));
            let set =
                WriteSet::new(TENANT).op(Op::PutSession(session)).op(Op::PruneSessions { before: cx.now });
            match cx.commit(set, &Entry::done(Deed::SignIn)) {
                Ok(committed) => {
                    let access_token = URL_SAFE_NO_PAD.encode(token);
                    Ok(cx.committed(committed, Token { access_token, expires_in: lifetime }))
                }
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    pub(crate) fn secret_fits(&self, snapshot: &Snapshot, id: Uid, secret: &str) -> bool {
        let Ok(secret) = URL_SAFE_NO_PAD.decode(secret) else { return false };
        let client = snapshot.clients.get(&id).filter(|client| !client.body.disabled);
        // An unknown id costs the same comparison as a known one.
        let hash = client.map_or([0; 32], |client| client.body.secret_hash);
        verify_secret(&secret, &hash) && client.is_some()
    }

    /// Tells who stands behind a bearer token.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`; both are recorded.
    pub fn caller(&self, origin: &Origin, bearer: &str) -> Result<Caller, Fault> {
        match self.find_caller(origin, bearer) {
            Ok(caller) => Ok(caller),
            Err(fault) if fault.status() == 401 => {
                self.guarded::<()>(&system_caller(origin), Deed::View, |_| Err(fault.clone().into()))?;
                Err(fault)
            }
            Err(fault) => Err(fault),
        }
    }

    fn find_caller(&self, origin: &Origin, bearer: &str) -> Result<Caller, Fault> {
        let unknown = || Fault::new("unauthenticated");
        let read = self.store.read()?;
        // Whatever another process has changed holds for this request.
        self.adopt(&*read)?;
        let Some(session) = self.session_row(&*read, bearer)? else {
            let grant = self.grant_of(&*read, bearer)?.ok_or_else(unknown)?;
            return self.by_grant(origin, &grant);
        };
        drop(read);
        if !is_good(&session, self.clock.now()) {
            return Err(Fault::new("token_expired"));
        }
        let snapshot = self.snapshot();
        let client =
            snapshot.clients.get(&session.subject).filter(|c| !c.body.disabled).ok_or_else(unknown)?;
        Ok(Caller {
            principal: Principal::Client(session.subject),
            name: client.body.name.clone(),
            origin: origin.clone(),
            session: session.hash.first_chunk().copied(),
            channel: Channel::Api,
            until: Some(session.expires),
            since: Some(session.issued),
            sitting: None,
            through: None,
            approved: None,
        })
    }

    /// The row of a program's own token, if it is ours.
    fn session_row(&self, read: &dyn Read, bearer: &str) -> Result<Option<SessionRow>, Fault> {
        let Some(token) = URL_SAFE_NO_PAD.decode(bearer).ok().filter(|token| token.len() == 32) else {
            return Ok(None);
        };
        let Some(session) = read.session(TENANT, &sha256(&token))? else { return Ok(None) };
        // A row put into the table by hand has no MAC of ours.
        let ours = verify_mac(self.keyring.keys().mechanics(), &session_bytes(&session), &session.mac);
        if !ours {
            tracing::error!("a session row was changed outside");
        }
        Ok(Some(session).filter(|_| ours))
    }

    /// The same, while it lasts.
    pub(crate) fn good_session(
        &self,
        read: &dyn Read,
        bearer: &str,
        now: Micros,
    ) -> Result<Option<SessionRow>, Fault> {
        Ok(self.session_row(read, bearer)?.filter(|session| is_good(session, now)))
    }

    /// The person who lets a program act, by it.
    fn by_grant(&self, origin: &Origin, grant: &Grant) -> Result<Caller, Fault> {
        let (since, until) = grant.access(self, self.clock.now())?;
        let (snapshot, person, client) = (self.snapshot(), grant.row.subject, grant.body.client);
        let user = snapshot.users.get(&person).filter(|user| !user.body.disabled);
        let program = snapshot.clients.get(&client).filter(|client| !client.body.disabled);
        let (user, _) = user.zip(program).ok_or_else(|| Fault::new("unauthenticated"))?;
        Ok(Caller {
            principal: Principal::User(person),
            name: user.body.name.clone(),
            origin: origin.clone(),
            session: grant.row.hash.first_chunk().copied(),
            channel: Channel::Api,
            until: Some(until),
            since: Some(since),
            sitting: None,
            through: Some(Through { client, grant: Some(grant.row.hash) }),
            approved: None,
        })
    }

    /// The account of the operating system that works on the command line, on behalf of a user where one is named.
    /// The name is not proved by anything; the ledger says so by naming the account first.
    ///
    /// # Errors
    /// `user_not_found`.
    pub fn operator(&self, origin: &Origin, uid: u32, as_user: Option<&str>) -> Result<Caller, Fault> {
        let behalf = match as_user {
            None => None,
            Some(text) => {
                self.refresh()?;
                let snapshot = self.snapshot();
                let (id, _) = snapshot.user(text).ok_or_else(|| Fault::new("user_not_found").field("as"))?;
                Some(id)
            }
        };
        Ok(Caller {
            principal: Principal::Os(uid, behalf),
            name: format!("os:{uid}"),
            origin: origin.clone(),
            session: None,
            channel: Channel::CommandLine,
            until: None,
            since: None,
            sitting: None,
            through: None,
            approved: None,
        })
    }
}

/// The server itself as a caller: it has the rights of the command line, and reads no record.
pub(crate) fn system_caller(origin: &Origin) -> Caller {
    Caller {
        principal: Principal::System,
        name: "system".to_owned(),
        origin: origin.clone(),
        session: None,
        channel: Channel::CommandLine,
        until: None,
        since: None,
        sitting: None,
        through: None,
        approved: None,
    }
}

fn is_good(session: &SessionRow, now: Micros) -> bool {
    now < session.expires && issued_by(session.issued, now)
}

fn session_bytes(session: &SessionRow) -> Vec<u8> {
    to_cbor(96, |e| {
        e.array(5)?.bytes(&session.hash)?.bytes(&session.subject.0)?.u8(session.subject_kind)?;
        e.i64(session.issued.0)?.i64(session.expires.0)?;
        Ok(())
    })
}

/// A new client secret and its hash.
pub(crate) fn new_secret(engine: &Engine) -> (String, [u8; 32]) {
    let mut secret = [0; 32];
    engine.entropy.fill(&mut secret);
    (URL_SAFE_NO_PAD.encode(secret), hash_secret(&secret))
}
