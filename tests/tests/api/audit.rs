//! `/audit`: what anybody may know of the log.

use event_log::checkpoint;
use tests::site::Site;

#[tokio::test]
async fn anybody_gets_the_newest_checkpoint_to_keep() {
    let site = Site::start().await;
    site.signed().await;
    let shown = site.get("/api/v1/audit/checkpoint").await.expect(200);
    let shown = shown.json();
    let note = shown["note"].as_str().unwrap();
    let key = shown["public_key"].as_str().unwrap().parse().unwrap();
    let checkpoint = checkpoint::Checkpoint::open(note, &[key]).unwrap();
    assert_eq!(shown["size"], checkpoint.size);
    assert_eq!(shown["origin"], "reeltime.test/log");

    let asked = site.get("/api/v1/audit/checkpoint");
    let alone = asked.header("accept", "text/plain").await.expect(200);
    assert_eq!(alone.header("content-type"), "text/plain; charset=utf-8");
    let text = String::from_utf8(alone.body.to_vec()).unwrap();
    assert!(text.starts_with("reeltime.test/log\n") && text.contains("\n\n— reeltime.test/log "));
    site.end().await;
}
