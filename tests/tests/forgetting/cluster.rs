//! After the procedure that README gives operators, no file of the cluster holds a word of whoever
//! took everything along.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use cluster::Cluster;
use commands::leaving::AskWithdrawal;
use domain::MemberId;
use domain::forgetting::Extent;
use event_log::verify::{Readers, Signatures, verify};
use event_log::{Keyring, Master};
use sealing::Held;
use sqlx::{AssertSqlSafe, PgPool};
use tests::history;
use tests::process::DataDir;
use tests::{clock, database, new_id, now, until};
use web::app::{App, Options};
use web::reactors::carry_out_withdrawals;

use super::life::{Life, ask};
use super::words::{KEPT, LOGGED, MARK, READ, sealing_types, word};

const GONE: &str = "gone";
const STAYS: &str = "stay";
/// How long the read models may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for who leaves.
const OFTEN: Duration = Duration::from_millis(20);
/// Of what stands behind a mark in a file.
const SHOWN: usize = 40;

async fn project(app: &App) {
    let head = event_log::head(&app.pool).await.unwrap().position;
    let mut projected = app.projector.projected();
    let there = projected.wait_for(|position| *position >= head);
    tokio::time::timeout(PATIENCE, there)
        .await
        .unwrap()
        .unwrap();
}

/// Word for word what README says, as the superuser.
async fn procedure(superuser: &PgPool) {
    for statement in [
        "alter system set wal_recycle = off",
        "select pg_reload_conf()",
        "vacuum full",
        "analyze",
        "vacuum full",
        "select pg_switch_wal()",
        "checkpoint",
        "select pg_switch_wal()",
        "checkpoint",
    ] {
        let done = sqlx::query(AssertSqlSafe(statement)).execute(superuser);
        done.await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}

/// A word of these members in a file, and what comes behind it.
#[derive(Debug)]
struct Found {
    file: PathBuf,
    text: String,
}

/// All that there are.
fn found(directory: &Path) -> Vec<Found> {
    let (first, rest) = MARK.as_bytes().split_first().unwrap();
    let mut found = Vec::new();
    for file in files(directory) {
        // a file may go while this looks
        let bytes = std::fs::read(&file).unwrap_or_default();
        let mut behind = bytes.as_slice();
        while behind.skip_until(*first).unwrap() > 0 {
            if behind.starts_with(rest) {
                let text = &behind[rest.len()..behind.len().min(SHOWN)];
                found.push(Found {
                    file: file.clone(),
                    text: String::from_utf8_lossy(text).into_owned(),
                });
            }
        }
    }
    found
}

/// That each of these words of somebody is somewhere.
fn expect_all(found: &[Found], whose: &str, words: &[&str]) {
    for what in words {
        let word = format!("{whose}{what}");
        let is_there = found.iter().any(|one| one.text.starts_with(&word));
        assert!(is_there, "{MARK}{word} is nowhere");
    }
}

fn kept() -> Vec<&'static str> {
    KEPT.iter().map(|(what, _)| *what).collect()
}

/// Both said everything, and what they said is where it belongs.
async fn check_lives(data_dir: &Path, (pool, superuser): (&PgPool, &PgPool), keyring: &Keyring) {
    let events = event_log::read_after(pool, 0, 10_000).await.unwrap();
    let opened = projections::history::open(keyring, events).await.unwrap();
    let log: Vec<String> = opened.iter().map(|one| one.data.to_string()).collect();
    let log = log.join("\n");
    for whose in [GONE, STAYS] {
        for what in READ.iter().chain(&LOGGED) {
            let word = word(whose, what);
            assert!(log.contains(&word), "{word} was never said");
        }
    }
    // so that it is in the files
    sqlx::query("checkpoint").execute(superuser).await.unwrap();
    let found = found(data_dir);
    for whose in [GONE, STAYS] {
        expect_all(&found, whose, &READ);
        expect_all(&found, whose, &kept());
    }
}

/// Nothing that can be sealed was left out.
async fn check_types(pool: &PgPool, member: MemberId) {
    let sealed: Vec<String> =
        sqlx::query_scalar("select distinct event_type from log.events where key_id = any($1)")
            .bind(member.key_ids().to_vec())
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(BTreeSet::from_iter(sealed), sealing_types());
}

/// Tables of the vault that say whose a row is, and whether one is of the member. Keys are not among
/// them: they stay known as destroyed.
async fn of_member(vault: &PgPool, member: MemberId) -> Vec<(String, bool)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'vault' and column_name = 'member' and table_name <> 'keys'",
    )
    .fetch_all(vault)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let asked = format!("select exists (select from vault.{table} where member = $1)");
        let is_there = sqlx::query_scalar(AssertSqlSafe(asked)).bind(member.0);
        found.push((table, is_there.fetch_one(vault).await.unwrap()));
    }
    found
}

/// Takes everything along, and waits until keys and vault are empty of them.
async fn leave(app: &App, gone: MemberId) {
    let before = of_member(app.vault.pool(), gone).await;
    assert!(before.iter().all(|(_, is_there)| *is_there), "{before:?}");
    let leaving = AskWithdrawal {
        member: gone,
        extent: Extent::Everything,
        grace: TimeDelta::zero(),
        at: now(),
    };
    ask(app, gone, leaving).await;
    project(app).await;
    let _reactor = carry_out_withdrawals(app, clock(), OFTEN);
    until("the keys are destroyed", || async {
        let keys = app.keyring.fetch(gone.key_ids()).await.unwrap();
        let mut ids = gone.key_ids().into_iter();
        ids.all(|id| matches!(keys.get(id), Some(Held::Destroyed)))
    })
    .await;
    until("the vault has nothing of them", || async {
        let left = of_member(app.vault.pool(), gone).await;
        left.iter().all(|(_, is_there)| !is_there)
    })
    .await;
    project(app).await;
}

/// Who is gone is in no file; who stayed is in read tables and the vault, and nowhere in the log.
async fn check_files(data_dir: &Path, pool: &PgPool) {
    let found = found(data_dir);
    let gone: Vec<&Found> = found
        .iter()
        .filter(|one| one.text.starts_with(GONE))
        .collect();
    assert!(gone.is_empty(), "{gone:#?}");
    expect_all(&found, STAYS, &READ);
    expect_all(&found, STAYS, &kept());
    let log: String = sqlx::query_scalar("select pg_relation_filepath('log.events')")
        .fetch_one(pool)
        .await
        .unwrap();
    let log = data_dir.join("postgres").join(log);
    assert!(log.exists());
    let logged: Vec<&Found> = found.iter().filter(|one| one.file == log).collect();
    assert!(logged.is_empty(), "{logged:#?}");
}

/// The chain still verifies, and a replay gives the same tables.
async fn check_log(pool: &PgPool, keyring: &Keyring) {
    let readable = |_: &event_log::Recorded| Ok(());
    let readers = Readers::new(std::num::NonZeroUsize::MIN);
    let verdict = verify(pool, readers, &Signatures::default(), readable, |_, _| {})
        .await
        .unwrap();
    assert!(verdict.is_sound(), "{verdict:?}");
    let replayed = projections::verify(pool, keyring, projections::Pace::Full, |_| {})
        .await
        .unwrap();
    assert!(
        replayed.differences.is_empty(),
        "{:#?}",
        replayed.differences
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_the_cluster_holds_what_was_forgotten() {
    let data_dir = DataDir::new();
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let pool = database::pool(cluster.connect_options());
    let owner = cluster.connect_options().username(cluster::OWNER);
    let migrated = migrations::bring_up_to_date(&pool, Some(&owner)).await;
    migrated.unwrap();
    let master = Master::File(data_dir.path().join("master-key"));
    let keyring = Keyring::open(pool.clone(), master).await.unwrap();
    let options = Options {
        allowances: tests::site::generous(),
        connections: 4,
        secure_cookies: false,
        providers: web::providers::Providers::default(),
        origin: None,
        mailing: tests::site::mailing(&std::env::temp_dir()),
        grace: chrono::TimeDelta::zero(),
        roles_need_two_factors: false,
        tmdb: None,
        signing: None,
    };
    let app = App::start(pool.clone(), keyring.clone(), options)
        .await
        .unwrap();
    history::begin(&app.sequencer, 1).await.unwrap();
    let life = |whose, number| Life {
        app: &app,
        member: MemberId(new_id()),
        whose,
        neighbour: history::member(number),
        judge: history::member(number + 1),
    };
    let (gone, stays) = (life(GONE, 1), life(STAYS, 3));
    gone.live().await;
    stays.live().await;
    project(&app).await;
    let superuser = database::pool(cluster.connect_options().username("postgres"));
    check_lives(data_dir.path(), (&pool, &superuser), &keyring).await;
    check_types(&pool, gone.member).await;

    leave(&app, gone.member).await;
    procedure(&superuser).await;

    check_files(data_dir.path(), &pool).await;
    check_log(&pool, &keyring).await;
    drop(app);
    superuser.close().await;
    pool.close().await;
    cluster.stop().await.unwrap();
}
