//! Recommending: what the API and the pages ask the recommender alike.

use std::collections::HashMap;

use projections::films::{self, FilmCard};
use projections::opinions;
use projections::recommender::{History, Rated};
use uuid::Uuid;

use crate::problem::Problem;
use crate::reading::{Reading, failed};

/// What the reading member thinks of films; nothing of a stranger.
pub async fn history(reading: &mut Reading) -> Result<History, Problem> {
    let Some(member) = reading.viewer() else {
        return Ok(History::default());
    };
    let thoughts = opinions::of_member(&mut reading.snapshot, member)
        .await
        .map_err(failed)?;
    let rated = thoughts.iter().map(|thought| Rated {
        film: thought.film,
        half_stars: u8::try_from(thought.half_stars).unwrap_or_default(),
        at: thought.since.timestamp(),
    });
    Ok(History::new(rated))
}

/// The cards of some films, to be taken one by one.
pub struct Cards(HashMap<Uuid, FilmCard>);

impl Cards {
    pub async fn of(
        reading: &mut Reading,
        films: impl IntoIterator<Item = Uuid>,
    ) -> Result<Cards, Problem> {
        let mut ids: Vec<Uuid> = films.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let cards = films::cards(&mut reading.snapshot, &ids)
            .await
            .map_err(failed)?;
        Ok(Cards(
            cards.into_iter().map(|card| (card.film, card)).collect(),
        ))
    }

    /// `None`: there is no such film at the answer's position.
    pub fn get(&self, film: Uuid) -> Option<FilmCard> {
        self.0.get(&film).cloned()
    }
}
