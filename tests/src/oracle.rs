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

#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub kind: String,
    /// Who is meant by an *entered* or *left*.
    pub member: Option<String>,
    /// A message's id, as its author gave it.
    pub cid: Option<Uuid>,
}

/// A send, and the `seq` with which it was acknowledged, if it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub cid: Uuid,
    pub acknowledged: Option<i64>,
}

impl Truth {
    pub fn head(&self) -> i64 {
        i64::try_from(self.facts.len()).expect("it is in memory")
    }

    fn kind(&self, seq: i64) -> Option<&str> {
        let place = usize::try_from(seq - 1).ok()?;
        self.facts.get(place).map(|fact| fact.kind.as_str())
    }
}

/// A display is the room's log from where it began: in order, without gap or repetition, and its
/// texts are as they are now.
pub fn check_display(display: &Display, truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut last, mut began) = (None, 0);
    for (seq, kind) in &display.applied {
        if kind == SNAPSHOT {
            (last, began) = (Some(*seq), *seq);
            continue;
        }
        if last.is_some_and(|last| *seq != last + 1) {
            wrong.push(format!("{seq} follows {last:?}"));
        }
        if truth.kind(*seq) != Some(kind) {
            let is = truth.kind(*seq);
            wrong.push(format!("{seq} is {is:?}, displayed as {kind}"));
        }
        last = Some(*seq);
    }
    if last != Some(truth.head()) {
        let head = truth.head();
        wrong.push(format!("displayed up to {last:?} of {head}"));
    }
    for (seq, text) in &display.messages {
        if truth.messages.get(seq) != Some(text) {
            wrong.push(format!("message {seq} is displayed as it is not"));
        }
    }
    for seq in truth.messages.range(began + 1..).map(|(seq, _)| seq) {
        if !display.messages.contains_key(seq) {
            wrong.push(format!("message {seq} is not displayed"));
        }
    }
    wrong
}

/// Every acknowledged send is in the log once, where it was said to be; every other one at most
/// once.
pub fn check_sends(sent: &[Sent], truth: &Truth) -> Vec<String> {
    let mut places: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for (seq, fact) in (1..).zip(&truth.facts) {
        if let Some(cid) = fact.cid {
            places.entry(cid).or_default().push(seq);
        }
    }
    let mut wrong = Vec::new();
    for (cid, places) in places.iter().filter(|(_, places)| places.len() > 1) {
        wrong.push(format!("{cid} is there {} times", places.len()));
    }
    for Sent { cid, acknowledged } in sent {
        let place = places.get(cid).and_then(|places| places.first());
        if acknowledged.is_some() && place != acknowledged.as_ref() {
            wrong.push(format!(
                "{cid} was acknowledged at {acknowledged:?}, is at {place:?}"
            ));
        }
    }
    wrong
}

/// Nobody enters twice or leaves twice, and in the end those are present who are there.
pub fn check_presence(truth: &Truth, there: &BTreeSet<String>) -> Vec<String> {
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
            wrong.push(format!("{seq}: {member} has {} before", fact.kind));
        }
    }
    if present != *there {
        wrong.push(format!(
            "present by the log: {present:?}; in truth: {there:?}"
        ));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: Uuid = Uuid::from_u128(7);

    fn fact(kind: &str, member: Option<&str>, cid: Option<Uuid>) -> Fact {
        Fact {
            kind: kind.to_owned(),
            member: member.map(str::to_owned),
            cid,
        }
    }

    /// Opened, Ann enters, says two things, Bob has a look and goes.
    fn truth() -> Truth {
        Truth {
            facts: vec![
                fact("opened", None, None),
                fact("entered", Some("ann"), None),
                fact("message_posted", None, Some(CID)),
                fact("entered", Some("bob"), None),
                fact("message_posted", None, Some(Uuid::from_u128(8))),
                fact("left", Some("bob"), None),
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
            ..Display::default()
        }
    }

    fn sent() -> Vec<Sent> {
        vec![Sent {
            cid: CID,
            acknowledged: Some(3),
        }]
    }

    #[test]
    fn what_is_right_is_right() {
        assert_eq!(check_display(&display(), &truth()), [""; 0]);
        assert_eq!(check_sends(&sent(), &truth()), [""; 0]);
        let there = BTreeSet::from(["ann".to_owned()]);
        assert_eq!(check_presence(&truth(), &there), [""; 0]);
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
        assert_eq!(
            check_display(&lost, &truth()),
            ["message 5 is not displayed"]
        );
    }

    #[test]
    fn what_is_displayed_twice_or_as_it_was_is_found() {
        let mut twice = display();
        twice.applied.insert(3, (3, "message_posted".to_owned()));
        assert!(!check_display(&twice, &truth()).is_empty());
        let mut retracted = truth();
        retracted.messages.insert(3, None);
        let wrong = check_display(&display(), &retracted);
        assert_eq!(wrong, ["message 3 is displayed as it is not"]);
    }

    #[test]
    fn an_acknowledgement_before_the_commit_is_found() {
        let mut lost = truth();
        lost.facts.remove(2);
        assert!(!check_sends(&sent(), &lost).is_empty());
    }

    #[test]
    fn a_server_that_does_not_check_cids_is_found() {
        let mut doubled = truth();
        doubled.facts.push(fact("message_posted", None, Some(CID)));
        assert_eq!(
            check_sends(&sent(), &doubled),
            [format!("{CID} is there 2 times")]
        );
    }

    #[test]
    fn a_counter_of_connections_is_found() {
        let there = BTreeSet::from(["ann".to_owned()]);
        let mut reloaded = truth();
        reloaded.facts.push(fact("entered", Some("ann"), None));
        assert!(!check_presence(&reloaded, &there).is_empty());
        let mut forgotten = truth();
        forgotten.facts.pop();
        assert!(!check_presence(&forgotten, &there).is_empty());
    }
}
