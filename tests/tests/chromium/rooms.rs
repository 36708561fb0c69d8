//! Two members in a room: Ann on a wide screen in English, Bob on his phone in Korean. The server
//! is killed under their hands.

use reqwest::Method;
use serde_json::json;
use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::process::{DataDir, Process, free_port};
use tests::site::text;

use super::{House, Member, sign_in};

const DIVIDER: &str = ".new-messages";
const LIVE: &str = "document.querySelector('#room').dataset.state === 'live'";

/// Where what was said is shown so often, and nothing is on its way.
pub(super) fn says(text: &str, times: usize) -> String {
    format!(
        "[...document.querySelectorAll('.message[data-seq] .message-body')]\
         .filter(body => body.textContent.trim() === '{text}').length === {times} \
         && !document.querySelector('[data-pending]')"
    )
}

/// Types into the composer and presses Enter.
pub(super) async fn say(browser: &Browser, text: &str) {
    browser
        .fill("#composer textarea", &format!("{text}\n"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_talk_and_lose_nothing_when_the_server_is_killed() {
    let data_dir = DataDir::new();
    let port = free_port();
    let process = Process::start_on(port, &data_dir, &[]).await;
    let mut house = House {
        url: process.url.clone(),
        process: Some(process),
        chromium: Chromium::start(),
        data_dir,
    };
    let (ann, bob) = (
        house.member("Ann", "en").await,
        house.member("밥", "ko").await,
    );
    let new = json!({"name": "Late show 심야 상영"});
    let room = house.write(Method::POST, "rooms", Some(&ann), &new).await;
    let room = format!("/rooms/{}", text(&room["id"]));
    let (anns, bobs) = enter(&house, &room, &ann, &bob).await;
    they_talk(&anns, &bobs).await;
    bob_reloads(&bobs).await;

    if let Some(process) = house.process.take() {
        process.kill();
    }
    anns.until("!document.querySelector('#room-status').hidden")
        .await;
    say(&anns, "Is anybody there?").await;
    anns.until("!!document.querySelector('[data-pending]')")
        .await;
    anns.fill("#composer textarea", "A word that is not sent")
        .await;
    house.process = Some(Process::start_on(port, &house.data_dir, &[]).await);
    for browser in [&anns, &bobs] {
        browser.until(&says("Is anybody there?", 1)).await;
        browser
            .until("document.querySelector('#room-status').hidden")
            .await;
    }
    let typed = anns
        .ask("document.querySelector('#composer textarea').value")
        .await;
    assert_eq!(typed, "A word that is not sent");

    for (browser, picture) in [(anns, "room-live-en"), (bobs, "room-live-ko")] {
        browser.picture(picture).await;
        // while the server was gone
        browser.complains_only_of("/api/v1/").await;
        browser.close().await;
    }
}

async fn enter(house: &House, room: &str, ann: &Member, bob: &Member) -> (Browser, Browser) {
    let anns = house.open("en", DESKTOP).await;
    let bobs = house.open("ko", PHONE).await;
    for (browser, member) in [(&anns, ann), (&bobs, bob)] {
        sign_in(browser, member).await;
        browser.visit(room).await;
        browser.until(LIVE).await;
    }
    anns.until("document.querySelector('#present-count').textContent === '2'")
        .await;
    (anns, bobs)
}

async fn they_talk(anns: &Browser, bobs: &Browser) {
    say(anns, "Which one first?").await;
    bobs.until(&says("Which one first?", 1)).await;
    bobs.fill("#composer textarea", "기생").await;
    anns.until("document.querySelector('#typing').textContent.includes('밥')")
        .await;
    // Enter that ends a syllable is no Enter of ours
    bobs.ask(
        "document.querySelector('#composer textarea').dispatchEvent(new KeyboardEvent('keydown', \
         {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))",
    )
    .await;
    let typed = bobs
        .ask("document.querySelector('#composer textarea').value")
        .await;
    assert_eq!(typed, json!("기생"));
    say(bobs, "기생충 **먼저**요").await;
    anns.until(&says("기생충 먼저요", 1)).await;
    anns.until("!!document.querySelector('.message-body strong')")
        .await;
    anns.until("document.querySelector('#typing').textContent === ''")
        .await;
}

async fn bob_reloads(bobs: &Browser) {
    bobs.reload().await;
    bobs.until(LIVE).await;
    bobs.until(&says("Which one first?", 1)).await;
    bobs.until("document.querySelector('#present-count').textContent === '2'")
        .await;
}

/// What the list of members makes of a page that counts three hundred, and of a snapshot that counts
/// five hundred and names two hundred.
const CROWDED: &str = "
    void import(document.querySelector(\"script[src$='/room.js']\").src.replace('room.js', 'room-people.js'))
        .then(({ People }) => {
            const shown = document.getElementById('present-count');
            shown.textContent = '300';
            const { texts } = JSON.parse(document.getElementById('room-data').textContent);
            const people = new People({ m0: 'Member 0', m200: 'Member 200' }, { self: null, texts });
            const members = [...Array(200).keys()].map((n) => ({ id: `m${n}`, name: `Member ${n}` }));
            window.counts = [
                () => people.enters('m0'),
                () => people.take({ count: 500, members }),
                () => people.enters('m200'),
                () => people.leaves('m0'),
                () => people.leaves('m300'),
            ].map((act) => {
                act();
                return shown.textContent;
            });
        })";

#[tokio::test(flavor = "multi_thread")]
async fn all_who_are_there_are_counted_though_not_all_are_listed() {
    let house = super::house().await;
    let maker = house.member("Pia", "en").await;
    let new = json!({"name": "Full house 만원"});
    let room = house.write(Method::POST, "rooms", Some(&maker), &new).await;
    let browser = house.open("en", DESKTOP).await;
    browser
        .visit(&format!("/rooms/{}", text(&room["id"])))
        .await;
    browser.until(LIVE).await;
    browser.ask(CROWDED.trim_start()).await;
    browser.until("window.counts !== undefined").await;
    assert_eq!(
        browser.ask("window.counts").await,
        json!(["301", "500", "501", "500", "499"])
    );
    browser.close().await;
}

/// What two people say: who, what, and which of these is answered.
fn talk() -> Vec<(usize, &'static str, Option<usize>)> {
    vec![
        (
            0,
            "Rewatched Parasite last night. The staircase shots still get me.",
            None,
        ),
        (
            1,
            "저도요! 비 오는 날 계단 장면이 제일 기억에 남아요.",
            Some(0),
        ),
        (
            1,
            "음악이 **정말** 좋았어요. https://example.org/parasite/soundtrack?track=the-belt-of-faith",
            None,
        ),
        (0, "@민지 did you see the black-and-white version?", None),
        (
            0,
            "It changes *everything* about the light.\n\n- the rain\n- the basement\n- that garden party",
            None,
        ),
        (1, SPOILER, None),
        (0, "No way 😂", Some(5)),
        (
            1,
            "한 번 더 볼까요? 이번 주 금요일 밤 9시 어때요? 다 같이 모여서 보고 바로 여기에서 이야기 나누면 재미있을 것 같아요. 간식도 준비해 주세요!",
            Some(4),
        ),
        (0, RETRACTED, None),
        (1, "@Vera 그럼 금요일에 만나요", None),
    ]
}

const SPOILER: &str = "The man in the basement had been there all along.";
const RETRACTED: &str = "Never mind.";

/// Says all of it, with reactions, a retraction and something unread.
/// The marker moves a moment after the end was in sight.
async fn until_read(browser: &Browser) {
    for _ in 0..20 {
        if !browser.has(DIVIDER).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        browser.reload().await;
        browser.until(LIVE).await;
    }
    panic!("what was read stays unread");
}

async fn they_have_talked(house: &House, room: &str, members: &[Member; 2]) {
    let path = format!("rooms/{room}/messages");
    let mut seqs = Vec::new();
    for (who, words, answered) in talk() {
        let said = json!({"text": words, "spoiler": words == SPOILER,
                          "reply_to": answered.map(|place: usize| seqs[place])});
        let said = house.write(Method::POST, &path, Some(&members[who]), &said);
        seqs.push(said.await["seq"].as_i64().unwrap());
        // five in five seconds are enough
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    }
    for (place, emoji) in [
        (0, "%F0%9F%94%A5"),
        (0, "%F0%9F%98%82"),
        (4, "%F0%9F%94%A5"),
    ] {
        let reaction = format!("{path}/{}/reactions/{emoji}", seqs[place]);
        for member in members {
            house
                .write(Method::PUT, &reaction, Some(member), &json!({}))
                .await;
        }
    }
    let retracted = format!("{path}/{}", seqs[8]);
    house
        .write(Method::DELETE, &retracted, Some(&members[0]), &json!({}))
        .await;
    let read = format!("rooms/{room}/read-marker");
    house
        .write(Method::PUT, &read, Some(&members[0]), &json!({"n": 7}))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_talk_looks_as_a_talk_should() {
    let house = super::house().await;
    let members = [
        house.member("Vera", "en").await,
        house.member("민지", "ko").await,
    ];
    let film = super::film("parasite-2019");
    let new = json!({"name": "Parasite, again 기생충 다시 보기", "film": film,
                     "description": "Every Friday at nine. 매주 금요일 밤 9시."});
    let room = house
        .write(Method::POST, "rooms", Some(&members[0]), &new)
        .await;
    let room = text(&room["id"]);
    they_have_talked(&house, &room, &members).await;
    for (language, who) in [("en", 0), ("ko", 1)] {
        for width in [DESKTOP, PHONE] {
            let browser = house.open(language, width).await;
            sign_in(&browser, &members[who]).await;
            browser.visit(&format!("/rooms/{room}")).await;
            browser.until(LIVE).await;
            assert_eq!(browser.too_wide().await, [""; 0]);
            assert!(browser.has(".message-body a[href^='/members/']").await);
            assert_eq!(browser.count(".message[data-names-me]").await, 1);
            browser.picture("room-talk").await;
            if who == 0 {
                // once: then she has read it
                assert_eq!(browser.has(DIVIDER).await, width == DESKTOP);
                until_read(&browser).await;
            }
            browser.close().await;
        }
    }
    let stranger = house.open("ko", PHONE).await;
    stranger.visit(&format!("/rooms/{room}")).await;
    stranger.picture("room-talk-stranger").await;
    stranger.close().await;
}
