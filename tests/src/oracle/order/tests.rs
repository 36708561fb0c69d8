use super::*;

fn at(second: i64) -> Time {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn fact(kind: &str, actor: &str) -> Fact {
    Fact {
        kind: kind.to_owned(),
        by: Some(actor.to_owned()),
        actor: actor.to_owned(),
        ..Fact::default()
    }
}

fn of(kind: &str, member: &str) -> Fact {
    Fact {
        member: Some(member.to_owned()),
        ..fact(kind, member)
    }
}

fn said(by: &str) -> Fact {
    Fact {
        cid: Some(uuid::Uuid::nil()),
        ..fact("message_posted", by)
    }
}

fn kept(order: Order) -> Fact {
    Fact {
        by: None,
        order: Some(order),
        ..fact(ORDER_KEPT, "ann")
    }
}

fn verdict(code: &str, until: Option<Time>) -> Verdict {
    Verdict {
        code: code.to_owned(),
        reason: Some("Loud".to_owned()),
        until,
    }
}

fn banned(until: i64) -> Fact {
    let verdict = verdict(BANNED, Some(at(until)));
    kept(Order::SentAway("bob".to_owned(), verdict))
}

fn muted(until: i64) -> Fact {
    kept(Order::Muted("bob".to_owned(), Some(at(until))))
}

fn opened(by_invitation: bool) -> Fact {
    Fact {
        order: Some(Order::Opened { by_invitation }),
        ..fact("opened", "ann")
    }
}

/// A room of Ann's, in which this happens, one thing a second.
fn room(by_invitation: bool, facts: &[Fact]) -> Truth {
    let mut facts = [&[opened(by_invitation)][..], facts].concat();
    for (second, fact) in (1..).zip(&mut facts) {
        fact.at = at(second);
        fact.said_at = fact.cid.map(|_| at(second));
    }
    Truth {
        facts,
        ..Truth::default()
    }
}

fn unruly(by_invitation: bool, facts: &[Fact]) -> Vec<(i64, Rule)> {
    let wrong = check_order(&room(by_invitation, facts));
    let wrong = wrong.into_iter().map(|wrong| match wrong {
        Wrong::Unruly { seq, rule, .. } => (seq, rule),
        wrong => panic!("{wrong:?}"),
    });
    wrong.collect()
}

#[test]
fn who_is_muted_or_banned_says_nothing_until_it_is_over() {
    let bob = || said("bob");
    assert_eq!(unruly(false, &[muted(4), bob(), bob()]), [(3, Rule::Muted)]);
    let unmuted = kept(Order::Unmuted("bob".to_owned()));
    assert_eq!(unruly(false, &[muted(9), unmuted, bob()]), []);
    assert_eq!(
        unruly(false, &[banned(4), bob(), bob()]),
        [(3, Rule::Banned)]
    );
    let unbanned = kept(Order::Unbanned("bob".to_owned()));
    assert_eq!(unruly(false, &[banned(9), unbanned, bob()]), []);
    let reacted = fact("reacted", "bob");
    assert_eq!(unruly(false, &[muted(9), reacted]), [(3, Rule::Muted)]);
    let entered = of("entered", "bob");
    assert_eq!(unruly(false, &[banned(9), entered]), [(3, Rule::Banned)]);
}

#[test]
fn who_is_sent_away_leaves_at_once() {
    let (entered, left) = (of("entered", "bob"), of("left", "bob"));
    let goes = [entered.clone(), banned(9), left.clone(), said("ann")];
    assert_eq!(unruly(false, &goes), []);
    let stays = [entered, banned(9), said("ann"), left];
    assert_eq!(unruly(false, &stays), [(4, Rule::Leaves)]);
}

#[test]
fn a_room_by_invitation_is_there_for_who_is_invited_until_they_are_removed() {
    let invited = kept(Order::Invited("bob".to_owned()));
    let removed = kept(Order::SentAway("bob".to_owned(), verdict(REMOVED, None)));
    let facts = [said("bob"), invited, said("bob"), removed, said("bob")];
    let uninvited = [(2, Rule::NotInvited), (6, Rule::NotInvited)];
    assert_eq!(unruly(true, &facts), uninvited);
    assert_eq!(unruly(false, &facts), []);
}

#[test]
fn in_an_archived_room_nothing_is_said_until_it_is_opened_again() {
    let archived = Fact {
        order: Some(Order::Archived),
        ..fact("archived", "ann")
    };
    let reopened = Fact {
        order: Some(Order::Reopened),
        ..fact("reopened", "bob")
    };
    let facts = [archived.clone(), said("bob"), reopened, said("bob")];
    assert_eq!(unruly(false, &facts), [(3, Rule::Archived)]);
    let entered = of("entered", "bob");
    assert_eq!(unruly(false, &[archived, entered]), [(3, Rule::Archived)]);
}

#[test]
fn in_slow_mode_members_wait_and_who_keeps_order_does_not() {
    let slow_mode = Fact {
        order: Some(Order::SlowMode { seconds: 2 }),
        ..fact("slow_mode_set", "ann")
    };
    let twice = |by: &str| [slow_mode.clone(), said(by), said(by), said("eve")];
    assert_eq!(unruly(false, &twice("bob")), [(4, Rule::SlowMode)]);
    assert_eq!(unruly(false, &twice("ann")), []);
}

#[test]
fn order_is_kept_by_who_keeps_it_and_not_over_one_another() {
    let by = |actor: &str, fact: Fact| Fact {
        actor: actor.to_owned(),
        ..fact
    };
    let appointed = kept(Order::Appointed("bob".to_owned()));
    let facts = [by("eve", muted(3)), appointed, muted(9)];
    let over = [(2, Rule::KeepsOrder), (4, Rule::KeepsOrder)];
    assert_eq!(unruly(false, &facts), over);
    let retracted = |by: &str| Fact {
        order: Some(Order::Retracted("bob".to_owned())),
        ..fact("message_retracted", by)
    };
    let facts = [retracted("bob"), retracted("ann"), retracted("eve")];
    assert_eq!(unruly(false, &facts), [(4, Rule::KeepsOrder)]);
}

/// Opened, Bob enters, Ann says something, Bob is banned until the seventh second and leaves, Ann
/// says something, and again.
fn without_bob() -> Truth {
    let (entered, left) = (of("entered", "bob"), of("left", "bob"));
    let ann = || said("ann");
    room(false, &[entered, ann(), banned(7), left, ann(), ann()])
}

/// From the first second on.
fn sitting(shown: &[(i64, i64)], ended: Option<Verdict>) -> Sitting {
    let shown = shown.iter().map(|(seq, second)| (*seq, at(*second)));
    Sitting {
        since: at(1),
        shown: shown.collect(),
        ended: ended.map(|verdict| (verdict, at(5))),
    }
}

fn seen(sitting: Sitting) -> Vec<Wrong> {
    check_shown(&[sitting], "bob", &without_bob())
}

#[test]
fn a_line_that_goes_on_behind_a_ban_is_found() {
    let told = || Some(verdict(BANNED, Some(at(7))));
    assert_eq!(seen(sitting(&[(2, 2), (4, 4)], told())), []);
    assert_eq!(seen(sitting(&[(2, 2), (5, 5)], told())), []);
    for second in [6, 9] {
        let wrong = seen(sitting(&[(2, 2), (6, second)], told()));
        let member = "bob".to_owned();
        let is_found = wrong.contains(&Wrong::ShownAway { seq: 6, member });
        assert!(is_found, "{wrong:?}");
    }
}

#[test]
fn who_comes_back_sees_everything_and_who_comes_too_early_nothing() {
    let back = |second: i64| Sitting {
        since: at(second),
        ..sitting(&[(7, second)], None)
    };
    assert_eq!(seen(back(7)), []);
    let member = "bob".to_owned();
    let early = Sitting {
        since: at(6),
        ..sitting(&[(6, 6)], None)
    };
    assert_eq!(seen(early), [Wrong::ShownAway { seq: 6, member }]);
}

#[test]
fn another_reason_than_was_given_is_found() {
    let otherwise = [
        verdict(REMOVED, None),
        verdict(BANNED, None),
        Verdict {
            reason: None,
            ..verdict(BANNED, Some(at(7)))
        },
    ];
    for told in otherwise {
        let wrong = seen(sitting(&[(2, 2), (4, 4)], Some(told.clone())));
        assert_eq!(wrong, [Wrong::EndedOtherwise { told }]);
    }
}

#[test]
fn who_is_not_invited_is_shown_nothing() {
    let private = room(true, &[said("ann")]);
    let peeped = sitting(&[(2, 3)], None);
    let member = "bob".to_owned();
    assert_eq!(
        check_shown(&[peeped], "bob", &private),
        [Wrong::ShownAway { seq: 2, member }]
    );
    assert!(!private.is_open_to("bob") && private.is_open_to("ann"));
}
