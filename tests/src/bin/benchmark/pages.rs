//! Pages per second over HTTP on the loopback, client and server on the same cores.

use std::net::SocketAddr;
use std::time::Duration;

use domain::{FilmId, Rating, ReviewId, ReviewText};
use sqlx::PgPool;
use tests::history::{self, MEMBERS};
use tokio::net::TcpListener;
use web::app::{App, Options};
use web::security::Protection;
use web::server::Bounds;

use crate::rate;

const CLIENTS: usize = 16;
const REVIEWS: u128 = 500;

pub async fn measure(pool: PgPool, each: Duration) -> anyhow::Result<()> {
    let app = start(&pool).await?;
    let (film, review) = write_reviews(&app).await?;
    let head = event_log::head(&pool).await?.position;
    app.projector
        .projected()
        .wait_for(|position| *position >= head)
        .await?;
    let address = serve(app).await?;
    println!("\nPages per second ({CLIENTS} clients on the same cores)");
    for (name, path) in [
        ("limit: says 'alive'", "/health/live".to_owned()),
        ("main", "/".to_owned()),
        ("film", format!("/films/{film}")),
        ("review", format!("/reviews/{review}")),
        ("film, as JSON", format!("/api/v1/films/{film}")),
    ] {
        let url = format!("http://{address}{path}");
        let client = reqwest::Client::new();
        let answer = client.get(&url).send().await?.error_for_status()?;
        let bytes = answer.bytes().await?.len();
        let pages = rate(CLIENTS, each, move |_| {
            let (client, url) = (client.clone(), url.clone());
            async move {
                match client.get(&url).send().await {
                    Ok(answer) => u64::from(answer.bytes().await.is_ok()),
                    Err(_) => 0,
                }
            }
        })
        .await;
        println!("  {name:20} {pages:8.0}   ({bytes} bytes)");
    }
    Ok(())
}

async fn start(pool: &PgPool) -> anyhow::Result<App> {
    let options = Options {
        allowances: tests::site::generous(),
        connections: 16,
        secure_cookies: false,
        signing: None,
        providers: web::providers::Providers::default(),
        origin: None,
        mailing: tests::site::mailing(&std::env::temp_dir()),
        grace: chrono::TimeDelta::zero(),
        roles_need_two_factors: false,
        tmdb: None,
    };
    let app = App::start(pool.clone(), tests::keyring(pool).await, options).await?;
    web::catalogue::import_into_empty_log(&app).await?;
    history::begin(&app.sequencer, 1).await?;
    Ok(app)
}

/// Fills some films with reviews; returns one of these films, and a review of it.
async fn write_reviews(app: &App) -> anyhow::Result<(FilmId, ReviewId)> {
    let films = web::catalogue::films()?;
    for number in 0..REVIEWS {
        let member = history::member(number % MEMBERS);
        let review = commands::review::Review {
            member,
            film: films[usize::try_from(number / MEMBERS)?].film,
            rating: Rating::new(u8::try_from(number % 10 + 1)?)?,
            text: ReviewText::new("A film that **stays** with me, long after the lights.")?,
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        commands::execute(&app.sequencer, history::asked(member), review).await?;
    }
    let film = films[0].film;
    Ok((film, ReviewId::of(history::member(0), film)))
}

async fn serve(app: App) -> anyhow::Result<SocketAddr> {
    let bounds = Bounds {
        connections: 1_000,
        per_address: 1_000,
        proxies: Vec::new(),
        head_timeout: Duration::from_secs(30),
        deaf_timeout: Duration::from_secs(30),
        shutdown_timeout: Duration::from_secs(1),
    };
    let protection = Protection {
        public_url: None,
        trusted_proxies: Vec::new(),
        request_timeout: Duration::from_secs(30),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = web::routes::router(app, protection);
    tokio::spawn(web::server::serve(
        listener,
        router,
        bounds,
        std::future::pending(),
    ));
    Ok(address)
}
