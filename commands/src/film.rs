//! Listing films.

use domain::film::{Fact, Listed, Revised, State};
use domain::{Event, FilmId, Stream};

use crate::{Command, Refused, Seen};

/// A catalogue's work, not a member's: all films or none. A film that is listed
/// stays as it is.
#[derive(Clone, Debug)]
pub struct List {
    pub films: Vec<Listed>,
}

impl Command for List {
    fn streams(&self) -> Vec<Stream> {
        self.films.iter().map(|film| film.film.stream()).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let unknown = |film: &&Listed| known(seen, film.film).is_err();
        Ok(self
            .films
            .iter()
            .filter(unknown)
            .cloned()
            .map(Event::from)
            .collect())
    }
}

/// A catalogue's newer knowledge. A film that is not listed is listed; of one that is, what is
/// known now and was not told before is told. What is not known now stays as it was told.
#[derive(Clone, Debug)]
pub struct Revise {
    pub films: Vec<Listed>,
}

impl Command for Revise {
    fn streams(&self) -> Vec<Stream> {
        self.films.iter().map(|film| film.film.stream()).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let news = self.films.iter().filter_map(|film| news(seen, film));
        Ok(news.collect())
    }
}

fn news(seen: &impl Seen, film: &Listed) -> Option<Event> {
    let Some(known) = seen.film(film.film) else {
        return Some(film.clone().into());
    };
    let mut facts = film.facts.known();
    facts.retain(|fact| known.differs(fact));
    let tells = |kind: fn(&Fact) -> bool| facts.iter().any(kind);
    if tells(|fact| matches!(fact, Fact::Genres(_))) && !tells(|fact| matches!(fact, Fact::Year(_)))
    {
        facts.push(Fact::Year(known.year));
    }
    let film = film.film;
    (!facts.is_empty()).then(|| Revised { film, facts }.into())
}

pub(crate) fn known(seen: &impl Seen, film: FilmId) -> Result<&State, Refused> {
    seen.film(film).ok_or(Refused::NoSuchFilm)
}

#[cfg(test)]
mod tests {
    use domain::Genre;
    use domain::film::Translated;

    use super::*;
    use crate::harness::*;

    #[test]
    fn a_film_is_listed() {
        given([])
            .when(List {
                films: vec![listed()],
            })
            .then([listed().into()]);
    }

    #[test]
    fn a_listed_film_stays_as_it_is() {
        let mut film = listed();
        film.facts.year = Some(2020);
        given([listed().into()])
            .when(List { films: vec![film] })
            .then([]);
    }

    #[test]
    fn a_revision_lists_a_film_that_is_unknown() {
        given([])
            .when(Revise {
                films: vec![listed()],
            })
            .then([listed().into()]);
    }

    #[test]
    fn a_revision_tells_what_changed_and_takes_nothing_back() {
        let mut film = listed();
        film.facts.runtime_min = Some(131);
        film.facts.tmdb = Some(496_243);
        film.facts.overview = Translated::default();
        let revised = Revised {
            film: PARASITE,
            facts: vec![Fact::RuntimeMin(Some(131)), Fact::Tmdb(Some(496_243))],
        };
        given([listed().into()])
            .when(Revise { films: vec![film] })
            .then([revised.into()]);
    }

    #[test]
    fn with_new_genres_the_year_is_told_again() {
        let mut film = listed();
        film.facts.genres = vec![Genre::Drama];
        film.facts.year = None;
        let revised = Revised {
            film: PARASITE,
            facts: vec![Fact::Genres(vec![Genre::Drama]), Fact::Year(Some(2019))],
        };
        given([listed().into()])
            .when(Revise { films: vec![film] })
            .then([revised.into()]);
    }

    #[test]
    fn a_revision_without_news_records_nothing() {
        given([listed().into()])
            .when(Revise {
                films: vec![listed()],
            })
            .then([]);
    }
}
