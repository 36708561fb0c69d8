//! SECURITY.md names what is there: its tests, its files, and how many requirements are met.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Of levels 1 and 2.
const REQUIREMENTS: usize = 253;

fn page() -> String {
    fs::read_to_string(Path::new(ROOT).join("SECURITY.md")).unwrap()
}

/// What stands in code, like this: `http/src/app.rs`.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// All names of functions below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            functions(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.lines().filter_map(|line| {
                let (_, name) = line.split_once("fn ")?;
                name.split(['(', '<']).next()
            });
            names.extend(found.map(str::to_owned));
        }
    }
}

/// Those that it names and that there are not.
fn missing(page: &str, is_there: impl Fn(&str) -> bool) -> Vec<&str> {
    code(page).filter(|name| !is_there(name)).collect()
}

fn is_test(name: &str) -> bool {
    let last = name.rsplit("::").next().unwrap_or_default();
    let words = last.split('_').count();
    words >= 4
        && last
            .chars()
            .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
}

#[test]
fn every_test_and_every_file_that_it_names_is_there() {
    let mut names = BTreeSet::new();
    functions(Path::new(ROOT), &mut names);
    let is_there = |name: &str| {
        let last = name.rsplit("::").next().unwrap_or_default();
        !is_test(name) || names.contains(last)
    };
    let page = page();
    assert_eq!(missing(&page, is_there), [""; 0]);
    assert_eq!(
        missing("`pages::nobody_wrote_this_test`", is_there).len(),
        1
    );

    let is_file = |name: &str| {
        let is_path = name.contains('/') && name.ends_with(".rs");
        !is_path || Path::new(ROOT).join(name).is_file()
    };
    assert_eq!(missing(&page, is_file), [""; 0]);
    assert_eq!(missing("`http/src/nowhere.rs`", is_file).len(), 1);
}

/// What a rule says no with stands in the table of what goes together.
#[test]
fn every_refusal_of_the_log_is_explained() {
    let refused = Path::new(ROOT).join("commands/src/refused.rs");
    let refused = fs::read_to_string(refused).unwrap();
    let slugs = refused.lines().filter_map(|line| line.split_once("=> \""));
    let slugs: BTreeSet<&str> = slugs.filter_map(|(_, end)| end.split('"').next()).collect();
    assert!(slugs.contains("own-review"), "{slugs:?}");
    let page = page();
    let (_, rules) = page.split_once("**What goes together.**").unwrap();
    let (rules, _) = rules.split_once("**Libraries.**").unwrap();
    let named: BTreeSet<&str> = code(rules).collect();
    let missing: Vec<_> = slugs.difference(&named).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_we_compute_does_not_wrap_in_releases_either() {
    let settings = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    let release = settings.split("[profile.release]").nth(1).unwrap();
    let release = release.split("\n[").next().unwrap();
    assert!(release.contains("\noverflow-checks = true\n"), "{release}");
}

/// A cell of numbers: `1.2.3`, `1.2.3, 1.2.4` or `1.2.3–1.2.5`.
fn requirements(cell: &str) -> usize {
    let last = |number: &str| number.rsplit('.').next().unwrap().parse::<usize>().unwrap();
    let ranges = cell.split(", ").map(|range| match range.split_once('–') {
        Some((from, to)) => last(to) - last(from) + 1,
        None => 1,
    });
    ranges.sum()
}

#[test]
fn it_counts_what_is_met() {
    let page = page();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [number, _, status, ..] = cells[..] else {
            continue;
        };
        if ["met", "partly", "not met"].contains(&status) {
            *counts.entry(status).or_default() += requirements(number.trim_start_matches("| "));
        }
    }
    let of = |status| counts.get(status).copied().unwrap_or_default();
    let (met, partly, not) = (of("met"), of("partly"), of("not met"));
    let rest = REQUIREMENTS - met - partly - not;
    let summary = format!(
        "Of {REQUIREMENTS}, {met} are met, {partly} partly, {not} not, and {rest} do not apply."
    );
    assert!(page.contains(&summary), "it should say: {summary}");
    assert_eq!(requirements("1.3.8, 1.3.9"), 2);
    assert_eq!(requirements("6.5.1–6.5.5"), 5);
}
