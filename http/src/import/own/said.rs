//! What a member's file says of films, tidied so that it can be kept and posted.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ReviewText;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fields::{FIRST_FILM, today_somewhere};

/// What members of elsewhere date earlier happened then: nobody rated films online before.
pub const FIRST_DAY: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// No film is called anything longer; a line with a longer title is left out.
pub const TITLE_CHARS: usize = 300;
/// IMDb's are shorter; longer ones are none.
const IMDB_BYTES: usize = 16;
/// Of films.
const YEARS: std::ops::RangeInclusive<i16> = 1870..=2100;

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The oldest first.
    pub lines: Vec<Line>,
    /// Of a Reeltime's reviews by others, the oldest first.
    pub likes: Vec<Like>,
    /// What is to be seen, the oldest first.
    pub wanted: Vec<Wanted>,
}

impl Said {
    pub fn is_nothing(&self) -> bool {
        self.lines.is_empty() && self.likes.is_empty() && self.wanted.is_empty()
    }

    /// As it can be kept and posted, in order.
    pub fn tidied(mut self, now: DateTime<Utc>) -> Said {
        let tidied = |line: Line| line.tidied(now);
        self.lines = self.lines.into_iter().filter_map(tidied).collect();
        let likes = self.likes.iter_mut();
        likes.for_each(|like| like.at = like.at.clamp(FIRST_DAY, now));
        let tidied = |wanted: Wanted| wanted.tidied(now);
        self.wanted = self.wanted.into_iter().filter_map(tidied).collect();
        self.wanted
            .sort_by(|a, b| (a.at, &a.title, a.film).cmp(&(b.at, &b.title, b.film)));
        self.lines
            .sort_by(|a, b| (a.at, &a.title, a.film).cmp(&(b.at, &b.title, b.film)));
        self.likes.sort_by_key(|like| (like.at, like.review));
        self
    }
}

/// A review that is liked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Like {
    pub review: Uuid,
    pub at: DateTime<Utc>,
}

/// A film that the member wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub title: String,
    pub year: Option<i16>,
    /// Of another Reeltime, or this one.
    pub film: Option<Uuid>,
    pub at: DateTime<Utc>,
}

impl Wanted {
    /// A film without a rating.
    pub fn line(&self) -> Line {
        Line {
            title: self.title.clone(),
            year: self.year,
            film: self.film,
            ..Line::default()
        }
    }

    fn tidied(mut self, now: DateTime<Utc>) -> Option<Wanted> {
        self.title = name(self.title)?;
        self.year = self.year.filter(|year| YEARS.contains(year));
        self.at = self.at.clamp(FIRST_DAY, now);
        Some(self)
    }
}

/// `None`: it is too long for one.
fn name(title: String) -> Option<String> {
    let title = title.replace('\0', "");
    (title.chars().count() <= TITLE_CHARS).then_some(title)
}

/// What a file says of one film.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_title: Option<String>,
    pub year: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imdb: Option<String>,
    /// Of another Reeltime, or this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub film: Option<Uuid>,
    /// 1 to 10.
    pub half_stars: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default)]
    pub spoiler: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched_on: Option<NaiveDate>,
    pub at: DateTime<Utc>,
    /// How it was changed later, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// A change of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub at: DateTime<Utc>,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// 1 to 10.
    Rating(u8),
    Words {
        text: Option<String>,
        spoiler: bool,
    },
    Watched(Option<NaiveDate>),
}

impl Line {
    /// As it was rated last.
    pub fn last_rating(&self) -> u8 {
        let rated = self.edits.iter().rev().find_map(|edit| match edit.change {
            Change::Rating(half_stars) => Some(half_stars),
            Change::Words { .. } | Change::Watched(_) => None,
        });
        rated.unwrap_or(self.half_stars)
    }

    /// As it can be kept and posted; `None`: it is about no film, or rates none. Nothing was written
    /// tomorrow: it would stand above all that is written until then.
    fn tidied(mut self, now: DateTime<Utc>) -> Option<Line> {
        domain::Rating::new(self.half_stars).ok()?;
        self.title = name(self.title)?;
        self.original_title = self.original_title.and_then(name);
        self.imdb = self.imdb.filter(|id| id.len() <= IMDB_BYTES);
        self.year = self.year.filter(|year| YEARS.contains(year));
        self.text = self.text.and_then(written);
        self.at = self.at.clamp(FIRST_DAY, now);
        let seen = |day: &NaiveDate| (FIRST_FILM..=today_somewhere(now)).contains(day);
        self.watched_on = self.watched_on.filter(seen);
        for edit in &mut self.edits {
            edit.at = edit.at.clamp(FIRST_DAY, now);
            match &mut edit.change {
                Change::Words { text, .. } => *text = text.take().and_then(written),
                Change::Watched(day) => *day = day.filter(seen),
                Change::Rating(_) => {}
            }
        }
        Some(self)
    }
}

/// What is too long here is rated without words.
fn written(text: String) -> Option<String> {
    let text = text.replace('\0', "");
    let read = ReviewText::new(&text).ok().flatten();
    read.map(|_| text)
}
