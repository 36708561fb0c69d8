//! Everybody who is connected to this node, and how many that may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::MemberId;
use rand::RngExt;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use super::close::Close;
use super::link::Link;

/// Of one member, on one node. Beyond: closed 4013, so that a client that runs wild hurts itself.
pub const PER_MEMBER: usize = 8;
/// On one node, of everybody. Beyond: closed 4013; the client tries again, perhaps elsewhere.
pub const PER_NODE: usize = 50_000;
/// Moving clients come back over this time, each at its own.
const DRAIN_SPREAD: Duration = Duration::from_secs(5);
/// Whoever has not moved by then is closed.
const DRAIN_WITHIN: Duration = Duration::from_secs(8);

#[derive(Default)]
pub struct Connections {
    open: Mutex<Open>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Open {
    links: HashMap<Uuid, (Arc<Link>, Option<Session>)>,
    by_member: HashMap<MemberId, usize>,
    draining: bool,
}

/// The digest of a session's token: while the vault has it, the connection may stay.
pub type Session = Vec<u8>;

/// A connection's place; it is free again when this goes.
pub struct Seat {
    connections: Arc<Connections>,
    pub link: Arc<Link>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.leave(&self.link);
    }
}

impl Connections {
    /// A place for a new connection, unless there are too many or the node is going down.
    pub fn take(
        self: &Arc<Self>,
        id: Uuid,
        member: Option<MemberId>,
        session: Option<Session>,
    ) -> Result<Seat, Close> {
        let mut open = self.open();
        if open.draining {
            return Err(Close::Drain);
        }
        if open.links.len() >= PER_NODE {
            return Err(Close::TooMany);
        }
        if let Some(member) = member {
            let connections = open.by_member.entry(member).or_default();
            if *connections >= PER_MEMBER {
                return Err(Close::TooMany);
            }
            *connections += 1;
        }
        let link = Arc::new(Link::new(id, member));
        open.links.insert(id, (Arc::clone(&link), session));
        self.count.send_replace(open.links.len());
        Ok(Seat {
            connections: Arc::clone(self),
            link,
        })
    }

    fn leave(&self, link: &Link) {
        let mut open = self.open();
        open.links.remove(&link.id);
        if let Some(member) = link.member
            && let Some(connections) = open.by_member.get_mut(&member)
        {
            *connections -= 1;
            if *connections == 0 {
                open.by_member.remove(&member);
            }
        }
        self.count.send_replace(open.links.len());
    }

    pub fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Ends all of them.
    pub fn close_all(&self, close: Close) {
        for (link, _) in self.open().links.values() {
            link.close(close);
        }
    }

    /// The sessions on which somebody is connected.
    pub fn sessions(&self) -> Vec<Session> {
        let open = self.open();
        let mut sessions: Vec<Session> = open
            .links
            .values()
            .filter_map(|(_, session)| session.clone())
            .collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    /// Ends those whose session is over.
    pub fn close_sessions(&self, over: &[Session]) {
        for (link, session) in self.open().links.values() {
            if session
                .as_ref()
                .is_some_and(|session| over.contains(session))
            {
                link.close(Close::SignedOut);
            }
        }
    }

    /// From now on nobody gets a place.
    pub fn take_no_more(&self) {
        self.open().draining = true;
    }

    /// Sends everybody away, each at a time of their own, and waits until they are gone.
    pub async fn drain(&self) {
        {
            let open = self.open();
            let mut random = rand::rng();
            for (link, _) in open.links.values() {
                let spread = u64::try_from(DRAIN_SPREAD.as_millis()).expect("seconds");
                link.goaway(random.random_range(0..spread));
            }
        }
        let mut count = self.count.subscribe();
        let moved = timeout(DRAIN_WITHIN, count.wait_for(|count| *count == 0));
        if moved.await.is_err() {
            self.close_all(Close::Drain);
            // each takes the time of a farewell
            let _ = timeout(DRAIN_SPREAD, count.wait_for(|count| *count == 0)).await;
        }
    }

    pub fn is_draining(&self) -> bool {
        self.open().draining
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().expect("no panic under this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Option<MemberId> = Some(MemberId(Uuid::from_u128(1)));

    #[test]
    fn a_member_has_eight_connections_and_gets_them_back() {
        let connections = Arc::new(Connections::default());
        let take = |number| connections.take(Uuid::from_u128(number), ANN, None);
        let mut seats: Vec<Seat> = (0..8).map(|number| take(number).unwrap()).collect();
        assert_eq!(take(8).err(), Some(Close::TooMany));
        assert!(connections.take(Uuid::from_u128(9), None, None).is_ok());
        seats.pop();
        assert!(take(10).is_ok());
        seats.clear();
        assert_eq!(connections.count(), 0);
        assert!(connections.open().by_member.is_empty());
    }

    #[test]
    fn a_session_that_is_over_ends_its_connections_alone() {
        let connections = Arc::new(Connections::default());
        let over = vec![1];
        let first = connections.take(Uuid::from_u128(1), ANN, Some(over.clone()));
        let second = connections.take(Uuid::from_u128(2), ANN, Some(vec![2]));
        connections.close_sessions(&[over]);
        assert_eq!(first.unwrap().link.take().close, Some(Close::SignedOut));
        assert_eq!(second.unwrap().link.take().close, None);
    }
}
