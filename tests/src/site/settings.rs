//! How the node of a test is set: nobody is held up, letters go to a folder.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;
use event_log::checkpoint::SigningKey;
use tempfile::TempDir;
use tokio::net::TcpListener;
use web::app::Options;
use web::limits::Allowances;
use web::mail::{Mailing, Post};
use web::providers::Providers;
use web::security::Protection;
use web::server::Bounds;

pub(super) fn options(mail: &TempDir) -> Options {
    Options {
        allowances: generous(),
        connections: 8,
        secure_cookies: false,
        signing: signing_key().map(|key| (key, None)),
        providers: Providers::default(),
        // nobody reaches it there: browsers of tests ask the router
        origin: Some("http://127.0.0.1:9".to_owned()),
        mailing: mailing(mail.path()),
        grace: TimeDelta::zero(),
        roles_need_two_factors: false,
        tmdb: None,
    }
}

/// So many that no test meets them by chance.
pub fn generous() -> Allowances {
    let many = NonZeroU32::new(1_000_000).expect("more than none");
    Allowances {
        reads_per_minute: many,
        member_reads_per_minute: many,
        member_writes_per_minute: many,
        live_connections: many,
        sign_ins_per_minute: many,
        sign_ups_per_hour: many,
        writes_per_minute: many,
        exports_per_hour: many,
    }
}

/// Of these tests' logs.
fn signing_key() -> Option<SigningKey> {
    SigningKey::from_seed("reeltime.test/log", [7; 32])
}

/// Letters are written to this folder.
pub fn mailing(folder: &Path) -> Mailing {
    Mailing {
        post: Post::Folder(folder.to_owned()),
        from: "Reeltime <no-reply@reeltime.test>"
            .parse()
            .expect("it is one"),
        origin: "http://127.0.0.1:9".to_owned(),
        reaches_people: false,
    }
}

pub(super) fn protection() -> Protection {
    Protection {
        public_url: None,
        trusted_proxies: vec![],
        request_timeout: Duration::from_secs(60),
    }
}

/// As a node serves its router, until the test ends.
pub(super) async fn serve(router: Router) -> String {
    // the tests' clients need the cipher suites that this installs
    drop(web::outgoing::client());
    let bounds = Bounds {
        connections: 1_000,
        per_address: 1_000,
        proxies: vec![],
        head_timeout: Duration::from_secs(30),
        deaf_timeout: Duration::from_secs(30),
        shutdown_timeout: Duration::from_secs(1),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        web::server::serve(listener, router, bounds, std::future::pending()).await;
    });
    format!("http://{address}")
}
