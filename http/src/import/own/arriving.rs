//! Files that are on their way to a node: one of each member, and so many of all.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::MemberId;

/// Each is in memory as far as it has come; whoever comes later tries again.
const MOST: usize = 16;

static ON_THEIR_WAY: Mutex<BTreeSet<MemberId>> = Mutex::new(BTreeSet::new());

/// A member's file, until it is dropped.
pub struct Arriving(MemberId);

impl Arriving {
    /// `None`: another one of the member's is on its way, or too many are.
    pub fn of(member: MemberId) -> Option<Arriving> {
        let mut members = ON_THEIR_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = members.len() < MOST && members.insert(member);
        is_free.then(|| Arriving(member))
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let mut members = ON_THEIR_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        members.remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_member_sends_one_file_at_a_time_and_nobody_keeps_all_places() {
        let member = |n: u128| MemberId(Uuid::from_u128(n));
        let first = Arriving::of(member(0));
        assert!(first.is_some() && Arriving::of(member(0)).is_none());
        let others: Vec<_> = (1..MOST as u128).map(|n| Arriving::of(member(n))).collect();
        assert!(others.iter().all(Option::is_some));
        assert!(Arriving::of(member(99)).is_none());
        drop(first);
        assert!(Arriving::of(member(99)).is_some());
    }
}
