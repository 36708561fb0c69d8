//! Liking a review.

use domain::like::{Liked, State, Unliked};
use domain::{Event, LikeId, MemberId, ReviewId, Stream};

use crate::{Command, Refused, Seen, member, review};

#[derive(Clone, Debug)]
pub struct Like {
    pub member: MemberId,
    pub review: ReviewId,
}

impl Command for Like {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.review)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        let review = review::shown(seen, self.review)?;
        if review.author == self.member {
            return Err(Refused::OwnReview);
        }
        let like = LikeId::of(self.review, self.member);
        let before = before(seen, like, review.posting);
        if before.is_some_and(|like| like.standing) {
            return Ok(vec![]);
        }
        Ok(vec![
            Liked {
                like,
                review: self.review,
                posting: review.posting,
                film: review.film,
                member: self.member,
                author: review.author,
                again: before.is_some(),
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct Unlike {
    pub member: MemberId,
    pub review: ReviewId,
}

impl Command for Unlike {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.review)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let review = review::shown(seen, self.review)?;
        let like = LikeId::of(self.review, self.member);
        if before(seen, like, review.posting).is_none_or(|like| !like.standing) {
            return Ok(vec![]);
        }
        Ok(vec![
            Unliked {
                like,
                review: self.review,
                posting: review.posting,
                film: review.film,
                member: self.member,
                author: review.author,
            }
            .into(),
        ])
    }
}

fn streams(member: MemberId, review: ReviewId) -> Vec<Stream> {
    vec![
        member.stream(),
        review.stream(),
        LikeId::of(review, member).stream(),
    ]
}

/// A like of an earlier posting went with it.
fn before(seen: &impl Seen, like: LikeId, posting: u32) -> Option<&State> {
    seen.like(like).filter(|like| like.posting == posting)
}

#[cfg(test)]
mod tests {
    use domain::{Event, review::Posted};

    use super::*;
    use crate::harness::*;

    fn like(member: MemberId) -> Like {
        Like {
            member,
            review: anns_review(),
        }
    }

    fn unlike(member: MemberId) -> Unlike {
        Unlike {
            member,
            review: anns_review(),
        }
    }

    fn liked() -> Liked {
        Liked {
            like: LikeId::of(anns_review(), BOB),
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            author: ANN,
            again: false,
        }
    }

    fn unliked() -> Unliked {
        Unliked {
            like: LikeId::of(anns_review(), BOB),
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            author: ANN,
        }
    }

    fn posted_again() -> Event {
        Posted {
            posting: 2,
            ..posted()
        }
        .into()
    }

    #[test]
    fn a_member_likes_a_review() {
        given([signed_up(BOB).into(), posted().into()])
            .when(like(BOB))
            .then([liked().into()]);
    }

    #[test]
    fn authors_may_not_like_their_own_review() {
        given([signed_up(ANN).into(), posted().into()])
            .when(like(ANN))
            .refused(Refused::OwnReview);
    }

    #[test]
    fn a_like_can_be_taken_back() {
        given([signed_up(BOB).into(), posted().into(), liked().into()])
            .when(unlike(BOB))
            .then([unliked().into()]);
    }

    #[test]
    fn a_like_taken_back_can_be_given_again() {
        given([
            signed_up(BOB).into(),
            posted().into(),
            liked().into(),
            unliked().into(),
        ])
        .when(like(BOB))
        .then([Liked {
            again: true,
            ..liked()
        }
        .into()]);
    }

    #[test]
    fn a_like_that_was_not_given_is_not_taken_back() {
        given([signed_up(BOB).into(), posted().into()])
            .when(unlike(BOB))
            .then([]);
    }

    #[test]
    fn a_like_belongs_to_a_posting() {
        let history = || {
            given([
                signed_up(BOB).into(),
                posted().into(),
                liked().into(),
                retracted().into(),
                posted_again(),
            ])
        };
        history().when(unlike(BOB)).then([]);
        history().when(like(BOB)).then([Liked {
            posting: 2,
            ..liked()
        }
        .into()]);
    }

    #[test]
    fn only_reviews_that_stand_are_liked() {
        let why = Refused::NoSuchReview;
        given([signed_up(BOB).into()]).when(like(BOB)).refused(why);
        given([signed_up(BOB).into()])
            .when(unlike(BOB))
            .refused(why);
        let retracted = || given([signed_up(BOB).into(), posted().into(), retracted().into()]);
        retracted().when(like(BOB)).refused(why);
        retracted().when(unlike(BOB)).refused(why);
    }

    #[test]
    fn only_members_like() {
        let why = Refused::NoSuchMember;
        given([posted().into()]).when(like(NOBODY)).refused(why);
        given([posted().into()]).when(unlike(NOBODY)).refused(why);
        let gone = || {
            given([
                signed_up(BOB).into(),
                posted().into(),
                withdrawn(BOB).into(),
            ])
        };
        gone().when(like(BOB)).refused(Refused::Withdrawn);
        gone().when(unlike(BOB)).refused(Refused::Withdrawn);
    }

    #[test]
    fn the_review_of_a_former_member_can_be_liked() {
        given([
            signed_up(ANN).into(),
            signed_up(BOB).into(),
            posted().into(),
            withdrawn(ANN).into(),
        ])
        .when(like(BOB))
        .then([liked().into()]);
    }
}
