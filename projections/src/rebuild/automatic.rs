//! What a deployment brings: models whose rows were written by other code than this
//! program's, or by none, are rebuilt while the old tables are served.

use std::time::Duration;

use event_log::Keyring;
use sqlx::postgres::PgConnectOptions;

use super::{Builder, RebuildError, builds};
use crate::build::{Pace, Source};
use crate::projector::{ProjectError, connect};

/// How often it is looked whether another rebuild, or the database, lets this one be.
const RETRY: Duration = Duration::from_secs(3);

/// Rebuilds these models and switches them in; the projector then finds them live.
/// Goes on with what an earlier start has done. A model whose code fails stays as it
/// is: that is told, and tried again at the next start.
pub(crate) async fn rebuild_outdated(
    options: PgConnectOptions,
    keyring: Keyring,
    models: Vec<(String, i32)>,
) {
    let names: Vec<&str> = models.iter().map(|(name, _)| name.as_str()).collect();
    tracing::info!(
        ?names,
        "rebuilding read models of other code; the old ones are served"
    );
    loop {
        match attempt(&options, &keyring, &models).await {
            Ok(position) => {
                tracing::info!(?names, position, "rebuilt read models were switched in");
                return;
            }
            Err(RebuildError::Project(ProjectError::Fails {
                model,
                position,
                error,
            })) => {
                metrics::counter!("read_model_failures", "model" => model).increment(1);
                tracing::error!(model, position, %error, "a read model can't be rebuilt");
                let error = error.to_string();
                if let Err(error) = record(&options, model, position, &error).await {
                    tracing::warn!(%error, "the failure could not be recorded");
                }
                return;
            }
            Err(RebuildError::Running) => {
                tracing::debug!("another rebuild is running; this one waits");
            }
            Err(error) => tracing::warn!(%error, "read models are not rebuilt yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn attempt(
    options: &PgConnectOptions,
    keyring: &Keyring,
    models: &[(String, i32)],
) -> Result<i64, RebuildError> {
    let mut builder = Builder::start(options).await?;
    let begun = builds(&mut builder.connection).await?;
    let is_begun = |(name, version): &(String, i32)| {
        let mut begun = begun.iter();
        begun.any(|build| build.model == *name && build.version == *version && !build.was_kept)
    };
    let new: Vec<(String, i32)> = models
        .iter()
        .filter(|one| !is_begun(one))
        .cloned()
        .collect();
    builder.begin(&new).await?;
    let mut builds = builds(&mut builder.connection).await?;
    // an operator's is the operator's to go on with
    builds.retain(|build| models.iter().any(|(name, _)| *name == build.model));
    let source = Source::of_copy(options, keyring, &mut builder.connection).await?;
    let rebuilt = builder
        .complete(&source, builds, Pace::Gentle, &mut |_| {})
        .await?;
    Ok(rebuilt.position)
}

async fn record(
    options: &PgConnectOptions,
    model: &str,
    position: i64,
    error: &str,
) -> sqlx::Result<()> {
    let mut connection = connect(options, "read").await?;
    sqlx::query("update models set failed_at = $2, error = $3 where name = $1")
        .bind(model)
        .bind(position)
        .bind(error)
        .execute(&mut connection)
        .await?;
    Ok(())
}
