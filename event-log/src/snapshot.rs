//! Snapshots: the states of long streams, kept so that a decision on one reads its newest events
//! alone.
//!
//! They are derived: without them the same is decided, later. One is made at every
//! [`SNAPSHOT_EVERY`]th version of a stream, and when so many events had to be read; always of
//! what is committed, and written beside all else.
//! It is used only by a program that gives states the same form and meaning, and only where the
//! log holds the event that it ends with; it is sealed, so that it can't be made up by who can
//! write to the database but has not the vault's keys.
//!
//! Some hold digests of members' words, so all are deleted where somebody is forgotten. On its way,
//! or in a node's memory, one would come back: each says up to which position those who were
//! forgotten are not in it, and one that says less than this node knows is neither read nor written.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use sealing::Key;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnection;
use sqlx::{PgExecutor, PgPool};
use tokio::sync::mpsc;

use crate::event::{Recorded, StreamName};
use crate::keyring::{Keyring, KeyringError};
use crate::model::Model;

/// Events of a long stream between two of its snapshots: so many are read at most when it is
/// loaded, and those that came while the last snapshot was being written.
pub const SNAPSHOT_EVERY: i64 = 200;
/// Snapshots that wait to be written; beyond it the newest is dropped, and the stream's next
/// one comes so many events later.
const QUEUE: usize = 256;
/// Between two writes: of a stream that is busier than that, only the newest is written.
const PAUSE: Duration = Duration::from_millis(500);
/// The vault's secret that they are sealed under.
const SECRET: &str = "snapshots";

/// A stream's state as of one of its events.
pub(crate) struct Snapshot<M: Model> {
    pub stream: StreamName,
    pub version: i64,
    /// The event's.
    pub hash: [u8; 32],
    pub state: Arc<M::State>,
    /// Who was forgotten up to this position is not in it.
    pub forgotten: i64,
}

impl<M: Model> Clone for Snapshot<M> {
    fn clone(&self) -> Self {
        Snapshot {
            stream: self.stream.clone(),
            state: self.state.clone(),
            ..*self
        }
    }
}

impl<M: Model> Snapshot<M> {
    /// The state behind an event; none of a part.
    pub fn of(
        stream: &StreamName,
        event: &Recorded,
        (state, forgotten): (&Arc<M::State>, i64),
    ) -> Option<Snapshot<M>> {
        is_kept::<M>(stream).then(|| Snapshot {
            stream: stream.clone(),
            version: event.version,
            hash: event.hash,
            state: state.clone(),
            forgotten,
        })
    }
}

/// A whole stream of a model that writes its states.
fn is_kept<M: Model>(stream: &StreamName) -> bool {
    !M::SNAPSHOT_SHAPE.is_empty() && stream.split().1.is_none()
}

/// Reads a node's snapshots and has them written. Writing ends with the last clone.
pub(crate) struct Snapshots<M: Model> {
    sealing: Sealing<M>,
    queue: mpsc::Sender<Snapshot<M>>,
}

impl<M: Model> Clone for Snapshots<M> {
    fn clone(&self) -> Self {
        Snapshots {
            sealing: self.sealing.clone(),
            queue: self.queue.clone(),
        }
    }
}

impl<M: Model> Snapshots<M> {
    pub async fn start(pool: PgPool, keyring: &Keyring) -> Result<Snapshots<M>, KeyringError> {
        let sealing = Sealing {
            key: Arc::new(Key::new(&keyring.secret(SECRET).await?)),
            shape: Sha256::digest(M::SNAPSHOT_SHAPE).into(),
            model: PhantomData,
        };
        let (snapshots, kept) = Snapshots::with(sealing.clone());
        tokio::spawn(write(pool, keyring.clone(), sealing, kept));
        Ok(snapshots)
    }

    /// Beside what is to be written.
    fn with(sealing: Sealing<M>) -> (Snapshots<M>, mpsc::Receiver<Snapshot<M>>) {
        let (queue, kept) = mpsc::channel(QUEUE);
        (Snapshots { sealing, queue }, kept)
    }

    /// Has a committed state written, some time.
    pub fn keep(&self, snapshot: Snapshot<M>) {
        // full: as the bound says
        let _ = self.queue.try_send(snapshot);
    }

    /// What there is of these streams without those who were forgotten up to a position.
    pub async fn read(
        &self,
        connection: &mut PgConnection,
        streams: &[StreamName],
        forgotten: i64,
    ) -> sqlx::Result<Vec<Snapshot<M>>> {
        let whole = streams.iter().filter(|stream| is_kept::<M>(stream));
        let whole: Vec<&str> = whole.map(StreamName::as_str).collect();
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        // the event is looked up by its whole key: a plan for the worst case would scan
        let rows: Vec<(String, i64, Vec<u8>, i64, String)> = sqlx::query_as(
            "select s.stream, s.version, s.hash, s.forgotten, s.state
             from unnest($1::text[]) as whole(stream)
             cross join lateral (
                 select * from cache.snapshots
                 where stream = whole.stream and shape = $2 and forgotten >= $3 offset 0
             ) s
             cross join lateral (
                 select hash from log.events
                 where stream = s.stream and version = s.version offset 0
             ) e
             where e.hash = s.hash",
        )
        .bind(whole)
        .bind(self.sealing.shape.as_slice())
        .bind(forgotten)
        .fetch_all(connection)
        .await?;
        let opened = |(stream, version, hash, forgotten, state): (_, _, Vec<u8>, _, String)| {
            let stream: StreamName = String::into(stream);
            let place = (stream.clone(), version, hash.try_into().ok()?, forgotten);
            let opened = self.sealing.open(place, &state);
            if opened.is_none() {
                tracing::warn!(%stream, "a snapshot is not what was written; it is left alone");
            }
            opened
        };
        Ok(rows.into_iter().filter_map(opened).collect())
    }
}

/// Deletes the snapshots that may hold something of those who were forgotten up to a position.
pub async fn delete_snapshots(executor: impl PgExecutor<'_>, forgotten: i64) -> sqlx::Result<()> {
    sqlx::query("delete from cache.snapshots where forgotten < $1")
        .bind(forgotten)
        .execute(executor)
        .await?;
    Ok(())
}

struct Sealing<M: Model> {
    key: Arc<Key>,
    shape: [u8; 32],
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Clone for Sealing<M> {
    fn clone(&self) -> Self {
        Sealing {
            key: self.key.clone(),
            ..*self
        }
    }
}

impl<M: Model> Sealing<M> {
    fn seal(&self, snapshot: &Snapshot<M>) -> String {
        let place = self.place(
            &snapshot.stream,
            [snapshot.version, snapshot.forgotten],
            &snapshot.hash,
        );
        let state = M::write_snapshot(&snapshot.state);
        self.key.seal(&place, state.as_bytes())
    }

    fn open(
        &self,
        (stream, version, hash, forgotten): (StreamName, i64, [u8; 32], i64),
        state: &str,
    ) -> Option<Snapshot<M>> {
        let place = self.place(&stream, [version, forgotten], &hash);
        let state = self.key.open(&place, state).ok()?;
        let state = M::read_snapshot(str::from_utf8(&state).ok()?)?;
        Some(Snapshot {
            stream,
            version,
            hash,
            state: Arc::new(state),
            forgotten,
        })
    }

    fn place(&self, stream: &StreamName, numbers: [i64; 2], hash: &[u8; 32]) -> Vec<u8> {
        let numbers = numbers.map(i64::to_be_bytes);
        let name = stream.as_str().as_bytes();
        [self.shape.as_slice(), hash, numbers.as_flattened(), name].concat()
    }
}

async fn write<M: Model>(
    pool: PgPool,
    keyring: Keyring,
    sealing: Sealing<M>,
    mut kept: mpsc::Receiver<Snapshot<M>>,
) {
    let mut received = Vec::new();
    while kept.recv_many(&mut received, QUEUE).await > 0 {
        let forgotten = keyring.forgotten();
        let newest = newest(received.drain(..), forgotten);
        if let Err(error) = store(&pool, &sealing, newest.values()).await {
            tracing::warn!(%error, "snapshots were not written; the next ones will be");
        }
        // somebody was forgotten in the middle of it
        if keyring.forgotten() > forgotten
            && let Err(error) = delete_snapshots(&pool, keyring.forgotten()).await
        {
            tracing::warn!(%error, "old snapshots stay until somebody is forgotten, or a node starts");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The last of each stream without those who were forgotten up to a position; in one order on all
/// nodes, so that none waits for another's row.
fn newest<M: Model>(
    snapshots: impl Iterator<Item = Snapshot<M>>,
    forgotten: i64,
) -> BTreeMap<StreamName, Snapshot<M>> {
    snapshots
        .filter(|snapshot| snapshot.forgotten >= forgotten)
        .map(|snapshot| (snapshot.stream.clone(), snapshot))
        .collect()
}

async fn store<M: Model>(
    pool: &PgPool,
    sealing: &Sealing<M>,
    snapshots: impl Iterator<Item = &Snapshot<M>> + Clone,
) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("set local synchronous_commit = off")
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "insert into cache.snapshots as kept (stream, version, hash, shape, state, forgotten)
         select stream, version, hash, $4, state, forgotten
         from unnest($1::text[], $2::bigint[], $3::bytea[], $5::text[], $6::bigint[])
              as s(stream, version, hash, state, forgotten)
         on conflict (stream) do update
         set version = excluded.version, hash = excluded.hash, shape = excluded.shape,
             state = excluded.state, forgotten = excluded.forgotten
         where (excluded.forgotten, excluded.version) >= (kept.forgotten, kept.version)
            or kept.shape <> excluded.shape",
    )
    .bind(
        snapshots
            .clone()
            .map(|s| s.stream.as_str())
            .collect::<Vec<_>>(),
    )
    .bind(snapshots.clone().map(|s| s.version).collect::<Vec<_>>())
    .bind(
        snapshots
            .clone()
            .map(|s| s.hash.as_slice())
            .collect::<Vec<_>>(),
    )
    .bind(sealing.shape.as_slice())
    .bind(
        snapshots
            .clone()
            .map(|s| sealing.seal(s))
            .collect::<Vec<_>>(),
    )
    .bind(snapshots.map(|s| s.forgotten).collect::<Vec<_>>())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use sealing::Keys;
    use uuid::Uuid;

    use super::*;
    use crate::event::{Encoded, Stored};
    use crate::model::DecodeError;

    struct Counting;

    impl Model for Counting {
        type Event = ();
        type State = u32;
        type Refusal = ();

        fn stream(_: &()) -> StreamName {
            "count-1".into()
        }

        fn evolve(state: &mut u32, _: &()) {
            *state += 1;
        }

        fn encode(_: &(), _: Uuid, _: &Keys) -> Result<Encoded, String> {
            Err("nothing is recorded".into())
        }

        fn decode(_: Stored<'_>, _: &Keys) -> Result<(), DecodeError> {
            Ok(())
        }
    }

    fn snapshot(stream: usize, version: i64, forgotten: i64) -> Snapshot<Counting> {
        Snapshot {
            stream: format!("count-{stream}").into(),
            version,
            hash: [0; 32],
            state: Arc::default(),
            forgotten,
        }
    }

    /// Whoever has a state kept does not wait: a writer that stands still costs snapshots, and no
    /// command its answer.
    #[test]
    fn what_does_not_fit_before_the_writer_is_dropped_and_the_next_is_kept_once_it_goes_on() {
        let sealing = Sealing {
            key: Arc::new(Key::new(&[7; 32])),
            shape: [0; 32],
            model: PhantomData,
        };
        let (snapshots, mut kept) = Snapshots::with(sealing);
        for stream in 0..QUEUE + 10 {
            snapshots.keep(snapshot(stream, 200, 0));
        }
        assert_eq!(kept.len(), QUEUE);
        let first = kept.try_recv().unwrap();
        assert_eq!(first.stream.as_str(), "count-0");
        snapshots.keep(snapshot(0, 400, 0));
        drop(snapshots);
        let mut last = first;
        while let Ok(next) = kept.try_recv() {
            last = next;
        }
        assert_eq!((last.stream.as_str(), last.version), ("count-0", 400));
    }

    #[test]
    fn of_each_stream_the_newest_is_written_and_none_that_may_hold_who_was_forgotten() {
        let received = [
            snapshot(2, 200, 5),
            snapshot(1, 200, 7),
            snapshot(2, 400, 7),
            snapshot(1, 400, 8),
            snapshot(3, 200, 6),
        ];
        let newest = newest(received.into_iter(), 7);
        let written: Vec<_> = newest
            .values()
            .map(|s| (s.stream.as_str(), s.version))
            .collect();
        assert_eq!(written, [("count-1", 400), ("count-2", 400)]);
    }
}
