//! Milliseconds of a page of the log by each filter, among generated events, and what each of the
//! indexes costs whoever appends.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use event_log::{Order, read_matching};
use projections::history::Wanted;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

/// What the issue asks for.
const GOAL_MS: f64 = 50.0;
const PAGE: i64 = 100;
/// Events in one statement while the log is filled.
const AT_ONCE: i64 = 100_000;
/// Events in one transaction while appending is timed, as a busy sequencer has them.
const BATCH: i64 = 100;
/// Events that are made up beforehand for that.
const STAGED: i64 = 30_000;
const INDEXES: [&str; 6] = [
    "events_by_actor",
    "events_by_type",
    "events_by_correlation",
    "events_by_film",
    "events_by_member",
    "events_by_author",
];

pub async fn measure(pool: PgPool, events: i64, each: Duration) -> anyhow::Result<()> {
    let definitions = definitions(&pool).await?;
    for (name, _) in &definitions {
        run(&pool, &format!("drop index log.{name}")).await?;
    }
    let start = Instant::now();
    prepare(&pool).await?;
    for first in (1..=events).step_by(AT_ONCE as usize) {
        let last = (first + AT_ONCE - 1).min(events);
        run(
            &pool,
            &format!("insert into log.events select * from generated({first}, {last})"),
        )
        .await?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("\nAuditing {events} events (made up in {seconds:.0} s)");
    appends(&pool, events, &definitions, each).await?;
    let start = Instant::now();
    for (_, definition) in &definitions {
        run(&pool, definition).await?;
    }
    run(&pool, "vacuum analyze log.events").await?;
    let seconds = start.elapsed().as_secs_f64();
    println!("  all indexes made in {seconds:.0} s");
    sizes(&pool).await?;
    filters(&pool, events, each).await
}

async fn run(pool: &PgPool, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
    Ok(())
}

/// The migration's own.
async fn definitions(pool: &PgPool) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    for name in INDEXES {
        let sql = "select indexdef from pg_indexes where schemaname = 'log' and indexname = $1";
        let definition: String = sqlx::query_scalar(sql).bind(name).fetch_one(pool).await?;
        found.push((name, definition));
    }
    Ok(found)
}

/// A history of real shape: few members and films are in most of it; a fifth is one large room.
async fn prepare(pool: &PgPool) -> sqlx::Result<()> {
    run(
        pool,
        "create function made(kind text, n bigint) returns uuid language sql immutable as $$
             select md5(kind || n)::uuid
         $$;
         create function generated(first bigint, last bigint) returns setof log.events
         language sql as $$
             select n,
                    case kind when 'room.message_posted'
                         then case when n % 10 < 2 then 'room-' || made('room', 0)
                                   else 'room-' || made('room', 1 + n) end
                         else split_part(kind, '.', 1) || '-' || made('stream', n) end,
                    case when kind = 'room.message_posted' and n % 10 < 2
                         then n / 10 * 2 + n % 10 + 1 else 1 end,
                    made('event', n), kind, 1,
                    case
                        when kind like 'like.%' then json_build_object(
                            'like', made('stream', n), 'film', film, 'member', actor,
                            'author', author, 'posting', 1)
                        when kind like 'room.%' then json_build_object(
                            'room', made('room', 0), 'member', actor, 'n', n,
                            'body', json_build_object('sealed', repeat('x', 120)))
                        when kind like 'member.%' then json_build_object(
                            'member', author, 'role', 'moderator', 'by', actor)
                        else json_build_object(
                            'review', made('stream', n), 'film', film, 'member', actor,
                            'rating', 8, 'text', json_build_object('sealed', repeat('x', 200)))
                    end,
                    null::uuid, actor, made('command', n),
                    (lpad(to_hex(n / 2), 32, '0'))::uuid, null::uuid,
                    timestamptz '2026-01-01' + n * interval '1 second',
                    timestamptz '2026-01-01' + n * interval '1 second',
                    decode(repeat('00', 32), 'hex'), null::bigint,
                    case when kind not like 'room.%' and kind not like 'member.%'
                         then nullif(film, actor) end,
                    case when kind like 'member.%' then nullif(author, actor) end,
                    case when kind like 'like.%' then nullif(author, actor) end
             from (select n,
                          made('member', (50000 * power(random(), 4))::bigint) as actor,
                          made('member', (50000 * power(random(), 4))::bigint) as author,
                          made('film', (4000 * power(random(), 3))::bigint) as film,
                          case when n % 10 < 2 then 'room.message_posted'
                               when n % 1000 = 999 then 'member.role_granted'
                               when n % 10 < 5 then 'review.posted'
                               when n % 10 < 6 then 'comment.posted'
                               else 'like.liked' end as kind
                   from generate_series(first, last) as n) drawn
         $$",
    )
    .await
}

/// Appends per second without the indexes, with each of them, and with all.
async fn appends(
    pool: &PgPool,
    events: i64,
    definitions: &[(&'static str, String)],
    each: Duration,
) -> anyhow::Result<()> {
    let mut head = events;
    let bare = rate(pool, &mut head, each).await?;
    println!("  {:34} {bare:9.0}", "events appended per second, bare");
    for (name, definition) in definitions {
        run(pool, definition).await?;
        let with = rate(pool, &mut head, each).await?;
        run(pool, &format!("drop index log.{name}")).await?;
        println!(
            "    with {name:29} {with:9.0}  ({:+.1} %)",
            100.0 * (with / bare - 1.0)
        );
    }
    for (_, definition) in definitions {
        run(pool, definition).await?;
    }
    let all = rate(pool, &mut head, each).await?;
    println!(
        "    with {:29} {all:9.0}  ({:+.1} %)",
        "all",
        100.0 * (all / bare - 1.0)
    );
    for (name, _) in definitions {
        run(pool, &format!("drop index log.{name}")).await?;
    }
    let again = rate(pool, &mut head, each).await?;
    println!(
        "    bare again {:23} {again:9.0}  ({:+.1} %)",
        "",
        100.0 * (again / bare - 1.0)
    );
    Ok(())
}

/// In batches under the log's lock, without waiting for the disk: what is timed is the work.
async fn rate(pool: &PgPool, head: &mut i64, each: Duration) -> anyhow::Result<f64> {
    let mut connection = pool.acquire().await?;
    let first = *head + 1;
    let stage = format!(
        "drop table if exists staged;
         create unlogged table staged as select * from generated({first}, {});
         create unique index on staged (position);
         analyze staged",
        first + STAGED - 1
    );
    sqlx::raw_sql(AssertSqlSafe(stage))
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql("set synchronous_commit = off")
        .execute(&mut *connection)
        .await?;
    let start = Instant::now();
    while start.elapsed() < each && *head + BATCH < first + STAGED {
        sqlx::query(
            "insert into log.events select * from staged where position > $1 and position <= $2",
        )
        .bind(*head)
        .bind(*head + BATCH)
        .execute(&mut *connection)
        .await?;
        *head += BATCH;
    }
    let rate = (*head + 1 - first) as f64 / start.elapsed().as_secs_f64();
    sqlx::raw_sql("reset synchronous_commit")
        .execute(&mut *connection)
        .await?;
    Ok(rate)
}

async fn sizes(pool: &PgPool) -> anyhow::Result<()> {
    let rows: Vec<(String, i64, f64)> = sqlx::query_as(
        "select relname::text, pg_relation_size(oid) / 1048576,
                pg_relation_size(oid)::float8 / (select max(position) from log.events)
         from pg_class where relnamespace = 'log'::regnamespace and relname like 'events%'
         order by relname",
    )
    .fetch_all(pool)
    .await?;
    println!("  {:34} {:>8} {:>14}", "size", "MB", "bytes an event");
    for (name, megabytes, bytes) in rows {
        println!("    {name:32} {megabytes:8} {bytes:14.1}");
    }
    Ok(())
}

/// Whom and what questions are about: the busiest, and some from busy to rare.
struct Asked {
    events: i64,
    room: String,
    members: Vec<Uuid>,
    films: Vec<Uuid>,
}

/// Which of the filters a question has.
const QUESTIONS: [&[&str]; 9] = [
    &["actor"],
    &["stream"],
    &["film"],
    &["member"],
    &["type"],
    &[],
    &["correlation"],
    &["actor", "type"],
    &["member", "film"],
];

impl Asked {
    fn wanted(&self, filters: &[&str], dice: &mut StdRng) -> Wanted {
        let mut wanted = Wanted::default();
        for filter in filters {
            match *filter {
                "actor" => wanted.actor = Some(one_of(&self.members, dice)),
                "member" => wanted.member = Some(one_of(&self.members, dice)),
                "film" => wanted.film = Some(one_of(&self.films, dice)),
                "stream" => wanted.stream = Some(self.room.clone()),
                "type" => wanted.event_type = Some(kind(dice)),
                _ => {
                    let request = dice.random_range(1..=self.events.unsigned_abs() / 2);
                    wanted.correlation = Some(Uuid::from_u128(request.into()));
                }
            }
        }
        wanted
    }
}

/// The busiest, one time of three.
fn one_of(list: &[Uuid], dice: &mut StdRng) -> Uuid {
    match dice.random_bool(0.3) {
        true => list[0],
        false => list[dice.random_range(0..list.len())],
    }
}

async fn filters(pool: &PgPool, events: i64, each: Duration) -> anyhow::Result<()> {
    println!(
        "  {:34} {:>8} {:>8} {:>8}",
        "milliseconds, a page of 100", "median", "p99", "worst"
    );
    let asked = Asked {
        events,
        room: format!("room-{}", made(pool, "room", 0).await?),
        members: sample(pool, "member", 50_000).await?,
        films: sample(pool, "film", 4_000).await?,
    };
    for question in QUESTIONS {
        for is_ranged in [false, true] {
            let mut dice = StdRng::seed_from_u64(7);
            let mut times = Vec::new();
            let start = Instant::now();
            while start.elapsed() < each || times.len() < 100 {
                let mut wanted = asked.wanted(question, &mut dice);
                if is_ranged {
                    (wanted.since, wanted.until) = range(events, &mut dice);
                }
                times.push(time(pool, &wanted, dice.random_bool(0.5)).await?);
            }
            let name = match question.is_empty() {
                true => "everything".to_owned(),
                false => question.join(" and "),
            };
            let range = if is_ranged { ", in a time range" } else { "" };
            tell(&format!("{name}{range}"), &mut times);
        }
    }
    Ok(())
}

fn kind(dice: &mut StdRng) -> String {
    let kinds = [
        "review.posted",
        "like.liked",
        "room.message_posted",
        "member.role_granted",
        "film.revised",
    ];
    kinds[dice.random_range(0..kinds.len())].to_owned()
}

/// Anywhere in the log, of any length.
fn range(events: i64, dice: &mut StdRng) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let first = dice.random_range(0..events);
    let last = dice.random_range(first..=events);
    let begin = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    let at = |seconds| Some(begin + TimeDelta::seconds(seconds));
    (at(first), at(last))
}

async fn time(pool: &PgPool, wanted: &Wanted, newest_first: bool) -> anyhow::Result<f64> {
    let order = if newest_first {
        Order::NewestFirst
    } else {
        Order::OldestFirst
    };
    let mut connection = pool.acquire().await?;
    let start = Instant::now();
    let range = wanted.range(&mut connection).await?;
    read_matching(&mut connection, &wanted.filter(), range, order, PAGE).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn tell(name: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let (median, p99, worst) = (at(0.5), at(0.99), at(1.0));
    let verdict = if p99 > GOAL_MS { "  over 50" } else { "" };
    println!("    {name:32} {median:8.2} {p99:8.2} {worst:8.2}{verdict}");
}

async fn made(pool: &PgPool, kind: &str, n: i64) -> sqlx::Result<Uuid> {
    let query = sqlx::query_scalar("select made($1, $2)");
    query.bind(kind).bind(n).fetch_one(pool).await
}

/// Some of them, from busy to rare.
async fn sample(pool: &PgPool, kind: &str, all: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select made($1, ($2::bigint * power(n / 500.0, 3))::bigint) from generate_series(0, 499) n",
    )
    .bind(kind)
    .bind(all)
    .fetch_all(pool)
    .await
}
