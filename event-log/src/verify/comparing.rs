//! Comparing the log with what was signed over it: the trees of ranges are put together in the order
//! of their positions, whoever reads them when, and let go of.

use std::collections::BTreeMap;

use tokio::sync::OwnedSemaphorePermit;

use super::signed::Claim;
use crate::checkpoint::{Forest, Hash};

/// The tree over one range of positions, as far as they are right.
#[derive(Debug)]
pub(super) struct RangeTree {
    begin: i64,
    /// Where it ends if all of it is right.
    through: i64,
    all: Forest,
    /// As it was at each size that is to be compared, and what is said of that.
    reached: Vec<(Forest, Vec<Claim>)>,
    /// What is said of sizes still to come, the next last.
    wanted: Vec<Claim>,
}

impl RangeTree {
    /// `claims`: by their sizes.
    pub fn new((begin, through): (i64, i64), mut claims: Vec<Claim>) -> RangeTree {
        claims.reverse();
        RangeTree {
            begin,
            through,
            all: Forest::behind(begin),
            reached: Vec::new(),
            wanted: claims,
        }
    }

    pub fn push(&mut self, event: &Hash) {
        self.all.push(event, |_| {});
        let end = self.all.end();
        let mut claims = Vec::new();
        while let Some(claim) = self.wanted.pop_if(|claim| claim.size == end) {
            claims.push(claim);
        }
        if !claims.is_empty() {
            self.reached.push((self.all.clone(), claims));
        }
    }
}

/// How far the log is what was signed.
#[derive(Debug)]
pub(super) struct Comparing {
    /// Of all ranges up to the first that is not there yet.
    whole: Forest,
    /// Ranges that were read before one in front of them, by where they begin; each holds a permit, of
    /// which there are few.
    waiting: BTreeMap<i64, (RangeTree, OwnedSemaphorePermit)>,
    /// The last position that a checkpoint confirms.
    pub confirmed: i64,
    /// The first that says otherwise, and the first position that it may mean.
    pub not_as_signed: Option<(i64, Claim)>,
    /// What is behind a wrong position is not compared.
    is_over: bool,
}

impl Comparing {
    pub fn new() -> Comparing {
        Comparing {
            whole: Forest::behind(0),
            waiting: BTreeMap::new(),
            confirmed: 0,
            not_as_signed: None,
            is_over: false,
        }
    }

    /// Takes a range; compares it, and those that waited for it.
    pub fn take(&mut self, range: RangeTree, permit: OwnedSemaphorePermit) {
        if self.is_over {
            return;
        }
        self.waiting.insert(range.begin, (range, permit));
        while let Some((next, _permit)) = self.waiting.remove(&self.whole.end()) {
            self.compare(&next);
            if self.is_over {
                self.waiting.clear();
            }
        }
    }

    fn compare(&mut self, range: &RangeTree) {
        for (part, claims) in &range.reached {
            let mut tree = self.whole.clone();
            tree.join(part);
            let root = tree.root();
            if let Some(other) = claims.iter().find(|claim| claim.root != root) {
                self.not_as_signed = Some((self.confirmed + 1, *other));
                self.is_over = true;
                return;
            }
            self.confirmed = tree.end();
        }
        self.whole.join(&range.all);
        self.is_over = self.whole.end() < range.through;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use sha2::{Digest, Sha256};
    use tokio::sync::Semaphore;

    use super::*;

    const RANGE: i64 = 10;
    const RANGES: i64 = 6;

    fn event(number: i64) -> Hash {
        Sha256::digest(number.to_be_bytes()).into()
    }

    fn root(size: i64) -> Hash {
        let mut forest = Forest::behind(0);
        (1..=size).for_each(|number| forest.push(&event(number), |_| {}));
        forest.root()
    }

    /// A range of which `right` events are, with what was signed of every third size.
    fn range(number: i64, right: i64, wrong: Option<i64>) -> RangeTree {
        let (begin, through) = (number * RANGE, (number + 1) * RANGE);
        let sizes = (begin + 1..=through).filter(|size| size % 3 == 0);
        let claims = sizes.map(|size| match wrong {
            Some(wrong) if wrong == size => Claim::of(size, [7; 32]),
            _ => Claim::of(size, root(size)),
        });
        let mut tree = RangeTree::new((begin, through), claims.collect());
        (begin + 1..=begin + right).for_each(|number| tree.push(&event(number)));
        tree
    }

    struct Found {
        confirmed: i64,
        not_as_signed: Option<(i64, i64)>,
        waiting: usize,
        permits: usize,
    }

    fn compared(ranges: impl IntoIterator<Item = RangeTree>) -> Found {
        let ahead = Arc::new(Semaphore::new(RANGES as usize));
        let mut comparing = Comparing::new();
        for range in ranges {
            let permit = ahead.clone().try_acquire_owned().unwrap();
            comparing.take(range, permit);
        }
        let other = comparing.not_as_signed;
        Found {
            confirmed: comparing.confirmed,
            not_as_signed: other.map(|(position, claim)| (position, claim.size)),
            waiting: comparing.waiting.len(),
            permits: ahead.available_permits(),
        }
    }

    fn order() -> impl Strategy<Value = Vec<i64>> {
        Just((0..RANGES).collect::<Vec<i64>>()).prop_shuffle()
    }

    proptest! {
        #[test]
        fn in_whatever_order_ranges_come_all_that_was_signed_is_compared_and_nothing_waits(
            order in order()
        ) {
            let found = compared(order.into_iter().map(|number| range(number, RANGE, None)));
            prop_assert_eq!((found.confirmed, found.not_as_signed), (60, None));
            prop_assert_eq!((found.waiting, found.permits), (0, RANGES as usize));
        }

        #[test]
        fn the_first_checkpoint_that_says_otherwise_is_named_in_whatever_order_ranges_come(
            order in order(), wrong in (1..=20_i64).prop_map(|third| third * 3)
        ) {
            let ranges = order.into_iter().map(|number| range(number, RANGE, Some(wrong)));
            let found = compared(ranges);
            let expected = Some((wrong - 2, wrong));
            prop_assert_eq!((found.confirmed, found.not_as_signed), (wrong - 3, expected));
            prop_assert_eq!((found.waiting, found.permits), (0, RANGES as usize));
        }

        #[test]
        fn behind_a_range_that_is_damaged_nothing_is_compared_and_nothing_waits(
            order in order(), damaged in 0..RANGES, right in 0..RANGE
        ) {
            let ranges = order.into_iter().map(|number| {
                let right = if number == damaged { right } else { RANGE };
                range(number, right, None)
            });
            let found = compared(ranges);
            let right = damaged * RANGE + right;
            prop_assert_eq!((found.confirmed, found.not_as_signed), (right - right % 3, None));
            prop_assert_eq!((found.waiting, found.permits), (0, RANGES as usize));
        }
    }

    #[test]
    fn ranges_that_wait_hold_their_permits() {
        let found = compared([4, 2, 3].map(|number| range(number, RANGE, None)));
        assert_eq!((found.confirmed, found.waiting), (0, 3));
        assert_eq!(found.permits, RANGES as usize - 3);
    }
}
