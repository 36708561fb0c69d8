//! The SQL of the log, the vault, the leases and the read tables, inside the binary.
//!
//! Each file opens by saying *truth* (must never be lost) or *derived* (can be
//! computed from the truth again).

/// Brings a database to the newest schema. Safe to run from several nodes at
/// once (sqlx takes an advisory lock) and again (applied files are skipped).
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
