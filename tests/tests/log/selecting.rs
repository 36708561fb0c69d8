//! What reading events by an index costs, in pages of the index, which no busy machine changes.

use event_log::{Filter, Order, read_matching};
use sqlx::PgPool;
use tests::counter::add;
use tests::{database, new_id};
use uuid::Uuid;

use super::commands::{start, streams};

const COMMANDS: usize = 100;
const EVENTS_EACH: usize = 100;
/// From the root to a leaf, for each query, and a leaf more; all of the index would be forty.
const A_FEW: i64 = 10;

/// Pages of the two indexes that reading a range touches.
async fn pages(database: &PgPool, filter: &Filter, range: (i64, i64), order: Order) -> i64 {
    let mut connection = database.acquire().await.unwrap();
    let touched = "select sum(idx_blks_read + idx_blks_hit)::bigint from pg_statio_user_indexes
                   where indexrelname in ('events_by_actor', 'events_by_type')";
    let mut counts = [0; 2];
    for (round, count) in counts.iter_mut().enumerate() {
        if round > 0 {
            let found = read_matching(&mut connection, filter, range, order, 100);
            assert_eq!(found.await.unwrap().events.len(), 5);
        }
        sqlx::query("select pg_stat_force_next_flush()")
            .execute(&mut *connection)
            .await
            .unwrap();
        *count = sqlx::query_scalar(touched)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    }
    counts[1] - counts[0]
}

#[tokio::test]
async fn a_range_is_read_no_further_than_a_page() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let names: Vec<String> = (0..EVENTS_EACH)
        .map(|number| format!("s{number}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for _ in 0..COMMANDS {
        let adding = add(new_id(), &streams(&names), 1, i64::MAX);
        sequencer.execute(adding).await.unwrap();
    }
    // a backend counts what it has touched at its end
    drop(sequencer);
    tests::until("the sequencer has ended", || async {
        let has_ended = "select not exists (select from pg_stat_activity
                                            where datname = current_database()
                                              and query like 'select log.append%')";
        let has_ended = sqlx::query_scalar(has_ended).fetch_one(&database);
        has_ended.await.unwrap()
    })
    .await;
    let head = i64::try_from(COMMANDS * EVENTS_EACH).unwrap();
    let by_actor = Filter {
        actor: Some(Uuid::nil()),
        ..Filter::default()
    };
    let by_type = Filter {
        event_type: Some("counter.added".to_owned()),
        ..Filter::default()
    };
    for filter in [by_actor, by_type] {
        let first = pages(&database, &filter, (0, 5), Order::OldestFirst).await;
        let last = pages(&database, &filter, (head - 5, head), Order::NewestFirst).await;
        assert!(
            first.max(last) <= A_FEW,
            "{filter:?}: {first}, {last} pages"
        );
    }
}
