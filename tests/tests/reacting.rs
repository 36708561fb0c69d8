//! Reactors do what is due, whatever stands in front of it.

use std::sync::Arc;
use std::time::Duration;

use commands::reactor::{AT_ONCE, Due, Reacting, Reactor};
use commands::room::ArchiveIdle;
use commands::{Command, Refused, Seen};
use domain::{Event, RoomId, Stream};
use serde_json::json;
use tests::new_id;
use tests::site::Site;
use uuid::Uuid;

/// What a reactor finds: a room to archive, or one that nobody can decide on.
enum Errand {
    Undecidable(RoomId),
    Archive(ArchiveIdle),
}

impl Command for Errand {
    fn streams(&self) -> Vec<Stream> {
        match self {
            Errand::Undecidable(room) => vec![room.stream()],
            Errand::Archive(archive) => archive.streams(),
        }
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        match self {
            Errand::Undecidable(room) => panic!("{room} can't be decided on"),
            Errand::Archive(archive) => archive.decide(seen),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_decided_holds_up_nothing_behind_it() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let new = json!({ "name": "Stairs", "admission": "public" });
    let opened = site
        .post("/api/v1/rooms")
        .by(&ann)
        .json(&new)
        .await
        .expect(201);
    let path = opened.header("location").to_owned();
    let room: Uuid = path.rsplit_once('/').unwrap().1.parse().unwrap();

    let later = tests::now() + commands::room::IDLE * 2;
    let walls: Vec<Uuid> = (0..AT_ONCE * 3 / 2).map(|_| new_id()).collect();
    let found = move |skip: i64| {
        let walls = walls.iter().map(|wall| Due {
            cause: *wall,
            command: Errand::Undecidable(RoomId(*wall)),
        });
        let archive = ArchiveIdle {
            room: RoomId(room),
            at: later,
        };
        let due = Due {
            cause: room,
            command: Errand::Archive(archive),
        };
        let all = walls.chain([due]).skip(usize::try_from(skip).unwrap());
        all.take(usize::try_from(AT_ONCE).unwrap()).collect()
    };
    let reacting = Reacting {
        name: "test_of_walls",
        every: Duration::from_millis(20),
        database: (*site.pool.connect_options()).clone(),
        sequencer: site.app.sequencer.clone(),
        clock: Arc::new(move || later),
        holder: new_id(),
    };
    let reactor = Reactor::start(reacting, move |_, skip| {
        let found = found(skip);
        async move { Ok(found) }
    });
    tests::until("the room is archived", || async {
        site.get(&path).await.json()["archived"] == true
    })
    .await;
    drop(reactor);
    site.end().await;
}
