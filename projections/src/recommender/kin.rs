//! Films that are akin: made by the same people, of the same genres and time, about
//! the same things, liked by the same members. Each answer says why.
//!
//! Works on one film at a time: nothing is fitted, so a film is akin from the moment
//! that it is listed. Costs, of a question: the films of its people, of its rarest
//! words, and those that the caller names, `MOST_CANDIDATES` at most, each compared.
//! Memory: less than 2 KB for a film with overviews in both languages; nothing of a film
//! that is gone, or of what was known of it once.

mod comparing;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use domain::film::Person;
use uuid::Uuid;

use super::co_likes::LikedWith;
use super::filmographies::Filmographies;
use super::vocabulary::{Text, Vocabulary, Weighed};
use super::words;

/// What is known of a film without anybody's rating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Slugs.
    pub genres: Vec<String>,
    pub directors: Vec<Person>,
    pub cast: Vec<Person>,
    pub year: Option<i16>,
    pub keywords: Vec<String>,
    pub overview_en: Option<String>,
    pub overview_ko: Option<String>,
}

/// Why two films are akin.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    SameDirector(Arc<Person>),
    /// In both films, in whatever role.
    SamePeople(Vec<Arc<Person>>),
    /// Slugs.
    Genres(Vec<String>),
    /// 1990 for the nineties.
    Decade(i16),
    /// Of both overviews, those that say most; where there are none in one language,
    /// there are some in the other.
    Words {
        en: Vec<String>,
        ko: Vec<String>,
    },
    /// So many members like both.
    LikedTogether(u32),
    /// In English.
    Keywords(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Akin {
    pub film: Uuid,
    /// The sum of what the reasons weigh; comparable within one list.
    pub score: f64,
    /// The weightiest first.
    pub reasons: Vec<Reason>,
}

/// A film with its people and genres.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    pub film: Uuid,
    pub people: Vec<Arc<Person>>,
    pub genres: Vec<String>,
}

/// Films at the same time; beyond it a film that is listed is akin to none.
const MOST_FILMS: usize = 2_000_000;
/// Films that are compared for one answer; beyond them the rarer words' films are not.
const MOST_CANDIDATES: usize = 1_000;
/// Scores are compared to so many parts, so that another order of summing is no other list.
const PARTS: f64 = 1e9;

#[derive(Debug, Default)]
pub struct Kin {
    slots: HashMap<Uuid, u32>,
    /// By slot; `None`: the film was removed.
    films: Vec<Option<Film>>,
    /// Slots of films that were removed.
    free: Vec<u32>,
    people: Filmographies,
    /// Those that some films have together, once.
    genres: HashSet<Arc<[String]>>,
    keywords: Vocabulary,
    english: Vocabulary,
    korean: Vocabulary,
}

#[derive(Debug)]
struct Film {
    film: Uuid,
    genres: Arc<[String]>,
    directors: Box<[u32]>,
    /// Directors and cast, ascending.
    people: Box<[u32]>,
    year: Option<i16>,
    keywords: Text,
    english: Text,
    korean: Text,
}

/// What is asked about, weighed once.
struct Subject<'a> {
    film: &'a Film,
    keywords: Weighed,
    english: Weighed,
    korean: Weighed,
}

impl Kin {
    /// Adds a film, or replaces what is known of it.
    pub fn put(&mut self, film: Uuid, facts: &Facts) {
        self.remove(film);
        let Some(slot) = self.slot() else { return };
        self.slots.insert(film, slot);
        let directors: Box<[u32]> = self.numbers(&facts.directors);
        let cast = self.numbers(&facts.cast);
        let people: BTreeSet<u32> = directors.iter().chain(&cast).copied().collect();
        people.iter().for_each(|one| self.people.credit(*one, slot));
        let english = facts.overview_en.as_deref().unwrap_or_default();
        let korean = facts.overview_ko.as_deref().unwrap_or_default();
        self.films[slot as usize] = Some(Film {
            film,
            genres: self.shared(&facts.genres),
            directors,
            people: people.into_iter().collect(),
            year: facts.year,
            keywords: self.keywords.add(slot, words::keywords(&facts.keywords)),
            english: self.english.add(slot, words::english(english)),
            korean: self.korean.add(slot, words::korean(korean)),
        });
    }

    pub fn remove(&mut self, film: Uuid) {
        let Some(slot) = self.slots.remove(&film) else {
            return;
        };
        let entry = self.films[slot as usize].take();
        let entry = entry.expect("a slot has its film");
        self.free.push(slot);
        entry
            .people
            .iter()
            .for_each(|one| self.people.remove(*one, slot));
        let films = || (0..).zip(&self.films);
        let films = || films().filter_map(|(slot, film)| Some((slot, film.as_ref()?)));
        let keywords = || films().map(|(slot, film)| (slot, &film.keywords));
        self.keywords.remove(slot, &entry.keywords, keywords);
        let english = || films().map(|(slot, film)| (slot, &film.english));
        self.english.remove(slot, &entry.english, english);
        let korean = || films().map(|(slot, film)| (slot, &film.korean));
        self.korean.remove(slot, &entry.korean, korean);
        // in the set, and here
        if Arc::strong_count(&entry.genres) == 2 {
            self.genres.remove(&entry.genres);
        }
    }

    /// An empty one; `None`: there are too many films.
    fn slot(&mut self) -> Option<u32> {
        if let Some(slot) = self.free.pop() {
            return Some(slot);
        }
        let slot = u32::try_from(self.films.len()).ok();
        let slot = slot.filter(|_| self.films.len() < MOST_FILMS)?;
        self.films.push(None);
        Some(slot)
    }

    fn numbers(&mut self, people: &[Person]) -> Box<[u32]> {
        let people = people.iter();
        people.map(|person| self.people.number(person)).collect()
    }

    fn shared(&mut self, genres: &[String]) -> Arc<[String]> {
        if let Some(known) = self.genres.get(genres) {
            return known.clone();
        }
        let genres: Arc<[String]> = genres.into();
        self.genres.insert(genres.clone());
        genres
    }

    fn film(&self, film: Uuid) -> Option<&Film> {
        self.films[*self.slots.get(&film)? as usize].as_ref()
    }

    /// How many slots there are, for `outlines`; they never become fewer.
    pub fn slots(&self) -> usize {
        self.films.len()
    }

    /// What the films of some slots are made of.
    pub fn outlines(&self, slots: Range<usize>) -> Vec<Outline> {
        let films = self.films[slots].iter().flatten();
        let person = |person: &u32| self.people.person(*person);
        let outline = |film: &Film| Outline {
            film: film.film,
            people: film.people.iter().map(person).collect(),
            genres: film.genres.to_vec(),
        };
        films.map(outline).collect()
    }

    pub fn knows(&self, film: Uuid) -> bool {
        self.film(film).is_some()
    }

    /// Slugs; empty for a film that is not there.
    pub fn genres(&self, film: Uuid) -> &[String] {
        self.film(film).map_or(&[], |film| &film.genres[..])
    }

    /// The films that are most akin, best first; the lower id first where scores are
    /// equal. `near` are films to look at besides, `liked` those liked with it.
    pub fn akin(
        &self,
        film: Uuid,
        near: impl IntoIterator<Item = Uuid>,
        liked: &[LikedWith],
        count: usize,
    ) -> Vec<Akin> {
        let Some(of) = self.film(film) else {
            return Vec::new();
        };
        let subject = Subject {
            film: of,
            keywords: self.keywords.weigh(&of.keywords),
            english: self.english.weigh(&of.english),
            korean: self.korean.weigh(&of.korean),
        };
        let named = near.into_iter().chain(liked.iter().map(|liked| liked.film));
        let named = named.filter_map(|film| self.slots.get(&film).copied());
        let candidates = self.candidates(of, named);
        let compare = |slot: u32| {
            let other = self.films[slot as usize].as_ref()?;
            let liked = liked.iter().find(|liked| liked.film == other.film);
            (other.film != film).then(|| self.compare(&subject, other, liked))
        };
        let mut akin: Vec<Akin> = candidates.into_iter().filter_map(compare).collect();
        akin.retain(|akin| akin.score > 0.0);
        let rank = |akin: &Akin| (Reverse((akin.score * PARTS).round() as i64), akin.film);
        akin.sort_unstable_by_key(rank);
        akin.truncate(count);
        akin
    }

    /// Those named, the films of its people, then of its rarest words; always those with the
    /// fewest films first.
    fn candidates(&self, of: &Film, named: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut candidates: Vec<u32> = named.collect();
        let mut people = of.people.to_vec();
        people.sort_by(|a, b| self.people.order(*a, *b));
        let of_people = people.iter().map(|person| self.people.films(*person));
        let of_words = self.keywords.rarest(&of.keywords);
        let of_words = of_words.chain(self.english.rarest(&of.english));
        let of_words = of_words.chain(self.korean.rarest(&of.korean));
        for films in of_people.chain(of_words) {
            if candidates.len() >= MOST_CANDIDATES {
                break;
            }
            candidates.extend(films);
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::id;
    use super::*;

    fn person(name: &str) -> Person {
        Person {
            en: name.to_owned(),
            ko: None,
        }
    }

    fn facts(genres: &[&str], director: &str, cast: &[&str], year: i16, about: &str) -> Facts {
        Facts {
            genres: genres.iter().map(|genre| (*genre).to_owned()).collect(),
            directors: vec![person(director)],
            cast: cast.iter().map(|name| person(name)).collect(),
            year: Some(year),
            overview_en: Some(about.to_owned()),
            ..Facts::default()
        }
    }

    fn kin() -> Kin {
        let mut kin = Kin::default();
        let heist = "a heist on a train";
        kin.put(
            id(1),
            &facts(&["crime", "drama"], "Park", &["Choi"], 2003, heist),
        );
        kin.put(
            id(2),
            &facts(&["romance", "drama"], "Park", &["Kim"], 2016, "a maid"),
        );
        kin.put(
            id(3),
            &facts(&["crime"], "Ryoo", &["Choi"], 2005, "the heist of gold"),
        );
        kin.put(id(4), &facts(&["comedy"], "Other", &[], 1960, "a wedding"));
        kin
    }

    fn films(akin: &[Akin]) -> Vec<Uuid> {
        akin.iter().map(|akin| akin.film).collect()
    }

    #[test]
    fn akin_films_say_why_the_weightiest_first() {
        let akin = kin().akin(id(1), [id(4)], &[], 9);
        assert_eq!(films(&akin), [id(3), id(2)]);
        let heist = Reason::Words {
            en: vec!["heist".to_owned()],
            ko: vec![],
        };
        let crime = Reason::Genres(vec!["crime".to_owned()]);
        let people = Reason::SamePeople(vec![Arc::new(person("Choi"))]);
        assert_eq!(
            akin[0].reasons,
            [heist, crime, people, Reason::Decade(2000)]
        );
        let drama = Reason::Genres(vec!["drama".to_owned()]);
        let park = Reason::SameDirector(Arc::new(person("Park")));
        assert_eq!(akin[1].reasons, [park, drama]);
    }

    #[test]
    fn films_liked_by_the_same_members_are_akin() {
        let liked = LikedWith {
            film: id(4),
            strength: 0.9,
            fans: 7,
        };
        let akin = kin().akin(id(1), [], &[liked], 9);
        let wedding = akin.iter().find(|akin| akin.film == id(4)).unwrap();
        assert_eq!(wedding.reasons, [Reason::LikedTogether(7)]);
    }

    #[test]
    fn keywords_make_films_akin() {
        let mut kin = kin();
        for film in [7, 8] {
            let keywords = vec!["time loop".to_owned()];
            let facts = Facts {
                keywords,
                ..Facts::default()
            };
            kin.put(id(film), &facts);
        }
        kin.put(
            id(9),
            &Facts {
                keywords: vec!["cat".to_owned()],
                ..Facts::default()
            },
        );
        let akin = kin.akin(id(7), [], &[], 9);
        assert_eq!(films(&akin), [id(8)]);
        assert_eq!(
            akin[0].reasons,
            [Reason::Keywords(vec!["time loop".to_owned()])]
        );
    }

    #[test]
    fn a_film_that_is_put_again_or_removed_leaves_nothing_behind() {
        let mut kin = kin();
        kin.put(id(3), &facts(&["western"], "Ryoo", &[], 1950, "horses"));
        assert_eq!(films(&kin.akin(id(1), [], &[], 9)), [id(2)]);
        kin.remove(id(2));
        assert!(kin.akin(id(1), [], &[], 9).is_empty());
        assert!(kin.akin(id(2), [], &[], 9).is_empty());
    }

    #[test]
    fn what_was_known_of_films_once_takes_no_room() {
        let mut kin = kin();
        for round in 0..100 {
            let told = facts(
                &[&format!("genre{round}")],
                &format!("Director {round}"),
                &["Choi", &format!("Actor {round}")],
                2000,
                &format!("heist {}", "z".repeat(round + 4)),
            );
            kin.put(id(3), &told);
            kin.put(id(5 + round), &told);
            kin.remove(id(5 + round));
        }
        assert_eq!(kin.slots(), 5);
        let (people, _) = kin.people.sizes();
        let (words, _) = kin.english.sizes();
        // Park, Choi, Kim, Other and the last two; heist, train, maid, wedding and the last one
        assert_eq!((people, words, kin.genres.len()), (6, 5, 4));
        let (people, words) = (kin.people.sizes().1, kin.english.sizes().1);
        assert!(people <= 9 && words <= 8, "{people} people, {words} words");
    }

    #[test]
    fn the_order_in_which_films_are_listed_does_not_matter() {
        let all: Vec<(usize, Facts)> = (0..60)
            .map(|film: usize| {
                let about = format!("heist {} train {}", "gold ".repeat(film % 4), film % 7);
                let director = format!("D{}", film % 9);
                (
                    film,
                    facts(&["crime"], &director, &[], 1990 + film as i16 % 30, &about),
                )
            })
            .collect();
        let (mut one, mut other) = (Kin::default(), Kin::default());
        for (film, facts) in &all {
            one.put(id(*film), facts);
        }
        for (film, facts) in all.iter().rev() {
            other.put(id(*film), facts);
            other.put(id(*film), facts);
        }
        for film in 0..60 {
            let lists = [&one, &other].map(|kin| films(&kin.akin(id(film), [], &[], 20)));
            assert_eq!(lists[0], lists[1]);
        }
    }
}
