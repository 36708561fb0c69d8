//! Reeltime with its doors, on a database of its own: three films, Ann and Bob. Requests go
//! through the real router, without a socket.

mod asking;

use std::fmt::Display;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use commands::film::List;
use commands::role::GrantRole;
use domain::film::{Facts, Listed, Person, Translated};
use domain::forgetting::Extent;
use domain::{FilmId, Genre, MemberId, ReservationId, Role};
use event_log::Keyring;
use event_log::checkpoint::SigningKey;
use projections::Pace;
use sealing::Held;
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::Instant;
use uuid::Uuid;
use web::app::{App, Options};
use web::limits::Allowances;
use web::mail::{Mailing, Post};
use web::providers::Providers;
use web::security::Protection;
use web::server::Bounds;

pub use self::asking::{Answer, Asking};
use crate::{database, history, new_id, secrets};

/// How long the read models may take to get where the log is.
const PATIENCE: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery";

pub struct Site {
    pub app: App,
    pub pool: PgPool,
    pub keyring: Keyring,
    /// Where letters are written to.
    pub mail: TempDir,
    router: Router,
}

/// A member who is signed in.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub token: String,
}

/// So many that no test meets them by chance.
pub fn generous() -> Allowances {
    let many = NonZeroU32::new(1_000_000).expect("more than none");
    Allowances {
        reads_per_minute: many,
        member_reads_per_minute: many,
        member_writes_per_minute: many,
        live_connections: many,
        sign_ins_per_minute: many,
        sign_ups_per_hour: many,
        writes_per_minute: many,
        exports_per_hour: many,
    }
}

/// Of these tests' logs.
fn signing_key() -> Option<SigningKey> {
    SigningKey::from_seed("reeltime.test/log", [7; 32])
}

impl Site {
    pub async fn start() -> Site {
        Site::start_with(generous()).await
    }

    pub async fn start_with(allowances: Allowances) -> Site {
        Site::start_with_providers(allowances, Providers::default()).await
    }

    /// With sign-ins elsewhere.
    pub async fn start_with_providers(allowances: Allowances, providers: Providers) -> Site {
        Site::start_as(|options| Options {
            allowances,
            providers,
            ..options
        })
        .await
    }

    /// With these options made of the usual ones.
    pub async fn start_as(choose: impl FnOnce(Options) -> Options) -> Site {
        let pool = database::create().await;
        let keyring = crate::keyring(&pool).await;
        let mail = tempfile::tempdir().expect("a temporary directory");
        let options = choose(options(&mail));
        let app = App::start(pool.clone(), keyring.clone(), options)
            .await
            .expect("a node starts");
        let site = Site {
            router: web::routes::router(app.clone(), protection()),
            app,
            pool,
            keyring,
            mail,
        };
        site.list(films()).await;
        site
    }

    /// Opens its doors on a real socket: the address.
    pub async fn serve(&self) -> String {
        serve(self.router.clone()).await
    }

    /// Another node on the same database, with its doors open.
    pub async fn second_node(&self) -> SecondNode {
        // which remembers no key that the first does
        let keyring = crate::keyring(&self.pool).await;
        let app = App::start(self.pool.clone(), keyring, options(&self.mail))
            .await
            .expect("a node starts");
        let url = serve(web::routes::router(app.clone(), protection())).await;
        SecondNode { app, url }
    }

    /// The same site as it was, by the name that `replay-tool as-of` gave it.
    pub async fn as_of(&self, name: &str) -> Site {
        let (pool, keyring) = (self.pool.clone(), self.keyring.clone());
        let name = name.parse().expect("a name");
        let app = App::start_as_of(pool.clone(), keyring.clone(), options(&self.mail), name);
        let app = app.await.expect("it was built");
        Site {
            router: web::routes::router(app.clone(), protection()),
            app,
            pool,
            keyring,
            mail: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// Lists films, and waits until they can be read.
    pub async fn list(&self, films: Vec<Listed>) {
        let asked = history::asked(MemberId(Uuid::nil()));
        let listing = commands::execute(&self.app.sequencer, asked, List { films });
        listing.await.expect("films are listed");
        self.project().await;
    }

    /// Waits until the log has a signed checkpoint.
    pub async fn signed(&self) {
        self.signed_through(1).await;
    }

    /// Waits until a signed checkpoint covers a position.
    pub async fn signed_through(&self, position: i64) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let shown = self.get("/api/v1/audit/checkpoint").await;
            if shown.status == 200 && shown.json()["size"].as_i64() >= Some(position) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "it is not signed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn ann(&self) -> Member {
        self.sign_up("Ann").await
    }

    pub async fn bob(&self) -> Member {
        self.sign_up("Bob").await
    }

    /// A new member of this name; panics where it is taken.
    pub async fn sign_up(&self, name: &str) -> Member {
        let new = new_member(name);
        let answer = self.post("/api/v1/members").json(&new).await.expect(201);
        let session = answer.json();
        Member {
            id: text(&session["member"]["id"]),
            name: name.to_owned(),
            email: text(&new["email"]),
            password: PASSWORD.to_owned(),
            token: text(&session["token"]),
        }
    }

    /// Grants a role at the machine, and waits until it can be read.
    pub async fn grant(&self, member: &Member, role: Role) {
        let member = MemberId(member.id.parse().expect("a member's id is one"));
        let asked = history::asked(MemberId(Uuid::nil()));
        let by = None;
        let granting =
            commands::execute(&self.app.sequencer, asked, GrantRole { member, role, by });
        granting.await.expect("a role is granted");
        self.project().await;
    }

    /// A review of the film by the member: its id.
    pub async fn review(&self, member: &Member, film: FilmId) -> String {
        let said = json!({ "rating": 4, "text": "Stairs, everywhere." });
        let path = format!("/api/v1/films/{film}/review");
        let answer = self.put(&path).by(member).json(&said).await.expect(201);
        text(&answer.json()["id"])
    }

    /// A comment under the review by the member: its id.
    pub async fn comment(&self, member: &Member, review: &str, said: &str) -> String {
        let path = format!("/api/v1/reviews/{review}/comments");
        let asked = self.post(&path).by(member);
        text(
            &asked
                .json(&json!({ "text": said }))
                .await
                .expect(201)
                .json()["id"],
        )
    }

    pub fn get(&self, path: impl Display) -> Asking<'_> {
        self.ask("GET", path)
    }

    pub fn post(&self, path: impl Display) -> Asking<'_> {
        self.ask("POST", path)
    }

    pub fn put(&self, path: impl Display) -> Asking<'_> {
        self.ask("PUT", path)
    }

    pub fn patch(&self, path: impl Display) -> Asking<'_> {
        self.ask("PATCH", path)
    }

    pub fn delete(&self, path: impl Display) -> Asking<'_> {
        self.ask("DELETE", path)
    }

    pub fn ask(&self, method: &str, path: impl Display) -> Asking<'_> {
        let uri = path.to_string();
        let is_api = uri.starts_with("/api/");
        Asking {
            router: &self.router,
            request: Request::builder().method(method).uri(uri),
            body: Body::empty(),
            is_api,
        }
    }

    /// How many events the log has.
    pub async fn events(&self) -> i64 {
        let head = event_log::head(&self.pool).await;
        head.expect("the log answers").position
    }

    /// Waits until the read models are where the log is now.
    pub async fn project(&self) -> i64 {
        let head = self.events().await;
        let mut projected = self.app.projector.projected();
        let caught_up = projected.wait_for(|position| *position >= head);
        let caught_up = tokio::time::timeout(PATIENCE, caught_up).await;
        assert!(caught_up.is_ok(), "the read models never reached {head}");
        head
    }

    /// Ends a test: the read tables are what replaying the log gives; also when a member was
    /// forgotten and the replay can't open what was theirs.
    pub async fn end(self) {
        self.replay().await;
        if self.forget_somebody().await {
            self.replay().await;
        }
        self.app.end().await;
    }

    async fn replay(&self) {
        let head = self.project().await;
        // one that remembers no keys
        let keyring = crate::keyring(&self.pool).await;
        let verdict = projections::verify(&self.pool, &keyring, Pace::Full, |_| {}).await;
        let verdict = verdict.expect("a replay");
        assert_eq!(verdict.position, head);
        assert!(verdict.differences.is_empty(), "{:#?}", verdict.differences);
    }

    /// Whoever is there longest takes everything along; false: nobody is there.
    async fn forget_somebody(&self) -> bool {
        let member: Option<Uuid> = sqlx::query_scalar(
            "select member from read.members
             where not withdrawn order by joined_at, member limit 1",
        )
        .fetch_optional(&self.pool)
        .await
        .expect("the members");
        let Some(member) = member else {
            return false;
        };
        self.forget(MemberId(member)).await;
        true
    }

    /// A member takes everything along, until their keys are destroyed.
    pub async fn forget(&self, member: MemberId) {
        let (name_reservation, email_reservation): (Uuid, Uuid) = sqlx::query_as(
            "select name_reservation, email_reservation from read.members where member = $1",
        )
        .bind(member.0)
        .fetch_one(&self.pool)
        .await
        .expect("the member");
        let leaving = commands::member::Withdraw {
            member,
            extent: Extent::Everything,
            name_reservation: ReservationId(name_reservation),
            email_reservation: ReservationId(email_reservation),
        };
        let left = commands::execute(&self.app.sequencer, history::asked(member), leaving).await;
        left.expect("they may leave");
        let is_destroyed = |held: Option<&Held>| matches!(held, Some(Held::Destroyed));
        let deadline = Instant::now() + PATIENCE;
        loop {
            let keys = self.keyring.fetch(member.key_ids()).await.expect("a vault");
            if member
                .key_ids()
                .iter()
                .all(|id| is_destroyed(keys.get(*id)))
            {
                return;
            }
            assert!(Instant::now() < deadline, "the keys were never destroyed");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// A node beside the site's own.
pub struct SecondNode {
    pub app: App,
    pub url: String,
}

fn options(mail: &TempDir) -> Options {
    Options {
        allowances: generous(),
        connections: 8,
        secure_cookies: false,
        signing: signing_key().map(|key| (key, None)),
        providers: Providers::default(),
        // nobody reaches it there: browsers of tests ask the router
        origin: Some("http://127.0.0.1:9".to_owned()),
        mailing: mailing(mail.path()),
        grace: TimeDelta::zero(),
        tmdb: None,
    }
}

/// Letters are written to this folder.
pub fn mailing(folder: &Path) -> Mailing {
    Mailing {
        post: Post::Folder(folder.to_owned()),
        from: "Reeltime <no-reply@reeltime.test>"
            .parse()
            .expect("it is one"),
        origin: "http://127.0.0.1:9".to_owned(),
        reaches_people: false,
    }
}

fn protection() -> Protection {
    Protection {
        public_url: None,
        trusted_proxies: vec![],
        request_timeout: Duration::from_secs(60),
    }
}

/// As a node serves its router, until the test ends.
async fn serve(router: Router) -> String {
    // the tests' clients need the cipher suites that this installs
    drop(web::outgoing::client());
    let bounds = Bounds {
        connections: 1_000,
        per_address: 1_000,
        proxies: vec![],
        head_timeout: Duration::from_secs(30),
        deaf_timeout: Duration::from_secs(30),
        shutdown_timeout: Duration::from_secs(1),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        web::server::serve(listener, router, bounds, std::future::pending()).await;
    });
    format!("http://{address}")
}

/// What someone says who signs up.
pub fn new_member(name: &str) -> Value {
    secrets::remember(PASSWORD);
    json!({
        "name": name,
        "email": format!("{}@example.org", new_id().simple()),
        "password": PASSWORD,
        "language": "en",
    })
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn parasite() -> FilmId {
    FilmId::of_key("parasite-2019")
}

pub fn ratatouille() -> FilmId {
    FilmId::of_key("ratatouille-2007")
}

pub fn seopyeonje() -> FilmId {
    FilmId::of_key("seopyeonje-1993")
}

fn films() -> Vec<Listed> {
    let drama = [Genre::Drama, Genre::Music];
    vec![
        film("Seopyeonje", "서편제", 1993, &drama),
        film("Ratatouille", "라따뚜이", 2007, &[Genre::Animation]),
        film("Parasite", "기생충", 2019, &[Genre::Thriller, Genre::Drama]),
    ]
}

/// A film whose facts don't matter.
pub fn film(en: &str, ko: &str, year: i16, genres: &[Genre]) -> Listed {
    let key = format!("{}-{year}", en.to_lowercase().replace(' ', "-"));
    let facts = Facts {
        title: Translated::both(en, ko),
        original_title: ko.to_owned(),
        year: Some(year),
        runtime_min: Some(112),
        genres: genres.to_vec(),
        directors: vec![Person {
            en: "Im Kwon-taek".to_owned(),
            ko: Some("임권택".to_owned()),
        }],
        cast: vec![Person {
            en: "Somebody".to_owned(),
            ko: None,
        }],
        countries: vec!["KR".to_owned()],
        overview: Translated::both("It begins.", "시작된다."),
        ..Facts::default()
    };
    Listed {
        film: FilmId::of_key(&key),
        key,
        facts: facts.into(),
    }
}
