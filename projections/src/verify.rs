//! Verifying read models: computed from the log again and compared with the live ones
//! at one position, while members read and write.

use chrono::{DateTime, Utc};
use event_log::{Keyring, copy_page};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, PgPool};

use crate::batch;
use crate::build::{
    self, Pace, Phase, Progress, Reporter, Source, Unit, Where, while_locked, write_window,
};
use crate::compare::{Difference, compare};
use crate::projector::{ProjectError, connect};
use crate::standing::{Standing, State, standings};
use crate::touching;

const SCHEMA: &str = "read_verify";
const LOCK: &str = "select pg_advisory_lock(hashtext('reeltime verification'))";
/// Events in one statement, in the snapshot.
const WINDOW: i64 = 2_000;
/// Differences that are told for each table; more are only more of the same.
const MAX_DIFFERENCES: i64 = 20;

/// Row for row, live against computed again.
#[derive(Debug)]
pub struct Verdict {
    /// Where both were compared; parked models lower, where they stand.
    pub position: i64,
    pub tables: usize,
    pub rows: i64,
    pub differences: Vec<Difference>,
    /// Models whose rows were written by other code: there is nothing to compare with.
    pub skipped: Vec<String>,
}

/// The last time that something was verified.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Verified {
    /// `log` or `read models`.
    pub what: String,
    pub position: i64,
    pub sound: bool,
    pub at: DateTime<Utc>,
}

/// The last verification of each kind.
pub async fn verifications(connection: &mut PgConnection) -> sqlx::Result<Vec<Verified>> {
    let query = "select what, position, sound, at from replay.verifications order by what";
    sqlx::query_as(query).fetch_all(connection).await
}

/// Computes all read models again and compares them with the live ones at one
/// position, while members read and write.
pub async fn verify(
    pool: &PgPool,
    keyring: &Keyring,
    pace: Pace,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Verdict, ProjectError> {
    let mut verifying = Verifying::start(Source::new(&pool.connect_options(), keyring)).await?;
    verifying.load(pace, &mut report).await?;
    let mut verdict = verifying.compare(&mut report).await?;
    let all = (0, verdict.position);
    touching::find(
        keyring,
        &mut verifying.reading,
        all,
        &mut verdict.differences,
    )
    .await?;
    verifying.end(&verdict).await?;
    Ok(verdict)
}

struct Verifying {
    source: Source,
    /// Holds the lock.
    connection: PgConnection,
    /// Reads the log.
    reading: PgConnection,
    units: Vec<Unit>,
    skipped: Vec<String>,
}

impl Verifying {
    /// Empty tables. One verification at a time; another one waits.
    async fn start(source: Source) -> Result<Verifying, ProjectError> {
        let mut connection = connect(&source.options, SCHEMA).await?;
        sqlx::query(LOCK).execute(&mut connection).await?;
        build::clear(&mut connection, SCHEMA).await?;
        let mut reading = connect(&source.options, "read").await?;
        let standings = standings(&mut reading).await?;
        let mut units = Unit::all(0);
        for unit in &units {
            build::create(&mut connection, SCHEMA, unit.model.name()).await?;
        }
        let mut skipped = Vec::new();
        units.retain(|unit| {
            let standing = of(&standings, unit);
            let outdated = standing.is_some_and(|standing| {
                standing.state == State::Building || standing.version != unit.model.version()
            });
            if outdated {
                skipped.push(unit.model.name().to_owned());
            }
            !outdated
        });
        Ok(Verifying {
            source,
            connection,
            reading,
            units,
            skipped,
        })
    }

    /// Applies most of the log, in transactions of its own.
    async fn load(&mut self, pace: Pace, report: Reporter<'_>) -> Result<(), ProjectError> {
        set_targets(&mut self.units, &mut self.reading).await?;
        let place = Where {
            schema: SCHEMA.to_owned(),
            resumable: false,
        };
        let units = std::mem::take(&mut self.units);
        let loading = build::load(&self.source, &place, units, pace, report);
        self.units = while_locked(&mut self.connection, loading).await?;
        self.units.iter_mut().for_each(|unit| unit.fresh = false);
        Ok(())
    }

    /// In one snapshot: what is left is applied inside it and thrown away with it, so
    /// both stand at the same position.
    async fn compare(&mut self, report: Reporter<'_>) -> Result<Verdict, ProjectError> {
        // the lock before the view: no table is switched in between
        let begin = "begin isolation level repeatable read;
                     lock table read.checkpoints in access share mode";
        let mut snapshot = self.connection.begin_with(begin).await?;
        let path = |schema| AssertSqlSafe(format!("set local search_path to {schema}"));
        sqlx::raw_sql(path("read")).execute(&mut *snapshot).await?;
        let position = set_targets(&mut self.units, &mut snapshot).await?;
        sqlx::raw_sql(path(SCHEMA)).execute(&mut *snapshot).await?;
        loop {
            let (from, through) = build::span(&self.units);
            if from == through {
                break;
            }
            let size = WINDOW.min(through - from);
            let events = copy_page(&mut self.reading, from, size).await?;
            let happened = batch::read(&self.source.keyring, &events).await?;
            write_window(&mut snapshot, &mut self.units, &happened, false).await?;
        }
        report(Progress {
            phase: Phase::Comparing,
            position,
            target: position,
        });
        let mut verdict = Verdict {
            position,
            tables: 0,
            rows: 0,
            differences: Vec::new(),
            skipped: self.skipped.clone(),
        };
        for unit in &self.units {
            let schemas = ("read", SCHEMA);
            let name = unit.model.name();
            let (rows, differences) =
                compare(&mut snapshot, name, schemas, MAX_DIFFERENCES).await?;
            verdict.rows += rows;
            verdict.tables += 1;
            verdict.differences.extend(differences);
        }
        snapshot.rollback().await?;
        Ok(verdict)
    }

    async fn end(mut self, verdict: &Verdict) -> Result<(), ProjectError> {
        let sql = AssertSqlSafe(format!("drop schema {SCHEMA} cascade"));
        sqlx::raw_sql(sql).execute(&mut self.connection).await?;
        record(
            &mut self.connection,
            "read models",
            verdict.position,
            verdict.is_sound(),
        )
        .await?;
        Ok(())
    }
}

impl Verdict {
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Each unit is to stand where its live model does; returns where the live ones are.
async fn set_targets(units: &mut [Unit], read: &mut PgConnection) -> sqlx::Result<i64> {
    let live = crate::projector::checkpoint(&mut *read).await?;
    let standings = standings(read).await?;
    for unit in units {
        unit.target = of(&standings, unit).map_or(live, |standing| standing.position);
    }
    Ok(live)
}

fn of<'s>(standings: &'s [Standing], unit: &Unit) -> Option<&'s Standing> {
    let mut standings = standings.iter();
    standings.find(|standing| standing.name == unit.model.name())
}

/// Remembers the last verification of a kind.
pub async fn record(
    connection: &mut PgConnection,
    what: &str,
    position: i64,
    sound: bool,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into replay.verifications (what, position, sound) values ($1, $2, $3)
         on conflict (what) do update
         set position = excluded.position, sound = excluded.sound, at = now()",
    )
    .bind(what)
    .bind(position)
    .bind(sound)
    .execute(connection)
    .await?;
    Ok(())
}
