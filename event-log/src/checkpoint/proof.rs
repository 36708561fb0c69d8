//! Proofs: that an event is in the tree of a checkpoint, that one checkpoint's tree
//! begins with another's. Made from the stored hashes, checked without them.

use std::collections::HashMap;

use ct_merkle::{
    ConsistencyProof, InclusionProof, RootHash, indices_for_consistency_proof,
    indices_for_inclusion_proof,
};
use sha2::Sha256;
use sqlx::postgres::PgConnection;
use thiserror::Error;

use super::{Checkpoint, Hash, store};

#[derive(Debug, Error)]
pub enum ProofError {
    /// The log or the tree's stored hashes do not reach so far, or have a gap.
    #[error("the log has no such events, or their tree was not stored yet")]
    Incomplete,
    #[error("the proof is wrong")]
    Wrong,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Hashes of nodes that proofs of near events share.
#[derive(Default)]
pub(super) struct Known(HashMap<u64, Hash>);

/// At the bound all are forgotten and read again.
const MOST_KNOWN: usize = 8_192;

/// The hashes that lead from an event to the root of the tree of `size` events.
pub async fn prove_inclusion(
    connection: &mut PgConnection,
    position: i64,
    size: i64,
) -> Result<Vec<Hash>, ProofError> {
    prove(connection, position, size, &mut Known::default()).await
}

/// As [`prove_inclusion`], one of many for the same tree.
pub(super) async fn prove(
    connection: &mut PgConnection,
    position: i64,
    size: i64,
    known: &mut Known,
) -> Result<Vec<Hash>, ProofError> {
    if position < 1 || position > size {
        return Err(ProofError::Incomplete);
    }
    let nodes = indices_for_inclusion_proof(size.unsigned_abs(), position.unsigned_abs() - 1);
    hashes_of(connection, nodes, size, known).await
}

/// The hashes that show that the tree of `old` events is the beginning of that of
/// `new` events.
pub async fn prove_consistency(
    connection: &mut PgConnection,
    old: i64,
    new: i64,
) -> Result<Vec<Hash>, ProofError> {
    if old < 1 || old > new {
        return Err(ProofError::Incomplete);
    }
    let nodes = indices_for_consistency_proof(old.unsigned_abs(), new.abs_diff(old));
    hashes_of(connection, nodes, new, &mut Known::default()).await
}

/// Nodes as RFC 9420 counts them: a node of level *k* ends in *k* ones.
async fn hashes_of(
    connection: &mut PgConnection,
    nodes: Vec<u64>,
    size: i64,
    Known(known): &mut Known,
) -> Result<Vec<Hash>, ProofError> {
    if known.len() >= MOST_KNOWN {
        known.clear();
    }
    let mut hashes = Vec::with_capacity(nodes.len());
    for node in nodes {
        if let Some(hash) = known.get(&node) {
            hashes.push(*hash);
            continue;
        }
        let level = node.trailing_ones();
        let begin = (node >> (level + 1) << level).cast_signed();
        let end = size.min(begin + (1 << level));
        let hash = store::forest(connection, begin, end).await?.root();
        known.insert(node, hash);
        hashes.push(hash);
    }
    Ok(hashes)
}

/// Whether the event with this hash is the one at this position.
pub fn check_inclusion(
    event: &Hash,
    position: i64,
    checkpoint: &Checkpoint,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let index = u64::try_from(position - 1).map_err(|_| ProofError::Wrong)?;
    let proof = InclusionProof::<Sha256>::try_from_bytes(proof.concat());
    let checked =
        root(checkpoint).verify_inclusion(event, index, &proof.map_err(|_| ProofError::Wrong)?);
    checked.map_err(|_| ProofError::Wrong)
}

/// Whether the newer checkpoint's log begins with the older one's.
pub fn check_consistency(
    old: &Checkpoint,
    new: &Checkpoint,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let proof = ConsistencyProof::<Sha256>::try_from_bytes(proof.concat());
    let proof = proof.map_err(|_| ProofError::Wrong)?;
    let checked = root(new).verify_consistency(&root(old), &proof);
    checked.map_err(|_| ProofError::Wrong)
}

fn root(checkpoint: &Checkpoint) -> RootHash<Sha256> {
    RootHash::new(checkpoint.root.into(), checkpoint.size.unsigned_abs())
}
