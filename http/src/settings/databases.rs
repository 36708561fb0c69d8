//! Where the log, the read tables and the vault are.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use crate::database_url::DatabaseUrl;
use crate::patience::Patience;

#[derive(Clone, Debug, Args)]
pub struct Databases {
    /// Use this PostgreSQL server (postgres://user:password@host/database) instead of a
    /// private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,

    /// The same database as the one who owns the schema: migrations run as that role, and the one
    /// of --database-url is only let in to do its work, which excludes changing what is in the log.
    /// Without it one role does both
    #[arg(
        long,
        env = "REELTIME_OWNER_URL",
        hide_env_values = true,
        requires = "database_url",
        value_name = "URL"
    )]
    pub owner_url: Option<DatabaseUrl>,

    /// Keep the vault (keys, password hashes, sessions) in this database instead of the log's, so
    /// that its backups can be kept for a shorter time
    #[arg(
        long,
        env = "REELTIME_VAULT_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub vault_url: Option<DatabaseUrl>,

    /// Connections to the database for writing, and as many for reading; at the bound, requests wait
    /// for one. Half a dozen more follow the log
    #[arg(long, env = "REELTIME_DATABASE_CONNECTIONS", default_value = "16")]
    pub database_connections: NonZeroU32,

    /// Seconds that a start waits for PostgreSQL while that is away or has too much to do; then it
    /// gives up
    #[arg(long, env = "REELTIME_START_PATIENCE_SECONDS", default_value = "60")]
    pub start_patience_seconds: u32,
}

impl Databases {
    /// From now on.
    pub fn patience(&self) -> Patience {
        Patience::of(Duration::from_secs(self.start_patience_seconds.into()))
    }
}
