//! Files and answers that films come from.

use std::io::{Cursor, Write};

use chrono::{DateTime, Utc};
use domain::film::Listed;
use domain::{Event, FilmId, ReviewText};
use web::import::own;
use web::import::tmdb::answers::Details;
use web::import::tmdb::facts;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Of one file, at most: films, changes of one review, and likes.
const MOST_LINES: usize = 10_000;
const MOST_EDITS: usize = 20;
const MOST_LIKES: usize = 20_000;
/// The year 2033: nothing that is brought along is from later.
const NOW: DateTime<Utc> = DateTime::from_timestamp(2_000_000_000, 0).expect("a time");

/// When what is brought along may have happened.
fn is_past(at: DateTime<Utc>) -> bool {
    (DateTime::UNIX_EPOCH..=NOW).contains(&at)
}

/// What members bring along. Behind `zip` and a line's end tables and an export, with a NUL
/// between, are packed first.
pub fn own_films(data: &[u8]) -> bool {
    let packed = data.strip_prefix(b"zip\n").map(packed);
    let Ok(said) = own::read(packed.as_deref().unwrap_or(data), NOW) else {
        return false;
    };
    let is_something = !said.is_nothing();
    let (lines, likes, wanted) = (said.lines, said.likes, said.wanted);
    assert!(lines.len() <= MOST_LINES, "{}", lines.len());
    assert!(likes.len() <= MOST_LIKES, "{}", likes.len());
    assert!(likes.is_sorted_by_key(|like| like.at));
    assert!(likes.iter().all(|like| is_past(like.at)), "{likes:?}");
    assert!(wanted.len() <= MOST_LINES, "{}", wanted.len());
    assert!(wanted.iter().all(|one| is_past(one.at)), "{wanted:?}");
    assert!(lines.is_sorted_by_key(|line| line.at));
    for line in lines {
        assert!((1..=10).contains(&line.half_stars), "{line:?}");
        assert!(line.edits.len() <= MOST_EDITS, "{line:?}");
        let times = std::iter::once(line.at).chain(line.edits.iter().map(|edit| edit.at));
        assert!(times.into_iter().all(is_past), "{line:?}");
        let text = line.text.as_deref().unwrap_or_default();
        assert!(ReviewText::new(text).is_ok(), "{line:?}");
        let json = serde_json::to_string(&line).expect("a line is plain data");
        let again = serde_json::from_str::<own::Line>(&json);
        assert_eq!(again.ok(), Some(line));
    }
    is_something
}

fn packed(files: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let names = [
        "ratings.csv",
        "reviews.csv",
        "events.json",
        "watchlist.csv",
        "diary.csv",
    ];
    for (name, file) in names.iter().zip(files.split(|byte| *byte == 0)) {
        let started = zip.start_file(*name, SimpleFileOptions::default());
        started.expect("memory takes everything");
        zip.write_all(file).expect("memory takes everything");
    }
    zip.finish().expect("memory takes everything").into_inner()
}

/// TMDB's answer for a film in English, and behind a line's end the one in Korean.
pub fn tmdb(data: &[u8]) -> bool {
    let mut answers = data.splitn(2, |byte| *byte == b'\n');
    let mut next = || answers.next().map(serde_json::from_slice::<Details>);
    let Some(Ok(en)) = next() else {
        return false;
    };
    let ko = next().and_then(Result::ok).unwrap_or_default();
    let facts = facts::facts(496_243, &en, &ko, &facts::genres(&en.genres));
    let listed = Listed {
        film: FilmId::of_key("tmdb-496243"),
        key: "tmdb-496243".to_owned(),
        facts: facts.into(),
    };
    // it is recorded, and must be read back as it was
    let event = Event::from(listed);
    let again = Event::from_json(event.type_name(), event.schema_version(), &event.to_json());
    assert_eq!(again.ok(), Some(event));
    true
}
