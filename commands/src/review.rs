//! Reviewing a film.

pub mod moving;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::review::{Dated, Posted, Rerated, Retracted, Rewritten, State};
use domain::{
    Event, FilmId, MemberId, Rating, ReviewId, ReviewText, Sealed, Stream, WatchlistEntryId,
};

use crate::{Command, Refused, Seen, film, member, watchlist};

/// Posts the member's review of the film, or makes the one that stands say this.
#[derive(Clone, Debug)]
pub struct Review {
    pub member: MemberId,
    pub film: FilmId,
    pub rating: Rating,
    pub text: Option<ReviewText>,
    pub spoiler: bool,
    /// When they saw it.
    pub watched_on: Option<NaiveDate>,
    /// The member's review of a film that was merged into this one, where there is one: it is
    /// their review of this film now.
    pub moved: Option<ReviewId>,
    /// Films that were merged into this one.
    pub merged: Vec<FilmId>,
}

impl Review {
    pub fn review(&self) -> ReviewId {
        let own = || ReviewId::of(self.member, self.film);
        self.moved.unwrap_or_else(own)
    }

    /// That the member wrote of films that are this one now: whatever became of them.
    fn former(&self) -> impl Iterator<Item = ReviewId> {
        let merged = self.merged.iter();
        let former = merged.map(|film| ReviewId::of(self.member, *film));
        former.filter(|former| *former != self.review())
    }

    /// A new one would be seen again.
    fn expect_nothing_hidden(&self, seen: &impl Seen) -> Result<(), Refused> {
        let mut reviews = self.former().chain([self.review()]);
        let is_hidden = |review| {
            let state = seen.review(review);
            state.is_some_and(|state| !state.standing && state.hidden.is_some())
        };
        match reviews.any(is_hidden) {
            true => Err(Refused::Hidden),
            false => Ok(()),
        }
    }

    fn text(&self) -> Option<Sealed<ReviewText>> {
        self.text.clone().map(Sealed::Open)
    }

    fn is_said(&self, review: &State) -> bool {
        let text = self.text().as_ref().map(Sealed::fingerprint);
        (review.rating, &review.text, review.spoiler) == (self.rating, &text, self.spoiler)
            && review.watched_on == self.watched_on
    }

    /// What was to be seen is seen.
    fn post(&self, seen: &impl Seen, posting: u32) -> Vec<Event> {
        let posted = Posted {
            review: self.review(),
            film: self.film,
            member: self.member,
            posting,
            rating: self.rating,
            text: self.text(),
            spoiler: self.spoiler,
            watched_on: self.watched_on,
        };
        let off = watchlist::taken_off(seen, self.member, self.film);
        off.into_iter().chain([posted.into()]).collect()
    }

    fn rerate(&self, from: Rating) -> Event {
        Rerated {
            review: self.review(),
            film: self.film,
            member: self.member,
            from,
            to: self.rating,
        }
        .into()
    }

    fn rewrite(&self) -> Event {
        Rewritten {
            review: self.review(),
            film: self.film,
            member: self.member,
            text: self.text(),
            spoiler: self.spoiler,
        }
        .into()
    }

    fn date(&self) -> Event {
        Dated {
            review: self.review(),
            film: self.film,
            member: self.member,
            watched_on: self.watched_on,
        }
        .into()
    }
}

impl Command for Review {
    fn streams(&self) -> Vec<Stream> {
        let reviews = BTreeSet::from_iter(self.former().chain([self.review()]));
        let reviews = reviews.into_iter().map(ReviewId::stream);
        let streams = [
            self.member.stream(),
            self.film.stream(),
            WatchlistEntryId::of(self.member, self.film).stream(),
        ];
        streams.into_iter().chain(reviews).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        film::known(seen, self.film)?;
        let Some(review) = seen.review(self.review()) else {
            self.expect_nothing_hidden(seen)?;
            return match self.moved {
                None => Ok(self.post(seen, 1)),
                Some(_) => Err(Refused::NoSuchReview),
            };
        };
        if (review.author, review.film) != (self.member, self.film) {
            return Err(Refused::NoSuchReview);
        }
        if !review.standing {
            self.expect_nothing_hidden(seen)?;
            return Ok(self.post(seen, review.posting + 1));
        }
        let mut events = vec![];
        if review.rating != self.rating {
            events.push(self.rerate(review.rating));
        }
        let text = self.text();
        if review.text != text.as_ref().map(Sealed::fingerprint) || review.spoiler != self.spoiler {
            events.push(self.rewrite());
        }
        if review.watched_on != self.watched_on {
            events.push(self.date());
        }
        Ok(events)
    }
}

/// As [`Review`], but one that stands stays as it is: for what a member brings from elsewhere.
#[derive(Clone, Debug)]
pub struct PostIfNone(pub Review);

impl Command for PostIfNone {
    fn streams(&self) -> Vec<Stream> {
        self.0.streams()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        match seen.review(self.0.review()) {
            Some(review) if review.standing => Ok(vec![]),
            _ => self.0.decide(seen),
        }
    }
}

/// Makes a review that says one thing yet say another: for what a member brings along, which changes
/// nothing that they wrote or took back meanwhile.
#[derive(Clone, Debug)]
pub struct Amend {
    pub from: Review,
    pub to: Review,
}

impl Command for Amend {
    fn streams(&self) -> Vec<Stream> {
        self.to.streams()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        match seen.review(self.from.review()) {
            Some(review) if review.standing && self.from.is_said(review) => self.to.decide(seen),
            _ => Ok(vec![]),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Retract {
    pub member: MemberId,
    pub review: ReviewId,
}

impl Command for Retract {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.review.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let review = seen.review(self.review).ok_or(Refused::NoSuchReview)?;
        if review.author != self.member {
            return Err(Refused::NoSuchReview);
        }
        if !review.standing {
            return Ok(vec![]);
        }
        Ok(vec![
            Retracted {
                review: self.review,
                film: review.film,
                member: self.member,
                posting: review.posting,
                rating: review.rating,
            }
            .into(),
        ])
    }
}

/// One that stands and that everybody sees.
pub(crate) fn shown(seen: &impl Seen, review: ReviewId) -> Result<&State, Refused> {
    standing(seen, review).and_then(|state| match state.hidden {
        None => Ok(state),
        Some(_) => Err(Refused::NoSuchReview),
    })
}

/// A retracted review is none to others.
pub(crate) fn standing(seen: &impl Seen, review: ReviewId) -> Result<&State, Refused> {
    seen.review(review)
        .filter(|review| review.standing)
        .ok_or(Refused::NoSuchReview)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;

    fn review() -> Review {
        Review {
            member: ANN,
            film: PARASITE,
            rating: rating(4.0),
            text: None,
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        }
    }

    fn text(typed: &str) -> Option<ReviewText> {
        ReviewText::new(typed).unwrap()
    }

    fn rerated(from: f64, to: f64) -> Event {
        Rerated {
            review: anns_review(),
            film: PARASITE,
            member: ANN,
            from: rating(from),
            to: rating(to),
        }
        .into()
    }

    fn rewritten(text: Option<ReviewText>, spoiler: bool) -> Event {
        Rewritten {
            review: anns_review(),
            film: PARASITE,
            member: ANN,
            text: text.map(Sealed::Open),
            spoiler,
        }
        .into()
    }

    fn retract() -> Retract {
        Retract {
            member: ANN,
            review: anns_review(),
        }
    }

    #[test]
    fn a_member_reviews_a_film() {
        given([signed_up(ANN).into(), listed().into()])
            .when(review())
            .then([posted().into()]);
    }

    #[test]
    fn only_members_review() {
        given([listed().into()])
            .when(review())
            .refused(Refused::NoSuchMember);
        given([
            signed_up(ANN).into(),
            withdrawn(ANN).into(),
            listed().into(),
        ])
        .when(review())
        .refused(Refused::Withdrawn);
    }

    #[test]
    fn only_listed_films_are_reviewed() {
        given([signed_up(ANN).into()])
            .when(review())
            .refused(Refused::NoSuchFilm);
    }

    #[test]
    fn another_rating_rerates_the_review_that_stands() {
        given([signed_up(ANN).into(), listed().into(), posted().into()])
            .when(Review {
                rating: rating(4.5),
                ..review()
            })
            .then([rerated(4.0, 4.5)]);
    }

    #[test]
    fn what_is_brought_along_leaves_a_review_that_stands_alone() {
        let brought = || {
            PostIfNone(Review {
                rating: rating(1.0),
                ..review()
            })
        };
        given([signed_up(ANN).into(), listed().into(), posted().into()])
            .when(brought())
            .then([]);
        given([signed_up(ANN).into(), listed().into()])
            .when(brought())
            .then([Posted {
                rating: rating(1.0),
                ..posted()
            }
            .into()]);
    }

    #[test]
    fn what_is_brought_along_changes_only_what_it_said() {
        let amend = || Amend {
            from: review(),
            to: Review {
                rating: rating(2.0),
                ..review()
            },
        };
        let before = || -> [Event; 3] { [signed_up(ANN).into(), listed().into(), posted().into()] };
        given(before()).when(amend()).then([rerated(4.0, 2.0)]);
        // changed or taken back meanwhile
        for meanwhile in [rerated(4.0, 5.0), rewritten(None, true), retracted().into()] {
            let [ann, film, review] = before();
            given([ann, film, review, meanwhile]).when(amend()).then([]);
        }
    }

    #[test]
    fn other_words_rewrite_it() {
        given([signed_up(ANN).into(), listed().into(), posted().into()])
            .when(Review {
                text: text("The smell!"),
                ..review()
            })
            .then([rewritten(text("The smell!"), false)]);
    }

    #[test]
    fn a_spoiler_flag_alone_rewrites_it() {
        given([signed_up(ANN).into(), listed().into(), posted().into()])
            .when(Review {
                spoiler: true,
                ..review()
            })
            .then([rewritten(None, true)]);
    }

    #[test]
    fn another_day_dates_it_anew_and_none_is_one_too() {
        let day: NaiveDate = "2026-06-30".parse().unwrap();
        let dated = |watched_on| -> Event {
            Dated {
                review: anns_review(),
                film: PARASITE,
                member: ANN,
                watched_on,
            }
            .into()
        };
        let seen = |watched_on| Review {
            watched_on,
            ..review()
        };
        let before = || -> [Event; 3] { [signed_up(ANN).into(), listed().into(), posted().into()] };
        given(before())
            .when(seen(Some(day)))
            .then([dated(Some(day))]);
        let [ann, film, posted] = before();
        given([ann, film, posted, dated(Some(day))])
            .when(seen(None))
            .then([dated(None)]);
        given([signed_up(ANN).into(), listed().into()])
            .when(seen(Some(day)))
            .then([Posted {
                watched_on: Some(day),
                ..crate::harness::posted()
            }
            .into()]);
    }

    #[test]
    fn the_latest_edit_is_what_the_next_is_compared_with() {
        given([
            signed_up(ANN).into(),
            listed().into(),
            posted().into(),
            rerated(4.0, 2.0),
            rewritten(text("No."), true),
        ])
        .when(review())
        .then([rerated(2.0, 4.0), rewritten(None, false)]);
    }

    #[test]
    fn authors_retract_their_review() {
        given([signed_up(ANN).into(), posted().into(), rerated(4.0, 0.5)])
            .when(retract())
            .then([Retracted {
                rating: rating(0.5),
                ..retracted()
            }
            .into()]);
    }

    #[test]
    fn a_review_posted_again_is_a_new_posting() {
        given([
            signed_up(ANN).into(),
            listed().into(),
            posted().into(),
            retracted().into(),
        ])
        .when(review())
        .then([Posted {
            posting: 2,
            ..posted()
        }
        .into()]);
    }

    #[test]
    fn who_reviews_a_film_wants_to_see_it_no_more() {
        given([signed_up(ANN).into(), listed().into(), wanted().into()])
            .when(review())
            .then([unwanted().into(), posted().into()]);
    }

    #[test]
    fn who_wants_to_see_a_film_again_edits_their_review_all_the_same() {
        given([
            signed_up(ANN).into(),
            listed().into(),
            posted().into(),
            wanted().into(),
        ])
        .when(Review {
            rating: rating(4.5),
            ..review()
        })
        .then([rerated(4.0, 4.5)]);
    }

    #[test]
    fn the_second_posting_is_what_is_retracted_next() {
        let again = Posted {
            posting: 2,
            ..posted()
        };
        given([
            signed_up(ANN).into(),
            posted().into(),
            retracted().into(),
            again.into(),
        ])
        .when(retract())
        .then([Retracted {
            posting: 2,
            ..retracted()
        }
        .into()]);
    }

    #[test]
    fn only_the_author_retracts_a_review() {
        given([signed_up(BOB).into(), posted().into()])
            .when(Retract {
                member: BOB,
                ..retract()
            })
            .refused(Refused::NoSuchReview);
    }

    #[test]
    fn what_was_never_posted_is_not_retracted() {
        given([signed_up(ANN).into()])
            .when(retract())
            .refused(Refused::NoSuchReview);
    }

    #[test]
    fn former_members_retract_nothing() {
        given([
            signed_up(ANN).into(),
            posted().into(),
            withdrawn(ANN).into(),
        ])
        .when(retract())
        .refused(Refused::Withdrawn);
    }
}
