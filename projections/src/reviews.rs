//! Reviews that stand, with how much they are liked and commented on.

mod asked;

use chrono::{DateTime, NaiveDate, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::{Event, Sealed, comment, like, review};
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;
pub use asked::*;

table! {
    /// A review that stands.
    pub struct Review in reviews {
        key { review: Uuid }
        /// Of its posting.
        position: i64,
        film: Uuid,
        member: Uuid,
        posting: i32,
        /// In half stars, 1 to 10.
        rating: i16,
        text: Option<String>,
        /// It had a text, which was removed at its author's wish.
        removed: bool,
        spoiler: bool,
        /// When its author saw the film.
        watched_on: Option<NaiveDate>,
        posted_at: DateTime<Utc>,
        edited_at: Option<DateTime<Utc>>,
        likes: i32,
        comments: i32,
        /// The measure that hides it from all but its author.
        hidden_by: Option<Uuid>,
    }
}

impl ReadModel for Review {
    fn apply(happened: &Happened, reviews: &mut Changes<Review>) {
        match &happened.event {
            Event::Review(event) => apply_review(happened, event, reviews),
            Event::Like(like::Event::Liked(liked)) => {
                count(reviews, liked.review.0, liked.posting, |review| {
                    review.likes += 1
                });
            }
            Event::Like(like::Event::Unliked(unliked)) => {
                count(reviews, unliked.review.0, unliked.posting, |review| {
                    review.likes -= 1
                });
            }
            Event::Comment(comment::Event::Posted(posted)) => {
                count(reviews, posted.review.0, posted.posting, |review| {
                    review.comments += 1
                });
            }
            Event::Comment(comment::Event::Retracted(retracted)) => {
                let (review, posting) = (retracted.review.0, retracted.posting);
                if !retracted.hidden {
                    count(reviews, review, posting, |review| review.comments -= 1);
                }
            }
            Event::Comment(comment::Event::Hidden(hidden)) => {
                let (review, posting) = (hidden.review.0, hidden.posting);
                count(reviews, review, posting, |review| review.comments -= 1);
            }
            Event::Comment(comment::Event::Restored(restored)) => {
                let (review, posting) = (restored.review.0, restored.posting);
                count(reviews, review, posting, |review| review.comments += 1);
            }
            Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                member,
                extent: Extent::Everything,
                ..
            })) => reviews.patch_where("member", member.0, |review| {
                review.removed |= review.text.take().is_some();
                review.watched_on = None;
            }),
            Event::Comment(comment::Event::Edited(_))
            | Event::Film(_)
            | Event::Follow(_)
            | Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                extent: Extent::Identity,
                ..
            }))
            | Event::Reservation(_)
            | Event::Member(_)
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

fn apply_review(happened: &Happened, event: &review::Event, reviews: &mut Changes<Review>) {
    let at = happened.at;
    match event.clone() {
        review::Event::Posted(posted) => reviews.put(Review {
            review: posted.review.0,
            position: happened.position,
            film: posted.film.0,
            member: posted.member.0,
            posting: number(posted.posting),
            rating: i16::from(posted.rating.half_stars()),
            text: text(posted.text.as_ref()),
            removed: is_removed(posted.text.as_ref()),
            spoiler: posted.spoiler,
            watched_on: posted.watched_on,
            posted_at: at,
            edited_at: None,
            likes: 0,
            comments: 0,
            hidden_by: None,
        }),
        review::Event::Rerated(rerated) => reviews.patch((rerated.review.0,), move |review| {
            review.rating = i16::from(rerated.to.half_stars());
            review.edited_at = Some(at);
        }),
        review::Event::Rewritten(rewritten) => {
            reviews.patch((rewritten.review.0,), move |review| {
                review.text = text(rewritten.text.as_ref());
                review.removed = is_removed(rewritten.text.as_ref());
                review.spoiler = rewritten.spoiler;
                review.edited_at = Some(at);
            });
        }
        review::Event::Dated(dated) => reviews.patch((dated.review.0,), move |review| {
            review.watched_on = dated.watched_on;
            review.edited_at = Some(at);
        }),
        review::Event::Retracted(retracted) => reviews.remove((retracted.review.0,)),
        review::Event::Moved(moved) => reviews.patch((moved.review.0,), move |review| {
            review.film = moved.into.0;
        }),
        // it may be retracted meanwhile
        review::Event::Hidden(hidden) => {
            reviews.patch_if_there((hidden.review.0,), move |review| {
                review.hidden_by = Some(hidden.measure.0);
            });
        }
        review::Event::Restored(restored) => {
            reviews.patch_if_there((restored.review.0,), |review| review.hidden_by = None);
        }
    }
}

/// Likes and comments count for the posting that they were given to; it may be
/// gone, or another may stand.
fn count(
    reviews: &mut Changes<Review>,
    review: Uuid,
    posting: u32,
    change: impl FnOnce(&mut Review) + Send + Sync + 'static,
) {
    reviews.patch_if_there((review,), move |review| {
        if review.posting == number(posting) {
            change(review);
        }
    });
}

fn number(posting: u32) -> i32 {
    i32::try_from(posting).expect("nobody posts a review two billion times")
}

fn text(text: Option<&Sealed<domain::ReviewText>>) -> Option<String> {
    text?.open().map(|text| text.as_str().to_owned())
}

fn is_removed(text: Option<&Sealed<domain::ReviewText>>) -> bool {
    matches!(text, Some(Sealed::Forgotten))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_posted_review_stands() {
        let rows: Vec<Review> = given(vec![posted(1, 4.5)]);
        let review = &rows[0];
        assert_eq!((review.rating, review.likes, review.comments), (9, 0, 0));
        assert_eq!(review.text.as_deref(), Some("Stairs."));
        assert_eq!((review.posted_at, review.edited_at), (at(1), None));
    }

    #[test]
    fn an_edited_review_says_so_and_stays_in_its_place() {
        let rows: Vec<Review> = given(vec![posted(1, 4.5), rerated(4.5, 2.0)]);
        let review = &rows[0];
        assert_eq!((review.rating, review.position), (4, 1));
        assert_eq!(review.edited_at, Some(at(2)));
    }

    #[test]
    fn likes_and_comments_are_counted() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), liked(1), commented(1)]);
        assert_eq!((rows[0].likes, rows[0].comments), (1, 1));
        let rows: Vec<Review> = given(vec![
            posted(1, 4.0),
            liked(1),
            commented(1),
            comment_retracted(1),
            unliked(1),
        ]);
        assert_eq!((rows[0].likes, rows[0].comments), (0, 0));
    }

    #[test]
    fn a_review_posted_again_begins_anew() {
        let rows: Vec<Review> = given(vec![
            posted(1, 4.0),
            liked(1),
            commented(1),
            retracted(1, 4.0),
            posted(2, 3.0),
            comment_retracted(1),
        ]);
        let review = &rows[0];
        assert_eq!((review.posting, review.likes, review.comments), (2, 0, 0));
        assert_eq!(review.position, 5);
    }

    #[test]
    fn what_is_forgotten_has_no_text_and_keeps_its_stars() {
        let everything = || forgotten(ANN, Extent::Everything);
        let rows: Vec<Review> = given(vec![posted(1, 4.0), liked(1), everything()]);
        let review = &rows[0];
        assert_eq!((review.text.as_deref(), review.removed), (None, true));
        assert_eq!((review.rating, review.likes), (8, 1));
        // as when its key is gone before it is read
        let rows_without_key: Vec<Review> =
            given(vec![without_keys(posted(1, 4.0)), liked(1), everything()]);
        assert_eq!(rows_without_key, rows);
    }

    #[test]
    fn a_rating_alone_has_nothing_to_remove() {
        let rewritten = rewritten(None);
        let forgotten = forgotten(ANN, Extent::Everything);
        let rows: Vec<Review> = given(vec![posted(1, 4.0), rewritten, forgotten]);
        assert_eq!((rows[0].text.as_deref(), rows[0].removed), (None, false));
    }

    #[test]
    fn who_leaves_their_reviews_loses_their_name_alone() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), forgotten(ANN, Extent::Identity)]);
        assert_eq!(rows[0].text.as_deref(), Some("Stairs."));
        let rows: Vec<Review> = given(vec![posted(1, 4.0), forgotten(BOB, Extent::Everything)]);
        assert_eq!(rows[0].text.as_deref(), Some("Stairs."));
    }

    #[test]
    fn a_hidden_review_says_by_what_until_it_is_restored() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), review_hidden()]);
        assert_eq!(rows[0].hidden_by, Some(MEASURE.0));
        let rows: Vec<Review> = given(vec![posted(1, 4.0), review_hidden(), review_restored()]);
        assert_eq!(rows[0].hidden_by, None);
        let gone = vec![
            posted(1, 4.0),
            review_hidden(),
            retracted(1, 4.0),
            review_restored(),
        ];
        assert_eq!(given::<Review>(gone), []);
    }

    #[test]
    fn a_hidden_comment_is_not_counted_and_retracted_not_counted_off_again() {
        let hidden = || vec![posted(1, 4.0), commented(1), comment_hidden(1)];
        assert_eq!(given::<Review>(hidden())[0].comments, 0);
        let mut events = hidden();
        events.push(comment_restored(1));
        assert_eq!(given::<Review>(events)[0].comments, 1);
        let mut events = hidden();
        events.push(hidden_comment_retracted(1));
        assert_eq!(given::<Review>(events)[0].comments, 0);
    }

    #[test]
    fn a_review_says_when_the_film_was_seen_until_its_author_is_forgotten() {
        let day = "2026-06-30".parse().unwrap();
        let dated = || -> Event {
            review::Dated {
                review: anns_review(),
                film: PARASITE,
                member: ANN,
                watched_on: Some(day),
            }
            .into()
        };
        let rows: Vec<Review> = given(vec![posted(1, 4.0), dated()]);
        assert_eq!(rows[0].watched_on, Some(day));
        assert_eq!(rows[0].edited_at, Some(at(2)));
        let forgotten = forgotten(ANN, Extent::Everything);
        let rows: Vec<Review> = given(vec![posted(1, 4.0), dated(), forgotten]);
        assert_eq!(rows[0].watched_on, None);
    }

    #[test]
    fn a_retracted_review_is_gone() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), retracted(1, 4.0)]);
        assert_eq!(rows, []);
    }
}
