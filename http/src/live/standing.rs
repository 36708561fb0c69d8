//! How a room stands: who may be here, who is, and what it is called.

use std::collections::BTreeMap;

use domain::room::{Event, State};
use domain::{MemberId, Reason, Sealed};

#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// `None`: nothing has happened yet.
    state: Option<State>,
    name: Words,
    description: Words,
    /// Why members are muted or banned, where it was said.
    mutes: Reasons,
    bans: Reasons,
}

type Reasons = BTreeMap<MemberId, Words>;

/// Some member's.
#[derive(Clone, Debug, Default)]
struct Words {
    text: Option<String>,
    by: Option<MemberId>,
}

/// What tells what a room is called and said to be, beside its first event: the log has an index of
/// them.
pub const TELLING: [&str; 2] = ["room.renamed", "room.described"];
/// What tells why a member is muted, and why banned, and the field that says who: the log has an
/// index of them.
pub const HOLDING: [(&str, &str); 2] = [("room.muted", "member"), ("room.banned", "member")];

impl Standing {
    /// A state, without the words that none holds: told by the events that said them last.
    pub fn of(state: State) -> Standing {
        Standing {
            state: Some(state),
            ..Standing::default()
        }
    }

    pub fn evolve(&mut self, event: &Event) {
        self.state = State::evolve(self.state.take(), event);
        self.tell(event);
    }

    /// Takes an event's words alone.
    pub fn tell(&mut self, event: &Event) {
        match event {
            Event::Opened(opened) => {
                self.name = words(opened.member, &opened.name, |name| name.as_str());
                self.description = words(opened.member, &opened.description, |text| text.as_str());
            }
            Event::Renamed(renamed) => {
                self.name = words(renamed.by, &renamed.name, |name| name.as_str());
            }
            Event::Described(described) => {
                self.description =
                    words(described.by, &described.description, |text| text.as_str());
            }
            Event::Muted(muted) => {
                let reason = muted.reason.as_ref();
                give(&mut self.mutes, muted.member, muted.by, reason);
            }
            Event::Unmuted(unmuted) => {
                self.mutes.remove(&unmuted.member);
            }
            Event::Banned(banned) => {
                let reason = banned.reason.as_ref();
                give(&mut self.bans, banned.member, banned.by, reason);
            }
            Event::Unbanned(unbanned) => {
                self.bans.remove(&unbanned.member);
            }
            _ => return,
        }
        // of what is over nothing is kept, as the state keeps nothing of it
        if let Some(state) = &self.state {
            self.mutes
                .retain(|member, _| state.mutes.contains_key(member));
            self.bans
                .retain(|member, _| state.bans.contains_key(member));
        }
    }

    /// For the member alone.
    pub fn why_muted(&self, member: MemberId) -> Option<String> {
        self.mutes.get(&member)?.text.clone()
    }

    /// For the member alone.
    pub fn why_banned(&self, member: MemberId) -> Option<String> {
        self.bans.get(&member)?.text.clone()
    }

    pub fn room(&self) -> Option<&State> {
        self.state.as_ref()
    }

    pub fn name(&self) -> Option<String> {
        self.name.text.clone()
    }

    pub fn description(&self) -> Option<String> {
        self.description.text.clone()
    }

    /// Keeps no words of those who took theirs along.
    pub fn forget_words(&mut self, is_forgotten: impl Fn(MemberId) -> bool) {
        let reasons = self.mutes.values_mut().chain(self.bans.values_mut());
        for words in reasons.chain([&mut self.name, &mut self.description]) {
            if words.by.is_some_and(&is_forgotten) {
                words.text = None;
            }
        }
    }
}

fn give(reasons: &mut Reasons, member: MemberId, by: MemberId, reason: Option<&Sealed<Reason>>) {
    let reason = reason.map(|reason| words(by, reason, |reason| reason.as_str()));
    match reason {
        Some(reason) => reasons.insert(member, reason),
        None => reasons.remove(&member),
    };
}

fn words<T>(by: MemberId, sealed: &Sealed<T>, text: impl Fn(&T) -> &str) -> Words {
    Words {
        text: sealed.open().map(|open| text(open).to_owned()),
        by: Some(by),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::RoomId;
    use domain::room::{Banned, Muted, Unbanned, Unmuted};
    use uuid::Uuid;

    use super::*;

    const ROOM: RoomId = RoomId(Uuid::from_u128(9));
    const ANN: MemberId = MemberId(Uuid::from_u128(1));
    const BOB: MemberId = MemberId(Uuid::from_u128(2));

    fn muted(reason: Option<&str>) -> Event {
        let muted = Muted {
            room: ROOM,
            member: BOB,
            by: ANN,
            until: None,
            reason: reason
                .and_then(|reason| Reason::new(reason).unwrap())
                .map(Into::into),
            at: DateTime::UNIX_EPOCH,
        };
        Event::Muted(muted)
    }

    #[test]
    fn the_log_has_an_index_of_what_tells() {
        let index = include_str!("../../../migrations/20261130050000_telling.sql");
        for event_type in TELLING {
            assert!(index.contains(&format!("'{event_type}'")), "{event_type}");
        }
        let index = include_str!("../../../migrations/20261202070000_holding.sql");
        for (event_type, member) in HOLDING {
            assert!(index.contains(&format!("'{event_type}'")), "{event_type}");
            assert!(
                index.contains(&format!("payload ->> '{member}'")),
                "{member}"
            );
        }
    }

    #[test]
    fn why_someone_is_muted_is_known_until_it_is_otherwise_or_forgotten() {
        let mut standing = Standing::default();
        let loud = Some("Loud".to_owned());
        let unmuted = Unmuted {
            room: ROOM,
            member: BOB,
            by: ANN,
        };
        for otherwise in [muted(None), Event::Unmuted(unmuted)] {
            standing.evolve(&muted(Some("Loud")));
            assert_eq!(standing.why_muted(BOB), loud);
            assert_eq!(standing.why_muted(ANN), None);
            standing.evolve(&otherwise);
            assert_eq!(standing.why_muted(BOB), None);
        }
        standing.evolve(&muted(Some("Loud")));
        standing.forget_words(|member| member == BOB);
        assert_eq!(standing.why_muted(BOB), loud, "they are its author's words");
        standing.forget_words(|member| member == ANN);
        assert_eq!(standing.why_muted(BOB), None);
    }

    #[test]
    fn why_someone_is_banned_is_known_until_the_ban_is_lifted() {
        let (room, member, by) = (ROOM, BOB, ANN);
        let mut standing = Standing::default();
        standing.evolve(&Event::Banned(Banned {
            room,
            member,
            by,
            until: None,
            reason: Reason::new("Loud").unwrap().map(Into::into),
            at: DateTime::UNIX_EPOCH,
        }));
        assert_eq!(standing.why_banned(BOB).as_deref(), Some("Loud"));
        assert_eq!(standing.why_muted(BOB), None);
        standing.evolve(&Event::Unbanned(Unbanned { room, member, by }));
        assert_eq!(standing.why_banned(BOB), None);
    }
}
