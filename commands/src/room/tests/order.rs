//! Order, and what does not pile up.

use super::*;

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
