//! Taking over a log that was recorded elsewhere: into an empty log, every event at its
//! position with its hash, every command with its answer. Each is checked before it is
//! recorded: events against the hash chain, that each was recorded by the command that says so,
//! and signed checkpoints against the tree of the events.
//!
//! Broken off anywhere, it goes on from there: what is in the log already is compared
//! with what comes, by the hash that covers it all.

use std::sync::Arc;

use sqlx::postgres::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use crate::chain;
use crate::checkpoint::{self, Checkpoint, Forest, Note, NoteError, PublicKey, Signed};
use crate::event::Recorded;
use crate::rows;
use crate::store::{self, Head, StoredCommand};

/// Events and commands in one transaction, and bytes of payloads: a window of either size
/// fits in memory. At the bound it is recorded, with whole commands …
const WINDOW: usize = 5_000;
const WINDOW_BYTES: usize = 8 * 1024 * 1024;
/// … unless one of them has so many windows' events: that one is recorded in parts.
const MAX_WINDOWS: usize = 8;

/// Why an import stopped. What came before is recorded.
#[derive(Debug, Error)]
pub enum ImportError {
    /// What comes is not what was recorded.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// The log was neither empty nor begun with the same events.
    #[error(
        "the log holds other events already (up to position {0}): an import needs an empty log, \
         or one in which an import of the same events was broken off"
    )]
    Elsewhere(i64),
    /// Something appends to the log.
    #[error("somebody else writes to the log: stop Reeltime while you import")]
    Busy,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What is wrong with an event or a command that comes.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Wrong {
    #[error("position {found} comes where position {expected} belongs")]
    Gap { expected: i64, found: i64 },
    #[error("the event at position {0} is not what was recorded: its hash does not fit")]
    Event(i64),
    #[error("the command {0} is not what was recorded: its events are others")]
    Command(Uuid),
    #[error("the command that recorded position {0} is missing")]
    Unclaimed(i64),
    #[error("the checkpoint of {0} events can't be taken: {1}")]
    Checkpoint(i64, NoteError),
    #[error("the checkpoint of {0} events was signed for another log")]
    OtherLog(i64),
}

/// Records what comes, in the order of its positions.
pub struct Import {
    connection: PgConnection,
    /// What is in the database.
    recorded: Head,
    /// What has come so far.
    come: Head,
    /// Events whose command has not come yet: who recorded them, and how many they are.
    unclaimed: Option<(Uuid, Uuid)>,
    unclaimed_events: i32,
    events: Vec<Arc<Recorded>>,
    commands: Vec<StoredCommand>,
    bytes: usize,
    /// Who may have signed.
    keys: Vec<PublicKey>,
    /// The tree of what has come so far.
    forest: Forest,
    checkpoints: Vec<Signed>,
}

impl Import {
    /// `keys`: of those who may have signed checkpoints. Without any nobody knows whether they
    /// did, and checkpoints are left out.
    pub async fn start(
        mut connection: PgConnection,
        keys: Vec<PublicKey>,
    ) -> Result<Import, ImportError> {
        let recorded = store::head(&mut connection).await?;
        Ok(Import {
            connection,
            recorded,
            come: Head::EMPTY,
            unclaimed: None,
            unclaimed_events: 0,
            events: Vec::new(),
            commands: Vec::new(),
            bytes: 0,
            keys,
            forest: Forest::behind(0),
            checkpoints: Vec::new(),
        })
    }

    /// What has come so far.
    pub fn come(&self) -> Head {
        self.come
    }

    /// The last position that is in the log.
    pub fn recorded(&self) -> i64 {
        self.recorded.position
    }

    /// The next event.
    pub async fn event(&mut self, event: Recorded) -> Result<(), ImportError> {
        let expected = self.come.position + 1;
        if event.position != expected {
            let found = event.position;
            return Err(Wrong::Gap { expected, found }.into());
        }
        if chain::hash(&self.come.hash, &event) != event.hash {
            return Err(Wrong::Event(event.position).into());
        }
        let by = (event.command, event.actor);
        if self.unclaimed.is_some_and(|before| before != by) {
            return Err(Wrong::Unclaimed(self.come.position).into());
        }
        (self.unclaimed, self.unclaimed_events) = (Some(by), self.unclaimed_events + 1);
        // a command goes with the events in front of it
        let begins = self.unclaimed_events == 1;
        if begins && self.fills(1) || self.fills(MAX_WINDOWS) {
            self.record().await?;
        }
        self.come = Head::of(&event);
        self.forest.push(&event.hash, |_| {});
        if event.position <= self.recorded.position {
            return self.compare(&event).await;
        }
        self.bytes += event.payload.len();
        self.events.push(Arc::new(event));
        Ok(())
    }

    /// The first tells soon that the log is another one, the last that all are the same.
    async fn compare(&mut self, event: &Recorded) -> Result<(), ImportError> {
        let there = match event.position {
            last if last == self.recorded.position => self.recorded.hash,
            1 => {
                let first = rows::collect(&mut self.connection, 1, 1).await?;
                first.first().map_or(chain::GENESIS, |first| first.hash)
            }
            _ => return Ok(()),
        };
        match there == event.hash {
            true => Ok(()),
            false => Err(ImportError::Elsewhere(self.recorded.position)),
        }
    }

    /// A command, behind the last event that was there when it was accepted.
    pub async fn command(&mut self, command: StoredCommand) -> Result<(), ImportError> {
        if command.position != self.come.position {
            return Err(Wrong::Command(command.id).into());
        }
        if command.events != 0 {
            let its_own = self.unclaimed == Some((command.id, command.actor));
            if !its_own || command.events != self.unclaimed_events {
                return Err(Wrong::Command(command.id).into());
            }
            (self.unclaimed, self.unclaimed_events) = (None, 0);
        }
        if command.position < self.recorded.position {
            return Ok(()); // it was recorded with its events
        }
        if command.position == self.recorded.position {
            let asked = [(command.id, command.actor)];
            let there = store::find_commands(&mut self.connection, &asked).await?;
            if !there.is_empty() {
                return Ok(());
            }
        }
        self.commands.push(command);
        // any number may have changed nothing
        if self.unclaimed.is_none() && self.fills(2) {
            self.record().await?;
        }
        Ok(())
    }

    /// A signed checkpoint, behind the last of the events that it covers.
    pub async fn checkpoint(&mut self, signed: Signed) -> Result<(), ImportError> {
        let size = signed.size;
        let wrong = |error| Wrong::Checkpoint(size, error);
        let note = Note::parse(&signed.note).map_err(wrong)?;
        let said = Checkpoint::read(&note).map_err(wrong)?;
        let is_here = size == self.come.position && said.size == size;
        if !is_here || said.root != self.forest.root() {
            return Err(Wrong::OtherLog(size).into());
        }
        if self.keys.is_empty() {
            return Ok(());
        }
        note.check(&self.keys).map_err(wrong)?;
        self.checkpoints.push(signed);
        if self.checkpoints.len() >= WINDOW && self.unclaimed.is_none() {
            self.record().await?;
        }
        Ok(())
    }

    /// Records what came before something wrong.
    pub async fn keep(&mut self) -> Result<(), ImportError> {
        // but no events without their command
        let unclaimed = self.unclaimed_events.unsigned_abs() as usize;
        let claimed = self.events.len().saturating_sub(unclaimed);
        self.events.truncate(claimed);
        self.record().await
    }

    /// Records the rest, when all has come.
    pub async fn finish(&mut self) -> Result<(), ImportError> {
        if self.unclaimed.is_some() {
            return Err(Wrong::Unclaimed(self.come.position).into());
        }
        self.record().await?;
        match self.come.position < self.recorded.position {
            true => Err(ImportError::Elsewhere(self.recorded.position)),
            false => Ok(()),
        }
    }

    fn fills(&self, windows: usize) -> bool {
        self.events.len() + self.commands.len() >= windows * WINDOW
            || self.bytes >= windows * WINDOW_BYTES
    }

    async fn record(&mut self) -> Result<(), ImportError> {
        if !self.events.is_empty() || !self.commands.is_empty() {
            let head = self.recorded;
            let (events, commands) = (&self.events, &self.commands);
            if !store::append(&mut self.connection, head, commands, events).await? {
                return Err(ImportError::Busy);
            }
        }
        if let Some(last) = self.events.last() {
            self.recorded = Head::of(last);
        }
        self.events.clear();
        self.commands.clear();
        self.bytes = 0;
        // those of events that are there
        let recorded = self.recorded.position;
        let covered = self.checkpoints.partition_point(|one| one.size <= recorded);
        if covered > 0 {
            let covered: Vec<Signed> = self.checkpoints.drain(..covered).collect();
            checkpoint::keep(&mut self.connection, &covered).await?;
        }
        Ok(())
    }
}
