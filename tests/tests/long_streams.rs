//! Streams that one member can lengthen as they like: what they add up to is known without reading
//! them.

use commands::member::ChooseLanguage;
use domain::{Language, MemberId};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tests::guards::unguarded;
use tests::site::{Member, Site, text};
use tests::{database, history, until};

const CHOICES: i64 = 1_000;
/// Of a stream's events the last ones.
const READABLE: i64 = 300;

/// As the owner, to whose connection the table belongs.
async fn set_payloads(owner: &mut PgConnection, payload: &str) {
    let setting = format!(
        "update log.events e set payload = {payload} from spared
         where e.position = spared.position"
    );
    let setting = sqlx::raw_sql(AssertSqlSafe(unguarded(&setting)));
    let set = setting.execute(owner).await;
    set.unwrap();
}

async fn sign_in(url: &str, member: &Member) -> Response {
    let said = json!({ "email": member.email, "password": member.password });
    let asked = Client::new().post(format!("{url}/api/v1/sessions"));
    asked.json(&said).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_whose_stream_is_long_is_known_by_its_last_events() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let member = MemberId(ann.id.parse().unwrap());
    for choice in 0..CHOICES {
        let language = match choice % 2 {
            0 => Language::Ko,
            _ => Language::En,
        };
        let choosing = ChooseLanguage { member, language };
        let asked = history::asked(member);
        let chosen = commands::execute(&site.app.sequencer, asked, choosing).await;
        chosen.unwrap();
    }
    site.project().await;
    let stream = member.stream().to_string();
    let newest = "select max(version) from log.events where stream = $1";
    let newest: i64 = sqlx::query_scalar(newest)
        .bind(&stream)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    until("its state is kept", || async {
        let kept = "select exists (select from cache.snapshots where stream = $1 and version > $2)";
        let kept = sqlx::query_scalar(kept).bind(&stream);
        let kept = kept.bind(newest - READABLE).fetch_one(&site.pool).await;
        kept.unwrap()
    })
    .await;

    // whoever reads more than the last ones fails
    let owner = database::owner(&site.pool);
    let mut owner = owner.acquire().await.unwrap();
    let sparing = format!(
        "create temporary table spared as
         select position, payload from log.events
         where stream = '{stream}' and version > 1 and version <= {}",
        newest - READABLE
    );
    let spared = sqlx::raw_sql(AssertSqlSafe(sparing)).execute(&mut *owner);
    spared.await.unwrap();
    set_payloads(&mut owner, "'{}'").await;

    let there = site.second_node().await;
    let came_in = sign_in(&there.url, &ann).await;
    assert_eq!(came_in.status(), 201);
    let session: Value = came_in.json().await.unwrap();
    let token = text(&session["token"]);
    let me = format!("{}/api/v1/me", there.url);
    let address = Client::new().get(format!("{me}/email")).bearer_auth(&token);
    let address: Value = address.send().await.unwrap().json().await.unwrap();
    assert_eq!(address["email"], ann.email);
    let choosing = Client::new().patch(&me).bearer_auth(&token);
    let chosen = choosing.json(&json!({ "language": "ko" })).send().await;
    assert_eq!(chosen.unwrap().status(), 200);

    // it is the kept state that spares them
    event_log::delete_snapshots(&site.pool, i64::MAX)
        .await
        .unwrap();
    assert_eq!(sign_in(&there.url, &ann).await.status(), 500);
    set_payloads(&mut owner, "spared.payload").await;
    assert_eq!(sign_in(&there.url, &ann).await.status(), 201);

    // and who had to read all of it keeps it for the next one
    until("its state is kept again", || async {
        let kept = "select exists (select from cache.snapshots where stream = $1)";
        let kept = sqlx::query_scalar(kept).bind(&stream);
        kept.fetch_one(&site.pool).await.unwrap()
    })
    .await;
    set_payloads(&mut owner, "'{}'").await;
    assert_eq!(sign_in(&there.url, &ann).await.status(), 201);
    set_payloads(&mut owner, "spared.payload").await;
    site.end().await;
}
