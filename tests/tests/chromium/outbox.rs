//! What was typed and is not acknowledged yet: in a tunnel, through a reload, in two tabs, and where
//! nothing can be kept.

use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE};
use tests::tunnel::Tunnel;

use super::chatting::{COMPOSER, LIVE, enter, open_room};
use super::rooms::{say, says};
use super::{House, Member, house};

/// It is kept before it leaves the field.
const IS_PENDING: &str = "document.querySelector('[data-pending]') !== null \
     && document.querySelector('#composer textarea').value === ''";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_tunnel_is_there_once_behind_it() {
    let house = house().await;
    let (tess, sea) = (
        house.member("Tess", "en").await,
        house.member("두리", "ko").await,
    );
    let room = open_room(&house, &tess, "On the train 기차에서").await;
    let tunnel = Tunnel::start(&house.url).await;
    let theirs = house.chromium.open(&tunnel.url, "ko", PHONE).await;
    let hers = house.open("en", DESKTOP).await;
    enter(&hers, &room, &tess).await;
    enter(&theirs, &room, &sea).await;

    tunnel.cut(true);
    say(&theirs, "터널 안이에요").await;
    theirs
        .until("!document.querySelector('#room-status').hidden")
        .await;
    assert_eq!(theirs.ask(IS_PENDING).await, true);
    hers.until(&says("터널 안이에요", 0)).await;
    tunnel.cut(false);
    for browser in [&hers, &theirs] {
        browser.until(&says("터널 안이에요", 1)).await;
    }
    theirs.complains_only_of("/api/v1/").await;

    // an impatient hand asks for the page once more
    tunnel.cut(true);
    say(&theirs, "아직도요?").await;
    theirs.until(IS_PENDING).await;
    theirs.ask("void location.reload()").await;
    theirs.until("location.protocol === 'chrome-error:'").await;
    hers.until(&says("아직도요?", 0)).await;
    tunnel.cut(false);
    theirs.visit(&format!("/rooms/{room}")).await;
    for browser in [&hers, &theirs] {
        browser.until(&says("아직도요?", 1)).await;
        browser.until(&says("터널 안이에요", 1)).await;
    }
    hers.close().await;
    // the other is not closed: the browser complains of the page that did not come
}

/// What keeping something comes to on a full disk, and once what pages keep was cleared.
const FAULTS: [&str; 2] = [
    "void (IDBObjectStore.prototype.put = () => {
        throw new DOMException('', 'QuotaExceededError');
    })",
    "void (IDBDatabase.prototype.transaction = () => {
        throw new DOMException('', 'InvalidStateError');
    })",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_sent_all_the_same() {
    let house = house().await;
    let member = house.member("Uma", "en").await;
    let room = open_room(&house, &member, "A full disk 가득 찬 디스크").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    for (fault, words) in FAULTS
        .into_iter()
        .zip(["One for the road.", "And another."])
    {
        browser.ask(fault).await;
        say(&browser, words).await;
        browser.until(&says(words, 1)).await;
        let typed = browser.find(COMPOSER).await.prop("value").await;
        assert_eq!(typed.unwrap().as_deref(), Some(""));
    }
    browser.close().await;
}

/// Counts what a page sends.
const COUNTED: &str =
    "void (window.sends = 0, WebSocket.prototype.send = ((send) => function (frame) {
        if (JSON.parse(frame).t === 'send') window.sends++;
        return send.call(this, frame);
    })(WebSocket.prototype.send))";

/// So many are shown as refused, and nothing else is on its way.
fn refused(times: usize) -> String {
    format!(
        "document.querySelectorAll('[data-pending][data-failed]').length === {times} \
         && document.querySelectorAll('[data-pending]').length === {times} \
         && document.querySelectorAll('.message-again').length === {}",
        2 * times
    )
}

/// Presses a button of the first that was refused, also in a tab that nobody looks at.
async fn answer(browser: &Browser, nth: usize) {
    let press = format!("void document.querySelectorAll('.message-again')[{nth}].click()");
    browser.ask(&press).await;
}

async fn mute(house: &House, room: &str, maker: &Member, whom: &Member, is_muted: bool) {
    let path = format!("{}/api/v1/rooms/{room}/members/{}/mute", house.url, whom.id);
    let method = if is_muted {
        Method::PUT
    } else {
        Method::DELETE
    };
    let mut muting = Client::new()
        .request(method, path)
        .bearer_auth(&maker.token);
    if is_muted {
        muting = muting.json(&json!({"for_s": 600}));
    }
    assert_eq!(
        muting.send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_in_one_tab_waits_in_both_for_its_author() {
    let house = house().await;
    let (maker, loud) = (
        house.member("Maud", "en").await,
        house.member("Lou", "en").await,
    );
    let room = open_room(&house, &maker, "Two tabs 탭 두 개").await;
    let browser = house.open("en", DESKTOP).await;
    enter(&browser, &room, &loud).await;
    browser.open_tab().await;
    browser.visit(&format!("/rooms/{room}")).await;
    browser.until(LIVE).await;
    for typed in ["Hello?", "Anybody?"] {
        browser.ask(COUNTED).await;
        browser.fill(COMPOSER, typed).await;
        browser.other_tab().await;
    }
    mute(&house, &room, &maker, &loud, true).await;
    browser
        .until("!document.querySelector('#muted').hidden")
        .await;
    browser.keys(COMPOSER, "\n").await;
    browser.until(&refused(1)).await;
    assert!(browser.has(".toast").await);
    browser.picture("room-refused").await;

    browser.other_tab().await;
    browser.until(&refused(1)).await;
    assert!(!browser.has(".toast").await);
    // what else is said there takes nothing along
    browser.keys(COMPOSER, "\n").await;
    browser.until(&refused(2)).await;
    assert_eq!(browser.ask("window.sends").await, 1);
    browser.reload().await;
    browser.until(LIVE).await;
    browser.until(&refused(2)).await;
    assert!(!browser.has(".toast").await);

    mute(&house, &room, &maker, &loud, false).await;
    browser
        .until("document.querySelector('#muted').hidden")
        .await;
    answer(&browser, 0).await;
    let is_said =
        "document.querySelector('.message[data-seq] .message-body')?.textContent === 'Hello?'";
    for _ in 0..2 {
        browser.until(&format!("{is_said} && {}", refused(1))).await;
        browser.other_tab().await;
    }
    answer(&browser, 1).await;
    for _ in 0..2 {
        browser.until(&says("Hello?", 1)).await;
        browser.until(&says("Anybody?", 0)).await;
        browser.other_tab().await;
    }
    browser.close().await;
}

/// Lines of a page that lead nowhere, until they are mended.
const BROKEN_LINES: &str = "void (() => {
        const lines = [window.WebSocket, window.EventSource];
        const broken = (ends) => class extends EventTarget {
            static OPEN = 1;
            constructor() {
                super();
                setTimeout(() => this.dispatchEvent(ends()));
            }
            close() {}
        };
        window.WebSocket = broken(() => new CloseEvent('close', { code: 1006 }));
        window.EventSource = broken(() => new Event('error'));
        window.mend = () => {
            [window.WebSocket, window.EventSource] = lines;
            setInterval(() => dispatchEvent(new Event('online')), 1_000);
        };
    })()";

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tab_has_sent_is_shown_once() {
    let house = house().await;
    let member = house.member("Tilda", "en").await;
    let room = open_room(&house, &member, "One word, two tabs").await;
    let tunnel = Tunnel::start(&house.url).await;
    let browser = house.chromium.open(&tunnel.url, "en", PHONE).await;
    enter(&browser, &room, &member).await;
    browser.open_tab().await;
    browser.visit(&format!("/rooms/{room}")).await;
    browser.until(LIVE).await;

    browser.ask(BROKEN_LINES).await;
    tunnel.cut(true);
    browser
        .until("!document.querySelector('#room-status').hidden")
        .await;
    say(&browser, "Is it there twice?").await;
    browser.until(IS_PENDING).await;
    browser.other_tab().await;
    tunnel.cut(false);
    browser.ask("void dispatchEvent(new Event('online'))").await;
    browser.until(&says("Is it there twice?", 1)).await;
    browser.other_tab().await;
    assert!(browser.has("[data-pending]").await);
    browser.ask("window.mend()").await;
    browser.until(&says("Is it there twice?", 1)).await;
    // the browser is not closed: it complains of the lines that broke
}

/// Keeping what is said takes a while on a slow phone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_twice_at_once_is_said_once() {
    let house = house().await;
    let member = house.member("Bea", "en").await;
    let room = open_room(&house, &member, "Twice 두 번").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    browser.fill(COMPOSER, "Hello? Hello?").await;
    let send = "document.querySelector('#composer').requestSubmit()";
    browser.ask(&format!("void ({send}, {send})")).await;
    browser.until(&says("Hello? Hello?", 1)).await;
    say(&browser, "Hello? Hello?").await;
    browser.until(&says("Hello? Hello?", 2)).await;
    browser.close().await;
}
