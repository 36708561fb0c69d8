//! A member's page: who they are and what they wrote.

use axum::response::Response;
use maud::{Markup, html};
use projections::members::{self, Member};
use projections::{Snapshot, comments, follows, review_likes, reviews, watchlist};
use serde::Deserialize;
use uuid::Uuid;

use crate::assets::asset;
use crate::components::{
    Tab, avatar, comment_text, empty, histogram, pagination, review_card, tabs, time,
};
use crate::cursor;
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::diary::diary;
use crate::pages::films::FILMS;
use crate::pages::follows::line;
use crate::pages::rows::{Looking, Review, in_language};
use crate::pages::watchlist::wanted_films;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page.
const REVIEWS: i64 = 20;
const COMMENTS: i64 = 30;
const DAYS: i64 = 50;

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    #[default]
    Reviews,
    Best,
    Comments,
    Watchlist,
    Likes,
    Diary,
}

impl What {
    const ALL: [What; 6] = [
        What::Reviews,
        What::Best,
        What::Diary,
        What::Watchlist,
        What::Likes,
        What::Comments,
    ];

    fn address(self, member: Uuid) -> String {
        let view = match self {
            What::Reviews => return format!("/members/{member}"),
            What::Best => "best",
            What::Comments => "comments",
            What::Watchlist => "watchlist",
            What::Likes => "likes",
            What::Diary => "diary",
        };
        format!("/members/{member}?view={view}")
    }

    fn name(self, language: Language) -> String {
        match self {
            What::Reviews => t!(language, "member-reviews"),
            What::Best => t!(language, "member-best"),
            What::Comments => t!(language, "member-comments"),
            What::Watchlist => t!(language, "watchlist-title"),
            What::Likes => t!(language, "member-likes"),
            What::Diary => t!(language, "diary-title"),
        }
    }
}

#[derive(Deserialize)]
pub struct View {
    #[serde(default)]
    view: What,
    cursor: Option<String>,
}

/// `GET /members/{member}?view={view}&cursor={cursor}`: 200, 400, 404.
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
    let (list, next) = written(snapshot, &looking, member, &view).await?;
    let now = follows::of_member(snapshot, member, looking.viewer).await;
    let now = now.map_err(failed)?;
    let stars = reviews::histogram_of_member(snapshot, member).await;
    let stars = stars.map_err(failed)?;

    let name = row
        .name
        .clone()
        .unwrap_or_else(|| t!(language, "former-member"));
    let addresses = What::ALL.map(|what| what.address(member));
    let views: Vec<Tab> = What::ALL
        .iter()
        .zip(&addresses)
        .map(|(what, href)| Tab {
            href,
            text: what.name(language),
            is_here: *what == view.view,
        })
        .collect();
    let first = view.view.address(member);
    let turn = if first.contains('?') { '&' } else { '?' };
    let next = next.map(|next| format!("{first}{turn}cursor={next}"));
    let content = html! {
        (head(language, &row, &name, is_own))
        (line(&looking, &row, now))
        (ratings(language, &stars))
        @if looking.viewer.is_some() && !is_own && row.name.is_some() {
            p class="report-link" {
                a href={ "/members/" (member) "/report" } { (t!(language, "report-member")) }
            }
        }
        (tabs(&t!(language, "member-tabs-label", name = &name), &views))
        @for view in views.iter().filter(|view| view.is_here) {
            h2 class="visually-hidden" { (view.text) }
        }
        (list)
        (pagination(language, after.map(|_| first.as_str()), next.as_deref()))
    };
    let described = t!(language, "member-description", name = &name);
    let page = Page::new(reading.visitor.clone(), &name, content)
        .description(described)
        .styled(asset("members.css"))
        .styled(asset("watchlist.css"))
        .styled(asset("diary.css"))
        .styled(asset("follows.css"));
    Ok(reading.respond(page))
}

/// What they wrote, and where the next page begins.
async fn written(
    snapshot: &mut Snapshot,
    looking: &Looking,
    member: Uuid,
    view: &View,
) -> Result<(Markup, Option<String>), Problem> {
    let (language, viewer) = (looking.language, looking.viewer);
    let after = view.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let is_own = viewer == Some(member);
    Ok(match view.view {
        What::Reviews => {
            let after = cursor::decode(after)?;
            let page = reviews::of_member(snapshot, member, viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (review_list(looking, is_own, page.items), next)
        }
        What::Best => {
            let after = cursor::decode(after)?;
            let page = reviews::best_of_member(snapshot, member, viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (review_list(looking, is_own, page.items), next)
        }
        What::Comments => {
            let after = cursor::decode(after)?;
            let page = comments::of_member(snapshot, member, viewer, after, COMMENTS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (comment_list(language, &page.items), next)
        }
        What::Watchlist => {
            let after = cursor::decode(after)?;
            let page = watchlist::of_member(snapshot, member, viewer, after, FILMS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (wanted_films(looking, is_own, page.items), next)
        }
        What::Diary => {
            let after = cursor::decode(after)?;
            let page = reviews::diary_of_member(snapshot, member, viewer, after, DAYS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            (diary(looking, is_own, page.items), next)
        }
        What::Likes => {
            let after = cursor::decode(after)?;
            let page = review_likes::of_member(snapshot, member, viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            let next = page.next.map(|next| cursor::encode(&next));
            let none = t!(looking.language, "member-likes-empty");
            (reviews_or(looking, &none, page.items), next)
        }
    })
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

/// How many films they rated, and how.
fn ratings(language: Language, stars: &[i64; 10]) -> Markup {
    let counts = stars.map(|count| count.unsigned_abs());
    let rated: u64 = counts.iter().sum();
    let half_stars: u64 = (1..).zip(counts).map(|(stars, count)| stars * count).sum();
    html! {
        @if rated > 0 {
            section class="member-ratings" aria-label=(t!(language, "histogram-label")) {
                p class="rating-average" {
                    strong { (format!("{:.1}", half_stars as f64 / 2.0 / rated as f64)) }
                    span { (t!(language, "member-rated", count = rated)) }
                }
                (histogram(language, &counts))
            }
        }
    }
}

fn review_list(looking: &Looking, is_own: bool, rows: Vec<reviews::ReviewCard>) -> Markup {
    let none = match is_own {
        true => t!(looking.language, "member-own-reviews-empty"),
        false => t!(looking.language, "member-reviews-empty"),
    };
    reviews_or(looking, &none, rows)
}

/// Reviews, or what is said where there are none.
fn reviews_or(looking: &Looking, none: &str, rows: Vec<reviews::ReviewCard>) -> Markup {
    let language = looking.language;
    let found = Review::all(rows, looking);
    if found.is_empty() {
        return empty(none);
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
                        (comment_text(language, row.text.as_deref(), &row.named))
                    }
                }
            }
        }
    }
}
