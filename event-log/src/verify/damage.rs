//! What can be wrong with a log, and how it is said.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::event::{Recorded, StreamName};

/// The first wrong position and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Damage {
    pub position: i64,
    /// Stream, version and type of what stands there; `None`: nothing does.
    pub event: Option<(StreamName, i64, String)>,
    pub kind: Kind,
}

impl Damage {
    pub(super) fn at(event: &Recorded, kind: Kind) -> Damage {
        let what = (
            event.stream.clone(),
            event.version,
            event.event_type.clone(),
        );
        Damage {
            position: event.position,
            event: Some(what),
            kind,
        }
    }

    pub(super) fn nothing_at(position: i64, kind: Kind) -> Damage {
        Damage {
            position,
            event: None,
            kind,
        }
    }
}

/// What happened to a position, as far as it can be told.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Kind {
    /// Nothing stands here and behind it up to this position.
    #[error("deleted: nothing is there up to position {through}")]
    Missing { through: i64 },
    /// The log ends before it, and `log.commands` knows of events up to `through`.
    #[error("deleted: the log ends before it, and log.commands knows of positions up to {through}")]
    CutOff { through: i64 },
    /// The log ends before it, and a checkpoint of so many events was signed.
    #[error("deleted: the log ends before it, and was signed up to position {size} ({place})")]
    SignedBeyond { size: i64, place: String },
    /// The first `size` events are not those whose checkpoint was signed: one from
    /// here to there is another, and all is chained anew.
    #[error(
        "rewritten: from here to position {size} is not what was signed ({place}), though it is well chained"
    )]
    NotAsSigned { size: i64, place: String },
    /// So many events were taken out before this one, and those behind moved up.
    #[error("deleted: before it {events} of the log's events are gone, and those behind moved up")]
    Removed { events: i64 },
    /// So many events stand here that the chain does not know; the others moved back.
    #[error("inserted: {events} here that the chain does not know, and those behind moved back")]
    Inserted { events: i64 },
    /// It changed places with the event at this position.
    #[error("reordered: it changed places with position {with}")]
    Swapped { with: i64 },
    /// The event that belongs here stands at another position.
    #[error("reordered: the event that belongs here stands at position {from}")]
    Moved { from: i64 },
    /// It is not what its hash says, and the chain goes on from that hash. Looks
    /// the same: the event before it was edited and given a new hash.
    #[error(
        "edited: it is not what its hash says (or the event before it was edited together with its hash)"
    )]
    Edited,
    /// Its hash alone was changed.
    #[error("edited: its hash was changed, and nothing else")]
    HashEdited,
    /// The chain is broken before it and behind it.
    #[error("edited or replaced: it fits neither what is before it nor what is behind it")]
    Replaced,
    /// Its position is taken, or before the first.
    #[error("inserted: its position is taken, or before the first")]
    OutOfPlace,
    /// Recorded before the event in front of it.
    #[error("time runs backwards: the event before it was recorded at {before}")]
    TimeBackwards { before: DateTime<Utc> },
    /// Not the version that follows in its stream.
    #[error("version {expected} of its stream should be here")]
    Version { expected: i64 },
    /// The version before it stands at a later position.
    #[error("the version before it stands behind it, at position {earlier_at}")]
    VersionTooEarly { earlier_at: i64 },
    /// Its stored form is unknown to this program, or not that of its stream.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// Its columns film, member and author are not what its payload says: who looks for it by them
    /// does not find it.
    #[error("edited: its columns film, member and author are not what its payload names")]
    NamesOthers,
    /// Its command is not in `log.commands`.
    #[error(
        "its command {command} of {actor} is not in log.commands: inserted, or the command's row was deleted"
    )]
    NoCommand { command: Uuid, actor: Uuid },
    /// `log.commands` says that another command recorded it.
    #[error("log.commands says that command {command} of {actor} recorded it")]
    ClaimedBy { command: Uuid, actor: Uuid },
    /// `log.commands` says that its command recorded other positions.
    #[error("{}", elsewhere(.first, .last))]
    CommandElsewhere { first: i64, last: i64 },
    /// `log.commands` says that a command recorded so many events up to `through`.
    #[error(
        "log.commands says that command {command} of {actor} recorded {events} events up to position {through}, which can't be"
    )]
    Impossible {
        command: Uuid,
        actor: Uuid,
        events: i64,
        through: i64,
    },
}

/// Where a command's events are by its row; behind each other only if there are any.
fn elsewhere(first: &i64, last: &i64) -> String {
    match first > last {
        true => "log.commands says that its command recorded nothing".to_owned(),
        false => format!("log.commands says that its command recorded positions {first} to {last}"),
    }
}

impl Kind {
    /// One word, for programs.
    pub fn slug(&self) -> &'static str {
        match self {
            Kind::Missing { .. }
            | Kind::CutOff { .. }
            | Kind::SignedBeyond { .. }
            | Kind::Removed { .. } => "deleted",
            Kind::NotAsSigned { .. } => "rewritten",
            Kind::Inserted { .. } | Kind::OutOfPlace => "inserted",
            Kind::Swapped { .. } | Kind::Moved { .. } => "reordered",
            Kind::Edited | Kind::HashEdited | Kind::NamesOthers => "edited",
            Kind::Replaced => "replaced",
            Kind::TimeBackwards { .. } => "time",
            Kind::Version { .. } | Kind::VersionTooEarly { .. } => "version",
            Kind::Unreadable(_) => "unreadable",
            Kind::NoCommand { .. }
            | Kind::ClaimedBy { .. }
            | Kind::CommandElsewhere { .. }
            | Kind::Impossible { .. } => "command",
        }
    }
}
