//! MovieLens: its people become members whom nobody can sign in as, its ratings their
//! reviews, at the times at which they were given. Films that are listed already are
//! the same films; the others are listed with the little that MovieLens knows.
//!
//! Every command's id is derived from what it brings in, so an import that was broken
//! off goes on when it is started again.

mod files;
mod titles;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use commands::film::{List, Revise};
use commands::member::SignUp;
use commands::review::Review;
use commands::{Asked, Command};
use domain::film::{Facts, Listed, Translated};
use domain::{Email, FilmId, Language, MemberId, MemberName};
use futures::stream::{self, TryStreamExt};
use uuid::Uuid;

use super::execute;
use super::known::Known;
use super::progress::Progress;
use crate::app::App;
use crate::fresh;
pub use files::FILES;
use files::{Movie, Rating};

/// Ids of what is brought in; fixed for ever.
const IMPORT: Uuid = Uuid::from_u128(0x2f6d_90c4_8b1e_4a53_9c77_5e0d_a1b3_f842);
/// Commands on their way at once: what the sequencer commits together.
const AT_ONCE: usize = 1_000;
/// Films of one command.
const FILMS: usize = 200;

/// What there was to bring in. All of it is there now.
#[derive(Debug, PartialEq)]
pub struct Imported {
    pub films: usize,
    /// Of the films, those that had been listed before.
    pub known: usize,
    pub members: usize,
    pub ratings: usize,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Imported {
            films,
            known,
            members,
            ratings,
        } = self;
        write!(
            f,
            "{ratings} ratings by {members} people of {films} films are here; {known} of the films \
             had been listed before."
        )
    }
}

/// Brings in a folder of MovieLens' CSV files.
pub async fn import(app: &App, directory: &Path) -> anyhow::Result<Imported> {
    let movies = files::movies(directory)?;
    let mut ratings = files::ratings(directory)?;
    // as it happened
    ratings.sort_by_key(|rating| (rating.timestamp, rating.user_id, rating.movie_id));
    let (films, known) = list(app, &movies).await?;
    let members = sign_up(app, &ratings).await?;
    rate(app, &ratings, &films).await?;
    Ok(Imported {
        films: movies.len(),
        known,
        members,
        ratings: ratings.len(),
    })
}

/// Lists the films that are not listed, and tells those that are their ids elsewhere.
async fn list(app: &App, movies: &[Movie]) -> anyhow::Result<(HashMap<u32, FilmId>, usize)> {
    let mut known = Known::now(app).await?;
    let mut films = HashMap::with_capacity(movies.len());
    let (mut new, mut found) = (Vec::new(), Vec::new());
    for movie in movies {
        let mut facts = facts(movie);
        let here = FilmId::of_key(&key(movie));
        let film = match known.told_of(here, &mut facts) {
            Some(film) => {
                let ids = Facts {
                    tmdb: facts.tmdb,
                    imdb: facts.imdb,
                    ..Facts::default()
                };
                found.push(listed(film, movie, ids));
                film
            }
            None => {
                known.add(here, &facts);
                new.push(listed(here, movie, facts));
                here
            }
        };
        films.insert(movie.movie_id, film);
    }
    let progress = Progress::new("films", movies.len());
    for films in new.chunks(FILMS) {
        let (count, films) = (films.len(), films.to_vec());
        let asked = asked(app, &names("list", &films), fresh::now());
        execute(app, asked, List { films }).await?;
        progress.add(count);
    }
    for films in found.chunks(FILMS) {
        let (count, films) = (films.len(), films.to_vec());
        let asked = asked(app, &names("revise", &films), fresh::now());
        execute(app, asked, Revise { films }).await?;
        progress.add(count);
    }
    progress.finish();
    Ok((films, found.len()))
}

fn key(movie: &Movie) -> String {
    format!("movielens-{}", movie.movie_id)
}

fn listed(film: FilmId, movie: &Movie, facts: Facts) -> Listed {
    Listed {
        film,
        key: key(movie),
        facts: facts.into(),
    }
}

fn facts(movie: &Movie) -> Facts {
    let title = titles::read(&movie.title);
    Facts {
        original_title: title.original,
        title: Translated {
            en: Some(title.english),
            ko: None,
        },
        year: title.year,
        genres: files::genres(&movie.genres),
        tmdb: movie.tmdb,
        imdb: movie.imdb.clone(),
        ..Facts::default()
    }
}

fn names(what: &str, films: &[Listed]) -> String {
    let ids = films.iter().map(|film| film.film.to_string());
    format!("{what} {}", ids.collect::<Vec<_>>().join(" "))
}

/// Under an id that is derived from what is asked.
fn asked(app: &App, name: &str, at: DateTime<Utc>) -> Asked {
    Asked {
        id: Uuid::new_v5(&IMPORT, name.as_bytes()),
        actor: Uuid::nil(),
        digest: app.vault.digest("movielens", name.as_bytes()),
        at,
        correlation: IMPORT,
        causation: None,
    }
}

fn member(user: u32) -> MemberId {
    MemberId(Uuid::new_v5(&IMPORT, format!("member {user}").as_bytes()))
}

/// Everybody at the time of their first rating.
async fn sign_up(app: &App, ratings: &[Rating]) -> anyhow::Result<usize> {
    let mut first: HashMap<u32, DateTime<Utc>> = HashMap::new();
    let mut people = Vec::new();
    for rating in ratings {
        first.entry(rating.user_id).or_insert_with(|| {
            people.push(rating.user_id);
            rating.at()
        });
    }
    let commands = people.iter().map(|user| {
        let name = format!("MovieLens {user}");
        let email = format!("{user}@movielens.invalid");
        let (name, email) = (MemberName::new(&name)?, Email::new(&email)?);
        let command = SignUp {
            member: member(*user),
            name_reservation: app.vault.name_reservation(&name),
            email_reservation: app.vault.email_reservation(&email),
            name,
            email,
            language: Language::En,
        };
        Ok((format!("sign up {user}"), first[user], command))
    });
    run(app, "members", people.len(), commands).await?;
    Ok(people.len())
}

async fn rate(app: &App, ratings: &[Rating], films: &HashMap<u32, FilmId>) -> anyhow::Result<()> {
    let commands = ratings.iter().map(|rating| {
        let film = films.get(&rating.movie_id);
        let film = film.with_context(|| format!("movie {} is not listed", rating.movie_id))?;
        let command = Review {
            member: member(rating.user_id),
            film: *film,
            rating: rating.stars()?,
            text: None,
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        let Rating {
            user_id: user,
            movie_id: movie,
            rating: stars,
            timestamp,
        } = rating;
        let name = format!("rate {user} {movie} {stars} {timestamp}");
        Ok((name, rating.at(), command))
    });
    run(app, "ratings", ratings.len(), commands).await
}

/// Many commands at once, in their order; stops at the first that fails.
async fn run<C>(
    app: &App,
    what: &'static str,
    length: usize,
    commands: impl Iterator<Item = anyhow::Result<(String, DateTime<Utc>, C)>>,
) -> anyhow::Result<()>
where
    C: Command + Clone + Send + 'static,
{
    let progress = Progress::new(what, length);
    let execute = |(name, at, command): (String, DateTime<Utc>, C)| async move {
        let accepted = execute(app, asked(app, &name, at), command).await;
        accepted.context(name)
    };
    let each = stream::iter(commands.map(|command| command.map(execute)));
    let done = each.try_buffered(AT_ONCE).try_for_each(|_| {
        progress.add(1);
        std::future::ready(Ok(()))
    });
    done.await?;
    progress.finish();
    Ok(())
}
