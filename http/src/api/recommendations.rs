//! What to watch next: films like a film, films for the caller, what is trending, and
//! what the caller's taste is. Every answer says which model it comes from.

use axum::extract::State;
use projections::films::{self, FilmCard};
use projections::recommender::{self as models, Fit, MOST_SUGGESTIONS};
use projections::tastes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmSummary, FilmTitle, PersonName, Translated};
use super::list::ListQuery;
use super::{Answer, App};
use crate::cursor;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::recommending::{Cards, history};
use crate::session::Caller;

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

/// The model that an answer comes from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Fitting {
    /// Grows when the same likes give another list than before.
    pub version: u32,
    /// The log's position up to which the model knows what members like. What the caller
    /// likes counts up to `Reeltime-Position`.
    pub position: i64,
}

/// Some films of a list that a model made, at most 60. When the model is fitted anew between
/// two pages, a film may come twice or not at all.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Recommended<T> {
    pub model: Fitting,
    pub items: Vec<T>,
    /// The cursor of the next page; null: that was all.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// A film of nearly the same genres.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SimilarFilm {
    pub film: FilmSummary,
    /// Of the genres' words, 0 to 1.
    pub cosine: f64,
    /// TMDB's votes and the ratings here.
    pub votes: u64,
}

/// A film that is akin to another one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AkinFilm {
    pub film: FilmSummary,
    /// Comparable within one list.
    pub score: f64,
    /// The weightiest first.
    pub reasons: Vec<Reason>,
}

/// Why two films are akin.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    SameDirector {
        person: PersonName,
    },
    /// In both films, in whatever role.
    SamePeople {
        people: Vec<PersonName>,
    },
    /// Slugs.
    Genres {
        genres: Vec<String>,
    },
    /// 1990 for the nineties.
    Decade {
        decade: i16,
    },
    Keywords {
        keywords: Vec<String>,
    },
    /// Of both overviews in each language, those that say most.
    Words {
        en: Vec<String>,
        ko: Vec<String>,
    },
    /// So many members like both.
    LikedTogether {
        members: u32,
    },
}

/// A film that lies on the way.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OnwardFilm {
    pub film: FilmSummary,
    /// Comparable within one list.
    pub score: f64,
}

/// What speaks for a suggestion: what others like who like the same, what the film is about
/// and who made it, or that everybody likes it now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Likes,
    Content,
    Trending,
}

/// A film that the caller has not seen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    pub film: FilmSummary,
    pub source: Source,
    /// Comparable among suggestions of one source.
    pub score: f64,
    /// What the caller likes that speaks most for it; nothing for what is merely trending.
    pub because: Vec<Because>,
}

/// A film that the caller likes, and its share of all that speaks for a suggestion.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Because {
    pub film: FilmTitle,
    #[schema(minimum = 0, maximum = 1)]
    pub share: f64,
}

/// A stop on the way from what the caller likes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Stop {
    Film {
        film: FilmTitle,
    },
    Person {
        person: PersonName,
    },
    /// Somebody who likes the film before and the film behind.
    Member,
    Genre {
        genre: String,
    },
}

/// The shortest way from what the caller likes to a film, both ends included; empty where
/// there is none, or the film is liked itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Way {
    pub model: Fitting,
    pub stops: Vec<Stop>,
}

/// How many films of a kind the caller has rated and liked (3½ stars or more).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Share {
    pub rated: u32,
    pub liked: u32,
    /// In stars; null where none is rated.
    #[schema(required = true, minimum = 0.5, maximum = 5)]
    pub average: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GenreShare {
    /// A slug.
    pub genre: String,
    #[serde(flatten)]
    pub share: Share,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DecadeShare {
    /// 1990 for the nineties.
    pub decade: i16,
    #[serde(flatten)]
    pub share: Share,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonShare {
    pub person: PersonName,
    #[serde(flatten)]
    pub share: Share,
}

/// What the caller's ratings say about their taste.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Taste {
    pub all: Share,
    /// The most liked first.
    pub genres: Vec<GenreShare>,
    /// The earliest first, without holes.
    pub decades: Vec<DecadeShare>,
    /// Directors and actors of two liked films or more, the most liked first.
    pub people: Vec<PersonShare>,
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
    let similar = app.recommender.shelf().similar(film);
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
        .shelf()
        .akin(film, &fitted.co_likes, MOST_SUGGESTIONS);
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
    let walk = {
        let shelf = app.recommender.shelf();
        let from = from.as_ref().map_or(&seen.liked[..], std::slice::from_ref);
        fitted.walk_from(from, &seen, &shelf, MOST_SUGGESTIONS)
    };
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
    let stops = fitted.paths.path(&seen.liked, film).unwrap_or_default();
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
#[utoipa::path(get, path = "/trending", tag = "recommendations", params(ListQuery),
    responses((status = 200, description = "A page of films", body = Recommended<FilmSummary>)))]
pub async fn list_trending(
    State(app): State<App>,
    mut reading: Reading,
    Query(query): Query<ListQuery>,
) -> Answer {
    let turn = Turn::of(&query)?;
    let (fit, fitted) = app.recommender.fitted();
    let (trending, next) = turn.page(fitted.trending(MOST_SUGGESTIONS));
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
    let found = {
        let shelf = app.recommender.shelf();
        fitted.suggest(&seen, &shelf, turn.from, turn.count.saturating_add(1))
    };
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

async fn known(reading: &mut Reading, film: Uuid) -> Result<films::Film, Problem> {
    let row = films::by_id(&mut reading.snapshot, film)
        .await
        .map_err(failed)?;
    row.ok_or_else(Problem::not_found)
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

fn title(card: FilmCard) -> FilmTitle {
    FilmTitle {
        id: card.film,
        title: Translated {
            en: card.title_en,
            ko: card.title_ko,
        },
    }
}

fn name(person: &domain::film::Person) -> PersonName {
    PersonName {
        en: person.en.clone(),
        ko: person.ko.clone(),
    }
}

impl From<models::Reason> for Reason {
    fn from(reason: models::Reason) -> Reason {
        match reason {
            models::Reason::SameDirector(person) => Reason::SameDirector {
                person: name(&person),
            },
            models::Reason::SamePeople(people) => Reason::SamePeople {
                people: people.iter().map(|person| name(person)).collect(),
            },
            models::Reason::Genres(genres) => Reason::Genres { genres },
            models::Reason::Decade(decade) => Reason::Decade { decade },
            models::Reason::Keywords(keywords) => Reason::Keywords { keywords },
            models::Reason::Words { en, ko } => Reason::Words { en, ko },
            models::Reason::LikedTogether(members) => Reason::LikedTogether { members },
        }
    }
}

impl From<tastes::Count> for Share {
    fn from(count: tastes::Count) -> Share {
        Share {
            rated: count.rated,
            liked: count.liked,
            average: count.average(),
        }
    }
}

impl From<tastes::Taste> for Taste {
    fn from(taste: tastes::Taste) -> Taste {
        let genre = |(genre, count): (String, tastes::Count)| GenreShare {
            genre,
            share: count.into(),
        };
        let decade = |(decade, count): (i16, tastes::Count)| DecadeShare {
            decade,
            share: count.into(),
        };
        let person = |(person, count): (domain::film::Person, tastes::Count)| PersonShare {
            person: name(&person),
            share: count.into(),
        };
        Taste {
            all: taste.all.into(),
            genres: taste.genres.into_iter().map(genre).collect(),
            decades: taste.decades.into_iter().map(decade).collect(),
            people: taste.people.into_iter().map(person).collect(),
        }
    }
}
