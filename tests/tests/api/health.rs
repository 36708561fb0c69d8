//! What whoever runs Reeltime asks, and the API's description.

use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tests::database;
use tests::site::Site;
use tower::ServiceExt;

#[tokio::test]
async fn a_node_says_that_it_is_alive_ready_and_how_it_does() {
    let site = Site::start().await;
    site.get("/health/live").await.expect(200);
    let ready = site.get("/health/ready").await.expect(200).json();
    assert_eq!((&ready["ready"], &ready["head"]), (&true.into(), &3.into()));
    site.get("/api/v1/films").await.expect(200);
    let asked = Request::get("/metrics").body(Body::empty()).unwrap();
    let Ok(answer) = web::health::metrics().oneshot(asked).await;
    let metrics = answer.into_body().collect().await.unwrap().to_bytes();
    let metrics = String::from_utf8_lossy(&metrics);
    assert!(
        metrics.contains("http_requests{") && metrics.contains("/api/v1/films"),
        "{metrics}"
    );
    site.get("/metrics").await.expect(404);
    site.end().await;
}

#[tokio::test]
async fn a_node_that_cannot_read_or_whose_read_models_lag_is_not_ready() {
    let site = Site::start().await;
    let owner = database::owner(&site.pool);
    let run = async |sql: &'static str| {
        sqlx::raw_sql(sql).execute(&owner).await.unwrap();
    };
    run("alter table read.checkpoints rename to away").await;
    let away = site.get("/health/ready").await.expect(503);
    assert_eq!(
        (&away.json()["ready"], &away.json()["head"]),
        (&false.into(), &Value::Null)
    );
    assert!(!away.header("retry-after").is_empty());
    site.get("/health/live").await.expect(200);
    run("alter table read.away rename to checkpoints").await;
    site.get("/health/ready").await.expect(200);

    site.signed_through(3).await;
    // the first film waits for a minute now
    run("create table read_at as select * from read.checkpoints;
         delete from read.checkpoints;
         alter table log.events disable trigger all;
         update log.events set recorded_at = recorded_at - interval '1 minute'")
    .await;
    let lagging = site.get("/health/ready").await.expect(503).json();
    assert_eq!(
        lagging,
        json!({
            "ready": false, "head": 3, "projected": 0, "signed": 3, "degraded": false, "detached": [],
            "rooms_stopped": 0,
        })
    );
    run("insert into read.checkpoints select * from read_at").await;
    site.get("/health/ready").await.expect(200);
    site.end().await;
}

#[tokio::test]
async fn the_api_describes_itself() {
    let site = Site::start().await;
    let answer = site.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    // what it describes is there
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let nobody = "00000000-0000-0000-0000-000000000000";
            let path = path.split('/').map(|part| match part {
                "{genre}" => "drama",
                part if part.starts_with('{') => nobody,
                part => part,
            });
            let path = path.collect::<Vec<_>>().join("/");
            let answer = site.ask(&method.to_uppercase(), &path).await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(answer.status.as_u16() < 500, "{method} {path}");
        }
    }
    site.end().await;
}
