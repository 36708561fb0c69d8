//! Rooms, notifications and reports, without scripts.

use domain::Role;
use tests::site::{Site, parasite};

use super::browser::{Browser, PASSWORD, Shown, hidden};

/// A room by the form: its path.
async fn open(browser: &mut Browser<'_>, typed: &[(&str, &str)]) -> String {
    let film = parasite().to_string();
    let page = format!("/rooms/new?film={film}");
    let typed = [typed, &[("film", film.as_str())]].concat();
    let opened = browser.fill_to(&page, "/rooms/new", &typed).await;
    assert_eq!(opened.status, 303, "{}", opened.html);
    opened.location.clone()
}

async fn say(browser: &mut Browser<'_>, room: &str, text: &str) -> String {
    let action = format!("{room}/messages#newest");
    let command = hidden(&browser.get(room).await.form(&action), "command");
    let typed = [("text", text), ("command", command.as_str())];
    let sent = browser.post(&format!("{room}/messages"), &typed).await;
    assert_eq!(sent.status, 303, "{}", sent.html);
    sent.location.rsplit("#m-").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_open_a_room_and_talk_in_it() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let empty = ann
        .fill_to("/rooms/new", "/rooms/new", &[("name", " ")])
        .await;
    empty.comes_back_with("Please fill this in.");
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    ann.get(&room).await.shows("It’s quiet here");
    let seq = say(
        &mut ann,
        &room,
        "Hello, @Bob. See https://example.org and *rain*",
    )
    .await;
    bob.catch_up().await;
    let shown = bob.get(&room).await;
    for text in ["<em>rain</em>", "href=\"https://example.org\"", "Parasite"] {
        shown.shows(text);
    }
    shown.hides("data-own");
    ann.get(&room).await.shows("data-own");

    bob.get("/").await.shows("Notifications: 1 new");
    let told = bob.get("/notifications").await;
    told.shows("Ann mentioned you in The stairs");
    told.shows("data-unseen");
    let newest = hidden(&told.form("/notifications/seen"), "position");
    let seen = [("position", newest.as_str())];
    bob.fill_to("/notifications", "/notifications/seen", &seen)
        .await
        .goes_to("/notifications");
    bob.get("/notifications").await.hides("data-unseen");

    bob.post(&format!("{room}/enter"), &[]).await.goes_to(&room);
    bob.get(&room).await.shows("1 here");
    let rooms = bob.get("/rooms").await;
    rooms.shows("The stairs");
    rooms.shows("1 here");
    rooms.shows("<p class=\"room-card-here\">Bob</p>");
    bob.get(&format!("/films/{}", parasite()))
        .await
        .shows("The stairs");
    let day = |day: &str| format!("{room}?day={day}");
    let place = format!("{room}?around={seq}#m-{seq}");
    for before in ["2020-01-01", "2020-01-01T15:00:00.000Z"] {
        bob.get(&day(before)).await.goes_to(&place);
    }
    let none = bob.get(&day("2120-01-01")).await;
    none.goes_to(&format!("{room}#newest"));
    for never in ["someday", "-5000-01-01T00:00:00Z"] {
        bob.get(&day(never)).await.shows("Hello, ");
    }
    bob.get(&format!("{room}?q=rain"))
        .await
        .shows("<em>rain</em>");
    let nothing = bob.get(&format!("{room}?q=snow")).await;
    nothing.shows("Nobody has said that here.");
    let answer = bob.get(&format!("{room}?reply_to={seq}")).await;
    answer.shows("Ann: Hello, @Bob.");
    let left = bob.post(&format!("{room}/leave"), &[]).await;
    left.goes_to("/rooms");
    bob.get(&room).await.shows("Nobody here");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_edited_reacted_to_and_retracted() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    bob.catch_up().await;
    let seq = say(&mut bob, &room, "Which stairs?").await;
    let message = format!("{room}/messages/{seq}");
    let place = format!("{room}?around={seq}#m-{seq}");
    let edit = format!("{message}/edit");
    bob.get(&edit).await.shows("Which stairs?");
    bob.fill(&edit, &[("text", " ")])
        .await
        .comes_back_with("An empty message says little.");
    bob.fill(&edit, &[("text", "Those ones?"), ("spoiler", "yes")])
        .await
        .goes_to(&place);
    let shown = bob.get(&room).await;
    shown.shows("Those ones?");
    shown.shows("Spoiler — show it");
    shown.shows("edited");
    ann.catch_up().await;
    assert_eq!(ann.get(&edit).await.status, 403);

    let reactions = format!("{message}/reactions");
    ann.post(&reactions, &[("reaction", "🔥")])
        .await
        .goes_to(&place);
    ann.get(&room).await.shows("aria-pressed=\"true\"");
    ann.post(&reactions, &[("unreaction", "🔥")])
        .await
        .goes_to(&place);
    ann.get(&room).await.hides("aria-pressed=\"true\"");
    let retract = format!("{message}/retract");
    ann.post(&retract, &[("reason", "Off topic")])
        .await
        .goes_to(&place);
    let shown = ann.get(&room).await;
    shown.hides("Those ones?");
    shown.shows("Message removed: Off topic");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_too_fast_comes_back() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    for n in 0..5 {
        say(&mut ann, &room, &format!("Rain {n}.")).await;
    }
    let typed = [
        ("text", "And snow."),
        ("spoiler", "yes"),
        ("command", "sixth"),
    ];
    let sixth = ann.post(&format!("{room}/messages"), &typed).await;
    assert_eq!(sixth.status, 429);
    assert_eq!(sixth.count("And snow."), 1);
    assert_eq!(sixth.count("name=\"spoiler\" value=\"yes\" checked"), 1);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn order_is_kept_by_forms() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let room = open(&mut ann, &[("name", "Quiet"), ("invitation", "yes")]).await;
    bob.catch_up().await;
    assert_eq!(bob.get(&room).await.status, 404);
    assert_eq!(
        ann.post(&format!("{room}/invite"), &[("name", "Nobody")])
            .await
            .status,
        422
    );
    let invited = ann
        .post(&format!("{room}/invite"), &[("name", "bob")])
        .await;
    assert_eq!(invited.status, 303, "{}", invited.html);
    bob.catch_up().await;
    bob.get(&room).await.shows("Quiet");
    let shown = ann.get(&room).await;
    let form = shown
        .html
        .split("/members/")
        .find(|part| part.contains("/moderate\""));
    let member = form.unwrap().split('/').next().unwrap().to_owned();
    let moderate = format!("{room}/members/{member}/moderate");
    let mute = [("act", "mute"), ("for_s", "600"), ("reason", "Loud")];
    ann.post(&moderate, &mute)
        .await
        .goes_to(&format!("{room}#room-side"));
    bob.catch_up().await;
    let typed = [("text", "Hm."), ("command", "one")];
    let muted = bob.post(&format!("{room}/messages"), &typed).await;
    muted.comes_back_with("You were muted in this room");
    assert_eq!(muted.count("Hm."), 1);
    ann.post(&moderate, &[("act", "remove")]).await;
    bob.catch_up().await;
    assert_eq!(bob.get(&room).await.status, 404);

    let edit = format!("{room}/edit");
    ann.fill(&edit, &[("name", "Louder"), ("slow_mode_seconds", "30")])
        .await
        .goes_to(&room);
    let shown = ann.get(&room).await;
    shown.shows("Louder");
    shown.shows("Slow: 30 s");
    ann.post(&format!("{room}/archive"), &[])
        .await
        .goes_to(&room);
    ann.get(&room).await.shows("data-archived=\"true\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_who_is_muted_to_who_keeps_order_and_to_themselves() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let mut stranger = Browser::new(&site).await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    bob.catch_up().await;
    bob.post(&format!("{room}/enter"), &[]).await;
    ann.catch_up().await;
    let shown = ann.get(&room).await;
    let mut parts = shown.html.split("/members/");
    let form = parts.find(|part| part.contains("/moderate\""));
    let member = form.unwrap().split('/').next().unwrap().to_owned();
    let moderate = format!("{room}/members/{member}/moderate");
    let mute = [("act", "mute"), ("for_s", "600")];
    ann.post(&moderate, &mute)
        .await
        .goes_to(&format!("{room}#room-side"));
    let tag = "<span class=\"tag\">muted</span>";
    bob.catch_up().await;
    stranger.catch_up().await;
    ann.get(&room).await.shows(tag);
    bob.get(&room).await.shows(tag);
    let shown = stranger.get(&room).await;
    shown.shows("Bob");
    shown.hides(tag);
    site.end().await;
}

/// Where order is kept with whoever stands in the list first.
fn moderating(shown: &Shown, room: &str) -> String {
    let mut parts = shown.html.split("/members/");
    let form = parts.find(|part| part.contains("/moderate\""));
    let member = form.unwrap().split('/').next().unwrap();
    format!("{room}/members/{member}/moderate")
}

/// What the room's maker does with whoever stands in the list first.
async fn keep_order(ann: &mut Browser<'_>, room: &str, typed: &[(&str, &str)]) {
    ann.catch_up().await;
    let moderate = moderating(&ann.get(room).await, room);
    let kept = ann.post(&moderate, typed).await;
    kept.goes_to(&format!("{room}#room-side"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_talk_reads_until_when_and_why_where_one_would() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let mut stranger = Browser::new(&site).await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    bob.catch_up().await;
    bob.post(&format!("{room}/enter"), &[]).await.goes_to(&room);
    let hidden_form = "data-max=\"4000\" hidden";
    bob.get(&room).await.hides(hidden_form);

    let mute = [("act", "mute"), ("for_s", "600"), ("reason", "Loud")];
    keep_order(&mut ann, &room, &mute).await;
    bob.catch_up().await;
    let shown = bob.get(&room).await;
    for told in [
        "You were muted",
        "until ",
        " UTC</time>",
        "Reason: Loud",
        hidden_form,
    ] {
        shown.shows(told);
    }
    for other in [&mut ann, &mut stranger] {
        other.catch_up().await;
        other.get(&room).await.hides("Reason: Loud");
    }
    keep_order(&mut ann, &room, &[("act", "unmute")]).await;
    bob.catch_up().await;
    bob.get(&room).await.hides("Reason: Loud");

    let remove = [("act", "remove"), ("reason", "Spoilers")];
    keep_order(&mut ann, &room, &remove).await;
    bob.catch_up().await;
    let shown = bob.get(&room).await;
    shown.shows("You were removed from this room");
    shown.shows("Reason: Spoilers");
    bob.post(&format!("{room}/enter"), &[]).await.goes_to(&room);
    bob.get(&room).await.hides("Reason: Spoilers");

    let ban = [("act", "ban"), ("for_s", "3600"), ("reason", "Spam")];
    keep_order(&mut ann, &room, &ban).await;
    bob.catch_up().await;
    let shown = bob.get(&room).await;
    for told in ["You were banned", "until ", "Reason: Spam"] {
        shown.shows(told);
    }
    // what would be in vain is not offered
    for offered in ["id=\"composer\"", "/enter\"", "room.js"] {
        shown.hides(offered);
    }
    let entered = bob.post(&format!("{room}/enter"), &[]).await;
    assert_eq!(entered.status, 403);
    assert_eq!(entered.count("Reason: Spam"), 1);
    let typed = [("text", "Hm."), ("command", "one")];
    let said = bob.post(&format!("{room}/messages"), &typed).await;
    said.comes_back_with("Hm.");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_sent_away_from_a_room_by_invitation_reads_why_in_korean_too() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut judge = Browser::korean(&site).await;
    let typed = [
        ("name", "판사"),
        ("email", "judge@example.org"),
        ("password", PASSWORD),
    ];
    judge.fill("/sign-up", &typed).await.goes_to("/");
    let room = open(&mut ann, &[("name", "Quiet"), ("invitation", "yes")]).await;
    let invite = format!("{room}/invite");
    for (act, told) in [("remove", "나가게 됐어요"), ("ban", "차단됐어요")] {
        let invited = ann.post(&invite, &[("name", "판사")]).await;
        assert_eq!(invited.status, 303, "{}", invited.html);
        judge.catch_up().await;
        judge.get(&room).await.shows("Quiet");
        let typed = [
            ("act", act),
            ("for_s", "600"),
            ("reason", "너무 시끄러워요"),
        ];
        keep_order(&mut ann, &room, &typed).await;
        judge.catch_up().await;
        let shown = judge.get(&room).await;
        assert_eq!(shown.status, 404);
        for told in [told, "이유: 너무 시끄러워요"] {
            assert!(shown.count(told) > 0, "no {told:?} in {}", shown.html);
        }
        shown.hides("Quiet");
    }
    assert_eq!(judge.get(&room).await.count("(UTC)까지예요."), 1);
    let mut stranger = Browser::korean(&site).await;
    stranger.catch_up().await;
    let shown = stranger.get(&room).await;
    assert_eq!(shown.status, 404);
    shown.hides("이유");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_spoke_and_has_gone_is_sent_away_by_what_they_said() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    bob.catch_up().await;
    bob.post(&format!("{room}/enter"), &[]).await.goes_to(&room);
    let seq = say(&mut bob, &room, "Buy now!").await;
    bob.post(&format!("{room}/leave"), &[])
        .await
        .goes_to("/rooms");
    ann.catch_up().await;
    let shown = ann.get(&room).await;
    shown.hides("/moderate\"");
    let said = format!("{room}/messages/{seq}/present");
    shown.shows(&format!("{said}#author"));
    let keep = ann.get(&said).await;
    let mut quoted = keep.html.split('"');
    let moderate = quoted.find(|quoted| quoted.ends_with("/moderate"));
    let moderate = moderate.expect("a form to keep order by").to_owned();
    ann.post(&moderate, &[("act", "ban"), ("for_s", "3600")])
        .await
        .goes_to(&format!("{room}#room-side"));
    bob.catch_up().await;
    bob.get(&room).await.shows("You were banned");
    ann.get(&said)
        .await
        .shows("<span class=\"tag\">banned</span>");
    // oneself is nobody's to send away
    let own = say(&mut ann, &room, "Gone.").await;
    let own = ann.get(&format!("{room}/messages/{own}/present")).await;
    own.hides("/moderate\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_by_the_sites_moderators() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let mut judge = Browser::korean(&site).await;
    let room = open(&mut ann, &[("name", "The stairs")]).await;
    let seq = say(&mut ann, &room, "Buy now!").await;
    bob.catch_up().await;
    let report = format!("{room}/messages/{seq}/report");
    bob.get(&report).await.shows("Buy now!");
    bob.fill(&report, &[("reason", "Spam")])
        .await
        .goes_to(&format!("{room}?around={seq}#m-{seq}"));
    assert_eq!(bob.get("/reports").await.status, 404);
    let member = site.sign_up("판사").await;
    site.grant(&member, Role::Moderator).await;
    judge.set_cookie("session", &member.token);
    let queue = judge.get("/reports").await;
    queue.shows("Buy now!");
    queue.shows("Spam");
    let action = queue.html.split("action=\"/reports/").nth(1).unwrap();
    let action = format!("/reports/{}", action.split('"').next().unwrap());
    let upheld = [("outcome", "upheld"), ("command", "one")];
    judge.post(&action, &upheld).await.goes_to("/reports");
    judge.get("/reports").await.hides("Buy now!");
    site.end().await;
}
