//! What members bring along of their own, on the page of their settings.

use std::convert::Infallible;
use std::io::{Cursor, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;

use axum::body::Body;
use domain::Role;
use serde_json::json;
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};
use web::app::Options;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const IMPORT: &str = "/settings/import";
/// Behind a form's last part.
const END: &[u8] = b"\r\n--xyz--\r\n";

fn form(name: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), file, END].concat()
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub async fn upload(site: &Site, member: &Member, file: &[u8]) -> (u16, String) {
    let form = form("ratings", file);
    let asked = site.post(IMPORT).by(member);
    let answer = asked.body("multipart/form-data; boundary=xyz", form).await;
    (answer.status.as_u16(), answer.text())
}

pub async fn page(site: &Site, member: &Member) -> String {
    site.get(IMPORT).by(member).await.expect(200).text()
}

/// Presses a button, and waits until the page says that it is done.
pub async fn press(site: &Site, member: &Member, button: &str, done: &str) {
    let path = format!("{IMPORT}/{button}");
    site.post(path)
        .by(member)
        .body("application/x-www-form-urlencoded", "")
        .await
        .expect(303);
    tests::until(done, || async { page(site, member).await.contains(done) }).await;
    site.project().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letterboxds_zip_is_looked_at_imported_and_taken_back() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, seopyeonje()).await;
    let ratings = "Date,Name,Year,Letterboxd URI,Rating\n\
        2019-06-01,Parasite,2019,https://boxd.it/a,4.5\n\
        2012-01-02,Ratatouille,2008,https://boxd.it/b,3\n\
        2011-01-02,Seopyeonje,1993,https://boxd.it/c,0.5\n\
        2010-01-02,Nowhere at All,1966,https://boxd.it/d,5\n";
    let reviews = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n\
        2019-06-01,Parasite,2019,https://boxd.it/a,4.5,,Stairs.,,2019-05-30\n";
    let watchlist = "Date,Name,Year,Letterboxd URI\n\
        2019-07-01,Seopyeonje,1993,https://boxd.it/c\n\
        2019-07-02,Elsewhere,1993,https://boxd.it/e\n";
    let file = zip(&[
        ("ratings.csv", ratings),
        ("reviews.csv", reviews),
        ("watchlist.csv", watchlist),
    ]);
    let bob = site.bob().await;
    site.review(&bob, parasite()).await;
    let before = site.events().await;
    assert_eq!(upload(&site, &ann, &file).await.0, 303);
    let shown = page(&site, &ann).await;
    for said in [
        "4 films are in the file",
        "2 to be imported",
        "1 that you have reviewed here",
        "1 that we don’t have",
        "Nowhere at All (1966)",
        "1 film for your watchlist is here",
        "1 film of your watchlist is not here",
        "Import 2 ratings",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(site.events().await, before);

    press(&site, &ann, "start", "2 ratings were imported").await;
    let own = format!("/api/v1/films/{}/review", parasite());
    let review = site.get(&own).by(&ann).await.expect(200).json();
    assert_eq!(
        (&review["rating"], &review["text"]),
        (&json!(4.5), &json!("Stairs."))
    );
    assert_eq!(review["posted_at"], "2019-06-01T12:00:00Z");
    assert_eq!(review["watched_on"], "2019-05-30");
    let stays = format!("/api/v1/films/{}/review", seopyeonje());
    let stays = site.get(stays).by(&ann).await.expect(200).json();
    assert_eq!(stays["rating"], 4.0);

    let wanted = format!("/api/v1/members/{}/watchlist", ann.id);
    let list = site.get(&wanted).await.expect(200).json();
    assert_eq!(list["items"][0]["film"]["id"], json!(seopyeonje()));
    assert_eq!(list["items"][0]["since"], "2019-07-01T12:00:00Z");

    does_not_flood(&site).await;

    // what was edited since is the member's own
    let edited = json!({"rating": 5, "text": "Stairs, again."});
    site.put(&own).by(&ann).json(&edited).await.expect(200);
    press(&site, &ann, "undo", "The import was taken back").await;
    assert_eq!(site.get(&own).by(&ann).await.status, 200);
    let gone = format!("/api/v1/films/{}/review", ratatouille());
    assert_eq!(site.get(gone).by(&ann).await.status, 404);
    let list = site.get(&wanted).await.expect(200).json();
    assert_eq!(list["items"], json!([]));
    site.end().await;
}

/// What was brought along stands at its own time, behind what was written here; and ratings alone
/// are no news.
async fn does_not_flood(site: &Site) {
    let ratings = async |list: &str| {
        let list = site.get(list).await.expect(200).json();
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|one| one["rating"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    // Bob's and Ann's of today, then her imported ones
    assert_eq!(ratings("/api/v1/reviews").await, [4.0, 4.0, 4.5, 3.0]);
    let of_film = format!("/api/v1/films/{}/reviews?sort=", parasite());
    assert_eq!(ratings(&format!("{of_film}newest")).await, [4.0, 4.5]);
    assert_eq!(ratings(&format!("{of_film}best-liked")).await, [4.0, 4.5]);
    let home = site.get("/").header("accept-language", "en");
    let home = home.await.expect(200).text();
    let news = home.split("Fresh reviews").nth(1).unwrap();
    let news = news.split("</section>").next().unwrap();
    // Bob's, and Ann's newest
    assert_eq!(news.matches("<article").count(), 2, "{news}");
    let told = "select count(*) from read.notifications";
    let told: i64 = sqlx::query_scalar(told)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(told, 0);
    // nor is a film talked about because it was once
    let talked_about = site.get("/api/v1/films").await.expect(200).json();
    let last = &talked_about["items"][2]["id"];
    assert_eq!(last, &json!(ratatouille()));
}

/// Nothing is written tomorrow: it would be talked about most for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_from_the_future_moves_nothing_to_the_top() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let table = "Date,Name,Year,Letterboxd URI,Rating\n\
        9999-12-31,Parasite,2019,https://boxd.it/a,4.5\n\
        0001-01-01,Ratatouille,2007,https://boxd.it/b,4.5\n";
    assert_eq!(upload(&site, &ann, table.as_bytes()).await.0, 303);
    press(&site, &ann, "start", "2 ratings were imported").await;
    site.review(&bob, seopyeonje()).await;
    site.project().await;
    let first = site.get("/api/v1/reviews").await.expect(200).json();
    assert_eq!(first["items"][0]["film"]["id"], json!(seopyeonje()));
    site.review(&bob, ratatouille()).await;
    site.project().await;
    let films = site.get("/api/v1/films").await.expect(200).json();
    assert_eq!(films["items"][0]["id"], json!(ratatouille()));
    site.end().await;
}

/// What moderators have hidden can't be posted anew, and the rest can.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_stops_no_import() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.grant(&bob, Role::Moderator).await;
    let review = site.review(&ann, parasite()).await;
    site.hide(&bob, "review", &review).await;
    let retract = site.delete(format!("/api/v1/reviews/{review}"));
    retract.by(&ann).await.expect(204);
    site.project().await;
    let table = "Date,Name,Year,Letterboxd URI,Rating\n\
        2019-06-01,Parasite,2019,https://boxd.it/a,4.5\n\
        2012-01-02,Ratatouille,2007,https://boxd.it/b,3\n\
        2011-01-02,Seopyeonje,1993,https://boxd.it/c,0.5\n";
    assert_eq!(upload(&site, &ann, table.as_bytes()).await.0, 303);
    press(&site, &ann, "start", "2 ratings were imported").await;
    site.end().await;
}

/// Deleted and written anew, it has the same id, and is the member's own.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_anew_by_hand_is_not_taken_back() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let table = "Date,Name,Year,Letterboxd URI,Rating\n\
        2019-06-01,Parasite,2019,https://boxd.it/a,4.5\n";
    let watchlist = "Date,Name,Year,Letterboxd URI\n\
        2019-07-01,Seopyeonje,1993,https://boxd.it/c\n\
        2019-07-01,Ratatouille,2007,https://boxd.it/b\n";
    let file = zip(&[("ratings.csv", table), ("watchlist.csv", watchlist)]);
    assert_eq!(upload(&site, &ann, &file).await.0, 303);
    press(&site, &ann, "start", "1 rating was imported").await;
    let list = |film| format!("/api/v1/films/{film}/watchlist");
    let remove = site.delete(list(seopyeonje()));
    remove.by(&ann).await.expect(200);
    let add = site.put(list(seopyeonje()));
    add.by(&ann).await.expect(200);
    let own = format!("/api/v1/films/{}/review", parasite());
    let imported = site.get(&own).by(&ann).await.expect(200).json();
    let imported = imported["id"].as_str().unwrap();
    let retract = site.delete(format!("/api/v1/reviews/{imported}"));
    retract.by(&ann).await.expect(204);
    assert_eq!(site.review(&ann, parasite()).await, imported);
    press(&site, &ann, "undo", "The import was taken back").await;
    assert_eq!(site.get(&own).by(&ann).await.status, 200);
    for (film, wanted) in [(seopyeonje(), true), (ratatouille(), false)] {
        let shown = site.get(list(film)).by(&ann).await.expect(200).json();
        assert_eq!(shown["wanted"], wanted);
    }
    site.end().await;
}

/// The button of a page that shows another file than the one that is there does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_file_that_was_shown_is_imported() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let table = |film: &str| format!("Date,Name,Year,Letterboxd URI,Rating\n2019-06-01,{film}\n");
    let first = table("Parasite,2019,https://boxd.it/a,4.5");
    assert_eq!(upload(&site, &ann, first.as_bytes()).await.0, 303);
    let shown = page(&site, &ann).await;
    let id = shown.split("name=\"upload\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap().to_owned();
    let second = table("Ratatouille,2007,https://boxd.it/b,3");
    assert_eq!(upload(&site, &ann, second.as_bytes()).await.0, 303);
    let before = site.events().await;
    let path = format!("{IMPORT}/start");
    let pressed = site.post(&path).by(&ann);
    let form = "application/x-www-form-urlencoded";
    pressed.body(form, format!("upload={id}")).await.expect(303);
    assert!(page(&site, &ann).await.contains("Import 1 rating"));
    assert_eq!(site.events().await, before);
    site.end().await;
}

/// A form whose file goes on for ever, and whether it is waited for.
fn endless() -> (Body, Arc<AtomicBool>) {
    let is_waited_for = Arc::new(AtomicBool::new(false));
    let mut head = form("ratings", b"Date,");
    head.truncate(head.len() - END.len());
    let mut head = Some(Ok::<_, Infallible>(head));
    let waiting = is_waited_for.clone();
    let body = futures::stream::poll_fn(move |_| match head.take() {
        Some(head) => Poll::Ready(Some(head)),
        None => {
            waiting.store(true, Relaxed);
            Poll::Pending
        }
    });
    (Body::from_stream(body), is_waited_for)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_files_arrive_nothing_of_the_database_is_held() {
    let site = Site::start_as(|options| Options {
        connections: 2,
        ..options
    })
    .await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let (of_ann, is_anns_waited_for) = endless();
    let (of_bob, is_bobs_waited_for) = endless();
    let send = |member, body| {
        let asked = site.post(IMPORT).by(member);
        asked.body("multipart/form-data; boundary=xyz", body)
    };
    let (anns, bobs) = (send(&ann, of_ann), send(&bob, of_bob));
    let reading = async {
        let both =
            || async { is_anns_waited_for.load(Relaxed) && is_bobs_waited_for.load(Relaxed) };
        tests::until("both files are waited for", both).await;
        site.get("/films").await.expect(200);
    };
    tokio::select! {
        _ = anns.into_future() => panic!("a file that has no end arrived"),
        _ = bobs.into_future() => panic!("a file that has no end arrived"),
        () = reading => {}
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imdbs_table_is_imported_once_however_often_it_is_started() {
    let site = Site::start().await;
    let bob = site.bob().await;
    let table = "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,Year\n\
        tt6751668,9,2020-02-10,Gisaengchung,기생충,https://x,Movie,2019\n";
    assert_eq!(upload(&site, &bob, table.as_bytes()).await.0, 303);
    press(&site, &bob, "start", "1 rating was imported").await;
    let events = site.events().await;
    press(&site, &bob, "start", "1 rating was imported").await;
    assert_eq!(site.events().await, events);
    let own = format!("/api/v1/films/{}/review", parasite());
    assert_eq!(
        site.get(own).by(&bob).await.expect(200).json()["rating"],
        4.5
    );
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_come_back_with_a_reason_and_large_ones_are_refused() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let (status, shown) = upload(&site, &ann, b"a,b\n1,2\n").await;
    assert_eq!(status, 422);
    assert!(shown.contains("none of the files that we know"), "{shown}");
    let (status, _) = upload(&site, &ann, &vec![b'x'; 17 * 1024 * 1024]).await;
    assert_eq!(status, 413);
    // elsewhere bodies are as short as ever
    let long = "x".repeat(200 * 1024);
    let asked = site.post("/settings").by(&ann);
    let answer = asked.body("application/x-www-form-urlencoded", long).await;
    assert_eq!(answer.status, 413);
    site.end().await;
}
