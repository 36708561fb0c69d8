//! Milliseconds of a search, in a catalogue of generated films.

use std::time::{Duration, Instant};

use commands::film::List;
use domain::Genre;
use domain::film::Listed;
use projections::search::{Filters, Query};
use sqlx::{AssertSqlSafe, PgPool};
use tests::history;
use web::app::{App, Options};
use web::language::Language;
use web::searching;

use crate::catalogue::film;

/// Films in one command.
const AT_ONCE: usize = 1_000;
/// Films between two lines that tell how far it is.
const TOLD: usize = 10_000;
/// What the issue asks for.
const GOAL_MS: f64 = 30.0;
const PAGE: i64 = 24;

pub async fn measure(pool: PgPool, films: u32, each: Duration) -> anyhow::Result<()> {
    let options = Options {
        allowances: tests::site::generous(),
        connections: 16,
        secure_cookies: false,
        providers: web::providers::Providers::default(),
        origin: None,
        mailing: tests::site::mailing(&std::env::temp_dir()),
        grace: chrono::TimeDelta::zero(),
        roles_need_two_factors: false,
        tmdb: None,
        signing: None,
    };
    let app = App::start(pool.clone(), tests::keyring(&pool).await, options).await?;
    println!("\nSearching {films} films");
    list(&app, films).await?;
    let sizes: (String, String) = sqlx::query_as(
        "select pg_size_pretty(pg_table_size('read.searchables')),
                pg_size_pretty(pg_indexes_size('read.searchables'))",
    )
    .fetch_one(&pool)
    .await?;
    println!("  table {}, indexes {}", sizes.0, sizes.1);
    println!(
        "  {:34} {:>8} {:>8} {:>8}",
        "milliseconds", "median", "p99", "worst"
    );
    for (name, queries) in queries(films) {
        time(
            &app,
            &format!("{name}, results"),
            &queries,
            each,
            Kind::Results,
        )
        .await?;
        time(
            &app,
            &format!("{name}, suggestions"),
            &queries,
            each,
            Kind::Suggestions,
        )
        .await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Results,
    Suggestions,
}

async fn time(
    app: &App,
    name: &str,
    queries: &[(String, Filters)],
    each: Duration,
    kind: Kind,
) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let start = Instant::now();
    // every one at least once
    while start.elapsed() < each || times.len() < queries.len() {
        let (typed, filters) = &queries[times.len() % queries.len()];
        let began = Instant::now();
        let mut snapshot = app.reader.snapshot(None).await?;
        let failed = |_| anyhow::anyhow!("the search for {typed:?} failed");
        match (kind, Query::new(typed)) {
            (Kind::Suggestions, Some(query)) => {
                searching::suggest(&mut snapshot, &query, Language::Ko)
                    .await
                    .map_err(failed)?;
            }
            _ => {
                searching::search(&mut snapshot, typed, filters, None, PAGE)
                    .await
                    .map_err(failed)?;
            }
        }
        times.push((began.elapsed().as_secs_f64() * 1e3, typed));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].0;
    let (worst, slowest) = times[times.len() - 1];
    let (median, p99) = (at(0.5), at(0.99));
    let verdict = if p99 > GOAL_MS { "  over 30" } else { "" };
    println!("  {name:34} {median:8.2} {p99:8.2} {worst:8.2} ({slowest}){verdict}");
    Ok(())
}

type Asked = Vec<(String, Filters)>;

fn queries(films: u32) -> Vec<(&'static str, Asked)> {
    let step = (films as usize / 40).max(1);
    let some: Vec<Listed> = (0..films)
        .step_by(step)
        .map(|number| film(number, films))
        .collect();
    let letters = ('a'..='z').chain('ㄱ'..='ㅎ').chain('0'..='9');
    vec![
        ("one letter", plain(letters)),
        ("one syllable", plain("사밤가그남여이의강봄나물".chars())),
        ("two syllables", plain(TWO_SYLLABLES)),
        ("frequent words", plain(FREQUENT)),
        (
            "initials",
            plain(["ㅅㄹ", "ㅂㅇ", "ㅅㄹㅇ", "ㄱㅇ", "ㄴㅈ", "ㅇㅈㅇ", "ㅇㅇ"]),
        ),
        ("whole titles", plain(some.iter().map(korean))),
        (
            "beginnings of titles",
            plain(
                some.iter()
                    .map(|film| korean(film).chars().take(2).collect::<String>()),
            ),
        ),
        (
            "misspelt titles",
            plain(
                some.iter()
                    .map(|film| film.facts.original_title.replacen(['e', 'a', 'o'], "u", 1)),
            ),
        ),
        (
            "people",
            plain(some.iter().map(|film| &film.facts.directors[0].en)),
        ),
        (
            "nothing",
            plain([
                "qqqqqqqq",
                "뷁뷁뷁",
                "xyzzyxyzzy",
                "ㅃㅉㄸ",
                "zzzz zzzz zzzz zzzz",
            ]),
        ),
        ("with filters", filtered()),
    ]
}

const TWO_SYLLABLES: [&str; 10] = [
    "사랑", "여자", "남자", "도시", "바다", "밤의", "가을", "기억", "전쟁", "소년",
];
const FREQUENT: [&str; 10] = [
    "the",
    "love",
    "of",
    "night",
    "man",
    "드라마",
    "drama",
    "2003",
    "the man",
    "love night",
];

fn plain(typed: impl IntoIterator<Item = impl ToString>) -> Asked {
    let typed = typed.into_iter();
    typed
        .map(|typed| (typed.to_string(), Filters::default()))
        .collect()
}

fn korean(film: &Listed) -> String {
    film.facts.title_in(domain::Language::Ko).to_owned()
}

fn filtered() -> Asked {
    let filters = |genre, from, to, stars| Filters {
        genre,
        from,
        to,
        stars,
    };
    let each = [
        filters(Some(Genre::Western), None, None, None),
        filters(None, Some(1950), Some(1951), None),
        filters(Some(Genre::Drama), Some(1985), Some(2013), None),
        filters(None, None, None, Some(4.0)),
    ];
    let typed = ["t", "ㅅ", "사랑", "night", "the"];
    typed
        .map(|typed| each.map(|filters| (typed.to_owned(), filters)))
        .concat()
}

/// Lists so many films, and tells how far it has come: this takes longer than the searching.
async fn list(app: &App, films: u32) -> anyhow::Result<()> {
    let start = Instant::now();
    // made when all is there, as a rebuild does it: searching is what is measured
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "select indexname::text, indexdef from pg_indexes
         where schemaname = 'read' and tablename = 'searchables' and indexdef like '%gin%'",
    )
    .fetch_all(&app.pool)
    .await?;
    for (name, _) in &indexes {
        let drop = format!("drop index read.{name}");
        sqlx::query(AssertSqlSafe(drop)).execute(&app.pool).await?;
    }
    let numbers: Vec<u32> = (0..films).collect();
    let mut projected = app.projector.projected();
    for some in numbers.chunks(TOLD) {
        for some in some.chunks(AT_ONCE) {
            let listed = some.iter().map(|number| film(*number, films)).collect();
            let asked = history::asked(history::member(0));
            commands::execute(&app.sequencer, asked, List { films: listed }).await?;
        }
        let listed = start.elapsed().as_secs_f64();
        let head = event_log::head(&app.pool).await?.position;
        projected.wait_for(|position| *position >= head).await?;
        println!(
            "  {head} films: listed after {listed:.0} s, projected after {:.0} s",
            start.elapsed().as_secs_f64()
        );
    }
    for (_, create) in indexes {
        sqlx::query(AssertSqlSafe(create))
            .execute(&app.pool)
            .await?;
    }
    println!("  indexed after {:.0} s", start.elapsed().as_secs_f64());
    // as autovacuum does it a minute later
    sqlx::query("vacuum analyze").execute(&app.pool).await?;
    println!("  vacuumed after {:.0} s", start.elapsed().as_secs_f64());
    app.recommender
        .caught_up(event_log::head(&app.pool).await?.position)
        .await;
    println!("  fitted after {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
