//! Another's eyes for who was sent away: nobody but a broken server has them.

use serde_json::Value;
use tests::live::{Place, Socket};
use tests::site::text;

use crate::live::swarm::client::Member;

#[derive(Default)]
pub struct Eavesdropping {
    pub is_on: bool,
    room: String,
    /// Up to where the room was shown.
    place: Option<Place>,
}

impl Eavesdropping {
    /// Keeps how far the room was shown.
    pub fn follow(&mut self, told: &Value) {
        match told["t"].as_str() {
            Some("subscribed") => {
                let from = told["from"].as_i64().map(|from| from - 1);
                let at = told["snapshot"]["at"].as_i64();
                self.room = text(&told["room"]);
                self.place = from.or(at).map(|seq| Place {
                    epoch: text(&told["epoch"]),
                    seq,
                });
            }
            Some("events") => {
                let last = told["e"].as_array().and_then(|events| events.last());
                let seq = last.and_then(|last| last["seq"].as_i64());
                if let (Some(place), Some(seq)) = (&mut self.place, seq) {
                    place.seq = place.seq.max(seq);
                }
            }
            _ => {}
        }
    }

    /// A connection of somebody who is still there, from the same place on.
    pub async fn begin(&mut self, url: &str, insider: &Member) -> Option<Socket> {
        let place = self.place.as_ref()?;
        let mut socket = Socket::open(url, Some(&insider.token)).await.ok()?;
        socket
            .subscribe(&self.room, false, Some(place))
            .await
            .ok()?;
        self.is_on = true;
        Some(socket)
    }
}
