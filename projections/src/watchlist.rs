//! What members want to see.

use chrono::{DateTime, Utc};
use domain::{Event, FilmId, MemberId, forgetting, member, watchlist};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::films::FilmCard;
use crate::model::{Happened, ReadModel};
use crate::page::{MOST_COUNTED, Page, page};
use crate::table::table;

table! {
    /// A member wants to see a film.
    pub struct Wanted in watchlist {
        key { member: Uuid, film: Uuid }
        position: i64,
        since: DateTime<Utc>,
    }
}

impl ReadModel for Wanted {
    fn apply(happened: &Happened, watchlist: &mut Changes<Wanted>) {
        match &happened.event {
            Event::Watchlist(watchlist::Event::Added(added)) => watchlist.put(Wanted {
                member: added.member.0,
                film: added.film.0,
                position: happened.position,
                since: added.since.unwrap_or(happened.at),
            }),
            Event::Watchlist(watchlist::Event::Removed(removed)) => {
                watchlist.remove((removed.member.0, removed.film.0));
            }
            Event::Member(member::Event::Withdrawn(withdrawn)) => {
                watchlist.remove_where("member", withdrawn.member.0);
            }
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                watchlist.remove_where("member", forgotten.member.0);
            }
            Event::Member(_)
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Audit(_) => {}
        }
    }
}

/// How many want to see a film, and whether the member who looks does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Interest {
    /// At most [`MOST_COUNTED`].
    pub count: i64,
    pub is_wanted: bool,
}

pub async fn interest(
    connection: &mut PgConnection,
    film: Uuid,
    viewer: Option<Uuid>,
) -> sqlx::Result<Interest> {
    sqlx::query_as(
        "select (select count(*) from (select from watchlist where film = $1 limit $3) w) as count,
                exists (select from watchlist where film = $1 and member = $2) as is_wanted",
    )
    .bind(film)
    .bind(viewer)
    .bind(MOST_COUNTED)
    .fetch_one(connection)
    .await
}

/// A film of a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    #[sqlx(flatten)]
    pub film: FilmCard,
    pub since: DateTime<Utc>,
    /// Of the list.
    pub entered: i64,
    /// By the member who looks.
    pub is_wanted: bool,
}

/// When a film came to the list, and its position there: where a page ends.
pub type Moment = (DateTime<Utc>, i64);

/// What a member wants to see, what was added last first; `after` is the last entry's moment.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<Entry, Moment>> {
    let (since, position) = after.unzip();
    let entries = sqlx::query_as(
        "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres, f.poster,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat, w.since, w.position as entered,
                exists (select from watchlist own
                        where own.member = $2 and own.film = w.film) as is_wanted
         from watchlist w
         join films f using (film)
         left join film_ratings r using (film)
         left join film_heat h using (film)
         where w.member = $1
           and ($3::timestamptz is null or (w.since, w.position) < ($3, $4))
         order by w.since desc, w.position desc
         limit $5 + 1",
    )
    .bind(member)
    .bind(viewer)
    .bind(since)
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(entries, limit, |entry: &Entry| {
        (entry.since, entry.entered)
    }))
}

/// All films that a member wants to see.
pub async fn films_of(connection: &mut PgConnection, member: MemberId) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select film from watchlist where member = $1")
        .bind(member.0)
        .fetch_all(connection)
        .await
}

/// Of these films those that the member has wanted to see since this or before.
pub async fn unchanged(
    connection: &mut PgConnection,
    (member, films): (MemberId, &[Uuid]),
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select film from watchlist where member = $1 and film = any($2) and since <= $3",
    )
    .bind(member.0)
    .bind(films)
    .bind(since)
    .fetch_all(connection)
    .await
}

/// An entry whose film was merged into another one.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LeftBehind {
    pub member: Uuid,
    pub film: Uuid,
    pub position: i64,
    pub since: DateTime<Utc>,
    pub into_film: Uuid,
    /// The member has a review of that one.
    pub is_seen: bool,
}

impl LeftBehind {
    pub fn ids(&self) -> (MemberId, FilmId, FilmId) {
        let (film, into) = (FilmId(self.film), FilmId(self.into_film));
        (MemberId(self.member), film, into)
    }
}

pub async fn left_behind(
    connection: &mut PgConnection,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<LeftBehind>> {
    sqlx::query_as(
        "select w.member, w.film, w.position, w.since, m.into_film,
                exists (select from reviews r
                        where r.film = m.into_film and r.member = w.member) as is_seen
         from merged_films m
         join watchlist w on w.film = m.film
         order by w.position
         limit $1 offset $2",
    )
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use domain::WatchlistEntryId;
    use domain::forgetting::Extent;

    use super::*;
    use crate::given::*;

    fn added(since: Option<i64>) -> Event {
        watchlist::Added {
            entry: WatchlistEntryId::of(ANN, PARASITE),
            film: PARASITE,
            member: ANN,
            since: since.map(at),
        }
        .into()
    }

    fn removed() -> Event {
        watchlist::Removed {
            entry: WatchlistEntryId::of(ANN, PARASITE),
            film: PARASITE,
            member: ANN,
        }
        .into()
    }

    fn wanted(position: i64, since: i64) -> Wanted {
        Wanted {
            member: ANN.0,
            film: PARASITE.0,
            position,
            since: at(since),
        }
    }

    #[test]
    fn a_film_is_on_the_list_until_it_is_taken_off() {
        let rows: Vec<Wanted> = given(vec![added(None)]);
        assert_eq!(rows, [wanted(1, 1)]);
        let rows: Vec<Wanted> = given(vec![added(None), removed()]);
        assert_eq!(rows, []);
        let rows: Vec<Wanted> = given(vec![added(None), removed(), added(None)]);
        assert_eq!(rows, [wanted(3, 3)]);
    }

    #[test]
    fn what_followed_its_film_has_been_wanted_since_it_was() {
        let rows: Vec<Wanted> = given(vec![listed(), added(Some(0))]);
        assert_eq!(rows, [wanted(2, 0)]);
    }

    #[test]
    fn who_leaves_wants_nothing() {
        let rows: Vec<Wanted> = given(vec![signed_up(), added(None), withdrawn()]);
        assert_eq!(rows, []);
        for extent in Extent::ALL {
            let rows: Vec<Wanted> = given(vec![signed_up(), added(None), forgotten(ANN, extent)]);
            assert_eq!(rows, []);
            let rows: Vec<Wanted> = given(vec![signed_up(), added(None), forgotten(BOB, extent)]);
            assert_eq!(rows.len(), 1);
        }
    }
}
