//! How often one address may try: to sign in, to sign up, to write; and how often a member may
//! take all of theirs along. Beyond it: 429 with `Retry-After`.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use domain::MemberId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use crate::address::{ClientAddress, household};
use crate::problem::Problem;

/// Addresses or members remembered per limit (about 100 bytes each). When it is reached, those that have
/// been quiet long enough are forgotten; while none has, all addresses that are new share one
/// allowance. Known addresses notice nothing; memory stays bounded.
const ADDRESSES: usize = 50_000;
/// Forgetting looks at every address, so it is done at most this often.
const FORGET_EVERY: Duration = Duration::from_secs(1);
/// What all newcomers together may do when no more addresses can be remembered, as a multiple
/// of one address's allowance.
const CROWD: u32 = 50;

/// How many of each in how long; a burst of all at once is fine.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    pub sign_ins_per_minute: NonZeroU32,
    pub sign_ups_per_hour: NonZeroU32,
    pub writes_per_minute: NonZeroU32,
    pub exports_per_hour: NonZeroU32,
}

pub struct Limits {
    sign_in: Limit,
    sign_up: Limit,
    write: Limit,
    export: Limit<Uuid>,
}

impl Limits {
    pub fn new(allowances: Allowances) -> Limits {
        Limits {
            sign_in: Limit::new(
                Quota::per_minute(allowances.sign_ins_per_minute),
                ADDRESSES,
                FORGET_EVERY,
            ),
            sign_up: Limit::new(
                Quota::per_hour(allowances.sign_ups_per_hour),
                ADDRESSES,
                FORGET_EVERY,
            ),
            write: Limit::new(
                Quota::per_minute(allowances.writes_per_minute),
                ADDRESSES,
                FORGET_EVERY,
            ),
            export: Limit::new(
                Quota::per_hour(allowances.exports_per_hour),
                ADDRESSES,
                FORGET_EVERY,
            ),
        }
    }

    pub fn check_sign_in(&self, address: ClientAddress) -> Result<(), Problem> {
        self.sign_in.check(&household(address.0))
    }

    pub fn check_sign_up(&self, address: ClientAddress) -> Result<(), Problem> {
        self.sign_up.check(&household(address.0))
    }

    pub fn check_write(&self, address: ClientAddress) -> Result<(), Problem> {
        self.write.check(&household(address.0))
    }

    pub fn check_export(&self, member: MemberId) -> Result<(), Problem> {
        self.export.check(&member.0)
    }
}

struct Limit<K: Clone + Eq + Hash = IpAddr> {
    addresses: DefaultKeyedRateLimiter<K>,
    most_addresses: usize,
    crowd: DefaultDirectRateLimiter,
    forgetting: DefaultDirectRateLimiter,
}

impl<K: Clone + Eq + Hash> Limit<K> {
    fn new(quota: Quota, most_addresses: usize, forget_every: Duration) -> Limit<K> {
        let forget = Quota::with_period(forget_every).expect("it is longer than nothing");
        let crowd_burst = quota.burst_size().saturating_mul(CROWD_FACTOR);
        let crowd = Quota::with_period(quota.replenish_interval() / CROWD)
            .map_or(quota, |quota| quota.allow_burst(crowd_burst));
        Limit {
            addresses: RateLimiter::keyed(quota),
            most_addresses,
            crowd: RateLimiter::direct(crowd),
            forgetting: RateLimiter::direct(forget),
        }
    }

    fn check(&self, key: &K) -> Result<(), Problem> {
        if self.addresses.len() >= self.most_addresses && self.forgetting.check().is_ok() {
            self.addresses.retain_recent();
        }
        // Near the bound a few requests at once may each add their address: over by the number
        // of threads at most.
        let refused = if self.addresses.len() >= self.most_addresses {
            self.crowd.check().err()
        } else {
            self.addresses.check_key(key).err()
        };
        match refused {
            None => Ok(()),
            Some(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err(Problem::too_many_requests(whole_seconds(wait)))
            }
        }
    }
}

const CROWD_FACTOR: NonZeroU32 = NonZeroU32::new(CROWD).expect("a crowd is somebody");

/// Rounded up: who comes back then is let in.
fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse;

    use super::*;

    fn twice_an_hour() -> Quota {
        Quota::per_hour(NonZeroU32::new(2).unwrap())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn the_third_of_two_is_told_when_to_come_back() {
        let limit = Limit::new(twice_an_hour(), 10, FORGET_EVERY);
        assert!(limit.check(&address(1)).is_ok());
        assert!(limit.check(&address(1)).is_ok());
        let response = limit.check(&address(1)).unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        let seconds: u32 = response.headers()[RETRY_AFTER]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1_700..=1_800).contains(&seconds), "{seconds}");
        assert!(
            limit.check(&address(2)).is_ok(),
            "another address is not concerned"
        );
    }

    #[test]
    fn memory_is_bounded_and_newcomers_share() {
        let limit = Limit::new(twice_an_hour(), 10, FORGET_EVERY);
        let mut refused = 0;
        for last in 0..=255 {
            refused += usize::from(limit.check(&address(last)).is_err());
        }
        assert_eq!(limit.addresses.len(), 10);
        // 10 known, 100 in the crowd's burst.
        assert_eq!(refused, 256 - 10 - 100);
    }

    #[test]
    fn quiet_addresses_are_forgotten() {
        let thousand_a_second = Quota::per_second(NonZeroU32::new(1_000).unwrap());
        let limit = Limit::new(thousand_a_second, 2, Duration::from_millis(1));
        assert!(limit.check(&address(1)).is_ok());
        assert!(limit.check(&address(2)).is_ok());
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while limit.addresses.len() >= 2 {
            assert!(std::time::Instant::now() < deadline, "never forgotten");
            drop(limit.check(&address(3)));
            std::thread::yield_now();
        }
    }

    #[test]
    fn waiting_is_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_millis(2_000)), 2);
    }
}
