//! When a review is posted, changed and retracted, and when not.

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
