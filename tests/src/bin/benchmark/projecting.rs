//! Events per second through all read models, live and in a rebuild.

use std::time::{Duration, Instant};

use domain::{Rating, ReviewText};
use event_log::Tail;
use futures::TryStreamExt;
use projections::{Pace, Projector, Rebuild};
use sqlx::{AssertSqlSafe, PgPool};
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

    let all = Rebuild {
        models: vec![],
        pace: Pace::Full,
        resume: false,
    };
    let start = Instant::now();
    let done = projections::rebuild(pool, &keyring, &all, |_| {}).await?;
    let rebuilding = start.elapsed();
    let switched_in = done.switched_in.as_secs_f64() * 1_000.0;
    let reading = copy_events(pool, head).await?;
    let (writing, rows) = copy_rows(pool).await?;

    let per_second = |duration: Duration| head as f64 / duration.as_secs_f64();
    let (rebuilt, read) = (per_second(rebuilding), per_second(reading));
    let copied = per_second(writing);
    let both = per_second(reading + writing);
    println!("\nEvents per second through all read models ({head} events, {rows} rows)");
    println!("  recorded                      {recorded:9.0}");
    println!("  projected, catching up        {live:9.0}");
    println!("  rebuilt beside the live       {rebuilt:9.0}  (switched in {switched_in:.1} ms)");
    println!("  limit: events read by COPY    {read:9.0}");
    println!("  limit: rows written by COPY   {copied:9.0}  (with the key, without decoding)");
    println!(
        "  limit: one after the other    {both:9.0}  (rebuilt: {:.2} of it)",
        rebuilt / both
    );
    Ok(())
}

/// All events, as rebuilding reads them.
async fn copy_events(pool: &PgPool, head: i64) -> anyhow::Result<Duration> {
    let mut connection = pool.acquire().await?;
    let start = Instant::now();
    let mut position = 0;
    while position < head {
        let events = event_log::copy_page(&mut connection, position, 20_000).await?;
        position = events.last().map_or(head, |event| event.position);
    }
    Ok(start.elapsed())
}

/// All rows of the read tables, into tables with their key. Fetched before the time
/// is taken.
async fn copy_rows(pool: &PgPool) -> anyhow::Result<(Duration, i64)> {
    let mut connection = pool.acquire().await?;
    sqlx::raw_sql("set synchronous_commit = off; create schema copied")
        .execute(&mut *connection)
        .await?;
    let (mut taken, mut rows) = (Duration::ZERO, 0);
    for (table, _) in projections::model_versions() {
        let sql = format!("copy read.{table} to stdout (format binary)");
        let chunks: Vec<_> = connection.copy_out_raw(&sql).await?.try_collect().await?;
        let clone = format!(
            "create table copied.{table} (like read.{table} including all excluding indexes)"
        );
        sqlx::raw_sql(AssertSqlSafe(clone))
            .execute(&mut *connection)
            .await?;
        let key: String = sqlx::query_scalar(
            "select pg_get_constraintdef(oid) from pg_constraint
             where conrelid = ('read.' || $1)::regclass and contype = 'p'",
        )
        .bind(table)
        .fetch_one(&mut *connection)
        .await?;
        let key = format!("alter table copied.{table} add {key}");
        sqlx::raw_sql(AssertSqlSafe(key))
            .execute(&mut *connection)
            .await?;
        let bytes: Vec<u8> = chunks.concat();
        let start = Instant::now();
        let sql = format!("copy copied.{table} from stdin (format binary)");
        let mut copying = connection.copy_in_raw(&sql).await?;
        copying.send(bytes).await?;
        rows += i64::try_from(copying.finish().await?)?;
        taken += start.elapsed();
    }
    Ok((taken, rows))
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
