//! WebSocket frames of a server, ready to be sent. They are not masked, so their bytes are the
//! same for every socket: serialized and framed once, shared by all.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

/// A whole text message in one frame.
const FINAL_TEXT: u8 = 0x81;
const SHORT: usize = 125;
const LENGTH_IN_2: u8 = 126;
const LENGTH_IN_8: u8 = 127;
const LONGEST_HEADER: usize = 10;

/// The text frame of a value.
pub fn of(value: &impl Serialize) -> Bytes {
    let json = serde_json::to_vec(value).expect("frames are plain data");
    text(&json)
}

/// The text frame of a JSON text.
pub fn text(json: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(json.len() + LONGEST_HEADER);
    frame.put_u8(FINAL_TEXT);
    match json.len() {
        length @ ..=SHORT => frame.put_u8(u8::try_from(length).expect("it is short")),
        length => match u16::try_from(length) {
            Ok(length) => {
                frame.put_u8(LENGTH_IN_2);
                frame.put_u16(length);
            }
            Err(_) => {
                frame.put_u8(LENGTH_IN_8);
                frame.put_u64(u64::try_from(length).expect("it is in memory"));
            }
        },
    }
    frame.extend_from_slice(json);
    frame.freeze()
}

/// The text inside a frame that [`text`] made.
pub fn payload(frame: &Bytes) -> Bytes {
    let header = match frame[1] {
        LENGTH_IN_2 => 4,
        LENGTH_IN_8 => LONGEST_HEADER,
        _ => 2,
    };
    frame.slice(header..)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket};

    use super::*;

    #[test]
    fn a_client_reads_frames_of_every_length() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
            let said = "x".repeat(length);
            let frame = text(said.as_bytes());
            assert_eq!(payload(&frame), said.as_bytes());
            let mut client =
                WebSocket::from_raw_socket(Cursor::new(frame.to_vec()), Role::Client, None);
            assert_eq!(client.read().unwrap(), Message::text(said));
        }
    }
}
