//! A new, migrated database for every test, on the server that `TEST_DATABASE_URL` names as the
//! role that owns databases; tests work as the application's role. The program `check` starts such a server for the time of a run.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

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

/// A new database with all migrations.
pub async fn create() -> PgPool {
    let name = format!("t_{}", crate::new_id().simple());
    let server = server();
    let admin = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(server.clone())
        .await
        .expect("the tests' server answers");
    // made up here from a UUID: nothing to escape
    let statement = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(statement)
        .execute(&admin)
        .await
        .expect("a new database");
    admin.close().await;
    let owner = server.database(&name);
    let pool = pool(owner.clone().username(cluster::APPLICATION));
    let migrated = migrations::bring_up_to_date(&pool, Some(&owner)).await;
    migrated.expect("the migrations run");
    pool
}

/// The same database as the role that owns it, for damage that the application's role can't do.
pub fn owner(pool: &PgPool) -> PgPool {
    let server = server();
    let owner = (*pool.connect_options()).clone();
    PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(owner.username(server.get_username()))
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
