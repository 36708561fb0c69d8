//! How much two films are akin, and why.

use std::sync::Arc;

use domain::film::Person;

use super::{Akin, Film, Kin, Reason, Subject};
use crate::recommender::co_likes::LikedWith;

const MOST_WORDS: usize = 3;
/// Years after which two films have nothing of their time in common.
const ERA: f64 = 20.0;
/// Members who like both, below which that is no reason to name.
const LEAST_FANS: u32 = 2;
/// A resemblance that weighs less is not worth telling.
const LEAST_TOLD: f64 = 0.03;

// What each resemblance is worth at most; tried on the starter catalogue with eyes.
const GENRES: f64 = 0.25;
const DIRECTOR: f64 = 0.30;
const PERSON: f64 = 0.10;
const MOST_PEOPLE: usize = 3;
const KEYWORDS: f64 = 0.50;
const WORDS: f64 = 0.80;
const TIME: f64 = 0.08;
const LIKED: f64 = 0.80;

impl Kin {
    pub(super) fn compare(
        &self,
        subject: &Subject,
        other: &Film,
        liked: Option<&LikedWith>,
    ) -> Akin {
        let of = subject.film;
        let mut found: Vec<(f64, Option<Reason>)> = vec![
            genres(of, other),
            self.directors(of, other),
            self.common_people(of, other),
            era(of, other),
            self.common_keywords(subject, other),
            self.common_words(subject, other),
        ];
        if let Some(liked) = liked {
            let reason = Reason::LikedTogether(liked.fans);
            let reason = (liked.fans >= LEAST_FANS).then_some(reason);
            found.push((LIKED * liked.strength, reason));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        Akin {
            film: other.film,
            score: found.iter().map(|(weight, _)| weight).sum(),
            reasons: found
                .into_iter()
                .filter(|(weight, _)| *weight >= LEAST_TOLD)
                .filter_map(|(_, reason)| reason)
                .collect(),
        }
    }

    fn directors(&self, of: &Film, other: &Film) -> (f64, Option<Reason>) {
        let mut same = of.directors.iter();
        match same.find(|director| other.directors.contains(director)) {
            Some(director) => {
                let director = self.people.person(*director);
                (DIRECTOR, Some(Reason::SameDirector(director)))
            }
            None => (0.0, None),
        }
    }

    /// Those who direct both are told already.
    fn common_people(&self, of: &Film, other: &Film) -> (f64, Option<Reason>) {
        let direct_both = |p: &u32| of.directors.contains(p) && other.directors.contains(p);
        let common = of.people.iter();
        let mut common: Vec<u32> = common
            .filter(|person| other.people.binary_search(person).is_ok() && !direct_both(person))
            .copied()
            .collect();
        common.sort_by(|a, b| self.people.order(*a, *b));
        common.truncate(MOST_PEOPLE);
        let common: Vec<Arc<Person>> = (common.into_iter())
            .map(|person| self.people.person(person))
            .collect();
        let weight = PERSON * common.len() as f64;
        (
            weight,
            (!common.is_empty()).then_some(Reason::SamePeople(common)),
        )
    }

    fn common_keywords(&self, subject: &Subject, other: &Film) -> (f64, Option<Reason>) {
        let other = self.keywords.weigh(&other.keywords);
        let found = self.keywords.cosine(&subject.keywords, &other, MOST_WORDS);
        let (cosine, common) = found.unwrap_or_default();
        let reason = (!common.is_empty()).then_some(Reason::Keywords(common));
        (KEYWORDS * cosine, reason)
    }

    /// The mean of the cosines in those languages in which both films are told.
    fn common_words(&self, subject: &Subject, other: &Film) -> (f64, Option<Reason>) {
        let english = self.english.weigh(&other.english);
        let english = self.english.cosine(&subject.english, &english, MOST_WORDS);
        let korean = self.korean.weigh(&other.korean);
        let korean = self.korean.cosine(&subject.korean, &korean, MOST_WORDS);
        let told = english.iter().chain(&korean).count();
        if told == 0 {
            return (0.0, None);
        }
        let (en_cosine, en) = english.unwrap_or_default();
        let (ko_cosine, ko) = korean.unwrap_or_default();
        let weight = WORDS * (en_cosine + ko_cosine) / told as f64;
        let is_any = !en.is_empty() || !ko.is_empty();
        (weight, is_any.then_some(Reason::Words { en, ko }))
    }
}

fn genres(of: &Film, other: &Film) -> (f64, Option<Reason>) {
    let common: Vec<String> = of
        .genres
        .iter()
        .filter(|genre| other.genres.contains(genre))
        .cloned()
        .collect();
    if common.is_empty() {
        return (0.0, None);
    }
    let norms = (of.genres.len() * other.genres.len()) as f64;
    let weight = GENRES * common.len() as f64 / norms.sqrt();
    (weight, Some(Reason::Genres(common)))
}

fn era(of: &Film, other: &Film) -> (f64, Option<Reason>) {
    let (Some(one), Some(another)) = (of.year, other.year) else {
        return (0.0, None);
    };
    let apart = f64::from(one) - f64::from(another);
    let weight = TIME * (1.0 - apart.abs() / ERA).max(0.0);
    let same = one / 10 == another / 10;
    (weight, same.then_some(Reason::Decade(one / 10 * 10)))
}
