//! Directories that are too deep, closed, or somebody else's; root and the unprivileged user.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use cluster::{Cluster, Error};

use crate::support::{Owner, is_root, note, notes, parent, server_pid, start};

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_private_one() {
    let parent = parent();
    let data_dir = parent.path().join("deep".repeat(30)).join("data");
    let cluster = start(&data_dir).await;
    let options = cluster.connect_options();
    let socket = options.get_socket().unwrap().clone();
    assert!(!socket.starts_with(parent.path()));
    assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o700);
    let guest = Cluster::connect(&data_dir).await.unwrap().unwrap();
    note(&guest, "reached").await;
    cluster.stop().await.unwrap();
    assert!(!socket.exists(), "nothing stays in /tmp");
}

#[tokio::test]
async fn a_socket_directory_that_somebody_else_prepared_is_not_used() {
    let parent = parent();
    let data_dir = parent.path().join("deep".repeat(30));
    let cluster = start(&data_dir).await;
    let socket = cluster.connect_options().get_socket().unwrap().clone();
    cluster.stop().await.unwrap();

    DirBuilder::new().mode(0o700).create(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    let open = Cluster::start(&data_dir).await.unwrap_err();
    fs::remove_dir(&socket).unwrap();
    std::os::unix::fs::symlink(parent.path(), &socket).unwrap();
    let link = Cluster::start(&data_dir).await.unwrap_err();
    fs::remove_file(&socket).unwrap();
    for error in [open, link] {
        assert!(matches!(error, Error::Unusable(_)), "{error}");
        assert!(
            error.to_string().contains(&*socket.to_string_lossy()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn nobody_but_the_user_gets_to_data_and_socket() {
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    for (path, mode) in [
        ("postgres", 0o700),
        ("socket", 0o700),
        ("postgres.log", 0o600),
        ("lock", 0o600),
        ("", if is_root() { 0o710 } else { 0o700 }),
    ] {
        let metadata = fs::metadata(data_dir.join(path)).unwrap();
        assert_eq!(metadata.mode() & 0o777, mode, "{path}");
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn as_root_a_closed_parent_is_named_and_nothing_is_made_in_it() {
    if !is_root() {
        return;
    }
    let parent = parent();
    let closed = parent.path().join("closed");
    DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let error = Cluster::start(&closed.join("below/data"))
        .await
        .unwrap_err();
    match &error {
        Error::Unreachable { barrier, .. } => assert_eq!(*barrier, closed),
        _ => panic!("{error}"),
    }
    assert!(error.to_string().contains("postgres"), "{error}");
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
}

#[tokio::test]
async fn as_root_a_closed_data_directory_opens_for_the_group_alone() {
    if !is_root() {
        return;
    }
    let parent = parent();
    let data_dir = parent.path().join("data");
    DirBuilder::new().mode(0o700).create(&data_dir).unwrap();
    start(&data_dir).await.stop().await.unwrap();
    let metadata = fs::metadata(&data_dir).unwrap();
    assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o710));
}

#[tokio::test]
async fn as_root_the_umask_does_not_matter() {
    if !is_root() {
        return;
    }
    let parent = parent();
    let data_dir = parent.path().join("made/with/a/closed/umask");
    Owner::with_closed_umask(&data_dir).kill();
    start(&data_dir).await.stop().await.unwrap();
}

#[tokio::test]
async fn as_root_an_existing_cluster_runs_as_its_owner() {
    if !is_root() {
        return;
    }
    let parent = parent();
    let data_dir = parent.path().join("data");
    let cluster = start(&data_dir).await;
    note(&cluster.connect_options(), "kept").await;
    cluster.stop().await.unwrap();

    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let (uid, gid) = (nobody.uid.as_raw(), nobody.gid.as_raw());
    give(&data_dir.join("postgres"), uid, gid);
    give(&data_dir.join("socket"), uid, gid);
    chown(&data_dir, None, Some(gid)).unwrap();
    let cluster = start(&data_dir).await;
    let server = fs::metadata(format!("/proc/{}", server_pid(&data_dir))).unwrap();
    assert_eq!(server.uid(), uid);
    assert_eq!(notes(&cluster.connect_options()).await, "kept");
    cluster.stop().await.unwrap();
}

fn give(path: &Path, uid: u32, gid: u32) {
    let changed = Command::new("chown")
        .arg("-R")
        .arg(format!("{uid}:{gid}"))
        .arg(path)
        .status();
    assert!(changed.unwrap().success());
}
