//! Events per second through all read models, live and in a rebuild.

use std::time::Instant;

use domain::{Rating, ReviewText};
use event_log::Tail;
use projections::Projector;
use sqlx::PgPool;
use tests::history::{self, MEMBERS};
use tests::{clock, new_id};

/// Reviews, each with a like: what the history consists of.
const REVIEWS: u128 = 20_000;
const FILMS: u128 = 400;
/// Commands given at once.
const AT_ONCE: u128 = 500;

pub async fn measure(pool: &PgPool) -> anyhow::Result<()> {
    let keyring = tests::keyring(pool).await;
    let tail = Tail::start(pool.clone()).await?;
    let sequencer =
        commands::Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock()).await?;
    history::begin(&sequencer, FILMS).await?;
    let start = Instant::now();
    for first in (0..REVIEWS).step_by(AT_ONCE as usize) {
        let some = (first..first + AT_ONCE).map(|number| review_and_like(&sequencer, number));
        futures::future::join_all(some).await;
    }
    let head = event_log::head(pool).await?.position;
    let recorded = head as f64 / start.elapsed().as_secs_f64();

    let start = Instant::now();
    let projector = Projector::start(pool, keyring.clone(), tail, new_id());
    let mut projected = projector.projected();
    projected.wait_for(|position| *position >= head).await?;
    let live = head as f64 / start.elapsed().as_secs_f64();

    let start = Instant::now();
    projections::rebuild(pool, &keyring, |_, _| {}).await?;
    let rebuilt = head as f64 / start.elapsed().as_secs_f64();

    let start = Instant::now();
    let payloads: Vec<(i64, String)> =
        sqlx::query_as("select position, payload::text from log.events order by position")
            .fetch_all(pool)
            .await?;
    let read = payloads.len() as f64 / start.elapsed().as_secs_f64();

    println!("\nEvents per second through all read models ({head} events)");
    println!("  recorded                  {recorded:9.0}");
    println!("  projected, catching up    {live:9.0}");
    println!("  rebuilt beside the live   {rebuilt:9.0}");
    println!("  limit: read by one query  {read:9.0}");
    Ok(())
}

async fn review_and_like(sequencer: &commands::Sequencer, number: u128) {
    let member = history::member(number % MEMBERS);
    let other = history::member((number + 1) % MEMBERS);
    let film = history::film(number / MEMBERS % FILMS);
    let stars = u8::try_from(number % 10 + 1).expect("at most ten");
    let review = commands::review::Review {
        member,
        film,
        rating: Rating::new(stars).expect("half stars"),
        text: ReviewText::new("A film that stays with me.").expect("a short text"),
        spoiler: false,
    };
    let review_id = domain::ReviewId::of(member, film);
    let _ = commands::execute(sequencer, history::asked(member), review).await;
    let like = commands::like::Like {
        member: other,
        review: review_id,
    };
    let _ = commands::execute(sequencer, history::asked(other), like).await;
}
