use super::*;

const CID: Uuid = Uuid::from_u128(7);

fn fact(kind: &str, by: &str) -> Fact {
    Fact {
        kind: kind.to_owned(),
        by: Some(by.to_owned()),
        ..Fact::default()
    }
}

fn of(kind: &str, member: &str) -> Fact {
    Fact {
        member: Some(member.to_owned()),
        ..fact(kind, member)
    }
}

fn said(cid: Uuid, by: &str, body: &str) -> Fact {
    Fact {
        cid: Some(cid),
        body: Some(body.to_owned()),
        ..fact("message_posted", by)
    }
}

fn posted(by: &str, n: i64, text: &str) -> Posted {
    Posted {
        by: by.to_owned(),
        n,
        text: Some(text.to_owned()),
    }
}

/// Opened, Ann enters and says something, Bob has a look, says something and goes.
fn truth() -> Truth {
    let mut facts = vec![
        fact("opened", "ann"),
        of("entered", "ann"),
        said(CID, "ann", "one"),
        of("entered", "bob"),
        said(Uuid::from_u128(8), "bob", "two"),
        of("left", "bob"),
    ];
    for (pos, fact) in (11..).zip(&mut facts) {
        fact.pos = pos;
    }
    Truth {
        facts,
        messages: [(3, posted("ann", 1, "one")), (5, posted("bob", 2, "two"))].into(),
    }
}

fn snapshot(at: i64, count: i64, messages: &[i64]) -> Applied {
    let messages = messages.to_vec();
    Applied::Snapshot {
        at,
        count,
        messages,
    }
}

/// From a snapshot behind the first event on.
fn display() -> Display {
    let Truth { facts, messages } = truth();
    let events = (1..).zip(facts).skip(1);
    let events = events.map(|(seq, fact)| Applied::Event {
        seq,
        pos: fact.pos,
        kind: fact.kind,
        by: fact.by,
    });
    Display {
        applied: [snapshot(1, 0, &[])].into_iter().chain(events).collect(),
        messages,
        present: BTreeSet::from(["ann".to_owned()]),
        ..Display::default()
    }
}

fn sent() -> Vec<Sent> {
    vec![Sent {
        cid: CID,
        body: "one".to_owned(),
        acknowledged: Some(3),
    }]
}

#[test]
fn what_is_right_is_right() {
    assert_eq!(check_display(&display(), &truth()), []);
    assert_eq!(check_sends(&sent(), &truth()), []);
    let there = BTreeSet::from(["ann".to_owned()]);
    assert_eq!(check_presence(&truth(), &there), []);
}

#[test]
fn a_ring_that_drops_silently_is_found() {
    for dropped in 1..=5 {
        let mut display = display();
        let seq = display.applied.remove(dropped).seq();
        display.messages.remove(&seq);
        assert!(!check_display(&display, &truth()).is_empty(), "{seq}");
    }
    let mut lost = display();
    lost.messages.remove(&5);
    assert_eq!(check_display(&lost, &truth()), [Wrong::Missing { seq: 5 }]);
}

/// Which the protocol lets a client mend: what it displays in the end is right.
#[test]
fn a_hole_is_found_though_it_was_asked_for_what_was_missing() {
    let mended = Display {
        holes: 1,
        ..display()
    };
    let wrong = check_display(&mended, &truth());
    assert_eq!(wrong, [Wrong::Holes { count: 1 }]);
}

#[test]
fn a_snapshot_with_holes_is_found() {
    let began_with = |messages: &[i64]| {
        let mut display = display();
        display.applied.truncate(1);
        display.applied[0] = snapshot(6, 1, messages);
        display.messages.retain(|seq, _| messages.contains(seq));
        check_display(&display, &truth())
    };
    assert_eq!(began_with(&[3, 5]), []);
    for holes in [&[][..], &[3], &[5], &[5, 3]] {
        let (at, messages) = (6, holes.to_vec());
        assert_eq!(began_with(holes), [Wrong::Snapshot { at, messages }]);
    }
}

#[test]
fn a_snapshot_has_only_the_newest() {
    let newest = i64::try_from(NEWEST).unwrap();
    let mut long = truth();
    long.messages = (1..=newest + 20)
        .map(|seq| (seq, posted("ann", seq, "on and on")))
        .collect();
    let expected: Vec<i64> = (11..=newest + 10).collect();
    assert_eq!(long.newest_at(newest + 10, NEWEST), expected);
    assert_eq!(long.newest_at(2, NEWEST), [1, 2]);
}

#[test]
fn a_page_of_history_with_a_gap_is_found() {
    let scrolled = |messages: &[i64]| {
        let page = Scrolled {
            before: 6,
            limit: 2,
            messages: messages.to_vec(),
        };
        check_history(&[page], &truth())
    };
    assert_eq!(scrolled(&[3, 5]), []);
    for gap in [&[5][..], &[3], &[3, 5, 6]] {
        let (before, messages) = (6, gap.to_vec());
        assert_eq!(scrolled(gap), [Wrong::History { before, messages }]);
    }
}

#[test]
fn who_said_it_and_in_which_place_is_looked_at() {
    let confusions: [fn(&mut Fact); 3] = [
        |fact| fact.by = Some("bob".to_owned()),
        |fact| fact.by = None,
        |fact| fact.pos += 1,
    ];
    for confuse in confusions {
        let mut confused = truth();
        confuse(&mut confused.facts[2]);
        let wrong = check_display(&display(), &confused);
        assert!(matches!(wrong[..], [Wrong::Another { .. }]), "{wrong:?}");
    }
    for another in [posted("bob", 1, "one"), posted("ann", 2, "one")] {
        let mut confused = display();
        confused.messages.insert(3, another);
        let wrong = check_display(&confused, &truth());
        assert_eq!(wrong, [Wrong::Said { seq: 3 }]);
    }
}

#[test]
fn what_is_displayed_twice_or_as_it_was_is_found() {
    let mut twice = display();
    twice.applied.insert(3, twice.applied[2].clone());
    let wrong = check_display(&twice, &truth());
    let behind = Some(3);
    assert_eq!(wrong, [Wrong::OutOfOrder { seq: 3, behind }]);
    let mut retracted = truth();
    retracted.messages.get_mut(&3).unwrap().text = None;
    let wrong = check_display(&display(), &retracted);
    assert_eq!(wrong, [Wrong::Said { seq: 3 }]);
}

#[test]
fn an_acknowledgement_before_the_commit_is_found() {
    let mut lost = truth();
    lost.facts.remove(2);
    let acknowledged = 3;
    assert_eq!(
        check_sends(&sent(), &lost),
        [Wrong::Lost {
            cid: CID,
            acknowledged
        }]
    );
}

#[test]
fn a_server_that_does_not_check_cids_is_found() {
    // whether it keeps the cid or records the words under another
    for cid in [CID, Uuid::from_u128(9)] {
        let mut doubled = truth();
        doubled.facts.push(said(cid, "ann", "one"));
        let wrong = check_sends(&sent(), &doubled);
        let body = "one".to_owned();
        let seqs = vec![3, 7];
        assert!(wrong.contains(&Wrong::Repeated { body, seqs }), "{wrong:?}");
    }
}

#[test]
fn a_counter_of_connections_is_found() {
    let there = BTreeSet::from(["ann".to_owned()]);
    let mut reloaded = truth();
    reloaded.facts.push(of("entered", "ann"));
    assert!(!check_presence(&reloaded, &there).is_empty());
    let mut forgotten = truth();
    forgotten.facts.pop();
    assert!(!check_presence(&forgotten, &there).is_empty());
    let mut counted = display();
    counted.applied[0] = snapshot(1, 2, &[]);
    let (seq, told, is) = (1, 2, 0);
    assert_eq!(
        check_display(&counted, &truth()),
        [Wrong::Count { seq, told, is }]
    );
}
