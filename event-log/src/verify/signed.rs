//! What was signed over the log: what a chain alone can't tell, a root that somebody kept does.
//!
//! Of the database's checkpoints those are in memory that lie in the ranges which are being read;
//! of those that were kept outside, 56 bytes for each.

use std::io;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use super::forged::Forged;
use super::{Damage, Kind};
use crate::checkpoint::{self, Checkpoint, Found, Hash, Note, NoteError, Outside, PublicKey};

/// Notes in memory at once while they are read.
const PAGE: i64 = 1_000;
/// Where the database keeps them.
const TABLE: &str = "audit.checkpoints";

/// What an operator knows of what was signed.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    keys: Vec<PublicKey>,
    /// Checkpoints that were kept elsewhere, by the size of their tree.
    outside: Arc<Vec<Claim>>,
    files: Vec<Arc<str>>,
    forged: Forged,
}

/// So many events have this root, somebody says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub size: i64,
    pub root: Hash,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Table,
    Outside { file: u32, line: u32 },
}

impl Claim {
    #[cfg(test)]
    pub fn of(size: i64, root: Hash) -> Claim {
        let place = Place::Table;
        Claim { size, root, place }
    }
}

impl Signatures {
    /// By whom the log is signed. Where nobody is known no signature is checked, roots are.
    pub fn by(keys: Vec<PublicKey>) -> Signatures {
        Signatures {
            keys,
            ..Signatures::default()
        }
    }

    pub fn are_checked(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Takes the checkpoints that were kept there.
    pub fn read(&mut self, outside: &Outside) -> io::Result<()> {
        outside.each(|found| self.take(found))?;
        // of one size the first stays the first
        Arc::make_mut(&mut self.outside).sort_by_key(|claim| claim.size);
        Ok(())
    }

    /// Checkpoints that were taken, but for those that nobody signed.
    pub fn kept_outside(&self) -> usize {
        self.outside.len()
    }

    fn take(&mut self, found: Found) {
        let Found { file, line, text } = found;
        match opened(&text, None, &self.keys) {
            Ok(Checkpoint { size, root, .. }) => {
                if self.files.last() != Some(&file) {
                    self.files.push(file);
                }
                let place = Place::Outside {
                    file: short(self.files.len() - 1),
                    line: short(line),
                };
                Arc::make_mut(&mut self.outside).push(Claim { size, root, place });
            }
            Err(error) => {
                let told = || sentence(&format!("{file}:{line}"), error);
                self.forged.push(i64::MAX, told);
            }
        }
    }

    /// Those outside of trees that end behind a position, up to another.
    fn outside(&self, from: i64, through: i64) -> &[Claim] {
        let behind = |position| self.outside.partition_point(|claim| claim.size <= position);
        &self.outside[behind(from)..behind(through)]
    }

    fn place(&self, claim: &Claim) -> String {
        match claim.place {
            Place::Table => in_table(claim.size),
            Place::Outside { file, line } => {
                let file = &self.files[file as usize];
                format!("{file}:{line}")
            }
        }
    }
}

/// Of a number that no file and no count of files reaches.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn in_table(size: i64) -> String {
    format!("{TABLE}, {size} events")
}

fn sentence(place: &str, error: NoteError) -> String {
    format!("the checkpoint at {place} counts for nothing: {error}")
}

/// What a note says, `size` events if it is kept as that, and signed by one of the keys if there are any.
fn opened(note: &str, size: Option<i64>, keys: &[PublicKey]) -> Result<Checkpoint, NoteError> {
    let note = Note::parse(note)?;
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
}

/// Of the database's checkpoints, as far as they were read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub checkpoints: usize,
    pub forged: Forged,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.checkpoints += other.checkpoints;
        self.forged.add(other.forged);
    }

    /// Takes rows of the table; gives what they say that are signed.
    fn take<'p>(
        &'p mut self,
        page: &'p [(i64, String)],
        keys: &'p [PublicKey],
    ) -> impl Iterator<Item = Claim> + 'p {
        page.iter()
            .filter_map(move |(size, note)| match opened(note, Some(*size), keys) {
                Ok(Checkpoint { root, .. }) => {
                    self.checkpoints += 1;
                    let (size, place) = (*size, Place::Table);
                    Some(Claim { size, root, place })
                }
                Err(error) => {
                    self.forged
                        .push(*size, || sentence(&in_table(*size), error));
                    None
                }
            })
    }
}

/// What the checkpoints say, those of the database and those outside.
#[derive(Debug)]
pub(super) struct Signed {
    signatures: Signatures,
    /// The largest tree that was signed when the check began.
    furthest: Option<Claim>,
}

impl Signed {
    /// To be asked for before the head: what it covers is there, if it was not cut off.
    pub async fn look(
        connection: &mut PgConnection,
        signatures: &Signatures,
    ) -> sqlx::Result<Signed> {
        let stored = newest(connection, &signatures.keys).await?;
        let outside = signatures.outside.last().map_or(0, |claim| claim.size);
        // of one size the database's, else the first outside
        let furthest = stored.filter(|stored| stored.size >= outside);
        let outside = signatures.outside(outside - 1, outside);
        Ok(Signed {
            furthest: furthest.or_else(|| outside.first().copied()),
            signatures: signatures.clone(),
        })
    }

    pub fn furthest(&self) -> i64 {
        self.furthest.map_or(0, |claim| claim.size)
    }

    pub fn kept_outside(&self) -> usize {
        self.signatures.kept_outside()
    }

    /// What is said of trees that end in a range of positions, by their size.
    pub async fn claims(
        &self,
        connection: &mut PgConnection,
        (from, through): (i64, i64),
        tally: &mut Tally,
    ) -> sqlx::Result<Vec<Claim>> {
        let (mut claims, mut last) = (Vec::new(), lowest(from));
        loop {
            let page = checkpoint::notes_within(&mut *connection, (last, through), PAGE).await?;
            let Some((size, _)) = page.last() else { break };
            last = *size;
            claims.extend(tally.take(&page, &self.signatures.keys));
        }
        claims.extend_from_slice(self.signatures.outside(from, through));
        claims.sort_by_key(|claim| claim.size);
        Ok(claims)
    }

    /// Looks at the signatures of what no range held: those behind the last position that was read.
    pub async fn rest(
        &self,
        connection: &mut PgConnection,
        read: i64,
        tally: &mut Tally,
    ) -> sqlx::Result<()> {
        let (mut looked_at, mut last) = (Tally::default(), lowest(read));
        loop {
            let page = checkpoint::notes_behind(&mut *connection, last, PAGE).await?;
            let Some((size, _)) = page.last() else { break };
            last = *size;
            let signed = looked_at.take(&page, &self.signatures.keys);
            signed.for_each(drop);
        }
        tally.forged.add(looked_at.forged);
        Ok(())
    }

    /// A sentence for each that nobody signed.
    pub fn forged(&self, mut stored: Forged) -> Vec<String> {
        stored.add(self.signatures.forged.clone());
        stored.sentences()
    }

    /// From a position on another log was signed.
    pub fn not_as_signed(&self, (position, claim): (i64, Claim)) -> Damage {
        let (size, place) = (claim.size, self.signatures.place(&claim));
        Damage::nothing_at(position, Kind::NotAsSigned { size, place })
    }

    /// The largest tree, when the log is smaller.
    pub fn cut_off(&self, head: i64) -> Option<Damage> {
        let claim = self.furthest.filter(|claim| claim.size > head)?;
        let (size, place) = (claim.size, self.signatures.place(&claim));
        Some(Damage::nothing_at(
            head + 1,
            Kind::SignedBeyond { size, place },
        ))
    }
}

/// Whoever inserts a row may say that it has less than no events: it is found with the first range.
fn lowest(from: i64) -> i64 {
    if from == 0 { i64::MIN } else { from }
}

/// The largest in the table, but for those that nobody signed.
async fn newest(connection: &mut PgConnection, keys: &[PublicKey]) -> sqlx::Result<Option<Claim>> {
    let mut through = i64::MAX;
    loop {
        let page = checkpoint::notes_up_to(&mut *connection, through, PAGE).await?;
        let newest = Tally::default().take(&page, keys).next();
        let next = page.last().and_then(|(size, _)| size.checked_sub(1));
        match next {
            Some(next) if newest.is_none() => through = next,
            _ => return Ok(newest),
        }
    }
}
