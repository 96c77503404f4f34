//! A grant: one row among the sign-ins of its person. It begins with a code and goes on with tokens; each renewal writes
//! it anew, so that only the newest tokens are good and an older one is known as such.

use crate::Engine;
use crate::clock::issued_by;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::{constant_time_eq, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{LoginRow, Read};
use serde::{Deserialize, Serialize};

/// What the row is, among the sign-ins (`people/session.rs` has the others).
const GRANT: u8 = 4;
/// How long a code is good (RFC 6749 §4.1.2 has ten minutes at most, RFC 9700 as short as can be).
const CODE_SECONDS: i64 = 60;
/// Bytes of a token: which grant, and a secret of which only the hash is kept.
const NAME: usize = 16;
const SECRET: usize = 32;

type Hash = [u8; 32];

/// What is sealed of a grant.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub client: Uid,
    pub state: State,
}

/// How far it is. Each is the hash of the secret of its kind.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The code is out.
    Asked { code: Hash, redirect: String, challenge: String },
    /// The program has tokens.
    Held { code: Hash, refresh: Hash, access: Hash, issued: i64, until: i64 },
}

/// A grant as it was found by a token.
pub(crate) struct Grant {
    pub row: LoginRow,
    pub body: Body,
    presented: Hash,
}

/// A secret that is about to go out.
pub(super) struct Fresh {
    pub hash: Hash,
    pub text: String,
}

impl Grant {
    /// Whether this is what was presented.
    pub(super) fn is(&self, hash: &Hash) -> bool {
        constant_time_eq(&self.presented, hash)
    }

    /// When the access token that was presented was issued and ends, if it is one and the grant lasts.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`.
    pub(crate) fn access(&self, engine: &Engine, now: Micros) -> Result<(Micros, Micros), Fault> {
        let (issued, until) = match &self.body.state {
            State::Held { access, issued, until, .. } if self.is(access) => (Micros(*issued), Micros(*until)),
            _ => return Err(Fault::new("unauthenticated")),
        };
        let until = until.min(self.row.expires);
        if now >= until || !issued_by(issued, now) || !engine.lasts(&self.row, now) {
            return Err(Fault::new("token_expired"));
        }
        Ok((issued, until))
    }
}

impl Engine {
    /// Finds the grant that a token is of, whatever has become of the token.
    pub(crate) fn grant_of(&self, read: &dyn Read, token: &str) -> Result<Option<Grant>, Fault> {
        let Some(bytes) = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == NAME + SECRET)
        else {
            return Ok(None);
        };
        let (name, secret) = bytes.split_at(NAME);
        let Some(row) = self.good_login(read, &sha256(name), GRANT)? else { return Ok(None) };
        let body = self.login_body(&row)?;
        Ok(Some(Grant { row, body, presented: sha256(secret) }))
    }

    /// All grants of a person that have not ended, newest first.
    pub(super) fn grants_of(
        &self,
        read: &dyn Read,
        person: Uid,
        now: Micros,
    ) -> Result<Vec<(LoginRow, Body)>, Fault> {
        let rows = self.logins_of_kind(read, person, GRANT)?.into_iter();
        rows.filter(|row| self.lasts(row, now)).map(|row| Ok((row.clone(), self.login_body(&row)?))).collect()
    }

    /// Whether neither of the times of a grant has run out.
    pub(super) fn lasts(&self, row: &LoginRow, now: Micros) -> bool {
        let idle = i64::from(self.settings.refresh_idle_seconds) * Micros::SECOND;
        now < row.expires && now.0 < row.used.0.saturating_add(idle) && issued_by(row.used, now)
    }

    /// A new grant with its code.
    pub(super) fn begin_grant(
        &self,
        person: Uid,
        now: Micros,
        client: Uid,
        redirect: &str,
        challenge: &str,
    ) -> Result<(LoginRow, String), Fault> {
        let mut name = [0; NAME];
        self.entropy.fill(&mut name);
        let code = self.fresh(&name);
        let state =
            State::Asked { code: code.hash, redirect: redirect.to_owned(), challenge: challenge.to_owned() };
        let until = now.plus(CODE_SECONDS * Micros::SECOND);
        let row = self.login_row(sha256(&name), GRANT, person, (now, until), &Body { client, state })?;
        Ok((row, code.text))
    }

    /// The same grant with other tokens, written at this moment.
    pub(super) fn renew_grant(
        &self,
        grant: &Grant,
        now: Micros,
        state: State,
        expires: Micros,
    ) -> Result<LoginRow, Fault> {
        let LoginRow { hash, subject, issued, .. } = grant.row;
        let body = Body { client: grant.body.client, state };
        self.used_login_row(hash, GRANT, subject, (issued, now, expires), &body)
    }

    /// A secret for a grant, as a token.
    pub(super) fn fresh(&self, name: &[u8]) -> Fresh {
        let mut secret = [0; SECRET];
        self.entropy.fill(&mut secret);
        Fresh { hash: sha256(&secret), text: URL_SAFE_NO_PAD.encode([name, &secret].concat()) }
    }
}

/// The part of a token that says which grant it is of.
pub(super) fn name_in(token: &str) -> Vec<u8> {
    let mut bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    bytes.truncate(NAME);
    bytes
}
