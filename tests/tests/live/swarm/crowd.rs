//! All clients of a run, and what they are told to do together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::described::Described;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::client::{Client, Heads, Member, Plan, Urls};
use super::line::Way;
use super::rooms::Room;

const LOOK_EVERY: Duration = Duration::from_millis(50);

pub struct Crowd {
    nodes: Urls,
    described: Arc<Described>,
    calm: Arc<AtomicBool>,
    heads: Arc<OnceLock<Heads>>,
    busy: Arc<AtomicUsize>,
    seated: Arc<AtomicUsize>,
    storms: Arc<AtomicUsize>,
    running: Vec<JoinHandle<Client>>,
    /// In which room each client is, and whose it is.
    seats: Vec<(String, String)>,
    /// Who is in which room.
    pub there: BTreeMap<String, BTreeSet<String>>,
}

impl Crowd {
    /// Nobody yet; what they will say and be told is described so.
    pub fn new(nodes: &Urls, described: &Arc<Described>) -> Crowd {
        Crowd {
            nodes: nodes.clone(),
            described: Arc::clone(described),
            calm: Arc::default(),
            heads: Arc::default(),
            busy: Arc::default(),
            seated: Arc::default(),
            storms: Arc::default(),
            running: Vec::new(),
            seats: Vec::new(),
            there: BTreeMap::new(),
        }
    }

    /// One client more, in a room and by which way.
    pub fn join(
        &mut self,
        urls: &Urls,
        member: &Member,
        (room, way): (&Room, Way),
        random: &mut StdRng,
    ) {
        let plan = Plan {
            urls: urls.clone(),
            nodes: self.nodes.clone(),
            described: self.described.clone(),
            member: member.clone(),
            room: room.id.clone(),
            way,
            duty: room.duty_of(member),
            calm: self.calm.clone(),
            heads: self.heads.clone(),
            busy: self.busy.clone(),
            seated: self.seated.clone(),
            storms: self.storms.clone(),
            random: StdRng::seed_from_u64(random.random()),
        };
        let there = self.there.entry(room.id.clone()).or_default();
        there.insert(member.id.clone());
        self.seats.push((room.id.clone(), member.id.clone()));
        self.running.push(tokio::spawn(Client::new(plan).run()));
    }

    /// All reload at once.
    pub fn storm(&self) {
        self.storms.fetch_add(1, Ordering::Relaxed);
    }

    /// Nobody begins anything any more; waits until everything that was begun is finished.
    pub async fn calm_down(&self, within: Duration) {
        self.calm.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + within;
        loop {
            let busy = self.busy.load(Ordering::Relaxed);
            if busy == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "{busy} never hear an answer");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until everybody is back but so many: whom the log has there by a node that is dead may
    /// leave and enter yet.
    pub async fn until_back(&self, but: usize, within: Duration) {
        let deadline = Instant::now() + within;
        loop {
            let away = self.running.len() - self.seated.load(Ordering::Relaxed);
            if away == but {
                return;
            }
            assert!(Instant::now() < deadline, "{away} are away, not {but}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How many clients a member has in a room.
    pub fn clients_of(&self, room: &str, member: &str) -> usize {
        let seats = self.seats.iter();
        let own = seats.filter(|(seat, whose)| (seat.as_str(), whose.as_str()) == (room, member));
        own.count()
    }

    /// Everybody displays all that there is up to the rooms' heads, and stops.
    pub async fn stop(self, heads: Heads) -> Vec<Client> {
        self.heads.set(heads).unwrap();
        let mut clients = Vec::new();
        for client in self.running {
            clients.push(client.await.unwrap());
        }
        clients
    }
}
