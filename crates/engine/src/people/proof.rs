//! Showing anew who asks, before what must not be done by whoever finds a browser open or a program's token
//! ([`Deed::needs_proof`] says before what). A sign-in is such a proof, and so is the password or a passkey within the
//! session, for five minutes. The account of the operating system is its own proof.

use super::ceremony::{Answer, Challenge, For};
use super::marks::Marked;
use super::session::PROOF;
use crate::clock::issued_by;
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, TENANT};
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use dossier_store::{Conflict, Op, WriteSet};
use serde_json::{Map, Value as Json};

/// How long a proof is fresh.
const FRESH: i64 = 300 * Micros::SECOND;

/// What somebody shows.
pub enum OwnProof {
    /// The password.
    Password(String),
    /// The answer of a passkey to [`Engine::proof_challenge`].
    Passkey {
        /// [`Challenge::challenge`].
        challenge: String,
        /// `PublicKeyCredential.toJSON()`.
        credential: Map<String, Json>,
    },
}

/// Whether something was shown within the last five minutes.
pub(super) fn is_fresh(at: Micros, now: Micros) -> bool {
    (0..=FRESH).contains(&(now.0 - at.0))
}

/// Where the proof of a session lies among the sign-ins: nobody's secret leads there.
fn place(session: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"proof/1\0".as_slice(), session].concat())
}

impl Engine {
    /// What the caller's authenticator is asked.
    ///
    /// # Errors
    /// `people_only`, `passkeys_off`.
    pub fn proof_challenge(&self, caller: &Caller) -> Result<Challenge, Fault> {
        self.guarded(caller, Deed::ProofGive, |cx| {
            let (_, sitting) = cx.sitting()?;
            let asked = self.relying_party()?.start_discoverable_authentication();
            let (options, state) = asked.map_err(|_| Fault::new("internal"))?;
            let made = self.challenge(For::Proof(&sitting.hash), cx.now, &options.public_key, &state)?;
            let entry = Entry::done(Deed::ProofGive).note("step", Note::Text("begun".into()));
            commit(cx, WriteSet::new(TENANT), &entry, made)
        })
    }

    /// Takes a proof of who sits in the caller's session.
    ///
    /// # Errors
    /// `people_only`, `password_wrong`, `passkey_failed`, `passkeys_off`, `sign_in_throttled`, `overloaded`.
    pub fn give_proof(&self, caller: &Caller, proof: &OwnProof) -> Result<(), Fault> {
        match proof {
            OwnProof::Password(password) => {
                let proved = self.prove(caller, Deed::ProofGive, "password", password)?;
                self.guarded(caller, Deed::ProofGive, |cx| {
                    let (id, _) = cx.sitting()?;
                    proved.holds(cx.user(id)?)?;
                    take(cx, "password", Vec::new(), ())
                })
            }
            OwnProof::Passkey { challenge, credential } => {
                let attempt = self.attempt_of(caller, Deed::ProofGive)?;
                let answer = Answer::read(credential);
                self.guarded(caller, Deed::ProofGive, |cx| {
                    let (id, sitting) = cx.sitting()?;
                    self.relying_party()?;
                    let asked = self.asked(For::Proof(&sitting.hash), cx.now, challenge);
                    let Some((state, once)) = asked else { return refuse(cx, "challenge", Vec::new()) };
                    let mut marked = Marked::of(self, &*cx.read()?, id)?;
                    let own = answer.as_ref().filter(|answer| answer.owner == id).ok_or("unknown");
                    let user = cx.user(id)?;
                    let good =
                        own.and_then(|own| self.check_answer(user, &mut marked.mark, state, own, cx.now));
                    if let Err(why) = good {
                        return refuse(cx, why, vec![once]);
                    }
                    let ops = attempt.given_back().chain([once, marked.put(self)?]).collect();
                    take(cx, "passkey", ops, Ok(()))
                })?
            }
        }
    }

    /// Refuses a caller who has not shown lately who that is.
    ///
    /// # Errors
    /// `proof_needed`.
    pub(crate) fn check_proof(&self, caller: &Caller, now: Micros) -> Result<(), Fault> {
        if caller.since.is_none_or(|since| is_fresh(since, now)) {
            return Ok(());
        }
        let needed = || Fault::new("proof_needed");
        let sitting = caller.sitting.as_ref().ok_or_else(needed)?;
        let row = self.good_login(&*self.store.read()?, &place(&sitting.hash), PROOF)?;
        let row = row.filter(|row| now < row.expires && issued_by(row.issued, now));
        row.map(drop).ok_or_else(needed)
    }
}

/// Takes down that it was shown, in place of an earlier proof.
fn take<T>(cx: &Context<'_>, with: &'static str, ops: Vec<Op>, answer: T) -> Result<Recorded<T>, Stop> {
    let (id, sitting) = cx.sitting()?;
    let hash = place(&sitting.hash);
    let row = cx.engine.login_row(hash, PROOF, id, (cx.now, cx.now.plus(FRESH)), &())?;
    let mut set = WriteSet::new(TENANT).op(Op::DeleteLogin { hash }).op(Op::PutLogin(row));
    set.ops.extend(ops);
    let entry = Entry::done(Deed::ProofGive).note("with", Note::Text(with.to_owned()));
    commit(cx, set, &entry, answer)
}

/// Takes down what was wrong with a passkey's answer, and that its question was answered.
fn refuse(cx: &Context<'_>, why: &'static str, ops: Vec<Op>) -> Result<Recorded<Result<(), Fault>>, Stop> {
    let fault = Fault::new("passkey_failed");
    let entry = Entry::refused(Deed::ProofGive, &fault).note("with", Note::Text("passkey".into()));
    let mut set = WriteSet::new(TENANT);
    set.ops = ops;
    commit(cx, set, &entry.note("why", Note::Text(why.to_owned())), Err(fault))
}

fn commit<T>(cx: &Context<'_>, set: WriteSet, entry: &Entry, answer: T) -> Result<Recorded<T>, Stop> {
    match cx.commit(set, entry) {
        Ok(committed) => Ok(cx.committed(committed, answer)),
        Err(error) => match again(error)? {
            Conflict::Job { .. } => Err(Stop::Again),
            Conflict::Quota { .. } => Err(Fault::new("passkey_failed").into()),
            other => Err(unexpected(&other)),
        },
    }
}
