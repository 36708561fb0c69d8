//! Events by what they are: who caused them, of what type, in which stream, whom and what they
//! name.
//!
//! Every way of asking is a range of one index, read in its order and no further than a page's
//! end. The range is written as a comparison of rows, so that no other index gives its order:
//! the planner has nothing to guess. But PostgreSQL reads such a range to the end of its first
//! column, whatever the second one must be: so the range says where to begin, and the page where to
//! end. Where more is asked than the index knows, one request looks at a bounded number of events
//! and says how far it came.

use std::collections::BTreeMap;

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::{Arguments, AssertSqlSafe};
use uuid::Uuid;

use crate::event::{Recorded, StreamName};
use crate::history::version_at;
use crate::store::event_columns;

/// Events that one request looks at in one index for what the index does not know. At the bound
/// it gives what it has found, and where to go on.
const LOOKED_AT: i64 = 5_000;

/// What an event must be to be found; what is `None` or empty is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor: Option<Uuid>,
    pub event_type: Option<String>,
    pub stream: Option<StreamName>,
    pub correlation: Option<Uuid>,
    pub named: Vec<Named>,
}

/// An id that the event must name.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: Uuid,
    /// One of these fields of the payload holds it: film, member, author. For each the log has a
    /// column of the same name with an index, where the event's actor is another.
    pub fields: &'static [&'static str],
    /// Being the actor is enough.
    pub or_actor: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

impl Order {
    /// What is left of a range (behind, up to) once everything up to a position was seen.
    pub fn rest(self, (after, through): (i64, i64), seen: i64) -> (i64, i64) {
        match self {
            Order::OldestFirst => (after.max(seen), through),
            Order::NewestFirst => (after, through.min(seen - 1)),
        }
    }

    /// Where reading a range (behind, up to) begins.
    fn begin(self, (after, through): (i64, i64)) -> i64 {
        match self {
            Order::OldestFirst => after,
            Order::NewestFirst => through,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Order::OldestFirst => "asc",
            Order::NewestFirst => "desc",
        }
    }

    fn comes_first(self, one: i64, other: i64) -> i64 {
        match self {
            Order::OldestFirst => one.min(other),
            Order::NewestFirst => one.max(other),
        }
    }
}

/// Some events that match, in order.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    pub events: Vec<Recorded>,
    /// Everything up to this position was seen, and there may be more behind it. A page may be
    /// short, or empty, and not the last.
    pub next: Option<i64>,
}

impl Matches {
    /// At most `limit` of several, each of which asked for one more than that.
    pub fn merged(parts: Vec<Matches>, order: Order, limit: i64) -> Matches {
        let stops = parts.iter().filter_map(|part| part.next);
        let stop = stops.reduce(|one, other| order.comes_first(one, other));
        let seen =
            |position: i64| stop.is_none_or(|stop| order.comes_first(position, stop) == position);
        let events = parts.into_iter().flat_map(|part| part.events);
        let sorted: BTreeMap<i64, Recorded> = events
            .filter(|event| seen(event.position))
            .map(|event| (event.position, event))
            .collect();
        let mut events: Vec<Recorded> = match order {
            Order::OldestFirst => sorted.into_values().collect(),
            Order::NewestFirst => sorted.into_values().rev().collect(),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = match events.len() > limit {
            true => events.get(limit - 1).map(|last| last.position),
            false => stop,
        };
        events.truncate(limit);
        Matches { events, next }
    }
}

/// At most `limit` matching events (at least one) behind a position up to another.
pub async fn read_matching(
    connection: &mut PgConnection,
    filter: &Filter,
    range: (i64, i64),
    order: Order,
    limit: i64,
) -> sqlx::Result<Matches> {
    let filter = &rarest_first(connection, filter, range, order).await?;
    let mut parts = Vec::new();
    for way in ways(filter) {
        let asked = Asked {
            filter,
            way,
            range,
            order,
            limit: limit.saturating_add(1),
        };
        parts.push(asked.read(connection).await?);
    }
    Ok(Matches::merged(parts, order, limit))
}

/// Of several that must be named the one leads to the events that fewer name.
async fn rarest_first(
    connection: &mut PgConnection,
    filter: &Filter,
    range: (i64, i64),
    order: Order,
) -> sqlx::Result<Filter> {
    let mut filter = filter.clone();
    let is_led_by_others = filter.stream.is_some() || filter.correlation.is_some();
    if filter.named.len() < 2 || is_led_by_others {
        return Ok(filter);
    }
    let mut counted = Vec::new();
    for named in &filter.named {
        let mut count = 0;
        for way in named.ways() {
            let asked = Asked {
                filter: &filter,
                way,
                range,
                order,
                limit: LOOKED_AT,
            };
            count += asked.count(connection).await?;
        }
        counted.push((count, named.clone()));
    }
    counted.sort_by_key(|(count, _)| *count);
    filter.named = counted.into_iter().map(|(_, named)| named).collect();
    Ok(filter)
}

/// The index that leads to the events.
#[derive(Clone, Copy)]
enum Way<'f> {
    Positions,
    Stream(&'f StreamName),
    Correlation(Uuid),
    Actor(Uuid),
    Type(&'f str),
    Field(&'static str, Uuid),
}

/// Every event that matches is found by one of them.
fn ways(filter: &Filter) -> Vec<Way<'_>> {
    if let Some(stream) = &filter.stream {
        return vec![Way::Stream(stream)];
    }
    if let Some(correlation) = filter.correlation {
        return vec![Way::Correlation(correlation)];
    }
    if let Some(named) = filter.named.first() {
        return named.ways().collect();
    }
    if let Some(actor) = filter.actor {
        return vec![Way::Actor(actor)];
    }
    match &filter.event_type {
        Some(event_type) => vec![Way::Type(event_type)],
        None => vec![Way::Positions],
    }
}

impl Named {
    /// An index has no event whose actor is named: those are found by the actor.
    fn ways(&self) -> impl Iterator<Item = Way<'static>> {
        let own = std::iter::once(Way::Actor(self.id));
        let fields = self.fields.iter();
        own.chain(fields.map(|field| Way::Field(field, self.id)))
    }
}

struct Asked<'f> {
    filter: &'f Filter,
    way: Way<'f>,
    /// Of positions.
    range: (i64, i64),
    order: Order,
    limit: i64,
}

impl Asked<'_> {
    async fn read(&self, connection: &mut PgConnection) -> sqlx::Result<Matches> {
        let mut from = self.order.begin(self.range);
        if let Way::Stream(stream) = self.way {
            from = version_at(connection, stream, from).await?;
        }
        let most = match self.is_told_by_the_index() {
            true => self.limit,
            false => LOOKED_AT.max(self.limit),
        };
        let events = self.find(connection, from, most).await?;
        let is_full = i64::try_from(events.len()) == Ok(self.limit);
        let next = match events.last().filter(|_| is_full) {
            Some(last) => Some(last.position),
            None if most > self.limit => self.stop(connection, from, most).await?,
            None => None,
        };
        Ok(Matches { events, next })
    }

    fn is_told_by_the_index(&self) -> bool {
        let filter = self.filter;
        let mut asked = usize::from(filter.actor.is_some());
        asked += usize::from(filter.event_type.is_some());
        asked += usize::from(filter.stream.is_some());
        asked += usize::from(filter.correlation.is_some());
        let exactly = match self.way {
            Way::Actor(_) => filter.named.iter().all(|named| named.or_actor),
            _ => true,
        };
        asked + filter.named.len() <= 1 && exactly
    }

    /// Of the first `most` events of the index those that match and are in the range.
    async fn find(
        &self,
        connection: &mut PgConnection,
        from: i64,
        most: i64,
    ) -> sqlx::Result<Vec<Recorded>> {
        let (looked_at, order) = self.looked_at("*");
        let sql = format!(
            concat!(
                "select ",
                event_columns!(),
                " from ({looked_at} limit $4) looked_at
                 where position > $13 and position <= $14
                   and ($6::uuid is null or actor = $6)
                   and ($7::text is null or event_type = $7)
                   and ($8::text is null or stream = $8)
                   and ($9::uuid is null or correlation_id = $9)
                   and (cardinality($10::text[]) = 0 or not exists (
                       select from unnest($10::text[], $11::uuid[], $12::boolean[])
                           as asked(names, id, or_actor)
                       where not (or_actor and actor = id)
                         and not exists (select from string_to_table(names, ' ') as name
                                         where payload ->> name = id::text)))
                 order by {order} limit $5"
            ),
            looked_at = looked_at,
            order = order,
        );
        let (filter, named) = (self.filter, &self.filter.named);
        let names: Vec<String> = named.iter().map(|named| named.fields.join(" ")).collect();
        let ids: Vec<Uuid> = named.iter().map(|named| named.id).collect();
        let or_actor: Vec<bool> = named.iter().map(|named| named.or_actor).collect();
        let stream = filter.stream.as_ref().map(StreamName::as_str);
        let query = sqlx::query_as_with(AssertSqlSafe(sql), self.arguments(from, most)?)
            .bind(self.limit)
            .bind(filter.actor)
            .bind(&filter.event_type)
            .bind(stream)
            .bind(filter.correlation)
            .bind(names)
            .bind(ids)
            .bind(or_actor)
            .bind(self.range.0)
            .bind(self.range.1);
        // planned with the values: what is not asked for costs nothing
        query.persistent(false).fetch_all(connection).await
    }

    /// How many of the first events of the index, up to the limit, are in the range.
    async fn count(&self, connection: &mut PgConnection) -> sqlx::Result<i64> {
        let (looked_at, _) = self.looked_at("position");
        let sql = AssertSqlSafe(format!(
            "select count(*) from ({looked_at} limit $4) counted
             where position > $5 and position <= $6"
        ));
        let from = self.order.begin(self.range);
        let query = sqlx::query_scalar_with(sql, self.arguments(from, self.limit)?)
            .bind(self.range.0)
            .bind(self.range.1);
        query.persistent(false).fetch_one(connection).await
    }

    /// Where looking ended, if that was not the range's end.
    async fn stop(
        &self,
        connection: &mut PgConnection,
        from: i64,
        most: i64,
    ) -> sqlx::Result<Option<i64>> {
        let (looked_at, _) = self.looked_at("position");
        let sql = AssertSqlSafe(format!("{looked_at} offset $4 - 1 limit 1"));
        let query = sqlx::query_as_with(sql, self.arguments(from, most)?);
        let last: Option<(i64,)> = query.persistent(false).fetch_optional(connection).await?;
        let (after, through) = self.range;
        let last = last.map(|(position,)| position);
        Ok(last.filter(|position| after < *position && *position <= through))
    }

    /// Selects what the index has at `$3` from `$1` to `$2`, one of which is its end; and in which
    /// order. Names of columns and fields are the program's own.
    fn looked_at(&self, columns: &str) -> (String, String) {
        let second = match self.way {
            Way::Stream(_) => "version",
            _ => "position",
        };
        let word = self.order.word();
        let key = match self.way {
            Way::Positions => {
                return (
                    format!(
                        "select {columns} from log.events
                         where $3::uuid is null and position > $1 and position <= $2
                         order by position {word}"
                    ),
                    format!("position {word}"),
                );
            }
            Way::Stream(_) => "stream",
            Way::Correlation(_) => "correlation_id",
            Way::Actor(_) => "actor",
            Way::Type(_) => "event_type",
            Way::Field(name, _) => name,
        };
        (
            format!(
                "select {columns} from log.events
                 where {key} is not null
                   and ({key}, {second}) > ($3, $1) and ({key}, {second}) <= ($3, $2)
                 order by {key} {word}, {second} {word}"
            ),
            format!("{key} {word}, {second} {word}"),
        )
    }

    fn arguments(&self, from: i64, most: i64) -> sqlx::Result<PgArguments> {
        let (from, to) = match self.order {
            Order::OldestFirst => (from, i64::MAX),
            Order::NewestFirst => (0, from),
        };
        let mut arguments = PgArguments::default();
        let mut add = || {
            arguments.add(from)?;
            arguments.add(to)?;
            match self.way {
                Way::Positions => arguments.add(None::<Uuid>)?,
                Way::Stream(stream) => arguments.add(stream.as_str())?,
                Way::Type(event_type) => arguments.add(event_type)?,
                Way::Correlation(id) | Way::Actor(id) | Way::Field(_, id) => arguments.add(id)?,
            }
            arguments.add(most)
        };
        add().map_err(sqlx::Error::Encode)?;
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(positions: &[i64], next: Option<i64>) -> Matches {
        let event = |position: &i64| Recorded {
            position: *position,
            ..crate::rows::blank()
        };
        Matches {
            events: positions.iter().map(event).collect(),
            next,
        }
    }

    fn told(matches: &Matches) -> (Vec<i64>, Option<i64>) {
        let events = matches.events.iter();
        (events.map(|event| event.position).collect(), matches.next)
    }

    #[test]
    fn what_is_behind_the_first_stop_waits_for_the_next_page() {
        let merge = |parts: &[Matches], order| told(&Matches::merged(parts.to_vec(), order, 3));
        let (oldest, newest) = (Order::OldestFirst, Order::NewestFirst);
        let whole = [part(&[1, 5], None), part(&[2], None)];
        assert_eq!(merge(&whole, oldest), (vec![1, 2, 5], None));
        assert_eq!(merge(&whole, newest), (vec![5, 2, 1], None));
        let more = [part(&[1, 5, 6, 7], Some(7)), part(&[2], None)];
        assert_eq!(merge(&more, oldest), (vec![1, 2, 5], Some(5)));
        let looked_at_enough = [part(&[], Some(4)), part(&[2, 9], None)];
        assert_eq!(merge(&looked_at_enough, oldest), (vec![2], Some(4)));
        assert_eq!(merge(&looked_at_enough, newest), (vec![9], Some(4)));
        let same = [part(&[3, 4], None), part(&[4], None)];
        assert_eq!(merge(&same, oldest), (vec![3, 4], None));
    }

    #[test]
    fn the_rest_of_a_range_is_behind_what_was_seen() {
        assert_eq!(Order::OldestFirst.rest((2, 9), 5), (5, 9));
        assert_eq!(Order::NewestFirst.rest((2, 9), 5), (2, 4));
    }
}
