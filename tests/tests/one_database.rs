//! Log and vault in one database, as they are where nobody names another for the vault; in all other
//! tests with a site they are apart.

use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use tests::replaying::said;
use tests::site::{Site, parasite};

use crate::live::open_room;

/// More than the connections of a node's pool.
const ROOMS: usize = 40;

/// Keys that the vault has, and those that it had destroyed.
async fn keys(database: &PgPool) -> (i64, i64) {
    let keys = "select count(wrapped), count(*) - count(wrapped) from vault.keys";
    let keys = sqlx::query_as(keys).fetch_one(database);
    keys.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_and_vault_live_in_one_database_where_no_other_is_named() {
    let site = Site::start_with_one_database().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    site.comment(&bob, &review, "And rain.").await;
    assert_eq!(keys(&site.pool).await, (4, 0));
    let other = site.second_node().await;
    let me = reqwest::Client::new()
        .get(format!("{}/api/v1/me", other.url))
        .bearer_auth(&bob.token);
    assert_eq!(me.send().await.unwrap().status(), 200);

    let whole = json!({ "password": ann.password, "forget": "everything" });
    let leaving = site.delete("/api/v1/me").by(&ann).json(&whole);
    leaving.await.expect(204);
    site.project().await;
    tests::until("her keys are destroyed", async || {
        keys(&site.pool).await == (2, 2)
    })
    .await;
    // it would go on as the projector behind the rebuild
    other.app.end().await;
    // told of no vault, it finds it in the log's database
    said(&site.pool, &["rebuild", "--all"]);
    said(&site.pool, &["verify-projections"]);
    drop(other);
    site.end().await;
}

/// Each has the log's connection in its hand while it asks the vault for its maker's key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rooms_are_begun_at_once_by_a_node_that_knows_no_keys() {
    let site = Site::start_with_one_database().await;
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        // a key for each
        let maker = site.sign_up(&format!("Maker {number}")).await;
        rooms.push(open_room(&site, &maker).await.parse().unwrap());
    }
    let other = site.second_node().await;
    let begun = join_all(rooms.into_iter().map(|room| other.app.live.room(room))).await;
    for room in begun {
        room.unwrap();
    }
    drop(other);
    site.end().await;
}
