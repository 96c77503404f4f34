//! A code, and later a refresh token, for new tokens (RFC 6749 §4.1.3 and §6). Each is good once: who shows one again ends
//! what came of it, because one of the two who had it should not have had it (RFC 9700 §2.2.2 and §4.14).

use super::ClientProof;
use super::grant::{Grant, State, name_in};
use crate::auth::system_caller;
use crate::caller::{Caller, Origin, Principal};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::people::{Marked, name_of};
use crate::policy::ClientBody;
use crate::{Engine, TENANT};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::{constant_time_eq, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{CommitError, Conflict, Op, WriteSet};
use serde::Serialize;

/// A code with what it was asked for with.
pub struct Redeem {
    /// The code.
    pub code: String,
    /// The same redirect URI as before.
    pub redirect_uri: String,
    /// What the challenge was made of.
    pub code_verifier: String,
}

/// Tokens for acting for somebody, given out once.
#[derive(Serialize)]
pub struct Tokens {
    /// The bearer token.
    pub access_token: String,
    /// Seconds until it ends.
    pub expires_in: u32,
    /// For new ones, once.
    pub refresh_token: String,
}

type Outcome = Result<Tokens, Fault>;

impl Engine {
    /// Gives tokens for a code.
    ///
    /// # Errors
    /// `oauth_invalid_client`, `oauth_unauthorized_client`; `oauth_invalid_grant` whatever is wrong with the code.
    pub fn redeem_code(&self, origin: &Origin, proof: &ClientProof, ask: &Redeem) -> Result<Tokens, Fault> {
        self.by_program(origin, proof, Deed::OauthToken, |cx, client| {
            let grant = found(cx, client, &ask.code)?;
            match &grant.body.state {
                State::Held { code, .. } if grant.is(code) => replayed(cx, Deed::OauthToken, &grant),
                State::Asked { code, redirect, challenge }
                    if grant.is(code) && self.lasts(&grant.row, cx.now) =>
                {
                    if *redirect != ask.redirect_uri || !fits(&ask.code_verifier, challenge) {
                        return end(cx, Deed::OauthToken, &grant, &Fault::new("oauth_invalid_grant"), None);
                    }
                    // From the answer on: a code is good for seconds alone.
                    let most = i64::from(self.settings.refresh_seconds) * Micros::SECOND;
                    issue(cx, Deed::OauthToken, &grant, &ask.code, *code, cx.now.plus(most))
                }
                _ => Err(invalid().into()),
            }
        })?
    }

    /// Gives new tokens for a refresh token; the ones before end.
    ///
    /// # Errors
    /// As [`Engine::redeem_code`].
    pub fn refresh_tokens(&self, origin: &Origin, proof: &ClientProof, token: &str) -> Result<Tokens, Fault> {
        self.by_program(origin, proof, Deed::OauthRefresh, |cx, client| {
            let grant = found(cx, client, token)?;
            let State::Held { code, refresh, access, .. } = &grant.body.state else {
                return Err(invalid().into());
            };
            if grant.is(access) || grant.is(code) || !self.lasts(&grant.row, cx.now) {
                // Another thing than a refresh token, or too late: nothing tells that two have it.
                return Err(invalid().into());
            }
            if !grant.is(refresh) {
                return replayed(cx, Deed::OauthRefresh, &grant);
            }
            issue(cx, Deed::OauthRefresh, &grant, token, *code, grant.row.expires)
        })?
    }

    /// Carries out what a program asks for under its own name.
    pub(super) fn by_program<T>(
        &self,
        origin: &Origin,
        proof: &ClientProof,
        deed: Deed,
        run: impl Fn(&Context<'_>, Uid) -> Result<Recorded<T>, Stop>,
    ) -> Result<T, Fault> {
        self.refresh()?;
        let Some(id) = self.proved_client(proof) else {
            return self
                .guarded(&system_caller(origin), deed, |_| Err(Fault::new("oauth_invalid_client").into()));
        };
        let caller = Caller { principal: Principal::Client(id), ..system_caller(origin) };
        self.guarded(&caller, deed, |cx| run(cx, id))
    }

    /// The program that a proof is of: by its secret, or without one where it has none.
    fn proved_client(&self, proof: &ClientProof) -> Option<Uid> {
        let snapshot = self.snapshot();
        let id = Uid::parse_typeid("cli", &proof.id);
        match &proof.secret {
            Some(secret) => id.filter(|id| self.secret_fits(&snapshot, *id, secret)),
            None => {
                let is_public = |client: &ClientBody| client.public && !client.disabled;
                id.filter(|id| snapshot.clients.get(id).is_some_and(|client| is_public(&client.body)))
            }
        }
    }
}

fn invalid() -> Fault {
    Fault::new("oauth_invalid_grant")
}

/// The grant of a token, if it is the program's and both it and its person may still go on.
fn found(cx: &Context<'_>, client: Uid, token: &str) -> Result<Grant, Stop> {
    let body = cx.snapshot.clients.get(&client).map(|client| &client.body);
    if body.is_none_or(|body| body.redirects.is_empty()) {
        return Err(Fault::new("oauth_unauthorized_client").into());
    }
    let grant = cx.engine.grant_of(&*cx.read()?, token)?.filter(|grant| grant.body.client == client);
    let grant = grant.ok_or_else(invalid)?;
    let person = cx.snapshot.users.get(&grant.row.subject).filter(|user| !user.body.disabled);
    person.map(|_| grant).ok_or_else(|| invalid().into())
}

/// Whether a verifier is what the challenge was made of (RFC 7636 §4.6).
fn fits(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let made = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && constant_time_eq(made.as_bytes(), challenge.as_bytes())
}

/// Writes the grant with new tokens, if it is still as it was found.
fn issue(
    cx: &Context<'_>,
    deed: Deed,
    grant: &Grant,
    token: &str,
    code: [u8; 32],
    expires: Micros,
) -> Result<Recorded<Outcome>, Stop> {
    let engine = cx.engine;
    let name = name_in(token);
    let (access, refresh) = (engine.fresh(&name), engine.fresh(&name));
    let lifetime = i64::from(engine.settings.token_lifetime_seconds) * Micros::SECOND;
    let until = cx.now.plus(lifetime).min(expires);
    let state =
        State::Held { code, refresh: refresh.hash, access: access.hash, issued: cx.now.0, until: until.0 };
    let row = engine.renew_grant(grant, cx.now, state, expires)?;
    // Whoever writes a grant writes the mark of its person too: its version decides between two.
    let read = cx.read()?;
    let marked = Marked::of(engine, &*read, row.subject)?;
    let now = read.login(TENANT, &row.hash)?;
    drop(read);
    if now.is_none_or(|now| now != grant.row) {
        return Err(Stop::Again);
    }
    let set = WriteSet::new(TENANT)
        .op(Op::ExpectLogin { hash: row.hash })
        .op(marked.put(engine)?)
        .op(Op::PutLogin(row));
    let tokens =
        Tokens { access_token: access.text, expires_in: seconds(until, cx.now), refresh_token: refresh.text };
    commit(cx, set, &noted(Entry::done(deed), grant), Ok(tokens))
}

fn seconds(until: Micros, now: Micros) -> u32 {
    u32::try_from((until.0 - now.0) / Micros::SECOND).unwrap_or(0)
}

/// What was good once was shown again: nothing of the grant is good any more.
fn replayed(cx: &Context<'_>, deed: Deed, grant: &Grant) -> Result<Recorded<Outcome>, Stop> {
    end(cx, deed, grant, &Fault::new("oauth_replayed"), Some("token_replayed"))
}

fn end(
    cx: &Context<'_>,
    deed: Deed,
    grant: &Grant,
    why: &Fault,
    alarm: Option<&str>,
) -> Result<Recorded<Outcome>, Stop> {
    let mut entry = noted(Entry::refused(deed, why), grant);
    if let Some(alarm) = alarm {
        entry = entry.note("alarm", Note::Text(alarm.to_owned()));
    }
    commit(cx, WriteSet::new(TENANT).op(Op::DeleteLogin { hash: grant.row.hash }), &entry, Err(invalid()))
}

/// On whose behalf, and by which grant.
pub(super) fn noted(entry: Entry, grant: &Grant) -> Entry {
    entry
        .note("user", Note::Text(grant.row.subject.to_typeid("usr")))
        .note("grant", Note::Text(name_of(&grant.row)))
}

fn commit(
    cx: &Context<'_>,
    set: WriteSet,
    entry: &Entry,
    answer: Outcome,
) -> Result<Recorded<Outcome>, Stop> {
    match cx.commit(set, entry) {
        Ok(committed) => Ok(cx.committed(committed, answer)),
        // Somebody was faster, or the grant has ended meanwhile: it is looked at once more.
        Err(CommitError::Conflict(Conflict::Job { .. } | Conflict::Login)) => Err(Stop::Again),
        Err(error) => Err(unexpected(&again(error)?)),
    }
}
