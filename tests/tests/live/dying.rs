//! Nodes that die, and nodes that must not be taken for dead.

use std::time::Duration;

use commands::room::Enter;
use domain::RoomId;
use sqlx::PgPool;
use tests::site::Site;
use tests::{database, history, new_id, until};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::presence::stays;
use super::{id_of, open_room};

/// Thousands take many rounds: with a pause after each they would take longer than this.
const GONE_WITHIN: Duration = Duration::from_secs(12);
const THOUSANDS: i32 = 6_000;

/// What is not given by then is taken.
const TAKEN: Duration = Duration::from_millis(500);

#[tokio::test]
async fn all_of_a_node_that_dies_with_thousands_have_left_in_time() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = open_room(&site, &ann).await;
    let entering = Enter {
        room: RoomId(room.parse().unwrap()),
        member: id_of(&ann),
        at: tests::now(),
    };
    let entered = commands::execute(&site.app.sequencer, history::asked(id_of(&ann)), entering);
    entered.await.unwrap();
    sqlx::query(
        "with dead as (insert into coordination.nodes (node, expires_at)
                       values ($1, clock_timestamp()) returning node)
         insert into coordination.stays (room, member, node, stay)
         select $2, case when number = $4 then $3 else gen_random_uuid() end, node,
                gen_random_uuid()
         from dead, generate_series(1, $4) as numbers(number)",
    )
    .bind(new_id())
    .bind(room.parse::<Uuid>().unwrap())
    .bind(id_of(&ann).0)
    .bind(THOUSANDS)
    .execute(&site.pool)
    .await
    .unwrap();
    let held = async || -> i64 {
        let held = sqlx::query_scalar("select count(*) from coordination.stays");
        held.fetch_one(&site.pool).await.unwrap()
    };
    until("their end begins", async || {
        held().await < i64::from(THOUSANDS)
    })
    .await;
    let deadline = Instant::now() + GONE_WITHIN;
    while held().await > 0 {
        assert!(
            Instant::now() < deadline,
            "{} are still there",
            held().await
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let anns = ["room.entered", "room.left node_lost"];
    assert_eq!(stays(&site, &room, &ann).await, anns);
    site.end().await;
}

async fn expires_at(pool: &PgPool) -> f64 {
    sqlx::query_scalar("select extract(epoch from expires_at)::float8 from coordination.nodes")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_node_whose_connections_are_all_taken_still_says_that_it_lives() {
    let site = Site::start().await;
    let watching = database::owner(&site.pool);
    let mut held = Vec::new();
    while let Ok(connection) = timeout(TAKEN, site.pool.acquire()).await {
        held.push(connection.unwrap());
    }
    let before = expires_at(&watching).await;
    until("it lives on", async || {
        expires_at(&watching).await > before + 3.0
    })
    .await;
    drop(held);
    site.end().await;
}
