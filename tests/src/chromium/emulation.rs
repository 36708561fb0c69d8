//! What WebDriver has no words for: Chromium's driver hands it on to the browser's tools.

use std::str::FromStr;

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::Url;
use serde_json::{Value, json};

use super::Browser;

pub(super) const HEIGHT: u32 = 844;

/// A request that only Chromium's driver knows.
#[derive(Debug)]
pub(super) struct Extra {
    pub path: &'static str,
    pub body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        let session = session.expect("the browser is open");
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// A window of another width; a narrow one is a phone's.
    pub async fn resize(&mut self, width: u32) {
        self.width = width;
        self.measure(HEIGHT).await;
    }

    pub(super) async fn measure(&self, height: u32) {
        let metrics = json!({
            "width": self.width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": self.width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        // What moves gets there first.
        self.until("document.getAnimations().length === 0").await;
    }

    /// Pages run no scripts from now on; what the test itself asks with [`Browser::ask`] does.
    pub async fn without_scripts(self) -> Browser {
        let off = json!({"value": true});
        self.devtools("Emulation.setScriptExecutionDisabled", off)
            .await;
        self
    }

    /// A fingerprint reader, as far as pages can tell, with a finger on it.
    pub async fn add_authenticator(&self) {
        let body = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        let path = "webauthn/authenticator";
        let added = self.client.issue_cmd(Extra { path, body }).await;
        added.expect("Chromium has virtual authenticators");
    }

    /// As on a train, in a tunnel.
    pub async fn offline(&self, is_offline: bool) {
        let unlimited = json!({
            "offline": is_offline,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        });
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", unlimited)
            .await;
    }

    /// What an input method shows while a syllable is being composed, in the field that has the focus.
    pub async fn compose(&self, syllable: &str) {
        let caret = syllable.encode_utf16().count();
        let composed = json!({"text": syllable, "selectionStart": caret, "selectionEnd": caret});
        self.devtools("Input.imeSetComposition", composed).await;
    }

    /// The syllable is finished.
    pub async fn commit(&self, syllable: &str) {
        self.devtools("Input.insertText", json!({"text": syllable}))
            .await;
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        let path = "goog/cdp/execute";
        self.client
            .issue_cmd(Extra { path, body })
            .await
            .expect("DevTools answer");
    }
}
