//! How recommendations are written.

use projections::films::FilmCard;
use projections::recommender as models;
use projections::tastes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::films::{FilmSummary, FilmTitle, PersonName, Translated};

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

pub fn title(card: FilmCard) -> FilmTitle {
    FilmTitle {
        id: card.film,
        title: Translated {
            en: card.title_en,
            ko: card.title_ko,
        },
    }
}

pub fn name(person: &domain::film::Person) -> PersonName {
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
