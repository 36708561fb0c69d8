//! `status`: where the log and the read models stand, what they take on the
//! disk, and who holds which lease. All seen in one snapshot.

use std::process::ExitCode;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use event_log::position_before;
use indicatif::{HumanBytes, HumanCount};
use projections::{Build, Kept, Standing, State, Verified};
use serde::Serialize;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, FromRow, PgPool};

use crate::out::Out;
use crate::times;

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
    events_bytes: i64,
    commands_bytes: i64,
    /// The latest first, in UTC.
    days: Vec<Day>,
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
        tell_log(&status, out)?;
        tell_read_models(&status, out)?;
        tell_work(&status, out)?;
        tell_leases(&status, out)?;
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
    Ok(Log {
        head: head.position,
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

fn tell_log(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    let log = &status.log;
    let head = out.strong(format!("position {}", count(log.head)));
    match &log.recorded_at {
        Some(time) => {
            let time = times::parse(time).map(times::shown).unwrap_or_default();
            out.line(format!("Log            {head}, recorded {time}"))?;
        }
        None => out.line(format!("Log            {}", out.strong("empty")))?,
    }
    out.line(format!(
        "  on disk      events {}, commands {}, the whole database {}",
        bytes(log.events_bytes),
        bytes(log.commands_bytes),
        bytes(status.database_bytes)
    ))?;
    for (index, day) in log.days.iter().enumerate() {
        let lead = if index == 0 { "by day (UTC)" } else { "" };
        out.line(format!("  {lead:12} {} {:>14}", day.day, count(day.events)))?;
    }
    Ok(())
}

fn tell_read_models(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    let Some(read) = &status.read_models else {
        out.line(format!("Read models    {}", out.bad("none")))?;
        return Ok(());
    };
    let lag = match read.behind {
        0 => out.good("up to date"),
        behind => out.bad(format!("{} events behind", count(behind))),
    };
    let position = out.strong(format!("position {}", count(read.position)));
    out.line(format!("Read models    {position}, {lag}"))?;
    for model in &read.models {
        tell_model(model, read.position, out)?;
    }
    Ok(())
}

fn tell_model(model: &Model, live: i64, out: &mut Out) -> anyhow::Result<()> {
    let rows = match model.estimated {
        true => format!("≈{}", count(model.rows)),
        false => count(model.rows),
    };
    let size = bytes(model.bytes);
    let version = model
        .version
        .map_or("v–".to_owned(), |version| format!("v{version}"));
    let line = format!(
        "  {:20} {version:>4} {rows:>14} rows {size:>12}",
        model.model
    );
    let code = model.code_version;
    let state = match model.state {
        "live" if model.version.is_some_and(|version| version != code) => {
            let outdated = out.bad(format!("v{code} is to be rebuilt"));
            return Ok(out.line(format!("{line}  {outdated}"))?);
        }
        "live" => return Ok(out.line(line)?),
        state => out.bad(state),
    };
    let lacking = count(live - model.position);
    let position = count(model.position);
    out.line(format!(
        "{line}  {state} at position {position}, {lacking} events below"
    ))?;
    if let (Some(position), Some(error)) = (model.failed_at, &model.error) {
        out.line(format!("      event {}: {error}", count(position)))?;
    }
    Ok(())
}

fn tell_work(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    for Building {
        model, position, ..
    } in &status.builds
    {
        let position = count(*position);
        out.line(format!(
            "Rebuild        {model} is at position {position} (on its way, or broken off)"
        ))?;
    }
    for KeptTable {
        model, position, ..
    } in &status.kept
    {
        let position = count(*position);
        out.line(format!(
            "Kept           {model} as it was at position {position}, until `retire`"
        ))?;
    }
    for Verification {
        what,
        position,
        sound,
        at,
    } in &status.verifications
    {
        let verdict = match sound {
            true => out.good("right"),
            false => out.bad("wrong"),
        };
        let (position, at) = (count(*position), times::parse(at).map(times::shown));
        let at = at.unwrap_or_default();
        out.line(format!(
            "Verified       {what}: {verdict} at position {position}, {at}"
        ))?;
    }
    if status.verifications.is_empty() {
        out.line("Verified       never")?;
    }
    Ok(())
}

fn tell_leases(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    if status.leases.is_empty() {
        out.line("Leases         none")?;
    }
    for (index, lease) in status.leases.iter().enumerate() {
        let state = match lease.expires_in_seconds {
            Some(left) if left > 0.0 && lease.connected => {
                out.good(format!("held, for another {left:.1} s unless renewed"))
            }
            // whoever has something to do takes it: free is no fault
            Some(left) if left > 0.0 => "free: its holder is gone".to_owned(),
            Some(left) => format!("free: it ran out {:.0} s ago", -left),
            None => "free: it was revoked".to_owned(),
        };
        let lead = if index == 0 { "Leases" } else { "" };
        let Lease { name, holder, .. } = lease;
        out.line(format!("{lead:14} {name}: {state}; holder {holder}"))?;
    }
    Ok(())
}

fn count(number: i64) -> String {
    match u64::try_from(number) {
        Ok(number) => HumanCount(number).to_string(),
        Err(_) => number.to_string(),
    }
}

fn bytes(number: i64) -> String {
    HumanBytes(u64::try_from(number).unwrap_or_default()).to_string()
}
