//! What a stream adds up to, read beside all decisions.

use std::sync::Arc;

use sqlx::postgres::PgConnection;
use thiserror::Error;

use super::Sequencer;
use crate::event::StreamName;
use crate::history::read_whole_at;
use crate::model::{DecodeError, Model};
use crate::snapshot::{SNAPSHOT_EVERY, Snapshot};
use crate::store::stream_version;

/// Events in memory at once.
const AT_ONCE: i64 = 2_000;

/// A stream's state at a version: as decisions saw it there.
pub struct Folded<M: Model> {
    pub version: i64,
    pub state: Arc<M::State>,
    /// Why the first event that can't be read is not in it.
    pub unreadable: Option<DecodeError>,
}

/// Why a stream is not folded.
#[derive(Debug, Error)]
pub enum FoldError {
    #[error("more than {0} events make up the state at this version")]
    TooLong(i64),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl<M: Model> Sequencer<M> {
    /// What a stream was at a version, or is, if it is not there yet: from the state that is kept of
    /// it, if that is early enough, and at most so many events since, or a page more. Where there
    /// were many, what it is is kept for whoever comes next.
    pub async fn state_at(
        &self,
        connection: &mut PgConnection,
        stream: &StreamName,
        version: i64,
        most: i64,
    ) -> Result<Folded<M>, FoldError> {
        let forgotten = self.keyring.forgotten();
        let newest = stream_version(&mut *connection, stream).await?;
        let version = version.min(newest);
        let kept = self.kept(&mut *connection, stream, forgotten).await?;
        let is_kept_behind = kept.as_ref().is_some_and(|kept| kept.version > version);
        let (mut at, mut state, mut unreadable) = (0, Arc::<M::State>::default(), None);
        if let Some(kept) = kept.filter(|_| !is_kept_behind) {
            (at, state) = (kept.version, kept.state);
        }
        let (mut last, mut count) = (None, 0);
        while at < version {
            if count >= most {
                return Err(FoldError::TooLong(most));
            }
            let mut page = read_whole_at(&mut *connection, stream, (at, version), AT_ONCE).await?;
            let keys = self
                .keyring
                .fetch(page.iter().filter_map(|event| event.key_id));
            let keys = keys.await?;
            let folded = Arc::make_mut(&mut state);
            for event in &page {
                count += 1;
                match M::decode(event.stored(), &keys) {
                    Ok(event) => M::evolve(folded, &event),
                    Err(error) => drop(unreadable.get_or_insert(error)),
                }
            }
            let Some(event) = page.pop() else {
                break; // the log is damaged
            };
            at = event.version;
            last = Some(event);
        }
        if let (Some(last), Some(snapshots), None) = (&last, &self.snapshots, &unreadable)
            && count >= SNAPSHOT_EVERY
            && !is_kept_behind
        {
            let snapshot = Snapshot::of(stream, last, (&state, forgotten));
            snapshot.into_iter().for_each(|state| snapshots.keep(state));
        }
        Ok(Folded {
            version: at,
            state,
            unreadable,
        })
    }

    async fn kept(
        &self,
        connection: &mut PgConnection,
        stream: &StreamName,
        forgotten: i64,
    ) -> sqlx::Result<Option<Snapshot<M>>> {
        let Some(snapshots) = &self.snapshots else {
            return Ok(None);
        };
        let kept = snapshots.read(connection, std::slice::from_ref(stream), forgotten);
        Ok(kept.await?.pop())
    }
}
