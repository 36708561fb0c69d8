//! A projector from which its lease is taken while an event comes. Its fence makes it wait for who took
//! it, and then it writes nothing.

use sqlx::Executor;
use tests::proxy::Proxy;
use tests::until;

use super::held_up::ask_of;
use super::*;

/// What a projector asks of its lease, in the transaction in which it writes.
const FENCE: &str = "and epoch = $2 for key share";
/// What is always so, and waits for nobody.
const NO_FENCE: &str = "or epoch = $2               ";

const POISON: &str = "
    create function read.refuse() returns trigger language plpgsql as $$
    begin
        raise exception 'no such like';
    end $$;
    create trigger refuse before insert on read.review_likes
        for each row execute function read.refuse();";
const MENDING: &str = "drop trigger refuse on read.review_likes; drop function read.refuse()";

const WAITS_FOR_THE_OTHERS: &str = "
    select exists (select from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'
                     and query like '%reeltime detached models%')";
const WAITS_FOR_THE_LEASE: &str = "
    select exists (select from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'
                     and query like '%coordination.leases%')";

async fn until_projected(database: &PgPool, projector: &Projector) {
    let head = event_log::head(database).await.unwrap().position;
    let mut projected = projector.projected();
    let reaching = projected.wait_for(|position| *position >= head);
    let reached = tokio::time::timeout(Duration::from_secs(30), reaching).await;
    reached.expect("it projects").unwrap();
}

/// The model of likes, which was parked, joins the others; between where it comes to and its joining
/// somebody likes something. Whether a replay gives the same tables.
async fn is_right_after_a_rejoining(is_fenced: bool) -> bool {
    let database = database::create().await;
    let proxy = Proxy::start(&database.connect_options()).await;
    if !is_fenced {
        proxy.change(FENCE, NO_FENCE);
    }
    let keyring = tests::keyring(&database).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let sequencer =
        commands::Sequencer::start(database.clone(), keyring.clone(), tail.clone(), clock());
    let sequencer = sequencer.await.unwrap();
    let behind = database::pool(proxy.options());
    let projector = Projector::start(&behind, keyring.clone(), tail, new_id());
    history::begin(&sequencer, 1).await.unwrap();
    until_projected(&database, &projector).await;
    database.execute(POISON).await.unwrap();
    history::review_and_like(&sequencer, 0).await.unwrap();
    until_projected(&database, &projector).await;
    let is_parked = "select state = 'parked' from read.models where name = 'review_likes'";
    assert!(ask_of(&database, is_parked).await);
    database.execute(MENDING).await.unwrap();

    // who joins has taken the lease and seen where the others are, and waits for this
    let mut holder = database.begin().await.unwrap();
    let holds = "select pg_advisory_xact_lock(hashtext('reeltime detached models'))";
    holder.execute(holds).await.unwrap();
    let rejoining = projections::rejoin(&database, &keyring, "review_likes", |_, _| {});
    let meanwhile = async {
        until("it waits", || ask_of(&database, WAITS_FOR_THE_OTHERS)).await;
        history::review_and_like(&sequencer, 1).await.unwrap();
        let head = event_log::head(&database).await.unwrap().position;
        let projected = projector.projected();
        until("it is projected, or must wait", async || {
            let is_projected = *projected.borrow() >= head;
            is_projected || ask_of(&database, WAITS_FOR_THE_LEASE).await
        })
        .await;
        holder.rollback().await.unwrap();
    };
    let (joined, ()) = tokio::join!(rejoining, meanwhile);
    joined.unwrap();
    until_projected(&database, &projector).await;
    verify(&database).await.differences.is_empty()
}

/// And the deliberately broken projector, which has no fence: the same check misses the like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_without_its_fence_is_rejected_by_the_same_check() {
    assert!(is_right_after_a_rejoining(true).await);
    // just when it renews its lease it finds out by that
    for _ in 0..5 {
        if !is_right_after_a_rejoining(false).await {
            return;
        }
    }
    panic!("the check accepted a like that is nowhere");
}
