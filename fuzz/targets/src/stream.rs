//! What comes through a socket, as the live rooms read it.

use std::io::{self, Read, Write};

use tungstenite::Message;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use web::live::deflate::Unpacking;
use web::live::protocol::Said;
use web::live::{FRAME_BYTES, READ_BUFFER_BYTES};

/// A client's frames. The first byte says whether it may pack them, and how many bytes come at a
/// time.
pub fn frames(data: &[u8]) -> bool {
    let Some((&manner, stream)) = data.split_first() else {
        return false;
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let mut protocol = WebSocketContext::new(Role::Server, Some(config));
    let mut wire = Wire {
        trickle: Trickle {
            left: stream,
            at_once: 1 + usize::from(manner >> 1) * 32,
        },
        unpacking: (manner & 1 == 1).then(|| Unpacking::new(&[])),
    };
    let mut is_something = false;
    while let Ok(message) = protocol.read(&mut wire) {
        is_something = true;
        assert!(message.len() <= FRAME_BYTES, "{} bytes", message.len());
        if let Message::Text(text) = message
            && let Ok(said) = serde_json::from_str::<Said>(&text)
        {
            let _ = (said.id(), said.room(), said.cid());
        }
    }
    is_something
}

struct Wire<'d> {
    trickle: Trickle<'d>,
    unpacking: Option<Unpacking>,
}

struct Trickle<'d> {
    left: &'d [u8],
    at_once: usize,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.unpacking {
            Some(unpacking) => unpacking.read(&mut self.trickle, buffer),
            None => self.trickle.read(buffer),
        }
    }
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.at_once.min(buffer.len());
        self.left.read(&mut buffer[..most])
    }
}

/// Answers (to pings, to wrong frames) go nowhere.
impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
