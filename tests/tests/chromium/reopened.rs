//! A room that is archived and opened again under those who are in it.

use reqwest::Method;
use serde_json::json;
use tests::chromium::DESKTOP;

use super::chatting::{enter, open_room};
use super::house;

fn are_here(count: usize) -> String {
    format!("document.querySelector('#present-count').textContent === '{count}'")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stayed_on_a_rooms_page_is_there_again_when_it_is_opened_again() {
    let house = house().await;
    let (maker, guest, late) = (
        house.member("Saul", "en").await,
        house.member("Sora", "en").await,
        house.member("Sten", "en").await,
    );
    let room = open_room(&house, &maker, "Back row 뒷줄").await;
    let browser = house.open("en", DESKTOP).await;
    enter(&browser, &room, &guest).await;
    browser.until(&are_here(1)).await;
    let archive = format!("rooms/{room}/archive");
    let archived = house
        .write(Method::PUT, &archive, Some(&maker), &json!({}))
        .await;
    assert_eq!(archived["archived"], true);
    browser.until(&are_here(0)).await;
    let presence = format!("rooms/{room}/presence");
    house
        .write(Method::PUT, &presence, Some(&late), &json!({}))
        .await;
    browser.until(&are_here(2)).await;
    browser.close().await;
}
