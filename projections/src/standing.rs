//! How each read model stands: live with the others at the checkpoint, or alone at a
//! position of its own until it joins again.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;

use crate::model::AnyModel;
use crate::projector::checkpoint;

/// A read model's place. (The comment at `read.models` in the migrations says less, and of
/// `building` too much: an applied migration stays as it is.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It moves with all other live ones. Also one whose rows other code wrote, until it has been
    /// rebuilt beside them: what happens is written on to what was there.
    Live,
    /// Its code fails at the next event.
    Parked,
    /// It stands still, alone: it came new to a log that had been projected without it, or it was
    /// parked and its code has changed since. A rebuild from the first event switches it in.
    Building,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Parked => "parked",
            State::Building => "building",
        }
    }
}

/// How a read model stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub name: String,
    /// Of the code that wrote its rows.
    pub version: i32,
    pub state: State,
    /// Its last event; of a live one the checkpoint.
    pub position: i64,
    /// The event at which its code failed, and why.
    pub failure: Option<(i64, String)>,
    pub since: DateTime<Utc>,
}

type Stored = (
    String,
    i32,
    String,
    i64,
    Option<i64>,
    Option<String>,
    DateTime<Utc>,
);

/// How the connection's read models stand, by name. Empty before the first projector
/// was there.
pub async fn standings(connection: &mut PgConnection) -> sqlx::Result<Vec<Standing>> {
    let rows: Vec<Stored> = sqlx::query_as(
        "select name, version, state,
                coalesce(position, (select max(position) from checkpoints), 0),
                failed_at, error, since
         from models order by name",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Standing::from).collect())
}

impl From<Stored> for Standing {
    fn from((name, version, state, position, failed_at, error, since): Stored) -> Standing {
        let state = match state.as_str() {
            "live" => State::Live,
            "parked" => State::Parked,
            _ => State::Building,
        };
        Standing {
            name,
            version,
            state,
            position,
            failure: failed_at.zip(error),
            since,
        }
    }
}

/// Enters new models and tells how this program's models stand. In the projector's
/// transaction.
///
/// A live model whose rows are of other code stays live: until it is rebuilt, what
/// happens is written on to what was there. A parked one is rebuilt from the beginning.
pub(crate) async fn enrol(
    connection: &mut PgConnection,
    models: &[Box<dyn AnyModel>],
) -> sqlx::Result<Vec<Standing>> {
    let names: Vec<&str> = models.iter().map(|model| model.name()).collect();
    let versions: Vec<i32> = models.iter().map(|model| model.version()).collect();
    let checkpoint = checkpoint(&mut *connection).await?;
    // with nothing projected yet, an empty table is right
    sqlx::query(
        "insert into models (name, version, state, position)
         select name, version, case when $3 = 0 then 'live' else 'building' end,
                case when $3 = 0 then null else 0 end
         from unnest($1::text[], $2::integer[]) as code(name, version)
         on conflict (name) do nothing",
    )
    .bind(&names)
    .bind(&versions)
    .bind(checkpoint)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "update models m
         set state = 'building', failed_at = null, error = null, since = clock_timestamp()
         from unnest($1::text[], $2::integer[]) as code(name, version)
         where m.name = code.name and m.version <> code.version and m.state = 'parked'",
    )
    .bind(&names)
    .bind(&versions)
    .execute(&mut *connection)
    .await?;
    let mut standings = standings(connection).await?;
    standings.retain(|standing| names.contains(&standing.name.as_str()));
    Ok(standings)
}

/// Detaches a model in front of the event at which its code fails.
pub(crate) async fn park(
    connection: &mut PgConnection,
    model: &dyn AnyModel,
    failed_at: i64,
    error: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into models (name, version, state, position, failed_at, error)
         values ($1, $2, 'parked', $3 - 1, $3, $4)
         on conflict (name) do update
         set state = 'parked', position = excluded.position, failed_at = excluded.failed_at,
             error = excluded.error, since = clock_timestamp()",
    )
    .bind(model.name())
    .bind(model.version())
    .bind(failed_at)
    .bind(error)
    .execute(connection)
    .await?;
    Ok(())
}

/// A model is where all live ones are.
pub(crate) async fn join(
    connection: &mut PgConnection,
    name: &str,
    version: i32,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into models (name, version, state) values ($1, $2, 'live')
         on conflict (name) do update
         set version = excluded.version, state = 'live', position = null, failed_at = null,
             error = null, since = clock_timestamp()",
    )
    .bind(name)
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}

/// A parked model came further, alone.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    name: &str,
    position: i64,
) -> sqlx::Result<()> {
    sqlx::query("update models set position = $2 where name = $1 and position is not null")
        .bind(name)
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}
