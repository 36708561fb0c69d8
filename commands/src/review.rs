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
mod tests;
