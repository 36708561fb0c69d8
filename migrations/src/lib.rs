//! The SQL of the log, the vault, the leases and the read tables, inside the binary.
//!
//! Each file opens by saying *truth* (must never be lost) or *derived* (can be
//! computed from the truth again). What belongs to the vault has `vault` in its file's name.

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

/// Why a database was not brought to the newest schema.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "its schema is newer than this program, which does not know {0}: use the release that made it"
    )]
    Newer(i64),
    #[error(transparent)]
    Migrate(MigrateError),
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Error {
        match error {
            MigrateError::VersionMissing(version) => Error::Newer(version),
            error => Error::Migrate(error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        Error::Migrate(error.into())
    }
}

/// All files. Safe to run from several nodes at once (sqlx takes an advisory lock) and again
/// (applied files are skipped).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// The vault's part alone, for a vault that lives in a database of its own: the files that have
/// `vault` in their names.
pub fn vault() -> sqlx::migrate::Migrator {
    let files = MIGRATOR.iter();
    let of_the_vault = files.filter(|file| file.description.contains("vault"));
    sqlx::migrate::Migrator::with_migrations(of_the_vault.cloned().collect())
}

/// Brings a database to the newest schema as its owner, and lets the application's role do what
/// it may (`application.sql`): add to the log, not change it. Without an owner the application's
/// role owns the schema itself, or finds it up to date.
pub async fn bring_up_to_date(
    application: &PgPool,
    owner: Option<&PgConnectOptions>,
) -> Result<(), Error> {
    let Some(owner) = owner else {
        if is_up_to_date(application).await? {
            return Ok(());
        }
        return Ok(MIGRATOR.run(application).await?);
    };
    let mut connection = owner.connect().await?;
    MIGRATOR.run(&mut connection).await?;
    let role = application.connect_options();
    if role.get_username() != owner.get_username() {
        admit(&mut connection, role.get_username()).await?;
    }
    connection.close().await?;
    Ok(())
}

async fn is_up_to_date(pool: &PgPool) -> sqlx::Result<bool> {
    let applied: Option<bool> =
        sqlx::query_scalar("select has_table_privilege(to_regclass('_sqlx_migrations'), 'select')")
            .fetch_one(pool)
            .await?;
    if applied != Some(true) {
        return Ok(false);
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select version, checksum from _sqlx_migrations where success order by 1")
            .fetch_all(pool)
            .await?;
    let ours = MIGRATOR.iter().map(|file| (file.version, &*file.checksum));
    Ok(ours.eq(applied
        .iter()
        .map(|(version, checksum)| (*version, &**checksum))))
}

async fn admit(owner: &mut PgConnection, application: &str) -> sqlx::Result<()> {
    let mut transaction = owner.begin().await?;
    sqlx::query("select set_config('reeltime.application', $1, true)")
        .bind(application)
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(include_str!("application.sql"))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_schema_of_a_later_release_is_said_to_be_that() {
        let error = Error::from(MigrateError::VersionMissing(7));
        assert!(error.to_string().contains("newer than this program"));
        let other = Error::from(MigrateError::VersionMismatch(7));
        assert!(matches!(other, Error::Migrate(_)));
    }

    /// Advisory locks are numbers: with the same one, two that have nothing to do with each other
    /// would wait for each other, and where one of them works in a transaction of the other, for ever.
    #[test]
    fn no_number_locks_two_things() {
        let mut locks = HashSet::new();
        let files = MIGRATOR.iter().map(|file| file.sql.as_str());
        for sql in files.chain([include_str!("application.sql")]) {
            let numbers = sql.split(|c: char| !c.is_ascii_digit());
            let of_the_file: HashSet<&str> = numbers.filter(|number| number.len() > 15).collect();
            for number in of_the_file {
                assert!(locks.insert(number.to_owned()), "{number} twice");
            }
        }
        assert_eq!(locks.len(), 3, "{locks:?}");
    }
}
