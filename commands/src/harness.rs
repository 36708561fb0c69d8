//! How rules are tested: `given(history).when(command).then(events)`, or `.refused(why)`.
//!
//! Every such test also proves that the command reads and writes only the streams that it names,
//! that its events survive their stored form, and that the same command asked again records
//! nothing.

use std::collections::HashMap;
use std::sync::Arc;

use domain::*;
use sealing::{Held, Key, Keys};
use uuid::Uuid;

use crate::{Command, Refused, Seen};

pub const ANN: MemberId = MemberId(Uuid::from_u128(0xA));
pub const BOB: MemberId = MemberId(Uuid::from_u128(0xB));
pub const NOBODY: MemberId = MemberId(Uuid::from_u128(0xC));
pub const PARASITE: FilmId = FilmId(Uuid::from_u128(0xF));

pub fn anns_review() -> ReviewId {
    ReviewId::of(ANN, PARASITE)
}

pub fn rating(stars: f64) -> Rating {
    Rating::from_stars(stars).unwrap()
}

pub fn listed() -> film::Listed {
    let facts = film::Facts {
        title: film::Translated::both("Parasite", "기생충"),
        original_title: "기생충".to_owned(),
        year: Some(2019),
        runtime_min: Some(132),
        genres: vec![Genre::Comedy, Genre::Thriller],
        directors: vec![film::Person {
            en: "Bong Joon-ho".to_owned(),
            ko: Some("봉준호".to_owned()),
        }],
        cast: vec![film::Person {
            en: "Song Kang-ho".to_owned(),
            ko: None,
        }],
        countries: vec!["KR".to_owned()],
        overview: film::Translated::both("Two families.", "두 가족이 있다."),
        ..film::Facts::default()
    };
    film::Listed {
        film: PARASITE,
        key: "parasite-2019".to_owned(),
        facts: facts.into(),
    }
}

/// "Ann", or "Bob".
pub fn signed_up(member: MemberId) -> member::SignedUp {
    let name = if member == ANN { "Ann" } else { "Bob" };
    member::SignedUp {
        member,
        name: MemberName::new(name).unwrap().into(),
        email: email(member).into(),
        language: Language::Ko,
        name_reservation: name_of(member),
        email_reservation: email_of(member),
    }
}

pub fn withdrawn(member: MemberId) -> member::Withdrawn {
    member::Withdrawn { member }
}

pub fn email(member: MemberId) -> Email {
    Email::new(&format!("{member}@example.org")).unwrap()
}

/// The reservation of the name that the member signed up with.
pub fn name_of(member: MemberId) -> ReservationId {
    ReservationId(Uuid::from_u128(member.0.as_u128() << 8))
}

pub fn email_of(member: MemberId) -> ReservationId {
    ReservationId(Uuid::from_u128(member.0.as_u128() << 16))
}

/// Ann's review of Parasite: four stars, nothing written.
pub fn posted() -> review::Posted {
    review::Posted {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        posting: 1,
        rating: rating(4.0),
        text: None,
        spoiler: false,
        watched_on: None,
    }
}

pub fn retracted() -> review::Retracted {
    review::Retracted {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        posting: 1,
        rating: rating(4.0),
    }
}

/// Ann wants to see Parasite.
pub fn wanted() -> watchlist::Added {
    watchlist::Added {
        entry: WatchlistEntryId::of(ANN, PARASITE),
        film: PARASITE,
        member: ANN,
        since: None,
    }
}

pub fn unwanted() -> watchlist::Removed {
    watchlist::Removed {
        entry: WatchlistEntryId::of(ANN, PARASITE),
        film: PARASITE,
        member: ANN,
    }
}

pub fn given<const N: usize>(events: [Event; N]) -> History {
    let mut history = History::default();
    history.record(&events);
    history
}

#[derive(Default)]
pub struct History {
    streams: HashMap<Stream, State>,
    versions: HashMap<Stream, i64>,
}

impl History {
    pub fn when<C: Command>(self, command: C) -> When<C> {
        let history = self;
        When { history, command }
    }

    pub fn record(&mut self, events: &[Event]) {
        for event in events {
            let name = event.type_name();
            let read = Event::from_json(name, event.schema_version(), &event.to_json()).unwrap();
            assert_eq!(&read, event, "the stored form loses something");
            assert_eq!(
                &sealed_and_opened(event),
                event,
                "the sealed form loses something"
            );
            assert!(name.starts_with(event.stream().category), "{name}");
            let (stream, version) = (event.stream(), self.next_version(event.stream()));
            self.streams.entry(stream).or_default().evolve(&read);
            let part = event.part().map(|part| match part {
                Part::Begun => stream.part(version),
                Part::Of(version) => stream.part(version),
            });
            if let Some(part) = part {
                self.streams.entry(part).or_default().evolve_part(&read);
            }
        }
    }

    fn next_version(&mut self, stream: Stream) -> i64 {
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        *version
    }

    fn decide(&self, command: &impl Command) -> Result<Vec<Event>, Refused> {
        let named = command.streams();
        let nothing = State::Nothing;
        let states = named.iter().map(|stream| {
            let state = self.streams.get(stream).unwrap_or(&nothing);
            (*stream, state)
        });
        let seen = Named(states.collect());
        assert_eq!(
            seen.0.len(),
            named.len(),
            "a stream is named twice: {named:?}"
        );
        let events = command.decide(&seen)?;
        for event in &events {
            assert!(
                named.contains(&event.stream()),
                "writes unnamed {}",
                event.stream()
            );
            if let Some(Part::Of(version)) = event.part() {
                let part = event.stream().part(version);
                assert!(named.contains(&part), "writes about unnamed {part}");
            }
        }
        Ok(events)
    }
}

fn sealed_and_opened(event: &Event) -> Event {
    let id = Uuid::from_u128(1);
    let key = |id| (id, Held::Key(Arc::new(Key::new(&[1; 32]))));
    let ids = event.owner().into_iter().flat_map(MemberId::key_ids);
    let keys: Keys = ids.map(key).collect();
    let (json, key_id) = event.to_stored(id, &keys).unwrap();
    let opening = keys.opening(id, key_id);
    Event::from_stored(event.type_name(), event.schema_version(), &json, opening).unwrap()
}

struct Named<'a>(HashMap<Stream, &'a State>);

impl Seen for Named<'_> {
    fn state(&self, stream: Stream) -> &State {
        let Some(state) = self.0.get(&stream) else {
            panic!("looks at unnamed {stream}")
        };
        state
    }
}

pub struct When<C> {
    history: History,
    command: C,
}

impl<C: Command> When<C> {
    pub fn then<const N: usize>(mut self, expected: [Event; N]) {
        let events = self.history.decide(&self.command).expect("is not refused");
        assert_eq!(told(&events), told(&expected));

        self.history.record(&events);
        let again = self.history.decide(&self.command);
        let again = again.expect("asked again, it is not refused");
        assert_eq!(told(&again), told(&[]), "asked again, it records more");
    }

    pub fn refused(self, why: Refused) {
        let told = self
            .history
            .decide(&self.command)
            .map(|events| told(&events));
        assert_eq!(told, Err(why));
    }
}

/// Unlike `Debug`, with what is sealed: a failed test shows what differs.
fn told(events: &[Event]) -> Vec<String> {
    let told = |event: &Event| format!("{} {}", event.type_name(), event.to_json());
    events.iter().map(told).collect()
}

/// The laws, broken: the harness must see it.
mod tests {
    use super::*;

    struct Broken {
        names: &'static [MemberId],
        looks_at: MemberId,
        writes_to: MemberId,
    }

    impl Command for Broken {
        fn streams(&self) -> Vec<Stream> {
            self.names.iter().map(|member| member.stream()).collect()
        }

        fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
            seen.member(self.looks_at);
            Ok(vec![withdrawn(self.writes_to).into()])
        }
    }

    #[test]
    #[should_panic(expected = "asked again, it records more")]
    fn a_command_that_records_twice_fails() {
        let command = Broken {
            names: &[ANN],
            looks_at: ANN,
            writes_to: ANN,
        };
        given([]).when(command).then([withdrawn(ANN).into()]);
    }

    #[test]
    #[should_panic(expected = "looks at unnamed member-")]
    fn a_command_that_looks_elsewhere_fails() {
        let command = Broken {
            names: &[ANN],
            looks_at: BOB,
            writes_to: ANN,
        };
        given([]).when(command).then([]);
    }

    #[test]
    #[should_panic(expected = "writes unnamed member-")]
    fn a_command_that_writes_elsewhere_fails() {
        let command = Broken {
            names: &[ANN],
            looks_at: ANN,
            writes_to: BOB,
        };
        given([]).when(command).then([]);
    }

    #[test]
    #[should_panic(expected = "a stream is named twice")]
    fn a_command_that_names_a_stream_twice_fails() {
        let command = Broken {
            names: &[ANN, ANN],
            looks_at: ANN,
            writes_to: ANN,
        };
        given([]).when(command).then([]);
    }
}
