//! Snapshots of long streams: with them the same is decided as without, of fewer events; what
//! is not what this program wrote about this log is not used.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use event_log::{
    AppendError, Command, Decide, DecodeError, Encoded, Model, SNAPSHOT_EVERY, Sequencer, Stored,
    StreamName, Tail,
};
use sealing::Keys;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tests::{clock, database, new_id, now};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);
const BOOK: &str = "book-1";

/// A book into which amounts are written. Programs differ in what an amount counts for, and in
/// the name that they give to the shape of the sum.
struct Book<const WORTH: i64, const SHAPE: char>(PhantomData<()>);

type First = Book<1, 'a'>;
/// Amounts count for twice as much, and its shape says so.
type Revised = Book<2, 'b'>;
/// The same change by somebody who forgot to say so: the broken variant.
type Forgetful = Book<2, 'a'>;

thread_local! {
    /// Events that were read, in a test: each runs on one thread.
    static READ: Cell<usize> = const { Cell::new(0) };
}

impl<const WORTH: i64, const SHAPE: char> Model for Book<WORTH, SHAPE> {
    type Event = i64;
    type State = i64;
    type Refusal = i64;

    fn stream(_: &i64) -> StreamName {
        BOOK.into()
    }

    fn evolve(state: &mut i64, event: &i64) {
        *state += WORTH * event;
    }

    fn encode(event: &i64, _: Uuid, _: &Keys) -> Result<Encoded, String> {
        Ok(Encoded {
            event_type: "book.entered",
            schema_version: 1,
            payload: event.to_string(),
            key_id: None,
        })
    }

    fn decode(stored: Stored<'_>, _: &Keys) -> Result<i64, DecodeError> {
        READ.set(READ.get() + 1);
        let amount = stored.payload.parse();
        amount.map_err(|_| DecodeError("no amount".into()))
    }

    const SNAPSHOT_SHAPE: &'static str = match SHAPE {
        'a' => "a",
        _ => "b",
    };

    fn write_snapshot(state: &i64) -> String {
        state.to_string()
    }

    fn read_snapshot(text: &str) -> Option<i64> {
        text.parse().ok()
    }
}

async fn node<M: Model>(pool: PgPool) -> Sequencer<M> {
    let keyring = tests::keyring(&pool).await;
    let follower = database::pool((*pool.connect_options()).clone());
    let tail = Tail::start(follower).await.unwrap();
    let started = Sequencer::start(pool, keyring, tail, clock());
    started.await.unwrap()
}

async fn new_node<M: Model>(database: &PgPool) -> Sequencer<M> {
    node(database::pool((*database.connect_options()).clone())).await
}

fn command<M: Model>(decide: Decide<M>) -> Command<M> {
    Command {
        id: new_id(),
        actor: Uuid::nil(),
        digest: [0; 32],
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: now(),
        streams: vec![BOOK.into()],
        expected: Vec::new(),
        keys: Keys::default(),
        decide,
    }
}

/// So many entries of one each.
async fn enter<const W: i64, const S: char>(node: &Sequencer<Book<W, S>>, count: i64) {
    let entries = (0..count).map(|_| 1).collect::<Vec<_>>();
    let entering = command(Box::new(move |_| Ok(entries.clone())));
    node.execute(entering).await.unwrap();
}

/// What a node takes the sum for.
async fn sum<const W: i64, const S: char>(node: &Sequencer<Book<W, S>>) -> i64 {
    let tell = command::<Book<W, S>>(Box::new(|seen| Err(*seen.state(&BOOK.into()))));
    match node.execute(tell).await {
        Err(AppendError::Refused(sum)) => sum,
        other => panic!("refused: {other:?}"),
    }
}

/// What a program that has just started takes the sum for.
async fn sum_of<const W: i64, const S: char>(database: &PgPool, _: PhantomData<Book<W, S>>) -> i64 {
    sum(&new_node::<Book<W, S>>(database).await).await
}

/// How many events a new program reads to know the sum.
async fn reads(database: &PgPool, expected: i64) -> usize {
    READ.set(0);
    assert_eq!(sum_of(database, PhantomData::<First>).await, expected);
    READ.get()
}

/// What somebody takes it for at a version who decides nothing, and how many events that read.
async fn looks(database: &PgPool, version: i64) -> (i64, usize) {
    READ.set(0);
    let node = new_node::<First>(database).await;
    let mut connection = database.acquire().await.unwrap();
    let book = BOOK.into();
    let folded = node.state_at(&mut connection, &book, version, i64::MAX);
    let folded = folded.await.unwrap();
    assert!(folded.unreadable.is_none());
    (*folded.state, READ.get())
}

async fn until_kept(database: &PgPool, version: i64) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let kept: Option<i64> = sqlx::query_scalar("select version from cache.snapshots")
            .fetch_optional(database)
            .await
            .unwrap();
        if kept == Some(version) {
            return;
        }
        assert!(Instant::now() < deadline, "kept: {kept:?}, not {version}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn change(database: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(database).await.unwrap();
}

#[tokio::test]
async fn a_long_stream_is_known_from_its_newest_events_alone() {
    let database = database::create().await;
    let first = new_node::<First>(&database).await;
    for _ in 0..7 {
        enter(&first, SNAPSHOT_EVERY / 2).await;
    }
    let entered = SNAPSHOT_EVERY / 2 * 7;
    let tail = usize::try_from(SNAPSHOT_EVERY / 2).unwrap();
    until_kept(&database, SNAPSHOT_EVERY * 3).await;
    assert_eq!(reads(&database, entered).await, tail);

    // without any the same; and whoever read so much keeps what came of it
    change(&database, "delete from cache.snapshots").await;
    assert_eq!(reads(&database, entered).await, tail * 7);
    until_kept(&database, entered).await;
    assert_eq!(reads(&database, entered).await, 0);

    // whoever only looks, too; and what it was before is not kept in the place of what it is
    change(&database, "delete from cache.snapshots").await;
    assert_eq!(looks(&database, i64::MAX).await, (entered, tail * 7));
    until_kept(&database, entered).await;
    assert_eq!(looks(&database, i64::MAX).await, (entered, 0));
    let before = entered - SNAPSHOT_EVERY / 2;
    assert_eq!(looks(&database, before).await, (before, tail * 6));
    assert_eq!(looks(&database, i64::MAX).await, (entered, 0));

    // it was changed, or it is another stream's
    change(
        &database,
        "update cache.snapshots set state = overlay(state placing 'AAAA' from 40)",
    )
    .await;
    assert_eq!(reads(&database, entered).await, tail * 7);
    tests::until("it is replaced", || async {
        let is_replaced = "select substr(state, 40, 4) <> 'AAAA' from cache.snapshots";
        let is_replaced = sqlx::query_scalar(is_replaced).fetch_one(&database);
        is_replaced.await.unwrap()
    })
    .await;
    assert_eq!(reads(&database, entered).await, 0);

    // another program gives the sum another meaning
    assert_eq!(sum_of(&database, PhantomData::<Revised>).await, 2 * entered);
    let revised = new_node::<Revised>(&database).await;
    enter(&revised, 1).await;
    assert_eq!(sum(&revised).await, 2 * (entered + 1));
    assert_eq!(sum_of(&database, PhantomData::<First>).await, entered + 1);
}

#[tokio::test]
async fn a_stale_shape_that_is_taken_for_the_present_one_is_noticed() {
    let database = database::create().await;
    enter(&new_node::<First>(&database).await, SNAPSHOT_EVERY).await;
    until_kept(&database, SNAPSHOT_EVERY).await;
    let right = 2 * SNAPSHOT_EVERY;
    assert_ne!(sum_of(&database, PhantomData::<Forgetful>).await, right);
    assert_eq!(sum_of(&database, PhantomData::<Revised>).await, right);
}

#[tokio::test]
async fn a_snapshot_of_what_was_cut_off_is_not_used() {
    let database = database::create().await;
    enter(&new_node::<First>(&database).await, SNAPSHOT_EVERY).await;
    until_kept(&database, SNAPSHOT_EVERY).await;
    let sum = async || sum_of(&database, PhantomData::<First>).await;
    // another history of that length
    let owner = database::owner(&database);
    change(
        &owner,
        "alter table log.events disable trigger user;
         update log.events set payload = '3', hash = sha256(hash) where position > 10",
    )
    .await;
    assert_eq!(sum().await, 10 + 3 * (SNAPSHOT_EVERY - 10));
    change(&owner, "delete from log.events where position > 10").await;
    assert_eq!(sum().await, 10);
}

/// Every version of which a state was ever written is noted.
const NOTES: &str = "
    create schema scratch;
    create table scratch.kept (version bigint not null);
    create function scratch.note() returns trigger language plpgsql security definer
        as 'begin insert into scratch.kept values (new.version); return new; end';
    create trigger note before insert on cache.snapshots
        for each row execute function scratch.note();";

#[tokio::test]
async fn what_was_read_before_somebody_was_forgotten_is_not_kept_after_it() {
    let database = database::create().await;
    change(&database::owner(&database), NOTES).await;
    let node = new_node::<First>(&database).await;
    enter(&node, SNAPSHOT_EVERY - 1).await;
    node.keyring().forget_before(1);
    // the node has it in memory, and a state is due
    enter(&node, 2).await;
    // read again, and then there is nothing to hide
    enter(&node, SNAPSHOT_EVERY).await;
    until_kept(&database, 2 * SNAPSHOT_EVERY).await;
    let kept = sqlx::query_scalar("select version from scratch.kept");
    let kept: Vec<i64> = kept.fetch_all(&database::owner(&database)).await.unwrap();
    assert!(!kept.contains(&SNAPSHOT_EVERY), "{kept:?}");
}

/// Another node has not heard of it yet.
#[tokio::test]
async fn what_a_node_keeps_that_lags_behind_a_forgetting_is_used_by_none_that_does_not() {
    let database = database::create().await;
    let (lagging, ahead) = (
        new_node::<First>(&database).await,
        new_node::<First>(&database).await,
    );
    enter(&lagging, SNAPSHOT_EVERY).await;
    until_kept(&database, SNAPSHOT_EVERY).await;
    ahead.keyring().forget_before(1);
    for (node, expected) in [(&lagging, 0), (&ahead, SNAPSHOT_EVERY)] {
        READ.set(0);
        let (book, mut connection) = (BOOK.into(), database.acquire().await.unwrap());
        let folded = node.state_at(&mut connection, &book, i64::MAX, i64::MAX);
        assert_eq!(*folded.await.unwrap().state, SNAPSHOT_EVERY);
        assert_eq!(READ.get(), usize::try_from(expected).unwrap());
    }
    // it keeps its own in that place; and what is said of whom is not in it can't be changed
    tests::until("it is replaced", || async {
        let is_replaced = "select forgotten = 1 from cache.snapshots";
        let is_replaced = sqlx::query_scalar(is_replaced).fetch_one(&database);
        is_replaced.await.unwrap()
    })
    .await;
    assert_eq!(looks(&database, i64::MAX).await, (SNAPSHOT_EVERY, 0));
    change(&database, "update cache.snapshots set forgotten = 2").await;
    let all = usize::try_from(SNAPSHOT_EVERY).unwrap();
    assert_eq!(looks(&database, i64::MAX).await, (SNAPSHOT_EVERY, all));
}

#[tokio::test]
async fn a_command_on_a_busy_stream_reads_nothing() {
    let database = database::create().await;
    let one = PgPoolOptions::new().max_connections(1);
    let pool = one.connect_lazy_with((*database.connect_options()).clone());
    let node = node::<First>(pool.clone()).await;
    enter(&node, 1).await;
    // from now on whatever would be read has to wait
    let _held = pool.acquire().await.unwrap();
    for _ in 0..10 {
        enter(&node, 1).await;
    }
    assert_eq!(sum(&node).await, 11);
}
