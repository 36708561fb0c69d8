//! Reeltime with its doors, on two databases of its own, the vault's beside the log's: three films,
//! Ann and Bob. Requests go through the real router, without a socket.

mod asking;
mod ending;
mod films;
mod settings;

use std::fmt::Display;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use commands::film::List;
use commands::role::GrantRole;
use domain::film::Listed;
use domain::{FilmId, MemberId, Role};
use event_log::Keyring;
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;
use web::app::{App, Options};
use web::limits::Allowances;
use web::providers::Providers;

pub use self::asking::{Answer, Asking};
pub use self::films::{film, parasite, ratatouille, seopyeonje};
pub use self::settings::{generous, mailing};
use self::settings::{options, protection, serve};
use crate::{database, history, new_id, secrets};

/// How long the read models may take to get where the log is.
const PATIENCE: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery";

pub struct Site {
    pub app: App,
    pub pool: PgPool,
    pub vault: PgPool,
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
        let (log, vault) = tokio::join!(database::create_without_vault(), database::create_vault());
        Site::start_on(log, vault, choose).await
    }

    /// With the vault in the log's database, as where nobody names another.
    pub async fn start_with_one_database() -> Site {
        let both = database::create().await;
        Site::start_on(both.clone(), both, |options| options).await
    }

    async fn start_on(
        pool: PgPool,
        vault: PgPool,
        choose: impl FnOnce(Options) -> Options,
    ) -> Site {
        let keyring = crate::keyring(&vault).await;
        let mail = tempfile::tempdir().expect("a temporary directory");
        let options = choose(options(&mail));
        let app = App::start(pool.clone(), keyring.clone(), options)
            .await
            .expect("a node starts");
        let site = Site {
            router: web::routes::router(app.clone(), protection()),
            app,
            pool,
            vault,
            keyring,
            mail,
        };
        site.list(films::listed()).await;
        site
    }

    /// Opens its doors on a real socket: the address.
    pub async fn serve(&self) -> String {
        serve(self.router.clone()).await
    }

    /// Another node on the same databases, with its doors open.
    pub async fn second_node(&self) -> SecondNode {
        // which remembers no key that the first does
        let keyring = crate::keyring(&self.vault).await;
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
            vault: self.vault.clone(),
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
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.get("/api/v1/audit/checkpoint").await;
            if shown.status == 200 && shown.json()["size"].as_i64() >= Some(position) {
                return;
            }
            assert!(Instant::now() < deadline, "it is not signed");
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
        let said = json!({ "text": said });
        let answer = self.post(&path).by(member).json(&said).await.expect(201);
        text(&answer.json()["id"])
    }

    /// The member likes the review.
    pub async fn like(&self, member: &Member, review: &str) {
        let path = format!("/api/v1/reviews/{review}/like");
        self.put(path).by(member).await.expect(200);
    }

    /// A moderator hides a review or a comment, and it is hidden: the measure's id.
    pub async fn hide(&self, moderator: &Member, kind: &str, id: &str) -> String {
        let said = json!({ "about": { "kind": kind, "id": id }, "reason": "Insults." });
        let taken = self.post("/api/v1/measures").by(moderator).json(&said);
        let measure = text(&taken.await.expect(201).json()["id"]);
        self.project().await;
        measure
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
}

/// A node beside the site's own.
pub struct SecondNode {
    pub app: App,
    pub url: String,
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
