//! The SQL of the log, the vault, the leases and the read tables, inside the binary.
//!
//! Each file opens by saying *truth* (must never be lost) or *derived* (can be
//! computed from the truth again). What belongs to the vault has `vault` in its file's name.

/// Brings a database to the newest schema. Safe to run from several nodes at
/// once (sqlx takes an advisory lock) and again (applied files are skipped).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// The vault's part alone, for a vault that lives in a database of its own: the files that have
/// `vault` in their names.
pub fn vault() -> sqlx::migrate::Migrator {
    let files = MIGRATOR.iter();
    let of_the_vault = files.filter(|file| file.description.contains("vault"));
    sqlx::migrate::Migrator::with_migrations(of_the_vault.cloned().collect())
}
