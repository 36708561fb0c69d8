//! `reeltime rotate-master-key`, beside a running Reeltime and alone.

use anyhow::Context;
use event_log::Master;

use crate::databases::{open_existing_vault, reach};
use crate::run::say;
use crate::settings::Settings;

/// Wraps all keys under another master key; a rotation that was broken off goes on.
pub async fn rotate_master_key(settings: Settings) -> anyhow::Result<()> {
    let (pool, cluster) = reach(&settings).await?;
    let rotated = async {
        let keyring = open_existing_vault(&settings, &pool).await?;
        anyhow::Ok(keyring.rotate().await?)
    };
    let rotated = rotated.await;
    pool.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await.context("stopping PostgreSQL")?;
    }
    let (master, keys) = rotated?;
    say(format!(
        "{keys} keys are wrapped under the new master key {master}."
    ))?;
    match settings.master()? {
        Master::File(path) => say(format!("It is in {}: keep a copy of it.", path.display()))?,
        Master::Given(_) => say("The older ones can go from the settings of all nodes.")?,
    }
    Ok(())
}
