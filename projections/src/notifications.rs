//! What members are told: that somebody liked their review, went on where they spoke, named,
//! answered or invited them, and what the site's moderators did.

mod asked;

use chrono::{DateTime, Utc};
use domain::measure::Event as MeasureEvent;
use domain::room::{Event as RoomEvent, MessagePosted};
use domain::{Event, MemberId, comment, follow, like, notifications, review};
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;
pub use asked::*;

table! {
    /// A line of a member's list. What happens to the same thing again moves it up.
    ///
    /// `kind` is, of a room's message, `mention` or `reply`, of a room `invitation`; of a review
    /// `like`, `comment` or `comment-after`; of a comment `comment-mention`; of a measure `hidden`,
    /// `suspended`, `lifted`, `appeal-granted` or `appeal-refused`; of a member `follow`. `subject`
    /// is the room, the review, the comment, the measure or the member, `seq` a message's sequence
    /// number, or 0.
    pub struct Notification in notifications {
        key { member: Uuid, kind: String, subject: Uuid, seq: i64 }
        /// Of what happened last.
        position: i64,
        /// In rooms. Who liked or said something is read where it stands; moderators of the site are
        /// not named.
        caused_by: Option<Uuid>,
        at: DateTime<Utc>,
    }
}

impl ReadModel for Notification {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, list: &mut Changes<Notification>) {
        match &happened.event {
            Event::Room(event) => of_room(happened, event, list),
            Event::Measure(event) => of_measure(happened, event, list),
            // taken back and given again it is told once
            Event::Like(like::Event::Liked(liked)) if !liked.again => {
                list.put(line(happened, liked.author, "like", liked.review.0));
            }
            Event::Review(review::Event::Retracted(retracted)) => {
                let (author, review) = (retracted.member.0, retracted.review.0);
                list.remove((author, "like".to_owned(), review, 0));
                list.remove((author, "comment".to_owned(), review, 0));
            }
            Event::Follow(follow::Event::Followed(followed)) if !followed.again => {
                list.put(line(
                    happened,
                    followed.followed,
                    "follow",
                    followed.member.0,
                ));
            }
            Event::Comment(event) => of_comment(happened, event, list),
            // what is taken back is not there any more when the list is read
            Event::Like(_)
            | Event::Follow(_)
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Forgetting(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn line(happened: &Happened, member: MemberId, kind: &str, subject: Uuid) -> Notification {
    Notification {
        member: member.0,
        kind: kind.to_owned(),
        subject,
        seq: 0,
        position: happened.position,
        caused_by: None,
        at: happened.at,
    }
}

fn of_room(happened: &Happened, event: &RoomEvent, list: &mut Changes<Notification>) {
    let room = happened.event.stream().id;
    let line = |member: MemberId, kind: &str, seq: i64, caused_by: MemberId| Notification {
        seq,
        caused_by: Some(caused_by.0),
        ..line(happened, member, kind, room)
    };
    match event {
        RoomEvent::MessagePosted(posted) => {
            for (member, kind) in told(posted) {
                list.put(line(member, kind, happened.version, posted.member));
            }
        }
        RoomEvent::MessageEdited(edited) => {
            let named = edited.newly_named.iter();
            for member in named.filter(|member| **member != edited.member) {
                list.put(line(*member, "mention", edited.message, edited.member));
            }
        }
        RoomEvent::Invited(invited) => {
            list.put(line(invited.member, "invitation", 0, invited.by));
        }
        RoomEvent::Opened(_)
        | RoomEvent::Renamed(_)
        | RoomEvent::Described(_)
        | RoomEvent::ClosingChosen(_)
        | RoomEvent::Archived(_)
        | RoomEvent::Reopened(_)
        | RoomEvent::MessageRetracted(_)
        | RoomEvent::Reacted(_)
        | RoomEvent::Unreacted(_)
        | RoomEvent::Entered(_)
        | RoomEvent::Left(_)
        | RoomEvent::InvitationDeclined(_)
        | RoomEvent::Muted(_)
        | RoomEvent::Unmuted(_)
        | RoomEvent::Removed(_)
        | RoomEvent::Banned(_)
        | RoomEvent::Unbanned(_)
        | RoomEvent::SlowModeSet(_)
        | RoomEvent::ModeratorAppointed(_)
        | RoomEvent::ModeratorDismissed(_) => {}
    }
}

/// Each once, and not the author.
fn told(posted: &MessagePosted) -> impl Iterator<Item = (MemberId, &'static str)> {
    let answered = posted.reply_to.map(|reply| reply.author);
    let named = posted.mentions.iter().map(|member| (*member, "mention"));
    let answered = answered.filter(|author| !posted.mentions.contains(author));
    let all = named.chain(answered.map(|author| (author, "reply")));
    all.filter(|(member, _)| *member != posted.member)
}

/// A comment is told each once: to whose review it is under as that, else to whom it names, else
/// to those who spoke there before; and not to its author.
fn of_comment(happened: &Happened, event: &comment::Event, list: &mut Changes<Notification>) {
    match event {
        comment::Event::Posted(posted) => {
            let author = posted.member;
            let mut told = vec![author];
            let mut tell = |member: MemberId, kind: &str, subject: Uuid| {
                if !told.contains(&member) {
                    told.push(member);
                    list.put(line(happened, member, kind, subject));
                }
            };
            tell(posted.reviewer, "comment", posted.review.0);
            for member in &posted.mentions {
                tell(*member, "comment-mention", posted.comment.0);
            }
            for member in &posted.among {
                tell(*member, "comment-after", posted.review.0);
            }
        }
        comment::Event::Edited(edited) => {
            let named = edited.newly_named.iter();
            for member in named.filter(|member| **member != edited.member) {
                list.put(line(happened, *member, "comment-mention", edited.comment.0));
            }
        }
        comment::Event::Retracted(_) | comment::Event::Hidden(_) | comment::Event::Restored(_) => {}
    }
}

/// What a member is told of a measure; nothing of their own appeal.
fn of_measure(happened: &Happened, event: &MeasureEvent, list: &mut Changes<Notification>) {
    let (member, measure, kind) = match event {
        MeasureEvent::Taken(taken) => {
            let kind = if taken.until.is_some() {
                "suspended"
            } else {
                "hidden"
            };
            (taken.member, taken.measure, kind)
        }
        MeasureEvent::Lifted(lifted) => (lifted.member, lifted.measure, "lifted"),
        MeasureEvent::Ended(ended) => (ended.member, ended.measure, "lifted"),
        MeasureEvent::Appealed(_) => return,
        MeasureEvent::Decided(decided) => {
            let kind = if decided.granted {
                "appeal-granted"
            } else {
                "appeal-refused"
            };
            (decided.member, decided.measure, kind)
        }
    };
    list.put(line(happened, member, kind, measure.0));
}

table! {
    /// Up to where a member has seen theirs.
    pub struct NotificationsSeen in notifications_seen {
        key { member: Uuid }
        position: i64,
    }
}

impl ReadModel for NotificationsSeen {
    fn apply(happened: &Happened, list: &mut Changes<NotificationsSeen>) {
        let Event::Notifications(notifications::Event::Seen(seen)) = &happened.event else {
            return;
        };
        list.put(NotificationsSeen {
            member: seen.member.0,
            position: seen.position,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn who_is_named_or_answered_is_told_once_and_nobody_of_themselves() {
        let rows: Vec<Notification> = given(vec![room_opened(), message_posted(1), answered(2, 2)]);
        let told: Vec<(Uuid, &str)> = rows
            .iter()
            .map(|row| (row.member, row.kind.as_str()))
            .collect();
        assert_eq!(told, [(ANN.0, "mention"), (BOB.0, "reply")]);
    }

    #[test]
    fn an_edit_tells_those_whom_it_names_anew() {
        let carl = MemberId(Uuid::from_u128(0xCA));
        let edit = naming_edit(&[ANN, carl, BOB], &[carl, BOB]);
        let rows: Vec<Notification> = given(vec![room_opened(), message_posted(1), edit]);
        let told: Vec<_> = rows.iter().map(|row| (row.member, row.seq)).collect();
        assert_eq!(told, [(ANN.0, 2), (carl.0, 2)], "not its author");
    }
    const CARL: MemberId = MemberId(Uuid::from_u128(0xCA));

    fn told(events: Vec<Event>) -> Vec<(Uuid, String, Uuid, i64)> {
        let rows: Vec<Notification> = given(events);
        let told = rows.into_iter();
        told.map(|row| (row.member, row.kind, row.subject, row.position))
            .collect()
    }

    fn comment_told(reviewer: MemberId, mentions: &[MemberId], among: &[MemberId]) -> Event {
        let Event::Comment(comment::Event::Posted(posted)) = commented(1) else {
            unreachable!("a comment is posted")
        };
        comment::Posted {
            reviewer,
            mentions: mentions.to_vec(),
            among: among.to_vec(),
            ..posted
        }
        .into()
    }

    #[test]
    fn what_happens_to_a_review_again_moves_its_line_up() {
        let likes = vec![posted(1, 4.0), liked(1), liked(1)];
        let line = (ANN.0, "like".to_owned(), anns_review().0, 3);
        assert_eq!(told(likes), [line]);
        let comments = vec![posted(1, 4.0), commented(1), commented(1)];
        let line = (ANN.0, "comment".to_owned(), anns_review().0, 3);
        assert_eq!(told(comments), [line]);
    }

    #[test]
    fn a_like_that_is_given_again_and_again_is_told_once() {
        let Event::Like(like::Event::Liked(first)) = liked(1) else {
            unreachable!("a like is given")
        };
        let again = like::Liked {
            again: true,
            ..first
        };
        let line = (ANN.0, "like".to_owned(), anns_review().0, 2);
        let likes = vec![posted(1, 4.0), liked(1), unliked(1), again.into()];
        assert_eq!(told(likes), [line]);
    }

    #[test]
    fn the_lines_of_a_review_go_with_it() {
        let events = vec![posted(1, 4.0), liked(1), commented(1), retracted(1, 4.0)];
        assert_eq!(told(events), []);
    }

    #[test]
    fn a_comment_is_told_each_once_and_not_to_its_author() {
        let all = [ANN, BOB, CARL, ANN];
        let review = anns_review().0;
        assert_eq!(
            told(vec![comment_told(ANN, &all, &all)]),
            [
                (ANN.0, "comment".to_owned(), review, 1),
                (CARL.0, "comment-mention".to_owned(), COMMENT.0, 1),
            ]
        );
        assert_eq!(
            told(vec![comment_told(BOB, &[], &all)]),
            [
                (ANN.0, "comment-after".to_owned(), review, 1),
                (CARL.0, "comment-after".to_owned(), review, 1),
            ]
        );
        assert_eq!(told(vec![comment_told(BOB, &[BOB], &[BOB])]), []);
    }

    #[test]
    fn an_edited_comment_tells_those_whom_it_names_anew() {
        let edited = comment::Edited {
            comment: COMMENT,
            review: anns_review(),
            posting: 1,
            film: PARASITE,
            member: BOB,
            text: domain::CommentText::new("You, too.").unwrap().into(),
            mentions: vec![ANN, CARL, BOB],
            newly_named: vec![CARL, BOB],
        };
        let events = vec![comment_told(BOB, &[ANN], &[]), edited.into()];
        assert_eq!(
            told(events),
            [
                (ANN.0, "comment-mention".to_owned(), COMMENT.0, 1),
                (CARL.0, "comment-mention".to_owned(), COMMENT.0, 2),
            ]
        );
    }
}
