//! A browser without scripts: keeps cookies, fills in forms as they are on the page, follows
//! one redirect at a time.

use std::collections::BTreeMap;

use domain::{FilmId, Role};
use tests::site::{Answer, Asking, Site};
use web::form_token;

pub const PASSWORD: &str = "correct horse battery";

pub struct Browser<'a> {
    site: &'a Site,
    cookies: BTreeMap<String, String>,
    accepts: &'static str,
}

/// A page, or where it sends to.
pub struct Shown {
    pub status: u16,
    pub html: String,
    /// Of a redirect.
    pub location: String,
    pub answer: Answer,
}

impl<'a> Browser<'a> {
    /// One that sees what has been written until now.
    pub async fn new(site: &'a Site) -> Browser<'a> {
        let mut browser = Browser {
            site,
            cookies: BTreeMap::new(),
            accepts: "en",
        };
        browser.catch_up().await;
        browser
    }

    pub async fn korean(site: &'a Site) -> Browser<'a> {
        Browser {
            accepts: "ko",
            ..Browser::new(site).await
        }
    }

    /// One whose owner has just joined under this name.
    pub async fn of(site: &'a Site, name: &str) -> Browser<'a> {
        let mut browser = Browser::new(site).await;
        let email = format!("{}@example.org", name.to_lowercase());
        let typed = [("name", name), ("email", &email), ("password", PASSWORD)];
        browser.fill("/sign-up", &typed).await.goes_to("/");
        browser
    }

    /// The same, of somebody who has this role.
    pub async fn with_role(site: &'a Site, name: &str, role: Role) -> Browser<'a> {
        let member = site.sign_up(name).await;
        site.grant(&member, role).await;
        let mut browser = Browser::new(site).await;
        browser.set_cookie("session", &member.token);
        browser
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Sees what others have written until now.
    pub async fn catch_up(&mut self) {
        let position = self.site.events().await;
        self.set_cookie("position", &position.to_string());
    }

    pub async fn get(&mut self, path: &str) -> Shown {
        let asking = self.site.get(path);
        self.send(asking).await
    }

    /// Posts this, and the token that all forms of the session's pages have.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.cookie("session");
        let token = token.map(|session| form_token::make(session.as_bytes()));
        let token = token.as_deref().map(|token| (form_token::FIELD, token));
        let fields: Vec<_> = fields.iter().copied().chain(token).collect();
        self.post_exactly(path, &fields).await
    }

    pub async fn post_exactly(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let asking = self.site.post(path).header("sec-fetch-site", "same-origin");
        let asking = asking.body("application/x-www-form-urlencoded", encode(fields));
        self.send(asking).await
    }

    /// Opens a page and sends the form on it that posts to where the page itself is.
    pub async fn fill(&mut self, page: &str, typed: &[(&str, &str)]) -> Shown {
        let action = page.split('?').next().unwrap();
        self.fill_to(page, action, typed).await
    }

    /// Opens a page and sends the form on it that posts to `action`.
    pub async fn fill_to(&mut self, page: &str, action: &str, typed: &[(&str, &str)]) -> Shown {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.html);
        let form = shown.form(action);
        self.post(action, &with_hidden(&form, typed)).await
    }

    /// Reviews a film; the address of the review.
    pub async fn review(&mut self, film: FilmId, rating: &str, text: &str) -> String {
        let page = format!("/films/{film}/review");
        let shown = self
            .fill(&page, &[("rating", rating), ("text", text)])
            .await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        assert!(shown.location.starts_with("/reviews/"));
        shown.location
    }

    async fn send(&mut self, asking: Asking<'a>) -> Shown {
        let cookies: Vec<String> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let asking = asking.header("accept-language", self.accepts);
        let answer = asking.header("cookie", cookies.join("; ")).await;
        for cookie in answer.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Shown {
            status: answer.status.as_u16(),
            html: answer.text(),
            location: answer.header("location").to_owned(),
            answer,
        }
    }
}

impl Shown {
    #[track_caller]
    pub fn goes_to(&self, place: &str) {
        let got = (self.status, self.location.as_str());
        assert_eq!(got, (303, place), "{}", self.html);
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert_eq!(self.status, 200, "{}", self.html);
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
    }

    #[track_caller]
    pub fn hides(&self, text: &str) {
        assert!(!self.html.contains(text), "{text:?} in {}", self.html);
    }

    /// A form that came back, with this in it.
    #[track_caller]
    pub fn comes_back_with(&self, text: &str) {
        assert_eq!(self.status, 422, "{}", self.html);
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
    }

    /// The form that posts there.
    #[track_caller]
    pub fn form(&self, action: &str) -> String {
        let start = self.html.find(&format!("action=\"{action}"));
        let start = start.unwrap_or_else(|| panic!("no form to {action}: {}", self.html));
        let rest = &self.html[start..];
        rest[..rest.find("</form>").unwrap()].to_owned()
    }

    /// What the page's link with `rel="next"` leads to.
    pub fn next(&self) -> Option<String> {
        let end = self.html.find("rel=\"next\"")?;
        let before = &self.html[..end];
        let start = before.rfind("href=\"")? + 6;
        let address = before[start..].split('"').next()?;
        Some(address.replace("&amp;", "&"))
    }

    pub fn count(&self, text: &str) -> usize {
        self.html.matches(text).count()
    }
}

/// The value of a hidden field.
pub fn hidden(form: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let value = form.split(&mark).nth(1).unwrap_or_default();
    value.split('"').next().unwrap().replace("&amp;", "&")
}

pub fn with_hidden<'f>(form: &str, typed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = typed.to_vec();
    for name in ["command", "next"] {
        if form.contains(&format!("type=\"hidden\" name=\"{name}\"")) {
            // a test's strings live as long as the test
            fields.push((name, String::leak(hidden(form, name))));
        }
    }
    fields
}

fn encode(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|b| format!("%{b:02X}"))
            .collect::<String>()
    };
    let pairs = fields.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}
