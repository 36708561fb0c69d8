//! The address of a PostgreSQL server. It may hold a password, so it is never printed, not even
//! when it is wrong.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use anyhow::ensure;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// How it is reached. Warns where others could read along.
    pub fn connect(&self) -> anyhow::Result<PgConnectOptions> {
        let schemes = ["postgres://", "postgresql://"];
        let is_ours = schemes.iter().any(|scheme| self.0.starts_with(scheme));
        ensure!(is_ours, "it begins with postgres://");
        let options = PgConnectOptions::from_str(&self.0)?;
        if may_be_plain(&options) {
            tracing::warn!(
                host = options.get_host(),
                "PostgreSQL is elsewhere, and TLS is not demanded: whoever is on the way may read \
                 along. Add ?sslmode=verify-full to its address"
            );
        }
        Ok(options)
    }
}

/// Elsewhere, by TLS or without, as the other side likes.
fn may_be_plain(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_here = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback());
    let is_demanded = matches!(
        options.get_ssl_mode(),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    !is_here && !is_demanded
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> DatabaseUrl {
        DatabaseUrl(url)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_without_tls_is_noticed() {
        let is_plain = |url: &str| {
            let url = DatabaseUrl::from(format!("postgres://ann:secret@{url}"));
            may_be_plain(&url.connect().unwrap())
        };
        for elsewhere in ["db.example/reeltime", "10.0.0.7/reeltime?sslmode=prefer"] {
            assert!(is_plain(elsewhere), "{elsewhere}");
        }
        for safe in [
            "localhost/reeltime",
            "127.0.0.1:5432/reeltime",
            "[::1]/reeltime",
            "localhost/reeltime?host=/run/postgresql",
            "db.example/reeltime?sslmode=require",
            "db.example/reeltime?sslmode=verify-full",
        ] {
            assert!(!is_plain(safe), "{safe}");
        }
    }
}
