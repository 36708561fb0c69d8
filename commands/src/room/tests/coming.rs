//! Rooms, and who comes and goes.

use super::*;

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
