//! What Reeltime itself exports: a member's reviews as they stand at its end, with how they came to
//! say so, what the member likes, and what they want to see.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::files::{MOST_LINES, Unreadable};
use super::said::{Change, Edit, Like, Line, Said, Wanted};

/// Changes of one review that are kept apart; those before the last ones become what it said first.
const MOST_EDITS: usize = 20;
/// Changes of all reviews, and likes, of one file, each of which becomes an event; a longer one is
/// refused.
const MOST_CHANGES: usize = 20_000;
const MOST_LIKES: usize = 20_000;

pub fn exported(events: &[u8]) -> Result<Said, Unreadable> {
    let standing: Standing = serde_json::from_slice(events).map_err(|_| Unreadable::Broken)?;
    if standing.is_too_much() {
        return Err(Unreadable::TooLong);
    }
    let likes = standing.likes.into_iter();
    let wanted = standing.wanted.into_iter().map(|(film, at)| Wanted {
        film: Some(film),
        at,
        ..Wanted::default()
    });
    Ok(Said {
        lines: standing.reviews.into_values().collect(),
        likes: likes.map(|(review, at)| Like { review, at }).collect(),
        wanted: wanted.collect(),
    })
}

/// An event of the export; what is in it is looked at only where it is about a review.
#[derive(Deserialize)]
struct Exported<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    occurred_at: Option<DateTime<Utc>>,
    recorded_at: Option<DateTime<Utc>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    review: Option<Uuid>,
    film: Option<Uuid>,
    into: Option<Uuid>,
    rating: Option<u8>,
    to: Option<u8>,
    text: Option<String>,
    spoiler: bool,
    watched_on: Option<String>,
    /// Of a like.
    like: Option<Uuid>,
    since: Option<DateTime<Utc>>,
}

/// What stands after some events. They are read one by one: a file of millions of events takes no
/// more memory than its reviews and likes.
#[derive(Default)]
struct Standing {
    reviews: HashMap<Uuid, Line>,
    likes: HashMap<Uuid, DateTime<Utc>>,
    /// By film.
    wanted: HashMap<Uuid, DateTime<Utc>>,
    /// Kept so far, also of reviews that were retracted since.
    changes: usize,
}

impl<'de> Deserialize<'de> for Standing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Standing, D::Error> {
        deserializer.deserialize_seq(Events)
    }
}

struct Events;

impl<'de> Visitor<'de> for Events {
    type Value = Standing;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut events: A) -> Result<Standing, A::Error> {
        let mut standing = Standing::default();
        while let Some(event) = events.next_element::<Exported>()? {
            // of one that is too long the rest is read past
            if !standing.is_too_much() {
                standing.take(&event);
            }
        }
        Ok(standing)
    }
}

impl Standing {
    fn is_too_much(&self) -> bool {
        let (reviews, wanted) = (self.reviews.len(), self.wanted.len());
        let counts = [reviews, self.likes.len(), wanted, self.changes];
        let bounds = [MOST_LINES, MOST_LIKES, MOST_LINES, MOST_CHANGES];
        counts.iter().zip(bounds).any(|(count, most)| *count > most)
    }

    fn take(&mut self, event: &Exported) {
        let kinds = ["review.", "like.", "watchlist."];
        let is_wanted = kinds.iter().any(|kind| event.kind.starts_with(kind));
        let data = event.data.filter(|_| is_wanted);
        let data: Option<Data> = data.and_then(|data| serde_json::from_str(data.get()).ok());
        let at = event.occurred_at.or(event.recorded_at);
        let Some((at, data)) = at.zip(data) else {
            return;
        };
        match (&*event.kind, data.review, data.film) {
            ("watchlist.added", _, Some(film)) => {
                self.wanted.insert(film, data.since.unwrap_or(at));
            }
            ("watchlist.removed", _, Some(film)) => {
                self.wanted.remove(&film);
            }
            (_, Some(review), _) => self.take_review(event, at, (review, data)),
            (_, None, _) => {}
        }
    }

    fn take_review(&mut self, event: &Exported, at: DateTime<Utc>, (review, data): (Uuid, Data)) {
        match &*event.kind {
            "review.posted" => {
                if let Some(half_stars) = data.rating {
                    let line = Line {
                        film: data.film,
                        half_stars,
                        text: data.text,
                        spoiler: data.spoiler,
                        watched_on: day(data.watched_on),
                        at,
                        ..Line::default()
                    };
                    self.reviews.insert(review, line);
                }
            }
            "review.retracted" => {
                self.reviews.remove(&review);
            }
            "like.liked" if data.like.is_some() => {
                self.likes.insert(review, at);
            }
            "like.unliked" => {
                self.likes.remove(&review);
            }
            kind => {
                if let Some(line) = self.reviews.get_mut(&review) {
                    self.changes += usize::from(change(line, kind, at, data));
                }
            }
        }
    }
}

/// What is no day is none.
fn day(text: Option<String>) -> Option<NaiveDate> {
    text?.parse().ok()
}

/// Whether it is one more that is kept.
fn change(line: &mut Line, kind: &str, at: DateTime<Utc>, data: Data) -> bool {
    let change = match (kind, data.to) {
        ("review.rerated", Some(half_stars)) => Change::Rating(half_stars),
        ("review.rewritten", _) => Change::Words {
            text: data.text,
            spoiler: data.spoiler,
        },
        ("review.dated", _) => Change::Watched(day(data.watched_on)),
        ("review.moved", _) => {
            line.film = data.into.or(line.film);
            return false;
        }
        _ => return false,
    };
    let is_full = line.edits.len() == MOST_EDITS;
    if is_full {
        match line.edits.remove(0).change {
            Change::Rating(half_stars) => line.half_stars = half_stars,
            Change::Words { text, spoiler } => (line.text, line.spoiler) = (text, spoiler),
            Change::Watched(day) => line.watched_on = day,
        }
    }
    line.edits.push(Edit { at, change });
    !is_full
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-07-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn event(kind: &str, day: u32, data: Value) -> Value {
        json!({"type": kind, "occurred_at": at(day), "recorded_at": at(30), "data": data})
    }

    fn read(events: &[Value]) -> Said {
        exported(json!(events).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn reviews_stand_with_their_changes_and_likes_with_their_days() {
        let [film, other, a, b, c] = [5, 6, 7, 8, 9].map(Uuid::from_u128);
        let posted = |review: Uuid, rating: u8, day: u32| {
            let data = json!({"review": review, "film": film, "rating": rating, "text": "Stairs.",
                "spoiler": true});
            event("review.posted", day, data)
        };
        let like = |kind: &str, review: Uuid, day: u32| {
            event(
                kind,
                day,
                json!({"like": c, "review": review, "posting": 1}),
            )
        };
        let said = read(&[
            posted(a, 8, 1),
            event(
                "review.rerated",
                2,
                json!({"review": a, "from": 8, "to": 9}),
            ),
            event(
                "review.rewritten",
                3,
                json!({"review": a, "text": null, "spoiler": false}),
            ),
            event(
                "review.moved",
                4,
                json!({"review": a, "film": film, "into": other}),
            ),
            posted(b, 1, 5),
            event("review.retracted", 6, json!({"review": b})),
            like("like.liked", b, 7),
            like("like.liked", c, 7),
            like("like.unliked", c, 8),
            event("member.signed_up", 9, json!({"to": "anything"})),
            event("room.opened", 9, Value::Null),
        ]);
        let words = Change::Words {
            text: None,
            spoiler: false,
        };
        let edit = |day, change| Edit {
            at: at(day),
            change,
        };
        let line = Line {
            film: Some(other),
            half_stars: 8,
            text: Some("Stairs.".to_owned()),
            spoiler: true,
            at: at(1),
            edits: vec![edit(2, Change::Rating(9)), edit(3, words)],
            ..Line::default()
        };
        assert_eq!(said.lines[0].last_rating(), 9);
        assert_eq!(said.lines, [line]);
        assert_eq!(
            said.likes,
            [Like {
                review: b,
                at: at(7)
            }]
        );
    }

    #[test]
    fn what_is_still_wanted_is_brought_along_with_its_day() {
        let [film, other] = [5, 6].map(Uuid::from_u128);
        let said = read(&[
            event("watchlist.added", 1, json!({"film": film})),
            event("watchlist.added", 2, json!({"film": other, "since": at(1)})),
            event("watchlist.removed", 3, json!({"film": film})),
        ]);
        let wanted = Wanted {
            film: Some(other),
            at: at(1),
            ..Wanted::default()
        };
        assert_eq!(said.wanted, [wanted]);
        assert_eq!((said.lines, said.likes), (vec![], vec![]));
    }

    #[test]
    fn a_file_that_would_fill_the_log_is_refused() {
        let mut events = Vec::new();
        for nth in 0..=(MOST_CHANGES / MOST_EDITS) as u128 {
            let review = Uuid::from_u128(nth);
            let data = json!({"review": review, "film": review, "rating": 1});
            events.push(event("review.posted", 1, data));
            let rerated = |to: u8| event("review.rerated", 2, json!({"review": review, "to": to}));
            events.extend((0..MOST_EDITS).map(|n| rerated(n as u8 % 2 + 2)));
        }
        let file = json!(events).to_string();
        assert_eq!(exported(file.as_bytes()), Err(Unreadable::TooLong));
    }

    #[test]
    fn of_very_many_changes_the_first_are_what_it_said_first() {
        let review = Uuid::from_u128(1);
        let data = json!({"review": review, "film": review, "rating": 1});
        let mut events = vec![event("review.posted", 1, data)];
        for n in 0..=MOST_EDITS {
            let to = if n.is_multiple_of(2) { 4 } else { 2 };
            events.push(event(
                "review.rerated",
                2,
                json!({"review": review, "to": to}),
            ));
        }
        let said = read(&events);
        let line = &said.lines[0];
        assert_eq!((line.half_stars, line.edits.len()), (4, MOST_EDITS));
        assert_eq!(line.last_rating(), 4);
    }
}
