//! Order in a room, folded from its log apart from the code that decides: who may come, speak and be
//! there at each place, and what a member was shown while they might not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Fact, Truth, Wrong};

type Time = DateTime<Utc>;

/// A wait that is shorter is none.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(1);

/// What an event means for the order in its room, and for whom.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    Opened {
        by_invitation: bool,
    },
    Archived,
    Reopened,
    Invited(String),
    Declined(String),
    /// Until when; `None`: until it is lifted.
    Muted(String, Option<Time>),
    Unmuted(String),
    SentAway(String, Verdict),
    Unbanned(String),
    SlowMode {
        seconds: u32,
    },
    Appointed(String),
    Dismissed(String),
    /// A message of this author.
    Retracted(String),
}

/// Why a room is closed to somebody, as they are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub code: String,
    pub reason: Option<String>,
    pub until: Option<Time>,
}

/// What readers are told of an order that concerns one member.
pub const ORDER_KEPT: &str = "order_kept";
pub const REMOVED: &str = "removed";
pub const BANNED: &str = "banned";

/// A rule of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// In an archived room nobody is, and nothing is said.
    Archived,
    Muted,
    Banned,
    /// Others are not there in a room by invitation.
    NotInvited,
    SlowMode,
    /// Only who keeps order has a say over others, and nobody over them.
    KeepsOrder,
    /// Whoever is sent away leaves at once.
    Leaves,
}

/// What a member was shown of a room by one subscription, or by one answer.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// When its answer was there.
    pub since: Time,
    /// The last `seq` of the answer and of each frame behind it, and when it was there.
    pub shown: Vec<(i64, Time)>,
    /// How the room was closed to them, and when they were told.
    pub ended: Option<(Verdict, Time)>,
}

/// Whether a room is there for somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Open,
    Shut(Rule),
    Until(Time),
}

impl Door {
    fn shut(self, at: Time) -> Option<Rule> {
        match self {
            Door::Open => None,
            Door::Shut(rule) => Some(rule),
            Door::Until(until) => (until > at).then_some(Rule::Banned),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Standing {
    maker: String,
    by_invitation: bool,
    is_archived: bool,
    moderators: BTreeSet<String>,
    invited: BTreeSet<String>,
    mutes: BTreeMap<String, Option<Time>>,
    bans: BTreeMap<String, Option<Time>>,
    slow_mode_s: u32,
    last_said: BTreeMap<String, Time>,
    present: BTreeSet<String>,
    /// Who was sent away just now.
    leaving: Option<String>,
}

impl Standing {
    fn keeps_order(&self, member: &str) -> bool {
        self.maker == member || self.moderators.contains(member)
    }

    fn door(&self, member: &str) -> Door {
        let is_invited = self.keeps_order(member) || self.invited.contains(member);
        match self.bans.get(member) {
            _ if self.by_invitation && !is_invited => Door::Shut(Rule::NotInvited),
            None => Door::Open,
            Some(None) => Door::Shut(Rule::Banned),
            Some(Some(until)) => Door::Until(*until),
        }
    }

    /// The rule that an event breaks, and who breaks it.
    fn broken(&self, fact: &Fact) -> Option<(String, Rule)> {
        if let Some(leaving) = &self.leaving
            && (fact.kind != "left" || fact.member.as_ref() != Some(leaving))
        {
            return Some((leaving.clone(), Rule::Leaves));
        }
        let actor = fact.actor.as_str();
        let broken = match fact.kind.as_str() {
            "message_posted" | "message_edited" | "reacted" | "unreacted" => {
                return self.speaks(fact).map(|rule| (actor.to_owned(), rule));
            }
            "entered" => {
                let member = fact.member.as_deref().unwrap_or_default();
                let archived = self.is_archived.then_some(Rule::Archived);
                let rule = self.door(member).shut(fact.at).or(archived);
                return rule.map(|rule| (member.to_owned(), rule));
            }
            "reopened" => self.door(actor).shut(fact.at),
            _ => self.orders(fact),
        };
        broken.map(|rule| (actor.to_owned(), rule))
    }

    fn speaks(&self, fact: &Fact) -> Option<Rule> {
        let speaker = fact.actor.as_str();
        if self.is_archived {
            return Some(Rule::Archived);
        }
        // what was still so when it was recorded was so when it was asked for
        let muted = self.mutes.get(speaker);
        if muted.is_some_and(|until| until.is_none_or(|until| until > fact.at)) {
            return Some(Rule::Muted);
        }
        if let Some(rule) = self.door(speaker).shut(fact.at) {
            return Some(rule);
        }
        let (at, last) = (fact.said_at?, self.last_said.get(speaker)?);
        let slow_mode = TimeDelta::seconds(self.slow_mode_s.into());
        let is_too_fast = *last + slow_mode > at + TOLERANCE;
        (is_too_fast && !self.keeps_order(speaker)).then_some(Rule::SlowMode)
    }

    fn orders(&self, fact: &Fact) -> Option<Rule> {
        let actor = fact.actor.as_str();
        let may = match fact.order.as_ref()? {
            Order::Opened { .. } | Order::Reopened => true,
            // by itself
            Order::Archived if fact.by.is_none() => true,
            Order::Retracted(author) => author == actor || self.keeps_order(actor),
            Order::Declined(member) => member == actor,
            Order::Muted(over, _) | Order::SentAway(over, _) => {
                self.keeps_order(actor) && !self.keeps_order(over)
            }
            Order::Appointed(_) | Order::Dismissed(_) => self.maker == actor,
            Order::Archived
            | Order::Invited(_)
            | Order::Unmuted(_)
            | Order::Unbanned(_)
            | Order::SlowMode { .. } => self.keeps_order(actor),
        };
        (!may).then_some(Rule::KeepsOrder)
    }

    fn take(&mut self, fact: &Fact) {
        self.leaving = None;
        if let (Some(at), Some(by)) = (fact.said_at, &fact.by) {
            self.last_said.insert(by.clone(), at);
        }
        if let Some(member) = &fact.member {
            match fact.kind.as_str() {
                "entered" => self.present.insert(member.clone()),
                _ => self.present.remove(member),
            };
        }
        match &fact.order {
            None | Some(Order::Retracted(_)) => {}
            Some(Order::Opened { by_invitation }) => {
                self.by_invitation = *by_invitation;
                self.maker.clone_from(&fact.actor);
            }
            Some(Order::Archived) => self.is_archived = true,
            Some(Order::Reopened) => self.is_archived = false,
            Some(Order::SlowMode { seconds }) => self.slow_mode_s = *seconds,
            Some(Order::Invited(member)) => {
                self.invited.insert(member.clone());
            }
            Some(Order::Declined(member)) => {
                self.invited.remove(member);
            }
            Some(Order::Muted(member, until)) => {
                self.mutes.insert(member.clone(), *until);
            }
            Some(Order::Unmuted(member)) => {
                self.mutes.remove(member);
            }
            Some(Order::SentAway(member, verdict)) => {
                self.invited.remove(member);
                if verdict.code == BANNED {
                    self.bans.insert(member.clone(), verdict.until);
                }
                self.leaving = self.present.get(member).cloned();
            }
            Some(Order::Unbanned(member)) => {
                self.bans.remove(member);
            }
            Some(Order::Appointed(member)) => {
                self.moderators.insert(member.clone());
            }
            Some(Order::Dismissed(member)) => {
                self.moderators.remove(member);
            }
        }
    }
}

/// Nothing is in the log that was against the room's rules when it was recorded.
pub fn check_order(truth: &Truth) -> Vec<Wrong> {
    let mut standing = Standing::default();
    let mut wrong = Vec::new();
    for (seq, fact) in (1..).zip(&truth.facts) {
        if let Some((member, rule)) = standing.broken(fact) {
            wrong.push(Wrong::Unruly { seq, member, rule });
        }
        standing.take(fact);
    }
    wrong
}

/// A member before the room's door, from before its first event on.
struct Path {
    doors: Vec<Door>,
    /// After which events they were sent away, and with which verdicts.
    sent_away: Vec<(i64, Verdict)>,
}

impl Path {
    fn of(member: &str, truth: &Truth) -> Path {
        let mut standing = Standing::default();
        let (mut doors, mut sent_away) = (vec![Door::Open], Vec::new());
        for (seq, fact) in (1..).zip(&truth.facts) {
            standing.take(fact);
            doors.push(standing.door(member));
            match &fact.order {
                Some(Order::SentAway(whom, verdict)) if whom == member => {
                    sent_away.push((seq, verdict.clone()));
                }
                _ => {}
            }
        }
        Path { doors, sent_away }
    }

    /// Whether the door was open at that time after some event from one to another: a server may not
    /// have heard of the later ones.
    fn is_open(&self, (from, to): (i64, i64), at: Time) -> bool {
        let last = self.doors.len() - 1;
        let place = |seq: i64| usize::try_from(seq).unwrap_or(0).min(last);
        let (from, to) = (place(from), place(to));
        let mut doors = self.doors[from..=to.max(from)].iter();
        doors.any(|door| door.shut(at).is_none())
    }
}

impl Truth {
    /// The last event that was recorded by then.
    fn known_at(&self, at: Time) -> i64 {
        let known = self.facts.partition_point(|fact| fact.at <= at);
        i64::try_from(known).expect("it is in memory")
    }

    /// Whether the room is there for somebody in the end.
    pub fn is_open_to(&self, member: &str) -> bool {
        let ended = self.facts.last().map_or(Time::MIN_UTC, |fact| fact.at);
        Path::of(member, self).is_open((self.head(), self.head()), ended)
    }

    /// How often order was kept.
    pub fn orders(&self) -> usize {
        let kept = self.facts.iter();
        kept.filter(|fact| fact.kind == ORDER_KEPT).count()
    }

    /// They leave by an order that sends them away.
    fn is_leaving(&self, member: &str, seq: i64) -> bool {
        let fact = self.fact(seq).filter(|fact| fact.kind == "left");
        fact.is_some_and(|fact| fact.member.as_deref() == Some(member))
    }
}

/// A member was shown nothing of a room that was not there for them; who was sent away, nothing of
/// what came after it, until they came again; and they were told why.
pub fn check_shown(sittings: &[Sitting], member: &str, truth: &Truth) -> Vec<Wrong> {
    let path = Path::of(member, truth);
    let mut wrong = Vec::new();
    let mut shown = |seq: i64| {
        let member = member.to_owned();
        wrong.push(Wrong::ShownAway { seq, member });
    };
    for sitting in sittings {
        for (seq, at) in &sitting.shown {
            // that they leave is known to them
            let behind = 1 + i64::from(truth.is_leaving(member, *seq));
            if !path.is_open((seq - behind, truth.known_at(*at)), *at) {
                shown(*seq);
            }
        }
        if let Some((end, _)) = path.ended(sitting, truth) {
            let mut behind = sitting.shown.iter().map(|(seq, _)| *seq);
            let goes_on =
                |seq: &i64| seq > end && !(*seq == end + 1 && truth.is_leaving(member, *seq));
            if let Some(seq) = behind.find(goes_on) {
                shown(seq);
            }
        }
    }
    wrong.extend(
        sittings
            .iter()
            .filter_map(|sitting| path.ended_otherwise(sitting, truth)),
    );
    wrong
}

impl Path {
    /// What ended a sitting: the first time that they were sent away after it had begun.
    fn ended(&self, sitting: &Sitting, truth: &Truth) -> Option<&(i64, Verdict)> {
        let began = truth.known_at(sitting.since);
        self.sent_away.iter().find(|(seq, _)| *seq > began)
    }

    fn ended_otherwise(&self, sitting: &Sitting, truth: &Truth) -> Option<Wrong> {
        let (told, at) = sitting.ended.as_ref()?;
        let known = truth.known_at(*at);
        let is_so = match self.ended(sitting, truth).filter(|(seq, _)| *seq <= known) {
            Some((_, verdict)) => told == verdict,
            // they had been sent away already while they were let in
            None => {
                let mut before = self.sent_away.iter().filter(|(seq, _)| *seq <= known);
                before.any(|(_, verdict)| told.code == verdict.code)
            }
        };
        (!is_so).then(|| Wrong::EndedOtherwise { told: told.clone() })
    }
}

#[cfg(test)]
mod tests;
