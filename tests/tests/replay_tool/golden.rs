//! What people read, whole: `golden/*.txt`. `GOLDEN=write` writes what is said now; the diff shows
//! what changed.

use std::path::PathBuf;

use super::*;

/// What differs from run to run is left out: sizes, durations, today's times; and how columns are
/// filled up.
fn steady(told: &str) -> String {
    let lines = told.lines().map(|line| {
        let text = line.trim_start();
        let mut words: Vec<&str> = text.split_whitespace().collect();
        for index in 0..words.len() {
            let unit = words.get(index + 1).copied().unwrap_or_default();
            if is_number(words[index]) && is_unit(unit) {
                words[index] = "#";
            } else if is_other_day(words[index]) {
                words[index] = "DAY";
            } else if index > 0 && words[index - 1] == "DAY" && words[index].ends_with('Z') {
                words[index] = "TIME";
            }
        }
        " ".repeat(line.len() - text.len()) + &words.join(" ") + "\n"
    });
    lines.collect()
}

fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || ".,".contains(c))
}

fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.']);
    ["B", "KiB", "MiB", "ms", "s"].contains(&word)
}

/// Other than that of the story.
fn is_other_day(word: &str) -> bool {
    let digits = |part: &str, count| part.len() == count && is_number(part);
    let parts: Vec<&str> = word.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    digits(year, 4) && digits(month, 2) && digits(day, 2) && word != "2026-07-01"
}

#[track_caller]
fn golden(database: &PgPool, name: &str, arguments: &[&str]) {
    let output = replay_tool(database, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let told = steady(said(&output));
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.extend(["tests", "replay_tool", "golden", name]);
    path.set_extension("txt");
    if std::env::var("GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, &told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(told, expected, "{arguments:?}");
}

#[tokio::test]
async fn what_people_read_is_as_it_was_agreed() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    golden(&database, "status-new", &["status"]);
    golden(
        &database,
        "rebuild-dry-run",
        &["rebuild", "--all", "--dry-run"],
    );
    golden(&database, "rebuild", &["rebuild", "--all"]);
    golden(&database, "verify-projections", &["verify-projections"]);
    story.comment(0xC2, "And rain.").await;
    golden(&database, "status", &["status"]);
    golden(&database, "events", &["events"]);
    golden(
        &database,
        "events-tree",
        &["events", "--after", "9", "--tree"],
    );
    let stream = format!("review-{}", review());
    golden(&database, "history", &["history", &stream, "--at", "2"]);
    golden(&database, "diff", &["diff", "8", "11"]);
}
