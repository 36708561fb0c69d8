//! Live rooms over real sockets: on one node and on two.

mod document;
mod doors;
mod draining;
mod dying;
mod forgetting;
mod lost;
mod order;
mod packing;
mod posting;
mod presence;
mod scrolling;
mod sent_away;
mod slow;
mod stopped;
mod streaming;
mod swarm;
mod talking;
mod unnamed;

use std::sync::Arc;

use commands::Sequencer;
use commands::room::Open;
use domain::room::Admission;
use domain::{MemberId, RoomDescription, RoomId, RoomName};
use serde_json::json;
use tests::described::Described;
use tests::live::{Display, Next, Socket};
use tests::site::{Member, Site};
use tests::{history, new_id};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// A room of Ann's on one node.
struct Stage {
    site: Site,
    url: String,
    ann: Member,
    bob: Member,
    room: String,
}

impl Stage {
    async fn set() -> Stage {
        let site = Site::start().await;
        let url = site.serve().await;
        let (ann, bob) = (site.ann().await, site.bob().await);
        let room = open_room(&site, &ann).await;
        Stage {
            site,
            url,
            ann,
            bob,
            room,
        }
    }
}

/// A new public room of the member.
pub async fn open_room(site: &Site, maker: &Member) -> String {
    open_room_for(site, maker, Admission::Public).await
}

async fn open_room_for(site: &Site, maker: &Member, admission: Admission) -> String {
    open_by(&site.app.sequencer, id_of(maker), admission).await
}

async fn open_by(sequencer: &Sequencer, member: MemberId, admission: Admission) -> String {
    let room = RoomId(new_id());
    let command = Open {
        room,
        member,
        film: None,
        name: RoomName::new("Late show").unwrap(),
        description: RoomDescription::new("").unwrap(),
        admission,
        closes_when_empty: false,
        at: tests::now(),
    };
    let opened = commands::execute(sequencer, history::asked(member), command).await;
    opened.unwrap();
    room.to_string()
}

pub fn id_of(member: &Member) -> MemberId {
    MemberId(member.id.parse::<Uuid>().unwrap())
}

/// What nodes say of their protocol: all the same.
async fn described(url: &str) -> &'static Arc<Described> {
    static DESCRIBED: OnceCell<Arc<Described>> = OnceCell::const_new();
    let described = DESCRIBED.get_or_init(async || Arc::new(Described::of(url).await));
    described.await
}

/// A member's connection that is in a room, and what it shows.
struct Seat {
    socket: Socket,
    display: Display,
    room: String,
}

impl Seat {
    async fn take(url: &str, member: &Member, room: &str) -> Seat {
        let mut socket = Socket::open(url, Some(&member.token)).await.unwrap();
        socket.hold_to(described(url).await);
        let mut display = Display::default();
        let subscribed = socket.subscribe(room, true, None).await.unwrap();
        assert_eq!(subscribed["t"], "subscribed", "{subscribed}");
        display.subscribed(&subscribed);
        Seat {
            socket,
            display,
            room: room.to_owned(),
        }
    }

    /// Sends and returns the message's `seq`.
    async fn say(&mut self, body: &str) -> i64 {
        let ack = self.socket.send(&self.room, new_id(), body).await.unwrap();
        assert_eq!(ack["t"], "ack", "{ack}");
        ack["seq"].as_i64().unwrap()
    }

    /// Keeps order: for ten minutes, as somebody was loud. Returns the event's `seq`.
    async fn moderate(&mut self, act: &str, member: &str) -> i64 {
        let said = json!({"t": "moderate", "room": self.room, "cid": new_id(), "act": act,
                          "member": member, "for_s": 600, "reason": "Loud"});
        let ack = self.socket.ask(said).await.unwrap();
        assert_eq!(ack["t"], "ack", "{ack}");
        ack["seq"].as_i64().unwrap()
    }

    /// Reads until everything up to this `seq` is shown.
    async fn until(&mut self, seq: i64) {
        while self
            .display
            .place
            .as_ref()
            .is_none_or(|place| place.seq < seq)
        {
            let frame = self.socket.expect("events").await.unwrap();
            assert_eq!(self.display.events(&frame), Next::GoOn, "{frame}");
        }
    }

    fn shows(&self, seq: i64) -> Option<&str> {
        self.display.messages[&seq].text.as_deref()
    }
}
