//! Films from TMDB.

use domain::{FilmId, Role};
use serde_json::{Value, json};
use tests::site::{Site, parasite};
use tests::tmdb::{Fault, TOKEN, Tmdb};
use web::import::tmdb::{Asked, import};

use crate::pages::browser::Browser;

fn popular() -> Asked {
    Asked::Popular { pages: 500 }
}

pub async fn bring_in(site: &Site, tmdb: &Tmdb, asked: Asked) -> String {
    let imported = import(&site.app, &tmdb.access(TOKEN), asked).await;
    site.project().await;
    imported.unwrap().to_string()
}

/// The site's own, as TMDB knows it.
pub fn parasite_there(overview: &str) -> (Value, Value) {
    let en = json!({
        "title": "Parasite", "original_title": "기생충", "original_language": "ko",
        "overview": overview, "release_date": "2019-05-30", "runtime": 133,
        "genres": [{"id": 53, "name": "Thriller"}],
        "production_countries": [{"iso_3166_1": "KR"}],
        "imdb_id": "tt6751668", "poster_path": "/parasite.jpg", "backdrop_path": "/rain.jpg",
        "vote_count": 19000, "vote_average": 8.5,
        "credits": {"cast": [], "crew": [{"id": 2, "name": "Im Kwon-taek", "job": "Director"}]},
        "videos": {"results": [{"site": "YouTube", "type": "Trailer", "key": "5xH0HfJHsaY"}]}
    });
    let ko = json!({"title": "기생충", "overview": "", "credits": {"cast": [], "crew": []}});
    (en, ko)
}

async fn types(site: &Site) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select event_type, count(*) from log.events where event_type like 'film.%' group by event_type order by event_type",
    )
    .fetch_all(&site.pool)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tmdbs_films_are_listed_and_what_changed_is_revised() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(45).await;
    let (en, ko) = parasite_there("All unemployed.");
    tmdb.tell(496_243, en, ko);
    let said = bring_in(&site, &tmdb, popular()).await;
    assert_eq!(
        said,
        "46 films of TMDB's: 45 are new here, 1 were revised, 0 are not to be had."
    );
    // the site's film and TMDB's are one, and texts that TMDB lacks stay
    let film = site
        .get(format!("/api/v1/films/{}", parasite()))
        .await
        .expect(200)
        .json();
    assert_eq!(film["runtime_min"], 133);
    assert_eq!(
        film["overview"],
        json!({"en": "All unemployed.", "ko": "시작된다."})
    );
    assert_eq!(
        film["directors"],
        json!([{"en": "Im Kwon-taek", "ko": "임권택"}])
    );
    assert_eq!(
        film["poster"],
        "https://image.tmdb.org/t/p/w500/parasite.jpg"
    );
    let odd = FilmId::of_key("tmdb-1001");
    let film = site
        .get(format!("/api/v1/films/{odd}"))
        .await
        .expect(200)
        .json();
    assert_eq!(film["year"], Value::Null);
    assert_eq!(film["title"], json!({"en": "Film 1001", "ko": "영화 1001"}));
    assert_eq!(film["genres"], json!(["drama", "science-fiction"]));

    // once more: nothing has changed, so nothing happened
    let before = types(&site).await;
    bring_in(&site, &tmdb, popular()).await;
    assert_eq!(types(&site).await, before);

    let (en, ko) = parasite_there("Two families.");
    tmdb.tell(496_243, en, ko);
    tmdb.change(&[496_243, 7, 1002]);
    let said = bring_in(&site, &tmdb, Asked::Changes { days: Some(14) }).await;
    assert_eq!(
        said,
        "2 films of TMDB's: 0 are new here, 1 were revised, 0 are not to be had."
    );
    let told: String = sqlx::query_scalar(
        "select payload::text from log.events where event_type = 'film.revised' order by position desc limit 1",
    )
    .fetch_one(&site.pool)
    .await
    .unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    let overview = json!({"overview": {"en": "Two families.", "ko": "시작된다."}});
    assert_eq!(told["facts"], json!([overview]));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_comes_through_a_bad_connection_at_tmdbs_pace() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(40).await;
    let faults = [Fault::TooFast, Fault::Cut, Fault::Broken, Fault::Slow];
    tmdb.go_wrong(&faults.repeat(6));
    let start = tokio::time::Instant::now();
    let said = bring_in(&site, &tmdb, popular()).await;
    assert!(
        said.starts_with("40 films of TMDB's: 40 are new here"),
        "{said}"
    );
    let fastest = tmdb.requests() as f64 / 41.0;
    assert!(
        start.elapsed().as_secs_f64() >= fastest,
        "{:?}",
        start.elapsed()
    );
    assert!(tmdb.most_at_once() <= 32, "{}", tmdb.most_at_once());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_gone_is_counted_and_a_wrong_token_is_one_sentence() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(2).await;
    let ids = vec![1001, 999, 1001, 1002];
    let said = bring_in(&site, &tmdb, Asked::Ids { ids }).await;
    assert_eq!(
        said,
        "3 films of TMDB's: 2 are new here, 0 were revised, 1 are not to be had."
    );
    let refused = import(&site.app, &tmdb.access("wrong-token"), popular()).await;
    let said = format!("{:#}", refused.unwrap_err());
    assert!(
        said.starts_with("TMDB does not accept the token: "),
        "{said}"
    );
    assert!(
        !said.contains("wrong-token") && !said.contains('\n'),
        "{said}"
    );
    assert!(!format!("{:?}", tmdb.access(TOKEN)).contains("hush"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn films_are_discovered_by_facts_or_taken_from_the_days_list() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(30).await;
    let discover = Asked::Discover {
        pages: 1,
        from: Some(1990),
        to: None,
        language: Some("ko".to_owned()),
        votes: 5,
    };
    let said = bring_in(&site, &tmdb, discover).await;
    assert!(said.starts_with("20 films of TMDB's: 20 are new"), "{said}");
    assert_eq!(
        tmdb.last_query(),
        "include_adult=false&include_video=false&page=1&primary_release_date.gte=1990-01-01\
         &sort_by=vote_count.desc&vote_count.gte=5&with_original_language=ko"
    );
    let export = Asked::Export {
        date: None,
        most: 15,
        popularity: 16.0,
    };
    // the most popular of the list are its last ones here
    let said = bring_in(&site, &tmdb, export).await;
    assert!(said.starts_with("14 films of TMDB's: 10 are new"), "{said}");
    assert!(!tmdb.exports_saw_the_token());
    site.end().await;
}

/// By the next morning there is another list.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_broken_off_goes_on_with_its_own_list() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(30).await;
    let broken_off = async |days: i32| {
        let begun = "insert into coordination.imports (import, asked, list, started_at, touched_at)
             select gen_random_uuid(),
                    'export ' || ((now() at time zone 'utc') - interval '9 hours' - make_interval(days => $1))::date
                    || ' 15 16', '{1001,1002}', now() - make_interval(days => $1),
                    now() - make_interval(days => $1)";
        let begun = sqlx::query(begun).bind(days).execute(&site.pool);
        begun.await.unwrap();
    };
    let export = |popularity| Asked::Export {
        date: None,
        most: 15,
        popularity,
    };
    broken_off(2).await;
    let said = bring_in(&site, &tmdb, export(16.5)).await;
    assert!(said.starts_with("13 films"), "another one: {said}");
    let said = bring_in(&site, &tmdb, export(16.0)).await;
    assert!(said.starts_with("2 films"), "{said}");
    let said = bring_in(&site, &tmdb, export(16.0)).await;
    assert!(said.starts_with("14 films"), "it was finished: {said}");
    broken_off(20).await;
    let said = bring_in(&site, &tmdb, export(16.0)).await;
    assert!(said.starts_with("14 films"), "it was given up: {said}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_broken_off_long_ago_begins_anew_and_its_list_is_dropped() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(2).await;
    let begun = "insert into coordination.imports (import, asked, list, started_at, touched_at)
        select gen_random_uuid(), asked, '{1001}', day, day
        from (select now() - interval '8 days') as long_ago (day),
             unnest(array['popular 500', 'discover 3']) as asked";
    sqlx::query(begun).execute(&site.pool).await.unwrap();
    let said = bring_in(&site, &tmdb, popular()).await;
    assert!(said.starts_with("2 films of TMDB's: 2 are new"), "{said}");
    let left = "select count(*) from coordination.imports where list <> '{}'";
    let left: i64 = sqlx::query_scalar(left)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    let given_up = "select count(*) from coordination.imports
        where finished_at is null and length = 1 and failure = 'given up, 7 days later'";
    let given_up: i64 = sqlx::query_scalar(given_up)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(given_up, 2);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_films_of_one_name_stay_two() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(0).await;
    let (mut en, ko) = parasite_there("Another one.");
    en["credits"]["crew"][0]["name"] = json!("Somebody Else");
    tmdb.tell(48_311, en, ko);
    let said = bring_in(&site, &tmdb, popular()).await;
    assert!(said.contains("1 are new here, 0 were revised"), "{said}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_tmdbs_pictures_under_a_policy_that_lets_them_in_and_say_whose_they_are() {
    const NOTICE: &str = "This product uses the TMDB API but is not endorsed or certified by TMDB.";
    let site = Site::start().await;
    let film = format!("/films/{}", parasite());
    let policy = "content-security-policy";
    let mut stranger = Browser::new(&site).await;
    let before = stranger.get(&film).await;
    before.hides(NOTICE);
    before.hides("image.tmdb.org");
    assert!(!before.answer.header(policy).contains("tmdb"));

    let tmdb = Tmdb::start(1).await;
    let (en, ko) = parasite_there("All unemployed.");
    tmdb.tell(496_243, en, ko);
    bring_in(&site, &tmdb, popular()).await;
    for (page, picture) in [
        (
            film.as_str(),
            "src=\"https://image.tmdb.org/t/p/w500/parasite.jpg\"",
        ),
        (
            "/films",
            "src=\"https://image.tmdb.org/t/p/w342/parasite.jpg\"",
        ),
        (
            "/search?q=para",
            "src=\"https://image.tmdb.org/t/p/w342/parasite.jpg\"",
        ),
    ] {
        let shown = stranger.get(page).await;
        shown.shows(picture);
        shown.shows("loading=\"lazy\"");
        shown.shows(NOTICE);
        let said = shown.answer.header(policy);
        assert!(
            said.contains("img-src 'self' data: https://image.tmdb.org;"),
            "{said}"
        );
        assert!(!said.contains('*') && !said.contains("unsafe"), "{said}");
    }
    let shown = stranger.get(&film).await;
    shown.shows("https://www.themoviedb.org/movie/496243");
    shown.shows("https://www.youtube.com/watch?v=5xH0HfJHsaY");
    let shown = stranger.get("/sign-in").await;
    assert!(!shown.answer.header(policy).contains("tmdb"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_how_far_an_import_is() {
    let site = Site::start().await;
    let mut bob = Browser::of(&site, "Bob").await;
    assert_eq!(bob.get("/imports").await.status, 404);
    let mut ann = Browser::with_role(&site, "Ann", Role::Operator).await;
    let shown = ann.get("/imports").await;
    shown.shows("Nothing was imported yet");
    shown.shows("--tmdb-token-file");

    let tmdb = Tmdb::start(50).await;
    tmdb.wait_from(1031);
    let (app, access) = (site.app.clone(), tmdb.access(TOKEN));
    let importing = tokio::spawn(async move { import(&app, &access, popular()).await });
    let pool = &site.pool;
    tests::until("20 films are done", || async move {
        let done = "select coalesce(max(done), 0) from coordination.imports";
        let done: i32 = sqlx::query_scalar(done).fetch_one(pool).await.unwrap();
        done == 20
    })
    .await;
    let shown = ann.get("/imports").await;
    shown.shows("20 of 50 films");
    shown.shows("<progress max=\"50\" value=\"20\"");
    assert_eq!(shown.answer.header("refresh"), "3");
    // one at a time
    let second = import(&site.app, &tmdb.access(TOKEN), popular()).await;
    assert_eq!(
        second.unwrap_err().to_string(),
        "another import from TMDB is running"
    );
    tmdb.go_on();
    importing.await.unwrap().unwrap();
    let shown = ann.get("/imports").await;
    shown.shows("50 of 50 films");
    shown.shows("Finished");
    assert_eq!(shown.answer.header("refresh"), "");
    site.end().await;
}
