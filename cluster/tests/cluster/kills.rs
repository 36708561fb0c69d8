//! `kill -9` of the owner, of the server, of both; and pid files that lie.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use cluster::Cluster;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{ConnectOptions, raw_sql};

use crate::support::{
    OWNED, Owner, ask, is_alive, is_root, note, notes, parent, server_pid, start, until,
};

/// Not a proof by itself: the process that the others kill.
#[tokio::test]
async fn an_owner_process_holds_a_cluster() {
    let Some(data_dir) = std::env::var_os(OWNED) else {
        return;
    };
    let _cluster = start(&PathBuf::from(data_dir)).await;
    println!("holding");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn after_the_owner_was_killed_the_next_takes_its_server_over() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let owner = Owner::of(&data_dir);
    let guest = Cluster::connect(&data_dir).await.unwrap().unwrap();
    note(&guest, "acknowledged").await;
    let pid = server_pid(&data_dir);
    owner.kill();

    let cluster = start(&data_dir).await;
    assert_eq!(server_pid(&data_dir), pid);
    assert_eq!(notes(&cluster.connect_options()).await, "acknowledged");
    cluster.stop().await.unwrap();
    until("the adopted server is gone", async || !is_alive(pid)).await;
    assert!(Cluster::connect(&data_dir).await.unwrap().is_none());
}

#[tokio::test]
async fn root_in_a_container_takes_the_server_over_too() {
    let has_setpriv = Command::new("setpriv").arg("--version").output().is_ok();
    if !is_root() || !has_setpriv {
        return;
    }
    let parent = parent();
    let data_dir = parent.path().join("data");
    Owner::in_a_container(&data_dir).kill();
    let pid = server_pid(&data_dir);
    Owner::in_a_container(&data_dir).kill();
    assert_eq!(server_pid(&data_dir), pid);
    start(&data_dir).await.stop().await.unwrap();
}

#[tokio::test]
async fn after_owner_and_server_were_killed_nothing_acknowledged_is_lost() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let mut expected = Vec::new();
    for round in 1..=5 {
        let owner = Owner::of(&data_dir);
        let guest = Cluster::connect(&data_dir).await.unwrap().unwrap();
        note(&guest, &format!("round-{round}")).await;
        expected.push(format!("round-{round}"));
        let pid = server_pid(&data_dir);
        owner.kill();
        kill(pid, Signal::SIGKILL).unwrap();
    }
    let cluster = start(&data_dir).await;
    assert_eq!(notes(&cluster.connect_options()).await, expected.join(" "));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_alone_is_started_again() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    let options = cluster.connect_options();
    note(&options, "acknowledged").await;
    let pid = server_pid(&data_dir);
    kill(pid, Signal::SIGKILL).unwrap();
    until("another server answers", async || {
        is_another(&data_dir, pid) && options.connect().await.is_ok()
    })
    .await;
    assert_eq!(notes(&options).await, "acknowledged");
    cluster.stop().await.unwrap();
}

fn is_another(data_dir: &Path, pid: Pid) -> bool {
    fs::read_to_string(data_dir.join("postgres/postmaster.pid"))
        .is_ok_and(|file| file.lines().count() >= 8 && !file.starts_with(&pid.to_string()))
}

#[tokio::test]
async fn backends_that_outlive_their_server_are_ended() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let owner = Owner::of(&data_dir);
    let guest = Cluster::connect(&data_dir).await.unwrap().unwrap();
    let mut busy = guest.connect().await.unwrap();
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut busy)
        .await
        .unwrap();
    // Never looks whether its server lives.
    let query = tokio::spawn(async move {
        raw_sql("select count(*) from generate_series(1, 10000000000)")
            .execute(&mut busy)
            .await
    });
    until("the backend is busy", async || {
        let busy = format!("select state from pg_stat_activity where pid = {backend}");
        ask(&guest, &busy).await == "active"
    })
    .await;
    let pid = server_pid(&data_dir);
    owner.kill();
    kill(pid, Signal::SIGKILL).unwrap();

    let cluster = start(&data_dir).await;
    assert!(!is_alive(Pid::from_raw(backend)));
    assert!(query.await.unwrap().is_err());
    cluster.stop().await.unwrap();
}

/// After a reboot, or in a container, the number in the file soon belongs to another process.
#[tokio::test]
async fn a_pid_file_whose_number_belongs_to_another_process_is_removed() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let owner = Owner::of(&data_dir);
    let pid = server_pid(&data_dir);
    let socket = Cluster::connect(&data_dir).await.unwrap().unwrap();
    let lock = socket.get_socket().unwrap().join(".s.PGSQL.5432.lock");
    let pid_file = data_dir.join("postgres/postmaster.pid");
    let (first, second) = (
        fs::read_to_string(&pid_file).unwrap(),
        fs::read_to_string(&lock).unwrap(),
    );
    owner.kill();
    start(&data_dir).await.stop().await.unwrap();

    let mut stranger = Stranger::new(&data_dir);
    let lie = |text: String| text.replacen(&pid.to_string(), &stranger.0.id().to_string(), 1);
    fs::write(&pid_file, lie(first)).unwrap();
    fs::write(&lock, lie(second)).unwrap();
    assert!(Cluster::connect(&data_dir).await.unwrap().is_none());
    start(&data_dir).await.stop().await.unwrap();
    assert!(
        stranger.0.try_wait().unwrap().is_none(),
        "the stranger was harmed"
    );
}

/// A process of the cluster's user that is no PostgreSQL, though it stands in its directory.
struct Stranger(Child);

impl Stranger {
    fn new(data_dir: &Path) -> Stranger {
        let mut command = Command::new("sleep");
        command.arg("1000");
        if is_root() {
            use std::os::unix::fs::MetadataExt;
            let owner = fs::metadata(data_dir.join("postgres")).unwrap();
            command.uid(owner.uid()).gid(owner.gid());
        }
        Stranger(
            command
                .current_dir(data_dir.join("postgres"))
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
