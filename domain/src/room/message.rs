//! One message of a room, with all that is about it: what editing, retracting, answering and
//! reacting are decided on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Event;
use crate::{Fingerprint, MemberId, Reaction};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    pub author: MemberId,
    pub body: Fingerprint,
    pub spoiler: bool,
    /// Who was ever named in it.
    pub named: BTreeSet<MemberId>,
    pub retracted: bool,
    pub reactions: BTreeMap<Reaction, BTreeSet<MemberId>>,
    /// Whose edits and reactions there were so far, given and taken back, and how many of each.
    pub changes: BTreeMap<MemberId, u32>,
}

impl Message {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::MessagePosted(posted) = event {
            return Some(Self {
                author: posted.member,
                body: posted.body.fingerprint(),
                spoiler: posted.spoiler,
                named: posted.mentions.iter().copied().collect(),
                retracted: false,
                reactions: BTreeMap::new(),
                changes: BTreeMap::new(),
            });
        }
        let mut message = before?;
        match event {
            Event::MessageEdited(edited) => {
                message.count(edited.member);
                message.body = edited.body.fingerprint();
                message.spoiler = edited.spoiler;
                message.named.extend(&edited.mentions);
            }
            Event::MessageRetracted(_) => {
                message.retracted = true;
                message.reactions.clear();
            }
            Event::Reacted(reacted) => {
                message.count(reacted.member);
                let members = message.reactions.entry(reacted.reaction).or_default();
                members.insert(reacted.member);
            }
            Event::Unreacted(unreacted) => {
                message.count(unreacted.member);
                if let Some(members) = message.reactions.get_mut(&unreacted.reaction) {
                    members.remove(&unreacted.member);
                }
            }
            Event::MessagePosted(_)
            | Event::Opened(_)
            | Event::Renamed(_)
            | Event::Described(_)
            | Event::ClosingChosen(_)
            | Event::Archived(_)
            | Event::Reopened(_)
            | Event::Entered(_)
            | Event::Left(_)
            | Event::Invited(_)
            | Event::InvitationDeclined(_)
            | Event::Muted(_)
            | Event::Unmuted(_)
            | Event::Removed(_)
            | Event::Banned(_)
            | Event::Unbanned(_)
            | Event::SlowModeSet(_)
            | Event::ModeratorAppointed(_)
            | Event::ModeratorDismissed(_) => unreachable!("{event:?} is about no message"),
        }
        Some(message)
    }

    fn count(&mut self, member: MemberId) {
        *self.changes.entry(member).or_default() += 1;
    }

    pub fn changes_by(&self, member: MemberId) -> u32 {
        self.changes.get(&member).copied().unwrap_or(0)
    }

    pub fn has(&self, reaction: Reaction, member: MemberId) -> bool {
        let members = self.reactions.get(&reaction);
        members.is_some_and(|members| members.contains(&member))
    }

    pub fn reactions_given(&self) -> usize {
        self.reactions.values().map(BTreeSet::len).sum()
    }
}
