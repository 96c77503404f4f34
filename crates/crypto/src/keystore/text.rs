//! The text of a keystore file:
//!
//! ```text
//! dossier keystore 1
//! plain                                   or: argon2id m=65536 t=3 p=1 salt=BASE64
//! id 0123456789abcdef
//! BASE64 of the key                       or of: alg ‖ nonce ‖ key sealed under the passphrase's key ‖ tag
//! ```

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dossier_model::time::Entropy;
use zeroize::Zeroizing;

use super::{damaged, root_id};
use crate::error::CryptoError;
use crate::gcm;
use crate::passphrase::{Cost, stretch};
use crate::secret::Secret;

const HEAD: &str = "dossier keystore 1";

fn seal_aad(mode: &str, id: &str) -> String {
    format!("dossier/keystore/1\n{mode}\n{id}")
}

/// The text of a new keystore, in memory that is wiped.
pub(super) fn write(
    key: &Secret,
    id: &str,
    passphrase: Option<&str>,
    entropy: &dyn Entropy,
) -> Result<Zeroizing<String>, CryptoError> {
    let Some(passphrase) = passphrase else {
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(key.expose()));
        return Ok(lines("plain", id, &encoded));
    };
    if passphrase.is_empty() {
        return Err(CryptoError::PassphraseEmpty);
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let Cost { memory_kib, passes, lanes } = Cost::DEFAULT;
    let salt_text = BASE64_STANDARD.encode(salt);
    let mode = format!("argon2id m={memory_kib} t={passes} p={lanes} salt={salt_text}");
    let under = stretch(passphrase, &salt, Cost::DEFAULT)?;
    let sealed = gcm::seal(&under, seal_aad(&mode, id).as_bytes(), key.expose(), entropy)?;
    Ok(lines(&mode, id, &BASE64_STANDARD.encode(sealed)))
}

fn lines(mode: &str, id: &str, encoded: &str) -> Zeroizing<String> {
    // Room for all of it at once, so that growing leaves no copy of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(512));
    for part in [
        HEAD, "
", mode, "
id ", id, "
", encoded, "
",
    ] {
        text.push_str(part);
    }
    text
}

/// The key and its id.
pub(super) fn read(
    path: &Path,
    text: &str,
    passphrase: Option<&str>,
) -> Result<(Secret, String), CryptoError> {
    let lines: Vec<&str> = text.lines().collect();
    let &[HEAD, mode, id, encoded] = lines.as_slice() else {
        return Err(damaged(path, "must be the four lines of `dossier keystore 1`"));
    };
    let id = id.strip_prefix("id ").ok_or(damaged(path, "must have its id in line 3"))?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| damaged(path, "must have base64 in line 4"))?;
    let bytes = Zeroizing::new(bytes);
    let key = match (mode == "plain", passphrase) {
        (true, None) => bytes,
        (true, Some(_)) => return Err(CryptoError::PassphraseUnused { path: path.into() }),
        (false, None) => {
            parse_mode(mode).ok_or(damaged(path, "must have `plain` or `argon2id …` in line 2"))?;
            return Err(CryptoError::PassphraseMissing { path: path.into() });
        }
        (false, Some(passphrase)) => {
            let (cost, salt) =
                parse_mode(mode).ok_or(damaged(path, "must have `plain` or `argon2id …` in line 2"))?;
            let under = stretch(passphrase, &salt, cost)?;
            gcm::open(&under, seal_aad(mode, id).as_bytes(), &bytes)
                .map_err(|_| CryptoError::PassphraseWrong { path: path.into() })?
        }
    };
    let key =
        <&[u8; 32]>::try_from(key.as_slice()).map_err(|_| damaged(path, "must have a key of 32 bytes"))?;
    let key = Secret::from_bytes(key);
    if root_id(&key) != id {
        return Err(damaged(path, "must have the id that belongs to its key"));
    }
    Ok((key, id.to_owned()))
}

/// `argon2id m=KIB t=PASSES p=LANES salt=BASE64`
fn parse_mode(mode: &str) -> Option<(Cost, [u8; 16])> {
    let parts: Vec<&str> = mode.split(' ').collect();
    let &["argon2id", m, t, p, salt] = parts.as_slice() else { return None };
    let cost = Cost {
        memory_kib: m.strip_prefix("m=")?.parse().ok()?,
        passes: t.strip_prefix("t=")?.parse().ok()?,
        lanes: p.strip_prefix("p=")?.parse().ok()?,
    };
    let salt = BASE64_STANDARD.decode(salt.strip_prefix("salt=")?).ok()?;
    cost.is_sane().then_some((cost, salt.try_into().ok()?))
}
