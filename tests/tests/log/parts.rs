//! A large stream is decided on by its parts: a node that begins with nothing in memory
//! goes on counting where another one stopped, and knows what is about an old event.

use event_log::{
    About, AppendError, Command, DecodeError, Encoded, Model, RECENT_PARTS, Sequencer, Stored,
    StreamName, Tail,
};
use sealing::Keys;
use sqlx::PgPool;
use tests::{clock, database, new_id, now};
use uuid::Uuid;

const TALK: &str = "talk-1";

/// One stream in which things are said, each with a number, and answered at most twice.
struct Talk;

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Said(i64),
    Answered(i64),
    /// About nothing in particular.
    Coughed,
}

/// Of the stream: the last number and all coughs. Of a part: how often it was answered.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    last: i64,
    coughs: i64,
    answers: i64,
}

impl Model for Talk {
    type Event = Event;
    type State = State;
    type Refusal = State;

    fn stream(_: &Event) -> StreamName {
        TALK.into()
    }

    fn evolve(state: &mut State, event: &Event) {
        match event {
            Event::Said(number) => state.last = *number,
            Event::Answered(_) => {}
            Event::Coughed => state.coughs += 1,
        }
    }

    fn about(event: &Event) -> Option<About> {
        match event {
            Event::Said(_) => Some(About::Itself),
            Event::Answered(version) => Some(About::Version(*version)),
            Event::Coughed => None,
        }
    }

    fn evolve_part(state: &mut State, event: &Event) {
        state.answers += i64::from(matches!(event, Event::Answered(_)));
    }

    fn encode(event: &Event, _: Uuid, _: &Keys) -> Result<Encoded, String> {
        let (event_type, number) = match event {
            Event::Said(number) => ("talk.said", *number),
            Event::Answered(version) => ("talk.answered", *version),
            Event::Coughed => ("talk.coughed", 0),
        };
        Ok(Encoded {
            event_type,
            schema_version: 1,
            payload: number.to_string(),
            key_id: None,
        })
    }

    fn decode(stored: Stored<'_>, _: &Keys) -> Result<Event, DecodeError> {
        let number = stored.payload.parse().unwrap();
        Ok(match stored.event_type {
            "talk.said" => Event::Said(number),
            "talk.answered" => Event::Answered(number),
            _ => Event::Coughed,
        })
    }
}

async fn node(database: &PgPool) -> Sequencer<Talk> {
    let pool = database::pool((*database.connect_options()).clone());
    let tail = Tail::start(pool.clone()).await.unwrap();
    let keyring = tests::keyring(&pool).await;
    let started = Sequencer::start(pool, keyring, tail, clock());
    started.await.unwrap()
}

fn command(part: Option<i64>, decide: event_log::Decide<Talk>) -> Command<Talk> {
    let talk = StreamName::from(TALK);
    let part = part.map(|version| talk.part(version));
    Command {
        id: new_id(),
        actor: Uuid::nil(),
        digest: [0; 32],
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: now(),
        streams: [Some(talk), part].into_iter().flatten().collect(),
        expected: Vec::new(),
        keys: Keys::default(),
        decide,
    }
}

fn say(count: i64) -> Command<Talk> {
    command(
        None,
        Box::new(move |seen| {
            let last = seen.state(&TALK.into()).last;
            Ok((1..=count).map(|n| Event::Said(last + n)).collect())
        }),
    )
}

fn cough() -> Command<Talk> {
    command(None, Box::new(|_| Ok(vec![Event::Coughed])))
}

fn answer(version: i64) -> Command<Talk> {
    let part = StreamName::from(TALK).part(version);
    let decide = move |seen: &event_log::Streams<'_, Talk>| {
        let state = seen.state(&part).clone();
        if seen.version(&part) == 0 || state.answers == 2 {
            return Err(state);
        }
        Ok(vec![Event::Answered(version)])
    };
    command(Some(version), Box::new(decide))
}

/// What a node knows of the whole stream.
async fn state(node: &Sequencer<Talk>) -> State {
    let tell = |seen: &event_log::Streams<'_, Talk>| Err(seen.state(&TALK.into()).clone());
    match node.execute(command(None, Box::new(tell))).await {
        Err(AppendError::Refused(state)) => state,
        other => panic!("refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_node_that_begins_anew_knows_the_whole_and_the_parts() {
    let database = database::create().await;
    let first = node(&database).await;
    first.execute(cough()).await.unwrap();
    for _ in 0..3 {
        first.execute(say(RECENT_PARTS / 2)).await.unwrap();
    }
    first.execute(answer(2)).await.unwrap();
    // the newest things said are older than so many other events
    for version in 3..=RECENT_PARTS + 3 {
        first.execute(answer(version)).await.unwrap();
    }
    let said = RECENT_PARTS / 2 * 3;

    let second = node(&database).await;
    let known = State {
        last: said,
        coughs: 1,
        answers: 0,
    };
    assert_eq!(state(&second).await, known);
    second.execute(answer(2)).await.unwrap();
    let refused = second.execute(answer(2)).await;
    assert!(matches!(refused, Err(AppendError::Refused(state)) if state.answers == 2));
    second.execute(say(1)).await.unwrap();
    assert_eq!(state(&second).await.last, said + 1);
    assert_eq!(state(&first).await.last, said + 1);

    let gaps: i64 = sqlx::query_scalar("select max(version) - count(*) from log.events")
        .fetch_one(&database)
        .await
        .unwrap();
    assert_eq!(gaps, 0);
}

#[tokio::test]
async fn what_is_not_there_has_no_part() {
    let database = database::create().await;
    let node = node(&database).await;
    node.execute(cough()).await.unwrap();
    for version in [1, 2] {
        let refused = node.execute(answer(version)).await;
        assert!(
            matches!(refused, Err(AppendError::Refused(_))),
            "{refused:?}"
        );
    }
    // asked for before it was there
    node.execute(say(1)).await.unwrap();
    node.execute(answer(2)).await.unwrap();
}

#[tokio::test]
async fn an_event_about_what_its_command_does_not_name_is_not_recorded() {
    let database = database::create().await;
    let node = node(&database).await;
    node.execute(say(1)).await.unwrap();
    let unnamed = command(None, Box::new(|_| Ok(vec![Event::Answered(1)])));
    let refused = node.execute(unnamed).await;
    assert!(
        matches!(refused, Err(AppendError::Internal(_))),
        "{refused:?}"
    );
}
