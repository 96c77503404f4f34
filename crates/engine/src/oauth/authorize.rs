//! A program asks to act for somebody, and that person answers (RFC 6749 §4.1.1, RFC 7636, RFC 9207).

use super::FOR_PEOPLE;
use super::grant::State;
use super::redirect::known;
use crate::auth::system_caller;
use crate::caller::{Caller, Origin, Through};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::people::Marked;
use crate::policy::{ClientBody, Snapshot};
use crate::{Engine, TENANT};
use dossier_model::fault::{Fault, Lang};
use dossier_model::id::Uid;
use dossier_store::{Conflict, Op, WriteSet};
use serde::Serialize;
use webauthn_rs::prelude::Url;

/// Characters of a state, which is the program's own.
const STATE: usize = 512;
/// Programs that hold tokens for one person at a time; the oldest ends when another one begins.
const MOST: usize = 20;

/// What a program asks for, as it sent somebody's browser here.
#[derive(Clone, Default)]
#[allow(missing_docs)]
pub struct Authorize {
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub response_type: Option<String>,
    pub state: Option<String>,
    pub scope: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
}

/// What comes of a look at what a program asks for.
pub enum Checked {
    /// The person is asked.
    Ask,
    /// The browser goes back with a refusal, to this address.
    Back(String),
}

/// What a person is asked.
#[derive(Serialize)]
pub struct ProgramAsked {
    /// TypeID `cli_…`.
    pub client_id: String,
    /// The name of the program.
    pub name: String,
    /// Where the browser goes afterwards: scheme, host and port.
    pub back_to: String,
    /// What the program could do for the person at this moment.
    pub may: Vec<&'static str>,
}

/// A request of a program that is known.
struct Known<'s> {
    id: Uid,
    client: &'s ClientBody,
    back: Url,
    challenge: &'s str,
}

/// What is wrong with a request, and where the program is told; where that is not known nobody is sent anywhere.
struct Wrong {
    fault: Fault,
    back: Option<Box<Url>>,
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Wrong {
        Wrong { fault, back: None }
    }
}

impl Engine {
    /// Who gives out tokens, by the address under which people open the page.
    ///
    /// # Errors
    /// `oauth_off` where that is not known.
    pub fn issuer(&self) -> Result<&str, Fault> {
        self.settings.sign_in.origin.as_deref().ok_or_else(|| Fault::new("oauth_off"))
    }

    /// Looks at what a program asks for, before anybody has signed in.
    ///
    /// # Errors
    /// `oauth_client_unknown` where nobody may be sent back; `oauth_off`.
    pub fn check_authorize(&self, origin: &Origin, ask: &Authorize) -> Result<Checked, Fault> {
        self.refresh()?;
        let snapshot = self.snapshot();
        let Err(Wrong { fault, back }) = self.known(&snapshot, ask) else { return Ok(Checked::Ask) };
        let nobody = system_caller(origin);
        let refused = self.guarded::<()>(&nobody, Deed::OauthAuthorize, |_| Err(fault.clone().into())).err();
        // Where it could not be recorded, that is what is told.
        let refused = refused.unwrap_or(fault);
        match back.filter(|_| refused.status() < 500) {
            Some(back) => Ok(Checked::Back(self.refusal(*back, &refused, ask.state.as_deref())?)),
            None => Err(refused),
        }
    }

    /// What a person is asked, in words.
    ///
    /// # Errors
    /// `people_only`, `oauth_client_unknown` and what else is wrong with the request.
    pub fn program_asked(&self, caller: &Caller, ask: &Authorize) -> Result<ProgramAsked, Fault> {
        self.guarded(caller, Deed::OwnLook, |cx| {
            cx.sitting()?;
            let known = self.known(&cx.snapshot, ask).map_err(|wrong| wrong.fault)?;
            let asked = ProgramAsked {
                client_id: known.id.to_typeid("cli"),
                name: known.client.name.clone(),
                back_to: known.back.origin().ascii_serialization(),
                may: cx.may_by(known.id)?,
            };
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), asked)
        })
    }

    /// Lets a program act for the caller. The address to which the browser goes carries the code.
    ///
    /// # Errors
    /// As [`Engine::program_asked`], `proof_needed`.
    pub fn let_program(&self, caller: &Caller, ask: &Authorize) -> Result<String, Fault> {
        self.guarded(caller, Deed::OauthAuthorize, |cx| {
            let (person, _) = cx.sitting()?;
            let known = self.known(&cx.snapshot, ask).map_err(|wrong| wrong.fault)?;
            grant(cx, person, &known, ask.state.as_deref())
        })
    }

    /// Does not. The address tells the program so.
    ///
    /// # Errors
    /// As [`Engine::program_asked`].
    pub fn refuse_program(&self, caller: &Caller, ask: &Authorize) -> Result<String, Fault> {
        self.guarded(caller, Deed::OauthDecline, |cx| {
            cx.sitting()?;
            let known = self.known(&cx.snapshot, ask).map_err(|wrong| wrong.fault)?;
            let entry = Entry::done(Deed::OauthDecline).note("client", Note::Text(known.id.to_typeid("cli")));
            let back = self.refusal(known.back, &Fault::new("oauth_refused"), ask.state.as_deref())?;
            match cx.commit(WriteSet::new(TENANT), &entry) {
                Ok(committed) => Ok(cx.committed(committed, back)),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    fn known<'s>(&self, snapshot: &'s Snapshot, ask: &'s Authorize) -> Result<Known<'s>, Wrong> {
        self.issuer()?;
        let unknown = || Fault::new("oauth_client_unknown");
        let id = ask.client_id.as_deref().and_then(|id| Uid::parse_typeid("cli", id)).ok_or_else(unknown)?;
        let client = snapshot.clients.get(&id).map(|client| &client.body).filter(|client| !client.disabled);
        let client = client.ok_or_else(unknown)?;
        let redirect = ask.redirect_uri.as_deref().ok_or_else(unknown)?;
        let back = known(&client.redirects, redirect).ok_or_else(unknown)?;
        match challenge(ask) {
            Ok(challenge) => Ok(Known { id, client, back, challenge }),
            Err(fault) => Err(Wrong { fault, back: Some(Box::new(back)) }),
        }
    }

    /// The address that tells a program why it gets nothing (RFC 6749 §4.1.2.1).
    fn refusal(&self, back: Url, fault: &Fault, state: Option<&str>) -> Result<String, Fault> {
        let error = match fault.key {
            "oauth_refused" => "access_denied",
            "oauth_response_type" => "unsupported_response_type",
            "oauth_invalid_scope" => "invalid_scope",
            _ => "invalid_request",
        };
        let text = fault.text(Lang::En).replace(['"', '\\'], "'");
        self.sent_back(back, &[("error", error), ("error_description", &text)], state)
    }

    fn sent_back(&self, mut back: Url, with: &[(&str, &str)], state: Option<&str>) -> Result<String, Fault> {
        back.query_pairs_mut()
            .extend_pairs(with)
            .extend_pairs(state.filter(|state| is_state(state)).map(|state| ("state", state)))
            .append_pair("iss", self.issuer()?);
        Ok(back.into())
    }
}

impl Context<'_> {
    /// What a program could do for the caller at this moment.
    pub(super) fn may_by(&self, client: Uid) -> Result<Vec<&'static str>, Fault> {
        let by = Caller { through: Some(Through { client, grant: None }), ..self.caller.clone() };
        let actions = self.in_the_name_of(&by)?.actions();
        Ok(FOR_PEOPLE.iter().filter(|action| actions.has(**action)).map(|action| action.name()).collect())
    }
}

/// The challenge of a request that is otherwise as it has to be.
fn challenge(ask: &Authorize) -> Result<&str, Fault> {
    match ask.response_type.as_deref() {
        Some("code") => {}
        Some(_) => return Err(Fault::new("oauth_response_type")),
        None => return Err(Fault::new("oauth_invalid_request")),
    }
    if ask.scope.is_some() {
        // There are no scopes: what a program may do stands with its roles.
        return Err(Fault::new("oauth_invalid_scope"));
    }
    if ask.state.as_deref().is_some_and(|state| !is_state(state)) {
        return Err(Fault::new("oauth_invalid_request"));
    }
    let challenge = ask.code_challenge.as_deref().filter(|challenge| is_challenge(challenge));
    let hashed = ask.code_challenge_method.as_deref() == Some("S256");
    challenge.filter(|_| hashed).ok_or_else(|| Fault::new("oauth_pkce_needed"))
}

/// SHA-256 in base64url without padding (RFC 7636 §4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_state(text: &str) -> bool {
    text.len() <= STATE && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn grant(
    cx: &Context<'_>,
    person: Uid,
    known: &Known<'_>,
    state: Option<&str>,
) -> Result<Recorded<String>, Stop> {
    let engine = cx.engine;
    let read = cx.read()?;
    // Of two at once one counts again: both write the mark of the person, as it was when they counted.
    let marked = Marked::of(engine, &*read, person)?;
    let there = engine.grants_of(&*read, person, cx.now)?;
    drop(read);
    let (held, asked): (Vec<_>, Vec<_>) =
        there.into_iter().partition(|(_, body)| matches!(body.state, State::Held { .. }));
    let again_asked = asked.into_iter().filter(|(_, body)| body.client == known.id);
    let ended = held.into_iter().skip(MOST - 1).chain(again_asked).map(|(row, _)| row);
    let (row, code) = engine.begin_grant(person, cx.now, known.id, known.back.as_str(), known.challenge)?;
    let entry = Entry::done(Deed::OauthAuthorize)
        .note("client", Note::Text(known.id.to_typeid("cli")))
        .note("grant", Note::Text(crate::people::name_of(&row)));
    let mut set = WriteSet::new(TENANT).op(Op::PruneLogins { before: cx.now }).op(marked.put(engine)?);
    set.ops.extend(ended.map(|row| Op::DeleteLogin { hash: row.hash }));
    set = set.op(Op::PutLogin(row));
    let back = engine.sent_back(known.back.clone(), &[("code", &code)], state)?;
    match cx.commit(set, &entry) {
        Ok(committed) => Ok(cx.committed(committed, back)),
        Err(error) => match again(error)? {
            Conflict::Job { .. } => Err(Stop::Again),
            other => Err(unexpected(&other)),
        },
    }
}
