//! What the read side promises: the tables are what the log says, exactly once,
//! whoever projects, and after any history.

mod fenced;
mod held_up;

use std::time::Duration;

use commands::Command;
use domain::{CommentId, CommentText, MemberId, Rating, ReviewId, ReviewText};
use event_log::Tail;
use projections::{Pace, Projector, Reader, Rebuild};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::PgPool;
use tests::history::{self, asked, film, member};
use tests::{clock, database, new_id, seed};
use uuid::Uuid;

const MEMBERS: u128 = 5;
const FILMS: u128 = 4;

struct Node {
    sequencer: commands::Sequencer,
    projector: Projector,
}

async fn node(database: &PgPool) -> Node {
    let pool = database::pool((*database.connect_options()).clone());
    let keyring = tests::keyring(&pool).await;
    let tail = Tail::start(pool.clone()).await.unwrap();
    Node {
        sequencer: commands::Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock())
            .await
            .unwrap(),
        projector: Projector::start(&pool, keyring, tail, new_id()),
    }
}

async fn ask(node: &Node, actor: MemberId, command: impl Command + Send + 'static) {
    match commands::execute(&node.sequencer, asked(actor), command).await {
        Ok(_) | Err(commands::ExecuteError::Refused(_)) => {}
        Err(error) => panic!("unexpected: {error}"),
    }
}

/// One thing that a member might do.
async fn act(node: &Node, random: &mut StdRng) {
    let someone = member(random.random_range(0..MEMBERS));
    let other = member(random.random_range(0..MEMBERS));
    let film = film(random.random_range(0..FILMS));
    let review = ReviewId::of(other, film);
    match random.random_range(0..15) {
        0..5 => {
            let text = ["", "Stairs.", "기생충"][random.random_range(0..3)];
            let command = commands::review::Review {
                member: someone,
                film,
                rating: Rating::new(random.random_range(1..=10)).unwrap(),
                text: ReviewText::new(text).unwrap(),
                spoiler: random.random_bool(0.3),
                watched_on: None,
                moved: None,
                merged: vec![],
            };
            ask(node, someone, command).await;
        }
        5 => {
            let member = other;
            ask(node, other, commands::review::Retract { member, review }).await;
        }
        6..9 => {
            let member = someone;
            ask(node, someone, commands::like::Like { member, review }).await;
        }
        9 => {
            let member = someone;
            ask(node, someone, commands::like::Unlike { member, review }).await;
        }
        10..14 => talk(node, random, someone, review).await,
        _ => {
            let about = domain::About::new(&format!("About {}", random.random::<u8>())).unwrap();
            let member = someone;
            ask(
                node,
                someone,
                commands::member::ChangeAbout { member, about },
            )
            .await;
        }
    }
}

/// Comments, edits a comment or retracts one.
async fn talk(node: &Node, random: &mut StdRng, member: MemberId, review: ReviewId) {
    let comment = CommentId(Uuid::from_u128(0xC000 + random.random_range(0..20)));
    let text = CommentText::new(["And rain.", "And the rain."][random.random_range(0..2)]).unwrap();
    let mut others = || vec![tests::history::member(random.random_range(0..MEMBERS))];
    let (mentions, among) = (others(), others());
    match random.random_range(0..4) {
        0..2 => {
            let command = commands::comment::Comment {
                comment,
                member,
                review,
                text,
                mentions,
                among,
            };
            ask(node, member, command).await;
        }
        2 => {
            let command = commands::comment::EditComment {
                comment,
                member,
                text,
                mentions,
            };
            ask(node, member, command).await;
        }
        _ => {
            ask(
                node,
                member,
                commands::comment::RetractComment { comment, member },
            )
            .await
        }
    }
}

async fn projected(database: &PgPool) {
    let head = event_log::head(database).await.unwrap().position;
    let nobody = tokio::sync::watch::channel(0).1;
    let reader = Reader::new((*database.connect_options()).clone(), 1, nobody);
    for _ in 0..10 {
        if !reader.snapshot(Some(head)).await.unwrap().stale {
            return;
        }
    }
    panic!("the projector did not reach {head}");
}

async fn verify(database: &PgPool) -> projections::Verdict {
    projections::verify(
        database,
        &tests::keyring(database).await,
        Pace::Full,
        |_| {},
    )
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_history_replay_gives_the_same_tables() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let node = node(&database).await;
    history::begin(&node.sequencer, FILMS).await.unwrap();
    for _ in 0..400 {
        act(&node, &mut random).await;
    }
    projected(&database).await;
    let verdict = verify(&database).await;
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
    assert!(verdict.rows > 60 && verdict.tables >= 8, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_projected_once_while_projectors_are_killed() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let nodes = [node(&database).await, node(&database).await];
    history::begin(&nodes[0].sequencer, FILMS).await.unwrap();
    for round in 0..300 {
        act(&nodes[round % 2], &mut random).await;
        if round % 25 == 0 {
            sqlx::query(
                "select pg_terminate_backend(l.backend) from coordination.leases l
                 where l.name = 'projector'",
            )
            .execute(&database)
            .await
            .unwrap();
        }
    }
    projected(&database).await;
    let verdict = verify(&database).await;
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
    drop(nodes);
}

/// The deliberately broken projector: it forgets a checkpoint that it committed
/// rows for, and applies the events again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_outside_the_transaction_is_rejected_by_the_same_check() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let first = node(&database).await;
    history::begin(&first.sequencer, FILMS).await.unwrap();
    for _ in 0..60 {
        act(&first, &mut random).await;
    }
    projected(&database).await;
    drop(first);
    // as after a crash between the commit of the rows and the commit of the checkpoint
    sqlx::query("delete from read.checkpoints where position > 60")
        .execute(&database)
        .await
        .unwrap();
    let again = node(&database).await;
    let head = event_log::head(&database).await.unwrap().position;
    let mut reached = again.projector.projected();
    let reaching = reached.wait_for(|position| *position >= head);
    // it may stop at a contradiction, or count everything twice
    let _ = tokio::time::timeout(Duration::from_secs(10), reaching).await;
    let verdict = verify(&database).await;
    assert!(
        !verdict.differences.is_empty(),
        "counting twice was not noticed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_row_is_found_and_a_rebuild_mends_it() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let node = node(&database).await;
    history::begin(&node.sequencer, FILMS).await.unwrap();
    for _ in 0..100 {
        act(&node, &mut random).await;
    }
    projected(&database).await;
    sqlx::query("update read.members set about = 'somebody else was here' where member = $1")
        .bind(member(0).0)
        .execute(&database)
        .await
        .unwrap();
    let verdict = verify(&database).await;
    assert_eq!(verdict.differences.len(), 1, "{verdict:#?}");
    assert!(
        verdict
            .differences
            .iter()
            .all(|difference| difference.table == "members")
    );

    let writer = async {
        for _ in 0..100 {
            act(&node, &mut random).await;
        }
    };
    let keyring = tests::keyring(&database).await;
    let all = Rebuild {
        models: vec![],
        pace: Pace::Full,
        memory: projections::MEMORY,
        resume: false,
    };
    let rebuilding = projections::rebuild(&database, &keyring, &all, |_| {});
    let (rebuilt, ()) = tokio::join!(rebuilding, writer);
    rebuilt.unwrap();
    projected(&database).await;
    let verdict = verify(&database).await;
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
}

/// A node that was paused with the lease can't commit after another took over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_was_lost_fences() {
    use event_log::lease;
    use sqlx::Connection;

    let database = database::create().await;
    let mut first = database.acquire().await.unwrap().detach();
    let mut second = database.acquire().await.unwrap().detach();
    let old = lease::acquire(&mut first, "work", new_id())
        .await
        .unwrap()
        .unwrap();
    assert!(
        lease::acquire(&mut second, "work", new_id())
            .await
            .unwrap()
            .is_none()
    );
    assert!(old.fence(&mut first).await.unwrap());

    sqlx::query("update coordination.leases set expires_at = now() - interval '1 s'")
        .execute(&database)
        .await
        .unwrap();
    let new = lease::acquire(&mut second, "work", new_id())
        .await
        .unwrap()
        .unwrap();
    // the old holder's connection was ended; with a new one it is still fenced
    assert!(first.ping().await.is_err());
    let mut third = database.acquire().await.unwrap();
    assert!(!old.fence(&mut third).await.unwrap());
    assert!(!old.renew(&mut third).await.unwrap());
    assert!(new.fence(&mut second).await.unwrap());
}

/// An event as a newer version of Reeltime would record it, whose type this code doesn't know.
async fn record_one_from_the_future(database: &PgPool) -> i64 {
    sqlx::query_scalar(
        "insert into log.events (position, stream, version, event_id, event_type, schema_version,
                                 payload, actor, command_id, correlation_id, occurred_at,
                                 recorded_at, hash)
         select position + 1, 'future-1', 1, gen_random_uuid(), 'future.happened', 1, '{}', actor,
                gen_random_uuid(), gen_random_uuid(), recorded_at, recorded_at, hash
         from log.events order by position desc limit 1
         returning position",
    )
    .fetch_one(database)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_an_unknown_type_stops_the_projector_in_front_of_it() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let keyring = tests::keyring(&database).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let sequencer = {
        let (pool, keyring, tail) = (database.clone(), keyring.clone(), tail.clone());
        commands::Sequencer::start(pool, keyring, tail, clock())
    };
    let sequencer = sequencer.await.unwrap();
    history::begin(&sequencer, FILMS).await.unwrap();
    let unknown = record_one_from_the_future(&database).await;
    // writing goes on: the log is ahead of this node's code, not wrong
    for number in 0..3 {
        let review = commands::review::Review {
            member: member(number),
            film: film(0),
            rating: Rating::new(random.random_range(1..=10)).unwrap(),
            text: ReviewText::new("").unwrap(),
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        commands::execute(&sequencer, asked(member(number)), review)
            .await
            .unwrap();
    }
    let projector = Projector::start(&database, keyring.clone(), tail, new_id());
    let mut reached = projector.projected();
    let reaching = reached.wait_for(|position| *position >= unknown - 1);
    let reaching = tokio::time::timeout(Duration::from_secs(10), reaching);
    reaching.await.expect("it stops too early").unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let position: i64 = sqlx::query_scalar("select max(position) from read.checkpoints")
        .fetch_one(&database)
        .await
        .unwrap();
    assert_eq!(position, unknown - 1);
    let parked: i64 = sqlx::query_scalar("select count(*) from read.models where state <> 'live'")
        .fetch_one(&database)
        .await
        .unwrap();
    assert_eq!(parked, 0, "no model is to blame");
    // what is projected is right as far as it goes
    let verdict = verify(&database).await;
    assert_eq!(verdict.position, unknown - 1);
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
}
