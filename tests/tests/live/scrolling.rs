//! A page that scrolls back while something happens to what it asks for.

use commands::Command;
use commands::room::message::SEND_WINDOW;
use commands::room::{React, Retract, Send};
use domain::{MemberId, MessageText, Reaction, RoomId};
use tests::chromium::{Browser, Chromium, DESKTOP};
use tests::site::Site;
use tests::{history, new_id};

use super::{Stage, id_of};

/// More than a page and its first answers hold.
const MESSAGES: i32 = 300;
const LIVE: &str = "document.querySelector('#room').dataset.state === 'live'";
/// Keeps the next frame that has `window.wanted` in it from the page, until it is let go.
const HOLDING: &str = "void (() => {
    const { parse } = JSON;
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
        window.line = this;
        return send.call(this, data);
    };
    JSON.parse = (text, ...rest) => {
        const isWanted = window.line && window.wanted && text.includes(window.wanted);
        if (!isWanted) return parse(text, ...rest);
        window.wanted = undefined;
        window.held = text;
        return {};
    };
    window.letGo = () => {
        const data = window.held;
        window.held = undefined;
        window.line.dispatchEvent(new MessageEvent('message', { data }));
    };
    window.scrollBack = () => {
        const scroller = document.querySelector('[data-scrolls]');
        scroller.scrollTop = -scroller.scrollHeight;
        scroller.dispatchEvent(new Event('scroll'));
    };
})()";

async fn execute(
    site: &Site,
    member: MemberId,
    command: impl Command + std::marker::Send + 'static,
) {
    let executed = commands::execute(&site.app.sequencer, history::asked(member), command);
    executed.await.unwrap();
}

/// So far apart that nobody is too fast.
async fn say(site: &Site, room: RoomId, member: MemberId, (number, words): (i32, &str)) {
    let send = Send {
        room,
        member,
        cid: new_id(),
        body: MessageText::new(words).unwrap(),
        reply_to: None,
        mentions: vec![],
        spoiler: false,
        at: tests::now() + SEND_WINDOW * number,
    };
    execute(site, member, send).await;
}

fn shows(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('.message-body')]\
         .some((body) => body.textContent.trim() === '{words}')"
    )
}

/// How many gave a message a reaction, as the page has it.
fn given(message: i64, reaction: &str) -> String {
    format!("document.querySelector('#m-{message} [data-reaction=\"{reaction}\"]')?.dataset.count")
}

async fn hold(browser: &Browser, wanted: &str) {
    browser
        .ask(&format!("void (window.wanted = '{wanted}')"))
        .await;
}

async fn oldest(browser: &Browser) -> i64 {
    let oldest = "Number(document.querySelector('.message[data-seq]').dataset.seq)";
    browser.ask(oldest).await.as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_to_older_messages_while_they_are_loaded_is_shown_once() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let (id, ann, bob) = (RoomId(room.parse().unwrap()), id_of(&ann), id_of(&bob));
    for number in 0..MESSAGES {
        say(&site, id, ann, (number, "Before.")).await;
    }
    site.project().await;
    let react = |message: i64, emoji: &str| React {
        room: id,
        member: bob,
        message,
        reaction: Reaction::new(emoji).unwrap(),
        on: true,
        at: tests::now(),
    };
    let chromium = Chromium::start();
    let browser = chromium.open(&url, "en", DESKTOP).await;
    browser.visit(&format!("/rooms/{room}")).await;
    browser.until(LIVE).await;
    browser.ask(HOLDING).await;

    // the answer comes behind what has happened since
    hold(&browser, "\"t\":\"history\"").await;
    browser
        .until("(window.scrollBack(), window.held !== undefined)")
        .await;
    let first = oldest(&browser).await;
    let (retracted, liked) = (first - 1, first - 2);
    let retract = Retract {
        room: id,
        member: ann,
        message: retracted,
        reason: None,
    };
    execute(&site, ann, retract).await;
    execute(&site, bob, react(liked, "🔥")).await;
    say(&site, id, ann, (MESSAGES, "Meanwhile.")).await;
    browser.until(&shows("Meanwhile.")).await;
    assert_eq!(oldest(&browser).await, first);
    browser.ask("void window.letGo()").await;
    browser
        .until(&format!("!!document.querySelector('#m-{retracted}')"))
        .await;
    let is_gone = format!("document.querySelector('#m-{retracted}').matches('[data-retracted]')");
    assert_eq!(browser.ask(&is_gone).await, true);
    assert_eq!(browser.ask(&given(liked, "🔥")).await, "1");

    // the answer comes before what is in it
    let liked = oldest(&browser).await - 1;
    hold(&browser, "\"k\":\"reacted\"").await;
    execute(&site, bob, react(liked, "👍")).await;
    browser.until("window.held !== undefined").await;
    browser
        .until(&format!(
            "(window.scrollBack(), {} === '1')",
            given(liked, "👍")
        ))
        .await;
    browser.ask("void window.letGo()").await;
    say(&site, id, ann, (MESSAGES + 1, "Since then.")).await;
    browser.until(&shows("Since then.")).await;
    assert_eq!(browser.ask(&given(liked, "👍")).await, "1");
    browser.close().await;
    site.end().await;
}
