//! Why a connection ends. The code is the verdict: up to 4499 the client comes back, from 4500
//! on it does not.

use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The client said goodbye.
    Goodbye,
    /// The node is going down.
    Drain,
    /// The node was taken for dead, and others have answered for it since.
    Fenced,
    /// The session is over: signed out, or too old.
    SignedOut,
    /// What it was sent could not be delivered for too long.
    TooSlow,
    /// It does not answer any more.
    NoPong,
    /// No `hello` in time, or it makes no sense.
    BadHello,
    /// A frame that can't be read.
    BadFrame,
    /// The member may not be here.
    Banned,
    /// Not how WebSocket is spoken.
    Protocol,
}

impl Close {
    pub const ALL: [Close; 10] = [
        Close::Goodbye,
        Close::Drain,
        Close::Fenced,
        Close::SignedOut,
        Close::TooSlow,
        Close::NoPong,
        Close::BadHello,
        Close::BadFrame,
        Close::Banned,
        Close::Protocol,
    ];

    pub const fn code(self) -> u16 {
        match self {
            Close::Goodbye => 1000,
            Close::Drain => 4001,
            Close::Fenced => 4003,
            Close::SignedOut => 4004,
            Close::TooSlow => 4008,
            Close::NoPong => 4012,
            Close::BadHello => 4500,
            Close::BadFrame => 4501,
            Close::Banned => 4503,
            Close::Protocol => 4506,
        }
    }

    pub const fn reason(self) -> &'static str {
        match self {
            Close::Goodbye => "goodbye",
            Close::Drain => "this node is going down",
            Close::Fenced => "this node was taken for dead",
            Close::SignedOut => "signed out",
            Close::TooSlow => "too slow",
            Close::NoPong => "no pong",
            Close::BadHello => "no hello",
            Close::BadFrame => "bad frame",
            Close::Banned => "banned",
            Close::Protocol => "protocol error",
        }
    }

    pub fn frame(self) -> CloseFrame {
        CloseFrame {
            code: CloseCode::from(self.code()),
            reason: self.reason().into(),
        }
    }
}
