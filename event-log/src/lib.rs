//! An event log on PostgreSQL: gapless positions in commit order, streams with
//! contiguous versions, commands decided exactly once, a hash chain, and a tail
//! that wakes its readers.
//!
//! It must never know anything of films or reviews: what events mean is told by
//! a [`Model`].
//!
//! # What it promises
//!
//! - Positions are 1, 2, 3 … in the order of commits, which is the order in which anybody can
//!   see events: whoever saw `n` next sees `n + 1`. So are the versions of each stream.
//! - A decision sees the streams that its [`Command`] names as they are at its turn; nothing comes
//!   between it and its events.
//! - An accepted command is durable when it is answered. The same id of the same actor gets that
//!   answer for ever, and records nothing more.
//! - What is recorded is never changed: each event's hash covers the one before, and signed
//!   [`checkpoint`]s pin them. What is sealed is forgotten by destroying its key, and the hashes
//!   still hold.
//! - Who follows the [`Tail`] misses nothing, as notifications only wake it.
//!
//! # Where to begin
//!
//! Say in a [`Model`] what events mean, open a [`Keyring`], start a [`Tail`] and a [`Sequencer`],
//! and give it commands by [`Sequencer::execute`]. What was recorded is followed by
//! [`Tail::follow`] or read by [`read_after`] and [`read_stream`]; [`verify`] checks a whole log.
//! The smallest model is in `tests/src/counter.rs`, Reeltime's in `commands/src/execute.rs`.

pub mod chain;
pub mod checkpoint;
mod commit;
mod event;
mod gathering;
mod history;
mod import;
mod keyring;
pub mod lease;
mod load;
mod model;
mod names;
mod plan;
mod pool;
mod rows;
mod selection;
mod sequencer;
mod snapshot;
mod store;
mod tail;
pub mod verify;

pub use commit::is_away;
pub use event::{About, Accepted, Encoded, Expected, Recorded, Stored, StreamName};
pub use gathering::Gathering;
pub use history::{
    read_backwards, read_last_naming, read_last_of_types, read_positions, read_whole_at, version_at,
};
pub use import::{Import, ImportError, Wrong};
pub use keyring::{Keyring, KeyringError, Master, ROTATION_LOCK};
pub use model::{AppendError, Command, Decide, DecodeError, Model, NO_DIGEST, Streams};
pub use plan::{Clock, MAX_BATCH_BYTES, MAX_CACHED_STREAMS, MAX_PAYLOAD_BYTES};
pub use pool::{beside, pool};
pub use rows::{answers, copy_page, copy_stream};
pub use selection::{Filter, Matches, Named, Order, read_matching};
pub use sequencer::{BUSY_AFTER, FoldError, Folded, Sequencer};
pub use snapshot::{SNAPSHOT_EVERY, delete_snapshots};
pub use store::{
    Head, RECENT_PARTS, StoredCommand, head, position_before, read_after, read_category,
    read_correlations, read_last_about, read_parts, read_stream, stream_version,
};
pub use tail::{PAGE, ReadError, Tail, read_page};
