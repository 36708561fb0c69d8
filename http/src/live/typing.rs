//! Who is typing: told to the followers of a room on every node, and never recorded.
//!
//! It goes through the database's `NOTIFY` also on the node where it is typed, so that there is
//! one way. What is lost with a connection is missed by nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::MemberId;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use uuid::Uuid;

use super::frame;
use super::hub::Shared;
use super::protocol::{Passing, Told};

const CHANNEL: &str = "reeltime_typing";
/// How often a member is told of who types in a room.
const FLUSH_EVERY: Duration = Duration::from_millis(400);
/// A client shows it for so long.
const TTL: Duration = Duration::from_secs(6);
/// Told at once, of one node; a notification has less than 8,000 bytes. More are left out.
const AT_ONCE: usize = 100;
const PAUSE: Duration = Duration::from_secs(1);
/// A server that lets nobody in is asked again after so long, and a [`PAUSE`].
const LISTEN_WITHIN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Typing {
    here: Mutex<BTreeSet<(Uuid, Uuid)>>,
}

impl Typing {
    pub fn add(&self, room: Uuid, member: MemberId) {
        let mut here = self.here.lock().expect("no panic under this lock");
        if here.len() < AT_ONCE {
            here.insert((room, member.0));
        }
    }

    fn take(&self) -> BTreeSet<(Uuid, Uuid)> {
        std::mem::take(&mut *self.here.lock().expect("no panic under this lock"))
    }
}

/// Tells all nodes of who types here.
pub async fn announce(pool: PgPool, hub: Arc<Shared>) {
    let mut ticks = tokio::time::interval(FLUSH_EVERY);
    loop {
        ticks.tick().await;
        let typing = hub.typing.take();
        if typing.is_empty() {
            continue;
        }
        let pairs = typing.iter();
        let lines: Vec<String> = pairs
            .map(|(room, member)| format!("{} {}", room.simple(), member.simple()))
            .collect();
        let told = sqlx::query("select pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(lines.join("\n"))
            .execute(&pool)
            .await;
        if let Err(error) = told {
            tracing::debug!(%error, "nobody is told who types");
        }
    }
}

/// Hears of who types anywhere.
pub async fn listen(pool: PgPool, hub: Arc<Shared>) {
    loop {
        let own = event_log::beside(&pool, LISTEN_WITHIN);
        if let Ok(mut listener) = PgListener::connect_with(&own).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            while let Ok(Some(heard)) = listener.try_recv().await {
                pass_on(&hub, heard.payload()).await;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn pass_on(hub: &Shared, payload: &str) {
    let mut rooms: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for line in payload.lines() {
        let pair = line.split_once(' ');
        let pair = pair.and_then(|(room, member)| Some((room.parse().ok()?, member.parse().ok()?)));
        let Some((room, member)) = pair else { continue };
        rooms.entry(room).or_default().insert(member);
    }
    for (id, members) in rooms {
        let Some(room) = hub.rooms().get(&id).cloned() else {
            continue;
        };
        let names = hub.names.by_now(&members).await;
        room.pass(frame::of(&Told::Ephemeral {
            room: id,
            k: Passing::Typing,
            members: members.into_iter().collect(),
            ttl_ms: u64::try_from(TTL.as_millis()).expect("seconds"),
            names,
        }));
    }
}
