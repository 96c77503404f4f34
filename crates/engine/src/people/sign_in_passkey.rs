//! Signing in by a passkey, with or without the name.

use super::attempts::{Attempt, Tried};
use super::ceremony::{Answer, Challenge, For};
use super::marks::Marked;
use super::name_typed;
use super::session::SignedIn;
use super::sign_in::{Begin, Outcomes, Refused, begin, refuse};
use crate::Engine;
use crate::auth::system_caller;
use crate::caller::Origin;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::Deed;
use dossier_model::fault::Fault;
use dossier_store::Op;
use serde_json::{Map, Value as Json};
use webauthn_rs::prelude::DiscoverableAuthentication;

const PASSKEY: &str = "passkey";

/// What somebody signs in with.
pub struct SignInByPasskey {
    /// What the authenticator was asked: [`Challenge::challenge`].
    pub challenge: String,
    /// Its answer, as `PublicKeyCredential.toJSON()` gives it.
    pub credential: Map<String, Json>,
    /// The name, where one was typed: then it has to be that person's passkey.
    pub name: Option<String>,
    /// What the browser calls itself, shortened.
    pub agent: Option<String>,
    /// The cookie that the same browser still has: that session ends when this one begins.
    pub before: Option<String>,
}

impl Engine {
    /// What an authenticator is asked of somebody who wants to sign in. It tells nothing of anybody and changes nothing, so
    /// it is not recorded; the same is asked whoever it may be.
    ///
    /// # Errors
    /// `passkeys_off`.
    pub fn sign_in_challenge(&self) -> Result<Challenge, Fault> {
        let asked = self.relying_party()?.start_discoverable_authentication();
        let (options, state) = asked.map_err(|_| Fault::new("internal"))?;
        self.challenge(For::SignIn, self.clock.now(), &options.public_key, &state)
    }

    /// Signs a person in by a passkey.
    ///
    /// # Errors
    /// `sign_in_failed`, the same whatever was wrong; `sign_in_throttled`, `passkeys_off`.
    pub fn sign_in_by_passkey(&self, origin: &Origin, ask: &SignInByPasskey) -> Result<SignedIn, Fault> {
        let nobody = system_caller(origin);
        // A person that another process has just added can sign in at once.
        self.refresh()?;
        let answer = Answer::read(&ask.credential);
        let snapshot = self.snapshot();
        let owner = answer.as_ref().and_then(|answer| snapshot.users.get(&answer.owner));
        let name = owner.map(|user| user.body.name.as_str()).or(ask.name.as_deref());
        let attempt = match self.attempt(origin, name.map_or(Tried::Nobody, Tried::Name)) {
            Ok(attempt) => attempt,
            Err(fault) => return self.guarded(&nobody, Deed::SignIn, |_| Err(fault.clone().into())),
        };
        self.guarded(&nobody, Deed::SignIn, |cx| decide(cx, ask, answer.as_ref(), &attempt))?
    }
}

fn decide(
    cx: &Context<'_>,
    ask: &SignInByPasskey,
    answer: Option<&Answer>,
    attempt: &Attempt,
) -> Result<Recorded<Outcomes>, Stop> {
    let engine = cx.engine;
    engine.relying_party()?;
    let user = answer.and_then(|answer| Some((answer.owner, &cx.snapshot.users.get(&answer.owner)?.body)));
    let known = user.map(|(id, _)| id);
    let refuse = |why, ops: Vec<Op>| {
        let tried = Refused { known, given: PASSKEY, why: Some(why) };
        refuse(cx, tried, "sign_in_failed", ops)
    };
    let asked = engine.asked::<DiscoverableAuthentication>(For::SignIn, cx.now, &ask.challenge);
    let Some((state, once)) = asked else { return refuse("challenge", Vec::new()) };
    let named = |name: &str| ask.name.as_deref().is_none_or(|typed| name_typed(typed) == name);
    let user = user.filter(|(_, user)| !user.disabled && named(&user.name));
    let (Some(answer), Some((id, user))) = (answer, user) else { return refuse("unknown", vec![once]) };
    let mut marked = Marked::of(engine, &*cx.read()?, id)?;
    if let Err(why) = engine.check_answer(user, &mut marked.mark, state, answer, cx.now) {
        return refuse(why, vec![once]);
    }
    let ops = attempt.given_back().chain([once]).collect();
    let (agent, before) = (ask.agent.as_deref(), ask.before.as_deref());
    begin(cx, id, user, Begin { given: PASSKEY, marked, ops, agent, before })
}
