//! Pages of a room's stream from the table, for whoever is further behind than the ring: one
//! read, shared by all who ask for the same page.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::Event;
use event_log::StreamName;
use lru::LruCache;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;

use super::frame::Shared;
use super::happened::{Change, change, happened, named};
use super::log::Log;
use super::names::Names;
use super::protocol::{Happened, Told, What};
use super::{LiveError, frame};

/// Events in a page.
pub const PAGE: i64 = 100;
/// Pages kept for those who ask at the same time; beyond it the longest unused is read again.
const PAGES: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");
/// A page is given again for so long: what is edited or retracted meanwhile follows as an event.
const FRESH: Duration = Duration::from_secs(1);
/// What changes a message's text.
const CHANGES: [&str; 2] = ["room.message_edited", "room.message_retracted"];

/// The events behind `after`, whose texts are as they are now.
pub struct Page {
    /// The last event's; `after` when there are none.
    pub last_seq: i64,
    pub frame: Option<Shared>,
}

type Reading = Arc<OnceCell<Arc<Page>>>;

pub struct Pages {
    log: Log,
    recent: Mutex<LruCache<(Uuid, i64), (Instant, Reading)>>,
}

impl Pages {
    pub fn new(log: Log) -> Pages {
        Pages {
            log,
            recent: Mutex::new(LruCache::new(PAGES)),
        }
    }

    /// The page with the event behind `seq`; it may begin with what the reader has.
    pub async fn behind(
        &self,
        room: Uuid,
        seq: i64,
        names: &Names,
    ) -> Result<Arc<Page>, LiveError> {
        let after = seq - seq % PAGE;
        let reading = {
            let mut recent = self.recent.lock().expect("no panic under the pages' lock");
            let kept = recent.get(&(room, after));
            let fresh = kept.filter(|(since, _)| since.elapsed() < FRESH);
            match fresh.map(|(_, reading)| Arc::clone(reading)) {
                Some(reading) => reading,
                None => {
                    let reading = Reading::default();
                    recent.put((room, after), (Instant::now(), Arc::clone(&reading)));
                    reading
                }
            }
        };
        let page = reading.get_or_try_init(|| self.read(room, after, names));
        let page = page.await.cloned()?;
        if page.last_seq > seq {
            return Ok(page);
        }
        // it was read before there was what is wanted
        let page = self.read(room, after, names).await?;
        let anew = (
            Instant::now(),
            Arc::new(OnceCell::new_with(Some(Arc::clone(&page)))),
        );
        let mut recent = self.recent.lock().expect("no panic under the pages' lock");
        recent.put((room, after), anew);
        Ok(page)
    }

    /// What nobody is given again is not kept.
    pub fn drop_stale(&self) {
        let mut recent = self.recent.lock().expect("no panic under the pages' lock");
        while let Some((_, (since, _))) = recent.peek_lru()
            && since.elapsed() >= FRESH
        {
            recent.pop_lru();
        }
    }

    /// Those that were read are not given again.
    pub fn clear(&self) {
        let mut recent = self.recent.lock().expect("no panic under the pages' lock");
        recent.clear();
    }

    async fn read(&self, room: Uuid, after: i64, names: &Names) -> Result<Arc<Page>, LiveError> {
        metrics::counter!("live_pages_read").increment(1);
        let events = read(&self.log, room, after, PAGE).await?;
        let last_seq = events.last().map_or(after, |event| event.seq);
        let frame = match events.is_empty() {
            true => None,
            false => Some(Shared::new(frame::of(&told(room, events, names).await))),
        };
        Ok(Arc::new(Page { last_seq, frame }))
    }
}

/// A frame's content, with the names that it needs.
pub async fn told(room: Uuid, e: Vec<Happened>, names: &Names) -> Told {
    let names = names.of(&wanted(&e)).await;
    Told::Events { room, e, names }
}

/// The same with the names that can be had at once.
pub async fn told_now(room: Uuid, e: Vec<Happened>, names: &Names) -> Told {
    let names = names.by_now(&wanted(&e)).await;
    Told::Events { room, e, names }
}

fn wanted(events: &[Happened]) -> BTreeSet<Uuid> {
    events.iter().flat_map(named).collect()
}

/// The events of a room behind `after`, with what was changed or taken back since.
pub async fn read(
    log: &Log,
    room: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<Happened>, LiveError> {
    let stream = StreamName::new("room", room);
    let recorded = event_log::read_stream(&log.pool, &stream, after, limit).await?;
    let mut events: Vec<Happened> = Vec::with_capacity(recorded.len());
    for (event, opened) in recorded.iter().zip(log.opened(&recorded).await?) {
        if let Event::Room(opened) = opened {
            events.push(happened(event, &opened));
        }
    }
    let messages: Vec<i64> = events.iter().filter_map(message).collect();
    let changes = changes(log, &stream, &messages).await?;
    for event in &mut events {
        let message = message(event);
        if let Some((message, change)) = message.and_then(|seq| Some((seq, changes.get(&seq)?))) {
            change.apply(message, event);
        }
    }
    Ok(events)
}

/// The message whose text an event has.
fn message(event: &Happened) -> Option<i64> {
    match event.what {
        What::MessagePosted { .. } => Some(event.seq),
        What::MessageEdited { message, .. } => Some(message),
        _ => None,
    }
}

/// The last change of each of these messages.
async fn changes(
    log: &Log,
    stream: &StreamName,
    messages: &[i64],
) -> Result<BTreeMap<i64, Change>, LiveError> {
    if messages.is_empty() {
        return Ok(BTreeMap::new());
    }
    let recorded = event_log::read_last_about(&log.pool, stream, messages, &CHANGES).await?;
    let changed = log.opened(&recorded).await?.into_iter();
    let changed = changed.filter_map(|event| match event {
        Event::Room(event) => change(&event),
        _ => None,
    });
    Ok(changed.collect())
}
