//! The Merkle tree of RFC 6962, kept as what is needed to go on: the largest
//! complete subtrees of the leaves so far. Adding a leaf costs two hashes.

use sha2::{Digest, Sha256};

use super::Hash;

/// The tree of no leaves.
fn nothing() -> Hash {
    Sha256::digest([]).into()
}

pub(super) fn leaf(event: &Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0]);
    sha.update(event);
    sha.finalize().into()
}

pub(super) fn node(left: &Hash, right: &Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update([1]);
    sha.update(left);
    sha.update(right);
    sha.finalize().into()
}

/// A complete subtree: the leaves from `index << level`, 2^`level` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subtree {
    pub level: u32,
    pub index: i64,
    pub hash: Hash,
}

impl Subtree {
    fn continues(&self, left: &Subtree) -> bool {
        left.level == self.level && left.index % 2 == 0 && left.index + 1 == self.index
    }
}

/// The leaves from one to another as the fewest complete subtrees, left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forest {
    begin: i64,
    end: i64,
    subtrees: Vec<Subtree>,
}

impl Forest {
    /// Of no leaf yet, behind so many.
    pub fn behind(leaves: i64) -> Forest {
        Forest {
            begin: leaves,
            end: leaves,
            subtrees: Vec::new(),
        }
    }

    /// The leaves of all: where the next one goes.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Takes the next event; `complete` hears of each subtree that it completes.
    pub fn push(&mut self, event: &Hash, complete: impl FnMut(&Subtree)) {
        let leaf = Subtree {
            level: 0,
            index: self.end,
            hash: leaf(event),
        };
        self.append(leaf, complete);
    }

    /// Takes the next subtree.
    pub fn append(&mut self, mut subtree: Subtree, mut complete: impl FnMut(&Subtree)) {
        debug_assert_eq!(subtree.index << subtree.level, self.end, "it is the next");
        self.end += 1 << subtree.level;
        complete(&subtree);
        while let Some(left) = self.subtrees.pop_if(|left| subtree.continues(left)) {
            subtree = Subtree {
                level: left.level + 1,
                index: left.index / 2,
                hash: node(&left.hash, &subtree.hash),
            };
            complete(&subtree);
        }
        self.subtrees.push(subtree);
    }

    /// Takes all that another forest has, which begins where this one ends.
    pub fn join(&mut self, next: &Forest) {
        debug_assert_eq!(self.end, next.begin, "it is the next");
        for subtree in &next.subtrees {
            self.append(*subtree, |_| {});
        }
    }

    /// The hash over all of it: the tree's root when it begins with the first leaf.
    pub fn root(&self) -> Hash {
        let hashes = self.subtrees.iter().rev().map(|subtree| subtree.hash);
        let root = hashes.reduce(|right, left| node(&left, &right));
        root.unwrap_or_else(nothing)
    }
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::*;

    fn event(number: i64) -> Hash {
        Sha256::digest(number.to_be_bytes()).into()
    }

    fn grown(forest: &mut Forest, to: i64) {
        for number in forest.end()..to {
            forest.push(&event(number), |_| {});
        }
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_whole_tree_however_it_was_put_together(
            size in 0..700_i64, cuts in prop::collection::vec(0..700_i64, 0..6)
        ) {
            let mut whole = MemoryBackedTree::<Sha256, Hash>::new();
            (0..size).for_each(|number| whole.push(event(number)));
            let mut cuts: Vec<i64> = cuts.into_iter().filter(|cut| *cut < size).collect();
            cuts.extend([0, size]);
            cuts.sort_unstable();
            let mut forest = Forest::behind(0);
            for range in cuts.windows(2) {
                let mut part = Forest::behind(range[0]);
                grown(&mut part, range[1]);
                forest.join(&part);
            }
            prop_assert_eq!(forest.end(), size);
            let root: Hash = (*whole.root().as_bytes()).into();
            prop_assert_eq!(forest.root(), root);
        }
    }
}
