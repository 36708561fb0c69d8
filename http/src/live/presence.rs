//! Presence: who of the members is in which room, over all nodes.
//!
//! A *stay* is a member in a room on this node, held by a set of connections; it begins with the
//! first and ends when the last has been gone for the linger. Who comes without a connection is on
//! a *visit*. What is so on all nodes lies in the schema `coordination`, outside the log; the log
//! gets *entered* and *left*, by commands whose ids are derived from the stay. There is no counter
//! anywhere.

mod recording;
mod rounds;
pub mod visits;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use domain::MemberId;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::hub::Hub;
use super::refusal::Refusal;
use crate::fresh;

pub use rounds::{keep, say_farewell};

/// A member whose last connection is gone may come back within this, and was never away.
pub const LINGER: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Presence {
    stays: Mutex<Stays>,
    bell: Notify,
}

#[derive(Default)]
struct Stays {
    /// This node's row, by which others know that it lives.
    node: Option<Uuid>,
    by_place: HashMap<Place, Stay>,
    /// Rows of stays that the log has ended: they go with the next round.
    over: Vec<Place>,
}

type Place = (Uuid, MemberId);
type Waiting = oneshot::Sender<Result<(), Refusal>>;

struct Stay {
    id: Uuid,
    connections: HashSet<Uuid>,
    /// Since when it has none.
    empty_since: Option<Instant>,
    state: State,
}

enum State {
    /// Not in the log yet, as far as this node knows; who waits for it, and where the log last said
    /// that they left.
    Coming {
        waiting: Vec<Waiting>,
        left: Option<i64>,
    },
    /// At this position of the log they were there.
    Here(i64),
    /// The round that recorded that they left has failed: the log has it, or not yet.
    Uncertain,
}

impl Stay {
    fn begin() -> Stay {
        Stay {
            id: fresh::id(),
            connections: HashSet::new(),
            empty_since: None,
            state: State::Coming {
                waiting: Vec::new(),
                left: None,
            },
        }
    }
}

impl Presence {
    /// Makes the member present in the room with this connection; answers when the log has it.
    pub async fn enter(
        &self,
        room: Uuid,
        member: MemberId,
        connection: Uuid,
    ) -> Result<(), Refusal> {
        let entered = {
            let mut stays = self.stays();
            let stay = stays.by_place.entry((room, member));
            let stay = stay.or_insert_with(Stay::begin);
            if matches!(stay.state, State::Uncertain) {
                *stay = Stay::begin();
            }
            stay.connections.insert(connection);
            stay.empty_since = None;
            let State::Coming { waiting, .. } = &mut stay.state else {
                return Ok(());
            };
            let (tell, entered) = oneshot::channel();
            waiting.push(tell);
            entered
        };
        self.bell.notify_one();
        // dropped with everything when the node is fenced
        entered.await.unwrap_or_else(|_| Err(Refusal::busy()))
    }

    /// Whether the member is present by this connection, as far as this node knows.
    pub fn is_here(&self, room: Uuid, member: MemberId, connection: Uuid) -> bool {
        let stays = self.stays();
        let stay = stays.by_place.get(&(room, member));
        stay.is_some_and(|stay| {
            matches!(stay.state, State::Here(_)) && stay.connections.contains(&connection)
        })
    }

    /// The connection is gone from the room, or never came.
    pub fn release(&self, room: Uuid, member: MemberId, connection: Uuid) {
        let mut stays = self.stays();
        let Some(stay) = stays.by_place.get_mut(&(room, member)) else {
            return;
        };
        stay.connections.remove(&connection);
        if stay.connections.is_empty() {
            stay.empty_since.get_or_insert_with(Instant::now);
            self.bell.notify_one();
        }
    }

    /// The log says that they left, at this position: sent away, the room archived. Whoever has
    /// entered since is there again.
    pub fn has_left(&self, room: Uuid, member: MemberId, position: i64) {
        let place = (room, member);
        let mut stays = self.stays();
        let Some(stay) = stays.by_place.get_mut(&place) else {
            return;
        };
        let is_over = match &mut stay.state {
            State::Here(since) => *since < position,
            State::Uncertain => true,
            State::Coming { left, .. } => {
                // whether before they come or after is known when they are there
                *left = (*left).max(Some(position));
                false
            }
        };
        if is_over {
            stays.by_place.remove(&place);
            stays.over.push(place);
            self.bell.notify_one();
        }
    }

    /// Of those who are here, as far as this node knows, some had left by this position of the log.
    pub fn agree(&self, room: Uuid, position: i64, is_present: impl Fn(MemberId) -> bool) {
        let here: Vec<MemberId> = {
            let stays = self.stays();
            let places = stays.by_place.keys().filter(|(place, _)| *place == room);
            places.map(|(_, member)| *member).collect()
        };
        let left = here.into_iter().filter(|member| !is_present(*member));
        left.for_each(|member| self.has_left(room, member, position));
    }

    fn stays(&self) -> MutexGuard<'_, Stays> {
        self.stays.lock().expect("no panic under the stays' lock")
    }
}

/// A connection's part in a member's presence; it is released when this goes.
pub struct Held {
    hub: Hub,
    room: Uuid,
    member: MemberId,
    /// `None`: the connection holds it by another one of these.
    connection: Option<Uuid>,
}

impl Held {
    /// Makes the member present. A caller that goes away in the middle releases what it began.
    pub async fn enter(
        hub: &Hub,
        room: Uuid,
        member: MemberId,
        connection: Uuid,
    ) -> Result<Held, Refusal> {
        let held = Held {
            hub: hub.clone(),
            room,
            member,
            connection: Some(connection),
        };
        hub.presence.enter(room, member, connection).await?;
        Ok(held)
    }

    /// Whether they are still there by it.
    pub fn stands(&self) -> bool {
        let presence = &self.hub.presence;
        self.connection
            .is_some_and(|connection| presence.is_here(self.room, self.member, connection))
    }

    /// The same connection holds it by another one of these.
    pub fn forget(mut self) {
        self.connection = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.connection {
            let presence = &self.hub.presence;
            presence.release(self.room, self.member, connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Uuid = Uuid::from_u128(9);
    const ANN: MemberId = MemberId(Uuid::from_u128(1));

    /// A member who is here since position 10.
    fn here(connections: &[u128]) -> Presence {
        let presence = Presence::default();
        let stay = Stay {
            id: Uuid::nil(),
            connections: connections.iter().copied().map(Uuid::from_u128).collect(),
            empty_since: None,
            state: State::Here(10),
        };
        presence.stays().by_place.insert((ROOM, ANN), stay);
        presence
    }

    fn is_empty(presence: &Presence) -> Option<bool> {
        let stays = presence.stays();
        let stay = stays.by_place.get(&(ROOM, ANN))?;
        Some(stay.empty_since.is_some())
    }

    #[tokio::test]
    async fn five_tabs_are_one_member_and_reloads_write_nothing() {
        let presence = here(&[1, 2, 3, 4, 5]);
        for number in 1..=500 {
            presence.release(ROOM, ANN, Uuid::from_u128(number));
            let next = Uuid::from_u128(number + 5);
            presence.enter(ROOM, ANN, next).await.unwrap();
        }
        let stays = presence.stays();
        assert_eq!(stays.by_place[&(ROOM, ANN)].connections.len(), 5);
    }

    #[test]
    fn a_goodbye_said_twice_counts_once() {
        let presence = here(&[1, 2]);
        presence.release(ROOM, ANN, Uuid::from_u128(1));
        presence.release(ROOM, ANN, Uuid::from_u128(1));
        assert_eq!(is_empty(&presence), Some(false));
        presence.release(ROOM, ANN, Uuid::from_u128(2));
        assert_eq!(is_empty(&presence), Some(true));
    }

    #[test]
    fn who_has_left_while_the_room_was_not_followed_is_not_here() {
        let presence = here(&[1]);
        presence.agree(ROOM, 9, |_| false);
        presence.agree(ROOM, 11, |member| member == ANN);
        presence.agree(Uuid::from_u128(8), 11, |_| false);
        assert_eq!(is_empty(&presence), Some(false));
        presence.agree(ROOM, 11, |_| false);
        assert_eq!(is_empty(&presence), None);
    }

    #[test]
    fn an_older_goodbye_does_not_end_a_newer_stay() {
        let presence = here(&[1]);
        presence.has_left(ROOM, ANN, 9);
        assert_eq!(is_empty(&presence), Some(false));
        presence.has_left(ROOM, ANN, 11);
        assert_eq!(is_empty(&presence), None);
    }
}
