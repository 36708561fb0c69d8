//! What handlers share: the way into the log, the way out of the read models, the
//! vault.

use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::TimeDelta;
use commands::{Forgetter, Sequencer};
use event_log::checkpoint::{Checkpointer, Outside, PublicKey, SigningKey};
use event_log::{Keyring, Tail};
use projections::recommender::Recommender;
use projections::{AsOfName, Projector, Reader};
use sqlx::PgPool;

use crate::as_of::Moment;
use crate::fresh;
use crate::import::running::Imports;
use crate::import::tmdb::Access;
use crate::limits::{Allowances, Limits};
use crate::live::{self, Hub};
use crate::mail::{self, Mailing};
use crate::providers::Providers;
use crate::vault::Vault;

const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// A node of Reeltime, without its doors. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Node>);

pub struct Node {
    pub sequencer: Sequencer,
    pub reader: Reader,
    pub vault: Vault,
    pub keyring: Keyring,
    pub limits: Limits,
    pub tail: Tail,
    /// The log and the vault, for what is rare.
    pub pool: PgPool,
    /// Cookies are sent over TLS alone.
    pub secure_cookies: bool,
    pub projector: Projector,
    pub recommender: Recommender,
    /// The live rooms of this node.
    pub live: Hub,
    /// Set where the read side is shown as it was, and nothing else is done.
    pub as_of: Option<Moment>,
    _forgetter: Option<Forgetter>,
    /// Of who signs the log's checkpoints here.
    pub public_key: Option<PublicKey>,
    _checkpointer: Option<Checkpointer>,
    pub providers: Providers,
    /// Scheme and host by which people reach this; `None`: by whatever they typed.
    pub origin: Option<String>,
    pub mailing: Mailing,
    /// Who leaves may change their mind for so long; zero: they leave at once.
    pub grace: TimeDelta,
    /// Roles act in sessions alone that were begun with two factors.
    pub roles_need_two_factors: bool,
    /// What operators bring in from elsewhere.
    pub imports: Imports,
}

/// What a node is started with.
#[derive(Debug)]
pub struct Options {
    pub allowances: Allowances,
    /// Of the read models; at the bound requests wait for one.
    pub connections: u32,
    pub secure_cookies: bool,
    /// With what the log's checkpoints are signed, and where they are kept outside the
    /// database; none: this node signs nothing.
    pub signing: Option<(SigningKey, Option<Outside>)>,
    pub providers: Providers,
    pub origin: Option<String>,
    pub mailing: Mailing,
    pub grace: TimeDelta,
    pub roles_need_two_factors: bool,
    /// `None`: nothing is brought in from TMDB here.
    pub tmdb: Option<Access>,
}

impl App {
    /// Starts a node on a migrated database: sequencer, tail, projector, and what is done in the
    /// house by itself.
    pub async fn start(pool: PgPool, keyring: Keyring, options: Options) -> anyhow::Result<App> {
        let app = App::start_for_a_while(pool, keyring, options).await?;
        tokio::spawn(live::sessions::watch(Arc::downgrade(&app.0)));
        tokio::spawn(mail::outbox::send(Arc::downgrade(&app.0)));
        tokio::spawn(sweep_expired(Arc::downgrade(&app.0)));
        app.clone().sweep();
        Ok(app)
    }

    /// The same for who does one thing at the machine: it sends nobody's letters, which nodes that
    /// know the mail server do, and sweeps nothing.
    pub async fn start_for_a_while(
        pool: PgPool,
        keyring: Keyring,
        options: Options,
    ) -> anyhow::Result<App> {
        expect_own_vault(&pool, &keyring).await?;
        let vault = Vault::open(&keyring).await?;
        let tail = Tail::start(pool.clone()).await?;
        let clock: event_log::Clock = Arc::new(fresh::now);
        let sequencer =
            Sequencer::start(pool.clone(), keyring.clone(), tail.clone(), clock.clone()).await?;
        // before anything is read: a vault from a backup forgets again
        let forgetter = Forgetter::start(&pool, keyring.clone(), tail.clone()).await?;
        let public_key = options.signing.as_ref().map(|(key, _)| key.public());
        let checkpointer = options
            .signing
            .map(|signing| Checkpointer::start(&pool, tail.clone(), fresh::id(), signing, clock));
        let projector = Projector::start(&pool, keyring.clone(), tail.clone(), fresh::id());
        let connect = (*pool.connect_options()).clone();
        let reader = Reader::new(connect, options.connections, projector.projected());
        let recommender = Recommender::start(reader.clone(), tail.clone());
        let log = live::Log {
            pool: pool.clone(),
            keyring: keyring.clone(),
        };
        let live = Hub::start(log, tail.clone(), sequencer.clone(), reader.clone());
        let node = Arc::new(Node {
            sequencer,
            reader,
            vault,
            keyring,
            limits: Limits::new(options.allowances),
            tail,
            pool,
            secure_cookies: options.secure_cookies,
            projector,
            recommender,
            live,
            as_of: None,
            _forgetter: Some(forgetter),
            public_key,
            _checkpointer: checkpointer,
            providers: options.providers,
            origin: options.origin,
            mailing: options.mailing,
            grace: options.grace,
            roles_need_two_factors: options.roles_need_two_factors,
            imports: Imports::new(options.tmdb),
        });
        Ok(App(node))
    }

    /// Starts a node that shows the read side as it was. It decides, projects, signs and sweeps
    /// nothing, and its doors refuse what would change anything ([`crate::as_of`]).
    pub async fn start_as_of(
        pool: PgPool,
        keyring: Keyring,
        options: Options,
        name: AsOfName,
    ) -> anyhow::Result<App> {
        expect_own_vault(&pool, &keyring).await?;
        let moment = Moment::find(&pool, name).await?;
        let position = moment.position;
        let connect = (*pool.connect_options()).clone();
        let reader = Reader::as_of(connect, options.connections, &moment.name);
        let tail = Tail::still(pool.clone(), position);
        let sequencer = Sequencer::still(keyring.clone());
        let vault = Vault::open(&keyring).await?;
        let log = live::Log {
            pool: pool.clone(),
            keyring: keyring.clone(),
        };
        let live = Hub::still(log, tail.clone(), sequencer.clone(), reader.clone());
        let node = Node {
            sequencer,
            recommender: Recommender::start(reader.clone(), tail.clone()),
            reader,
            vault,
            keyring,
            limits: Limits::new(options.allowances),
            tail,
            pool,
            secure_cookies: options.secure_cookies,
            projector: Projector::still(position),
            live,
            as_of: Some(moment),
            _forgetter: None,
            public_key: options.signing.map(|(key, _)| key.public()),
            _checkpointer: None,
            // signing in changes the vault
            providers: Providers::default(),
            origin: options.origin,
            mailing: options.mailing,
            grace: options.grace,
            roles_need_two_factors: options.roles_need_two_factors,
            imports: Imports::new(None),
        };
        Ok(App(Arc::new(node)))
    }

    /// Stops what computes for this node by itself, and waits until it has stopped: a runtime that
    /// ends would not ([`projections::compute`]). The rest stops with the last clone.
    pub async fn end(&self) {
        self.imports.end().await;
        self.recommender.end().await;
        self.projector.end().await;
    }

    /// Beside the start: nothing waits for it.
    fn sweep(self) {
        tokio::spawn(async move {
            if let Err(error) = self.vault.sweep(&self.pool).await {
                tracing::warn!(%error, "the vault was not swept; the next start does it");
            }
        });
    }
}

/// All nodes do it: what is gone is gone.
async fn sweep_expired(node: Weak<Node>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = node.vault.sweep_expired().await {
            tracing::warn!(%error, "what is over was not swept; it is tried again");
        }
    }
}

/// A vault beside another log would be swept empty.
async fn expect_own_vault(log: &PgPool, keyring: &Keyring) -> anyhow::Result<()> {
    let first = event_log::read_after(log, 0, 1).await?;
    let first = first.first().map(|event| event.hash);
    anyhow::ensure!(
        keyring.belongs_to(first).await?,
        "this vault belongs to another log: the log that it knows begins otherwise"
    );
    Ok(())
}

impl From<Arc<Node>> for App {
    fn from(node: Arc<Node>) -> App {
        App(node)
    }
}

impl Deref for App {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.0
    }
}
