//! A server that behaves like TMDB: pages, languages, what is null or empty, refusals and their
//! codes, an allowance of requests, connections that break. All of it from what TMDB documents.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use web::import::tmdb::Access;

use crate::secrets;

pub const TOKEN: &str = "hush-this-is-tmdbs-token";
const PAGE: usize = 20;

#[derive(Clone)]
pub struct Tmdb {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<Known>,
    /// Films from this place of the list on wait until it is true.
    open: watch::Sender<bool>,
}

#[derive(Default)]
struct Known {
    /// In the order of the popular ones: id, details in English, details in Korean.
    films: Vec<(u32, Value, Value)>,
    changed: Vec<u32>,
    /// Requests that go wrong from now on, one for each.
    faults: Vec<Fault>,
    /// Requests of each film.
    asked: HashMap<u32, usize>,
    requests: usize,
    at_once: usize,
    most_at_once: usize,
    last_query: String,
    waits_from: Option<u32>,
    /// Films at which it fails, whoever asks and however often, and with which status.
    fails_at: HashMap<u32, u16>,
    token_at_exports: bool,
    /// Requests of a day's list.
    exports: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    TooFast,
    Broken,
    /// The body ends in the middle.
    Cut,
    Slow,
}

impl Tmdb {
    /// With so many films, numbered from 1001.
    pub async fn start(films: u32) -> Tmdb {
        let known = Known {
            films: (1001..1001 + films).map(plain).collect(),
            ..Known::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(known),
            open: watch::Sender::new(false),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let tmdb = Tmdb {
            address: format!("http://{address}"),
            shared,
        };
        let router = Router::new()
            .route("/3/configuration", get(configuration))
            .route("/3/genre/movie/list", get(genres))
            .route("/3/movie/popular", get(popular))
            .route("/3/discover/movie", get(popular))
            .route("/3/movie/changes", get(changes))
            .route("/3/movie/{id}", get(details))
            .route("/exports/{name}", get(export))
            .with_state(tmdb.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        tmdb
    }

    pub fn api(&self) -> String {
        format!("{}/3", self.address)
    }

    pub fn exports(&self) -> String {
        format!("{}/exports", self.address)
    }

    pub fn access(&self, token: &str) -> Access {
        secrets::remember(token);
        Access {
            token: token.to_owned().into(),
            api: self.api(),
            exports: self.exports(),
        }
    }

    /// A film more, or what one is now; new ones come first.
    pub fn tell(&self, id: u32, en: Value, ko: Value) {
        let mut known = self.known();
        known.films.retain(|film| film.0 != id);
        known.films.insert(0, (id, en, ko));
    }

    pub fn change(&self, ids: &[u32]) {
        self.known().changed = ids.to_vec();
    }

    pub fn go_wrong(&self, faults: &[Fault]) {
        self.known().faults.extend_from_slice(faults);
    }

    /// Whoever asks for one of these films gets this status and nothing else.
    pub fn fail_at(&self, ids: impl IntoIterator<Item = u32>, status: u16) {
        let ids = ids.into_iter().map(|id| (id, status));
        self.known().fails_at.extend(ids);
    }

    pub fn recover(&self) {
        self.known().fails_at.clear();
    }

    /// Whoever asks for this film, or one after it, waits.
    pub fn wait_from(&self, id: u32) {
        self.known().waits_from = Some(id);
    }

    pub fn go_on(&self) {
        self.shared.open.send_replace(true);
    }

    /// How often a film was asked for; each time is once in each language.
    pub fn asked_for(&self, id: u32) -> usize {
        self.known().asked.get(&id).copied().unwrap_or_default()
    }

    pub fn requests(&self) -> usize {
        self.known().requests
    }

    pub fn most_at_once(&self) -> usize {
        self.known().most_at_once
    }

    pub fn last_query(&self) -> String {
        self.known().last_query.clone()
    }

    pub fn exports_saw_the_token(&self) -> bool {
        self.known().token_at_exports
    }

    pub fn exports_asked_for(&self) -> usize {
        self.known().exports
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What every answer goes through.
    async fn answer(&self, headers: &HeaderMap, answer: Value) -> Response {
        let said = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        if said != Some(format!("Bearer {TOKEN}").as_str()) {
            return refusal(401, 7, "Invalid API key: You must be granted a valid key.");
        }
        let fault = {
            let mut known = self.known();
            known.requests += 1;
            known.at_once += 1;
            known.most_at_once = known.most_at_once.max(known.at_once);
            known.faults.pop()
        };
        let answer = match fault {
            None => axum::Json(answer).into_response(),
            Some(Fault::TooFast) => {
                let mut answer = refusal(429, 25, "Your request count is over the limit.");
                answer.headers_mut().insert(RETRY_AFTER, 0.into());
                answer
            }
            Some(Fault::Broken) => (StatusCode::BAD_GATEWAY, "<html>").into_response(),
            Some(Fault::Cut) => {
                let text = answer.to_string();
                let half = text[..text.floor_char_boundary(text.len() / 2)].to_owned();
                let cut = Err(std::io::Error::other("cut"));
                Body::from_stream(stream::iter([Ok(half), cut])).into_response()
            }
            Some(Fault::Slow) => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                axum::Json(answer).into_response()
            }
        };
        self.known().at_once -= 1;
        answer
    }
}

fn refusal(status: u16, code: u32, message: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("it is one");
    let said = json!({"success": false, "status_code": code, "status_message": message});
    (status, axum::Json(said)).into_response()
}

/// A film of which TMDB knows little: half of all texts are missing, numbers are as they come.
fn plain(id: u32) -> (u32, Value, Value) {
    let is_even = id.is_multiple_of(2);
    let average = if is_even { json!(7) } else { json!(6.5) };
    let en = json!({
        "id": id, "adult": false, "title": format!("Film {id}"),
        "original_title": format!("Film {id}"), "original_language": "en",
        "overview": "Somebody does something.",
        "release_date": if is_even { "2001-02-03" } else { "" },
        "runtime": if is_even { json!(100) } else { Value::Null },
        "genres": [{"id": 18, "name": "Drama"}, {"id": 878, "name": "Science Fiction"}],
        "production_countries": [], "belongs_to_collection": null,
        "imdb_id": null, "poster_path": null, "backdrop_path": null,
        "vote_count": 10, "vote_average": average,
        "credits": {"cast": [], "crew": [{"id": 1, "name": "Some Body", "job": "Director"}]},
        "keywords": {"keywords": []}, "videos": {"results": []},
        "images": {"posters": [{"file_path": format!("/p{id}.jpg"), "iso_639_1": null}]},
        "translations": {"translations": []}
    });
    let ko = json!({
        "id": id, "title": format!("영화 {id}"), "overview": if is_even { "" } else { "누가 뭔가 해요." },
        "credits": {"cast": [], "crew": []}
    });
    (id, en, ko)
}

async fn configuration(State(tmdb): State<Tmdb>, headers: HeaderMap) -> Response {
    let images =
        json!({"secure_base_url": "https://image.tmdb.org/t/p/", "poster_sizes": ["w342"]});
    tmdb.answer(&headers, json!({"images": images})).await
}

async fn genres(State(tmdb): State<Tmdb>, headers: HeaderMap) -> Response {
    let genres = json!([
        {"id": 18, "name": "Drama"}, {"id": 878, "name": "Science Fiction"},
        {"id": 53, "name": "Thriller"}, {"id": 10770, "name": "TV Movie"}
    ]);
    tmdb.answer(&headers, json!({"genres": genres})).await
}

type Asked = Query<HashMap<String, String>>;

fn page(all: &[u32], query: &HashMap<String, String>, size: usize) -> Value {
    let page: usize = query
        .get("page")
        .map_or(1, |page| page.parse().expect("a page"));
    let results = all.iter().skip((page - 1) * size).take(size);
    let results: Vec<Value> = results.map(|id| json!({"id": id, "adult": null})).collect();
    json!({
        "page": page, "results": results, "total_pages": all.len().div_ceil(size),
        "total_results": all.len()
    })
}

async fn popular(State(tmdb): State<Tmdb>, Query(query): Asked, headers: HeaderMap) -> Response {
    let answer = {
        let mut known = tmdb.known();
        let mut said: Vec<String> = query
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        said.sort();
        known.last_query = said.join("&");
        let ids: Vec<u32> = known.films.iter().map(|film| film.0).collect();
        page(&ids, &query, PAGE)
    };
    tmdb.answer(&headers, answer).await
}

async fn changes(State(tmdb): State<Tmdb>, Query(query): Asked, headers: HeaderMap) -> Response {
    assert!(query.contains_key("start_date") && query.contains_key("end_date"));
    let answer = page(&tmdb.known().changed, &query, 100);
    tmdb.answer(&headers, answer).await
}

async fn details(
    State(tmdb): State<Tmdb>,
    Path(id): Path<u32>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Response {
    let (found, waits) = {
        let mut known = tmdb.known();
        *known.asked.entry(id).or_default() += 1;
        if let Some(status) = known.fails_at.get(&id) {
            return refusal(*status, 11, "Internal error: Something went wrong.");
        }
        let place = known.films.iter().position(|film| film.0 == id);
        let waits_from = known.waits_from;
        let from = known
            .films
            .iter()
            .position(|film| Some(film.0) == waits_from);
        let found = place.map(|place| known.films[place].clone());
        (found, from.is_some_and(|from| place >= Some(from)))
    };
    if waits {
        let mut open = tmdb.shared.open.subscribe();
        let _ = open.wait_for(|open| *open).await;
    }
    match found {
        None => refusal(404, 34, "The resource you requested could not be found."),
        Some((_, en, ko)) => {
            let is_korean = query.get("language").is_some_and(|code| code == "ko-KR");
            tmdb.answer(&headers, if is_korean { ko } else { en }).await
        }
    }
}

async fn export(
    State(tmdb): State<Tmdb>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !name.starts_with("movie_ids_") || !name.ends_with(".json.gz") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut known = tmdb.known();
    known.exports += 1;
    known.token_at_exports |= headers.contains_key(AUTHORIZATION);
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for (place, (id, _, _)) in known.films.iter().enumerate() {
        let line = json!({
            "adult": place == 0, "id": id, "original_title": "x", "popularity": place, "video": false
        });
        writeln!(zip, "{line}").expect("memory is there");
    }
    zip.finish().expect("memory is there").into_response()
}
