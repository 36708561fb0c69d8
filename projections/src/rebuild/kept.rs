//! Tables that were live before a switch: taken back, or retired.

use event_log::Keyring;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, PgPool};

use super::{Build, Builder, RebuildError, Rebuilt, SCHEMA, code_of};
use crate::build::{Pace, Progress, Source};

/// A table that was live. It says what happened up to its position.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub model: String,
    pub version: i32,
    pub position: i64,
}

/// All that is kept, and not condemned for somebody who was forgotten.
pub async fn kept(connection: &mut PgConnection) -> sqlx::Result<Vec<Kept>> {
    let query = "select model, version, position from replay.kept
                 where not condemned order by model";
    sqlx::query_as(query).fetch_all(connection).await
}

/// Takes a switch back: the kept tables of these models (none: of all) catch up with
/// the live ones and take their place again; those are kept.
pub async fn roll_back(
    pool: &PgPool,
    keyring: &Keyring,
    models: &[String],
    pace: Pace,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, RebuildError> {
    let options = pool.connect_options();
    let mut builder = Builder::start(&options).await?;
    let begun = super::builds(&mut builder.connection).await?;
    if !begun.is_empty() {
        let names = begun.into_iter().map(|build| build.model);
        return Err(RebuildError::Unfinished(names.collect()));
    }
    let kept = chosen(&mut builder.connection, models).await?;
    for one in &kept {
        let code = code_of(&one.model)?.version();
        if code != one.version {
            return Err(RebuildError::KeptByOther {
                model: one.model.clone(),
                kept: one.version,
                code,
            });
        }
    }
    let mut transaction = builder.connection.begin().await?;
    for one in &kept {
        let sql = format!("alter table read_kept.{} set schema {SCHEMA}", one.model);
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *transaction)
            .await?;
    }
    // behind all that may be waited for: where somebody is forgotten, these rows are written
    let names: Vec<&str> = kept.iter().map(|one| one.model.as_str()).collect();
    sqlx::query(
        "with taken as (delete from replay.kept where model = any($1) returning *)
         insert into replay.builds (model, version, position, was_kept)
         select model, version, position, true from taken",
    )
    .bind(names)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let builds = super::builds(&mut builder.connection).await?;
    let source = Source::of_copy(&options, keyring, &mut builder.connection).await?;
    builder.complete(&source, builds, pace, &mut report).await
}

/// Drops what is kept of these models (none: of all). Returns their names.
pub async fn retire(pool: &PgPool, models: &[String]) -> Result<Vec<String>, RebuildError> {
    let mut builder = Builder::start(&pool.connect_options()).await?;
    let kept = chosen(&mut builder.connection, models).await?;
    for one in &kept {
        drop_kept(&mut builder.connection, &one.model).await?;
    }
    Ok(kept.into_iter().map(|one| one.model).collect())
}

async fn chosen(
    connection: &mut PgConnection,
    models: &[String],
) -> Result<Vec<Kept>, RebuildError> {
    let mut all = kept(connection).await?;
    for name in models {
        if !all.iter().any(|kept| kept.model == *name) {
            return Err(RebuildError::NotKept(name.clone()));
        }
    }
    all.retain(|kept| models.is_empty() || models.contains(&kept.model));
    match all.is_empty() {
        true => Err(RebuildError::NotKept("any model".to_owned())),
        false => Ok(all),
    }
}

pub(super) async fn drop_kept(connection: &mut PgConnection, model: &str) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    let sql = format!("drop table if exists read_kept.{model}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *transaction)
        .await?;
    sqlx::query("delete from replay.kept where model = $1")
        .bind(model)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// A table that was to be taken back is kept as before, wherever it had come to.
pub(super) async fn put_back(connection: &mut PgConnection, build: &Build) -> sqlx::Result<()> {
    let sql = format!("alter table {SCHEMA}.{} set schema read_kept", build.model);
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into replay.kept (model, version, position) values ($1, $2, $3)")
        .bind(&build.model)
        .bind(build.version)
        .bind(build.position)
        .execute(connection)
        .await?;
    Ok(())
}
