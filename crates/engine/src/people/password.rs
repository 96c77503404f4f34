//! Passwords: which are good enough, and what is kept of them. As NIST SP 800-63B §3.1.1 has it: length and a list of
//! what everybody tries, and no rules of composition.

use crate::Engine;
use crate::policy::PasswordBody;
use dossier_crypto::{PasswordCost, PasswordHash};
use dossier_model::fault::Fault;
use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;
const PASSES: u32 = 2;

/// What everybody tries, in lower case, one in a line (`data/README.md`).
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/passwords.txt").lines().collect());

/// A password as it is hashed: however a keyboard put its characters together (RFC 8265 §4.2).
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

/// Refuses a new password that is too short, too long or one that everybody tries.
///
/// # Errors
/// `password_length`, `password_common`.
pub(crate) fn check(field: &str, text: &str, name: &str) -> Result<(), Fault> {
    let normal = normal(text);
    if !LENGTH.contains(&normal.chars().count()) {
        let (least, most) = (LENGTH.start().to_string(), LENGTH.end().to_string());
        return Err(Fault::new("password_length").field(field).with("least", least).with("most", most));
    }
    if is_common(&normal.to_lowercase(), &name.to_lowercase()) {
        return Err(Fault::new("password_common").field(field));
    }
    Ok(())
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
        Ok(PasswordBody { memory_kib: cost.memory_kib, passes: cost.passes, salt, key })
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
        let text: String = text.nfkc().take(2 * LENGTH.end()).collect();
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
        check("password", text, "example.han").err().map(|fault| fault.key)
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
