//! What happened at the first position where the chain is broken: the hashes
//! themselves say where each event stood and what stood before it.

use sqlx::postgres::PgConnection;

use super::{Damage, Kind};
use crate::chain;
use crate::event::Recorded;
use crate::rows;

/// Inserted or removed events in a row that are recognized; more are *replaced*.
const LOOK_AROUND: i64 = 1_000;
/// Events in memory at once.
const PAGE: i64 = 10_000;

/// Tells what happened where it can be told.
pub(super) async fn explain(
    connection: &mut PgConnection,
    damage: Damage,
    head: i64,
) -> sqlx::Result<Damage> {
    match damage.kind {
        Kind::Replaced => {
            let neighbours = Neighbours::read(connection, damage.position).await?;
            neighbours.explain(connection, damage, head).await
        }
        Kind::Missing { .. } => explain_gap(connection, damage, head).await,
        _ => Ok(damage),
    }
}

/// Nothing stands there: it was taken away, or elsewhere.
async fn explain_gap(
    connection: &mut PgConnection,
    damage: Damage,
    head: i64,
) -> sqlx::Result<Damage> {
    let position = damage.position;
    let before = hash_at(connection, position - 1).await?;
    if let Some(found) = find(connection, before, position, head).await? {
        let from = found.position;
        return Ok(Damage::nothing_at(position, Kind::Moved { from }));
    }
    Ok(match next_behind(connection, position).await? {
        Some(next) => Damage::nothing_at(position, Kind::Missing { through: next - 1 }),
        None => damage,
    })
}

/// The event where the chain breaks, and those around it.
struct Neighbours {
    /// Contiguous, up to the one before.
    earlier: Vec<Recorded>,
    event: Recorded,
    next: Option<Recorded>,
}

impl Neighbours {
    async fn read(connection: &mut PgConnection, position: i64) -> sqlx::Result<Neighbours> {
        let from = position - 1 - LOOK_AROUND;
        let mut events = rows::collect(connection, from, position + 1).await?;
        let next = events.pop_if(|event| event.position > position);
        let event = events.pop();
        Ok(Neighbours {
            earlier: events,
            event: event.ok_or(sqlx::Error::RowNotFound)?,
            next,
        })
    }

    /// The hash of the event `back` positions before the broken one.
    fn hash_before(&self, back: usize) -> Option<[u8; 32]> {
        let events = self.earlier.len();
        if let Some(index) = events.checked_sub(back) {
            return self.earlier.get(index).map(|event| event.hash);
        }
        let at_start = self.event.position == i64::try_from(back).ok()?;
        at_start.then_some(chain::GENESIS)
    }

    async fn explain(
        self,
        connection: &mut PgConnection,
        damage: Damage,
        head: i64,
    ) -> sqlx::Result<Damage> {
        let position = damage.position;
        let before = self.hash_before(1).unwrap_or(chain::GENESIS);
        if let Some(found) = find(connection, before, position, head).await? {
            let kind = self.displaced_by(connection, found).await?;
            return Ok(Damage { kind, ..damage });
        }
        if let Some(events) = self.inserted_before() {
            let position = position - events;
            let inserted = rows::collect(connection, position, position).await?;
            let inserted = inserted.first().ok_or(sqlx::Error::RowNotFound)?;
            return Ok(Damage::at(inserted, Kind::Inserted { events }));
        }
        let kind = self.in_place(before);
        Ok(Damage { kind, ..damage })
    }

    /// The event that belongs here stands further behind: what stands here then?
    async fn displaced_by(
        &self,
        connection: &mut PgConnection,
        found: Recorded,
    ) -> sqlx::Result<Kind> {
        let (here, there) = (self.event.position, found.position);
        let before_there = if there == here + 1 {
            found.hash
        } else {
            hash_at(connection, there - 1).await?
        };
        if belongs(&before_there, &self.event, there) {
            return Ok(Kind::Swapped { with: there });
        }
        let behind = rows::collect(connection, there + 1, there + 1).await?;
        let goes_on = |next: &Recorded| belongs(&found.hash, next, here + 1);
        if behind.first().is_none_or(goes_on) {
            let events = there - here;
            return Ok(Kind::Inserted { events });
        }
        Ok(Kind::Moved { from: there })
    }

    /// How many events before it are forged so that they continue the chain: it
    /// belongs to where the first of them stands.
    fn inserted_before(&self) -> Option<i64> {
        (1..=LOOK_AROUND).find(|back| {
            let behind = usize::try_from(*back)
                .ok()
                .and_then(|back| self.hash_before(back + 1));
            behind.is_some_and(|hash| belongs(&hash, &self.event, self.event.position - back))
        })
    }

    /// Nothing else in the log belongs here.
    fn in_place(&self, before: [u8; 32]) -> Kind {
        let Some(next) = &self.next else {
            return Kind::Edited;
        };
        let position = self.event.position;
        if belongs(&self.event.hash, next, position + 1) {
            return Kind::Edited;
        }
        let moved_up = |by: &i64| belongs(&self.event.hash, next, position + 1 + by);
        if let Some(events) = (1..=LOOK_AROUND).find(moved_up) {
            return Kind::Removed { events };
        }
        if belongs(&chain::hash(&before, &self.event), next, position + 1) {
            return Kind::HashEdited;
        }
        Kind::Replaced
    }
}

/// Whether an event was recorded at this position behind this hash.
fn belongs(before: &[u8; 32], event: &Recorded, position: i64) -> bool {
    let there = Recorded {
        position,
        ..event.clone()
    };
    chain::hash(before, &there) == event.hash
}

/// The event that was recorded at this position, wherever it stands behind it.
async fn find(
    connection: &mut PgConnection,
    before: [u8; 32],
    position: i64,
    head: i64,
) -> sqlx::Result<Option<Recorded>> {
    let mut last = position;
    // from event to event: a forged position may be very far behind
    while let Some(from) = next_behind(connection, last).await? {
        let through = from.saturating_add(PAGE).min(head);
        let events = rows::collect(connection, from, through).await?;
        let found = events
            .iter()
            .find(|event| belongs(&before, event, position));
        if found.is_some() || through >= head {
            return Ok(found.cloned());
        }
        last = through;
    }
    Ok(None)
}

async fn next_behind(connection: &mut PgConnection, position: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select min(position) from log.events where position > $1")
        .bind(position)
        .fetch_one(connection)
        .await
}

async fn hash_at(connection: &mut PgConnection, position: i64) -> sqlx::Result<[u8; 32]> {
    let events = rows::collect(connection, position, position).await?;
    Ok(events.first().map_or(chain::GENESIS, |event| event.hash))
}
