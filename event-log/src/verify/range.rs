//! Checking the events of one range of positions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hasher, RandomState};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::comparing::RangeTree;
use super::{Damage, Kind};
use crate::chain;
use crate::event::{Recorded, StreamName};
use crate::names::Names;
use crate::rows;

/// Events between two reports of progress.
const TICK: i64 = 5_000;

/// Checks the positions behind `from` up to `through`. Gives the sum of who
/// recorded what, the tree over what is right, and the first wrong position.
pub(super) async fn check(
    connection: &mut PgConnection,
    (from, through): (i64, i64),
    (decode, seal): (&impl Fn(&Recorded) -> Result<(), String>, &RandomState),
    mut tree: Option<RangeTree>,
    tick: impl Fn(i64),
) -> sqlx::Result<(u64, Option<RangeTree>, Option<Damage>)> {
    let mut walk = Walk::behind(from);
    let (mut sum, mut wrong, mut ticked) = (0_u64, None, from);
    {
        // with the event before the range, whose hash is where it begins
        let mut rows = std::pin::pin!(rows::events(connection, from.max(1), through).await?);
        let mut event = rows::blank();
        while let Some(message) = rows.try_next().await? {
            // what is wrong is known: the rest is read only to leave the connection clean
            if wrong.is_some() {
                continue;
            }
            let Some(names) = rows::fill(&mut event, &message) else {
                continue;
            };
            if from > 0 && event.position == from && walk.hash.is_none() {
                walk.begin(&event);
                continue;
            }
            wrong = walk.step(&event, names, decode);
            if let (Some(tree), None) = (&mut tree, &wrong) {
                tree.push(&event.hash);
            }
            let by = recorded_by(seal, (event.command, event.actor), event.position);
            sum = sum.wrapping_add(by);
            if event.position - ticked >= TICK {
                tick(event.position - ticked);
                ticked = event.position;
            }
        }
    }
    if wrong.is_none() {
        tick(walk.position - ticked);
        wrong = walk.ends_at(through);
    }
    let earlier = walk.first_without_predecessor(connection).await?;
    Ok((sum, tree, earlier.or(wrong)))
}

/// That this command recorded this position, as a number. Two logs' sums are the
/// same only if they say the same, but for one chance in 2⁶⁴.
pub(super) fn recorded_by(
    seal: &RandomState,
    (command, actor): (Uuid, Uuid),
    position: i64,
) -> u64 {
    // as one text: hashing it field by field takes several times as long
    let mut text = [0; 40];
    text[..16].copy_from_slice(command.as_bytes());
    text[16..32].copy_from_slice(actor.as_bytes());
    text[32..].copy_from_slice(&position.to_be_bytes());
    let mut hasher = seal.build_hasher();
    hasher.write(&text);
    hasher.finish()
}

/// Where a reader stands in its range.
struct Walk {
    position: i64,
    /// None: the event before the range is missing.
    hash: Option<[u8; 32]>,
    recorded_at: DateTime<Utc>,
    /// The last version of each stream in this range.
    versions: HashMap<StreamName, i64>,
    /// Events whose stream began before the range: the version before each must
    /// stand at a lower position.
    continued: Continued,
}

#[derive(Default)]
struct Continued {
    streams: Vec<StreamName>,
    versions: Vec<i64>,
    positions: Vec<i64>,
}

impl Continued {
    fn push(&mut self, event: &Recorded) {
        self.streams.push(event.stream.clone());
        self.versions.push(event.version);
        self.positions.push(event.position);
    }
}

impl Walk {
    fn behind(from: i64) -> Walk {
        Walk {
            position: from,
            hash: (from == 0).then_some(chain::GENESIS),
            recorded_at: DateTime::UNIX_EPOCH,
            versions: HashMap::new(),
            continued: Continued::default(),
        }
    }

    fn begin(&mut self, before: &Recorded) {
        self.hash = Some(before.hash);
        self.recorded_at = before.recorded_at;
    }

    /// Takes the next event; says what is wrong with it.
    fn step(
        &mut self,
        event: &Recorded,
        names: Names,
        decode: &impl Fn(&Recorded) -> Result<(), String>,
    ) -> Option<Damage> {
        let Some(before) = self.hash else {
            return Some(missing(self.position, event.position));
        };
        if event.position > self.position + 1 {
            return Some(missing(self.position + 1, event.position));
        }
        let kind = if event.position <= self.position {
            Kind::OutOfPlace
        } else if chain::hash(&before, event) != event.hash {
            // what happened is told when it is known to be the first
            Kind::Replaced
        } else if event.recorded_at < self.recorded_at {
            let before = self.recorded_at;
            Kind::TimeBackwards { before }
        } else if let Some(expected) = self.version_instead_of(event) {
            Kind::Version { expected }
        } else if let Err(why) = decode(event) {
            Kind::Unreadable(why)
        } else if names != Names::of(event) {
            Kind::NamesOthers
        } else {
            self.position = event.position;
            self.hash = Some(event.hash);
            self.recorded_at = event.recorded_at;
            return None;
        };
        Some(Damage::at(event, kind))
    }

    fn version_instead_of(&mut self, event: &Recorded) -> Option<i64> {
        let before = match self.versions.entry(event.stream.clone()) {
            Entry::Occupied(mut last) => last.insert(event.version),
            Entry::Vacant(first) => {
                first.insert(event.version);
                if event.version > 1 {
                    self.continued.push(event);
                    return None;
                }
                0
            }
        };
        (event.version != before + 1).then_some(before + 1)
    }

    fn ends_at(&self, through: i64) -> Option<Damage> {
        if self.hash.is_none() {
            return Some(missing(self.position, through + 1));
        }
        (self.position < through).then(|| missing(self.position + 1, through + 1))
    }

    async fn first_without_predecessor(
        self,
        connection: &mut PgConnection,
    ) -> sqlx::Result<Option<Damage>> {
        let Continued {
            streams,
            versions,
            positions,
        } = self.continued;
        let names: Vec<&str> = streams.iter().map(StreamName::as_str).collect();
        let found: Option<(i64, Option<i64>)> = sqlx::query_as(
            "select asked.position, e.position
             from unnest($1::text[], $2::bigint[], $3::bigint[]) as asked(stream, version, position)
             left join log.events e
               on e.stream = asked.stream and e.version = asked.version - 1
             where e.position is null or e.position >= asked.position
             order by asked.position limit 1",
        )
        .bind(names)
        .bind(&versions)
        .bind(&positions)
        .fetch_optional(&mut *connection)
        .await?;
        let Some((position, earlier)) = found else {
            return Ok(None);
        };
        let events = rows::collect(connection, position, position).await?;
        let kind = |version: i64| match earlier {
            Some(earlier_at) => Kind::VersionTooEarly { earlier_at },
            None => Kind::Version {
                expected: version - 1,
            },
        };
        Ok(events
            .first()
            .map(|event| Damage::at(event, kind(event.version))))
    }
}

fn missing(position: i64, next: i64) -> Damage {
    let through = next - 1;
    Damage::nothing_at(position, Kind::Missing { through })
}
