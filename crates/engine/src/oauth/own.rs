//! Which programs act for somebody, and withdrawing that.

use super::grant::State;
use crate::context::{again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::people::name_of;
use crate::{Caller, Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_store::{Op, WriteSet};
use serde::Serialize;

/// A program that holds tokens for the caller.
#[derive(Serialize)]
pub struct ProgramHeld {
    /// What the ledger calls the grant: 32 hexadecimal digits.
    pub id: String,
    /// TypeID `cli_…`.
    pub client_id: String,
    /// The name of the program.
    pub name: String,
    /// What it could do for the caller at this moment.
    pub may: Vec<&'static str>,
    /// When the caller let it, RFC 3339.
    pub since: String,
    /// When it last renewed its tokens, RFC 3339.
    pub used_at: String,
    /// When that ends however much it is used, RFC 3339.
    pub ends_at: String,
}

impl Engine {
    /// The programs that act for the caller, newest first.
    ///
    /// # Errors
    /// `people_only`.
    pub fn own_programs(&self, caller: &Caller) -> Result<Vec<ProgramHeld>, Fault> {
        self.guarded(caller, Deed::OwnLook, |cx| {
            let (person, _) = cx.sitting()?;
            let mut shown = Vec::new();
            for (row, body) in self.grants_of(&*cx.read()?, person, cx.now)? {
                let client = cx.snapshot.clients.get(&body.client).map(|client| &client.body);
                let Some(client) = client.filter(|client| !client.disabled) else { continue };
                if matches!(body.state, State::Asked { .. }) {
                    continue;
                }
                shown.push(ProgramHeld {
                    id: name_of(&row),
                    client_id: body.client.to_typeid("cli"),
                    name: client.name.clone(),
                    may: cx.may_by(body.client)?,
                    since: row.issued.to_string(),
                    used_at: row.used.to_string(),
                    ends_at: row.expires.to_string(),
                });
            }
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), shown)
        })
    }

    /// Ends what the caller once allowed a program: its tokens are good for nothing any more.
    ///
    /// # Errors
    /// `people_only`, `not_found`.
    pub fn withdraw_program(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.guarded(caller, Deed::OauthWithdraw, |cx| {
            let (person, _) = cx.sitting()?;
            let all = self.grants_of(&*cx.read()?, person, cx.now)?;
            let found = all.iter().find(|(row, _)| name_of(row) == id);
            let (row, body) = found.ok_or_else(|| Fault::new("not_found"))?;
            let entry = Entry::done(Deed::OauthWithdraw)
                .note("client", Note::Text(body.client.to_typeid("cli")))
                .note("grant", Note::Text(name_of(row)));
            match cx.commit(WriteSet::new(TENANT).op(Op::DeleteLogin { hash: row.hash }), &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }
}
