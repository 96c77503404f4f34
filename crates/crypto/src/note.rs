//! The ledger's signatures: C2SP signed notes with Ed25519, and the text of a checkpoint.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::error::CryptoError;
use crate::secret::{Secret, sha256_of};

/// Ed25519 in a signed note's key.
const ALG: u8 = 1;
/// How a signature line begins.
const DASH: &str = "\u{2014} ";
/// More signature lines than this are not looked at.
const SIGNATURES_MAX: usize = 64;

/// Signs checkpoints.
pub struct Signer {
    seed: Secret,
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl Signer {
    /// The signing key of an Ed25519 seed (RFC 8032 §5.1.5).
    pub fn new(seed: Secret) -> Result<Self, CryptoError> {
        const FAILED: CryptoError = CryptoError::Primitive("ed25519 key");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| FAILED)?;
        let public = <[u8; 32]>::try_from(pair.public_key().as_ref()).map_err(|_| FAILED)?;
        Ok(Self { seed, pair, public })
    }

    pub(crate) fn seed(&self) -> &Secret {
        &self.seed
    }

    /// The public key.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public
    }

    /// A note: `text` (which ends in a newline), an empty line, and a signature under the key name `name`.
    pub fn sign_note(&self, name: &str, text: &str) -> Result<String, CryptoError> {
        check_name(name)?;
        check_text(text)?;
        let signature =
            self.pair.try_sign(text.as_bytes()).map_err(|_| CryptoError::Primitive("ed25519 sign"))?;
        let line = [&key_hash(name, &self.public), signature.as_ref()].concat();
        Ok(format!("{text}\n{DASH}{name} {}\n", BASE64_STANDARD.encode(line)))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// The text of a note that `public_key` signed under `name`. Lines of other signers are passed over.
pub fn verify_note<'a>(name: &str, public_key: &[u8; 32], note: &'a str) -> Result<&'a str, CryptoError> {
    check_name(name)?;
    let cut = note.rfind("\n\n").ok_or(CryptoError::Note("must have an empty line before its signatures"))?;
    let text = note.get(..=cut).unwrap_or_default();
    let lines = note.get(cut + 2..).unwrap_or_default();
    check_text(text)?;
    let lines = lines.strip_suffix('\n').ok_or(CryptoError::Note("must end in a newline"))?;
    let mut found = false;
    for (at, line) in lines.split('\n').enumerate() {
        if at >= SIGNATURES_MAX {
            return Err(CryptoError::Note("must not have more than 64 signatures"));
        }
        let (signer, bytes) = signature_line(line)?;
        let Some((hash, signature)) = bytes.split_first_chunk::<4>() else {
            return Err(CryptoError::Note("has a signature that is too short"));
        };
        if signer == name && *hash == key_hash(name, public_key) {
            verify(public_key, text.as_bytes(), signature)?;
            found = true;
        }
    }
    if found { Ok(text) } else { Err(CryptoError::Note("must be signed by the expected key")) }
}

/// `— name base64(hash ‖ signature)`
fn signature_line(line: &str) -> Result<(&str, Vec<u8>), CryptoError> {
    const RULE: CryptoError = CryptoError::Note("must have signature lines like `— name base64`");
    let (name, encoded) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(RULE)?;
    check_name(name)?;
    Ok((name, BASE64_STANDARD.decode(encoded).map_err(|_| RULE)?))
}

/// An Ed25519 signature (RFC 8032 §5.1.7).
pub(crate) fn verify(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    UnparsedPublicKey::new(&ED25519, public_key)
        .verify(message, signature)
        .map_err(|_| CryptoError::Note("has a signature that does not fit its text"))
}

/// The first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`.
fn key_hash(name: &str, public_key: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256_of(&[name.as_bytes(), b"\n", &[ALG], public_key]);
    [a, b, c, d]
}

/// What a verifier is given: `name+hex(hash)+base64(0x01 ‖ public key)`.
pub fn verifier_key(name: &str, public_key: &[u8; 32]) -> Result<String, CryptoError> {
    check_name(name)?;
    let hash = u32::from_be_bytes(key_hash(name, public_key));
    let key = BASE64_STANDARD.encode([&[ALG], &public_key[..]].concat());
    Ok(format!("{name}+{hash:08x}+{key}"))
}

/// Name and public key of a [`verifier_key`].
pub fn parse_verifier_key(text: &str) -> Result<(String, [u8; 32]), CryptoError> {
    const RULE: CryptoError = CryptoError::Note("needs a verifier key like `name+hash+base64`");
    let mut parts = text.trim_end().splitn(3, '+');
    let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(RULE);
    };
    check_name(name)?;
    let bytes = BASE64_STANDARD.decode(key).map_err(|_| RULE)?;
    let Some((&ALG, public)) = bytes.split_first() else { return Err(RULE) };
    let public = <[u8; 32]>::try_from(public).map_err(|_| RULE)?;
    if hash != format!("{:08x}", u32::from_be_bytes(key_hash(name, &public))) {
        return Err(CryptoError::Note("needs a verifier key whose hash fits its name and key"));
    }
    Ok((name.to_owned(), public))
}

fn check_name(name: &str) -> Result<(), CryptoError> {
    let bad = |c: char| c == '+' || c.is_whitespace() || c.is_control();
    if name.is_empty() || name.contains(bad) {
        return Err(CryptoError::Note("needs a key name without spaces and `+`"));
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), CryptoError> {
    if !text.ends_with('\n') {
        return Err(CryptoError::Note("must have a text that ends in a newline"));
    }
    if text.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(CryptoError::Note("must not have control characters other than newlines"));
    }
    Ok(())
}

/// The head of a log: what a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Number of its leaves.
    pub size: u64,
    /// Its Merkle root.
    pub root: [u8; 32],
}

/// `origin\nsize\nbase64(root)\n` (C2SP tlog-checkpoint). `origin` is one line.
pub fn checkpoint_text(origin: &str, size: u64, root: &[u8; 32]) -> String {
    format!("{origin}\n{size}\n{}\n", BASE64_STANDARD.encode(root))
}

/// Reads a [`checkpoint_text`], and nothing else: ours has no extension lines.
pub fn parse_checkpoint(text: &str) -> Result<Checkpoint, CryptoError> {
    const RULE: CryptoError = CryptoError::Note("must be a checkpoint: origin, size, root, a line each");
    let mut lines = text.strip_suffix('\n').ok_or(RULE)?.split('\n');
    let (Some(origin), Some(size), Some(root), None) =
        (lines.next(), lines.next(), lines.next(), lines.next())
    else {
        return Err(RULE);
    };
    let number: u64 = size.parse().map_err(|_| RULE)?;
    let root = BASE64_STANDARD.decode(root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: number, root: root.ok_or(RULE)? };
    // `+7` and `007` are numbers to the parser and not what was signed.
    if origin.is_empty() || checkpoint_text(origin, number, &checkpoint.root) != text {
        return Err(RULE);
    }
    Ok(checkpoint)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "0123456789abcdef/1/change";

    fn signer() -> Signer {
        Signer::new(Secret::from_bytes(&[7; 32])).unwrap()
    }

    /// The example of <https://pkg.go.dev/golang.org/x/mod/sumdb/note>, made by another implementation.
    #[test]
    fn a_published_note_verifies_under_its_published_key() {
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let (name, public) = parse_verifier_key(key).unwrap();
        assert_eq!(verifier_key(&name, &public).unwrap(), key);
        let text = verify_note(&name, &public, note).unwrap();
        assert!(text.ends_with("your problem is.\n"));
        assert!(verify_note(&name, &public, &note.replace("answer", "anSwer")).is_err());
    }

    #[test]
    fn a_note_verifies_for_its_name_and_key_only() {
        let (signer, other) = (signer(), Signer::new(Secret::from_bytes(&[8; 32])).unwrap());
        let note = signer.sign_note(NAME, "text\n").unwrap();
        assert_eq!(verify_note(NAME, signer.public_key(), &note).unwrap(), "text\n");
        assert!(verify_note(NAME, other.public_key(), &note).is_err());
        assert!(verify_note("other", signer.public_key(), &note).is_err());
    }

    #[test]
    fn a_note_that_others_signed_too_verifies() {
        let witness = Signer::new(Secret::from_bytes(&[8; 32])).unwrap();
        let note = signer().sign_note(NAME, "text\n\nmore\n").unwrap();
        let line = witness.sign_note("witness", "text\n\nmore\n").unwrap();
        let both = format!("{note}{}\n", line.lines().last().unwrap());
        assert_eq!(verify_note(NAME, signer().public_key(), &both).unwrap(), "text\n\nmore\n");
        assert_eq!(verify_note("witness", witness.public_key(), &both).unwrap(), "text\n\nmore\n");
    }

    #[test]
    fn every_changed_character_of_a_note_is_refused() {
        let note = signer().sign_note(NAME, "origin\n7\n").unwrap();
        for (at, _) in note.char_indices() {
            let mut bad = note.clone().into_bytes();
            bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
            if let Ok(bad) = String::from_utf8(bad) {
                assert!(verify_note(NAME, signer().public_key(), &bad).is_err(), "at {at}: {bad}");
            }
        }
    }

    #[test]
    fn names_and_texts_that_a_note_cannot_carry_are_refused() {
        for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
            assert!(signer().sign_note(name, "text\n").is_err(), "{name:?}");
        }
        for text in ["", "no newline", "a\tb\n", "a\0b\n"] {
            assert!(signer().sign_note(NAME, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_checkpoint_reads_back_and_nothing_like_it_does() {
        let text = checkpoint_text(NAME, 1234, &[9; 32]);
        assert_eq!(text, "0123456789abcdef/1/change\n1234\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n");
        let read = parse_checkpoint(&text).unwrap();
        assert_eq!(read, Checkpoint { origin: NAME.into(), size: 1234, root: [9; 32] });
        for bad in [
            text.replace("1234", "01234"),
            text.replace("1234", "+1234"),
            text.replace("1234", "-1"),
            text.replace("CQk=", "CQ=="),
            text.replace(NAME, ""),
            format!("{text}extension\n"),
            text.trim_end().to_owned(),
            String::new(),
        ] {
            assert!(parse_checkpoint(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_verifier_key_with_a_wrong_hash_is_refused() {
        let key = verifier_key(NAME, signer().public_key()).unwrap();
        assert_eq!(parse_verifier_key(&key).unwrap(), (NAME.to_owned(), *signer().public_key()));
        assert!(parse_verifier_key(&key.replace("change", "chance")).is_err());
        assert!(parse_verifier_key("name+00000000").is_err());
        assert!(parse_verifier_key("name+00000000+AQ==").is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text: String) {
            let _ = verify_note(NAME, signer().public_key(), &text);
            let _ = parse_checkpoint(&text);
            let _ = parse_verifier_key(&text);
        }
    }
}
