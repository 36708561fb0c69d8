//! WebSocket frames of a server, ready to be sent. They are not masked, so their bytes are the
//! same for every socket: serialized, framed and packed once, shared by all.

use std::sync::OnceLock;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::deflate;

/// A whole text message in one frame.
const FINAL_TEXT: u8 = 0x81;
/// The same of a packed one.
const PACKED: u8 = 0x40;
/// A client's frame is masked; by this mask it stays as it is.
const MASKED: u8 = 0x80;
const NO_MASK: [u8; 4] = [0; 4];
const SHORT: usize = 125;
const LENGTH_IN_2: u8 = 126;
const LENGTH_IN_8: u8 = 127;
const LONGEST_HEADER: usize = 10;

/// A frame that sockets share; packed when the first socket asks for it so.
#[derive(Debug)]
pub struct Shared {
    plain: Bytes,
    packed: OnceLock<Option<Bytes>>,
}

impl Shared {
    pub fn new(plain: Bytes) -> Shared {
        Shared {
            plain,
            packed: OnceLock::new(),
        }
    }

    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// For a socket that can unpack, or can't.
    pub fn bytes(&self, packs: bool) -> &Bytes {
        let packed = packs.then(|| self.packed.get_or_init(|| deflate::pack(&self.plain)));
        packed.and_then(Option::as_ref).unwrap_or(&self.plain)
    }
}

/// The text frame of a value.
pub fn of(value: &impl Serialize) -> Bytes {
    let json = serde_json::to_vec(value).expect("frames are plain data");
    text(&json)
}

/// The text frame of a JSON text.
pub fn text(json: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(json.len() + LONGEST_HEADER);
    put_header(&mut frame, FINAL_TEXT, 0, json.len());
    frame.extend_from_slice(json);
    frame.freeze()
}

/// The frame of a packed text.
pub fn packed(text: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(text.len() + LONGEST_HEADER);
    put_header(&mut frame, FINAL_TEXT | PACKED, 0, text.len());
    frame.extend_from_slice(text);
    frame.freeze()
}

/// A text as a frame that comes from a client.
pub fn as_clients(text: &[u8], out: &mut Vec<u8>) {
    put_header(out, FINAL_TEXT, MASKED, text.len());
    out.extend_from_slice(&NO_MASK);
    out.extend_from_slice(text);
}

fn put_header(frame: &mut impl BufMut, kind: u8, mask: u8, length: usize) {
    frame.put_u8(kind);
    match length {
        length @ ..=SHORT => frame.put_u8(mask | u8::try_from(length).expect("it is short")),
        length => match u16::try_from(length) {
            Ok(length) => {
                frame.put_u8(mask | LENGTH_IN_2);
                frame.put_u16(length);
            }
            Err(_) => {
                frame.put_u8(mask | LENGTH_IN_8);
                frame.put_u64(u64::try_from(length).expect("it is in memory"));
            }
        },
    }
}

/// The text inside a frame that [`text`] made.
pub fn payload(frame: &Bytes) -> Bytes {
    let (header, _) = lengths(frame);
    frame.slice(header..)
}

/// Where the frame ends that `offset` lies in, among whole frames behind one another.
pub fn end_at(frames: &[u8], offset: usize) -> usize {
    let mut end = 0;
    while end < offset {
        let (header, text) = lengths(&frames[end..]);
        end += header + text;
    }
    end
}

/// Of a frame's header, and of what follows it.
fn lengths(frame: &[u8]) -> (usize, usize) {
    let length = |bytes: &[u8]| {
        let bytes = bytes.iter();
        bytes.fold(0, |length, byte| (length << 8) | usize::from(*byte))
    };
    match frame[1] {
        LENGTH_IN_2 => (4, length(&frame[2..4])),
        LENGTH_IN_8 => (LONGEST_HEADER, length(&frame[2..LONGEST_HEADER])),
        short => (2, short.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket};

    use super::*;

    #[test]
    fn a_torn_frame_ends_where_it_ends() {
        let lengths = [3, 200, 70_000, 0];
        let frames = lengths.map(|length| text(&vec![b'x'; length]));
        let run = frames.concat();
        let mut ends = frames.iter().scan(0, |end, frame| {
            *end += frame.len();
            Some(*end)
        });
        let mut end = ends.next().unwrap();
        for offset in 1..=run.len() {
            if offset > end {
                end = ends.next().unwrap();
            }
            assert_eq!(end_at(&run, offset), end);
        }
    }

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
