//! Roles through the API.

use domain::Role;
use serde_json::json;
use tests::site::Site;

use super::not_found;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_grants_and_revokes_roles() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.grant(&ann, Role::Operator).await;
    let path = format!("/api/v1/members/{}/roles/moderator", bob.id);
    let granted = site.put(&path).by(&ann).await.expect(200);
    assert_eq!(granted.json()["roles"], json!(["moderator"]));
    let me = site.get("/api/v1/me").by(&bob).await.json();
    assert_eq!(me["roles"], json!(["moderator"]));
    let list = site.get("/api/v1/roles").by(&ann).await.json();
    assert_eq!(list["items"][0]["member"]["name"], "Ann");
    assert_eq!(list["items"][1]["roles"], json!(["moderator"]));

    let revoked = site.delete(&path).by(&ann).await.expect(204);
    let position = revoked.position();
    let me = site.get("/api/v1/me").by(&bob);
    let me = me.header("reeltime-position", position).await.json();
    assert_eq!(me["roles"], json!([]));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_everybody_else_there_are_no_roles() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.grant(&ann, Role::Moderator).await;
    let own = format!("/api/v1/members/{}/roles/operator", ann.id);
    let before = site.events().await;
    for member in [&ann, &bob] {
        assert_eq!(site.put(&own).by(member).await.problem(), not_found());
        assert_eq!(site.delete(&own).by(member).await.problem(), not_found());
        let list = site.get("/api/v1/roles").by(member).await;
        assert_eq!(list.problem(), not_found());
    }
    assert_eq!(site.events().await, before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_stays_one_until_another_revokes_it() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.grant(&ann, Role::Operator).await;
    let own = format!("/api/v1/members/{}/roles/operator", ann.id);
    let refused = site.delete(&own).by(&ann).await;
    assert_eq!(refused.problem(), (409, "own-role".to_owned()));
    site.grant(&bob, Role::Operator).await;
    let revoked = site.delete(&own).by(&bob).await.expect(204);
    let list = site.get("/api/v1/roles").by(&ann);
    let list = list.header("reeltime-position", revoked.position()).await;
    assert_eq!(list.problem(), not_found());
    site.end().await;
}
