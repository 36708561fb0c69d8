//! Reviews follow a film that was merged into another one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::review::{Moved, Retracted, State};
use domain::{Event, FilmId, MemberId, ReviewId, Stream, WatchlistEntryId};

use crate::{Command, Refused, Seen, film, member, watchlist};

/// Moves a review to the film that its own was merged into. Where its author has reviewed that one,
/// too, the newer review stays and the other one is retracted.
#[derive(Clone, Debug)]
pub struct Move {
    pub review: ReviewId,
    pub member: MemberId,
    pub film: FilmId,
    pub into: FilmId,
    pub posted_at: DateTime<Utc>,
    pub rated_at: DateTime<Utc>,
    /// The author's review of the other film, and whether it is the newer one.
    pub other: Option<(ReviewId, bool)>,
}

impl Move {
    /// That the author writes of the other film.
    fn own(&self) -> ReviewId {
        ReviewId::of(self.member, self.into)
    }

    fn is_of(&self, state: &State, film: FilmId) -> bool {
        state.standing && state.author == self.member && state.film == film
    }

    /// The author's review of the other film, and whether it is the newer one: one that was not
    /// known was written since the films were merged.
    fn other<'a>(&self, seen: &'a impl Seen) -> Option<(ReviewId, &'a State, bool)> {
        let known = self.other.into_iter().chain([(self.own(), true)]);
        let mut standing = known.filter(|(review, _)| *review != self.review);
        standing.find_map(|(review, is_newer)| {
            let state = seen.review(review)?;
            self.is_of(state, self.into)
                .then_some((review, state, is_newer))
        })
    }

    fn retract(&self, review: ReviewId, state: &State) -> Event {
        Retracted {
            review,
            film: state.film,
            member: self.member,
            posting: state.posting,
            rating: state.rating,
        }
        .into()
    }
}

impl Command for Move {
    fn streams(&self) -> Vec<Stream> {
        let other = self.other.map(|(other, _)| other);
        let reviews = BTreeSet::from_iter([self.review, self.own()].into_iter().chain(other));
        let reviews = reviews.into_iter().map(ReviewId::stream);
        let entry = WatchlistEntryId::of(self.member, self.into);
        let streams = [
            self.member.stream(),
            self.film.stream(),
            self.into.stream(),
            entry.stream(),
        ];
        streams.into_iter().chain(reviews).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let merged = seen.film(self.film).ok_or(Refused::NoSuchFilm)?;
        if merged.merged_into.is_none() {
            return Err(Refused::NoSuchFilm);
        }
        // the last of several: one that was merged itself meanwhile is found again
        film::known(seen, self.into)?;
        let review = seen.review(self.review);
        let Some(review) = review.filter(|review| self.is_of(review, self.film)) else {
            return Ok(vec![]);
        };
        let moved = Moved {
            review: self.review,
            film: self.film,
            into: self.into,
            member: self.member,
            rating: review.rating,
            posted_at: self.posted_at,
            rated_at: member::active(seen, self.member)
                .ok()
                .map(|_| self.rated_at),
        };
        let off = watchlist::taken_off(seen, self.member, self.into);
        let events = match self.other(seen) {
            None => vec![moved.into()],
            Some((_, _, true)) => vec![self.retract(self.review, review)],
            Some((other, state, false)) => vec![self.retract(other, state), moved.into()],
        };
        Ok(off.into_iter().chain(events).collect())
    }
}

#[cfg(test)]
mod tests {
    use domain::film::{Listed, Merged};
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    const TWIN: FilmId = FilmId(Uuid::from_u128(0xF1));

    fn of_twin() -> ReviewId {
        ReviewId::of(ANN, TWIN)
    }

    fn before() -> [Event; 5] {
        let twin = Listed {
            film: TWIN,
            ..listed()
        };
        let posted = domain::review::Posted {
            review: of_twin(),
            film: TWIN,
            rating: rating(2.0),
            ..posted()
        };
        let merged = Merged {
            film: TWIN,
            into: PARASITE,
            tmdb: None,
        };
        let ann = signed_up(ANN).into();
        [
            ann,
            listed().into(),
            twin.into(),
            posted.into(),
            merged.into(),
        ]
    }

    fn command(other: Option<(ReviewId, bool)>) -> Move {
        Move {
            review: of_twin(),
            member: ANN,
            film: TWIN,
            into: PARASITE,
            posted_at: DateTime::UNIX_EPOCH,
            rated_at: DateTime::UNIX_EPOCH,
            other,
        }
    }

    fn moved(rated_at: Option<DateTime<Utc>>) -> Event {
        Moved {
            review: of_twin(),
            film: TWIN,
            into: PARASITE,
            member: ANN,
            rating: rating(2.0),
            posted_at: DateTime::UNIX_EPOCH,
            rated_at,
        }
        .into()
    }

    #[test]
    fn a_review_follows_its_film() {
        given(before())
            .when(command(None))
            .then([moved(Some(DateTime::UNIX_EPOCH))]);
    }

    #[test]
    fn of_two_by_one_member_the_newer_stays() {
        let [ann, first, second, review, merged] = before();
        let both = [ann, first, second, review, posted().into(), merged];
        let gone = retracted();
        given(both.clone())
            .when(command(Some((anns_review(), false))))
            .then([gone.into(), moved(Some(DateTime::UNIX_EPOCH))]);
        let gone = Retracted {
            review: of_twin(),
            film: TWIN,
            rating: rating(2.0),
            ..retracted()
        };
        given(both)
            .when(command(Some((anns_review(), true))))
            .then([gone.into()]);
    }

    #[test]
    fn what_was_written_since_the_films_were_merged_is_the_newer_one() {
        let [ann, first, second, review, merged] = before();
        let gone = Retracted {
            review: of_twin(),
            film: TWIN,
            rating: rating(2.0),
            ..retracted()
        };
        given([ann, first, second, review, merged, posted().into()])
            .when(command(None))
            .then([gone.into()]);
    }

    #[test]
    fn who_is_no_member_any_more_has_no_opinion() {
        let [ann, first, second, review, merged] = before();
        given([ann, first, second, review, merged, withdrawn(ANN).into()])
            .when(command(None))
            .then([moved(None)]);
    }

    #[test]
    fn what_was_seen_under_another_name_is_to_be_seen_no_more() {
        let [ann, first, second, review, merged] = before();
        let listed = wanted().into();
        given([ann, first, second, review, listed, merged])
            .when(command(None))
            .then([unwanted().into(), moved(Some(DateTime::UNIX_EPOCH))]);
    }

    #[test]
    fn a_review_follows_to_the_last_of_several_films() {
        const MIDDLE: FilmId = FilmId(Uuid::from_u128(0xF2));
        let [ann, film, twin, review, _] = before();
        let middle = Listed {
            film: MIDDLE,
            ..listed()
        };
        let merged = |film, into| -> Event {
            Merged {
                film,
                into,
                tmdb: None,
            }
            .into()
        };
        let (first, second) = (merged(TWIN, MIDDLE), merged(MIDDLE, PARASITE));
        given([ann, film, twin, middle.into(), review, first, second])
            .when(command(None))
            .then([moved(Some(DateTime::UNIX_EPOCH))]);
    }

    #[test]
    fn only_reviews_of_a_merged_film_move() {
        let [ann, first, second, review, _] = before();
        given([ann, first, second, review])
            .when(command(None))
            .refused(Refused::NoSuchFilm);
    }
}
