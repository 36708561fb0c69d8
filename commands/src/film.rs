//! Listing films.

use domain::film::{Listed, State};
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

pub(crate) fn known(seen: &impl Seen, film: FilmId) -> Result<&State, Refused> {
    seen.film(film).ok_or(Refused::NoSuchFilm)
}

#[cfg(test)]
mod tests {
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
        let film = Listed {
            year: 2020,
            ..listed()
        };
        given([listed().into()])
            .when(List { films: vec![film] })
            .then([]);
    }
}
