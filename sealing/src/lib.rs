//! Sealing: what members wrote and who they are, encrypted under keys that can be destroyed.
//!
//! Pure: nothing here does I/O, reads a clock or rolls dice. `domain` seals and opens the fields
//! of events with it, `event-log` keeps the keys; neither may depend on the other.
//!
//! XChaCha20-Poly1305, which what is sealed says in its first byte, under a nonce that is computed,
//! not drawn: the first 24 bytes of an HMAC of what is sealed and where it stands (as in SIV,
//! RFC 5297). A batch that is planned again
//! therefore never puts one nonce under two texts; the same text in the same place is sealed to
//! the same bytes, which tells nobody anything.

mod key;
mod keys;
mod master;

pub use key::{Key, SECRET_BYTES, Unopenable};
pub use keys::{Held, Keys, Opening};
pub use master::{MasterKey, MasterKeys, NotMasterKeys};

/// What tells whether two texts are the same, and not what they are. Kept in memory, or sealed: it
/// is not keyed.
pub fn fingerprint(text: &str) -> [u8; 16] {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest[..16].try_into().expect("a digest has 32 bytes")
}
