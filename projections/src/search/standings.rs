//! In what order films come that match a search equally well: by how much they are talked about,
//! and before anybody has, by how many rated them at TMDB. With their titles: a search for much
//! looks through the first of them, and reads nothing else.

use domain::film::{Fact, Translated, Votes};
use domain::{Event, film};
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::film_heat::{log2_of_sum, said};
use crate::model::{Happened, ReadModel};
use crate::table::table;

/// Below any heat: votes order only what nobody talks about here.
const COLD: f64 = -1e6;

table! {
    /// Every film that is listed.
    pub struct Standing in standings {
        key { film: Uuid }
        /// The heat, as `film_heat` has it; else log₂ of the votes, far below.
        standing: f64,
        title: Json<Translated>,
        original_title: String,
    }
}

impl ReadModel for Standing {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, standings: &mut Changes<Standing>) {
        if let Some((film, added)) = said(happened) {
            standings.patch((film.0,), move |film| {
                film.standing = match film.standing {
                    cold if is_cold(cold) => added,
                    heat => log2_of_sum(heat, added),
                };
            });
            return;
        }
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => standings.put(Standing {
                film: listed.film.0,
                standing: cold(listed.facts.votes),
                title: Json(listed.facts.title.clone()),
                original_title: listed.facts.original_title.clone(),
            }),
            Event::Film(film::Event::Revised(revised)) => {
                let facts = revised.facts.clone();
                standings.patch((revised.film.0,), |film| film.learn(facts));
            }
            // what is still said of it, until its reviews have moved, is counted here
            Event::Film(film::Event::Merged(merged)) => {
                standings.patch((merged.film.0,), |film| {
                    film.title = Json::default();
                    film.original_title = String::new();
                });
            }
            Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

impl Standing {
    fn learn(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            match fact {
                Fact::Title(title) => self.title = Json(title),
                Fact::OriginalTitle(title) => self.original_title = title,
                Fact::Votes(votes) => {
                    if is_cold(self.standing) {
                        self.standing = cold(votes);
                    }
                }
                Fact::Year(_)
                | Fact::Genres(_)
                | Fact::Directors(_)
                | Fact::Cast(_)
                | Fact::Keywords(_)
                | Fact::Overview(_)
                | Fact::RuntimeMin(_)
                | Fact::Countries(_)
                | Fact::Language(_)
                | Fact::Tmdb(_)
                | Fact::Imdb(_)
                | Fact::Poster(_)
                | Fact::Backdrop(_)
                | Fact::Trailer(_) => {}
            }
        }
    }
}

fn cold(votes: Option<Votes>) -> f64 {
    let count = votes.map_or(0, |votes| votes.count);
    COLD + (1.0 + f64::from(count)).log2()
}

fn is_cold(standing: f64) -> bool {
    standing < COLD / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::film_heat::FilmHeat;
    use crate::given::*;

    fn votes(count: u32) -> Event {
        let votes = Votes {
            count,
            average: 8.0,
        };
        revised(vec![Fact::Votes(Some(votes))])
    }

    fn standing(events: Vec<Event>) -> f64 {
        let rows: Vec<Standing> = given(events);
        rows[0].standing
    }

    #[test]
    fn votes_order_films_until_they_are_talked_about() {
        assert!(standing(vec![listed()]) < standing(vec![listed(), votes(1)]));
        assert!(standing(vec![listed(), votes(1)]) < standing(vec![listed(), votes(9)]));
        let said = vec![listed(), votes(1_000_000), posted(1, 4.0), votes(9)];
        let heat: Vec<FilmHeat> = given(said.clone());
        assert_eq!(standing(said), heat[0].heat);
    }

    #[test]
    fn a_film_is_called_here_what_it_is_called() {
        let called = |events| {
            let rows: Vec<Standing> = given(events);
            (rows[0].title.ko.clone(), rows[0].original_title.clone())
        };
        let title = Translated {
            en: None,
            ko: Some("기생충들".to_owned()),
        };
        let renamed = revised(vec![Fact::Title(title)]);
        assert_eq!(called(vec![listed()]).0.as_deref(), Some("기생충"));
        let (ko, original) = called(vec![listed(), renamed]);
        assert_eq!(ko.as_deref(), Some("기생충들"));
        assert_eq!(original, called(vec![listed()]).1);
    }
}
