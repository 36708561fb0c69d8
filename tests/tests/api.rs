//! The JSON API through the real router: one file for each resource, and `requests` for what all
//! of them do alike. Every test ends with a replay.

mod audit;
mod comments;
mod diary;
mod films;
mod follows;
mod genres;
mod health;
mod likes;
mod me;
mod measures;
mod members;
mod notices;
mod recommendations;
mod requests;
mod reviews;
mod roles;
mod rooms;
mod search;
mod sessions;
mod watchlist;

use serde_json::Value;
use tests::site::{Site, text};

/// Walks a list with pages of this many: the ids in order.
async fn walk(site: &Site, path: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = Value::Null;
    loop {
        let turn = if path.contains('?') { '&' } else { '?' };
        let mut page = format!("{path}{turn}limit={limit}");
        if let Some(cursor) = next.as_str() {
            page += &format!("&cursor={cursor}");
        }
        let list = site.get(page).await.expect(200).json();
        let items = list["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        ids.extend(items.iter().map(|item| text(&item["id"])));
        next = list["next"].clone();
        if next.is_null() {
            return ids;
        }
        assert_eq!(items.len(), limit, "only the last page is short");
    }
}

fn not_found() -> (u16, String) {
    (404, "not-found".to_owned())
}

fn unauthenticated() -> (u16, String) {
    (401, "unauthenticated".to_owned())
}

fn invalid() -> (u16, String) {
    (422, "invalid".to_owned())
}

fn wrong(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}
