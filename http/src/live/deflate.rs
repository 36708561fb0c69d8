//! `permessage-deflate` (RFC 7692), without a context that lasts from one message to the next: a
//! packed frame is the same for every socket, and no socket keeps a window. tungstenite does not
//! know the extension, so what clients have packed is unpacked before it reads it.

use std::cell::RefCell;
use std::io::{self, Cursor, Read};

use axum::http::HeaderMap;
use axum::http::header::SEC_WEBSOCKET_EXTENSIONS;
use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::{FRAME_BYTES, READ_BUFFER_BYTES, frame};

/// What is shorter is sent as it is.
pub const WORTHWHILE_BYTES: usize = 1_024;
/// The end of every packed message, which is not sent.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// What is agreed on with a client that offers the extension.
pub const AGREED: &str =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Whether one of a client's offers can be taken as [`AGREED`]: any but those that want a smaller
/// window than ours.
pub fn is_offered(headers: &HeaderMap) -> bool {
    let values = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
    let mut offers = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','));
    offers.any(|offer| {
        let mut words = offer.split(';').map(str::trim);
        words.next() == Some("permessage-deflate") && words.all(is_agreeable)
    })
}

fn is_agreeable(parameter: &str) -> bool {
    let (name, value) = match parameter.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
        None => (parameter, None),
    };
    match name {
        "server_no_context_takeover" | "client_no_context_takeover" => value.is_none(),
        // our window is the largest
        "server_max_window_bits" => value == Some("15"),
        "client_max_window_bits" => true,
        _ => false,
    }
}

thread_local! {
    /// A new one would be some 300 KB of zeros for each frame.
    static PACKING: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// The same text frame, packed; `None`: it is not worth it.
pub fn pack(plain: &Bytes) -> Option<Bytes> {
    let text = frame::payload(plain);
    if text.len() < WORTHWHILE_BYTES {
        return None;
    }
    let mut packed = Vec::with_capacity(text.len());
    let is_whole = PACKING.with_borrow_mut(|compress| {
        compress.reset();
        let done = compress.compress_vec(&text, &mut packed, FlushCompress::Sync);
        // what does not become shorter does not fit
        done.is_ok() && compress.total_in() == text.len() as u64
    });
    let packed = packed.strip_suffix(&TAIL).filter(|_| is_whole)?;
    Some(frame::packed(packed))
}

/// Reads a client's frames from its stream, and gives them on unpacked.
#[derive(Default)]
pub struct Unpacking {
    /// As they came: less than two frames.
    raw: Vec<u8>,
    /// Unpacked, up to this place given on.
    ready: Vec<u8>,
    given: usize,
    /// A packed message of which parts have come.
    begun: Option<Vec<u8>>,
}

impl Unpacking {
    /// With what the client sent in a hurry.
    pub fn new(early: &[u8]) -> Unpacking {
        Unpacking {
            raw: early.to_vec(),
            ..Unpacking::default()
        }
    }

    /// Like `Read::read` of an unpacked stream. What can't be unpacked is invalid data.
    pub fn read(&mut self, stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.given < self.ready.len() {
                let given = (&self.ready[self.given..]).read(buffer)?;
                self.given += given;
                return Ok(given);
            }
            (self.given, self.ready) = (0, Vec::new());
            if self.unpack_next()? {
                continue;
            }
            let mut chunk = [0; READ_BUFFER_BYTES];
            match stream.read(&mut chunk)? {
                0 => return Ok(0),
                read => self.raw.extend_from_slice(&chunk[..read]),
            }
        }
    }

    /// False: there is no whole frame yet.
    fn unpack_next(&mut self) -> io::Result<bool> {
        let mut cursor = Cursor::new(&self.raw);
        let header = FrameHeader::parse(&mut cursor).map_err(invalid)?;
        let start = usize::try_from(cursor.position()).expect("it is in memory");
        let Some((header, length)) = header else {
            return Ok(false);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > FRAME_BYTES {
            return Err(invalid("a frame is too long"));
        }
        let end = start + length;
        if self.raw.len() < end {
            return Ok(false);
        }
        let rest = self.raw.split_off(end);
        let whole = std::mem::replace(&mut self.raw, rest);
        self.take(&header, &whole, start)?;
        Ok(true)
    }

    fn take(&mut self, header: &FrameHeader, whole: &[u8], start: usize) -> io::Result<()> {
        let begins = header.rsv1 && matches!(header.opcode, OpCode::Data(Data::Text));
        let goes_on = self.begun.is_some() && header.opcode == OpCode::Data(Data::Continue);
        if !begins && !goes_on {
            // as it is: also what is wrong, for tungstenite to refuse
            self.ready.extend_from_slice(whole);
            return Ok(());
        }
        let mask = header
            .mask
            .ok_or_else(|| invalid("a frame is not masked"))?;
        let payload = whole[start..].iter().zip(mask.iter().cycle());
        let begun = self.begun.get_or_insert_default();
        begun.extend(payload.map(|(byte, mask)| byte ^ mask));
        if begun.len() > FRAME_BYTES || goes_on && header.rsv1 {
            return Err(invalid("a packed message is too long, or wrong"));
        }
        if header.is_final {
            let packed = self.begun.take().unwrap_or_default();
            frame::as_clients(&inflated(packed)?, &mut self.ready);
        }
        Ok(())
    }
}

/// No longer than a frame may be.
fn inflated(mut packed: Vec<u8>) -> io::Result<Vec<u8>> {
    packed.extend_from_slice(&TAIL);
    let mut text = Vec::with_capacity(FRAME_BYTES + 1);
    let mut decompress = Decompress::new(false);
    let done = decompress.decompress_vec(&packed, &mut text, FlushDecompress::Sync);
    let is_whole = match done.map_err(invalid)? {
        Status::StreamEnd => true,
        Status::Ok | Status::BufError => decompress.total_in() == packed.len() as u64,
    };
    if !is_whole || text.len() > FRAME_BYTES {
        return Err(invalid("a packed message is too long, or broken"));
    }
    Ok(text)
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket};

    use super::*;

    fn offers(line: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.append(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(line));
        is_offered(&headers)
    }

    #[test]
    fn offers_are_taken_that_we_can_keep() {
        for line in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        ] {
            assert!(offers(line), "{line}");
        }
        for line in [
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; mystery",
            "permessage-bzip2",
        ] {
            assert!(!offers(line), "{line}");
        }
    }

    /// A client's frame with a mask.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let length = u16::try_from(payload.len()).unwrap();
        let mut frame = vec![first, 0x80 | 126];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&mask);
        let bytes = payload.iter().zip(mask.iter().cycle());
        frame.extend(bytes.map(|(byte, mask)| byte ^ mask));
        frame
    }

    fn packed(text: &str) -> Vec<u8> {
        let plain = frame::text(text.as_bytes());
        frame::payload(&pack(&plain).unwrap()).to_vec()
    }

    /// A stream that gives so many bytes at a time.
    struct Trickle(Cursor<Vec<u8>>, usize);

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    struct Through(Trickle, Unpacking);

    impl Read for Through {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1.read(&mut self.0, buffer)
        }
    }

    impl io::Write for Through {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn heard(stream: Vec<u8>, at_once: usize) -> Vec<tungstenite::Result<Message>> {
        let (early, late) = stream.split_at(stream.len().min(5));
        let trickle = Trickle(Cursor::new(late.to_vec()), at_once);
        let through = Through(trickle, Unpacking::new(early));
        let mut server = WebSocket::from_raw_socket(through, Role::Server, None);
        let mut heard = Vec::new();
        loop {
            let read = server.read();
            let is_over = read.is_err();
            heard.push(read);
            if is_over {
                return heard;
            }
        }
    }

    #[test]
    fn packed_and_plain_messages_are_heard_whole_in_whatever_pieces_they_come() {
        let long = "기생충 ".repeat(300);
        let packed = packed(&long);
        let (first, second) = packed.split_at(20);
        let stream = [
            masked(0xc1, &packed),
            masked(0x81, b"plain"),
            masked(0x41, first),
            masked(0x89, b"ping between"),
            masked(0x80, second),
        ]
        .concat();
        for at_once in [1, 7, 64, 100_000] {
            let heard = heard(stream.clone(), at_once);
            let texts: Vec<&Message> = heard.iter().flatten().collect();
            assert_eq!(texts[0], &Message::text(&long));
            assert_eq!(texts[1], &Message::text("plain"));
            assert_eq!(texts[2], &Message::Ping("ping between".into()));
            assert_eq!(texts[3], &Message::text(&long));
        }
    }

    #[test]
    fn what_swells_or_is_broken_is_refused() {
        let bomb = packed(&"x".repeat(FRAME_BYTES * 40));
        assert!(bomb.len() < FRAME_BYTES);
        let broken = vec![0xff; 30];
        for payload in [bomb, broken] {
            let heard = heard(masked(0xc1, &payload), 64);
            let is_invalid = |error: &tungstenite::Error| match error {
                tungstenite::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
                _ => false,
            };
            assert!(heard[0].as_ref().is_err_and(is_invalid), "{heard:?}");
        }
        let continued = [masked(0x01, b"a"), masked(0xc0, b"b")].concat();
        assert!(heard(continued, 64)[0].is_err());
    }

    #[test]
    fn what_was_packed_before_leaves_nothing_behind() {
        let plain = frame::text("기생충 ".repeat(300).as_bytes());
        let first = pack(&plain);
        // it does not become shorter, and is given up
        let random: Vec<u8> = (0..4_000_u32)
            .map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[1])
            .collect();
        pack(&frame::text(&random));
        assert_eq!(pack(&plain), first);
    }

    #[test]
    fn only_what_is_long_is_packed_and_it_becomes_shorter() {
        assert!(pack(&frame::text(&[b'x'; WORTHWHILE_BYTES - 1])).is_none());
        let plain = frame::text(&[b'x'; WORTHWHILE_BYTES]);
        assert!(pack(&plain).unwrap().len() < plain.len() / 10);
    }
}
