//! How a page looks, and what the browser has to complain of.

use std::path::PathBuf;

use serde_json::json;
use tokio::time::Instant;

use super::emulation::{Extra, HEIGHT};
use super::{Browser, PATIENCE, PAUSE};

/// Where full-page pictures of the pages are kept, if somebody wants to look at them.
pub const PICTURES: &str = "SCREENSHOTS";

impl Browser {
    /// What is wider than the window, with the pixel that it reaches.
    ///
    /// A phone widens its layout to what is in it, so the width is the one asked for. What the
    /// body clips can't be scrolled to and is lost, so each element is asked, but for those in
    /// a box that scrolls or clips by itself, and decoration.
    pub async fn too_wide(&self) -> Vec<String> {
        let lost = format!(
            "(() => {{
                const root = document.documentElement;
                const right = (element) => Math.ceil(element.getBoundingClientRect().right + scrollX);
                const isOnItsOwn = (box) => box !== document.body && box !== root
                    && (getComputedStyle(box).overflowX !== 'visible' || box.ariaHidden === 'true');
                const isLost = (element) => {{
                    for (let box = element; box; box = box.parentElement) if (isOnItsOwn(box)) return false;
                    return true;
                }};
                const lost = [...root.querySelectorAll('body *')]
                    .filter((element) => right(element) > {width}).filter(isLost)
                    .map((element) => `${{element.localName}}.${{element.className}} ${{right(element)}}`);
                if (root.scrollWidth > {width}) lost.push(`the page ${{root.scrollWidth}}`);
                return lost;
            }})()",
            width = self.width
        );
        let lost = self.ask(&lost).await;
        serde_json::from_value(lost).expect("a list of texts")
    }

    /// Keeps a picture of the whole page, if [`PICTURES`] names a directory.
    pub async fn picture(&self, name: &str) {
        let Some(directory) = std::env::var_os(PICTURES).map(PathBuf::from) else {
            return;
        };
        let height = self.ask("document.documentElement.scrollHeight").await;
        let height = height
            .as_u64()
            .and_then(|height| u32::try_from(height).ok());
        self.measure(height.expect("a height")).await;
        let picture = self.client.screenshot().await.expect("a picture");
        self.measure(HEIGHT).await;
        let language = self.ask("document.documentElement.lang").await;
        let language = language.as_str().unwrap_or("none").to_owned();
        let file = directory.join(format!("{name}-{language}-{}.png", self.width));
        std::fs::create_dir_all(&directory).expect("a directory for pictures");
        std::fs::write(file, picture).expect("room for a picture");
    }

    /// What the browser complained of since it was asked last: errors of scripts, violations of
    /// the policy, answers that were no success.
    async fn complaints(&self) -> Vec<String> {
        let body = json!({"type": "browser"});
        let log = Extra {
            path: "se/log",
            body,
        };
        let log = self.client.issue_cmd(log).await.expect("the browser's log");
        let entries = log.as_array().expect("a list").iter();
        entries
            .map(|entry| format!("{} {}", entry["level"], entry["message"]))
            .collect()
    }

    /// Waits until the browser complains of this, and has nothing else to complain of.
    pub async fn complains_only_of(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let complaints = self.complaints().await;
            let is_expected = complaints.iter().all(|told| told.contains(what));
            assert!(is_expected, "not only {what}: {complaints:#?}");
            if !complaints.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "no complaint of {what}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends a story: the browser had nothing to complain of.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.client.close().await.expect("it closes");
    }
}
