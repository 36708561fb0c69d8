//! The auditors' pages, and one's own history.

use domain::Role;
use tests::site::{Answer, Member, Site, parasite};

use super::{Town, town};

async fn shown(site: &Site, member: &Member, path: &str) -> String {
    site.get(path).by(member).await.expect(200).text()
}

fn addresses(html: &str) -> Vec<String> {
    let parts = html.split("href=\"").skip(1);
    let ends = parts.filter_map(|part| part.split('"').next());
    ends.map(|address| address.replace("&amp;", "&")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_is_filtered_by_name_and_each_value_leads_to_its_filter() {
    let Town {
        site,
        ann,
        ben,
        cho,
        review,
    } = town().await;
    let html = shown(&site, &cho, "/audit?member=ann").await;
    assert!(html.contains("reviewed Parasite: 4 stars"), "{html}");
    assert!(html.contains("liked Ann’s review of Parasite"));
    assert!(!html.contains("signed up as Ben"));
    let links = addresses(&html);
    for expected in [
        format!("/audit?actor={}", ben.id),
        format!("/audit?member={}", ann.id),
        format!("/audit?film={}", parasite()),
        "/audit?type=review.posted".to_owned(),
        format!("/audit/streams/review-{review}?at=1"),
    ] {
        assert!(links.contains(&expected), "{expected} is not in {links:#?}");
    }
    // and every one of them leads somewhere
    for address in links.iter().filter(|link| link.starts_with("/audit")) {
        shown(&site, &cho, address).await;
    }
    let nobody: Answer = site.get("/audit?actor=nobody").by(&cho).await.expect(422);
    assert!(nobody.text().contains("Nobody here has this name."));
    assert!(nobody.text().contains("value=\"nobody\""));
    let wrong = site.get("/audit?film=7").by(&cho).await.expect(422);
    assert!(wrong.text().contains("This is none: 7"));
    site.get("/audit").by(&ann).await.expect(404);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streams_history_shows_what_each_event_changed() {
    let Town {
        site,
        ann,
        cho,
        review,
        ..
    } = town().await;
    let path = format!("/api/v1/films/{}/review", parasite());
    let again = serde_json::json!({"rating": 1, "text": "Rain <b>."});
    site.put(&path).by(&ann).json(&again).await.expect(200);
    site.project().await;
    let page = format!("/audit/streams/review-{review}");
    let html = shown(&site, &cho, &page).await;
    assert!(html.contains("What it is at version 3"));
    assert!(html.contains("<del>8</del><ins>2</ins>"), "{html}");
    assert!(html.contains("<del>Stairs, everywhere.</del><ins>Rain &lt;b&gt;.</ins>"));
    let then = shown(&site, &cho, &format!("{page}?at=1")).await;
    assert!(then.contains("What it is at version 1") && !then.contains("Rain"));
    let before = shown(&site, &cho, &format!("{page}?at=2000-01-01")).await;
    assert!(before.contains("Nothing had happened yet."));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_read_their_own_history_and_who_looked_at_it() {
    let Town { site, ann, cho, .. } = town().await;
    shown(&site, &cho, "/audit?actor=ann").await;
    site.project().await;
    let html = shown(&site, &ann, "/me/history").await;
    assert!(
        html.contains("Cho</strong> read your history as an auditor"),
        "{html}"
    );
    assert!(html.contains(">You</strong>") && html.contains("reviewed Ratatouille"));
    assert!(addresses(&html).contains(&"/me/export".to_owned()));
    assert!(!html.contains("/audit?"));
    let zip = site.get("/me/export").by(&ann).await.expect(200);
    assert_eq!(zip.header("content-type"), "application/zip");
    let stranger = site.get("/me/history").await.expect(303);
    assert_eq!(stranger.header("location"), "/sign-in?next=/me/history");
    site.grant(&ann, Role::Auditor).await;
    assert!(shown(&site, &ann, "/").await.contains("href=\"/audit\""));
    site.end().await;
}
