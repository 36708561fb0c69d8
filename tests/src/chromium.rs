//! A real Chromium for the pages: `chromedriver` on a port of its own, and browsers with new
//! profiles that it opens. Whatever is looked for is waited for, to a deadline.

mod emulation;
mod inspection;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use nix::sys::signal::{Signal, killpg};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

pub use inspection::PICTURES;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

pub const DESKTOP: u32 = 1280;
pub const PHONE: u32 = 390;

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

impl Browser {
    pub async fn visit(&self, path: &str) {
        let address = format!("{}{path}", self.site);
        self.client.goto(&address).await.expect("a page");
    }

    /// As another browser of somebody with the same language.
    pub async fn forget_everything(&self) {
        let forgotten = self.client.delete_all_cookies().await;
        forgotten.expect("cookies can be deleted");
    }

    /// Goes on in another tab; those before stay open.
    pub async fn open_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a tab");
        let switched = self.client.switch_to_window(tab.handle).await;
        switched.expect("the new tab");
    }

    /// Goes on in the other one of two tabs.
    pub async fn other_tab(&self) {
        let here = self.client.window().await.expect("a tab");
        let tabs = self.client.windows().await.expect("tabs");
        let other = tabs.into_iter().find(|tab| *tab != here);
        let switched = self.client.switch_to_window(other.expect("another tab"));
        switched.await.expect("the other tab");
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
        let script = format!("return {expression}");
        loop {
            // A page that is being left can't be asked.
            let value = self.client.execute(&script, vec![]).await;
            if matches!(value, Ok(Value::Bool(true))) {
                return;
            }
            if Instant::now() > deadline {
                self.give_up(&format!("never: {expression}: {value:?}"))
                    .await;
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

    /// Keys for what has the focus or is typed into; WebDriver's codes for those without a letter.
    pub async fn keys(&self, css: &str, keys: &str) {
        let pressed = self.find(css).await.send_keys(keys).await;
        pressed.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses what does not lead to another page; what a script draws anew meanwhile is looked for
    /// again.
    pub async fn press(&self, css: &str) {
        let mut pressed = self.find(css).await.click().await;
        while pressed
            .as_ref()
            .is_err_and(CmdError::is_stale_element_reference)
        {
            pressed = self.find(css).await.click().await;
        }
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
}
