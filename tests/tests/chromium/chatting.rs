//! Writing in a room: names that are completed, what is changed in its place, in Korean while
//! syllables are composed; where the reader is stays there; a proxy that knows no WebSocket.

use reqwest::Method;
use serde_json::{Value, json};
use tests::chromium::{Browser, DESKTOP, PHONE};
use tests::refusing::Refusing;
use tests::site::text;

use super::{House, Member, house, sign_in};

pub(super) const COMPOSER: &str = "#composer textarea";
const EDITED: &str = ".message-edit textarea";
pub(super) const LIVE: &str = "document.querySelector('#room').dataset.state === 'live'";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const UP: &str = "\u{E013}";
const DOWN: &str = "\u{E015}";

pub(super) async fn open_room(house: &House, maker: &Member, name: &str) -> String {
    let new = json!({"name": name});
    let room = house.write(Method::POST, "rooms", Some(maker), &new).await;
    text(&room["id"])
}

async fn say(house: &House, room: &str, member: &Member, words: &str) -> i64 {
    let path = format!("rooms/{room}/messages");
    let said = json!({"text": words});
    let said = house.write(Method::POST, &path, Some(member), &said).await;
    said["seq"].as_i64().unwrap()
}

pub(super) async fn enter(browser: &Browser, room: &str, member: &Member) {
    sign_in(browser, member).await;
    browser.visit(&format!("/rooms/{room}")).await;
    browser.until(LIVE).await;
}

/// The names that are offered; the chosen one first.
async fn offered(browser: &Browser, names: &[&str]) {
    let names = serde_json::to_string(names).unwrap();
    browser
        .until(&format!(
            "JSON.stringify([...document.querySelectorAll('.mentions:not([hidden]) li')]\
             .sort((one, other) => (other.ariaSelected === 'true') - (one.ariaSelected === 'true'))\
             .map(option => option.querySelector('.suggestion-name').textContent)) === '{names}'"
        ))
        .await;
}

async fn typed(browser: &Browser, css: &str) -> Value {
    browser.find(css).await;
    browser
        .ask(&format!("document.querySelector('{css}').value"))
        .await
}

fn said(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('.message[data-seq] .message-body')]\
         .some(body => body.textContent.trim() === '{words}')"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_completed_while_they_are_typed() {
    let house = house().await;
    let (wren, sky) = (
        house.member("Wren", "en").await,
        house.member("하늘", "ko").await,
    );
    let other = house.member("Wrenna Lee", "en").await;
    let room = open_room(&house, &wren, "Names 이름").await;
    say(&house, &room, &sky, "안녕하세요").await;
    let wrens = house.open("en", DESKTOP).await;
    enter(&wrens, &room, &wren).await;
    completes_in_korean(&wrens).await;
    wrens.close().await;

    let skys = house.open("ko", PHONE).await;
    enter(&skys, &room, &sky).await;
    // one of them was never in the room
    skys.keys(COMPOSER, "@wre").await;
    offered(&skys, &["Wren", "Wrenna Lee"]).await;
    let chosen = skys.attribute(COMPOSER, "aria-activedescendant").await;
    assert!(chosen.unwrap().starts_with("mentions-"));
    skys.picture("room-mentions").await;
    skys.keys(COMPOSER, DOWN).await;
    offered(&skys, &["Wrenna Lee", "Wren"]).await;
    skys.keys(COMPOSER, ENTER).await;
    assert_eq!(typed(&skys, COMPOSER).await, "@Wrenna Lee ");
    skys.keys(COMPOSER, "@").await;
    offered(&skys, &["Wren", "Wrenna Lee"]).await;
    skys.keys(COMPOSER, ESCAPE).await;
    offered(&skys, &[]).await;
    skys.keys(COMPOSER, &format!("w{ENTER}")).await;
    skys.until(&said("@Wrenna Lee @w")).await;
    let link = format!(".message-body a[href='/members/{}']", other.id);
    assert_eq!(skys.text(&link).await, "@Wrenna Lee");
    skys.close().await;
}

/// Syllable by syllable, as they are typed; Enter that ends one takes nothing and sends nothing.
async fn completes_in_korean(browser: &Browser) {
    browser.keys(COMPOSER, "Hi @").await;
    offered(browser, &["하늘"]).await;
    for syllable in ["ㅎ", "하", "한"] {
        browser.compose(syllable).await;
        offered(browser, &["하늘"]).await;
    }
    browser.commit("하").await;
    browser.compose("느").await;
    offered(browser, &["하늘"]).await;
    browser
        .ask(
            "document.querySelector('#composer textarea').dispatchEvent(new KeyboardEvent('keydown', \
             {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))",
        )
        .await;
    assert_eq!(typed(browser, COMPOSER).await, "Hi @하느");
    browser.picture("room-mentions").await;
    browser.press(".mentions li").await;
    assert_eq!(typed(browser, COMPOSER).await, "Hi @하늘");
    browser.keys(COMPOSER, &format!("이요{ENTER}")).await;
    browser.until(&said("Hi @하늘이요")).await;
    assert_eq!(browser.text(".message-body a").await, "@하늘");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_said_is_changed_in_its_place() {
    let house = house().await;
    let (ivo, sea) = (
        house.member("Ivo", "en").await,
        house.member("바다", "ko").await,
    );
    let room = open_room(&house, &ivo, "Second thoughts 다시").await;
    let first = say(&house, &room, &sea, "기생충 **먼저**요").await;
    say(&house, &room, &ivo, "Wich one?").await;
    let (ivos, seas) = (
        house.open("en", DESKTOP).await,
        house.open("ko", PHONE).await,
    );
    enter(&ivos, &room, &ivo).await;
    enter(&seas, &room, &sea).await;

    ivos.keys(COMPOSER, UP).await;
    assert_eq!(typed(&ivos, EDITED).await, "Wich one?");
    ivos.picture("room-editing").await;
    ivos.keys(EDITED, ESCAPE).await;
    ivos.until("!document.querySelector('.message-edit')").await;
    ivos.keys(COMPOSER, UP).await;
    ivos.fill(EDITED, &format!("Which one?{ENTER}")).await;
    for browser in [&ivos, &seas] {
        browser.until(&said("Which one?")).await;
        browser
            .until("!document.querySelector('.message-edit')")
            .await;
        assert_eq!(browser.count(".message-edited").await, 1);
    }
    assert_eq!(
        ivos.ask("document.activeElement.closest('#composer') !== null")
            .await,
        true
    );

    seas.press(&format!("#m-{first} .message-menu summary"))
        .await;
    seas.picture("room-message-menu").await;
    seas.press(&format!("#m-{first} [data-edit]")).await;
    assert_eq!(typed(&seas, EDITED).await, "기생충 **먼저**요");
    seas.keys(EDITED, " @Iv").await;
    offered(&seas, &["Ivo"]).await;
    seas.keys(EDITED, ENTER).await;
    seas.compose("님").await;
    seas.picture("room-editing").await;
    seas.commit("님").await;
    seas.press(".message-edit [type=submit]").await;
    ivos.until(&said("기생충 먼저요 @Ivo 님")).await;
    retracts(&ivos, &seas).await;
    ivos.close().await;
    seas.close().await;
}

/// After a question, without another page.
async fn retracts(ivos: &Browser, seas: &Browser) {
    ivos.ask("void (window.marker = 'still here')").await;
    ivos.press(".message[data-own] .message-menu summary").await;
    ivos.press(".message[data-own] .confirm summary").await;
    ivos.press("dialog[open] button[type=submit]").await;
    for browser in [ivos, seas] {
        browser
            .until("document.querySelectorAll('.message[data-retracted]').length === 1")
            .await;
    }
    assert_eq!(ivos.ask("window.marker").await, "still here");
    ivos.until("!document.querySelector('dialog')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_what_is_older_stays_there() {
    let house = house().await;
    let (una, tim) = (
        house.member("Una", "en").await,
        house.member("Tim", "en").await,
    );
    let room = open_room(&house, &una, "A long evening").await;
    let long = (1..20).map(|n| format!("line {n}\n")).collect::<String>();
    let mut seqs = Vec::new();
    for number in 0..4 {
        seqs.push(say(&house, &room, &tim, &format!("{number} {long}")).await);
    }
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &una).await;
    let scroller = "document.querySelector('.room-scroll')";
    assert_eq!(browser.ask(&format!("{scroller}.scrollTop")).await, 0);
    browser
        .until("document.querySelector('.room-jump').hidden")
        .await;
    let place = format!(
        "document.querySelector('#m-{}').getBoundingClientRect().top",
        seqs[1]
    );
    browser
        .ask(&format!(
            "document.querySelector('#m-{}').scrollIntoView()",
            seqs[1]
        ))
        .await;
    browser
        .until("!document.querySelector('.room-jump').hidden")
        .await;
    let before = browser.ask(&place).await.as_f64().unwrap();
    say(&house, &room, &tim, "Something new").await;
    browser.until(&said("Something new")).await;
    let edit = json!({"text": "0 as short as can be"});
    let path = format!("rooms/{room}/messages/{}", seqs[0]);
    house.write(Method::PATCH, &path, Some(&tim), &edit).await;
    browser.until(&said("0 as short as can be")).await;
    let after = browser.ask(&place).await.as_f64().unwrap();
    assert!((before - after).abs() < 2.0, "from {before} to {after}");
    browser
        .until("document.querySelector('.room-jump').textContent.includes('1')")
        .await;
    assert!(browser.has(".new-messages").await);
    browser.picture("room-jump").await;
    browser.press(".room-jump").await;
    browser.until(&format!("{scroller}.scrollTop === 0")).await;
    browser
        .until("document.querySelector('.room-jump').hidden")
        .await;
    // an answer leads to what it answers, which is here
    let path = format!("rooms/{room}/messages");
    let reply = json!({"text": "Yes", "reply_to": seqs[1]});
    house.write(Method::POST, &path, Some(&una), &reply).await;
    browser.press(".message-reply").await;
    browser
        .until(&format!("location.hash === '#m-{}'", seqs[1]))
        .await;
    browser.until(&format!("{scroller}.scrollTop < 0")).await;
    browser.close().await;
}

/// Also within the five seconds in which the marker had moved already.
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_at_once_has_read_what_they_saw() {
    let house = house().await;
    let (wendy, cloud) = (
        house.member("Wendy", "en").await,
        house.member("구름", "ko").await,
    );
    let room = open_room(&house, &wendy, "Coming and going 오가며").await;
    let read = async |n: i64| {
        for _ in 0..100 {
            let path = format!("rooms/{room}");
            let told = house.write(Method::GET, &path, Some(&cloud), &Value::Null);
            if told.await["me"]["read"] == n {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{n} stays unread");
    };
    let browser = house.open("ko", PHONE).await;
    enter(&browser, &room, &cloud).await;
    say(&house, &room, &wendy, "First.").await;
    browser.until(&said("First.")).await;
    read(1).await;
    say(&house, &room, &wendy, "Second.").await;
    browser.until(&said("Second.")).await;
    browser.visit("/rooms").await;
    read(2).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_websocket_can_be_had_one_talks_all_the_same() {
    let house = house().await;
    let (olga, moon) = (
        house.member("Olga", "en").await,
        house.member("달님", "ko").await,
    );
    let room = open_room(&house, &olga, "Behind a wall 벽 뒤에서").await;
    let refusing = Refusing::start(&house.url).await;
    let moons = house.chromium.open(&refusing.url, "ko", PHONE).await;
    let olgas = house.open("en", DESKTOP).await;
    enter(&olgas, &room, &olga).await;
    enter(&moons, &room, &moon).await;
    for browser in [&olgas, &moons] {
        browser
            .until("document.querySelector('#present-count').textContent === '2'")
            .await;
    }
    olgas
        .keys(COMPOSER, &format!("Can you hear me?{ENTER}"))
        .await;
    moons.until(&said("Can you hear me?")).await;
    moons.keys(COMPOSER, "네").await;
    olgas
        .until("document.querySelector('#typing').textContent.includes('달님')")
        .await;
    moons.keys(COMPOSER, &format!(", 들려요{ENTER}")).await;
    for browser in [&olgas, &moons] {
        browser.until(&said("네, 들려요")).await;
    }
    moons
        .until("!document.querySelector('[data-pending]')")
        .await;
    moons.reload().await;
    moons.until(LIVE).await;
    moons.keys(COMPOSER, UP).await;
    moons.fill(EDITED, &format!("네, 잘 들려요{ENTER}")).await;
    olgas.until(&said("네, 잘 들려요")).await;
    moons.complains_only_of("/api/v1/live").await;
    moons.close().await;
    olgas.close().await;
}

/// A browser has six connections to a host, for all its tabs.
#[tokio::test(flavor = "multi_thread")]
async fn seven_tabs_without_a_websocket_leave_room_for_pages() {
    let house = house().await;
    let (yolanda, moon) = (
        house.member("Yolanda", "en").await,
        house.member("보름", "ko").await,
    );
    let room = open_room(&house, &yolanda, "Seven tabs 일곱 탭").await;
    let refusing = Refusing::start(&house.url).await;
    let browser = house.chromium.open(&refusing.url, "ko", PHONE).await;
    enter(&browser, &room, &moon).await;
    for _ in 1..7 {
        browser.open_tab().await;
        browser.visit(&format!("/rooms/{room}")).await;
        browser.until(LIVE).await;
    }
    say(&house, &room, &yolanda, "Does the last one hear me?").await;
    browser.until(&said("Does the last one hear me?")).await;
    browser.keys(COMPOSER, &format!("네{ENTER}")).await;
    browser.until(&said("네")).await;
    browser.visit("/films").await;
    assert_eq!(browser.path().await, "/films");
    browser.complains_only_of("/api/v1/live").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_found_again() {
    let house = house().await;
    let (rosa, star) = (
        house.member("Rosa", "en").await,
        house.member("별이", "ko").await,
    );
    let room = open_room(&house, &rosa, "Found again 다시 찾기").await;
    for (language, width) in [("en", DESKTOP), ("ko", PHONE)] {
        let browser = house.open(language, width).await;
        enter(&browser, &room, &rosa).await;
        let words = format!("기생충의 계단 장면 {width}");
        let seq = say(&house, &room, &star, &words).await;
        say(&house, &room, &star, "또 봐요").await;
        browser.until(&said("또 봐요")).await;
        let link = format!(".message[data-seq='{seq}'] .message-time");
        browser.press(".room-menu summary").await;
        browser.picture("room-menu").await;
        let sought = format!("계단 장면 {width}{ENTER}");
        browser
            .keys(".room-search input[type=search]", &sought)
            .await;
        browser.until("location.search.startsWith('?q=')").await;
        browser.until(LIVE).await;
        assert_eq!(browser.count(".message").await, 1);
        browser.picture("room-found").await;
        browser.follow(&link).await;
        let found = format!(
            "location.hash === '#m-{seq}' && document.querySelector('.message:target') !== null"
        );
        browser.until(&found).await;

        browser.press(".room-menu summary").await;
        browser
            .ask(
                "void (document.querySelector('#since').value = \
                 new Date().toLocaleDateString('sv-SE'))",
            )
            .await;
        browser.follow(".room-days button").await;
        browser
            .until("location.search.startsWith('?around=')")
            .await;
        browser
            .until("document.querySelector('.message:target') !== null")
            .await;
        browser
            .visit(&format!("/rooms/{room}/messages/{seq}/present"))
            .await;
        let present = browser.text(".room-members").await;
        assert!(
            present.contains("Rosa") && !present.contains("별이"),
            "{present}"
        );
        browser.picture("room-who-was-here").await;
        browser.visit("/rooms").await;
        assert_eq!(browser.too_wide().await, [""; 0]);
        browser.picture("room-list").await;
        browser.close().await;
    }
}
