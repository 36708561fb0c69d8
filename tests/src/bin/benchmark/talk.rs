//! A room with a long history, sealed as rooms are.

use commands::room::Open;
use commands::{Reeltime, Sequencer};
use domain::room::{Admission, Entered, Left, MessagePosted};
use domain::room::{Leaving, State as Room};
use domain::{Event, MemberId, MessageText, RoomDescription, RoomId, RoomName};
use event_log::{Command, Keyring, StreamName, Tail};
use sealing::Keys;
use sqlx::PgPool;
use tests::{clock, history, new_id};
use uuid::Uuid;

/// Who talk.
const TALKERS: u128 = 10;
/// Messages recorded by one command, behind somebody who comes and before they go.
const MESSAGES: i64 = 98;
const WORDS: &str = "I saw it twice, and the second time I understood the ending.";

pub struct Talk {
    pub room: RoomId,
    pub stream: StreamName,
    pub keyring: Keyring,
}

/// A node's sequencer that has loaded nothing yet.
pub async fn sequencer(pool: &PgPool, keyring: &Keyring) -> anyhow::Result<Sequencer> {
    let tail = Tail::start(pool.clone()).await?;
    Ok(Sequencer::start(pool.clone(), keyring.clone(), tail, clock()).await?)
}

impl Talk {
    pub async fn begin(pool: &PgPool) -> anyhow::Result<Talk> {
        let keyring = tests::keyring(pool).await;
        let sequencer = sequencer(pool, &keyring).await?;
        history::begin(&sequencer, 1).await?;
        let room = RoomId(new_id());
        let member = history::member(0);
        let open = Open {
            room,
            member,
            film: None,
            name: RoomName::new("A room").expect("a name"),
            description: RoomDescription::new("").expect("nothing"),
            admission: Admission::Public,
            closes_when_empty: false,
            at: tests::now(),
        };
        commands::execute(&sequencer, history::asked(member), open).await?;
        let stream = StreamName::new(room.stream().category, room.0);
        Ok(Talk {
            room,
            stream,
            keyring,
        })
    }

    /// Talks until the log holds so many events, past the rules of who may say how much.
    pub async fn until(&self, pool: &PgPool, events: i64) -> anyhow::Result<()> {
        let sequencer = sequencer(pool, &self.keyring).await?;
        let members: Vec<MemberId> = (0..TALKERS).map(history::member).collect();
        let keys = members.iter().flat_map(|member| member.key_ids());
        let keys = self.keyring.fetch(keys).await?;
        let head = event_log::head(pool).await?.position;
        let count = (events - head).max(0) / (MESSAGES + 2);
        for first in 0..count.div_euclid(8) {
            let several = (0..8).map(|n| {
                let talking = self.talking(members[(first + n) as usize % members.len()], &keys);
                sequencer.execute(talking)
            });
            for answer in futures::future::join_all(several).await {
                answer.map_err(|error| anyhow::anyhow!("{error}"))?;
            }
        }
        Ok(())
    }

    fn talking(&self, member: MemberId, keys: &Keys) -> Command<Reeltime> {
        let (room, stream) = (self.room, self.stream.clone());
        let at = tests::now();
        let said = move |n: i64| MessagePosted {
            room,
            n,
            member,
            cid: Uuid::nil(),
            body: MessageText::new(WORDS).expect("a text").into(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at,
        };
        let left = Left {
            room,
            member,
            reason: Leaving::Closed,
            at,
        };
        self.command(
            member,
            keys,
            move |last| {
                let entered: Event = Entered { room, member }.into();
                let messages = (1..=MESSAGES).map(|n| said(last + n).into());
                let mut events: Vec<Event> = [entered].into_iter().chain(messages).collect();
                events.push(left.clone().into());
                Ok(events)
            },
            stream,
        )
    }

    /// Asks for the room's state, and is refused.
    pub fn asking(&self) -> Command<Reeltime> {
        let member = history::member(0);
        let refuse = |_| Err(commands::Refused::RoomArchived);
        self.command(member, &Keys::default(), refuse, self.stream.clone())
    }

    fn command(
        &self,
        member: MemberId,
        keys: &Keys,
        decide: impl Fn(i64) -> Result<Vec<Event>, commands::Refused> + Send + 'static,
        stream: StreamName,
    ) -> Command<Reeltime> {
        Command {
            id: new_id(),
            actor: member.0,
            digest: [0; 32],
            correlation: Uuid::nil(),
            causation: None,
            occurred_at: tests::now(),
            streams: vec![stream.clone()],
            expected: Vec::new(),
            keys: keys.clone(),
            decide: Box::new(move |seen| {
                let room: Option<&Room> = seen.state(&stream).room();
                decide(room.map_or(0, |room| room.last_n))
            }),
        }
    }
}
