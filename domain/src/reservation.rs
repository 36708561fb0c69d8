//! A name or an e-mail address that one member at a time holds.
//!
//! The stream is the uniqueness: two who want the same name write to the same stream.

use serde::{Deserialize, Serialize};

use crate::{MemberId, ReservationId, event::events};

events! {
    Reservation by reservation {
        Reserved = ("reservation.reserved", 1),
        Released = ("reservation.released", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reserved {
    pub reservation: ReservationId,
    pub kind: Kind,
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Released {
    pub reservation: ReservationId,
    pub member: MemberId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Name,
    Email,
    /// Somebody's account at a provider of sign-ins.
    Identity,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// None: released, free for the next.
    pub holder: Option<MemberId>,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        let holder = match event {
            Event::Reserved(reserved) => Some(reserved.member),
            Event::Released(_) => None,
        };
        Some(Self { holder })
    }
}
