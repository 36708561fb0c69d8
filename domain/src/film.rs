//! A film, as a catalogue lists it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{FilmId, Genre, Language, event::events};

events! {
    Film by film {
        Listed = ("film.listed", 1),
        Revised = ("film.revised", 1),
        Merged = ("film.merged", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub film: FilmId,
    /// What the catalogue knows it by, such as `parasite-2019`; never changes.
    pub key: String,
    pub facts: Box<Facts>,
}

/// The catalogue knows better now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revised {
    pub film: FilmId,
    /// Only what changed; beside genres always the year, by which a genre's films are ordered.
    pub facts: Vec<Fact>,
}

/// It is the same film as another one, which goes on for both. What is said of it moves there,
/// review by review ([`crate::review::Moved`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    pub film: FilmId,
    pub into: FilmId,
    /// TMDB's id, by which it may be asked for again.
    pub tmdb: Option<u32>,
}

/// Facts as a whole and one by one, so that a revision names only what changed.
macro_rules! facts {
    ($($(#[$doc:meta])* $field:ident as $fact:ident: $type:ty,)+) => {
        /// What a catalogue knows of a film. A field may be empty where it knows nothing; only
        /// the original title is always there.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Facts {
            $(
                $(#[$doc])*
                #[serde(default, skip_serializing_if = "is_nothing")]
                pub $field: $type,
            )+
        }

        /// One of [`Facts`].
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Fact {
            $($fact($type),)+
        }

        #[derive(Clone, Copy)]
        enum Kind {
            $($fact,)+
        }

        const KINDS: usize = [$(Kind::$fact),+].len();

        impl Facts {
            pub fn all(&self) -> Vec<Fact> {
                vec![$(Fact::$fact(self.$field.clone()),)+]
            }

            /// Without those of which nothing is known.
            pub fn known(&self) -> Vec<Fact> {
                let mut known = Vec::new();
                $(if !is_nothing(&self.$field) {
                    known.push(Fact::$fact(self.$field.clone()));
                })+
                known
            }

            pub fn set(&mut self, fact: Fact) {
                match fact {
                    $(Fact::$fact(value) => self.$field = value,)+
                }
            }
        }

        impl Fact {
            fn kind(&self) -> usize {
                match self {
                    $(Self::$fact(_) => Kind::$fact as usize,)+
                }
            }
        }
    };
}

facts! {
    title as Title: Translated,
    /// In the film's own script.
    original_title as OriginalTitle: String,
    /// Of the first public release.
    year as Year: Option<i16>,
    runtime_min as RuntimeMin: Option<i16>,
    genres as Genres: Vec<Genre>,
    directors as Directors: Vec<Person>,
    /// Leading actors, the first first.
    cast as Cast: Vec<Person>,
    /// ISO 3166-1 alpha-2.
    countries as Countries: Vec<String>,
    /// That is spoken in it: ISO 639-1.
    language as Language: Option<String>,
    /// In English.
    keywords as Keywords: Vec<String>,
    overview as Overview: Translated,
    /// TMDB's id.
    tmdb as Tmdb: Option<u32>,
    /// IMDb's id, such as `tt6751668`.
    imdb as Imdb: Option<String>,
    /// At TMDB.
    votes as Votes: Option<Votes>,
    /// Path at TMDB's image host, such as `/7IiTTgloJzvGI1TAYymCfbfl3vT.jpg`.
    poster as Poster: Option<String>,
    /// Path at TMDB's image host.
    backdrop as Backdrop: Option<String>,
    /// Its name at YouTube, such as `5xH0HfJHsaY`.
    trailer as Trailer: Option<String>,
}

fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Facts {
    /// The title to show: in another language where this one has none.
    pub fn title_in(&self, language: Language) -> &str {
        self.title.in_or_other(language, &self.original_title)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

impl Translated {
    pub fn both(en: &str, ko: &str) -> Self {
        Self {
            en: Some(en.to_owned()),
            ko: Some(ko.to_owned()),
        }
    }

    /// In this language, else the original. Who reads Korean finds English easier than most
    /// scripts, so there English comes between.
    pub fn in_or_other<'a>(&'a self, language: Language, original: &'a str) -> &'a str {
        let (en, ko) = (self.en.as_deref(), self.ko.as_deref());
        match language {
            Language::En => en.unwrap_or(original),
            Language::Ko => ko.or(en).unwrap_or(original),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub en: String,
    /// The usual Korean spelling, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Votes {
    pub count: u32,
    /// 0 to 10.
    pub average: f64,
}

/// The film is listed. Its facts are long and this is kept for every film that is talked about,
/// so it knows them only well enough to tell that one has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(skip_serializing_if = "crate::sealed::is_shown")]
    digests: [u64; KINDS],
    pub year: Option<i16>,
    pub tmdb: Option<u32>,
    pub merged_into: Option<FilmId>,
    votes: Option<Votes>,
}

/// Counts of votes change every day; they are told again when they have grown by this part.
const VOTES_WORTH_TELLING: f64 = 0.05;

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Listed(listed) => {
                let mut state = Self {
                    digests: [0; KINDS],
                    year: None,
                    tmdb: None,
                    merged_into: None,
                    votes: None,
                };
                state.learn(&listed.facts.all());
                Some(state)
            }
            Event::Revised(revised) => {
                let mut state = before?;
                state.learn(&revised.facts);
                Some(state)
            }
            Event::Merged(merged) => before.map(|film| Self {
                merged_into: Some(merged.into),
                ..film
            }),
        }
    }

    fn learn(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.digests[fact.kind()] = digest(fact);
            match fact {
                Fact::Votes(votes) => self.votes = *votes,
                Fact::Year(year) => self.year = *year,
                Fact::Tmdb(id) => self.tmdb = *id,
                _ => {}
            }
        }
    }

    /// Whether this fact is news.
    pub fn differs(&self, fact: &Fact) -> bool {
        let is_other = self.digests[fact.kind()] != digest(fact);
        match (fact, self.votes) {
            (Fact::Votes(Some(now)), Some(before)) => {
                let grown = f64::from(now.count) - f64::from(before.count);
                is_other && grown.abs() >= VOTES_WORTH_TELLING * f64::from(before.count)
            }
            _ => is_other,
        }
    }
}

/// Enough of it to tell two facts apart; the same in every process, so that a kept state stays
/// true.
fn digest(fact: &Fact) -> u64 {
    let json = serde_json::to_vec(fact).expect("a fact has no keys but strings");
    let digest = Sha256::digest(json);
    let first = digest.first_chunk().expect("a digest is longer");
    u64::from_be_bytes(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parasite() -> Facts {
        Facts {
            title: Translated::both("Parasite", "기생충"),
            original_title: "기생충".to_owned(),
            year: Some(2019),
            votes: Some(votes(100)),
            ..Facts::default()
        }
    }

    fn votes(count: u32) -> Votes {
        Votes {
            count,
            average: 8.5,
        }
    }

    fn state(facts: Facts) -> State {
        let listed = Listed {
            film: FilmId::of_key("parasite-2019"),
            key: "parasite-2019".to_owned(),
            facts: facts.into(),
        };
        State::evolve(None, &Event::Listed(listed)).unwrap()
    }

    #[test]
    fn what_is_not_known_is_not_stored() {
        let json = serde_json::to_string(&parasite()).unwrap();
        assert_eq!(
            json,
            r#"{"title":{"en":"Parasite","ko":"기생충"},"original_title":"기생충","year":2019,"votes":{"count":100,"average":8.5}}"#
        );
        assert_eq!(serde_json::from_str::<Facts>(&json).unwrap(), parasite());
    }

    #[test]
    fn a_fact_is_stored_under_the_name_of_its_field() {
        let facts = [Fact::RuntimeMin(Some(132)), Fact::Imdb(None)];
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"[{"runtime_min":132},{"imdb":null}]"#);
        let read: Vec<Fact> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, facts);
    }

    #[test]
    fn facts_are_the_same_whole_or_one_by_one() {
        let mut facts = Facts::default();
        parasite().known().into_iter().for_each(|f| facts.set(f));
        assert_eq!(facts, parasite());
        assert_eq!(parasite().known().len(), 4);
        assert_eq!(parasite().all().len(), KINDS);
    }

    #[test]
    fn only_what_changed_is_news() {
        let known = state(parasite());
        assert!(parasite().all().iter().all(|fact| !known.differs(fact)));
        assert!(known.differs(&Fact::Year(Some(2020))));
        assert!(known.differs(&Fact::Year(None)));
        assert!(known.differs(&Fact::Imdb(Some("tt6751668".to_owned()))));
        let revised = Event::Revised(Revised {
            film: FilmId::of_key("parasite-2019"),
            facts: vec![Fact::Year(Some(2020))],
        });
        let revised = State::evolve(Some(known), &revised).unwrap();
        assert!(!revised.differs(&Fact::Year(Some(2020))));
    }

    #[test]
    fn a_vote_more_is_no_news() {
        let known = state(parasite());
        assert!(!known.differs(&Fact::Votes(Some(votes(104)))));
        assert!(known.differs(&Fact::Votes(Some(votes(105)))));
        assert!(known.differs(&Fact::Votes(None)));
        assert!(state(Facts::default()).differs(&Fact::Votes(Some(votes(1)))));
    }

    #[test]
    fn a_title_that_is_missing_is_shown_in_another_language() {
        let only_english = Facts {
            title: Translated {
                en: Some("Toy Story".to_owned()),
                ko: None,
            },
            original_title: "Toy Story!".to_owned(),
            ..Facts::default()
        };
        assert_eq!(only_english.title_in(Language::Ko), "Toy Story");
        let untranslated = Facts {
            original_title: "Соляріс".to_owned(),
            ..Facts::default()
        };
        assert_eq!(untranslated.title_in(Language::En), "Соляріс");
        assert_eq!(untranslated.title_in(Language::Ko), "Соляріс");
    }
}
