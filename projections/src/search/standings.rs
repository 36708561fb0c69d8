//! In what order films come that match a search equally well: by how much they are talked about,
//! and before anybody has, by how many rated them at TMDB.

use domain::film::{Fact, Votes};
use domain::{Event, film};
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
    }
}

impl ReadModel for Standing {
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
            }),
            Event::Film(film::Event::Revised(revised)) => {
                let votes = revised.facts.iter().find_map(|fact| match fact {
                    Fact::Votes(votes) => Some(*votes),
                    _ => None,
                });
                let Some(votes) = votes else { return };
                standings.patch((revised.film.0,), move |film| {
                    if is_cold(film.standing) {
                        film.standing = cold(votes);
                    }
                });
            }
            // what is still said of it, until its reviews have moved, is counted here
            Event::Film(film::Event::Merged(_))
            | Event::Reservation(_)
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
}
