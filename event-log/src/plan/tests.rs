//! The planner as a state machine: whatever is planned, taken back and taken in
//! from other nodes, what it commits is one gapless chain and its states are
//! those of the events.

mod trimming;

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;

use super::*;
use crate::chain;
use crate::event::{About, Encoded};
use crate::model::Decide;

/// Streams that add up; the sum may not pass nine. Each addition is a part, to which
/// may be added; the sum of a part may not pass four.
struct Sums;

#[derive(Clone, Debug)]
struct Added {
    stream: String,
    about: Option<i64>,
    number: u8,
}

impl Model for Sums {
    type Event = Added;
    type State = u8;
    type Refusal = ();

    fn stream(event: &Added) -> StreamName {
        event.stream.as_str().into()
    }

    fn evolve(state: &mut u8, event: &Added) {
        *state += event.number;
    }

    fn about(event: &Added) -> Option<About> {
        Some(event.about.map_or(About::Itself, About::Version))
    }

    fn encode(event: &Added, _: Uuid, _: &Keys) -> Result<Encoded, String> {
        Ok(Encoded {
            event_type: "added",
            schema_version: 1,
            payload: event.number.to_string(),
            key_id: None,
        })
    }

    fn decode(stored: crate::event::Stored<'_>, _: &Keys) -> Result<Added, DecodeError> {
        let number = stored.payload.parse();
        Ok(Added {
            // `evolve` needs the number alone
            stream: String::new(),
            about: None,
            number: number.map_err(|_| DecodeError("no number".into()))?,
        })
    }
}

#[derive(Clone, Debug)]
struct Add {
    stream: usize,
    about: Option<i64>,
    number: u8,
}

fn add(
    id: u128,
    Add {
        stream,
        about,
        number,
    }: Add,
) -> Request<Sums> {
    let stream = format!("sum-{stream}");
    let name = StreamName::from(stream.as_str());
    let part = about.map(|version| name.part(version));
    let streams = [Some(name.clone()), part.clone()];
    let decide: Decide<Sums> = Box::new(move |seen| {
        let over = |part| seen.version(part) == 0 || seen.state(part) + number > 4;
        if seen.state(&name) + number > 9 || part.as_ref().is_some_and(over) || number > 4 {
            return Err(());
        }
        let stream = stream.clone();
        Ok(vec![Added {
            stream,
            about,
            number,
        }])
    });
    let command = Command {
        id: Uuid::from_u128(id),
        actor: Uuid::nil(),
        digest: [0; 32],
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: DateTime::UNIX_EPOCH,
        streams: streams.into_iter().flatten().collect(),
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
    Plan(Add),
    /// A load begins, and ends after the next so many additions were planned.
    Load(Vec<StreamName>, Vec<Add>),
    /// The batch is committed.
    Commit,
    /// All that may be forgotten is.
    Trim,
    /// Another node was faster: its event comes first, the batch is planned again.
    Elsewhere(Add),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let add = || {
        let about = prop::option::of(1..6_i64);
        (0..3_usize, about, 0..4_u8).prop_map(|(stream, about, number)| Add {
            stream,
            about,
            number,
        })
    };
    let part = (0..3_usize, 1..6_i64)
        .prop_map(|(stream, version)| StreamName::from(format!("sum-{stream}")).part(version));
    let load = (
        prop::collection::vec(part, 1..3),
        prop::collection::vec(add(), 0..3),
    );
    let step = prop_oneof![
        8 => add().prop_map(Step::Plan),
        2 => load.prop_map(|(names, adds)| Step::Load(names, adds)),
        2 => Just(Step::Commit),
        1 => Just(Step::Trim),
        2 => add().prop_map(Step::Elsewhere),
    ];
    prop::collection::vec(step, 0..60)
}

/// A node with its planner, and the log that all nodes share.
struct Node {
    planner: Planner<Sums>,
    batch: Batch<Sums>,
    log: Vec<Arc<Recorded>>,
}

impl Node {
    fn new(log: Vec<Arc<Recorded>>) -> Node {
        let head = log.last().map_or(Head::EMPTY, |event| Head::of(event));
        Node {
            planner: Planner::new(head, Arc::new(|| DateTime::UNIX_EPOCH)),
            batch: Batch::new(head),
            log,
        }
    }

    /// As the table has it now.
    fn read(&self, streams: Vec<StreamName>) -> Loaded<Sums> {
        let of = |name: &StreamName| {
            let (name, (stream, part)) = (name.clone(), name.split());
            let stream = StreamName::from(stream);
            let belongs = move |event: &&Arc<Recorded>| {
                event.stream == stream && part.is_none_or(|part| event.about == Some(part))
            };
            let belonging = self.log.iter().filter(belongs);
            belonging.map(move |event| (name.clone(), Recorded::clone(event)))
        };
        let names: BTreeSet<&StreamName> = streams.iter().collect();
        let events = names.into_iter().flat_map(of).collect();
        Loaded {
            streams,
            snapshots: Vec::new(),
            events,
            keys: Keys::default(),
            forgotten: 0,
        }
    }

    fn plan(&mut self, request: Request<Sums>) {
        let missing = self.planner.missing(&request.command.streams);
        let loaded = self.read(missing);
        self.planner.load(&loaded).1.unwrap();
        self.planner.plan(&mut self.batch, request);
    }

    fn commit(&mut self) {
        let next = Batch::new(self.planner.head());
        let done = std::mem::replace(&mut self.batch, next);
        self.log.extend(done.events.iter().cloned());
    }

    fn trim(&mut self, loading: &[StreamName]) {
        let uncommitted = &self.batch.undo;
        let mut kept = Vec::new();
        while let Some((name, entry)) = self.planner.cache.pop_lru() {
            if uncommitted.contains_key(&name) || loading.contains(&name) {
                kept.push((name, entry));
            }
        }
        for (name, entry) in kept {
            self.planner.cache.put(name, entry);
        }
    }

    /// What is planned, committed and dropped while a load is under way.
    fn load(&mut self, names: &[StreamName], meanwhile: Vec<Request<Sums>>) {
        let loaded = self.read(self.planner.missing(names));
        meanwhile.into_iter().for_each(|request| self.plan(request));
        self.commit();
        self.trim(&loaded.streams);
        self.planner.load(&loaded).1.unwrap();
    }

    fn elsewhere(&mut self, id: u128, added: Add) {
        // another node, which knows the whole log
        let mut other = Node::new(self.log.clone());
        other.plan(add(id, added));
        let Some(event) = other.batch.events.first().cloned() else {
            return;
        };
        self.log.push(event.clone());
        let next = Batch::new(self.planner.head());
        let mut taken_back = std::mem::replace(&mut self.batch, next);
        self.planner.take_back(&mut taken_back);
        self.planner.fold(&event, &Keys::default());
        self.batch = Batch::new(self.planner.head());
        for (request, _) in taken_back.planned {
            self.plan(request);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_log_is_one_gapless_chain_and_no_rule_is_broken(steps in steps()) {
        let mut node = Node::new(Vec::new());
        for (id, step) in (1_u128..).zip(steps) {
            match step {
                Step::Plan(added) => node.plan(add(id, added)),
                Step::Load(names, adds) => {
                    let id = |n: usize| id + (1_000 * (n as u128 + 1));
                    let adds = adds.into_iter().enumerate();
                    node.load(&names, adds.map(|(n, added)| add(id(n), added)).collect());
                }
                Step::Commit => node.commit(),
                Step::Trim => node.trim(&[]),
                Step::Elsewhere(added) => node.elsewhere(id, added),
            }
        }
        node.commit();
        let mut hash = chain::GENESIS;
        let mut states = HashMap::<StreamName, (i64, u8)>::new();
        for (position, event) in (1..).zip(&node.log) {
            prop_assert_eq!(event.position, position);
            hash = chain::hash(&hash, event);
            prop_assert_eq!(event.hash, hash);
            let number = event.payload.parse::<u8>().unwrap();
            let (version, sum) = states.entry(event.stream.clone()).or_default();
            *version += 1;
            *sum += number;
            prop_assert_eq!(event.version, *version);
            prop_assert!(*sum <= 9, "a rule was broken at {:?}", event);
            let about = event.about.unwrap();
            let part = states.entry(event.stream.part(about)).or_default();
            prop_assert!(about == event.version || part.0 > 0, "{:?} is about nothing", event);
            *part = (event.version, part.1 + number);
            prop_assert!(part.1 <= 4, "a part's rule was broken at {:?}", event);
        }
        for (name, entry) in &node.planner.cache {
            let (version, sum) = states.get(name).copied().unwrap_or_default();
            prop_assert_eq!((entry.version, *entry.state), (version, sum), "{}", name);
        }
    }
}
