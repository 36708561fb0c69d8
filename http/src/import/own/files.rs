//! The files that members bring: IMDb's ratings, Letterboxd's zip or one of its tables, and what
//! Reeltime itself exports.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use csv::StringRecord;

use super::exported::exported;
use super::said::{Line, Said, Wanted};
use super::zipped::Zip;

/// The longest file; beyond, 413. An export has a receipt for each of its events: those of some
/// 15,000 events fit.
pub const FILE_BYTES: usize = 16 * 1024 * 1024;
/// Films of one file; a longer one is refused.
pub const MOST_LINES: usize = 10_000;

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

/// What a file says, until now.
pub fn read(file: &[u8], now: DateTime<Utc>) -> Result<Said, Unreadable> {
    let said = match file.starts_with(b"PK") {
        true => zipped(file)?,
        false => Said {
            lines: newest(table(file)?),
            ..Said::default()
        },
    };
    if said.lines.len() > MOST_LINES || said.wanted.len() > MOST_LINES {
        return Err(Unreadable::TooLong);
    }
    Ok(said.tidied(now))
}

/// Of a film that is there twice the newest alone, with what was written about it.
fn newest(lines: Vec<Line>) -> Vec<Line> {
    let mut newest: HashMap<(String, Option<i16>), Line> = HashMap::new();
    for mut line in lines {
        let key = (line.title.clone(), line.year);
        match newest.get_mut(&key) {
            Some(known) if known.at > line.at => {
                known.text = known.text.take().or(line.text);
                known.watched_on = known.watched_on.max(line.watched_on);
            }
            Some(known) => {
                line.text = line.text.or(known.text.take());
                line.watched_on = line.watched_on.max(known.watched_on);
                *known = line;
            }
            None => {
                newest.insert(key, line);
            }
        }
    }
    newest.into_values().collect()
}

fn zipped(file: &[u8]) -> Result<Said, Unreadable> {
    let mut zip = Zip::open(file)?;
    if let Some(events) = zip.unpack("events.json")? {
        return exported(&events);
    }
    let ratings = zip.unpack("ratings.csv")?;
    let watchlist = zip.unpack("watchlist.csv")?;
    if ratings.is_none() && watchlist.is_none() {
        return Err(Unreadable::Unknown);
    }
    let mut lines = ratings.map_or_else(|| Ok(vec![]), |ratings| table(&ratings))?;
    if let Some(reviews) = zip.unpack("reviews.csv")? {
        // the same ratings, of the films that were written about
        lines.extend(table(&reviews)?);
    }
    let mut lines = newest(lines);
    if let Some(diary) = zip.unpack("diary.csv")? {
        date(&mut lines, &diary)?;
    }
    Ok(Said {
        lines,
        wanted: watchlist.map_or_else(|| Ok(vec![]), |list| wanted(&list))?,
        ..Said::default()
    })
}

/// Letterboxd's diary says when films were seen, also where it rates none: of several days the last
/// counts.
fn date(lines: &mut [Line], diary: &[u8]) -> Result<(), Unreadable> {
    let (mut reader, head) = opened(diary)?;
    let mut seen = HashMap::<(String, Option<i16>), NaiveDate>::new();
    for record in reader.records() {
        let record = record?;
        let cell = |name: &str| cell(&head, &record, name);
        let day = cell("Watched Date").and_then(|day| day.parse().ok());
        let Some((title, day)) = cell("Name").zip(day) else {
            continue;
        };
        let year = cell("Year").and_then(|year| year.parse().ok());
        let last = seen.entry((title, year)).or_insert(day);
        *last = day.max(*last);
        if seen.len() > MOST_LINES {
            return Err(Unreadable::TooLong);
        }
    }
    for line in lines {
        let day = seen.get(&(line.title.clone(), line.year)).copied();
        line.watched_on = line.watched_on.max(day);
    }
    Ok(())
}

/// Letterboxd's list of what is to be seen.
fn wanted(file: &[u8]) -> Result<Vec<Wanted>, Unreadable> {
    let mut wanted = Vec::new();
    let (mut reader, head) = opened(file)?;
    for record in reader.records() {
        let record = record?;
        let cell = |name: &str| cell(&head, &record, name);
        let at = cell("Date").and_then(|date| day(&date));
        wanted.extend(cell("Name").zip(at).map(|(title, at)| Wanted {
            title,
            year: cell("Year").and_then(|year| year.parse().ok()),
            film: None,
            at,
        }));
        if wanted.len() > MOST_LINES {
            return Err(Unreadable::TooLong);
        }
    }
    Ok(wanted)
}

/// A table behind its head.
fn opened(file: &[u8]) -> Result<(csv::Reader<&[u8]>, StringRecord), Unreadable> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let head = reader.headers()?.clone();
    Ok((reader, head))
}

fn place(head: &StringRecord, name: &str) -> Option<usize> {
    head.iter().position(|column| column.trim() == name)
}

/// `None`: it is empty, or not there.
fn cell(head: &StringRecord, record: &StringRecord, name: &str) -> Option<String> {
    let cell = record.get(place(head, name)?)?.trim();
    (!cell.is_empty()).then(|| cell.to_owned())
}

fn table(file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let (mut reader, head) = opened(file)?;
    let has = |name: &str| place(&head, name).is_some();
    let is_imdb = has("Const") && has("Your Rating");
    let is_letterboxd = has("Letterboxd URI") && has("Rating");
    if !is_imdb && !is_letterboxd {
        return Err(Unreadable::Unknown);
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cell = |name: &str| cell(&head, &record, name);
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
        watched_on: cell("Watched Date").and_then(|day| day.parse().ok()),
        at: day(&cell("Date")?)?,
        ..Line::default()
    })
}

/// Noon, so that it is that day nearly everywhere.
fn day(text: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.get(..10)?.parse().ok()?;
    Some(day.and_hms_opt(12, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests;
