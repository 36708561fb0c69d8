//! Sessions that were looked for and are over. They begin no more, so nobody makes us look again: it
//! is done before anything is counted.

use std::collections::{HashSet, VecDeque};

use super::{Vault, token_hash};

/// Remembered on one node, some 2 MB. At the bound the oldest one is forgotten, and looked for again.
const MOST: usize = 10_000;

/// Hashes of their tokens.
#[derive(Default)]
pub struct Ended {
    known: HashSet<Vec<u8>>,
    order: VecDeque<Vec<u8>>,
}

impl Ended {
    fn add(&mut self, token: Vec<u8>) {
        if !self.known.insert(token.clone()) {
            return;
        }
        self.order.push_back(token);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Vault {
    pub(super) fn is_ended(&self, token: &str) -> bool {
        let ended = self.ended.lock().expect("no panic under this lock");
        ended.known.contains(&token_hash(token))
    }

    pub(super) fn has_ended(&self, token: &str) {
        let mut ended = self.ended.lock().expect("no panic under this lock");
        ended.add(token_hash(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_oldest_goes() {
        let mut ended = Ended::default();
        let token = |number: usize| number.to_be_bytes().to_vec();
        for number in (0..=MOST).chain([MOST]) {
            ended.add(token(number));
        }
        assert_eq!((ended.known.len(), ended.order.len()), (MOST, MOST));
        assert!(!ended.known.contains(&token(0)));
        assert!(ended.known.contains(&token(1)) && ended.known.contains(&token(MOST)));
    }
}
