//! The site as it was, read-only: through the real router, and as operators start it.

use std::process::{Command, Output};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tests::database;
use tests::process::{DataDir, Process, program};
use tests::site::{Asking, Site, parasite, text};

fn replay_tool(place: &[&str], arguments: &[&str]) -> Output {
    let mut command = Command::new(program("replay-tool"));
    let output = command.args(place).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

fn build(site: &Site, position: i64, name: &str) {
    let master_key = sealing::MasterKeys::text(&tests::MASTER_KEY);
    let place = [
        "--database-url",
        &database::address(&site.pool),
        "--vault-url",
        &database::address(&site.vault),
        "--master-key",
        &master_key,
    ];
    replay_tool(&place, &["as-of", &position.to_string(), "--name", name]);
}

/// A page, by its words.
async fn page(asking: Asking<'_>, language: &str, status: u16) -> String {
    let answer = asking.header("accept-language", language).await;
    answer.expect(status).text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_is_shown_as_it_was() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let then = site.project().await;
    let path = format!("/api/v1/reviews/{review}");
    site.like(&bob, &review).await;
    site.comment(&bob, &review, "Too late.").await;
    build(&site, then, "then");

    let past = site.as_of("then").await;
    let shown = past.get(&path).await.expect(200);
    assert_eq!(shown.json()["likes"], 0);
    assert_eq!(shown.position(), then);
    let header = shown.header("reeltime-as-of");
    let begin = format!("\"then\"; position={then}; at=@");
    assert!(header.starts_with(&begin), "{header}");
    // who wrote later does not wait for what never comes
    let insists = past.get(&path).header("reeltime-position", then + 2);
    assert_eq!(insists.await.expect(200).position(), then);
    for (place, status) in [
        ("/", 200),
        ("/films", 200),
        ("/films/nowhere", 404),
        ("/nowhere", 404),
    ] {
        let english = page(past.get(place), "en", status).await;
        let banner = format!("(position {then}). Nothing can be changed here.");
        assert!(
            english.contains("This is Reeltime as it was on 2"),
            "{english}"
        );
        assert!(
            english.contains(&banner) && !english.contains("/sign-up"),
            "{english}"
        );
        let korean = page(past.get(place), "ko", status).await;
        assert!(korean.contains(&format!("(기록 위치 {then})")), "{korean}");
    }
    // the present goes on
    let present = site.get(&path).by(&bob).await.expect(200);
    assert_eq!(present.json()["likes"], 1);
    assert!(present.headers.get("reeltime-as-of").is_none());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_can_be_changed_in_the_past_and_everybody_is_a_stranger() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let then = site.project().await;
    build(&site, then, "then");
    let past = site.as_of("then").await;

    let like = format!("/api/v1/reviews/{review}/like");
    for writing in [
        past.put(&like).by(&ann),
        past.delete(format!("/api/v1/reviews/{review}")).by(&ann),
        past.post("/api/v1/members").json(&json!({})),
        past.post("/api/v1/sessions").json(&json!({})),
        past.patch("/api/v1/me").by(&ann).json(&json!({})),
        past.post("/api/v1/live/ticket").by(&ann),
        past.get("/api/v1/live").header("upgrade", "websocket"),
        past.get(format!("/api/v1/rooms/{review}/events")),
    ] {
        assert_eq!(writing.await.problem(), (403, "read-only".to_owned()));
    }
    let form = "application/x-www-form-urlencoded";
    let refused = page(past.post("/sign-in").body(form, ""), "en", 403).await;
    assert!(
        refused.contains("It can be read, not changed."),
        "{refused}"
    );
    let refused = page(past.get("/sign-in"), "ko", 403).await;
    assert!(
        refused.contains("읽을 수만 있고 바꿀 수는 없어요"),
        "{refused}"
    );
    past.get("/api/v1/me").by(&ann).await.expect(401);
    // the browser's language is its own
    let chosen = past.post("/language").body(form, "language=ko&next=/films");
    chosen.await.expect(303);
    assert_eq!(site.events().await, then);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_asked_to_take_part_in_the_past() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let film = json!({"name": "Stairs", "film": parasite().0});
    let opened = site.post("/api/v1/rooms").by(&ann).json(&film);
    let room = text(&opened.await.expect(201).json()["id"]);
    let said = site.post(format!("/api/v1/rooms/{room}/messages")).by(&ann);
    let said = said.json(&json!({"text": "Rain."})).await.expect(201);
    let reaction = format!("/api/v1/rooms/{room}/messages/{}", said.json()["seq"]);
    let reaction = site.put(format!("{reaction}/reactions/🔥")).by(&bob);
    reaction.await.expect(200);
    let then = site.project().await;
    site.signed_through(then).await;
    let checkpoint = async |site: &Site| {
        let shown = site.get("/api/v1/audit/checkpoint").await.expect(200);
        shown.json()["size"].as_i64().unwrap()
    };
    let signed = checkpoint(&site).await;
    site.comment(&bob, &review, "Too late.").await;
    site.signed_through(then + 1).await;
    build(&site, then, "then");

    let past = site.as_of("then").await;
    assert_eq!(checkpoint(&past).await, signed);
    assert!(checkpoint(&site).await > then);
    for place in [
        "/".to_owned(),
        "/films".to_owned(),
        "/rooms".to_owned(),
        format!("/films/{}", parasite()),
        format!("/reviews/{review}"),
        format!("/rooms/{room}"),
        format!("/members/{}", ann.id),
    ] {
        let shown = page(past.get(&place), "en", 200).await;
        let forms = shown.split("method=\"post\"").skip(1);
        let other = forms.filter(|form| !form.trim_start().starts_with("action=\"/language\""));
        assert_eq!(other.count(), 0, "{place}: {shown}");
        for asked in ["/sign-in", "/sign-up", "/rooms/new"] {
            assert!(!shown.contains(asked), "{asked} on {place}: {shown}");
        }
        // the present asks
        let now = page(site.get(&place), "en", 200).await;
        assert!(now.contains("/sign-in"), "{place}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_forgotten_is_gone_from_the_past() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    let then = site.project().await;
    build(&site, then, "then");
    let past = site.as_of("then").await;
    let member = format!("/api/v1/members/{}", ann.id);
    assert_eq!(past.get(&member).await.expect(200).json()["name"], "Ann");

    // asked for again it is found, not made
    build(&site, then, "then");
    past.get(&member).await.expect(200);
    let whole = json!({ "password": ann.password, "forget": "everything" });
    site.delete("/api/v1/me")
        .by(&ann)
        .json(&whole)
        .await
        .expect(204);
    site.project().await;
    let gone = past.get(&member).await;
    assert_eq!(gone.problem(), (410, "as-of-gone".to_owned()));
    let gone = page(past.get("/"), "en", 410).await;
    assert!(gone.contains("This moment is gone"), "{gone}");
    let schemas: i64 =
        sqlx::query_scalar("select count(*) from pg_namespace where nspname = 'as_of_then'")
            .fetch_one(&site.pool)
            .await
            .unwrap();
    assert_eq!(schemas, 0);
    // built again, it has all but them
    build(&site, then, "again");
    let past = site.as_of("again").await;
    let shown = past
        .get(format!("/api/v1/films/{}/reviews", parasite()))
        .await;
    assert!(!shown.expect(200).text().contains("Ann"));
    site.end().await;
}

async fn ask(url: &str, method: Method, body: &Value) -> (StatusCode, Value) {
    let asked = Client::new().request(method, url).json(body).send().await;
    let answer = asked.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_shows_the_past_beside_the_present_and_alone() {
    let data_dir = DataDir::new();
    let place = ["--data-dir", data_dir.path().to_str().unwrap()];
    let present = Process::start(&data_dir, &[]).await;
    let status = |key: &str| {
        let output = replay_tool(&place, &["status", "--json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()[key].clone()
    };
    let then = status("log")["head"].to_string();
    replay_tool(&place, &["as-of", &then, "--name", "founded"]);
    let new = json!({"name": "Ann", "email": "ann@example.org",
        "password": "correct horse battery", "language": "en"});
    let members = |url: &str| format!("{url}/api/v1/members");
    let (status_there, session) = ask(&members(&present.url), Method::POST, &new).await;
    assert_eq!(status_there, 201);
    let ann = format!("/api/v1/members/{}", text(&session["member"]["id"]));

    let past = Process::start(&data_dir, &["--as-of", "founded"]).await;
    let (refused, problem) = ask(&members(&past.url), Method::POST, &new).await;
    assert_eq!(
        (refused.as_u16(), &problem["type"]),
        (403, &json!("/problems/read-only"))
    );
    let unknown = ask(&format!("{}{ann}", past.url), Method::GET, &Value::Null).await;
    assert_eq!(unknown.0, 404);
    let known = ask(&format!("{}{ann}", present.url), Method::GET, &Value::Null).await;
    assert_eq!(known.0, 200);
    assert!(past.stop().success());
    assert!(present.stop().success());

    // alone it runs the database, and takes no lease
    let past = Process::start(&data_dir, &["--as-of", "founded"]).await;
    let leases = status("leases");
    let held = |lease: &Value| lease["connected"] == true;
    assert!(!leases.as_array().unwrap().iter().any(held), "{leases}");
    let films = ask(
        &format!("{}/api/v1/films?sort=newest", past.url),
        Method::GET,
        &Value::Null,
    )
    .await;
    assert!(
        films.0 == 200 && films.1.to_string().contains("title"),
        "{films:?}"
    );
    assert!(past.stop().success());
    let nothing = Command::new(program("reeltime"))
        .args(place)
        .args(["--as-of", "never", "--listen", "127.0.0.1:0"])
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(!nothing.status.success());
    let complaint = String::from_utf8_lossy(&nothing.stderr);
    assert!(
        complaint.contains("there is nothing of the name never"),
        "{complaint}"
    );
}
