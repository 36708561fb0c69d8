//! The shell around every page: head, header, flash message, footer. Works without scripts and
//! without inline styles.

mod footer;
mod header;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, SET_COOKIE, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::as_of;
use crate::assets::asset;
use crate::cookies;
use crate::flash::FLASH_COOKIE;
use crate::form_token;
use crate::images;
use crate::language::Language;
use crate::security::content_security_policy;
use crate::t;
use crate::visitor::Visitor;
use footer::footer;
use header::header;

/// A whole page; as an answer, the document with its headers.
pub struct Page {
    visitor: Visitor,
    title: String,
    content: Markup,
    description: Option<String>,
    is_of_tmdb: bool,
    searched: String,
    status: StatusCode,
    styles: Vec<String>,
    scripts: Vec<String>,
}

impl Page {
    /// `title` without the site's name; empty on the main page.
    pub fn new(visitor: Visitor, title: impl Into<String>, content: Markup) -> Page {
        Page {
            visitor,
            title: title.into(),
            content,
            description: None,
            is_of_tmdb: false,
            searched: String::new(),
            status: StatusCode::OK,
            styles: Vec::new(),
            scripts: Vec::new(),
        }
    }

    /// What the search box says.
    #[must_use]
    pub fn searched(mut self, typed: &str) -> Page {
        self.searched = typed.to_owned();
        self
    }

    /// What search engines and link previews show.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Page {
        self.description = Some(description.into());
        self
    }

    /// Whether what it tells is TMDB's, which is said below; of pictures it is known.
    #[must_use]
    pub fn of_tmdb(mut self, is_of_tmdb: bool) -> Page {
        self.is_of_tmdb = is_of_tmdb;
        self
    }

    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Page {
        self.status = status;
        self
    }

    /// With one more style sheet, by its address.
    #[must_use]
    pub fn styled(mut self, address: String) -> Page {
        self.styles.push(address);
        self
    }

    /// With one more module, by its address.
    #[must_use]
    pub fn scripted(mut self, address: String) -> Page {
        self.scripts.push(address);
        self
    }

    pub fn render(&self) -> Markup {
        let document = self.document();
        match &self.visitor.form_token {
            Some(token) => PreEscaped(form_token::put_into(&document.0, token)),
            None => document,
        }
    }

    fn document(&self) -> Markup {
        let language = self.visitor.language;
        html! {
            (DOCTYPE)
            html lang=(language.code()) {
                (self.head(language))
                body {
                    a class="skip-link" href="#main" { (t!(language, "skip-to-content")) }
                    @if let Some(moment) = &self.visitor.as_of { (as_of::banner(language, moment)) }
                    (header(&self.visitor, &self.searched))
                    @if let Some(flash) = self.visitor.flash {
                        div class="flash" role="status" aria-label=(t!(language, "flash-label"))
                            data-flash=(flash.slug()) {
                            p { (flash.message().to(language)) }
                        }
                    }
                    (suspension(&self.visitor))
                    main id="main" tabindex="-1" { (self.content) }
                    (footer(&self.visitor, self.is_of_tmdb || self.has_pictures()))
                }
            }
        }
    }

    fn has_pictures(&self) -> bool {
        images::are_in(&self.content.0)
    }

    fn head(&self, language: Language) -> Markup {
        let brand = t!(language, "brand");
        let title = if self.title.is_empty() {
            format!("{brand} — {}", t!(language, "tagline"))
        } else {
            format!("{} · {brand}", self.title)
        };
        let site = t!(language, "site-description");
        let description = self.description.as_deref().unwrap_or(&site);
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                meta name="description" content=(description);
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#f6f2ea" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#131116" media="(prefers-color-scheme: dark)";
                meta property="og:site_name" content=(brand);
                meta property="og:title" content=(title);
                meta property="og:description" content=(description);
                link rel="icon" type="image/svg+xml" href=(asset("icon.svg"));
                @for style in everywhere() { link rel="stylesheet" href=(style); }
                @for style in &self.styles { link rel="stylesheet" href=(style); }
                script type="module" src=(asset("app.js")) {}
                @for script in &self.scripts { script type="module" src=(script) {} }
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.render()).into_response();
        let headers = response.headers_mut();
        let language = self.visitor.language.code();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.append(VARY, HeaderValue::from_static("cookie, accept-language"));
        if self.has_pictures() {
            let policy = content_security_policy(images::origin());
            let policy = HeaderValue::try_from(policy).expect("an address of pictures is plain");
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        if self.visitor.flash.is_some() {
            headers.append(SET_COOKIE, cookies::clear(FLASH_COOKIE, false));
        }
        response
    }
}

/// Whoever may not write is told on every page, before they try.
fn suspension(visitor: &Visitor) -> Markup {
    let language = visitor.language;
    let member = visitor.member.as_ref();
    let until = member.and_then(|member| member.suspended_until);
    html! {
        @if let Some(until) = until {
            p class="suspended-note" {
                (t!(language, "suspended-note", date = language.date(until))) " "
                a href="/settings/measures" { (t!(language, "hidden-why")) }
            }
        }
    }
}

/// The style sheets of every page. Later ones may build on earlier ones.
fn everywhere() -> [String; 5] {
    [
        asset("app.css"),
        asset("controls.css"),
        asset("films.css"),
        asset("reviews.css"),
        asset("search.css"),
    ]
}

/// A form, so that it works without scripts: the other language, in its own words.
fn language_switch(visitor: &Visitor) -> Markup {
    let other = match visitor.language {
        Language::En => Language::Ko,
        Language::Ko => Language::En,
    };
    let label = match other {
        Language::En => t!(other, "language-en"),
        Language::Ko => t!(other, "language-ko"),
    };
    html! {
        form class="language-switch" method="post" action="/language" {
            input type="hidden" name="next" value=(visitor.path);
            button type="submit" name="language" value=(other.code()) lang=(other.code()) {
                (label)
            }
        }
    }
}

/// Percent-encodes what would end or change a query's value.
pub fn query_value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::*;
    use crate::flash::Flash;
    use crate::visitor::SignedIn;

    fn visitor(path: &'static str) -> Visitor {
        Visitor::signed_out(&Uri::from_static(path), &HeaderMap::new())
    }

    fn render(visitor: Visitor) -> String {
        Page::new(visitor, "Parasite", html! { h1 { "Parasite" } })
            .render()
            .into_string()
    }

    #[test]
    fn a_page_says_its_language_and_title_and_runs_nothing_inline() {
        let page = render(visitor("/films/parasite-2019"));
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
        assert!(page.contains("<title>Parasite · Reeltime</title>"));
        assert!(page.contains("<a href=\"/films\" aria-current=\"page\">"));
        assert!(!page.contains("style=") && !page.contains(" onclick"));
        assert_eq!(page.matches("<script").count(), 1);
    }

    #[test]
    fn a_member_sees_their_menu_and_a_stranger_the_way_in() {
        let stranger = render(visitor("/films?after=a&b"));
        assert!(stranger.contains("/sign-in?next=/films%3Fafter%3Da%26b"));
        assert!(!stranger.contains("/sign-out"));
        let ann = SignedIn {
            name: "<Ann>".to_owned(),
            href: "/members/1".to_owned(),
            roles: domain::Roles::new(),
            unseen: 0,
            suspended_until: None,
        };
        let member = render(visitor("/").with_member(ann, Language::Ko));
        assert!(member.contains("/sign-out") && member.contains("&lt;Ann&gt;"));
        assert!(!member.contains("/sign-up"));
    }

    #[test]
    fn a_flash_is_shown_once() {
        let mut visitor = visitor("/");
        visitor.flash = Some(Flash::ReviewPosted);
        let response = Page::new(visitor, "", html! {}).into_response();
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("flash=;") && cookie.contains("Max-Age=0"));
    }

    #[test]
    fn the_language_switch_speaks_the_other_language_and_comes_back() {
        let page = render(visitor("/films?sort=best"));
        assert!(page.contains("lang=\"ko\">한국어</button>"));
        assert!(page.contains("name=\"next\" value=\"/films?sort=best\""));
    }
}
