//! What can happen in Reeltime (events), what it means (state, `evolve`) and values that can't
//! be wrong. One file per aggregate.
//!
//! Architecture invariant: nothing here does I/O, reads a clock, rolls dice or is `async`, so that
//! replaying a log gives the same answer every time.
//!
//! # Where to begin
//!
//! `like.rs` is a whole aggregate: its events, its state, its `evolve`. `event.rs` makes one
//! [`Event`] of all of them, with their stored forms, every one of which is in `tests/golden.txt`.
//! What members write is a type of `text.rs` in a [`Sealed`] field.

mod event;
mod genre;
mod ids;
mod invalid;
mod language;
mod name;
mod rating;
mod reaction;
mod role;
mod sealed;
mod snapshot;
mod text;
mod thing;
mod upcast;

pub mod audit;
pub mod comment;
pub mod film;
pub mod follow;
pub mod forgetting;
pub mod like;
pub mod measure;
pub mod member;
pub mod notifications;
pub mod read_marker;
pub mod report;
pub mod reservation;
pub mod review;
pub mod room;
pub mod watchlist;

pub use event::{DecodeError, Event, Part, SealError, State};
pub use genre::Genre;
pub use ids::{
    CommentId, FilmId, FollowId, ForgettingId, LikeId, MeasureId, MemberId, ReadMarkerId, ReportId,
    ReservationId, ReviewId, RoomId, Stream, WatchlistEntryId,
};
pub use invalid::Invalid;
pub use language::Language;
pub use name::{Email, MemberName};
pub use rating::Rating;
pub use reaction::Reaction;
pub use role::{Role, Roles};
pub use sealed::{Content, Fingerprint, KeyKind, Sealed};
pub use snapshot::SNAPSHOT_SHAPE;
pub use text::{
    About, AppealText, CommentText, MessageText, Reason, ReviewText, RoomDescription, RoomName,
};
pub use thing::Thing;
