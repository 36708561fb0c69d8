//! What `history`, `events` and `status` show, and to whom.

use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::*;

/// How long the program may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program says when it is content.
fn shown(database: &PgPool, arguments: &[&str]) -> String {
    let output = replay_tool(database, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    said(&output).to_owned()
}

/// The positions of the events that a filter finds.
fn found(database: &PgPool, filter: &[&str]) -> Vec<i64> {
    let arguments = [&["events", "--json"], filter].concat();
    let lines = shown(database, &arguments);
    let position = |line: &str| serde_json::from_str::<Value>(line).unwrap()["position"].as_i64();
    lines.lines().filter_map(position).collect()
}

fn stream() -> String {
    format!("review-{}", review())
}

const POSTED: &str = "#8 2026-07-01 12:00:03.000Z v1 review.posted \
by 00000000-0000-0000-0000-0000000000a1 film=00000000-0000-0000-0000-0000000000f1 \
member=00000000-0000-0000-0000-0000000000a1 posting=1 rating=7 text=(sealed) \
spoiler=false watched_on=null\n";
const RERATED: &str = "#9 2026-07-01 12:00:04.000Z v2 review.rerated \
by 00000000-0000-0000-0000-0000000000a1 film=00000000-0000-0000-0000-0000000000f1 \
member=00000000-0000-0000-0000-0000000000a1 from=7 to=9\n";
const FIRST_STATE: &str = "State at version 1, position 8:
Review(
    State {
        film: FilmId(
            00000000-0000-0000-0000-0000000000f1,
        ),
        author: MemberId(
            00000000-0000-0000-0000-0000000000a1,
        ),
        posting: 1,
        rating: Rating(
            7,
        ),
        text: Some(
            Fingerprint(…),
        ),
        spoiler: false,
        watched_on: None,
        standing: true,
        hidden: None,
    },
)
";

#[tokio::test]
async fn history_shows_what_happened_to_one_thing_and_what_it_was() {
    let database = database::create().await;
    let _story = Story::told(&database).await;
    let history = |at: &[&str]| shown(&database, &[&["history", &stream()], at].concat());

    assert_eq!(history(&[]), format!("{POSTED}{RERATED}"));
    let at_first = format!("{POSTED}{FIRST_STATE}");
    assert_eq!(history(&["--at", "1"]), at_first);
    assert_eq!(history(&["--at", "2026-07-01T21:00:03+09:00"]), at_first);
    assert_eq!(
        history(&["--at", "2026-07-01"]),
        "Nothing had happened yet.\n"
    );

    let objects = history(&["--at", "2", "--json"]);
    let objects: Vec<Value> = objects
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0]["type"], "review.posted");
    assert!(objects[0]["data"]["text"]["sealed"].is_string());
    let state = &objects[2]["state"];
    assert_eq!(
        (&state["rating"], &state["standing"]),
        (&9.into(), &true.into())
    );
    assert_eq!(state["author"], ann().to_string());
    assert_eq!(state["text"], serde_json::json!({ "sealed": true }));

    let unknown = replay_tool(&database, &["history", "review-1"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(
        complained(&unknown),
        "replay-tool: review-1 has no events\n"
    );
}

#[tokio::test]
async fn events_are_filtered_by_who_what_when_and_about_whom() {
    let database = database::create().await;
    let _story = Story::told(&database).await;
    let (ann, ben) = (ann().to_string(), ben().to_string());
    let film = parasite().to_string();
    for (filter, positions) in [
        (&[][..], (1..=11).collect()),
        (&["--actor", &ben], vec![5, 6, 7, 10, 11]),
        (&["--actor", &Uuid::nil().to_string()], vec![1]),
        (&["--type", "reservation.reserved"], vec![2, 3, 5, 6]),
        (&["--stream", &stream()], vec![8, 9]),
        (&["--film", &film], vec![1, 8, 9, 10, 11]),
        (&["--member", &ann], vec![2, 3, 4, 8, 9, 10]),
        (
            &["--film", &film, "--member", &ann, "--actor", &ben],
            vec![10],
        ),
        (
            &["--correlation", &Uuid::from_u128(3).to_string()],
            vec![5, 6, 7],
        ),
        (
            &[
                "--since",
                "2026-07-01 12:00:04",
                "--until",
                "2026-07-01 12:00:06",
            ],
            vec![9, 10],
        ),
        (&["--until", "2026-07-01"], vec![]),
        (&["--since", "2026-07-02"], vec![]),
        (&["--after", "9"], vec![10, 11]),
        (&["--after", "3", "--limit", "2"], vec![4, 5]),
        (&["--actor", &ben, "--limit", "4"], vec![5, 6, 7, 10]),
    ] {
        assert_eq!(found(&database, filter), positions, "{filter:?}");
    }
    let usage = replay_tool(&database, &["events", "--since", "yesterday"]);
    assert_eq!(usage.status.code(), Some(2));
}

#[tokio::test]
async fn a_tree_shows_what_followed_from_what() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    let cause = event_log::read_after(&database, 8, 1).await.unwrap()[0].clone();
    let because = (cause.correlation, Some(cause.id));
    let about = domain::About::new("Hello.").unwrap();
    let member = ann();
    let follows = commands::member::ChangeAbout { member, about };
    story.ask_because(ann().0, follows, because).await;

    let tree = shown(&database, &["events", "--type", "review.rerated", "--tree"]);
    let lines: Vec<&str> = tree.lines().collect();
    let begins = [
        "request 00000000-0000-0000-0000-000000000005",
        "└─ #9 2026-07-01 12:00:04.000Z review-",
        "   └─ #12 2026-07-01 12:00:07.000Z member-",
    ];
    assert_eq!(lines.len(), begins.len(), "{tree}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{tree}");
    }
}

#[tokio::test]
async fn following_shows_what_happens_from_now_on() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    let following = command(&database)
        .args(["events", "--follow", "--after", "11", "--limit", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    story.comment(0xC2, "And rain.").await;
    story.comment(0xC3, "Too late.").await;
    let ending = tokio::task::spawn_blocking(move || following.wait_with_output());
    let ended = tokio::time::timeout(PATIENCE, ending).await;
    let output = ended.unwrap().unwrap().unwrap();
    assert!(said(&output).starts_with("#12 "), "{}", said(&output));
    assert_eq!(said(&output).lines().count(), 1);
}

#[tokio::test]
async fn an_interrupted_program_says_so_and_a_closed_pipe_is_no_failure() {
    let database = database::create().await;
    let _story = Story::told(&database).await;
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut following = command(&database)
            .args(["events", "--follow", "--after", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let output = following.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut first).unwrap();
        assert!(first.starts_with("#1 "));
        let pid = Pid::from_raw(i32::try_from(following.id()).unwrap());
        kill(pid, signal).unwrap();
        assert_eq!(following.wait().unwrap().code(), Some(code));
    }

    let mut piped = command(&database)
        .arg("events")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(piped.stdout.take());
    assert_eq!(piped.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn status_shows_where_everything_stands() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    shown(&database, &["rebuild", "--all"]);
    story.comment(0xC2, "And rain.").await;
    let mut holder = database.acquire().await.unwrap();
    event_log::lease::acquire(&mut holder, "projector", Uuid::from_u128(7))
        .await
        .unwrap();

    let status: Value = serde_json::from_str(&shown(&database, &["status", "--json"])).unwrap();
    assert_eq!(status["log"]["head"], 12);
    assert_eq!(status["log"]["recorded_at"], "2026-07-01T12:00:07.000000Z");
    assert_eq!(status["log"]["signed"], Value::Null);
    assert_eq!(status["read_models"]["position"], 11);
    assert_eq!(status["read_models"]["behind"], 1);
    let models = status["read_models"]["models"].as_array().unwrap();
    let members = models.iter().find(|model| model["model"] == "members");
    let members = members.unwrap();
    assert_eq!(
        (&members["rows"], &members["version"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        (&members["state"], &members["behind"]),
        (&"live".into(), &1.into())
    );
    assert_eq!(status["leases"][0]["name"], "projector");
    assert_eq!(status["leases"][0]["connected"], true);

    let told = shown(&database, &["status"]);
    for line in [
        "Log            position 12, recorded 2026-07-01 12:00:07.000Z\n",
        "  signed       by nobody: ",
        "Read models    position 11, 1 events behind\n",
        "  members                v1              2 rows",
        "Leases         projector: held, for another ",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }

    let mut revoking = database.acquire().await.unwrap();
    event_log::lease::revoke(&mut revoking, "projector")
        .await
        .unwrap();
    let told = shown(&database, &["status"]);
    assert!(told.contains("projector: free: it was revoked"), "{told}");
    super::signed::sign(&database, None).await;
    let told = shown(&database, &["status"]);
    assert!(
        told.contains("  signed       up to position 12, "),
        "{told}"
    );
}

#[tokio::test]
async fn a_database_without_a_log_is_told_apart() {
    let database = database::pool(database::server());
    let output = replay_tool(&database, &["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        complained(&output),
        "replay-tool: the database holds no log of Reeltime\n"
    );
}
