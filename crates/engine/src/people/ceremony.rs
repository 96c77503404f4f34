//! What an authenticator is asked, and whether its answer is good (WebAuthn level 3, §7).
//!
//! No server keeps a question: it goes to the browser sealed, with what it is for and when it was asked, and comes back with
//! the answer. It holds for five minutes and counts once, by any server, as the store takes down which was used. The answer
//! has to be to this origin, and the authenticator has to have seen that it is the right person: so a passkey is two factors.

use super::marks::{Mark, Used};
use crate::Engine;
use crate::clock::issued_by;
use crate::policy::{PasskeyBody, UserBody};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_crypto::{mac, open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::Op;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use std::time::Duration;
use webauthn_rs::prelude::{
    Credential, DiscoverableAuthentication, PublicKeyCredential, Url, Webauthn, WebauthnBuilder,
    WebauthnError,
};

/// How long a question can be answered, in seconds.
const LIFE: u32 = 300;
/// The questions that were answered, among the quotas: of each, one answer.
const ANSWERED: &str = "passkey/answered";

/// What a browser hands its authenticator.
#[derive(Serialize)]
pub struct Challenge {
    /// What goes back with the answer.
    pub challenge: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Json,
}

/// What a question is for; an answer to one counts for nothing else.
#[derive(Clone, Copy)]
pub(super) enum For<'a> {
    SignIn,
    /// To add a passkey, within this session.
    Add(&'a [u8; 32]),
    /// To show anew who sits in this session.
    Proof(&'a [u8; 32]),
}

impl For<'_> {
    fn context(self) -> Vec<u8> {
        let (name, session): (&[u8], &[u8]) = match self {
            For::SignIn => (b"sign in", &[]),
            For::Add(session) => (b"add", session),
            For::Proof(session) => (b"proof", session),
        };
        [b"passkey/1\0".as_slice(), name, b"\0", session].concat()
    }
}

/// What an authenticator answered, and whose passkey that is, as it says.
pub(super) struct Answer {
    pub owner: Uid,
    credential: PublicKeyCredential,
}

impl Answer {
    /// None where it is no answer.
    pub(super) fn read(given: &Map<String, Json>) -> Option<Answer> {
        let credential: PublicKeyCredential = serde_json::from_value(Json::Object(given.clone())).ok()?;
        let owner = Uid(credential.get_user_unique_id()?.try_into().ok()?);
        Some(Answer { owner, credential })
    }
}

/// Whether passkeys can be bound to an origin: one of a name (an address is no relying party's id) and over TLS, or of
/// `localhost`; as browsers write it, without anything behind it.
pub fn is_passkey_origin(origin: &str) -> bool {
    party_at(origin).is_some()
}

fn party_at(text: &str) -> Option<Webauthn> {
    let origin = Url::parse(text).ok()?;
    let host = origin.domain()?;
    let safe = origin.scheme() == "https" || origin.scheme() == "http" && host == "localhost";
    if !safe || origin.origin().ascii_serialization() != text {
        return None;
    }
    let builder = WebauthnBuilder::new(host, &origin).ok()?;
    builder.rp_name("Dossier").timeout(Duration::from_secs(LIFE.into())).build().ok()
}

impl Engine {
    /// Whom a passkey is for.
    ///
    /// # Errors
    /// `passkeys_off` where nobody said under which address people open the page.
    pub(super) fn relying_party(&self) -> Result<Webauthn, Fault> {
        let origin = self.settings.sign_in.origin.as_deref();
        origin.and_then(party_at).ok_or_else(|| Fault::new("passkeys_off"))
    }

    /// A question as it goes to the browser.
    pub(super) fn challenge(
        &self,
        what: For<'_>,
        now: Micros,
        options: &impl Serialize,
        state: &impl Serialize,
    ) -> Result<Challenge, Fault> {
        let broken = |_| Fault::new("internal");
        let plain = serde_json::to_vec(&(now.0, state)).map_err(broken)?;
        let system = self.keyring.keys();
        let sealed = seal_system(system.system(), &what.context(), &plain, &*self.entropy)?;
        let options = serde_json::to_value(options).map_err(broken)?;
        Ok(Challenge { challenge: URL_SAFE_NO_PAD.encode(sealed), options })
    }

    /// What was asked, if it was asked for this and its time has not run out; and the operation by which it counts once.
    pub(super) fn asked<T: DeserializeOwned>(
        &self,
        what: For<'_>,
        now: Micros,
        challenge: &str,
    ) -> Option<(T, Op)> {
        let sealed = URL_SAFE_NO_PAD.decode(challenge).ok()?;
        let keys = self.keyring.keys();
        let plain = open_system(keys.system(), &what.context(), &sealed).ok()?;
        let (at, state): (i64, T) = serde_json::from_slice(&plain).ok()?;
        let life = i64::from(LIFE) * Micros::SECOND;
        if now.0 >= at.saturating_add(life) || !issued_by(Micros(at), now) {
            return None;
        }
        let once = Op::TakeQuota {
            subject: Uid(mac(keys.mechanics(), &[ANSWERED.as_bytes(), b"\0", &sealed].concat())),
            name: ANSWERED.to_owned(),
            at: now,
            window_start: Micros(now.0.saturating_sub(2 * life)),
            limit: 1,
        };
        Some((state, once))
    }

    /// Whether an answer is good: then the mark of the person knows that the passkey was used.
    ///
    /// # Errors
    /// Why not, as the ledger says it.
    pub(super) fn check_answer(
        &self,
        user: &UserBody,
        mark: &mut Mark,
        state: DiscoverableAuthentication,
        answer: &Answer,
        now: Micros,
    ) -> Result<(), &'static str> {
        let given = &answer.credential;
        let own = |kept: &&PasskeyBody| kept.key.cred_id().as_slice() == given.get_credential_id();
        let kept = user.passkeys.iter().find(own).ok_or("unknown")?;
        let mut credential: Credential = kept.key.clone().into();
        let used = mark.passkeys.iter().find(|used| used.id == kept.id);
        credential.counter = credential.counter.max(used.map_or(0, |used| used.counter));
        let party = self.relying_party().map_err(|_| "off")?;
        let result = party.finish_discoverable_authentication_v2(given, state, &credential).map_err(why)?;
        if !result.user_verified() {
            return Err("unverified");
        }
        mark.passkeys.retain(|used| used.id != kept.id);
        mark.passkeys.push(Used { id: kept.id, counter: result.counter(), at: now.0 });
        Ok(())
    }
}

/// What was wrong, in a word. Whoever tried is told of none of them.
fn why(error: WebauthnError) -> &'static str {
    match error {
        WebauthnError::CredentialPossibleCompromise => "counter",
        WebauthnError::UserNotVerified => "unverified",
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash => "origin",
        WebauthnError::MismatchedChallenge => "challenge",
        _ => "answer",
    }
}
