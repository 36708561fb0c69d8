//! Signed notes (C2SP `signed-note`) with Ed25519: a text, an empty line, and a
//! line for each signature. Keys are written as Go's `note` package writes them,
//! so that other programs can check what is signed here.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The algorithm's number in keys: Ed25519.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";
/// What a signature line begins with.
const DASH: &str = "— ";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    #[error("{0}")]
    Malformed(&'static str),
    /// None of the given keys has its name and number on it.
    #[error("it is signed by no known key")]
    UnknownKey,
    #[error("its signature is wrong: it was not signed like this")]
    Forged,
}

/// Checks signatures. Written `name+number+key`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    number: u32,
    key: VerifyingKey,
}

/// Signs. Never shown by `Debug`.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// First bytes of SHA-256(name ‖ newline ‖ algorithm ‖ public key).
fn number(name: &str, key: &VerifyingKey) -> u32 {
    let mut sha = Sha256::new();
    sha.update(name);
    sha.update([b'\n', ED25519]);
    sha.update(key.as_bytes());
    let digest = sha.finalize();
    let first = digest.first_chunk().expect("a digest has 32 bytes");
    u32::from_be_bytes(*first)
}

/// A name has no space and no plus, and is not empty.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

/// The key behind the algorithm's number.
fn key_bytes(text: &str) -> Option<[u8; 32]> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let (algorithm, key) = bytes.split_first()?;
    (*algorithm == ED25519).then(|| key.try_into().ok())?
}

impl SigningKey {
    /// A key of this name from 32 bytes that nobody can guess.
    ///
    /// The name is that of the log: an address without its scheme, as
    /// `reeltime.example/log`. `None`: it has a space or a plus.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Option<SigningKey> {
        is_name(name).then(|| SigningKey {
            name: name.to_owned(),
            key: ed25519_dalek::SigningKey::from_bytes(&seed),
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn public(&self) -> PublicKey {
        let key = self.key.verifying_key();
        PublicKey {
            number: number(&self.name, &key),
            name: self.name.clone(),
            key,
        }
    }

    /// To be kept where nobody else can read it.
    pub fn reveal(&self) -> String {
        let seed = [&[ED25519], &self.key.to_bytes()[..]].concat();
        let seed = BASE64_STANDARD.encode(seed);
        format!("{PRIVATE}{}+{:08x}+{seed}", self.name, self.public().number)
    }

    /// A text, which ends with a newline, and its signature.
    pub(super) fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes());
        let number = self.public().number.to_be_bytes();
        let signed = BASE64_STANDARD.encode([&number[..], &signature.to_bytes()].concat());
        format!("{text}\n{DASH}{} {signed}\n", self.name)
    }
}

impl FromStr for SigningKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<SigningKey, NoteError> {
        let malformed = NoteError::Malformed("it is no signing key (PRIVATE+KEY+name+number+key)");
        let rest = text.trim().strip_prefix(PRIVATE).ok_or(malformed)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(number), Some(seed)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let seed = key_bytes(seed).ok_or(malformed)?;
        let key = SigningKey::from_seed(name, seed).ok_or(malformed)?;
        if format!("{:08x}", key.public().number) != number {
            return Err(malformed);
        }
        Ok(key)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.name)
    }
}

impl FromStr for PublicKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<PublicKey, NoteError> {
        let malformed = NoteError::Malformed("it is no public key (name+number+key)");
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(written), Some(key)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let bytes = key_bytes(key).ok_or(malformed)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| malformed)?;
        let number = number(name, &key);
        if !is_name(name) || format!("{number:08x}") != written {
            return Err(malformed);
        }
        Ok(PublicKey {
            name: name.to_owned(),
            number,
            key,
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], &self.key.as_bytes()[..]].concat();
        let key = BASE64_STANDARD.encode(key);
        write!(f, "{}+{:08x}+{key}", self.name, self.number)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text and who claims to have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    name: String,
    number: u32,
    signature: Vec<u8>,
}

impl Note {
    pub fn parse(note: &str) -> Result<Note, NoteError> {
        let malformed = NoteError::Malformed("it is no signed note");
        let (text, signatures) = note.split_once("\n\n").ok_or(malformed)?;
        let signatures = signatures.strip_suffix('\n').ok_or(malformed)?;
        let signatures: Option<Vec<Signed>> = signatures.split('\n').map(Signed::parse).collect();
        Ok(Note {
            text: format!("{text}\n"),
            signatures: signatures.ok_or(malformed)?,
        })
    }

    /// What was signed; ends with a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether one of these keys has signed it.
    pub fn check(&self, keys: &[PublicKey]) -> Result<(), NoteError> {
        for signed in &self.signatures {
            let is_it = |key: &&PublicKey| (&key.name, key.number) == (&signed.name, signed.number);
            let Some(key) = keys.iter().find(is_it) else {
                continue;
            };
            let signature =
                Signature::from_slice(&signed.signature).map_err(|_| NoteError::Forged)?;
            return key
                .key
                .verify_strict(self.text.as_bytes(), &signature)
                .map_err(|_| NoteError::Forged);
        }
        Err(NoteError::UnknownKey)
    }
}

impl Signed {
    fn parse(line: &str) -> Option<Signed> {
        let (name, signed) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(signed).ok()?;
        let (number, signature) = bytes.split_first_chunk()?;
        is_name(name).then(|| Signed {
            name: name.to_owned(),
            number: u32::from_be_bytes(*number),
            signature: signature.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's `note` package (golang.org/x/mod/sumdb/note).
    const GO_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const GO_PRIVATE: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn notes_and_keys_are_those_of_other_programs() {
        let key: PublicKey = GO_PUBLIC.parse().unwrap();
        let note = Note::parse(GO_NOTE).unwrap();
        assert_eq!(note.check(&[key]), Ok(()));
        let signing: SigningKey = GO_PRIVATE.parse().unwrap();
        assert_eq!(signing.sign(note.text()), GO_NOTE);
        assert_eq!(signing.reveal(), GO_PRIVATE);
        assert_eq!(signing.public().to_string(), GO_PUBLIC);
    }

    #[test]
    fn a_changed_note_and_a_strangers_are_told_apart() {
        let key = SigningKey::from_seed("reeltime.example/log", [7; 32]).unwrap();
        let stranger = SigningKey::from_seed("reeltime.example/log", [8; 32]).unwrap();
        let note = key.sign("one\ntwo\n");
        let check = |note: &str| Note::parse(note).unwrap().check(&[key.public()]);
        assert_eq!(check(&note), Ok(()));
        assert_eq!(check(&note.replace("two", "six")), Err(NoteError::Forged));
        assert_eq!(
            check(&stranger.sign("one\ntwo\n")),
            Err(NoteError::UnknownKey)
        );
        for broken in [
            "",
            "one\ntwo\n",
            "one\n\n",
            "one\n\n— name\n",
            "one\n\n— a +\n",
        ] {
            assert!(Note::parse(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_signing_key_is_never_printed() {
        let key = SigningKey::from_seed("log", [7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(log)");
        assert!(SigningKey::from_seed("a log", [7; 32]).is_none());
        assert!(
            GO_PRIVATE
                .replace("c74f", "c74e")
                .parse::<SigningKey>()
                .is_err()
        );
    }
}
