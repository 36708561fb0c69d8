//! What members notice of a rebuild under the default throttling.

use std::time::Duration;

use commands::Sequencer;
use commands::member::ChangeAbout;
use domain::About;
use event_log::{Keyring, Tail};
use projections::{Pace, Projector, Rebuild};
use sqlx::PgPool;
use tests::{clock, history, new_id};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::community::members;

/// Commands per second, given at fixed times whether others were answered or not.
const RATE: u32 = 100;
/// Of fewer commands the 99th percentile is the time of one of a handful.
const LEAST: Duration = Duration::from_secs(60);

/// The writers' 99th percentiles, without a rebuild and with one.
pub async fn measure(
    pool: &PgPool,
    keyring: &Keyring,
    each: Duration,
) -> anyhow::Result<(Duration, Duration)> {
    let each = each.max(LEAST);
    let tail = Tail::start(pool.clone()).await?;
    let sequencer = Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock()).await?;
    let _projector = Projector::start(pool, keyring.clone(), tail, new_id());
    // what is loaded once is loaded then
    write(&sequencer, Duration::from_secs(2)).await?;
    let without = write(&sequencer, each).await?;
    let mut rebuilding = JoinSet::new();
    let (on, with_keys) = (pool.clone(), keyring.clone());
    rebuilding.spawn(async move {
        let all = Rebuild {
            models: vec![],
            pace: Pace::Gentle,
            memory: projections::MEMORY,
            resume: false,
        };
        while projections::rebuild(&on, &with_keys, &all, |_| {})
            .await
            .is_ok()
        {}
    });
    write(&sequencer, Duration::from_secs(1)).await?;
    let with = write(&sequencer, each).await?;
    anyhow::ensure!(rebuilding.try_join_next().is_none(), "the rebuild failed");
    rebuilding.shutdown().await;
    end_rebuild(pool).await?;
    Ok((without, with))
}

async fn end_rebuild(pool: &PgPool) -> anyhow::Result<()> {
    while let Err(error) = projections::cancel(pool).await {
        // the server notices later that its connection is gone
        anyhow::ensure!(
            matches!(error, projections::RebuildError::Running),
            "{error}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Gives commands for so long; the 99th percentile of the time from when each was due to its
/// answer.
async fn write(sequencer: &Sequencer, each: Duration) -> anyhow::Result<Duration> {
    let mut answers: JoinSet<anyhow::Result<Duration>> = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
    let members: Vec<_> = members().collect();
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < each {
        let due = ticks.tick().await;
        let (member, sequencer) = (members[number % members.len()], sequencer.clone());
        number += 1;
        answers.spawn(async move {
            let about = About::new(&format!("Films, mostly; {}.", new_id()));
            let about = about.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            let command = ChangeAbout { member, about };
            commands::execute(&sequencer, history::asked(member), command).await?;
            Ok(due.elapsed())
        });
    }
    let mut taken: Vec<Duration> = Vec::new();
    while let Some(answered) = answers.join_next().await {
        taken.push(answered??);
    }
    taken.sort_unstable();
    let index = taken.len() * 99 / 100;
    Ok(taken[index.min(taken.len() - 1)])
}
