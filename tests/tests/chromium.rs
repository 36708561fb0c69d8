//! The pages in a real Chromium: what scripts add, that nothing needs them, and how it looks.
//! `SCREENSHOTS=directory` keeps a picture of each page in both languages and widths.

mod alone;
mod chatting;
mod follows;
mod gallery;
mod languages;
mod letters;
mod living;
mod moderation;
mod naming;
mod notices;
mod order;
mod outbox;
mod passkeys;
mod providers;
mod reopened;
mod rooms;
mod searching;
mod together;

use std::process::Command;
use std::sync::{Arc, Weak};

use domain::FilmId;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tests::chromium::{Browser, Chromium};
use tests::process::{DataDir, Process, program};
use tests::site::text;
use tokio::sync::Mutex;

const PASSWORD: &str = "correct horse battery";

/// A running Reeltime, and browsers to visit it.
struct House {
    /// Taken when it ends.
    process: Option<Process>,
    url: String,
    chromium: Chromium,
    data_dir: DataDir,
}

/// Who has signed up through the API.
struct Member {
    name: String,
    token: String,
    id: String,
    email: String,
}

/// Stories that are told at the same time have one house.
static HOUSE: Mutex<Weak<House>> = Mutex::const_new(Weak::new());

async fn house() -> Arc<House> {
    let mut shared = HOUSE.lock().await;
    if let Some(house) = shared.upgrade() {
        return house;
    }
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &[]).await;
    let house = Arc::new(House {
        url: process.url.clone(),
        process: Some(process),
        chromium: Chromium::start(),
        data_dir,
    });
    *shared = Arc::downgrade(&house);
    house
}

impl Drop for House {
    fn drop(&mut self) {
        // its PostgreSQL goes with it
        self.process.take().map(Process::stop);
    }
}

/// `grant` or `revoke`.
fn change_role(data_dir: &DataDir, verb: &str, role: &str, name: &str) {
    let changed = Command::new(program("reeltime"))
        .args([verb, role, name, "--data-dir"])
        .arg(data_dir.path())
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(changed.status.success(), "{changed:?}");
}

impl House {
    async fn open(&self, language: &str, width: u32) -> Browser {
        self.chromium.open(&self.url, language, width).await
    }

    /// At the machine.
    fn grant(&self, role: &str, name: &str) {
        change_role(&self.data_dir, "grant", role, name);
    }

    async fn member(&self, name: &str, language: &str) -> Member {
        let email = email(name);
        let new = json!({"name": name, "email": email, "password": PASSWORD, "language": language});
        let session = self.write(Method::POST, "members", None, &new).await;
        Member {
            name: name.to_owned(),
            token: text(&session["token"]),
            id: text(&session["member"]["id"]),
            email,
        }
    }

    /// A review: its path.
    async fn review(&self, member: &Member, film: FilmId, review: &Value) -> String {
        let path = format!("films/{film}/review");
        let review = self.write(Method::PUT, &path, Some(member), review).await;
        format!("/reviews/{}", text(&review["id"]))
    }

    async fn comment(&self, member: &Member, review: &str, said: &str) {
        let path = format!("{}/comments", review.trim_start_matches('/'));
        self.write(Method::POST, &path, Some(member), &json!({"text": said}))
            .await;
    }

    async fn like(&self, member: &Member, review: &str) {
        let path = format!("{}/like", review.trim_start_matches('/'));
        self.write(Method::PUT, &path, Some(member), &json!({}))
            .await;
    }

    async fn write(
        &self,
        method: Method,
        path: &str,
        member: Option<&Member>,
        said: &Value,
    ) -> Value {
        let address = format!("{}/api/v1/{path}", self.url);
        let mut request = Client::new().request(method, address).json(said);
        if let Some(member) = member {
            request = request.bearer_auth(&member.token);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.unwrap()
    }
}

/// In the letters that a browser takes for an address.
fn email(name: &str) -> String {
    let letters = name.bytes().map(|byte| format!("{byte:x}"));
    format!("{}@example.org", letters.collect::<String>())
}

fn film(key: &str) -> FilmId {
    FilmId::of_key(key)
}

/// Fills in the form on the page that is shown.
async fn sign_up(browser: &Browser, name: &str) {
    browser.fill("#name", name).await;
    browser.fill("#email", &email(name)).await;
    browser.fill("#password", PASSWORD).await;
    browser.follow("form[action='/sign-up'] button").await;
}

async fn sign_in(browser: &Browser, member: &Member) {
    browser.visit("/sign-in").await;
    browser.fill("#email", &member.email).await;
    browser.fill("#password", PASSWORD).await;
    browser.follow("form[action='/sign-in'] button").await;
}
