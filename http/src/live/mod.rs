//! Live rooms: what is in the log flows to everybody who is in a room.
//!
//! One tail per node, one ring of ready-made frames per room, one place in it per connection.
//! What is said here is decided and recorded by commands like everything else.

mod asyncapi;
mod beginning;
pub mod close;
pub mod connections;
pub mod conversation;
pub mod deflate;
mod doors;
mod events;
pub mod frame;
mod happened;
pub mod hub;
pub mod link;
mod log;
mod names;
mod pages;
mod posted;
pub mod presence;
pub mod protocol;
mod refusal;
pub mod ring;
pub mod room;
pub mod sessions;
mod snapshots;
pub mod socket;
mod spreading;
mod standing;
mod stopped;
mod typing;
pub mod upgrade;

use event_log::{DecodeError, FoldError, ReadError};
use thiserror::Error;

pub use doors::{described, routes};
pub use hub::Hub;
pub use log::Log;

/// The longest frame or message of a client. Beyond: closed 4501.
pub const FRAME_BYTES: usize = 16 * 1024;
/// For each socket, for as long as it is open: most say little.
pub const READ_BUFFER_BYTES: usize = 2 * 1024;
/// Rooms that one connection follows. Beyond: refused.
pub const ROOMS: usize = 64;

/// Why a live room can't be had.
#[derive(Debug, Error)]
pub enum LiveError {
    #[error("there is no such room")]
    NoSuchRoom,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error(transparent)]
    Folding(#[from] FoldError),
    /// Where it stands could not be found out; it was told why.
    #[error("the room can't be begun")]
    NotBegun,
    /// It stands still on this node, for now; it is known why.
    #[error("the room stands still")]
    Stopped,
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    #[error(transparent)]
    Missing(#[from] room::Missing),
}
