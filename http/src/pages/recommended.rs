//! Recommendations as the pages show them: rows of films, each with the reason why.

use std::sync::Arc;

use domain::film::Person;
use maud::Markup;
use projections::compute;
use projections::recommender::{Akin, Fitted, History, Reason, Source, Stop, Suggestion};
use uuid::Uuid;

use crate::app::App;
use crate::components::taste::{self, NotedFilm, RailHead, noted_rail};
use crate::language::Language;
use crate::pages::rows::{Film, in_language};
use crate::problem::Problem;
use crate::reading::Reading;
use crate::recommending::Cards;
use crate::t;

/// Films in a row.
const RAIL: usize = 16;
/// Reasons that fit under a film.
const REASONS: usize = 2;
/// Films of one reader's favourite genre are looked for among so many that are trending.
const TRENDING: usize = 600;

/// Films with the texts of their reasons, in the visitor's language.
pub struct Rail {
    films: Vec<Film>,
    notes: Vec<String>,
}

impl Rail {
    fn of(cards: &Cards, chosen: impl IntoIterator<Item = (Uuid, String)>) -> Rail {
        let chosen = chosen.into_iter();
        let found = chosen.filter_map(|(film, note)| Some((cards.get(film)?, note)));
        let (cards, notes) = found.unzip();
        Rail {
            films: Film::all(cards),
            notes,
        }
    }

    pub fn len(&self) -> usize {
        self.films.len()
    }

    pub fn into_films(self) -> Vec<Film> {
        self.films
    }

    pub fn render(&self, language: Language, head: &RailHead) -> Markup {
        let films = self.films.iter().zip(&self.notes);
        let films: Vec<NotedFilm> = films
            .map(|(film, note)| NotedFilm {
                card: film.card(language),
                note: note.clone(),
            })
            .collect();
        noted_rail(language, head, &films)
    }
}

/// What the pages need of the recommender, as it is now.
pub struct Asked<'a> {
    app: &'a App,
    pub fitted: Arc<Fitted>,
    pub history: History,
    language: Language,
}

impl<'a> Asked<'a> {
    pub async fn of(app: &'a App, reading: &mut Reading) -> Result<Asked<'a>, Problem> {
        let history = crate::recommending::history(reading).await?;
        let (_, fitted) = app.recommender.fitted();
        Ok(Asked {
            app,
            fitted,
            history,
            language: reading.visitor.language,
        })
    }

    /// What one row of a page shows, the rows below it need not show again.
    pub fn leave_out(&mut self, rail: &Rail) {
        self.history.seen.extend(rail.films.iter().map(Film::id));
    }

    /// Films for the reading member, each because of what.
    pub async fn for_you(&self, reading: &mut Reading) -> Result<Rail, Problem> {
        let recommender = &self.app.recommender;
        let found = recommender.ask(|shelf| self.fitted.suggest(&self.history, shelf, 0, RAIL));
        let because = found.iter().filter_map(|found| found.because.first());
        let because = because.map(|because| because.film);
        let films = found.iter().map(|found| found.film).chain(because);
        let cards = Cards::of(reading, films).await?;
        let noted = found
            .iter()
            .map(|found| (found.film, self.because(found, &cards)));
        Ok(Rail::of(&cards, noted))
    }

    fn because(&self, found: &Suggestion, cards: &Cards) -> String {
        let language = self.language;
        let because = found.because.first();
        let film = because.and_then(|because| cards.get(because.film));
        let film =
            film.map(|card| in_language(language, &card.title_en, &card.title_ko).to_owned());
        match (found.source, film) {
            (Source::Trending, _) => t!(language, "taste-trending-note"),
            (Source::Likes, Some(film)) => t!(language, "taste-because-note", film = film),
            (Source::Content, Some(film)) => t!(language, "taste-content-note", film = film),
            (Source::Likes | Source::Content, None) => String::new(),
        }
    }

    /// Films that are akin to this one; what was seen is left out.
    pub async fn akin(&self, reading: &mut Reading, film: Uuid) -> Result<Rail, Problem> {
        let recommender = &self.app.recommender;
        let mut akin = recommender.ask(|shelf| shelf.akin(film, &self.fitted.co_likes, 4 * RAIL));
        akin.retain(|akin| !self.history.seen.contains(&akin.film));
        akin.truncate(RAIL);
        let cards = Cards::of(reading, akin.iter().map(|akin| akin.film)).await?;
        let noted = akin
            .iter()
            .map(|akin| (akin.film, reasons(self.language, akin)));
        Ok(Rail::of(&cards, noted))
    }

    /// Of the 20 films with the nearest genres the 5 most voted.
    pub async fn similar(&self, reading: &mut Reading, film: Uuid) -> Result<Rail, Problem> {
        let similar = self.app.recommender.ask(|shelf| shelf.similar(film));
        let films = similar.into_iter().map(|similar| similar.film);
        self.plain(reading, films.collect()).await
    }

    /// Where a walk leads from some films.
    pub async fn walk(&self, reading: &mut Reading, from: &[Uuid]) -> Result<Rail, Problem> {
        let recommender = &self.app.recommender;
        let walk = recommender.ask(|shelf| self.fitted.walk_from(from, &self.history, shelf, RAIL));
        let films = walk.into_iter().map(|(film, _)| film).collect();
        self.plain(reading, films).await
    }

    pub async fn trending(&self, reading: &mut Reading) -> Result<Rail, Problem> {
        self.plain(reading, self.fitted.trending(RAIL)).await
    }

    /// The genre that the member likes most often, and what is trending in it.
    pub async fn favourite_genre(
        &self,
        reading: &mut Reading,
    ) -> Result<Option<(String, Rail)>, Problem> {
        let found = self.app.recommender.ask(|shelf| {
            let liked = self.history.liked.iter();
            let genres = liked.flat_map(|film| shelf.kin().genres(*film));
            let mut counts = std::collections::BTreeMap::new();
            genres.for_each(|genre| *counts.entry(genre).or_insert(0) += 1);
            let favourite = counts.into_iter().max_by_key(|(_, count)| *count);
            favourite.map(|(genre, _)| {
                let films = self.fitted.trending(TRENDING).into_iter();
                let of_genre = films.filter(|film| shelf.kin().genres(*film).contains(genre));
                let unseen = of_genre.filter(|film| !self.history.seen.contains(film));
                (genre.clone(), unseen.take(RAIL).collect::<Vec<Uuid>>())
            })
        });
        let Some((genre, films)) = found else {
            return Ok(None);
        };
        Ok(Some((genre, self.plain(reading, films).await?)))
    }

    /// The way from what the member likes to a film, if they have not seen it.
    pub async fn way(
        &self,
        reading: &mut Reading,
        film: Uuid,
    ) -> Result<Vec<taste::Stop>, Problem> {
        if self.history.seen.contains(&film) {
            return Ok(Vec::new());
        }
        let liked = &self.history.liked;
        let stops = compute(|| self.fitted.paths.path(liked, film)).unwrap_or_default();
        let films = stops.iter().filter_map(|stop| match stop {
            Stop::Film(film) => Some(*film),
            Stop::Person(_) | Stop::Member | Stop::Genre(_) => None,
        });
        let cards = Cards::of(reading, films).await?;
        let language = self.language;
        let plain = |text: String| taste::Stop { text, href: None };
        let stop = |stop: &Stop| {
            Some(match stop {
                Stop::Film(film) => {
                    let card = cards.get(*film)?;
                    let title = in_language(language, &card.title_en, &card.title_ko);
                    taste::Stop {
                        text: title.to_owned(),
                        href: Some(format!("/films/{film}")),
                    }
                }
                Stop::Person(person) => plain(name(language, person).to_owned()),
                Stop::Member => plain(t!(language, "taste-way-member")),
                Stop::Genre(genre) => plain(language.genre(genre)),
            })
        };
        let stops: Option<Vec<taste::Stop>> = stops.iter().map(stop).collect();
        Ok(stops.unwrap_or_default())
    }

    /// Films without reasons.
    async fn plain(&self, reading: &mut Reading, films: Vec<Uuid>) -> Result<Rail, Problem> {
        let cards = Cards::of(reading, films.iter().copied()).await?;
        Ok(Rail::of(
            &cards,
            films.into_iter().map(|film| (film, String::new())),
        ))
    }
}

/// The weightiest reasons, in one line.
fn reasons(language: Language, akin: &Akin) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut both: Vec<String> = Vec::new();
    for reason in &akin.reasons {
        match common(language, reason) {
            Some(common) => both.push(common),
            None => told.extend(sentence(language, reason)),
        }
    }
    told.truncate(REASONS);
    both.truncate(REASONS);
    if told.len() < REASONS && !both.is_empty() {
        told.push(t!(language, "taste-both", what = both.join(", ")));
    }
    told.join(" · ")
}

/// What both films have.
fn common(language: Language, reason: &Reason) -> Option<String> {
    match reason {
        Reason::Genres(genres) => {
            let names = genres
                .iter()
                .take(REASONS)
                .map(|genre| language.genre(genre));
            let genres = names.collect::<Vec<_>>().join(", ");
            Some(t!(language, "taste-same-genres", genres = genres))
        }
        Reason::Decade(decade) => Some(t!(
            language,
            "taste-same-decade",
            decade = decade.to_string()
        )),
        Reason::Keywords(words) => Some(t!(language, "taste-same-words", words = words.join(", "))),
        Reason::Words { en, ko } => {
            let words = match language {
                Language::En => en,
                Language::Ko => ko,
            };
            let words = (!words.is_empty()).then(|| words.join(", "))?;
            Some(t!(language, "taste-same-words", words = words))
        }
        Reason::SameDirector(_) | Reason::SamePeople(_) | Reason::LikedTogether(_) => None,
    }
}

/// What is a sentence of its own.
fn sentence(language: Language, reason: &Reason) -> Option<String> {
    match reason {
        Reason::SameDirector(person) => {
            let person = name(language, person);
            Some(t!(language, "taste-same-director", person = person))
        }
        Reason::SamePeople(people) => {
            let names = people.iter().map(|person| name(language, person));
            let people = names.collect::<Vec<_>>().join(", ");
            Some(t!(language, "taste-same-people", people = people))
        }
        Reason::LikedTogether(count) => Some(t!(language, "taste-liked-together", count = *count)),
        Reason::Genres(_) | Reason::Decade(_) | Reason::Keywords(_) | Reason::Words { .. } => None,
    }
}

pub fn name(language: Language, person: &Person) -> &str {
    let korean = person.ko.as_deref().unwrap_or(&person.en);
    in_language(language, &person.en, korean)
}

/// A row under a heading, without more.
pub fn under(rail: &Rail, language: Language, heading: &str) -> Markup {
    let head = RailHead {
        heading,
        ..RailHead::default()
    };
    rail.render(language, &head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_in_the_visitors_language() {
        let person = Person {
            en: "Bong Joon-ho".to_owned(),
            ko: Some("봉준호".to_owned()),
        };
        let akin = Akin {
            film: Uuid::nil(),
            score: 1.0,
            reasons: vec![
                Reason::SameDirector(Arc::new(person)),
                Reason::Words {
                    en: vec!["heist".to_owned()],
                    ko: vec![],
                },
                Reason::Decade(1990),
            ],
        };
        assert_eq!(
            reasons(Language::En, &akin),
            "Also by Bong Joon-ho · Both: heist, 1990s"
        );
        assert_eq!(
            reasons(Language::Ko, &akin),
            "같은 감독: 봉준호 · 공통점: 1990년대"
        );
    }
}
