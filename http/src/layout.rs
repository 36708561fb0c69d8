//! The shell around every page: head, header, flash message, footer. Works without scripts and
//! without inline styles.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, SET_COOKIE, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Role;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::as_of;
use crate::assets::asset;
use crate::components::{avatar, icon, search_box};
use crate::cookies;
use crate::flash::FLASH_COOKIE;
use crate::form_token;
use crate::images;
use crate::language::Language;
use crate::security::content_security_policy;
use crate::t;
use crate::visitor::{SignedIn, Visitor};

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
                        div class="flash" role="status" aria-label=(t!(language, "flash-label")) {
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

fn header(visitor: &Visitor, searched: &str) -> Markup {
    let language = visitor.language;
    html! {
        header class="site-header" {
            div class="bar" {
                (wordmark(language))
                nav class="site-nav" aria-label=(t!(language, "nav-label")) {
                    (nav_link(visitor, "/films", &t!(language, "nav-films")))
                    (nav_link(visitor, "/genres", &t!(language, "nav-genres")))
                    (nav_link(visitor, "/rooms", &t!(language, "nav-rooms")))
                }
                (search_box(language, searched))
                div class="site-account" {
                    (language_switch(visitor))
                    @match &visitor.member {
                        Some(member) => {
                            (bell(language, member))
                            (member_menu(language, member))
                        }
                        // nobody can come in where nothing changes
                        None if visitor.as_of.is_some() => {}
                        None => {
                            a class="button quiet small" href=(sign_in_href(visitor)) {
                                (t!(language, "nav-sign-in"))
                            }
                            a class="button small sign-up" href="/sign-up" {
                                (t!(language, "nav-sign-up"))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn wordmark(language: Language) -> Markup {
    html! {
        a class="wordmark" href="/" aria-label=(t!(language, "brand")) {
            svg viewBox="0 0 32 32" aria-hidden="true" {
                use href={ (asset("icons.svg")) "#mark" } {}
            }
            span lang="en" aria-hidden="true" { "Reel" b { "time" } }
        }
    }
}

fn nav_link(visitor: &Visitor, href: &str, text: &str) -> Markup {
    let path = visitor.path.split('?').next().unwrap_or_default();
    let is_here = path == href
        || path
            .strip_prefix(href)
            .is_some_and(|rest| rest.starts_with('/'));
    html! {
        a href=(href) aria-current=[is_here.then_some("page")] { (text) }
    }
}

/// Where signing in comes back to: this page, unless it is about signing in itself.
fn sign_in_href(visitor: &Visitor) -> String {
    let path = &visitor.path;
    if path == "/" || path.starts_with("/sign-") {
        return "/sign-in".to_owned();
    }
    format!("/sign-in?next={}", query_value(path))
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

/// More are shown as so many.
const MOST_UNSEEN: i64 = 99;

/// What is new for the member. A script says it anew when they come back to the page.
fn bell(language: Language, member: &SignedIn) -> Markup {
    let label = |count: i64| t!(language, "nav-notifications", count = count);
    // the script puts the number in
    let new = t!(language, "nav-notifications", count = "{count}");
    html! {
        a class="bell" href="/notifications" aria-label=(label(member.unseen))
            data-none=(label(0)) data-new=(new) {
            (icon("bell"))
            @if member.unseen > 0 {
                span class="bell-count" { (member.unseen.min(MOST_UNSEEN)) }
            }
        }
    }
}

fn member_menu(language: Language, member: &SignedIn) -> Markup {
    html! {
        details class="menu" name="menu" data-member=(member.href) {
            summary aria-label=(t!(language, "nav-account")) {
                (avatar(Some(&member.name)))
                span class="menu-name" { (member.name) }
            }
            div class="menu-list" {
                a href=(member.href) { (t!(language, "nav-profile")) }
                a href={ (member.href) "?view=watchlist" } { (t!(language, "watchlist-title")) }
                a href="/taste" { (t!(language, "taste-title")) }
                a href="/settings" { (t!(language, "nav-settings")) }
                a href="/me/history" { (t!(language, "nav-history")) }
                @if member.roles.contains(&Role::Auditor) {
                    a href="/audit" { (t!(language, "nav-audit")) }
                }
                @if member.roles.contains(&Role::Moderator) {
                    a href="/reports" { (t!(language, "nav-reports")) }
                }
                @if member.roles.contains(&Role::Operator) {
                    a href="/roles" { (t!(language, "nav-roles")) }
                    a href="/imports" { (t!(language, "nav-imports")) }
                }
                form method="post" action="/sign-out" {
                    button type="submit" { (t!(language, "nav-sign-out")) }
                }
            }
        }
    }
}

fn footer(visitor: &Visitor, is_of_tmdb: bool) -> Markup {
    let language = visitor.language;
    html! {
        footer class="site-footer" {
            div class="bar" {
                p {
                    strong { (t!(language, "footer-about")) }
                    br;
                    (t!(language, "footer-posters"))
                }
                @if is_of_tmdb { (tmdb_notice(language)) }
                div class="site-footer-links" {
                    (language_switch(visitor))
                    a href="/api/v1/openapi.json" { (t!(language, "footer-api")) }
                }
            }
        }
    }
}

/// Wherever something is TMDB's, in the words that it wants.
fn tmdb_notice(language: Language) -> Markup {
    const NOTICE: &str = "This product uses the TMDB API but is not endorsed or certified by TMDB.";
    html! {
        p class="tmdb-notice" {
            a class="tmdb-logo" href="https://www.themoviedb.org/" rel="noreferrer" lang="en" { "TMDB" }
            span lang="en" { (NOTICE) }
            @if language == Language::Ko { span { (t!(language, "footer-tmdb")) } }
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
