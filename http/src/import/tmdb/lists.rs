//! Which films are asked for: what is popular, what a search by facts discovers, what has changed,
//! all that there is.

use std::io::{BufRead, BufReader};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use clap::Subcommand;
use flate2::read::MultiGzDecoder;
use projections::films;

use super::answers::{Exported, Found};
use super::client::{Client, Trouble};
use crate::app::App;
use crate::import::journal::{self, GOES_ON_DAYS, MOST_FILMS};

/// TMDB serves no more pages of a list.
const MOST_PAGES: u32 = 500;
/// TMDB tells changes of so many days at once.
pub const MOST_DAYS: u64 = 14;
/// Of what TMDB lists for a day is known the next morning.
const EXPORT_HOUR_UTC: i64 = 9;

/// What to bring in from TMDB.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Asked {
    /// The films that are popular now
    Popular {
        /// Pages of twenty films
        #[arg(long, default_value_t = MOST_PAGES, value_parser = clap::value_parser!(u32).range(1..=500))]
        pages: u32,
    },
    /// The films with most votes, of some years or in some language
    Discover {
        /// Pages of twenty films
        #[arg(long, default_value_t = MOST_PAGES, value_parser = clap::value_parser!(u32).range(1..=500))]
        pages: u32,

        /// Released in this year or later
        #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1870..=2100))]
        from: Option<u16>,

        /// Released in this year or earlier
        #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1870..=2100))]
        to: Option<u16>,

        /// Spoken originally, such as ko (ISO 639-1)
        #[arg(long, value_name = "CODE", value_parser = language)]
        language: Option<String>,

        /// With at least so many votes
        #[arg(long, value_name = "VOTES", default_value_t = 0)]
        votes: u32,
    },
    /// These films
    Ids {
        /// TMDB's ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<u32>,
    },
    /// Films that are here and have changed at TMDB: once a day keeps all of them current
    ///
    /// What changed longer than 14 days ago is not told any more; where the last time was before
    /// that, this says so.
    Changes {
        /// Of so many days [default: since the last time, at most 14 days]
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=14))]
        days: Option<u64>,
    },
    /// All films of TMDB's daily list, the popular ones first
    Export {
        /// The list of this day (2026-11-27) [default: the newest]
        #[arg(long, value_name = "DATE")]
        date: Option<NaiveDate>,

        /// At most so many films
        #[arg(long, value_name = "FILMS", default_value_t = 100_000)]
        most: usize,

        /// Only films that are at least so popular
        #[arg(long, value_name = "POPULARITY", default_value_t = 0.0)]
        popularity: f64,
    },
}

fn language(typed: &str) -> Result<String, &'static str> {
    let is_code = typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_lowercase());
    is_code
        .then(|| typed.to_owned())
        .ok_or("a language is two small letters, such as ko")
}

impl Asked {
    /// With the dates that go without saying.
    pub async fn dated(self, app: &App, now: DateTime<Utc>) -> sqlx::Result<Dated> {
        let today = now.date_naive();
        Ok(match self {
            Asked::Changes { days } => {
                let last = journal::last_changes(&app.pool).await?;
                let since = match (days, last) {
                    (Some(days), _) => back(today, days),
                    (None, Some(last)) => last.date_naive().max(back(today, MOST_DAYS)),
                    (None, None) => back(today, 1),
                };
                Dated::Changes { since, to: today }
            }
            Asked::Export {
                date,
                most,
                popularity,
            } => {
                let most = most.min(MOST_FILMS);
                let export = |date| Dated::Export {
                    date,
                    most,
                    popularity,
                };
                let newest = (now - TimeDelta::hours(EXPORT_HOUR_UTC)).date_naive();
                let broken_off = journal::exports_broken_off(&app.pool).await?;
                let days = (0..=GOES_ON_DAYS).map(|days| back(newest, days));
                let mut begun = days.filter(|day| broken_off.contains(&export(*day).name()));
                export(date.or_else(|| begun.next()).unwrap_or(newest))
            }
            other => Dated::Same(other),
        })
    }
}

fn back(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_sub_days(Days::new(days)).unwrap_or(today)
}

/// What is asked for, so that asking again is known to be the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Dated {
    Same(Asked),
    Changes {
        since: NaiveDate,
        to: NaiveDate,
    },
    Export {
        date: NaiveDate,
        most: usize,
        popularity: f64,
    },
}

impl Dated {
    /// In the journal; also what operators read.
    pub fn name(&self) -> String {
        match self {
            Dated::Same(Asked::Popular { pages }) => format!("popular {pages}"),
            Dated::Same(Asked::Discover { pages, .. }) => {
                format!("discover {pages}{}", self.filters().replace('&', " "))
            }
            Dated::Same(Asked::Ids { ids }) => {
                let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
                format!("ids {}", ids.join(" "))
            }
            Dated::Changes { since, to } => format!("changes {since} {to}"),
            Dated::Export {
                date,
                most,
                popularity,
            } => format!("export {date} {most} {popularity}"),
            Dated::Same(Asked::Changes { .. } | Asked::Export { .. }) => {
                unreachable!("they are dated")
            }
        }
    }

    fn filters(&self) -> String {
        let Dated::Same(Asked::Discover {
            from,
            to,
            language,
            votes,
            ..
        }) = self
        else {
            return String::new();
        };
        let from = from.map(|year| format!("&primary_release_date.gte={year}-01-01"));
        let to = to.map(|year| format!("&primary_release_date.lte={year}-12-31"));
        let spoken = language.as_ref();
        let spoken = spoken.map(|code| format!("&with_original_language={code}"));
        let votes = (*votes > 0).then(|| format!("&vote_count.gte={votes}"));
        [from, to, spoken, votes].into_iter().flatten().collect()
    }

    /// The films' ids, each once, in the order in which they are to be looked at.
    pub async fn ids(&self, app: &App, client: &Client) -> anyhow::Result<Vec<u32>> {
        Ok(match self {
            Dated::Same(Asked::Popular { pages }) => {
                pages_of(client, "/movie/popular?language=en-US", *pages).await?
            }
            Dated::Same(Asked::Discover { pages, .. }) => {
                let path = "/discover/movie?include_adult=false&include_video=false";
                let path = format!("{path}&sort_by=vote_count.desc{}", self.filters());
                pages_of(client, &path, *pages).await?
            }
            Dated::Same(Asked::Ids { ids }) => once(ids.iter().copied()),
            Dated::Changes { since, to } => {
                let path = format!("/movie/changes?start_date={since}&end_date={to}");
                let changed = pages_of(client, &path, u32::MAX).await?;
                of_ours(app, changed).await?
            }
            Dated::Export {
                date,
                most,
                popularity,
            } => export(client, *date, *most, *popularity).await?,
            Dated::Same(Asked::Changes { .. } | Asked::Export { .. }) => {
                unreachable!("they are dated")
            }
        })
    }
}

/// Page after page; what moves from one to the next meanwhile is there once.
async fn pages_of(client: &Client, path: &str, most: u32) -> Result<Vec<u32>, Trouble> {
    let mut ids = Vec::new();
    for page in 1..=most {
        let found: Found = client.get(&format!("{path}&page={page}")).await?;
        let is_last = page >= found.total_pages || found.results.is_empty();
        let films = found.results.into_iter().filter(|film| !film.adult);
        ids.extend(films.map(|film| film.id));
        if is_last || ids.len() >= MOST_FILMS {
            break;
        }
    }
    Ok(once(ids.into_iter()))
}

fn once(ids: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut seen = std::collections::HashSet::new();
    ids.filter(|id| seen.insert(*id)).collect()
}

/// Those that are listed here.
async fn of_ours(app: &App, ids: Vec<u32>) -> anyhow::Result<Vec<u32>> {
    let numbers: Vec<i32> = ids
        .iter()
        .filter_map(|id| i32::try_from(*id).ok())
        .collect();
    let mut snapshot = app.reader.snapshot(None).await?;
    let ours = films::by_tmdb(&mut snapshot, &numbers).await?;
    let ours = ours
        .into_iter()
        .filter_map(|(id, _)| u32::try_from(id).ok());
    Ok(once(ours))
}

/// The day's list: one JSON object a line, gzipped.
async fn export(
    client: &Client,
    date: NaiveDate,
    most: usize,
    popularity: f64,
) -> Result<Vec<u32>, Trouble> {
    let name = format!("movie_ids_{}.json.gz", date.format("%m_%d_%Y"));
    let mut films = client.export(&name, read_export).await?;
    films.retain(|film| film.popularity >= popularity);
    films.sort_by(|a, b| b.popularity.total_cmp(&a.popularity).then(a.id.cmp(&b.id)));
    films.truncate(most);
    Ok(once(films.into_iter().map(|film| film.id)))
}

/// A list that ends in the middle is asked for again.
fn read_export(file: &[u8]) -> Result<Vec<Exported>, Option<String>> {
    let mut films = Vec::new();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let line = line.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => None,
            _ => Some(error.to_string()),
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let film: Exported =
            serde_json::from_str(&line).map_err(|error| Some(error.to_string()))?;
        if !film.adult && !film.video {
            films.push(film);
        }
    }
    Ok(films)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn zipped(text: &str) -> Vec<u8> {
        let mut zip = GzEncoder::new(Vec::new(), Compression::default());
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap()
    }

    #[test]
    fn the_days_list_is_read_and_a_part_of_it_is_none() {
        let lines = "{\"adult\":false,\"id\":3,\"popularity\":0.5,\"video\":false}\n\
                     {\"adult\":true,\"id\":4,\"popularity\":9,\"video\":false}\n\
                     {\"adult\":false,\"id\":5,\"popularity\":7,\"video\":null}\n";
        let file = zipped(lines);
        let ids: Vec<u32> = read_export(&file)
            .unwrap()
            .iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(ids, [3, 5]);
        assert!(matches!(read_export(&file[..file.len() / 2]), Err(None)));
        assert!(matches!(read_export(&zipped("{]\n")), Err(Some(_))));
    }

    #[test]
    fn what_is_asked_for_has_a_name() {
        let discover = Asked::Discover {
            pages: 3,
            from: Some(1990),
            to: None,
            language: Some("ko".to_owned()),
            votes: 50,
        };
        assert_eq!(
            Dated::Same(discover).name(),
            "discover 3 primary_release_date.gte=1990-01-01 with_original_language=ko \
             vote_count.gte=50"
        );
        assert!(language("ko").is_ok() && language("ko&x=1").is_err());
    }
}
