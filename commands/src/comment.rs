//! Commenting on a review.

use domain::comment::{Edited, Posted, Retracted, State};
use domain::{CommentId, CommentText, Event, MemberId, ReviewId, Sealed, Stream};

use crate::room::MAX_MENTIONS;
use crate::{Command, Refused, Seen, member, review};

/// Of those who spoke under a review before, so many are told of a comment: the last. Whoever
/// said something a hundred comments ago is not told of every further one.
pub const MOST_TOLD: usize = 10;

#[derive(Clone, Debug)]
pub struct Comment {
    pub comment: CommentId,
    pub member: MemberId,
    pub review: ReviewId,
    pub text: CommentText,
    pub mentions: Vec<MemberId>,
    /// Who spoke there before, the last first.
    pub among: Vec<MemberId>,
}

impl Command for Comment {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.review.stream(),
            self.comment.stream(),
        ]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        let review = review::shown(seen, self.review)?;
        if seen.comment(self.comment).is_some() {
            return Ok(vec![]);
        }
        let mentions = each_once(&self.mentions, MAX_MENTIONS, &[]);
        let others = [self.member, review.author];
        let among = each_once(&self.among, MOST_TOLD, &others);
        Ok(vec![
            Posted {
                comment: self.comment,
                review: self.review,
                posting: review.posting,
                film: review.film,
                member: self.member,
                reviewer: review.author,
                text: self.text.clone().into(),
                mentions,
                among,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct EditComment {
    pub comment: CommentId,
    pub member: MemberId,
    pub text: CommentText,
    pub mentions: Vec<MemberId>,
}

impl Command for EditComment {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.comment.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        let comment = own(seen, self.comment, self.member)?;
        if !comment.standing {
            return Err(Refused::NoSuchComment);
        }
        let text = Sealed::Open(self.text.clone());
        if comment.text == text.fingerprint() {
            return Ok(vec![]);
        }
        let mentions = each_once(&self.mentions, MAX_MENTIONS, &[]);
        // an edit after the other does not call the whole site
        let left = MAX_MENTIONS.saturating_sub(comment.named.len());
        let newly_named = each_once(&mentions, left, &comment.named);
        Ok(vec![
            Edited {
                comment: self.comment,
                review: comment.review,
                posting: comment.posting,
                film: comment.film,
                member: self.member,
                text,
                mentions,
                newly_named,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct RetractComment {
    pub comment: CommentId,
    pub member: MemberId,
}

impl Command for RetractComment {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.comment.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let comment = own(seen, self.comment, self.member)?;
        if !comment.standing {
            return Ok(vec![]);
        }
        Ok(vec![
            Retracted {
                comment: self.comment,
                review: comment.review,
                posting: comment.posting,
                film: comment.film,
                member: self.member,
                hidden: comment.hidden.is_some(),
            }
            .into(),
        ])
    }
}

pub(crate) fn standing(seen: &impl Seen, comment: CommentId) -> Result<&State, Refused> {
    seen.comment(comment)
        .filter(|comment| comment.standing)
        .ok_or(Refused::NoSuchComment)
}

/// The first of them, without these.
fn each_once(members: &[MemberId], most: usize, without: &[MemberId]) -> Vec<MemberId> {
    let mut once: Vec<MemberId> = Vec::new();
    for member in members {
        if once.len() < most && !once.contains(member) && !without.contains(member) {
            once.push(*member);
        }
    }
    once
}

/// Standing or not; someone else's is not found.
fn own(seen: &impl Seen, comment: CommentId, member: MemberId) -> Result<&State, Refused> {
    seen.comment(comment)
        .filter(|comment| comment.author == member)
        .ok_or(Refused::NoSuchComment)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    const COMMENT: CommentId = CommentId(Uuid::from_u128(0xCC));

    fn text(typed: &str) -> CommentText {
        CommentText::new(typed).unwrap()
    }

    fn comment() -> Comment {
        Comment {
            comment: COMMENT,
            member: BOB,
            review: anns_review(),
            text: text("Me too."),
            mentions: vec![],
            among: vec![],
        }
    }

    fn commented() -> Posted {
        Posted {
            comment: COMMENT,
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            reviewer: ANN,
            text: text("Me too.").into(),
            mentions: vec![],
            among: vec![],
        }
    }

    fn edit() -> EditComment {
        EditComment {
            comment: COMMENT,
            member: BOB,
            text: text("Me neither."),
            mentions: vec![],
        }
    }

    fn edited() -> Edited {
        Edited {
            comment: COMMENT,
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            text: text("Me neither.").into(),
            mentions: vec![],
            newly_named: vec![],
        }
    }

    fn retract() -> RetractComment {
        RetractComment {
            comment: COMMENT,
            member: BOB,
        }
    }

    fn comment_retracted() -> Retracted {
        Retracted {
            comment: COMMENT,
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            hidden: false,
        }
    }

    #[test]
    fn a_member_comments_on_a_review() {
        given([signed_up(BOB).into(), posted().into()])
            .when(comment())
            .then([commented().into()]);
    }

    #[test]
    fn authors_comment_on_their_own_review_too() {
        given([signed_up(ANN).into(), posted().into()])
            .when(Comment {
                member: ANN,
                ..comment()
            })
            .then([Posted {
                member: ANN,
                ..commented()
            }
            .into()]);
    }

    const CARL: MemberId = MemberId(Uuid::from_u128(0xCA));

    #[test]
    fn a_comment_says_each_once_whom_it_names_and_who_spoke_before() {
        let (mentions, among) = (vec![CARL, BOB, CARL], vec![BOB, CARL, ANN, NOBODY, CARL]);
        given([signed_up(BOB).into(), posted().into()])
            .when(Comment {
                mentions,
                among,
                ..comment()
            })
            .then([Posted {
                mentions: vec![CARL, BOB],
                among: vec![CARL, NOBODY],
                ..commented()
            }
            .into()]);
    }

    #[test]
    fn a_comment_tells_a_bounded_number() {
        let crowd: Vec<MemberId> = (100..200).map(|n| MemberId(Uuid::from_u128(n))).collect();
        let named = crowd.iter().rev().copied().collect::<Vec<_>>();
        given([signed_up(BOB).into(), posted().into()])
            .when(Comment {
                mentions: named.clone(),
                among: crowd.clone(),
                ..comment()
            })
            .then([Posted {
                mentions: named[..MAX_MENTIONS].to_vec(),
                among: crowd[..MOST_TOLD].to_vec(),
                ..commented()
            }
            .into()]);
    }

    #[test]
    fn an_edit_names_anew_those_who_were_never_named() {
        let before = Posted {
            mentions: vec![ANN],
            ..commented()
        };
        let edit = |words: &str, mentions: &[MemberId]| EditComment {
            text: text(words),
            mentions: mentions.to_vec(),
            ..edit()
        };
        let edited = |words: &str, mentions: &[MemberId], newly_named: &[MemberId]| Edited {
            text: text(words).into(),
            mentions: mentions.to_vec(),
            newly_named: newly_named.to_vec(),
            ..edited()
        };
        let of_nobody = edited("Nobody.", &[], &[]);
        given([signed_up(BOB).into(), before.into(), of_nobody.into()])
            .when(edit("Both of you.", &[ANN, CARL]))
            .then([edited("Both of you.", &[ANN, CARL], &[CARL]).into()]);
    }

    #[test]
    fn edits_do_not_name_more_than_a_comment_may() {
        let crowd: Vec<MemberId> = (100..100 + MAX_MENTIONS as u128)
            .map(|n| MemberId(Uuid::from_u128(n)))
            .collect();
        let full = Posted {
            mentions: crowd,
            ..commented()
        };
        given([signed_up(BOB).into(), full.into()])
            .when(EditComment {
                mentions: vec![CARL],
                ..edit()
            })
            .then([Edited {
                mentions: vec![CARL],
                ..edited()
            }
            .into()]);
    }

    #[test]
    fn a_comment_belongs_to_a_posting() {
        let again = domain::review::Posted {
            posting: 2,
            ..posted()
        };
        given([
            signed_up(BOB).into(),
            posted().into(),
            retracted().into(),
            again.into(),
        ])
        .when(comment())
        .then([Posted {
            posting: 2,
            ..commented()
        }
        .into()]);
    }

    #[test]
    fn only_reviews_that_stand_are_commented_on() {
        given([signed_up(BOB).into()])
            .when(comment())
            .refused(Refused::NoSuchReview);
        given([signed_up(BOB).into(), posted().into(), retracted().into()])
            .when(comment())
            .refused(Refused::NoSuchReview);
    }

    #[test]
    fn authors_edit_their_comment() {
        given([signed_up(BOB).into(), commented().into()])
            .when(edit())
            .then([edited().into()]);
    }

    #[test]
    fn the_same_text_is_no_edit() {
        given([signed_up(BOB).into(), commented().into()])
            .when(EditComment {
                text: text("Me too."),
                ..edit()
            })
            .then([]);
    }

    #[test]
    fn authors_retract_their_comment() {
        given([signed_up(BOB).into(), commented().into(), edited().into()])
            .when(retract())
            .then([comment_retracted().into()]);
    }

    #[test]
    fn a_retracted_comment_is_not_edited() {
        given([
            signed_up(BOB).into(),
            commented().into(),
            comment_retracted().into(),
        ])
        .when(edit())
        .refused(Refused::NoSuchComment);
    }

    #[test]
    fn only_the_author_touches_a_comment() {
        let history = || given([signed_up(ANN).into(), commented().into()]);
        let why = Refused::NoSuchComment;
        history()
            .when(EditComment {
                member: ANN,
                ..edit()
            })
            .refused(why);
        history()
            .when(RetractComment {
                member: ANN,
                ..retract()
            })
            .refused(why);
    }

    #[test]
    fn what_was_never_said_is_not_found() {
        let why = Refused::NoSuchComment;
        given([signed_up(BOB).into()]).when(edit()).refused(why);
        given([signed_up(BOB).into()]).when(retract()).refused(why);
    }

    #[test]
    fn only_members_comment() {
        given([posted().into()])
            .when(comment())
            .refused(Refused::NoSuchMember);
        let gone = || {
            given([
                signed_up(BOB).into(),
                posted().into(),
                commented().into(),
                withdrawn(BOB).into(),
            ])
        };
        gone().when(comment()).refused(Refused::Withdrawn);
        gone().when(edit()).refused(Refused::Withdrawn);
        gone().when(retract()).refused(Refused::Withdrawn);
    }
}
