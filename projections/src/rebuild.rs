//! Rebuilding read models: computed from the log again beside the live ones, then
//! switched in, while members read and write.
//!
//! What was done so far is in the database: a rebuild that was broken off anywhere is
//! resumed. The tables that were live are kept until they are retired. They stand still
//! where they were switched out; taken back, they catch up first.

mod automatic;
mod copies;
mod kept;
mod switch;

use std::time::Duration;

use event_log::Keyring;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, PgPool};

use crate::build::{self, Pace, Phase, Progress, Reporter, Source, Unit, Where, while_locked};
use crate::model::AnyModel;
use crate::projector::{ProjectError, checkpoint, connect};
use crate::standing::{self, State};

pub(crate) use automatic::rebuild_outdated;
pub(crate) use copies::{drop_copies, drop_left_behind};
pub use kept::{Kept, kept, retire, roll_back};

/// Where tables are on their way.
const SCHEMA: &str = "read_next";
/// One rebuild at a time, in the whole database: a lock of its connection.
const LOCK: &str = "select pg_try_advisory_lock(hashtext('reeltime rebuild'))";
/// The projector may wait for a cancellation, which therefore waits no longer for those who read.
const CANCELS_ALONE: &str = "set local lock_timeout = '2s';
                             lock table replay.spared in share mode";
/// When no more than so many events are lacking, the switch applies the rest.
const NEAR: i64 = 500;

/// What is to be rebuilt, and how.
#[derive(Clone, Debug)]
pub struct Rebuild {
    /// Names of models; none: all.
    pub models: Vec<String>,
    pub pace: Pace,
    /// What rows may take in memory meanwhile, in bytes; what is more is written and read again.
    pub memory: usize,
    /// Go on with what was broken off, instead.
    pub resume: bool,
}

/// What a rebuild has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    pub models: Vec<String>,
    /// At which the new tables took the old ones' place.
    pub position: i64,
    /// How long nobody could read.
    pub switched_in: Duration,
}

/// A model that is on its way, or was when it was broken off.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Build {
    pub model: String,
    pub version: i32,
    pub position: i64,
    pub was_kept: bool,
}

/// What became of a rebuild that was broken off: names of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
    pub dropped: Vec<String>,
    /// They had been live, and are kept again as far as they had come.
    pub kept: Vec<String>,
}

/// Why a rebuild was not done.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error("there is no read model {0}")]
    Unknown(String),
    /// Its connection holds the lock.
    #[error("another rebuild is running")]
    Running,
    #[error("a rebuild of {} was broken off: resume or cancel it", .0.join(", "))]
    Unfinished(Vec<String>),
    #[error("there is no rebuild that was broken off")]
    NothingToResume,
    /// What was done so far is of no use.
    #[error(
        "the rebuild of {model} was begun by version {begun} of its code, this is {code}: cancel it"
    )]
    OtherVersion {
        model: String,
        begun: i32,
        code: i32,
    },
    #[error("nothing is kept of {0}")]
    NotKept(String),
    /// Rows of other code can't be brought up to date by this program.
    #[error(
        "what is kept of {model} was written by version {kept} of its code, this is {code}: \
         only that release's replay-tool can take it back"
    )]
    KeptByOther { model: String, kept: i32, code: i32 },
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl From<sqlx::Error> for RebuildError {
    fn from(error: sqlx::Error) -> Self {
        RebuildError::Project(error.into())
    }
}

/// The connection that holds the lock for a rebuild.
pub(crate) struct Builder {
    pub connection: PgConnection,
}

impl Builder {
    pub async fn start(options: &PgConnectOptions) -> Result<Builder, RebuildError> {
        let mut connection = connect(options, "read").await?;
        let alone: bool = sqlx::query_scalar(LOCK).fetch_one(&mut connection).await?;
        if !alone {
            return Err(RebuildError::Running);
        }
        Ok(Builder { connection })
    }

    /// Empty tables for models, on their way from the first event.
    pub async fn begin(&mut self, models: &[(String, i32)]) -> Result<(), RebuildError> {
        let mut transaction = self.connection.begin().await?;
        for (model, version) in models {
            build::create(&mut transaction, SCHEMA, model).await?;
            sqlx::query(
                "insert into replay.builds (model, version, position) values ($1, $2, 0)
                 on conflict (model) do update
                 set version = excluded.version, position = 0, was_kept = false, begun_at = now()",
            )
            .bind(model)
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Brings what is on its way to where the live ones are, and switches it in.
    pub async fn complete(
        &mut self,
        source: &Source,
        builds: Vec<Build>,
        pace: Pace,
        report: Reporter<'_>,
    ) -> Result<Rebuilt, RebuildError> {
        let names: Vec<String> = builds.iter().map(|build| build.model.clone()).collect();
        let mut units = units(builds)?;
        let place = Where {
            schema: SCHEMA.to_owned(),
            resumable: true,
        };
        let mut indexed = false;
        loop {
            let target = self.target(&names).await?;
            let lacking = units.iter().map(|unit| target - unit.position).max();
            if indexed && lacking.is_none_or(|lacking| lacking <= NEAR) {
                break;
            }
            units.iter_mut().for_each(|unit| unit.target = target);
            let loading = build::load(source, &place, units, pace, &mut *report);
            units = while_locked(&mut self.connection, loading).await?;
            if !indexed {
                report(Progress {
                    phase: Phase::Indexing,
                    position: target,
                    target,
                });
                let tables: Vec<&str> = names.iter().map(String::as_str).collect();
                let finishing = build::finish(&source.options, SCHEMA, &tables, pace);
                while_locked(&mut self.connection, finishing).await?;
                // few events are left, and they are looked up by their key
                units.iter_mut().for_each(|unit| unit.fresh = false);
                indexed = true;
            }
        }
        self.switch(source, units, &names, report).await
    }

    /// The live ones' position; the log's end, if nothing else is live that could be
    /// somewhere else.
    async fn target(&mut self, names: &[String]) -> Result<i64, RebuildError> {
        if are_all(&mut self.connection, names).await? {
            let head = event_log::head(&mut self.connection).await?;
            return Ok(head.position);
        }
        Ok(checkpoint(&mut self.connection).await?)
    }
}

/// Whether no other model is live, also of those that a newer program has. A parked one may join at
/// any time, unless the projector's lease is revoked in the same transaction.
async fn are_all(connection: &mut PgConnection, names: &[String]) -> sqlx::Result<bool> {
    let standings = standing::standings(connection).await?;
    let stands = |name: &str| standings.iter().any(|standing| standing.name == name);
    // what has no standing yet is about to be live
    let ours = crate::model_versions().into_iter().map(|(name, _)| name);
    let entering = ours.filter(|name| !stands(name));
    let live = standings.iter().filter(|one| one.state == State::Live);
    let mut live = live.map(|one| one.name.as_str()).chain(entering);
    Ok(live.all(|name| names.iter().any(|built| built == name)))
}

/// The code of models that are on their way.
fn units(builds: Vec<Build>) -> Result<Vec<Unit>, RebuildError> {
    let units = builds.into_iter().map(|build| {
        let model = code_of(&build.model)?;
        if model.version() != build.version {
            return Err(RebuildError::OtherVersion {
                model: build.model,
                begun: build.version,
                code: model.version(),
            });
        }
        let mut unit = Unit::new(model, build.position, build.position);
        unit.fresh = !build.was_kept;
        Ok(unit)
    });
    units.collect()
}

fn code_of(name: &str) -> Result<Box<dyn AnyModel>, RebuildError> {
    let mut models = crate::models().into_iter();
    let model = models.find(|model| model.name() == name);
    model.ok_or_else(|| RebuildError::Unknown(name.to_owned()))
}

/// What is on its way, or was broken off.
pub async fn builds(connection: &mut PgConnection) -> sqlx::Result<Vec<Build>> {
    let query = "select model, version, position, was_kept from replay.builds order by model";
    sqlx::query_as(query).fetch_all(connection).await
}

/// Names and versions of the models that are meant; all for none.
pub fn chosen(names: &[String]) -> Result<Vec<(String, i32)>, RebuildError> {
    let all = crate::model_versions().into_iter();
    let mut all: Vec<(String, i32)> = all.map(|(name, code)| (name.to_owned(), code)).collect();
    for name in names {
        if !all.iter().any(|(known, _)| known == name) {
            return Err(RebuildError::Unknown(name.clone()));
        }
    }
    all.retain(|(name, _)| names.is_empty() || names.contains(name));
    Ok(all)
}

/// Computes read models again and switches them in, while members read and write.
/// Broken off anywhere, it is resumed by asking again with `resume`.
pub async fn rebuild(
    pool: &PgPool,
    keyring: &Keyring,
    wanted: &Rebuild,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, RebuildError> {
    let chosen = chosen(&wanted.models)?;
    let options = pool.connect_options();
    let mut builder = Builder::start(&options).await?;
    let mut begun = builds(&mut builder.connection).await?;
    if wanted.resume {
        if begun.is_empty() {
            return Err(RebuildError::NothingToResume);
        }
    } else {
        if !begun.is_empty() {
            let names = begun.into_iter().map(|build| build.model);
            return Err(RebuildError::Unfinished(names.collect()));
        }
        builder.begin(&chosen).await?;
        begun = builds(&mut builder.connection).await?;
    }
    let mut source = Source::of_copy(&options, keyring, &mut builder.connection).await?;
    source.memory = wanted.memory;
    builder
        .complete(&source, begun, wanted.pace, &mut report)
        .await
}

/// Drops what was broken off; a table that had been live is kept again, unless somebody was forgotten
/// of whom it has not heard.
pub async fn cancel(pool: &PgPool) -> Result<Cancelled, RebuildError> {
    let mut builder = Builder::start(&pool.connect_options()).await?;
    let begun = builds(&mut builder.connection).await?;
    if begun.is_empty() {
        return Err(RebuildError::NothingToResume);
    }
    let mut transaction = builder.connection.begin().await?;
    // nobody is forgotten between what is dropped for it and what is kept again
    sqlx::raw_sql(CANCELS_ALONE)
        .execute(&mut *transaction)
        .await?;
    copies::drop_spared(&mut transaction).await?;
    let left = builds(&mut transaction).await?;
    let mut cancelled = Cancelled::default();
    for build in begun {
        if build.was_kept && left.contains(&build) {
            kept::put_back(&mut transaction, &build).await?;
            cancelled.kept.push(build.model);
        } else {
            let sql = format!("drop table if exists {SCHEMA}.{}", build.model);
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::raw_sql(sql).execute(&mut *transaction).await?;
            cancelled.dropped.push(build.model);
        }
    }
    sqlx::query("delete from replay.builds")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(cancelled)
}

/// Somebody else holds what was to be changed.
fn is_lock_timeout(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.and_then(|error| error.code()).as_deref() == Some("55P03")
}
