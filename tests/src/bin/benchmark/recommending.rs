//! Recommending, from memory alone: similar films of a large catalogue, and fitting and
//! lists on MovieLens.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::Genre;
use domain::film::Person;
use projections::recommender::{
    CoLikes, Facts, Fitted, History, LEAST_HALF_STARS, Shelf, evaluate,
};
use uuid::Uuid;

const FILMS: usize = 100_000;
const QUESTIONS: usize = 5_000;
/// Times that each film is told anew, in other words.
const REVISIONS: usize = 5;
/// What a page shows.
const RAIL: usize = 16;

pub fn measure(movielens: Option<&Path>) -> anyhow::Result<()> {
    println!("\nRecommending: {FILMS} films in memory, {QUESTIONS} questions");
    let before = resident();
    let start = Instant::now();
    let mut shelf = Shelf::default();
    put_catalogue(&mut shelf, 0);
    let seconds = start.elapsed().as_secs_f64();
    let used = resident().saturating_sub(before);
    let (megabytes, each) = (used >> 20, used / FILMS as u64);
    println!("  all films put on the shelf   {seconds:>8.2} s, {megabytes} MB, {each} B a film");
    let start = Instant::now();
    for revision in 1..=REVISIONS {
        put_catalogue(&mut shelf, revision);
    }
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = resident().saturating_sub(before) >> 20;
    println!("  each with {REVISIONS} other texts       {seconds:>8.2} s, {megabytes} MB");
    let films: Vec<Uuid> = (0..QUESTIONS).map(|n| id(n * 7919 % FILMS)).collect();
    let nobody = CoLikes::default();
    timed("similar films (5 of 20)", &films, |film| {
        shelf.similar(*film).len()
    });
    timed("akin films with reasons", &films, |film| {
        shelf.akin(*film, &nobody, RAIL).len()
    });
    match movielens {
        Some(directory) => on_movielens(directory),
        None => Ok(()),
    }
}

fn on_movielens(directory: &Path) -> anyhow::Result<()> {
    let histories = evaluate::read(directory)?;
    let mut shelf = Shelf::default();
    for (film, facts) in &histories.films {
        let known = Facts {
            genres: facts.genres.clone(),
            ..Facts::default()
        };
        shelf.put(*film, &known, facts.votes);
    }
    let likes = histories.likes(LEAST_HALF_STARS);
    let outlines = shelf.kin().outlines(0..shelf.kin().slots());
    let before = resident();
    let start = Instant::now();
    let count = likes.len();
    let fitted = Fitted::new(likes, outlines);
    let seconds = start.elapsed().as_secs_f64();
    let (members, films) = fitted.sizes();
    let megabytes = resident().saturating_sub(before) >> 20;
    println!("MovieLens: {count} likes by {members} members of {films} films");
    println!("  all models fitted            {seconds:>8.2} s, {megabytes} MB");
    let histories: Vec<History> = histories
        .members
        .into_values()
        .map(|mut rated| {
            rated.sort_by_key(|rated| (rated.at, rated.film));
            History::new(rated)
        })
        .collect();
    timed("for you, with reasons", &histories, |history| {
        fitted.suggest(history, &shelf, 0, RAIL).len()
    });
    timed("walk from all likes", &histories, |history| {
        fitted
            .walk_from(&history.liked, history, &shelf, RAIL)
            .len()
    });
    let films: Vec<Uuid> = histories
        .iter()
        .filter_map(|history| history.liked.last().copied())
        .collect();
    timed("akin films, co-likes too", &films, |film| {
        shelf.akin(*film, &fitted.co_likes, RAIL).len()
    });
    Ok(())
}

fn timed<T>(what: &str, questions: &[T], ask: impl Fn(&T) -> usize) {
    let mut answers = 0;
    let mut took: Vec<Duration> = questions
        .iter()
        .map(|question| {
            let start = Instant::now();
            answers += ask(question);
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    let at = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1e3;
    println!(
        "  {what:<28} p50 {:>7.3} ms, p99 {:>7.3} ms, {answers} films",
        at(50),
        at(99)
    );
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128)
}

/// Films of plain arithmetic: some 900 sets of genres, people of a dozen films, overviews in two
/// languages. As in a real catalogue half of a text's words are of a few thousand, and half are
/// seldom or in no other text; those are others in each revision.
fn put_catalogue(shelf: &mut Shelf, revision: usize) {
    let mixed = |film: usize, salt: usize| (film + salt).wrapping_mul(2_654_435_761) >> 8;
    for film in 0..FILMS {
        let genres = (0..1 + film % 4).map(|n| mixed(film, n * 31) % Genre::ALL.len());
        let person = |n: usize| Person {
            en: format!("Person {}", mixed(film, n * 17) % (FILMS / 3)),
            ko: None,
        };
        let word = |n: usize| match n % 2 {
            0 => mixed(film, n * 7) % 5_000,
            _ => 5_000 + (mixed(film, n * 7) + revision * 7_777_777) % (FILMS * 10),
        };
        let told = |spell: fn(usize) -> String| {
            let words = (0..40).map(|n| spell(word(n)));
            Some(words.collect::<Vec<_>>().join(" "))
        };
        let facts = Facts {
            genres: genres.map(|n| Genre::ALL[n].slug().to_owned()).collect(),
            directors: vec![person(0)],
            cast: (1..5).map(person).collect(),
            year: i16::try_from(1930 + film % 95).ok(),
            keywords: Vec::new(),
            overview_en: told(letters),
            overview_ko: told(syllables),
        };
        shelf.put(id(film), &facts, (mixed(film, 3) % 10_000) as u64);
    }
}

/// A number as a word.
fn letters(mut number: usize) -> String {
    let mut word = String::from("word");
    while number > 0 {
        word.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    word
}

/// A number as a Korean noun.
fn syllables(mut number: usize) -> String {
    const SYLLABLES: [char; 16] = [
        '가', '나', '다', '라', '마', '바', '사', '아', '자', '차', '카', '타', '파', '하', '거',
        '너',
    ];
    let mut word = String::from("낱말");
    while number > 0 {
        word.push(SYLLABLES[number % SYLLABLES.len()]);
        number /= SYLLABLES.len();
    }
    word.push('를');
    word
}

/// Memory that is in use, in bytes; 0 where the system doesn't tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * 4096
}
