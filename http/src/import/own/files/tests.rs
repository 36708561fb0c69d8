//! What is read of the files of each service, and of those that are broken.

use domain::ReviewText;

use super::*;
use crate::import::own::said::{FIRST_DAY, TITLE_CHARS};
use crate::import::own::zipped::tests::zip;

fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
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
        (
            "deleted/ratings.csv",
            "Date,Name,Year,Letterboxd URI,Rating\n",
        ),
        ("ratings.csv", RATINGS),
        ("reviews.csv", reviews),
    ]);
    let lines = read(&file, now()).unwrap().lines;
    assert_eq!(
        told(&lines),
        [
            ("Good, the Bad", Some(1966), 1, "2020-01-02"),
            ("Parasite", Some(2019), 8, "2021-03-05")
        ]
    );
    assert_eq!(lines[1].text.as_deref(), Some("Stairs,\nstairs."));
    assert_eq!(lines[1].watched_on, "2021-03-04".parse().ok());
}

#[test]
fn letterboxds_diary_says_when_what_is_rated_was_seen_last() {
    let diary = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n\
        2021-03-04,Parasite,2019,https://boxd.it/x,4.5,,,2021-03-01\n\
        2021-06-04,Parasite,2019,https://boxd.it/y,,Yes,,2021-06-03\n\
        2021-06-04,\"Good, the Bad\",1966,https://boxd.it/z,,Yes,,2099-06-03\n\
        2021-06-04,Unrated,2000,https://boxd.it/w,,,,2021-06-03\n";
    let file = zip(&[("ratings.csv", RATINGS), ("diary.csv", diary)]);
    let lines = read(&file, now()).unwrap().lines;
    let days: Vec<_> = lines.iter().map(|line| line.watched_on).collect();
    assert_eq!(days, [None, "2021-06-03".parse().ok()]);
}

#[test]
fn letterboxds_watchlist_is_what_is_to_be_seen() {
    let watchlist = "Date,Name,Year,Letterboxd URI\n\
        2021-03-04,Parasite,2019,https://boxd.it/a\n\
        2099-01-01,Tomorrow,,https://boxd.it/b\n\
        nothing,Nowhere,,https://boxd.it/c\n";
    let said = read(&zip(&[("watchlist.csv", watchlist)]), now()).unwrap();
    let told: Vec<_> = said
        .wanted
        .iter()
        .map(|one| {
            (
                one.title.as_str(),
                one.year,
                one.at.date_naive().to_string(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Parasite", Some(2019), "2021-03-04".to_owned()),
            ("Tomorrow", None, "2026-07-01".to_owned())
        ]
    );
    assert_eq!(said.lines, []);
    // beside ratings, too; what Letterboxd deleted is not wanted
    let file = zip(&[
        ("ratings.csv", RATINGS),
        ("watchlist.csv", watchlist),
        ("deleted/watchlist.csv", watchlist),
    ]);
    let said = read(&file, now()).unwrap();
    assert_eq!((said.lines.len(), said.wanted.len()), (2, 2));
}

#[test]
fn imdbs_points_are_half_stars() {
    let table = "\u{feff}Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,Year\n\
        tt6751668,9,2020-02-10,Parasite,Gisaengchung,https://x,Movie,2019\n\
        tt0944947,10,2020-02-10,Game of Thrones,,https://x,TV Series,2011\n\
        tt1,11,2020-02-10,Impossible,,https://x,Movie,2011\n";
    let lines = read(table.as_bytes(), now()).unwrap().lines;
    assert_eq!(told(&lines), [("Parasite", Some(2019), 9, "2020-02-10")]);
    assert_eq!(lines[0].imdb.as_deref(), Some("tt6751668"));
}

#[test]
fn nothing_was_rated_tomorrow_or_before_there_were_ratings() {
    let table = "Date,Name,Year,Letterboxd URI,Rating\n\
        2099-01-01,Parasite,2019,https://boxd.it/a,4.5\n\
        0001-01-01,Ratatouille,2007,https://boxd.it/b,4\n";
    let lines = read(table.as_bytes(), now()).unwrap().lines;
    let times: Vec<DateTime<Utc>> = lines.iter().map(|line| line.at).collect();
    assert_eq!(times, [FIRST_DAY, now()]);
}

#[test]
fn what_no_film_is_called_and_what_nobody_reads_is_left_out() {
    let long = "x".repeat(TITLE_CHARS + 1);
    let text = "x".repeat(ReviewText::MAX_CHARS + 1);
    let table = format!(
        "Date,Name,Year,Letterboxd URI,Rating,Review\n\
         2020-01-01,{long},2019,https://boxd.it/a,4.5,\n\
         2020-01-02,Para\0site,32767,https://boxd.it/b,4,{text}\n"
    );
    let lines = read(table.as_bytes(), now()).unwrap().lines;
    assert_eq!(told(&lines), [("Parasite", None, 8, "2020-01-02")]);
    assert_eq!(lines[0].text, None);
}

#[test]
fn another_file_is_refused() {
    assert_eq!(read(b"a,b\n1,2\n", now()), Err(Unreadable::Unknown));
    assert_eq!(
        read(b"PK\x03\x04 and no more", now()),
        Err(Unreadable::Broken)
    );
    assert_eq!(
        read(&zip(&[("diary.csv", "x")]), now()),
        Err(Unreadable::Unknown)
    );
}
