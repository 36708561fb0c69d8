//! Living in a room: what one sees there without asking for it.

use reqwest::Client;
use serde_json::Value;
use tests::chromium::PHONE;
use tests::until;

use super::chatting::{enter, open_room};
use super::house;
use super::rooms::{say, says};

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_words_are_never_unread() {
    let house = house().await;
    let member = house.member("Sol", "en").await;
    let room = open_room(&house, &member, "To myself 혼잣말").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    say(&browser, "Note to self.").await;
    browser.until(&says("Note to self.", 1)).await;
    browser.visit("/rooms").await;
    let address = format!("{}/api/v1/rooms/{room}", house.url);
    until("it is read", async || {
        let told = Client::new().get(&address).bearer_auth(&member.token);
        let told: Value = told.send().await.unwrap().json().await.unwrap();
        told["me"]["read"] == 1
    })
    .await;
    browser.close().await;
}
