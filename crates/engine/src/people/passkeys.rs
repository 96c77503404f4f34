//! A person's own passkeys: adding, naming, removing them.

use super::ceremony::{Challenge, For};
use super::marks::Marked;
use crate::admin::{Writing, check_free, name_of};
use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::{PasskeyBody, USER, UserBody};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Op, WriteSet};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential, Uuid};

/// What their ids begin with.
const PREFIX: &str = "pky";
/// Most of one person.
const MOST: usize = 20;

/// A passkey that is to be added.
pub struct NewPasskey {
    /// What its person calls it.
    pub name: String,
    /// What the authenticator was asked: [`Challenge::challenge`].
    pub challenge: String,
    /// Its answer, as `PublicKeyCredential.toJSON()` gives it.
    pub credential: Map<String, Json>,
}

/// A passkey, as its person sees it.
#[derive(Serialize)]
pub struct PasskeyShown {
    /// TypeID `pky_…`.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// When it was added, RFC 3339.
    pub created_at: String,
    /// When it was last used, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<String>,
}

impl Engine {
    /// The caller's passkeys, in the order in which they were added.
    ///
    /// # Errors
    /// `people_only`.
    pub fn passkeys(&self, caller: &Caller) -> Result<Vec<PasskeyShown>, Fault> {
        self.guarded(caller, Deed::OwnLook, |cx| {
            let (id, _) = cx.sitting()?;
            let marked = Marked::of(self, &*cx.read()?, id)?;
            let shown = cx.user(id)?.passkeys.iter().map(|kept| shown(kept, &marked)).collect();
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), shown)
        })
    }

    /// What the caller's authenticator is asked in order to make a passkey.
    ///
    /// # Errors
    /// `people_only`, `proof_needed`, `passkeys_off`, `passkeys_full`.
    pub fn begin_passkey(&self, caller: &Caller) -> Result<Challenge, Fault> {
        self.guarded(caller, Deed::PasskeyAdd, |cx| {
            let (id, sitting) = cx.sitting()?;
            let party = self.relying_party()?;
            let user = cx.user(id)?;
            check_room(user)?;
            let there = user.passkeys.iter().map(|kept| kept.key.cred_id().clone()).collect();
            let asked =
                party.start_passkey_registration(Uuid::from_bytes(id.0), &user.name, &user.name, Some(there));
            let (options, state) = asked.map_err(|_| Fault::new("internal"))?;
            let mut options =
                serde_json::to_value(&options.public_key).map_err(|_| Fault::new("internal"))?;
            // One that signs in without the name says by itself whose it is.
            if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Json::as_object_mut) {
                selection.insert("residentKey".to_owned(), Json::from("required"));
                selection.insert("requireResidentKey".to_owned(), Json::from(true));
            }
            let made = self.challenge(For::Add(&sitting.hash), cx.now, &options, &state)?;
            let entry = Entry::done(Deed::PasskeyAdd).note("step", Note::Text("begun".into()));
            match cx.commit(WriteSet::new(TENANT), &entry) {
                Ok(committed) => Ok(cx.committed(committed, made)),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// Adds a passkey; all other sessions end with it, as they began without.
    ///
    /// # Errors
    /// `people_only`, `proof_needed`, `passkeys_off`, `passkeys_full`, `passkey_failed`, `value_length`, `name_taken`.
    pub fn add_passkey(&self, caller: &Caller, new: &NewPasskey) -> Result<PasskeyShown, Fault> {
        self.guarded(caller, Deed::PasskeyAdd, |cx| {
            let (id, sitting) = cx.sitting()?;
            let party = self.relying_party()?;
            let (version, user) = cx.user_version(id)?;
            check_room(user)?;
            let name = free_name(user, &new.name, None)?;
            let failed = || Fault::new("passkey_failed");
            let asked = self.asked(For::Add(&sitting.hash), cx.now, &new.challenge);
            let (state, once): (PasskeyRegistration, Op) = asked.ok_or_else(failed)?;
            let given = serde_json::from_value(Json::Object(new.credential.clone()));
            let given: RegisterPublicKeyCredential = given.map_err(|_| failed())?;
            let key = party.finish_passkey_registration(&given, &state).map_err(|error| {
                tracing::warn!(%error, "a passkey is not taken");
                failed()
            })?;
            let mut all = cx.snapshot.users.values().flat_map(|user| &user.body.passkeys);
            if all.any(|kept| kept.key.cred_id() == key.cred_id()) {
                return Err(failed().into());
            }
            let kept = PasskeyBody { id: new_id(cx.now, &*self.entropy).0, name, added: cx.now.0, key };
            let answer = shown(&kept, &Marked::of(self, &*cx.read()?, id)?);
            let mut body = user.clone();
            body.passkeys.push(kept);
            let ops = vec![once, Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) }];
            let step = Some("confirmed");
            write(cx, Own { deed: Deed::PasskeyAdd, id, version, body, step, ops }, answer)
        })
    }

    /// Calls a passkey of the caller something else.
    ///
    /// # Errors
    /// `people_only`, `not_found`, `value_length`, `name_taken`.
    pub fn rename_passkey(&self, caller: &Caller, which: &str, name: &str) -> Result<PasskeyShown, Fault> {
        self.guarded(caller, Deed::PasskeyChange, |cx| {
            let (id, _) = cx.sitting()?;
            let (version, user) = cx.user_version(id)?;
            let at = position(user, which)?;
            let mut body = user.clone();
            let missing = || Fault::new("not_found");
            let kept = body.passkeys.get_mut(at).ok_or_else(missing)?;
            kept.name = free_name(user, name, Some(kept.id))?;
            let answer = shown(kept, &Marked::of(self, &*cx.read()?, id)?);
            let own = Own { deed: Deed::PasskeyChange, id, version, body, step: None, ops: Vec::new() };
            write(cx, own, answer)
        })
    }

    /// Removes a passkey of the caller; all other sessions end with it.
    ///
    /// # Errors
    /// `people_only`, `proof_needed`, `not_found`; `second_factor_needed` where it is the last second factor of somebody who
    /// has to have one.
    pub fn remove_passkey(&self, caller: &Caller, which: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::PasskeyRemove, |cx| {
            let (id, sitting) = cx.sitting()?;
            let (version, user) = cx.user_version(id)?;
            let at = position(user, which)?;
            let mut body = user.clone();
            body.passkeys.remove(at);
            cx.check_second_factor(id, &body)?;
            let ops = vec![Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) }];
            write(cx, Own { deed: Deed::PasskeyRemove, id, version, body, step: None, ops }, ())
        })
    }
}

/// A person's own record that is to be written.
struct Own {
    deed: Deed,
    id: Uid,
    version: u32,
    body: UserBody,
    step: Option<&'static str>,
    ops: Vec<Op>,
}

fn write<T>(cx: &Context<'_>, own: Own, answer: T) -> Result<crate::context::Recorded<T>, Stop> {
    let Own { deed, id, version, body, step, ops } = own;
    let writing = Writing { deed, kind: USER, id, expect: version, body: &body, step, difference: None, ops };
    Ok(cx.committed(cx.write_security(writing)?, answer))
}

fn shown(kept: &PasskeyBody, marked: &Marked) -> PasskeyShown {
    let used = marked.mark.passkeys.iter().find(|used| used.id == kept.id);
    PasskeyShown {
        id: Uid(kept.id).to_typeid(PREFIX),
        name: kept.name.clone(),
        created_at: Micros(kept.added).to_string(),
        used_at: used.map(|used| Micros(used.at).to_string()),
    }
}

fn position(user: &UserBody, which: &str) -> Result<usize, Fault> {
    let id = Uid::parse_typeid(PREFIX, which);
    let at = user.passkeys.iter().position(|kept| Some(Uid(kept.id)) == id);
    at.ok_or_else(|| Fault::new("not_found"))
}

fn check_room(user: &UserBody) -> Result<(), Fault> {
    if user.passkeys.len() < MOST {
        return Ok(());
    }
    Err(Fault::new("passkeys_full").with("limit", MOST.to_string()))
}

/// A name that no other passkey of the person has.
fn free_name(user: &UserBody, name: &str, own: Option<[u8; 16]>) -> Result<String, Fault> {
    let name = name_of(name)?;
    let others = user.passkeys.iter().filter(|kept| Some(kept.id) != own);
    check_free(&name, others.map(|kept| kept.name.as_str()))?;
    Ok(name)
}
