//! What must be true of live rooms, whatever was killed, cut or repeated: checked on what clients
//! have displayed and been told, against the log.

mod order;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::live::{Applied, Display, Posted};

pub use order::{
    BANNED, ORDER_KEPT, Order, REMOVED, Rule, Sitting, Verdict, check_order, check_shown,
};

/// Messages in a snapshot, where the room has so many.
const NEWEST: usize = 100;

/// A room's log, from `seq` 1 on.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub facts: Vec<Fact>,
    /// Messages by `seq`, as they are by now.
    pub messages: BTreeMap<i64, Posted>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fact {
    /// Its position in the whole log.
    pub pos: i64,
    pub at: DateTime<Utc>,
    /// What it is called to the room's readers.
    pub kind: String,
    /// Who did it, as they are told.
    pub by: Option<String>,
    /// Who asked for it.
    pub actor: String,
    /// Who is meant by an *entered* or *left*.
    pub member: Option<String>,
    /// A message's id, as its author gave it.
    pub cid: Option<Uuid>,
    /// What it said when it was posted.
    pub body: Option<String>,
    /// When its author sent it.
    pub said_at: Option<DateTime<Utc>>,
    pub order: Option<Order>,
}

/// A send, and the `seq` with which it was acknowledged, if it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub cid: Uuid,
    /// Nobody else says the same.
    pub body: String,
    pub acknowledged: Option<i64>,
}

/// A page of what was said before, and the messages that were in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrolled {
    pub before: i64,
    pub limit: usize,
    pub messages: Vec<i64>,
}

/// What is not as it must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// What was displayed next does not follow what was before.
    OutOfOrder { seq: i64, behind: Option<i64> },
    /// It is displayed as something else than it is.
    Another {
        is: Option<Box<Fact>>,
        displayed: Applied,
    },
    /// Something was missing where it came from, and had to be asked for.
    Holes { count: u64 },
    /// The end was never displayed.
    Behind { displayed: Option<i64>, head: i64 },
    /// A message is displayed with a text, an author or an ordinal that it has not.
    Said { seq: i64 },
    /// A message is not displayed.
    Missing { seq: i64 },
    /// A snapshot's messages are others than the room's newest ones were.
    Snapshot { at: i64, messages: Vec<i64> },
    /// A page of history has other messages than those that were said before it.
    History { before: i64, messages: Vec<i64> },
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
    /// It was against a rule of the room when it was recorded.
    Unruly {
        seq: i64,
        member: String,
        rule: Rule,
    },
    /// A member was shown what they may not see.
    ShownAway { seq: i64, member: String },
    /// Somebody was told that the room is closed to them as it was not.
    EndedOtherwise { told: Verdict },
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

    fn fact(&self, seq: i64) -> Option<&Fact> {
        let place = usize::try_from(seq - 1).ok()?;
        self.facts.get(place)
    }

    /// The newest messages after this `seq`, oldest first.
    fn newest_at(&self, seq: i64, most: usize) -> Vec<i64> {
        let newest = self.messages.range(..=seq).rev().take(most);
        let mut newest: Vec<i64> = newest.map(|(seq, _)| *seq).collect();
        newest.reverse();
        newest
    }

    /// When somebody last came or went.
    pub fn moved_at(&self) -> Option<DateTime<Utc>> {
        let moved = self.facts.iter().rfind(|fact| fact.member.is_some());
        moved.map(|fact| fact.at)
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

impl Fact {
    fn is(&self, displayed: &Applied) -> bool {
        match displayed {
            Applied::Snapshot { .. } => false,
            Applied::Event { pos, kind, by, .. } => {
                (&self.pos, &self.kind, &self.by) == (pos, kind, by)
            }
        }
    }
}

/// A display is the room's log from where it began: in order, without gap or repetition, its
/// messages are as they are now, and those are there who are.
pub fn check_display(display: &Display, truth: &Truth) -> Vec<Wrong> {
    let mut wrong = check_beginning(display, truth);
    let displayed = display.applied.last().map(Applied::seq);
    let head = truth.head();
    if displayed != Some(head) {
        wrong.push(Wrong::Behind { displayed, head });
    }
    for (seq, shown) in &display.messages {
        let is = truth.messages.get(seq);
        if is.is_some_and(|is| is.text != shown.text) {
            wrong.push(Wrong::Said { seq: *seq });
        }
    }
    wrong
}

/// The same of the display of who was sent away: as far as it goes, with texts as they were then.
pub fn check_beginning(display: &Display, truth: &Truth) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let (mut last, mut began) = (None, 0);
    for applied in &display.applied {
        let seq = applied.seq();
        if let Applied::Snapshot {
            count, messages, ..
        } = applied
        {
            began = seq;
            wrong.extend(check_snapshot(seq, (*count, &messages[..]), truth));
        } else {
            if last.is_some_and(|last| seq != last + 1) {
                let behind = last;
                wrong.push(Wrong::OutOfOrder { seq, behind });
            }
            let is = truth.fact(seq);
            if is.is_none_or(|fact| !fact.is(applied)) {
                let (is, displayed) = (is.cloned(), applied.clone());
                let is = is.map(Box::new);
                wrong.push(Wrong::Another { is, displayed });
            }
        }
        last = Some(seq);
    }
    if display.holes > 0 {
        let count = display.holes;
        wrong.push(Wrong::Holes { count });
    }
    let last = last.unwrap_or(0);
    for (seq, shown) in &display.messages {
        let is = truth.messages.get(seq);
        if is.is_none_or(|is| (&is.by, is.n) != (&shown.by, shown.n)) {
            wrong.push(Wrong::Said { seq: *seq });
        }
    }
    let since = truth.messages.range(began + 1..).map(|(seq, _)| *seq);
    for seq in since.take_while(|seq| *seq <= last) {
        if !display.messages.contains_key(&seq) {
            wrong.push(Wrong::Missing { seq });
        }
    }
    if display.present != truth.present_at(last) {
        let present = display.present.clone();
        wrong.push(Wrong::Shown { present });
    }
    wrong
}

/// As many are said to be there as were, and it has the newest messages, all of them.
fn check_snapshot(at: i64, (count, messages): (i64, &[i64]), truth: &Truth) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let present = truth.present_at(at).len();
    let is = i64::try_from(present).expect("it is in memory");
    if count != is {
        let (seq, told) = (at, count);
        wrong.push(Wrong::Count { seq, told, is });
    }
    if messages != truth.newest_at(at, NEWEST) {
        let messages = messages.to_vec();
        wrong.push(Wrong::Snapshot { at, messages });
    }
    wrong
}

/// Whoever scrolls back finds all that was said, without a gap.
pub fn check_history(scrolled: &[Scrolled], truth: &Truth) -> Vec<Wrong> {
    let is_wrong = |page: &&Scrolled| {
        let said = truth.newest_at(page.before - 1, page.limit);
        page.messages != said
    };
    let wrong = scrolled.iter().filter(is_wrong).map(|page| Wrong::History {
        before: page.before,
        messages: page.messages.clone(),
    });
    wrong.collect()
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
mod tests;
