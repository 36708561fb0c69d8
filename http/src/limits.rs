//! How often one may ask. A member is counted as one, from however many addresses; strangers are
//! counted by their address, which many may share, and so is who signs in or up. Beyond it: 429
//! with `Retry-After`. Every answer says what is left, in `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers).

mod told;

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::MemberId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use self::told::Standing;
use crate::address::{ClientAddress, household};
use crate::app::App;
use crate::problem::Problem;
use crate::session::Caller;

/// Addresses or members remembered per limit (about 100 bytes each). When it is reached, those that
/// have been quiet long enough are forgotten; while none has, all share one allowance. Memory stays
/// bounded.
const REMEMBERED: usize = 50_000;
/// Forgetting looks at all of them, so it is done at most this often.
const FORGET_EVERY: Duration = Duration::from_secs(1);
/// What all together may do while no more can be remembered, as a multiple of one's allowance.
const CROWD: u32 = 50;

/// How many of each in how long; a burst of all at once is fine.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    /// Of strangers, by their address.
    pub reads_per_minute: NonZeroU32,
    pub writes_per_minute: NonZeroU32,
    /// Live connections at once.
    pub live_connections: NonZeroU32,
    /// Of an address, whoever asks.
    pub sign_ins_per_minute: NonZeroU32,
    pub sign_ups_per_hour: NonZeroU32,
    /// Of a member, from all addresses together.
    pub member_reads_per_minute: NonZeroU32,
    pub member_writes_per_minute: NonZeroU32,
    pub exports_per_hour: NonZeroU32,
}

pub struct Limits {
    reads: Limit,
    writes: Limit,
    sign_ins: Limit,
    sign_ups: Limit,
    /// Live connections of strangers at one address at once; `live::connections` counts them.
    pub live_connections: usize,
    member_reads: Limit<Uuid>,
    member_writes: Limit<Uuid>,
    exports: Limit<Uuid>,
}

impl Limits {
    pub fn new(allowances: Allowances) -> Limits {
        Limits {
            reads: Limit::per_minute("reads", allowances.reads_per_minute),
            writes: Limit::per_minute("writes", allowances.writes_per_minute),
            sign_ins: Limit::per_minute("sign-ins", allowances.sign_ins_per_minute),
            sign_ups: Limit::per_hour("sign-ups", allowances.sign_ups_per_hour),
            live_connections: allowances.live_connections.get() as usize,
            member_reads: Limit::per_minute("member-reads", allowances.member_reads_per_minute),
            member_writes: Limit::per_minute("member-writes", allowances.member_writes_per_minute),
            exports: Limit::per_hour("exports", allowances.exports_per_hour),
        }
    }

    pub fn check_sign_in(&self, address: ClientAddress) -> Result<(), Problem> {
        self.sign_ins.check(&household(address.0))
    }

    pub fn check_sign_up(&self, address: ClientAddress) -> Result<(), Problem> {
        self.sign_ups.check(&household(address.0))
    }

    pub fn check_read(
        &self,
        address: ClientAddress,
        member: Option<MemberId>,
    ) -> Result<(), Problem> {
        match member {
            Some(member) => self.member_reads.check(&member.0),
            None => self.reads.check(&household(address.0)),
        }
    }

    pub fn check_write(
        &self,
        address: ClientAddress,
        member: Option<MemberId>,
    ) -> Result<(), Problem> {
        match member {
            Some(member) => self.member_writes.check(&member.0),
            None => self.writes.check(&household(address.0)),
        }
    }

    pub fn check_export(&self, member: MemberId) -> Result<(), Problem> {
        self.exports.check(&member.0)
    }
}

/// Middleware, inside the session's: counts reads, and tells on every answer what is left of all
/// that it was counted for. Writes are counted where they are asked ([`crate::asking::Asking`]),
/// so that a form keeps what was typed; those that did not get so far, here.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    told::on_answer(async move {
        let extensions = request.extensions();
        let member = extensions.get::<Caller>().map(|caller| caller.member);
        let counted = match extensions.get::<ClientAddress>() {
            Some(address) if is_read(&request) => app.limits.check_read(*address, member),
            _ => Ok(()),
        };
        if let Err(problem) = counted {
            return problem.into_response();
        }
        let address = extensions.get::<ClientAddress>().copied();
        let (is_write, response) = (!is_read(&request), next.run(request).await);
        match address.filter(|_| is_write && is_uncounted(&response)) {
            Some(address) => match app.limits.check_write(address, member) {
                Ok(()) => response,
                Err(problem) => problem.into_response(),
            },
            None => response,
        }
    })
    .await
}

/// Refused before it was asked: it counts all the same.
fn is_uncounted(response: &Response) -> bool {
    !response.status().is_success() && told::is_nothing_counted()
}

/// The site's own files are embedded and cached for ever: a page's many are no reading.
fn is_read(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.uri().path().starts_with("/assets/")
}

type Middleware = StateInformationMiddleware;
type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, Middleware>;
type Direct = RateLimiter<NotKeyed, InMemoryState, DefaultClock, Middleware>;

struct Limit<K: Clone + Eq + Hash = IpAddr> {
    name: &'static str,
    allowed: u32,
    window: Duration,
    known: Keyed<K>,
    most_known: usize,
    crowd: Direct,
    forgetting: DefaultDirectRateLimiter,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

impl<K: Clone + Eq + Hash> Limit<K> {
    fn per_minute(name: &'static str, allowed: NonZeroU32) -> Limit<K> {
        Limit::new(name, (allowed, MINUTE), REMEMBERED, FORGET_EVERY)
    }

    fn per_hour(name: &'static str, allowed: NonZeroU32) -> Limit<K> {
        Limit::new(name, (allowed, HOUR), REMEMBERED, FORGET_EVERY)
    }

    fn new(
        name: &'static str,
        (allowed, window): (NonZeroU32, Duration),
        most_known: usize,
        forget_every: Duration,
    ) -> Limit<K> {
        let every = |interval| Quota::with_period(interval).expect("it is longer than nothing");
        let interval = (window / allowed.get()).max(Duration::from_nanos(1));
        let crowd = (interval / CROWD).max(Duration::from_nanos(1));
        let crowd = every(crowd).allow_burst(allowed.saturating_mul(CROWD_FACTOR));
        Limit {
            name,
            allowed: allowed.get(),
            window,
            known: RateLimiter::keyed(every(interval).allow_burst(allowed)).with_middleware(),
            most_known,
            crowd: RateLimiter::direct(crowd).with_middleware(),
            forgetting: RateLimiter::direct(every(forget_every)),
        }
    }

    fn check(&self, key: &K) -> Result<(), Problem> {
        if self.known.len() >= self.most_known && self.forgetting.check().is_ok() {
            self.known.retain_recent();
        }
        // Near the bound a few requests at once may each add their key: over by the number of
        // threads at most.
        let checked = if self.known.len() >= self.most_known {
            self.crowd.check()
        } else {
            self.known.check_key(key)
        };
        match checked {
            Ok(state) => {
                let left = state.remaining_burst_capacity().min(self.allowed);
                self.tell(left, whole_seconds(self.window / self.allowed));
                Ok(())
            }
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let seconds = whole_seconds(wait).max(1);
                self.tell(0, seconds);
                Err(Problem::too_many_requests(seconds))
            }
        }
    }

    fn tell(&self, left: u32, seconds: u32) {
        told::tell(Standing {
            name: self.name,
            allowed: self.allowed,
            window: self.window,
            left,
            seconds,
        });
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

    fn limit<K: Clone + Eq + Hash>(allowed: u32, window: Duration, most: usize) -> Limit<K> {
        let allowed = NonZeroU32::new(allowed).unwrap();
        Limit::new("tries", (allowed, window), most, FORGET_EVERY)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn the_third_of_two_is_told_when_to_come_back() {
        let limit = limit(2, HOUR, 10);
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
        let limit = limit(2, HOUR, 10);
        let mut refused = 0;
        for last in 0..=255 {
            refused += usize::from(limit.check(&address(last)).is_err());
        }
        assert_eq!(limit.known.len(), 10);
        // 10 known, 100 in the crowd's burst.
        assert_eq!(refused, 256 - 10 - 100);
    }

    #[test]
    fn quiet_addresses_are_forgotten() {
        let thousand_a_second = (NonZeroU32::new(1_000).unwrap(), Duration::from_secs(1));
        let limit = Limit::new("tries", thousand_a_second, 2, Duration::from_millis(1));
        assert!(limit.check(&address(1)).is_ok());
        assert!(limit.check(&address(2)).is_ok());
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while limit.known.len() >= 2 {
            assert!(std::time::Instant::now() < deadline, "never forgotten");
            drop(limit.check(&address(3)));
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn an_answer_says_what_is_left_of_each_limit_and_until_when() {
        let (mine, ours) = (limit(2, HOUR, 10), limit(240, MINUTE, 10));
        let answers = [(1, 1_800), (0, 1_800), (0, 1_800)];
        for (left, seconds) in answers {
            let response =
                told::on_answer(async { ours.check(&1).and(mine.check(&1)).into_response() });
            let response = response.await;
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            let policy = r#""tries";q=240;w=60, "tries";q=2;w=3600"#;
            assert_eq!(header("ratelimit-policy"), policy);
            let told = header("ratelimit");
            let mine = told.split(", ").nth(1).unwrap();
            let expected = format!(r#""tries";r={left};t="#);
            let t: u32 = mine.strip_prefix(&expected).unwrap().parse().unwrap();
            assert!((seconds - 5..=seconds).contains(&t), "{told}");
        }
        let nobody_counted = told::on_answer(async { "hello".into_response() }).await;
        assert!(!nobody_counted.headers().contains_key("ratelimit"));
    }

    #[test]
    fn waiting_is_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_millis(2_000)), 2);
    }
}
