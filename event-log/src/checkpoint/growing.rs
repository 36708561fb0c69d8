//! The tree over the log's events as the database keeps it: it grows with what is
//! signed, and is computed again where it was lost or changed, under the signer's lease.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Postgres, Transaction};

use super::signer::SignError;
use super::tree::{Forest, Subtree};
use super::{Checkpoint, ProofError, store};
use crate::lease::Lease;

/// Events that are taken in at once: what a node holds in memory that signs a log for the first time.
pub(super) const PAGE: i64 = 65_536;

/// Whether the stored tree is the one of these checkpoints.
pub(super) async fn holds(
    connection: &mut PgConnection,
    checkpoints: &[Checkpoint],
) -> Result<bool, SignError> {
    for checkpoint in checkpoints {
        match store::forest(connection, 0, checkpoint.size).await {
            Ok(forest) if forest.root() == checkpoint.root => {}
            Ok(_) | Err(ProofError::Incomplete) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Takes in at most so many new events. Returns the subtrees to be stored.
pub(super) async fn grow(
    connection: &mut PgConnection,
    forest: &mut Forest,
    limit: i64,
) -> Result<Vec<Subtree>, SignError> {
    let mut subtrees = Vec::new();
    for event in store::event_hashes(connection, forest.end(), limit).await? {
        forest.push(&event, |subtree| {
            if store::is_stored(subtree.level) {
                subtrees.push(*subtree);
            }
        });
    }
    Ok(subtrees)
}

/// Computes the stored hashes of the log's first events again.
pub(super) async fn store_tree(
    connection: &mut PgConnection,
    lease: &Lease,
    size: i64,
) -> Result<(), SignError> {
    tracing::warn!(size, "the tree's stored hashes are computed again");
    let mut forest = Forest::behind(0);
    let mut transaction = fenced(connection, lease).await?;
    store::delete_subtrees(&mut transaction).await?;
    transaction.commit().await?;
    while forest.end() < size {
        let before = forest.end();
        let mut transaction = fenced(connection, lease).await?;
        let subtrees = grow(&mut transaction, &mut forest, PAGE.min(size - before)).await?;
        if forest.end() == before {
            return Err(ProofError::Incomplete.into());
        }
        store::insert_subtrees(&mut transaction, &subtrees).await?;
        transaction.commit().await?;
        if !lease.renew(connection).await? {
            return Err(SignError::Fenced);
        }
    }
    Ok(())
}

/// A transaction that commits only under the lease.
pub(super) async fn fenced<'c>(
    connection: &'c mut PgConnection,
    lease: &Lease,
) -> Result<Transaction<'c, Postgres>, SignError> {
    let mut transaction = connection.begin().await?;
    if lease.fence(&mut transaction).await? {
        Ok(transaction)
    } else {
        Err(SignError::Fenced)
    }
}
