//! The address that people type.

use std::str::FromStr;

use axum::http::Uri;

/// Scheme and host (and port) by which people reach this server.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicUrl {
    origin: String,
}

impl PublicUrl {
    /// As a browser sends it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port, without the scheme.
    pub fn host(&self) -> &str {
        let host = self.origin.split_once("://");
        host.map_or(&self.origin, |(_, host)| host)
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<PublicUrl, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "this is not an address")?;
        let scheme = match uri.scheme_str() {
            Some("https") => "https",
            Some("http") => "http",
            _ => return Err("it begins with https:// or http://"),
        };
        let authority = uri.authority().ok_or("it has no host")?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('@') {
            return Err("it is a host alone, without a path");
        }
        // Browsers leave out the port that goes without saying.
        let host = authority.host().to_ascii_lowercase();
        let origin = match authority.port_u16() {
            None | Some(443) if scheme == "https" => format!("{scheme}://{host}"),
            None | Some(80) if scheme == "http" => format!("{scheme}://{host}"),
            None => format!("{scheme}://{host}"),
            Some(port) => format!("{scheme}://{host}:{port}"),
        };
        Ok(PublicUrl { origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_an_origin() {
        let origin = |text: &str| text.parse().map(|url: PublicUrl| url.origin);
        assert_eq!(
            origin("https://Reeltime.example:443/").unwrap(),
            "https://reeltime.example"
        );
        assert_eq!(
            origin("http://localhost:8080").unwrap(),
            "http://localhost:8080"
        );
        for wrong in [
            "reeltime.example",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
