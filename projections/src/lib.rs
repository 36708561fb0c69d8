//! All that is read, computed from the log: one file for each read model with
//! its rows, its pure `apply` and its queries; the projector that keeps them at
//! one position; snapshots to read from; rebuilding and verifying.
//!
//! Architecture invariant: nothing here decides or writes to the log, and nothing
//! but a model's `apply` says what is in a read table.
//!
//! # What it promises
//!
//! - All live models are at one position: what one [`Snapshot`] shows goes together, and it says
//!   which position that is.
//! - Each event is applied exactly once, by one node at a time; rows and position commit together.
//! - Replaying the log gives the same rows, in batches of whatever size: [`verify()`] shows it, and
//!   every test of behaviour ends with it.
//! - A model whose code fails stops alone, in front of the event; the others go on.
//! - A model is rebuilt beside the live one, while members read and write.
//!
//! # Where to begin
//!
//! `review_likes.rs` is a whole read model: its row, its `apply` ([`ReadModel`]), its queries, its
//! tests. A node starts a [`Projector`] and reads through a [`Reader`]; [`rebuild()`],
//! [`verify()`], [`diff()`] and [`AsOf`] are `replay-tool`'s.

mod as_of;
mod aside;
mod background;
mod batch;
mod build;
mod changes;
mod compare;
mod diff;
#[cfg(test)]
mod given;
mod model;
mod page;
mod projector;
mod rebuild;
mod rejoin;
mod snapshot;
mod standing;
mod table;
mod touching;
mod verify;

pub mod audit_reads;
pub mod comments;
pub mod departures;
pub mod film_genres;
pub mod film_heat;
pub mod film_ratings;
pub mod films;
pub mod follows;
pub mod former_names;
pub mod history;
pub mod measures;
pub mod members;
pub mod merged_films;
pub mod messages;
pub mod notifications;
pub mod opinions;
pub mod people;
pub mod read_markers;
pub mod recommender;
pub mod reports;
pub mod review_likes;
pub mod reviews;
pub mod room_members;
pub mod room_passages;
pub mod room_verdicts;
pub mod rooms;
pub mod search;
pub mod tastes;
pub mod watchlist;
pub mod withdrawals;

pub use as_of::{AsOf, AsOfError, Name as AsOfName};
pub use aside::{compute, nothing_aside};
pub use build::{MEMORY, Pace, Phase, Progress};
pub use changes::{Changes, WriteError};
pub use compare::Difference;
pub use diff::{Diff, diff};
pub use model::{Happened, ReadModel};
pub use page::{MOST_COUNTED, Page};
pub use projector::{ProjectError, Projector};
pub use rebuild::{
    Build, Cancelled, Kept, Rebuild, RebuildError, Rebuilt, builds, cancel, chosen, kept, rebuild,
    retire, roll_back,
};
pub use rejoin::{RejoinError, rejoin};
pub use snapshot::{Detached, PATIENCE, Reader, Snapshot};
pub use standing::{Standing, State, standings};
pub use table::Row;
pub use verify::{Verdict, Verified, record, verifications, verify};

use model::{AnyModel, model};

/// All read models. A new one is a line here, a file and a table.
fn models() -> Vec<Box<dyn AnyModel>> {
    vec![
        model::<films::Film>(),
        model::<merged_films::MergedFilm>(),
        model::<film_genres::FilmGenre>(),
        model::<film_ratings::FilmRatings>(),
        model::<film_heat::FilmHeat>(),
        model::<members::Member>(),
        model::<reviews::Review>(),
        model::<review_likes::ReviewLike>(),
        model::<follows::Follow>(),
        model::<comments::Comment>(),
        model::<rooms::Room>(),
        model::<room_members::RoomMember>(),
        model::<room_passages::RoomPassage>(),
        model::<room_verdicts::RoomVerdict>(),
        model::<messages::Message>(),
        model::<read_markers::ReadMarker>(),
        model::<notifications::Notification>(),
        model::<notifications::NotificationsSeen>(),
        model::<reports::Report>(),
        model::<audit_reads::AuditRead>(),
        model::<measures::Measure>(),
        model::<opinions::Opinion>(),
        model::<departures::Departure>(),
        model::<people::Credit>(),
        model::<search::Searchable>(),
        model::<search::Standing>(),
        model::<former_names::FormerName>(),
        model::<withdrawals::Withdrawal>(),
        model::<watchlist::Wanted>(),
    ]
}

/// The name of each read model, its table's, and the version of its code.
pub fn model_versions() -> Vec<(&'static str, i32)> {
    let models = models().into_iter();
    models
        .map(|model| (model.name(), model.version()))
        .collect()
}
