//! The checkpoints' SQL.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use sqlx::postgres::PgConnection;

use super::tree::{Forest, Subtree};
use super::{Hash, ProofError};

/// Of the tree's levels every eighth is stored: a hash for 256 events, for 65,536 …
pub(super) const LEVELS: u32 = 8;

pub(super) fn is_stored(level: u32) -> bool {
    level > 0 && level.is_multiple_of(LEVELS)
}

/// The note of the newest checkpoint of no more than there is.
pub async fn latest_note(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<String>> {
    let newest = newest_up_to(executor, i64::MAX).await?;
    Ok(newest.map(|signed| signed.note))
}

/// The first checkpoint that covers a position and no more than there is, as a note.
pub async fn note_covering(
    executor: impl PgExecutor<'_>,
    position: i64,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "select note from audit.checkpoints
         where size >= $1 and size <= log.head() order by size limit 1",
    )
    .bind(position)
    .fetch_optional(executor)
    .await
}

/// A checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Signed {
    pub size: i64,
    pub note: String,
    pub signed_at: DateTime<Utc>,
}

/// The newest checkpoint of at most so many events, and of no more than there are: whoever may add
/// a row may add one that is of more.
pub async fn newest_up_to(
    executor: impl PgExecutor<'_>,
    size: i64,
) -> sqlx::Result<Option<Signed>> {
    sqlx::query_as(
        "select size, note, signed_at from audit.checkpoints
         where size <= least($1, log.head()) order by size desc limit 1",
    )
    .bind(size)
    .fetch_optional(executor)
    .await
}

/// At most `limit` checkpoints of more than `behind` events and no more than `through`, in order.
pub async fn signed_behind(
    executor: impl PgExecutor<'_>,
    (behind, through): (i64, i64),
    limit: i64,
) -> sqlx::Result<Vec<Signed>> {
    sqlx::query_as(
        "select size, note, signed_at from audit.checkpoints
         where size > $1 and size <= $2 order by size limit $3",
    )
    .bind(behind)
    .bind(through)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// Keeps checkpoints that were signed elsewhere, as far as there are none of so many events.
pub(crate) async fn keep(executor: impl PgExecutor<'_>, signed: &[Signed]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into audit.checkpoints (size, note, signed_at)
         select * from unnest($1::bigint[], $2::text[], $3::timestamptz[])
         on conflict (size) do nothing",
    )
    .bind(signed.iter().map(|one| one.size).collect::<Vec<_>>())
    .bind(
        signed
            .iter()
            .map(|one| one.note.as_str())
            .collect::<Vec<_>>(),
    )
    .bind(signed.iter().map(|one| one.signed_at).collect::<Vec<_>>())
    .execute(executor)
    .await?;
    Ok(())
}

/// At most `limit` notes of more than `size` events, in order.
pub(crate) async fn notes_behind(
    executor: impl PgExecutor<'_>,
    size: i64,
    limit: i64,
) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select size, note from audit.checkpoints where size > $1 order by size limit $2",
    )
    .bind(size)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The same of no more than `through` events.
pub(crate) async fn notes_within(
    executor: impl PgExecutor<'_>,
    (behind, through): (i64, i64),
    limit: i64,
) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select size, note from audit.checkpoints
         where size > $1 and size <= $2 order by size limit $3",
    )
    .bind(behind)
    .bind(through)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// At most `limit` notes of no more than `size` events, the largest first.
pub(crate) async fn notes_up_to(
    executor: impl PgExecutor<'_>,
    size: i64,
    limit: i64,
) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select size, note from audit.checkpoints where size <= $1 order by size desc limit $2",
    )
    .bind(size)
    .bind(limit)
    .fetch_all(executor)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    (size, note): (i64, &str),
    signed_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("insert into audit.checkpoints (size, note, signed_at) values ($1, $2, $3)")
        .bind(size)
        .bind(note)
        .bind(signed_at)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn insert_subtrees(
    connection: &mut PgConnection,
    subtrees: &[Subtree],
) -> sqlx::Result<()> {
    let level = |subtree: &Subtree| i16::try_from(subtree.level).expect("at most 63");
    sqlx::query(
        "insert into audit.subtrees (level, index, hash)
         select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
         on conflict (level, index) do update set hash = excluded.hash",
    )
    .bind(subtrees.iter().map(level).collect::<Vec<_>>())
    .bind(subtrees.iter().map(|s| s.index).collect::<Vec<_>>())
    .bind(
        subtrees
            .iter()
            .map(|s| s.hash.as_slice())
            .collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_subtrees(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("delete from audit.subtrees")
        .execute(connection)
        .await?;
    Ok(())
}

/// The hashes of the events behind a position, at most so many; in order, and
/// without a gap.
pub(super) async fn event_hashes(
    connection: &mut PgConnection,
    position: i64,
    limit: i64,
) -> Result<Vec<Hash>, ProofError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select position, hash from log.events
         where position > $1 and position <= $1 + $2 order by position",
    )
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let is_next = |(expected, (found, _)): (i64, &(i64, _))| expected == *found;
    if !(position + 1..).zip(&rows).all(is_next) {
        return Err(ProofError::Incomplete);
    }
    hashes(rows.into_iter().map(|(_, hash)| hash))
}

/// The hashes of the events at these positions, each with its position.
pub(super) async fn hashes_at(
    connection: &mut PgConnection,
    positions: &[i64],
) -> Result<Vec<(i64, Hash)>, ProofError> {
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select position, hash from log.events where position = any($1)")
            .bind(positions)
            .fetch_all(connection)
            .await?;
    let rows = rows.into_iter().map(|(position, hash)| {
        let hash = hash.try_into().map_err(|_| ProofError::Incomplete)?;
        Ok((position, hash))
    });
    rows.collect()
}

/// The hashes of stored subtrees of one level.
async fn subtree_hashes(
    connection: &mut PgConnection,
    level: u32,
    first: i64,
    count: i64,
) -> Result<Vec<Hash>, ProofError> {
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "select hash from audit.subtrees
         where level = $1 and index >= $2 and index < $2 + $3 order by index",
    )
    .bind(i16::try_from(level).expect("at most 63"))
    .bind(first)
    .bind(count)
    .fetch_all(connection)
    .await?;
    hashes(rows)
}

fn hashes(rows: impl IntoIterator<Item = Vec<u8>>) -> Result<Vec<Hash>, ProofError> {
    let hash = |row: Vec<u8>| row.try_into().map_err(|_| ProofError::Incomplete);
    rows.into_iter().map(hash).collect()
}

/// The leaves from one to another, the first of them a multiple of a power of two
/// that is not below their number. Reads at most 255 hashes for each stored level.
pub(super) async fn forest(
    connection: &mut PgConnection,
    begin: i64,
    end: i64,
) -> Result<Forest, ProofError> {
    let mut forest = Forest::behind(begin);
    while forest.end() < end {
        let at = forest.end();
        let level = (end - at).ilog2().min(at.trailing_zeros());
        let base = level - level % LEVELS;
        let count = 1_i64 << (level - base);
        let hashes = if base == 0 {
            event_hashes(connection, at, count).await?
        } else {
            subtree_hashes(connection, base, at >> base, count).await?
        };
        if i64::try_from(hashes.len()) != Ok(count) {
            return Err(ProofError::Incomplete);
        }
        for (index, hash) in (at >> base..).zip(hashes) {
            if base == 0 {
                forest.push(&hash, |_| {});
            } else {
                let level = base;
                forest.append(Subtree { level, index, hash }, |_| {});
            }
        }
    }
    Ok(forest)
}
