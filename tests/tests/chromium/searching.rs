//! The search box: suggestions while somebody types, by keyboard and by hand.

use tests::chromium::{Browser, DESKTOP, PHONE};

use super::{film, house};

const OPEN: &str = "document.querySelector('#search').getAttribute('aria-expanded') === 'true'";
const CLOSED: &str = "document.querySelector('#search').getAttribute('aria-expanded') === 'false'";
const CHOSEN: &str =
    "document.querySelector('.suggestions [aria-selected=true]')?.textContent ?? 'none'";

#[tokio::test(flavor = "multi_thread")]
async fn suggestions_are_chosen_with_the_keyboard() {
    let house = house().await;
    let browser = house.open("ko", DESKTOP).await;
    browser.visit("/genres").await;
    browser.fill("#search", "기새").await;
    browser.until(OPEN).await;
    assert_eq!(browser.text(".suggestions mark").await, "기생");
    assert_eq!(browser.ask(CHOSEN).await, "none");

    key(&browser, "ArrowDown").await;
    let first = browser.ask(CHOSEN).await;
    assert!(first.as_str().unwrap().starts_with("기생충"), "{first}");
    let named = browser.attribute("#search", "aria-activedescendant").await;
    assert_eq!(named.as_deref(), Some("search-suggestions-0"));
    // past the first is the text again
    key(&browser, "ArrowUp").await;
    assert_eq!(browser.ask(CHOSEN).await, "none");
    assert!(
        browser
            .attribute("#search", "aria-activedescendant")
            .await
            .is_none()
    );

    key(&browser, "Escape").await;
    browser.until(CLOSED).await;
    assert_eq!(typed(&browser).await, "기새");
    key(&browser, "ArrowDown").await;
    browser.until(OPEN).await;
    key(&browser, "Enter").await;
    let expected = format!("/films/{}", film("parasite-2019"));
    browser
        .until(&format!("location.pathname === '{expected}'"))
        .await;
    assert_eq!(browser.text("h1").await, "기생충");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_without_a_choice_searches_and_a_press_goes_there() {
    let house = house().await;
    let browser = house.open("en", PHONE).await;
    browser.visit("/").await;
    browser.fill("#search", "memories of").await;
    browser.until(OPEN).await;
    assert!(browser.too_wide().await.is_empty());
    browser.press(".suggestions li").await;
    browser
        .until("location.pathname.startsWith('/films/')")
        .await;
    assert_eq!(browser.text("h1").await, "Memories of Murder");

    browser.fill("#search", "murder").await;
    browser.until(OPEN).await;
    key(&browser, "Enter").await;
    browser.until("location.pathname === '/search'").await;
    assert_eq!(browser.text("h1").await, "“murder”");
    assert_eq!(browser.text(".found-films mark").await, "Murder");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_belong_to_an_input_method_are_left_to_it() {
    let house = house().await;
    let browser = house.open("ko", DESKTOP).await;
    browser.visit("/genres").await;
    browser.fill("#search", "살인").await;
    browser.until(OPEN).await;
    for (name, before) in [("ArrowDown", "none"), ("Enter", "none"), ("Escape", "none")] {
        // what a browser sends while a syllable is being composed
        let press = format!(
            "void document.querySelector('#search').dispatchEvent(new KeyboardEvent('keydown', \
             {{ key: '{name}', isComposing: true, bubbles: true, cancelable: true }}))"
        );
        browser.ask(&press).await;
        assert_eq!(browser.ask(CHOSEN).await, before, "{name}");
        assert_eq!(browser.ask(OPEN).await, true, "{name}");
        assert_eq!(browser.path().await, "/genres", "{name}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_overtaken_is_not_shown() {
    let house = house().await;
    let browser = house.open("en", DESKTOP).await;
    browser.visit("/genres").await;
    // the answer about one letter is late
    browser
        .ask(
            "void (window.fetch = ((fetch) => async (address, options) => {
                const answer = await fetch(address);
                if (String(address).endsWith('q=p')) await new Promise((go) => setTimeout(go, 600));
                window.answered = (window.answered ?? 0) + 1;
                return answer;
            })(window.fetch))",
        )
        .await;
    let set = |text: &str| {
        format!(
            "void (document.querySelector('#search').focus(), \
             document.querySelector('#search').value = '{text}', \
             document.querySelector('#search').dispatchEvent(new InputEvent('input')))"
        )
    };
    browser.ask(&set("p")).await;
    browser
        .until("performance.getEntriesByType('resource').some(({ name }) => name.endsWith('q=p'))")
        .await;
    browser.ask(&set("parasite")).await;
    browser.until("window.answered === 2").await;
    assert_eq!(browser.text(".suggestion-name").await, "Parasite");
    browser.ask(&set("")).await;
    browser.until(CLOSED).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_there_is_nothing_to_choose() {
    let house = house().await;
    let browser = house.open("en", DESKTOP).await;
    browser.visit("/genres").await;
    browser.fill("#search", "para").await;
    browser.until(OPEN).await;
    browser
        .ask("void (window.fetch = async () => new Response('', { status: 503 }))")
        .await;
    browser.keys("#search", "chute").await;
    browser.until(CLOSED).await;
    key(&browser, "ArrowDown").await;
    assert_eq!(browser.ask(OPEN).await, false);
    assert_eq!(browser.ask(CHOSEN).await, "none");
    browser.close().await;
}

async fn key(browser: &Browser, name: &str) {
    let press = format!(
        "void (() => {{
            const input = document.querySelector('#search');
            const event = new KeyboardEvent('keydown', {{ key: '{name}', bubbles: true, cancelable: true }});
            if (input.dispatchEvent(event) && '{name}' === 'Enter') input.form.requestSubmit();
        }})()"
    );
    browser.ask(&press).await;
}

async fn typed(browser: &Browser) -> String {
    let value = browser.ask("document.querySelector('#search').value").await;
    value.as_str().unwrap().to_owned()
}
