//! The whole read side as it was: at any position, in a schema of its own with a name.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use event_log::Keyring;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, PgPool};

use crate::build::{self, Pace, Progress, Source, Unit, Where, while_locked};
use crate::projector::{ProjectError, connect};
use crate::standing;

/// A name's length in characters; PostgreSQL cuts longer names of schemas off.
const MAX_NAME: usize = 40;

/// A name for the read side as it was: small letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Name, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if text.is_empty() || text.len() > MAX_NAME || !text.chars().all(plain) {
            let rule = "a name is 1 to 40 small letters, digits and underscores";
            return Err(rule.to_owned());
        }
        Ok(Name(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Name {
    /// Its tables' schema.
    pub fn schema(&self) -> String {
        format!("as_of_{}", self.0)
    }
}

/// The read side as it was.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AsOf {
    pub name: String,
    pub position: i64,
    /// It was built to its end.
    pub complete: bool,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum AsOfError {
    #[error("{name} is the read side at position {position}; drop it or choose another name")]
    Taken { name: Name, position: i64 },
    #[error("the log ends at position {head}, before {wanted}")]
    Future { wanted: i64, head: i64 },
    #[error("there is nothing of the name {0}")]
    Unknown(Name),
    #[error("{0} is being built by somebody else")]
    Busy(Name),
    #[error("{0} was not built to its end; build it again")]
    Unfinished(Name),
    /// Its tables are not those that this code reads.
    #[error("{0} was built by other code; drop it and build it again")]
    OtherCode(Name),
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl From<sqlx::Error> for AsOfError {
    fn from(error: sqlx::Error) -> Self {
        AsOfError::Project(error.into())
    }
}

impl AsOf {
    /// All that there are, but those that are condemned for somebody who was forgotten.
    pub async fn list(connection: &mut PgConnection) -> sqlx::Result<Vec<AsOf>> {
        let query = "select name, position, complete, created_at from replay.as_of
                     where not condemned order by name";
        sqlx::query_as(query).fetch_all(connection).await
    }

    pub async fn find(connection: &mut PgConnection, name: &Name) -> sqlx::Result<Option<AsOf>> {
        let all = AsOf::list(connection).await?;
        Ok(all.into_iter().find(|one| one.name == name.0))
    }

    /// What is to be shown under this name: built to its end, by this code.
    pub async fn shown(connection: &mut PgConnection, name: &Name) -> Result<AsOf, AsOfError> {
        let found = AsOf::find(connection, name).await?;
        let found = found.ok_or_else(|| AsOfError::Unknown(name.clone()))?;
        if !found.complete {
            return Err(AsOfError::Unfinished(name.clone()));
        }
        let schema = name.schema();
        let models = AssertSqlSafe(format!("select name, version from {schema}.models"));
        let mut there: Vec<(String, i32)> = sqlx::query_as(models).fetch_all(connection).await?;
        let ours = crate::model_versions().into_iter();
        let mut ours: Vec<_> = ours
            .map(|(name, version)| (name.to_owned(), version))
            .collect();
        there.sort();
        ours.sort();
        match there == ours {
            true => Ok(found),
            false => Err(AsOfError::OtherCode(name.clone())),
        }
    }

    /// Builds the read side as it was behind this position; there already, it is only
    /// found.
    pub async fn build(
        pool: &PgPool,
        keyring: &Keyring,
        name: &Name,
        position: i64,
        pace: Pace,
        mut report: impl FnMut(Progress) + Send,
    ) -> Result<AsOf, AsOfError> {
        let options = pool.connect_options();
        let mut connection = locked(&options, name).await?;
        let head = event_log::head(&mut connection).await?.position;
        if position > head {
            return Err(AsOfError::Future {
                wanted: position,
                head,
            });
        }
        match AsOf::find(&mut connection, name).await? {
            Some(there) if there.complete && there.position == position => return Ok(there),
            Some(there) if there.complete => {
                return Err(AsOfError::Taken {
                    name: name.clone(),
                    position: there.position,
                });
            }
            Some(_) | None => {}
        }
        let schema = name.schema();
        // both or none: there is no schema that nothing tells of
        let mut transaction = connection.begin().await?;
        build::clear(&mut transaction, &schema).await?;
        enter(&mut transaction, name, position).await?;
        transaction.commit().await?;
        let source = Source::of_copy(&options, keyring, &mut connection).await?;
        build_all(
            &source,
            &mut connection,
            &schema,
            position,
            pace,
            &mut report,
        )
        .await?;
        sqlx::query("update replay.as_of set complete = true where name = $1")
            .bind(&name.0)
            .execute(&mut connection)
            .await?;
        let built = AsOf::find(&mut connection, name).await?;
        built.ok_or_else(|| AsOfError::Unknown(name.clone()))
    }

    /// Drops one by its name.
    pub async fn drop(pool: &PgPool, name: &Name) -> Result<(), AsOfError> {
        let mut connection = locked(&pool.connect_options(), name).await?;
        if AsOf::find(&mut connection, name).await?.is_none() {
            return Err(AsOfError::Unknown(name.clone()));
        }
        let sql = format!("drop schema if exists {} cascade", name.schema());
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        sqlx::query("delete from replay.as_of where name = $1")
            .bind(&name.0)
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}

async fn locked(options: &PgConnectOptions, name: &Name) -> Result<PgConnection, AsOfError> {
    let mut connection = connect(options, "read").await?;
    let lock = "select pg_try_advisory_lock(hashtext('reeltime as-of ' || $1))";
    let alone: bool = sqlx::query_scalar(lock)
        .bind(&name.0)
        .fetch_one(&mut connection)
        .await?;
    match alone {
        true => Ok(connection),
        false => Err(AsOfError::Busy(name.clone())),
    }
}

async fn enter(connection: &mut PgConnection, name: &Name, position: i64) -> sqlx::Result<()> {
    sqlx::query(
        "insert into replay.as_of (name, position) values ($1, $2)
         on conflict (name) do update
         set position = excluded.position, complete = false, condemned = false,
             created_at = now()",
    )
    .bind(&name.0)
    .bind(position)
    .execute(connection)
    .await?;
    Ok(())
}

/// All read models up to a position in a schema that is empty.
async fn build_all(
    source: &Source,
    connection: &mut PgConnection,
    schema: &str,
    position: i64,
    pace: Pace,
    report: build::Reporter<'_>,
) -> Result<(), ProjectError> {
    let units = Unit::all(position);
    let names: Vec<&str> = units.iter().map(|unit| unit.model.name()).collect();
    for name in &names {
        build::create(connection, schema, name).await?;
    }
    clone_others(connection, schema, &names).await?;
    let place = Where {
        schema: schema.to_owned(),
        resumable: false,
    };
    let loading = build::load(source, &place, units, pace, report);
    while_locked(connection, loading).await?;
    let finishing = build::finish(&source.options, schema, &names, pace);
    while_locked(connection, finishing).await?;
    let mut transaction = connection.begin().await?;
    let path = AssertSqlSafe(format!("set local search_path to {schema}"));
    sqlx::raw_sql(path).execute(&mut *transaction).await?;
    for (name, version) in crate::model_versions() {
        standing::join(&mut transaction, name, version).await?;
    }
    sqlx::query("insert into checkpoints (position) values ($1)")
        .bind(position)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Tables of the read side that no model writes; the schema has them empty.
async fn clone_others(
    connection: &mut PgConnection,
    schema: &str,
    models: &[&str],
) -> sqlx::Result<()> {
    let others: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables
         where schemaname = 'read' and tablename <> all ($1::text[]) order by tablename",
    )
    .bind(models)
    .fetch_all(&mut *connection)
    .await?;
    let clone = |table| format!("create table {schema}.{table} (like read.{table} including all)");
    let sql: Vec<String> = others.into_iter().map(clone).collect();
    sqlx::raw_sql(AssertSqlSafe(sql.join("; ")))
        .execute(connection)
        .await?;
    Ok(())
}
