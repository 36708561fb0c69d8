//! Films that were merged: their old addresses lead on, and their reviews and who wants to see them
//! follow.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use commands::reactor::{Due, Reactor};
use commands::review::moving::Move;
use commands::watchlist::Follow;
use domain::{FilmId, MemberId, ReviewId};
use event_log::Clock;
use projections::{Reader, merged_films, reviews, watchlist};
use uuid::Uuid;

use crate::app::App;
use crate::reactors::reacting;
use crate::reading::failed;

/// A review may stay with a merged film for so long.
pub const MOVE_EVERY: Duration = Duration::from_secs(1);
/// Moved in one round; the rest in the next.
const AT_ONCE: i64 = 200;

/// Moves the reviews of merged films.
pub fn move_reviews(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reader = app.reader.clone();
    let reacting = reacting(app, "move_reviews", clock, every);
    Reactor::start(reacting, move |_, skip| left_behind(reader.clone(), skip))
}

/// Moves merged films on the lists of those who want to see them.
pub fn move_watchlists(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reader = app.reader.clone();
    let reacting = reacting(app, "move_watchlists", clock, every);
    Reactor::start(reacting, move |_, skip| wanted(reader.clone(), skip))
}

async fn wanted(reader: Reader, skip: i64) -> sqlx::Result<Vec<Due<Follow>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let entries = watchlist::left_behind(&mut snapshot, (skip, AT_ONCE)).await?;
    let due = entries.into_iter().map(|row| {
        let (member, film, into) = row.ids();
        // it may be wanted again, and that film may be merged, too
        let cause = format!("{} {film} {into} {}", row.position, row.is_seen);
        Due {
            cause: Uuid::new_v5(&row.member, cause.as_bytes()),
            command: Follow {
                member,
                film,
                into,
                since: row.since,
                is_seen: row.is_seen,
            },
        }
    });
    Ok(due.collect())
}

async fn left_behind(reader: Reader, skip: i64) -> sqlx::Result<Vec<Due<Move>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let reviews = reviews::left_behind(&mut snapshot, (skip, AT_ONCE)).await?;
    Ok(reviews.into_iter().map(due).collect())
}

fn due(row: reviews::LeftBehind) -> Due<Move> {
    // another posting, and another film, is another move; so is one that the other review changes
    let cause = format!(
        "{} {} {:?} {}",
        row.posting, row.into_film, row.other, row.other_is_newer
    );
    Due {
        cause: Uuid::new_v5(&row.review, cause.as_bytes()),
        command: Move {
            review: ReviewId(row.review),
            member: MemberId(row.member),
            film: FilmId(row.film),
            into: FilmId(row.into_film),
            posted_at: row.posted_at,
            rated_at: row.rated_at,
            other: row.other.map(|other| (ReviewId(other), row.other_is_newer)),
        },
    }
}

/// Middleware: what is not found at a merged film's address is looked for at the other's (308).
pub async fn follow(State(app): State<App>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let response = next.run(request).await;
    let named = (response.status() == StatusCode::NOT_FOUND).then(|| film_of(uri.path()));
    let Some((front, film, rest)) = named.flatten() else {
        return response;
    };
    match target(&app, film).await {
        Ok(None) => response,
        Ok(Some(into)) => {
            let query = uri.query().map(|query| format!("?{query}"));
            let place = format!("{front}{into}{rest}{}", query.unwrap_or_default());
            match HeaderValue::try_from(place) {
                Ok(place) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, place)]).into_response(),
                Err(_) => response,
            }
        }
        Err(error) => failed(error).into_response(),
    }
}

async fn target(app: &App, film: Uuid) -> sqlx::Result<Option<Uuid>> {
    let mut snapshot = app.reader.snapshot(None).await?;
    merged_films::target(&mut snapshot, film).await
}

/// The film that a path names, however its id is written, with what stands before and behind it.
fn film_of(path: &str) -> Option<(&str, Uuid, &str)> {
    let front = ["/films/", "/api/v1/films/"];
    let front = front.into_iter().find(|front| path.starts_with(front))?;
    let rest = &path[front.len()..];
    let (film, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((front, film.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_film_however_its_id_is_written() {
        let id = Uuid::from_u128(0xab);
        let (plain, capital) = (id.to_string(), id.to_string().to_uppercase());
        for (path, front, rest) in [
            (format!("/films/{plain}"), "/films/", ""),
            (format!("/films/{capital}/review"), "/films/", "/review"),
            (
                format!("/api/v1/films/{}/akin", id.simple()),
                "/api/v1/films/",
                "/akin",
            ),
        ] {
            assert_eq!(film_of(&path), Some((front, id, rest)), "{path}");
        }
        for other in ["/films", "/films/parasite", "/genres/films/x"] {
            assert_eq!(film_of(other), None);
        }
    }
}
