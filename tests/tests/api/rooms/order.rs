//! Who learns how it stands with a member of a room.

use super::*;

#[tokio::test]
async fn who_is_muted_banned_or_invited_is_told_to_who_keeps_order_and_to_themselves() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let dora = site.sign_up("Dora").await;
    let eve = site.sign_up("Eve").await;
    let room = open(&site, &ann, "public").await;
    let of = |member: &Member, act: &str| format!("{room}/members/{}/{act}", member.id);
    let (term, none) = (json!({ "for_s": 600 }), json!({}));
    site.put(of(&bob, "moderator")).by(&ann).await.expect(204);
    let presence = format!("{room}/presence");
    for member in [&ann, &carl] {
        site.put(&presence).by(member).await.expect(200);
    }
    let muting = site.put(of(&carl, "mute")).by(&bob).json(&term);
    muting.await.expect(204);
    let banning = site.put(of(&dora, "ban")).by(&bob).json(&none);
    banning.await.expect(204);
    site.put(of(&eve, "invitation")).by(&ann).await.expect(204);
    site.project().await;

    let stands =
        |row: &Value| [&row["muted"], &row["banned"], &row["invited"]].map(|is| is == true);
    let shown = async |viewer: Option<&Member>| -> Vec<(String, [bool; 3])> {
        let rows = listed(&site, &room, viewer).await;
        let rows = rows.iter();
        rows.map(|(name, row)| (name.clone(), stands(row)))
            .collect()
    };
    let row = |name: &str, stands: [bool; 3]| (name.to_owned(), stands);
    let nothing = [false; 3];
    let (muted, banned, invited) = (
        [true, false, false],
        [false, true, false],
        [false, false, true],
    );
    let keeping = [row("Ann", nothing), row("Bob", nothing)];
    for member in [&ann, &bob] {
        let all = [row("Carl", muted), row("Dora", banned), row("Eve", invited)];
        assert_eq!(shown(Some(member)).await, [&keeping[..], &all].concat());
    }
    let others = [&keeping[..], &[row("Carl", nothing)]].concat();
    assert_eq!(shown(None).await, others);
    let own = [&keeping[..], &[row("Carl", muted)]].concat();
    assert_eq!(shown(Some(&carl)).await, own);
    let own = [&others[..], &[row("Dora", banned)]].concat();
    assert_eq!(shown(Some(&dora)).await, own);
    let own = [&others[..], &[row("Eve", invited)]].concat();
    assert_eq!(shown(Some(&eve)).await, own);
    // nor for how long
    for (viewer, is_told) in [(None, false), (Some(&carl), true), (Some(&ann), true)] {
        let until = listed(&site, &room, viewer).await["Carl"]["muted_until"].clone();
        assert_eq!(until.is_string(), is_told, "{until}");
    }
    site.end().await;
}

#[tokio::test]
async fn whose_time_is_over_is_muted_and_banned_no_more() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let (carl, dora) = (site.sign_up("Carl").await, site.sign_up("Dora").await);
    let room = open(&site, &ann, "public").await;
    let presence = format!("{room}/presence");
    site.put(&presence).by(&carl).await.expect(200);
    for (member, act) in [(&carl, "mute"), (&dora, "ban")] {
        let path = format!("{room}/members/{}/{act}", member.id);
        let shortly = site.put(path).by(&ann).json(&json!({ "for_s": 1 }));
        shortly.await.expect(204);
    }
    site.project().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let listed = listed(&site, &room, Some(&ann)).await;
    assert!(!listed.contains_key("Dora"));
    let carl = &listed["Carl"];
    assert_eq!(
        (&carl["muted"], &carl["muted_until"]),
        (&json!(false), &json!(null))
    );
    site.end().await;
}
