//! Listing films, revising them, and joining two that are the same.

use domain::film::{Fact, Listed, Merged, Revised, State};
use domain::{Event, FilmId, MemberId, Stream};

use crate::{Command, Refused, Seen, role};

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
        let unknown = |film: &&Listed| seen.film(film.film).is_none();
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
    if known.merged_into.is_some() {
        return None;
    }
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

/// Two films are one: `into` goes on for both. Their reviews follow one by one.
#[derive(Clone, Debug)]
pub struct Merge {
    pub film: FilmId,
    pub into: FilmId,
    /// The operator.
    pub by: MemberId,
}

impl Command for Merge {
    fn streams(&self) -> Vec<Stream> {
        let films = [self.film.stream(), self.into.stream()];
        let films = films
            .into_iter()
            .take(if self.film == self.into { 1 } else { 2 });
        films.chain([self.by.stream()]).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        role::check_operator(seen, Some(self.by)).map_err(|_| Refused::NoSuchFilm)?;
        let film = seen.film(self.film).ok_or(Refused::NoSuchFilm)?;
        if self.film == self.into {
            return Err(Refused::SameFilm);
        }
        match film.merged_into {
            Some(into) if into == self.into => return Ok(vec![]),
            Some(_) => return Err(Refused::NoSuchFilm),
            None => {}
        }
        let into = known(seen, self.into)?;
        let merged = Merged {
            film: self.film,
            into: self.into,
            tmdb: film.tmdb,
        };
        let named = film.tmdb.filter(|_| into.tmdb.is_none()).map(|id| Revised {
            film: self.into,
            facts: vec![Fact::Tmdb(Some(id))],
        });
        let events = [Event::from(merged)].into_iter();
        Ok(events.chain(named.map(Event::from)).collect())
    }
}

/// A film that was merged into another one is none.
pub(crate) fn known(seen: &impl Seen, film: FilmId) -> Result<&State, Refused> {
    let film = seen.film(film).filter(|film| film.merged_into.is_none());
    film.ok_or(Refused::NoSuchFilm)
}

#[cfg(test)]
mod tests {
    use domain::Genre;
    use domain::film::Translated;

    use super::*;
    use crate::harness::*;

    const TWIN: FilmId = FilmId(uuid::Uuid::from_u128(0xF1));

    fn twin() -> Listed {
        let mut twin = listed();
        twin.film = TWIN;
        twin.key = "tmdb-496243".to_owned();
        twin.facts.tmdb = Some(496_243);
        twin
    }

    fn merge() -> Merge {
        Merge {
            film: TWIN,
            into: PARASITE,
            by: BOB,
        }
    }

    fn merged() -> Event {
        Merged {
            film: TWIN,
            into: PARASITE,
            tmdb: Some(496_243),
        }
        .into()
    }

    fn operator() -> Event {
        domain::member::RoleGranted {
            member: BOB,
            role: domain::Role::Operator,
            by: None,
        }
        .into()
    }

    #[test]
    fn an_operator_joins_two_films_and_the_one_that_stays_is_known_by_both_ids() {
        let named = Revised {
            film: PARASITE,
            facts: vec![Fact::Tmdb(Some(496_243))],
        };
        given([
            signed_up(BOB).into(),
            operator(),
            listed().into(),
            twin().into(),
        ])
        .when(merge())
        .then([merged(), named.into()]);
    }

    #[test]
    fn films_are_joined_once_by_operators_and_never_with_themselves() {
        let films = || [signed_up(BOB).into(), listed().into(), twin().into()];
        given(films()).when(merge()).refused(Refused::NoSuchFilm);
        let [bob, first, second] = films();
        given([bob, operator(), first, second])
            .when(Merge {
                into: TWIN,
                ..merge()
            })
            .refused(Refused::SameFilm);
        let [bob, first, second] = films();
        given([bob, operator(), first, second, merged()])
            .when(Merge {
                film: PARASITE,
                into: TWIN,
                ..merge()
            })
            .refused(Refused::NoSuchFilm);
    }

    #[test]
    fn a_merged_film_learns_nothing_more() {
        let mut film = twin();
        film.facts.runtime_min = Some(99);
        given([listed().into(), twin().into(), merged()])
            .when(Revise { films: vec![film] })
            .then([]);
    }

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
