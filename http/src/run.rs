//! A node of Reeltime from start to end: database, schema, films, doors.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use cluster::Cluster;
use commands::reactor::Reactor;
use event_log::checkpoint::Outside;
use event_log::{Keyring, Master};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::{App, Options};
use crate::database_url::DatabaseUrl;
use crate::import::tmdb::Access;
use crate::patience::Patience;
use crate::providers::{self, Providers};
use crate::public_url::PublicUrl;
use crate::settings::Settings;
use crate::{catalogue, fresh, health, images, merging, reactors, routes, server, signing};

/// A request that gets no connection by then is told *busy*.
const BUSY_AFTER: Duration = Duration::from_secs(2);
/// A server that takes longer to let a start in is asked again.
const KNOCK: Duration = Duration::from_secs(10);
/// Read models that are further behind at the start catch up while pages are served.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(30);
/// The oldest PostgreSQL that this was tried on.
const OLDEST_POSTGRESQL: i32 = 150_000;

/// Runs until SIGTERM or Ctrl-C. Requests in flight finish, then the private
/// PostgreSQL stops.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let mut stop = stop_signal()?;
    // first, so that a port in use is told at once
    let listener = listen(settings.listen).await?;
    if let Some(address) = settings.metrics_listen {
        serve_metrics(listen(address).await?, &settings, stop.clone());
    }
    if let Some(path) = &settings.providers {
        providers::read(path)?;
    }
    let (options, cluster) = tokio::select! {
        started = start_cluster(&settings) => started?,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let served = serve(&settings, options, listener, stop).await;
    if let Some(cluster) = cluster {
        cluster.stop().await.context("stopping PostgreSQL")?;
    }
    served
}

/// The first page shows what there is.
async fn catch_up(app: &App) -> anyhow::Result<()> {
    let head = event_log::head(&app.pool).await?.position;
    let deadline = Instant::now() + CATCH_UP_PATIENCE;
    while app.reader.snapshot(Some(head)).await?.stale {
        if Instant::now() >= deadline {
            tracing::warn!(
                head,
                "the read models are far behind; pages show what is there"
            );
            break;
        }
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("can't listen on {address}"))
}

/// From the start to the end, also while the database is away.
fn serve_metrics(listener: TcpListener, settings: &Settings, mut stop: watch::Receiver<bool>) {
    let bounds = settings.bounds();
    tokio::spawn(async move {
        let stopping = async {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        server::serve(listener, health::metrics(), bounds, stopping).await;
    });
}

/// A private cluster: how it is reached, and the cluster itself unless it is that of a Reeltime
/// that runs, beside which the past is shown.
async fn start_cluster(
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

async fn serve(
    settings: &Settings,
    own: Option<PgConnectOptions>,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    images::serve_from(settings.tmdb.tmdb_images_url.clone());
    let starting = async {
        let pool = connect(settings, own).await?;
        let patience = settings.databases.patience();
        let app = start(settings, &pool, patience).await?;
        anyhow::Ok((pool, app, patience))
    };
    let (pool, app, patience) = tokio::select! {
        started = starting => started?,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let opened = open(settings, &app, patience, listener, stop).await;
    let severed = app.tail.is_severed();
    app.end().await;
    drop(app);
    pool.close().await;
    opened?;
    anyhow::ensure!(
        !severed,
        "the database lost commits that were seen: start again"
    );
    Ok(())
}

/// A node. What was begun when the database was too busy to go on ends with its values, and is begun
/// again.
async fn start(settings: &Settings, pool: &PgPool, patience: Patience) -> anyhow::Result<App> {
    let keyring = open_vault(settings, pool).await?;
    let begin = async || {
        let (pool, keyring, options) = (pool.clone(), keyring.clone(), options(settings)?);
        match settings.as_of.clone() {
            Some(name) => App::start_as_of(pool, keyring, options, name).await,
            None => App::start(pool, keyring, options).await,
        }
    };
    patience.with(begin).await
}

/// Lets people in once the first page has something to show, until the node is told to stop.
async fn open(
    settings: &Settings,
    app: &App,
    patience: Patience,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    tokio::select! {
        filled = fill(app, patience) => filled?,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    }
    let router = routes::router(app.clone(), settings.protection());
    let address = listener.local_addr()?;
    say(format!("Reeltime is open at http://{address}/"))?;
    let (live, lives) = (app.live.clone(), app.as_of.is_none());
    let tail = app.tail.clone();
    let stopping = async move {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            // what is in memory is of another log: it helps nobody to be moved with it
            () = tail.severed() => return,
        }
        tracing::info!("stopping");
        // not ready any more, but here: who is connected moves to other nodes first
        if lives {
            live.drain().await;
        }
    };
    let clock: event_log::Clock = Arc::new(fresh::now);
    let _reacting = lives.then(|| react(app, clock));
    let cut = server::serve(listener, router, settings.bounds(), stopping).await;
    if cut > 0 {
        tracing::warn!(connections = cut, "cut at the shutdown's bound");
    }
    Ok(())
}

/// With the starter catalogue, and what the log has.
async fn fill(app: &App, patience: Patience) -> anyhow::Result<()> {
    if app.as_of.is_none() {
        let import = async || catalogue::import_into_empty_log(app).await;
        patience.with(import).await?;
        patience.with(async || catch_up(app).await).await?;
    }
    Ok(())
}

/// All that this node does by itself as time passes, as long as the values are there.
fn react(app: &App, clock: event_log::Clock) -> [Reactor; 6] {
    let every = reactors::EVERY;
    [
        merging::move_reviews(app, clock.clone(), merging::MOVE_EVERY),
        merging::move_watchlists(app, clock.clone(), merging::MOVE_EVERY),
        reactors::archive_idle_rooms(app, clock.clone(), every),
        reactors::carry_out_withdrawals(app, clock.clone(), every),
        reactors::let_names_go(app, clock.clone(), every),
        reactors::end_suspensions(app, clock, every),
    ]
}

/// The vault, in its own database or in the log's, with the keys in it.
pub(crate) async fn open_vault(settings: &Settings, log: &PgPool) -> anyhow::Result<Keyring> {
    let vault = match &settings.databases.vault_url {
        None => log.clone(),
        Some(url) => {
            let options = url.connect().context("--vault-url")?;
            let vault = open_pool(settings, options.clone());
            let migrate = async || {
                knock(&options).await.context("can't reach the vault")?;
                let migrated = migrations::vault().run(&vault).await;
                migrated.context("bringing the vault up to date")
            };
            settings.databases.patience().with(migrate).await?;
            vault
        }
    };
    let open = async || {
        let opened = Keyring::open(vault.clone(), settings.master()?).await;
        opened.context("opening the vault")
    };
    settings.databases.patience().with(open).await
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

/// A line on standard output; whoever reads it may have seen enough.
pub fn say(line: impl Display) -> io::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Wraps all keys under another master key; a rotation that was broken off goes on.
pub async fn rotate_master_key(settings: Settings) -> anyhow::Result<()> {
    let (pool, cluster) = reach(&settings).await?;
    let rotated = async {
        let keyring = open_vault(&settings, &pool).await?;
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

pub(crate) fn options(settings: &Settings) -> anyhow::Result<Options> {
    let key = match &settings.keys.checkpoint_key {
        Some(key) => Some(signing::named(key)?),
        None if settings.databases.database_url.is_some() => None,
        None => {
            let host = settings.public_url.as_ref().map(PublicUrl::host);
            Some(signing::own_or_new(&settings.data_dir, host)?)
        }
    };
    if key.is_none() {
        tracing::info!("the log's checkpoints are not signed by this node: no --checkpoint-key");
    }
    let providers = match &settings.providers {
        Some(path) => providers::read(path)?,
        None => Providers::default(),
    };
    let origin = settings.public_url.as_ref().map(PublicUrl::origin);
    let outside = settings.keys.checkpoints.clone().map(Outside::at);
    Ok(Options {
        signing: key.map(|key| (key, outside)),
        allowances: settings.limits.allowances(),
        connections: settings.databases.database_connections.get(),
        secure_cookies: settings.secure_cookies(),
        providers,
        origin: origin.map(str::to_owned),
        mailing: settings.mailing()?,
        grace: TimeDelta::days(settings.withdrawal_grace_days.into()),
        tmdb: Access::of(&settings.tmdb)?,
    })
}

/// As the application's role, to a database that its owner has brought up to date.
async fn connect(settings: &Settings, own: Option<PgConnectOptions>) -> anyhow::Result<PgPool> {
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
    PgPoolOptions::new()
        .max_connections(settings.databases.database_connections.get())
        .acquire_timeout(BUSY_AFTER)
        .connect_lazy_with(options.application_name("reeltime"))
}

/// Asks without a pool, which hides why it has no connection.
async fn knock(options: &PgConnectOptions) -> sqlx::Result<()> {
    let knocking = async { options.connect().await?.close().await };
    let slow = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(KNOCK, knocking).await.map_err(slow)?
}

/// True once SIGTERM or Ctrl-C has come.
fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        sender.send_replace(true);
        // ends with the program: a dropped sender would look like a signal
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}
