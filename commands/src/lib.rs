//! What may be asked of Reeltime, and when the answer is no. One file per aggregate, a struct per
//! action.
//!
//! Architecture invariant: a decision is a pure function of the streams that it names. It reads no
//! table and no clock; ids and times are made before and come with the command.
//!
//! # Where to begin
//!
//! `like.rs` is a whole aggregate: two commands, what they need to see, and tests of their rules by
//! the harness (`given(…).when(…).then(…)`). [`execute()`] is the one way to the log. What follows
//! from time passing, without anybody asking, is a command, too, which a [`reactor`] gives.

mod execute;
mod forgetter;
mod refused;

pub mod audit;
pub mod comment;
pub mod email;
pub mod factor;
pub mod film;
pub mod follow;
pub mod identity;
pub mod leaving;
pub mod like;
pub mod measure;
pub mod member;
pub mod name;
pub mod notifications;
pub mod profile;
pub mod reactor;
pub mod read_marker;
pub mod report;
pub mod review;
pub mod role;
pub mod room;
pub mod watchlist;

#[cfg(test)]
mod harness;

use domain::{
    CommentId, FilmId, FollowId, ForgettingId, LikeId, MeasureId, MemberId, ReadMarkerId, ReportId,
    ReservationId, ReviewId, RoomId, WatchlistEntryId,
};
use domain::{Event, State, Stream};

pub use execute::{Asked, ExecuteError, Reeltime, Sequencer, execute};
pub use forgetter::{ForgetError, Forgetter};
pub use refused::Refused;

/// Something that may be asked.
pub trait Command {
    /// All streams that `decide` looks at or writes to, each once.
    fn streams(&self) -> Vec<Stream>;

    /// The member whom it is the first to hear of: their keys are made before it is decided. Those
    /// of the members whose streams it names are there.
    fn introduces(&self) -> Option<MemberId> {
        None
    }

    /// What happens, or why not; no events: it is so already. May be called again when another
    /// node was faster. Once its events are recorded, asking again records none.
    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused>;
}

/// The states of the streams that a command named.
pub trait Seen {
    fn state(&self, stream: Stream) -> &State;

    fn film(&self, id: FilmId) -> Option<&domain::film::State> {
        self.state(id.stream()).film()
    }

    fn reservation(&self, id: ReservationId) -> Option<&domain::reservation::State> {
        self.state(id.stream()).reservation()
    }

    fn member(&self, id: MemberId) -> Option<&domain::member::State> {
        self.state(id.stream()).member()
    }

    fn review(&self, id: ReviewId) -> Option<&domain::review::State> {
        self.state(id.stream()).review()
    }

    fn like(&self, id: LikeId) -> Option<&domain::like::State> {
        self.state(id.stream()).like()
    }

    fn watchlist_entry(&self, id: WatchlistEntryId) -> Option<&domain::watchlist::State> {
        self.state(id.stream()).watchlist()
    }

    fn follow(&self, id: FollowId) -> Option<&domain::follow::State> {
        self.state(id.stream()).follow()
    }

    fn forgetting(&self, member: MemberId) -> Option<&domain::forgetting::State> {
        self.state(ForgettingId::of(member).stream()).forgetting()
    }

    fn comment(&self, id: CommentId) -> Option<&domain::comment::State> {
        self.state(id.stream()).comment()
    }

    fn room(&self, id: RoomId) -> Option<&domain::room::State> {
        self.state(id.stream()).room()
    }

    /// The message of that sequence number in a room.
    fn message(&self, room: RoomId, seq: i64) -> Option<&domain::room::Message> {
        self.state(room.message(seq)).message()
    }

    fn read_marker(&self, id: ReadMarkerId) -> Option<&domain::read_marker::State> {
        self.state(id.stream()).read_marker()
    }

    fn report(&self, id: ReportId) -> Option<&domain::report::State> {
        self.state(id.stream()).report()
    }

    fn measure(&self, id: MeasureId) -> Option<&domain::measure::State> {
        self.state(id.stream()).measure()
    }

    fn notifications(
        &self,
        list: domain::notifications::ListOf,
    ) -> Option<&domain::notifications::State> {
        self.state(list.stream()).notifications()
    }

    fn audit(&self, audit: domain::audit::AuditBy) -> Option<&domain::audit::State> {
        self.state(audit.stream()).audit()
    }
}
