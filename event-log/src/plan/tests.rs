//! The planner as a state machine: whatever is planned, taken back and taken in
//! from other nodes, what it commits is one gapless chain and its states are
//! those of the events.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::model::Decide;

/// Streams that add up; the sum may not pass nine.
struct Sums;

impl Model for Sums {
    type Event = (String, u8);
    type State = u8;
    type Refusal = ();

    fn stream(event: &(String, u8)) -> StreamName {
        event.0.as_str().into()
    }

    fn evolve(state: &mut u8, event: &(String, u8)) {
        *state += event.1;
    }

    fn encode(event: &(String, u8), _: Uuid, _: &Keys) -> Result<Encoded, String> {
        Ok(Encoded {
            event_type: "added",
            schema_version: 1,
            payload: event.1.to_string(),
            key_id: None,
        })
    }

    fn decode(stored: crate::event::Stored<'_>, _: &Keys) -> Result<(String, u8), DecodeError> {
        // `evolve` needs the number alone
        let number = stored.payload.parse();
        Ok((
            String::new(),
            number.map_err(|_| DecodeError("no number".into()))?,
        ))
    }
}

fn add(id: u128, stream: usize, number: u8) -> Request<Sums> {
    let stream = format!("sum-{stream}");
    let name = StreamName::from(stream.as_str());
    let looked_at = name.clone();
    let decide: Decide<Sums> = Box::new(move |seen| {
        if seen.state(&looked_at) + number > 9 {
            return Err(());
        }
        Ok(vec![(stream.clone(), number)])
    });
    let command = Command {
        id: Uuid::from_u128(id),
        actor: Uuid::nil(),
        digest: [0; 32],
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: DateTime::UNIX_EPOCH,
        streams: vec![name],
        expected: Vec::new(),
        keys: Keys::default(),
        decide,
    };
    Request {
        command,
        reply: oneshot::channel().0,
        deadline: Instant::now(),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Plan(usize, u8),
    /// The batch is committed.
    Commit,
    /// Another node was faster: its event comes first, the batch is planned again.
    Elsewhere(usize, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let stream = 0..3_usize;
    let number = 0..4_u8;
    prop::collection::vec(
        prop_oneof![
            4 => (stream.clone(), number.clone()).prop_map(|(s, n)| Step::Plan(s, n)),
            1 => Just(Step::Commit),
            1 => (stream, number).prop_map(|(s, n)| Step::Elsewhere(s, n)),
        ],
        0..60,
    )
}

/// A node with its planner, and the log that all nodes share.
struct Node {
    planner: Planner<Sums>,
    batch: Batch<Sums>,
    log: Vec<Arc<Recorded>>,
}

impl Node {
    fn new() -> Node {
        let mut planner = Planner::new(Head::EMPTY, Arc::new(|| DateTime::UNIX_EPOCH));
        let streams: Vec<StreamName> = (0..3).map(|n| format!("sum-{n}").into()).collect();
        planner.load(&streams, &[], &Keys::default()).unwrap();
        Node {
            planner,
            batch: Batch::new(Head::EMPTY),
            log: Vec::new(),
        }
    }

    fn commit(&mut self) {
        let next = Batch::new(self.planner.head());
        let done = std::mem::replace(&mut self.batch, next);
        self.log.extend(done.events.iter().cloned());
    }

    /// What another node, which knows the whole log, appends now.
    fn others_event(&self, id: u128, stream: usize, number: u8) -> Option<Arc<Recorded>> {
        let mut other = Node::new();
        for event in &self.log {
            other.planner.fold(event, &Keys::default());
        }
        other.batch = Batch::new(other.planner.head());
        other
            .planner
            .plan(&mut other.batch, add(id, stream, number));
        other.batch.events.first().cloned()
    }

    fn elsewhere(&mut self, id: u128, stream: usize, number: u8) {
        let Some(event) = self.others_event(id, stream, number) else {
            return;
        };
        self.log.push(event.clone());
        let next = Batch::new(self.planner.head());
        let mut taken_back = std::mem::replace(&mut self.batch, next);
        self.planner.take_back(&mut taken_back);
        self.planner.fold(&event, &Keys::default());
        self.batch = Batch::new(self.planner.head());
        for (request, _) in taken_back.planned {
            self.planner.plan(&mut self.batch, request);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_log_is_one_gapless_chain_and_no_rule_is_broken(steps in steps()) {
        let mut node = Node::new();
        for (id, step) in (1_u128..).zip(steps) {
            match step {
                Step::Plan(stream, number) => {
                    node.planner.plan(&mut node.batch, add(id, stream, number));
                }
                Step::Commit => node.commit(),
                Step::Elsewhere(stream, number) => node.elsewhere(id, stream, number),
            }
        }
        node.commit();
        let (mut hash, mut sums) = (chain::GENESIS, HashMap::new());
        for (position, event) in (1..).zip(&node.log) {
            prop_assert_eq!(event.position, position);
            hash = chain::hash(&hash, event);
            prop_assert_eq!(event.hash, hash);
            let (version, sum) = sums.entry(event.stream.clone()).or_insert((0, 0_u8));
            *version += 1;
            prop_assert_eq!(event.version, *version);
            *sum += event.payload.parse::<u8>().unwrap();
            prop_assert!(*sum <= 9, "a rule was broken at {:?}", event);
        }
    }
}
