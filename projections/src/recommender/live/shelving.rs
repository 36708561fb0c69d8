//! The shelf of films, filled from the read tables and kept true by the log's tail.

use std::sync::Arc;

use domain::{Event, film, forgetting, member, review};
use event_log::{PAGE, Recorded};
use futures::TryStreamExt;
use sealing::Opening;
use sqlx::types::Json;
use uuid::Uuid;

use super::{CHUNK, RETRY, Shared, Trouble};
use crate::Snapshot;
use crate::recommender::Facts;

/// Of what concerns the shelf; what is said in rooms is most of a busy log, and isn't read.
const STREAMS: [&str; 4] = ["film-", "review-", "member-", "forgetting-"];

/// What events say about films on the shelf.
#[derive(Default)]
struct Touched {
    facts: Vec<Uuid>,
    votes: Vec<Uuid>,
    departed: bool,
}

impl Touched {
    fn by(events: &[Arc<Recorded>]) -> Result<Touched, domain::DecodeError> {
        let mut touched = Touched::default();
        let may_touch = |event: &&Arc<Recorded>| {
            let stream = event.stream.as_str();
            STREAMS.iter().any(|category| stream.starts_with(category))
        };
        for event in events.iter().filter(may_touch) {
            let stored = event.stored();
            let (kind, version) = (stored.event_type, stored.schema_version);
            // nothing that is sealed matters here
            let event = Event::from_stored(kind, version, stored.payload, Opening::Closed)?;
            touched.note(&event);
        }
        for films in [&mut touched.facts, &mut touched.votes] {
            films.sort_unstable();
            films.dedup();
        }
        Ok(touched)
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Film(film::Event::Listed(listed)) => self.facts.push(listed.film.0),
            Event::Film(film::Event::Revised(revised)) => self.facts.push(revised.film.0),
            Event::Film(film::Event::Merged(merged)) => self.facts.push(merged.film.0),
            Event::Review(review::Event::Posted(posted)) => self.votes.push(posted.film.0),
            Event::Review(review::Event::Moved(moved)) => self.votes.push(moved.into.0),
            Event::Review(review::Event::Retracted(retracted)) => {
                self.votes.push(retracted.film.0);
            }
            Event::Member(member::Event::Withdrawn(_))
            | Event::Forgetting(forgetting::Event::Forgotten(_)) => self.departed = true,
            Event::Member(
                member::Event::SignedUp(_)
                | member::Event::Renamed(_)
                | member::Event::AboutChanged(_)
                | member::Event::LanguageChosen(_)
                | member::Event::NameLetGo(_)
                | member::Event::SecondFactorSet(_)
                | member::Event::SecondFactorRemoved(_)
                | member::Event::Suspended(_)
                | member::Event::Reinstated(_)
                | member::Event::WithdrawalAsked(_)
                | member::Event::WithdrawalTakenBack(_)
                | member::Event::EmailVerified(_)
                | member::Event::EmailChanged(_)
                | member::Event::PasswordChanged(_)
                | member::Event::IdentityLinked(_)
                | member::Event::IdentityUnlinked(_)
                | member::Event::RoleGranted(_)
                | member::Event::RoleRevoked(_),
            )
            | Event::Review(
                review::Event::Rerated(_)
                | review::Event::Rewritten(_)
                | review::Event::Dated(_)
                | review::Event::Hidden(_)
                | review::Event::Restored(_),
            )
            | Event::Reservation(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

pub(super) async fn keep_shelf(shared: Arc<Shared>) {
    let mut standstill = Standstill::default();
    loop {
        let here = *shared.shelved.borrow();
        let done = match here {
            ..0 => fill(&shared).await,
            _ => advance(&shared, here).await,
        };
        let Err(error) = done else {
            let here = *shared.shelved.borrow();
            metrics::gauge!("recommender_shelf_position").set(here as f64);
            continue;
        };
        if standstill.is_new(here, &error) {
            tracing::warn!(
                position = here,
                %error,
                "the shelf of films stands still behind this position: recommendations grow old"
            );
        } else {
            tracing::debug!(%error, "the shelf of films waits");
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// The last position behind which the shelf could not go on: it tries again, and tells it once.
#[derive(Default)]
struct Standstill(Option<i64>);

impl Standstill {
    fn is_new(&mut self, here: i64, trouble: &Trouble) -> bool {
        trouble.lasts() && self.0.replace(here) != Some(here)
    }
}

/// A film's row, as the shelf wants it.
#[derive(sqlx::FromRow)]
struct Row {
    film: Uuid,
    genres: Json<Vec<String>>,
    directors: Json<Vec<film::Person>>,
    actors: Json<Vec<film::Person>>,
    year: Option<i16>,
    keywords: Json<Vec<String>>,
    overview_en: Option<String>,
    overview_ko: Option<String>,
    votes: i32,
}

/// The query of films with their votes, with this condition.
macro_rules! films {
    ($condition:literal) => {
        concat!(
            "select f.film, f.genres, f.directors, f.actors, f.year, f.keywords,
                    f.overview_en, f.overview_ko,
                    coalesce(f.votes, 0) + coalesce(r.ratings, 0) as votes
             from films f left join film_ratings r using (film) ",
            $condition
        )
    };
}

/// Reads all films, a chunk after the other.
async fn fill(shared: &Shared) -> Result<(), Trouble> {
    let mut snapshot = shared.snapshot(0).await?;
    let position = snapshot.position;
    let rows = sqlx::query_as::<_, Row>(films!("order by f.film")).fetch(&mut *snapshot);
    let mut chunks = rows.try_chunks(CHUNK);
    while let Some(rows) = chunks.try_next().await.map_err(|error| error.1)? {
        put(shared, rows);
    }
    shared.shelved.send_replace(position);
    Ok(())
}

fn put(shared: &Shared, rows: Vec<Row>) {
    shared.change_shelf(|shelf| {
        for row in rows {
            let facts = Facts {
                genres: row.genres.0,
                directors: row.directors.0,
                cast: row.actors.0,
                year: row.year,
                keywords: row.keywords.0,
                overview_en: row.overview_en,
                overview_ko: row.overview_ko,
            };
            let votes = u64::try_from(row.votes).unwrap_or_default();
            shelf.put(row.film, &facts, votes);
        }
    });
}

/// Takes in what the next events changed, as it is by now in the read tables.
async fn advance(shared: &Shared, here: i64) -> Result<(), Trouble> {
    shared.tail.wait_past(here).await;
    let events = shared.tail.read_after(here, PAGE).await?;
    let Some(last) = events.last().map(|event| event.position) else {
        return Ok(());
    };
    let touched = Touched::by(&events)?;
    if !touched.facts.is_empty() || !touched.votes.is_empty() || touched.departed {
        // here, so that a fit that is due finds the departure in the read tables
        let mut snapshot = shared.snapshot(last).await?;
        take_in(shared, &mut snapshot, &touched).await?;
    }
    shared.shelved.send_replace(last);
    if touched.departed {
        shared.departed.notify_one();
    }
    Ok(())
}

async fn take_in(
    shared: &Shared,
    snapshot: &mut Snapshot,
    touched: &Touched,
) -> Result<(), Trouble> {
    for films in touched.facts.chunks(CHUNK) {
        let rows: Vec<Row> = sqlx::query_as(films!("where f.film = any($1)"))
            .bind(films)
            .fetch_all(&mut **snapshot)
            .await?;
        let is_gone = |film: &&Uuid| rows.iter().all(|row| row.film != **film);
        let gone: Vec<Uuid> = films.iter().filter(is_gone).copied().collect();
        shared.change_shelf(|shelf| gone.into_iter().for_each(|film| shelf.remove(film)));
        put(shared, rows);
    }
    let votes: Vec<(Uuid, i32)> = sqlx::query_as(
        "select film, coalesce(f.votes, 0) + r.ratings
             from film_ratings r join films f using (film) where film = any($1)",
    )
    .bind(&touched.votes)
    .fetch_all(&mut **snapshot)
    .await?;
    shared.change_shelf(|shelf| {
        for (film, votes) in votes {
            shelf.vote(film, u64::try_from(votes).unwrap_or_default());
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use sealing::{Held, Key, Keys};

    use super::*;

    /// Every stored form that there is.
    fn events() -> impl Iterator<Item = Event> {
        let lines = include_str!("../../../../domain/tests/golden.txt").lines();
        lines.map(|line| {
            let mut parts = line.splitn(3, ' ');
            let (name, version) = (parts.next().unwrap(), parts.next().unwrap());
            let json = parts.next().unwrap();
            Event::from_json(name, version.parse().unwrap(), json).unwrap()
        })
    }

    /// As it stands in the log.
    fn recorded(event: &Event) -> Arc<Recorded> {
        let id = Uuid::from_u128(0xE);
        let key = |id| (id, Held::Key(Arc::new(Key::new(&[7; 32]))));
        let owner = event.owner().into_iter();
        let keys: Keys = owner.flat_map(domain::MemberId::key_ids).map(key).collect();
        let (payload, key_id) = event.to_stored(id, &keys).unwrap();
        Arc::new(Recorded {
            position: 1,
            stream: event.stream().to_string().into(),
            version: 1,
            about: None,
            id,
            event_type: event.type_name().to_owned(),
            schema_version: event.schema_version(),
            payload,
            key_id,
            actor: Uuid::nil(),
            command: Uuid::nil(),
            correlation: Uuid::nil(),
            causation: None,
            occurred_at: DateTime::UNIX_EPOCH,
            recorded_at: DateTime::UNIX_EPOCH,
            hash: [0; 32],
        })
    }

    #[test]
    fn nothing_that_touches_the_shelf_is_passed_over_for_its_stream() {
        let told = |touched: &Touched| {
            let Touched {
                facts,
                votes,
                departed,
            } = touched;
            (facts.clone(), votes.clone(), *departed)
        };
        let mut touching = Vec::new();
        for event in events() {
            let mut noted = Touched::default();
            noted.note(&event);
            let found = Touched::by(&[recorded(&event)]).unwrap();
            assert_eq!(told(&found), told(&noted), "{}", event.type_name());
            if told(&noted) != told(&Touched::default()) {
                touching.push(event.stream().category);
            }
        }
        touching.sort_unstable();
        touching.dedup();
        assert_eq!(touching, ["film", "forgetting", "member", "review"]);
    }

    #[test]
    fn a_standstill_is_told_once_and_a_database_that_is_away_is_none() {
        let unreadable = || {
            Trouble::Unreadable(domain::DecodeError::UnknownType {
                type_name: "film.sung".to_owned(),
            })
        };
        let mut standstill = Standstill::default();
        assert!(!standstill.is_new(7, &Trouble::Late));
        assert!(standstill.is_new(7, &unreadable()));
        assert!(!standstill.is_new(7, &unreadable()));
        assert!(!standstill.is_new(7, &Trouble::Late));
        assert!(!standstill.is_new(7, &unreadable()));
        assert!(standstill.is_new(9, &unreadable()));
    }
}
