//! Reports, measures and appeals, as pages.

use domain::Role;
use tests::site::{Site, parasite};

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn moderators_work_and_members_appeal_on_pages_without_scripts() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "2", "Nonsense!").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let report = format!("{review}/report");
    bob.get(&report).await.shows("Nonsense!");
    bob.fill(&report, &[("reason", "Rude")])
        .await
        .goes_to(&review);

    let mut judge = Browser::with_role(&site, "Judge", Role::Moderator).await;
    let queue = judge.get("/reports").await;
    queue.shows("Nonsense!");
    let id = review.trim_start_matches("/reviews/");
    let form = [("kind", "review"), ("subject", id), ("reason", "Be kind.")];
    judge.post("/measures", &form).await.goes_to("/reports");
    judge.get("/reports").await.hides("Nonsense!");
    assert_eq!(bob.get(&review).await.status, 404);

    ann.catch_up().await;
    ann.get("/notifications")
        .await
        .shows("hidden something that you wrote");
    let own = ann.get("/settings/measures").await;
    own.shows("Be kind.");
    let appeal = own
        .html
        .split("action=\"/settings/measures/")
        .nth(1)
        .unwrap();
    let appeal = format!("/settings/measures/{}", appeal.split('"').next().unwrap());
    let nothing = ann.post(&appeal, &[("text", " ")]).await;
    nothing.comes_back_with("text-error");
    let said = [("text", "It is a line of the film.")];
    ann.post(&appeal, &said).await.goes_to("/settings/measures");
    judge.catch_up().await;
    judge
        .get("/measures?appeals=open")
        .await
        .shows("It is a line of the film.");
    let lift = appeal.replace("/settings", "").replace("/appeal", "/lift");
    judge
        .post(&lift, &[("reason", "")])
        .await
        .goes_to("/measures");
    bob.catch_up().await;
    bob.get(&review).await.shows("Nonsense!");
    site.end().await;
}
