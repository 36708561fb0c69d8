//! The vault's keys, and the master key that wraps them: made, destroyed, rotated, lost.

use std::path::Path;

use event_log::{Keyring, KeyringError, Master};
use sealing::{Held, MasterKeys};
use tests::{database, new_id};
use uuid::Uuid;

use super::{held, is_destroyed};

fn given(secrets: &[u8]) -> Master {
    let text = secrets.iter().map(|byte| MasterKeys::text(&[*byte; 32]));
    let text = text.collect::<Vec<_>>().join("\n");
    Master::Given(MasterKeys::parse(&text).unwrap())
}

#[tokio::test]
async fn a_vault_is_opened_with_its_own_master_key_alone() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    let secret = keyring.secret("digests").await.unwrap();

    let other = Keyring::open(vault.clone(), given(&[2])).await;
    assert!(matches!(other, Err(KeyringError::AnotherMaster { .. })));
    let again = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    assert!(matches!(held(&again, key).await, Some(Held::Key(_))));
    assert_eq!(again.secret("digests").await.unwrap(), secret);
    let stored: Vec<u8> = sqlx::query_scalar("select secret from vault.secrets")
        .fetch_one(&vault)
        .await
        .unwrap();
    assert!(!stored.windows(32).any(|window| window == secret));
}

#[tokio::test]
async fn a_key_that_was_destroyed_is_never_made_again() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    keyring.destroy(member, &[key]).await.unwrap();
    keyring.make(member, &[key]).await.unwrap();
    assert!(is_destroyed(&keyring, key).await);
    let elsewhere = Keyring::open(vault, given(&[1])).await.unwrap();
    assert!(is_destroyed(&elsewhere, key).await);
}

/// Whoever was not recorded is swept out, and may join after all.
#[tokio::test]
async fn keys_that_were_swept_out_are_made_anew_for_all_nodes() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    sqlx::query("delete from vault.keys")
        .execute(&vault)
        .await
        .unwrap();
    let made = keyring.make(member, &[key]).await.unwrap();
    let elsewhere = Keyring::open(vault, given(&[1])).await.unwrap();
    let sealed = match made.get(key) {
        Some(Held::Key(key)) => key.seal(b"here", b"Ann"),
        other => panic!("{other:?}"),
    };
    for keyring in [&elsewhere, &keyring] {
        let Some(Held::Key(key)) = held(keyring, key).await else {
            panic!("there is no key");
        };
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"Ann");
    }
}

#[tokio::test]
async fn a_master_key_is_rotated_while_nodes_go_on_and_after_a_break() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deeper/master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let running = Keyring::open(vault.clone(), file()).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    let first = std::fs::read_to_string(&path).unwrap();
    let member = new_id();
    let keys: Vec<Uuid> = (0..2_500).map(|_| new_id()).collect();
    running.make(member, &keys).await.unwrap();
    let secret = running.secret("digests").await.unwrap();

    // broken off: the new key is written, one key is wrapped under it
    let new = MasterKeys::text(&[9; 32]);
    std::fs::write(&path, format!("{new}\n{first}")).unwrap();
    let rotating = Keyring::open(vault.clone(), file()).await.unwrap();
    let (newest, rotated) = rotating.rotate().await.unwrap();
    assert_eq!(rotated, 2_500);
    assert_eq!(std::fs::read_to_string(&path).unwrap().trim(), new);
    assert_eq!(mode(&path), 0o600);
    let old: i64 = sqlx::query_scalar("select count(*) from vault.keys where master <> $1")
        .bind(newest)
        .fetch_one(&vault)
        .await
        .unwrap();
    assert_eq!(old, 0);

    // a node that began before: makes and reads under the new one
    let late = new_id();
    running.make(member, &[late]).await.unwrap();
    let after = Keyring::open(vault.clone(), file()).await.unwrap();
    for key in [late, keys[0], keys[2_499]] {
        assert!(matches!(held(&after, key).await, Some(Held::Key(_))));
    }
    assert_eq!(after.secret("digests").await.unwrap(), secret);
    // the old one alone opens nothing any more
    let old = Master::Given(MasterKeys::parse(&first).unwrap());
    assert!(Keyring::open(vault.clone(), old).await.is_err());
    // and again, from the beginning
    let (again, rotated) = after.rotate().await.unwrap();
    assert!(again != newest && rotated == 2_501);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    let keyring = Keyring::open(vault.clone(), file()).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    let before = std::fs::read_to_string(&path).unwrap();
    let mut other = vault.acquire().await.unwrap();
    let taken: bool = sqlx::query_scalar(event_log::ROTATION_LOCK)
        .fetch_one(&mut *other)
        .await
        .unwrap();
    assert!(taken);
    let refused = keyring.rotate().await;
    assert!(matches!(refused, Err(KeyringError::NoRotation(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    // before the connection ends: that takes the server a while
    sqlx::query("select pg_advisory_unlock_all()")
        .execute(&mut *other)
        .await
        .unwrap();
    let (_, rotated) = keyring.rotate().await.unwrap();
    assert_eq!(rotated, 1);
    let after = Keyring::open(vault, file()).await.unwrap();
    assert!(matches!(held(&after, key).await, Some(Held::Key(_))));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_lost_master_key_is_not_replaced_by_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    Keyring::open(vault.clone(), file()).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(Keyring::open(vault, file()).await.is_err());
    assert!(!path.exists());
}
