//! A room as it is at one `seq`, and its messages as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::room::{Admission, MessagePosted, Role, State};
use domain::{Event, MemberId, ReadMarkerId, RoomId};
use event_log::{Recorded, StreamName};
use lru::LruCache;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;

use super::LiveError;
use super::happened::why;
use super::log::Log;
use super::names::Names;
use super::protocol::{Me, Message, Named, Present, Reactions, RoomFacts, Snapshot};
use super::room::Room;
use super::standing::Standing;

/// Messages in a snapshot, unless it is asked for fewer, and at most in a page of history.
pub const MESSAGES: i64 = 100;
/// Members named in a snapshot; `count` is of all.
const PRESENT: usize = 200;
/// Snapshots kept for those who come at the same time; beyond it the longest unused goes.
const SNAPSHOTS: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");
/// One is given again for so long; what has happened since follows as events.
const FRESH: Duration = Duration::from_secs(1);

/// A message with all that is about it.
pub struct Told {
    recorded_at: chrono::DateTime<chrono::Utc>,
    seq: i64,
    posted: MessagePosted,
    now: domain::room::Message,
    /// As it says now; `None`: forgotten.
    body: Option<String>,
    /// Who is named in it now.
    mentions: Vec<MemberId>,
    edited: bool,
    /// Why it was retracted, where that was said.
    reason: Option<String>,
}

/// A room at one `seq`, for whoever asks.
pub struct Taken {
    pub at: i64,
    standing: Standing,
    messages: Vec<Told>,
}

type Reading = Arc<OnceCell<Arc<Taken>>>;

pub struct Snapshots {
    log: Log,
    recent: Mutex<LruCache<Uuid, (Instant, Reading)>>,
}

impl Snapshots {
    pub fn new(log: Log) -> Snapshots {
        Snapshots {
            log,
            recent: Mutex::new(LruCache::new(SNAPSHOTS)),
        }
    }

    /// The room a moment ago or now: one read for all who come at the same time.
    pub async fn of(&self, room: &Room) -> Result<Arc<Taken>, LiveError> {
        let reading = {
            let mut recent = self.recent.lock().expect("no panic under this lock");
            let kept = recent.get(&room.id);
            let fresh = kept.filter(|(since, _)| since.elapsed() < FRESH);
            match fresh.map(|(_, reading)| Arc::clone(reading)) {
                Some(reading) => reading,
                None => {
                    let reading = Reading::default();
                    recent.put(room.id, (Instant::now(), Arc::clone(&reading)));
                    reading
                }
            }
        };
        let taken = reading.get_or_try_init(|| self.take(room));
        taken.await.cloned()
    }

    /// What nobody is given again is not kept.
    pub fn drop_stale(&self) {
        let mut recent = self.recent.lock().expect("no panic under this lock");
        while let Some((_, (since, _))) = recent.peek_lru()
            && since.elapsed() >= FRESH
        {
            recent.pop_lru();
        }
    }

    /// Those that were taken are not given again.
    pub fn clear(&self) {
        let mut recent = self.recent.lock().expect("no panic under this lock");
        recent.clear();
    }

    async fn take(&self, room: &Room) -> Result<Arc<Taken>, LiveError> {
        metrics::counter!("live_snapshots_read").increment(1);
        let (at, standing) = room.standing().ok_or(LiveError::NoSuchRoom)?;
        let range = (i64::MAX, at);
        let messages = messages(&self.log, room.id, range, MESSAGES).await?;
        Ok(Arc::new(Taken {
            at,
            standing,
            messages,
        }))
    }

    /// The newest messages that begin before a `seq`, and the `seq` that they are as of.
    pub async fn history(
        &self,
        room: &Room,
        before: i64,
        limit: i64,
    ) -> Result<(i64, Vec<Told>), LiveError> {
        let at = room.head();
        let messages = messages(&self.log, room.id, (before, at), limit).await?;
        Ok((at, messages))
    }

    /// Up to which ordinal the member has read the room.
    pub async fn read(&self, room: Uuid, member: MemberId) -> Result<i64, LiveError> {
        let marker = ReadMarkerId::of(RoomId(room), member);
        let stream = marker.stream().to_string().into();
        let last = event_log::stream_version(&self.log.pool, &stream).await?;
        let last = event_log::read_stream(&self.log.pool, &stream, last - 1, 1).await?;
        let marker = self.log.opened(&last).await?.into_iter().next();
        Ok(match marker {
            Some(Event::ReadMarker(domain::read_marker::Event::Moved(moved))) => moved.n,
            _ => 0,
        })
    }
}

/// Oldest first.
async fn messages(
    log: &Log,
    room: Uuid,
    range: (i64, i64),
    limit: i64,
) -> Result<Vec<Told>, LiveError> {
    let stream = StreamName::new("room", room);
    let recorded = event_log::read_parts(&log.pool, &stream, range, limit).await?;
    let events = log.opened(&recorded).await?;
    let mut messages: Vec<Told> = Vec::new();
    let mut state = domain::State::default();
    for (recorded, event) in recorded.iter().zip(&events) {
        if let Event::Room(domain::room::Event::MessagePosted(posted)) = event {
            finish(&mut messages, &state);
            state = domain::State::default();
            state.evolve_part(event);
            messages.extend(begin(recorded, posted, &state));
        } else {
            state.evolve_part(event);
            if let Event::Room(domain::room::Event::MessageEdited(edited)) = event
                && let Some(message) = messages.last_mut()
            {
                message.edited = true;
                message.mentions.clone_from(&edited.mentions);
                message.body = edited.body.open().map(|text| text.as_str().to_owned());
            }
            if let Event::Room(domain::room::Event::MessageRetracted(retracted)) = event
                && let Some(message) = messages.last_mut()
            {
                message.reason = why(retracted.reason.as_ref());
            }
        }
    }
    finish(&mut messages, &state);
    Ok(messages)
}

fn begin(recorded: &Recorded, posted: &MessagePosted, state: &domain::State) -> Option<Told> {
    Some(Told {
        recorded_at: recorded.recorded_at,
        seq: recorded.version,
        posted: posted.clone(),
        now: state.message()?.clone(),
        body: posted.body.open().map(|text| text.as_str().to_owned()),
        mentions: posted.mentions.clone(),
        edited: false,
        reason: None,
    })
}

fn finish(messages: &mut [Told], state: &domain::State) {
    if let (Some(last), Some(now)) = (messages.last_mut(), state.message()) {
        last.now.clone_from(now);
    }
}

impl Taken {
    /// As one reader is told it.
    pub async fn told(
        &self,
        viewer: Option<MemberId>,
        read: i64,
        last: i64,
        names: &Names,
    ) -> Result<Snapshot, LiveError> {
        let state = self.standing.room().ok_or(LiveError::NoSuchRoom)?;
        let all = self.messages.len();
        let skipped = all - usize::try_from(last).unwrap_or(0).min(all);
        let messages = messages_told(&self.messages[skipped..], viewer, names).await;
        let present: BTreeSet<Uuid> = state.present.iter().take(PRESENT).map(|m| m.0).collect();
        let named = names.of(&present).await;
        let members = present.into_iter().map(|id| Named {
            id,
            name: named.get(&id).cloned(),
        });
        Ok(Snapshot {
            at: self.at,
            room: facts(state, &self.standing),
            me: Me {
                role: viewer.map(|member| role(state.role(member)).to_owned()),
                read,
            },
            present: Present {
                count: i64::try_from(state.present.len()).expect("it is in memory"),
                members: members.collect(),
            },
            messages,
        })
    }
}

fn facts(state: &State, standing: &Standing) -> RoomFacts {
    RoomFacts {
        name: standing.name(),
        description: standing.description(),
        film: state.film.map(|film| film.0),
        public: state.admission == Admission::Public,
        archived: state.archived,
        slow_mode_s: state.slow_mode_seconds,
        last_n: state.last_n,
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Moderator => "moderator",
        Role::Maker => "maker",
    }
}

/// Messages as one reader is told them.
pub async fn messages_told(
    messages: &[Told],
    viewer: Option<MemberId>,
    names: &Names,
) -> Vec<Message> {
    let told = messages.iter();
    let named = told.flat_map(|told| told.mentions.iter().chain([&told.now.author]));
    let named: BTreeSet<Uuid> = named.map(|member| member.0).collect();
    let named = names.of(&named).await;
    let told = messages.iter();
    told.map(|told| message_told(told, viewer, &named))
        .collect()
}

fn message_told(told: &Told, viewer: Option<MemberId>, named: &BTreeMap<Uuid, String>) -> Message {
    let Told { posted, now, .. } = told;
    let by = now.author.0;
    let body = told.body.clone().filter(|_| !now.retracted);
    let given = now
        .reactions
        .iter()
        .filter(|(_, members)| !members.is_empty());
    let reactions = given.map(|(reaction, members)| Reactions {
        emoji: reaction.as_str().to_owned(),
        count: i64::try_from(members.len()).expect("it is in memory"),
        mine: viewer.is_some_and(|viewer| members.contains(&viewer)),
    });
    let is_there = body.is_some();
    let mentions = told.mentions.iter().filter(|_| is_there);
    let mentions = mentions.map(|member| Named {
        id: member.0,
        name: named.get(&member.0).cloned(),
    });
    Message {
        seq: told.seq,
        n: posted.n,
        by,
        name: named.get(&by).cloned(),
        at: told.recorded_at,
        body,
        retracted: now.retracted,
        edited: told.edited,
        spoiler: now.spoiler,
        reply_to: posted.reply_to.map(|reply| reply.message),
        mentions: mentions.collect(),
        reactions: reactions.collect(),
        reason: told.reason.clone(),
    }
}
