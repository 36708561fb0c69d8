//! One client of the swarm: it talks, reloads, is cut off, reads slowly and comes back, by the
//! protocol alone, and remembers what it displayed and what it was told.

mod acting;
mod keeping;
mod seeing;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::Value;
use tests::described::Described;
use tests::live::{Closed, Display, Next, Place, Socket};
use tests::oracle::{Scrolled, Sent, Sitting};
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use super::line::{Line, Way};

pub use keeping::{Act, Duty};

/// A connection that does not come about is given up after this.
const IMPATIENCE: Duration = Duration::from_secs(5);

/// A ping, the patience for its answer, and the time to say farewell.
const NOTICED_WITHIN: Duration = Duration::from_secs(25 + 8 + 5);

/// What is recorded comes by itself, on a busy machine in this time.
const COMES_WITHIN: Duration = Duration::from_secs(10);

/// A client that can't display all that there is after so many tries shows what it has.
const TRIES: usize = 5;

/// By rooms.
pub type Heads = BTreeMap<String, i64>;

/// Of the two nodes, or of what stands before them.
pub type Urls = Arc<RwLock<[String; 2]>>;

#[derive(Clone)]
pub struct Member {
    pub id: String,
    pub token: String,
}

pub struct Plan {
    pub urls: Urls,
    /// The nodes themselves.
    pub nodes: Urls,
    pub described: Arc<Described>,
    pub member: Member,
    pub room: String,
    pub way: Way,
    /// `None`: a member like others.
    pub duty: Option<Arc<Duty>>,
    /// No new talk: what was begun is finished.
    pub calm: Arc<AtomicBool>,
    /// The rooms' heads by the log, once everything is over.
    pub heads: Arc<OnceLock<Heads>>,
    /// How many clients have something to finish.
    pub busy: Arc<AtomicUsize>,
    /// How many clients are in their room.
    pub seated: Arc<AtomicUsize>,
    /// Grows when all reload at once.
    pub storms: Arc<AtomicUsize>,
    pub random: StdRng,
}

pub struct Client {
    pub plan: Plan,
    pub display: Display,
    pub sent: Vec<Sent>,
    /// What it was shown, one subscription behind the other.
    pub sittings: Vec<Sitting>,
    pub scrolled: Vec<Scrolled>,
    /// The room was closed to it when it last came.
    pub is_away: bool,
    /// What is not acknowledged yet: it is sent until it is, or refused for good.
    pending: Option<(Uuid, String)>,
    own: Vec<i64>,
    storms: usize,
    /// Kept open until everything was checked.
    pub line: Option<Line>,
    /// Since when it neither reads nor writes on a connection that is still there.
    half_open: Option<(Instant, Socket)>,
    leaves_half_open: bool,
}

/// A client in its room, for as long as its connection lasts.
struct Seated(Arc<AtomicUsize>);

impl Seated {
    fn take(seated: &Arc<AtomicUsize>) -> Seated {
        seated.fetch_add(1, Ordering::Relaxed);
        Seated(Arc::clone(seated))
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Client {
    pub fn new(plan: Plan) -> Client {
        Client {
            plan,
            display: Display::default(),
            sent: Vec::new(),
            sittings: Vec::new(),
            scrolled: Vec::new(),
            is_away: false,
            pending: None,
            own: Vec::new(),
            storms: 0,
            line: None,
            half_open: None,
            leaves_half_open: false,
        }
    }

    pub async fn run(mut self) -> Client {
        let mut tries = 0;
        loop {
            let node = self.plan.random.random_range(0..2);
            let url = self.plan.urls.read().unwrap()[node].clone();
            let opening = Line::open(&self.plan, &url);
            if let Ok(Some(mut line)) = timeout(IMPATIENCE, opening).await {
                if self.talk(&mut line).await.is_ok() {
                    self.line = Some(line);
                    return self;
                }
                if std::mem::take(&mut self.leaves_half_open)
                    && let Line::Socket(socket) = line
                {
                    self.half_open = Some((Instant::now(), *socket));
                }
            }
            let stops = self.head().is_some();
            tries += usize::from(stops);
            if tries == TRIES || stops && self.is_away {
                return self;
            }
            let jitter = self.plan.random.random_range(50..800);
            tokio::time::sleep(Duration::from_millis(jitter)).await;
        }
    }

    /// `Ok`: told to stop, and everything is displayed.
    async fn talk(&mut self, line: &mut Line) -> Result<(), Closed> {
        let keeps = self.plan.random.random_bool(0.8);
        let place = self.display.place.clone().filter(|_| keeps);
        self.subscribe(line, place.as_ref()).await?;
        self.mind_storms()?;
        let _seated = Seated::take(&self.plan.seated);
        loop {
            self.mind_storms()?;
            if self.pending.is_some() {
                self.send(line).await?;
                if self.pending.is_none() {
                    self.plan.busy.fetch_sub(1, Ordering::Relaxed);
                }
            } else if let Some(head) = self.head() {
                return self.settle(line, head).await;
            } else if !self.plan.calm.load(Ordering::Relaxed) {
                self.act(line).await?;
            }
            self.listen(line, 200).await?;
        }
    }

    fn mind_storms(&mut self) -> Result<(), Closed> {
        let storms = self.plan.storms.load(Ordering::Relaxed);
        match std::mem::replace(&mut self.storms, storms) == storms {
            true => Ok(()),
            false => Err(Closed(None)),
        }
    }

    /// From this place on, or from a snapshot: how far the room is.
    async fn subscribe(&mut self, line: &mut Line, place: Option<&Place>) -> Result<i64, Closed> {
        let mut place = place.cloned();
        loop {
            // looking at what was said opens no archived room again
            let enters = !self.display.archived;
            let subscribing = line.subscribe(&self.plan.room, enters, place.as_ref());
            let answer = subscribing.await?;
            if answer["t"] != "subscribed" {
                self.is_refused(line, &answer).await?;
                return Err(Closed(None));
            }
            let head = self.sit_down(&answer);
            if enters || self.display.archived {
                return Ok(head);
            }
            place.clone_from(&self.display.place);
        }
    }

    /// Reads for so long.
    async fn listen(&mut self, line: &mut Line, ms: u64) -> Result<(), Closed> {
        let deadline = Instant::now() + Duration::from_millis(ms);
        while let Ok(frame) = timeout_at(deadline, line.next()).await {
            self.hear(line, &frame?).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, line: &mut Line, frame: &Value) -> Result<(), Closed> {
        match frame["t"].as_str() {
            Some("events") => {
                let is_missing = self.display.events(frame) == Next::Subscribe;
                let events = frame["e"].as_array().unwrap();
                self.is_shown(events);
                let is_reopened = events.iter().any(|event| event["k"] == "reopened");
                // who was there when it was archived has left
                if is_missing || is_reopened && !self.display.archived {
                    let place = self.display.place.clone();
                    self.subscribe(line, place.as_ref()).await?;
                }
                Ok(())
            }
            Some("gap") => {
                self.subscribe(line, None).await?;
                Ok(())
            }
            Some("ended") => {
                self.is_told_why(frame);
                Err(Closed(None))
            }
            // to another node
            Some("goaway") => Err(Closed(None)),
            _ => Ok(()),
        }
    }

    /// Whether the server has ended the line that was left half open, if it had the time.
    pub async fn half_open_is_over(&mut self) -> Option<bool> {
        let (since, socket) = self.half_open.as_mut()?;
        if since.elapsed() < NOTICED_WITHIN {
            return None;
        }
        let end = async { while socket.read_when_it_comes().await.is_ok() {} };
        Some(timeout(IMPATIENCE, end).await.is_ok())
    }

    /// Of its room, once everything is over.
    fn head(&self) -> Option<i64> {
        let heads = self.plan.heads.get()?;
        heads.get(&self.plan.room).copied()
    }

    /// Listens, and asks for nothing, until all that was recorded has come.
    async fn settle(&mut self, line: &mut Line, head: i64) -> Result<(), Closed> {
        let deadline = Instant::now() + COMES_WITHIN;
        while self
            .display
            .place
            .as_ref()
            .is_none_or(|place| place.seq < head)
        {
            let Ok(frame) = timeout_at(deadline, line.next()).await else {
                return Ok(()); // it shows what it has
            };
            self.hear(line, &frame?).await?;
        }
        Ok(())
    }
}
