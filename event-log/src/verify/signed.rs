//! Comparing the log with the checkpoints that were signed over it: what a chain
//! alone can't tell, a root that somebody kept does.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::{Damage, Kind};
use crate::checkpoint::{self, Checkpoint, Forest, Found, Hash, Note, NoteError, PublicKey};

/// Notes in memory at once while they are read.
const PAGE: i64 = 10_000;
/// Where the database keeps them.
const TABLE: &str = "audit.checkpoints";

/// What an operator knows of what was signed.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// Who signs for this log. Without one no signature is checked, roots are.
    pub keys: Vec<PublicKey>,
    /// Checkpoints that were kept elsewhere.
    pub outside: Vec<Found>,
}

/// What the checkpoints say, those of the database and those outside.
#[derive(Debug, Default)]
pub(super) struct Signed {
    /// By the size of their tree.
    claims: BTreeMap<i64, Vec<Claim>>,
    /// A sentence for each that nobody signed.
    pub forged: Vec<String>,
}

#[derive(Debug)]
struct Claim {
    root: Hash,
    place: String,
}

impl Signed {
    pub async fn read(
        connection: &mut PgConnection,
        signatures: &Signatures,
    ) -> sqlx::Result<Signed> {
        let mut signed = Signed::default();
        let mut last = i64::MIN;
        loop {
            let page = checkpoint::notes_behind(&mut *connection, last, PAGE).await?;
            let Some((size, _)) = page.last() else { break };
            last = *size;
            for (size, note) in page {
                signed.take(&note, TABLE, Some(size), &signatures.keys);
            }
        }
        for found in &signatures.outside {
            signed.take(&found.text, &found.place, None, &signatures.keys);
        }
        Ok(signed)
    }

    fn take(&mut self, note: &str, place: &str, size: Option<i64>, keys: &[PublicKey]) {
        let read = Note::parse(note).and_then(|note| {
            let checkpoint = Checkpoint::read(&note)?;
            if checkpoint.size < 1 || size.is_some_and(|size| size != checkpoint.size) {
                return Err(NoteError::Malformed(
                    "it is not the size that it is kept as",
                ));
            }
            if !keys.is_empty() {
                note.check(keys)?;
            }
            Ok(checkpoint)
        });
        let place = size.map_or_else(
            || place.to_owned(),
            |size| format!("{place}, {size} events"),
        );
        match read {
            Ok(checkpoint) => {
                let root = checkpoint.root;
                let claims = self.claims.entry(checkpoint.size).or_default();
                claims.push(Claim { root, place });
            }
            Err(error) => self.forged.push(format!(
                "the checkpoint at {place} counts for nothing: {error}"
            )),
        }
    }

    /// The tree's sizes behind a position up to another that are to be compared.
    pub fn sizes(&self, from: i64, through: i64) -> Vec<i64> {
        let within = self.claims.range(from + 1..=through.max(from));
        within.map(|(size, _)| *size).collect()
    }

    /// The largest tree that was signed.
    pub fn furthest(&self) -> i64 {
        self.claims.last_key_value().map_or(0, |(size, _)| *size)
    }

    pub fn count(&self) -> usize {
        self.claims.values().map(Vec::len).sum()
    }

    /// Compares the checkpoints with the trees of all ranges, in order. Gives the
    /// last position that a checkpoint confirms, and what the first says that does not.
    pub fn compare<'a>(
        &self,
        ranges: impl IntoIterator<Item = &'a RangeTree>,
    ) -> (i64, Option<Damage>) {
        let (mut whole, mut confirmed) = (Forest::behind(0), 0);
        for range in ranges {
            if range.begin != whole.end() {
                break; // what is between is damaged
            }
            for part in &range.reached {
                let mut tree = whole.clone();
                tree.join(part);
                let (size, root) = (tree.end(), tree.root());
                let claims = self.claims.get(&size).into_iter().flatten();
                if let Some(other) = claims.into_iter().find(|claim| claim.root != root) {
                    let place = other.place.clone();
                    let kind = Kind::NotAsSigned { size, place };
                    return (confirmed, Some(Damage::nothing_at(confirmed + 1, kind)));
                }
                confirmed = size;
            }
            whole.join(&range.all);
        }
        (confirmed, None)
    }

    /// The largest tree, when the log is smaller.
    pub fn cut_off(&self, head: i64) -> Option<Damage> {
        let (size, claims) = self.claims.last_key_value()?;
        let place = claims.first()?.place.clone();
        let kind = Kind::SignedBeyond { size: *size, place };
        (*size > head).then(|| Damage::nothing_at(head + 1, kind))
    }
}

/// The tree over one range of positions, as far as they are right.
#[derive(Debug)]
pub(super) struct RangeTree {
    begin: i64,
    all: Forest,
    /// As it was at each size that is to be compared.
    reached: Vec<Forest>,
    /// Sizes still to come, the next last.
    wanted: Vec<i64>,
}

impl RangeTree {
    pub fn new(begin: i64, mut sizes: Vec<i64>) -> RangeTree {
        sizes.reverse();
        RangeTree {
            begin,
            all: Forest::behind(begin),
            reached: Vec::new(),
            wanted: sizes,
        }
    }

    pub fn push(&mut self, event: &Hash) {
        self.all.push(event, |_| {});
        if self.wanted.pop_if(|size| *size == self.all.end()).is_some() {
            self.reached.push(self.all.clone());
        }
    }
}
