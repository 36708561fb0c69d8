//! Starting, stopping, starting again.

use std::fs;
use std::io::Write;

use cluster::{Cluster, Error, OWNER};

use crate::support::{ask, is_alive, note, notes, parent, server_pid, start, until};

#[tokio::test]
async fn a_fresh_directory_becomes_a_safe_cluster() {
    let parent = parent();
    let data_dir = parent.path().join("not/there/yet");
    let cluster = start(&data_dir).await;
    let options = cluster.connect_options();
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "256MB"),
        ("unix_socket_permissions", "0700"),
    ] {
        let set = ask(&options, &format!("select current_setting('{setting}')")).await;
        assert_eq!(set, value, "{setting}");
    }
    let locale = "select datctype from pg_database where datname = current_database()";
    if cfg!(not(target_os = "macos")) {
        assert_eq!(ask(&options, locale).await, "C.UTF-8");
    }
    assert_eq!(ask(&options, "select lower('ÄÉ기생충')").await, "äé기생충");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_application_is_neither_owner_nor_superuser() {
    let parent = parent();
    let cluster = start(&parent.path().join("data")).await;
    let options = cluster.connect_options();
    assert_eq!(
        ask(
            &options,
            "select current_database()::text || ' ' || current_user"
        )
        .await,
        "reeltime reeltime_app"
    );
    let owner = options.clone().username(OWNER);
    for role in [&options, &owner] {
        let superuser = ask(role, "select current_setting('is_superuser')").await;
        assert_eq!(superuser, "off");
    }
    let may_create = "select has_schema_privilege('public', 'create')::text";
    assert_eq!(ask(&options, may_create).await, "false");
    assert_eq!(ask(&owner, may_create).await, "true");
    let superuser = options.username("postgres");
    assert_eq!(
        ask(&superuser, "select current_setting('is_superuser')").await,
        "on"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let parent = parent();
    let data_dir = parent.path().join("data with a space, and 한글");
    let cluster = start(&data_dir).await;
    note(&cluster.connect_options(), "kept").await;
    cluster.stop().await.unwrap();
    let cluster = start(&data_dir).await;
    assert_eq!(notes(&cluster.connect_options()).await, "kept");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_start_on_the_directory_is_refused_and_harms_nothing() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    let error = Cluster::start(&data_dir).await.unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert!(
        error.to_string().contains(&std::process::id().to_string()),
        "{error}"
    );
    note(&cluster.connect_options(), "still running").await;
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn others_connect_while_it_runs_and_learn_when_it_does_not() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    assert!(Cluster::connect(&data_dir).await.unwrap().is_none());
    let cluster = start(&data_dir).await;
    let guest = Cluster::connect(&data_dir).await.unwrap().unwrap();
    note(&guest, "by a guest").await;
    assert_eq!(notes(&cluster.connect_options()).await, "by a guest");
    cluster.stop().await.unwrap();
    assert!(Cluster::connect(&data_dir).await.unwrap().is_none());
}

#[tokio::test]
async fn stop_ends_open_sessions_and_leaves_no_process() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    let pid = server_pid(&data_dir);
    let pool = sqlx::PgPool::connect_with(cluster.connect_options())
        .await
        .unwrap();
    let _held = pool.acquire().await.unwrap();
    cluster.stop().await.unwrap();
    assert!(!is_alive(pid));
    assert!(!data_dir.join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn a_dropped_cluster_shuts_down_and_the_next_start_waits_for_that() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    note(&cluster.connect_options(), "kept").await;
    let pid = server_pid(&data_dir);
    drop(cluster);
    let cluster = start(&data_dir).await;
    assert_ne!(server_pid(&data_dir), pid);
    assert_eq!(notes(&cluster.connect_options()).await, "kept");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_dropped_at_any_moment_leaves_a_usable_directory() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    for moment in [
        "lock",
        "unfinished-1",
        "unfinished-1/PG_VERSION",
        "unfinished-1/global/pg_control",
        "unfinished-1/reeltime.conf",
        "postgres",
        "postgres/postmaster.pid",
        "socket/.s.PGSQL.5432",
    ] {
        let there = until(moment, async || data_dir.join(moment).exists());
        tokio::select! {
            biased;
            started = Cluster::start(&data_dir) => {
                started.unwrap();
                panic!("nothing was interrupted at {moment}");
            }
            () = there => {}
        }
    }
    let cluster = start(&data_dir).await;
    note(&cluster.connect_options(), "usable").await;
    let leftovers = fs::read_dir(&data_dir).unwrap().flatten().filter(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("unfinished")
    });
    assert_eq!(leftovers.count(), 0);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_quotes_what_postgresql_said() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    start(&data_dir).await.stop().await.unwrap();
    let settings = data_dir.join("postgres/reeltime.conf");
    let mut file = fs::File::options().append(true).open(settings).unwrap();
    file.write_all(b"shared_buffers = 'a lot'\n").unwrap();
    let error = Cluster::start(&data_dir).await.unwrap_err().to_string();
    assert!(
        error.contains("shared_buffers") && error.contains("a lot"),
        "{error}"
    );
}

/// A test harness keeps one cluster for many tests, each with a runtime of its own.
#[test]
fn a_cluster_outlives_the_runtime_that_started_it() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = runtime().block_on(start(&data_dir));
    runtime().block_on(async {
        note(&cluster.connect_options(), "from another runtime").await;
        let pid = server_pid(&data_dir);
        cluster.stop().await.unwrap();
        until("the server is gone", async || !is_alive(pid)).await;
    });
}
