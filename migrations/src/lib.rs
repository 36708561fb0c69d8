//! The SQL of the log, the vault, the leases and the read tables, inside the binary.
//!
//! Each file opens by saying *truth* (must never be lost) or *derived* (can be
//! computed from the truth again). What belongs to the vault has `vault` in its file's name.

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

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
) -> Result<(), MigrateError> {
    let Some(owner) = owner else {
        if is_up_to_date(application).await? {
            return Ok(());
        }
        return MIGRATOR.run(application).await;
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
