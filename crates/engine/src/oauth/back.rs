//! Programs give tokens back (RFC 7009) and ask about their own (RFC 7662).

use super::ClientProof;
use super::grant::{Grant, State};
use super::token::noted;
use crate::caller::Origin;
use crate::context::{Context, again, unexpected};
use crate::ledger::entry::{Deed, Entry};
use crate::policy::Snapshot;
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Op, Read, SessionRow, WriteSet};
use serde::Serialize;

/// What a program learns of a token: all of it is none where the token is not good, or not the program's own.
#[derive(Default, Serialize)]
pub struct Introspected {
    /// Whether it is good.
    pub active: bool,
    /// TypeID of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The person for whom it acts, or the program itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// `Bearer`, of an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Who gave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}

/// A good token of a program's own.
enum Own {
    Session(SessionRow),
    /// With its kind and times: an access token or a refresh token.
    Grant(Box<Grant>, Option<&'static str>, Micros, Micros),
}

impl Engine {
    /// Ends a token, and with a token for a person all of the same grant. One that is not good, or not the program's, is
    /// left; the program does not learn which.
    ///
    /// # Errors
    /// `oauth_invalid_client`.
    pub fn revoke_token(&self, origin: &Origin, proof: &ClientProof, token: &str) -> Result<(), Fault> {
        self.by_program(origin, proof, Deed::OauthRevoke, |cx, client| {
            let (op, entry) = match own(cx, client, token)? {
                Some(Own::Session(row)) => {
                    (Some(Op::DeleteSession { hash: row.hash }), Entry::done(Deed::OauthRevoke))
                }
                Some(Own::Grant(grant, ..)) => (
                    Some(Op::DeleteLogin { hash: grant.row.hash }),
                    noted(Entry::done(Deed::OauthRevoke), &grant),
                ),
                None => (None, Entry::done(Deed::OauthRevoke)),
            };
            let mut set = WriteSet::new(TENANT);
            set.ops.extend(op);
            match cx.commit(set, &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// Tells a program about a token of its own.
    ///
    /// # Errors
    /// `oauth_invalid_client`, also for a program without a secret: whoever asks would prove nothing.
    pub fn introspect(
        &self,
        origin: &Origin,
        proof: &ClientProof,
        token: &str,
    ) -> Result<Introspected, Fault> {
        self.by_program(origin, proof, Deed::OauthIntrospect, |cx, client| {
            if proof.secret.is_none() {
                return Err(Fault::new("oauth_invalid_client").into());
            }
            let found = own(cx, client, token)?;
            let entry = Entry::done(Deed::OauthIntrospect);
            let entry = match &found {
                Some(Own::Grant(grant, ..)) => noted(entry, grant),
                _ => entry,
            };
            let told = found.map_or_else(Introspected::default, |found| self.told(client, &found));
            cx.record(entry, Vec::new(), told)
        })
    }

    fn told(&self, client: Uid, found: &Own) -> Introspected {
        let client_id = client.to_typeid("cli");
        let (sub, token_type, iat, exp) = match found {
            Own::Session(row) => (client_id.clone(), Some("Bearer"), row.issued, row.expires),
            Own::Grant(grant, kind, issued, until) => {
                (grant.row.subject.to_typeid("usr"), *kind, *issued, *until)
            }
        };
        Introspected {
            active: true,
            client_id: Some(client_id),
            sub: Some(sub),
            token_type,
            iat: Some(iat.0 / Micros::SECOND),
            exp: Some(exp.0 / Micros::SECOND),
            iss: self.issuer().ok().map(str::to_owned),
        }
    }
}

/// A token, if it is good and the program's own.
fn own(cx: &Context<'_>, client: Uid, token: &str) -> Result<Option<Own>, Fault> {
    let engine = cx.engine;
    let read = engine.store.read()?;
    if let Some(row) = engine.good_session(&*read, token, cx.now)?.filter(|row| row.subject == client) {
        return Ok(Some(Own::Session(row)));
    }
    grant(cx.engine, &*read, &cx.snapshot, token, cx.now).map(|found| {
        found.filter(|found| matches!(found, Own::Grant(grant, ..) if grant.body.client == client))
    })
}

fn grant(
    engine: &Engine,
    read: &dyn Read,
    snapshot: &Snapshot,
    token: &str,
    now: Micros,
) -> Result<Option<Own>, Fault> {
    let Some(grant) = engine.grant_of(read, token)? else { return Ok(None) };
    let there = snapshot.users.get(&grant.row.subject).is_some_and(|user| !user.body.disabled);
    let State::Held { refresh, .. } = &grant.body.state else { return Ok(None) };
    if !there || !engine.lasts(&grant.row, now) {
        return Ok(None);
    }
    if grant.is(refresh) {
        let (issued, until) = (grant.row.used, grant.row.expires);
        return Ok(Some(Own::Grant(Box::new(grant), None, issued, until)));
    }
    Ok(grant
        .access(engine, now)
        .ok()
        .map(|(issued, until)| Own::Grant(Box::new(grant), Some("Bearer"), issued, until)))
}
