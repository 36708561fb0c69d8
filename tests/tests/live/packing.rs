//! `permessage-deflate`, by a client that speaks it.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use serde_json::{Value, json};
use tests::new_id;
use tests::site::Site;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use web::live::upgrade::PROTOCOL;

use super::{Seat, Stage};

const OFFER: &str = "permessage-deflate; client_max_window_bits";
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
const TEXT: u8 = 0x81;
const PACKED: u8 = 0x40;
const CLOSE: u8 = 0x88;
const MOST: usize = 1024 * 1024;

struct Packer {
    stream: TcpStream,
    /// What was agreed on.
    agreed: Option<String>,
}

/// A frame, as it came and as it was meant.
struct Frame {
    first: u8,
    sent: Vec<u8>,
    meant: Vec<u8>,
}

impl Packer {
    async fn connect(url: &str, offer: Option<&str>) -> Packer {
        let address = url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let offer = offer.map_or(String::new(), |offer| {
            format!("sec-websocket-extensions: {offer}\r\n")
        });
        let request = format!(
            "GET /api/v1/live HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {PROTOCOL}\r\n{offer}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        let agreed = head
            .lines()
            .find_map(|line| line.strip_prefix("sec-websocket-extensions: "));
        Packer {
            stream,
            agreed: agreed.map(str::to_owned),
        }
    }

    async fn say(&mut self, frame: &Value, packs: bool) {
        let text = frame.to_string();
        match packs {
            true => self.send(TEXT | PACKED, &packed(text.as_bytes())).await,
            false => self.send(TEXT, text.as_bytes()).await,
        }
    }

    async fn send(&mut self, first: u8, payload: &[u8]) {
        let mask = [7, 5, 3, 1];
        let mut frame = vec![first, 0x80 | 126];
        frame.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
        frame.extend_from_slice(&mask);
        let bytes = payload.iter().zip(mask.iter().cycle());
        frame.extend(bytes.map(|(byte, mask)| byte ^ mask));
        self.stream.write_all(&frame).await.unwrap();
    }

    async fn hear(&mut self) -> Frame {
        let first = self.stream.read_u8().await.unwrap();
        let length = match self.stream.read_u8().await.unwrap() {
            127 => usize::try_from(self.stream.read_u64().await.unwrap()).unwrap(),
            126 => self.stream.read_u16().await.unwrap().into(),
            short => short.into(),
        };
        let mut sent = vec![0; length];
        self.stream.read_exact(&mut sent).await.unwrap();
        let meant = match first & PACKED {
            0 => sent.clone(),
            _ => unpacked(&sent),
        };
        Frame { first, sent, meant }
    }

    /// The next text frame of this kind.
    async fn expect(&mut self, kind: &str) -> Frame {
        loop {
            let frame = self.hear().await;
            let told: Value = serde_json::from_slice(&frame.meant).unwrap();
            if told["t"] == kind {
                return frame;
            }
        }
    }
}

impl Packer {
    /// A snapshot is given to all who come at the same time: until it has so many messages.
    async fn snapshot_with(&mut self, room: &str, messages: usize) -> Frame {
        loop {
            self.say(&json!({"t": "sub", "id": 3, "room": room}), true)
                .await;
            let frame = self.expect("subscribed").await;
            let told: Value = serde_json::from_slice(&frame.meant).unwrap();
            if told["snapshot"]["messages"].as_array().unwrap().len() == messages {
                return frame;
            }
        }
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(text.len() + 100);
    let mut compress = Compress::new(Compression::default(), false);
    let done = compress.compress_vec(text, &mut packed, FlushCompress::Sync);
    done.unwrap();
    packed.strip_suffix(&TAIL).unwrap().to_vec()
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(MOST);
    let packed = [packed, &TAIL].concat();
    let mut decompress = Decompress::new(false);
    let done = decompress.decompress_vec(&packed, &mut text, FlushDecompress::Sync);
    done.unwrap();
    text
}

#[tokio::test]
async fn long_frames_are_packed_for_who_can_unpack_them_and_the_same_for_all() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let mut last = 0;
    for number in 1..=5 {
        last = seat
            .say(&format!("{number} {}", "기생충 ".repeat(100)))
            .await;
    }
    seat.until(last).await;
    let epoch = seat.display.place.clone().unwrap().epoch;

    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut packer = Packer::connect(&url, Some(OFFER)).await;
        let agreed = packer.agreed.clone().unwrap();
        assert!(agreed.contains("server_no_context_takeover"), "{agreed}");
        packer.say(&json!({"t": "hello", "id": 1}), true).await;
        let welcome = packer.expect("welcome").await;
        assert_eq!(welcome.first, TEXT, "it is short");
        let sub = json!({"t": "sub", "id": 2, "room": room,
                         "after": {"epoch": epoch, "seq": last - 5}});
        packer.say(&sub, false).await;
        packer.expect("subscribed").await;
        pages.push(packer.expect("events").await);
        let snapshot = packer.snapshot_with(&room, 5).await;
        assert_eq!(snapshot.first, TEXT | PACKED);
        assert!(snapshot.sent.len() * 3 < snapshot.meant.len());
    }
    assert_eq!(pages[0].first, TEXT | PACKED);
    assert_eq!(pages[0].sent, pages[1].sent);

    let mut plain = Packer::connect(&url, None).await;
    assert_eq!(plain.agreed, None);
    plain.say(&json!({"t": "hello", "id": 1}), false).await;
    plain.expect("welcome").await;
    plain
        .say(&json!({"t": "sub", "id": 2, "room": room}), false)
        .await;
    assert_eq!(plain.expect("subscribed").await.first, TEXT);
    site.end().await;
}

#[tokio::test]
async fn what_swells_beyond_a_frames_bound_is_refused() {
    let site = Site::start().await;
    let url = site.serve().await;
    let mut packer = Packer::connect(&url, Some(OFFER)).await;
    packer.say(&json!({"t": "hello", "id": 1}), true).await;
    packer.expect("welcome").await;
    let bomb = packed(
        json!({"t": "typing", "room": new_id(), "x": "x".repeat(MOST)})
            .to_string()
            .as_bytes(),
    );
    assert!(bomb.len() < 16 * 1024);
    packer.send(TEXT | PACKED, &bomb).await;
    let farewell = packer.hear().await;
    assert_eq!(farewell.first, CLOSE);
    assert_eq!(farewell.meant[..2], 4501_u16.to_be_bytes());

    // packed, though it was not agreed on
    let mut liar = Packer::connect(&url, None).await;
    liar.say(&json!({"t": "hello", "id": 1}), true).await;
    let farewell = liar.hear().await;
    assert_eq!(farewell.first, CLOSE);
    assert_eq!(farewell.meant[..2], 4506_u16.to_be_bytes());
    site.end().await;
}
