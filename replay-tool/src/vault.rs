//! The vault: what opens the sealed fields of events.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use event_log::{Keyring, KeyringError, Master};
use sealing::MasterKeys;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::WHERE;

#[derive(clap::Args)]
pub struct VaultArguments {
    /// The database of the vault, if it is another one than the log's
    #[arg(
        long,
        env = "REELTIME_VAULT_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true,
        help_heading = WHERE
    )]
    vault_url: Option<String>,

    /// The file with the master key [default: master-key in the data directory]
    #[arg(
        long,
        env = "REELTIME_MASTER_KEY_FILE",
        value_name = "FILE",
        global = true,
        help_heading = WHERE
    )]
    master_key_file: Option<PathBuf>,

    /// The master key itself (32 bytes in base64) instead of a file
    #[arg(
        long,
        env = "REELTIME_MASTER_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true,
        help_heading = WHERE
    )]
    master_key: Option<Secret>,
}

/// Never printed.
#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

/// Where the keys are, for those commands that open what is sealed.
pub struct Keys<'a> {
    pub vault: &'a VaultArguments,
    pub data_dir: &'a Path,
}

impl Keys<'_> {
    pub async fn open(&self, log: &PgPool) -> anyhow::Result<Keyring> {
        self.vault.open(log, self.data_dir.to_owned()).await
    }
}

impl VaultArguments {
    async fn open(&self, log: &PgPool, data_dir: PathBuf) -> anyhow::Result<Keyring> {
        let vault = match &self.vault_url {
            None => log.clone(),
            Some(url) => {
                let options = crate::named(url, "--vault-url")?;
                let vault = PgPoolOptions::new().max_connections(1);
                let vault = vault.connect_with(options.application_name("replay-tool"));
                vault.await.context("can't reach the vault")?
            }
        };
        let master = match &self.master_key {
            Some(Secret(text)) => Master::Given(MasterKeys::parse(text).context("--master-key")?),
            None => {
                let file = self.master_key_file.clone();
                Master::File(file.unwrap_or_else(|| data_dir.join("master-key")))
            }
        };
        let opened = Keyring::open_existing(vault, master).await;
        if let Err(KeyringError::Empty) = &opened {
            bail!("the vault is empty: bring it along first (import --help)");
        }
        opened.context("opening the vault")
    }
}
