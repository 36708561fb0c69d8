//! A room's newest frames, ready to be sent: a bounded run that all sockets of the room share,
//! each with nothing but its own place in it.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::frame::Shared;

/// Frames that a room keeps. Whoever is further behind reads from the table.
pub const FRAMES: usize = 4_096;
/// Bytes that a room keeps, likewise.
pub const BYTES: usize = 512 * 1024;

/// A frame with a stretch of a room's events.
#[derive(Debug)]
pub struct Frame {
    pub first_seq: i64,
    pub last_seq: i64,
    pub frame: Shared,
}

/// A frame, and the last `seq` that the room had with it.
#[derive(Debug)]
struct Entry {
    last_seq: i64,
    frame: Shared,
}

/// A place in the ring: the number of the next frame to send. Frames are numbered for ever.
pub type Place = u64;

/// Frames behind one another in one piece.
#[derive(Clone, Debug)]
pub struct Run {
    from: Place,
    /// Behind the last one.
    pub to: Place,
    /// The last `seq` that a reader has with them.
    pub last_seq: i64,
    pub bytes: Bytes,
}

#[derive(Debug)]
pub struct Ring {
    frames: VecDeque<Entry>,
    bytes: usize,
    /// The number of the oldest frame.
    first: Place,
    /// The `seq` just before the oldest frame.
    before: i64,
    /// The last runs that were put together, plain and packed: most readers are at one place, so
    /// what one is given is what the next one wants.
    runs: [Option<Run>; 2],
}

impl Ring {
    /// Empty, behind `seq`.
    pub fn behind(seq: i64) -> Ring {
        Ring {
            frames: VecDeque::new(),
            bytes: 0,
            first: 0,
            before: seq,
            runs: [None, None],
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
            last_seq, frame, ..
        } = frame;
        self.add(last_seq, frame);
    }

    /// Adds a frame without events: somebody types.
    pub fn push_passing(&mut self, bytes: Bytes) {
        self.add(self.last_seq(), Shared::new(bytes));
    }

    fn add(&mut self, last_seq: i64, frame: Shared) {
        self.bytes += frame.plain().len();
        self.frames.push_back(Entry { last_seq, frame });
        while self.frames.len() > FRAMES || self.bytes > BYTES && self.frames.len() > 1 {
            let oldest = self.frames.pop_front().expect("it holds what it counts");
            self.bytes -= oldest.frame.plain().len();
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

    /// The frames from this place on, until they have so many bytes (the one that reaches it is
    /// whole); `None`: the ring has left the place behind. `packs`: the reader can unpack them.
    pub fn run(&mut self, from: Place, packs: bool, allowance: usize) -> Option<Run> {
        let skip = usize::try_from(from.checked_sub(self.first)?).expect("it is in memory");
        let (mut length, mut count, mut last_seq) = (0, 0, None);
        for Entry {
            frame,
            last_seq: seq,
        } in self.frames.range(skip.min(self.frames.len())..)
        {
            if length >= allowance {
                break;
            }
            length += frame.bytes(packs).len();
            count += 1;
            last_seq = Some(*seq);
        }
        let to = from + count as u64;
        let kept = self.runs[usize::from(packs)].as_ref();
        if let Some(kept) = kept.filter(|kept| (kept.from, kept.to) == (from, to)) {
            return Some(kept.clone());
        }
        let mut frames = self.frames.range(skip.min(self.frames.len())..).take(count);
        let bytes = match (frames.next(), count) {
            (Some(only), 1) => only.frame.bytes(packs).clone(),
            (first, _) => {
                let mut bytes = BytesMut::with_capacity(length);
                for Entry { frame, .. } in first.into_iter().chain(frames) {
                    bytes.extend_from_slice(frame.bytes(packs));
                }
                bytes.freeze()
            }
        };
        let run = Run {
            from,
            to,
            last_seq: last_seq.unwrap_or_else(|| self.last_seq()),
            bytes,
        };
        if count > 1 {
            self.runs[usize::from(packs)] = Some(run.clone());
        }
        Some(run)
    }

    /// Rewrites the frames with events from `seq` on: what is gone must not be sent again.
    pub fn rewrite(&mut self, seq: i64, change: impl Fn(&Bytes) -> Option<Bytes>) {
        self.runs = [None, None];
        let from = self.frames.partition_point(|frame| frame.last_seq < seq);
        for Entry { frame, .. } in self.frames.range_mut(from..) {
            if let Some(bytes) = change(frame.plain()) {
                self.bytes = self.bytes - frame.plain().len() + bytes.len();
                *frame = Shared::new(bytes);
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
            frame: Shared::new(vec![b'x'; length].into()),
        }
    }

    /// Of the frames from this place on.
    fn seqs(ring: &mut Ring, mut place: Place) -> Option<Vec<i64>> {
        let mut seqs = Vec::new();
        while place < ring.end() {
            let run = ring.run(place, false, 1)?;
            seqs.push(run.last_seq);
            place = run.to;
        }
        Some(seqs)
    }

    #[test]
    fn a_reader_goes_on_behind_what_it_has() {
        let mut ring = Ring::behind(10);
        ring.push(frame(12, 1));
        ring.push(frame(13, 1));
        ring.push_passing(Bytes::from_static(b"typing"));
        ring.push(frame(15, 1));
        let mut goes_on = |seq| {
            let place = ring.place_after(seq).unwrap();
            seqs(&mut ring, place)
        };
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
        assert_eq!(seqs(&mut ring, start), None, "never a silent drop");
        assert_eq!(ring.place_after(0), None);
        let second = ring.place_after(1).unwrap();
        assert_eq!(seqs(&mut ring, second), Some(vec![2, 3]));
        ring.push(frame(4, BYTES * 2));
        let last = ring.place_after(3).unwrap();
        assert_eq!(seqs(&mut ring, last), Some(vec![4]));
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
        assert_eq!(ring.run(0, false, BYTES).unwrap().bytes, "xgonegone");
        assert_eq!(ring.bytes, 9);
    }

    #[test]
    fn readers_at_one_place_are_given_the_same_piece_until_it_is_rewritten() {
        let mut ring = Ring::behind(0);
        for seq in 1..=3 {
            ring.push(frame(seq, 2));
        }
        let first = ring.run(0, false, 3).unwrap();
        assert_eq!(
            (first.to, first.last_seq, &first.bytes[..]),
            (2, 2, &b"xxxx"[..])
        );
        let second = ring.run(0, false, 3).unwrap();
        assert_eq!(first.bytes.as_ptr(), second.bytes.as_ptr());
        let last = ring.run(first.to, false, 3).unwrap();
        assert_eq!((last.to, &last.bytes[..]), (3, &b"xx"[..]));
        ring.run(0, false, 3).unwrap();
        ring.rewrite(1, |_| Some(Bytes::from_static(b"gone")));
        assert_eq!(ring.run(0, false, 3).unwrap().bytes, "gone");
    }
}
