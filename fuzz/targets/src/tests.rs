//! Each target on its stored corpus, where what was once found stays, and on inputs that are made
//! of it: the same ones every time, so that a failure is there again. `FUZZ_SECONDS=60` makes others
//! for so long, and says how many there were.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus");
const SEED: u64 = 7;
const MADE: usize = 1_500;
const SECONDS: &str = "FUZZ_SECONDS";
/// Bytes, at most, that one change adds.
const STRETCH: usize = 64;
/// Where numbers end and texts break.
const TELLING: [u8; 12] = [
    0, 1, 0x7f, 0x80, 0xff, b'"', b'\\', b'<', b'\n', b'{', b'9', b'-',
];

/// Every form of an event.
const GOLDEN: &str = include_str!("../../../domain/tests/golden.txt");

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(Path::new(CORPUS).join(name)).expect("a corpus");
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

type Target = fn(&[u8]) -> bool;

fn run(name: &str, target: Target) {
    run_on(name, target, corpus(name));
}

fn run_on(name: &str, target: Target, corpus: Vec<Vec<u8>>) {
    let read = corpus.iter().cloned();
    let read = read.filter(|input| ask(target, input.clone())).count();
    // what is never read grows nothing that is
    assert!(
        2 * read >= corpus.len(),
        "{name}: {read} of {}",
        corpus.len()
    );
    let seconds = std::env::var(SECONDS).ok();
    let seconds = seconds.map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let seed = seconds.map_or(SEED, |_| rand::random());
    let mut random = StdRng::seed_from_u64(seed);
    let (start, mut made) = (Instant::now(), 0);
    while seconds.map_or(made < MADE, |seconds| start.elapsed() < seconds) {
        let mut input = corpus[made % corpus.len()].clone();
        for _ in 0..random.random_range(1..6) {
            let other = &corpus[random.random_range(0..corpus.len())];
            change(&mut input, other, &mut random);
        }
        ask(target, input);
        made += 1;
    }
    println!("{name}: {made} inputs in {:?}", start.elapsed());
}

fn ask(target: Target, input: Vec<u8>) -> bool {
    let input = Input(input);
    target(&input.0)
}

/// Is told when it was too much.
struct Input(Vec<u8>);

impl Drop for Input {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("input: {}", self.0.escape_ascii());
        }
    }
}

fn change(input: &mut Vec<u8>, other: &[u8], random: &mut StdRng) {
    let at = random.random_range(0..=input.len());
    let to = (at + random.random_range(0..STRETCH)).min(input.len());
    match random.random_range(0..6) {
        0 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
        1 => input.insert(at, TELLING[random.random_range(0..TELLING.len())]),
        2 => drop(input.drain(at..to)),
        3 => {
            let again = input[at..to].to_vec();
            input.splice(at..at, again);
        }
        4 => {
            let from = random.random_range(0..=other.len());
            let until = (from + random.random_range(0..STRETCH)).min(other.len());
            input.splice(at..to, other[from..until].iter().copied());
        }
        _ => input.truncate(at),
    }
}

#[test]
fn frames_are_read_whatever_comes() {
    run("frames", crate::frames);
}

#[test]
fn cursors_are_read_whatever_comes() {
    run("cursors", crate::cursors);
}

#[test]
fn markdown_becomes_harmless_whatever_it_is() {
    run("markdown", crate::markdown);
}

#[test]
fn events_are_read_whatever_is_stored() {
    let lines = GOLDEN.lines().map(|line| line.as_bytes().to_vec());
    let corpus = corpus("events").into_iter().chain(lines);
    run_on("events", crate::events, corpus.collect());
}

#[test]
fn lines_of_a_log_are_read_whatever_they_are() {
    run("cloud_events", crate::cloud_events);
}

#[test]
fn films_of_members_are_read_whatever_the_file_is() {
    run("own_films", crate::own_films);
}

#[test]
fn answers_of_tmdb_are_read_whatever_they_are() {
    run("tmdb", crate::tmdb);
}

/// Each target has one for `cargo fuzz`, too.
#[test]
fn every_target_is_fuzzed() {
    let targets = fs::read_dir(Path::new(CORPUS).join("../fuzz_targets")).unwrap();
    let mut targets: Vec<_> = targets
        .map(|file| file.unwrap().path().with_extension(""))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    let here = include_str!("tests.rs");
    for target in &targets {
        let is_run = ["run", "run_on"].map(|run| here.contains(&format!("{run}({target:?}, ")));
        assert!(is_run.contains(&true), "{target}");
        assert!(!corpus(target).is_empty(), "{target}");
    }
    assert_eq!(targets.len(), 7);
}

/// The net is seen to catch: what a renderer without a sanitizer lets through.
#[test]
fn html_that_could_hurt_is_noticed() {
    let quiet = r#"<p><a href="/films" rel="nofollow">a &lt;b</a><br></p>"#;
    crate::check_html(quiet);
    for wrong in [
        "<script>alert(1)</script>",
        "<img src=\"x\" onerror=\"alert(1)\">",
        "<p onclick=\"alert(1)\">a</p>",
        "<a href=\"javascript:alert(1)\">a</a>",
        "<a href=\"java\nscript:alert(1)\">a</a>",
        "<a href=\"//evil.example\">a</a>",
        "<p",
    ] {
        let checked = std::panic::catch_unwind(|| crate::check_html(wrong));
        assert!(checked.is_err(), "{wrong}");
    }
}
