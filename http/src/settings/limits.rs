//! What strangers and members may take of a node.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use crate::address::Network;
use crate::limits::Allowances;
use crate::server::Bounds;

/// A request's head must arrive within this; also how long a kept connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Whoever acknowledges nothing for so long is gone.
const DEAF_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, Args)]
pub struct Limits {
    /// Client connections at once; at the bound, new ones wait
    #[arg(long, env = "REELTIME_CONNECTIONS", default_value = "4096")]
    pub connections: NonZeroU32,

    /// Of these, of one address that is neither this machine nor a trusted proxy; at the bound, new
    /// ones are hung up on
    #[arg(long, env = "REELTIME_CONNECTIONS_PER_ADDRESS", default_value = "2048")]
    pub connections_per_address: NonZeroU32,

    /// Seconds until a request that is not answered gets a 503
    #[arg(long, env = "REELTIME_REQUEST_TIMEOUT_SECONDS", default_value = "30")]
    pub request_timeout_seconds: NonZeroU32,

    /// Seconds that requests in flight may take when Reeltime is told to stop
    #[arg(long, env = "REELTIME_SHUTDOWN_TIMEOUT_SECONDS", default_value = "10")]
    pub shutdown_timeout_seconds: NonZeroU32,

    /// Pages and answers of the API per minute and address (of IPv6, a network of /64) of who is not
    /// signed in; beyond, 429
    #[arg(long, env = "REELTIME_READS_PER_MINUTE", default_value = "6000")]
    pub reads_per_minute: NonZeroU32,

    /// The same of a member, from all addresses together
    #[arg(long, env = "REELTIME_MEMBER_READS_PER_MINUTE", default_value = "600")]
    pub member_reads_per_minute: NonZeroU32,

    /// Changes per minute and address of who is not signed in; beyond, 429
    #[arg(long, env = "REELTIME_WRITES_PER_MINUTE", default_value = "600")]
    pub writes_per_minute: NonZeroU32,

    /// The same of a member, from all addresses together
    #[arg(long, env = "REELTIME_MEMBER_WRITES_PER_MINUTE", default_value = "120")]
    pub member_writes_per_minute: NonZeroU32,

    /// Attempts to sign in per minute and address; beyond, 429
    #[arg(long, env = "REELTIME_SIGN_INS_PER_MINUTE", default_value = "60")]
    pub sign_ins_per_minute: NonZeroU32,

    /// Attempts to sign up per hour and address; beyond, 429
    #[arg(long, env = "REELTIME_SIGN_UPS_PER_HOUR", default_value = "120")]
    pub sign_ups_per_hour: NonZeroU32,

    /// Live connections (sockets and streams of events) of one address at once, of who is not signed
    /// in; beyond, 429
    #[arg(
        long,
        env = "REELTIME_LIVE_CONNECTIONS_PER_ADDRESS",
        default_value = "1024"
    )]
    pub live_connections_per_address: NonZeroU32,

    /// How often in an hour a member may take all of theirs along; beyond, 429
    #[arg(long, env = "REELTIME_EXPORTS_PER_HOUR", default_value = "6")]
    pub exports_per_hour: NonZeroU32,
}

impl Limits {
    pub fn request_timeout(&self) -> Duration {
        seconds(self.request_timeout_seconds)
    }

    pub fn bounds(&self, trusted_proxies: &[Network]) -> Bounds {
        Bounds {
            connections: self.connections.get() as usize,
            per_address: self.connections_per_address.get() as usize,
            proxies: [trusted_proxies, &Network::HERE].concat(),
            head_timeout: HEAD_TIMEOUT,
            deaf_timeout: DEAF_TIMEOUT,
            shutdown_timeout: seconds(self.shutdown_timeout_seconds),
        }
    }

    pub fn allowances(&self) -> Allowances {
        Allowances {
            reads_per_minute: self.reads_per_minute,
            member_reads_per_minute: self.member_reads_per_minute,
            member_writes_per_minute: self.member_writes_per_minute,
            live_connections: self.live_connections_per_address,
            sign_ins_per_minute: self.sign_ins_per_minute,
            sign_ups_per_hour: self.sign_ups_per_hour,
            writes_per_minute: self.writes_per_minute,
            exports_per_hour: self.exports_per_hour,
        }
    }
}

fn seconds(number: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(number.get()))
}
