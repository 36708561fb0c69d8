use domain::room::{
    Banned, Message, MessageEdited, MessagePosted, MessageRetracted, ModeratorAppointed, Muted,
    Reacted, Removed, Reply, SlowModeSet, Unreacted,
};
use domain::{MessageText, Reaction, Reason};
use uuid::Uuid;

use super::message::{MAX_CHANGES, SENDS};
use super::*;
use crate::harness::*;

const ROOM: RoomId = RoomId(Uuid::from_u128(0x200));
const CARL: MemberId = MemberId(Uuid::from_u128(0xD));

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn open() -> Open {
    Open {
        room: ROOM,
        member: ANN,
        film: Some(PARASITE),
        name: RoomName::new("The smell").unwrap(),
        description: RoomDescription::default(),
        admission: Admission::Public,
        closes_when_empty: false,
        at: at(0),
    }
}

fn opened() -> Opened {
    Opened {
        room: ROOM,
        member: ANN,
        film: Some(PARASITE),
        name: RoomName::new("The smell").unwrap().into(),
        description: RoomDescription::default().into(),
        admission: Admission::Public,
        closes_when_empty: false,
        at: at(0),
    }
}

/// Ann has opened the room; Bob and Carl are members.
fn room<const N: usize>(then: [Event; N]) -> History {
    in_room(opened(), then)
}

fn private<const N: usize>(then: [Event; N]) -> History {
    let admission = Admission::Invitation;
    in_room(
        Opened {
            admission,
            ..opened()
        },
        then,
    )
}

fn in_room<const N: usize>(opened: Opened, then: [Event; N]) -> History {
    let mut history = given([
        listed().into(),
        signed_up(ANN).into(),
        signed_up(BOB).into(),
        signed_up(CARL).into(),
        opened.into(),
    ]);
    history.record(&then);
    history
}

fn enter(member: MemberId) -> Enter {
    Enter {
        room: ROOM,
        member,
        at: at(60),
    }
}

fn entered(member: MemberId) -> Event {
    Entered { room: ROOM, member }.into()
}

fn leave(member: MemberId, reason: Leaving) -> Leave {
    Leave {
        room: ROOM,
        member,
        reason,
        at: at(60),
    }
}

fn gone(member: MemberId, reason: Leaving) -> Event {
    left(ROOM, member, reason, at(60))
}

fn archived() -> Event {
    Archived {
        room: ROOM,
        by: None,
    }
    .into()
}

fn invited(member: MemberId) -> Event {
    Invited {
        room: ROOM,
        member,
        by: ANN,
    }
    .into()
}

fn appointed(member: MemberId) -> Event {
    ModeratorAppointed {
        room: ROOM,
        member,
        by: ANN,
    }
    .into()
}

fn text(typed: &str) -> MessageText {
    MessageText::new(typed).unwrap()
}

fn send(member: MemberId, cid: u128, second: i64) -> Send {
    Send {
        room: ROOM,
        member,
        cid: Uuid::from_u128(cid),
        body: text("Stairs."),
        reply_to: None,
        mentions: vec![],
        spoiler: false,
        at: at(second),
    }
}

fn said(member: MemberId, n: i64, second: i64) -> MessagePosted {
    MessagePosted {
        room: ROOM,
        n,
        member,
        cid: Uuid::from_u128(n.unsigned_abs().into()),
        body: text("Stairs.").into(),
        reply_to: None,
        mentions: vec![],
        spoiler: false,
        at: at(second),
    }
}

/// The room's first message is its second event.
const FIRST: i64 = 2;

fn edit(member: MemberId) -> Edit {
    Edit {
        room: ROOM,
        member,
        message: FIRST,
        body: text("The stairs."),
        mentions: vec![],
        spoiler: false,
        at: at(60),
    }
}

fn retract(member: MemberId) -> Retract {
    Retract {
        room: ROOM,
        member,
        message: FIRST,
        reason: None,
    }
}

fn retracted_by(by: MemberId, reason: Option<Reason>) -> Event {
    MessageRetracted {
        room: ROOM,
        message: FIRST,
        author: BOB,
        by,
        reason: reason.map(Into::into),
    }
    .into()
}

fn fire() -> Reaction {
    Reaction::new("🔥").unwrap()
}

fn react(member: MemberId, on: bool) -> React {
    React {
        room: ROOM,
        member,
        message: FIRST,
        reaction: fire(),
        on,
        at: at(60),
    }
}

fn reacted(member: MemberId) -> Event {
    Reacted {
        room: ROOM,
        message: FIRST,
        member,
        reaction: fire(),
    }
    .into()
}

fn mute(until: Option<DateTime<Utc>>) -> Mute {
    Mute {
        room: ROOM,
        by: ANN,
        member: BOB,
        until,
        reason: None,
        at: at(60),
    }
}

fn muted(until: Option<DateTime<Utc>>) -> Event {
    Muted {
        room: ROOM,
        member: BOB,
        by: ANN,
        until,
        reason: None,
        at: at(60),
    }
    .into()
}

fn ban() -> Ban {
    Ban {
        room: ROOM,
        by: ANN,
        member: BOB,
        until: Some(at(100)),
        reason: None,
        at: at(60),
    }
}

fn banned() -> Event {
    Banned {
        room: ROOM,
        member: BOB,
        by: ANN,
        until: Some(at(100)),
        reason: None,
        at: at(60),
    }
    .into()
}

fn removed() -> Event {
    Removed {
        room: ROOM,
        member: BOB,
        by: ANN,
        reason: None,
    }
    .into()
}

#[test]
fn a_member_opens_a_room() {
    given([signed_up(ANN).into(), listed().into()])
        .when(open())
        .then([opened().into()]);
    given([signed_up(ANN).into()])
        .when(open())
        .refused(Refused::NoSuchFilm);
    given([listed().into()])
        .when(open())
        .refused(Refused::NoSuchMember);
}

#[test]
fn its_maker_and_moderators_name_it_but_the_maker_alone_says_when_it_closes() {
    let rename = |member, closes_when_empty| Rename {
        room: ROOM,
        member,
        name: RoomName::new("Rain").ok(),
        description: None,
        closes_when_empty,
    };
    let renamed = |by| {
        let name = RoomName::new("Rain").unwrap().into();
        Event::from(Renamed {
            room: ROOM,
            by,
            name,
        })
    };
    let chosen = ClosingChosen {
        room: ROOM,
        by: ANN,
        closes_when_empty: true,
    };
    room([])
        .when(rename(ANN, Some(true)))
        .then([renamed(ANN), chosen.into()]);
    room([appointed(BOB)])
        .when(rename(BOB, None))
        .then([renamed(BOB)]);
    room([appointed(BOB)])
        .when(rename(BOB, Some(true)))
        .refused(Refused::NotTheMaker);
    room([])
        .when(rename(BOB, None))
        .refused(Refused::NotAModerator);
}

#[test]
fn a_member_is_present_from_entering_to_leaving() {
    room([]).when(enter(BOB)).then([entered(BOB)]);
    room([entered(BOB)]).when(enter(BOB)).then([]);
    let lost = Leaving::NodeLost;
    room([entered(BOB)])
        .when(leave(BOB, lost))
        .then([gone(BOB, lost)]);
    room([]).when(leave(BOB, lost)).then([]);
}

#[test]
fn entering_opens_an_archived_room_again() {
    room([archived()])
        .when(enter(BOB))
        .then([reopened(ROOM, BOB, at(60)), entered(BOB)]);
}

#[test]
fn a_room_may_close_behind_the_last_member() {
    let history = |then: &[Event]| {
        let mut history = in_room(
            Opened {
                closes_when_empty: true,
                ..opened()
            },
            [],
        );
        history.record(then);
        history
    };
    let closed = Leaving::Closed;
    history(&[entered(ANN), entered(BOB)])
        .when(leave(BOB, closed))
        .then([gone(BOB, closed)]);
    history(&[entered(BOB)])
        .when(leave(BOB, closed))
        .then([gone(BOB, closed), archived()]);
}

#[test]
fn a_room_that_nobody_was_in_for_a_day_is_archived() {
    let idle = |second| ArchiveIdle {
        room: ROOM,
        at: at(second),
    };
    let day = 24 * 60 * 60;
    room([]).when(idle(day)).then([archived()]);
    room([]).when(idle(day - 1)).then([]);
    room([said(BOB, 1, 5).into()]).when(idle(day)).then([]);
    room([entered(BOB)]).when(idle(day)).then([]);
    room([entered(BOB), gone(BOB, Leaving::Closed)])
        .when(idle(day + 60))
        .then([archived()]);
}

#[test]
fn archiving_a_room_sends_everybody_out() {
    let archive = Archive {
        room: ROOM,
        member: ANN,
        at: at(60),
    };
    let by_ann = Archived {
        room: ROOM,
        by: Some(ANN),
    };
    room([entered(BOB)])
        .when(archive.clone())
        .then([gone(BOB, Leaving::Closed), by_ann.into()]);
    room([])
        .when(Archive {
            member: BOB,
            ..archive
        })
        .refused(Refused::NotAModerator);
}

#[test]
fn a_room_by_invitation_is_not_there_for_others() {
    let why = Refused::NoSuchRoom;
    private([]).when(enter(BOB)).refused(why);
    private([]).when(send(BOB, 1, 0)).refused(why);
    private([said(ANN, 1, 0).into()])
        .when(react(BOB, true))
        .refused(why);
    private([]).when(mute(None)).then([muted(None)]);
    private([])
        .when(Mute {
            by: BOB,
            member: CARL,
            ..mute(None)
        })
        .refused(why);
    private([invited(BOB)])
        .when(enter(BOB))
        .then([entered(BOB)]);
}

#[test]
fn an_invitation_stands_until_it_is_declined() {
    let invite = Invite {
        room: ROOM,
        member: ANN,
        invited: BOB,
        at: at(60),
    };
    private([]).when(invite.clone()).then([invited(BOB)]);
    private([])
        .when(Invite {
            invited: NOBODY,
            ..invite
        })
        .refused(Refused::NoSuchMember);
    let decline = Decline {
        room: ROOM,
        member: BOB,
        at: at(60),
    };
    let declined = InvitationDeclined {
        room: ROOM,
        member: BOB,
    };
    private([invited(BOB), entered(BOB)])
        .when(decline)
        .then([declined.clone().into(), gone(BOB, Leaving::Closed)]);
    private([invited(BOB), declined.into()])
        .when(enter(BOB))
        .refused(Refused::NoSuchRoom);
}

#[test]
fn messages_are_numbered() {
    room([])
        .when(send(BOB, 1, 0))
        .then([said(BOB, 1, 0).into()]);
    room([said(ANN, 1, 0).into(), entered(BOB)])
        .when(send(BOB, 2, 1))
        .then([said(BOB, 2, 1).into()]);
}

#[test]
fn the_same_sending_is_one_message() {
    room([said(BOB, 1, 0).into()])
        .when(send(BOB, 1, 9))
        .then([]);
    // ids are their makers' own
    room([said(BOB, 1, 0).into()])
        .when(send(ANN, 1, 9))
        .then([MessagePosted {
            cid: Uuid::from_u128(1),
            ..said(ANN, 2, 9)
        }
        .into()]);
}

#[test]
fn five_messages_in_five_seconds_are_enough() {
    assert_eq!(SENDS, 5);
    let history = || {
        room([
            said(BOB, 1, 0).into(),
            said(BOB, 2, 1).into(),
            said(BOB, 3, 1).into(),
            said(BOB, 4, 1).into(),
            said(BOB, 5, 4).into(),
        ])
    };
    history()
        .when(send(BOB, 6, 4))
        .refused(Refused::TooFast { retry_ms: 1_000 });
    history()
        .when(send(BOB, 6, 5))
        .then([said(BOB, 6, 5).into()]);
    history()
        .when(send(ANN, 6, 4))
        .then([said(ANN, 6, 4).into()]);
}

#[test]
fn slow_mode_slows_down_all_but_those_who_keep_order() {
    let slow = || {
        SlowModeSet {
            room: ROOM,
            by: ANN,
            seconds: 30,
        }
        .into()
    };
    room([slow(), said(BOB, 1, 0).into()])
        .when(send(BOB, 2, 10))
        .refused(Refused::TooFast { retry_ms: 20_000 });
    room([slow(), said(BOB, 1, 0).into()])
        .when(send(BOB, 2, 30))
        .then([said(BOB, 2, 30).into()]);
    room([slow(), said(ANN, 1, 0).into()])
        .when(send(ANN, 2, 10))
        .then([said(ANN, 2, 10).into()]);
}

#[test]
fn an_answer_names_what_it_answers() {
    let answer = Send {
        reply_to: Some(FIRST),
        ..send(ANN, 2, 9)
    };
    room([said(BOB, 1, 0).into()])
        .when(answer.clone())
        .then([MessagePosted {
            reply_to: Some(Reply {
                message: FIRST,
                author: BOB,
            }),
            ..said(ANN, 2, 9)
        }
        .into()]);
    // the room's opening is no message
    room([])
        .when(Send {
            reply_to: Some(1),
            ..answer.clone()
        })
        .refused(Refused::NoSuchMessage);
    room([said(BOB, 1, 0).into(), retracted_by(BOB, None)])
        .when(answer)
        .refused(Refused::NoSuchMessage);
}

#[test]
fn only_those_who_can_read_it_are_named() {
    let naming = Send {
        mentions: vec![BOB, CARL, BOB],
        ..send(ANN, 1, 0)
    };
    let named = |mentions| {
        MessagePosted {
            mentions,
            ..said(ANN, 1, 0)
        }
        .into()
    };
    room([]).when(naming.clone()).then([named(vec![BOB, CARL])]);
    private([invited(BOB)])
        .when(naming)
        .then([named(vec![BOB])]);
}

#[test]
fn an_edit_says_whom_the_message_had_not_named_before() {
    let naming = |mentions: &[MemberId]| Edit {
        mentions: mentions.to_vec(),
        body: text(&format!("To {} of you", mentions.len())),
        ..edit(BOB)
    };
    let edited = |mentions: &[MemberId], newly_named: &[MemberId]| MessageEdited {
        room: ROOM,
        message: FIRST,
        member: BOB,
        body: text(&format!("To {} of you", mentions.len())).into(),
        mentions: mentions.to_vec(),
        newly_named: newly_named.to_vec(),
        spoiler: false,
    };
    let naming_ann = MessagePosted {
        mentions: vec![ANN],
        ..said(BOB, 1, 0)
    };
    room([naming_ann.clone().into()])
        .when(naming(&[ANN, CARL]))
        .then([edited(&[ANN, CARL], &[CARL]).into()]);
    room([naming_ann.into(), edited(&[], &[]).into()])
        .when(naming(&[ANN]))
        .then([edited(&[ANN], &[]).into()]);
}

#[test]
fn nobody_talks_in_an_archived_room() {
    let history = || room([said(BOB, 1, 0).into(), archived()]);
    let why = Refused::RoomArchived;
    history().when(send(BOB, 2, 9)).refused(why);
    history().when(edit(BOB)).refused(why);
    history().when(react(ANN, true)).refused(why);
    history().when(retract(BOB)).then([retracted_by(BOB, None)]);
}

#[test]
fn authors_edit_their_messages() {
    let edited = MessageEdited {
        room: ROOM,
        message: FIRST,
        member: BOB,
        body: text("The stairs.").into(),
        mentions: vec![],
        newly_named: vec![],
        spoiler: false,
    };
    room([said(BOB, 1, 0).into()])
        .when(edit(BOB))
        .then([edited.into()]);
    room([said(BOB, 1, 0).into()])
        .when(edit(ANN))
        .refused(Refused::NotYourMessage);
    room([]).when(edit(BOB)).refused(Refused::NoSuchMessage);
    room([said(BOB, 1, 0).into(), retracted_by(BOB, None)])
        .when(edit(BOB))
        .refused(Refused::NoSuchMessage);
}

#[test]
fn authors_take_their_messages_back_and_moderators_others_with_a_reason() {
    let reason = || Reason::new("Spam").unwrap();
    let with_reason = |member| Retract {
        reason: reason(),
        ..retract(member)
    };
    room([said(BOB, 1, 0).into()])
        .when(with_reason(BOB))
        .then([retracted_by(BOB, None)]);
    room([said(BOB, 1, 0).into()])
        .when(with_reason(ANN))
        .then([retracted_by(ANN, reason())]);
    room([said(BOB, 1, 0).into()])
        .when(with_reason(CARL))
        .refused(Refused::NotYourMessage);
    room([]).when(retract(BOB)).refused(Refused::NoSuchMessage);
}

#[test]
fn a_reaction_is_given_once_and_taken_back() {
    room([said(BOB, 1, 0).into()])
        .when(react(ANN, true))
        .then([reacted(ANN)]);
    let unreacted = Unreacted {
        room: ROOM,
        message: FIRST,
        member: ANN,
        reaction: fire(),
    };
    room([said(BOB, 1, 0).into(), reacted(ANN)])
        .when(react(ANN, false))
        .then([unreacted.into()]);
    room([said(BOB, 1, 0).into(), reacted(BOB)])
        .when(react(ANN, false))
        .then([]);
}

#[test]
fn a_message_is_not_changed_for_ever() {
    let mut history = room([said(BOB, 1, 0).into()]);
    for _ in 0..MAX_CHANGES / 2 {
        let unreacted = Unreacted {
            room: ROOM,
            message: FIRST,
            member: ANN,
            reaction: fire(),
        };
        history.record(&[reacted(ANN), unreacted.into()]);
    }
    history
        .when(react(ANN, true))
        .refused(Refused::TooManyChanges);
}

#[test]
fn reactions_go_with_the_message() {
    let mut state = domain::State::default();
    for event in [
        said(BOB, 1, 0).into(),
        reacted(ANN),
        retracted_by(BOB, None),
    ] {
        state.evolve_part(&event);
    }
    let message: &Message = state.message().unwrap();
    assert!(message.retracted);
    assert_eq!(message.reactions_given(), 0);
}

#[test]
fn a_muted_member_is_silent_until_then() {
    let until = Some(at(100));
    room([]).when(mute(until)).then([muted(until)]);
    let why = Refused::Muted;
    let history = || room([said(BOB, 1, 0).into(), muted(until)]);
    history().when(send(BOB, 2, 99)).refused(why);
    history().when(edit(BOB)).refused(why);
    history().when(react(BOB, true)).refused(why);
    history()
        .when(send(BOB, 2, 100))
        .then([said(BOB, 2, 100).into()]);
}

#[test]
fn a_removed_member_is_out_but_may_come_back_into_a_public_room() {
    let remove = Remove {
        room: ROOM,
        by: ANN,
        member: BOB,
        reason: None,
        at: at(60),
    };
    room([entered(BOB)])
        .when(remove.clone())
        .then([removed(), gone(BOB, Leaving::Removed)]);
    room([]).when(remove.clone()).then([]);
    room([removed()]).when(enter(BOB)).then([entered(BOB)]);
    private([invited(BOB)]).when(remove).then([removed()]);
    private([invited(BOB), removed()])
        .when(enter(BOB))
        .refused(Refused::NoSuchRoom);
}

#[test]
fn a_banned_member_is_out_until_then() {
    room([entered(BOB)])
        .when(ban())
        .then([banned(), gone(BOB, Leaving::Removed)]);
    room([banned()]).when(enter(BOB)).refused(Refused::Banned);
    room([banned()])
        .when(send(BOB, 1, 99))
        .refused(Refused::Banned);
    room([banned()])
        .when(Enter {
            at: at(100),
            ..enter(BOB)
        })
        .then([entered(BOB)]);
}

#[test]
fn order_is_kept_by_those_who_may() {
    room([])
        .when(Ban { by: CARL, ..ban() })
        .refused(Refused::NotAModerator);
    room([appointed(BOB)])
        .when(ban())
        .refused(Refused::KeepsOrder);
    room([appointed(BOB)])
        .when(Ban {
            by: BOB,
            member: ANN,
            ..ban()
        })
        .refused(Refused::KeepsOrder);
    let appoint = |by| Appoint {
        room: ROOM,
        by,
        member: BOB,
    };
    room([]).when(appoint(ANN)).then([appointed(BOB)]);
    room([appointed(CARL)])
        .when(appoint(CARL))
        .refused(Refused::NotTheMaker);
}

#[test]
fn what_is_over_does_not_pile_up() {
    let mut state = domain::State::default();
    state.evolve(&opened().into());
    for second in 0..10 {
        let muted = Muted {
            room: ROOM,
            member: MemberId(Uuid::from_u128(second)),
            by: ANN,
            until: Some(at(i64::try_from(second).unwrap() + 1)),
            reason: None,
            at: at(i64::try_from(second).unwrap()),
        };
        state.evolve(&muted.into());
    }
    assert_eq!(state.room().unwrap().mutes.len(), 1);
}
