//! Comparing the events with `log.commands`: each position is recorded by exactly
//! the command that says so.
//!
//! Both tables are read once, each in the order in which it lies on the disk. For
//! each range of positions there is a sum over "this command recorded this
//! position"; where the two sums are not the same, that range is compared one by
//! one.

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::TryStreamExt;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::range::recorded_by;
use super::{Damage, Kind, Readers};
use crate::rows::{self, Columns, Fields};

/// Pages of the table that a reader takes at a time.
const PAGES: i64 = 1_024;

/// What `log.commands` says of the positions.
#[derive(Default)]
pub(super) struct Claims {
    pub sums: BTreeMap<i64, u64>,
    pub commands: i64,
    /// The highest position that a command knows of.
    pub furthest: i64,
    /// The first row that no command can have left, at the position that it names or behind the head.
    pub impossible: Option<Damage>,
}

/// Reads all of `log.commands`; sums up the positions up to `head`.
pub(super) async fn claims(
    options: &PgConnectOptions,
    readers: Readers,
    head: i64,
    seal: &RandomState,
) -> sqlx::Result<Claims> {
    let next = Arc::new(AtomicI64::new(0));
    let mut running = JoinSet::new();
    for _ in 0..readers.count.get() {
        let (options, seal, next) = (options.clone(), seal.clone(), next.clone());
        running.spawn(async move {
            let mut connection = options.connect().await?;
            let pages = pages(&mut connection).await?;
            let mut claims = Claims::default();
            loop {
                let first = next.fetch_add(PAGES, Ordering::Relaxed);
                if first >= pages {
                    return Ok::<_, sqlx::Error>(claims);
                }
                let range = readers.range();
                claims
                    .read(&mut connection, first, (head, range), &seal)
                    .await?;
            }
        });
    }
    let mut all = Claims::default();
    while let Some(ended) = running.join_next().await {
        let claims = ended.expect("a reader does not panic")?;
        all.commands += claims.commands;
        all.furthest = all.furthest.max(claims.furthest);
        all.impossible = super::earlier(all.impossible, claims.impossible);
        for (range, sum) in claims.sums {
            let all = all.sums.entry(range).or_default();
            *all = all.wrapping_add(sum);
        }
    }
    Ok(all)
}

/// What is appended while this runs may lie behind them: it is behind the head too.
async fn pages(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select pg_relation_size('log.commands') / current_setting('block_size')::bigint",
    )
    .fetch_one(connection)
    .await
}

impl Claims {
    async fn read(
        &mut self,
        connection: &mut PgConnection,
        first: i64,
        (head, range): (i64, i64),
        seal: &RandomState,
    ) -> sqlx::Result<()> {
        let behind = first + PAGES;
        let select = format!(
            "select id, actor, position, events from log.commands
             where ctid >= '({first},0)' and ctid < '({behind},0)'"
        );
        let mut rows = std::pin::pin!(rows::copy(connection, &select).await?);
        while let Some(message) = rows.try_next().await? {
            let Some(mut fields) = Fields::of(&message) else {
                continue;
            };
            let command = fields.uuid().unwrap_or_default();
            let actor = fields.uuid().unwrap_or_default();
            let (last, events) = (fields.int8(), i64::from(fields.int4()));
            self.commands += 1;
            // nobody hinders whoever inserts a row: it may say anything
            if events < 0 || last < events {
                let kind = Kind::Impossible {
                    command,
                    actor,
                    events,
                    through: last,
                };
                let is_there = (1..=head).contains(&last);
                let position = if is_there { last } else { head + 1 };
                let found = Some(Damage::nothing_at(position, kind));
                self.impossible = super::earlier(self.impossible.take(), found);
                continue;
            }
            self.furthest = self.furthest.max(last);
            for position in (last - events).min(head) + 1..=last.min(head) {
                let sum = self.sums.entry((position - 1) / range).or_default();
                let by = recorded_by(seal, (command, actor), position);
                *sum = sum.wrapping_add(by);
            }
        }
        Ok(())
    }
}

type Key = (Uuid, Uuid);

/// Compares the positions behind `from` up to `through` one by one.
pub(super) async fn first_unclaimed(
    connection: &mut PgConnection,
    from: i64,
    through: i64,
) -> sqlx::Result<Option<Damage>> {
    let claims = claims_of(connection, from, through).await?;
    let events: Vec<(i64, Uuid, Uuid)> = sqlx::query_as(
        "select position, command_id, actor from log.events
         where position > $1 and position <= $2 order by position",
    )
    .bind(from)
    .bind(through)
    .fetch_all(&mut *connection)
    .await?;
    for (position, command, actor) in events {
        let key = (command, actor);
        let claimed = claims.get(&position).map_or(&[][..], Vec::as_slice);
        if claimed == [key] {
            continue;
        }
        let kind = match claimed.iter().find(|claim| **claim != key) {
            Some((command, actor)) => Kind::ClaimedBy {
                command: *command,
                actor: *actor,
            },
            None => not_claimed(connection, key).await?,
        };
        let event = rows::collect(connection, position, position).await?;
        return Ok(event.first().map(|event| Damage::at(event, kind)));
    }
    Ok(None)
}

/// Who says to have recorded which position.
async fn claims_of(
    connection: &mut PgConnection,
    from: i64,
    through: i64,
) -> sqlx::Result<BTreeMap<i64, Vec<Key>>> {
    let rows: Vec<(Uuid, Uuid, i64, i32)> = sqlx::query_as(
        "select id, actor, position, events from log.commands
         where position > $1 and position < $2 + events and events between 1 and position",
    )
    .bind(from)
    .bind(through)
    .fetch_all(connection)
    .await?;
    let mut claims = BTreeMap::<i64, Vec<Key>>::new();
    for (command, actor, last, events) in rows {
        for position in (last - i64::from(events)).max(from) + 1..=last.min(through) {
            claims.entry(position).or_default().push((command, actor));
        }
    }
    Ok(claims)
}

async fn not_claimed(connection: &mut PgConnection, (command, actor): Key) -> sqlx::Result<Kind> {
    let row: Option<(i64, i32)> =
        sqlx::query_as("select position, events from log.commands where id = $1 and actor = $2")
            .bind(command)
            .bind(actor)
            .fetch_optional(connection)
            .await?;
    Ok(match row {
        Some((last, events)) => Kind::CommandElsewhere {
            first: last.saturating_sub(i64::from(events)).saturating_add(1),
            last,
        },
        None => Kind::NoCommand { command, actor },
    })
}
