//! The keys of this machine: what the vault is wrapped under, and what signs the log's checkpoints.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use event_log::Master;
use sealing::MasterKeys;

use crate::secret_text::SecretText;

#[derive(Clone, Debug, Args)]
pub struct Keys {
    /// The file with the master key, under which the vault's keys are wrapped; made at the first
    /// start. Without it nobody can read what members wrote: keep a copy, apart from the database's
    /// backups [default: master-key in the data directory]
    #[arg(long, env = "REELTIME_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,

    /// The master key itself (32 bytes in base64) instead of a file; during a rotation several,
    /// separated by commas, the newest first
    #[arg(
        long,
        env = "REELTIME_MASTER_KEY",
        hide_env_values = true,
        conflicts_with = "master_key_file",
        value_name = "KEYS"
    )]
    pub master_key: Option<SecretText>,

    /// The key that signs the log's checkpoints (PRIVATE+KEY+…), or a file that holds it. A private
    /// PostgreSQL's is made at the first start, in the data directory; with --database-url nothing
    /// is signed without one (`reeltime checkpoint-key FILE` makes it)
    #[arg(
        long,
        env = "REELTIME_CHECKPOINT_KEY",
        hide_env_values = true,
        value_name = "KEY|FILE"
    )]
    pub checkpoint_key: Option<SecretText>,

    /// Keep signed checkpoints here, too: a file, or a directory that gets a file each day. Best
    /// where this machine can only append
    #[arg(long, env = "REELTIME_CHECKPOINTS", value_name = "PATH")]
    pub checkpoints: Option<PathBuf>,
}

impl Keys {
    /// Where the master key comes from.
    pub fn master(&self, data_dir: &Path) -> anyhow::Result<Master> {
        if let Some(text) = &self.master_key {
            let keys = MasterKeys::parse(text.reveal()).context("--master-key")?;
            return Ok(Master::Given(keys));
        }
        let file = self.master_key_file.clone();
        Ok(Master::File(
            file.unwrap_or_else(|| data_dir.join("master-key")),
        ))
    }
}
