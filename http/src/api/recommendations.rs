//! What to watch next: films like a film, films for the caller, what is trending, and
//! what the caller's taste is. Every answer says which model it comes from.

mod shapes;

use std::collections::HashSet;

use axum::extract::State;
use projections::compute;
use projections::films;
use projections::recommender::{self as models, Fit, MOST_SUGGESTIONS};
use projections::tastes;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmSummary, known};
use super::list::{Leaving, ListQuery};
use super::{Answer, App};
use crate::cursor;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::recommending::{Cards, history};
use crate::session::Caller;
use shapes::{
    AkinFilm, Because, Fitting, OnwardFilm, Reason, Recommended, SimilarFilm, Source, Stop,
    Suggestion, Taste, Way, name, title,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_similar))
        .routes(routes!(list_akin))
        .routes(routes!(list_onward))
        .routes(routes!(show_path))
        .routes(routes!(list_trending))
        .routes(routes!(list_suggestions))
        .routes(routes!(list_like_minded))
        .routes(routes!(show_taste))
}

/// Lists films of the same genres.
///
/// Of the 20 films with the highest cosine of their genres (then the most votes, then the lowest
/// id) the 5 with the most votes.
#[utoipa::path(get, path = "/films/{film}/similar", tag = "recommendations",
    params(("film" = Uuid, Path)),
    responses((status = 200, description = "At most five films",
        body = Recommended<SimilarFilm>)))]
pub async fn list_similar(
    State(app): State<App>,
    mut reading: Reading,
    Path(film): Path<Uuid>,
) -> Answer {
    known(&mut reading, film).await?;
    let similar = app.recommender.ask(|shelf| shelf.similar(film));
    let cards = Cards::of(&mut reading, similar.iter().map(|similar| similar.film)).await?;
    let item = |similar: models::Similar| {
        Some(SimilarFilm {
            film: cards.get(similar.film)?.into(),
            cosine: similar.cosine,
            votes: similar.votes,
        })
    };
    let items = similar.into_iter().filter_map(item).collect();
    Ok(reading.respond(Json(Recommended {
        model: now(&app),
        items,
        next: None,
    })))
}

/// Lists films that are akin, with reasons.
#[utoipa::path(get, path = "/films/{film}/akin", tag = "recommendations",
    params(("film" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of films", body = Recommended<AkinFilm>)))]
pub async fn list_akin(
    State(app): State<App>,
    mut reading: Reading,
    Path(film): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, film).await?;
    let turn = Turn::of(&query)?;
    let (fit, fitted) = app.recommender.fitted();
    let akin = app
        .recommender
        .ask(|shelf| shelf.akin(film, &fitted.co_likes, MOST_SUGGESTIONS));
    let (akin, next) = turn.page(akin);
    let cards = Cards::of(&mut reading, akin.iter().map(|akin| akin.film)).await?;
    let item = |akin: models::Akin| {
        Some(AkinFilm {
            film: cards.get(akin.film)?.into(),
            score: akin.score,
            reasons: akin.reasons.into_iter().map(Reason::from).collect(),
        })
    };
    let items = akin.into_iter().filter_map(item).collect();
    Ok(reading.respond(Json(Recommended {
        model: at(fit),
        items,
        next,
    })))
}

/// Lists where to go from a film.
///
/// A random walk from the film to those who like it, and on to what else they like; what the
/// caller has seen is left out.
#[utoipa::path(get, path = "/films/{film}/onward", tag = "recommendations",
    params(("film" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of films", body = Recommended<OnwardFilm>)))]
pub async fn list_onward(
    State(app): State<App>,
    mut reading: Reading,
    Path(film): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, film).await?;
    walk(&app, reading, &query, Some(film)).await
}

/// Lists what people like who like what the caller likes.
#[utoipa::path(get, path = "/me/like-minded", tag = "recommendations", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of films", body = Recommended<OnwardFilm>)))]
pub async fn list_like_minded(
    State(app): State<App>,
    _caller: Caller,
    reading: Reading,
    Query(query): Query<ListQuery>,
) -> Answer {
    walk(&app, reading, &query, None).await
}

/// From one film, or from all that the caller likes.
async fn walk(app: &App, mut reading: Reading, query: &ListQuery, from: Option<Uuid>) -> Answer {
    let turn = Turn::of(query)?;
    let seen = history(&mut reading).await?;
    let (fit, fitted) = app.recommender.fitted();
    let from = from.as_ref().map_or(&seen.liked[..], std::slice::from_ref);
    let walk = app
        .recommender
        .ask(|shelf| fitted.walk_from(from, &seen, shelf, MOST_SUGGESTIONS));
    let (walk, next) = turn.page(walk);
    let cards = Cards::of(&mut reading, walk.iter().map(|(film, _)| *film)).await?;
    let item = |(film, score)| {
        let film = cards.get(film)?.into();
        Some(OnwardFilm { film, score })
    };
    let items = walk.into_iter().filter_map(item).collect();
    Ok(reading.respond(Json(Recommended {
        model: at(fit),
        items,
        next,
    })))
}

/// Shows the way to a film.
#[utoipa::path(get, path = "/films/{film}/path", tag = "recommendations",
    params(("film" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The way from what the caller likes", body = Way)))]
pub async fn show_path(
    State(app): State<App>,
    _caller: Caller,
    mut reading: Reading,
    Path(film): Path<Uuid>,
) -> Answer {
    known(&mut reading, film).await?;
    let seen = history(&mut reading).await?;
    let (fit, fitted) = app.recommender.fitted();
    let stops = compute(|| fitted.paths.path(&seen.liked, film)).unwrap_or_default();
    let films = stops.iter().filter_map(|stop| match stop {
        models::Stop::Film(film) => Some(*film),
        models::Stop::Person(_) | models::Stop::Member | models::Stop::Genre(_) => None,
    });
    let cards = Cards::of(&mut reading, films).await?;
    let stop = |stop| {
        Some(match stop {
            models::Stop::Film(film) => Stop::Film {
                film: title(cards.get(film)?),
            },
            models::Stop::Person(person) => Stop::Person {
                person: name(&person),
            },
            models::Stop::Member => Stop::Member,
            models::Stop::Genre(genre) => Stop::Genre { genre },
        })
    };
    let stops: Option<Vec<Stop>> = stops.into_iter().map(stop).collect();
    Ok(reading.respond(Json(Way {
        model: at(fit),
        stops: stops.unwrap_or_default(),
    })))
}

/// Lists what is trending.
///
/// What is liked most of late: a like weighs half as much after each month.
#[utoipa::path(get, path = "/trending", tag = "recommendations",
    params(Leaving, ListQuery),
    responses((status = 200, description = "A page of films", body = Recommended<FilmSummary>)))]
pub async fn list_trending(
    State(app): State<App>,
    mut reading: Reading,
    Query(leaving): Query<Leaving>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let turn = Turn::of(&query)?;
    let seen = match leaving.seen_by(&reading) {
        Some(_) => history(&mut reading).await?.seen,
        None => HashSet::new(),
    };
    let (fit, fitted) = app.recommender.fitted();
    let trending = fitted.trending(MOST_SUGGESTIONS + seen.len());
    let mut trending: Vec<Uuid> = trending
        .into_iter()
        .filter(|film| !seen.contains(film))
        .collect();
    trending.truncate(MOST_SUGGESTIONS);
    let (trending, next) = turn.page(trending);
    let cards = films::cards(&mut reading.snapshot, &trending)
        .await
        .map_err(failed)?;
    let items: Vec<FilmSummary> = cards.into_iter().map(FilmSummary::from).collect();
    Ok(reading.respond(Json(Recommended {
        model: at(fit),
        items,
        next,
    })))
}

/// Lists films for the caller.
///
/// Never what they have reviewed. A new like changes the list at once.
#[utoipa::path(get, path = "/me/suggestions", tag = "recommendations", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of films", body = Recommended<Suggestion>)))]
pub async fn list_suggestions(
    State(app): State<App>,
    _caller: Caller,
    mut reading: Reading,
    Query(query): Query<ListQuery>,
) -> Answer {
    let turn = Turn::of(&query)?;
    let seen = history(&mut reading).await?;
    let (fit, fitted) = app.recommender.fitted();
    let count = turn.count.saturating_add(1);
    let found = app
        .recommender
        .ask(|shelf| fitted.suggest(&seen, shelf, turn.from, count));
    let (found, next) = turn.rest(found);
    let named = found.iter().flat_map(|found| &found.because);
    let named = named.map(|because| because.film);
    let films = found.iter().map(|found| found.film).chain(named);
    let cards = Cards::of(&mut reading, films).await?;
    let items = found
        .into_iter()
        .filter_map(|found| suggestion(found, &cards));
    let items: Vec<Suggestion> = items.collect();
    Ok(reading.respond(Json(Recommended {
        model: at(fit),
        items,
        next,
    })))
}

fn suggestion(found: models::Suggestion, cards: &Cards) -> Option<Suggestion> {
    let because = |because: models::Because| {
        Some(Because {
            film: title(cards.get(because.film)?),
            share: because.share,
        })
    };
    Some(Suggestion {
        film: cards.get(found.film)?.into(),
        source: match found.source {
            models::Source::Likes => Source::Likes,
            models::Source::Content => Source::Content,
            models::Source::Trending => Source::Trending,
        },
        score: found.score,
        because: found.because.into_iter().filter_map(because).collect(),
    })
}

/// Shows the caller's taste.
#[utoipa::path(get, path = "/me/taste", tag = "recommendations",
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The taste", body = Taste)))]
pub async fn show_taste(caller: Caller, mut reading: Reading) -> Answer {
    let taste = tastes::of_member(&mut reading.snapshot, caller.member.0)
        .await
        .map_err(failed)?;
    Ok(reading.respond(Json(Taste::from(taste))))
}

fn at(fit: Fit) -> Fitting {
    Fitting {
        version: models::VERSION,
        position: fit.position(),
    }
}

/// Of what is not fitted, but kept.
fn now(app: &App) -> Fitting {
    Fitting {
        version: models::VERSION,
        position: app.recommender.shelved().max(0),
    }
}

/// A page of a list that is made as a whole.
struct Turn {
    from: usize,
    count: usize,
}

impl Turn {
    fn of(query: &ListQuery) -> Result<Turn, Problem> {
        let (from, limit) = query.read::<u16>()?;
        Ok(Turn {
            from: usize::from(from.unwrap_or_default()),
            count: usize::try_from(limit).unwrap_or_default(),
        })
    }

    fn page<T>(&self, list: Vec<T>) -> (Vec<T>, Option<String>) {
        self.rest(list.into_iter().skip(self.from).collect())
    }

    /// Of a list that begins where the page does.
    fn rest<T>(&self, mut list: Vec<T>) -> (Vec<T>, Option<String>) {
        let next = (list.len() > self.count).then(|| cursor::encode(&(self.from + self.count)));
        list.truncate(self.count);
        (list, next)
    }
}
