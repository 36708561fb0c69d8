//! A real Chromium for the pages: `chromedriver` on a port of its own, and browsers with new
//! profiles that it opens. Whatever is looked for is waited for, to a deadline.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use axum::http::Method;
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use nix::sys::signal::{Signal, killpg};
use reqwest::Url;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Where full-page pictures of the pages are kept, if somebody wants to look at them.
pub const PICTURES: &str = "SCREENSHOTS";

pub const DESKTOP: u32 = 1280;
pub const PHONE: u32 = 390;
const HEIGHT: u32 = 844;

/// No graphics card, no sandbox (the tests may run as root), nothing that calls home.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

/// A running `chromedriver`; it and its browsers go with this value.
pub struct Chromium {
    driver: Child,
    url: String,
    profiles: TempDir,
    /// Open, so that the driver may go on writing.
    _output: BufReader<ChildStdout>,
}

impl Chromium {
    /// # Panics
    /// When Chromium's driver is not installed.
    pub fn start() -> Chromium {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            // the browsers are in it, too
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts (Debian: apt install chromium-driver)");
        let mut output = BufReader::new(driver.stdout.take().expect("it is piped"));
        Chromium {
            driver,
            url: format!("http://127.0.0.1:{}", port(&mut output)),
            profiles: tempfile::tempdir().expect("a temporary directory"),
            _output: output,
        }
    }

    /// A browser as new, in the hands of somebody who reads this language.
    pub async fn open(&self, site: &str, language: &str, width: u32) -> Browser {
        let profile = self.profiles.path().join(crate::new_id().to_string());
        let profile = format!("--user-data-dir={}", profile.display());
        let spoken = format!("--accept-lang={language}");
        let mut arguments = ARGUMENTS.to_vec();
        arguments.extend([profile.as_str(), spoken.as_str()]);
        let wanted = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"intl.accept_languages": language},
            },
            "goog:loggingPrefs": {"browser": "WARNING"},
        });
        let wanted = wanted.as_object().expect("it is an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&self.url).await;
        let mut browser = Browser {
            client: client.expect("Chromium starts"),
            site: site.to_owned(),
            width,
        };
        browser.resize(width).await;
        browser
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = i32::try_from(self.driver.id()).expect("a process id");
        // it may have ended by itself
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
        let _ = self.driver.wait();
    }
}

/// It says which port it took when it is ready.
fn port(output: &mut impl BufRead) -> u16 {
    for line in output.lines() {
        let line = line.expect("chromedriver speaks text");
        if let Some((_, port)) = line.rsplit_once("successfully on port ") {
            return port.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("chromedriver ended while starting");
}

pub struct Browser {
    client: Client,
    site: String,
    width: u32,
}

/// A request that only Chromium's driver knows.
#[derive(Debug)]
struct Extra {
    path: &'static str,
    body: Value,
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

    async fn measure(&self, height: u32) {
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

    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        let path = "goog/cdp/execute";
        self.client
            .issue_cmd(Extra { path, body })
            .await
            .expect("DevTools answer");
    }

    pub async fn visit(&self, path: &str) {
        let address = format!("{}{path}", self.site);
        self.client.goto(&address).await.expect("a page");
    }

    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page again");
    }

    /// Path and query of the page that is shown.
    pub async fn path(&self) -> String {
        let address = self.client.current_url().await.expect("a page");
        match address.query() {
            Some(query) => format!("{}?{query}", address.path()),
            None => address.path().to_owned(),
        }
    }

    /// The value of an expression in the page.
    pub async fn ask(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        let value = self.client.execute(&script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// The element, as soon as it is there.
    pub async fn find(&self, css: &str) -> Element {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match self.client.find(Locator::Css(css)).await {
                Ok(element) => return element,
                Err(error) => error,
            };
            if Instant::now() > deadline {
                self.give_up(&format!("no {css}: {error}")).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn give_up(&self, why: &str) {
        let shown = self.ask("document.body.innerText").await;
        let shown = shown.as_str().unwrap_or_default();
        panic!("{why}\nat {}:\n{shown}", self.path().await);
    }

    pub async fn has(&self, css: &str) -> bool {
        self.count(css).await > 0
    }

    pub async fn count(&self, css: &str) -> usize {
        let found = self.client.find_all(Locator::Css(css)).await;
        found.expect("a selector").len()
    }

    /// What a reader sees of the first such element.
    pub async fn text(&self, css: &str) -> String {
        let text = self.find(css).await.text().await;
        text.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let value = self.find(css).await.attr(name).await;
        value.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Waits until the expression, once the page's scripts have got that far, is true.
    pub async fn until(&self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.ask(expression).await != Value::Bool(true) {
            if Instant::now() > deadline {
                self.give_up(&format!("never: {expression}")).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Replaces what stands in a field, key by key.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field to type in");
    }

    /// Presses what does not lead to another page.
    pub async fn press(&self, css: &str) {
        let pressed = self.find(css).await.click().await;
        pressed.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses what leads to another page, or to the same one again, and waits for it.
    pub async fn follow(&self, css: &str) {
        let element = self.find(css).await;
        self.leave(element.click(), css).await;
    }

    /// As an impatient hand does.
    pub async fn double_click(&self, css: &str) {
        let element = self.find(css).await;
        let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
        let argument = serde_json::to_value(&element).expect("an element");
        let scrolled = self.client.execute(script, vec![argument]).await;
        scrolled.expect("the element can be shown");
        let (down, up) = (
            PointerAction::Down {
                button: MOUSE_BUTTON_LEFT,
            },
            PointerAction::Up {
                button: MOUSE_BUTTON_LEFT,
            },
        );
        let there = PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.0,
            y: 0.0,
        };
        let mut mouse = MouseActions::new("mouse".to_owned()).then(there);
        for action in [down.clone(), up.clone(), down, up] {
            mouse = mouse.then(action);
        }
        self.leave(self.client.perform_actions(mouse), css).await;
    }

    /// A mark on the document goes with it.
    async fn leave(&self, act: impl Future<Output = Result<(), CmdError>>, css: &str) {
        self.ask("void (document.stays = true)").await;
        act.await.unwrap_or_else(|error| panic!("{css}: {error}"));
        self.until("!document.stays && document.readyState === 'complete'")
            .await;
    }

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
    pub async fn complaints(&self) -> Vec<String> {
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

    /// Ends a story: the browser had nothing to complain of.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.client.close().await.expect("it closes");
    }
}
