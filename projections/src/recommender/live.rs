//! The recommender of a node: films on a shelf that is kept true by the log's tail,
//! and models fitted in the background.
//!
//! Both are computed from the read tables, so a node that starts late, or replays,
//! holds the same. One fit at a time, on a thread of its own, which rests four times
//! as long as it worked: at most a fifth of a core. A fit that is overtaken by the
//! next position is skipped.

use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use domain::{Event, film, forgetting, member, review};
use event_log::{PAGE, ReadError, Recorded, Tail};
use futures::TryStreamExt;
use sealing::Opening;
use sqlx::types::Json;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::kin::Outline;
use super::{Facts, Fit, Fitted, LEAST_HALF_STARS, Like, MOST_LIKES, Shelf, last_fit};
use crate::aside::compute;
use crate::background::Background;
use crate::{Reader, Snapshot, opinions};

/// Grows when the same log gives other lists than before.
pub const VERSION: u32 = 1;

/// Films that are put on the shelf at once; readers wait as long.
const CHUNK: usize = 200;
const REST: u32 = 4;
const LEAST_REST: Duration = Duration::from_millis(50);
/// After a failure: the database is away, mostly.
const RETRY: Duration = Duration::from_millis(500);

/// Cheap to clone; it stops with the last clone.
#[derive(Clone)]
pub struct Recommender {
    shared: Arc<Shared>,
    background: Background,
}

struct Shared {
    reader: Reader,
    tail: Tail,
    shelf: RwLock<Shelf>,
    /// The position up to which the shelf is true.
    shelved: watch::Sender<i64>,
    fitted: watch::Sender<(Fit, Arc<Fitted>)>,
    /// Somebody has gone: a fit is due.
    departed: Notify,
}

impl Recommender {
    /// Until the films are read and the first fit is done it knows nothing.
    pub fn start(reader: Reader, tail: Tail) -> Recommender {
        let nothing = Fitted::new(Vec::new(), Vec::new());
        let shared = Arc::new(Shared {
            reader,
            tail,
            shelf: RwLock::default(),
            shelved: watch::Sender::new(-1),
            fitted: watch::Sender::new((Fit::default(), Arc::new(nothing))),
            departed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_shelf(shared.clone()));
        tasks.spawn(keep_fitted(shared.clone()));
        Recommender {
            shared,
            background: Background::of(tasks),
        }
    }

    /// Works out an answer beside what must not wait for it: that takes milliseconds, and more
    /// behind a change of the shelf. Whoever asks has a snapshot open, so at most as many are at it
    /// as there are connections for reading; waiting for a turn would only keep those from others.
    pub fn ask<T>(&self, question: impl FnOnce(&Shelf) -> T) -> T {
        compute(|| question(&self.shared.shelf()))
    }

    /// The position up to which the shelf is true.
    pub fn shelved(&self) -> i64 {
        *self.shared.shelved.borrow()
    }

    /// What is fitted, and at which position.
    pub fn fitted(&self) -> (Fit, Arc<Fitted>) {
        self.shared.fitted.borrow().clone()
    }

    /// Waits until all that is due at this position is done.
    pub async fn caught_up(&self, position: i64) {
        let mut shelved = self.shared.shelved.subscribe();
        let mut fitted = self.shared.fitted.subscribe();
        // the senders live as long as `self`
        let _ = shelved.wait_for(|shelved| *shelved >= position).await;
        let due = last_fit(position);
        let _ = fitted.wait_for(|(fit, _)| fit.at >= due).await;
    }

    /// Tells of every new fit.
    pub fn fits(&self) -> watch::Receiver<(Fit, Arc<Fitted>)> {
        self.shared.fitted.subscribe()
    }

    /// Stops it for all who have it, and waits until it has stopped, but for a fit's own thread.
    pub async fn end(&self) {
        self.background.end().await;
    }
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error(transparent)]
    Unreadable(#[from] domain::DecodeError),
    #[error("the read models are late")]
    Late,
    #[error("a fit broke off")]
    Broken,
}

impl Shared {
    fn shelf(&self) -> RwLockReadGuard<'_, Shelf> {
        self.shelf.read().expect("no panic under the shelf's lock")
    }

    fn change_shelf(&self, change: impl FnOnce(&mut Shelf)) {
        // it may wait for who is asking
        compute(|| {
            let shelf = self.shelf.write();
            change(&mut shelf.expect("no panic under the shelf's lock"));
        });
    }

    async fn snapshot(&self, at_least: i64) -> Result<Snapshot, Trouble> {
        let snapshot = self.reader.snapshot(Some(at_least)).await?;
        if snapshot.stale {
            return Err(Trouble::Late);
        }
        Ok(snapshot)
    }
}

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
        for event in events {
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

async fn keep_shelf(shared: Arc<Shared>) {
    loop {
        let here = *shared.shelved.borrow();
        let done = match here {
            ..0 => fill(&shared).await,
            _ => advance(&shared, here).await,
        };
        if let Err(error) = done {
            tracing::debug!(%error, "the shelf of films waits");
            tokio::time::sleep(RETRY).await;
        }
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

async fn keep_fitted(shared: Arc<Shared>) {
    let mut films = 0;
    loop {
        let started = Instant::now();
        let head = shared.tail.head();
        let fitted = fit(&shared, last_fit(head), &mut films).await;
        if let Err(error) = fitted {
            tracing::debug!(%error, "the models wait for their fit");
            tokio::time::sleep(RETRY).await;
            continue;
        }
        tokio::time::sleep((started.elapsed() * REST).max(LEAST_REST)).await;
        let due = shared.tail.wait_past(next_fit(head) - 1);
        tokio::select! {
            () = due => {}
            () = shared.departed.notified() => {}
        }
    }
}

/// The first position behind this one at which a fit is due.
fn next_fit(position: i64) -> i64 {
    let here = last_fit(position);
    let mut next = position + 1;
    while last_fit(next) == here {
        next += 1;
    }
    next
}

/// Fits at the position that is due by now, at `least` or behind it. `films` counts the
/// changes of the shelf that the last fit knew.
async fn fit(shared: &Arc<Shared>, least: i64, films: &mut u64) -> Result<(), Trouble> {
    let mut snapshot = shared.snapshot(least).await?;
    // they are not where the snapshot is, and nobody knows what they said at the fit
    let needed = ["opinions", "departures"];
    let mut detached = snapshot.detached.iter();
    if detached.any(|detached| needed.contains(&detached.model.as_str())) {
        return Err(Trouble::Late);
    }
    let at = last_fit(snapshot.position);
    let due = opinions::due(&mut snapshot).await?;
    let fit = Fit {
        at,
        departed: due.departed,
    };
    let (last, fitted) = shared.fitted.borrow().clone();
    let shelved = compute(|| shared.shelf().changes());
    let is_same = due.changed <= last.at && due.departed == last.departed && shelved == *films;
    if is_same {
        shared.fitted.send_replace((fit, fitted));
        return Ok(());
    }
    let likes = opinions::likes_at(&mut snapshot, at, LEAST_HALF_STARS, MOST_LIKES).await?;
    drop(snapshot);
    let started = Instant::now();
    let fitted = fit_apart(shared.clone(), likes).await?;
    let (members, liked) = fitted.sizes();
    let seconds = started.elapsed().as_secs_f64();
    tracing::debug!(at, members, liked, seconds, "fitted");
    metrics::gauge!("recommender_fit_seconds").set(seconds);
    metrics::gauge!("recommender_fit_position").set(fit.position() as f64);
    shared.fitted.send_replace((fit, Arc::new(fitted)));
    *films = shelved;
    Ok(())
}

/// On a thread that the end of the program need not wait for.
async fn fit_apart(shared: Arc<Shared>, likes: Vec<Like>) -> Result<Fitted, Trouble> {
    let (done, fitted) = oneshot::channel();
    let thread = std::thread::Builder::new().name("fit".to_owned());
    let work = move || {
        let outlines = outlines(&shared);
        let _ = done.send(Fitted::new(likes, outlines));
    };
    thread.spawn(work).map_err(|_| Trouble::Broken)?;
    fitted.await.map_err(|_| Trouble::Broken)
}

fn outlines(shared: &Shared) -> Vec<Outline> {
    let mut outlines = Vec::new();
    let mut from = 0;
    loop {
        let shelf = shared.shelf();
        let to = shelf.kin().slots().min(from + CHUNK);
        if from == to {
            return outlines;
        }
        outlines.extend(shelf.kin().outlines(from..to));
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_fit_is_the_first_one_behind() {
        for position in 0..5_000 {
            let next = next_fit(position);
            assert!(last_fit(next) == next && next > position);
            assert!((position + 1..next).all(|between| last_fit(between) != between));
        }
    }
}
