//! Members whose names a frame did not tell: the page finds out by itself.

use reqwest::Method;
use serde_json::json;
use tests::chromium::DESKTOP;

use super::chatting::{enter, open_room};
use super::house;

/// What happens is told without a name, and none is found out before it is allowed.
const NAMELESS: &str = "void (() => {
        const [parse, real] = [JSON.parse, window.fetch];
        JSON.parse = (json) => {
            const told = parse(json);
            if (told?.t === 'events') delete told.names;
            return told;
        };
        window.fetch = async (address, how) => {
            const isName = String(address).includes('/members/');
            while (isName && !window.isAllowed) await new Promise((wait) => setTimeout(wait, 20));
            return real(address, how);
        };
    })()";

/// What stands where, one after the other: who is there, the authors, the one who is answered.
fn called(name: &str) -> String {
    format!(
        "JSON.stringify([...document.querySelectorAll('#present [data-member]:last-child .author, \
         .message-author, .message-reply strong')].map((name) => name.textContent.trim())) \
         === JSON.stringify(Array(4).fill('{name}'))"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_not_told_is_found_out() {
    let house = house().await;
    let maker = house.member("Nora", "en").await;
    let room = open_room(&house, &maker, "Who is it? 누구세요").await;
    let browser = house.open("en", DESKTOP).await;
    enter(&browser, &room, &maker).await;
    browser.ask(NAMELESS).await;
    let (guest, named) = (
        house.member("새얼굴", "ko").await,
        house.member("Quill", "en").await,
    );
    let presence = format!("rooms/{room}/presence");
    house
        .write(Method::PUT, &presence, Some(&guest), &json!({}))
        .await;
    let messages = format!("rooms/{room}/messages");
    let first = json!({"text": "Hello, @Quill"});
    let first = house
        .write(Method::POST, &messages, Some(&guest), &first)
        .await;
    let answer = json!({"text": "Or nobody?", "reply_to": first["seq"]});
    house
        .write(Method::POST, &messages, Some(&guest), &answer)
        .await;
    browser.until(&called("Someone")).await;
    let link = format!(".message-body a[href='/members/{}']", named.id);
    assert!(!browser.has(&link).await);
    browser.picture("room-nameless").await;

    browser.ask("void (window.isAllowed = true)").await;
    browser.until(&called("새얼굴")).await;
    assert_eq!(browser.text(&link).await, "@Quill");
    let sign = browser.text(".message > .avatar").await;
    assert_eq!(sign, "새");
    browser.close().await;
}
