//! What people do about their own sessions and password.

use super::attempts::{Attempt, Tried};
use super::password;
use crate::admin::Writing;
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::{PasswordBody, USER, UserBody};
use crate::{Caller, Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{LoginRow, Op, WriteSet};
use serde::Serialize;

/// One of a person's sessions.
#[derive(Serialize)]
pub struct SessionShown {
    /// What the ledger calls it: 32 hexadecimal digits.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began, RFC 3339.
    pub begun_at: String,
    /// When it was last used, to half a minute, RFC 3339.
    pub used_at: String,
    /// From which address it began.
    pub address: Option<String>,
    /// What the browser called itself.
    pub agent: Option<String>,
}

/// A password that was given and was right a moment ago.
pub(crate) struct Proved(Option<PasswordBody>);

impl Proved {
    /// It still is: somebody may have been set up anew meanwhile.
    ///
    /// # Errors
    /// `session_ended`.
    pub(crate) fn holds(&self, user: &UserBody) -> Result<(), Fault> {
        if user.password == self.0 { Ok(()) } else { Err(Fault::new("session_ended")) }
    }
}

impl Engine {
    /// Ends the caller's own session.
    ///
    /// # Errors
    /// `people_only`.
    pub fn sign_out(&self, caller: &Caller) -> Result<(), Fault> {
        self.guarded(caller, Deed::SignOut, |cx| {
            let (_, sitting) = cx.sitting()?;
            let set = WriteSet::new(TENANT).op(Op::DeleteLogin { hash: sitting.hash });
            match cx.commit(set, &Entry::done(Deed::SignOut)) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// The caller's sessions, newest first.
    ///
    /// # Errors
    /// `people_only`.
    pub fn own_sessions(&self, caller: &Caller) -> Result<Vec<SessionShown>, Fault> {
        self.guarded(caller, Deed::OwnLook, |cx| {
            let (id, sitting) = cx.sitting()?;
            let rows = self.sessions_of(&*cx.read()?, id, cx.now)?;
            let shown =
                rows.iter().map(|row| self.shown(row, &sitting.hash)).collect::<Result<Vec<_>, _>>()?;
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), shown)
        })
    }

    fn shown(&self, row: &LoginRow, current: &[u8; 32]) -> Result<SessionShown, Fault> {
        let body = self.session_body(row)?;
        Ok(SessionShown {
            id: name_of(row),
            current: row.hash == *current,
            begun_at: row.issued.to_string(),
            used_at: row.used.to_string(),
            address: body.address,
            agent: body.agent,
        })
    }

    /// Ends one of the caller's sessions, which may be the one that asks, against the password: whoever finds a browser
    /// open shuts nobody out elsewhere.
    ///
    /// # Errors
    /// `people_only`, `password_wrong`, `sign_in_throttled`, `not_found`.
    pub fn end_own_session(&self, caller: &Caller, session: &str, password: &str) -> Result<(), Fault> {
        let proved = self.prove(caller, Deed::SessionEnd, "password", password)?;
        self.guarded(caller, Deed::SessionEnd, |cx| {
            let (id, _) = cx.sitting()?;
            proved.holds(cx.user(id)?)?;
            let rows = self.sessions_of(&*cx.read()?, id, cx.now)?;
            let row =
                rows.iter().find(|row| name_of(row) == session).ok_or_else(|| Fault::new("not_found"))?;
            end(cx, Op::DeleteLogin { hash: row.hash }, session)
        })
    }

    /// Ends all of the caller's sessions but the one that asks, against the password.
    ///
    /// # Errors
    /// `people_only`, `password_wrong`, `sign_in_throttled`.
    pub fn end_other_sessions(&self, caller: &Caller, password: &str) -> Result<(), Fault> {
        let proved = self.prove(caller, Deed::SessionEnd, "password", password)?;
        self.guarded(caller, Deed::SessionEnd, |cx| {
            let (id, sitting) = cx.sitting()?;
            proved.holds(cx.user(id)?)?;
            end(cx, Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) }, "others")
        })
    }

    /// Changes the caller's password; all other sessions end with it.
    ///
    /// # Errors
    /// `people_only`, `password_wrong`, `password_length`, `password_common`, `password_same`, `sign_in_throttled`; by the
    /// profile of level 3 of MLPS also `password_classes`, `password_name`, `password_used`.
    pub fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<(), Fault> {
        let proved = self.prove(caller, Deed::PasswordChange, "current", current)?;
        let snapshot = self.snapshot();
        let own = snapshot.users.get(&Uid(caller.principal.id16()));
        let checked = match password::is_same(current, new) {
            true => Err(Fault::new("password_same").field("new")),
            false => {
                let former = own.map_or(&[][..], |user| password::former_of(&user.body));
                self.new_password("new", new, caller.name(), former)
            }
        };
        self.guarded(caller, Deed::PasswordChange, |cx| {
            let (id, sitting) = cx.sitting()?;
            let (version, user) = cx.user_version(id)?;
            proved.holds(user)?;
            let former = self.settings.sign_in.passwords.former(user);
            let body = UserBody { password: Some(checked.clone()?), former, ..user.clone() };
            let ops = vec![Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) }];
            let deed = Deed::PasswordChange;
            let writing = Writing {
                deed,
                kind: USER,
                id,
                expect: version,
                body: &body,
                step: None,
                difference: None,
                ops,
            };
            Ok(cx.committed(cx.write_security(writing)?, ()))
        })
    }

    /// Takes down that somebody's browser no longer showed the watermark, and put it back. A browser that means harm says
    /// nothing.
    ///
    /// # Errors
    /// `people_only`.
    pub fn watermark_missed(&self, caller: &Caller) -> Result<(), Fault> {
        self.guarded(caller, Deed::Watermark, |cx| {
            cx.sitting()?;
            cx.record(Entry::done(Deed::Watermark), Vec::new(), ())
        })
    }

    /// Makes what is kept of a password anew where new ones cost something else. Who signed in stays signed in if that
    /// cannot be done now.
    pub(crate) fn renew_password(&self, caller: &Caller, kept: &PasswordBody, text: &str) {
        let renewed = self.password_of(text).and_then(|made| {
            self.guarded(caller, Deed::PasswordChange, |cx| {
                let (id, _) = cx.sitting()?;
                let (version, user) = cx.user_version(id)?;
                Proved(Some(kept.clone())).holds(user)?;
                let body = UserBody {
                    password: Some(PasswordBody { chosen: kept.chosen, ..made.clone() }),
                    ..user.clone()
                };
                let writing = Writing {
                    deed: Deed::PasswordChange,
                    kind: USER,
                    id,
                    expect: version,
                    body: &body,
                    step: Some("renewed"),
                    difference: None,
                    ops: Vec::new(),
                };
                Ok(cx.committed(cx.write_security(writing)?, ()))
            })
        });
        if let Err(fault) = renewed {
            tracing::warn!(code = fault.code(), "what is kept of a password is not made anew");
        }
    }

    /// Counts an attempt of the caller, as one to sign in.
    ///
    /// # Errors
    /// `people_only`, `sign_in_throttled`.
    pub(crate) fn attempt_of(&self, caller: &Caller, deed: Deed) -> Result<Attempt, Fault> {
        let attempt = match caller.sitting {
            Some(_) => self.attempt(&caller.origin, Tried::Own(Uid(caller.principal.id16()))),
            None => Err(Fault::new("people_only")),
        };
        attempt.or_else(|fault| self.guarded(caller, deed, |_| Err(fault.clone().into())))
    }

    /// Has the caller prove the password once more.
    ///
    /// # Errors
    /// `people_only`, `password_wrong` with the field that it stands in, `sign_in_throttled`, `overloaded`.
    pub(crate) fn prove(
        &self,
        caller: &Caller,
        deed: Deed,
        field: &'static str,
        password: &str,
    ) -> Result<Proved, Fault> {
        let attempt = self.attempt_of(caller, deed)?;
        let kept = self.snapshot().users.get(&Uid(caller.principal.id16())).cloned();
        let kept = kept.and_then(|user| user.body.password);
        match self.password_fits(kept.as_ref(), password) {
            Ok(true) => {
                self.give_back_attempt(&attempt);
                Ok(Proved(kept))
            }
            Ok(false) => {
                self.guarded(caller, deed, |_| Err(Fault::new("password_wrong").field(field).into()))
            }
            Err(fault) => {
                self.give_back_attempt(&attempt);
                self.guarded(caller, deed, |_: &Context<'_>| Err(Stop::from(fault.clone())))
            }
        }
    }
}

fn end(cx: &Context<'_>, op: Op, which: &str) -> Result<Recorded<()>, Stop> {
    let entry = Entry::done(Deed::SessionEnd).note("session", Note::Text(which.to_owned()));
    match cx.commit(WriteSet::new(TENANT).op(op), &entry) {
        Ok(committed) => Ok(cx.committed(committed, ())),
        Err(error) => Err(unexpected(&again(error)?)),
    }
}

/// What a session is called: as in the ledger, the beginning of the hash of its secret, which opens nothing.
pub(crate) fn name_of(row: &LoginRow) -> String {
    row.hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
