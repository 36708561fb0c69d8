//! A member's page: who they are and what they wrote.

use axum::response::Response;
use maud::{Markup, html};
use projections::members::{self, Member};
use projections::{comments, reviews};
use serde::Deserialize;
use uuid::Uuid;

use crate::components::{Tab, avatar, comment_text, empty, pagination, review_card, tabs, time};
use crate::cursor;
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::rows::{Looking, Review, in_language};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page.
const REVIEWS: i64 = 20;
const COMMENTS: i64 = 30;

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    #[default]
    Reviews,
    Comments,
}

#[derive(Deserialize)]
pub struct View {
    #[serde(default)]
    view: What,
    cursor: Option<String>,
}

/// `GET /members/{member}?view={reviews|comments}&cursor={cursor}`: 200, 400, 404.
pub async fn show(
    Path(member): Path<Uuid>,
    Query(view): Query<View>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = view.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let looking = Looking::of(&reading);
    let language = looking.language;
    let snapshot = &mut reading.snapshot;
    let row = members::by_id(snapshot, member).await.map_err(failed)?;
    let row = row.ok_or_else(Problem::not_found)?;
    let is_own = looking.viewer == Some(member);
    let (list, next) = match view.view {
        What::Reviews => {
            let after = cursor::decode(after)?;
            let page = reviews::of_member(snapshot, member, looking.viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (review_list(&looking, is_own, page.items), next)
        }
        What::Comments => {
            let after = cursor::decode(after)?;
            let page = comments::of_member(snapshot, member, looking.viewer, after, COMMENTS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (comment_list(language, &page.items), next)
        }
    };

    let name = row
        .name
        .clone()
        .unwrap_or_else(|| t!(language, "former-member"));
    let here = format!("/members/{member}");
    let there = format!("/members/{member}?view=comments");
    let tab = |what, href, text| Tab {
        href,
        text,
        is_here: view.view == what,
    };
    let views = [
        tab(What::Reviews, &here, t!(language, "member-reviews")),
        tab(What::Comments, &there, t!(language, "member-comments")),
    ];
    let (first, more) = match view.view {
        What::Reviews => (&here, "?cursor="),
        What::Comments => (&there, "&cursor="),
    };
    let next = next.map(|next| format!("{first}{more}{next}"));
    let content = html! {
        (head(language, &row, &name, is_own))
        @if looking.viewer.is_some() && !is_own && row.name.is_some() {
            p class="report-link" {
                a href={ (here) "/report" } { (t!(language, "report-member")) }
            }
        }
        (tabs(&t!(language, "member-tabs-label", name = &name), &views))
        (list)
        (pagination(language, after.map(|_| first.as_str()), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), &name, content).description(t!(
        language,
        "member-description",
        name = &name
    ));
    Ok(reading.respond(page))
}

fn head(language: Language, row: &Member, name: &str, is_own: bool) -> Markup {
    html! {
        header class="member-head" {
            (avatar(row.name.as_deref()))
            div {
                h1 { (name) }
                @if row.name.is_some() {
                    p { (t!(language, "member-joined", date = language.date(row.joined_at))) }
                }
                @if is_own {
                    p {
                        a class="button quiet small" href="/settings" {
                            (t!(language, "member-edit-profile"))
                        }
                    }
                }
            }
        }
        @if !row.about.is_empty() {
            p class="member-about" { (row.about) }
        }
    }
}

fn review_list(looking: &Looking, is_own: bool, rows: Vec<reviews::ReviewCard>) -> Markup {
    let language = looking.language;
    let found = Review::all(rows, looking);
    if found.is_empty() && is_own {
        return empty(&t!(language, "member-own-reviews-empty"));
    }
    if found.is_empty() {
        return empty(&t!(language, "member-reviews-empty"));
    }
    html! {
        div class="reviews" {
            @for review in &found { (review_card(language, &review.card_with_film(looking))) }
        }
    }
}

fn comment_list(language: Language, rows: &[comments::CommentCard]) -> Markup {
    if rows.is_empty() {
        return empty(&t!(language, "member-comments-empty"));
    }
    html! {
        ol class="comments" {
            @for row in rows {
                @let film = in_language(language, &row.title_en, &row.title_ko);
                li class="comment" {
                    div class="comment-body" {
                        p class="comment-head" {
                            a class="author"
                                href={ "/comments/" (row.comment) } {
                                (t!(language, "member-commented-on", film = film))
                            }
                            (time(language, row.posted_at))
                            @if let Some(at) = row.edited_at {
                                " · " span title=(language.date(at)) {
                                    (t!(language, "comment-edited"))
                                }
                            }
                        }
                        (comment_text(language, row.text.as_deref()))
                    }
                }
            }
        }
    }
}
