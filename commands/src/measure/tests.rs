//! What moderators may do about what, and what a member may say against it.

use chrono::TimeDelta;
use domain::member::RoleGranted;
use domain::report::Filed;
use uuid::Uuid;

use super::*;
use crate::harness::*;
use crate::member::ChangeAbout;
use crate::review::Review;

const MEASURE: MeasureId = MeasureId(Uuid::from_u128(0x3E));
/// Bob keeps order.
const JUDGE: MemberId = BOB;

fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(12)
}

fn tomorrow() -> DateTime<Utc> {
    noon() + TimeDelta::days(1)
}

fn reason() -> Reason {
    Reason::new("Insults.").unwrap().unwrap()
}

fn anns() -> Thing {
    Thing::Review {
        review: anns_review(),
    }
}

const ANN_HERSELF: Thing = Thing::Member { member: ANN };

fn granted(member: MemberId, role: Role) -> Event {
    let by = None;
    RoleGranted { member, role, by }.into()
}

/// Ann reviewed something, Bob keeps order, and this happened since.
fn history(events: impl IntoIterator<Item = Event>) -> History {
    let mut history = given([
        signed_up(ANN).into(),
        signed_up(BOB).into(),
        listed().into(),
        posted().into(),
        granted(JUDGE, Role::Moderator),
    ]);
    history.record(&events.into_iter().collect::<Vec<_>>());
    history
}

fn take(about: Thing) -> TakeMeasure {
    TakeMeasure {
        measure: MEASURE,
        about,
        member: ANN,
        by: JUDGE,
        reason: reason(),
        until: is_suspension(about).then(tomorrow),
        reports: vec![],
        at: noon(),
    }
}

fn was_taken(about: Thing) -> Event {
    Taken {
        measure: MEASURE,
        about,
        member: ANN,
        by: JUDGE,
        reason: reason().into(),
        until: is_suspension(about).then(tomorrow),
    }
    .into()
}

fn hidden() -> [Event; 2] {
    let hidden = review::Hidden {
        review: anns_review(),
        member: ANN,
        measure: MEASURE,
    };
    [was_taken(anns()), hidden.into()]
}

fn suspended() -> [Event; 2] {
    let suspended = Suspended {
        member: ANN,
        measure: MEASURE,
        until: tomorrow(),
    };
    [was_taken(ANN_HERSELF), suspended.into()]
}

fn lifted() -> Event {
    Lifted {
        measure: MEASURE,
        member: ANN,
        by: JUDGE,
        reason: None,
    }
    .into()
}

fn ended() -> Event {
    let member = ANN;
    let measure = MEASURE;
    Ended { measure, member }.into()
}

fn lift_it(about: Thing) -> LiftMeasure {
    LiftMeasure {
        measure: MEASURE,
        about,
        member: ANN,
        by: JUDGE,
        reason: None,
    }
}

fn restored() -> Event {
    review::Restored {
        review: anns_review(),
        member: ANN,
        measure: MEASURE,
    }
    .into()
}

fn reinstated() -> Event {
    Reinstated {
        member: ANN,
        measure: MEASURE,
    }
    .into()
}

fn appeal() -> Appeal {
    Appeal {
        measure: MEASURE,
        member: ANN,
        text: AppealText::new("It was a quote.").unwrap(),
    }
}

fn appealed() -> Event {
    Appealed {
        measure: MEASURE,
        member: ANN,
        text: appeal().text.into(),
    }
    .into()
}

fn decide(by: MemberId, granted: bool) -> DecideAppeal {
    DecideAppeal {
        measure: MEASURE,
        about: anns(),
        member: ANN,
        by,
        granted,
        reason: reason(),
    }
}

fn decided(by: MemberId, granted: bool) -> Event {
    Decided {
        measure: MEASURE,
        member: ANN,
        by,
        granted,
        reason: reason().into(),
    }
    .into()
}

#[test]
fn a_moderator_hides_a_review_and_shows_it_again() {
    history([]).when(take(anns())).then(hidden());
    history(hidden())
        .when(lift_it(anns()))
        .then([lifted(), restored()]);
    let again = TakeMeasure {
        measure: MeasureId(Uuid::from_u128(0x3F)),
        ..take(anns())
    };
    history(hidden())
        .when(again)
        .refused(Refused::AlreadyModerated);
}

#[test]
fn what_is_reported_is_closed_with_it() {
    let report = ReportId::of(anns(), NOBODY);
    let filed = Filed {
        report,
        about: anns(),
        author: ANN,
        member: NOBODY,
        reason: None,
    };
    let [taken, hidden] = hidden();
    let closed = report::closed(report, JUDGE, Outcome::Upheld, None);
    history([filed.into()])
        .when(TakeMeasure {
            reports: vec![report],
            ..take(anns())
        })
        .then([taken, hidden, closed]);
}

#[test]
fn a_suspended_member_writes_nothing_until_it_is_lifted() {
    history([]).when(take(ANN_HERSELF)).then(suspended());
    let write = || Review {
        member: ANN,
        film: PARASITE,
        rating: rating(1.0),
        text: None,
        spoiler: false,
        watched_on: None,
        moved: None,
        merged: vec![],
    };
    history(suspended())
        .when(write())
        .refused(Refused::Suspended);
    let about = domain::About::new("Me.").unwrap();
    history(suspended())
        .when(ChangeAbout { member: ANN, about })
        .refused(Refused::Suspended);
    history(suspended())
        .when(lift_it(ANN_HERSELF))
        .then([lifted(), reinstated()]);
    let back = suspended().into_iter().chain([ended(), reinstated()]);
    history(back).when(write()).then([review::Rerated {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        from: rating(4.0),
        to: rating(1.0),
    }
    .into()]);
}

#[test]
fn a_suspension_has_an_end_and_ends_by_itself() {
    for until in [None, Some(noon())] {
        history([])
            .when(TakeMeasure {
                until,
                ..take(ANN_HERSELF)
            })
            .refused(Refused::NoTime);
    }
    let end = |at| EndSuspension {
        measure: MEASURE,
        member: ANN,
        at,
    };
    history(suspended())
        .when(end(noon()))
        .refused(Refused::Outdated);
    history(suspended())
        .when(end(tomorrow()))
        .then([ended(), reinstated()]);
}

#[test]
fn a_hidden_review_is_not_posted_anew() {
    let gone = hidden().into_iter().chain([retracted().into()]);
    history(gone)
        .when(Review {
            member: ANN,
            film: PARASITE,
            rating: rating(1.0),
            text: None,
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        })
        .refused(Refused::Hidden);
}

#[test]
fn nor_is_it_of_a_film_that_goes_on_for_its_own() {
    let other = domain::FilmId(Uuid::from_u128(0xF1));
    let anew = |merged| Review {
        member: ANN,
        film: other,
        rating: rating(1.0),
        text: None,
        spoiler: false,
        watched_on: None,
        moved: None,
        merged,
    };
    let listed = domain::film::Listed {
        film: other,
        ..listed()
    };
    let merged = domain::film::Merged {
        film: PARASITE,
        into: other,
        tmdb: None,
    };
    let gone = || {
        let gone = hidden().into_iter().chain([retracted().into()]);
        gone.chain([listed.clone().into(), merged.clone().into()])
    };
    history(gone())
        .when(anew(vec![PARASITE]))
        .refused(Refused::Hidden);
    let restored = review::Restored {
        review: anns_review(),
        member: ANN,
        measure: MEASURE,
    };
    let posted = review::Posted {
        review: domain::ReviewId::of(ANN, other),
        film: other,
        rating: rating(1.0),
        ..posted()
    };
    history(gone().chain([restored.into()]))
        .when(anew(vec![PARASITE]))
        .then([posted.into()]);
}

#[test]
fn a_comment_that_was_retracted_while_it_was_hidden_is_not_shown_again() {
    let comment = domain::CommentId(Uuid::from_u128(0xC0));
    let about = Thing::Comment { comment };
    let posted = comment::Posted {
        comment,
        review: anns_review(),
        posting: 1,
        film: PARASITE,
        member: ANN,
        reviewer: ANN,
        text: domain::CommentText::new("Ha!").unwrap().into(),
        mentions: vec![],
        among: vec![],
    };
    let hidden = comment::Hidden {
        comment,
        review: anns_review(),
        posting: 1,
        member: ANN,
        measure: MEASURE,
    };
    let gone = comment::Retracted {
        comment,
        review: anns_review(),
        posting: 1,
        film: PARASITE,
        member: ANN,
        hidden: true,
    };
    let events = [posted.into(), was_taken(about), hidden.into(), gone.into()];
    history(events).when(lift_it(about)).then([lifted()]);
}

#[test]
fn a_suspended_moderator_judges_nobody() {
    let suspended = Suspended {
        member: JUDGE,
        measure: MeasureId(Uuid::from_u128(0x4E)),
        until: tomorrow(),
    };
    history([suspended.into()])
        .when(take(anns()))
        .refused(Refused::Suspended);
}

#[test]
fn only_moderators_take_measures_and_not_against_themselves() {
    let by = ANN;
    history([])
        .when(TakeMeasure { by, ..take(anns()) })
        .refused(Refused::NoSuchMeasure);
    history([granted(ANN, Role::Moderator)])
        .when(TakeMeasure { by, ..take(anns()) })
        .refused(Refused::OwnMeasure);
    history(hidden())
        .when(LiftMeasure {
            by: NOBODY,
            ..lift_it(anns())
        })
        .refused(Refused::NoSuchMember);
}

#[test]
fn who_has_a_role_is_not_suspended() {
    history([granted(ANN, Role::Auditor)])
        .when(take(ANN_HERSELF))
        .refused(Refused::HasRole);
}

#[test]
fn a_measure_is_against_whose_it_is() {
    history([])
        .when(TakeMeasure {
            member: NOBODY,
            ..take(anns())
        })
        .refused(Refused::NoSuchReview);
    history(hidden())
        .when(lift_it(ANN_HERSELF))
        .refused(Refused::NoSuchMeasure);
}

#[test]
fn a_member_appeals_once() {
    history(hidden()).when(appeal()).then([appealed()]);
    let said = || hidden().into_iter().chain([appealed()]);
    history(said())
        .when(Appeal {
            text: AppealText::new("And another thing.").unwrap(),
            ..appeal()
        })
        .refused(Refused::AlreadyAppealed);
    history(hidden())
        .when(Appeal {
            member: BOB,
            ..appeal()
        })
        .refused(Refused::NoSuchMeasure);
}

#[test]
fn an_appeal_is_decided_by_somebody_else() {
    let said = || hidden().into_iter().chain([appealed()]);
    history(said())
        .when(decide(JUDGE, true))
        .refused(Refused::OwnMeasure);
    let judge = MemberId(Uuid::from_u128(0xD));
    let with_another = || {
        let other = domain::member::SignedUp {
            member: judge,
            ..signed_up(BOB)
        };
        history(said().chain([other.into(), granted(judge, Role::Moderator)]))
    };
    with_another()
        .when(decide(judge, true))
        .then([decided(judge, true), restored()]);
    with_another()
        .when(decide(judge, false))
        .then([decided(judge, false)]);
    history(said().chain([granted(JUDGE, Role::Operator)]))
        .when(decide(JUDGE, false))
        .then([decided(JUDGE, false)]);
    history(hidden())
        .when(decide(JUDGE, true))
        .refused(Refused::NoSuchMeasure);
}
