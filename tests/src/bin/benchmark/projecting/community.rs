//! A history of real shape, as long as one likes: who saw which film when and how they liked it is
//! MovieLens' (or made up, as unevenly), and around each review there are likes, a comment, and
//! talk in rooms.

mod ratings;

use std::collections::HashSet;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::film::{Facts, Listed, Person, Translated};
use domain::room::{Admission, Entered, MessagePosted, Opened, Reacted};
use domain::{
    CommentId, CommentText, Email, Event, FilmId, Genre, Language, LikeId, MemberId, MemberName,
    MessageText, Rating, Reaction, ReadMarkerId, ReservationId, ReviewId, ReviewText,
    RoomDescription, RoomId, RoomName, comment, like, member, read_marker, reservation, review,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use ratings::{FILMS, MEMBERS, Rated, made_up, read};

const ROOMS: usize = 40;
const LIKES: usize = 4;
const MESSAGES: usize = 3;

/// What one of the members did at some time.
pub struct Deed {
    pub actor: MemberId,
    pub at: DateTime<Utc>,
    pub events: Vec<Event>,
}

pub struct Community {
    random: StdRng,
    rated: std::vec::IntoIter<Rated>,
    at: DateTime<Utc>,
    reviews: Vec<(ReviewId, MemberId, FilmId)>,
    liked: HashSet<(u32, u32)>,
    rooms: Vec<Room>,
}

struct Room {
    id: RoomId,
    /// Events so far.
    version: i64,
    messages: i64,
    members: HashSet<u32>,
}

fn film(number: u32) -> FilmId {
    FilmId(Uuid::from_u128(0xF1_0000_0000 + u128::from(number)))
}

pub fn member(number: u32) -> MemberId {
    MemberId(Uuid::from_u128(0xA1_0000_0000 + u128::from(number)))
}

/// All that can be asked for keys.
pub fn members() -> impl Iterator<Item = MemberId> {
    (0..MEMBERS).map(member)
}

impl Community {
    /// The same one each time.
    pub fn new(movielens: Option<&Path>) -> anyhow::Result<Community> {
        let mut random = StdRng::seed_from_u64(1895);
        let mut rated = match movielens {
            Some(directory) => read(directory)?,
            None => made_up(&mut random),
        };
        rated.sort_by_key(|rated| rated.at);
        let first = rated.first().context("there are no ratings")?.at;
        Ok(Community {
            random,
            rated: rated.into_iter(),
            at: DateTime::from_timestamp(first, 0).context("a time of MovieLens")?,
            reviews: Vec::new(),
            liked: HashSet::new(),
            rooms: Vec::new(),
        })
    }

    /// Everybody and everything that is talked about.
    pub fn founding(&mut self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        let nobody = MemberId(Uuid::nil());
        for number in 0..FILMS {
            let listed = self.listed(number);
            deeds.push(self.deed(nobody, vec![listed.into()]));
        }
        for number in 0..MEMBERS {
            let events = self.signed_up(number);
            deeds.push(self.deed(member(number), events));
        }
        for number in 0..ROOMS {
            let (opened, host) = self.opened(number);
            deeds.push(self.deed(host, vec![opened.into()]));
        }
        deeds
    }

    /// The next review and what goes on around it: some ten events. None: all films were
    /// rated.
    pub fn next_deeds(&mut self) -> Option<Vec<Deed>> {
        let rated = self.rated.next()?;
        self.at = self.at.max(DateTime::from_timestamp(rated.at, 0)?);
        let (author, film) = (member(rated.member), film(rated.film));
        let review = ReviewId::of(author, film);
        let posted = review::Posted {
            review,
            film,
            member: author,
            posting: 1,
            rating: Rating::new(rated.half_stars).expect("half stars of MovieLens"),
            text: ReviewText::new(&self.words(40))
                .expect("words")
                .map(Into::into),
            spoiler: rated.half_stars == 1,
            watched_on: None,
        };
        let mut deeds = vec![self.deed(author, vec![posted.into()])];
        self.reviews.push((review, author, film));
        for _ in 0..LIKES {
            deeds.extend(self.like());
        }
        deeds.push(self.comment());
        for _ in 0..MESSAGES {
            deeds.push(self.message());
        }
        Some(deeds)
    }

    fn deed(&mut self, actor: MemberId, events: Vec<Event>) -> Deed {
        self.at += TimeDelta::milliseconds(self.random.random_range(1..2_000));
        let at = self.at;
        Deed { actor, at, events }
    }

    /// Of many, mostly one of the first: some are much more popular than others.
    fn popular(&mut self, count: usize) -> usize {
        let even: f64 = self.random.random();
        ((even * even) * count as f64) as usize
    }

    fn somebody(&mut self) -> u32 {
        u32::try_from(self.popular(MEMBERS as usize)).expect("there are fewer")
    }

    /// Mostly a new one.
    fn some_review(&mut self) -> (u32, ReviewId, MemberId, FilmId) {
        let index = self.reviews.len() - 1 - self.popular(self.reviews.len());
        let (review, author, film) = self.reviews[index];
        let index = u32::try_from(index).expect("there are fewer");
        (index, review, author, film)
    }

    fn like(&mut self) -> Option<Deed> {
        let ((index, review, author, film), number) = (self.some_review(), self.somebody());
        let reader = member(number);
        if reader == author || !self.liked.insert((number, index)) {
            return None;
        }
        let liked = like::Liked {
            like: LikeId::of(review, reader),
            review,
            posting: 1,
            film,
            member: reader,
            author,
            again: false,
        };
        Some(self.deed(reader, vec![liked.into()]))
    }

    fn comment(&mut self) -> Deed {
        let ((_, review, reviewer, film), number) = (self.some_review(), self.somebody());
        let before = member(self.somebody());
        let posted = comment::Posted {
            comment: CommentId(self.id()),
            review,
            posting: 1,
            film,
            member: member(number),
            reviewer,
            text: CommentText::new(&self.words(15)).expect("words").into(),
            mentions: vec![],
            among: vec![before],
        };
        self.deed(member(number), vec![posted.into()])
    }

    /// A message, at times with somebody who comes for it, a reaction, or somebody who has read.
    fn message(&mut self) -> Deed {
        let (index, number) = (self.popular(ROOMS), self.somebody());
        let (author, at, body, cid) = (member(number), self.at, self.words(12), self.id());
        let (reacts, reads) = (
            self.random.random_ratio(1, 6),
            self.random.random_ratio(1, 6),
        );
        let room = &mut self.rooms[index];
        let (id, mut events) = (room.id, Vec::new());
        if room.members.insert(number) {
            let entered = Entered {
                room: id,
                member: author,
            };
            events.push(entered.into());
        }
        room.version += 1 + i64::try_from(events.len()).expect("one");
        room.messages += 1;
        let posted = MessagePosted {
            room: id,
            n: room.messages,
            member: author,
            cid,
            body: MessageText::new(&body).expect("words").into(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at,
        };
        events.push(posted.into());
        if reacts {
            let reacted = Reacted {
                room: id,
                message: room.version,
                member: author,
                reaction: Reaction::new(Reaction::ALL[number as usize % 24]).expect("one of them"),
            };
            room.version += 1;
            events.push(reacted.into());
        }
        if reads {
            let moved = read_marker::Moved {
                marker: ReadMarkerId::of(id, author),
                room: id,
                member: author,
                n: room.messages,
                at,
            };
            events.push(moved.into());
        }
        self.deed(author, events)
    }

    fn listed(&mut self, number: u32) -> Listed {
        let title = format!("{} {number}", self.words(2));
        let people = |count: usize, this: &mut Self| -> Vec<Person> {
            let names = (0..count).map(|_| this.popular(6_000));
            let names = names.map(|name| format!("{} {}", syllable(name), syllable(name / 40)));
            names.map(|en| Person { en, ko: None }).collect()
        };
        let overview = self.words(30);
        let genres = [
            self.random.random_range(0..19),
            self.random.random_range(0..19),
        ];
        let mut genres: Vec<Genre> = genres.iter().map(|genre| Genre::ALL[*genre]).collect();
        genres.dedup();
        let facts = Facts {
            title: Translated::both(&title, &title),
            original_title: title,
            year: Some(self.random.random_range(1930..2018)),
            runtime_min: Some(self.random.random_range(70..200)),
            genres,
            directors: people(1, self),
            cast: people(3, self),
            overview: Translated::both(&overview, &overview),
            ..Facts::default()
        };
        Listed {
            film: film(number),
            key: format!("film-{number}"),
            facts: facts.into(),
        }
    }

    fn signed_up(&mut self, number: u32) -> Vec<Event> {
        let (name, email) = (ReservationId(self.id()), ReservationId(self.id()));
        let member = member(number);
        let reserved = |reservation, kind| reservation::Reserved {
            reservation,
            kind,
            member,
        };
        let signed_up = member::SignedUp {
            member,
            name: MemberName::new(&format!("Member {number}"))
                .expect("a name")
                .into(),
            email: Email::new(&format!("{number}@example.org"))
                .expect("an address")
                .into(),
            language: Language::Ko,
            name_reservation: name,
            email_reservation: email,
        };
        vec![
            reserved(name, reservation::Kind::Name).into(),
            reserved(email, reservation::Kind::Email).into(),
            signed_up.into(),
        ]
    }

    fn opened(&mut self, number: usize) -> (Opened, MemberId) {
        let (id, host) = (RoomId(self.id()), member(self.somebody()));
        let film = self.popular(FILMS as usize);
        self.rooms.push(Room {
            id,
            version: 1,
            messages: 0,
            members: HashSet::new(),
        });
        let opened = Opened {
            room: id,
            member: host,
            film: Some(self::film(u32::try_from(film).expect("there are fewer"))),
            name: RoomName::new(&format!("Room {number}"))
                .expect("a name")
                .into(),
            description: RoomDescription::new("Talk.").expect("a word").into(),
            admission: Admission::Public,
            closes_when_empty: false,
            at: self.at,
        };
        (opened, host)
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u128(self.random.random())
    }

    /// About so many, half of them Korean.
    fn words(&mut self, about: usize) -> String {
        let count = self.random.random_range(1..about * 2);
        let mut text = String::new();
        for _ in 0..count {
            let word = self.popular(3_000);
            if !text.is_empty() {
                text.push(' ');
            }
            text += &syllable(word);
            text += &syllable(word / 7 + 1);
        }
        text
    }
}

fn syllable(number: usize) -> String {
    let number = u32::try_from(number).expect("small");
    match number % 2 {
        0 => char::from_u32(0xAC00 + number * 7 % 11_172).map_or_else(String::new, String::from),
        _ => {
            let letter = |number| char::from_u32(u32::from('a') + number % 26).unwrap_or('a');
            [letter(number), 'o', letter(number / 26)].iter().collect()
        }
    }
}
