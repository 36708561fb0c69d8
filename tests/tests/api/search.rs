//! `/search` and `/people`: what a person types, and what they find.

use domain::film::{Person, Translated, Votes};
use domain::{FilmId, Genre};
use serde_json::{Value, json};
use tests::site::{Site, film, parasite, ratatouille, text};

/// What was found: titles in English, in order.
async fn titles(site: &Site, query: &str) -> Vec<String> {
    let found = site.get(format!("/api/v1/search?{query}")).await;
    let found = found.expect(200).json();
    let films = found["films"]["items"].as_array().unwrap().clone();
    films
        .iter()
        .map(|found| text(&found["film"]["title"]["en"]))
        .collect()
}

async fn find(site: &Site, typed: &str) -> Vec<String> {
    titles(site, &format!("q={}", encoded(typed))).await
}

fn encoded(typed: &str) -> String {
    typed.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Films among which a search can go wrong.
async fn a_site() -> Site {
    let site = Site::start().await;
    let mut director = film("Memories of Murder", "살인의 추억", 2003, &[Genre::Crime]);
    director.facts.directors = vec![Person {
        en: "Bong Joon-ho".to_owned(),
        ko: Some("봉준호".to_owned()),
    }];
    director.facts.overview = Translated::both(
        "Two detectives in a village where it keeps raining.",
        "비가 그치지 않는 마을의 두 형사가 범인을 쫓는다.",
    );
    let mut host = film("The Host", "괴물", 2006, &[Genre::Horror]);
    host.facts.directors = director.facts.directors.clone();
    let mut amelie = film("Amélie", "아멜리에", 2001, &[Genre::Romance]);
    amelie.facts.original_title = "Le Fabuleux Destin d’Amélie Poulain".to_owned();
    site.list(vec![
        director,
        host,
        amelie,
        film("Up", "업", 2009, &[Genre::Animation]),
        film("Superman", "슈퍼맨", 1978, &[Genre::Action]),
        film("Upgrade", "업그레이드", 2018, &[Genre::Action]),
        film("Murder!", "살인!", 1930, &[Genre::Crime]),
        film(
            "The Man Without a Past",
            "과거가 없는 남자",
            2002,
            &[Genre::Drama],
        ),
        film("Whale Hunting", "고래사냥", 1984, &[Genre::Drama]),
    ])
    .await;
    site
}

#[tokio::test]
async fn a_film_is_found_by_any_of_its_titles_however_they_are_typed() {
    let site = a_site().await;
    for (typed, expected) in [
        ("Parasite", "Parasite"),
        ("parasite", "Parasite"),
        ("기생충", "Parasite"),
        ("ㄱㅅㅊ", "Parasite"),
        ("기새", "Parasite"),
        ("생충", "Parasite"),
        ("기셍충", "Parasite"),
        ("parasyte", "Parasite"),
        ("amelie", "Amélie"),
        ("destin d'amelie", "Amélie"),
        ("ㅅㅇㅇㅊㅇ", "Memories of Murder"),
        ("살인의추억", "Memories of Murder"),
        ("살 인의 추 억", "Memories of Murder"),
        ("memoriesof", "Memories of Murder"),
        ("ratatouile", "Ratatouille"),
        ("봉준호 살인", "Memories of Murder"),
        ("bong joon-ho 2006", "The Host"),
        ("detectives", "Memories of Murder"),
        ("형사", "Memories of Murder"),
        ("공포", "The Host"),
        ("horror", "The Host"),
        ("1978", "Superman"),
    ] {
        let found = find(&site, typed).await;
        assert_eq!(
            found.first().map(String::as_str),
            Some(expected),
            "{typed}: {found:?}"
        );
    }
    site.end().await;
}

#[tokio::test]
async fn better_matches_come_first_and_of_equal_ones_what_is_talked_about() {
    let site = a_site().await;
    assert_eq!(find(&site, "up").await[..2], ["Up", "Upgrade"]);
    assert_eq!(
        find(&site, "murder").await,
        ["Murder!", "Memories of Murder"]
    );
    assert_eq!(find(&site, "살인").await, ["Murder!", "Memories of Murder"]);
    // 고 begins 고래 as it is, 과거 and 괴물 while they are typed
    assert_eq!(
        find(&site, "고").await,
        ["Whale Hunting", "The Man Without a Past", "The Host"]
    );
    let by_him = find(&site, "봉준호").await;
    assert_eq!(by_him.len(), 2);
    let ann = site.ann().await;
    for (film, first) in [
        ("the-host-2006", "The Host"),
        ("memories-of-murder-2003", "Memories of Murder"),
    ] {
        site.review(&ann, FilmId::of_key(film)).await;
        assert_eq!(find(&site, "봉준호").await[0], first);
    }
    site.end().await;
}

#[tokio::test]
async fn filters_narrow_what_is_found() {
    let site = a_site().await;
    assert_eq!(titles(&site, "q=m&genre=crime").await.len(), 2);
    assert_eq!(titles(&site, "q=murder&to=1999").await, ["Murder!"]);
    assert_eq!(
        titles(&site, "q=murder&from=2000&to=2009").await,
        ["Memories of Murder"]
    );
    assert_eq!(titles(&site, "q=murder&from=2010&to=1990").await, [""; 0]);
    assert_eq!(titles(&site, "q=parasyte&genre=crime").await, [""; 0]);
    assert_eq!(titles(&site, "q=parasite&stars=4").await, [""; 0]);
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.review(&ann, parasite()).await;
    assert_eq!(titles(&site, "q=parasite&stars=4").await, ["Parasite"]);
    let low = json!({ "rating": 3.5 });
    let review = format!("/api/v1/films/{}/review", parasite());
    site.put(&review).by(&bob).json(&low).await.expect(201);
    assert_eq!(titles(&site, "q=parasite&stars=4").await, [""; 0]);
    let refused = site.get("/api/v1/search?q=a&genre=nothing").await;
    assert_eq!(refused.problem(), (400, "bad-request".to_owned()));
    site.end().await;
}

/// Of very many films of nearly one name the ones that are looked at are not by chance.
#[tokio::test]
async fn among_many_films_those_that_are_rated_so_are_found() {
    let site = Site::start().await;
    let night = |n: i16| film(&format!("Night {n}"), "밤", 1950 + n % 50, &[Genre::Horror]);
    let nights: Vec<_> = (0..500).map(night).collect();
    let ids: Vec<FilmId> = nights.iter().map(|film| film.film).collect();
    site.list(nights).await;
    let ann = site.ann().await;
    for (n, stars) in [(123, 5.0), (321, 4.5), (444, 1.0)] {
        let path = format!("/api/v1/films/{}/review", ids[n]);
        let rated = site.put(path).by(&ann).json(&json!({ "rating": stars }));
        rated.await.expect(201);
    }
    site.project().await;
    for typed in ["q=night&stars=4", "q=n&stars=4"] {
        let mut found = titles(&site, typed).await;
        found.sort();
        assert_eq!(found, ["Night 123", "Night 321"], "{typed}");
    }
    // and what is talked about is in front of them all
    let first: Vec<String> = titles(&site, "q=nig").await[..3].to_vec();
    for talked_about in ["Night 123", "Night 321", "Night 444"] {
        assert!(first.contains(&talked_about.to_owned()), "{first:?}");
    }
    site.end().await;
}

#[tokio::test]
async fn pages_of_a_search_show_each_film_once() {
    let site = Site::start().await;
    let many = |n: i16| film(&format!("Night {n}"), &format!("밤 {n}"), 1950 + n, &[]);
    site.list((0..45).map(many).collect()).await;
    for typed in ["night", "n"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("/api/v1/search?q={typed}&limit=10{cursor}");
            let films = site.get(page).await.expect(200).json()["films"].clone();
            let items = films["items"].as_array().unwrap();
            seen.extend(items.iter().map(|found| text(&found["film"]["id"])));
            let Some(next) = films["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 45, "{typed}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 45, "{typed}");
    }
    site.end().await;
}

/// More than are looked through: what is called so is in front of what many talk about.
#[tokio::test]
async fn a_letter_finds_what_is_called_so_then_what_begins_so_and_is_talked_about() {
    let site = Site::start().await;
    let night = |n: u32| {
        let mut night = film(&format!("Night {n}"), "밤", 1950, &[]);
        let (count, average) = (n, 7.0);
        night.facts.votes = Some(Votes { count, average });
        night
    };
    for some in (1..700).map(night).collect::<Vec<_>>().chunks(350) {
        site.list(some.to_vec()).await;
    }
    let of_nights = film("The Longest Night", "가장 긴 밤", 1990, &[]);
    site.list(vec![film("N", "엔", 2000, &[]), of_nights.clone()])
        .await;
    let ann = site.ann().await;
    site.review(&ann, of_nights.film).await;
    let first = titles(&site, "q=n&limit=3").await;
    assert_eq!(first, ["N", "Night 699", "Night 698"]);
    assert_eq!(find(&site, "nig").await[0], "Night 699");
    site.end().await;
}

#[tokio::test]
async fn people_and_members_are_found_beside_films() {
    let site = a_site().await;
    let ann = site.sign_up("Bongo").await;
    let found = site.get("/api/v1/search?q=bong").await.expect(200).json();
    let bong = json!({
        "slug": "bong-joon-ho",
        "name": { "en": "Bong Joon-ho", "ko": "봉준호" },
        "films": 2,
    });
    assert_eq!(found["people"], json!([bong]));
    assert_eq!(found["members"], json!([{ "id": ann.id, "name": "Bongo" }]));
    for typed in ["ㅂㅈㅎ", "봉쥰호", "joon ho", "bong joonho"] {
        let found = site
            .get(format!("/api/v1/search?q={}", encoded(typed)))
            .await;
        assert_eq!(found.json()["people"][0]["slug"], "bong-joon-ho", "{typed}");
    }
    let person = site
        .get("/api/v1/people/bong-joon-ho")
        .await
        .expect(200)
        .json();
    let directed: Vec<Value> = person["directed"].as_array().unwrap().clone();
    let years: Vec<&Value> = directed.iter().map(|film| &film["year"]).collect();
    assert_eq!(years, [&json!(2006), &json!(2003)]);
    let nobody = site.get("/api/v1/people/nobody-at-all").await;
    assert_eq!(nobody.problem(), (404, "not-found".to_owned()));
    let mut gone = site.delete("/api/v1/me").by(&ann);
    gone = gone.json(&json!({ "password": ann.password }));
    gone.await.expect(204);
    site.project().await;
    let found = site.get("/api/v1/search?q=bongo").await.expect(200).json();
    assert_eq!(found["members"], json!([]));
    site.end().await;
}

#[tokio::test]
async fn a_revised_film_is_found_as_it_is_now() {
    let site = Site::start().await;
    let mut known = film("Ratatouille", "라따뚜이", 2007, &[Genre::Animation]);
    known.facts.title = Translated::both("The Rat Chef", "요리하는 쥐");
    known.facts.cast = vec![];
    let asked = tests::history::asked(domain::MemberId(uuid::Uuid::nil()));
    let revise = commands::film::Revise { films: vec![known] };
    commands::execute(&site.app.sequencer, asked, revise)
        .await
        .unwrap();
    site.project().await;
    assert_eq!(find(&site, "rat chef").await, ["The Rat Chef"]);
    assert_eq!(find(&site, "요리하는").await, ["The Rat Chef"]);
    assert_eq!(find(&site, "ratatouille").await, [""; 0]);
    // the original title was not revised
    assert_eq!(find(&site, "라따뚜이").await, ["The Rat Chef"]);
    site.end().await;
}

#[tokio::test]
async fn where_nothing_is_found_there_is_something_to_look_at() {
    let site = a_site().await;
    let ann = site.ann().await;
    site.review(&ann, ratatouille()).await;
    for typed in ["qqqqqqqq", "뷁뷁뷁", "?!", ""] {
        let found = site
            .get(format!("/api/v1/search?q={}", encoded(typed)))
            .await;
        let found = found.expect(200).json();
        assert_eq!(found["films"]["items"], json!([]), "{typed}");
        assert_eq!(found["instead"][0]["id"], json!(ratatouille()), "{typed}");
    }
    let found = site.get("/api/v1/search?q=up").await.expect(200).json();
    assert_eq!(found["instead"], json!([]));
    site.end().await;
}

#[tokio::test]
async fn suggestions_name_what_matched_in_the_readers_language() {
    let site = a_site().await;
    let suggestions = async |typed: &str, language: &str| {
        let path = format!("/api/v1/search/suggestions?q={}", encoded(typed));
        let answer = site.get(path).header("accept-language", language).await;
        answer.expect(200).json()["items"].clone()
    };
    let film = &suggestions("기새", "en").await[0];
    assert_eq!(
        *film,
        json!({
            "kind": "film",
            "name": [{ "text": "기생", "is_match": true }, { "text": "충", "is_match": false }],
            "detail": "Parasite · 2019",
            "href": format!("/films/{}", parasite()),
        })
    );
    assert_eq!(suggestions("기새", "ko").await[0]["detail"], "2019");
    let bong = &suggestions("bong", "ko").await[0];
    assert_eq!(bong["href"], "/people/bong-joon-ho");
    assert_eq!(suggestions(" ", "ko").await, json!([]));
    site.end().await;
}

#[tokio::test]
async fn nothing_that_can_be_typed_breaks_the_search() {
    let site = a_site().await;
    let long = "가나다라 ".repeat(200);
    for typed in [
        "'",
        "\\",
        "&|!()<->:*",
        "a:*",
        "''':A",
        "ㅏ",
        "ㅏㅏㅏ",
        "ㄳ",
        "%",
        "_",
        "🎬",
        "\u{200b}",
        "é́́́",
        "ﷺ",
        "ᄀᄀ각ᆨ",
        "a b c d e f g h i j k l",
        "0",
        &long,
    ] {
        for path in ["search", "search/suggestions"] {
            let asked = format!("/api/v1/{path}?q={}", encoded(typed));
            site.get(asked).await.expect(200);
        }
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_rooms_are_found_by_name_until_who_named_them_is_forgotten() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let rooms = "/api/v1/rooms";
    let open = |name: &str, admission: &str| json!({"name": name, "admission": admission});
    let public = open("The Staircase Club", "public");
    let public = site
        .post(rooms)
        .by(&ann)
        .json(&public)
        .await
        .expect(201)
        .json();
    let secret = open("The Staircase Cellar", "invitation");
    site.post(rooms).by(&bob).json(&secret).await.expect(201);
    site.project().await;
    let found = || async {
        let found = site
            .get("/api/v1/search?q=staircase")
            .by(&bob)
            .await
            .expect(200)
            .json();
        found["rooms"].clone()
    };
    assert_eq!(
        found().await,
        json!([{"id": public["id"], "name": "The Staircase Club"}])
    );
    let suggested = site
        .get("/api/v1/search/suggestions?q=stairc")
        .await
        .expect(200)
        .json();
    assert_eq!(suggested["items"][0]["kind"], "room");
    let room = format!("{rooms}/{}", public["id"].as_str().unwrap());
    let renamed = json!({"name": "The Staircase Society"});
    site.patch(&room).by(&ann).json(&renamed).await.expect(200);
    assert_eq!(found().await[0]["name"], "The Staircase Society");
    let gone = json!({"password": ann.password, "forget": "everything"});
    let left = site.delete("/api/v1/me").by(&ann).json(&gone).await;
    assert!(left.status.is_success(), "{}", left.text());
    site.project().await;
    // forgotten when the keys are gone
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while found().await != json!([]) {
        assert!(tokio::time::Instant::now() < deadline, "it is still found");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    site.end().await;
}
