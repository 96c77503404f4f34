//! Codes by time: taking them up, checking them, giving them up.

use super::marks::Marked;
use super::proof::is_fresh;
use crate::admin::Writing;
use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::{USER, UserBody};
use crate::{Caller, Engine, TENANT};
use dossier_crypto::{TOTP_PERIOD_SECONDS, totp};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, Op, WriteSet};
use serde::Serialize;

/// A secret that is not in force before its first code.
#[derive(Serialize)]
pub struct NewTotp {
    /// Base 32, for typing.
    pub secret: String,
    /// `otpauth://totp/…`, for a picture to be scanned.
    pub uri: String,
}

/// The step of a code, if it is one of now, or of half a minute before or after, and later than the one taken last.
pub(crate) fn step_of(secret: &[u8; 20], code: &str, now: Micros, taken: u64) -> Option<u64> {
    let code = code.trim();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code: u32 = code.parse().ok()?;
    let at = u64::try_from(now.0 / Micros::SECOND / TOTP_PERIOD_SECONDS).ok()?;
    // All three are computed, whichever fits.
    let fitting = [at.saturating_sub(1), at, at + 1].map(|step| (totp(secret, step) == code).then_some(step));
    fitting.into_iter().flatten().find(|step| *step > taken)
}

fn uri(name: &str, secret: &str) -> String {
    let name: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("otpauth://totp/Dossier:{name}?secret={secret}&issuer=Dossier&algorithm=SHA1&digits=6&period=30")
}

/// RFC 4648 §6, without padding: 20 bytes are 32 characters.
fn base32(bytes: &[u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let five = |group: &[u8]| {
        let all = group.iter().fold(0u64, |all, byte| (all << 8) | u64::from(*byte));
        (0..8)
            .rev()
            .map(move |at| ALPHABET.get((all >> (at * 5)) as usize & 31).map_or('A', |c| char::from(*c)))
    };
    bytes.chunks(5).flat_map(five).collect()
}

impl Engine {
    /// Makes a secret for codes by time; it is in force once [`Engine::confirm_totp`] has seen a code. Right after
    /// signing in nothing else is asked for, later the password.
    ///
    /// # Errors
    /// `people_only`, `password_needed`, `password_wrong`, `sign_in_throttled`.
    pub fn begin_totp(&self, caller: &Caller, password: Option<&str>) -> Result<NewTotp, Fault> {
        let proved = password.map(|password| self.prove(caller, Deed::TotpChange, "password", password));
        let proved = proved.transpose()?;
        self.guarded(caller, Deed::TotpChange, |cx| {
            let (id, sitting) = cx.sitting()?;
            let user = cx.user(id)?;
            match &proved {
                Some(proved) => proved.holds(user)?,
                // Codes that are in force are not replaced by whoever finds a browser open.
                None if user.totp.is_none() && is_fresh(sitting.begun, cx.now) => {}
                None => return Err(Fault::new("password_needed").field("password").into()),
            }
            let mut secret = [0; 20];
            self.entropy.fill(&mut secret);
            let mut marked = Marked::of(self, &*cx.read()?, id)?;
            marked.mark.pending = Some(secret);
            let set = WriteSet::new(TENANT).op(marked.put(self)?);
            let text = base32(&secret);
            let made = NewTotp { uri: uri(&user.name, &text), secret: text };
            let entry = Entry::done(Deed::TotpChange).note("step", Note::Text("begun".into()));
            match cx.commit(set, &entry) {
                Ok(committed) => Ok(cx.committed(committed, made)),
                Err(error) => match again(error)? {
                    Conflict::Job { .. } => Err(Stop::Again),
                    other => Err(unexpected(&other)),
                },
            }
        })
    }

    /// Puts the secret that was made last into force, against its first code.
    ///
    /// # Errors
    /// `people_only`, `totp_wrong`, `sign_in_throttled`.
    pub fn confirm_totp(&self, caller: &Caller, code: &str) -> Result<(), Fault> {
        let attempt = self.attempt_of(caller, Deed::TotpChange)?;
        self.guarded(caller, Deed::TotpChange, |cx| {
            let (id, sitting) = cx.sitting()?;
            let wrong = || Fault::new("totp_wrong").field("code");
            let mut marked = Marked::of(self, &*cx.read()?, id)?;
            let secret = marked.mark.pending.take().ok_or_else(wrong)?;
            marked.mark.step = step_of(&secret, code, self.clock.wall(), 0).ok_or_else(wrong)?;
            let (version, user) = cx.user_version(id)?;
            let mut ops: Vec<_> = attempt.given_back().collect();
            ops.push(marked.put(self)?);
            // Sessions that began without a code are not to go on as if they had.
            ops.push(Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) });
            let body = UserBody { totp: Some(secret), ..user.clone() };
            let writing = Writing {
                deed: Deed::TotpChange,
                kind: USER,
                id,
                expect: version,
                body: &body,
                step: Some("confirmed"),
                difference: None,
                ops,
            };
            Ok(cx.committed(cx.write_security(writing)?, ()))
        })
    }

    /// Gives codes by time up.
    ///
    /// # Errors
    /// `people_only`, `password_wrong`, `sign_in_throttled`; `second_factor_needed` where they are the only one of somebody
    /// who has to have one.
    pub fn remove_totp(&self, caller: &Caller, password: &str) -> Result<(), Fault> {
        let proved = self.prove(caller, Deed::TotpChange, "password", password)?;
        self.guarded(caller, Deed::TotpChange, |cx| {
            let (id, sitting) = cx.sitting()?;
            let (version, user) = cx.user_version(id)?;
            proved.holds(user)?;
            let body = UserBody { totp: None, ..user.clone() };
            cx.check_second_factor(id, &body)?;
            let writing = Writing {
                deed: Deed::TotpChange,
                kind: USER,
                id,
                expect: version,
                body: &body,
                step: Some("removed"),
                difference: None,
                ops: vec![Op::DeleteLoginsOf { subject: id, except: Some(sitting.hash) }],
            };
            Ok(cx.committed(cx.write_security(writing)?, ()))
        })
    }
}

impl Context<'_> {
    pub(crate) fn user(&self, id: Uid) -> Result<&UserBody, Fault> {
        Ok(self.user_version(id)?.1)
    }

    pub(crate) fn user_version(&self, id: Uid) -> Result<(u32, &UserBody), Fault> {
        let user = self.snapshot.users.get(&id).ok_or_else(|| Fault::new("user_not_found"))?;
        Ok((user.version, &user.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Micros {
        Micros(seconds * Micros::SECOND)
    }

    #[test]
    fn a_secret_is_written_in_base_32() {
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(&[0xff; 20]), "7".repeat(32));
    }

    #[test]
    fn a_code_is_taken_for_half_a_minute_on_either_side_and_once() {
        // RFC 6238, appendix B: 287082 is the code of the step 1, from 30 to 59 seconds.
        for seconds in [0, 29, 30, 59, 60, 89] {
            assert_eq!(step_of(SECRET, "287082", at(seconds), 0), Some(1), "{seconds}");
        }
        assert_eq!(step_of(SECRET, "287082", at(90), 0), None);
        assert_eq!(step_of(SECRET, "287082", at(45), 1), None);
        assert_eq!(step_of(SECRET, " 287082 ", at(45), 0), Some(1));
        for wrong in ["", "287083", "28708", "0287082", "２８７０８２", "+87082"] {
            assert_eq!(step_of(SECRET, wrong, at(45), 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_for_apps_names_the_person() {
        let uri = uri("示例 a&b", "ABC");
        assert!(
            uri.starts_with("otpauth://totp/Dossier:%E7%A4%BA%E4%BE%8B%20a%26b?secret=ABC&issuer=Dossier")
        );
    }
}
