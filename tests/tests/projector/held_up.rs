//! A projector that others hold up, or whose server does not answer any more.

use sqlx::{Executor, Postgres, Transaction};
use tests::proxy::Proxy;
use tests::until;

use super::*;

pub(super) async fn ask_of(database: &PgPool, question: &'static str) -> bool {
    sqlx::query_scalar(question)
        .fetch_one(database)
        .await
        .unwrap()
}

/// From now on nobody can write reviews.
async fn hold(database: &PgPool) -> Transaction<'static, Postgres> {
    let mut stranger = database.begin().await.unwrap();
    let holds = "lock table read.reviews in share mode";
    stranger.execute(holds).await.unwrap();
    stranger
}

async fn until_held_up(database: &PgPool) {
    let waits = "select exists (select from pg_locks
                                where not granted and relation = 'read.reviews'::regclass)";
    until("the projector waits", || ask_of(database, waits)).await;
}

async fn review(sequencer: &commands::Sequencer) {
    let review = commands::review::Review {
        member: member(0),
        film: film(0),
        rating: Rating::new(7).unwrap(),
        text: ReviewText::new("Stairs.").unwrap(),
        spoiler: false,
        watched_on: None,
        moved: None,
        merged: vec![],
    };
    commands::execute(sequencer, asked(member(0)), review)
        .await
        .unwrap();
}

/// While somebody's many messages are forgotten, say. The other node is not to begin it anew, which
/// the first would take from it in turn, for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_takes_longer_than_a_lease_is_not_taken_over() {
    let database = database::create().await;
    let nodes = [node(&database).await, node(&database).await];
    history::begin(&nodes[0].sequencer, 1).await.unwrap();
    projected(&database).await;
    let lease = "select epoch from coordination.leases where name = 'projector'";
    let epoch = async || -> i64 {
        let epoch = sqlx::query_scalar(lease).fetch_one(&database);
        epoch.await.unwrap()
    };
    let before = epoch().await;
    let stranger = hold(&database).await;
    review(&nodes[0].sequencer).await;
    until_held_up(&database).await;
    let longer = "select exists (select from pg_stat_activity
                                 where datname = current_database() and state = 'active'
                                   and wait_event_type = 'Lock'
                                   and query_start < now() - interval '7 s')";
    until("that takes longer", || ask_of(&database, longer)).await;
    stranger.rollback().await.unwrap();
    projected(&database).await;
    assert_eq!(epoch().await, before);
}

/// As behind a failover: no connection is closed, none answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_vanished_under_a_batch_does_not_stop_the_projector() {
    let database = database::create().await;
    let keyring = tests::keyring(&database).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let sequencer =
        commands::Sequencer::start(database.clone(), keyring.clone(), tail.clone(), clock());
    let sequencer = sequencer.await.unwrap();
    let proxy = Proxy::start(&database.connect_options()).await;
    let behind = database::pool(proxy.options());
    let projector = Projector::start(&behind, keyring, tail, new_id());
    history::begin(&sequencer, 1).await.unwrap();
    projected(&database).await;
    let stranger = hold(&database).await;
    review(&sequencer).await;
    until_held_up(&database).await;
    proxy.vanish();
    stranger.rollback().await.unwrap();
    let head = event_log::head(&database).await.unwrap().position;
    let mut reached = projector.projected();
    let reaching = reached.wait_for(|position| *position >= head);
    let reached = tokio::time::timeout(Duration::from_secs(40), reaching).await;
    assert!(reached.is_ok(), "it waits for ever");
}

/// Nothing happens, and the lease is renewed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_vanished_in_a_quiet_hour_does_not_stop_the_projector() {
    let database = database::create().await;
    let node = node(&database).await;
    history::begin(&node.sequencer, 1).await.unwrap();
    projected(&database).await;
    drop(node.projector);
    let proxy = Proxy::start(&database.connect_options()).await;
    let behind = database::pool(proxy.options());
    let keyring = tests::keyring(&database).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let projector = Projector::start(&behind, keyring, tail, new_id());
    let head = event_log::head(&database).await.unwrap().position;
    let mut reached = projector.projected();
    reached
        .wait_for(|position| *position >= head)
        .await
        .unwrap();
    proxy.vanish();
    // nobody holds it on
    let over = "select expires_at < clock_timestamp() from coordination.leases
                where name = 'projector'";
    until("the lease has ended", || ask_of(&database, over)).await;
    review(&node.sequencer).await;
    let reaching = reached.wait_for(|position| *position > head);
    let reached = tokio::time::timeout(Duration::from_secs(40), reaching).await;
    assert!(reached.is_ok(), "it waits for ever");
}
