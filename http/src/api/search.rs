//! `/search`: films, people, members and rooms by what somebody typed, and `/people`.

use domain::Genre;
use projections::search::{self, Filters, FoundFilm, FoundMember, FoundPerson, FoundRoom, Quality};
use projections::{films, people};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmSummary, PersonName};
use super::list::{List, ListQuery};
use super::{Answer, App};
use crate::cursor::Exact;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::searching;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(suggest))
        .routes(routes!(show_person))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// A title in any language or its initial consonants, a person, a genre, a year, words of
    /// the story, or several of these.
    #[serde(default)]
    q: String,
    /// Only films of this genre: its slug.
    genre: Option<String>,
    /// Only films from this year on.
    from: Option<i16>,
    /// Only films up to this year.
    to: Option<i16>,
    /// Only films that are rated so many stars on average, or better.
    #[param(minimum = 0.5, maximum = 5)]
    stars: Option<f64>,
}

/// How a film matches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    Exact,
    Beginning,
    Typing,
    Word,
    Part,
    Words,
    Elsewhere,
    Misspelt,
}

/// A film that was found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilmFound {
    pub film: FilmSummary,
    #[serde(rename = "match")]
    pub quality: Match,
    /// The title that matched; null if none did.
    #[schema(required = true)]
    pub title: Option<String>,
}

/// A person of films.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonSummary {
    #[schema(example = "bong-joon-ho")]
    pub slug: String,
    pub name: PersonName,
    /// How many films.
    pub films: i64,
}

/// A member that was found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberFound {
    pub id: Uuid,
    pub name: String,
}

/// A public room that was found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomFound {
    pub id: Uuid,
    pub name: String,
}

/// What was found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Found {
    pub films: List<FilmFound>,
    pub people: Vec<PersonSummary>,
    pub members: Vec<MemberFound>,
    pub rooms: Vec<RoomFound>,
    /// Where nothing was found: films that are talked about.
    pub instead: Vec<FilmSummary>,
}

/// Part of a text.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Piece {
    pub text: String,
    /// It is what was typed.
    pub is_match: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionKind {
    Film,
    Person,
    Member,
    Room,
}

/// Something that may be meant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    pub kind: SuggestionKind,
    /// Its name, or the one that matched, in pieces.
    pub name: Vec<Piece>,
    /// The film's year, and its title in the reader's language if another one matched.
    pub detail: String,
    /// The address of its page.
    pub href: String,
}

/// A person of films with them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub slug: String,
    pub name: PersonName,
    /// Newest first.
    pub directed: Vec<FilmSummary>,
    /// Newest first.
    pub acted: Vec<FilmSummary>,
}

/// Searches films, people, members and public rooms.
///
/// Films are a list, the best matches first, equal ones by how much they are talked about; people,
/// members and rooms are the best few, on the first page.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchQuery, ListQuery),
    responses((status = 200, description = "What was found", body = Found)))]
pub async fn search(
    mut reading: Reading,
    Query(asked): Query<SearchQuery>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let filters = asked.filters()?;
    let (after, limit) = query.read::<(u8, Exact, Uuid)>()?;
    let after = after.map(|(quality, standing, film)| (quality, standing.into(), film));
    let snapshot = &mut reading.snapshot;
    let found = searching::search(snapshot, &asked.q, &filters, after, limit).await?;
    let found = Found {
        films: List::of(
            projections::Page {
                items: found.films.items,
                next: (found.films.next)
                    .map(|(quality, standing, film)| (quality, Exact::from(standing), film)),
            },
            FilmFound::from,
        ),
        people: found.people.into_iter().map(PersonSummary::from).collect(),
        members: found.members.into_iter().map(MemberFound::from).collect(),
        rooms: found.rooms.into_iter().map(RoomFound::from).collect(),
        instead: found.instead.into_iter().map(FilmSummary::from).collect(),
    };
    Ok(reading.respond(Json(found)))
}

impl SearchQuery {
    fn filters(&self) -> Result<Filters, Problem> {
        let genre = self.genre.as_deref().map(Genre::from_slug).transpose();
        Ok(Filters {
            genre: genre.map_err(|_| Problem::bad_request("There is no such genre."))?,
            from: self.from,
            to: self.to,
            stars: self.stars,
        })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// What is typed so far; a syllable may be unfinished.
    #[serde(default)]
    q: String,
}

/// Suggests what may be meant while it is typed, in the reader's language.
#[utoipa::path(get, path = "/search/suggestions", tag = "search", params(Typed),
    responses((status = 200, description = "A few suggestions, the best first",
        body = List<Suggestion>)))]
pub async fn suggest(mut reading: Reading, Query(typed): Query<Typed>) -> Answer {
    let language = reading.visitor.language;
    let items = match search::Query::new(&typed.q) {
        Some(query) => searching::suggest(&mut reading.snapshot, &query, language).await?,
        None => vec![],
    };
    Ok(reading.respond(Json(List { items, next: None })))
}

/// Shows a person of films.
#[utoipa::path(get, path = "/people/{slug}", tag = "films",
    params(("slug" = String, Path, example = "bong-joon-ho")),
    responses((status = 200, description = "The person", body = Person)))]
pub async fn show_person(mut reading: Reading, Path(slug): Path<String>) -> Answer {
    let found = people::by_slug(&mut reading.snapshot, &slug).await;
    let found = found.map_err(failed)?.ok_or_else(Problem::not_found)?;
    let films = |cards: Vec<films::FilmCard>| cards.into_iter().map(FilmSummary::from).collect();
    let person = Person {
        slug: people::slug(&found.name_en),
        name: PersonName {
            en: found.name_en,
            ko: found.name_ko,
        },
        directed: films(found.directed),
        acted: films(found.acted),
    };
    Ok(reading.respond(Json(person)))
}

impl From<FoundFilm> for FilmFound {
    fn from(found: FoundFilm) -> FilmFound {
        FilmFound {
            film: FilmSummary::from(found.card),
            quality: Match::from(found.quality),
            title: found.name,
        }
    }
}

impl From<Quality> for Match {
    fn from(quality: Quality) -> Match {
        match quality {
            Quality::Exact => Match::Exact,
            Quality::Beginning => Match::Beginning,
            Quality::Typing => Match::Typing,
            Quality::Word => Match::Word,
            Quality::Part => Match::Part,
            Quality::Words => Match::Words,
            Quality::Elsewhere => Match::Elsewhere,
            Quality::Misspelt => Match::Misspelt,
        }
    }
}

impl From<FoundPerson> for PersonSummary {
    fn from(found: FoundPerson) -> PersonSummary {
        PersonSummary {
            slug: found.slug,
            name: PersonName {
                en: found.name_en,
                ko: found.name_ko,
            },
            films: found.films,
        }
    }
}

impl From<FoundRoom> for RoomFound {
    fn from(found: FoundRoom) -> RoomFound {
        RoomFound {
            id: found.room,
            name: found.name,
        }
    }
}

impl From<FoundMember> for MemberFound {
    fn from(found: FoundMember) -> MemberFound {
        MemberFound {
            id: found.member,
            name: found.name,
        }
    }
}
