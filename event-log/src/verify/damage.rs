//! What can be wrong with a log, and how it is said.

use std::fmt;

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
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing stands here and behind it up to this position.
    Missing { through: i64 },
    /// The log ends before it, and `log.commands` knows of events up to `through`.
    CutOff { through: i64 },
    /// The log ends before it, and a checkpoint of so many events was signed.
    SignedBeyond { size: i64, place: String },
    /// The first `size` events are not those whose checkpoint was signed: one from
    /// here to there is another, and all is chained anew.
    NotAsSigned { size: i64, place: String },
    /// So many events were taken out before this one, and those behind moved up.
    Removed { events: i64 },
    /// So many events stand here that the chain does not know; the others moved back.
    Inserted { events: i64 },
    /// It changed places with the event at this position.
    Swapped { with: i64 },
    /// The event that belongs here stands at another position.
    Moved { from: i64 },
    /// It is not what its hash says, and the chain goes on from that hash. Looks
    /// the same: the event before it was edited and given a new hash.
    Edited,
    /// Its hash alone was changed.
    HashEdited,
    /// The chain is broken before it and behind it.
    Replaced,
    /// Its position is taken, or before the first.
    OutOfPlace,
    /// Recorded before the event in front of it.
    TimeBackwards { before: DateTime<Utc> },
    /// Not the version that follows in its stream.
    Version { expected: i64 },
    /// The version before it stands at a later position.
    VersionTooEarly { earlier_at: i64 },
    /// Its stored form is unknown to this program, or not that of its stream.
    Unreadable(String),
    /// Its command is not in `log.commands`.
    NoCommand { command: Uuid, actor: Uuid },
    /// `log.commands` says that another command recorded it.
    ClaimedBy { command: Uuid, actor: Uuid },
    /// `log.commands` says that its command recorded other positions.
    CommandElsewhere { first: i64, last: i64 },
    /// `log.commands` says that a command recorded so many events up to `through`.
    Impossible {
        command: Uuid,
        actor: Uuid,
        events: i64,
        through: i64,
    },
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
            Kind::Edited | Kind::HashEdited => "edited",
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

impl Kind {
    fn tell_of_commands(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::NoCommand { command, actor } => write!(
                f,
                "its command {command} of {actor} is not in log.commands: inserted, or the command's row was deleted"
            ),
            Kind::ClaimedBy { command, actor } => write!(
                f,
                "log.commands says that command {command} of {actor} recorded it"
            ),
            Kind::Impossible {
                command,
                actor,
                events,
                through,
            } => write!(
                f,
                "log.commands says that command {command} of {actor} recorded {events} events up to position {through}, which can't be"
            ),
            Kind::CommandElsewhere { first, last } if first > last => {
                write!(f, "log.commands says that its command recorded nothing")
            }
            Kind::CommandElsewhere { first, last } => write!(
                f,
                "log.commands says that its command recorded positions {first} to {last}"
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Missing { through } => {
                write!(f, "deleted: nothing is there up to position {through}")
            }
            Kind::CutOff { through } => write!(
                f,
                "deleted: the log ends before it, and log.commands knows of positions up to {through}"
            ),
            Kind::SignedBeyond { size, place } => write!(
                f,
                "deleted: the log ends before it, and was signed up to position {size} ({place})"
            ),
            Kind::NotAsSigned { size, place } => write!(
                f,
                "rewritten: from here to position {size} is not what was signed ({place}), though it is well chained"
            ),
            Kind::Removed { events } => write!(
                f,
                "deleted: before it {events} of the log's events are gone, and those behind moved up"
            ),
            Kind::Inserted { events } => write!(
                f,
                "inserted: {events} here that the chain does not know, and those behind moved back"
            ),
            Kind::Swapped { with } => {
                write!(f, "reordered: it changed places with position {with}")
            }
            Kind::Moved { from } => write!(
                f,
                "reordered: the event that belongs here stands at position {from}"
            ),
            Kind::Edited => write!(
                f,
                "edited: it is not what its hash says (or the event before it was edited together with its hash)"
            ),
            Kind::HashEdited => write!(f, "edited: its hash was changed, and nothing else"),
            Kind::Replaced => write!(
                f,
                "edited or replaced: it fits neither what is before it nor what is behind it"
            ),
            Kind::OutOfPlace => write!(f, "inserted: its position is taken, or before the first"),
            Kind::TimeBackwards { before } => write!(
                f,
                "time runs backwards: the event before it was recorded at {before}"
            ),
            Kind::Version { expected } => {
                write!(f, "version {expected} of its stream should be here")
            }
            Kind::VersionTooEarly { earlier_at } => write!(
                f,
                "the version before it stands behind it, at position {earlier_at}"
            ),
            Kind::Unreadable(why) => write!(f, "can't be read: {why}"),
            Kind::NoCommand { .. }
            | Kind::ClaimedBy { .. }
            | Kind::Impossible { .. }
            | Kind::CommandElsewhere { .. } => self.tell_of_commands(f),
        }
    }
}
