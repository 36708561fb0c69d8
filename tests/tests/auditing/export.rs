//! `/api/v1/me/export`: all of it, in a zip.

use std::io::{Cursor, Read};
use std::num::NonZeroU32;

use serde_json::{Value, json};
use tests::site::{Site, generous, parasite, text};
use web::limits::Allowances;
use zip::ZipArchive;

use super::{Town, is_proven, town};

type Zip = ZipArchive<Cursor<Vec<u8>>>;

fn file(zip: &mut Zip, name: &str) -> String {
    let mut text = String::new();
    let mut file = zip.by_name(name).unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

const FORMULA: &str = "=1+1, \"고양이\"\nand more";

/// Ben has written here and there, has another name, and was read about: the positions of all
/// that is his.
async fn busy_ben(town: &Town) -> Vec<i64> {
    let (site, ben) = (&town.site, &town.ben);
    let opening = site.post("/api/v1/rooms").by(ben);
    let room = opening.json(&json!({"name": "Stairs"})).await.expect(201);
    let messages = format!("/api/v1/rooms/{}/messages", text(&room.json()["id"]));
    let saying = site.post(messages).by(ben).json(&json!({"text": FORMULA}));
    saying.await.expect(201);
    let changed = json!({"about": "Films, mostly.", "name": "Benjamin"});
    let changing = site.patch("/api/v1/me").by(ben).json(&changed);
    changing.await.expect(200);
    let read = format!("/api/v1/audit/events?actor={}", ben.id);
    site.get(read).by(&town.cho).await.expect(200);
    site.project().await;
    let id = &ben.id;
    let his =
        format!("actor = '{id}' or payload ->> 'member' = '{id}' or event_type = 'audit.read'");
    town.positions(&his).await
}

async fn taken_along(town: &Town) -> Zip {
    let asking = town.site.get("/api/v1/me/export").by(&town.ben);
    let answer = asking.await.expect(200);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-encoding"), "");
    let name = answer.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"reeltime-"),
        "{name}"
    );
    ZipArchive::new(Cursor::new(answer.body.to_vec())).unwrap()
}

fn all(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zip_holds_all_that_was_done_and_written() {
    let town = town().await;
    let his = busy_ben(&town).await;
    let mut zip = taken_along(&town).await;

    let account: Value = serde_json::from_str(&file(&mut zip, "account.json")).unwrap();
    assert_eq!(account["name"], "Benjamin");
    assert_eq!(account["email"], json!(town.ben.email));
    assert_eq!(account["about"], "Films, mostly.");
    let events = all(&file(&mut zip, "events.json"));
    let events = events.iter().map(|event| event["position"].as_i64());
    assert_eq!(events.flatten().collect::<Vec<_>>(), his);
    let words = all(&file(&mut zip, "words.json"));
    let texts: Vec<&str> = words
        .iter()
        .filter_map(|one| one["text"].as_str())
        .collect();
    for text in ["And rain.", FORMULA, "Ben", "Benjamin", "Stairs"] {
        assert!(texts.contains(&text), "{text} is not in {texts:?}");
    }
    assert!(!texts.contains(&"Stairs, everywhere."), "that is Ann's");

    let table = file(&mut zip, "words.csv");
    assert!(table.starts_with("\u{feff}position,written_at,"));
    let quoted = "\"'=1+1, \"\"고양이\"\"\nand more\"";
    assert!(table.contains(quoted), "{table}");
    let table = file(&mut zip, "events.csv");
    let told = "commented on a review of Parasite";
    assert!(table.contains(told), "{table}");
    assert!(file(&mut zip, "README.txt").contains("events.csv"));
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_in_the_zip_has_a_receipt_that_is_checked_offline() {
    let town = town().await;
    let his = busy_ben(&town).await;
    let mut zip = taken_along(&town).await;
    let receipts = file(&mut zip, "receipts.ndjson");
    let position = |line: &str| {
        let receipt: Value = serde_json::from_str(line).unwrap();
        receipt["event"]["position"].as_i64()
    };
    let proven = receipts.lines().filter_map(position);
    assert_eq!(proven.collect::<Vec<_>>(), his);
    let key = town.public_key().await;
    let account: Value = serde_json::from_str(&file(&mut zip, "account.json")).unwrap();
    assert_eq!(account["public_key"], json!(key));
    assert!(is_proven(&receipts, &key));
    let forged = receipts.replacen("comment.posted", "comment.edited", 1);
    assert_ne!(forged, receipts);
    assert!(!is_proven(&forged, &key));
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_all_of_theirs_along_too_often_is_told_when_to_come_back() {
    let once = Allowances {
        exports_per_hour: NonZeroU32::MIN,
        ..generous()
    };
    let site = Site::start_with(once).await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.review(&ann, parasite()).await;
    site.get("/api/v1/me/export").by(&ann).await.expect(200);
    let refused = site.get("/api/v1/me/export").by(&ann).await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
    site.get("/api/v1/me/export").by(&bob).await.expect(200);
    site.get("/api/v1/me/export").await.expect(401);
    site.end().await;
}
