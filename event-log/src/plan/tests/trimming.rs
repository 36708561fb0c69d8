//! What a node keeps of streams is bounded, and none of it is from before somebody was forgotten; but
//! what is under way, which the table does not have yet, is kept until it is there.

use std::ops::Range;

use super::*;

/// A batch that is being committed, one that is planned behind it, and a stream that was begun since
/// its load began: what a node knows first, and uses no more.
struct UnderWay {
    planner: Planner<Sums>,
    batches: [Batch<Sums>; 2],
    loading: Vec<StreamName>,
    /// All that is known for them.
    held: Vec<StreamName>,
}

impl UnderWay {
    fn begin() -> UnderWay {
        let mut node = Node::new(Vec::new());
        let added = |stream| Add {
            stream,
            about: None,
            number: 1,
        };
        node.plan(add(1, added(0)));
        let next = Batch::new(node.planner.head());
        let in_flight = std::mem::replace(&mut node.batch, next);
        node.plan(add(2, added(1)));
        let loading = names(2..3);
        know(&mut node.planner, &loading, 0);
        let held = node.planner.cache.iter();
        let held: Vec<_> = held.map(|(name, _)| name.clone()).collect();
        // two streams, with the part that each begins with, and the one that is loaded
        assert_eq!(held.len(), 5);
        UnderWay {
            planner: node.planner,
            batches: [in_flight, node.batch],
            loading,
            held,
        }
    }

    fn trim(&mut self, forgotten: i64) {
        let [in_flight, next] = &self.batches;
        self.planner
            .trim(&[in_flight, next], &self.loading, forgotten);
    }

    fn knows(&self, streams: &[StreamName]) -> bool {
        self.planner.missing(streams).is_empty()
    }
}

fn names(numbers: Range<usize>) -> Vec<StreamName> {
    numbers.map(|n| format!("sum-{n}").into()).collect()
}

/// Streams without any events.
fn know(planner: &mut Planner<Sums>, streams: &[StreamName], forgotten: i64) {
    let loaded = Loaded {
        streams: streams.to_vec(),
        snapshots: Vec::new(),
        events: Vec::new(),
        keys: Keys::default(),
        forgotten,
    };
    planner.load(&loaded).1.unwrap();
}

#[test]
fn beyond_the_bound_the_longest_unused_go_and_never_what_is_under_way() {
    let mut full = UnderWay::begin();
    let (older, newer) = (names(10..110), names(110..MAX_CACHED_STREAMS + 60));
    know(&mut full.planner, &older, 0);
    know(&mut full.planner, &newer, 0);
    full.trim(0);
    assert_eq!(full.planner.cache.len(), MAX_CACHED_STREAMS);
    assert!(full.knows(&full.held) && full.knows(&newer));
    // fifty and as many as are held are too many
    assert_eq!(full.planner.missing(&older).len(), 55);

    // once it is committed it goes like all others
    know(&mut full.planner, &names(200_000..300_000), 0);
    full.planner.trim(&[], &[], 0);
    assert_eq!(full.planner.cache.len(), MAX_CACHED_STREAMS);
    assert_eq!(full.planner.missing(&full.held), full.held);
}

/// As if nobody said what is under way.
#[test]
fn what_is_under_way_would_be_dropped_otherwise() {
    let mut broken = UnderWay::begin();
    let others = names(10..MAX_CACHED_STREAMS + 10);
    know(&mut broken.planner, &others, 0);
    broken.planner.trim(&[], &[], 0);
    assert!(broken.knows(&others) && !broken.knows(&broken.held));
}

#[test]
fn what_is_from_before_somebody_was_forgotten_goes_once_nothing_is_planned_on_it() {
    let mut known = UnderWay::begin();
    let (before, since) = (names(10..20), names(20..30));
    know(&mut known.planner, &before, 0);
    know(&mut known.planner, &since, 7);
    known.trim(7);
    assert_eq!(known.planner.missing(&before), before);
    assert!(known.knows(&known.held) && known.knows(&since));

    known.planner.trim(&[], &[], 7);
    assert_eq!(known.planner.missing(&known.held), known.held);
    assert!(known.knows(&since));
}
