//! The files that members bring: IMDb's ratings, Letterboxd's zip or one of its tables, and what
//! Reeltime itself exports.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{Cursor, Read};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;
use zip::ZipArchive;
use zip::result::ZipError;

/// The longest file; beyond, 413.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// The longest that one file of a zip may become; more is not read, and the zip is refused.
const UNZIPPED_BYTES: u64 = 32 * 1024 * 1024;
/// Films of one file; a longer one is refused.
const MOST_LINES: usize = 10_000;

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
    pub at: DateTime<Utc>,
}

/// Why a file can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is none of the files that we know.
    Unknown,
    TooLong,
    Broken,
}

impl From<csv::Error> for Unreadable {
    fn from(_: csv::Error) -> Unreadable {
        Unreadable::Broken
    }
}

impl From<ZipError> for Unreadable {
    fn from(_: ZipError) -> Unreadable {
        Unreadable::Broken
    }
}

/// The oldest first; of a film that is there twice the newest alone.
pub fn read(file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let lines = match file.starts_with(b"PK") {
        true => zipped(file)?,
        false => table(file)?,
    };
    let mut newest: HashMap<(String, Option<i16>, Option<Uuid>), Line> = HashMap::new();
    for mut line in lines {
        let key = (line.title.clone(), line.year, line.film);
        match newest.get_mut(&key) {
            Some(known) if known.at > line.at => {
                known.text = known.text.take().or(line.text);
            }
            Some(known) => {
                line.text = line.text.or(known.text.take());
                *known = line;
            }
            None => {
                newest.insert(key, line);
            }
        }
    }
    if newest.len() > MOST_LINES {
        return Err(Unreadable::TooLong);
    }
    let mut lines: Vec<Line> = newest.into_values().collect();
    lines.sort_by(|a, b| (a.at, &a.title, a.film).cmp(&(b.at, &b.title, b.film)));
    Ok(lines)
}

fn zipped(file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let mut zip = ZipArchive::new(Cursor::new(file))?;
    if let Some(events) = unzipped(&mut zip, "events.json")? {
        return exported(&events);
    }
    let Some(ratings) = unzipped(&mut zip, "ratings.csv")? else {
        return Err(Unreadable::Unknown);
    };
    let mut lines = table(&ratings)?;
    if let Some(reviews) = unzipped(&mut zip, "reviews.csv")? {
        // the same ratings, of the films that were written about
        lines.extend(table(&reviews)?);
    }
    Ok(lines)
}

/// A file of the zip; `None`: there is none of that name.
fn unzipped(
    zip: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
) -> Result<Option<Vec<u8>>, Unreadable> {
    let file = match zip.by_name(name) {
        Err(ZipError::FileNotFound) => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    let mut file = file.take(UNZIPPED_BYTES + 1);
    file.read_to_end(&mut bytes)
        .map_err(|_| Unreadable::Broken)?;
    if bytes.len() as u64 > UNZIPPED_BYTES {
        return Err(Unreadable::TooLong);
    }
    Ok(Some(bytes))
}

fn table(file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let head = reader.headers()?.clone();
    let place = |name: &str| head.iter().position(|column| column.trim() == name);
    let is_imdb = place("Const").is_some() && place("Your Rating").is_some();
    let is_letterboxd = place("Letterboxd URI").is_some() && place("Rating").is_some();
    if !is_imdb && !is_letterboxd {
        return Err(Unreadable::Unknown);
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cell = |name: &str| {
            let cell = place(name).and_then(|place| record.get(place))?.trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        let line = match is_imdb {
            true => of_imdb(cell),
            false => of_letterboxd(cell),
        };
        lines.extend(line);
        if lines.len() > 2 * MOST_LINES {
            return Err(Unreadable::TooLong);
        }
    }
    Ok(lines)
}

/// `None`: it is not rated, or no film.
fn of_imdb(cell: impl Fn(&str) -> Option<String>) -> Option<Line> {
    let kind = cell("Title Type").unwrap_or_default().to_lowercase();
    if ["episode", "series", "game", "podcast"]
        .iter()
        .any(|other| kind.contains(other))
    {
        return None;
    }
    let points: u8 = cell("Your Rating")?.parse().ok()?;
    let imdb = cell("Const").filter(|id| id.starts_with("tt"));
    Some(Line {
        title: cell("Title")?,
        original_title: cell("Original Title"),
        year: cell("Year").and_then(|year| year.parse().ok()),
        imdb,
        half_stars: (1..=10).contains(&points).then_some(points)?,
        at: day(&cell("Date Rated")?)?,
        ..Line::default()
    })
}

fn of_letterboxd(cell: impl Fn(&str) -> Option<String>) -> Option<Line> {
    let stars: f64 = cell("Rating")?.parse().ok()?;
    let rating = domain::Rating::from_stars(stars).ok()?;
    Some(Line {
        title: cell("Name")?,
        year: cell("Year").and_then(|year| year.parse().ok()),
        half_stars: rating.half_stars(),
        text: cell("Review"),
        at: day(&cell("Date")?)?,
        ..Line::default()
    })
}

/// Noon, so that it is that day nearly everywhere.
fn day(text: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.get(..10)?.parse().ok()?;
    Some(day.and_hms_opt(12, 0, 0)?.and_utc())
}

/// What Reeltime exports: the member's reviews, as they stand at its end.
fn exported(events: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let standing: Standing = serde_json::from_slice(events).map_err(|_| Unreadable::Broken)?;
    if standing.0.len() > MOST_LINES {
        return Err(Unreadable::TooLong);
    }
    Ok(standing.0.into_values().collect())
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
struct Said {
    review: Option<Uuid>,
    film: Option<Uuid>,
    into: Option<Uuid>,
    rating: Option<u8>,
    to: Option<u8>,
    text: Option<String>,
    spoiler: bool,
}

/// The reviews that stand after some events. They are read one by one: a file of millions of
/// events takes no more memory than its reviews.
#[derive(Default)]
struct Standing(HashMap<Uuid, Line>);

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
            standing.take(&event);
            if standing.0.len() > MOST_LINES {
                return Err(serde::de::Error::custom("too many reviews"));
            }
        }
        Ok(standing)
    }
}

impl Standing {
    fn take(&mut self, event: &Exported) {
        let data = event.data.filter(|_| event.kind.starts_with("review."));
        let said: Option<Said> = data.and_then(|data| serde_json::from_str(data.get()).ok());
        let Some((review, said)) = said.and_then(|said| Some((said.review?, said))) else {
            return;
        };
        match &*event.kind {
            "review.posted" => {
                let at = event.occurred_at.or(event.recorded_at);
                if let (Some(at), Some(half_stars)) = (at, said.rating) {
                    let line = Line {
                        film: said.film,
                        half_stars,
                        text: said.text,
                        spoiler: said.spoiler,
                        at,
                        ..Line::default()
                    };
                    self.0.insert(review, line);
                }
            }
            "review.retracted" => {
                self.0.remove(&review);
            }
            kind => {
                if let Some(line) = self.0.get_mut(&review) {
                    change(line, kind, said);
                }
            }
        }
    }
}

fn change(line: &mut Line, kind: &str, said: Said) {
    match kind {
        "review.rerated" => line.half_stars = said.to.unwrap_or(line.half_stars),
        "review.rewritten" => (line.text, line.spoiler) = (said.text, said.spoiler),
        "review.moved" => line.film = said.into.or(line.film),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::{Value, json};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn told(lines: &[Line]) -> Vec<(&str, Option<i16>, u8, &str)> {
        let text = |line: &Line| format!("{}", line.at.date_naive());
        let days: Vec<String> = lines.iter().map(text).collect();
        let days: Vec<&'static str> = days.into_iter().map(|day| &*day.leak()).collect();
        let lines = lines.iter().zip(days);
        lines
            .map(|(line, day)| (line.title.as_str(), line.year, line.half_stars, day))
            .collect()
    }

    const RATINGS: &str = "Date,Name,Year,Letterboxd URI,Rating\r\n\
        2021-03-04,Parasite,2019,https://boxd.it/a,4.5\r\n\
        2020-01-02,\"Good, the Bad\",1966,https://boxd.it/b,0.5\r\n\
        2020-01-03,Unrated,2000,https://boxd.it/c,\r\n";

    #[test]
    fn letterboxds_zip_has_ratings_and_what_was_written() {
        let reviews = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n\
            2021-03-05,Parasite,2019,https://boxd.it/a,4,,\"Stairs,\nstairs.\",,2021-03-04\n";
        let file = zip(&[
            ("profile.csv", "x"),
            ("ratings.csv", RATINGS),
            ("reviews.csv", reviews),
        ]);
        let lines = read(&file).unwrap();
        assert_eq!(
            told(&lines),
            [
                ("Good, the Bad", Some(1966), 1, "2020-01-02"),
                ("Parasite", Some(2019), 8, "2021-03-05")
            ]
        );
        assert_eq!(lines[1].text.as_deref(), Some("Stairs,\nstairs."));
    }

    #[test]
    fn imdbs_points_are_half_stars() {
        let table = "\u{feff}Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,Year\n\
            tt6751668,9,2020-02-10,Parasite,Gisaengchung,https://x,Movie,2019\n\
            tt0944947,10,2020-02-10,Game of Thrones,,https://x,TV Series,2011\n\
            tt1,11,2020-02-10,Impossible,,https://x,Movie,2011\n";
        let lines = read(table.as_bytes()).unwrap();
        assert_eq!(told(&lines), [("Parasite", Some(2019), 9, "2020-02-10")]);
        assert_eq!(lines[0].imdb.as_deref(), Some("tt6751668"));
    }

    #[test]
    fn what_reeltime_exports_is_read_as_it_stands() {
        let [film, a, b] = [7, 8, 9].map(Uuid::from_u128);
        let event = |kind: &str, data: Value| json!({"type": kind, "recorded_at": "2026-07-01T12:00:00Z", "data": data});
        let events = json!([
            event(
                "review.posted",
                json!({"review": a, "film": film, "rating": 8,
                "text": "Stairs.", "spoiler": true})
            ),
            event("review.rerated", json!({"review": a, "from": 8, "to": 9})),
            event(
                "review.posted",
                json!({"review": b, "film": film, "rating": 1})
            ),
            event("review.retracted", json!({"review": b})),
            event("member.signed_up", json!({"to": "anything"})),
            event("room.opened", Value::Null),
        ]);
        let lines = read(&zip(&[("events.json", &events.to_string())])).unwrap();
        let line = Line {
            film: Some(film),
            half_stars: 9,
            text: Some("Stairs.".to_owned()),
            spoiler: true,
            at: "2026-07-01T12:00:00Z".parse().unwrap(),
            ..Line::default()
        };
        assert_eq!(lines, [line]);
    }

    #[test]
    fn another_file_is_refused() {
        assert_eq!(read(b"a,b\n1,2\n"), Err(Unreadable::Unknown));
        assert_eq!(read(b"PK\x03\x04 and no more"), Err(Unreadable::Broken));
        assert_eq!(read(&zip(&[("diary.csv", "x")])), Err(Unreadable::Unknown));
        // a small file that becomes a large one
        let large = "x".repeat(33 * 1024 * 1024);
        assert_eq!(
            read(&zip(&[("ratings.csv", &large)])),
            Err(Unreadable::TooLong)
        );
    }
}
