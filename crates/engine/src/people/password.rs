//! Passwords: which are good enough, and what is kept of them. The usual profile is as NIST SP 800-63B §3.1.1 and OWASP ASVS have
//! it: length and a list of what everybody tries, no rules of composition, no ageing. The other one is for installations that
//! are assessed at level 3 of MLPS (GB/T 22239-2019, 8.1.4.1): identity information has to be complex and changed
//! regularly. That standard gives no figures, and assessors commonly look for eight characters of three classes and 90 days: those
//! here are at or above that.

use crate::Engine;
use crate::policy::{PasswordBody, UserBody};
use dossier_crypto::{PasswordCost, PasswordHash};
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Most characters of a password.
const MOST: usize = 128;
const PASSES: u32 = 2;
/// Of the level 3 of MLPS: classes of characters, days until a password ages, and how many are not taken up again, the present
/// one among them.
const CLASSES: usize = 3;
const DAYS: i64 = 90;
const FORMER: usize = 5;

/// Which rules passwords follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passwords {
    /// Long ones that nobody else would try; good until somebody changes them.
    #[default]
    Asvs,
    /// Level 3 of MLPS (等保三级).
    Mlps3,
}

impl Passwords {
    /// As the settings have them.
    pub const NAMES: [&str; 2] = ["asvs", "mlps3"];

    /// By its name.
    pub fn parse(name: &str) -> Option<Passwords> {
        match name {
            "asvs" => Some(Passwords::Asvs),
            "mlps3" => Some(Passwords::Mlps3),
            _ => None,
        }
    }

    /// Fewest characters.
    fn least(self) -> usize {
        match self {
            Passwords::Asvs => 12,
            Passwords::Mlps3 => 10,
        }
    }

    /// Whether a password has to be changed before anything else.
    pub(crate) fn is_aged(self, kept: &PasswordBody, now: Micros) -> bool {
        self == Passwords::Mlps3 && now.0 - kept.chosen >= DAYS * 86_400 * Micros::SECOND
    }

    /// What stays of the passwords before a new one, or before a link to one.
    pub(crate) fn former(self, user: &UserBody) -> Vec<PasswordBody> {
        match self {
            // Nobody keeps what nothing needs.
            Passwords::Asvs => Vec::new(),
            Passwords::Mlps3 => user.password.iter().chain(&user.former).take(FORMER).cloned().collect(),
        }
    }
}

/// What everybody tries, in lower case, one in a line (`data/README.md`).
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/passwords.txt").lines().collect());

/// A password as it is hashed: however a keyboard put its characters together (RFC 8265 §4.2).
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

/// Refuses a new password that is too short, too long or one that everybody tries, or that the profile forbids.
///
/// # Errors
/// `password_length`, `password_common`, `password_classes`, `password_name`.
pub(crate) fn check(profile: Passwords, field: &str, text: &str, name: &str) -> Result<(), Fault> {
    let (normal, least) = (normal(text), profile.least());
    if !(least..=MOST).contains(&normal.chars().count()) {
        let fault = Fault::new("password_length").field(field);
        return Err(fault.with("least", least.to_string()).with("most", MOST.to_string()));
    }
    let (lower, name) = (normal.to_lowercase(), self::normal(name).to_lowercase());
    if is_common(&lower, &name) {
        return Err(Fault::new("password_common").field(field));
    }
    if profile == Passwords::Mlps3 {
        if classes(&normal) < CLASSES {
            return Err(Fault::new("password_classes").field(field).with("least", CLASSES.to_string()));
        }
        if !name.is_empty() && lower.contains(&name) {
            return Err(Fault::new("password_name").field(field));
        }
    }
    Ok(())
}

/// Those of a person that are not taken up again beside the present one.
pub(crate) fn former_of(user: &UserBody) -> &[PasswordBody] {
    user.former.get(..FORMER - 1).unwrap_or(&user.former)
}

/// How many there are of capitals, small letters, figures, and everything else; what has no case is of the last.
fn classes(text: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        char::is_uppercase,
        char::is_lowercase,
        |c| c.is_ascii_digit(),
        |c| !c.is_uppercase() && !c.is_lowercase() && !c.is_ascii_digit(),
    ];
    kinds.into_iter().filter(|is| text.chars().any(is)).count()
}

/// Whether two texts are one password.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    normal(left) == normal(right)
}

/// A common word as it stands, with figures and marks around it, or several times; few characters over and over; a row
/// of the keyboard or the alphabet; the name of the person or of this program, hardly changed.
fn is_common(text: &str, name: &str) -> bool {
    let core = text.trim_matches(|c: char| !c.is_alphabetic());
    let known = |part: &str| COMMON.contains(part) || part == name || part == "dossier";
    known(text)
        || known(core)
        || is_repeated(text, &known)
        || is_row(text)
        || core.is_empty() && is_row(&digits(text))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Four characters or fewer over and over, or a common word several times.
fn is_repeated(text: &str, known: &impl Fn(&str) -> bool) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=chars.len() / 2).filter(|size| chars.len().is_multiple_of(*size) || *size <= 4).any(|size| {
        let Some(unit) = chars.get(..size) else { return false };
        let over_and_over = chars.chunks(size).all(|part| unit.starts_with(part));
        over_and_over && (size <= 4 || known(&unit.iter().collect::<String>()))
    })
}

/// One row after another, in either direction, from any place on.
fn is_row(text: &str) -> bool {
    const ROWS: [&str; 4] = [
        "012345678901234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn",
    ];
    let backwards = text.chars().rev().collect::<String>();
    text.chars().count() >= 6 && ROWS.iter().any(|row| row.contains(text) || row.contains(&backwards))
}

impl Engine {
    /// What is kept of a new password.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) fn password_of(&self, text: &str) -> Result<PasswordBody, Fault> {
        let hash =
            self.gate.pass(|| PasswordHash::new(&normal(text), self.password_cost(), &*self.entropy))??;
        let PasswordHash { cost, salt, key } = hash;
        // One that other rules let pass has aged when these are switched on.
        let ages = self.settings.sign_in.passwords == Passwords::Mlps3;
        let chosen = if ages { self.clock.now().0 } else { 0 };
        Ok(PasswordBody { memory_kib: cost.memory_kib, passes: cost.passes, salt, key, chosen })
    }

    /// What is kept of a new password of somebody who had others.
    ///
    /// # Errors
    /// As [`check`]; `password_used`, `overloaded`.
    pub(crate) fn new_password(
        &self,
        field: &str,
        text: &str,
        name: &str,
        former: &[PasswordBody],
    ) -> Result<PasswordBody, Fault> {
        check(self.settings.sign_in.passwords, field, text, name)?;
        for kept in former {
            if self.password_fits(Some(kept), text)? {
                return Err(Fault::new("password_used").field(field).with("count", FORMER.to_string()));
            }
        }
        self.password_of(text)
    }

    /// Whether this is the password. Where there is none it takes as long and is not.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) fn password_fits(&self, kept: Option<&PasswordBody>, text: &str) -> Result<bool, Fault> {
        let hash = match kept {
            Some(kept) => PasswordHash {
                cost: PasswordCost { memory_kib: kept.memory_kib, passes: kept.passes },
                salt: kept.salt,
                key: kept.key,
            },
            None => PasswordHash::of_nobody(self.password_cost()),
        };
        // Nobody has a longer one, and a text may be as long as a body.
        let text: String = text.nfkc().take(2 * MOST).collect();
        Ok(self.gate.pass(|| hash.fits(&text))??)
    }

    /// Whether a password is kept at another cost than new ones are: how long it takes would tell that its person exists.
    pub(crate) fn is_of_old_cost(&self, kept: &PasswordBody) -> bool {
        let now = self.password_cost();
        (kept.memory_kib, kept.passes) != (now.memory_kib, now.passes)
    }

    fn password_cost(&self) -> PasswordCost {
        PasswordCost { memory_kib: self.settings.sign_in.password_memory_kib, passes: PASSES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<&'static str> {
        refusal_by(Passwords::Asvs, text)
    }

    fn refusal_by(profile: Passwords, text: &str) -> Option<&'static str> {
        check(profile, "password", text, "example.han").err().map(|fault| fault.key)
    }

    #[test]
    fn level_3_of_mlps_asks_for_three_classes_and_leaves_the_name_out() {
        let refusal = |text| refusal_by(Passwords::Mlps3, text);
        for text in ["Harbour-77", "harbour-77", "Plum 7 x x", "海港七号Plum山水", "海港七号x12345"]
        {
            assert_eq!(refusal(text), None, "{text}");
        }
        for text in ["harbour seven", "harbourseven7", "山高水长风清月白云淡天青", "7788 9911 33"]
        {
            assert_eq!(refusal(text), Some("password_classes"), "{text}");
        }
        assert_eq!(refusal("Plum-7 sea"), None);
        assert_eq!(refusal("Plum-7 se"), Some("password_length"));
        assert_eq!(refusal("Password-2026"), Some("password_common"));
        assert_eq!(refusal("my Example.Han 77"), Some("password_name"));
        assert_eq!(refusal_by(Passwords::Asvs, "my Example.Han 77"), None);
    }

    #[test]
    fn length_is_counted_in_characters_of_any_script() {
        assert_eq!(refusal("短口令"), Some("password_length"));
        assert_eq!(refusal("elevenchars"), Some("password_length"));
        assert_eq!(refusal("山高水长风清月白云淡天青"), None);
        assert_eq!(refusal("plum harbour seven"), None);
        assert_eq!(refusal(&"éa龙z-".repeat(26)), Some("password_length"));
    }

    #[test]
    fn what_everybody_tries_is_refused_however_it_is_dressed_up() {
        for text in [
            "passwordpassword",
            "Password2026!",
            "123456789012",
            "098765432109",
            "qwertyuiop123",
            "qwertyuiopas",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "!!!iloveyou!!!",
            "ＰＡＳＳＷＯＲＤ２０２６",
            "example.han2026",
            "dossier-2026-11",
            "1qaz2wsx3edc",
        ] {
            assert_eq!(refusal(text), Some("password_common"), "{text}");
        }
    }

    #[test]
    fn nothing_is_asked_of_what_it_is_made_of() {
        for text in ["all lower case here", "1829304756182", "只有汉字的一句长口令也行", "tulip tulip anchor"]
        {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_kept_of_a_password_cost_what_owasp_asks_for_at_least() {
        let folder = tempfile::tempdir().unwrap();
        let (data, keystore) = (folder.path().join("data"), Some(folder.path().join("keystore")));
        let options = crate::OpenOptions { data, keystore, ..crate::OpenOptions::default() };
        let engine = Engine::open_folder(&options).unwrap();
        // OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
        let kept = engine.password_of("plum harbour seven").unwrap();
        assert!(kept.memory_kib >= 19 * 1024 && kept.passes >= 2);
        let fits = |passes| {
            engine.password_fits(Some(&PasswordBody { passes, ..kept.clone() }), "plum harbour seven")
        };
        assert!(fits(kept.passes).unwrap());
        assert!(!fits(1).unwrap(), "the passes that are written were made");
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_one() {
        assert!(is_same("cafe\u{301} am Fluss", "café am Fluss"));
        assert!(!is_same("Cafe am Fluss", "cafe am Fluss"));
    }
}
