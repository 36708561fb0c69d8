//! What must be true of live rooms, whatever was killed, cut or repeated: checked on what clients
//! have displayed and been told, against the log.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::live::{Display, SNAPSHOT};

/// A room's log, from `seq` 1 on.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub facts: Vec<Fact>,
    /// Messages by `seq`, as they are by now.
    pub messages: BTreeMap<i64, Option<String>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fact {
    pub kind: String,
    /// Who is meant by an *entered* or *left*.
    pub member: Option<String>,
    /// A message's id, as its author gave it.
    pub cid: Option<Uuid>,
    /// What it said when it was posted.
    pub body: Option<String>,
}

/// A send, and the `seq` with which it was acknowledged, if it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub cid: Uuid,
    /// Nobody else says the same.
    pub body: String,
    pub acknowledged: Option<i64>,
}

/// What is not as it must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// What was displayed next does not follow what was before.
    OutOfOrder { seq: i64, behind: Option<i64> },
    /// It is displayed as something else than it is.
    Another {
        seq: i64,
        is: Option<String>,
        displayed: String,
    },
    /// The end was never displayed.
    Behind { displayed: Option<i64>, head: i64 },
    /// A message is displayed with a text that it has not.
    Text { seq: i64 },
    /// A message is not displayed.
    Missing { seq: i64 },
    /// Those who are displayed as being there are others than the log says.
    Shown { present: BTreeSet<String> },
    /// Another number of members was said to be there.
    Count { seq: i64, told: i64, is: i64 },
    /// It was acknowledged and is nowhere.
    Lost { cid: Uuid, acknowledged: i64 },
    /// It was acknowledged and is elsewhere.
    Misplaced {
        cid: Uuid,
        acknowledged: i64,
        is: i64,
    },
    /// It was said once and is there at all of these.
    Repeated { body: String, seqs: Vec<i64> },
    /// Somebody entered who was there, or left who was not.
    Untrue {
        seq: i64,
        member: String,
        kind: String,
    },
    /// In the end others are present than those who are there.
    Present {
        by_the_log: BTreeSet<String>,
        in_truth: BTreeSet<String>,
    },
}

impl Truth {
    pub fn head(&self) -> i64 {
        i64::try_from(self.facts.len()).expect("it is in memory")
    }

    fn kind(&self, seq: i64) -> Option<&str> {
        let place = usize::try_from(seq - 1).ok()?;
        self.facts.get(place).map(|fact| fact.kind.as_str())
    }

    /// Who is there after this `seq`.
    pub fn present_at(&self, seq: i64) -> BTreeSet<String> {
        let mut present = BTreeSet::new();
        for (_, fact) in (1..=seq).zip(&self.facts) {
            let Some(member) = &fact.member else { continue };
            if fact.kind == "entered" {
                present.insert(member.clone());
            } else {
                present.remove(member);
            }
        }
        present
    }

    fn places<'t, K: Ord>(&'t self, key: impl Fn(&'t Fact) -> Option<K>) -> BTreeMap<K, Vec<i64>> {
        let mut places: BTreeMap<K, Vec<i64>> = BTreeMap::new();
        for (seq, fact) in (1..).zip(&self.facts) {
            if let Some(key) = key(fact) {
                places.entry(key).or_default().push(seq);
            }
        }
        places
    }
}

/// A display is the room's log from where it began: in order, without gap or repetition, its texts
/// are as they are now, and those are there who are.
pub fn check_display(display: &Display, truth: &Truth) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let (mut last, mut began) = (None, 0);
    for (seq, kind) in &display.applied {
        if kind == SNAPSHOT {
            (last, began) = (Some(*seq), *seq);
            continue;
        }
        if last.is_some_and(|last| *seq != last + 1) {
            let (seq, behind) = (*seq, last);
            wrong.push(Wrong::OutOfOrder { seq, behind });
        }
        if truth.kind(*seq) != Some(kind) {
            wrong.push(Wrong::Another {
                seq: *seq,
                is: truth.kind(*seq).map(str::to_owned),
                displayed: kind.clone(),
            });
        }
        last = Some(*seq);
    }
    let (displayed, head) = (last, truth.head());
    if displayed != Some(head) {
        wrong.push(Wrong::Behind { displayed, head });
    }
    for (seq, text) in &display.messages {
        if truth.messages.get(seq) != Some(text) {
            wrong.push(Wrong::Text { seq: *seq });
        }
    }
    for seq in truth.messages.range(began + 1..).map(|(seq, _)| *seq) {
        if !display.messages.contains_key(&seq) {
            wrong.push(Wrong::Missing { seq });
        }
    }
    if display.present != truth.present_at(head) {
        let present = display.present.clone();
        wrong.push(Wrong::Shown { present });
    }
    wrong.extend(check_counts(display, truth));
    wrong
}

/// As many are said to be there as are.
fn check_counts(display: &Display, truth: &Truth) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (seq, told) in display.counts.iter().copied() {
        let present = truth.present_at(seq).len();
        let is = i64::try_from(present).expect("it is in memory");
        if told != is {
            wrong.push(Wrong::Count { seq, told, is });
        }
    }
    wrong
}

/// Every acknowledged send is in the log once, where it was said to be; every other one at most
/// once.
pub fn check_sends(sent: &[Sent], truth: &Truth) -> Vec<Wrong> {
    let cids = truth.places(|fact| fact.cid);
    let bodies = truth.places(|fact| fact.body.as_deref());
    let mut wrong = Vec::new();
    for Sent {
        cid,
        body,
        acknowledged,
    } in sent
    {
        let (cid, body) = (*cid, body.as_str());
        for seqs in [cids.get(&cid), bodies.get(body)].into_iter().flatten() {
            if seqs.len() > 1 {
                wrong.push(Wrong::Repeated {
                    body: body.to_owned(),
                    seqs: seqs.clone(),
                });
            }
        }
        let Some(acknowledged) = *acknowledged else {
            continue;
        };
        match cids.get(&cid).map(|seqs| seqs[0]) {
            None => wrong.push(Wrong::Lost { cid, acknowledged }),
            Some(is) if is == acknowledged => {}
            Some(is) => wrong.push(Wrong::Misplaced {
                cid,
                acknowledged,
                is,
            }),
        }
    }
    wrong
}

/// Nobody enters twice or leaves twice, and in the end those are present who are there.
pub fn check_presence(truth: &Truth, there: &BTreeSet<String>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut present = BTreeSet::new();
    for (seq, fact) in (1..).zip(&truth.facts) {
        let Some(member) = &fact.member else { continue };
        let changes = match fact.kind.as_str() {
            "entered" => present.insert(member.clone()),
            "left" => present.remove(member),
            _ => true,
        };
        if !changes {
            let (member, kind) = (member.clone(), fact.kind.clone());
            wrong.push(Wrong::Untrue { seq, member, kind });
        }
    }
    if present != *there {
        wrong.push(Wrong::Present {
            by_the_log: present,
            in_truth: there.clone(),
        });
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: Uuid = Uuid::from_u128(7);

    fn fact(kind: &str) -> Fact {
        Fact {
            kind: kind.to_owned(),
            ..Fact::default()
        }
    }

    fn of(kind: &str, member: &str) -> Fact {
        Fact {
            member: Some(member.to_owned()),
            ..fact(kind)
        }
    }

    fn said(cid: Uuid, body: &str) -> Fact {
        Fact {
            cid: Some(cid),
            body: Some(body.to_owned()),
            ..fact("message_posted")
        }
    }

    /// Opened, Ann enters, says two things, Bob has a look and goes.
    fn truth() -> Truth {
        Truth {
            facts: vec![
                fact("opened"),
                of("entered", "ann"),
                said(CID, "one"),
                of("entered", "bob"),
                said(Uuid::from_u128(8), "two"),
                of("left", "bob"),
            ],
            messages: [(3, Some("one")), (5, Some("two"))]
                .map(|(seq, text)| (seq, text.map(str::to_owned)))
                .into(),
        }
    }

    fn display() -> Display {
        let facts = truth().facts;
        let events = (2..).zip(facts.into_iter().skip(1));
        let applied = events.map(|(seq, fact)| (seq, fact.kind));
        Display {
            applied: [(1, SNAPSHOT.to_owned())]
                .into_iter()
                .chain(applied)
                .collect(),
            messages: truth().messages,
            present: BTreeSet::from(["ann".to_owned()]),
            counts: vec![(1, 0)],
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
            let (seq, _) = display.applied.remove(dropped);
            display.messages.remove(&seq);
            assert!(!check_display(&display, &truth()).is_empty(), "{seq}");
        }
        let mut lost = display();
        lost.messages.remove(&5);
        assert_eq!(check_display(&lost, &truth()), [Wrong::Missing { seq: 5 }]);
    }

    #[test]
    fn what_is_displayed_twice_or_as_it_was_is_found() {
        let mut twice = display();
        twice.applied.insert(3, (3, "message_posted".to_owned()));
        let wrong = check_display(&twice, &truth());
        let behind = Some(3);
        assert_eq!(wrong, [Wrong::OutOfOrder { seq: 3, behind }]);
        let mut retracted = truth();
        retracted.messages.insert(3, None);
        let wrong = check_display(&display(), &retracted);
        assert_eq!(wrong, [Wrong::Text { seq: 3 }]);
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
            doubled.facts.push(said(cid, "one"));
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
        counted.counts.push((4, 3));
        let (seq, told, is) = (4, 3, 2);
        assert_eq!(
            check_display(&counted, &truth()),
            [Wrong::Count { seq, told, is }]
        );
    }
}
