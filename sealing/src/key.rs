//! One key: seals, opens, and tells contents apart.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;

pub const SECRET_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The first byte of what is sealed says how: XChaCha20-Poly1305 under a nonce of [`Key::nonce`]. A
/// cipher that comes after it has another byte, and this one goes on opening what it has sealed.
const CIPHER: u8 = 1;

/// Three keys of one secret: one encrypts, one computes nonces, one digests.
#[derive(Clone)]
pub struct Key {
    cipher: XChaCha20Poly1305,
    nonces: Hmac<Sha256>,
    digests: Hmac<Sha256>,
}

/// Why what is sealed stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unopenable {
    #[error("it was sealed under another key or in another place, or was changed")]
    NotByThisKey,
    /// By a later release, or it was changed.
    #[error("it was sealed by the cipher {0}, which this release does not know")]
    UnknownCipher(u8),
}

impl Key {
    pub fn new(secret: &[u8; SECRET_BYTES]) -> Self {
        let derived = |purpose: &[u8]| {
            let mut mac = hmac(secret);
            mac.update(purpose);
            mac.finalize().into_bytes()
        };
        Self {
            cipher: XChaCha20Poly1305::new(&derived(b"reeltime: cipher")),
            nonces: hmac(&derived(b"reeltime: nonces")),
            digests: hmac(&derived(b"reeltime: digests")),
        }
    }

    /// Encrypts a text for one place, which `place` names; as base64.
    pub fn seal(&self, place: &[u8], text: &[u8]) -> String {
        let nonce = self.nonce(place, text);
        let payload = Payload {
            msg: text,
            aad: place,
        };
        let sealed = self.cipher.encrypt(&nonce, payload);
        let sealed = sealed.expect("a text is shorter than the cipher's bound of 256 GiB");
        BASE64_STANDARD_NO_PAD.encode([&[CIPHER], &nonce[..], &sealed].concat())
    }

    /// What `seal` has sealed for this place.
    pub fn open(&self, place: &[u8], sealed: &str) -> Result<Vec<u8>, Unopenable> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(sealed);
        let bytes = bytes.map_err(|_| Unopenable::NotByThisKey)?;
        let (cipher, sealed) = bytes.split_first().ok_or(Unopenable::NotByThisKey)?;
        match *cipher {
            CIPHER => self.decrypt(place, sealed).ok_or(Unopenable::NotByThisKey),
            other => Err(Unopenable::UnknownCipher(other)),
        }
    }

    fn decrypt(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let payload = Payload {
            msg: sealed,
            aad: place,
        };
        self.cipher.decrypt(&nonce, payload).ok()
    }

    /// Tells a content from others to whoever has the key. Once it is destroyed, nobody can try what
    /// it was.
    pub fn digest(&self, content: &[u8]) -> [u8; 32] {
        let mut mac = self.digests.clone();
        mac.update(content);
        mac.finalize().into_bytes().into()
    }

    fn nonce(&self, place: &[u8], text: &[u8]) -> XNonce {
        let mut mac = self.nonces.clone();
        // the length keeps the place's end apart from the text's beginning
        mac.update(&(place.len() as u64).to_be_bytes());
        mac.update(place);
        mac.update(text);
        let digest = mac.finalize().into_bytes();
        XNonce::try_from(&digest[..NONCE_BYTES]).expect("a digest has 32 bytes")
    }
}

fn hmac(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes keys of any length")
}

/// Never shows the key.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = "기생충".as_bytes();

    fn key(byte: u8) -> Key {
        Key::new(&[byte; SECRET_BYTES])
    }

    #[test]
    fn what_was_sealed_is_opened() {
        let sealed = key(1).seal(b"here", TEXT);
        assert_eq!(key(1).open(b"here", &sealed).unwrap(), TEXT);
        let nothing = key(1).seal(b"here", b"");
        assert_eq!(key(1).open(b"here", &nothing).unwrap(), b"");
    }

    #[test]
    fn another_key_or_another_place_opens_nothing() {
        let sealed = key(1).seal(b"here", TEXT);
        let refused = Err(Unopenable::NotByThisKey);
        assert_eq!(key(2).open(b"here", &sealed), refused);
        assert_eq!(key(1).open(b"there", &sealed), refused);
    }

    #[test]
    fn a_changed_seal_is_noticed_wherever_it_was_changed() {
        let sealed = key(1).seal(b"here", TEXT);
        let mut bytes = BASE64_STANDARD_NO_PAD.decode(&sealed).unwrap();
        for index in 0..bytes.len() {
            bytes[index] ^= 1;
            let changed = BASE64_STANDARD_NO_PAD.encode(&bytes);
            assert!(key(1).open(b"here", &changed).is_err());
            bytes[index] ^= 1;
        }
        for rubbish in ["", "AQAA", "no base64!"] {
            let refused = Err(Unopenable::NotByThisKey);
            assert_eq!(key(1).open(b"here", rubbish), refused);
        }
    }

    #[test]
    fn what_another_cipher_has_sealed_is_refused_by_its_number() {
        let sealed = key(1).seal(b"here", TEXT);
        let mut bytes = BASE64_STANDARD_NO_PAD.decode(&sealed).unwrap();
        assert_eq!(bytes[0], CIPHER);
        bytes[0] = 2;
        let later = BASE64_STANDARD_NO_PAD.encode(&bytes);
        let refused = key(1).open(b"here", &later).unwrap_err();
        assert_eq!(refused, Unopenable::UnknownCipher(2));
        assert!(refused.to_string().contains("cipher 2"), "{refused}");
    }

    #[test]
    fn a_nonce_is_used_for_one_text_in_one_place() {
        let nonce = |place: &[u8], text: &[u8]| key(1).nonce(place, text);
        assert_eq!(nonce(b"here", b"text"), nonce(b"here", b"text"));
        assert_ne!(nonce(b"here", b"text"), nonce(b"here", b"other"));
        assert_ne!(nonce(b"here", b"text"), nonce(b"there", b"text"));
        assert_ne!(nonce(b"here", b"text"), nonce(b"heret", b"ext"));
    }

    #[test]
    fn a_digest_is_one_of_its_key_and_content_and_never_changes() {
        let digest = key(1).digest(TEXT);
        assert_eq!(
            digest[..8],
            [0xab, 0xd4, 0xeb, 0x1c, 0xfe, 0xa1, 0xb2, 0x94]
        );
        assert_eq!(key(1).digest(TEXT), digest);
        assert_ne!(key(2).digest(TEXT), digest);
        assert_ne!(key(1).digest(b"another"), digest);
    }

    #[test]
    fn what_is_sealed_shows_nothing_of_its_text() {
        let sealed = key(1).seal(b"here", b"a secret word");
        assert!(!sealed.contains("secret"));
        let bytes = BASE64_STANDARD_NO_PAD.decode(&sealed).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        assert_eq!(format!("{:?}", key(1)), "Key(…)");
    }
}
