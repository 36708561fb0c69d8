//! `status`: where the log and the read models stand, what they take on the
//! disk, and who holds which lease. All seen in one snapshot.

mod telling;

use std::process::ExitCode;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use event_log::checkpoint::newest_up_to;
use event_log::position_before;
use projections::{Build, Kept, Standing, State, Verified};
use serde::Serialize;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, FromRow, PgPool};

use crate::out::Out;

/// Days whose events are counted, with today.
const DAYS: i64 = 7;
/// Rows of larger tables are estimated: counting them would take long.
const COUNTED_UP_TO: i64 = 256 * 1024 * 1024;

#[derive(Serialize)]
struct Status {
    now: String,
    log: Log,
    read_models: Option<ReadModels>,
    /// Rebuilds that run or were broken off.
    builds: Vec<Building>,
    /// What was live before the last switch.
    kept: Vec<KeptTable>,
    verifications: Vec<Verification>,
    leases: Vec<Lease>,
    database_bytes: i64,
}

#[derive(Serialize)]
struct Building {
    model: String,
    version: i32,
    position: i64,
}

#[derive(Serialize)]
struct KeptTable {
    model: String,
    version: i32,
    position: i64,
}

#[derive(Serialize)]
struct Verification {
    what: String,
    position: i64,
    sound: bool,
    at: String,
}

#[derive(Serialize)]
struct Log {
    head: i64,
    recorded_at: Option<String>,
    /// The newest signed checkpoint; none: nobody signs.
    signed: Option<Signed>,
    events_bytes: i64,
    commands_bytes: i64,
    /// The latest first, in UTC.
    days: Vec<Day>,
}

#[derive(Serialize)]
struct Signed {
    position: i64,
    at: String,
}

#[derive(Serialize)]
struct Day {
    day: String,
    events: i64,
}

#[derive(Serialize)]
struct ReadModels {
    position: i64,
    /// How many events they lack.
    behind: i64,
    models: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    model: String,
    /// Of the code that wrote its rows; none before a projector was there.
    version: Option<i32>,
    /// Of this program's code: another one is rebuilt when Reeltime starts.
    code_version: i32,
    state: &'static str,
    position: i64,
    behind: i64,
    failed_at: Option<i64>,
    error: Option<String>,
    rows: i64,
    estimated: bool,
    bytes: i64,
}

#[derive(FromRow, Serialize)]
struct Lease {
    name: String,
    holder: String,
    epoch: i64,
    /// Negative: it has run out. None: it was revoked.
    expires_in_seconds: Option<f64>,
    /// The holder's connection is there.
    connected: bool,
}

pub async fn run(pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let begin = "begin isolation level repeatable read, read only";
    let mut snapshot = pool.begin_with(begin).await?;
    let status = status(&mut snapshot).await?;
    if out.json {
        out.object(&status)?;
    } else {
        telling::tell(&status, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(connection: &mut PgConnection) -> anyhow::Result<Status> {
    let now: DateTime<Utc> = sqlx::query_scalar("select now()")
        .fetch_one(&mut *connection)
        .await?;
    let log = log(connection, now).await?;
    let read_models = read_models(connection, log.head).await?;
    let (mut builds, mut kept, mut verifications) = (Vec::new(), Vec::new(), Vec::new());
    if read_models.is_some() {
        builds = projections::builds(connection).await?;
        kept = projections::kept(connection).await?;
        verifications = projections::verifications(connection).await?;
    }
    Ok(Status {
        now: rfc3339(now),
        read_models,
        log,
        builds: builds.into_iter().map(Building::from).collect(),
        kept: kept.into_iter().map(KeptTable::from).collect(),
        verifications: verifications.into_iter().map(Verification::from).collect(),
        leases: leases(connection).await?,
        database_bytes: sqlx::query_scalar("select pg_database_size(current_database())")
            .fetch_one(connection)
            .await?,
    })
}

impl From<Build> for Building {
    fn from(build: Build) -> Building {
        Building {
            model: build.model,
            version: build.version,
            position: build.position,
        }
    }
}

impl From<Kept> for KeptTable {
    fn from(kept: Kept) -> KeptTable {
        KeptTable {
            model: kept.model,
            version: kept.version,
            position: kept.position,
        }
    }
}

impl From<Verified> for Verification {
    fn from(verified: Verified) -> Verification {
        Verification {
            what: verified.what,
            position: verified.position,
            sound: verified.sound,
            at: rfc3339(verified.at),
        }
    }
}

async fn log(connection: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Log> {
    let head = event_log::head(&mut *connection).await?;
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let mut days = Vec::new();
    let mut end = head.position;
    for back in 0..DAYS {
        let midnight = today - TimeDelta::days(back);
        let before = position_before(connection, midnight).await?;
        days.push(Day {
            day: midnight.format("%Y-%m-%d").to_string(),
            events: end - before,
        });
        end = before;
    }
    let signed = newest_up_to(&mut *connection, head.position).await?;
    Ok(Log {
        head: head.position,
        signed: signed.map(|signed| Signed {
            position: signed.size,
            at: rfc3339(signed.signed_at),
        }),
        recorded_at: (head.position > 0).then(|| rfc3339(head.recorded_at)),
        events_bytes: size(connection, "log.events").await?,
        commands_bytes: size(connection, "log.commands").await?,
        days,
    })
}

/// None: the database has none yet.
async fn read_models(
    connection: &mut PgConnection,
    head: i64,
) -> anyhow::Result<Option<ReadModels>> {
    let there: bool = sqlx::query_scalar("select to_regclass('replay.builds') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(None);
    }
    sqlx::query("set local search_path to read")
        .execute(&mut *connection)
        .await?;
    let position: i64 = sqlx::query_scalar("select coalesce(max(position), 0) from checkpoints")
        .fetch_one(&mut *connection)
        .await?;
    let standings = projections::standings(&mut *connection).await?;
    let mut models = Vec::new();
    for (name, code_version) in projections::model_versions() {
        let standing = standings.iter().find(|standing| standing.name == name);
        let mut model = model(connection, name, position, standing).await?;
        model.code_version = code_version;
        model.behind = head - model.position;
        models.push(model);
    }
    Ok(Some(ReadModels {
        position,
        behind: head - position,
        models,
    }))
}

async fn model(
    connection: &mut PgConnection,
    name: &str,
    live: i64,
    standing: Option<&Standing>,
) -> anyhow::Result<Model> {
    let bytes = size(connection, name).await?;
    let estimated = bytes > COUNTED_UP_TO;
    let rows: i64 = if estimated {
        let sql = "select greatest(reltuples, 0)::bigint from pg_class where oid = $1::regclass";
        let estimate = sqlx::query_scalar(sql).bind(name);
        estimate.fetch_one(connection).await?
    } else {
        let sql = AssertSqlSafe(format!("select count(*) from {name}"));
        sqlx::query_scalar(sql).fetch_one(connection).await?
    };
    let failure = standing.and_then(|standing| standing.failure.clone());
    let (failed_at, error) = failure.unzip();
    Ok(Model {
        model: name.to_owned(),
        version: standing.map(|standing| standing.version),
        code_version: 0,
        state: standing
            .map_or(State::Live, |standing| standing.state)
            .as_str(),
        position: standing.map_or(live, |standing| standing.position),
        behind: 0,
        failed_at,
        error,
        rows,
        estimated,
        bytes,
    })
}

/// With its indexes.
async fn size(connection: &mut PgConnection, table: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("select pg_total_relation_size($1::text::regclass)")
        .bind(table)
        .fetch_one(connection)
        .await
}

async fn leases(connection: &mut PgConnection) -> anyhow::Result<Vec<Lease>> {
    let leases = sqlx::query_as(
        "select name, holder::text as holder, epoch,
                case when isfinite(expires_at)
                     then extract(epoch from expires_at - clock_timestamp())::float8
                end as expires_in_seconds,
                exists (select from pg_stat_activity a
                        where a.pid = l.backend and a.backend_start = l.backend_start) as connected
         from coordination.leases l order by name",
    )
    .fetch_all(connection)
    .await?;
    Ok(leases)
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
