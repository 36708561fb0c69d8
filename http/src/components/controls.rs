//! Ways through: tabs, pages, a question before something is deleted, and what to say when
//! there is nothing.

use maud::{Markup, html};

use crate::components::icon;
use crate::language::Language;
use crate::t;

pub struct Tab<'a> {
    pub href: &'a str,
    pub text: String,
    pub is_here: bool,
}

/// Links to views of the same thing.
pub fn tabs(label: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav class="tabs" aria-label=(label) {
            @for tab in tabs {
                a href=(tab.href) aria-current=[tab.is_here.then_some("page")] { (tab.text) }
            }
        }
    }
}

/// Cursors go forward; `first` leads back to the beginning.
pub fn pagination(language: Language, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav class="pagination" aria-label=(t!(language, "pagination-label")) {
                @if let Some(href) = first {
                    a class="button quiet" href=(href) { (t!(language, "page-first")) }
                }
                @if let Some(href) = next {
                    a class="button quiet next" href=(href) rel="next" {
                        (t!(language, "page-next")) (icon("arrow"))
                    }
                }
            }
        }
    }
}

/// A form that asks first: opens in place without scripts, as a dialog with them.
/// `fields` are more inputs (a password), or nothing.
pub fn confirm(
    language: Language,
    action: &str,
    button: &str,
    question: &str,
    fields: &Markup,
) -> Markup {
    html! {
        details class="confirm" {
            summary class="button quiet danger small" { (button) }
            form class="confirm-form" method="post" action=(action)
                data-cancel=(t!(language, "cancel")) {
                p { (question) }
                (fields)
                button class="button danger" type="submit" { (button) }
            }
        }
    }
}

pub fn empty(text: &str) -> Markup {
    html! { p class="empty" { (icon("reel")) (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tab_that_is_open_is_marked() {
        let list = [
            Tab {
                href: "?sort=newest",
                text: "Newest".to_owned(),
                is_here: false,
            },
            Tab {
                href: "?sort=best",
                text: "Best".to_owned(),
                is_here: true,
            },
        ];
        let html = tabs("Order", &list).into_string();
        assert!(html.contains("<a href=\"?sort=best\" aria-current=\"page\">"));
        assert_eq!(html.matches("aria-current").count(), 1);
    }

    #[test]
    fn one_page_needs_no_pagination() {
        assert_eq!(pagination(Language::En, None, None).into_string(), "");
        let html = pagination(Language::En, None, Some("?after=x&y")).into_string();
        assert!(html.contains("href=\"?after=x&amp;y\""));
    }

    #[test]
    fn deleting_works_without_scripts_after_a_question() {
        let html = confirm(
            Language::En,
            "/reviews/1/retract",
            "Delete",
            "Really?",
            &html! {},
        );
        let html = html.into_string();
        assert!(html.contains("<details") && html.contains("method=\"post\""));
        assert!(html.contains("Really?"));
    }
}
