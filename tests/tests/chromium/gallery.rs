//! How every page looks: no wider than a phone, in both languages. With `SCREENSHOTS`, to be
//! looked at.

use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE, PICTURES};

use super::{House, Member, film, house, sign_in};

/// One visitor: a browser, and where there is something to see.
struct Visit<'a> {
    browser: Browser,
    town: &'a Town,
}

/// A film with reviews of every kind and who wrote them.
struct Town {
    film: String,
    /// With likes and comments.
    review: String,
    critic: Member,
    /// Has reviewed another film, and has liked and commented here.
    reader: Member,
    /// By the reader.
    own: String,
    /// Opened by the reader, with much said in it.
    room: String,
}

const LONG: &str = "Two families, one staircase. Everything in this film goes up or down: the \
    rain, the light, the smell of boiled radish, the people. The first hour is a heist, and you \
    laugh; then the doorbell rings in the rain, and it becomes something that has no name.\n\n\
    > \"So metaphorical!\"\n\n- the *scholar's stone*,\n- the **peach**,\n- the ram-don.\n\n\
    What stays with me is the walk home. They run down and down and down, past walls and \
    tunnels, and the water is there before them. 물은 아래로 흐른다.";
const KOREAN: &str = "계단을 오르내리는 영화다. 웃다가 어느 순간 웃음이 목에 걸린다. 비 오는 \
    밤의 초인종 소리 이후로는 다른 영화가 된다.";

/// Its reader has this language.
async fn town(house: &House, language: &str) -> Town {
    let named = async |name: &str| {
        let name = format!("{name} {language}");
        house.member(&name, language).await
    };
    let much_said = film("decision-to-leave-2022");
    let critic = named("Lena Long-Namedperson").await;
    let reader = named("민수").await;
    let third = named("Noor").await;
    let fourth = named("오하라").await;
    let long = json!({"rating": 4.5, "text": LONG});
    let review = house.review(&critic, much_said, &long).await;
    let korean = json!({"rating": 4, "text": KOREAN});
    let liked = house.review(&third, much_said, &korean).await;
    let spoiler = json!({"rating": 2, "text": "The butler lives.", "spoiler": true});
    house.review(&fourth, much_said, &spoiler).await;
    let other = film("memories-of-murder-2003");
    let korean = json!({"rating": 4, "text": KOREAN, "watched_on": "2026-05-17"});
    let own = house.review(&reader, other, &korean).await;
    for (seen, day) in [
        ("parasite-2019", "2026-05-03"),
        ("the-handmaiden-2016", "2026-04-30"),
    ] {
        let said = json!({"rating": 4.5, "watched_on": day});
        house.review(&reader, film(seen), &said).await;
    }
    house.review(&critic, other, &json!({"rating": 5})).await;
    for member in [&reader, &third, &fourth] {
        house.like(member, &review).await;
    }
    house.like(&critic, &liked).await;
    house
        .comment(&reader, &review, "복숭아 장면에서 숨을 참았어요.")
        .await;
    house
        .comment(&third, &review, &"https://example.org/a".repeat(9))
        .await;
    house.comment(&critic, &own, "Where is the *rain*?").await;
    for wanted in ["parasite-2019", "oldboy-2003", "burning-2018"] {
        let list = format!("films/{}/watchlist", film(wanted));
        house
            .write(reqwest::Method::PUT, &list, Some(&reader), &json!({}))
            .await;
    }
    let room = room(house, much_said, [&reader, &critic, &third]).await;
    Town {
        room,
        film: format!("/films/{much_said}"),
        review,
        critic,
        reader,
        own,
    }
}

/// A room about a film in which the first two talk and the third is.
async fn room(house: &House, film: domain::FilmId, members: [&Member; 3]) -> String {
    let [maker, other, third] = members;
    let new = json!({"name": "비 오는 날의 수다", "film": film,
        "description": "Rain, stairs, peaches. 스포일러는 가려 주세요."});
    let room = house
        .write(reqwest::Method::POST, "rooms", Some(maker), &new)
        .await;
    let room = format!("rooms/{}", tests::site::text(&room["id"]));
    for member in members {
        let presence = format!("{room}/presence");
        house
            .write(reqwest::Method::PUT, &presence, Some(member), &json!({}))
            .await;
    }
    let messages = format!("{room}/messages");
    let long = "https://example.org/".to_owned() + &"a".repeat(90);
    let to_maker = format!("Did you see it, @{}? The *walk home*.", maker.name);
    for (member, said) in [
        (other, json!({"text": to_maker})),
        (maker, json!({"text": "봤어요! 물은 아래로 흐른다니까요."})),
        (maker, json!({"text": KOREAN, "reply_to": 5})),
        (other, json!({"text": long})),
        (other, json!({"text": "The butler lives.", "spoiler": true})),
        (third, json!({"text": "So do I."})),
        (other, json!({"text": LONG, "reply_to": 6})),
    ] {
        house
            .write(reqwest::Method::POST, &messages, Some(member), &said)
            .await;
    }
    let reaction = format!("{messages}/6/reactions/🔥");
    for member in [other, third] {
        house
            .write(reqwest::Method::PUT, &reaction, Some(member), &json!({}))
            .await;
    }
    format!("/{room}")
}

/// Of tabs, also of the last of many.
const CHOSEN_IS_SEEN: &str =
    "[...document.querySelectorAll('.tabs [aria-current]')].every((tab) => {
    const { left, right } = tab.getBoundingClientRect();
    return left >= 0 && right <= innerWidth;
})";

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_a_phone_in_english() {
    visit_every_page("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_a_phone_in_korean() {
    visit_every_page("ko").await;
}

async fn visit_every_page(language: &str) {
    let house = house().await;
    let mut visit = Visit {
        browser: house.open(language, PHONE).await,
        town: &town(&house, language).await,
    };
    visit.as_a_stranger().await;
    visit.as_a_member().await;
    visit.as_an_auditor(&house).await;
    visit.browser.close().await;
}

impl Visit<'_> {
    async fn as_a_stranger(&mut self) {
        let critic = format!("/members/{}", self.town.critic.id);
        let wanted = format!("/members/{}?view=watchlist", self.town.reader.id);
        let film_by_likes = format!("{}?sort=best-liked", self.town.film);
        for (name, path) in [
            ("home-stranger", "/"),
            ("genres", "/genres"),
            ("genre", "/genres/science-fiction"),
            ("films", "/films"),
            ("films-rated", "/films?sort=best-rated&decade=2000"),
            ("search", "/search?q=살인"),
            ("search-many", "/search?q=s&from=1990&to=2020"),
            ("search-nothing", "/search?q=qqqqqqqqqq"),
            ("search-empty", "/search"),
            ("person", "/people/bong-joon-ho"),
            ("film-stranger", film_by_likes.as_str()),
            ("review-stranger", self.town.review.as_str()),
            ("member", critic.as_str()),
            ("watchlist-stranger", wanted.as_str()),
            ("room-stranger", self.town.room.as_str()),
            ("sign-up", "/sign-up"),
            ("sign-in", "/sign-in"),
        ] {
            self.see(name, path).await;
        }
        self.browser.visit("/sign-up").await;
        for (field, wrong) in [
            ("#name", self.town.reader.name.as_str()),
            ("#email", "kim@example.org"),
            ("#password", "short"),
        ] {
            self.browser.fill(field, wrong).await;
        }
        self.browser.follow("form[action='/sign-up'] button").await;
        self.refused("sign-up-errors", "422").await;
        self.browser.visit("/films/nothing").await;
        self.refused("not-found", "404").await;
    }

    async fn as_a_member(&mut self) {
        sign_in(&self.browser, &self.town.reader).await;
        self.look("home-signed-in").await;
        let form = format!("{}/review", self.town.film);
        let (film, review) = (self.town.film.as_str(), self.town.review.as_str());
        let own = self.town.own.as_str();
        for (name, path) in [
            ("film", film),
            ("review", review),
            ("review-own", own),
            ("review-form", form.as_str()),
            ("settings", "/settings"),
            ("settings-password", "/settings/password"),
            ("settings-withdraw", "/settings/withdraw"),
            ("rooms", "/rooms"),
            ("room", self.town.room.as_str()),
            ("room-settings", format!("{}/edit", self.town.room).as_str()),
            ("room-new", "/rooms/new"),
            ("notifications", "/notifications"),
        ] {
            self.see(name, path).await;
        }
        self.browser.visit(own).await;
        self.browser.press(".actions .confirm summary").await;
        self.look("review-own-deleting").await;
        self.browser.press("dialog [type=button]").await;
        self.browser.follow(".review-film a").await;
        self.look("film-own").await;
        let me = format!("/members/{}", self.town.reader.id);
        self.see("member-own", &me).await;
        for view in ["comments", "watchlist", "likes", "diary"] {
            let page = format!("{me}?view={view}");
            self.see(&format!("member-own-{view}"), &page).await;
        }
        self.wrong_forms(&form).await;
    }

    /// The reader, who has become one.
    async fn as_an_auditor(&mut self, house: &House) {
        house.grant("auditor", &self.town.reader.name);
        let review = self
            .town
            .review
            .replace("/reviews/", "/audit/streams/review-");
        let room = self.town.room.replace("/rooms/", "/audit/streams/room-");
        let critic = format!("/audit?member={}", self.town.critic.id);
        for (name, path) in [
            ("audit", "/audit"),
            ("audit-member", critic.as_str()),
            ("audit-stream", review.as_str()),
            ("audit-stream-room", room.as_str()),
            ("history", "/me/history"),
        ] {
            self.see(name, path).await;
        }
        self.browser.visit(&review).await;
        self.browser.press(".audit-details summary").await;
        self.look("audit-stream-open").await;
    }

    async fn wrong_forms(&mut self, form: &str) {
        self.browser.visit(form).await;
        self.browser.fill("#text", KOREAN).await;
        // As a browser does that doesn't know `required`.
        self.browser
            .ask("void (document.querySelector('.review-form').noValidate = true)")
            .await;
        self.browser.follow(".review-form [type=submit]").await;
        self.refused("review-form-errors", "422").await;
        self.browser.visit(&self.town.review).await;
        self.browser.fill("#text", "  ").await;
        self.browser.follow(".comment-form button").await;
        self.refused("comment-errors", "422").await;
        self.browser.visit("/settings/password").await;
        self.browser.fill("#current_password", "not this one").await;
        self.browser.fill("#new_password", "short").await;
        self.browser.follow(".form button").await;
        self.refused("settings-password-errors", "422").await;
    }

    async fn see(&mut self, name: &str, path: &str) {
        self.browser.visit(path).await;
        self.look(name).await;
    }

    async fn look(&mut self, name: &str) {
        let lost = self.browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        let is_seen = self.browser.ask(CHOSEN_IS_SEEN).await;
        assert_eq!(is_seen, true, "{name}: the chosen tab is out of sight");
        if std::env::var_os(PICTURES).is_some() {
            for width in [PHONE, DESKTOP, PHONE] {
                self.browser.resize(width).await;
                self.browser.picture(name).await;
            }
        }
    }

    /// The same for an answer that the browser notes as no success.
    async fn refused(&mut self, name: &str, status: &str) {
        self.look(name).await;
        let noted = format!("status of {status}");
        self.browser.complains_only_of(&noted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_page_is_noticed() {
    let house = house().await;
    let browser = house.open("en", PHONE).await;
    browser.visit("/genres").await;
    assert!(browser.too_wide().await.is_empty());
    browser
        .ask("void (document.querySelector('h1').style.width = '500px')")
        .await;
    assert!(!browser.too_wide().await.is_empty());
    for (script, noted) in [
        (
            "setTimeout(() => { throw new Error('a reel is torn') })",
            "a reel is torn",
        ),
        (
            "Object.assign(new Image(), {src: 'https://example.org/pixel'})",
            "Content Security Policy",
        ),
    ] {
        browser.ask(&format!("void {script}")).await;
        browser.complains_only_of(noted).await;
    }
    browser.close().await;
}
