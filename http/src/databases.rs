//! How a node comes to its databases: that of the log and the read tables, and the vault's.

use std::time::Duration;

use anyhow::Context;
use cluster::Cluster;
use event_log::Keyring;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::database_url::DatabaseUrl;
use crate::settings::Settings;

/// A request that gets no connection by then is told *busy*.
const BUSY_AFTER: Duration = Duration::from_secs(2);
/// A server that takes longer to let a start in is asked again.
const KNOCK: Duration = Duration::from_secs(10);
/// The oldest PostgreSQL that this was tried on.
const OLDEST_POSTGRESQL: i32 = 150_000;

/// A private cluster: how it is reached, and the cluster itself unless it is that of a Reeltime
/// that runs, beside which the past is shown.
pub(crate) async fn start_cluster(
    settings: &Settings,
) -> anyhow::Result<(Option<PgConnectOptions>, Option<Cluster>)> {
    let directory = &settings.data_dir;
    if settings.databases.database_url.is_some() {
        return Ok((None, None));
    }
    if settings.as_of.is_some()
        && let Some(options) = Cluster::connect(directory).await?
    {
        return Ok((Some(options), None));
    }
    let cluster = Cluster::start(directory).await?;
    Ok((Some(cluster.connect_options()), Some(cluster)))
}

/// The database of a Reeltime that runs, or that does not, up to date; a cluster that was started for this
/// is the caller's to stop.
pub(crate) async fn reach(settings: &Settings) -> anyhow::Result<(PgPool, Option<Cluster>)> {
    if settings.databases.database_url.is_some() {
        return Ok((connect(settings, None).await?, None));
    }
    let directory = &settings.data_dir;
    if let Some(options) = Cluster::connect(directory).await? {
        return Ok((connect(settings, Some(options)).await?, None));
    }
    anyhow::ensure!(
        directory.join("postgres").is_dir(),
        "{} holds no Reeltime (name its --data-dir or --database-url)",
        directory.display()
    );
    let cluster = Cluster::start(directory).await?;
    let pool = connect(settings, Some(cluster.connect_options())).await?;
    Ok((pool, Some(cluster)))
}

/// As the application's role, to a database that its owner has brought up to date.
pub(crate) async fn connect(
    settings: &Settings,
    own: Option<PgConnectOptions>,
) -> anyhow::Result<PgPool> {
    let (options, owner) = match (&settings.databases.database_url, own) {
        (Some(url), _) => {
            let owner = settings.databases.owner_url.as_ref();
            let owner = owner.map(DatabaseUrl::connect).transpose();
            (
                url.connect().context("--database-url")?,
                owner.context("--owner-url")?,
            )
        }
        (None, Some(options)) => (options.clone(), Some(options.username(cluster::OWNER))),
        (None, None) => anyhow::bail!("there is no database"),
    };
    let pool = open_pool(settings, options.clone());
    let preparing = async || {
        knock(&options).await.context("can't reach PostgreSQL")?;
        prepare(&pool, owner.as_ref()).await
    };
    settings.databases.patience().with(preparing).await?;
    Ok(pool)
}

/// Of a version that we know, with the newest schema.
async fn prepare(pool: &PgPool, owner: Option<&PgConnectOptions>) -> anyhow::Result<()> {
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::integer")
        .fetch_one(pool)
        .await?;
    anyhow::ensure!(
        version >= OLDEST_POSTGRESQL,
        "this PostgreSQL is version {}; Reeltime needs 15 or newer",
        version / 10_000
    );
    migrations::bring_up_to_date(pool, owner)
        .await
        .context("bringing the database up to date")?;
    let may_change: bool = sqlx::query_scalar(
        "select has_table_privilege('log.events', 'update, delete, truncate, trigger')",
    )
    .fetch_one(pool)
    .await?;
    if may_change {
        tracing::warn!(
            "the role {} may change the log: only triggers stand in front of it (see --owner-url)",
            pool.connect_options().get_username()
        );
    }
    Ok(())
}

fn open_pool(settings: &Settings, options: PgConnectOptions) -> PgPool {
    let connections = settings.databases.database_connections.get();
    event_log::pool(
        options.application_name("reeltime"),
        connections,
        BUSY_AFTER,
    )
}

/// Asks without a pool, which hides why it has no connection.
async fn knock(options: &PgConnectOptions) -> sqlx::Result<()> {
    let knocking = async { options.connect().await?.close().await };
    let slow = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(KNOCK, knocking).await.map_err(slow)?
}

/// The vault's keys; an empty vault gets its first.
pub(crate) async fn open_vault(settings: &Settings, log: &PgPool) -> anyhow::Result<Keyring> {
    let vault = reach_vault(settings, log).await?;
    let open = async || {
        let opened = Keyring::open(vault.clone(), settings.master()?).await;
        opened.context("opening the vault")
    };
    settings.databases.patience().with(open).await
}

/// As [`open_vault`], but an empty vault is an error and stays empty.
pub(crate) async fn open_existing_vault(
    settings: &Settings,
    log: &PgPool,
) -> anyhow::Result<Keyring> {
    let vault = reach_vault(settings, log).await?;
    let open = async || {
        let opened = Keyring::open_existing(vault.clone(), settings.master()?).await;
        opened.context("opening the vault")
    };
    settings.databases.patience().with(open).await
}

/// In its own database or in the log's.
async fn reach_vault(settings: &Settings, log: &PgPool) -> anyhow::Result<PgPool> {
    let Some(url) = &settings.databases.vault_url else {
        return Ok(log.clone());
    };
    let options = url.connect().context("--vault-url")?;
    let vault = open_pool(settings, options.clone());
    let migrate = async || {
        knock(&options).await.context("can't reach the vault")?;
        let migrated = migrations::vault().run(&vault).await;
        migrated.context("bringing the vault up to date")
    };
    settings.databases.patience().with(migrate).await?;
    Ok(vault)
}
