//! Everybody who is connected to this node, and how many that may be.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::MemberId;
use rand::RngExt;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use super::close::Close;
use super::link::Link;

/// Of one member, on one node. Beyond: 429, so that a client that runs wild hurts itself.
pub const PER_MEMBER: usize = 8;
/// On one node, of everybody. Beyond: 503; the client tries again, perhaps elsewhere.
pub const PER_NODE: usize = 50_000;
/// Moving clients come back over this time, each at its own.
const DRAIN_SPREAD: Duration = Duration::from_secs(5);
/// Whoever has not moved by then is closed.
pub const DRAIN_WITHIN: Duration = Duration::from_secs(8);

#[derive(Default)]
pub struct Connections {
    open: Mutex<Open>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Open {
    links: HashMap<Uuid, (Arc<Link>, Option<Session>)>,
    by_member: HashMap<MemberId, usize>,
    /// Strangers.
    by_address: HashMap<IpAddr, usize>,
    draining: bool,
}

/// The digest of a session's token: while the vault has it, the connection may stay.
pub type Session = Vec<u8>;

/// Who wants a place.
pub struct Guest {
    pub member: Option<MemberId>,
    pub session: Option<Session>,
    /// As limits count it.
    pub address: IpAddr,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSeat {
    /// The node is going down, or full.
    Here,
    /// This member or this address has too many.
    ForThem,
}

/// A connection's place; it is free again when this goes.
pub struct Seat {
    connections: Arc<Connections>,
    address: IpAddr,
    pub link: Arc<Link>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.leave(&self.link, self.address);
    }
}

impl Connections {
    /// A place for a new connection, unless there are too many or the node is going down. Strangers
    /// at one address have at most `per_address`.
    pub fn take(
        self: &Arc<Self>,
        id: Uuid,
        guest: Guest,
        per_address: usize,
    ) -> Result<Seat, NoSeat> {
        let mut open = self.open();
        if open.draining || open.links.len() >= PER_NODE {
            return Err(NoSeat::Here);
        }
        let (count, most) = match guest.member {
            Some(member) => (open.by_member.entry(member).or_default(), PER_MEMBER),
            None => (
                open.by_address.entry(guest.address).or_default(),
                per_address,
            ),
        };
        if *count >= most {
            return Err(NoSeat::ForThem);
        }
        *count += 1;
        let link = Arc::new(Link::new(id, guest.member));
        open.links.insert(id, (Arc::clone(&link), guest.session));
        self.count.send_replace(open.links.len());
        Ok(Seat {
            connections: Arc::clone(self),
            address: guest.address,
            link,
        })
    }

    fn leave(&self, link: &Link, address: IpAddr) {
        let mut open = self.open();
        open.links.remove(&link.id);
        match link.member {
            Some(member) => one_less(&mut open.by_member, &member),
            None => one_less(&mut open.by_address, &address),
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

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Option<MemberId> = Some(MemberId(Uuid::from_u128(1)));
    const PLENTY: usize = 100;

    fn guest(member: Option<MemberId>, host: u8) -> Guest {
        Guest {
            member,
            session: None,
            address: IpAddr::from([203, 0, 113, host]),
        }
    }

    #[test]
    fn a_member_has_eight_connections_and_gets_them_back() {
        let connections = Arc::new(Connections::default());
        let take = |number| connections.take(Uuid::from_u128(number), guest(ANN, 1), PLENTY);
        let mut seats: Vec<Seat> = (0..8).map(|number| take(number).unwrap()).collect();
        assert_eq!(take(8).err(), Some(NoSeat::ForThem));
        let stranger = connections.take(Uuid::from_u128(9), guest(None, 1), PLENTY);
        assert!(stranger.is_ok());
        drop(stranger);
        seats.pop();
        assert!(take(10).is_ok());
        seats.clear();
        assert_eq!(connections.count(), 0);
        assert!(connections.open().by_member.is_empty());
        assert!(connections.open().by_address.is_empty());
    }

    #[test]
    fn strangers_at_an_address_have_as_many_connections_as_they_may_and_get_them_back() {
        let connections = Arc::new(Connections::default());
        let take = |number, host| connections.take(Uuid::from_u128(number), guest(None, host), 2);
        let (first, second) = (take(1, 1).unwrap(), take(2, 1).unwrap());
        assert_eq!(take(3, 1).err(), Some(NoSeat::ForThem));
        assert!(take(4, 2).is_ok(), "another address is not concerned");
        let member = connections.take(Uuid::from_u128(7), guest(ANN, 1), 2);
        assert!(member.is_ok(), "nor is who is signed in");
        drop(second);
        assert!(take(5, 1).is_ok());
        drop(first);
        connections.take_no_more();
        assert_eq!(take(6, 3).err(), Some(NoSeat::Here));
    }

    #[test]
    fn a_session_that_is_over_ends_its_connections_alone() {
        let connections = Arc::new(Connections::default());
        let over = vec![1];
        let take = |number, session| {
            let session = Some(session);
            let guest = Guest {
                session,
                ..guest(ANN, 1)
            };
            connections.take(Uuid::from_u128(number), guest, PLENTY)
        };
        let (first, second) = (take(1, over.clone()), take(2, vec![2]));
        connections.close_sessions(&[over]);
        assert_eq!(first.unwrap().link.take().close, Some(Close::SignedOut));
        assert_eq!(second.unwrap().link.take().close, None);
    }
}
