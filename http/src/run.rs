//! A node of Reeltime from start to end: databases, films, doors.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use commands::reactor::Reactor;
use event_log::checkpoint::Outside;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::{App, Options};
use crate::databases::{connect, open_vault, start_cluster};
use crate::import::tmdb::Access;
use crate::patience::Patience;
use crate::providers::{self, Providers};
use crate::public_url::PublicUrl;
use crate::settings::Settings;
use crate::{catalogue, fresh, health, images, merging, reactors, routes, server, signing};

/// Read models that are further behind at the start catch up while pages are served.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(30);

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
    warn_of_no_signatures(&app);
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

fn warn_of_no_signatures(app: &App) {
    if app.as_of.is_none() && app.public_key.is_none() {
        tracing::warn!(
            "this node signs no checkpoints: if no other does, the log can be cut off or written anew \
             unseen (`reeltime checkpoint-key FILE` makes a key, --checkpoint-key takes it)"
        );
    }
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

/// A line on standard output; whoever reads it may have seen enough.
pub fn say(line: impl Display) -> io::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

pub(crate) fn options(settings: &Settings) -> anyhow::Result<Options> {
    let key = match &settings.keys.checkpoint_key {
        Some(key) => Some(signing::named(key.reveal())?),
        None if settings.databases.database_url.is_some() => None,
        None => {
            let host = settings.public_url.as_ref().map(PublicUrl::host);
            Some(signing::own_or_new(&settings.data_dir, host)?)
        }
    };
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
        roles_need_two_factors: settings.roles_need_two_factors(),
        tmdb: Access::of(&settings.tmdb)?,
    })
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
