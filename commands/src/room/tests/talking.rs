//! What is said.

use super::*;

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
fn a_clock_that_is_behind_slows_nobody_down() {
    room([said(BOB, 1, 9).into()])
        .when(send(BOB, 2, 0))
        .then([said(BOB, 2, 0).into()]);
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
    for number in 0..MAX_CHANGES / 2 {
        let member = MemberId(Uuid::from_u128(1_000 + u128::from(number)));
        history.record(&[reacted(member), unreacted(member)]);
    }
    history
        .when(react(ANN, true))
        .refused(Refused::TooManyChanges);
}

#[test]
fn nobody_alone_makes_a_message_stay_as_it_is() {
    let back_and_forth = || {
        let mut history = room([said(BOB, 1, 0).into()]);
        for _ in 0..MAX_OWN_CHANGES / 2 {
            history.record(&[reacted(ANN), unreacted(ANN)]);
        }
        history
    };
    back_and_forth()
        .when(react(ANN, true))
        .refused(Refused::TooManyChanges);
    back_and_forth().when(react(BOB, true)).then([reacted(BOB)]);
}

fn unreacted(member: MemberId) -> Event {
    Unreacted {
        room: ROOM,
        message: FIRST,
        member,
        reaction: fire(),
    }
    .into()
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
