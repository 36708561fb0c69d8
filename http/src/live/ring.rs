//! A room's newest frames, ready to be sent: a bounded run that all sockets of the room share,
//! each with nothing but its own place in it.

use std::collections::VecDeque;

use bytes::Bytes;

/// Frames that a room keeps. Whoever is further behind reads from the table.
pub const FRAMES: usize = 4_096;
/// Bytes that a room keeps, likewise.
pub const BYTES: usize = 512 * 1024;

/// A frame with a stretch of a room's events.
#[derive(Clone, Debug)]
pub struct Frame {
    pub first_seq: i64,
    pub last_seq: i64,
    pub bytes: Bytes,
}

/// A frame, and the last `seq` that the room had with it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub last_seq: i64,
    pub bytes: Bytes,
}

/// A place in the ring: the number of the next frame to send. Frames are numbered for ever.
pub type Place = u64;

#[derive(Debug)]
pub struct Ring {
    frames: VecDeque<Entry>,
    bytes: usize,
    /// The number of the oldest frame.
    first: Place,
    /// The `seq` just before the oldest frame.
    before: i64,
}

impl Ring {
    /// Empty, behind `seq`.
    pub fn behind(seq: i64) -> Ring {
        Ring {
            frames: VecDeque::new(),
            bytes: 0,
            first: 0,
            before: seq,
        }
    }

    /// The last `seq` that the ring has seen.
    pub fn last_seq(&self) -> i64 {
        self.frames
            .back()
            .map_or(self.before, |frame| frame.last_seq)
    }

    /// The place behind the newest frame.
    pub fn end(&self) -> Place {
        self.first + self.frames.len() as u64
    }

    /// Adds the events that come next.
    pub fn push(&mut self, frame: Frame) {
        let Frame {
            last_seq, bytes, ..
        } = frame;
        self.add(Entry { last_seq, bytes });
    }

    /// Adds a frame without events: somebody types.
    pub fn push_passing(&mut self, bytes: Bytes) {
        let last_seq = self.last_seq();
        self.add(Entry { last_seq, bytes });
    }

    fn add(&mut self, frame: Entry) {
        self.bytes += frame.bytes.len();
        self.frames.push_back(frame);
        while self.frames.len() > FRAMES || self.bytes > BYTES && self.frames.len() > 1 {
            let oldest = self.frames.pop_front().expect("it holds what it counts");
            self.bytes -= oldest.bytes.len();
            self.before = oldest.last_seq;
            self.first += 1;
        }
    }

    /// Where a reader goes on who has everything up to `seq`; `None`: older than the ring. The
    /// frame there may begin with what the reader has.
    pub fn place_after(&self, seq: i64) -> Option<Place> {
        if seq < self.before {
            return None;
        }
        let sent = self.frames.partition_point(|frame| frame.last_seq <= seq);
        Some(self.first + sent as u64)
    }

    /// The `seq` just before the oldest frame.
    pub fn before(&self) -> i64 {
        self.before
    }

    /// The frames from this place on; `None`: the ring has left it behind.
    pub fn from(&self, place: Place) -> Option<impl Iterator<Item = &Entry>> {
        let skip = place.checked_sub(self.first)?;
        let skip = usize::try_from(skip).expect("it is in memory");
        Some(self.frames.iter().skip(skip))
    }

    /// Rewrites the frames with events from `seq` on: what is gone must not be sent again.
    pub fn rewrite(&mut self, seq: i64, change: impl Fn(&Bytes) -> Option<Bytes>) {
        let from = self.frames.partition_point(|frame| frame.last_seq < seq);
        for frame in self.frames.range_mut(from..) {
            if let Some(bytes) = change(&frame.bytes) {
                self.bytes = self.bytes - frame.bytes.len() + bytes.len();
                frame.bytes = bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(last_seq: i64, length: usize) -> Frame {
        Frame {
            first_seq: last_seq,
            last_seq,
            bytes: vec![b'x'; length].into(),
        }
    }

    fn seqs(ring: &Ring, place: Place) -> Option<Vec<i64>> {
        Some(ring.from(place)?.map(|frame| frame.last_seq).collect())
    }

    #[test]
    fn a_reader_goes_on_behind_what_it_has() {
        let mut ring = Ring::behind(10);
        ring.push(frame(12, 1));
        ring.push(frame(13, 1));
        ring.push_passing(Bytes::from_static(b"typing"));
        ring.push(frame(15, 1));
        let goes_on = |seq| seqs(&ring, ring.place_after(seq).unwrap());
        assert_eq!(goes_on(10), Some(vec![12, 13, 13, 15]));
        assert_eq!(goes_on(11), Some(vec![12, 13, 13, 15]), "drops what it has");
        assert_eq!(goes_on(13), Some(vec![15]));
        assert_eq!(goes_on(15), Some(vec![]));
        assert_eq!(ring.place_after(9), None);
        assert_eq!(ring.last_seq(), 15);
    }

    #[test]
    fn memory_is_bounded_and_who_falls_behind_is_told() {
        let mut ring = Ring::behind(0);
        let start = ring.end();
        for seq in 1..=3 {
            ring.push(frame(seq, BYTES / 2));
        }
        assert_eq!(seqs(&ring, start), None, "never a silent drop");
        assert_eq!(ring.place_after(0), None);
        assert_eq!(seqs(&ring, ring.place_after(1).unwrap()), Some(vec![2, 3]));
        ring.push(frame(4, BYTES * 2));
        assert_eq!(seqs(&ring, ring.place_after(3).unwrap()), Some(vec![4]));
        for seq in 5..=FRAMES as i64 * 2 {
            ring.push(frame(seq, 1));
        }
        assert_eq!(ring.frames.len(), FRAMES);
        assert_eq!(ring.bytes, FRAMES);
    }

    #[test]
    fn what_is_gone_is_taken_out_of_the_frames_that_may_have_it() {
        let mut ring = Ring::behind(0);
        for seq in [3, 5, 6] {
            ring.push(frame(seq, 1));
        }
        let gone = |bytes: &Bytes| (bytes == "x").then(|| Bytes::from_static(b"gone"));
        ring.rewrite(4, gone);
        ring.rewrite(7, |_| unreachable!("no frame has it"));
        let bytes: Vec<_> = ring
            .from(0)
            .unwrap()
            .map(|frame| &frame.bytes[..])
            .collect();
        assert_eq!(bytes, [b"x".as_slice(), b"gone", b"gone"]);
        assert_eq!(ring.bytes, 9);
    }
}
