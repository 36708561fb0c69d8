//! The head of every page: where one can go, the search box, and whose page it is.

use domain::Role;
use maud::{Markup, html};

use super::{language_switch, query_value};
use crate::assets::asset;
use crate::components::{avatar, icon, search_box};
use crate::language::Language;
use crate::t;
use crate::visitor::{SignedIn, Visitor};

/// More are shown as so many.
const MOST_UNSEEN: i64 = 99;

pub fn header(visitor: &Visitor, searched: &str) -> Markup {
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
