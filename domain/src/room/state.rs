//! What a room is now, as far as decisions need it: small, whatever was said in it.
//!
//! Sets are shared, since the state is cloned for every batch of messages and those leave the
//! sets alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Admission, Event};
use crate::{FilmId, Fingerprint, MemberId};

/// Sends that a room remembers for its limits; beyond it the oldest are forgotten, and forgiven.
pub const RECENT_SENDS: usize = 512;

type Until = BTreeMap<MemberId, Option<DateTime<Utc>>>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub film: Option<FilmId>,
    pub name: Fingerprint,
    pub description: Fingerprint,
    pub admission: Admission,
    pub closes_when_empty: bool,
    pub archived: bool,
    pub maker: MemberId,
    pub moderators: Arc<BTreeSet<MemberId>>,
    pub invited: Arc<BTreeSet<MemberId>>,
    pub present: Arc<BTreeSet<MemberId>>,
    /// May hold some that are over.
    pub mutes: Arc<Until>,
    /// May hold some that are over.
    pub bans: Arc<Until>,
    pub slow_mode_seconds: u32,
    /// The last message's ordinal.
    pub last_n: i64,
    /// Oldest first. For limits alone, and shown to nobody.
    #[serde(skip_serializing_if = "crate::sealed::is_shown")]
    pub recent: VecDeque<Sent>,
    /// When somebody last left, spoke or opened it.
    pub quiet_since: DateTime<Utc>,
}

/// A message that was sent lately.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    pub member: MemberId,
    pub cid: Uuid,
    pub at: DateTime<Utc>,
}

/// What a member is in a room; the later ones may do what the earlier ones may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Member,
    Moderator,
    Maker,
}

impl State {
    pub fn role(&self, member: MemberId) -> Role {
        if self.maker == member {
            Role::Maker
        } else if self.moderators.contains(&member) {
            Role::Moderator
        } else {
            Role::Member
        }
    }

    /// Whether the room is there for a member at all.
    pub fn is_open_to(&self, member: MemberId) -> bool {
        match self.admission {
            Admission::Public => true,
            Admission::Invitation => {
                self.role(member) > Role::Member || self.invited.contains(&member)
            }
        }
    }

    pub fn is_muted(&self, member: MemberId, at: DateTime<Utc>) -> bool {
        holds(&self.mutes, member, at)
    }

    pub fn is_banned(&self, member: MemberId, at: DateTime<Utc>) -> bool {
        holds(&self.bans, member, at)
    }

    /// `None`: nothing has happened yet.
    pub fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::Opened(opened) = event {
            return Some(Self {
                film: opened.film,
                name: opened.name.fingerprint(),
                description: opened.description.fingerprint(),
                admission: opened.admission,
                closes_when_empty: opened.closes_when_empty,
                archived: false,
                maker: opened.member,
                moderators: Arc::default(),
                invited: Arc::default(),
                present: Arc::default(),
                mutes: Arc::default(),
                bans: Arc::default(),
                slow_mode_seconds: 0,
                last_n: 0,
                recent: VecDeque::new(),
                quiet_since: opened.at,
            });
        }
        let mut room = before?;
        room.take(event);
        Some(room)
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Opened(_) => unreachable!("a room is opened once"),
            Event::Renamed(renamed) => self.name = renamed.name.fingerprint(),
            Event::Described(described) => self.description = described.description.fingerprint(),
            Event::ClosingChosen(chosen) => self.closes_when_empty = chosen.closes_when_empty,
            Event::Archived(_) => self.archived = true,
            Event::Reopened(reopened) => {
                self.archived = false;
                self.quiet_since = reopened.at;
            }
            Event::MessagePosted(posted) => {
                self.last_n = posted.n;
                self.quiet_since = posted.at;
                self.recent.push_back(Sent {
                    member: posted.member,
                    cid: posted.cid,
                    at: posted.at,
                });
                if self.recent.len() > RECENT_SENDS {
                    self.recent.pop_front();
                }
            }
            // a message's own affair
            Event::MessageEdited(_)
            | Event::MessageRetracted(_)
            | Event::Reacted(_)
            | Event::Unreacted(_) => {}
            Event::Entered(entered) => add(&mut self.present, entered.member),
            Event::Left(left) => {
                remove(&mut self.present, left.member);
                self.quiet_since = left.at;
            }
            Event::Invited(invited) => add(&mut self.invited, invited.member),
            Event::InvitationDeclined(declined) => remove(&mut self.invited, declined.member),
            Event::Muted(muted) => {
                hold(&mut self.mutes, muted.member, muted.until, muted.at);
            }
            Event::Unmuted(unmuted) => lift(&mut self.mutes, unmuted.member),
            Event::Removed(removed) => remove(&mut self.invited, removed.member),
            Event::Banned(banned) => {
                remove(&mut self.invited, banned.member);
                hold(&mut self.bans, banned.member, banned.until, banned.at);
            }
            Event::Unbanned(unbanned) => lift(&mut self.bans, unbanned.member),
            Event::SlowModeSet(set) => self.slow_mode_seconds = set.seconds,
            Event::ModeratorAppointed(appointed) => add(&mut self.moderators, appointed.member),
            Event::ModeratorDismissed(dismissed) => {
                remove(&mut self.moderators, dismissed.member);
            }
        }
    }
}

fn add(members: &mut Arc<BTreeSet<MemberId>>, member: MemberId) {
    Arc::make_mut(members).insert(member);
}

fn remove(members: &mut Arc<BTreeSet<MemberId>>, member: MemberId) {
    Arc::make_mut(members).remove(&member);
}

/// Those that are over at that time go, so that they don't pile up.
fn hold(
    members: &mut Arc<Until>,
    member: MemberId,
    until: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) {
    let members = Arc::make_mut(members);
    members.retain(|_, until| until.is_none_or(|until| until > at));
    members.insert(member, until);
}

fn lift(members: &mut Arc<Until>, member: MemberId) {
    Arc::make_mut(members).remove(&member);
}

fn holds(members: &Until, member: MemberId, at: DateTime<Utc>) -> bool {
    let until = members.get(&member);
    until.is_some_and(|until| until.is_none_or(|until| until > at))
}
