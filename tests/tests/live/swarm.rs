//! Many clients on two real nodes, while these are killed, paused and drained and the database is
//! restarted: what everybody displays in the end is the log.
//!
//! `SEED` runs one again; `SWARM=large` is more of everything.

mod client;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cluster::Cluster;
use commands::Sequencer;
use domain::MemberId;
use domain::room::Admission;
use event_log::Tail;
use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use sealing::MasterKeys;
use serde_json::Value;
use sqlx::PgPool;
use tests::oracle::{Truth, check_display, check_presence, check_sends};
use tests::process::{DataDir, Process};
use tests::site::{new_member, text};
use tests::{database, seed};
use tokio::time::Instant;

use client::{Member, Plan};
use truth::{present, truth};

/// The size of a run.
struct Size {
    rooms: usize,
    members: usize,
    clients: usize,
    attacks: usize,
    pause: Duration,
    calm: Duration,
}

const SMALL: Size = Size {
    rooms: 2,
    members: 6,
    clients: 14,
    attacks: 4,
    pause: Duration::from_secs(9),
    calm: Duration::from_secs(2),
};
const LARGE: Size = Size {
    rooms: 8,
    members: 120,
    clients: 400,
    attacks: 30,
    pause: Duration::from_secs(30),
    calm: Duration::from_secs(5),
};
/// How long it may take until all is as it must be.
const PATIENCE: Duration = Duration::from_secs(60);
/// Whoever is gone has left by then.
const GONE_WITHIN: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
enum Attack {
    Kill,
    Pause,
    Drain,
    Database,
    Storm,
}

/// Two nodes on one database of their own.
struct Town {
    cluster: Option<Cluster>,
    database: DataDir,
    addresses: [String; 4],
    pool: PgPool,
    keys: DataDir,
    nodes: [Option<Process>; 2],
    urls: Arc<RwLock<[String; 2]>>,
    storm: Arc<AtomicUsize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_everybody_displays_in_the_end_is_the_log() {
    let size = match std::env::var("SWARM").as_deref() {
        Ok("large") => LARGE,
        _ => SMALL,
    };
    let mut random = StdRng::seed_from_u64(seed());
    let mut town = Town::begin().await;
    let members = town.members(size.members).await;
    let rooms = town.rooms(&members[0], size.rooms).await;
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let calm = Arc::<AtomicBool>::default();
    let stop = Arc::<AtomicBool>::default();
    let busy = Arc::<AtomicUsize>::default();
    let mut running = Vec::new();
    for number in 0..size.clients {
        let plan = Plan {
            urls: town.urls.clone(),
            member: members[number % members.len()].clone(),
            room: rooms[number % rooms.len()].clone(),
            calm: calm.clone(),
            stop: stop.clone(),
            busy: busy.clone(),
            storm: town.storm.clone(),
            random: StdRng::seed_from_u64(random.random()),
        };
        let present = there.entry(plan.room.clone()).or_default();
        present.insert(plan.member.id.clone());
        running.push(tokio::spawn(client::Client::new(plan).run()));
    }
    for attack in attacks(&mut random, size.attacks) {
        tokio::time::sleep(size.calm).await;
        println!("{attack:?}");
        town.attack(attack, random.random_range(0..2), size.pause)
            .await;
    }
    tokio::time::sleep(size.calm).await;
    calm.store(true, Ordering::Relaxed);
    until_idle(&busy).await;
    town.until_present(&there, PATIENCE).await;
    stop.store(true, Ordering::Relaxed);
    let mut clients = Vec::new();
    for client in running {
        clients.push(client.await.unwrap());
    }
    check_half_open(&mut clients).await;
    town.check(&there, &clients).await;
    drop(clients);
    there.values_mut().for_each(BTreeSet::clear);
    town.until_present(&there, GONE_WITHIN).await;
    town.end().await;
}

/// Waits until everything that was begun is finished.
async fn until_idle(busy: &AtomicUsize) {
    let deadline = Instant::now() + PATIENCE;
    while busy.load(Ordering::Relaxed) > 0 {
        assert!(Instant::now() < deadline, "somebody never hears an answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Nobody is kept who does not answer.
async fn check_half_open(clients: &mut [client::Client]) {
    let mut noticed = 0;
    for client in clients {
        if let Some(is_over) = client.half_open_is_over().await {
            assert!(is_over, "a line that is half open is kept");
            noticed += 1;
        }
    }
    println!("{noticed} half-open lines ended");
}

/// Each kind at least once, in any order.
fn attacks(random: &mut StdRng, count: usize) -> Vec<Attack> {
    let all = [
        Attack::Kill,
        Attack::Pause,
        Attack::Drain,
        Attack::Database,
        Attack::Storm,
    ];
    let mut attacks = all.to_vec();
    while attacks.len() < count {
        attacks.extend(all.choose(random));
    }
    attacks.shuffle(random);
    attacks
}

impl Town {
    async fn begin() -> Town {
        let database = DataDir::new();
        let cluster = Cluster::start(database.path()).await.unwrap();
        let keys = DataDir::new();
        let options = cluster.connect_options();
        let addresses = database::urls(&cluster);
        let mut town = Town {
            pool: database::pool(options),
            cluster: Some(cluster),
            database,
            addresses,
            keys,
            nodes: [None, None],
            urls: Arc::default(),
            storm: Arc::default(),
        };
        for node in 0..2 {
            town.start(node).await;
        }
        town
    }

    async fn start(&mut self, node: usize) {
        let key = MasterKeys::text(&tests::MASTER_KEY);
        let [a, b, c, d] = self.addresses.each_ref().map(String::as_str);
        let arguments = [
            [a, b],
            [c, d],
            ["--master-key", &key],
            ["--writes-per-minute", "1000000"],
            ["--sign-ups-per-hour", "1000000"],
        ];
        let process = Process::keep_starting(&self.keys, arguments.as_flattened()).await;
        self.urls.write().unwrap()[node].clone_from(&process.url);
        self.nodes[node] = Some(process);
    }

    async fn members(&self, count: usize) -> Vec<Member> {
        let url = self.urls.read().unwrap()[0].clone();
        let mut members = Vec::new();
        for number in 0..count {
            let new = new_member(&format!("Member {number}"));
            let request = Client::new().post(format!("{url}/api/v1/members"));
            let session: Value = request
                .json(&new)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let token = text(&session["token"]);
            tests::secrets::remember(&token);
            members.push(Member {
                id: text(&session["member"]["id"]),
                token,
            });
        }
        members
    }

    /// Rooms of the first member.
    async fn rooms(&self, maker: &Member, count: usize) -> Vec<String> {
        let keyring = tests::keyring(&self.pool).await;
        let tail = Tail::start(self.pool.clone()).await.unwrap();
        let sequencer = Sequencer::start(self.pool.clone(), keyring, tail, tests::clock());
        let sequencer = sequencer.await.unwrap();
        let member = MemberId(maker.id.parse().unwrap());
        let mut rooms = Vec::new();
        for _ in 0..count {
            rooms.push(super::open_by(&sequencer, member, Admission::Public).await);
        }
        rooms
    }

    async fn attack(&mut self, attack: Attack, node: usize, pause: Duration) {
        match attack {
            Attack::Kill => {
                drop(self.nodes[node].take()); // kill -9
                self.start(node).await;
            }
            Attack::Drain => {
                let draining = self.nodes[node].take().unwrap();
                let stopped = tokio::task::spawn_blocking(move || draining.stop()).await;
                assert!(stopped.unwrap().success());
                self.start(node).await;
            }
            Attack::Pause => {
                let paused = self.nodes[node].as_ref().unwrap();
                paused.signal(Signal::SIGSTOP);
                tokio::time::sleep(pause).await;
                paused.signal(Signal::SIGCONT);
            }
            Attack::Database => {
                self.cluster.take().unwrap().stop().await.unwrap();
                let restarted = Cluster::start(self.database.path()).await;
                self.cluster = Some(restarted.unwrap());
            }
            Attack::Storm => {
                self.storm.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    async fn truth(&self, room: &str) -> sqlx::Result<Truth> {
        let keyring = tests::keyring(&self.pool).await;
        truth(&self.pool, &keyring, room).await
    }

    /// Waits until those are present by the log who are there in truth.
    async fn until_present(&self, there: &BTreeMap<String, BTreeSet<String>>, within: Duration) {
        let deadline = Instant::now() + within;
        for (room, there) in there {
            loop {
                let present = self.truth(room).await.map(|truth| present(&truth));
                if present.as_ref().is_ok_and(|present| present == there) {
                    break;
                }
                assert!(Instant::now() < deadline, "{present:?} is not {there:?}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    async fn check(&self, there: &BTreeMap<String, BTreeSet<String>>, clients: &[client::Client]) {
        for (room, there) in there {
            let truth = self.truth(room).await.unwrap();
            let mut wrong = check_presence(&truth, there);
            let own = clients.iter().filter(|client| client.plan.room == *room);
            let sent: Vec<_> = own.clone().flat_map(|client| client.sent.clone()).collect();
            wrong.extend(check_sends(&sent, &truth));
            for client in own {
                wrong.extend(check_display(&client.display, &truth));
            }
            let acknowledged = sent.iter().filter(|sent| sent.acknowledged.is_some());
            println!(
                "{} events, {} sends acknowledged",
                truth.head(),
                acknowledged.count()
            );
            assert!(wrong.is_empty(), "{wrong:#?}");
            assert!(sent.len() > 10, "hardly anything was said");
        }
    }

    async fn end(mut self) {
        for node in &mut self.nodes {
            drop(node.take());
        }
        self.pool.close().await;
        self.cluster.take().unwrap().stop().await.unwrap();
    }
}
