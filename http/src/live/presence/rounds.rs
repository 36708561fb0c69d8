//! The node's rounds: it says that it lives, records who came and went, and ends the stays of
//! nodes that died.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::recording::{
    AT_ONCE, Due, Entered, Recorded, RoundError, adopt, record, someone_is_gone,
};
use super::{LINGER, Place, Presence, State, Stay};
use crate::fresh;
use crate::live::close::Close;
use crate::live::hub::Shared;

/// A node that has not said for so long that it lives is dead to the others. With the time that
/// they need to notice, its members have left within 15 seconds.
const TTL: Duration = Duration::from_secs(7);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(2);
/// The longest pause between two rounds.
const ROUND_EVERY: Duration = Duration::from_millis(1_500);
/// How often it is looked for members who are there by the log alone.
const ADOPT_EVERY: Duration = Duration::from_secs(300);
/// After a failed round.
const PAUSE: Duration = Duration::from_millis(500);

/// Keeps the node's presence until it goes down.
pub async fn keep(pool: PgPool, hub: Arc<Shared>) {
    loop {
        let node = fresh::id();
        hub.presence.stays().node = Some(node);
        if let Err(error) = register(&pool, node).await {
            tracing::warn!(%error, "a node can't say that it lives");
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        if let Ended::Down = run(&pool, node, &hub).await {
            return;
        }
        tracing::warn!("this node was taken for dead; its sockets close");
        metrics::counter!("live_fenced").increment(1);
        hub.presence.forget_all();
        hub.connections.close_all(Close::Fenced);
    }
}

enum Ended {
    Fenced,
    Down,
}

async fn run(pool: &PgPool, node: Uuid, hub: &Shared) -> Ended {
    let (tell, beat) = watch::channel(Beat::Steady(Instant::now()));
    let mut heart = JoinSet::new();
    heart.spawn(live(pool.clone(), node, tell));
    let mut adopts_at = Instant::now();
    while !hub.connections.is_draining() {
        let steady = match *beat.borrow() {
            Beat::Steady(since) => since.elapsed() > TTL,
            Beat::Fenced => return Ended::Fenced,
        };
        if steady && adopts_at <= Instant::now() {
            adopts_at = Instant::now() + ADOPT_EVERY;
            if let Err(error) = adopt(pool).await {
                tracing::warn!(%error, "members who are there by the log alone are not looked for");
            }
        }
        match round(pool, node, hub, steady).await {
            // the others of a node that died must not wait for the clock
            Ok(true) => continue,
            Ok(false) => {}
            Err(RoundError::Fenced) => return Ended::Fenced,
            Err(error) => {
                tracing::debug!(%error, "a round of presence failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
        // woken by who comes; by the clock for who lingers and who died
        let _ = timeout(hub.presence.pause(), hub.presence.bell.notified()).await;
    }
    Ended::Down
}

#[derive(Clone, Copy)]
enum Beat {
    /// Since then this node could say in time that it lives, and so could others.
    Steady(Instant),
    Fenced,
}

/// Says that the node lives, whatever its rounds wait for.
async fn live(pool: PgPool, node: Uuid, tell: watch::Sender<Beat>) {
    // those that all share may all be taken, for longer than a node may be silent
    let own = event_log::beside(&pool, HEARTBEAT_EVERY);
    let mut lived = Instant::now();
    loop {
        tokio::time::sleep(HEARTBEAT_EVERY).await;
        match live_on(&own, node).await {
            Ok(true) if lived.elapsed() > TTL / 2 => {
                tell.send_replace(Beat::Steady(Instant::now()));
            }
            Ok(true) => {}
            Ok(false) => {
                tell.send_replace(Beat::Fenced);
                return;
            }
            Err(error) => {
                tracing::debug!(%error, "no heartbeat");
                continue;
            }
        }
        lived = Instant::now();
    }
}

async fn register(pool: &PgPool, node: Uuid) -> sqlx::Result<()> {
    sqlx::query(
        "insert into coordination.nodes (node, expires_at)
         values ($1, clock_timestamp() + make_interval(secs => $2))",
    )
    .bind(node)
    .bind(TTL.as_secs_f64())
    .execute(pool)
    .await?;
    Ok(())
}

/// False: others have ended this node, or begun to. A farewell is not shortened.
async fn live_on(pool: &PgPool, node: Uuid) -> sqlx::Result<bool> {
    let lives = sqlx::query(
        "update coordination.nodes
         set expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => $2))
         where node = $1 and expires_at > '-infinity'",
    )
    .bind(node)
    .bind(TTL.as_secs_f64())
    .execute(pool)
    .await?;
    Ok(lives.rows_affected() == 1)
}

/// Says that the node goes: who comes back elsewhere within `time` was never away.
pub async fn say_farewell(pool: &PgPool, presence: &Presence, time: Duration) -> sqlx::Result<()> {
    let node = presence.stays().node;
    sqlx::query(
        "update coordination.nodes
         set drained = true, expires_at = clock_timestamp() + make_interval(secs => $2)
         where node = $1",
    )
    .bind(node)
    .bind(time.as_secs_f64())
    .execute(pool)
    .await?;
    Ok(())
}

/// True: more are gone than it could end.
async fn round(
    pool: &PgPool,
    node: Uuid,
    hub: &Shared,
    ends_others: bool,
) -> Result<bool, RoundError> {
    let due = hub.presence.due();
    let is_due = !due.coming.is_empty() || !due.going.is_empty() || !due.over.is_empty();
    let is_due = is_due || ends_others && someone_is_gone(pool).await?;
    if !is_due {
        return Ok(false);
    }
    match record(pool, node, hub, (&due, ends_others)).await {
        Ok(Recorded { entered, is_behind }) => {
            hub.presence.done(entered);
            Ok(is_behind)
        }
        Err(error) => {
            hub.presence.undo(due);
            Err(error)
        }
    }
}

impl Presence {
    fn due(&self) -> Due {
        let at_once = usize::try_from(AT_ONCE).expect("it is small");
        let mut stays = self.stays();
        let over = std::mem::take(&mut stays.over);
        let due = |wanted: fn(&Stay) -> bool| -> Vec<(Place, Uuid)> {
            let stays = stays.by_place.iter();
            let due = stays.filter(|(_, stay)| wanted(stay));
            due.map(|(place, stay)| (*place, stay.id))
                .take(at_once)
                .collect()
        };
        let coming = due(Stay::is_coming);
        let going = due(|stay| !stay.is_coming() && stay.is_over());
        // while they are ended, who comes back begins a new stay
        for (place, _) in &going {
            stays.by_place.remove(place);
        }
        Due {
            coming,
            going,
            over,
        }
    }

    /// The round failed: the next one does it.
    fn undo(&self, due: Due) {
        let mut stays = self.stays();
        stays.over.extend(due.over);
        for (place, id) in due.going {
            stays.by_place.entry(place).or_insert_with(|| Stay {
                id,
                connections: HashSet::new(),
                empty_since: Instant::now().checked_sub(LINGER),
                state: State::Uncertain,
            });
        }
    }

    fn done(&self, entered: Entered) {
        let mut stays = self.stays();
        for (place, entered) in entered {
            let Some(stay) = stays.by_place.get_mut(&place) else {
                continue;
            };
            let State::Coming { waiting, left } = &mut stay.state else {
                continue;
            };
            let (waiting, left) = (std::mem::take(waiting), *left);
            let told = match entered {
                Ok(since) if left > Some(since) => {
                    stays.by_place.remove(&place);
                    stays.over.push(place);
                    Ok(())
                }
                Ok(since) => {
                    stay.state = State::Here(since);
                    Ok(())
                }
                Err(refusal) => {
                    stays.by_place.remove(&place);
                    Err(refusal)
                }
            };
            for waits in waiting {
                // who has hung up is not told
                let _ = waits.send(told.clone());
            }
        }
    }

    /// Until somebody's linger is over; not longer than a round may be away.
    fn pause(&self) -> Duration {
        let stays = self.stays();
        let mut all = stays.by_place.values();
        if all.any(Stay::is_coming) {
            return Duration::ZERO; // more than one round could take
        }
        let lingering = stays.by_place.values().filter_map(|stay| stay.empty_since);
        let first = lingering.min().map(|since| {
            let over = since + LINGER;
            over.saturating_duration_since(Instant::now())
        });
        first.unwrap_or(ROUND_EVERY).min(ROUND_EVERY)
    }

    fn forget_all(&self) {
        *self.stays() = super::Stays::default();
    }
}

impl Stay {
    fn is_coming(&self) -> bool {
        matches!(self.state, State::Coming { .. })
    }

    fn is_over(&self) -> bool {
        self.connections.is_empty()
            && self
                .empty_since
                .is_some_and(|since| since.elapsed() >= LINGER)
    }
}

#[cfg(test)]
mod tests {
    use domain::MemberId;
    use futures::FutureExt;

    use super::*;

    const PLACE: Place = (Uuid::from_u128(9), MemberId(Uuid::from_u128(1)));

    #[test]
    fn who_comes_back_when_it_is_uncertain_that_they_left_enters_anew() {
        let presence = Presence::default();
        let (room, member) = PLACE;
        let former = Uuid::from_u128(7);
        let failed = || Due {
            coming: vec![],
            going: vec![(PLACE, former)],
            over: vec![],
        };
        presence.undo(failed());
        assert_eq!(presence.due().going, [(PLACE, former)], "tried again");
        presence.undo(failed());
        let entering = presence.enter(room, member, Uuid::from_u128(2));
        assert_eq!(entering.now_or_never(), None, "it waits for the log");
        let due = presence.due();
        assert_eq!((due.coming.len(), due.going.len()), (1, 0));
        assert_ne!(due.coming[0].1, former, "whose answer is stored");
    }

    /// Comes at position 10; meanwhile the log was heard to say that they had left.
    fn come(presence: &Presence, positions: &[i64]) {
        let (room, member) = PLACE;
        let connection = Uuid::from_u128(2);
        let entering = presence.enter(room, member, connection);
        let mut entering = std::pin::pin!(entering);
        assert_eq!(entering.as_mut().now_or_never(), None);
        for position in positions {
            presence.has_left(room, member, *position);
        }
        presence.done(vec![(PLACE, Ok(10))]);
        assert_eq!(entering.now_or_never(), Some(Ok(())));
    }

    #[test]
    fn who_was_sent_away_before_the_round_was_over_is_not_here() {
        let (room, member) = PLACE;
        for (left, is_here) in [(&[][..], true), (&[8, 9], true), (&[11, 9], false)] {
            let presence = Presence::default();
            come(&presence, left);
            let by_now = presence.is_here(room, member, Uuid::from_u128(2));
            assert_eq!(by_now, is_here, "{left:?}");
            let over = presence.due().over;
            assert_eq!(over.is_empty(), is_here, "others take them for here");
        }
    }
}
