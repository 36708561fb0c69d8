//! What handlers share: the way into the log, the way out of the read models, the
//! vault.

use std::ops::Deref;
use std::sync::Arc;

use commands::Sequencer;
use event_log::Tail;
use projections::{Projector, Reader};
use sqlx::PgPool;

use crate::fresh;
use crate::limits::{Allowances, Limits};
use crate::vault::{Vault, VaultError};

/// A node of Reeltime, without its doors. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Node>);

pub struct Node {
    pub sequencer: Sequencer,
    pub reader: Reader,
    pub vault: Vault,
    pub limits: Limits,
    pub tail: Tail,
    /// The log and the vault, for what is rare.
    pub pool: PgPool,
    /// Cookies are sent over TLS alone.
    pub secure_cookies: bool,
    pub projector: Projector,
}

/// What a node is started with.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub allowances: Allowances,
    /// Of the read models; at the bound requests wait for one.
    pub connections: u32,
    pub secure_cookies: bool,
}

impl App {
    /// Starts a node on a migrated database: sequencer, tail, projector.
    pub async fn start(pool: PgPool, options: Options) -> Result<App, VaultError> {
        let tail = Tail::start(pool.clone()).await?;
        let clock: event_log::Clock = Arc::new(fresh::now);
        let sequencer = Sequencer::start(pool.clone(), tail.clone(), clock).await?;
        let projector = Projector::start(&pool, tail.clone(), fresh::id());
        let connect = (*pool.connect_options()).clone();
        let reader = Reader::new(connect, options.connections, projector.projected());
        Ok(App(Arc::new(Node {
            sequencer,
            reader,
            vault: Vault::open(pool.clone()).await?,
            limits: Limits::new(options.allowances),
            tail,
            pool,
            secure_cookies: options.secure_cookies,
            projector,
        })))
    }
}

impl Deref for App {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.0
    }
}
