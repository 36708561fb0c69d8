//! What a node tells a connection from outside: that there is news, that a room is closed to
//! it, that it has to go.

use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use domain::MemberId;
use tokio::sync::Notify;
use uuid::Uuid;

use super::ROOMS;
use super::close::Close;
use super::protocol::Told;

/// A connection's bell and letter box, and whose it is. The box is small by construction: one
/// verdict, one date, and each room that a connection may have at most twice.
pub struct Link {
    pub id: Uuid,
    pub member: Option<MemberId>,
    bell: Notify,
    orders: Mutex<Orders>,
}

#[derive(Default)]
pub struct Orders {
    /// It ends now.
    pub close: Option<Close>,
    /// It has to move within so many milliseconds.
    pub goaway_ms: Option<u64>,
    /// Rooms that are closed to it, and why.
    pub ended: Vec<(Uuid, Verdict)>,
    /// Rooms of which its member is to hear how it stands with them.
    pub standing: Vec<Uuid>,
}

/// Why a room is closed to a connection.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub code: &'static str,
    /// A moderator's words, for the member alone.
    pub reason: Option<String>,
    /// When it is over by itself.
    pub until: Option<DateTime<Utc>>,
}

impl From<&'static str> for Verdict {
    fn from(code: &'static str) -> Verdict {
        Verdict {
            code,
            reason: None,
            until: None,
        }
    }
}

impl Verdict {
    pub fn told(self, room: Uuid) -> Told {
        Told::Ended {
            room,
            code: self.code.to_owned(),
            reason: self.reason,
            until: self.until,
        }
    }
}

impl Link {
    pub fn new(id: Uuid, member: Option<MemberId>) -> Link {
        Link {
            id,
            member,
            bell: Notify::new(),
            orders: Mutex::default(),
        }
    }

    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// Ends the connection. The first verdict stands.
    pub fn close(&self, close: Close) {
        self.orders().close.get_or_insert(close);
        self.wake();
    }

    pub fn goaway(&self, in_ms: u64) {
        self.orders().goaway_ms.get_or_insert(in_ms);
        self.wake();
    }

    pub fn end_room(&self, room: Uuid, verdict: Verdict) {
        let mut orders = self.orders();
        let is_told = orders.ended.iter().any(|(ended, _)| *ended == room);
        if !is_told && orders.ended.len() < ROOMS {
            orders.ended.push((room, verdict));
        }
        drop(orders);
        self.wake();
    }

    /// Whether a room is closed to it, and it was not told yet.
    pub fn is_closed(&self, room: Uuid) -> bool {
        let orders = self.orders();
        orders.ended.iter().any(|(ended, _)| *ended == room)
    }

    pub fn tell_standing(&self, room: Uuid) {
        let mut orders = self.orders();
        if !orders.standing.contains(&room) && orders.standing.len() < ROOMS {
            orders.standing.push(room);
        }
        drop(orders);
        self.wake();
    }

    /// Until somebody rings.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes what is in the box.
    pub fn take(&self) -> Orders {
        std::mem::take(&mut *self.orders())
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().expect("no panic under this lock")
    }
}
