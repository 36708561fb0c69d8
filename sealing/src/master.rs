//! Master keys: under them the vault's keys are wrapped. They are never in a database.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::key::{Key, SECRET_BYTES, Unopenable};

/// A master key, known by a digest of itself: what it wraps says by which one.
#[derive(Clone, Debug)]
pub struct MasterKey {
    id: Uuid,
    key: Key,
}

impl MasterKey {
    pub fn new(secret: &[u8; SECRET_BYTES]) -> Self {
        let mut sha = Sha256::new();
        sha.update(b"reeltime: id of a master key");
        sha.update(secret);
        let digest = sha.finalize();
        let first: [u8; 16] = digest[..16].try_into().expect("a digest has 32 bytes");
        Self {
            id: uuid::Builder::from_custom_bytes(first).into_uuid(),
            key: Key::new(secret),
        }
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// A secret of the vault, wrapped; `name` says which one.
    pub fn wrap(&self, name: &[u8], secret: &[u8]) -> String {
        self.key.seal(name, secret)
    }

    pub fn unwrap(&self, name: &[u8], wrapped: &str) -> Result<Vec<u8>, Unopenable> {
        self.key.open(name, wrapped)
    }
}

/// The master keys of a node: the first one wraps, the others only unwrap what is not wrapped
/// anew yet.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    newest: Box<MasterKey>,
    older: Vec<MasterKey>,
}

/// The text is never shown: it may be all but a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a master key is 32 bytes in base64 (44 characters); several stand apart, the newest first"
)]
pub struct NotMasterKeys;

impl MasterKeys {
    /// Keys in base64 with white space or commas between them, the newest first.
    pub fn parse(text: &str) -> Result<Self, NotMasterKeys> {
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        let mut keys = words.filter(|word| !word.is_empty()).map(master_key);
        let newest = Box::new(keys.next().ok_or(NotMasterKeys)??);
        let older = keys.collect::<Result<_, _>>()?;
        Ok(Self { newest, older })
    }

    pub fn newest(&self) -> &MasterKey {
        &self.newest
    }

    pub fn find(&self, id: Uuid) -> Option<&MasterKey> {
        std::iter::once(&*self.newest)
            .chain(&self.older)
            .find(|master| master.id == id)
    }

    /// How a key is written down.
    pub fn text(secret: &[u8; SECRET_BYTES]) -> String {
        BASE64_STANDARD.encode(secret)
    }
}

fn master_key(text: &str) -> Result<MasterKey, NotMasterKeys> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| NotMasterKeys)?;
    let secret = bytes.try_into().map_err(|_| NotMasterKeys)?;
    Ok(MasterKey::new(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_master_key_wrapped_no_other_unwraps() {
        let (one, other) = (MasterKey::new(&[1; 32]), MasterKey::new(&[2; 32]));
        let wrapped = one.wrap(b"name", b"secret");
        assert_eq!(one.unwrap(b"name", &wrapped).unwrap(), b"secret");
        assert_eq!(
            one.unwrap(b"another", &wrapped),
            Err(Unopenable::NotByThisKey)
        );
        assert_eq!(
            other.unwrap(b"name", &wrapped),
            Err(Unopenable::NotByThisKey)
        );
        assert_ne!(one.id(), other.id());
    }

    #[test]
    fn master_keys_are_read_as_they_are_written_the_newest_first() {
        let text = [[1; 32], [2; 32]].map(|secret| MasterKeys::text(&secret));
        for between in ["\n", ", ", "\r\n\n"] {
            let keys = MasterKeys::parse(&format!("{}\n", text.join(between))).unwrap();
            assert_eq!(keys.newest().id(), MasterKey::new(&[1; 32]).id());
            for secret in [[1; 32], [2; 32]] {
                assert!(keys.find(MasterKey::new(&secret).id()).is_some());
            }
            assert!(keys.find(MasterKey::new(&[3; 32]).id()).is_none());
        }
    }

    #[test]
    fn anything_else_is_no_master_key_and_not_repeated() {
        let short = BASE64_STANDARD.encode([1; 31]);
        for text in ["", " \n", "secret", short.as_str()] {
            let error = MasterKeys::parse(text).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
