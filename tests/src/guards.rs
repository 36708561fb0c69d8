//! The log's guards, taken away and put back: for damage on purpose.

/// In the order in which an append takes them, so that neither waits for the other.
const GUARDED: [&str; 3] = ["log.commands", "log.events", "audit.checkpoints"];

/// SQL that the owner runs behind the guards' back; they stand as before after it.
pub fn unguarded(sql: &str) -> String {
    let each = |change: &str| GUARDED.map(|table| format!("alter table {table} {change};"));
    let away = each("disable trigger user").concat();
    let back = each("enable always trigger append_only, enable always trigger no_truncate");
    format!("{away} {sql}; {}", back.concat())
}
