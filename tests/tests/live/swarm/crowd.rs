//! All clients of a run, and what they are told to do together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::described::Described;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::client::{Client, Member, Plan, Urls};
use super::line::Way;

pub struct Crowd {
    described: Arc<Described>,
    calm: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    busy: Arc<AtomicUsize>,
    seated: Arc<AtomicUsize>,
    storms: Arc<AtomicUsize>,
    running: Vec<JoinHandle<Client>>,
    /// Who is in which room.
    pub there: BTreeMap<String, BTreeSet<String>>,
}

impl Crowd {
    /// Nobody yet; what they will say and be told is described so.
    pub fn new(described: &Arc<Described>) -> Crowd {
        Crowd {
            described: Arc::clone(described),
            calm: Arc::default(),
            stop: Arc::default(),
            busy: Arc::default(),
            seated: Arc::default(),
            storms: Arc::default(),
            running: Vec::new(),
            there: BTreeMap::new(),
        }
    }

    /// One client more, in a room and by which way.
    pub fn join(
        &mut self,
        urls: &Urls,
        member: &Member,
        (room, way): (&str, Way),
        random: &mut StdRng,
    ) {
        let plan = Plan {
            urls: urls.clone(),
            described: self.described.clone(),
            member: member.clone(),
            room: room.to_owned(),
            way,
            calm: self.calm.clone(),
            stop: self.stop.clone(),
            busy: self.busy.clone(),
            seated: self.seated.clone(),
            storms: self.storms.clone(),
            random: StdRng::seed_from_u64(random.random()),
        };
        let there = self.there.entry(room.to_owned()).or_default();
        there.insert(member.id.clone());
        self.running.push(tokio::spawn(Client::new(plan).run()));
    }

    /// All reload at once.
    pub fn storm(&self) {
        self.storms.fetch_add(1, Ordering::Relaxed);
    }

    /// Nobody begins anything any more; waits until everything that was begun is finished and
    /// everybody is back: whom the log has there by a node that is dead may leave and enter yet.
    pub async fn calm_down(&self, within: Duration) {
        self.calm.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + within;
        loop {
            let busy = self.busy.load(Ordering::Relaxed);
            let away = self.running.len() - self.seated.load(Ordering::Relaxed);
            if (busy, away) == (0, 0) {
                return;
            }
            let in_time = Instant::now() < deadline;
            assert!(in_time, "{busy} never hear an answer, {away} are away");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everybody displays all that there is, and stops.
    pub async fn stop(self) -> Vec<Client> {
        self.stop.store(true, Ordering::Relaxed);
        let mut clients = Vec::new();
        for client in self.running {
            clients.push(client.await.unwrap());
        }
        clients
    }
}
