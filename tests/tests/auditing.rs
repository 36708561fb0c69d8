//! The log over HTTP: for auditors all of it, for members what is theirs; and that whoever is
//! read about is told.

mod events;
mod export;
mod own;
mod pages;
mod streams;

use std::io::Write;
use std::process::{Command, Stdio};

use domain::Role;
use serde_json::Value;
use tests::process::program;
use tests::site::{Member, Site, parasite, ratatouille, text};

/// Ann has reviewed two films, Ben has liked and commented on the first; Cho is an auditor.
struct Town {
    site: Site,
    ann: Member,
    ben: Member,
    cho: Member,
    review: String,
}

async fn town() -> Town {
    let site = Site::start().await;
    let ann = site.ann().await;
    let ben = site.sign_up("Ben").await;
    let cho = site.sign_up("Cho").await;
    let review = site.review(&ann, parasite()).await;
    site.review(&ann, ratatouille()).await;
    site.like(&ben, &review).await;
    site.comment(&ben, &review, "And rain.").await;
    site.grant(&cho, Role::Auditor).await;
    Town {
        site,
        ann,
        ben,
        cho,
        review,
    }
}

impl Town {
    /// What the log itself says.
    async fn positions(&self, condition: &str) -> Vec<i64> {
        let sql = format!("select position from log.events where {condition} order by position");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
        query.fetch_all(&self.site.pool).await.unwrap()
    }

    async fn public_key(&self) -> String {
        let shown = self.site.get("/api/v1/audit/checkpoint").await.expect(200);
        text(&shown.json()["public_key"])
    }
}

fn positions(list: &Value) -> Vec<i64> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|event| event["position"].as_i64().unwrap())
        .collect()
}

/// Whether `replay-tool check-receipt` accepts them, without a database.
fn is_proven(receipts: &str, public_key: &str) -> bool {
    let mut child = Command::new(program("replay-tool"))
        .args(["check-receipt", "-", "--public-key", public_key])
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let receipts = receipts.to_owned();
    let writing = std::thread::spawn(move || input.write_all(receipts.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    match output.status.code() {
        Some(0) => true,
        Some(3) => false,
        _ => panic!("{output:?}"),
    }
}
