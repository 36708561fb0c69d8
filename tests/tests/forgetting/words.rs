//! Everything that a member can say, be called and leave in the vault: a word for each, that stands
//! nowhere else.

use std::collections::BTreeSet;

/// What every word begins with.
pub const MARK: &str = "zyx";
/// In read tables while its member is there.
pub const READ: [&str; 16] = [
    "newname",
    "about",
    "newreview",
    "newcomment",
    "newmessage",
    "newroom",
    "newdescription",
    "retraction",
    "muting",
    "removal",
    "ban",
    "report",
    "measure",
    "lifting",
    "appeal",
    "decision",
];
/// In the log alone.
pub const LOGGED: [&str; 9] = [
    "oldname",
    "oldmail",
    "newmail",
    "oldreview",
    "oldcomment",
    "oldmessage",
    "oldroom",
    "olddescription",
    "closing",
];
/// In the vault, a row of each table that says whose a row is. `$1` is the member, `$2` the word.
pub const KEPT: [(&str, &str); 11] = [
    (
        "password",
        "insert into vault.accounts (member, password_hash) values ($1, $2)",
    ),
    (
        "device",
        "insert into vault.sessions (token_hash, member, created_at, expires_at, device)
         values (uuid_send($1), $1, now(), now() + interval '1 day', $2)",
    ),
    (
        "ticket",
        "insert into vault.tickets (ticket_hash, member, session_hash, expires_at)
         values (convert_to($2, 'UTF8'), $1, '', now() + interval '1 day')",
    ),
    (
        "account",
        "insert into vault.identities (identity, member, provider, subject, label, linked_at)
         values ($1, $1, 'naver', $2, $2, now())",
    ),
    (
        "authenticator",
        "insert into vault.authenticators (member, secret, created_at) values ($1, $2, now())",
    ),
    (
        "recovery",
        "insert into vault.recovery_codes (member, digest) values ($1, convert_to($2, 'UTF8'))",
    ),
    (
        "ceremony",
        "insert into vault.ceremonies (token_hash, member, state, expires_at)
         values (uuid_send($1), $1, $2, now() + interval '1 day')",
    ),
    (
        "halfway",
        "insert into vault.halfway (token_hash, member, way, expires_at)
         values (uuid_send($1), $1, $2, now() + interval '1 day')",
    ),
    (
        "link",
        "insert into vault.mail_links
             (id, token_hash, purpose, member, address, created_at, expires_at)
         values ($1, uuid_send($1), 'address', $1, $2, now(), now() + interval '1 day')",
    ),
    (
        "letter",
        "insert into vault.outbox (id, kind, member, address, created_at, due_at)
         values ($1, 'address-changed', $1, $2, now(), now() + interval '1 day')",
    ),
    (
        "upload",
        "insert into vault.uploads (member, upload, phase, lines, done, posted, touched_at)
         values ($1, $1, 'preview', jsonb_build_array($2::text), 0, '{}', now())",
    ),
];

pub fn word(whose: &str, what: &str) -> String {
    format!("{MARK}{whose}{what}")
}

/// Types of events in which something is sealed: their golden forms show what.
pub fn sealing_types() -> BTreeSet<String> {
    let golden = include_str!("../../../domain/tests/golden.txt").lines();
    let sealing = golden.filter(|line| line.contains('‡'));
    let types = sealing.filter_map(|line| line.split(' ').next());
    types.map(str::to_owned).collect()
}
