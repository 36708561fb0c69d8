//! A new, migrated database for every test, on the server that `TEST_DATABASE_URL` names as the
//! role that owns databases; tests work as the application's role. It is gone when the test's
//! thread ends. The program `check` starts such a server for the time of a run.

use std::cell::RefCell;
use std::str::FromStr;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::secrets;

/// Where the tests' server is told.
pub const SERVER: &str = "TEST_DATABASE_URL";

/// The server's address.
///
/// # Panics
/// When no server was named: tests that need one say how to get it.
pub fn server() -> PgConnectOptions {
    let url = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} names no server: run the tests with `cargo run -p tests`")
    });
    PgConnectOptions::from_str(&url).expect("a PostgreSQL address")
}

/// A new database with all migrations, for the time of this thread: a test has one of its own.
pub async fn create() -> PgPool {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let owner = server();
    let owner = owner.get_username();
    let made = migrated_template(&migrations::MIGRATOR, owner);
    let template = TEMPLATE.get_or_init(|| made).await;
    let owner = server().database(&copy(template, owner).await);
    let pool = pool(owner.clone().username(cluster::APPLICATION));
    let migrated = migrations::bring_up_to_date(&pool, Some(&owner)).await;
    migrated.expect("the application's role is let in");
    pool
}

/// As [`create`], for a vault that is elsewhere: a statement that looks for it here fails.
pub async fn create_without_vault() -> PgPool {
    let pool = create().await;
    let hiding = sqlx::query("alter schema vault rename to nobodys");
    let hidden = hiding.execute(&owner(&pool)).await;
    hidden.expect("its owner may");
    pool
}

/// A new database that is a vault and nothing else, as `--vault-url` makes it: the application's role
/// owns it.
pub async fn create_vault() -> PgPool {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let vault = migrations::vault();
    let made = migrated_template(&vault, cluster::APPLICATION);
    let template = TEMPLATE.get_or_init(|| made).await;
    let name = copy(template, cluster::APPLICATION).await;
    pool(server().database(&name).username(cluster::APPLICATION))
}

/// A new database as the template is, for the time of this thread.
async fn copy(template: &str, owner: &str) -> String {
    secrets::keep_log();
    let name = new_name();
    tell_server(&format!(
        "create database {name} owner {owner} template {template}"
    ))
    .await;
    TEMPORARY.with_borrow_mut(|databases| databases.push(Temporary(name.clone())));
    name
}

thread_local! {
    static TEMPORARY: RefCell<Vec<Temporary>> = const { RefCell::new(Vec::new()) };
}

/// A database that is dropped with this.
struct Temporary(String);

impl Drop for Temporary {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.0);
        // another thread, since this one is ending and can't have a runtime any more
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut connection = server().connect().await?;
                connection_does(&mut connection, &statement).await?;
                connection.close().await
            })?;
            anyhow::Ok(())
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the database {} is left behind: {error}", self.0),
            Err(_) => eprintln!("the database {} is left behind", self.0),
        }
    }
}

/// The name of a database in which its owner has run these migrations, and which nobody else uses:
/// running them takes longer than copying what they make. It stays on the server for whoever has the
/// same migrations.
async fn migrated_template(migrator: &Migrator, owner: &str) -> String {
    let files = migrator.iter();
    let checksums: Vec<u8> = files.flat_map(|file| file.checksum.to_vec()).collect();
    let of_these = Uuid::new_v5(&Uuid::NAMESPACE_OID, &checksums);
    let template = format!("template_{}", of_these.simple());
    let mut connection = server().connect().await.expect("the tests' server answers");
    let there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(&template)
            .fetch_one(&mut connection)
            .await
            .expect("the tests' server answers");
    if there {
        return template;
    }
    let unfinished = new_name();
    tell_server(&format!("create database {unfinished} owner {owner}")).await;
    let owner = server().database(&unfinished).username(owner);
    let mut migrating = owner.connect().await.expect("a new database");
    let migrated = migrator.run(&mut migrating).await;
    migrated.expect("the migrations run");
    migrating.close().await.expect("the migrations have run");
    let rename = format!("alter database {unfinished} rename to {template}");
    if connection_does(&mut connection, &rename).await.is_err() {
        // another process was faster
        tell_server(&format!("drop database {unfinished} with (force)")).await;
    }
    template
}

fn new_name() -> String {
    format!("t_{}", crate::new_id().simple())
}

async fn tell_server(statement: &str) {
    let mut connection = server().connect().await.expect("the tests' server answers");
    let done = connection_does(&mut connection, statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    connection.close().await.expect("the tests' server answers");
}

/// A statement with names that were made up here: nothing to escape.
async fn connection_does(connection: &mut PgConnection, statement: &str) -> sqlx::Result<()> {
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(connection)
        .await?;
    Ok(())
}

/// The same database as the role that owns it, for damage that the application's role can't do.
pub fn owner(pool: &PgPool) -> PgPool {
    let server = server();
    let owner = (*pool.connect_options()).clone();
    PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(owner.username(server.get_username()))
}

/// Makes a deliberately broken log: in the function by which batches are appended the one stands in
/// the other's place.
///
/// # Panics
/// When `from` is not in it, or somebody else owns it.
pub async fn break_append(owner: &PgPool, from: &str, to: &str) {
    let append: String = sqlx::query_scalar(
        "select pg_get_functiondef(oid) from pg_proc
         where pronamespace = 'log'::regnamespace and proname = 'append'
         order by pronargs desc limit 1",
    )
    .fetch_one(owner)
    .await
    .expect("the function is there");
    let broken = append.replacen(from, to, 1);
    assert_ne!(append, broken, "{from:?} is not in it");
    let replaced = sqlx::raw_sql(AssertSqlSafe(broken)).execute(owner).await;
    replaced.expect("its owner may");
}

/// A pool as a node has it.
pub fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(8)
        .connect_lazy_with(options)
}

/// Lets the user reach a directory as whom PostgreSQL runs when this is root.
pub fn open_to_others(directory: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))
}

/// The address of a test's database, for programs.
pub fn address(pool: &PgPool) -> String {
    let server = std::env::var(SERVER).expect("a server is named");
    let (place, settings) = server.split_once('?').unwrap_or((&server, ""));
    let (place, _) = place.rsplit_once('/').expect("an address names a database");
    let host = place.rsplit_once('@').map_or("localhost", |(_, host)| host);
    let options = pool.connect_options();
    let name = options.get_database().expect("a test has a database");
    let role = options.get_username();
    format!("postgres://{role}@{host}/{name}?{settings}")
}

/// How a program is told of a private cluster: as the application's role, and as the owner.
pub fn urls(cluster: &cluster::Cluster) -> [String; 4] {
    let options = cluster.connect_options();
    let socket = options.get_socket().expect("the cluster has a socket");
    let url = |role| {
        format!(
            "postgres://{role}@localhost/reeltime?host={}",
            socket.display()
        )
    };
    [
        "--database-url".to_owned(),
        url(cluster::APPLICATION),
        "--owner-url".to_owned(),
        url(cluster::OWNER),
    ]
}
