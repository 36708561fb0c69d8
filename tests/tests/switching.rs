//! Where a rebuild is switched in: never behind what it has applied, nor past other live models.

use std::time::Duration;

use commands::Sequencer;
use event_log::{Keyring, Tail};
use projections::{Pace, Projector, Rebuild, RebuildError, Rebuilt};
use sqlx::PgPool;
use tests::{clock, database, history, new_id, until};

/// Longer than a switch takes that waits for nobody.
const A_WHILE: Duration = Duration::from_secs(1);
/// A model that is not rebuilt with the others.
const APART: &str = "departures";

async fn all_but_one(
    pool: PgPool,
    keyring: Keyring,
    resume: bool,
) -> Result<Rebuilt, RebuildError> {
    let names = projections::model_versions().into_iter();
    let names = names.map(|(name, _)| name.to_owned());
    let wanted = Rebuild {
        models: names.filter(|name| name != APART).collect(),
        pace: Pace::Full,
        memory: projections::MEMORY,
        resume,
    };
    loop {
        match projections::rebuild(&pool, &keyring, &wanted, |_| {}).await {
            // the server has not noticed yet that the one broken off is gone
            Err(RebuildError::Running) => tokio::time::sleep(Duration::from_millis(20)).await,
            ended => return ended,
        }
    }
}

async fn positions(pool: &PgPool) -> Vec<i64> {
    let begun = projections::builds(&mut pool.acquire().await.unwrap()).await;
    let begun = begun.unwrap().into_iter();
    begun.map(|build| build.position).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_is_ahead_waits_for_a_model_that_joined_meanwhile() {
    let pool = database::create().await;
    let keyring = tests::keyring(&pool).await;
    let tail = Tail::start(pool.clone()).await.unwrap();
    let sequencer = Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock());
    let sequencer = sequencer.await.unwrap();
    history::begin(&sequencer, 3).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let head = event_log::head(&pool).await.unwrap().position;
    let versions = projections::model_versions();
    let (_, version) = versions.iter().find(|(name, _)| *name == APART).unwrap();
    sqlx::query(
        "insert into read.models (name, version, state, position) values ($1, $2, 'parked', 0)",
    )
    .bind(APART)
    .bind(version)
    .execute(&mut *connection)
    .await
    .unwrap();

    // nothing else is live: up to the log's end, and broken off in front of the switch
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("lock table read.checkpoints in access share mode")
        .execute(&mut *reader)
        .await
        .unwrap();
    let broken_off = tokio::spawn(all_but_one(pool.clone(), keyring.clone(), false));
    until("all is applied", || async {
        let positions = positions(&pool).await;
        !positions.is_empty() && positions.iter().all(|position| *position == head)
    })
    .await;
    broken_off.abort();
    assert!(broken_off.await.unwrap_err().is_cancelled());
    reader.rollback().await.unwrap();

    sqlx::query("update read.models set state = 'live', position = null where name = $1")
        .bind(APART)
        .execute(&mut *connection)
        .await
        .unwrap();
    let mut resumed = tokio::spawn(all_but_one(pool.clone(), keyring.clone(), true));
    let early = tokio::time::timeout(A_WHILE, &mut resumed).await;
    assert!(early.is_err(), "switched in behind itself: {early:?}");
    let _projector = Projector::start(&pool, keyring.clone(), tail, new_id());
    let rebuilt = resumed.await.unwrap().unwrap();
    assert_eq!(rebuilt.position, head);
    let verdict = projections::verify(&pool, &keyring, Pace::Full, |_| {}).await;
    let verdict = verdict.unwrap();
    assert_eq!(verdict.position, head);
    assert!(verdict.is_sound(), "{verdict:#?}");
}

/// Of a newer release, beside whose nodes this program is called.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_passes_no_live_model_that_it_does_not_know() {
    let pool = database::create().await;
    let keyring = tests::keyring(&pool).await;
    let tail = Tail::start(pool.clone()).await.unwrap();
    let sequencer = Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock());
    history::begin(&sequencer.await.unwrap(), 3).await.unwrap();
    let newer = "insert into read.models (name, version, state) values ('of_tomorrow', 1, 'live')";
    sqlx::query(newer).execute(&pool).await.unwrap();
    let all = Rebuild {
        models: vec![],
        pace: Pace::Full,
        memory: projections::MEMORY,
        resume: false,
    };
    let rebuilt = projections::rebuild(&pool, &keyring, &all, |_| {}).await;
    // where that one stands
    assert_eq!(rebuilt.unwrap().position, 0);
}
