//! Comments under a review.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use uuid::Uuid;

use crate::components::{
    self, Author, Field, author, avatar, confirm, empty, error_summary, hidden_note, text_area,
    time,
};
use crate::language::Language;
use crate::markdown;
use crate::problem::Problem;
use crate::t;

pub struct Comment<'a> {
    /// Its anchor on the page.
    pub id: &'a str,
    pub author: Author<'a>,
    /// Markdown; `None`: removed at its author's wish.
    pub text: Option<&'a str>,
    /// Whose names in it lead to them.
    pub named: &'a BTreeMap<Uuid, String>,
    pub at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    /// Where the reader may edit and retract it, if it is theirs.
    pub own: Option<OwnComment<'a>>,
    /// As of a review.
    pub hidden: Option<&'a str>,
    /// Where the reader may report it, if it is somebody else's.
    pub report_href: Option<&'a str>,
}

pub struct OwnComment<'a> {
    pub edit_href: &'a str,
    pub retract_action: &'a str,
}

pub fn comment_list(language: Language, comments: &[Comment]) -> Markup {
    if comments.is_empty() {
        return empty(&t!(language, "comments-empty"));
    }
    html! {
        ol class="comments" { @for comment in comments { (item(language, comment)) } }
    }
}

fn item(language: Language, comment: &Comment) -> Markup {
    html! {
        li id={ "comment-" (comment.id) } class="comment" {
            (avatar(comment.author.name))
            div class="comment-body" {
                p class="comment-head" {
                    (author(language, &comment.author))
                    " " a href={ "#comment-" (comment.id) } { (time(language, comment.at)) }
                    @if let Some(at) = comment.edited_at {
                        " · " span title=(language.date(at)) { (t!(language, "comment-edited")) }
                    }
                }
                @if let Some(why) = comment.hidden { (hidden_note(language, why)) }
                (comment_text(language, comment.text, comment.named))
                @if let Some(href) = comment.report_href {
                    p class="report-link" {
                        @if let Some(name) = comment.author.name {
                            a class="comment-answer" href="#text" data-answer={ "@" (name) } {
                                (t!(language, "comment-answer"))
                            }
                            " · "
                        }
                        a href=(href) { (t!(language, "report-this")) }
                    }
                }
                @if let Some(own) = &comment.own {
                    div class="comment-own" {
                        a class="button quiet small" href=(own.edit_href) { (t!(language, "edit")) }
                        (confirm(
                            language,
                            own.retract_action,
                            &t!(language, "delete"),
                            &t!(language, "comment-retract-confirm"),
                            &html! {},
                        ))
                    }
                }
            }
        }
    }
}

pub fn comment_text(
    language: Language,
    text: Option<&str>,
    named: &BTreeMap<Uuid, String>,
) -> Markup {
    match text {
        Some(text) => html! { div class="prose" { (markdown::render_naming(text, named)) } },
        None => html! { p class="review-silent" { (t!(language, "text-removed")) } },
    }
}

/// `command` names this submission; `is_edit` changes the button alone. The text area is named `text`.
pub fn comment_form(
    language: Language,
    action: &str,
    command: &str,
    text: &str,
    is_edit: bool,
    problem: Option<&Problem>,
) -> Markup {
    let field = Field {
        name: "text",
        kind: "text",
        label: t!(language, "comment-label"),
        hint: Some(t!(language, "comment-hint")),
        value: text,
        autocomplete: "off",
        most_characters: None,
    };
    html! {
        form class="form comment-form" method="post" action=(action) {
            (error_summary(language, problem))
            (components::command(command))
            (text_area(language, &field, 3, None, problem))
            p class="actions" {
                button class="button" type="submit" {
                    @if is_edit { (t!(language, "comment-save")) }
                    @else { (t!(language, "comment-post")) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    static NOBODY: BTreeMap<Uuid, String> = BTreeMap::new();

    fn comment(own: Option<OwnComment<'static>>) -> Comment<'static> {
        Comment {
            id: "7",
            author: Author {
                name: Some("Ann"),
                href: None,
            },
            text: Some("I *agree* <b>"),
            named: &NOBODY,
            at: Utc.with_ymd_and_hms(2025, 3, 3, 12, 0, 0).unwrap(),
            edited_at: None,
            own,
            hidden: None,
            report_href: None,
        }
    }

    #[test]
    fn only_ones_own_comments_can_be_changed() {
        let own = OwnComment {
            edit_href: "/comments/7/edit",
            retract_action: "/comments/7/retract",
        };
        let html = comment_list(Language::En, &[comment(Some(own))]).into_string();
        assert!(html.contains("/comments/7/edit") && html.contains("/comments/7/retract"));
        let other = comment_list(Language::En, &[comment(None)]).into_string();
        assert!(!other.contains("<form") && other.contains("<em>agree</em>"));
        assert!(!other.contains("<b>"));
    }

    #[test]
    fn a_removed_comment_says_why_it_is_silent() {
        let removed = Comment {
            text: None,
            ..comment(None)
        };
        let html = comment_list(Language::Ko, &[removed]).into_string();
        assert!(html.contains("작성자의 요청으로 삭제되었어요."));
    }

    #[test]
    fn no_comments_are_an_invitation() {
        assert!(
            comment_list(Language::Ko, &[])
                .into_string()
                .contains("첫 댓글")
        );
    }
}
