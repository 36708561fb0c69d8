//! A vault in a database of its own that is away while the log is there: strangers read, and whoever
//! needs a key or a session is told to come again.

use std::time::Duration;

use cluster::Cluster;
use event_log::{Keyring, Master};
use reqwest::Client;
use serde_json::json;
use sqlx::PgPool;
use tests::process::{DataDir, Process};
use tests::{database, until};

use super::writers::sign_up;
use super::{PLENTY, films, write_one};

const WAITS: &str = "PostgreSQL is away or too busy; the start tries again";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_vault_alone_is_away_strangers_read_and_members_go_on_when_it_is_back() {
    let [log_dir, vault_dir, data_dir] = [(); 3].map(|()| DataDir::new());
    let log = Cluster::start(log_dir.path()).await.unwrap();
    let vault = Cluster::start(vault_dir.path()).await.unwrap();
    // an empty database, which the node makes a vault of
    let [_, _, _, vault_url] = database::urls(&vault);
    let urls = database::urls(&log);
    let urls = urls.each_ref().map(String::as_str);
    let arguments = [&PLENTY[..], &urls, &["--vault-url", &vault_url]].concat();
    let node = Process::start(&data_dir, &arguments).await;
    let client = Client::builder().timeout(Duration::from_secs(12));
    let client = client.build().unwrap();
    let films = films(&client, &node.url).await;
    let writer = sign_up(&client, &node.url, 0).await;
    let written = write_one(&client, &node, &writer, &films[0]);
    written.await.unwrap();

    vault.stop().await.unwrap();
    let film = format!("{}/films/{}", node.url, films[0]);
    let ready = format!("{}/health/ready", node.url);
    for page in [&film, &ready] {
        let stranger = client.get(page).send().await.unwrap();
        assert_eq!(stranger.status(), 200, "{page}");
    }
    let signing_in = json!({"email": "0@example.org", "password": "correct horse battery"});
    let signing_in = client
        .post(format!("{}/api/v1/sessions", node.url))
        .json(&signing_in);
    for asked in [client.get(&film).bearer_auth(&writer.token), signing_in] {
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 503, "{}", answer.url());
        assert!(answer.headers().contains_key("retry-after"));
    }
    let refused = write_one(&client, &node, &writer, &films[1]).await;
    assert_eq!(refused, Err(503));

    // who starts meanwhile waits for it
    let back = async {
        until("a node waits", || async {
            data_dir.logged().contains(WAITS)
        })
        .await;
        Cluster::start(vault_dir.path()).await.unwrap()
    };
    let (other, vault) = tokio::join!(Process::start(&data_dir, &arguments), back);
    for (node, film) in [(&node, &films[1]), (&other, &films[2])] {
        let written = || async { write_one(&client, node, &writer, film).await.is_ok() };
        until("it goes on", written).await;
    }
    assert!(node.stop().success());
    assert!(other.stop().success());
    check(&log, &vault, &data_dir).await;
    log.stop().await.unwrap();
    vault.stop().await.unwrap();
}

/// What belongs to the vault is there and nowhere else, and with its keys a replay gives the same
/// tables.
async fn check(log: &Cluster, vault: &Cluster, data_dir: &DataDir) {
    let pool = database::pool(log.connect_options());
    let keys = database::pool(vault.connect_options().username(cluster::OWNER));
    assert!(kept(&keys).await > 0);
    assert_eq!(kept(&pool).await, 0);
    let master = Master::File(data_dir.path().join("master-key"));
    let keyring = Keyring::open_existing(keys.clone(), master).await.unwrap();
    let verdict = projections::verify(&pool, &keyring, projections::Pace::Full, |_| {}).await;
    let verdict = verdict.unwrap();
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
    pool.close().await;
    keys.close().await;
}

async fn kept(database: &PgPool) -> i64 {
    let kept = "select count(*) from (select member from vault.accounts
                                      union all select member from vault.keys
                                      union all select member from vault.sessions) as kept";
    let kept = sqlx::query_scalar(kept).fetch_one(database);
    kept.await.unwrap()
}
