//! What changed in the read tables between two positions.

use event_log::Keyring;
use sqlx::{AssertSqlSafe, PgPool};

use crate::build::{self, Pace, Phase, Progress, Source, Unit, Where, while_locked};
use crate::compare::{Difference, compare};
use crate::projector::connect;
use crate::rebuild::{RebuildError, chosen};
use crate::touching;

const BEFORE: &str = "diff_before";
const AFTER: &str = "diff_after";
const LOCK: &str = "select pg_advisory_lock(hashtext('reeltime diff'))";

/// A table's rows that are not the same at two positions: `live` as they were at the
/// first, `rebuilt` at the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    pub model: String,
    pub rows: Vec<Difference>,
    /// There are more than were asked for.
    pub more: bool,
}

/// Builds these models (none: all) as they were at both positions and compares them; at
/// most `limit` rows of each. With the events in between that touched each row.
pub async fn diff(
    pool: &PgPool,
    keyring: &Keyring,
    (before, after): (i64, i64),
    models: &[String],
    limit: i64,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Vec<Diff>, RebuildError> {
    let models = chosen(models)?;
    let options = pool.connect_options();
    let mut connection = connect(&options, "read").await?;
    sqlx::query(LOCK).execute(&mut connection).await?;
    let source = Source::of_copy(&options, keyring, &mut connection).await?;
    for (schema, position) in [(BEFORE, before), (AFTER, after)] {
        let mut units = Unit::all(position);
        let is_chosen = |name| models.iter().any(|(chosen, _)| chosen == name);
        units.retain(|unit| is_chosen(unit.model.name()));
        build::clear(&mut connection, schema).await?;
        for unit in &units {
            build::create(&mut connection, schema, unit.model.name()).await?;
        }
        let place = Where {
            schema: schema.to_owned(),
            resumable: false,
        };
        let loading = build::load(&source, &place, units, Pace::Full, &mut report);
        while_locked(&mut connection, loading).await?;
    }
    report(Progress {
        phase: Phase::Comparing,
        position: after,
        target: after,
    });
    let mut diffs = Vec::new();
    for (model, _) in &models {
        let schemas = (BEFORE, AFTER);
        let (_, mut rows) = compare(&mut connection, model, schemas, limit + 1).await?;
        let more = rows.len() as u64 > limit.unsigned_abs();
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let between = (before.min(after), before.max(after));
        touching::find(keyring, &mut connection, between, &mut rows).await?;
        if !rows.is_empty() {
            diffs.push(Diff {
                model: model.clone(),
                rows,
                more,
            });
        }
    }
    let sql = format!("drop schema {BEFORE} cascade; drop schema {AFTER} cascade");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    Ok(diffs)
}
