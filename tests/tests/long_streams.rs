//! Streams that members can lengthen as they like: what they add up to is known without reading
//! them.

use chrono::TimeDelta;
use commands::member::ChooseLanguage;
use commands::room::{Ban, Enter, Leave, Mute, Rename};
use domain::room::Leaving;
use domain::{Language, MemberId, Reason, RoomDescription, RoomId, RoomName};
use event_log::SNAPSHOT_EVERY;
use futures::FutureExt;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, PgPool, Postgres};
use tests::guards::unguarded;
use tests::live::Socket;
use tests::site::{Member, Site, text};
use tests::{database, history, new_id, now, until};

use crate::live::{id_of, open_room};

const CHOICES: i64 = 1_000;
const VISITS: i64 = 500;
/// Of a stream's events the last ones.
const READABLE: i64 = 300;

/// As the owner, to whose connection the table belongs.
async fn set_payloads(owner: &mut PgConnection, payload: &str) {
    let setting = format!(
        "update log.events e set payload = {payload} from spared
         where e.position = spared.position"
    );
    let setting = sqlx::raw_sql(AssertSqlSafe(unguarded(&setting)));
    let set = setting.execute(owner).await;
    set.unwrap();
}

/// Waits until the stream's state is kept from which its last events lead on, and makes those before
/// them, of some types, such that whoever reads more than the last ones fails; until
/// [`set_payloads`] mends them.
async fn damage_all_but_the_last(
    pool: &PgPool,
    stream: &str,
    of_types: &str,
) -> PoolConnection<Postgres> {
    let newest = "select max(version) from log.events where stream = $1";
    let newest = sqlx::query_scalar(newest).bind(stream).fetch_one(pool);
    let newest: i64 = newest.await.unwrap();
    until("its state is kept", || async {
        let kept = "select exists (select from cache.snapshots where stream = $1 and version > $2)";
        let kept = sqlx::query_scalar(kept).bind(stream);
        let kept = kept.bind(newest - SNAPSHOT_EVERY).fetch_one(pool).await;
        kept.unwrap()
    })
    .await;
    let mut owner = database::owner(pool).acquire().await.unwrap();
    let sparing = format!(
        "create temporary table spared as
         select position, payload from log.events
         where stream = '{stream}' and version > 1 and version <= {}
           and event_type in ({of_types})",
        newest - READABLE
    );
    let spared = sqlx::raw_sql(AssertSqlSafe(sparing)).execute(&mut *owner);
    spared.await.unwrap();
    set_payloads(&mut owner, "'{}'").await;
    owner
}

async fn sign_in(url: &str, member: &Member) -> Response {
    let said = json!({ "email": member.email, "password": member.password });
    let asked = Client::new().post(format!("{url}/api/v1/sessions"));
    asked.json(&said).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_whose_stream_is_long_is_known_by_its_last_events() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let member = MemberId(ann.id.parse().unwrap());
    for choice in 0..CHOICES {
        let language = match choice % 2 {
            0 => Language::Ko,
            _ => Language::En,
        };
        let choosing = ChooseLanguage { member, language };
        let asked = history::asked(member);
        let chosen = commands::execute(&site.app.sequencer, asked, choosing).await;
        chosen.unwrap();
    }
    site.project().await;
    let stream = member.stream().to_string();
    let mut owner = damage_all_but_the_last(&site.pool, &stream, "'member.language_chosen'").await;

    let there = site.second_node().await;
    let came_in = sign_in(&there.url, &ann).await;
    assert_eq!(came_in.status(), 201);
    let session: Value = came_in.json().await.unwrap();
    let token = text(&session["token"]);
    let me = format!("{}/api/v1/me", there.url);
    let address = Client::new().get(format!("{me}/email")).bearer_auth(&token);
    let address: Value = address.send().await.unwrap().json().await.unwrap();
    assert_eq!(address["email"], ann.email);
    let choosing = Client::new().patch(&me).bearer_auth(&token);
    let chosen = choosing.json(&json!({ "language": "ko" })).send().await;
    assert_eq!(chosen.unwrap().status(), 200);

    // it is the kept state that spares them
    event_log::delete_snapshots(&site.pool, i64::MAX)
        .await
        .unwrap();
    assert_eq!(sign_in(&there.url, &ann).await.status(), 500);
    set_payloads(&mut owner, "spared.payload").await;
    assert_eq!(sign_in(&there.url, &ann).await.status(), 201);

    // and who had to read all of it keeps it for the next one
    until("its state is kept again", || async {
        let kept = "select exists (select from cache.snapshots where stream = $1)";
        let kept = sqlx::query_scalar(kept).bind(&stream);
        kept.fetch_one(&site.pool).await.unwrap()
    })
    .await;
    set_payloads(&mut owner, "'{}'").await;
    assert_eq!(sign_in(&there.url, &ann).await.status(), 201);
    set_payloads(&mut owner, "spared.payload").await;
    site.end().await;
}

/// Words that no state holds: how the room is called now, why somebody is muted and somebody banned.
async fn tell_the_room(site: &Site, room: RoomId, [maker, muted, banned]: [MemberId; 3]) {
    let sequencer = &site.app.sequencer;
    let rename = Rename {
        room,
        member: maker,
        name: Some(RoomName::new("Later show").unwrap()),
        description: Some(RoomDescription::new("And rain.").unwrap()),
        closes_when_empty: None,
    };
    let renamed = commands::execute(sequencer, history::asked(maker), rename);
    renamed.await.unwrap();
    for (reason, hours) in [("Loud", 1), ("Loud again", 2)] {
        let at = now();
        let mute = Mute {
            room,
            by: maker,
            member: muted,
            until: Some(at + TimeDelta::hours(hours)),
            reason: Reason::new(reason).unwrap(),
            at,
        };
        let muted = commands::execute(sequencer, history::asked(maker), mute);
        muted.await.unwrap();
    }
    let ban = Ban {
        room,
        by: maker,
        member: banned,
        until: None,
        reason: Reason::new("Too loud").unwrap(),
        at: now(),
    };
    let banned = commands::execute(sequencer, history::asked(maker), ban);
    banned.await.unwrap();
}

/// Has a member come and go, again and again.
async fn visit(site: &Site, room: RoomId, member: MemberId) {
    for _ in 0..VISITS {
        let at = now();
        let enter = Enter { room, member, at };
        let entered = commands::execute(&site.app.sequencer, history::asked(member), enter);
        entered.await.unwrap();
        let leave = Leave {
            room,
            member,
            reason: Leaving::Closed,
            at,
        };
        let left = commands::execute(&site.app.sequencer, history::asked(member), leave);
        left.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_has_lived_long_is_begun_by_its_last_events() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let name = open_room(&site, &ann).await;
    let room = RoomId(name.parse().unwrap());
    tell_the_room(&site, room, [&ann, &bob, &carl].map(id_of)).await;
    visit(&site, room, id_of(&bob)).await;
    site.project().await;
    let stream = format!("room-{name}");
    let passages = "'room.entered', 'room.left'";
    let mut owner = damage_all_but_the_last(&site.pool, &stream, passages).await;

    let there = site.second_node().await;
    let mut socket = Socket::open(&there.url, Some(&bob.token)).await.unwrap();
    let begun = socket.subscribe(&name, false, None).await.unwrap();
    let shown = &begun["snapshot"];
    assert_eq!(shown["at"], 6 + 2 * VISITS, "{begun}");
    assert_eq!(
        (&shown["room"]["name"], &shown["room"]["description"]),
        (&json!("Later show"), &json!("And rain."))
    );
    assert_eq!(shown["present"]["count"], 0);
    let standing = socket.expect("standing").await.unwrap();
    assert_eq!(
        (&standing["muted"], &standing["reason"]),
        (&json!(true), &json!("Loud again"))
    );

    let mut banned = Socket::open(&there.url, Some(&carl.token)).await.unwrap();
    let refused = banned.subscribe(&name, false, None).await.unwrap();
    assert_eq!(
        (&refused["code"], &refused["reason"]),
        (&json!("banned"), &json!("Too loud"))
    );

    // it is the kept state that spares them
    let deleted = event_log::delete_snapshots(&site.pool, i64::MAX);
    deleted.await.unwrap();
    let elsewhere = site.second_node().await;
    let mut socket = Socket::open(&elsewhere.url, Some(&bob.token))
        .await
        .unwrap();
    let refused = socket.subscribe(&name, false, None).await.unwrap();
    assert_eq!(refused["code"], "unreadable", "{refused}");
    set_payloads(&mut owner, "spared.payload").await;
    site.end().await;
}

/// On one thread, so that nothing is done before it is waited for.
#[tokio::test]
async fn a_room_is_begun_though_nobody_waits_for_it_any_more() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = RoomId(open_room(&site, &ann).await.parse().unwrap());
    let live = &site.app.live;
    // as who asks too long gives up
    assert!(live.room(room.0).now_or_never().is_none());
    until("it is begun", || async {
        let kept = live.rooms().get(&room.0).cloned();
        kept.is_some_and(|room| room.head() > 0)
    })
    .await;
    // who asks for what is not there is told so, and leaves nothing behind
    let nowhere = new_id();
    assert!(live.room(nowhere).await.is_err());
    assert!(!live.rooms().contains_key(&nowhere));
    site.end().await;
}
