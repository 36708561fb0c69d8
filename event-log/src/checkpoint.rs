//! Signed checkpoints: a Merkle tree (RFC 6962) over the events' hashes, whose root
//! is signed again and again, so that whoever kept a checkpoint can show that the
//! log was cut off or written anew, and whoever kept a receipt that an event is in it.
//!
//! A checkpoint is a signed note as of C2SP (`tlog-checkpoint`, `signed-note`):
//!
//! ```text
//! reeltime.example/log
//! 4711
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — reeltime.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//! ```
//!
//! The first leaf is position 1; a tree of *n* leaves is the log up to position *n*.

mod growing;
mod note;
mod outside;
mod proof;
mod receipt;
mod signer;
mod store;
mod tree;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

pub use note::{Note, NoteError, PublicKey, SigningKey};
pub use outside::{Found, Outside};
pub use proof::{
    ProofError, check_consistency, check_inclusion, prove_consistency, prove_inclusion,
};
pub use receipt::{Bytes, Header, Receipt, ReceiptError, Receipts};
pub use signer::Checkpointer;
pub use store::{Signed, latest_note, newest_up_to, note_covering, signed_behind};
pub(crate) use store::{keep, notes_behind, notes_up_to, notes_within};
pub(crate) use tree::Forest;

/// A hash of the tree, or of an event.
pub type Hash = [u8; 32];

/// How the log stood when it had so many events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of the key that signs for it.
    pub origin: String,
    /// Events in the tree: the position of the last.
    pub size: i64,
    pub root: Hash,
}

impl Checkpoint {
    /// As it is kept and shown.
    pub fn sign(&self, key: &SigningKey) -> String {
        let root = BASE64_STANDARD.encode(self.root);
        key.sign(&format!("{}\n{}\n{root}\n", self.origin, self.size))
    }

    /// What a note says, whoever signed it.
    pub fn read(note: &Note) -> Result<Checkpoint, NoteError> {
        let malformed = NoteError::Malformed("it is no checkpoint");
        let mut lines = note.text().lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed);
        };
        let root = BASE64_STANDARD.decode(root).ok();
        let root = root.and_then(|root| root.try_into().ok());
        let number: Option<i64> = size.parse().ok();
        // one spelling alone: no sign, no zeros in front
        let number = number.filter(|number| *number >= 0 && number.to_string() == size);
        match (number, root) {
            (Some(size), Some(root)) if !origin.is_empty() => Ok(Checkpoint {
                origin: origin.to_owned(),
                size,
                root,
            }),
            _ => Err(malformed),
        }
    }

    /// What a note says that one of these keys has signed.
    pub fn open(note: &str, keys: &[PublicKey]) -> Result<Checkpoint, NoteError> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::read(&note)?;
        note.check(keys)?;
        Ok(checkpoint)
    }
}
