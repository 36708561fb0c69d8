//! One client of the swarm: it talks, reloads, is cut off, reads slowly and comes back, by the
//! protocol alone, and remembers what it displayed and what it was told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tests::described::Described;
use tests::live::{Closed, Display, Next, Place, Socket};
use tests::new_id;
use tests::oracle::Sent;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::line::{Line, Way};

/// A connection that does not come about is given up after this.
const IMPATIENCE: Duration = Duration::from_secs(5);

/// A ping, the patience for its answer, and the time to say farewell.
const NOTICED_WITHIN: Duration = Duration::from_secs(25 + 8 + 5);

/// A client that can't display all that there is after so many tries shows what it has.
const TRIES: usize = 5;

/// Of the two nodes, or of what stands before them.
pub type Urls = Arc<RwLock<[String; 2]>>;

#[derive(Clone)]
pub struct Member {
    pub id: String,
    pub token: String,
}

pub struct Plan {
    pub urls: Urls,
    pub described: Arc<Described>,
    pub member: Member,
    pub room: String,
    pub way: Way,
    /// No new talk: what was begun is finished.
    pub calm: Arc<AtomicBool>,
    pub stop: Arc<AtomicBool>,
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
    /// What is not acknowledged yet: it is sent until it is.
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
            tries += usize::from(self.plan.stop.load(Ordering::Relaxed));
            if tries == TRIES {
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
            } else if self.plan.stop.load(Ordering::Relaxed) {
                return self.settle(line).await;
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

    async fn subscribe(&mut self, line: &mut Line, place: Option<&Place>) -> Result<(), Closed> {
        let answer = line.subscribe(&self.plan.room, place).await?;
        if answer["t"] != "subscribed" {
            assert_eq!(answer["temporary"], true, "{answer}");
            return Err(Closed(None));
        }
        self.display.subscribed(&answer);
        Ok(())
    }

    /// Reads for so long.
    async fn listen(&mut self, line: &mut Line, ms: u64) -> Result<(), Closed> {
        let deadline = tokio::time::Instant::now() + Duration::from_millis(ms);
        while let Ok(frame) = tokio::time::timeout_at(deadline, line.next()).await {
            self.hear(line, &frame?).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, line: &mut Line, frame: &Value) -> Result<(), Closed> {
        match frame["t"].as_str() {
            Some("events") => {
                if self.display.events(frame) == Next::Subscribe {
                    let place = self.display.place.clone();
                    self.subscribe(line, place.as_ref()).await?;
                }
                Ok(())
            }
            Some("gap") => self.subscribe(line, None).await,
            // to another node
            Some("goaway" | "ended") => Err(Closed(None)),
            _ => Ok(()),
        }
    }

    /// Does something, or begins to send something that is sent until it is acknowledged.
    async fn act(&mut self, line: &mut Line) -> Result<(), Closed> {
        let busy = Arc::clone(&self.plan.busy);
        busy.fetch_add(1, Ordering::Relaxed);
        let done = self.act_now(line).await;
        if self.pending.is_none() {
            busy.fetch_sub(1, Ordering::Relaxed);
        }
        done
    }

    async fn act_now(&mut self, line: &mut Line) -> Result<(), Closed> {
        let message = self.own.last().copied().unwrap_or(1);
        let room = &self.plan.room;
        match self.plan.random.random_range(0..100) {
            0..30 => {
                let body = format!("안녕 {}", new_id());
                self.pending = Some((new_id(), body));
            }
            30..36 => {
                let body = format!("edited {}", new_id());
                let edit = json!({"t": "edit", "room": room, "cid": new_id(),
                                  "message": message, "body": body});
                line.ask(edit).await?;
            }
            36..40 => {
                let retract = json!({"t": "retract", "room": room, "cid": new_id(),
                                     "message": message});
                line.ask(retract).await?;
            }
            40..46 => {
                let react = json!({"t": "react", "room": room, "cid": new_id(),
                                   "message": message, "emoji": "🔥", "on": message % 2 == 0});
                line.ask(react).await?;
            }
            46..50 => line.say(json!({"t": "typing", "room": room})).await,
            // a reload, or the line is cut: nobody says goodbye
            50..54 => return Err(Closed(None)),
            54..56 => {
                // reads nothing for a while
                let ms = self.plan.random.random_range(500..2_500);
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            // the line is dead and nobody says so; once, as a member has eight connections
            56..60 if self.half_open.is_none() => {
                self.leaves_half_open = true;
                return Err(Closed(None));
            }
            _ => {}
        }
        Ok(())
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

    /// Sends what is pending; sometimes twice, as a client does that heard no answer.
    async fn send(&mut self, line: &mut Line) -> Result<(), Closed> {
        let (cid, body) = self.pending.clone().expect("something is pending");
        if self.sent.iter().all(|sent| sent.cid != cid) {
            self.sent.push(Sent {
                cid,
                body: body.clone(),
                acknowledged: None,
            });
        }
        let send = json!({"t": "send", "room": self.plan.room, "cid": cid, "body": body});
        if self.plan.random.random_bool(0.2) {
            line.ask(send.clone()).await?;
        }
        let answer = line.ask(send).await?;
        if answer["t"] == "ack" {
            let seq = answer["seq"].as_i64();
            let sent = self.sent.iter_mut().find(|sent| sent.cid == cid);
            sent.expect("it was sent").acknowledged = seq;
            self.own.extend(seq);
            self.pending = None;
        } else {
            assert_eq!(answer["temporary"], true, "{answer}");
        }
        Ok(())
    }

    /// Reads until everything that is in the room is displayed.
    async fn settle(&mut self, line: &mut Line) -> Result<(), Closed> {
        let place = self.display.place.clone();
        let answer = line.subscribe(&self.plan.room, place.as_ref()).await?;
        self.display.subscribed(&answer);
        let head = answer["head"].as_i64().ok_or(Closed(None))?;
        while self
            .display
            .place
            .as_ref()
            .is_none_or(|place| place.seq < head)
        {
            let frame = line.next().await?;
            self.hear(line, &frame).await?;
        }
        Ok(())
    }
}
