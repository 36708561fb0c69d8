//! After the procedure that README gives operators, no file of the cluster holds a word of whoever
//! took everything along.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::Cluster;
use commands::member::{ChangeAbout, SignUp, Withdraw};
use domain::forgetting::Extent;
use domain::{
    About, CommentId, CommentText, Email, Language, MemberId, MemberName, Rating, ReservationId,
    ReviewText,
};
use event_log::verify::{Readers, Signatures, verify};
use event_log::{Keyring, Master};
use sqlx::{AssertSqlSafe, PgPool};
use tests::history::{self, asked};
use tests::process::DataDir;
use tests::{database, new_id};
use tokio::time::Instant;
use uuid::Uuid;
use web::app::{App, Options};

const GONE: [&str; 5] = [
    "Zyxgonename",
    "zyxgonemail@example.org",
    "zyxgoneabout",
    "zyxgonereview",
    "zyxgonecomment 사라진말",
];
const STAYS: [&str; 5] = [
    "Zyxstayname",
    "zyxstaymail@example.org",
    "zyxstayabout",
    "zyxstayreview",
    "zyxstaycomment 남은말",
];
/// How long the read models and the keys may take.
const PATIENCE: Duration = Duration::from_secs(30);

async fn ask(app: &App, member: MemberId, command: impl commands::Command + Send + 'static) {
    let done = commands::execute(&app.sequencer, asked(member), command).await;
    done.expect("it is accepted");
}

/// Says everything that a member can say.
async fn live(app: &App, member: MemberId, said: [&str; 5]) {
    let [name, email, about, review, comment] = said;
    let sign_up = SignUp {
        member,
        name: MemberName::new(name).unwrap(),
        email: Email::new(email).unwrap(),
        language: Language::Ko,
        name_reservation: ReservationId(Uuid::new_v5(&member.0, b"name")),
        email_reservation: ReservationId(Uuid::new_v5(&member.0, b"e-mail")),
    };
    ask(app, member, sign_up).await;
    let about = About::new(about).unwrap();
    ask(app, member, ChangeAbout { member, about }).await;
    for text in [review, &format!("{review}, again")] {
        let review = commands::review::Review {
            member,
            film: history::film(0),
            rating: Rating::new(8).unwrap(),
            text: ReviewText::new(text).unwrap(),
            spoiler: false,
            watched_on: None,
            moved: None,
            merged: vec![],
        };
        ask(app, member, review).await;
    }
    let comment = commands::comment::Comment {
        comment: CommentId(new_id()),
        member,
        review: domain::ReviewId::of(member, history::film(0)),
        text: CommentText::new(comment).unwrap(),
        mentions: vec![],
        among: vec![],
    };
    ask(app, member, comment).await;
}

async fn project(app: &App) {
    let head = event_log::head(&app.pool).await.unwrap().position;
    let mut projected = app.projector.projected();
    let there = projected.wait_for(|position| *position >= head);
    tokio::time::timeout(PATIENCE, there)
        .await
        .unwrap()
        .unwrap();
}

/// Word for word what README says, as the superuser.
async fn procedure(superuser: &PgPool) {
    for statement in [
        "alter system set wal_recycle = off",
        "select pg_reload_conf()",
        "vacuum full",
        "analyze",
        "vacuum full",
        "select pg_switch_wal()",
        "checkpoint",
        "select pg_switch_wal()",
        "checkpoint",
    ] {
        let done = sqlx::query(AssertSqlSafe(statement)).execute(superuser);
        done.await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}

/// The files that hold a text.
fn holding(directory: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        // a file may go while this looks
        let bytes = std::fs::read(path).unwrap_or_default();
        let text = text.as_bytes();
        bytes.windows(text.len()).any(|window| window == text)
    };
    files(directory).into_iter().filter(holds).collect()
}

/// Takes everything along, and waits until the keys are gone.
async fn leave(app: &App, gone: MemberId) {
    let leaving = Withdraw {
        member: gone,
        extent: Extent::Everything,
        name_reservation: ReservationId(Uuid::new_v5(&gone.0, b"name")),
        email_reservation: ReservationId(Uuid::new_v5(&gone.0, b"e-mail")),
    };
    ask(app, gone, leaving).await;
    project(app).await;
    let deadline = Instant::now() + PATIENCE;
    let left = "select count(*) from vault.keys where member = $1 and wrapped is not null";
    while sqlx::query_scalar::<_, i64>(left)
        .bind(gone.0)
        .fetch_one(&app.pool)
        .await
        .unwrap()
        > 0
    {
        assert!(Instant::now() < deadline, "the keys were never destroyed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Who is gone is in no file; who stayed is in read tables, and nowhere in the log.
async fn check_files(data_dir: &Path, pool: &PgPool) {
    for text in GONE {
        let found = holding(data_dir, text);
        assert!(found.is_empty(), "{text} is in {found:?}");
    }
    for text in [STAYS[0], STAYS[2], STAYS[3], STAYS[4]] {
        assert!(!holding(data_dir, text).is_empty(), "{text} is nowhere");
    }
    let log: String = sqlx::query_scalar("select pg_relation_filepath('log.events')")
        .fetch_one(pool)
        .await
        .unwrap();
    let log = data_dir.join("postgres").join(log);
    for text in STAYS {
        assert!(
            !holding(data_dir, text).contains(&log),
            "{text} is in the log"
        );
    }
}

/// The chain still verifies, and a replay gives the same tables.
async fn check_log(pool: &PgPool, keyring: &Keyring) {
    let readable = |_: &event_log::Recorded| Ok(());
    let readers = Readers::new(std::num::NonZeroUsize::MIN);
    let verdict = verify(pool, readers, &Signatures::default(), readable, |_, _| {})
        .await
        .unwrap();
    assert!(verdict.is_sound(), "{verdict:?}");
    let replayed = projections::verify(pool, keyring, projections::Pace::Full, |_| {})
        .await
        .unwrap();
    assert!(
        replayed.differences.is_empty(),
        "{:#?}",
        replayed.differences
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_the_cluster_holds_what_was_forgotten() {
    let data_dir = DataDir::new();
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let pool = database::pool(cluster.connect_options());
    let owner = cluster.connect_options().username(cluster::OWNER);
    let migrated = migrations::bring_up_to_date(&pool, Some(&owner)).await;
    migrated.unwrap();
    let master = Master::File(data_dir.path().join("master-key"));
    let keyring = Keyring::open(pool.clone(), master).await.unwrap();
    let options = Options {
        allowances: tests::site::generous(),
        connections: 4,
        secure_cookies: false,
        providers: web::providers::Providers::default(),
        origin: None,
        mailing: tests::site::mailing(&std::env::temp_dir()),
        grace: chrono::TimeDelta::zero(),
        roles_need_two_factors: false,
        tmdb: None,
        signing: None,
    };
    let app = App::start(pool.clone(), keyring.clone(), options)
        .await
        .unwrap();
    history::begin(&app.sequencer, 1).await.unwrap();
    let [gone, stays] = [new_id(), new_id()].map(MemberId);
    live(&app, gone, GONE).await;
    live(&app, stays, STAYS).await;
    project(&app).await;
    for text in [GONE[0], GONE[3], GONE[4]] {
        assert!(
            !holding(data_dir.path(), text).is_empty(),
            "{text} is nowhere yet"
        );
    }

    leave(&app, gone).await;
    let superuser = database::pool(cluster.connect_options().username("postgres"));
    procedure(&superuser).await;

    check_files(data_dir.path(), &pool).await;
    check_log(&pool, &keyring).await;
    drop(app);
    superuser.close().await;
    pool.close().await;
    cluster.stop().await.unwrap();
}
