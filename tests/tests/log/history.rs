//! The checker of a log's history: what must hold after anything.

use std::collections::{HashMap, HashSet};

use event_log::{Recorded, chain};
use sqlx::PgPool;
use uuid::Uuid;

/// Every event of the log, straight from the table.
pub async fn stored(pool: &PgPool) -> Vec<Recorded> {
    event_log::read_after(pool, 0, i64::from(i32::MAX))
        .await
        .unwrap()
}

/// Positions gapless, versions contiguous, chain unbroken, time never backwards.
pub fn check_log(events: &[Recorded]) -> Result<(), String> {
    let mut versions: HashMap<&str, i64> = HashMap::new();
    let mut ids = HashSet::new();
    let mut hash = chain::GENESIS;
    let mut recorded_at = chrono::DateTime::UNIX_EPOCH;
    for (position, event) in (1..).zip(events) {
        if event.position != position {
            return Err(format!("position {position} is missing before {event:?}"));
        }
        let version = versions.entry(event.stream.as_str()).or_default();
        *version += 1;
        if event.version != *version {
            return Err(format!("version {version} is missing before {event:?}"));
        }
        if event.recorded_at < recorded_at {
            return Err(format!("time runs backwards at {event:?}"));
        }
        recorded_at = event.recorded_at;
        hash = chain::hash(&hash, event);
        if event.hash != hash {
            return Err(format!("the chain is broken at {event:?}"));
        }
        if !ids.insert(event.id) {
            return Err(format!(
                "an id was given twice, the second time at {event:?}"
            ));
        }
    }
    Ok(())
}

/// A reader that tails must have seen exactly what is stored, each once, in order.
pub fn check_reader(seen: &[(i64, Uuid)], stored: &[(i64, Uuid)]) -> Result<(), String> {
    for (index, event) in stored.iter().enumerate() {
        match seen.get(index) {
            Some(other) if other == event => {}
            other => {
                return Err(format!(
                    "{event:?} is stored where the reader saw {other:?}"
                ));
            }
        }
    }
    if seen.len() > stored.len() {
        return Err("the reader saw more than is stored".into());
    }
    Ok(())
}

/// A command that was refused has left nothing, whatever it was committed with.
pub fn check_refused(events: &[Recorded], refused: &HashSet<Uuid>) -> Result<(), String> {
    match events.iter().find(|event| refused.contains(&event.command)) {
        Some(event) => Err(format!("a refused command recorded {event:?}")),
        None => Ok(()),
    }
}

/// Every acknowledged command is there exactly once, every other at most once.
pub fn check_commands(
    events: &[Recorded],
    acknowledged: &HashSet<Uuid>,
    events_each: usize,
) -> Result<(), String> {
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for event in events {
        *counts.entry(event.command).or_default() += 1;
    }
    if let Some(lost) = acknowledged.iter().find(|id| !counts.contains_key(id)) {
        return Err(format!("acknowledged command {lost} is not in the log"));
    }
    match counts.iter().find(|(_, count)| **count != events_each) {
        Some((id, count)) => Err(format!("command {id} has {count} events")),
        None => Ok(()),
    }
}
