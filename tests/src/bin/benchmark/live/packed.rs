//! Packed frames, as the benchmark's clients read them. They are the same for all, so the first one
//! that has a frame unpacks it and the others look it up: browsers unpack on machines of their own.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use flate2::{Decompress, FlushDecompress};

use super::client::Said;

/// In a frame's first byte.
pub const PACKED: u8 = 0x40;
/// The end of every packed message, which is not sent.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Longer than any frame of the benchmark.
const UNPACKED_BYTES: usize = 256 * 1024;
/// By so much of its end a frame is told from others: it has a time and an id.
const KEY_BYTES: usize = 64;

/// What one probe's frames say, by their ends.
#[derive(Default)]
pub struct Unpacked(Mutex<HashMap<u64, Said>>);

impl Unpacked {
    pub fn look_up(&self, packed: &[u8]) -> Said {
        let mut known = self.0.lock().expect("no panic under this lock");
        let said = known.entry(key(packed));
        *said.or_insert_with(|| Said::of(&unpack(packed)))
    }
}

fn key(packed: &[u8]) -> u64 {
    let end = packed.len().saturating_sub(KEY_BYTES);
    let mut hasher = DefaultHasher::new();
    (packed.len(), &packed[end..]).hash(&mut hasher);
    hasher.finish()
}

fn unpack(packed: &[u8]) -> Vec<u8> {
    let packed = [packed, &TAIL].concat();
    let mut text = Vec::with_capacity(UNPACKED_BYTES);
    let mut decompress = Decompress::new(false);
    let done = decompress.decompress_vec(&packed, &mut text, FlushDecompress::Sync);
    done.expect("a server packs what can be unpacked");
    text
}
