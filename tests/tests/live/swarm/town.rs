//! Two nodes on one database of their own, and what befalls them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cluster::Cluster;
use commands::Sequencer;
use domain::room::Admission;
use event_log::Tail;
use nix::sys::signal::Signal;
use reqwest::Client as Http;
use sealing::MasterKeys;
use serde_json::Value;
use sqlx::PgPool;
use tests::database;
use tests::described::Described;
use tests::oracle::{
    Truth, Wrong, check_beginning, check_display, check_history, check_order, check_presence,
    check_sends, check_shown,
};
use tests::process::{DataDir, Process};
use tests::site::{new_member, text};
use tokio::time::Instant;

use super::client::{Act, Client, Member, Urls};
use super::crowd::Crowd;
use super::rooms::Room;
use super::truth::truth;
use super::{PATIENCE, PRESENT_WITHIN};

#[derive(Clone, Copy, Debug)]
pub enum Attack {
    Kill,
    Pause,
    Drain,
    Database,
    Storm,
}

impl Attack {
    pub const ALL: [Attack; 5] = [
        Attack::Kill,
        Attack::Pause,
        Attack::Drain,
        Attack::Database,
        Attack::Storm,
    ];
}

pub struct Town {
    cluster: Option<Cluster>,
    database: DataDir,
    addresses: [String; 4],
    pool: PgPool,
    keys: DataDir,
    nodes: [Option<Process>; 2],
    pub urls: Urls,
}

impl Town {
    pub async fn begin() -> Town {
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
            urls: Urls::default(),
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

    /// What a node says of its protocol.
    pub async fn described(&self) -> Arc<Described> {
        let url = self.urls.read().unwrap()[0].clone();
        Arc::new(Described::of(&url).await)
    }

    pub async fn members(&self, count: usize) -> Vec<Member> {
        let url = self.urls.read().unwrap()[0].clone();
        let mut members = Vec::new();
        for _ in 0..count {
            let name = format!("Member {}", tests::new_id().as_u64_pair().1);
            let request = Http::new().post(format!("{url}/api/v1/members"));
            let request = request.json(&new_member(&name));
            let session: Value = request.send().await.unwrap().json().await.unwrap();
            let token = text(&session["token"]);
            tests::secrets::remember(&token);
            members.push(Member {
                id: text(&session["member"]["id"]),
                token,
            });
        }
        members
    }

    /// One more that records, beside the nodes.
    pub async fn sequencer(&self) -> Sequencer {
        let pool = database::pool(self.cluster.as_ref().unwrap().connect_options());
        let keyring = tests::keyring(&pool).await;
        let tail = Tail::start(pool.clone()).await.unwrap();
        let sequencer = Sequencer::start(pool, keyring, tail, tests::clock());
        sequencer.await.unwrap()
    }

    /// Each of the members who come to it in turn, and every other one by invitation.
    pub async fn rooms(&self, members: &[Member], count: usize) -> Vec<Room> {
        let sequencer = self.sequencer().await;
        let mut rooms = Vec::new();
        for number in 0..count {
            let own: Vec<&Member> = members.iter().skip(number).step_by(count).collect();
            let admission = match number % 2 {
                0 => Admission::Public,
                _ => Admission::Invitation,
            };
            rooms.push(Room::open(&sequencer, &own, (admission, &Act::USUAL[..])).await);
        }
        rooms
    }

    pub async fn attack(&mut self, attack: Attack, node: usize, pause: Duration, crowd: &Crowd) {
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
            Attack::Storm => crowd.storm(),
        }
    }

    async fn truth(&self, room: &str) -> sqlx::Result<Truth> {
        let keyring = tests::keyring(&self.pool).await;
        truth(&self.pool, &keyring, room).await
    }

    /// Waits until those are present by the log who are there in truth; the log had it in time,
    /// from when it could be known.
    pub async fn until_present(
        &self,
        there: &BTreeMap<String, BTreeSet<String>>,
        known: DateTime<Utc>,
    ) {
        let deadline = Instant::now() + PATIENCE;
        for (room, there) in there {
            let moved = loop {
                let truth = self.truth(room).await;
                let present = truth.map(|truth| (truth.present_at(truth.head()), truth.moved_at()));
                match &present {
                    Ok((present, moved)) if present == there => break *moved,
                    _ => {}
                }
                assert!(Instant::now() < deadline, "{present:?} is not {there:?}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            let late = moved.filter(|moved| *moved > known + PRESENT_WITHIN);
            assert_eq!(late, None, "presence is the truth too late after {known}");
        }
    }

    /// What the log says of the rooms. To be asked before the clients stop: who has stopped answers
    /// no ping, and has left after a while.
    pub async fn truths(
        &self,
        there: &BTreeMap<String, BTreeSet<String>>,
    ) -> BTreeMap<String, Truth> {
        let mut truths = BTreeMap::new();
        for room in there.keys() {
            truths.insert(room.clone(), self.truth(room).await.unwrap());
        }
        truths
    }

    /// What is not as it must be in a room.
    pub fn wrong(
        truth: &Truth,
        (room, there): (&str, &BTreeSet<String>),
        clients: &[Client],
    ) -> Vec<Wrong> {
        let mut wrong = check_presence(truth, there);
        wrong.extend(check_order(truth));
        let own = clients.iter().filter(|client| client.plan.room == room);
        let sent: Vec<_> = own.clone().flat_map(|client| client.sent.clone()).collect();
        wrong.extend(check_sends(&sent, truth));
        for client in own {
            let member = &client.plan.member.id;
            let is_away = client.is_away && !truth.is_open_to(member);
            wrong.extend(match is_away {
                true => check_beginning(&client.display, truth),
                false => check_display(&client.display, truth),
            });
            wrong.extend(check_shown(&client.sittings, member, truth));
            wrong.extend(check_history(&client.scrolled, truth));
        }
        let acknowledged = sent.iter().filter(|sent| sent.acknowledged.is_some());
        println!(
            "{} events, {} sends acknowledged, order kept {} times",
            truth.head(),
            acknowledged.count(),
            truth.orders()
        );
        assert!(sent.len() > 10, "hardly anything was said");
        wrong
    }

    pub async fn end(mut self) {
        for node in &mut self.nodes {
            drop(node.take());
        }
        self.pool.close().await;
        self.cluster.take().unwrap().stop().await.unwrap();
    }
}
