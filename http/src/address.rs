//! The address that a request comes from: the socket's, unless that is a proxy which we were
//! told to trust; then what the proxies wrote into `X-Forwarded-For`, read from the right up
//! to the first address that is none of them. (`Forwarded`, RFC 7239, is not read.)

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// An extractor; `security::identify_request` finds it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Without a socket (a router called directly) everybody is this.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<ClientAddress, Infallible> {
        Ok(parts
            .extensions
            .get()
            .copied()
            .unwrap_or(ClientAddress(NOBODY)))
    }
}

impl ClientAddress {
    pub fn find(
        socket: Option<&ConnectInfo<SocketAddr>>,
        headers: &HeaderMap,
        trusted: &[Network],
    ) -> ClientAddress {
        let peer = socket.map_or(NOBODY, |ConnectInfo(address)| address.ip().to_canonical());
        let is_trusted = |address| trusted.iter().any(|network| network.contains(address));
        let mut found = peer;
        if is_trusted(peer) {
            let lines = headers.get_all(FORWARDED_FOR).iter().rev();
            let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
            for hop in hops.map(String::from_utf8_lossy) {
                // What can't be read was not written by a proxy of ours: stop at the last
                // address that was.
                let Some(address) = read_hop(hop.trim()) else {
                    break;
                };
                found = address;
                if !is_trusted(address) {
                    break;
                }
            }
        }
        ClientAddress(found)
    }
}

/// Whether a proxy seems to be in front that nobody told us to trust: all who come through it are
/// one address. Strangers may say that they are proxies; they have no inner address.
pub fn is_overlooked_proxy(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> bool {
    let peer = peer.ip().to_canonical();
    let is_inner = match peer {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    };
    let is_trusted = trusted.iter().any(|network| network.contains(peer));
    is_inner && !is_trusted && headers.contains_key(FORWARDED_FOR)
}

/// An address, or one with a port.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare
        .parse()
        .ok()
        .or_else(|| hop.parse().ok().map(|a: SocketAddr| a.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// A network in the usual notation: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// This machine itself.
    pub const HERE: [Network; 2] = [
        Network {
            address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)),
            prefix_bits: 8,
        },
        Network {
            address: IpAddr::V6(Ipv6Addr::LOCALHOST),
            prefix_bits: 128,
        },
    ];

    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(self.prefix_bits))
                    .unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.prefix_bits))
                    .unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let unreadable = || format!("{text} is not an address or a network like 10.0.0.0/8");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| unreadable())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            None => longest,
            Some(prefix) => prefix.trim().parse().map_err(|_| unreadable())?,
        };
        if prefix_bits > longest {
            return Err(unreadable());
        }
        Ok(Network {
            address,
            prefix_bits,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// What limits count: a whole IPv6 /64 is one household.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn find(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(FORWARDED_FOR, value);
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let socket = ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711));
        ClientAddress::find(Some(&socket), &headers, &trusted)
            .0
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_their_address() {
        assert_eq!(find("203.0.113.9", &["10.1.1.1"], &[]), "203.0.113.9");
        assert_eq!(
            find("203.0.113.9", &["10.1.1.1"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn trusted_proxies_are_read_from_the_right() {
        let trusted = ["10.0.0.0/8", "::1"];
        assert_eq!(
            find("10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.0.0.2"], &trusted),
            "203.0.113.9"
        );
        assert_eq!(
            find("10.0.0.1", &["6.6.6.6", "203.0.113.9:5000"], &trusted),
            "203.0.113.9"
        );
        assert_eq!(find("::1", &["[2001:db8::7]"], &trusted), "2001:db8::7");
        assert_eq!(
            find("::ffff:10.0.0.1", &["203.0.113.9"], &trusted),
            "203.0.113.9"
        );
    }

    #[test]
    fn what_a_proxy_cannot_have_written_is_not_believed() {
        assert_eq!(
            find("10.0.0.1", &["203.0.113.9, unknown"], &["10.0.0.0/8"]),
            "10.0.0.1"
        );
        assert_eq!(find("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
        // a line that is no ASCII ends there, too: what stands on its right is the proxy's
        assert_eq!(
            find("10.0.0.1", &["6.6.6.6", "é, 203.0.113.9"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
        assert_eq!(
            find("10.0.0.1", &["6.6.6.6", "203.0.113.9, é"], &["10.0.0.0/8"]),
            "10.0.0.1"
        );
    }

    #[test]
    fn a_proxy_that_nobody_trusts_is_noticed() {
        let is_overlooked = |peer: &str, header: &'static str, trusted: &[Network]| {
            let headers = HeaderMap::from_iter([(
                header.parse().unwrap(),
                HeaderValue::from_static("203.0.113.9"),
            )]);
            let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
            is_overlooked_proxy(peer, &headers, trusted)
        };
        for inner in ["127.0.0.1", "::1", "::ffff:10.0.0.1", "fd00::1"] {
            assert!(is_overlooked(inner, FORWARDED_FOR, &[]), "{inner}");
            let all = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap());
            assert!(!is_overlooked(inner, FORWARDED_FOR, &all), "{inner}");
        }
        assert!(!is_overlooked("127.0.0.1", "x-request-id", &[]));
        assert!(!is_overlooked("203.0.113.8", FORWARDED_FOR, &[]));
    }

    #[test]
    fn networks_are_read_and_refused() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()));
        assert!(!all.contains("::1".parse().unwrap()));
        for wrong in ["10.0.0.0/33", "10.0.0/8", "localhost", "::1/129", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_household_is_a_v4_address_or_a_v6_64() {
        let household = |text: &str| household(text.parse().unwrap()).to_string();
        assert_eq!(household("203.0.113.9"), "203.0.113.9");
        assert_eq!(household("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
