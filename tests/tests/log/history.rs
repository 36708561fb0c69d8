//! The checker of a log's history: what must hold after anything.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use event_log::{Recorded, Tail, chain};
use futures::StreamExt;
use sqlx::PgPool;
use uuid::Uuid;

const TICK: Duration = Duration::from_millis(50);
/// Ticks without anything after which a reader has stalled.
const PATIENCE: u32 = 200;

/// Every event of the log, straight from the table.
pub async fn stored(pool: &PgPool) -> Vec<Recorded> {
    event_log::read_after(pool, 0, i64::from(i32::MAX))
        .await
        .unwrap()
}

/// Tails until it has seen the end, once that is known (not zero). A reader that
/// stalls gives what it has.
pub async fn read_to(tail: Tail, end: Arc<AtomicI64>) -> Vec<(i64, Uuid)> {
    let mut seen = Vec::new();
    let mut events = Box::pin(tail.follow(0));
    let mut idle = 0;
    loop {
        let end = end.load(Ordering::Relaxed);
        if end > 0 && (seen.last().is_some_and(|(last, _)| *last >= end) || idle > PATIENCE) {
            return seen;
        }
        match tokio::time::timeout(TICK, events.next()).await {
            Ok(event) => {
                let event = event.expect("it has no end").unwrap();
                seen.push((event.position, event.id));
                idle = 0;
            }
            Err(_) => idle += 1,
        }
    }
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
